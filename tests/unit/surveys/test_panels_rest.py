"""A Delphi and the board over real HTTP, each answer checked against the document; a published figure comes out."""

import json
from pathlib import Path
from typing import Any

from services.surveys.methods.lazy import stats
from tests.unit.surveys.site import Site, etag, got
from tests.unit.surveys.support import PAIR, Desk

ORACLES = Path(__file__).parents[1] / "methods" / "oracles.json"
stats()


def test_published_concordance_of_twenty_items_over_rest(site: Site) -> None:
    """R's irr::anxiety has three raters; each sits here twice, which changes neither W nor its correction for ties."""
    oracle = json.loads(ORACLES.read_text("utf-8"))["kendall_w_anxiety"]
    raters = [oracle[f"rater{number}"] for number in (1, 2, 3)] * 2
    coordinator, people = site.client("coordinator"), [site.client("learner") for _ in raters]
    ids = [got(person.get("/me"))["id"] for person in people]
    closes_at = Desk(site.harness).days(5)
    body = {"kind": "delphi", "title": PAIR, "intro": PAIR, "question": PAIR, "first_round": "rating", "closes_at": closes_at,
            "member_ids": ids, "rule": {"concordance": 1}}  # fmt: skip
    panel = got(coordinator.post("/panels", json=body), 201)
    path = f"/panels/{panel['id']}"
    items = [{"statement": {"fr": f"énoncé {n}", "en": f"item {n}"}} for n in range(20)]
    feed = got(coordinator.put(f"{path}/items", json={"items": items}, headers=etag(panel["version"])))
    panel = got(coordinator.post(f"{path}/start", headers=etag(feed["version"])))
    for person, points in zip(people, raters, strict=True):
        sheet = got(person.get(f"{path}/sheet"))["items"]
        ratings = {item["id"]: {"points": point} for item, point in zip(sheet, points, strict=True)}
        got(person.put(f"{path}/ratings", json={"ratings": ratings, "language": "en"}))
    assert got(coordinator.get(path))["progress"] == {"answered": 6, "people": 6}
    closed = got(coordinator.post(f"{path}/round/close", headers=etag(panel["version"])))
    assert closed["phase"] == "between"
    found = got(people[0].get(f"{path}/results"))["figures"]["rounds"][0]["concordance"]
    assert abs(found["w"] - oracle["W_tie_corrected"]) < 1e-4
    assert abs(found["w_uncorrected"] - oracle["W_uncorrected"]) < 1e-4
    assert abs(found["chi2"] / 2 - oracle["chi2_19"]) < 1e-4  # twice the raters, twice the chi-square
    note: dict[str, Any] = {"note": PAIR}
    ended = got(coordinator.post(f"{path}/stop", json=note, headers=etag(closed["version"])))
    assert (ended["phase"], got(coordinator.get("/panels"))["items"][0]["end_reason"]) == ("ended", "stopped")


def test_board_over_rest(site: Site) -> None:
    coordinator, member = site.client("coordinator"), site.client("learner")
    said = {"text": "Savoir lire un rapport d’évaluation", "language": "fr", "topic": "risk"}
    entry = got(member.post("/board", json=said, headers={"Idempotency-Key": "once"}), 201)
    assert got(member.post("/board", json=said, headers={"Idempotency-Key": "once"}), 201) == entry
    path = f"/board/{entry['id']}"
    assert (
        got(member.get("/board", params={"q": "evaluation", "mine": True, "sort": "newest"}))["items"][0][
            "id"
        ]
        == entry["id"]
    )
    assert got(member.get("/board", params={"standing": "nonsense"}), 400)["code"]
    wording = {"statement": {"fr": "Lire un rapport", "en": "Reading a report"}}
    edited = got(coordinator.patch(path, json=wording, headers=etag(1)))
    linked = got(coordinator.put(f"{path}/link", json={"link": None}, headers=etag(edited["version"])))
    need = got(coordinator.post(f"{path}/need", headers=etag(linked["version"])), 201)
    assert got(member.get(path))["link"] == {"kind": "need", "id": need["id"]}
    assert got(member.get("/needs", params={"source_type": "board"}))["items"][0]["id"] == need["id"]


def test_answer_to_the_board_is_among_the_decisions_over_rest(site: Site) -> None:
    coordinator, member = site.client("coordinator"), site.client("learner")
    said = {"text": "Savoir parler à un employeur", "language": "fr", "other": "Talking to an employer"}
    entry = got(member.post("/board", json=said), 201)
    answer = {"outcome": "out-of-scope", "reason": PAIR}
    closed = got(coordinator.post(f"/board/{entry['id']}/close", json=answer, headers=etag(entry["version"])))
    page = got(member.get("/decisions", params={"kind": "board", "limit": 1}))
    (item,) = page["items"]
    assert (item["kind"], item["merged"], item["answer"]) == ("board", 0, None)
    assert (item["entry"]["id"], item["entry"]["closed_on"]) == (entry["id"], closed["closed_on"])
    assert "closed_at" not in item["entry"]
    assert got(member.get("/decisions", params={"kind": "decision"}))["items"] == []
    assert got(member.get("/decisions", params={"kind": "nonsense"}), 400)["code"]
