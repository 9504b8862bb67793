"""`cercle needs analyse`: from a CSV of ratings to every method's result: of all, by group, and from wave to wave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from services.command.needs_sheet import Margins, Sheet
from services.command.words import Refusal
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
from services.surveys.methods.raking import Weights, rake
from services.surveys.methods.ratings import BoolArray
from services.surveys.methods.waves import ItemChange, paired_change


@dataclass(frozen=True)
class Settings:
    """What the options say; `by` names a group column, `margins` the weights' targets."""

    seed: int
    resamples: int = 2000
    top_k: int = 3
    scale: int = 5
    cut_rule: str = "grand-mean"
    by: str | None = None
    waves: bool = False
    margins: Margins | None = None

    @property
    def group_columns(self) -> tuple[str, ...]:
        """The columns that the file must have beside its own."""
        return (*([self.by] if self.by else []), *(self.margins or {}))


@dataclass(frozen=True, eq=False)
class ByGroup:
    """Analyses of the groups that may be shown, by label, and the labels of those that may not."""

    column: str
    shown: Mapping[str, Analysis]
    hidden: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Wave:
    """One wave: its analysis, and the change of every item since the first wave (none in the first)."""

    number: int
    analysis: Analysis
    changes: tuple[ItemChange, ...]


@dataclass(frozen=True, eq=False)
class Findings:
    """`whole` is of the last wave, which is the only one without --waves; `waves` is empty without them."""

    whole: Analysis
    groups: ByGroup | None
    weights: Weights | None
    waves: tuple[Wave, ...]


def run(sheet: Sheet, settings: Settings) -> Findings:
    """The analysis of all and, as asked, of each group that may be shown and of each wave.

    Groups and weights are those of the last wave. Raises Refusal where a method refuses.
    """
    try:
        last = max(sheet.waves)
        ratings, weights = _weighted(sheet, last, settings)
        whole = _analyse(ratings, settings)
        groups = _by_group(ratings, sheet.groups[settings.by], settings) if settings.by else None
        waves = _waves(sheet, settings) if settings.waves else ()
    except MethodError as error:
        raise Refusal(error.code, error.params) from error
    return Findings(whole, groups, weights, waves)


def _weighted(sheet: Sheet, wave: int, settings: Settings) -> tuple[Ratings, Weights | None]:
    """Ratings of a wave with the weights of those who answered in it."""
    ratings = sheet.waves[wave]
    if settings.margins is None:
        return ratings, None
    answered = np.flatnonzero(ratings.pairs.any(axis=1))
    labels = {name: [sheet.groups[name][i] for i in answered] for name in settings.margins}
    weights = rake(labels, settings.margins)
    values = np.ones(ratings.respondents)
    values[answered] = weights.values
    return replace(ratings, weights=values), weights


def _waves(sheet: Sheet, settings: Settings) -> tuple[Wave, ...]:
    first, *_ = numbers = sorted(sheet.waves)
    return tuple(
        Wave(
            number,
            _analyse(_weighted(sheet, number, settings)[0], settings),
            () if number == first else paired_change(
                sheet.waves[first], sheet.waves[number], seed=settings.seed, resamples=settings.resamples
            ),
        )
        for number in numbers
    )  # fmt: skip


def _analyse(ratings: Ratings, settings: Settings) -> Analysis:
    return analyse(
        ratings,
        seed=settings.seed,
        resamples=settings.resamples,
        top_k=settings.top_k,
        methods=MethodSet(cut_rule=settings.cut_rule),
    )


def _by_group(ratings: Ratings, groups: Sequence[str], settings: Settings) -> ByGroup:
    shown = ratings.only(ratings.n_per_item >= MINIMUM)
    labels = np.array(groups)
    rows: dict[str, BoolArray] = {label: labels == label for label in sorted(set(groups))}
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
    weights = None if ratings.weights is None else ratings.weights[mask]
    return Ratings(ratings.importance[mask], ratings.ability[mask], ratings.items, ratings.scale, weights)


def to_json(found: Findings, settings: Settings) -> dict[str, Any]:
    """Everything as plain JSON values; `by`, `weights` and `waves` are null where they were not asked for.

    `report` holds what it takes, beside the data, to make the same again.
    """
    by = None if found.groups is None else _groups_json(found.groups)
    waves = [_wave_json(wave) for wave in found.waves] or None
    parts = {"by": by, "weights": _weights_json(found.weights), "waves": waves}
    return {**_masked(found.whole), **parts, "report": {"command": "analyse", **asdict(settings)}}


def _weights_json(weights: Weights | None) -> dict[str, Any] | None:
    if weights is None:
        return None
    smallest, largest = float(weights.values.min()), float(weights.values.max())
    figures = {name: getattr(weights, name) for name in ("effective_n", "design_effect", "trimmed", "rounds")}
    return {**figures, "smallest": smallest, "largest": largest}


def _wave_json(wave: Wave) -> dict[str, Any]:
    return {
        "wave": wave.number,
        **_masked(wave.analysis),
        "changes": [asdict(change) for change in wave.changes],
    }


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
