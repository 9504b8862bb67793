"""Views of panels. No view says who gave which rating, vote, comment or idea; one's own are one's own alone."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select

from services.surveys import panel_figures, panel_store, policy, tables
from services.surveys.commands.nominal import whose_turn
from services.surveys.domain import panel as rules
from services.surveys.domain.audience import roles_of
from services.surveys.domain.panel import Panel
from services.surveys.queries.keys import key_of
from services.surveys.queries.needs import shown_id
from services.surveys.queries.surveys import instant
from services.surveys.store import require_coordinator
from services.surveys.templates import bank
from shared.db.tx import Tx, rows
from shared.paging import PageRequest, page_of

View = dict[str, Any]
Table = tables.panels
FEED = 40
OPEN_PHASES = (rules.ROUND, *rules.NOMINAL_PHASES)


@dataclass(frozen=True, slots=True)
class PanelFilter:
    """None: no filter. `standing`: draft, running, ended."""

    kind: str | None = None
    standing: str | None = None


def list_panels(tx: Tx, wanted: PanelFilter, request: PageRequest) -> View:
    """A page of PanelSummary, newest first; one statement whatever the number of rows."""
    tx.actor.require_account()
    chosen = _summaries(tx)
    if wanted.kind:
        chosen = chosen.where(Table.c.kind == wanted.kind)
    if wanted.standing:
        ended, draft = Table.c.ended_at.is_not(None), Table.c.phase == rules.DRAFT
        chosen = chosen.where({"ended": ended, "draft": draft}.get(wanted.standing, ~ended & ~draft))
    if key := key_of(request, UUID):
        chosen = chosen.where(Table.c.id < key[0])
    found = rows(tx, chosen.order_by(Table.c.id.desc()).limit(request.limit + 1))
    return page_of(found, request, lambda row: (row["id"],), summary)


def _summaries(tx: Tx) -> Any:
    member = tables.panel_members
    people = select(func.count()).where(member.c.panel_id == Table.c.id).correlate(Table).scalar_subquery()
    mine = (
        select(func.count())
        .where(member.c.panel_id == Table.c.id, member.c.account_id == tx.actor.account_id)
        .correlate(Table)
        .scalar_subquery()
    )
    names = (
        "id",
        "version",
        "kind",
        "title",
        "phase",
        "round",
        "closes_at",
        "started_at",
        "ended_at",
        "end_reason",
    )
    columns = [Table.c[name] for name in names]
    return select(*columns, people.label("people"), mine.label("mine")).where(panel_store.seen_by(tx.actor))


def summary(row: View) -> View:
    """PanelSummary."""
    plain = ("version", "kind", "title", "phase", "round", "end_reason", "people")
    dates = ("closes_at", "started_at", "ended_at")
    shown = {name: row[name] for name in plain} | {name: instant(row[name]) for name in dates}
    return {"id": str(row["id"])} | shown | {"member": bool(row["mine"])}


def to_answer(tx: Tx, limit: int) -> list[View]:
    """Panels that wait for the actor: an open round with something left, a group in session. For Today."""
    if tx.actor.account_id is None:
        return []
    member = tables.panel_members
    seat = and_(member.c.panel_id == Table.c.id, member.c.account_id == tx.actor.account_id)
    open_ones = select(Panel).join(member, seat).where(Table.c.phase.in_(OPEN_PHASES))
    found = (
        tx.session.execute(open_ones.order_by(Table.c.closes_at, Table.c.id).limit(4 * limit)).scalars().all()
    )
    views = [
        (panel, _mine(tx, panel)) for panel in found if panel.closes_at is None or tx.now < panel.closes_at
    ]
    waiting = [
        {
            "id": str(panel.id),
            "kind": panel.kind,
            "title": panel.title,
            "closes_at": instant(panel.closes_at),
            **mine,
        }
        for panel, mine in views
        if not panel.is_delphi or mine["answered"] < mine["total"]
    ]
    return waiting[:limit]


def get_panel(tx: Tx, panel_id: UUID) -> View:
    """Panel, for those who may see it. Raises NotFound."""
    return panel_view(tx, panel_store.visible_panel(tx, panel_id))


def panel_view(tx: Tx, panel: Panel) -> View:
    """A Panel whole, as the actor sees it."""
    leads, coordinates = panel_store.leads(tx.actor, panel), policy.can_coordinate(tx.actor)
    people = panel_store.members_of(tx, panel.id)
    rounds = panel_store.rounds_of(tx, panel.id)
    plain = ("version", "kind", "title", "intro", "question", "phase", "round", "scale", "rule", "rule_sha256",
             "first_round", "minutes", "end_reason", "end_note")  # fmt: skip
    turn = whose_turn(tx, panel) if panel.phase == rules.SHARING else None
    inside = leads or tx.actor.account_id in people
    return {name: getattr(panel, name) for name in plain} | {
        "id": str(panel.id),
        "closes_at": instant(panel.closes_at),
        "started_at": instant(panel.started_at),
        "ended_at": instant(panel.ended_at),
        "people": len(people),
        "audience_roles": roles_of(panel.audience) if coordinates else None,
        "member_ids": list(panel.chosen) if coordinates and panel.is_draft else None,
        "rounds": [_round(one) for one in rounds],
        "items": len(panel_store.items_of(tx, panel.id)),
        "turn_of": shown_id(turn) if inside else None,
        "turn": panel.turn,
        "member": tx.actor.account_id in people,
        "mine": _mine(tx, panel),
        "progress": _progress(tx, panel, rounds) if leads else None,
        "can": _can(tx, panel, people),
    }


def _round(row: View) -> View:
    """A count of people under five shows nothing."""
    return {
        "number": row["number"],
        "kind": row["kind"],
        "opened_at": instant(row["opened_at"]),
        "closes_at": instant(row["closes_at"]),
        "closed_at": instant(row["closed_at"]),
        "answered": row["answered"] if (row["answered"] or 0) >= rules.SMALLEST else None,
    }


def _kind(panel: Panel) -> str:
    return panel.first_round if panel.round == 1 else rules.RATING_ROUND


def _mine(tx: Tx, panel: Panel) -> View:
    """How much of the round one has answered oneself."""
    rater = panel_store.rater_of(tx, panel.id)
    if rater is None or panel.is_draft:
        return {"answered": 0, "total": 0}
    if panel.is_delphi and _kind(panel) == rules.RATING_ROUND:
        asked = [item["id"] for item in panel_store.items_of(tx, panel.id) if item["settled_in"] is None]
        given = [one for one in _own_ratings(tx, panel, rater, panel.round).values() if one["points"]]
        return {"answered": len(given), "total": len(asked)}
    if panel.phase in (rules.VOTE, rules.REVOTE):
        return {"answered": 1 if _own_ballot(tx, panel, rater) else 0, "total": 1}
    return {"answered": 1 if _own_ideas(tx, panel, rater) else 0, "total": 1}


def _progress(tx: Tx, panel: Panel, rounds: list[View]) -> View | None:
    """Who leads sees how many have answered, never who."""
    people = len(panel_store.members_of(tx, panel.id))
    if panel.phase == rules.ROUND:
        kind = rounds[-1]["kind"]
        return {"answered": len(panel_store.answered(tx, panel.id, panel.round, kind)), "people": people}
    if panel.phase in (rules.VOTE, rules.REVOTE):
        cast = {one.rater for one in panel_store.votes_of(tx, panel.id) if one.vote == panel.round}
        return {"answered": len(cast), "people": people}
    if panel.phase == rules.SILENT:
        return {"answered": len(panel_store.answered(tx, panel.id, 1, "open")), "people": people}
    return None


def _can(tx: Tx, panel: Panel, people: list[UUID]) -> View:
    coordinates, phase = policy.can_coordinate(tx.actor), panel.phase
    leads, seated = panel_store.leads(tx.actor, panel), tx.actor.account_id in people
    overdue = panel.closes_at is not None and tx.now >= panel.closes_at
    running = phase in (rules.BETWEEN, *rules.NOMINAL_PHASES)
    return {
        "edit": coordinates and phase == rules.DRAFT,
        "items": coordinates and (phase in (rules.DRAFT, rules.BETWEEN) or (phase == rules.ROUND and _kind(panel) == "open")),
        "start": coordinates and phase == rules.DRAFT,
        "close": coordinates and phase == rules.ROUND,
        "extend": coordinates and phase == rules.ROUND and not overdue,
        "open": coordinates and phase == rules.BETWEEN,
        "stop": coordinates and running,
        "answer": seated and phase == rules.ROUND and not overdue,
        "lead": leads and not panel.is_delphi,
        "next": list(rules.next_phases(phase)) if leads and not panel.is_delphi else [],
        "results": panel.result is not None,
    }  # fmt: skip


def get_sheet(tx: Tx, panel_id: UUID) -> View:
    """What one works with now: items with what the round before gave, and one's own ideas, ratings or ballot."""
    panel = panel_store.visible_panel(tx, panel_id)
    rater = panel_store.rater_of(tx, panel_id)
    items = panel_store.items_of(tx, panel_id)
    if panel.is_delphi and panel.phase == rules.ROUND:
        shown = (
            [item for item in items if item["settled_in"] is None]
            if _kind(panel) == rules.RATING_ROUND
            else []
        )
    else:
        shown = items
    now = _own_ratings(tx, panel, rater, panel.round) if rater else {}
    before = _own_ratings(tx, panel, rater, panel.round - 1) if rater else {}
    group, comments = _feedback(panel), _comments(tx, panel)
    return {
        "panel_id": str(panel_id),
        "version": panel.version,
        "ideas": _own_ideas(tx, panel, rater) if rater else [],
        "ballot": _own_ballot(tx, panel, rater) if rater else [],
        "items": [
            {
                "id": str(item["id"]),
                "code": item["code"],
                "statement": item["statement"],
                "sources": [one["kind"] for one in item["sources"]],
                "points": now.get(item["id"], {}).get("points"),
                "comment": now.get(item["id"], {}).get("comment"),
                "previous": before.get(item["id"], {}).get("points"),
                "group": group.get(item["code"]),
                "comments": comments.get(item["id"], []),
            }
            for item in shown
        ],
    }


