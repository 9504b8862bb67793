"""A survey repeated as a further wave: what the draft is, what is compared, and that nobody is found by subtraction."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import chain, combinations
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from sqlalchemy import func, select, update

from services.surveys import tables
from services.surveys.analysis import changes
from services.surveys.analysis.figures import WAVES
from services.surveys.methods import Ratings
from services.surveys.methods.waves import independent_change, paired_change
from services.surveys.service import SurveysService
from services.surveys.templates import bank
from shared.actor import Actor, system_actor
from shared.errors import Conflict, Forbidden, Invalid, NotFound
from shared.testing.harness import Harness
from tests.unit.surveys.office import Office
from tests.unit.surveys.support import PAIR, View, member

NEED = {"code": "need", "kind": "pair", "text": {"fr": "besoin", "en": "need"}, "required": False}
OTHER = {"code": "other", "kind": "pair", "text": {"fr": "autre", "en": "other"}, "required": False}
ASKED = [NEED, OTHER]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    harness = Harness(tmp_path_factory.mktemp("waves"), ("surveys",))
    yield Office(harness)
    harness.close()


def answer(
    office: Office, survey: View, people: Iterable[Actor], seed: int, *codes: str, language: str = "fr"
) -> None:
    """Everybody rates the items (of these codes), by chance."""
    chance = random.Random(seed)
    for person in people:
        answers = {
            item["code"]: {"importance": chance.randint(3, 5), "ability": chance.randint(1, 4)}
            for item in survey["items"]
            if not codes or item["code"] in codes
        }
        office.ask("submit_response", person, survey_id=survey["id"], answers=answers, language=language)


def crowd(office: Office, count: int) -> list[Actor]:
    return [office.harness.actor("learner") for _ in range(count)]


def first_wave(office: Office, people: Iterable[Actor], **given: Any) -> View:
    survey = office.launched(**{"elements": ASKED, "anonymity": "named"} | given)
    answer(office, survey, people, 1)
    return office.close(survey)


def next_wave(office: Office, earlier: View, **given: Any) -> View:
    """Repeated, changed where asked, and launched."""
    draft = office.ask("repeat_survey", survey_id=earlier["id"])
    fields = {"closes_at": office.days(7)} | given
    draft = office.ask("edit_survey", survey_id=draft["id"], version=draft["version"], **fields)
    found: View = office.ask("launch_survey", survey_id=draft["id"], version=draft["version"])
    return found


def changed(office: Office, survey: View) -> View:
    found: View = office.ask("get_figures", survey_id=survey["id"])["waves"]
    return found


def paired(found: View) -> dict[str, bool]:
    return {row["code"]: row["paired"] for row in found["items"]}


def ratings(
    office: Office, survey: View, codes: Iterable[str]
) -> dict[UUID | None, list[tuple[float, float]]]:
    """What each account rated, read from the rows."""
    response, rated, item, apart = tables.responses, tables.answers, tables.survey_items, tables.pseudonyms
    account = func.coalesce(response.c.account_id, apart.c.account_id)
    chosen = (
        select(account, item.c.code, rated.c.importance, rated.c.ability)
        .join_from(response, rated, rated.c.response_id == response.c.id)
        .join(item, item.c.id == rated.c.item_id)
        .outerjoin(apart, apart.c.response_id == response.c.id)
        .where(response.c.survey_id == UUID(survey["id"]))
    )
    with office.service.db.read(system_actor("surveys")) as tx:
        rows = list(tx.session.execute(chosen))
    found: dict[UUID | None, dict[str, tuple[float, float]]] = {}
    for account, code, importance, ability in rows:
        found.setdefault(account, {})[code] = (importance, ability)
    nothing = (np.nan, np.nan)
    return {account: [given.get(code, nothing) for code in codes] for account, given in found.items()}


def table(rows: list[list[tuple[float, float]]], codes: tuple[str, ...]) -> Ratings:
    points = np.array(rows)
    return Ratings(points[:, :, 0], points[:, :, 1], codes)


# --- the draft


def test_a_closed_survey_becomes_a_draft_with_everything_of_it_and_a_seed_of_its_own(office: Office) -> None:
    people = [member(office, "learner", province="QC") for _ in range(6)]
    audience = {"role": ["learner"], "province": ["QC", "ON"]}
    survey = office.launched(
        elements=ASKED,
        anonymity="confidential",
        groups=["province", "language"],
        cut_rule="median",
        audience=audience,
    )
    renamed = [NEED, OTHER | {"code": "other-2"}]
    survey = office.ask("revise_survey", survey_id=survey["id"], version=survey["version"], elements=renamed,
                        mapping={"other": "other-2"}, note=PAIR)  # fmt: skip
    answer(office, survey, people, 1)
    earlier = office.close(survey)
    draft = office.ask("repeat_survey", survey_id=survey["id"])
    same = (
        "template_id",
        "method",
        "title",
        "intro",
        "elements",
        "anonymity",
        "groups",
        "cut_rule",
        "audience",
    )
    assert {name: draft[name] for name in same} == {name: earlier[name] for name in same}
    assert [item["code"] for item in draft["items"]] == ["need", "other-2"]
    assert (draft["status"], draft["instrument_version"], draft["closes_at"]) == ("draft", 1, None)
    assert draft["follows"] == {"id": survey["id"], "title": survey["title"]}
    assert [one["id"] for one in office.ask("get_survey", survey_id=survey["id"])["followed_by"]] == [
        draft["id"]
    ]
    with office.service.db.read(system_actor("surveys")) as tx:
        column = tables.surveys.c
        ids = [UUID(one["id"]) for one in (survey, draft)]
        seeds = tx.session.execute(select(column.seed).where(column.id.in_(ids))).scalars().all()
    assert len(set(seeds)) == 2


def test_only_what_has_closed_is_repeated_and_only_by_coordinators(office: Office) -> None:
    survey = office.launched(elements=ASKED, closes_at=office.days(1))
    for one in (office.draft(), survey, office.launched(elements=ASKED, opens_at=office.days(2))):
        with pytest.raises(Conflict) as refused:
            office.ask("repeat_survey", survey_id=one["id"])
        assert refused.value.code == "repeat-after-closing"
    office.harness.clock.advance(timedelta(days=1, seconds=1))
    with pytest.raises(Conflict) as early:
        office.ask("repeat_survey", survey_id=survey["id"])
    assert early.value.code == "ranking-pending"
    office.service.finish_surveys()  # type: ignore[attr-defined]
    with pytest.raises(Forbidden):
        office.ask("repeat_survey", office.harness.actor("learner"), survey_id=survey["id"])
    assert office.ask("get_survey", survey_id=survey["id"])["can"]["repeat"] is True
    assert office.ask("repeat_survey", survey_id=survey["id"])["follows"]["id"] == survey["id"]


def test_the_link_is_dropped_in_the_draft_alone_and_never_set(office: Office) -> None:
    earlier = first_wave(office, crowd(office, 5))
    draft = office.ask("repeat_survey", survey_id=earlier["id"])
    edit = {"survey_id": draft["id"], "version": draft["version"]}
    with pytest.raises(Invalid) as wrong:
        office.ask("edit_survey", **edit, follows_survey_id=earlier["id"])
    assert [(one.path, one.code) for one in wrong.value.fields] == [("follows_survey_id", "only-null")]
    with pytest.raises(Invalid):
        office.ask("create_survey", template_id="borich", follows_survey_id=None)
    assert office.ask("edit_survey", **edit, follows_survey_id=None)["follows"] is None
    launched = next_wave(office, earlier)
    with pytest.raises(Conflict) as fixed:
        office.ask(
            "edit_survey", survey_id=launched["id"], version=launched["version"], follows_survey_id=None
        )
    assert fixed.value.code == "already-launched"


def test_who_may_not_see_the_earlier_survey_is_not_told_of_it(office: Office) -> None:
    earlier = first_wave(
        office, [office.harness.actor("trainer") for _ in range(5)], audience_roles=["trainer"]
    )
    later = next_wave(office, earlier, audience_roles=[])
    seen = {role: office.ask("get_survey", office.harness.actor(role), survey_id=later["id"])["follows"]
            for role in ("learner", "trainer")}  # fmt: skip
    assert seen == {"learner": None, "trainer": {"id": earlier["id"], "title": earlier["title"]}}
    draft = office.ask(
        "repeat_survey", survey_id=later["id"] if later["status"] == "closed" else earlier["id"]
    )
    trainer = office.harness.actor("trainer")
    followed = office.ask("get_survey", trainer, survey_id=earlier["id"])["followed_by"]
    assert [one["id"] for one in followed] == [later["id"]]  # a draft is nobody else's business
    with pytest.raises(NotFound):
        office.ask("get_survey", trainer, survey_id=draft["id"])


# --- what is compared


@pytest.mark.parametrize(
    ("anonymity", "then"), [("named", "named"), ("confidential", "confidential"), ("named", "confidential")]
)
def test_the_same_people_are_paired_unless_a_wave_is_anonymous_and_made_again_from_the_rows(
    office: Office, anonymity: str, then: str
) -> None:
    people = crowd(office, 12)
    earlier = first_wave(office, people, anonymity=anonymity)
    survey = next_wave(office, earlier, anonymity=then)
    answer(office, survey, people, 2)
    later = office.close(survey)
    found = changed(office, later)
    assert paired(found) == {"need": True, "other": True}
    codes = ("need", "other")
    before, after = (ratings(office, one, codes) for one in (earlier, later))
    order = sorted(before, key=lambda one: [*before[one], *after[one]])
    by_hand = paired_change(*(table([wave[one] for one in order], codes) for wave in (before, after)), seed=1)
    for row, change in zip(found["items"], by_hand, strict=True):
        assert change.gap is not None
        assert row["gap"]["change"] == pytest.approx(change.gap.change)
        assert (row["n_before"], row["n_after"], row["indicative"]) == (12, 12, False)
    assert found["evidence"] == {
        "kind": "self-rated-gap",
        "kirkpatrick": 1,
        "ltem": 3,
        "shows_learning": False,
    }
    assert all(found["manifest"][name]["data_sha256"] for name in ("before", "after"))
    assert office.verdicts(later)[WAVES] == "ok"
    assert changed(office, earlier) is None
    with tampered(office, earlier):
        assert office.verdicts(later)[WAVES] == "data-changed"
    assert office.verdicts(later)[WAVES] == "ok"


@contextmanager
def tampered(office: Office, survey: View) -> Iterator[None]:
    """One rating of a survey is another one, for a while."""
    rated, response = tables.answers, tables.responses
    of_survey = select(response.c.id).where(response.c.survey_id == UUID(survey["id"]))
    chosen = select(rated.c.response_id, rated.c.item_id).where(rated.c.response_id.in_(of_survey)).limit(1)

    def move(by: int) -> None:
        here = (rated.c.response_id == row.response_id) & (rated.c.item_id == row.item_id)
        with office.service.db.tx(system_actor("surveys")) as tx:
            tx.session.execute(update(rated).where(here).values(importance=rated.c.importance + by))

    with office.service.db.read(system_actor("surveys")) as tx:
        row = tx.session.execute(chosen).one()
    move(-1)
    try:
        yield
    finally:
        move(1)


@pytest.mark.parametrize(
    ("anonymity", "later"), [("anonymous", None), ("named", "anonymous"), ("confidential", "anonymous")]
)
def test_nothing_ties_people_of_an_anonymous_wave(office: Office, anonymity: str, later: str | None) -> None:
    people = crowd(office, 11)
    earlier = first_wave(office, people, anonymity=anonymity)
    survey = next_wave(office, earlier, **({"anonymity": later} if later else {}))
    answer(office, survey, people, 2)
    found = changed(office, office.close(survey))
    assert paired(found) == {"need": False, "other": False}
    codes = ("need", "other")
    waves = [table(list(by_response(office, one, codes)), codes) for one in (earlier, survey)]
    by_hand = independent_change(*waves, seed=found["manifest"]["seed"])
    for row, change in zip(found["items"], by_hand, strict=True):
        assert change.gap is not None
        assert (row["gap"]["change"], row["gap"]["low"]) == (change.gap.change, change.gap.low)
    assert office.verdicts(survey)[WAVES] == "ok"


def by_response(office: Office, survey: View, codes: Iterable[str]) -> Iterator[list[tuple[float, float]]]:
    response, rated, item = tables.responses, tables.answers, tables.survey_items
    chosen = (
        select(response.c.id, item.c.code, rated.c.importance, rated.c.ability)
        .join(rated, rated.c.response_id == response.c.id)
        .join(item, item.c.id == rated.c.item_id)
        .where(response.c.survey_id == UUID(survey["id"]))
    )
    found: dict[UUID, dict[str, tuple[float, float]]] = {}
    with office.service.db.read(system_actor("surveys")) as tx:
        for response_id, code, importance, ability in tx.session.execute(chosen):
            found.setdefault(response_id, {})[code] = (importance, ability)
    for given in found.values():
        yield [given.get(code, (np.nan, np.nan)) for code in codes]


def test_only_the_same_words_in_both_languages_are_compared(office: Office) -> None:
    statement = {"code": "pve.risk.formulation", "kind": "pair", "text": dict(bank()["pve.risk.formulation"])}
    gone = NEED | {"code": "gone"}
    earlier = first_wave(office, crowd(office, 6), elements=[NEED, OTHER, gone, statement])
    elements = [
        NEED,
        OTHER | {"text": {"fr": "autre", "en": "something else"}},
        statement | {"text": {"fr": "en nos mots", "en": "in our words"}},
        NEED | {"code": "fresh"},
    ]
    survey = next_wave(office, earlier, elements=elements)
    answer(office, survey, crowd(office, 6), 2)
    found = changed(office, office.close(survey))
    assert paired(found) == {"need": False}
    assert [row["code"] for row in found["new"]] == ["fresh"]
    assert [row["code"] for row in found["dropped"]] == ["gone"]
    reworded = {row["code"].partition(".own-")[0]: row for row in found["reworded"]}
    assert reworded.keys() == {"other", "pve.risk.formulation"}
    assert reworded["pve.risk.formulation"]["before"] == statement["text"]
    assert reworded["other"]["statement"]["en"] == "something else"


def test_few_answers_and_choices_are_refused(office: Office) -> None:
    earlier = first_wave(office, crowd(office, 5))
    survey = next_wave(office, earlier)
    answer(office, survey, crowd(office, 4), 2)
    assert changed(office, office.close(survey))["refused"] == {"code": "too-few-responses", "minimum": 5}
    options = office.close(office.launched(template_id="maxdiff"))
    assert changed(office, office.close(next_wave(office, options)))["refused"] == {"code": "no-pairs"}


def test_an_item_under_five_pairs_in_one_wave_is_hidden_alone(office: Office) -> None:
    earlier = first_wave(office, crowd(office, 6))
    survey = next_wave(office, earlier)
    answer(office, survey, crowd(office, 2), 2, "need")
    answer(office, survey, crowd(office, 4), 3)
    rows = {row["code"]: row for row in changed(office, office.close(survey))["items"]}
    assert (rows["need"]["n_after"], rows["need"]["suppressed"]) == (6, False)
    hidden = rows["other"]
    assert hidden["suppressed"] is True
    assert [hidden[name] for name in ("n_before", "n_after", "gap", "mwds", "effect")] == [None] * 5


# --- nobody is found by subtraction


@pytest.mark.parametrize(
    ("gone", "come", "shown"), [(0, 0, True), (5, 5, True), (2, 0, False), (0, 4, False)]
)
def test_people_outside_the_pairs_are_none_or_five(
    office: Office, gone: int, come: int, *, shown: bool
) -> None:
    people = crowd(office, 7 + gone)
    earlier = first_wave(office, people)
    survey = next_wave(office, earlier)
    answer(office, survey, [*people[:7], *crowd(office, come)], 2)
    found = changed(office, office.close(survey))
    assert paired(found) == {"need": shown, "other": shown}
    counts = {(row["n_before"], row["n_after"]) for row in found["items"]}
    assert counts == {(7, 7) if shown else (7 + gone, 7 + come)}


def test_without_the_rule_the_one_who_left_would_be_read_from_the_means(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = crowd(office, 8)
    earlier = first_wave(office, people)
    codes = ("need", "other")
    own = ratings(office, earlier, codes)[people[7].account_id][0]
    survey = next_wave(office, earlier)
    answer(office, survey, people[:7], 2)
    later = office.close(survey)
    whole = {row["code"]: row for row in office.ask("get_results", survey_id=earlier["id"])["items"]}["need"]

    def subtracted(figures: View) -> float:
        row = next(row for row in figures["items"] if row["code"] == "need")
        return float(8 * whole["gap"]["value"] - 7 * row["gap"]["before"])

    assert paired(changed(office, later)) == {"need": False, "other": False}
    assert subtracted(changed(office, later)) != pytest.approx(own[0] - own[1])
    monkeypatch.setattr(changes, "_none_or_five", lambda people: np.ones(people.shape[1], dtype=bool))
    monkeypatch.setattr(changes, "singles_out", lambda *_: False)
    unprotected = next(one for one in rebuilt(office, later) if one["items"])
    assert paired(unprotected) == {"need": True, "other": True}
    assert subtracted(unprotected) == pytest.approx(own[0] - own[1])


def rebuilt(office: Office, survey: View) -> Iterator[View]:
    yield from (one.rebuild() for one in office.stored(survey["id"]) if one.name == WAVES)


def test_people_are_paired_item_by_item(office: Office) -> None:
    people = crowd(office, 12)
    earlier = first_wave(office, people)
    survey = next_wave(office, earlier)
    answer(office, survey, people[:9], 2)
    answer(office, survey, people[9:], 3, "need")
    assert paired(changed(office, office.close(survey))) == {"need": True, "other": False}


def test_a_language_group_holds_none_or_five_of_either_side(office: Office) -> None:
    people = crowd(office, 20)
    for back, shown in ((slice(0, 15), True), (slice(0, 12), False)):
        survey = office.launched(elements=ASKED, anonymity="named")
        answer(office, survey, people[:10], 1)
        answer(office, survey, people[10:], 1, language="en")
        earlier = office.close(survey)
        survey = next_wave(office, earlier)
        answer(office, survey, people[back], 2)
        # Eight are outside in the second case, more than enough; but of those who answered in English, two are inside.
        assert set(paired(changed(office, office.close(survey))).values()) == {shown}


def test_a_third_wave_and_a_second_follower_heed_the_pairs_already_shown(office: Office) -> None:
    people = crowd(office, 20)
    first = first_wave(office, people[:15])
    survey = next_wave(office, first)
    answer(office, survey, people[5:], 2)
    second = office.close(survey)
    assert set(paired(changed(office, second)).values()) == {
        True
    }  # people 5 to 14, five outside on either side
    for back, shown in ((slice(5, 15), True), (slice(6, 15), False)):
        survey = next_wave(office, second)
        answer(office, survey, people[back], 3)
        third = office.close(survey)
        # Nine of the ten: beside the means of the ten, the tenth would stand alone.
        assert set(paired(changed(office, third)).values()) == {shown}
        assert office.verdicts(third)[WAVES] == "ok"
    survey = next_wave(office, first)
    answer(office, survey, people[4:15], 4)
    assert set(paired(changed(office, office.close(survey))).values()) == {False}


def test_no_sum_of_fewer_than_five_people_is_a_combination_of_what_is_shown() -> None:
    """Many small worlds: a group, people paired before, and people paired now, nested in every way."""
    chance = random.Random(11)
    shown = won = hidden = 0
    for _ in range(600):
        n = chance.randint(14, 40)
        group, again = (np.array([chance.random() < 0.5 for _ in range(n)]) for _ in range(2))
        base = chance.choice((group, ~group, group & again, group | again, again, np.ones(n, dtype=bool)))
        inside = np.array([one != (chance.random() < 0.08) for one in base])
        pairs = [(int(row), at) for at, row in enumerate(np.flatnonzero(inside))]
        known = [part[:, np.newaxis].astype(float) for part in (group, again)]
        allowed = bool(changes.pairable((flat(n), flat(len(pairs))), pairs, (known, []))[0])
        sums = np.stack([np.ones(n), group, again, inside], axis=1).astype(float)
        found = isolates(sums) and not isolates(sums[:, :-1])
        shown, won, hidden = shown + allowed, won + (allowed and found), hidden + (found and not allowed)
    assert won == 0
    assert shown > 100
    assert hidden > 100


def flat(n: int) -> Ratings:
    return Ratings(np.full((n, 1), 4.0), np.full((n, 1), 2.0), ("need",))


def isolates(known: np.ndarray[Any, Any]) -> bool:
    """Whether some combination of the columns is not zero for one to four people, and zero for all others."""
    kinds, sizes = np.unique(known, axis=0, return_counts=True)
    rank = np.linalg.matrix_rank(kinds)
    small = [at for at, size in enumerate(sizes) if size < 5]
    for chosen in chain.from_iterable(combinations(small, k) for k in range(1, 5)):
        if sum(sizes[at] for at in chosen) < 5:
            rest = np.delete(kinds, chosen, axis=0)
            if (np.linalg.matrix_rank(rest) if len(rest) else 0) < rank:
                return True
    return False


# --- when it is computed


def test_changes_come_once_the_earlier_wave_is_ranked(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = crowd(office, 6)
    survey = office.launched(elements=ASKED, anonymity="named")
    answer(office, survey, people, 1)
    with monkeypatch.context() as patched:  # a crash between closing and ranking
        patched.setattr(SurveysService, "_rank", lambda *_: None)
        office.close(survey)
    later = next_wave(office, survey)
    answer(office, later, people, 2)
    office.close(later)
    assert changed(office, later) is None
    assert office.verdicts(later).keys() == {
        "ranking",
        "tables",
        "groups",
        "weighted",
        "languages",
        "numbers",
    }
    office.service.finish_figures()  # type: ignore[attr-defined]
    assert changed(office, later) is None
    office.service.finish_surveys()  # type: ignore[attr-defined]
    office.service.finish_figures()  # type: ignore[attr-defined]
    assert paired(changed(office, later)) == {"need": True, "other": True}
    assert set(office.verdicts(later).values()) == {"ok"}
