"""Decisions taken together, and the rule that says whether a need was met."""

from __future__ import annotations

import pytest

from services.surveys.domain.verdict import EVIDENCE, Measured, VerdictRule, verdict
from services.surveys.domain.vote import Rule, consent, dots, score


@pytest.mark.parametrize(("positions", "entitled", "outcome"), [
    (["agree"] * 3 + ["abstain"], 7, "passed"),
    (["agree"] * 3, 7, "no-quorum"),
    (["agree"] * 6 + ["object"], 7, "not-passed"),
    (["abstain"] * 7, 7, "not-passed"),
    ([], 0, "no-quorum"),
])  # fmt: skip
def test_consent_needs_a_quorum_someone_for_it_and_no_objection(
    positions: list[str], entitled: int, outcome: str
) -> None:
    found = consent(positions, entitled, Rule("consent", 0.5))
    assert found.outcome == outcome
    assert found.figure == positions.count("object")
    assert sum(found.counts.values()) == len(positions)


@pytest.mark.parametrize(("scores", "outcome", "mean"), [
    ([5, 4, 3], "passed", 4.0), ([5, 4, 2], "not-passed", 11 / 3), ([5, 5], "no-quorum", 5.0), ([], "no-quorum", 0.0),
])  # fmt: skip
def test_score_needs_a_quorum_and_a_mean(scores: list[int], outcome: str, mean: float) -> None:
    found = score(scores, 5, Rule("score", 0.6, 4.0))
    assert found.outcome == outcome
    assert found.figure == pytest.approx(mean)
    assert found.turnout == len(scores) / 5


@pytest.mark.parametrize(("given", "outcome"), [
    ([5, 1, 0, 0], "passed"), ([3, 0, 0, 0], "not-passed"), ([5, 5], "no-quorum"), ([0, 0, 0, 0], "not-passed"),
])  # fmt: skip
def test_dots_need_a_quorum_and_a_share(given: list[int], outcome: str) -> None:
    found = dots(given, 20, 8, Rule("dots", 0.5, 0.25))
    assert (found.outcome, found.counts["dots"], found.figure) == (outcome, sum(given), sum(given) / 20)


@pytest.mark.parametrize(("measured", "expected"), [
    (None, "not-measured"),
    (Measured(4, 2.0, 0.0, -2.5, -1.5), "not-measured"),
    (Measured(12, 2.0, 0.5, -2.0, -1.0), "met"),
    (Measured(12, 2.0, 1.0, -1.5, -0.5), "partly-met"),
    (Measured(12, 2.0, 0.4, -3.0, 0.0), "unmet"),
    (Measured(12, 1.0, 1.5, 0.1, 0.9), "unmet"),
])  # fmt: skip
def test_a_need_is_met_only_by_a_change_that_is_not_chance(measured: Measured | None, expected: str) -> None:
    assert verdict(measured, VerdictRule(0.5)) == expected


def test_completion_alone_is_never_learning() -> None:
    not_learning = {name for name, evidence in EVIDENCE.items() if not evidence.shows_learning}
    assert {"enrolments", "completions", "evaluation", "self-rated-gap"} <= not_learning
