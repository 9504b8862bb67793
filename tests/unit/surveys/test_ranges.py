"""Numbers and dates are published in ranges whose ends are open: neither the least nor the most is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from gateway.context import CURRENT, RequestContext
from gateway.web.survey_figures import Questions
from services.surveys.analysis.closed import closed_questions
from services.surveys.analysis.material import Material
from services.surveys.methods.publication import Closed
from services.surveys.queries.responses import GivenResponse
from shared.ids import new_id
from tests.unit.surveys.support import PAIR


def question(kind: str, values: Sequence[Any]) -> Closed:
    responses = [GivenResponse(new_id(), "fr", 1, {}, {"q": {"value": value}}) for value in values]
    element = {"code": "q", "kind": kind, "text": PAIR}
    (found,) = closed_questions(Material(responses, [element], (), "mwds", (), {}, 1, "grand-mean"))
    return found


def test_years_are_open_at_both_ends() -> None:
    years = [1948, *[1970] * 6, *[1980] * 7, *[1990] * 6, 2004]
    found = question("date", [f"{year}-05-01" for year in years])
    assert (found.labels[0], found.labels[1], found.labels[-1]) == ("..1971", "1971..1972", "1990..")
    assert Counter(found.answers) == {"..1971": 7, "1980..1981": 7, "1990..": 7}
    assert not any("1948" in label or "2004" in label for label in found.labels)


@pytest.mark.parametrize(("days", "labels"), [
    (["2026-12-03"] * 5 + ["2027-02-01"] * 5, ("..2027-01", "2027-01..2027-02", "2027-02..")),
    (["2026-12-03"] * 5, ("..2027-01", "2027-01..")),
])  # fmt: skip
def test_near_days_are_told_by_month(days: list[str], labels: tuple[str, ...]) -> None:
    found = question("date", [*days, None])
    assert found.labels == labels
    assert found.answers[-1] is None


def test_no_two_ranges_of_great_numbers_are_one() -> None:
    found = question("number", [10_000_000 + value for value in range(40)])
    assert len(set(found.labels)) == len(found.labels)
    assert sum(Counter(found.answers).values()) == 40


@pytest.mark.parametrize(("labels", "language", "words"), [
    (["..1971"], "fr", "Avant 1971"), (["1980..1981"], "en", "1980"), (["1980..1981", "1981..1983"], "fr", "De 1980 à 1982"),
    (["2026-12..2027-01", "2027-01.."], "en", "2026-12 or later"), (["2026-11..2027-01"], "en", "2026-11 to 2026-12"),
])  # fmt: skip
def test_periods_are_told_in_words(labels: list[str], language: str, words: str) -> None:
    bus: Any = None
    token = CURRENT.set(RequestContext(bus, "request", language))
    try:
        assert Questions([{"code": "q", "kind": "date", "text": PAIR}]).category("q", labels) == words
    finally:
        CURRENT.reset(token)
