from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from services.courses.h5p import InteractionResult, interaction_result, normalise


def read(kind: str, response: str | None, patterns: list[str], **more: Any) -> InteractionResult:
    definition = {"interactionType": kind, "correctResponsesPattern": patterns, **more.pop("definition", {})}
    statement = normalise(
        {
            "verb": {"id": "http://adlnet.gov/expapi/verbs/answered"},
            "object": {"definition": definition},
            "result": {"response": response, **more},
        },
        account_homepage="https://x.example", account_name="p", activity_iri="https://x.example/1",
        now=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    result = interaction_result(statement)
    assert result is not None
    return result


@pytest.mark.parametrize(
    ("kind", "response", "patterns", "correct"),
    [
        ("choice", "2[,]0", ["0[,]2"], True),
        ("choice", "2", ["0[,]2"], False),
        ("choice", "", ["0"], False),
        ("true-false", "true", ["true"], True),
        ("true-false", "false", ["true"], False),
        ("fill-in", "Bleu[,]rouge", ["{case_matters=false}bleu[,]Rouge"], True),
        ("fill-in", "Bleu", ["{case_matters=true}bleu"], False),
        ("fill-in", "b[,]a", ["{order_matters=false}a[,]b"], True),
        ("fill-in", "gris", ["bleu", "gris"], True),
        ("matching", "0[.]a[,]1[.]b", ["1[.]b[,]0[.]a"], True),
        ("matching", "0[.]b", ["0[.]a"], False),
        ("sequencing", "0[,]1[,]2", ["0[,]1[,]2"], True),
        ("sequencing", "1[,]0[,]2", ["0[,]1[,]2"], False),
        ("long-fill-in", "Un texte", ["x"], None),
        ("compound", "x", ["x"], None),
        ("numeric", "4", ["3[:]5"], True),
        ("numeric", "4", ["[:]3"], False),
        ("numeric", "4", ["4"], True),
        ("numeric", "four", ["4"], False),
        ("choice", None, ["0"], None),
        ("choice", "0", [], None),
    ],
)
def test_answer_is_judged_from_response_and_pattern(
    kind: str, response: str | None, patterns: list[str], correct: bool | None
) -> None:
    assert read(kind, response, patterns).correct == correct


def test_matching_is_read_as_pairs() -> None:
    assert read("matching", "0[.]a[,]1[.]b", []).response == (("0", "a"), ("1", "b"))


def test_unknown_kind_is_other_and_its_answer_is_kept_whole() -> None:
    result = read("likert", "likert_3", [])
    assert (result.kind, result.response) == ("other", ("likert_3",))


def test_labels_come_from_every_list() -> None:
    lists = {
        "source": [{"id": "0", "description": {"fr": "un"}}],
        "target": [{"id": "a", "description": {"fr": "A"}}],
    }
    assert read("matching", "0[.]a", [], definition=lists).labels == {"0": {"fr": "un"}, "a": {"fr": "A"}}


def test_claim_that_is_not_ours_is_flagged() -> None:
    assert read("choice", "1", ["0"], success=True).disagrees
    assert not read("choice", "0", ["0"], success=True).disagrees
    assert not read("long-fill-in", "x", ["0"], success=True).disagrees


def test_statement_without_an_interaction_has_no_answer() -> None:
    statement = normalise({}, account_homepage="h", account_name="p", activity_iri="i", now=datetime.now(UTC))
    assert interaction_result(statement) is None
