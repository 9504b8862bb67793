"""`cercle needs maxdiff`: from a CSV of choices of best and worst to scores."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np

from services.command.needs_text import Report
from services.command.tables import MISSING, Numbering, read_rows, refuse_twins, required
from services.command.words import Refusal, clean, table, unreadable
from services.surveys.methods import MethodError
from services.surveys.methods.choices import Choice, ItemScore, MaxDiff, maxdiff

COLUMNS = ("respondent", "set", "item", "best", "worst")
YES, NO = "1", "0"


@dataclass
class _Set:
    line: int
    members: list[int] = field(default_factory=list)
    best: list[int] = field(default_factory=list)
    worst: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Ballots:
    """Answered sets per respondent over `items` (in rising order), and the number of sets left out as unanswered."""

    people: list[list[Choice]]
    items: tuple[str, ...]
    unanswered: int


def read_ballots(file: BinaryIO, columns: Sequence[str] = COLUMNS) -> Ballots:
    """Ballots of a CSV with one row for each item shown in each set; best and worst are 1, 0 or empty.

    A set without both choices is left out and counted. Raises Refusal: those of `tables` and `bad-flag`
    (status 2), `item-twice-in-set`, `two-choices`, `best-is-worst`, `set-too-small` (1).
    """
    people, names, items = Numbering(), Numbering(), Numbering()
    sets: dict[tuple[int, int], _Set] = {}
    keys, lines = array("q"), array("q")
    for line, row in read_rows(file, columns):
        person, name, item = (
            numbers[required(row[i], columns[i], line)] for i, numbers in enumerate((people, names, items))
        )
        shown = sets.setdefault((person, name), _Set(line))
        keys.extend([person, name, item])
        lines.append(line)
        _add(shown, item, [_flag(row[i], columns[i], line) for i in (3, 4)])
    table_of_keys = np.array(keys, dtype=np.int64).reshape(-1, 3)
    _, twin_keys = np.unique(table_of_keys, axis=0, return_inverse=True)
    refuse_twins(twin_keys.reshape(-1), np.array(lines, dtype=np.int64), "item-twice-in-set")
    return _ballots(sets, items)


def _flag(cell: str, column: str, line: int) -> bool:
    if cell.lower() in MISSING or cell == NO:
        return False
    if cell != YES:
        raise unreadable("bad-flag", line, column=column)
    return True


def _add(shown: _Set, item: int, flags: Sequence[bool]) -> None:
    shown.members.append(item)
    for flag, chosen in zip(flags, (shown.best, shown.worst), strict=True):
        chosen.extend([item] if flag else [])


def _ballots(sets: dict[tuple[int, int], _Set], items: Numbering) -> Ballots:
    order = sorted(items)
    place = {items[item]: index for index, item in enumerate(order)}
    people: dict[int, list[Choice]] = defaultdict(list)
    unanswered = 0
    for (person, _), shown in sets.items():
        _check(shown)
        if not shown.best or not shown.worst:
            unanswered += 1
            continue
        members = tuple(sorted(place[item] for item in shown.members))
        people[person].append(Choice(members, place[shown.best[0]], place[shown.worst[0]]))
    return Ballots(list(people.values()), tuple(order), unanswered)


def _check(shown: _Set) -> None:
    if len(shown.members) < 2:
        raise Refusal("set-too-small", line=shown.line)
    if len(shown.best) > 1 or len(shown.worst) > 1:
        raise Refusal("two-choices", line=shown.line)
    if shown.best and shown.best == shown.worst:
        raise Refusal("best-is-worst", line=shown.line)


def score(ballots: Ballots, *, seed: int, resamples: int, top_k: int) -> MaxDiff:
    """The scores; Refusal where the method refuses."""
    try:
        return maxdiff(ballots.people, ballots.items, seed=seed, resamples=resamples, top_k=top_k)
    except MethodError as error:
        raise Refusal(error.code, error.params) from error


def to_json(found: MaxDiff, unanswered: int, drawing: Mapping[str, Any]) -> dict[str, Any]:
    """Everything as plain JSON values; `report` holds what it takes, beside the data, to make the same again."""
    return {**found.to_dict(), "sets_unanswered": unanswered, "report": {"command": "maxdiff", **drawing}}


def report(found: MaxDiff, unanswered: int, language: str) -> Iterator[str]:
    """The scores as lines for people."""
    words = Report(language)
    yield words.word("maxdiff.people", n=found.respondents, sets=found.sets_answered, unanswered=unanswered)
    yield from words.people(found.respondents, indicative=found.indicative)
    yield from ("", *_table(found, words), "")
    yield words.word("maxdiff.standard")
    if any(score.smoothed for score in found.items):
        yield words.word("maxdiff.smoothed")
    if not found.balanced:
        yield words.word("maxdiff.unbalanced")
    yield _logit_note(found, words)
    yield from ("", words.word("manifest"))
    yield from words.record(found.manifest)


def _logit_note(found: MaxDiff, words: Report) -> str:
    if found.logit_refused:
        return words.word(f"maxdiff.no-logit.{found.logit_refused}")
    return words.word("maxdiff.logit", item=clean(found.logit_reference or ""))


def _table(found: MaxDiff, words: Report) -> list[str]:
    names = (
        "item", "rank", "n", "shown", "best", "worst", "difference", "standard", "interval", "first",
    )  # fmt: skip
    head = [words.word(f"column.{name}") for name in names]
    head += [words.word("column.top", k=found.manifest["top_k"])]
    head += [words.word(f"column.{name}") for name in ("root", "logit")]
    return table(head, [_row(item, words) for item in found.items])


def _row(item: ItemScore, words: Report) -> list[str]:
    counts = [str(value) for value in (item.n, item.appearances, item.best, item.worst)]
    return [
        clean(item.item),
        words.rank(item.rank, tied=item.tied),
        *counts,
        str(item.difference).replace("-", "−"),
        words.figure(item.standard, 3),
        words.interval(item.low, item.high),
        words.share(item.p_first),
        words.share(item.p_top),
        words.figure(item.root) + ("*" if item.smoothed else ""),
        words.figure(item.logit, 3),
    ]
