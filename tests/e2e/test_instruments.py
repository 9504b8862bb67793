"""An instrument's life through the REST API, in both modes: imported, launched, answered, revised, answered, pooled, and
asked again as a further wave.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from gateway.demo.people import MEMBERS
from tests.e2e.client import Client, until
from tests.e2e.product import Product
from tests.e2e.test_story_api import launch

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
PAIR = {"fr": "texte", "en": "text"}
FAMILY = {"item": "role", "is": "equals", "value": "family"}
FIRST = [
    {"code": "role", "kind": "single", "text": PAIR, "required": True, "options": [
        {"code": "family", "text": PAIR}, {"code": "justice", "text": PAIR}]},
    {"code": "a", "kind": "pair", "text": PAIR, "required": True},
    {"code": "b", "kind": "pair", "text": PAIR, "required": True, "show_if": FAMILY},
]  # fmt: skip
SECOND = [FIRST[0], FIRST[1], FIRST[2] | {"code": "b2"}, {"code": "more", "kind": "long-text", "text": PAIR}]
RATED = {"importance": 5, "ability": 2}


@pytest.fixture
def coordinator(product: Product) -> Iterator[Client]:
    client = Client(product.url, "coordinator")
    yield client
    client.close()


def answer(product: Product, who: str, path: str, answers: dict[str, Any], **more: Any) -> None:
    person = Client(product.url, who)
    seen = person.post(f"{path}/preview", {"answers": answers, "language": "fr"} | more)
    assert seen["problems"] == []
    person.post(f"{path}/responses", {"answers": answers, "language": "fr"} | more, status=201)
    person.close()


def test_instrument_from_a_file_through_two_versions_to_its_ranking(
    product: Product, coordinator: Client
) -> None:
    document = {"cercle-instrument": 1, "title": PAIR, "intro": PAIR, "elements": FIRST}
    imported = coordinator.post("/survey-imports", {"document": document}, status=201)
    assert imported["survey"]["elements"] == FIRST
    survey = launch(coordinator, elements=imported["survey"]["elements"], anonymity="named")
    path = f"/surveys/{survey['id']}"
    assert coordinator.get(f"{path}/instrument")["elements"] == FIRST
    members = [member.key for member in MEMBERS[:6]]
    for who in members[:3]:
        answer(product, who, path, {"role": {"choice": "family"}, "a": RATED, "b": RATED})
    revision = {"elements": SECOND, "mapping": {"b": "b2"}, "note": PAIR}
    revised = coordinator.post(f"{path}/versions", revision, version=survey["version"])
    assert revised["instrument_version"] == 2
    for who in members[3:5]:
        answer(product, who, path, {"role": {"choice": "family"}, "a": RATED, "b2": RATED})
    late = {"role": {"choice": "justice"}, "a": RATED}
    answer(product, members[5], path, late, instrument_version=1)
    listed = coordinator.get(f"{path}/versions")["items"]
    assert [(one["number"], one["responses"]) for one in listed] == [(2, 2), (1, 4)]
    coordinator.post(f"{path}/close")
    results = until(lambda: ranked(coordinator, path))
    assert {row["code"]: row["n"] for row in results["items"]} == {"a": 6, "b2": 5}
    asked_again(product, coordinator, survey, members[:6])


def asked_again(product: Product, coordinator: Client, survey: dict[str, Any], members: list[str]) -> None:
    """The same six, whose gap has shrunk; one of them had not been asked "b2" before, and must not be found."""
    draft = coordinator.post(f"/surveys/{survey['id']}/waves", status=201)
    path = f"/surveys/{draft['id']}"
    draft = coordinator.send("PATCH", path, {"closes_at": survey["closes_at"]}, version=draft["version"])
    assert draft["follows"] == {"id": survey["id"], "title": survey["title"]}
    coordinator.post(f"{path}/launch", version=draft["version"])
    better = RATED | {"ability": 4}
    for who in members:
        answer(product, who, path, {"role": {"choice": "family"}, "a": better, "b2": better})
    coordinator.post(f"{path}/close")
    until(lambda: ranked(coordinator, path))
    found = until(lambda: changed(coordinator, path))
    rows = {
        row["code"]: (row["paired"], row["n_before"], row["n_after"], row["gap"]["change"])
        for row in found["items"]
    }
    assert rows == {"a": (True, 6, 6, -2.0), "b2": (False, 5, 6, -2.0)}


def changed(coordinator: Client, path: str) -> Any:
    try:
        return coordinator.get(f"{path}/figures")["waves"]
    except AssertionError:  # still being computed
        return None


def ranked(coordinator: Client, path: str) -> Any:
    found = coordinator.get(path)
    return coordinator.get(f"{path}/results") if found["ranking"] == "ranked" else None
