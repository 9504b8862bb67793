"""Writes of a nominal group's session: the turn, the shared list, the phases. The panel's row is the one lock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from services.surveys import panel_figures, panel_store, tables
from services.surveys.commands.panels import finish
from services.surveys.domain import panel as rules
from services.surveys.domain.panel import Panel
from shared.db.tx import Tx, rows
from shared.errors import FieldProblem, Forbidden, Invalid, NotFound
from shared.ids import new_id


def take_turn(
    tx: Tx, panel_id: UUID, text: str, idea_id: UUID | None, language: str, turn: int | None = None
) -> None:
    """Give one idea to the shared list, or pass (no text, no idea), and the turn goes on.

    `turn`: the one that was seen, so that two who act at once take one turn and not two.
    Who leads may record for whoever's turn it is. Raises NotFound, PanelEnded, WrongPhase, NotYourTurn, Invalid.
    """
    panel = panel_store.visible_panel(tx, panel_id, lock=True)
    panel.require_phase(rules.SHARING)
    own = whose_turn(tx, panel) == tx.actor.account_id
    if (turn is not None and turn != panel.turn) or not (own or panel_store.leads(tx.actor, panel)):
        raise rules.NotYourTurn
    if idea_id is not None:
        text, language = _own_idea(tx, panel, idea_id)
    if text:
        _add_item(tx, panel, {language: text, "en" if language == "fr" else "fr": ""})
    panel.turn += 1
    panel.version += 1


def whose_turn(tx: Tx, panel: Panel) -> UUID | None:
    """The account whose turn it is, seats in order and round again."""
    people = panel_store.members_of(tx, panel.id)
    return people[panel.turn % len(people)] if people else None


def _own_idea(tx: Tx, panel: Panel, idea_id: UUID) -> tuple[str, str]:
    """A private idea leaves the private list for the shared one."""
    table, rater = tables.panel_ideas, panel_store.rater_of(tx, panel.id)
    mine = (table.c.id == idea_id) & (table.c.panel_id == panel.id) & (table.c.rater_id == rater)
    found = rows(tx, select(table).where(mine))
    if not found:
        raise Invalid(fields=[FieldProblem("idea_id", "nothing-there")])
    tx.session.execute(delete(table).where(mine))
    return found[0]["text"], found[0]["language"]


def _add_item(tx: Tx, panel: Panel, statement: Mapping[str, str]) -> None:
    items = panel_store.items_of(tx, panel.id, standing=False)
    if len(items) >= rules.MAX_ITEMS:
        raise Invalid(fields=[FieldProblem("items", "too-many-items")])
    taken = {item["code"] for item in items}
    code = next(one for one in (f"i{number:02d}" for number in range(1, 1000)) if one not in taken)
    values = {
        "id": new_id(), "panel_id": panel.id, "position": len(items) + 1, "code": code, "statement": dict(statement),
        "sources": [{"kind": "typed", "ref": "", "text": None}],
    }  # fmt: skip
    tx.session.execute(insert(tables.panel_items).values(values))


def word_item(tx: Tx, panel_id: UUID, item_id: UUID, statement: Mapping[str, str]) -> None:
    """Say an idea more clearly, and in both languages. Raises NotFound, Forbidden, PanelEnded, WrongPhase."""
    panel = panel_store.led_panel(tx, panel_id)
    panel.require_phase(rules.SHARING, rules.CLARIFY)
    _standing(tx, panel_id, item_id)
    _set(tx, item_id, {"statement": dict(statement)})
    panel.version += 1


def merge_items(tx: Tx, panel_id: UUID, item_id: UUID, into_id: UUID) -> None:
    """Two ideas that say the same become one, before anybody votes; where both came from is kept.

    Raises NotFound, Forbidden, PanelEnded, WrongPhase, Invalid.
    """
    panel = panel_store.led_panel(tx, panel_id)
    panel.require_phase(rules.SHARING, rules.CLARIFY)
    if item_id == into_id:
        raise Invalid(fields=[FieldProblem("into_id", "nothing-there")])
    item, into = _standing(tx, panel_id, item_id), _standing(tx, panel_id, into_id)
    _set(tx, item_id, {"merged_into": into_id})
    told = {"kind": "idea", "ref": str(item_id), "text": item["statement"]}
    _set(tx, into_id, {"sources": [*into["sources"], told, *item["sources"]]})
    panel.version += 1


def _standing(tx: Tx, panel_id: UUID, item_id: UUID) -> dict[str, Any]:
    found = [item for item in panel_store.items_of(tx, panel_id) if item["id"] == item_id]
    if not found:
        raise NotFound
    return found[0]


def _set(tx: Tx, item_id: UUID, values: Mapping[str, Any]) -> None:
    table = tables.panel_items
    tx.session.execute(update(table).where(table.c.id == item_id).values(**values))


def advance(tx: Tx, panel_id: UUID, wanted: str, version: int) -> Panel:
    """Move the group on; leaving a vote counts it, and the end brings the needs.

    Raises NotFound, Forbidden, Stale, PanelEnded, WrongPhase, TooFewBallots, Invalid where there is nothing to vote on.
    """
    panel = panel_store.led_panel(tx, panel_id)
    if panel.is_delphi:
        raise rules.WrongPhase(phase=panel.phase)
    panel.require_version(version)
    left = panel.phase
    panel.advance(wanted, tx.now)
    if wanted == rules.VOTE and len(panel_store.items_of(tx, panel_id)) < rules.SMALLEST:
        raise Invalid(fields=[FieldProblem("items", "too-few-ideas", {"minimum": rules.SMALLEST})])
    if left in (rules.VOTE, rules.REVOTE):
        _count(tx, panel, 1 if left == rules.VOTE else 2)
    if wanted == rules.ENDED:
        tx.session.flush()
        finish(tx, panel)
    return panel


def _count(tx: Tx, panel: Panel, vote: int) -> None:
    codes = [item["code"] for item in panel_store.items_of(tx, panel.id)]
    figures = panel_figures.vote_figures(panel_store.votes_of(tx, panel.id), codes)
    if figures is None or figures["votes"][-1]["vote"] != vote:
        raise rules.TooFewBallots(minimum=rules.SMALLEST)
    panel.result = figures


def more_time(tx: Tx, panel_id: UUID, minutes: int) -> None:
    """Minutes more for the silent phase. Raises NotFound, Forbidden, PanelEnded, WrongPhase."""
    panel = panel_store.led_panel(tx, panel_id)
    panel.require_phase(rules.SILENT)
    if panel.closes_at is None:
        raise Forbidden
    panel.closes_at = max(panel.closes_at, tx.now) + timedelta(minutes=minutes)
    panel.version += 1
