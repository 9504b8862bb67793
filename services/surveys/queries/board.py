"""Views of the board. Who expressed or supports an entry is in none of them, one's own and signed ones excepted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, case, exists, or_, select, tuple_

from services.surveys import panel_store, policy, tables
from services.surveys.domain import board as rules
from services.surveys.domain.loop import SMALLEST_SHOWN, count_view
from services.surveys.queries.keys import key_of, place
from services.surveys.queries.needs import shown_id
from shared.db.tx import Tx, rows
from shared.errors import NotFound
from shared.paging import PageRequest, page_of
from shared.text import fold

View = dict[str, Any]
Entry = tables.board_entries
SUPPORT, NEWEST = SORTS = ("support", "newest")
STANDING = (rules.OPEN, rules.TAKEN_UP, rules.CLOSED, "all")
COMPARED = 500
SIMILAR = 5


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """`standing`: open (nothing answers it yet), taken-up (linked), closed, all; `mine`: expressed or supported."""

    q: str = ""
    standing: str = "open"
    topic: str | None = None
    mine: bool = False
    sort: str = SUPPORT


def list_entries(tx: Tx, wanted: BoardFilter, request: PageRequest) -> View:
    """A page; one statement whatever the number of rows. Merged entries show in the one that stands for them."""
    chosen = _filtered(tx, wanted)
    if wanted.sort == NEWEST:
        chosen = chosen.order_by(Entry.c.expressed_on.desc(), Entry.c.id.desc())
        if key := key_of(request, date.fromisoformat, UUID):
            chosen = chosen.where(tuple_(Entry.c.expressed_on, Entry.c.id) < tuple_(*key))
        found = rows(tx, chosen.limit(request.limit + 1))
        return page_of(
            found, request, lambda r: (r["expressed_on"].isoformat(), r["id"]), lambda r: view(tx, r)
        )
    weight = _weight(tx)
    chosen = chosen.order_by(weight.desc(), Entry.c.id.desc())
    if key := key_of(request, place, UUID):
        chosen = chosen.where(tuple_(weight, Entry.c.id) < tuple_(*key))
    found = rows(tx, chosen.limit(request.limit + 1))
    return page_of(found, request, lambda row: (row["weight"], row["id"]), lambda row: view(tx, row))


def _weight(tx: Tx) -> Any:
    """Supports as the reader may know them, so that the order does not tell what the count hides."""
    if policy.can_see_small_counts(tx.actor):
        return Entry.c.supports
    return case((Entry.c.supports < SMALLEST_SHOWN, 0), else_=Entry.c.supports)


def entry_rows(tx: Tx) -> Select[Any]:
    """Entries with one's own support."""
    account = tx.actor.require_account()
    other = tables.board_entries.alias()
    mine = tables.board_supports
    supported = exists(
        select(mine.c.entry_id)
        .join(other, other.c.id == mine.c.entry_id)
        .where(other.c.root_id == Entry.c.root_id, mine.c.account_id == account)
        .correlate(Entry)
    )
    return select(Entry, supported.label("supported"), _weight(tx).label("weight"))


def _filtered(tx: Tx, wanted: BoardFilter) -> Select[Any]:
    chosen = entry_rows(tx).where(Entry.c.status != rules.MERGED)
    linked = Entry.c.link_kind.is_not(None)
    standing = {
        rules.OPEN: and_(Entry.c.status == rules.OPEN, ~linked),
        rules.TAKEN_UP: and_(Entry.c.status == rules.OPEN, linked),
        rules.CLOSED: Entry.c.status == rules.CLOSED,
    }
    if wanted.standing in standing:
        chosen = chosen.where(standing[wanted.standing])
    if wanted.topic:
        chosen = chosen.where(Entry.c.topic == wanted.topic)
    if wanted.mine:
        account, group = tx.actor.require_account(), tables.board_entries.alias()
        mine = tables.board_supports
        own = (
            select(group.c.root_id)
            .join(mine, mine.c.entry_id == group.c.id)
            .where(mine.c.account_id == account)
        )
        chosen = chosen.where(or_(Entry.c.author_id == account, Entry.c.id.in_(own)))
    for word in fold(wanted.q).split():
        chosen = chosen.where(Entry.c.words.contains(word, autoescape=True))
    return chosen


