"""Writes of those who lead a panel: prepare it, start it, open and close rounds, end it."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, or_, select, update

from services.surveys import panel_figures, panel_store, store, tables
from services.surveys.commands.panel_needs import add_needs
from services.surveys.domain import panel as rules
from services.surveys.domain.audience import mask_of
from services.surveys.domain.panel import Panel
from shared.contracts.surveys import PanelEnded, PanelInvited, RoundOpened
from shared.db.tx import Tx, rows
from shared.errors import FieldProblem, Invalid
from shared.ids import new_id, random_id

SETTLED = "settled"
Row = dict[str, Any]
_EMPTY = {"fr": "", "en": ""}


@dataclass(frozen=True, slots=True)
class ItemInput:
    """`sources`: [{kind: bank|board|idea|typed, ref}]; an item that keeps its `id` keeps its code."""

    statement: dict[str, str]
    id: UUID | None = None
    sources: tuple[Mapping[str, str], ...] = ()


def create_panel(tx: Tx, kind: str, fields: Mapping[str, Any]) -> Panel:
    """A new draft. Raises Forbidden, Invalid."""
    account = store.require_coordinator(tx.actor)
    panel = Panel(
        new_id(), kind, dict(_EMPTY), dict(_EMPTY), dict(_EMPTY), created_by=account, created_at=tx.now
    )
    panel.edit(_changes(tx, fields))
    panel.version = 1
    tx.add(panel)
    return panel


def edit_panel(tx: Tx, panel_id: UUID, version: int, fields: Mapping[str, Any]) -> Panel:
    """Change a draft. Raises NotFound, Forbidden, Stale, PanelStarted, Invalid."""
    panel = panel_store.coordinated_panel(tx, panel_id)
    panel.require_version(version)
    panel.edit(_changes(tx, fields))
    return panel


def discard_panel(tx: Tx, panel_id: UUID, version: int) -> None:
    """Throw a draft away. Raises NotFound, Forbidden, Stale, PanelStarted."""
    panel = panel_store.coordinated_panel(tx, panel_id)
    panel.require_version(version)
    if not panel.is_draft:
        raise rules.PanelStarted
    for table in (tables.panel_uses, tables.panel_items):
        tx.session.execute(delete(table).where(table.c.panel_id == panel_id))
    tx.session.delete(panel)


def _changes(tx: Tx, fields: Mapping[str, Any]) -> Row:
    changes = dict(fields)
    if "audience_roles" in changes:
        changes["audience"] = mask_of(changes.pop("audience_roles"))
    if "member_ids" in changes:
        wanted = list(dict.fromkeys(changes.pop("member_ids")))
        known = select(tables.members.c.account_id).where(tables.members.c.account_id.in_(wanted))
        if set(wanted) - set(tx.session.execute(known).scalars()):
            raise Invalid(fields=[FieldProblem("member_ids", "nothing-there")])
        changes["chosen"] = [str(account) for account in wanted]
    return changes


def set_items(tx: Tx, panel_id: UUID, version: int, items: Sequence[ItemInput]) -> Panel:
    """The items of the next rating round, in order, with where each comes from.

    Raises NotFound, Forbidden, Stale, WrongPhase; ItemRated where wording that was rated would change or go.
    """
    panel = panel_store.coordinated_panel(tx, panel_id)
    panel.require_version(version)
    panel.require_phase(rules.DRAFT, rules.ROUND, rules.BETWEEN)
    if panel.phase == rules.ROUND and (panel.round > 1 or panel.first_round != rules.OPEN_ROUND):
        raise rules.WrongPhase(phase=panel.phase)
    old = {item["id"]: item for item in panel_store.items_of(tx, panel_id)}
    rated = _rated(tx, panel_id)
    kept = [item.id for item in items if item.id in old]
    changed = {item.id for item in items if item.id in rated and item.statement != old[item.id]["statement"]}
    if changed or rated - set(kept):
        raise rules.ItemRated
    table = tables.panel_items
    tx.session.execute(delete(table).where(table.c.panel_id == panel_id, table.c.id.not_in(kept)))
    taken = {item["code"] for item in old.values()}
    for position, item in enumerate(items, start=1):
        values = {
            "position": position,
            "statement": item.statement,
            "sources": _sources(tx, panel_id, item.sources),
        }
        if item.id in old:
            tx.session.execute(update(table).where(table.c.id == item.id).values(values))
            continue
        code = _free_code(taken)
        values |= {"id": new_id(), "panel_id": panel_id, "code": code}
        tx.session.execute(insert(table).values(values))
    _note_uses(tx, panel_id)
    panel.version += 1
    return panel


def _rated(tx: Tx, panel_id: UUID) -> set[UUID]:
    table = tables.panel_ratings
    return set(tx.session.execute(select(table.c.item_id).where(table.c.panel_id == panel_id)).scalars())


def _free_code(taken: set[str]) -> str:
    number = len(taken) + 1
    while (code := f"i{number:02d}") in taken:
        number += 1
    taken.add(code)
    return code


def _sources(tx: Tx, panel_id: UUID, given: Sequence[Mapping[str, str]]) -> list[Row]:
    """Each source with a copy of its words. Raises Invalid where one does not exist."""
    return [_source(tx, panel_id, one["kind"], one.get("ref") or "") for one in given]


def _source(tx: Tx, panel_id: UUID, kind: str, ref: str) -> Row:
    entry, idea = tables.board_entries, tables.panel_ideas
    text: Any = None
    if kind == "board":
        chosen = select(entry.c.statement).where(entry.c.id == _id(ref))
        text = tx.session.execute(chosen).scalar_one_or_none()
    elif kind == "idea":
        mine = rows(tx, select(idea).where(idea.c.id == _id(ref), idea.c.panel_id == panel_id))
        text = {mine[0]["language"]: mine[0]["text"]} if mine else None
    if kind in ("board", "idea") and text is None:
        raise Invalid(fields=[FieldProblem("items", "unknown-source")])
    return {"kind": kind, "ref": ref, "text": text}


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid(fields=[FieldProblem("items", "unknown-source")]) from None


def _note_uses(tx: Tx, panel_id: UUID) -> None:
    """Which entries of the board a panel uses, for the board to show."""
    table = tables.panel_uses
    sources = [one for item in panel_store.items_of(tx, panel_id) for one in item["sources"]]
    used = sorted({one["ref"] for one in sources if one["kind"] == "board"})
    tx.session.execute(delete(table).where(table.c.panel_id == panel_id))
    if used:
        tx.session.execute(insert(table), [{"panel_id": panel_id, "entry_id": UUID(ref)} for ref in used])


def start_panel(tx: Tx, panel_id: UUID, version: int) -> Panel:
    """Fix the panel, its rule and who sits on it, and open the first round or phase.

    Raises NotFound, Forbidden, Stale, PanelStarted, Invalid `not-ready`.
    """
    panel = panel_store.coordinated_panel(tx, panel_id)
    panel.require_version(version)
    people = _invited(tx, panel)
    statements = [item["statement"] for item in panel_store.items_of(tx, panel_id)]
    deadline = panel.closes_at
    panel.start(len(people), statements, tx.now)
    tx.session.flush()
    _seat(tx, panel_id, people)
    if panel.is_delphi and deadline is not None:
        _add_round(tx, panel, panel.first_round, deadline)
    invited = PanelInvited(panel.id, panel.kind, panel.title, people, panel.closes_at)
    tx.publish(invited, subject=panel.id, version=panel.version)
    return panel


def _invited(tx: Tx, panel: Panel) -> list[UUID]:
    member = tables.members
    by_name = member.c.account_id.in_([UUID(account) for account in panel.chosen])
    wanted = or_(
        by_name, member.c.roles.bitwise_and(panel.audience) != 0
    )  # no role has no bit of an empty mask
    chosen = select(member.c.account_id).where(member.c.active, wanted).order_by(member.c.account_id)
    return list(tx.session.execute(chosen).scalars())


def _seat(tx: Tx, panel_id: UUID, people: Sequence[UUID]) -> None:
    """Seats in a drawn order, and pseudonyms in another one."""
    seats, names = list(people), list(people)
    random.SystemRandom().shuffle(seats)
    random.SystemRandom().shuffle(names)
    tx.session.execute(insert(tables.panel_members), [
        {"panel_id": panel_id, "account_id": account, "seat": seat} for seat, account in enumerate(seats)
    ])  # fmt: skip
    tx.session.execute(insert(tables.panel_pseudonyms), [
        {"panel_id": panel_id, "account_id": account, "rater_id": random_id()} for account in names
    ])  # fmt: skip


def _add_round(tx: Tx, panel: Panel, kind: str, closes_at: datetime) -> None:
    values = {
        "panel_id": panel.id, "number": panel.round, "rule_sha256": panel.rule_sha256, "kind": kind,
        "opened_at": tx.now, "closes_at": closes_at,
    }  # fmt: skip
    tx.session.execute(insert(tables.panel_rounds).values(values))


def extend_round(tx: Tx, panel_id: UUID, version: int, closes_at: datetime) -> Panel:
    """Give the open round more time. Raises NotFound, Forbidden, Stale, WrongPhase, RoundClosed, Invalid."""
    panel = panel_store.coordinated_panel(tx, panel_id)
    panel.require_version(version)
    panel.extend(closes_at, tx.now)
    _set_round(tx, panel, {"closes_at": closes_at, "reminded_at": None})
    return panel


def close_round(tx: Tx, panel: Panel) -> None:
    """Close the open round of a locked Delphi; what follows is `judge` for a rating round."""
    kind = next(one["kind"] for one in panel_store.rounds_of(tx, panel.id) if one["number"] == panel.round)
    people = len(panel_store.answered(tx, panel.id, panel.round, kind))
    panel.close_round(kind)
    _set_round(tx, panel, {"closed_at": tx.now, "answered": people})


def _set_round(tx: Tx, panel: Panel, values: Row) -> None:
    table = tables.panel_rounds
    here = (table.c.panel_id == panel.id) & (table.c.number == panel.round)
    tx.session.execute(update(table).where(here).values(values))


def judge(tx: Tx, panel: Panel, figures: Row | None) -> None:
    """Store a round's figures once; settle the items in consensus; end the panel where its rule says so."""
    if panel.phase != rules.JUDGING:
        return
    this = figures is not None and any(one["number"] == panel.round for one in figures["rounds"])
    panel.judged(figures)
    if figures is None or not this:
        return
    last = figures["rounds"][-1]
    settled = [one["item"] for one in last["items"] if one["state"] == panel_figures.CONSENSUS]
    table = tables.panel_items
    mine = (table.c.panel_id == panel.id) & table.c.code.in_(settled) & table.c.settled_in.is_(None)
    tx.session.execute(update(table).where(mine).values(settled_in=panel.round))
    waiting = [item for item in panel_store.items_of(tx, panel.id) if item["settled_in"] is None]
    stop = last["stop"] or (SETTLED if not waiting else None)
    if stop:
        end_panel(tx, panel, stop, None)