def _feedback(panel: Panel) -> dict[str, View]:
    """By code the group's answer in the last judged round that showed the item."""
    if panel.result is None or not panel.is_delphi:
        return {}
    names = ("median", "q1", "q3", "iqr", "agreement", "n", "round")
    found = panel_figures.last_states(panel.result)
    return {code: {name: one[name] for name in names} for code, one in found.items()}


def _comments(tx: Tx, panel: Panel) -> dict[UUID, list[View]]:
    """Comments of the round before on items whose figures it shows, in an order that says nothing of who wrote them or
    when. For those who sit on the panel or lead it: they were written for them.
    """
    table, item = tables.panel_ratings, tables.panel_items
    number = panel.round - 1 if panel.phase == rules.ROUND else panel.round
    if not (panel_store.leads(tx.actor, panel) or panel_store.is_member(tx, panel.id)):
        return {}
    judged = (panel.result or {}).get("rounds", ()) if panel.is_delphi else ()
    told = {
        one["item"]
        for last in judged
        if last["number"] == number
        for one in last["items"]
        if not one["suppressed"]
    }
    chosen = select(table.c.item_id, table.c.comment, table.c.language)
    written = chosen.join(item, item.c.id == table.c.item_id).where(
        table.c.panel_id == panel.id,
        table.c.round == number,
        table.c.comment.is_not(None),
        item.c.code.in_(told),
    )
    found: dict[UUID, list[View]] = {}
    for row in sorted(rows(tx, written), key=lambda one: hashlib.sha256(one["comment"].encode()).digest()):
        if row["comment"]:
            shown = {"text": row["comment"], "language": row["language"]}
            found.setdefault(row["item_id"], []).append(shown)
    return found


