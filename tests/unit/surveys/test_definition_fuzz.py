"""Nonsense over REST: definitions and answers are kept or refused with a reason, and never a bug."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.surveys.commands.elements import in_own_words, sound
from services.surveys.domain.answers import progress
from services.surveys.domain.instrument import computed_values, launch_gaps, visible
from services.surveys.domain.instrument.elements import COMMON, KINDS, OWN
from services.surveys.domain.instrument.items import ranking_problems
from services.surveys.domain.instrument.versions import carried, mapping_problems, whole_mapping
from services.surveys.exchange.documents import Instrument, from_json, to_json
from services.surveys.queries.instruments import read_in
from shared.errors import Invalid
from tests.unit.surveys.site import Site, etag, got
from tests.unit.surveys.support import PAIR, View
from tests.unit.surveys.test_instruments_rest import WHOLE, launched

SCALAR = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
    | st.sampled_from(["fr", "na", "end", "other", "a", "b", "\x00", "\ud800", "{{a}}", "2026-11-22", 10**400, -1, "9" * 90])
)  # fmt: skip
JSON = st.recursive(
    SCALAR,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6) | st.sampled_from(
        ["item", "part", "is", "value", "all", "not", "code", "text", "if", "to", "sum"]), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
CODES = st.sampled_from(["a", "b", "c", "end"])
TEXT = st.just(PAIR) | st.just({"fr": "{{a}} {{b:x}}", "en": ""}) | JSON
LISTED = st.lists(st.fixed_dictionaries({"code": CODES, "text": TEXT}), max_size=4) | JSON
TEST = st.fixed_dictionaries(
    {"item": CODES, "is": st.sampled_from(["equals", "more", "answered", "includes"]), "value": SCALAR}
)
FIELD = {
    "code": CODES | JSON, "text": TEXT, "help": TEXT, "unit": TEXT, "options": LISTED, "rows": LISTED, "points": LISTED,
    "sets": st.lists(st.lists(CODES, max_size=3), max_size=3) | JSON, "show_if": TEST | JSON,
    "go_to": st.lists(st.fixed_dictionaries({"if": TEST | JSON, "to": CODES}), max_size=2) | JSON,
    "compute": st.fixed_dictionaries({"sum": st.lists(SCALAR | st.fixed_dictionaries({"item": CODES}), max_size=2)}) | JSON,
}  # fmt: skip


def element(kind: str) -> st.SearchStrategy[Any]:
    """An element of a kind with some of its fields, or with what does not belong to it."""
    optional = {name: FIELD.get(name, SCALAR) for name in sorted((COMMON | OWN[kind]) - {"code", "kind"})}
    return st.fixed_dictionaries({"kind": st.just(kind), "code": CODES | JSON}, optional=optional)


ANY_ELEMENT = st.sampled_from(KINDS).flatmap(element) | JSON
NONSENSE = st.lists(ANY_ELEMENT, max_size=4) | JSON
ANSWERS = st.dictionaries(
    st.sampled_from([one["code"] for one in WHOLE]) | st.text(max_size=4),
    st.dictionaries(st.sampled_from(["importance", "ability", "choice", "text", "sets", "value", "order"]), JSON, max_size=3)
    | JSON,
    max_size=5,
)  # fmt: skip
EXPECTED = {200, 201, 400, 404, 409, 412, 422}
"""What may be told; never 500, 503 or 504."""
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def coordinator(site: Site) -> httpx.Client:
    return site.client("coordinator")


@pytest.fixture(scope="module")
def targets(site: Site, coordinator: httpx.Client) -> tuple[View, View]:
    """A draft, and a running survey of most kinds."""
    draft = got(coordinator.post("/surveys", json={"template_id": "borich"}), 201)
    return draft, launched(site, coordinator, WHOLE)


def send(client: httpx.Client, method: str, path: str, body: Any, version: int = 1) -> None:
    """Surrogates and all: what a careless client would send."""
    headers = {"Content-Type": "application/json", **etag(version)}
    answer = client.request(method, path, content=json.dumps(body), headers=headers)
    assert answer.status_code in EXPECTED, (method, path, answer.text[:300])


@QUICK
@given(elements=NONSENSE, answers=ANSWERS, mapping=st.dictionaries(CODES, CODES | JSON, max_size=2) | JSON)
def test_nonsense_definitions_are_never_a_bug(
    coordinator: httpx.Client, targets: tuple[View, View], elements: Any, answers: Any, mapping: Any
) -> None:
    draft, survey = (got(coordinator.get(f"/surveys/{one['id']}")) for one in targets)
    send(coordinator, "POST", "/surveys", {"template_id": "maxdiff", "elements": elements})
    send(coordinator, "PATCH", f"/surveys/{draft['id']}", {"elements": elements}, draft["version"])
    revision = {"elements": elements, "mapping": mapping, "note": PAIR}
    send(coordinator, "POST", f"/surveys/{survey['id']}/versions", revision, survey["version"])
    preview = {"elements": elements, "answers": answers, "language": "fr"}
    send(coordinator, "POST", "/survey-previews", preview)
    document = {"cercle-instrument": 1, "title": PAIR, "elements": elements}
    send(coordinator, "POST", "/survey-imports", {"document": document})


@QUICK
@given(answers=ANSWERS, version=SCALAR | st.just(1))
def test_nonsense_answers_are_never_a_bug(
    coordinator: httpx.Client, targets: tuple[View, View], answers: Any, version: Any
) -> None:
    path = f"/surveys/{targets[1]['id']}"
    body = {"answers": answers, "language": "en", "instrument_version": version}
    send(coordinator, "PUT", f"{path}/draft", body)
    send(coordinator, "POST", f"{path}/responses", body)
    send(coordinator, "POST", f"{path}/preview", body)


@settings(max_examples=200, deadline=None)
@given(elements=NONSENSE, answers=ANSWERS | st.dictionaries(CODES, JSON, max_size=3))
def test_whatever_is_sound_can_be_used_by_everything(elements: Any, answers: Any) -> None:
    try:
        asked = sound(elements, "mwds")
    except Invalid:
        return
    assert launch_gaps(asked) or ranking_problems(asked, "mwds") or asked
    read, _ = read_in(answers, asked)
    assert set(visible(asked, read)) >= set(computed_values(asked, read))
    done, total = progress(asked, read)
    assert done <= total
    mapping = whole_mapping(asked, asked, {})
    assert mapping_problems(asked, asked, mapping, {element["code"] for element in asked}) == []
    assert set(carried(read, mapping, asked)) == set(read)
    document = to_json(Instrument(PAIR, PAIR, asked)).encode()
    assert from_json(document).elements == asked
    assert len(in_own_words(asked, ())[0]) == len(asked)
