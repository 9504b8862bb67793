"""Small-cell suppression: what counts of people by group may be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

THRESHOLD = 5
PUBLIC_THRESHOLD = 11


@dataclass(frozen=True)
class Breakdown:
    """A table fit to show: None is "too few to show", in a cell or in the total.

    `shown` keeps the order of the groups given; `hidden` lists the groups without a figure.
    """

    shown: Mapping[str, int | None]
    total: int | None
    threshold: int

    @property
    def hidden(self) -> tuple[str, ...]:
        """Groups whose figure is held back, small ones and those that protect them alike."""
        return tuple(group for group, count in self.shown.items() if count is None)


def suppress(counts: Mapping[str, int], threshold: int = THRESHOLD) -> Breakdown:
    """Hide every count below the threshold, zero included, and enough others to protect it.

    Rule: cells under the threshold are hidden; then the smallest shown cells join them, one by
    one, until the hidden cells together reach the threshold and nobody who knows the total and
    this rule can work out a small one exactly. Where even that fails, the total is hidden too.
    Source: the usual primary and complementary suppression of official statistics (Willenborg
    and de Waal 2001, Elements of Statistical Disclosure Control, chapter 4).
    Units: people. Threshold: 5 for members, 11 for public views.
    Limits: one breakdown with its total. Two breakdowns of the same answers, or the same one at
    two dates, can be subtracted from each other and need a joint treatment.
    Raises ValueError `bad-counts` on a negative count, `bad-threshold` below 2.
    """
    if threshold < 2:
        raise ValueError("bad-threshold")
    if any(count < 0 for count in counts.values()):
        raise ValueError("bad-counts")
    hidden = _hidden(counts, threshold, set())
    shown = {group: None if group in hidden else count for group, count in counts.items()}
    return Breakdown(shown, sum(counts.values()) if _is_safe(counts, hidden, threshold) else None, threshold)


@dataclass(frozen=True)
class Shares:
    """How many of each group did something, fit to show: None is "too few to show"."""

    of: Mapping[str, int | None]
    done: Mapping[str, int | None]
    total: int | None
    total_done: int | None
    threshold: int


def suppress_shares(counts: Mapping[str, tuple[int, int]], threshold: int = THRESHOLD) -> Shares:
    """The same for (people, of whom done) by group: both counts and their difference are people.

    Rule: `suppress` the people; hide `done` wherever the people are hidden, or where those who did or those who
    did not are fewer than the threshold; then hide further groups until both are protected in the totals.
    Raises ValueError as `suppress`.
    """
    people = suppress({group: of for group, (of, _) in counts.items()}, threshold)
    done = {group: some for group, (_, some) in counts.items()}
    rest = {group: of - some for group, (of, some) in counts.items()}
    hidden = set(people.hidden)
    for _ in range(2):  # what protects the one may leave the other to protect
        for cells in (done, rest):
            hidden = _hidden(cells, threshold, hidden)
    safe = people.total is not None and all(_is_safe(cells, hidden, threshold) for cells in (done, rest))
    shown = {group: None if group in hidden else count for group, count in done.items()}
    return Shares(people.shown, shown, people.total, sum(done.values()) if safe else None, threshold)


def _is_safe(counts: Mapping[str, int], hidden: set[str], threshold: int) -> bool:
    """Whether the total may be told beside the cells that are shown."""
    small = any(counts[group] < threshold for group in hidden)
    return not small or _guarded(counts, hidden, threshold)


def _hidden(counts: Mapping[str, int], threshold: int, start: set[str]) -> set[str]:
    queue = sorted(counts, key=lambda group: (counts[group], group))
    hidden = start | {group for group in queue if counts[group] < threshold}
    rest = [group for group in queue if group not in hidden]
    while rest and not _is_safe(counts, hidden, threshold):
        hidden.add(rest.pop(0))
    return hidden


def _guarded(counts: Mapping[str, int], hidden: set[str], threshold: int) -> bool:
    """Whether the hidden total leaves every small cell at least two possible values."""
    small = sum(1 for group in hidden if counts[group] < threshold)
    large = len(hidden) - small
    known = sum(counts[group] for group in hidden)
    ceiling = min((count for group, count in counts.items() if group not in hidden), default=known)
    low = max(0, known - (small - 1) * (threshold - 1) - large * max(ceiling, threshold))
    high = min(threshold - 1, known - large * threshold)
    return len(hidden) > 1 and known >= threshold and high > low
