"""Load and lock panels and what belongs to them. A guarded load takes the actor; unknown and hidden are both NotFound."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select

from services.surveys import policy, tables
from services.surveys.domain.panel import DRAFT, Panel
from services.surveys.panel_figures import Rating, Vote
from shared.actor import FACILITATOR, Actor
from shared.db.tx import Tx, rows
from shared.errors import Forbidden, NotFound

Row = dict[str, Any]


def leads(actor: Actor, panel: Panel) -> bool:
    """Coordinators lead every panel; facilitators lead nominal groups once they have started."""
    if policy.can_coordinate(actor):
        return True
    return policy.is_member(actor) and actor.has(FACILITATOR) and not panel.is_delphi and not panel.is_draft


def is_member(tx: Tx, panel_id: UUID) -> bool:
    """Whether the actor sits on the panel."""
    table = tables.panel_members
    mine = select(table.c.seat).where(table.c.panel_id == panel_id, table.c.account_id == tx.actor.account_id)
    return tx.session.execute(mine).first() is not None


def visible_panel(tx: Tx, panel_id: UUID, *, lock: bool = False, share: bool = False) -> Panel:
    """A panel that the actor may see: who leads it, who sits on it, and everybody once it has ended.

    `lock` for writing; `share` lets answers in together but keeps the closing of a round out.
    """
    tx.actor.require_account()
    mode: Any = {"read": True} if share else lock or None
    panel = tx.session.get(Panel, panel_id, with_for_update=mode)
    if panel is None:
        raise NotFound
    open_to_all = panel.ended_at is not None and panel.started_at is not None
    if not (leads(tx.actor, panel) or open_to_all or is_member(tx, panel_id)):
        raise NotFound
    return panel


def own_panel(tx: Tx, panel_id: UUID, *, lock: bool = False, share: bool = False) -> Panel:
    """A panel that the actor sits on. Raises NotFound."""
    panel = visible_panel(tx, panel_id, lock=lock, share=share)
    if not is_member(tx, panel_id):
        raise NotFound
    return panel


def led_panel(tx: Tx, panel_id: UUID) -> Panel:
    """A panel to move on, locked. Raises NotFound, Forbidden."""
    panel = visible_panel(tx, panel_id, lock=True)
    if not leads(tx.actor, panel):
        raise Forbidden
    return panel


def coordinated_panel(tx: Tx, panel_id: UUID) -> Panel:
    """A panel to prepare, start or end, locked. Raises NotFound, Forbidden."""
    panel = visible_panel(tx, panel_id, lock=True)
    if not policy.can_coordinate(tx.actor):
        raise Forbidden
    return panel


def seen_by(actor: Actor) -> ColumnElement[bool]:
    """SQL: panels that the actor may see."""
    panel, member = tables.panels, tables.panel_members
    if policy.can_coordinate(actor):
        return panel.c.id.is_not(None)
    mine = panel.c.id.in_(select(member.c.panel_id).where(member.c.account_id == actor.account_id))
    ended = and_(panel.c.ended_at.is_not(None), panel.c.started_at.is_not(None))
    groups = and_(panel.c.kind == "nominal-group", panel.c.phase != DRAFT)
    return or_(mine, ended, groups) if actor.has(FACILITATOR) else or_(mine, ended)


def rater_of(tx: Tx, panel_id: UUID, *, lock: bool = False) -> UUID | None:
    """The actor's pseudonym on a running panel; `lock`: their calls go one after the other."""
    table = tables.panel_pseudonyms
    mine = (table.c.panel_id == panel_id) & (table.c.account_id == tx.actor.account_id)
    chosen = select(table.c.rater_id).where(mine)
    found: UUID | None = tx.session.execute(chosen.with_for_update() if lock else chosen).scalar_one_or_none()
    return found


def members_of(tx: Tx, panel_id: UUID) -> list[UUID]:
    """Who sits on it, by seat."""
    table = tables.panel_members
    chosen = select(table.c.account_id).where(table.c.panel_id == panel_id).order_by(table.c.seat)
    return list(tx.session.execute(chosen).scalars())


def items_of(tx: Tx, panel_id: UUID, *, standing: bool = True) -> list[Row]:
    """Its items in order; `standing`: without those merged into others."""
    table = tables.panel_items
    chosen = select(table).where(table.c.panel_id == panel_id).order_by(table.c.position, table.c.id)
    return rows(tx, chosen.where(table.c.merged_into.is_(None)) if standing else chosen)


def rounds_of(tx: Tx, panel_id: UUID) -> list[Row]:
    """Its rounds in order."""
    table = tables.panel_rounds
    return rows(tx, select(table).where(table.c.panel_id == panel_id).order_by(table.c.number))


def ratings_of(tx: Tx, panel_id: UUID) -> list[Rating]:
    """Every rating with its pseudonym, items by code. Carries no identity."""
    table, item = tables.panel_ratings, tables.panel_items
    chosen = select(table.c.round, table.c.rater_id, item.c.code, table.c.points)
    joined = chosen.join(item, item.c.id == table.c.item_id).where(table.c.panel_id == panel_id)
    return [
        Rating(number, rater.hex, code, points) for number, rater, code, points in tx.session.execute(joined)
    ]


def votes_of(tx: Tx, panel_id: UUID) -> list[Vote]:
    """Every ballot with its pseudonym, items by code."""
    table, item = tables.panel_votes, tables.panel_items
    chosen = select(table.c.vote, table.c.rater_id, item.c.code, table.c.points)
    joined = chosen.join(item, item.c.id == table.c.item_id).where(table.c.panel_id == panel_id)
    return [
        Vote(number, rater.hex, code, points) for number, rater, code, points in tx.session.execute(joined)
    ]


def answered(tx: Tx, panel_id: UUID, number: int, kind: str) -> set[UUID]:
    """Pseudonyms that gave anything in a round."""
    if kind == "open":
        idea = tables.panel_ideas
        return set(tx.session.execute(select(idea.c.rater_id).where(idea.c.panel_id == panel_id)).scalars())
    table = tables.panel_ratings
    here = (table.c.panel_id == panel_id) & (table.c.round == number) & table.c.points.is_not(None)
    return set(tx.session.execute(select(table.c.rater_id).where(here)).scalars())


def unfinished(tx: Tx, panel: Panel, kind: str) -> list[UUID]:
    """Accounts that have still something to answer in the open round: nothing yet, or not every item."""
    table, wanted = tables.panel_pseudonyms, 1
    pairs = rows(tx, select(table.c.account_id, table.c.rater_id).where(table.c.panel_id == panel.id))
    counts = dict.fromkeys(answered(tx, panel.id, panel.round, kind), 1)
    if kind == "rating":
        rating = tables.panel_ratings
        here = (
            (rating.c.panel_id == panel.id) & (rating.c.round == panel.round) & rating.c.points.is_not(None)
        )
        grouped = (
            select(rating.c.rater_id, func.count().label("given")).where(here).group_by(rating.c.rater_id)
        )
        counts = {row["rater_id"]: row["given"] for row in rows(tx, grouped)}
        wanted = len([item for item in items_of(tx, panel.id) if item["settled_in"] is None])
    return sorted(pair["account_id"] for pair in pairs if counts.get(pair["rater_id"], 0) < wanted)
