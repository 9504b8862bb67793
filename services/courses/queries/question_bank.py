"""The bank of questions: one's own, and those shared with the network."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, cast, func, select, true

from services.courses import policy
from services.courses.tables import bank_questions, bank_tags, bank_versions, xblock_fields
from shared.actor import ADMIN
from shared.db.tx import Tx, rows
from shared.errors import Forbidden, NotFound
from shared.ids import parse_id
from shared.paging import PageRequest, page_of
from shared.text import fold

View = dict[str, Any]


def list_questions(tx: Tx, wanted: View) -> View:
    """Questions of the bank that the actor may use, newest first. Raises Forbidden."""
    request = PageRequest.of(wanted["cursor"], wanted["limit"])
    newest = bank_versions.c.version == bank_questions.c.version
    columns = (*(c for c in bank_questions.c if c.name != "words"), bank_versions.c.document)
    statement = (
        select(*columns)
        .join(bank_versions, and_(bank_versions.c.question_id == bank_questions.c.id, newest))
        .where(_usable(tx), *_filters(tx, wanted))
    )
    if request.after is not None:
        statement = statement.where(bank_questions.c.id < parse_id(request.after[0]))
    found = rows(tx, statement.order_by(bank_questions.c.id.desc()).limit(request.limit + 1))
    tags = _tags(tx, [row["id"] for row in found])
    return page_of(found, request, lambda row: [row["id"]], lambda row: _line(tx, row, tags[row["id"]]))


def _usable(tx: Tx) -> ColumnElement[bool]:
    if not policy.can_author(tx.actor):
        raise Forbidden
    if tx.actor.has(ADMIN):
        return true()
    return bank_questions.c.shared | (bank_questions.c.owner_id == tx.actor.account_id)


def _filters(tx: Tx, wanted: View) -> list[ColumnElement[bool]]:
    columns = bank_questions.c
    found = [columns.words.contains(word, autoescape=True) for word in fold(wanted["q"] or "").split()]
    found.append(columns.retired_at.is_not(None) if wanted["retired"] else columns.retired_at.is_(None))
    if wanted["tag"]:
        found.append(columns.id.in_(select(bank_tags.c.question_id).where(bank_tags.c.tag == wanted["tag"])))
    if wanted["kind"]:
        found.append(columns.kind == wanted["kind"])
    if wanted["mine"]:
        found.append(columns.owner_id == tx.actor.account_id)
    if wanted["missing"]:
        found.append(~cast(columns.languages, Text).contains(f'"{wanted["missing"]}"'))
    return found


def _tags(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = defaultdict(list)
    mine = select(*bank_tags.c).where(bank_tags.c.question_id.in_(ids)).order_by(bank_tags.c.tag)
    for row in tx.session.execute(mine):
        found[row.question_id].append(row.tag)
    return found


def _line(tx: Tx, row: View, tags: list[str]) -> View:
    question = row["document"]
    return {
        "id": str(row["id"]), "version": row["version"], "kind": row["kind"], "stem": question["stem"],
        "points": question["points"], "languages": row["languages"], "tags": tags, "shared": row["shared"],
        "owner_id": str(row["owner_id"]), "changed_at": row["changed_at"].isoformat(),
        "retired_at": row["retired_at"].isoformat() if row["retired_at"] else None,
        "can_edit": policy.can_edit_question(tx.actor, row["owner_id"]),
    }  # fmt: skip


def get_question(tx: Tx, question_id: object, version: int | None) -> View:
    """One question with its versions and in how many quizzes it is. Raises NotFound."""
    found_id = parse_id(question_id)
    mine = select(*bank_questions.c).where(bank_questions.c.id == found_id)
    found = rows(tx, mine)
    if not found or not policy.can_use_question(tx.actor, found[0]["owner_id"], shared=found[0]["shared"]):
        raise NotFound
    row = found[0]
    columns = (bank_versions.c.version, bank_versions.c.created_at, bank_versions.c.document)
    versions = rows(
        tx, select(*columns).where(bank_versions.c.question_id == found_id).order_by(bank_versions.c.version.desc())
    )  # fmt: skip
    shown = next((one for one in versions if one["version"] == (version or row["version"])), None)
    if shown is None:
        raise NotFound
    return _line(tx, row | {"document": shown["document"]}, _tags(tx, [found_id])[found_id]) | {
        "shown_version": shown["version"],
        "question": shown["document"],
        "versions": [
            {"version": one["version"], "created_at": one["created_at"].isoformat()} for one in versions
        ],
        "uses": _uses(tx, found_id),
    }


def _uses(tx: Tx, question_id: UUID) -> int:
    """In how many quizzes, as drafts have them, it is named."""
    named = cast(xblock_fields.c.value, Text).contains(str(question_id))
    here = (xblock_fields.c.name == "entries") & named
    return int(tx.session.execute(select(func.count()).select_from(xblock_fields).where(here)).scalar_one())


def list_question_tags(tx: Tx) -> View:
    """Tags of the questions that the actor may use, with how many have each. Raises Forbidden."""
    statement = (
        select(bank_tags.c.tag, func.count().label("count"))
        .join(bank_questions, bank_questions.c.id == bank_tags.c.question_id)
        .where(_usable(tx), bank_questions.c.retired_at.is_(None))
        .group_by(bank_tags.c.tag)
        .order_by(bank_tags.c.tag)
    )
    return {"items": rows(tx, statement)}
