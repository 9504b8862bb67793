"""The quiz block in a host that knows nothing of us: the xblock library's own test runtime."""

from __future__ import annotations

import re
from typing import Any

import pytest
from webob import Request
from xblock.field_data import DictFieldData
from xblock.fields import ScopeIds
from xblock.test.tools import TestRuntime

from services.courses.domain.questions import KINDS
from services.courses.players.blocks.quiz import QuizBlock
from tests.unit.courses.quiz_support import SECRET, question


class Host(TestRuntime):  # type: ignore[misc]
    """Keeps what blocks publish."""

    def __init__(self) -> None:
        super().__init__(services={"field-data": DictFieldData({})})
        self.published: list[tuple[str, dict[str, Any]]] = []

    def publish(self, block: Any, event_type: str, event_data: Any) -> None:
        del block
        self.published.append((event_type, dict(event_data)))

    def handler_url(self, block: Any, handler_name: str, *_: Any, **__: Any) -> str:
        del block
        return f"/handlers/{handler_name}"


def block_of(*kinds: str, **rules: Any) -> tuple[Host, QuizBlock]:
    host = Host()
    block = QuizBlock(host, scope_ids=ScopeIds("somebody", "quiz", "def", "usage"))
    entries = [{"id": kind, "kind": "own", "version": 1, "question": question(kind)} for kind in kinds]
    block.write(entries, {}, rules)
    return host, block


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_is_a_form_without_a_hint(kind: str) -> None:
    _, block = block_of(kind)
    html = block.student_view({"language": "en"}).body_html()
    assert f"Stem of {kind} (en)" in html
    assert 'action="/handlers/submit"' in html
    assert re.search(rf'name="q-{kind}', html)
    assert SECRET not in html


def test_the_form_is_scored_and_announced() -> None:
    host, block = block_of("single", "numeric", shuffle_options=False, pass_mark=0.5)
    request = Request.blank("/", POST={"q-single": "1", "q-numeric": "12,5"})
    answer = block.submit(request)
    assert "Result: 100%" in answer.text or "Résultat" in answer.text
    assert SECRET in answer.text
    assert host.published == [
        ("grade", {"value": 1.0, "max_value": 1.0}),
        ("completion", {"completion": 1.0}),
    ]
    host.published.clear()
    block.submit(Request.blank("/", POST={"q-single": "x", "q-numeric": ""}))
    assert host.published == [("grade", {"value": 0.0, "max_value": 1.0})]


def test_what_is_missing_is_told() -> None:
    _, block = block_of()
    assert (block.ready_languages(), block.missing()) == ([], [("quiz-empty", {})])
    _, block = block_of("single")
    assert (block.ready_languages(), block.missing()) == (["fr", "en"], [])
