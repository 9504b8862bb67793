"""The stored figures of a survey, each with the way to make it again from the stored rows: what `cercle report verify`
goes through. A part that stores figures adds its reader to `READERS`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.surveys import ranking, tables
from services.surveys.analysis import figures
from services.surveys.analysis.material import read_material
from services.surveys.domain.coding import Coding
from services.surveys.domain.survey import Survey
from services.surveys.methods.rebuild import Verdict, judge
from services.surveys.queries import coding as coding_views
from shared.db.tx import Tx, rows


@dataclass(frozen=True, slots=True)
class StoredFigures:
    """Figures as plain JSON values, and what makes the same out of the rows. `name`: such as "ranking"."""

    name: str
    stored: Any
    rebuild: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Verified:
    """The verdict on one of the stored figures."""

    name: str
    verdict: Verdict
    stored: Any


Reader = Callable[[Tx, Survey], Iterable[StoredFigures]]


def stored_figures(tx: Tx, survey_id: UUID) -> list[StoredFigures]:
    """Everything that is stored for a survey; empty while nothing is. The rows are read here, not by `rebuild`."""
    survey = tx.session.get(Survey, survey_id)
    return [] if survey is None else [one for reader in READERS for one in reader(tx, survey)]


def verify(figures: Iterable[StoredFigures]) -> Iterator[Verified]:
    """The verdict on each, in order. Long arithmetic: hold no transaction."""
    for one in figures:
        rebuilt = json.loads(json.dumps(one.rebuild()))
        yield Verified(one.name, judge(one.stored, rebuilt), one.stored)


def ranking_figures(tx: Tx, survey: Survey) -> Iterator[StoredFigures]:
    """The analysis and the figures of each need; or the reason why there is none."""
    table, need = tables.rankings, tables.needs
    found = rows(tx, select(table).where(table.c.survey_id == survey.id))
    if not found:
        return
    kept = ("status", "reason", "received", "n", "analysis")
    metrics = select(need.c.code, need.c.metric).where(need.c.survey_id == survey.id)
    stored = {name: found[0][name] for name in kept}
    stored["needs"] = {row["code"]: row["metric"] for row in rows(tx, metrics.order_by(need.c.code))}
    source = ranking.read_source(tx, survey)
    yield StoredFigures("ranking", stored, lambda: _ranking(ranking.compute(source)))


def _ranking(outcome: ranking.Outcome) -> dict[str, Any]:
    return {
        "status": "ranked" if outcome.analysis else "refused",
        "reason": outcome.reason,
        "received": outcome.received,
        "n": outcome.n,
        "analysis": outcome.analysis,
        "needs": dict(sorted(outcome.metrics.items())),
    }


def coding_figures(tx: Tx, survey: Survey) -> Iterator[StoredFigures]:
    """The agreement of each pair of coders, under the code book as it was when both had finished."""
    table = tables.codings
    chosen = select(Coding).where(table.c.survey_id == survey.id).order_by(table.c.question)
    for coding in tx.session.execute(chosen).scalars():
        if (stored := coding.agreement) is not None:
            rebuild = partial(
                coding_views.agreement_of, coding_views.work_of(tx, coding), stored["book_version"]
            )
            yield StoredFigures(f"coding {coding.question}", stored, rebuild)


def other_figures(tx: Tx, survey: Survey) -> Iterator[StoredFigures]:
    """Published tables, gaps by group, the weighted reading, the check of the languages, numbers, changes since a wave."""
    found = figures.load_figures(tx, survey.id)
    if found:
        material = read_material(tx, survey)
        # Made again once, whatever is asked for first.
        again = cache(lambda: figures.compute(material))
        for kind, content in sorted(found.items()):
            yield StoredFigures(kind, content, partial(lambda name: again()[name], kind))


READERS: tuple[Reader, ...] = (ranking_figures, coding_figures, other_figures)
