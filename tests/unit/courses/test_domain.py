from __future__ import annotations

import math
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.courses.domain.learning import (
    Attempt,
    Outcome,
    completed_parts,
    neighbours,
    next_activity,
    progress,
    score_of,
)
from services.courses.domain.outline import ACTIVITY, MODULE, UNIT, Outline, OutlineItem
from services.courses.players.markdown import to_html

COURSE = UUID(int=1)
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def tree() -> Outline:
    """Two modules; the first of two units with two and one activity, the second of one empty unit."""
    shape = [
        (10, None, MODULE, 1), (20, None, MODULE, 0), (11, 10, UNIT, 0), (12, 10, UNIT, 1), (21, 20, UNIT, 0),
        (111, 11, ACTIVITY, 1), (112, 11, ACTIVITY, 0), (121, 12, ACTIVITY, 0),
    ]  # fmt: skip
    return Outline(
        OutlineItem(UUID(int=i), COURSE, kind, {}, position, UUID(int=p) if p else None)
        for i, p, kind, position in shape
    )


def ids(*numbers: int) -> list[UUID]:
    return [UUID(int=number) for number in numbers]


def test_activities_come_in_reading_order() -> None:
    assert [a.id for a in tree().activities()] == ids(112, 111, 121)
    assert [m.id for m in tree().modules] == ids(20, 10)
    assert [x.id for x in tree().subtree(UUID(int=11))] == ids(112, 111, 11)


@pytest.mark.parametrize(
    ("done", "under", "share"),
    [([], None, 0.0), ([112], None, 1 / 3), ([112], 11, 0.5), ([121], 12, 1.0), ([], 20, 0.0), ([999], None, 0.0)],
)  # fmt: skip
def test_progress_is_completed_over_all(done: list[int], under: int | None, share: float) -> None:
    assert progress(tree(), ids(*done), UUID(int=under) if under else None) == share


def test_completed_parts_ignore_what_is_empty() -> None:
    assert [p.id for p in completed_parts(tree(), ids(121))] == ids(12)
    assert [p.id for p in completed_parts(tree(), ids(121, 111, 112))] == ids(11, 12, 10)


@pytest.mark.parametrize(
    ("done", "last", "expected"),
    [
        ([], None, 112),
        ([], 111, 111),
        ([111], 111, 121),
        ([111, 121], 121, 112),
        ([], 999, 112),
        ([111, 112, 121], 111, None),
    ],
)
def test_next_activity(done: list[int], last: int | None, expected: int | None) -> None:
    found = next_activity(tree(), ids(*done), UUID(int=last) if last else None)
    assert (found.id.int if found else None) == expected


def test_neighbours_at_the_ends_are_none() -> None:
    assert [neighbours(tree(), UUID(int=i)) for i in (112, 111, 121)] == [
        (None, UUID(int=111)), (UUID(int=112), UUID(int=121)), (UUID(int=111), None),
    ]  # fmt: skip


outcomes = st.lists(
    st.builds(Outcome, st.booleans(), st.none() | st.floats(-1, 1), st.none() | st.booleans()), max_size=8
)


def attempt_after(given_outcomes: list[Outcome]) -> tuple[bool, float | None, bool | None]:
    attempt = Attempt(UUID(int=1), UUID(int=2), UUID(int=3), NOW)
    for outcome in given_outcomes:
        attempt.take(outcome)
        if outcome.completed:
            attempt.complete(NOW)
    return attempt.completed_at is not None, attempt.score, attempt.success


@given(outcomes, st.randoms())
def test_attempt_is_the_same_in_any_order_and_with_repeats(found: list[Outcome], shuffler: object) -> None:
    mixed = [*found, *found]
    shuffler.shuffle(mixed)  # type: ignore[attr-defined]
    assert attempt_after(mixed) == attempt_after(found)


@pytest.mark.parametrize(
    ("value", "highest", "score"),
    [
        (4, 5, 0.8), (-1, 1, -1.0), (0, 1, 0.0), (6, 5, None), (1, 0, None), (1, -1, None), ("1", 1, None),
        (True, 1, None), (math.nan, 1, None), (1, math.inf, None), (None, 1, None),
    ],
)  # fmt: skip
def test_score_of_checks_what_a_browser_claims(value: object, highest: object, score: float | None) -> None:
    assert score_of(value, highest) == score


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("# A\n###### F", "<h2>A</h2>\n<h6>F</h6>\n"),
        ("<b onclick=x()>hi</b>", "<p>&lt;b onclick=x()&gt;hi&lt;/b&gt;</p>\n"),
        ("![x](https://tracker.example/1.png)", "<p></p>\n"),
        ("[a](https://a.example)", '<p><a href="https://a.example" rel="noopener noreferrer">a</a></p>\n'),
        ("[a](data:text/html,x)", "<p>[a](data:text/html,x)</p>\n"),
        ("~~a~~", "<p><s>a</s></p>\n"),
        ("", ""),
    ],
)
def test_markdown_becomes_safe_html(markdown: str, html: str) -> None:
    assert to_html(markdown) == html


@given(st.text(alphabet="<>/scriptonload=\"'()#*[]! \n&;:javimg", max_size=120))
def test_markdown_never_gives_scripts_or_handlers(markdown: str) -> None:
    html = to_html(markdown).lower()
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html
