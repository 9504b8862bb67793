"""Attributes in an export: nobody stands in a combination of fewer than five."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.surveys.methods import MethodError
from services.surveys.methods.anonymity import WITHHELD, blanked, k_anonymous

PEOPLE = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from(["qc", "on", "yt"]), st.sampled_from(["fr", "en"])),
    max_size=60,
)


@given(PEOPLE)
def test_every_combination_left_has_five_people_and_no_value_is_invented(rows: list[tuple[str, ...]]) -> None:
    kept = k_anonymous(rows)
    assert len(kept) == len(rows)
    assert all(
        new in (old, WITHHELD) for a, b in zip(rows, kept, strict=True) for old, new in zip(a, b, strict=True)
    )
    if len(rows) >= 5:
        assert all(n >= 5 for n in Counter(kept).values())
    else:
        assert all(set(row) <= {WITHHELD} for row in kept)


def test_nothing_is_blanked_where_all_are_many() -> None:
    rows = [("a", "qc")] * 5 + [("b", "on")] * 7
    assert k_anonymous(rows) == rows


def test_the_rarest_value_goes_first_and_a_lone_person_takes_others_along() -> None:
    rows = [("a", "qc")] * 9 + [("a", "yt")] * 5 + [("b", "qc")]
    kept = k_anonymous(rows)
    assert ("b", "qc") not in kept
    assert Counter(kept) == {("a", "qc"): 9, (WITHHELD, WITHHELD): 6}
    assert blanked(rows, kept, ("role", "province")) == {"role": 6, "province": 6}


def test_what_cannot_be_guarded_is_refused() -> None:
    with pytest.raises(MethodError, match="bad-threshold"):
        k_anonymous([("a",)], 1)
    with pytest.raises(MethodError, match="bad-shape"):
        k_anonymous([("a",), ("a", "b")])
    assert k_anonymous([]) == []
