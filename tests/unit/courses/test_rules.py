from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.courses.domain.cohorts import Cohort
from services.courses.domain.learning import Attempt, Outcome, next_activity
from services.courses.domain.outline import Outline, OutlineItem
from services.courses.domain.rules import (
    Calendar,
    attention,
    circular,
    has_cycle,
    has_failed,
    is_met,
    lock_of,
    locks,
    rule_of,
    rules_for,
)
from shared.errors import Invalid
from shared.suppression import suppress_shares

NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)
COURSE = UUID(int=9)
ALWAYS = Calendar(NOW - timedelta(days=1), {})


def outline() -> Outline:
    """Modules 1 and 2, units 11 and 21, activities 111, 112 and 211."""

    def item(number: int, kind: str, parent: int | None = None) -> OutlineItem:
        return OutlineItem(
            UUID(int=number),
            COURSE,
            kind,
            {"fr": "T", "en": "T"},
            number,
            UUID(int=parent) if parent else None,
        )

    return Outline([
        item(1, "module"), item(2, "module"), item(11, "unit", 1), item(21, "unit", 2),
        item(111, "activity", 11), item(112, "activity", 11), item(211, "activity", 21),
    ])  # fmt: skip


def named(tree: Outline, number: int) -> OutlineItem:
    return tree.by_id[UUID(int=number)]


def attempt(**values: object) -> Attempt:
    return Attempt(UUID(int=1), UUID(int=2), UUID(int=3), NOW, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rule", "outcome", "met"),
    [
        (rule_of("viewed"), Outcome(viewed=True), True),
        (rule_of("viewed"), Outcome(score=1.0), False),
        (rule_of("completed"), Outcome(viewed=True, submitted=True), False),
        (rule_of("completed"), Outcome(completed=True), True),
        (rule_of("submitted"), Outcome(submitted=True), True),
        (rule_of("submitted"), Outcome(viewed=True), False),
        (rule_of("score", min_score=0.7), Outcome(completed=True, score=0.69), False),
        (rule_of("score", min_score=0.7), Outcome(score=0.7), True),
        (rule_of("dwell", seconds=60), Outcome(completed=True, viewed=True), False),
        (None, Outcome(completed=True), True),
    ],
)
def test_each_rule_completes_by_what_it_names(
    rule: dict[str, object] | None, outcome: Outcome, met: bool
) -> None:
    work = attempt()
    work.take(outcome)
    assert is_met(rule, work, outcome) is met


def test_dwell_is_met_by_seconds_and_score_by_the_best_so_far() -> None:
    assert is_met(rule_of("dwell", seconds=60), attempt(dwell=60), Outcome())
    assert is_met(rule_of("score", min_score=0.7), attempt(score=0.9), Outcome(score=0.1))


def test_a_try_fails_by_its_own_word_or_below_the_score_that_is_asked() -> None:
    rule = rule_of("score", min_score=0.7)
    tries = [
        Outcome(score=0.5),
        Outcome(score=0.8),
        Outcome(),
        Outcome(success=False),
        Outcome(score=0.1, success=True),
    ]
    assert [has_failed(rule, one) for one in tries] == [True, False, False, True, False]
    assert not has_failed(rule_of("viewed"), Outcome(score=0.1))


def test_a_text_has_neither_score_nor_answer() -> None:
    assert rules_for("text") == ["viewed", "dwell"]
    assert rules_for("h5p") == ["completed", "submitted", "score", "viewed", "dwell"]


@given(st.floats(-100, 10_000), st.floats(0, 10_000))
def test_attention_is_never_more_than_what_has_passed(claimed: float, passed: float) -> None:
    given_seconds = attention(claimed, NOW - timedelta(seconds=passed), NOW)
    assert 0 <= given_seconds <= min(passed, 30)
    assert attention(claimed, None, NOW) == 0


def test_what_comes_first_locks_a_module_with_everything_in_it() -> None:
    tree = outline()
    named(tree, 2).after = [str(UUID(int=11))]
    lock = lock_of(tree, named(tree, 211), {UUID(int=111)}, ALWAYS, NOW)
    assert lock is not None
    assert (lock.code, lock.after) == ("after", (named(tree, 11),))
    assert lock_of(tree, named(tree, 211), {UUID(int=111), UUID(int=112)}, ALWAYS, NOW) is None


def test_what_was_deleted_or_is_empty_is_not_waited_for() -> None:
    tree = outline()
    named(tree, 211).after = [str(UUID(int=999))]
    assert lock_of(tree, named(tree, 211), set(), ALWAYS, NOW) is None