def _own_ratings(tx: Tx, panel: Panel, rater: UUID, number: int) -> dict[UUID, View]:
    table = tables.panel_ratings
    mine = (table.c.panel_id == panel.id) & (table.c.round == number) & (table.c.rater_id == rater)
    found = rows(tx, select(table.c.item_id, table.c.points, table.c.comment).where(mine))
    return {row["item_id"]: row for row in found}


def _own_ideas(tx: Tx, panel: Panel, rater: UUID) -> list[View]:
    table = tables.panel_ideas
    mine = select(table).where(table.c.panel_id == panel.id, table.c.rater_id == rater).order_by(table.c.id)
    return [
        {"id": str(row["id"]), "text": row["text"], "language": row["language"]} for row in rows(tx, mine)
    ]


def _own_ballot(tx: Tx, panel: Panel, rater: UUID) -> list[str]:
    """Item ids, five points first."""
    table = tables.panel_votes
    mine = (table.c.panel_id == panel.id) & (table.c.vote == panel.round) & (table.c.rater_id == rater)
    chosen = select(table.c.item_id).where(mine).order_by(table.c.points.desc())
    return [str(item) for item in tx.session.execute(chosen).scalars()]


def get_feed(tx: Tx, panel_id: UUID) -> View:
    """What items can be built from: the panellists' ideas, the board, the bank; and the items as they are."""
    panel = panel_store.visible_panel(tx, panel_id)
    require_coordinator(tx.actor)
    idea, entry = tables.panel_ideas, tables.board_entries
    ideas = (
        rows(tx, select(idea).where(idea.c.panel_id == panel_id).order_by(idea.c.id))
        if panel.is_delphi
        else []
    )
    board = select(entry.c.id, entry.c.statement, entry.c.supports).where(entry.c.status == "open")
    most = board.order_by(entry.c.supports.desc(), entry.c.id).limit(FEED)
    rated = _rated_items(tx, panel_id)
    return {
        "panel_id": str(panel_id),
        "version": panel.version,
        "ideas": [{"ref": str(row["id"]), "text": row["text"], "language": row["language"]} for row in ideas],
        "board": [{"ref": str(row["id"]), "statement": row["statement"], "supports": row["supports"]} for row in rows(tx, most)],
        "bank": [{"ref": code, "statement": statement} for code, statement in bank().items()],
        "items": [
            {"id": str(item["id"]), "code": item["code"], "statement": item["statement"], "sources": item["sources"],
             "settled_in": item["settled_in"], "rated": item["id"] in rated}
            for item in panel_store.items_of(tx, panel_id)
        ],
    }  # fmt: skip


