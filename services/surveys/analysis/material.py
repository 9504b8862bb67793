"""Everything that the figures of a closed survey are made of, without any identity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from services.surveys import store, tables
from services.surveys.analysis import pairing
from services.surveys.analysis.pairing import Pairs, Rated
from services.surveys.domain.instrument.elements import NOT_APPLICABLE, PAIR, SIDES, Element
from services.surveys.domain.survey import MAXDIFF, POINTS, Survey
from services.surveys.methods.ratings import Ratings, ratings_from_rows
from services.surveys.queries.responses import GivenResponse, load_responses
from shared.db.tx import Tx, rows

LANGUAGE = "language"
UNSTATED = ""
Margins = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Before:
    """The wave before. `pairs`: its row and the later one of the same person, or None where the two may not be tied.

    `others`: of each other survey whose people were paired with it earlier, by row what the same person rated there.
    Rows are places among `responses`; nothing here says who anybody is.
    """

    material: Material
    pairs: Pairs | None
    others: tuple[Rated, ...] = ()


@dataclass(frozen=True, slots=True)
class Material:
    """`items`: codes of what gets ranked; `groups`: attributes in the order chosen; `margins`: members asked, by
    attribute and label, as counted at closing; `before`: the ranked survey that this one follows.
    """

    responses: Sequence[GivenResponse]
    elements: Sequence[Element]
    items: tuple[str, ...]
    method: str
    groups: tuple[str, ...]
    margins: Margins
    seed: int
    cut_rule: str
    before: Before | None = None

    def ratings(self) -> Ratings | None:
        """Importance and ability, one row per response in the order of `responses`; None without pairs."""
        pairs = tuple(element["code"] for element in self.elements if element["kind"] == PAIR)
        if not pairs:
            return None
        given = [[_points(response.answers.get(code)) for code in pairs] for response in self.responses]
        return ratings_from_rows(given, pairs, POINTS)

    def labels(self) -> dict[str, list[str]]:
        """One label per response and attribute; the language that was answered in is always one."""
        names = (*(name for name in self.groups if name != LANGUAGE), LANGUAGE)
        return {name: [_label(response, name) for response in self.responses] for name in names}


def read_material(tx: Tx, survey: Survey) -> Material:
    """The material of a closed survey, and of the one that it follows. The caller has checked who may read it."""
    own, earlier = _own(tx, survey), pairing.ranked_before(tx, survey)
    if earlier is None:
        return own
    before = _own(tx, earlier)
    pairs = pairing.pairs_of(tx, (earlier, before.responses), (survey, own.responses))
    others = () if pairs is None else pairing.others_of(tx, earlier, survey, before.responses)
    return replace(own, before=Before(before, pairs, others))


def _own(tx: Tx, survey: Survey) -> Material:
    return Material(
        responses=load_responses(tx, survey.id),
        elements=survey.elements,
        items=tuple(item.code for item in store.items_of(tx, survey.id)),
        method=survey.method,
        groups=tuple(survey.groups),
        margins=_margins(tx, survey),
        seed=survey.seed,
        cut_rule=survey.cut_rule or "grand-mean",
    )


def ranks_choices(method: str) -> bool:
    """Whether a survey's options are ranked by choices of best and worst, not by ratings."""
    return method == MAXDIFF


def _margins(tx: Tx, survey: Survey) -> Margins:
    table = tables.margins
    chosen = select(table.c.attribute, table.c.label, table.c.people).where(table.c.survey_id == survey.id)
    found: Margins = {}
    for row in rows(tx, chosen.order_by(table.c.attribute, table.c.label)):
        found.setdefault(row["attribute"], {})[row["label"]] = row["people"]
    return found


def _label(response: GivenResponse, name: str) -> str:
    value: Any = response.language if name == LANGUAGE else response.groups.get(name)
    return UNSTATED if value is None else str(value)


def _points(answer: Mapping[str, Any] | None) -> tuple[float | None, float | None]:
    first, second = ((answer or {}).get(side) for side in SIDES)
    return _point(first), _point(second)


def _point(value: Any) -> float | None:
    return None if value is None or value == NOT_APPLICABLE else float(value)
