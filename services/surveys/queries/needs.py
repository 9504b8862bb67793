"""Views of ranked needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, select, tuple_

from services.surveys import store, tables
from services.surveys.domain.loop import SMALLEST_SHOWN
from services.surveys.queries.keys import key_of, place
from services.surveys.queries.surveys import instant
from shared.actor import Actor
from shared.db.tx import Tx, rows
from shared.errors import NotFound
from shared.paging import PageRequest
from shared.text import has_words

View = dict[str, Any]
Table = tables.needs
PEOPLE = ("negative", "positive", "tied")
SEARCHED = 500
"""Statements that one search looks at."""


@dataclass(frozen=True, slots=True)
class NeedFilter:
    """None: no filter."""

    survey_id: UUID | None = None
    status: str | None = None
    panel_id: UUID | None = None
    source_type: str | None = None


def list_needs(tx: Tx, wanted: NeedFilter, request: PageRequest) -> list[View]:
    """Up to `limit + 1` rows by rank, for `page_of`."""
    tx.actor.require_account()
    chosen = need_rows(tx.actor)
    if wanted.survey_id:
        chosen = chosen.where(Table.c.survey_id == wanted.survey_id)
    if wanted.status:
        chosen = chosen.where(func.coalesce(Table.c.verdict, Table.c.status) == wanted.status)
    for name in ("panel_id", "source_type"):
        if value := getattr(wanted, name):
            chosen = chosen.where(Table.c[name] == value)
    if key := key_of(request, place, UUID):
        chosen = chosen.where(tuple_(Table.c.place, Table.c.id) > tuple_(*key))
    return rows(tx, chosen.order_by(Table.c.place, Table.c.id).limit(request.limit + 1))


def row_key(row: View) -> tuple[Any, ...]:
    """Sort key of a need row."""
    return (row["place"], row["id"])


def need_rows(actor: Actor) -> Select[Any]:
    """Needs with the title of their survey or panel, whether the actor may open that survey, and their open proposal."""
    survey, panel, proposal = tables.surveys, tables.panels, tables.proposals
    is_open = and_(proposal.c.need_id == Table.c.id, proposal.c.status == "open")
    return (
        select(
            Table,
            survey.c.title.label("survey_title"),
            and_(survey.c.id.is_not(None), store.opens(actor)).label("survey_open"),
            panel.c.title.label("panel_title"),
            proposal.c.id.label("open_proposal_id"),
        )
        .outerjoin(survey, survey.c.id == Table.c.survey_id)
        .outerjoin(panel, panel.c.id == Table.c.panel_id)
        .outerjoin(proposal, is_open)
    )


def get_needs(tx: Tx, ids: Sequence[UUID]) -> list[View]:
    """The known ones among `ids`, by rank."""
    tx.actor.require_account()
    chosen = need_rows(tx.actor).where(Table.c.id.in_(ids)).order_by(Table.c.place, Table.c.id)
    return [need_view(row) for row in rows(tx, chosen)]


def get_need(tx: Tx, need_id: UUID) -> View:
    """One need with the manifest of its figures. Raises NotFound."""
    tx.actor.require_account()
    analysis = tables.rankings.c.analysis
    chosen = need_rows(tx.actor).add_columns(
        analysis["manifest"].label("manifest"), tables.panels.c.result["manifest"].label("panel_manifest")
    )
    joined = chosen.outerjoin(tables.rankings, tables.rankings.c.survey_id == Table.c.survey_id)
    found = rows(tx, joined.where(Table.c.id == need_id))
    if not found:
        raise NotFound
    return need_view(found[0]) | {"manifest": found[0]["manifest"] or found[0]["panel_manifest"]}


def search(tx: Tx, words: str, limit: int) -> View:
    """Needs whose statement has every word, in either language; newest ranking first.

    Accents have no portable SQL, so the newest few hundred statements are read and compared here.
    """
    tx.actor.require_account()
    newest = select(Table.c.id, Table.c.statement).order_by(Table.c.ranked_at.desc(), Table.c.place)
    found = rows(tx, newest.limit(SEARCHED))
    matching = [row for row in found if has_words(words, row["statement"].values())]
    items = [{"id": str(row["id"]), "statement": row["statement"]} for row in matching[:limit]]
    return {"items": items}


def shown_metric(metric: View) -> View:
    """The stored figures of an item as anybody may see them.

    The three counts of people are shown together or not at all: one below five, hidden alone, would come back by
    subtraction from n.
    """
    figure = metric["rds"]
    if figure is None or min(figure.get(side, 0) for side in PEOPLE) >= SMALLEST_SHOWN:
        return metric
    return metric | {"rds": figure | dict.fromkeys(PEOPLE)}


def shown_id(found: UUID | None) -> str | None:
    """An id as text, or None."""
    return str(found) if found else None


def need_view(row: View) -> View:
    """Need."""
    metric = shown_metric(row["metric"])
    return {
        "id": str(row["id"]),
        "source_type": row["source_type"],
        "survey_id": shown_id(row["survey_id"]),
        "survey_title": row["survey_title"],
        "survey_open": bool(row["survey_open"]),
        "item_id": shown_id(row["item_id"]),
        "panel_id": shown_id(row["panel_id"]),
        "panel_title": row["panel_title"],
        "entry_id": shown_id(row["entry_id"]),
        "code": row["code"],
        "statement": row["statement"],
        "status": row["verdict"] or row["status"],
        "rank": row["rank"],
        "tied": metric["tied"],
        "n": metric["n"],
        "indicative": metric["indicative"],
        "method": metric["method"],
        "metric": metric,
        "ranked_at": instant(row["ranked_at"]),
        "open_proposal_id": shown_id(row["open_proposal_id"]),
    }
