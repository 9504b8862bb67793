"""Where labels stand among published groups, and those that stand nowhere because nobody who answered has them."""

from __future__ import annotations

import pytest

from services.surveys.analysis.weighting import _asked
from services.surveys.methods.publication import reached, wide_places

NAMED = {
    "groups": [{"labels": ["ON"]}, {"labels": ["QC"]}],
    "wide": [{"labels": ["ON"], "places": [0]}, {"labels": ["QC"], "places": [1]}],
}
WITH_REST = {
    "groups": [{"labels": ["ON"]}, {"labels": ["QC"]}, {"labels": []}],
    "wide": [{"labels": ["ON"], "places": [0]}, {"labels": ["QC"], "places": [1, 2]}],
}


@pytest.mark.parametrize(
    ("attribute", "margins"),
    [(NAMED, {"0": 3.0, "1": 4.0}), (WITH_REST, {"0": 3.0, "1": 9.0})],
)
def test_people_asked_whose_label_nobody_answered_under_are_left_out_of_the_margins(
    attribute: dict[str, list[dict[str, object]]], margins: dict[str, float]
) -> None:
    asked = {"": 2, "ON": 3, "QC": 4, "YT": 3}
    assert _asked(attribute, asked) == margins
    assert wide_places(attribute, reached(attribute, list(asked))).size == (2 if attribute is NAMED else 4)
