"""Writes on the board. The entry that stands for all merged into it is locked before anything is counted."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update

from services.surveys import store, tables
from services.surveys.domain import board as rules
from services.surveys.domain.need import BOARD, Need, panel_metric
from shared.contracts.surveys import EntryAnswered
from shared.db.dialect import insert_new
from shared.db.tx import Tx, rows
from shared.errors import FieldProblem, Invalid, NotFound, Stale
from shared.ids import new_id, random_id
from shared.text import fold

Row = dict[str, Any]
Entry = tables.board_entries
Support = tables.board_supports
SMALLEST = 5


@dataclass(frozen=True, slots=True)
class Express:
    """`other`: the same in the other language, or empty. `signed`: with one's name."""

    text: str
    language: str
    other: str = ""
    topic: str | None = None
    signed: bool = False


@dataclass(frozen=True, slots=True)
class CloseEntry:
    """`link`: (kind, id) of what answers it, or None."""

    entry_id: UUID
    version: int
    outcome: str
    reason: Mapping[str, str]
    link: tuple[str, UUID] | None = None


def express(tx: Tx, cmd: Express, key: str | None = None) -> UUID:
    """A new entry; its author is the first who supports it. The same `key` again: the same entry, nothing new.

    The call is not remembered, since its answer would tie the author to the entry; the id comes of the key instead,
    which is kept nowhere.
    """
    account = tx.actor.require_account()
    entry_id = _id_from(account, key) if key else random_id()
    second = "en" if cmd.language == "fr" else "fr"
    statement = {cmd.language: cmd.text, second: cmd.other}
    values = {
        "id": entry_id,
        "root_id": entry_id,
        "statement": statement,
        "original": {"language": cmd.language, "text": cmd.text},
        "words": fold(f"{cmd.text} {cmd.other}"),
        "topic": cmd.topic,
        "author_id": account,
        "signed": cmd.signed,
        "status": rules.OPEN,
        "supports": 1,
        "expressed_on": tx.now.date(),
        "version": 1,
    }
    if insert_new(tx.session, Entry, values):
        tx.session.execute(insert(Support).values(entry_id=entry_id, account_id=account))
    return entry_id


def _id_from(account: UUID, key: str) -> UUID:
    return UUID(bytes=hashlib.sha256(f"board|{account}|{key}".encode()).digest()[:16], version=4)


def support(tx: Tx, entry_id: UUID) -> UUID:
    """One support per person over all that was merged; again changes nothing. The id of the entry that stands.

    Raises NotFound, EntryNotOpen.
    """
    account = tx.actor.require_account()
    root = _standing(tx, entry_id)
    if not _supports(tx, root["id"], account):
        insert_new(tx.session, Support, {"entry_id": root["id"], "account_id": account})
        _count(tx, root["id"])
    return UUID(str(root["id"]))


def withdraw_support(tx: Tx, entry_id: UUID) -> UUID:
    """Take it back, wherever it was given. Raises NotFound, EntryNotOpen."""
    account = tx.actor.require_account()
    root = _standing(tx, entry_id)
    group = select(Entry.c.id).where(Entry.c.root_id == root["id"])
    mine = Support.c.entry_id.in_(group) & (Support.c.account_id == account)
    tx.session.execute(delete(Support).where(mine))
    _count(tx, root["id"])
    return UUID(str(root["id"]))


def edit(tx: Tx, entry_id: UUID, version: int, changes: Mapping[str, Any]) -> None:
    """Word it in both languages for the record; the original stays. Raises NotFound, EntryNotOpen, Stale."""
    store.require_coordinator(tx.actor)
    entry = _open(tx, entry_id, version)
    if "statement" in changes:
        changes = {
            **changes,
            "words": fold(" ".join((*changes["statement"].values(), entry["original"]["text"]))),
        }
    _set(tx, entry, changes)


def withdraw(tx: Tx, entry_id: UUID) -> None:
    """The author's own way out: its words go; the row goes too unless others have built on it.

    The call is not remembered. Again: nothing more where the row stayed; where it went, there is nothing to be found.
    Raises NotFound, also for anybody else; EntryNotOpen.
    """
    account = tx.actor.require_account()
    entry = _locked(tx, entry_id)
    if entry["outcome"] == rules.WITHDRAWN:
        return
    if entry["author_id"] != account:
        raise NotFound
    if entry["status"] != rules.OPEN:
        raise rules.EntryNotOpen
    # What others said goes on standing by itself.
    merged = select(Entry.c.id).where(Entry.c.merged_into == entry_id).order_by(Entry.c.id)
    for one in tx.session.execute(merged).scalars().all():
        _part(tx, _locked(tx, one), entry_id)
    entry = _locked(tx, entry_id)
    if entry["supports"] <= 1 and not _built_on(tx, entry_id):
        tx.session.execute(delete(Support).where(Support.c.entry_id == entry_id))
        tx.session.execute(delete(Entry).where(Entry.c.id == entry_id))
        return
    _forget(tx, entry_id)
    blank = {"fr": "", "en": ""}
    gone = {"statement": blank, "original": {"language": "fr", "text": ""}, "words": ""}
    _set(tx, entry, gone | _closing(tx, rules.WITHDRAWN, blank, None))


