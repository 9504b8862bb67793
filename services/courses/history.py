"""Keeping a course as it is at one moment, and knowing what the kept moments still need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import String, cast, delete, exists, func, insert, select

from services.courses.domain.course import Course, Objective, Pair
from services.courses.domain.editions import (
    EDITED,
    Snapshot,
    digest_of,
    document_of,
    references,
    starts_a_line,
)
from services.courses.domain.outline import Outline, OutlineItem
from services.courses.tables import (
    frozen_blocks,
    items,
    kept,
    published_blocks,
    snapshots,
    xblock_definitions,
    xblock_fields,
    xblock_usages,
)
from shared.db.dialect import insert_new
from shared.db.tx import Tx
from shared.ids import new_id

Block = dict[str, Any]
AUTHORED = ("content", "settings")


@dataclass(frozen=True, slots=True)
class Frozen:
    """What the blocks of a course hold now: by usage id where it is, by digest what it is."""

    blocks: dict[str, Block]
    held: dict[str, dict[str, Any]]

    def references(self) -> set[str]:
        """Every id and storage key that must stay."""
        return set(self.blocks).union(*(references(held) for held in self.held.values()))


def freeze(tx: Tx, outline: Outline) -> Frozen:
    """Read every block of the draft, with those below it."""
    usages = _usages(tx, {str(activity.id): str(activity.id) for activity in outline.activities()})
    fields = _fields(tx, usages)
    blocks, held = {}, {}
    for usage, row in usages.items():
        values = {
            "content": fields.get(("content", row["definition"]), {}),
            "settings": fields.get(("settings", usage), {}),
            "children": row["children"],
        }
        digest = digest_of(values)
        held[digest] = values
        blocks[usage] = {name: row[name] for name in ("type", "definition", "activity", "parent")} | {
            "digest": digest
        }
    return Frozen(blocks, held)


def _usages(tx: Tx, wanted: Mapping[str, str]) -> dict[str, Block]:
    """Usages and what is below them. wanted: usage id -> the activity that it belongs to."""
    found: dict[str, Block] = {}
    level = dict(wanted)
    while level:
        statement = select(*xblock_usages.c, xblock_definitions.c.block_type).join(
            xblock_definitions, xblock_definitions.c.id == xblock_usages.c.definition_id
        )
        below: dict[str, str] = {}
        for row in tx.session.execute(
            statement.where(xblock_usages.c.id.in_([UUID(usage) for usage in level]))
        ):
            activity = level[str(row.id)]
            found[str(row.id)] = {
                "type": row.block_type, "definition": str(row.definition_id), "activity": activity,
                "parent": str(row.parent_id) if row.parent_id else None, "children": list(row.children),
            }  # fmt: skip
            below |= {str(child): activity for child in row.children}
        level = {usage: activity for usage, activity in below.items() if usage not in found}
    return dict(sorted(found.items()))


def _fields(tx: Tx, usages: Mapping[str, Block]) -> dict[tuple[str, str], dict[str, Any]]:
    """(scope, block id) -> what is stored there, in one read."""
    columns = xblock_fields.c
    places = [*usages, *(row["definition"] for row in usages.values())]
    mine = (columns.user_id == "") & columns.scope.in_(AUTHORED) & columns.block_id.in_(places)
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in tx.session.execute(select(*columns).where(mine)):
        found.setdefault((row.scope, row.block_id), {})[row.name] = row.value
    return found


def current_document(tx: Tx, course: Course) -> tuple[dict[str, Any], Frozen]:
    """The draft as a document, and what its blocks hold."""
    tx.session.flush()
    found = select(OutlineItem).where(items.c.course_id == course.id)
    outline = Outline(tx.session.execute(found, execution_options={"populate_existing": True}).scalars())
    objectives = tx.session.execute(select(Objective).filter_by(course_id=course.id)).scalars()
    ordered = sorted(objectives, key=lambda objective: (objective.position, objective.id))
    frozen = freeze(tx, outline)
    return document_of(course, outline, ordered, frozen.blocks), frozen


def keep(
    tx: Tx, course: Course, reason: str, *, number: int | None = None, note: Pair | None = None
) -> Snapshot:
    """Keep the draft as it is now. A state that is kept already is not kept twice; an edition always is new."""
    document, frozen = current_document(tx, course)
    last = newest(tx, course.id)
    if number is None and last is not None and last.document == document:
        return last
    # Of a state of the draft, who wrote it; of an edition, who published it.
    writer = tx.actor.account_id if number is not None else course.edited_by or course.author_id
    snapshot = Snapshot(new_id(), course.id, document, tx.now, writer, reason, number, note)
    tx.add(snapshot)
    tx.session.flush()
    _store(tx, snapshot, frozen)
    return snapshot


def _store(tx: Tx, snapshot: Snapshot, frozen: Frozen) -> None:
    known = select(frozen_blocks.c.digest).where(frozen_blocks.c.digest.in_(frozen.held))
    there = set(tx.session.execute(known).scalars())
    for digest, held in frozen.held.items():
        if digest not in there:
            insert_new(tx.session, frozen_blocks, {"digest": digest, "fields": held})
    rows = [{"snapshot_id": snapshot.id, "ref": ref} for ref in sorted(frozen.references())]
    if rows:
        tx.session.execute(insert(kept), rows)


def keep_before_edit(tx: Tx, course: Course) -> None:
    """Before a change: keep what another person wrote, or what was written a while ago; note who edits now."""
    editor = tx.actor.require_account()
    if starts_a_line(course, editor, _last_kept_at(tx, course.id), tx.now):
        keep(tx, course, EDITED)
    course.edited_by, course.edited_at = editor, tx.now


def _last_kept_at(tx: Tx, course_id: UUID) -> datetime | None:
    statement = select(func.max(snapshots.c.made_at)).where(snapshots.c.course_id == course_id)
    found: datetime | None = tx.session.execute(statement).scalar()
    return found


def newest(tx: Tx, course_id: UUID) -> Snapshot | None:
    """The last kept state of a course, edition or not."""
    found = (
        select(Snapshot).where(snapshots.c.course_id == course_id).order_by(snapshots.c.id.desc()).limit(1)
    )
    return tx.session.execute(found).scalar_one_or_none()


def put_before_learners(tx: Tx, edition: Snapshot) -> None:
    """Learners' blocks hold what this edition holds from now on."""
    tx.session.execute(delete(published_blocks).where(published_blocks.c.course_id == edition.course_id))
    rows = [
        {
            "usage_id": UUID(usage), "definition_id": UUID(block["definition"]), "activity_id": UUID(block["activity"]),
            "course_id": edition.course_id, "digest": block["digest"],
        }
        for usage, block in edition.document["blocks"].items()
    ]  # fmt: skip
    if rows:
        tx.session.execute(insert(published_blocks), rows)


def held_by(tx: Tx, documents: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """What the blocks of kept documents hold, by digest."""
    digests = {block["digest"] for document in documents for block in document["blocks"].values()}
    statement = select(frozen_blocks.c.digest, frozen_blocks.c.fields).where(
        frozen_blocks.c.digest.in_(digests)
    )
    return {row.digest: row.fields for row in tx.session.execute(statement)}


def is_kept(tx: Tx, ref: str) -> bool:
    """True while an edition or a state in the history needs this id or storage key."""
    return bool(tx.session.execute(select(exists().where(kept.c.ref == ref))).scalar())


def is_in_a_draft(tx: Tx, ref: str) -> bool:
    """True while a block of some draft names this id or storage key."""
    value = cast(xblock_fields.c.value, String)
    mine = xblock_fields.c.scope.in_(AUTHORED) & value.contains(ref, autoescape=True)
    return bool(tx.session.execute(select(exists().where(mine))).scalar())


def is_needed(tx: Tx, ref: str) -> bool:
    """True while a draft, an edition or the history names it: its row and its files stay."""
    return is_kept(tx, ref) or is_in_a_draft(tx, ref)
