"""Drafts, editions and history."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from shared.db.types import Json, UtcDateTime
from shared.ids import new_id

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

REASONS = "reason IN ('edited', 'published', 'restored', 'deleted')"
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_KEY = re.compile(r"[A-Za-z0-9_-]+(?:/[A-Za-z0-9_.-]+)+/?")
Row = dict[str, Any]


def upgrade() -> None:
    """Snapshots; and an edition for every course that is published already."""
    _columns()
    _tables()
    op.create_index(op.f("ix_snapshots_course_id"), "snapshots", ["course_id"])
    op.create_index(op.f("ix_snapshots_made_at"), "snapshots", ["made_at"])
    op.create_index(op.f("ix_kept_ref"), "kept", ["ref"])
    for name in ("definition_id", "activity_id", "course_id", "digest"):
        op.create_index(op.f(f"ix_published_blocks_{name}"), "published_blocks", [name])
    with op.batch_alter_table("play_grants") as batch:
        batch.drop_constraint("fk_play_grants_activity_id_items", type_="foreignkey")
    _first_editions()


def _columns() -> None:
    empty, one = sa.text("'[]'"), sa.text("'1'")
    op.add_column("courses", sa.Column("co_authors", Json, nullable=False, server_default=empty))
    op.add_column("courses", sa.Column("only_language", sa.String(2)))
    op.add_column("courses", sa.Column("edited_by", sa.Uuid))
    op.add_column("courses", sa.Column("edited_at", UtcDateTime))
    for table in ("courses", "items", "objectives"):
        op.add_column(table, sa.Column("touched", sa.Integer, nullable=False, server_default=one))
    for name in ("modules", "assessments"):
        op.add_column("objectives", sa.Column(name, Json, nullable=False, server_default=empty))


def _tables() -> None:
    op.create_table(
        "snapshots",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("course_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer),
        sa.Column("document", Json, nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.Column("made_by", sa.Uuid),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("note", Json),
        sa.ForeignKeyConstraint(
            ["course_id"], ["courses.id"], name=op.f("fk_snapshots_course_id_courses"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snapshots")),
        sa.UniqueConstraint("course_id", "number", name=op.f("uq_snapshots_course_id_number")),
        sa.CheckConstraint(REASONS, name=op.f("ck_snapshots_reason")),
        sa.CheckConstraint("number IS NULL OR number >= 1", name=op.f("ck_snapshots_number")),
    )
    op.create_table(
        "frozen_blocks",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("fields", Json, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_frozen_blocks")),
    )
    op.create_table(
        "kept",
        sa.Column("snapshot_id", sa.Uuid, nullable=False),
        sa.Column("ref", sa.String(300), nullable=False),
        sa.ForeignKeyConstraint(
            ["snapshot_id"], ["snapshots.id"], name=op.f("fk_kept_snapshot_id_snapshots"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("snapshot_id", "ref", name=op.f("pk_kept")),
    )
    op.create_table(
        "published_blocks",
        sa.Column("usage_id", sa.Uuid, nullable=False),
        sa.Column("definition_id", sa.Uuid, nullable=False),
        sa.Column("activity_id", sa.Uuid, nullable=False),
        sa.Column("course_id", sa.Uuid, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"],
            ["courses.id"],
            name=op.f("fk_published_blocks_course_id_courses"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["digest"], ["frozen_blocks.digest"], name=op.f("fk_published_blocks_digest_frozen_blocks")
        ),
        sa.PrimaryKeyConstraint("usage_id", name=op.f("pk_published_blocks")),
    )


def _first_editions() -> None:
    """What learners have been reading becomes the edition of its number, so that editing changes nothing for them."""
    connection = op.get_bind()
    tables = _reflected()
    courses = tables["courses"]
    for course in (
        connection.execute(sa.select(courses).where(courses.c.status == "published")).mappings().all()
    ):
        _freeze(connection, tables, dict(course))


def _reflected() -> dict[str, Any]:
    """The columns that are read and written here, as they are at this revision."""
    ids = (
        "id",
        "course_id",
        "parent_id",
        "need_id",
        "definition_id",
        "activity_id",
        "usage_id",
        "snapshot_id",
        "made_by",
    )
    plain: dict[str, Any] = {
        "position": sa.Integer, "edition": sa.Integer, "number": sa.Integer, "published_at": UtcDateTime,
        "made_at": UtcDateTime, **dict.fromkeys(ids, sa.Uuid),
    }  # fmt: skip
    words = ("status", "kind", "block_type", "completion", "content_language", "bloom", "scope", "block_id", "name",
             "user_id", "digest", "reason", "ref", "only_language")  # fmt: skip
    plain |= dict.fromkeys(words, sa.String)

    def table(name: str, *columns: str) -> Any:
        return sa.table(name, *(sa.column(one, plain.get(one, Json)) for one in columns))

    return {
        "courses": table("courses", "id", "title", "summary", "need_id", "status", "edition", "published_at"),
        "items": table("items", "id", "course_id", "parent_id", "kind", "title", "position", "block_type", "completion",
                       "ready_in", "content_language"),
        "objectives": table("objectives", "id", "course_id", "position", "text", "bloom", "need_id", "audience",
                            "behaviour", "condition", "degree"),
        "xblock_usages": table("xblock_usages", "id", "definition_id", "parent_id", "children"),
        "xblock_fields": table("xblock_fields", "scope", "block_id", "user_id", "name", "value"),
        "snapshots": table("snapshots", "id", "course_id", "number", "document", "made_at", "reason"),
        "frozen_blocks": table("frozen_blocks", "digest", "fields"),
        "kept": table("kept", "snapshot_id", "ref"),
        "published_blocks": table("published_blocks", "usage_id", "definition_id", "activity_id", "course_id", "digest"),
    }  # fmt: skip


def _freeze(connection: Any, tables: dict[str, Any], course: Row) -> None:
    items = _rows(connection, tables["items"], course["id"])
    objectives = _rows(connection, tables["objectives"], course["id"])
    blocks: dict[str, Row] = {}
    references: set[str] = set()
    for item in sorted(items, key=lambda row: (row["position"], str(row["id"]))):
        if item["kind"] == "activity":
            _freeze_block(
                connection, tables, (item["id"], item["block_type"]), item["id"], blocks, references
            )
    number = max(course["edition"], 1)
    document = {
        "course": _plain(course, "title", "summary", "need_id") | {"only_language": None},
        "items": [_plain(row, *(name for name in row if name != "course_id"))
                  for row in sorted(items, key=lambda row: (row["position"], str(row["id"])))],
        "objectives": [_plain(row, *(name for name in row if name != "course_id")) | {"modules": [], "assessments": []}
                       for row in sorted(objectives, key=lambda row: (row["position"], str(row["id"])))],
        "blocks": blocks,
        "counts": {kind: sum(row["kind"] == kind for row in items) for kind in ("module", "unit", "activity")},
    }  # fmt: skip
    snapshot_id = new_id()
    connection.execute(tables["snapshots"].insert().values(
        id=snapshot_id, course_id=course["id"], number=number, document=document, made_at=course["published_at"],
        reason="published",
    ))  # fmt: skip
    for ref in sorted(references | set(blocks)):
        connection.execute(tables["kept"].insert().values(snapshot_id=snapshot_id, ref=ref))
    for usage, block in blocks.items():
        connection.execute(tables["published_blocks"].insert().values(
            usage_id=UUID(usage), definition_id=UUID(block["definition"]), activity_id=UUID(block["activity"]),
            course_id=course["id"], digest=block["digest"],
        ))  # fmt: skip


def _rows(connection: Any, table: Any, course_id: UUID) -> list[Row]:
    return [
        dict(row)
        for row in connection.execute(sa.select(table).where(table.c.course_id == course_id)).mappings()
    ]


def _plain(row: Row, *names: str) -> Row:
    return {name: str(row[name]) if isinstance(row[name], UUID) else row[name] for name in names}


def _freeze_block(
    connection: Any, tables: dict[str, Any], usage: tuple[UUID, str | None], activity_id: UUID,
    blocks: dict[str, Row], references: set[str],
) -> None:  # fmt: skip
    """One block and those below it."""
    usages, fields = tables["xblock_usages"], tables["xblock_fields"]
    row = connection.execute(sa.select(usages).where(usages.c.id == usage[0])).mappings().first()
    if row is None:
        return
    held: Row = {"content": {}, "settings": {}, "children": row["children"]}
    for scope, block_id in (("content", row["definition_id"]), ("settings", row["id"])):
        mine = (fields.c.scope == scope) & (fields.c.block_id == str(block_id)) & (fields.c.user_id == "")
        found = connection.execute(sa.select(fields.c.name, fields.c.value).where(mine))
        held[scope] = {row.name: row.value for row in found}
    digest = hashlib.sha256(json.dumps(held, sort_keys=True).encode()).hexdigest()
    frozen = tables["frozen_blocks"]
    if connection.execute(sa.select(frozen.c.digest).where(frozen.c.digest == digest)).first() is None:
        connection.execute(frozen.insert().values(digest=digest, fields=held))
    blocks[str(row["id"])] = {
        "type": usage[1], "definition": str(row["definition_id"]), "activity": str(activity_id),
        "parent": str(row["parent_id"]) if row["parent_id"] else None, "digest": digest,
    }  # fmt: skip
    for value in _leaves(held):
        references.update([value] if len(value) <= 300 and _KEY.fullmatch(value) else [])
        references.update(_UUID.findall(value))
    for child in row["children"] or ():
        _freeze_block(connection, tables, (UUID(str(child)), None), activity_id, blocks, references)


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
    elif isinstance(value, str):
        yield value


def downgrade() -> None:
    """The drafts stay; editions and history go."""
    connection = op.get_bind()
    orphans = "DELETE FROM play_grants WHERE activity_id NOT IN (SELECT id FROM items)"
    connection.execute(sa.text(orphans))
    with op.batch_alter_table("play_grants") as batch:
        batch.create_foreign_key(
            op.f("fk_play_grants_activity_id_items"), "items", ["activity_id"], ["id"], ondelete="CASCADE"
        )
    for name in ("published_blocks", "kept", "frozen_blocks", "snapshots"):
        op.drop_table(name)
    for name in ("modules", "assessments", "touched"):
        op.drop_column("objectives", name)
    op.drop_column("items", "touched")
    for name in ("co_authors", "only_language", "edited_by", "edited_at", "touched"):
        op.drop_column("courses", name)