def merge(tx: Tx, entry_id: UUID, into_id: UUID) -> UUID:
    """Let `into_id` stand for `entry_id` too: supports are united, a person counts once; it can be undone.

    Raises NotFound, EntryNotOpen, SameEntry.
    """
    store.require_coordinator(tx.actor)
    found = {one: _locked(tx, one) for one in sorted((entry_id, into_id))}
    if entry_id == into_id:
        raise rules.SameEntry
    if any(entry["status"] != rules.OPEN for entry in found.values()):
        raise rules.EntryNotOpen
    _set(tx, found[entry_id], {"status": rules.MERGED, "merged_into": into_id, "root_id": into_id})
    moved = update(Entry).where(Entry.c.root_id == entry_id).values(root_id=into_id)
    tx.session.execute(moved)
    _count(tx, into_id)
    return into_id


def unmerge(tx: Tx, entry_id: UUID) -> None:
    """Part them again, each with the supports it was given itself. Raises NotFound, EntryNotMerged, EntryNotOpen."""
    store.require_coordinator(tx.actor)
    root_id = _value(tx, Entry.c.root_id, entry_id)
    for one in sorted({entry_id, root_id}):
        _locked(tx, one)
    entry, root = _locked(tx, entry_id), _locked(tx, root_id)
    if entry["status"] != rules.MERGED or entry["root_id"] != root_id:
        raise rules.EntryNotMerged
    if root["status"] != rules.OPEN:
        raise rules.EntryNotOpen
    _part(tx, entry, root_id)


def _part(tx: Tx, entry: Row, root_id: UUID) -> None:
    """Let a locked entry stand by itself, with what was merged into it."""
    entry_id = entry["id"]
    _set(tx, entry, {"status": rules.OPEN, "merged_into": None, "root_id": entry_id})
    group = rows(tx, select(Entry.c.id, Entry.c.merged_into).where(Entry.c.root_id == root_id))
    parents = {row["id"]: row["merged_into"] for row in group} | {entry_id: None}
    for one, standing in rules.roots(parents).items():
        if standing == entry_id and one != entry_id:
            tx.session.execute(update(Entry).where(Entry.c.id == one).values(root_id=entry_id))
    for one in (entry_id, root_id):
        _count(tx, one)


def close(tx: Tx, cmd: CloseEntry) -> None:
    """Say what became of it, and why; who expressed it unsigned is forgotten, who supports it is told.

    Raises NotFound, EntryNotOpen, Stale, Invalid.
    """
    store.require_coordinator(tx.actor)
    entry = _open(tx, cmd.entry_id, cmd.version)
    _tell(tx, entry, rules.CLOSED)
    _forget(tx, entry["id"])
    _set(tx, entry, _closing(tx, cmd.outcome, cmd.reason, cmd.link))


def link(tx: Tx, entry_id: UUID, version: int, to: tuple[str, UUID] | None) -> None:
    """Tie an open entry to what takes it up, or untie it; who supports it is told when it is first taken up.

    Raises NotFound, EntryNotOpen, Stale, Invalid.
    """
    store.require_coordinator(tx.actor)
    _take_up(tx, _open(tx, entry_id, version), to)


def adopt(tx: Tx, entry_id: UUID, version: int) -> UUID:
    """Make it a need of the loop; who supports it is told unless it was taken up already.

    Raises NotFound, EntryNotOpen, EntryAnswered, Stale, Invalid `statement.*`.
    """
    store.require_coordinator(tx.actor)
    entry = _open(tx, entry_id, version)
    if missing := [code for code in ("fr", "en") if not entry["statement"].get(code)]:
        raise Invalid(fields=[FieldProblem(f"statement.{code}", "missing") for code in missing])
    known = select(tables.needs.c.id).where(tables.needs.c.entry_id == entry_id)
    if tx.session.execute(known).first() or entry["link_kind"] == "need":
        raise rules.EntryAnswered
    shown = entry["supports"] if entry["supports"] >= SMALLEST else None
    need = Need(
        id=new_id(), survey_id=None, item_id=None, code=f"board.{entry_id.hex[:12]}", statement=entry["statement"],
        place=1, rank=None, metric=panel_metric(BOARD, indicative=False, n=shown, value=shown), ranked_at=tx.now,
        source_type=BOARD, entry_id=entry_id,
    )  # fmt: skip
    tx.add(need)
    tx.session.flush()
    _take_up(tx, entry, ("need", need.id))
    return need.id