def open_round(tx: Tx, panel_id: UUID, version: int, closes_at: datetime) -> Panel:
    """The next rating round. Raises NotFound, Forbidden, Stale, WrongPhase, Invalid `not-ready`."""
    panel = panel_store.coordinated_panel(tx, panel_id)
    panel.require_version(version)
    waiting = [item["statement"] for item in panel_store.items_of(tx, panel_id) if item["settled_in"] is None]
    number = panel.open_round(closes_at, waiting, tx.now)
    _add_round(tx, panel, rules.RATING_ROUND, closes_at)
    people = panel_store.members_of(tx, panel_id)
    opened = RoundOpened(panel.id, panel.title, number, closes_at, people)
    tx.publish(opened, subject=panel.id, version=panel.version)
    return panel


def stop_panel(tx: Tx, panel_id: UUID, version: int, note: Mapping[str, str]) -> Panel:
    """End it before its rule does, with the reason on record. Raises NotFound, Forbidden, Stale, WrongPhase."""
    panel = panel_store.coordinated_panel(tx, panel_id)
    panel.require_version(version)
    panel.require_phase(rules.BETWEEN, *rules.NOMINAL_PHASES)
    end_panel(tx, panel, rules.STOPPED, dict(note))
    return panel


def end_panel(tx: Tx, panel: Panel, reason: str, note: dict[str, str] | None) -> None:
    """Nothing more is asked: pseudonyms go, what was agreed becomes needs, and everybody on it is told."""
    panel.end(reason, note, tx.now)
    tx.session.flush()
    finish(tx, panel)


def finish(tx: Tx, panel: Panel) -> None:
    """What the end brings. Effect: after it nothing ties a rating, a vote or an idea to a person."""
    table = tables.panel_pseudonyms
    tx.session.execute(delete(table).where(table.c.panel_id == panel.id))
    needs = add_needs(tx, panel)
    people = panel_store.members_of(tx, panel.id)
    ended = PanelEnded(panel.id, panel.kind, panel.title, [need.id for need in needs], people)
    tx.publish(ended, subject=panel.id, version=panel.version)
