"""From a need to its verdict through the REST API, in both modes: a vote, a decision, a course, four waves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.e2e.client import Client, until
from tests.e2e.product import Product
from tests.e2e.test_story_api import author, drafted_course, launch, learn, ready

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
PEOPLE = ("learner", "member01", "member02", "member03", "member04")
# The need shrinks from 4 or 3 to 1 or 0 points; nobody changes their mind about its importance.
BEFORE = ((5, 1), (5, 2), (5, 1), (4, 1), (5, 2))
LATER = ((5, 5), (5, 4), (5, 5), (4, 4), (5, 5))
REASON = {"fr": "Le vote l’appuie.", "en": "The vote supports it."}


def test_from_need_to_verdict(product: Product) -> None:
    people = [Client(product.url, who) for who in PEOPLE]
    coordinator, trainer = (Client(product.url, who) for who in ("coordinator", "trainer"))
    need = ranked(coordinator, people)
    proposal = proposed(coordinator, need)
    decided_together(coordinator, people, proposal)
    course_id = until(lambda: drafted_course(trainer, need["id"]))
    author(trainer, product, course_id)

    for person in people:
        person.post(f"/courses/{course_id}/enrol")
    answer(people, need, "before", BEFORE)
    for person in people:
        learn(person, product, course_id)
    answer(people, need, "after", LATER, then=1)
    hasten = f"/needs/{need['id']}/follow-up-hasten"
    coordinator.post(hasten, {"wave": "90-days"})
    answer(people, need, "90-days", LATER)

    loop = until(lambda: judged(coordinator, need), 60)
    wave = loop["follow_up"]["waves"][-1]
    assert (wave["wave"], wave["rate"], wave["measure"]["n"]) == ("90-days", 1.0, 5)
    assert wave["measure"]["gap"]["change"] == pytest.approx(-3.2)
    assert wave["measure"]["gap"]["high"] < 0
    assert loop["follow_up"]["verdict"]["rule"] == {"gap_left": 0.5, "wave": "90-days"}
    assert loop["steps"][-1]["figure"]["verdict"] == loop["need"]["status"] == "met"
    checked = coordinator.get(f"/needs/{need['id']}/follow-up")
    assert {one["same"] for one in checked["waves"]} == {True}
    published = people[1].get("/decisions", need_id=need["id"])["items"][0]
    assert (published["proposal"]["decision"]["accord"], published["need"]["status"]) == ("follows", "met")
    assert people[0].post(hasten, {"wave": "30-days"}, status=403)["code"] == "forbidden"
    for client in (*people, coordinator, trainer):
        client.close()


def ranked(coordinator: Client, people: list[Client]) -> dict[str, Any]:
    items = [
        {"code": f"proof-{place}", "statement": {"fr": f"Énoncé {place}", "en": f"Item {place}"}}
        for place in (1, 2)
    ]
    survey = launch(coordinator, items=items)
    given = {"proof-1": {"importance": 5, "ability": 1}, "proof-2": {"importance": 3, "ability": 3}}
    for person in people:
        person.post(f"/surveys/{survey['id']}/responses", {"answers": given, "language": "fr"}, status=201)
    coordinator.post(f"/surveys/{survey['id']}/close")
    until(lambda: ready(coordinator, survey["id"]), 60)
    found: dict[str, Any] = coordinator.get("/needs", survey_id=survey["id"])["items"][0]
    return found


def proposed(coordinator: Client, need: dict[str, Any]) -> dict[str, Any]:
    pair = {"fr": "Atelier", "en": "Workshop"}
    body = {"title": pair, "rationale": pair, "audience": pair, "format": "self-paced", "effort_hours": 1}
    found: dict[str, Any] = coordinator.post(f"/needs/{need['id']}/proposals", body, status=201)
    return found


def decided_together(coordinator: Client, people: list[Client], proposal: dict[str, Any]) -> None:
    closes = (datetime.now(UTC) + timedelta(seconds=4)).isoformat()
    terms = {
        "method": "score",
        "threshold": 3,
        "quorum": 0.1,
        "closes_at": closes,
        "proposal_ids": [proposal["id"]],
    }
    vote = coordinator.post("/votes", terms, status=201)
    decision = {"outcome": "approved", "reason": REASON}
    where = f"/proposals/{proposal['id']}/decision"
    assert coordinator.post(where, decision, version=1, status=409)["code"] == "vote-open"
    for place, person in enumerate(people):
        person.send("PUT", f"/votes/{vote['id']}/ballot", {"score": 5 - place})
    until(lambda: coordinator.get(f"/votes/{vote['id']}")["status"] != "open")
    coordinator.post(where, decision, version=1)
    counted = people[0].get(f"/votes/{vote['id']}")
    # Five of forty-four is over a quorum of a tenth; the mean of 5, 4, 3, 2 and 1 is 3.
    assert (counted["proposals"][0]["outcome"], counted["proposals"][0]["figure"]) == ("passed", 3.0)
    assert counted["rule"]["needed"] == 5
    late = people[0].send("PUT", f"/votes/{vote['id']}/ballot", {"score": 0}, status=409)
    assert late["code"] == "vote-closed"


def answer(
    people: list[Client],
    need: dict[str, Any],
    wave: str,
    given: tuple[tuple[int, int], ...],
    then: int | None = None,
) -> None:
    more = {} if then is None else {"then_ability": then}
    for person, (importance, ability) in zip(people, given, strict=True):
        until(lambda: asked(person, need, wave))  # noqa: B023
        body = {"importance": importance, "ability": ability, **more}
        person.post(f"/needs/{need['id']}/follow-up/{wave}/answer", body)


def asked(person: Client, need: dict[str, Any], wave: str) -> bool:
    items = person.get("/follow-ups")["items"]
    return any(one["need_id"] == need["id"] and one["wave"] == wave for one in items)


def judged(coordinator: Client, need: dict[str, Any]) -> dict[str, Any] | None:
    loop: dict[str, Any] = coordinator.get(f"/needs/{need['id']}/loop")
    return loop if loop["follow_up"]["verdict"] else None