def _take_up(tx: Tx, entry: Row, to: tuple[str, UUID] | None) -> None:
    _set(tx, entry, _link_values(tx, to))
    if to is not None and entry["link_id"] is None:
        _tell(tx, entry, rules.TAKEN_UP)


def _tell(tx: Tx, entry: Row, standing: str) -> None:
    """To everybody who stands behind it now. One list by id, so that nothing tells the author from the others."""
    group = select(Entry.c.id).where(Entry.c.root_id == entry["id"])
    chosen = select(Support.c.account_id).where(Support.c.entry_id.in_(group)).distinct()
    people = sorted(set(tx.session.execute(chosen).scalars()) - {tx.actor.account_id})
    tx.publish(
        EntryAnswered(entry["id"], standing, people), subject=entry["id"], version=entry["version"] + 1
    )


def _closing(tx: Tx, outcome: str, reason: Mapping[str, str], to: tuple[str, UUID] | None) -> Row:
    linked = _link_values(tx, to) if to else {}
    done = {"status": rules.CLOSED, "outcome": outcome, "reason": dict(reason), "closed_at": tx.now}
    return done | linked


def _forget(tx: Tx, root_id: UUID) -> None:
    """Who expressed an entry, or one merged into it, unsigned; and their own support, which would name them again."""
    unsigned = (Entry.c.root_id == root_id) & ~Entry.c.signed & Entry.c.author_id.is_not(None)
    for row in rows(tx, select(Entry.c.id, Entry.c.author_id).where(unsigned)):
        first = (Support.c.entry_id == row["id"]) & (Support.c.account_id == row["author_id"])
        tx.session.execute(delete(Support).where(first))
    tx.session.execute(update(Entry).where(unsigned).values(author_id=None))


def _link_values(tx: Tx, to: tuple[str, UUID] | None) -> Row:
    """What this service knows must exist; a course is taken at its word, like any address."""
    if to is None:
        return {"link_kind": None, "link_id": None}
    kind, found = to
    known = {"need": tables.needs, "proposal": tables.proposals, "survey": tables.surveys, "panel": tables.panels,
             "course": tables.loop_courses}[kind]  # fmt: skip
    key = known.c.course_id if kind == "course" else known.c.id
    if tx.session.execute(select(key).where(key == found)).first() is None:
        raise Invalid(fields=[FieldProblem("link.id", "nothing-there")])
    return {"link_kind": kind, "link_id": found}


def _locked(tx: Tx, entry_id: UUID) -> Row:
    found = rows(tx, select(Entry).where(Entry.c.id == entry_id).with_for_update())
    if not found:
        raise NotFound
    return found[0]


def _open(tx: Tx, entry_id: UUID, version: int) -> Row:
    entry = _locked(tx, entry_id)
    if entry["status"] != rules.OPEN:
        raise rules.EntryNotOpen
    if entry["version"] != version:
        raise Stale
    return entry


def _standing(tx: Tx, entry_id: UUID) -> Row:
    """The open entry that stands for this one, locked. A merging that came between is followed."""
    tx.actor.require_account()
    root = _locked(tx, _value(tx, Entry.c.root_id, entry_id))
    while root["status"] == rules.MERGED:
        root = _locked(tx, root["root_id"])
    if root["status"] != rules.OPEN:
        raise rules.EntryNotOpen
    return root


def _value(tx: Tx, column: Any, entry_id: UUID) -> UUID:
    found: UUID | None = tx.session.execute(select(column).where(Entry.c.id == entry_id)).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def _supports(tx: Tx, root_id: UUID, account: UUID) -> bool:
    group = select(Entry.c.id).where(Entry.c.root_id == root_id)
    mine = select(Support.c.entry_id).where(Support.c.account_id == account, Support.c.entry_id.in_(group))
    return tx.session.execute(mine).first() is not None


def _built_on(tx: Tx, entry_id: UUID) -> bool:
    """A panel uses it, or it is a need."""
    checks = (
        select(tables.panel_uses.c.entry_id).where(tables.panel_uses.c.entry_id == entry_id),
        select(tables.needs.c.id).where(tables.needs.c.entry_id == entry_id),
    )
    return any(tx.session.execute(check).first() for check in checks)


def _count(tx: Tx, root_id: UUID) -> None:
    group = select(Entry.c.id).where(Entry.c.root_id == root_id)
    people = select(func.count(Support.c.account_id.distinct())).where(Support.c.entry_id.in_(group))
    counted = int(tx.session.execute(people).scalar_one())
    tx.session.execute(update(Entry).where(Entry.c.id == root_id).values(supports=counted))


def _set(tx: Tx, entry: Row, changes: Mapping[str, Any]) -> None:
    changed = update(Entry).where(Entry.c.id == entry["id"])
    tx.session.execute(changed.values(**changes, version=entry["version"] + 1))
