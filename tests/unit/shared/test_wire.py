from __future__ import annotations

from typing import Any

import pytest

from shared.errors import Invalid
from shared.wire import Bilingual, Choice, Id, Instant, Schema, Text, WholeNumber, load


class Sample(Schema):
    title = Bilingual(required=True, max_length=10)
    note = Text(max_length=5)
    kind = Choice(("a", "b"))
    points = WholeNumber(1, 5)
    at = Instant()
    ref = Id()


def problems(**payload: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        load(Sample(), {"title": {"fr": "un", "en": "one"}} | payload)
    return {problem.path: problem.code for problem in caught.value.fields}


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"title": {"fr": "un"}}, {"title.en": "missing"}),
        ({"title": {"fr": " ", "en": "one"}}, {"title.fr": "missing"}),
        ({"title": {"fr": "x" * 11, "en": "one"}}, {"title.fr": "too-long"}),
        ({"note": "\x00"}, {"note": "bad-character"}),
        ({"note": 3}, {"note": "wrong-type"}),
        ({"kind": "c"}, {"kind": "not-a-choice"}),
        ({"points": 6}, {"points": "out-of-range"}),
        ({"points": "3"}, {"points": "wrong-type"}),
        ({"at": "2026-11-22T10:00:00"}, {"at": "bad-instant"}),
        ({"ref": "nope"}, {"ref": "bad-id"}),
        ({"roles": ["admin"]}, {"roles": "unknown-field"}),
    ],
)
def test_problem_has_path_and_code(payload: dict[str, Any], expected: dict[str, str]) -> None:
    assert problems(**payload) == expected


def test_valid_data_is_typed() -> None:
    found = load(Sample(), {"title": {"fr": " un ", "en": "one"}, "at": "2026-11-22T10:00:00-05:00"})

    assert found["title"] == {"fr": "un", "en": "one"}
    assert found["at"].utcoffset().total_seconds() == -18000
