"""Writes of those who sit on a panel. All of them carry the pseudonym; nothing here is remembered with an account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select

from services.surveys import panel_store, tables
from services.surveys.domain import panel as rules
from services.surveys.domain.panel import Panel
from shared.db.dialect import upsert
from shared.db.tx import Tx, rows
from shared.errors import FieldProblem, Invalid, NotFound
from shared.ids import random_id


def save_ideas(tx: Tx, panel_id: UUID, texts: Sequence[str], language: str) -> None:
    """One's own ideas, all of them: an earlier list is replaced. Open round of a Delphi, silent phase of a group.

    Raises NotFound, PanelEnded, WrongPhase, RoundClosed.
    """
    panel = panel_store.own_panel(tx, panel_id, share=True)
    if panel.is_delphi:
        panel.require_open_round(tx.now)
        if panel.round > 1 or panel.first_round != rules.OPEN_ROUND:
            raise rules.WrongPhase(phase=panel.phase)
    else:
        panel.require_phase(rules.SILENT)
    rater = _rater(tx, panel)
    table = tables.panel_ideas
    tx.session.execute(delete(table).where(table.c.panel_id == panel_id, table.c.rater_id == rater))
    for text in texts:
        values = {
            "id": random_id(),
            "panel_id": panel_id,
            "rater_id": rater,
            "text": text,
            "language": language,
        }
        tx.session.execute(insert(table).values(values))


def save_ratings(tx: Tx, panel_id: UUID, given: Mapping[str, Mapping[str, Any]], language: str) -> None:
    """Some of one's ratings of this round, laid over those saved: `{item_id: {points?, comment?}}`, null clears.

    Raises NotFound, PanelEnded, WrongPhase, RoundClosed, Invalid.
    """
    panel = panel_store.own_panel(tx, panel_id, share=True)
    panel.require_open_round(tx.now)
    if panel.round == 1 and panel.first_round == rules.OPEN_ROUND:
        raise rules.WrongPhase(phase=panel.phase)
    asked = {
        str(item["id"]): item["id"]
        for item in panel_store.items_of(tx, panel_id)
        if item["settled_in"] is None
    }
    problems = [
        *(FieldProblem(f"ratings.{item}", "nothing-there") for item in given if item not in asked),
        *(FieldProblem(f"ratings.{item}.points", "out-of-range") for item, one in given.items()
          if (one.get("points") or 1) > panel.scale),
    ]  # fmt: skip
    if problems:
        raise Invalid(fields=problems)
    rater = _rater(tx, panel)
    table = tables.panel_ratings
    mine = (table.c.panel_id == panel_id) & (table.c.round == panel.round) & (table.c.rater_id == rater)
    saved = {row["item_id"]: row for row in rows(tx, select(table).where(mine))}
    for item, one in given.items():
        old = saved.get(asked[item], {"points": None, "comment": None})
        values = {name: one.get(name, old[name]) for name in ("points", "comment")}
        key = {"panel_id": panel_id, "round": panel.round, "rater_id": rater, "item_id": asked[item]}
        upsert(tx.session, table, key | values | {"language": language})


def save_ballot(tx: Tx, panel_id: UUID, items: Sequence[UUID]) -> None:
    """One's ballot, whole: the first gets five points, and so on down. Again replaces it.

    Raises NotFound, PanelEnded, WrongPhase, Invalid `items`.
    """
    panel = panel_store.own_panel(tx, panel_id, share=True)
    panel.require_phase(rules.VOTE, rules.REVOTE)
    standing = {item["id"] for item in panel_store.items_of(tx, panel_id)}
    if len(set(items)) != len(items) or set(items) - standing:
        raise Invalid(fields=[FieldProblem("items", "bad-ballot")])
    rater = _rater(tx, panel)
    table = tables.panel_votes
    mine = (table.c.panel_id == panel_id) & (table.c.vote == panel.round) & (table.c.rater_id == rater)
    tx.session.execute(delete(table).where(mine))
    for place, item in enumerate(items):
        values = {"panel_id": panel_id, "vote": panel.round, "rater_id": rater, "item_id": item}
        tx.session.execute(insert(table).values(**values, points=rules.TOP - place))


def _rater(tx: Tx, panel: Panel) -> UUID:
    rater = panel_store.rater_of(tx, panel.id, lock=True)
    if rater is None:
        raise NotFound
    return rater