def _rated_items(tx: Tx, panel_id: UUID) -> set[UUID]:
    table = tables.panel_ratings
    return set(tx.session.execute(select(table.c.item_id).where(table.c.panel_id == panel_id)).scalars())


def _shown_figures(figures: View) -> View:
    """Under five, how many stayed from the round before is not told."""
    if "rounds" not in figures:
        return figures
    hidden = [
        one | {"stayed": None} if (one["stayed"] or 0) < rules.SMALLEST else one for one in figures["rounds"]
    ]
    return figures | {"rounds": hidden}


def get_results(tx: Tx, panel_id: UUID) -> View:
    """The stored figures of a panel, for those who may see it. Raises NotFound, NoResults. Nothing is computed here."""
    panel = panel_store.visible_panel(tx, panel_id)
    if panel.result is None:
        raise rules.NoResults
    items = {item["code"]: item for item in panel_store.items_of(tx, panel_id, standing=False)}
    need = tables.needs
    found = rows(tx, select(need.c.id, need.c.panel_item_id).where(need.c.panel_id == panel_id))
    needs = {row["panel_item_id"]: str(row["id"]) for row in found}
    people = len(panel_store.members_of(tx, panel_id))
    return {
        "panel_id": str(panel_id),
        "kind": panel.kind,
        "title": panel.title,
        "phase": panel.phase,
        "scale": panel.scale,
        "rule": panel.rule if panel.is_delphi else None,
        "rule_sha256": panel.rule_sha256 if panel.is_delphi else None,
        "end_reason": panel.end_reason,
        "end_note": panel.end_note,
        "people": people,
        "rounds": [_round(one) for one in panel_store.rounds_of(tx, panel_id)],
        "figures": _shown_figures(panel.result),
        "items": [
            {"id": str(item["id"]), "code": code, "statement": item["statement"], "sources": item["sources"],
             "settled_in": item["settled_in"], "need_id": needs.get(item["id"]),
             "merged_into": shown_id(item["merged_into"])}
            for code, item in items.items()
        ],
    }  # fmt: skip
