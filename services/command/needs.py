"""`cercle needs analyse`: from a CSV of ratings to every method's result, as a whole and by group."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np

from services.command.tables import NOT_GIVEN, Numbering, points, read_rows, refuse_twins, required
from services.command.words import Refusal, clean, unreadable
from services.surveys.methods import (
    MINIMUM,
    THRESHOLD,
    Analysis,
    MethodError,
    MethodSet,
    Ratings,
    analyse,
    suppress,
)
from services.surveys.methods.ratings import BoolArray, IntArray

COLUMNS = ("respondent", "item", "importance", "ability")


@dataclass(frozen=True)
class Settings:
    """What the options say; `by` names a group column."""

    seed: int
    resamples: int = 2000
    top_k: int = 3
    scale: int = 5
    cut_rule: str = "grand-mean"
    by: str | None = None


@dataclass(frozen=True, eq=False)
class Sheet:
    """Ratings as read, and each row's group label (as many as respondents; none without `by`)."""

    ratings: Ratings
    groups: tuple[str, ...]


@dataclass(frozen=True)
class ByGroup:
    """Analyses of the groups that may be shown, by label, and the labels of those that may not."""

    column: str
    shown: Mapping[str, Analysis]
    hidden: tuple[str, ...]


def read_sheet(file: BinaryIO, settings: Settings) -> Sheet:
    """Ratings of a CSV with the columns respondent, item, importance, ability and the group column.

    A respondent's missing row, or an empty rating, is no answer. Raises Refusal: those of `tables` (status 2),
    `by-not-a-group` (2), `rating-twice` and `two-groups` (1).
    """
    if settings.by in COLUMNS:
        raise unreadable("by-not-a-group", column=settings.by)
    people, items, labels = Numbering(), Numbering(), Numbering()
    cells = array("q")
    for line, row in read_rows(file, (*COLUMNS, *([settings.by] if settings.by else []))):
        person, item = people[required(row[0], COLUMNS[0], line)], items[required(row[1], COLUMNS[1], line)]
        given = [points(row[i], settings.scale, COLUMNS[i], line) for i in (2, 3)]
        cells.extend([line, person, item, *given, labels[row[4]] if settings.by else 0])
    table = np.array(cells, dtype=np.int64).reshape(-1, 6)
    refuse_twins(table[:, 1] * len(items) + table[:, 2], table[:, 0], "rating-twice")
    return Sheet(_ratings(table, people, items, settings.scale), _groups(table, labels, settings.by))


def _ratings(table: IntArray, people: Numbering, items: Numbering, scale: int) -> Ratings:
    both = np.full((2, len(people), len(items)), np.nan)
    for part, column in enumerate((3, 4)):
        given = table[table[:, column] != NOT_GIVEN]
        both[part, given[:, 1], given[:, 2]] = given[:, column]
    return Ratings(both[0], both[1], tuple(items), scale)


def _groups(table: IntArray, labels: Numbering, by: str | None) -> tuple[str, ...]:
    if by is None:
        return ()
    _, first, who = np.unique(table[:, 1], return_index=True, return_inverse=True)
    apart = table[first[who], 5] != table[:, 5]
    if apart.any():
        at = int(table[apart, 0].min())
        begun = int(table[first[who], 0][table[:, 0] == at][0])
        raise Refusal("two-groups", {"column": clean(by), "first": begun}, line=at)
    names = list(labels)
    return tuple(names[label] for label in table[first, 5].tolist())


def run(sheet: Sheet, settings: Settings) -> tuple[Analysis, ByGroup | None]:
    """The analysis of all and, with `by`, of each group that may be shown; Refusal where a method refuses."""
    try:
        whole = _analyse(sheet.ratings, settings)
        return whole, _by_group(sheet, settings) if settings.by else None
    except MethodError as error:
        raise Refusal(error.code, error.params) from error


def _analyse(ratings: Ratings, settings: Settings) -> Analysis:
    return analyse(
        ratings,
        seed=settings.seed,
        resamples=settings.resamples,
        top_k=settings.top_k,
        methods=MethodSet(cut_rule=settings.cut_rule),
    )


def _by_group(sheet: Sheet, settings: Settings) -> ByGroup:
    shown = sheet.ratings.only(sheet.ratings.n_per_item >= MINIMUM)
    labels = np.array(sheet.groups)
    rows: dict[str, BoolArray] = {label: labels == label for label in sorted(set(sheet.groups))}
    hidden = _hidden(shown, rows)
    analyses = {
        label: _analyse(_subset(shown, mask), settings) for label, mask in rows.items() if label not in hidden
    }
    return ByGroup(settings.by or "", analyses, tuple(label for label in rows if label in hidden))


def _hidden(ratings: Ratings, rows: Mapping[str, BoolArray]) -> set[str]:
    """Groups hidden in any breakdown: of the people who answered, and of each item's complete pairs.

    A group is shown with all its items or not at all. Where even hiding cannot protect a small group, since the
    figures of all are printed above, the breakdown as a whole is refused.
    """
    hidden: set[str] = set()
    for counts in _breakdowns(ratings, rows):
        found = suppress(counts, THRESHOLD)
        if found.total is None:
            raise Refusal("groups-too-small", {"minimum": THRESHOLD})
        hidden |= set(found.hidden)
    return hidden


def _breakdowns(ratings: Ratings, rows: Mapping[str, BoolArray]) -> Iterator[dict[str, int]]:
    pairs = ratings.pairs
    yield {label: int(pairs[mask].any(axis=1).sum()) for label, mask in rows.items()}
    per_group = {label: pairs[mask].sum(axis=0) for label, mask in rows.items()}
    for column in range(len(ratings.items)):
        yield {label: int(counts[column]) for label, counts in per_group.items()}


def _subset(ratings: Ratings, mask: BoolArray) -> Ratings:
    return Ratings(ratings.importance[mask], ratings.ability[mask], ratings.items, ratings.scale)


def to_json(whole: Analysis, groups: ByGroup | None) -> dict[str, Any]:
    """Everything as plain JSON values; `by` is null without groups."""
    return {**_masked(whole), "by": None if groups is None else _groups_json(groups)}


def _groups_json(groups: ByGroup) -> dict[str, Any]:
    shown = [{"group": label, **_masked(analysis)} for label, analysis in groups.shown.items()]
    return {"column": groups.column, "threshold": THRESHOLD, "groups": shown, "hidden": list(groups.hidden)}


def _masked(analysis: Analysis) -> dict[str, Any]:
    """The three counts of people are shown together or, where one is below five, not at all."""
    data = analysis.to_dict()
    for item in data["items"]:
        if item["counts"] and min(item["counts"].values()) < THRESHOLD:
            item["counts"] = None
    return data


def ranked(analysis: Analysis, method: str) -> Sequence[Any]:
    """The shown items in the order of one method's ranks, ties by id."""
    items = [item for item in analysis.items if not item.suppressed]
    return sorted(items, key=lambda item: (item.estimates[method].rank, item.item))
