"""An instrument's life through the REST API, in both modes: imported, launched, answered, revised, answered, pooled."""

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
    survey = launch(coordinator, elements=imported["survey"]["elements"])
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


def ranked(coordinator: Client, path: str) -> Any:
    found = coordinator.get(path)
    return coordinator.get(f"{path}/results") if found["ranking"] == "ranked" else None
