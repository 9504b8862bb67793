"""What the published tables count: every element with known answers, as questions of one choice each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from services.surveys.analysis.material import Material
from services.surveys.domain.instrument.elements import (
    CONSENT,
    DATE,
    MATRIX,
    MULTIPLE,
    NOT_APPLICABLE,
    NUMBER,
    OTHER,
    PAIR,
    RANKING,
    SIDES,
    SINGLE,
    Element,
    codes_of,
)
from services.surveys.methods.publication import Closed

YES, NO = "yes", "no"
BELOW, LEVEL, ABOVE = "below", "level", "above"
DISCREPANCY, FIRST = "discrepancy", "first"
BINS = 6
MONTHS = 24
Answers = Sequence[Mapping[str, Any]]


def closed_questions(material: Material) -> list[Closed]:
    """One question per pair (which side is higher), single choice, option of a multiple choice, row of a matrix,
    ranking (what came first), number and date (in ranges), and consent.

    An option of a multiple choice is chosen or not, by everyone who answered at all: so every option has the same
    base. "Not applicable" is no answer.
    """
    found: list[Closed] = []
    for element in material.elements:
        reader = _READERS.get(element["kind"])
        if reader is not None:
            given = [response.answers.get(element["code"]) or {} for response in material.responses]
            found += reader(element, given)
    return found


def _pair(element: Element, given: Answers) -> Iterator[Closed]:
    def side(answer: Mapping[str, Any]) -> str | None:
        first, second = (answer.get(name) for name in SIDES)
        if first is None or second is None or NOT_APPLICABLE in (first, second):
            return None
        return BELOW if second < first else ABOVE if second > first else LEVEL

    answers = tuple(side(answer) for answer in given)
    # The ranked discrepancy score, shown for everyone, is the difference of two of the three.
    yield Closed(element["code"], DISCREPANCY, (BELOW, LEVEL, ABOVE), answers, whole=True)


def _single(element: Element, given: Answers) -> Iterator[Closed]:
    answers = tuple(answer.get("choice") for answer in given)
    yield Closed(element["code"], None, _options(element), answers)


def _multiple(element: Element, given: Answers) -> Iterator[Closed]:
    for option in _options(element):
        chosen = (
            None if not answer else YES if option in answer.get("choices", ()) else NO for answer in given
        )
        yield Closed(element["code"], option, (YES, NO), tuple(chosen))


def _matrix(element: Element, given: Answers) -> Iterator[Closed]:
    for row in codes_of(element, "rows"):
        answers = (answer.get(row) for answer in given)
        kept = tuple(None if answer == NOT_APPLICABLE else answer for answer in answers)
        yield Closed(element["code"], row, tuple(codes_of(element, "points")), kept, ordered=True)


def _ranking(element: Element, given: Answers) -> Iterator[Closed]:
    answers = tuple((answer.get("order") or [None])[0] for answer in given)
    yield Closed(element["code"], FIRST, tuple(codes_of(element, "options")), answers)


def _consent(element: Element, given: Answers) -> Iterator[Closed]:
    said = {True: YES, False: NO}
    yield Closed(
        element["code"], None, (YES, NO), tuple(said.get(answer.get("value", "")) for answer in given)
    )


def _number(element: Element, given: Answers) -> Iterator[Closed]:
    values = [answer.get("value") for answer in given]
    edges = _edges([float(value) for value in values if value is not None])
    labels = tuple(_range(low, high) for low, high in zip([None, *edges], [*edges, None], strict=True))
    answers = tuple(None if value is None else labels[_place(float(value), edges)] for value in values)
    yield Closed(element["code"], None, labels, answers, ordered=True)


def _edges(values: list[float]) -> list[float]:
    """Round edges between ranges, so that the first and the last are open and show neither least nor most."""
    if not values:
        return []
    ordered = sorted(values)
    low, high = ordered[len(ordered) // 10], ordered[-1 - len(ordered) // 10]
    step = _step((high - low) / (BINS - 2))
    first = (low // step + 1) * step
    edges = (round(first + i * step, 9) for i in range(BINS - 1))
    return [edge for edge in edges if edge <= high] or [round(first, 9)]


def _step(wanted: float) -> float:
    """The round number (1, 2 or 5 times a power of ten) that is not below."""
    power = 1e-6
    while True:
        for factor in (1, 2, 5):
            if power * factor >= wanted - 1e-12 and power * factor >= 1e-6:
                return power * factor if wanted > 0 else 1.0
        power *= 10


def _range(low: float | None, high: float | None) -> str:
    return f"{'' if low is None else f'{low:.15g}'}..{'' if high is None else f'{high:.15g}'}"


def _place(value: float, edges: Sequence[float]) -> int:
    return sum(value >= edge for edge in edges)


def _date(element: Element, given: Answers) -> Iterator[Closed]:
    """Months, or years where they are many, as "from..before"; the first and the last are open, as with numbers."""
    days = [answer.get("value") for answer in given]
    months = sorted(_month(day) for day in days if day)
    if not months:
        return
    low, high = months[len(months) // 10], months[-1 - len(months) // 10]
    unit, named = (1, _name_of_month) if high - low < MONTHS else (12, _name_of_year)
    starts = range(low // unit + 1, max(high // unit, low // unit + 1) + 1)
    edges = ["", *(named(start) for start in starts), ""]
    labels = tuple(f"{first}..{before}" for first, before in pairwise(edges))
    places = [None if not day else sum(_month(day) // unit >= start for start in starts) for day in days]
    answers = tuple(None if place is None else labels[place] for place in places)
    yield Closed(element["code"], None, labels, answers, ordered=True)


def _month(day: str) -> int:
    """Months since the year 0."""
    return int(day[:4]) * 12 + int(day[5:7]) - 1


def _name_of_month(month: int) -> str:
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def _name_of_year(year: int) -> str:
    return f"{year:04d}"


def _options(element: Element) -> tuple[str, ...]:
    return (*codes_of(element, "options"), *([OTHER] if element.get("other") else []))


_READERS: Mapping[str, Callable[[Element, Answers], Iterator[Closed]]] = {
    PAIR: _pair, SINGLE: _single, MULTIPLE: _multiple, MATRIX: _matrix, RANKING: _ranking, CONSENT: _consent,
    NUMBER: _number, DATE: _date,
}  # fmt: skip
