"""Reads: SQL to plain views, for members only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, select

from services.community import policy
from services.community.tables import follows, posts, spaces, topics
from shared.actor import Actor
from shared.db.tx import Tx, rows
from shared.errors import FieldProblem, Invalid, NotFound
from shared.ids import parse_id
from shared.paging import PageRequest, page_of
from shared.text import fold

Row = Mapping[Any, Any]
RECENT = 3


def _instant(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _id(value: UUID | None) -> str | None:
    return str(value) if value else None


def _topic(row: Row) -> dict[str, Any]:
    return {
        "id": str(row["id"]),
        "space": {"id": str(row["space_id"]), "key": row["space_key"], "title": row["space_title"]},
        "title": row["title"],
        "author_id": _id(row["author_id"]),
        "proposal_id": _id(row["proposal_id"]),
        "need_id": _id(row["need_id"]),
        "created_at": _instant(row["created_at"]),
        "last_post_at": _instant(row["last_post_at"]),
        "posts": row["posts"],
        "closed": row["closed"],
        "following": row["followed_at"] is not None,
        "version": row["version"],
    }


def _post(row: Row, actor: Actor) -> dict[str, Any]:
    retired = row["retired_at"] is not None
    standing = not retired and not row["closed"]
    return {
        "id": str(row["id"]),
        "topic_id": str(row["topic_id"]),
        "author_id": str(row["author_id"]),
        "body": row["body"],
        "language": row["language"],
        "created_at": _instant(row["created_at"]),
        "edited_at": _instant(row["edited_at"]),
        "retired": retired,
        "retired_by_author": retired and row["retired_by"] == row["author_id"],
        "version": row["version"],
        "can": {
            "edit": standing and policy.can_edit_post(actor, row["author_id"]),
            "retire": not retired and policy.can_retire_post(actor, row["author_id"]),
        },
    }


def list_spaces(tx: Tx) -> dict[str, Any]:
    """Every space in its order. Raises NotAuthenticated."""
    tx.actor.require_account()
    found = rows(tx, select(spaces).order_by(spaces.c.position))
    items = [
        {name: row[name] for name in ("key", "title", "description")} | {"id": str(row["id"])}
        for row in found
    ]
    return {"items": items, "next_cursor": None}


def _topics(tx: Tx) -> Select[Any]:
    mine = and_(follows.c.topic_id == topics.c.id, follows.c.account_id == tx.actor.require_account())
    return (
        select(
            topics,
            spaces.c.key.label("space_key"),
            spaces.c.title.label("space_title"),
            follows.c.followed_at,
        )
        .join(spaces, spaces.c.id == topics.c.space_id)
        .outerjoin(follows, mine)
    )


def list_topics(tx: Tx, space: str | None, request: PageRequest) -> dict[str, Any]:
    """Newest activity first; of one space by its key. One query. Raises NotAuthenticated."""
    statement = _topics(tx)
    if space:
        statement = statement.where(spaces.c.key == space)
    if request.after:
        at, last = _moment(request.after[0]), parse_id(request.after[-1])
        older = (topics.c.active_at < at) | ((topics.c.active_at == at) & (topics.c.id < last))
        statement = statement.where(older)
    newest = statement.order_by(topics.c.active_at.desc(), topics.c.id.desc()).limit(request.limit + 1)
    return page_of(rows(tx, newest), request, lambda row: [row["active_at"].isoformat(), row["id"]], _topic)


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = datetime.min  # noqa: DTZ901 refused just below
    if found.tzinfo is None:
        raise Invalid(fields=[FieldProblem("cursor", "bad-cursor")])
    return found


def get_topic(tx: Tx, topic_id: UUID) -> dict[str, Any]:
    """One topic. Raises NotAuthenticated, NotFound."""
    found = rows(tx, _topics(tx).where(topics.c.id == topic_id))
    if not found:
        raise NotFound
    return _topic(found[0])


def get_topics(tx: Tx, ids: list[UUID]) -> dict[str, Any]:
    """Titles of given topics, unknown ids left out. Raises NotAuthenticated."""
    found = rows(tx, _topics(tx).where(topics.c.id.in_(ids))) if ids else []
    return {"items": [_topic(row) for row in found]}


def topic_of_proposal(tx: Tx, proposal_id: UUID) -> dict[str, Any]:
    """The topic that a proposal opened. Raises NotAuthenticated, NotFound while there is none."""
    found = rows(tx, _topics(tx).where(topics.c.proposal_id == proposal_id))
    if not found:
        raise NotFound
    return _topic(found[0])


def _posts() -> Select[Any]:
    return select(posts, topics.c.closed).join(topics, topics.c.id == posts.c.topic_id)


def list_posts(tx: Tx, topic_id: UUID, request: PageRequest, *, last: bool = False) -> dict[str, Any]:
    """In the order of writing; `last`: the newest posts instead. Raises NotAuthenticated, NotFound."""
    get_topic(tx, topic_id)
    statement = _posts().where(posts.c.topic_id == topic_id)
    if last:
        newest = rows(tx, statement.order_by(posts.c.id.desc()).limit(request.limit))
        return {"items": [_post(row, tx.actor) for row in reversed(newest)], "next_cursor": None}
    if request.after:
        statement = statement.where(posts.c.id > parse_id(request.after[0]))
    found = rows(tx, statement.order_by(posts.c.id).limit(request.limit + 1))
    return page_of(found, request, lambda row: [row["id"]], lambda row: _post(row, tx.actor))


def get_post(tx: Tx, post_id: UUID) -> dict[str, Any]:
    """One post. Raises NotAuthenticated, NotFound."""
    tx.actor.require_account()
    found = rows(tx, _posts().where(posts.c.id == post_id))
    if not found:
        raise NotFound
    return _post(found[0], tx.actor)


def home(tx: Tx) -> dict[str, Any]:
    """The three topics with the newest activity. Raises NotAuthenticated."""
    found = rows(tx, _topics(tx).order_by(topics.c.active_at.desc(), topics.c.id.desc()).limit(RECENT))
    shown = ("id", "title", "posts", "last_post_at")
    return {
        "recent": [{name: value for name, value in _topic(row).items() if name in shown} for row in found]
    }


def search(tx: Tx, words: str, limit: int) -> dict[str, Any]:
    """Topics whose title has every word, accents and case aside; newest activity first. Raises NotAuthenticated."""
    statement = _topics(tx)
    for word in fold(words).split():
        statement = statement.where(topics.c.search_text.contains(word, autoescape=True))
    found = rows(tx, statement.order_by(topics.c.active_at.desc(), topics.c.id.desc()).limit(limit))
    return {"items": [_topic(row) for row in found], "next_cursor": None}
