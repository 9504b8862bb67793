"""Whatever JSON comes in, the service answers or refuses with a reason; it never breaks."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.surveys.service import SurveysService
from shared.actor import Actor
from shared.errors import CercleError
from shared.messaging.entrypoints import entrypoints_of
from shared.testing.harness import Harness
from tests.unit.surveys.support import TEXTS, Desk

METHODS = sorted(
    name for name, tag in entrypoints_of(SurveysService) if tag.kind in ("command", "query", "rpc")
)
SCALAR = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
    | st.sampled_from(["fr", "en", "na", "approved", "live", "", "\x00", "\ud800", "2026-11-22T15:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
)  # fmt: skip
JSON = st.recursive(
    SCALAR,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = [
    "survey_id", "need_id", "proposal_id", "course_id", "template_id", "version", "answers", "language", "title", "intro",
    "items", "elements", "groups", "opens_at", "closes_at", "audience_roles", "anonymity", "cursor", "limit", "status", "ids", "outcome",
    "reason", "rationale", "audience", "format", "effort_hours",
]  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Any:
    harness = Harness(tmp_path_factory.mktemp("var"), ("surveys",))
    desk = Desk(harness)
    need = desk.first_need()
    survey = desk.launched()
    known = {
        "survey_id": survey["id"], "need_id": need["id"], "template_id": "borich", "version": 1, "language": "fr",
        "proposal_id": desk.ask("open_proposal", need_id=need["id"], **TEXTS)["id"], "closes_at": desk.days(9),
        "answers": {survey["items"][0]["code"]: {"importance": 1}},
    }  # fmt: skip
    yield desk, known, survey
    harness.close()


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    method=st.sampled_from(METHODS),
    wild=st.dictionaries(st.sampled_from(NAMES), JSON, max_size=4),
    keep=st.booleans(),
)
def test_random_payloads_are_never_a_bug(place: Any, method: str, wild: dict[str, Any], keep: bool) -> None:
    desk, known, _ = place
    payload = (usual(method, known) if keep else {}) | wild
    assert told(desk, method, None, payload) != "internal"


def told(desk: Desk, method: str, actor: Actor | None, payload: dict[str, Any]) -> str:
    """The code of the refusal, or "done"."""
    try:
        desk.ask(method, actor, **payload)
    except CercleError as error:
        return error.code
    return "done"


def usual(method: str, known: dict[str, Any]) -> dict[str, Any]:
    """What the method would need, so that the wild fields reach its depth."""
    wanted = {
        "create_survey": ["template_id"], "edit_survey": ["survey_id", "version"],
        "save_draft": ["survey_id", "answers", "language"], "submit_response": ["survey_id", "answers", "language"],
        "extend_survey": ["survey_id", "version", "closes_at"], "open_proposal": ["need_id"],
        "edit_proposal": ["proposal_id", "version"], "decide_proposal": ["proposal_id", "version"],
    }  # fmt: skip
    return {name: known[name] for name in wanted.get(method, [])}


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_random_answers_are_never_a_bug(place: Any, data: st.DataObject) -> None:
    desk, _, survey = place
    ids = st.sampled_from([item["code"] for item in survey["items"]]) | st.text(max_size=10)
    sides = st.dictionaries(
        st.sampled_from(["importance", "ability", "x"]), SCALAR | st.integers(1, 5), max_size=3
    )
    answers = data.draw(st.dictionaries(ids, sides | JSON, max_size=12))
    for method in ("save_draft", "submit_response"):
        payload = {"survey_id": survey["id"], "answers": answers, "language": "fr"}
        code = told(desk, method, desk.harness.actor("learner"), payload)
        assert code in ("done", "bad-answers", "incomplete-answers", "invalid")