def test_release_is_counted_from_the_start_and_a_cohort_s_day_replaces_it() -> None:
    tree = outline()
    named(tree, 11).release_days = 3
    start = NOW - timedelta(days=1)
    lock = lock_of(tree, named(tree, 111), set(), Calendar(start, {}), NOW)
    assert lock is not None
    assert (lock.code, lock.at) == ("opens-later", start + timedelta(days=3))
    assert lock_of(tree, named(tree, 111), set(), Calendar(start, {UUID(int=11): NOW}), NOW) is None


def test_nothing_opens_before_the_cohort_starts_but_what_was_begun_stays_open() -> None:
    tree = outline()
    later = Calendar(NOW + timedelta(hours=1), {})
    closed = locks(tree, set(), {UUID(int=111)}, later, NOW)
    assert set(closed) == {UUID(int=112), UUID(int=211)}
    assert {lock.code for lock in closed.values()} == {"not-started"}
    assert next_activity(tree, set(), UUID(int=112), closed) == named(tree, 111)
    assert next_activity(tree, {UUID(int=111)}, None, closed) is None


@pytest.mark.parametrize(
    ("gates", "cycle"),
    [
        ({112: 111, 211: 112}, False),
        ({111: 112, 112: 111}, True),
        ({111: 11}, True),  # waits for the unit that it is in
        ({1: 211, 2: 1}, True),
        ({11: 21, 211: 111}, True),  # a unit waits for a unit whose activity waits for one of its own
        ({2: 1, 111: 211}, True),
        ({2: 1, 21: 11}, False),
    ],
)
def test_what_would_wait_for_itself_is_found(gates: dict[int, int], cycle: bool) -> None:
    tree = outline()
    for number, first in gates.items():
        named(tree, number).after = [str(UUID(int=first))]
    assert has_cycle(tree) is cycle


def test_circular_sees_long_ways() -> None:
    chain = {number: [number + 1] for number in range(5000)}
    assert not circular(chain)
    assert circular(chain | {5000: [0]})


def cohort(**values: object) -> Cohort:
    basic = {"starts_on": date(2026, 10, 30), "ends_on": date(2026, 11, 2), "time_zone": "America/Toronto"}
    return Cohort(UUID(int=1), COURSE, {"fr": "A", "en": "A"}, created_at=NOW, **(basic | values))  # type: ignore[arg-type]


def test_days_of_a_cohort_are_days_of_its_zone_across_the_change_of_clocks() -> None:
    one = cohort()
    assert one.starts_at == datetime(2026, 10, 30, 4, tzinfo=UTC)
    assert one.ends_at == datetime(2026, 11, 3, 4, 59, tzinfo=UTC)
    assert cohort(time_zone="America/St_Johns").starts_at == datetime(2026, 10, 30, 2, 30, tzinfo=UTC)
    assert [one.state(at) for at in (one.starts_at - timedelta(seconds=1), one.starts_at, one.ends_at)] == [
        "upcoming", "running", "ended",
    ]  # fmt: skip
    assert cohort(enrol_by=date(2026, 10, 31)).closes_at == datetime(2026, 11, 1, 3, 59, tzinfo=UTC)


def test_a_cohort_cannot_end_before_it_starts_or_enrol_after_its_end() -> None:
    with pytest.raises(Invalid) as error:
        cohort(ends_on=date(2026, 10, 29), enrol_by=date(2026, 10, 30)).check()
    assert [(one.path, one.code) for one in error.value.fields] == [
        ("ends_on", "before-start"), ("enrol_by", "after-end"),
    ]  # fmt: skip


def test_completions_hide_small_cells_on_either_side_and_guard_the_total() -> None:
    shown = suppress_shares({"ON": (40, 20), "QC": (30, 12), "NB": (12, 2), "PE": (3, 1), "MB": (8, 7)})
    assert dict(shown.of) == {"ON": 40, "QC": 30, "NB": 12, "PE": None, "MB": None}
    assert (shown.done["NB"], shown.done["MB"], shown.done["PE"]) == (None, None, None)
    assert (shown.total, shown.done["ON"]) == (93, 20)
    assert suppress_shares({"ON": (12, 0)}).total_done is None


@given(
    st.dictionaries(st.sampled_from("ABCDEF"), st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1)
)
def test_no_small_number_of_completions_follows_from_what_is_shown(
    counts: dict[str, tuple[int, int]],
) -> None:
    counts = {group: (max(of, done), done) for group, (of, done) in counts.items()}
    shown = suppress_shares(counts)
    for group, (of, done) in counts.items():
        if shown.done[group] is not None:
            assert min(done, of - done, of) >= 5
    hidden = [group for group in counts if shown.done[group] is None]
    if shown.total_done is not None and len(hidden) == 1:
        done = shown.total_done - sum(value or 0 for value in shown.done.values())
        assert min(done, counts[hidden[0]][0] - done) >= 5
