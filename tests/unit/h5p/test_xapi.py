from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.courses.h5p import VERBS, Statement, normalise

NOW = datetime(2026, 11, 3, 15, 0, tzinfo=UTC)
IRI = "https://cercle.example/activities/42"
BASE = "http://adlnet.gov/expapi/verbs/"
SUB = "http://h5p.org/x-api/h5p-subContentId"


def read(statement: object) -> Statement:
    return normalise(
        statement, account_homepage="https://cercle.example", account_name="p-7", activity_iri=IRI, now=NOW
    )


def given_statement(name: str = "completed", **changes: Any) -> dict[str, Any]:
    return {
        "id": "7b7f6c4e-9a0c-4a51-8df4-3d0a5a1f2b33",
        "actor": {"name": "Ann", "mbox": "mailto:ann@example.org"},
        "verb": {"id": BASE + name, "display": {"en-US": name}},
        "object": {"id": "http://localhost/elsewhere", "objectType": "Activity", "definition": {}},
        **changes,
    }


def codes(statement: object) -> list[str]:
    return [p.code for p in read(statement).problems]


def scored(**score: Any) -> dict[str, Any]:
    return given_statement(result={"score": score})


def test_actor_object_and_times_are_ours() -> None:
    document = read(given_statement()).document
    account = {"homePage": "https://cercle.example", "name": "p-7"}
    assert document["actor"] == {"objectType": "Agent", "account": account}
    assert document["object"]["id"] == IRI
    assert document["timestamp"] == document["stored"] == NOW.isoformat()
    assert "ann" not in str(document).lower()


def test_resent_statement_keeps_its_id_and_a_bad_id_is_replaced() -> None:
    assert read(given_statement()).id == "7b7f6c4e-9a0c-4a51-8df4-3d0a5a1f2b33"
    assert len(read(given_statement(id="x' OR 1=1")).id) == 36


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_core_verb_is_accepted(verb: str) -> None:
    statement = read(given_statement(verb))
    assert (statement.verb, statement.valid) == (verb, True)


def test_core_has_twenty_five_verbs() -> None:
    assert len(VERBS) == 25


def test_toolbar_verb_is_told_apart() -> None:
    statement = read(given_statement("accessed-copyright"))
    assert (statement.is_toolbar, statement.is_final, statement.valid) == (True, False, True)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"verb": None}, "verb-missing"),
        ({"verb": {"id": "http://evil.example/completed"}}, "verb-not-allowed"),
        ({"verb": {"id": "completed"}}, "verb-not-allowed"),
        ({"verb": {"id": BASE + "hacked"}}, "verb-not-allowed"),
        ({"object": None}, "object-invalid"),
        ({"object": {"objectType": "Agent"}}, "object-invalid"),
        ({"object": {"definition": {"extensions": {SUB: "a b"}}}}, "sub-content-invalid"),
        ({"context": "x"}, "context-invalid"),
        ({"context": {"contextActivities": {"parent": [1]}}}, "context-invalid"),
        ({"result": []}, "result-invalid"),
        ({"result": {"success": "yes"}}, "result-invalid"),
        ({"result": {"response": 3}}, "result-invalid"),
        ({"result": {"duration": "three minutes"}}, "duration-invalid"),
        ({"result": {"duration": "P"}}, "duration-invalid"),
        ({"result": {"duration": "P400D"}}, "duration-out-of-range"),
        ({"timestamp": "yesterday"}, "timestamp-invalid"),
        ({"timestamp": "2027-01-01T00:00:00Z"}, "timestamp-invalid"),
        ({"timestamp": "2026-11-03T14:00:00"}, "timestamp-invalid"),
        ({"padding": "x" * 200_000}, "statement-too-large"),
        ({"padding": float("nan")}, "statement-not-object"),
    ],
)
def test_fault_gives_exactly_its_code(changes: dict[str, Any], code: str) -> None:
    assert codes(given_statement(**changes)) == [code]


@pytest.mark.parametrize("statement", [None, [], "x", 3])
def test_anything_but_an_object_is_refused(statement: object) -> None:
    assert codes(statement) == ["statement-not-object"]


