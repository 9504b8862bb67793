"""From a need said on the board through a Delphi to the loop, through the REST API in both modes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from gateway.demo.people import LEADS, MEMBERS
from tests.e2e.client import Client, until
from tests.e2e.product import Product

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
PAIR = {"fr": "Choisir ensemble", "en": "Choosing together"}
# Ratings by item and panellist. The first item agrees in both rounds.
ROUNDS = (
    [[8, 8, 9, 8, 7], [1, 9, 2, 8, 5], [3, 6, 9, 1, 4]],
    [[8, 8, 9, 8, 7], [2, 9, 2, 8, 5], [4, 6, 7, 3, 4]],
)


def test_need_goes_from_the_board_through_a_panel_into_the_loop(product: Product) -> None:
    coordinator = Client(product.url, "coordinator")
    people = [Client(product.url, person.key) for person in (LEADS[0], *MEMBERS[:4])]
    entry = said_and_merged(coordinator, people)
    panel = started(coordinator, people, entry)
    path = f"/panels/{panel['id']}"
    until(lambda: told(people[0], "panel-invited", panel["id"]))
    now: dict[str, Any] = {}
    for number, ratings in enumerate(ROUNDS, start=1):
        for place, person in enumerate(people):
            sheet = person.get(f"{path}/sheet")["items"]
            assert [item["previous"] for item in sheet] == (
                [row[place] for row in ROUNDS[0]] if number > 1 else [None] * 3
            )
            mine = {item["id"]: {"points": row[place]} for item, row in zip(sheet, ratings, strict=True)}
            person.send("PUT", f"{path}/ratings", {"ratings": mine, "language": "fr"})
        now = coordinator.get(path)
        now = coordinator.post(f"{path}/round/close", version=now["version"])
        if number == 1:
            assert now["phase"] == "between"
            coordinator.post(f"{path}/round", {"closes_at": in_days(5)}, version=now["version"])
    assert (now["phase"], now["end_reason"]) == ("ended", "last-round")
    results = people[1].get(f"{path}/results")
    assert results["figures"]["rounds"][1]["items"][0] | {"cv": None} == {
        "item": "i01", "suppressed": False, "n": 5, "median": 8.0, "q1": 8.0, "q3": 8.0, "iqr": 0.0, "agreement": 1.0,
        "cv": None, "cv_change": 0.0, "moved": 0.0, "state": "consensus",
    }  # fmt: skip
    need = coordinator.get("/needs", panel_id=panel["id"])["items"][0]
    assert [source["ref"] for source in need["metric"]["sources"]] == [entry["id"]]
    body = {"title": PAIR, "rationale": PAIR, "audience": PAIR, "format": "live", "effort_hours": 2}
    coordinator.post(f"/needs/{need['id']}/proposals", body, status=201)
    assert people[2].get(f"/needs/{need['id']}/loop")["need"]["source_type"] == "delphi"
    until(lambda: told(people[3], "panel-ended", panel["id"]))
    answered(coordinator, people, entry, need)
    for client in (coordinator, *people):
        client.close()


def said_and_merged(coordinator: Client, people: list[Client]) -> dict[str, Any]:
    """Two members say the same; four stand behind the one entry that is left."""
    texts = ("Savoir travailler avec une famille qui a peur", "Travailler avec les familles qui ont peur")
    first, second = (
        person.post("/board", {"text": text, "language": "fr", "other": text}, status=201)
        for person, text in zip(people, texts, strict=False)
    )
    alike = people[2].get("/board-similar", text=texts[1])["items"]
    assert {first["id"], second["id"]} <= {one["id"] for one in alike}
    people[2].send("PUT", f"/board/{first['id']}/support")
    people[1].send("PUT", f"/board/{first['id']}/support")
    people[3].send("PUT", f"/board/{second['id']}/support")
    merged: dict[str, Any] = coordinator.post(f"/board/{second['id']}/merge", {"into_id": first["id"]})
    assert merged["supports"]["value"] == 4
    assert people[4].get(f"/board/{first['id']}")["supports"] == {"value": None, "fewer_than": 5}
    return merged


def answered(coordinator: Client, people: list[Client], entry: dict[str, Any], need: dict[str, Any]) -> None:
    """The entry is taken up, then closed: its four supporters are told each, it stands among the answers."""
    path, link = f"/board/{entry['id']}", {"kind": "need", "id": need["id"]}
    linked = coordinator.send("PUT", f"{path}/link", {"link": link}, version=entry["version"])
    answer = {"outcome": "proposal", "reason": PAIR}
    closed = coordinator.post(f"{path}/close", answer, version=linked["version"])
    for person in people[:4]:
        for kind in ("entry-taken-up", "entry-closed"):
            until(partial(told, person, kind, entry["id"]))
    assert not told(people[4], "entry-closed", entry["id"])
    assert not told(coordinator, "entry-closed", entry["id"])
    found = people[4].get("/decisions", need_id=need["id"])["items"]
    (item,) = (one for one in found if one["kind"] == "board")
    assert (item["entry"]["id"], item["entry"]["closed_on"], item["entry"]["author_id"]) == (
        entry["id"],
        closed["closed_on"],
        None,
    )
    assert (item["merged"], item["answer"]["id"], item["entry"]["supports"]["fewer_than"]) == (
        1,
        need["id"],
        5,
    )
    page, seen = people[4].get("/decisions", limit=1), list[str]()
    while True:
        seen += [(one.get("entry") or one["proposal"])["id"] for one in page["items"]]
        if not page["next_cursor"]:
            break
        page = people[4].get("/decisions", limit=1, cursor=page["next_cursor"])
    assert (seen.count(entry["id"]), len(seen)) == (1, len(set(seen)))


def started(coordinator: Client, people: list[Client], entry: dict[str, Any]) -> dict[str, Any]:
    """A Delphi of five with three items, the first of them from the board."""
    ids = [person.get("/me")["id"] for person in people]
    rule = {"concordance": 1, "gain": 0, "rounds": 2}
    fields = {
        "kind": "delphi",
        "title": PAIR,
        "intro": PAIR,
        "question": PAIR,
        "first_round": "rating",
        "rule": rule,
    }
    panel = coordinator.post("/panels", fields | {"member_ids": ids, "closes_at": in_days(6)}, status=201)
    path = f"/panels/{panel['id']}"
    items: list[dict[str, Any]] = [
        {"statement": entry["statement"], "sources": [{"kind": "board", "ref": entry["id"]}]}
    ]
    items += [{"statement": PAIR}, {"statement": PAIR}]
    feed = coordinator.send("PUT", f"{path}/items", {"items": items}, version=panel["version"])
    found: dict[str, Any] = coordinator.post(f"{path}/start", version=feed["version"])
    changed = {"rule": {"agreement": 0.1}}
    refused = coordinator.send("PATCH", path, changed, version=found["version"], status=409)
    assert refused["code"] == "panel-started"
    return found


def in_days(count: int) -> str:
    return (datetime.now(UTC) + timedelta(days=count)).isoformat(timespec="seconds")


def told(client: Client, kind: str, about: str) -> bool:
    items = client.get("/notifications")["items"]
    return any(item["kind"] == kind and about in item["target"] for item in items)
