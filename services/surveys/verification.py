"""Every stored figure of a survey, a panel or a need, each with the way to make it again from the stored rows: what
`cercle report verify` goes through. A part that stores figures adds its reader to `KINDS`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from services.surveys import measuring, panel_store, ranking, store, tables
from services.surveys.analysis import figures
from services.surveys.analysis.material import read_material
from services.surveys.domain.coding import Coding
from services.surveys.domain.need import Need
from services.surveys.domain.panel import Panel
from services.surveys.domain.survey import Survey
from services.surveys.methods import MethodError
from services.surveys.methods.follow_up import Row, again
from services.surveys.methods.rebuild import OK, Verdict, judge, of_other_code
from services.surveys.panel_figures import delphi_figures, need_metrics, vote_figures
from services.surveys.queries import coding as coding_views
from shared.db.tx import Tx, rows
from shared.errors import NotFound

View = dict[str, Any]


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


@dataclass(frozen=True, slots=True)
class Subject:
    """What figures may be stored of. `kind`: survey, panel or need."""

    kind: str
    id: UUID


def subjects(tx: Tx) -> list[Subject]:
    """Whatever may have stored figures, kind by kind, the oldest first."""
    return [
        Subject(kind, found)
        for kind, known in KINDS.items()
        for found in tx.session.execute(known.candidates).scalars()
    ]


def subject_of(tx: Tx, subject_id: UUID) -> Subject | None:
    """The survey, panel or need of this id."""
    found = (kind for kind, known in KINDS.items() if tx.session.get(known.mapped, subject_id) is not None)
    return next((Subject(kind, subject_id) for kind in found), None)


def stored_figures(tx: Tx, subject: Subject) -> list[StoredFigures]:
    """Everything that is stored for it; empty while nothing is. The rows are read here, not by `rebuild`."""
    known = KINDS[subject.kind]
    thing = tx.session.get(known.mapped, subject.id)
    return [] if thing is None else [one for reader in known.readers for one in reader(tx, thing)]


def verify(figures: Iterable[StoredFigures]) -> Iterator[Verified]:
    """The verdict on each, in order. Long arithmetic: hold no transaction."""
    for one in figures:
        # Figures of other code may not even have what this code rebuilds by.
        rebuilt = None if of_other_code(one.stored) else _rebuilt(one)
        yield Verified(one.name, judge(one.stored, rebuilt), one.stored)


def _rebuilt(one: StoredFigures) -> Any:
    """As JSON would give it back. Rows that a method refuses today give no figures."""
    try:
        return json.loads(json.dumps(one.rebuild()))
    except MethodError as error:
        return {"refused": error.code}


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
        made = cache(lambda: figures.compute(material))
        for kind, content in sorted(found.items()):
            yield StoredFigures(kind, content, partial(lambda name: made()[name], kind))


def panel_figures(tx: Tx, panel: Panel) -> Iterator[StoredFigures]:
    """What its counted rounds or votes gave; once it has ended, with the figures of the needs that came of it."""
    if panel.result is None:
        return
    ended = panel.ended_at is not None
    stored = {"result": panel.result, "needs": _needs_of(tx, panel) if ended else {}}
    made = _delphi(tx, panel, panel.result) if panel.is_delphi else _group(tx, panel, panel.result)
    yield StoredFigures(panel.kind, stored, partial(_panel, panel.kind, made, ended=ended))


def _delphi(tx: Tx, panel: Panel, result: View) -> Callable[[], View | None]:
    """Without the round that is open: its ratings are in no figure yet."""
    last = result["rounds"][-1]["number"]
    ratings = [one for one in panel_store.ratings_of(tx, panel.id) if one.round <= last]
    return partial(delphi_figures, ratings, panel.scale, panel.rule)


def _group(tx: Tx, panel: Panel, result: View) -> Callable[[], View | None]:
    last = result["votes"][-1]["vote"]
    votes = [one for one in panel_store.votes_of(tx, panel.id) if one.vote <= last]
    return partial(vote_figures, votes, [item["code"] for item in panel_store.items_of(tx, panel.id)])


def _panel(kind: str, made: Callable[[], View | None], *, ended: bool) -> View:
    result = made()
    return {"result": result, "needs": need_metrics(kind, result) if ended and result else {}}


def _needs_of(tx: Tx, panel: Panel) -> View:
    """Figures by item code; where an item came from is no figure."""
    need, item = tables.needs, tables.panel_items
    chosen = select(item.c.code, need.c.metric).join(item, item.c.id == need.c.panel_item_id)
    found = rows(tx, chosen.where(need.c.panel_id == panel.id).order_by(need.c.place))
    return {
        row["code"]: {name: value for name, value in row["metric"].items() if name != "sources"}
        for row in found
    }


def follow_up_figures(tx: Tx, need: Need) -> Iterator[StoredFigures]:
    """What each measured wave of each series gave."""
    for row in measuring.measured(tx, need.id):
        answers = measuring.read_rows(tx, row["series_id"], row["wave"])
        stored = row["figures"] | {"manifest": row["manifest"]}
        name = f"follow-up {row['number']} {row['wave']}"
        yield StoredFigures(name, stored, partial(_follow_up, answers, row["manifest"]))


def _follow_up(answers: Sequence[Row], manifest: View) -> View:
    made = again(answers, manifest)
    return made.figures() | {"manifest": dict(made.manifest)}


def verify_follow_up(tx: Tx, need_id: UUID) -> View:
    """FollowUpCheck: `{waves: [{series, wave, n, same, manifest}]}`, for coordinators. Raises NotFound, Forbidden."""
    need = store.need(tx, need_id)
    store.require_coordinator(tx.actor)
    found = measuring.measured(tx, need_id)
    if not found:
        raise NotFound
    judged = zip(found, verify(follow_up_figures(tx, need)), strict=True)
    return {
        "waves": [
            {"series": row["number"], "wave": row["wave"], "n": row["n"], "manifest": row["manifest"],
             "same": one.verdict.outcome == OK}
            for row, one in judged
        ]
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of subject. `candidates`: ids of all that may have figures, in order."""

    mapped: type[Any]
    candidates: Select[Any]
    readers: tuple[Callable[[Tx, Any], Iterable[StoredFigures]], ...]


_survey, _of_panels, _series = tables.surveys, tables.panels, tables.follow_up_series
KINDS: dict[str, Kind] = {
    "survey": Kind(
        Survey,
        select(_survey.c.id).where(_survey.c.closed_at.is_not(None)).order_by(_survey.c.id),
        (ranking_figures, coding_figures, other_figures),
    ),
    "panel": Kind(
        Panel,
        select(_of_panels.c.id).where(_of_panels.c.started_at.is_not(None)).order_by(_of_panels.c.id),
        (panel_figures,),
    ),
    "need": Kind(
        Need, select(_series.c.need_id).distinct().order_by(_series.c.need_id), (follow_up_figures,)
    ),
}
