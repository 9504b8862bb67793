"""A vote under way, and a need measured before and after its course."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from gateway.demo.people import MEMBERS, Person
from shared.clock import SystemClock
from shared.errors import Conflict, NotFound

if TYPE_CHECKING:
    from gateway.demo.seed import Seeder

OBJECTION = {
    "fr": "Trois heures d’affilée en direct excluent les équipes de nuit; deux séances plus courtes conviendraient.",
    "en": "Three hours live in one go shuts out night teams; two shorter sessions would do.",
}
# (importance, ability) of eight learners, and how they judge their ability of before; two of them stop at the quiz.
BEFORE = ((5, 2), (5, 1), (4, 2), (5, 2), (5, 3), (4, 1), (5, 2), (4, 2))
AFTER = ((5, 4), (5, 4), (4, 3), (5, 4), (5, 5), (4, 3), (5, 4), (4, 4))
LATER = {
    "30-days": ((5, 4), (5, 3), (4, 3), (5, 4), (5, 4), (4, 3), (5, 4), (4, 3)),
    "90-days": ((5, 4), (5, 4), (4, 4), (5, 4), (5, 4), (4, 3), (5, 4), (4, 4)),
}
THEN = (1, 1, 1, 2, 2, 1, 1, 2)
EVERYBODY = range(8)
FINISHED = (1, 2, 3, 5, 6, 7)


def vote(seeder: Seeder, proposal_id: str) -> None:
    """A vote by consent on an open proposal, with some ballots in and one objection."""
    closes = (SystemClock().now() + timedelta(days=6)).replace(hour=22, minute=0)
    terms = {"method": "consent", "proposal_ids": [proposal_id], "quorum": 0.2,
             "closes_at": closes.isoformat(timespec="minutes")}  # fmt: skip
    made = seeder.call("coordinator", "surveys", "open_vote", terms, "vote")
    for place, member in enumerate(MEMBERS[20:29]):
        said = {"position": "agree"} if place else {
            "position": "object", "reason": OBJECTION[member.language], "language": member.language,
        }  # fmt: skip
        seeder.call(member.key, "surveys", "cast_ballot", said | {"vote_id": made["id"]})


def before(seeder: Seeder, need_id: str) -> None:
    """Before the course, those who will complete it say where they stand."""
    _answer(seeder, need_id, "before", EVERYBODY, BEFORE)


def afterwards(seeder: Seeder, need_id: str) -> None:
    """After it, and at the later waves, which the demo does not wait for."""
    _answer(seeder, need_id, "after", FINISHED, AFTER, THEN)
    for wave, given in LATER.items():
        seeder.call("coordinator", "surveys", "hasten_follow_up", {"need_id": need_id, "wave": wave})
        _answer(seeder, need_id, wave, FINISHED, given)


def _answer(
    seeder: Seeder,
    need_id: str,
    wave: str,
    places: Iterable[int],
    given: Sequence[tuple[int, int]],
    then: Sequence[int] = (),
) -> None:
    for place in places:
        member = MEMBERS[place]
        where = {"need_id": need_id, "wave": wave}
        state = seeder.until(lambda: _state(seeder, member, where))  # noqa: B023
        if state != "open":
            continue  # the demo was started before
        more: dict[str, Any] = {"then_ability": then[place]} if then else {}
        said = {"importance": given[place][0], "ability": given[place][1], **more}
        try:
            seeder.call(member.key, "surveys", "answer_follow_up", where | said)
        except Conflict:
            continue


def _state(seeder: Seeder, member: Person, where: dict[str, Any]) -> str | None:
    """The state of a question, None while it has not been asked."""
    try:
        return str(seeder.call(member.key, "surveys", "get_follow_up", where)["state"])
    except NotFound:
        return None