@pytest.mark.parametrize(
    ("score", "scaled"),
    [
        ({"raw": 3, "max": 4}, 0.75),
        ({"raw": 3, "min": 0, "max": 4, "scaled": 1}, 0.75),
        ({"raw": -2, "min": -4, "max": 4}, -0.5),
        ({"raw": 6, "min": 2, "max": 10}, 0.5),
        ({"raw": 0, "min": 0, "max": 0}, None),
        ({"scaled": 0.5}, 0.5),
    ],
)
def test_scaled_score_is_computed(score: dict[str, float], scaled: float | None) -> None:
    statement = read(scored(**score))
    assert statement.score is not None
    assert (statement.problems, statement.score.scaled) == ((), scaled)


@pytest.mark.parametrize(
    "score", [{"raw": 5, "max": 4}, {"raw": -1, "max": 4}, {"scaled": 1.5}, {"raw": 1, "min": 3, "max": 2},
              {"raw": -9, "min": -10, "max": 2}],
)  # fmt: skip
def test_impossible_score_is_refused(score: dict[str, float]) -> None:
    assert (codes(scored(**score)), read(scored(**score)).score) == (["score-out-of-range"], None)


@pytest.mark.parametrize("value", ["5", True, [1], 10**400])
def test_score_that_is_no_number_is_refused(value: object) -> None:
    assert codes(scored(raw=value, max=5)) == ["score-not-numeric"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("PT12.34S", 12.34), ("PT1H2M3S", 3723), ("P1DT1M", 86_460), ("P2W", 1_209_600), ("PT0S", 0)],
)
def test_duration_is_read_in_seconds(text: str, seconds: float) -> None:
    assert read(given_statement(result={"duration": text})).duration_s == seconds


def test_sub_content_is_tied_to_its_parent() -> None:
    statement = read(given_statement(
        "answered",
        object={"id": "x?subContentId=q-1", "definition": {"extensions": {SUB: "q-1"}}},
        context={"contextActivities": {"parent": [{"id": "http://localhost/x"}], "category": {"id": "http://h5p.org/l"}}},
    ))  # fmt: skip
    assert (statement.sub_content_id, statement.activity_iri) == ("q-1", f"{IRI}?subContentId=q-1")
    assert (statement.parent_iri, statement.is_final) == (IRI, False)
    assert statement.document["context"]["contextActivities"]["parent"][0]["id"] == IRI


def test_grandchild_keeps_its_own_parent() -> None:
    parent = {"contextActivities": {"parent": [{"id": "http://localhost/x?subContentId=outer"}]}}
    child = {"id": "http://localhost/x?subContentId=inner", "definition": {}}
    statement = read(given_statement("answered", object=child, context=parent))
    assert statement.parent_iri == f"{IRI}?subContentId=outer"


def test_unknown_parts_are_dropped() -> None:
    statement = read(given_statement(
        authority={"name": "root"}, attachments=[1], context={"instructor": {"name": "x"}, "registration": "y"},
        result={"extensions": {"http://x/": "y"}, "completion": True},
    ))  # fmt: skip
    assert set(statement.document) == {"id", "actor", "verb", "object", "result", "timestamp", "stored"}
    assert statement.document["result"] == {"completion": True}


def test_late_timestamp_is_kept_and_a_slightly_fast_clock_is_put_right() -> None:
    late, fast = NOW - timedelta(hours=2), NOW + timedelta(minutes=1)
    assert read(given_statement(timestamp=late.isoformat())).timestamp == late
    assert read(given_statement(timestamp=fast.isoformat())).timestamp == NOW


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(("id", "actor", "verb", "object", "result", "context", "timestamp"), JSON)), JSON)  # fmt: skip
def test_no_input_raises_and_the_actor_is_always_ours(statement: dict[str, Any], score: object) -> None:
    if isinstance(statement.get("result"), dict):
        statement["result"]["score"] = score
    result = read(statement)
    assert result.document["actor"]["account"]["name"] == "p-7"
    assert result.score is None or result.score.scaled is None or -1 <= result.score.scaled <= 1


def test_a_character_that_no_database_keeps_is_replaced() -> None:
    statement = given_statement(result={"response": "a\x00b"})
    found = read(statement)
    assert (found.response, found.valid) == ("a\ufffdb", True)
    assert "\x00" not in str(found.document)
