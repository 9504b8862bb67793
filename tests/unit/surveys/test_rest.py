"""The survey's story over real HTTP, each answer checked against the document."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.unit.surveys.site import Site, etag, got
from tests.unit.surveys.support import PAIR, TABLE, TEXTS, Desk


def answered_as_in_table(site: Site, path: str, survey: Any) -> list[httpx.Client]:
    """Six people save, submit, repeat and try again."""
    people = [site.client("learner", language="en") for _ in range(6)]
    for place, person in enumerate(people):
        answers = {item["code"]: {"importance": TABLE[item["code"]][0][place], "ability": TABLE[item["code"]][1][place]}
                   for item in survey["items"]}  # fmt: skip
        first = dict(list(answers.items())[:1])
        assert got(person.put(f"{path}/draft", json={"answers": first, "language": "fr"}))["answered"] == 1
        body, key = {"answers": answers, "language": "en"}, {"Idempotency-Key": "same"}
        acknowledged = got(person.post(f"{path}/responses", json=body, headers=key), 201)
        assert got(person.post(f"{path}/responses", json=body, headers=key), 201) == acknowledged
        assert got(person.post(f"{path}/responses", json=body), 409)["code"] == "already-answered"
    return people


def test_table_1a_from_the_draft_to_the_loop_over_rest(site: Site) -> None:
    coordinator = site.client("coordinator")
    items = [{"code": code, "statement": PAIR} for code in TABLE]
    closes_at = Desk(site.harness).days(5)
    made = coordinator.post(
        "/surveys", json={"template_id": "borich", "items": items, "closes_at": closes_at}
    )
    draft = got(made, 201)
    assert made.headers["Location"] == f"/api/v1/surveys/{draft['id']}"
    path = f"/surveys/{draft['id']}"
    edited = coordinator.patch(path, json={"title": PAIR, "opens_at": None}, headers=etag(1))
    assert (got(edited)["version"], edited.headers["ETag"]) == (2, '"2"')
    assert got(coordinator.patch(path, json={"title": PAIR}, headers=etag(1)), 412)["code"] == "stale"
    survey = got(coordinator.post(f"{path}/launch", headers=etag(2)))
    people = answered_as_in_table(site, path, survey)
    progress = got(coordinator.get(f"{path}/progress"))
    assert (progress["responses"], progress["invited"]) == (6, 7)
    assert got(people[0].get(f"{path}/results"), 409)["code"] == "results-after-closing"
    assert got(coordinator.post(f"{path}/close"))["ranking"] == "ranked"
    rows = got(people[0].get(f"{path}/results"))["items"]
    assert [row["value"] for row in rows] == pytest.approx([10.1111, 7.5, 2.0, 0.0], abs=1e-4)
    need = f"/needs/{rows[0]['need_id']}"
    proposal = got(coordinator.post(f"{need}/proposals", json=TEXTS), 201)
    of_proposal = f"/proposals/{proposal['id']}"
    assert got(people[0].put(f"{of_proposal}/endorsement"))["endorsements"] == 1
    decision = {"outcome": "approved", "reason": PAIR}
    decided = got(coordinator.post(f"{of_proposal}/decision", json=decision, headers=etag(1)))
    assert decided["decision"]["endorsements"] == 1
    loop = got(people[0].get(f"{need}/loop"))
    assert [step["state"] for step in loop["steps"]][:5] == ["done"] * 4 + ["current"]
    for address in ("/needs", "/loops", "/proposals", "/surveys", "/today/surveys", "/survey-templates",
                    "/survey-templates/borich", need):  # fmt: skip
        got(coordinator.get(address))


def test_missing_answers_come_back_by_item_in_the_readers_language(site: Site) -> None:
    coordinator, person = site.client("coordinator"), site.client("learner", language="en")
    draft = got(
        coordinator.post("/surveys", json={"template_id": "borich", "closes_at": Desk(site.harness).days(5)}),
        201,
    )
    path = f"/surveys/{draft['id']}"
    survey = got(coordinator.post(f"{path}/launch", headers=etag(1)))
    first = survey["items"][0]["code"]
    answers = {item["code"]: {"importance": 3, "ability": "na"} for item in survey["items"]}
    bad = person.put(f"{path}/draft", json={"answers": {first: {"importance": 9}}, "language": "en"})
    assert [(p["path"], p["code"]) for p in got(bad, 422)["errors"]] == [
        (f"items.{first}.importance", "out-of-range")
    ]
    answers[first] = {"importance": 2, "ability": None}
    problem = got(person.post(f"{path}/responses", json={"answers": answers, "language": "en"}), 422)
    assert (problem["code"], problem["title"]) == ("incomplete-answers", "Some items are still unanswered.")
    assert [error["path"] for error in problem["errors"]] == [f"items.{first}.ability"]
    for change in ({"language": "de"}, {"surprise": 1}):
        got(person.post(f"{path}/responses", json={"answers": answers, "language": "en"} | change), 422)
    assert got(person.get(f"{path}/participants"), 403)["code"] == "forbidden"


def test_unknown_and_foreign_ids_look_alike_over_rest(site: Site) -> None:
    coordinator, person = site.client("coordinator"), site.client("learner")
    hidden = got(coordinator.post("/surveys", json={"template_id": "borich"}), 201)["id"]
    told = []
    for survey in (hidden, "018f6f0e-7d1a-7c3e-9a51-2f6f0b5d4a10"):
        body = got(person.get(f"/surveys/{survey}"), 404)
        body.pop("request_id")
        told.append(body)
    assert told[0] == told[1]


def test_a_survey_repeated_over_rest_says_what_changed(site: Site) -> None:
    coordinator = site.client("coordinator", language="en")
    people = [site.client("learner", language="en") for _ in range(6)]
    closes_at = Desk(site.harness).days(5)
    items = [{"code": code, "statement": PAIR} for code in TABLE]
    given = {"template_id": "borich", "items": items, "closes_at": closes_at, "anonymity": "named"}
    first = got(coordinator.post("/surveys", json=given), 201)
    refused = got(coordinator.post(f"/surveys/{first['id']}/waves"), 409)
    assert (refused["code"], refused["title"]) == ("repeat-after-closing", "This survey has not closed yet.")
    _answered_and_closed(coordinator, people, first, 2)
    assert got(people[0].post(f"/surveys/{first['id']}/waves"), 403)["code"] == "forbidden"
    made = [
        coordinator.post(f"/surveys/{first['id']}/waves", headers={"Idempotency-Key": "once"})
        for _ in range(2)
    ]
    draft = got(made[0], 201)
    assert got(made[1], 201) == draft
    assert made[0].headers["Location"] == f"/api/v1/surveys/{draft['id']}"
    assert draft["follows"] == {"id": first["id"], "title": first["title"]}
    path = f"/surveys/{draft['id']}"
    wrong = coordinator.patch(path, json={"follows_survey_id": first["id"]}, headers=etag(1))
    assert [(one["path"], one["code"]) for one in got(wrong, 422)["errors"]] == [
        ("follows_survey_id", "only-null")
    ]
    draft = got(coordinator.patch(path, json={"closes_at": closes_at}, headers=etag(1)))
    _answered_and_closed(coordinator, people, draft, 3)
    waves = got(people[0].get(f"{path}/figures"))["waves"]
    assert {(row["paired"], row["gap"]["change"], row["n_after"]) for row in waves["items"]} == {
        (True, -1.0, 6)
    }
    assert waves["evidence"]["shows_learning"] is False
    file = people[0].get(f"{path}/figures-csv", params={"name": "waves"})
    assert file.text.removeprefix("\ufeff").startswith("Need,People,Answers before,Answers after,Gap before")
    assert len(file.text.splitlines()) == 1 + len(TABLE)
    assert got(people[0].get(f"/surveys/{first['id']}/figures"))["waves"] is None


def _answered_and_closed(
    coordinator: httpx.Client, people: list[httpx.Client], draft: Any, ability: int
) -> None:
    path = f"/surveys/{draft['id']}"
    survey = got(coordinator.post(f"{path}/launch", headers=etag(draft["version"])))
    answers = {item["code"]: {"importance": 5, "ability": ability} for item in survey["items"]}
    for person in people:
        got(person.post(f"{path}/responses", json={"answers": answers, "language": "en"}), 201)
    assert got(coordinator.post(f"{path}/close"))["ranking"] == "ranked"