def get_entry(tx: Tx, entry_id: UUID) -> View:
    """One entry with what was merged into it and the panels that use it. Raises NotFound."""
    found = rows(tx, entry_rows(tx).where(Entry.c.id == entry_id))
    if not found:
        raise NotFound
    row = found[0]
    group = select(Entry.c.id, Entry.c.statement).where(Entry.c.merged_into == entry_id).order_by(Entry.c.id)
    merged = [{"id": str(one["id"]), "statement": one["statement"]} for one in rows(tx, group)]
    return view(tx, row) | {"merged": merged, "panels": _panels(tx, entry_id)}


def _panels(tx: Tx, entry_id: UUID) -> list[View]:
    """Those that have started: a draft is the coordination's own matter. `open`: the actor may see more than its name."""
    use, panel = tables.panel_uses, tables.panels
    shown = (panel.c.id, panel.c.title, panel.c.kind, panel_store.seen_by(tx.actor).label("open"))
    chosen = select(*shown).join(use, use.c.panel_id == panel.c.id)
    started = chosen.where(use.c.entry_id == entry_id, panel.c.started_at.is_not(None)).order_by(panel.c.id)
    return [{"id": str(row["id"]), "title": row["title"], "kind": row["kind"], "open": bool(row["open"])}
            for row in rows(tx, started)]  # fmt: skip


def view(tx: Tx, row: View) -> View:
    """Entry."""
    account, coordinates = tx.actor.require_account(), policy.can_coordinate(tx.actor)
    mine, is_open = row["author_id"] == account, row["status"] == rules.OPEN
    link = {"kind": row["link_kind"], "id": str(row["link_id"])} if row["link_id"] else None
    author = shown_id(row["author_id"]) if row["signed"] else None
    return {
        "id": str(row["id"]),
        "version": row["version"],
        "statement": row["statement"],
        "original": row["original"] if coordinates or mine else None,
        "topic": row["topic"],
        "status": row["status"],
        "standing": rules.TAKEN_UP if is_open and link else row["status"],
        "outcome": row["outcome"],
        "reason": row["reason"],
        "link": link,
        "merged_into": shown_id(row["merged_into"]),
        "supports": count_view(row["supports"], policy.can_see_small_counts(tx.actor)),
        "supported": bool(row["supported"]),
        "mine": mine,
        "author_id": author,
        "expressed_on": row["expressed_on"].isoformat(),
        "closed_on": closed_on(row),
        "can": {"support": is_open, "withdraw": is_open and mine, "coordinate": coordinates and is_open,
                "part": coordinates and row["status"] == rules.MERGED},
    }  # fmt: skip


def closed_on(row: View) -> str | None:
    """The day on which it was answered; when an author took words back is nobody's business."""
    answered = row["closed_at"] and row["outcome"] != rules.WITHDRAWN
    return row["closed_at"].date().isoformat() if answered else None


def similar(tx: Tx, text: str) -> View:
    """What says nearly the same, on the board or among the needs, the likest first: at most five."""
    wanted = rules.stems([text])
    tx.actor.require_account()
    open_ones = (
        entry_rows(tx).where(Entry.c.status == rules.OPEN).order_by(Entry.c.expressed_on.desc(), Entry.c.id)
    )
    found = [("board", row) for row in rows(tx, open_ones.limit(COMPARED))]
    need = tables.needs
    newest = select(need.c.id, need.c.statement, need.c.status).order_by(
        need.c.ranked_at.desc(), need.c.place
    )
    found += [("need", row) for row in rows(tx, newest.where(need.c.entry_id.is_(None)).limit(COMPARED))]
    scored = [
        (rules.likeness(wanted, rules.stems([half])), kind, row)
        for kind, row in found
        for half in row["statement"].values()
    ]
    best: dict[tuple[str, Any], tuple[float, View]] = {}
    for score, kind, row in scored:
        if score >= rules.LIKE_FROM and score > best.get((kind, row["id"]), (0.0, {}))[0]:
            best[kind, row["id"]] = (score, _like(tx, kind, row))
    ordered = sorted(best.values(), key=lambda one: (-one[0], one[1]["kind"], one[1]["id"]))
    return {"items": [one for _, one in ordered[:SIMILAR]]}


def _like(tx: Tx, kind: str, row: View) -> View:
    exact = policy.can_see_small_counts(tx.actor)
    return {
        "kind": kind,
        "id": str(row["id"]),
        "statement": row["statement"],
        "status": row["status"],
        "supports": count_view(row["supports"], exact) if kind == "board" else None,
        "supported": bool(row["supported"]) if kind == "board" else None,
    }
