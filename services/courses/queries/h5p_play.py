"""Reading what playing H5P left: answers to single questions, and the event log."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.courses import h5p, policy, store
from services.courses.commands.h5p_contents import read_content
from services.courses.domain.outline import H5P
from services.courses.h5p_log import keep_days
from services.courses.library import installed_libraries, site_display
from services.courses.queries.h5p_library import activity_content, credits_of, shown_options
from services.courses.queries.learning import playable
from services.courses.queries.summaries import iso
from services.courses.tables import (
    attempts,
    enrolments,
    h5p_contents,
    h5p_embeds,
    h5p_events,
    h5p_finishes,
    items,
    results,
)
from shared.db.tx import Tx, rows
from shared.errors import Forbidden, NotFound
from shared.ids import parse_id
from shared.paging import PageRequest, page_of
from shared.storage import Storage

View = dict[str, Any]


def attempt_results(tx: Tx, wanted: View) -> View:
    """A learner's answers in one activity: one's own, or anyone's for the course's trainer and admins.

    Raises NotFound (hidden, or not enrolled), Forbidden.
    """
    course_id = store.course_of_item(tx, wanted["activity_id"])
    account_id = wanted["account_id"] or tx.actor.require_account()
    own = account_id == tx.actor.account_id
    if not own and not policy.can_see_roster(tx.actor, store.load_course(tx, course_id)):
        raise Forbidden
    attempt = _attempt(tx, parse_id(wanted["activity_id"]), course_id, account_id)
    columns = results.c
    found = select(*columns).where(columns.attempt_id == attempt["id"])
    # In a quiz of ours the right answers are for its own review page, which knows when they may be seen.
    kind = tx.session.execute(select(items.c.block_type).where(items.c.id == parse_id(wanted["activity_id"])))
    shown = not own or kind.scalar_one() == H5P
    return {
        "activity_id": str(parse_id(wanted["activity_id"])),
        "account_id": str(account_id),
        "score": attempt["score"],
        "success": attempt["success"],
        "completed_at": iso(attempt["completed_at"]),
        "seconds": _seconds(tx, attempt["id"]),
        "items": [
            _answer(row, correct=shown) for row in rows(tx, found.order_by(columns.position, columns.sub_id))
        ],
    }


def _attempt(tx: Tx, activity_id: UUID, course_id: UUID, account_id: UUID) -> View:
    """The learner's attempt; empty before the first answer. Raises NotFound: not enrolled."""
    same = (attempts.c.enrolment_id == enrolments.c.id) & (attempts.c.activity_id == activity_id)
    found = rows(
        tx,
        select(attempts.c.id, attempts.c.score, attempts.c.success, attempts.c.completed_at)
        .select_from(enrolments)
        .outerjoin(attempts, same)
        .where(enrolments.c.course_id == course_id, enrolments.c.account_id == account_id),
    )
    if not found:
        raise NotFound
    return found[0]


def _seconds(tx: Tx, attempt_id: Any) -> int | None:
    """How long the player said that the newest finish took."""
    newest = (
        select(h5p_finishes.c.seconds)
        .where(h5p_finishes.c.attempt_id == attempt_id)
        .order_by(h5p_finishes.c.stored_at.desc(), h5p_finishes.c.finished.desc())
        .limit(1)
    )
    return tx.session.execute(newest).scalar_one_or_none()


def _answer(row: View, *, correct: bool) -> View:
    plain = (
        "sub_id", "parent_id", "position", "kind", "prompt", "response", "score", "max_score", "success", "flagged",
        "claimed", "claimed_score",
    )  # fmt: skip
    right = row["correct"] if correct else None
    return {name: row[name] for name in plain} | {"correct": right, "stored_at": iso(row["stored_at"])}


def embed_grant(tx: Tx, token: object) -> View:
    """What another site may show under an embed address: read only, for nobody in particular.

    Raises NotFound: unknown, not published any more, or embedding was switched off.
    """
    if not str(token).isprintable():  # PostgreSQL takes no NUL
        raise NotFound
    found = select(h5p_embeds.c.activity_id).where(h5p_embeds.c.token == str(token))
    activity_id = tx.session.execute(found).scalar_one_or_none()
    if activity_id is None:
        raise NotFound
    item = store.learner_activity(tx, activity_id)
    content_id, hidden = activity_content(tx, item, role="learner")
    display = h5p.display_options(hidden, site_display(tx))
    if not display["embed"]:
        raise NotFound
    columns = h5p_contents.c
    content = rows(tx, select(
        columns.id.label("content_id"), columns.prefix, columns.manifest, columns.main_library, columns.language,
    ).where(columns.id == content_id))[0]  # fmt: skip
    return playable(tx, content) | {
        "activity_id": str(activity_id),
        "language": "en" if content["language"].startswith("en") else "fr",
        "nonce": "",
        "read_only": True,
        "resume_key": "",
        "expires_at": None,
        "state": [],
        "display": display,
    }


def get_h5p_credits(tx: Tx, storage: Storage, activity_id: object) -> View:
    """Who made what in an activity's content, and its licences, where the display options show them.

    Raises NotFound.
    """
    item = store.visible_activity(tx, activity_id)
    staff = policy.is_staff(tx.actor)
    published = store.published_course(tx, item.id) is not None
    content_id, hidden = activity_content(tx, item, role="learner" if published else "author")
    if not staff and not shown_options(tx, hidden)["copyright"]:
        raise NotFound
    content = read_content(tx, storage, content_id)
    return {
        "activity_id": str(item.id), "course_id": str(item.course_id), "title": content.title,
        "credits": credits_of(content, installed_libraries(tx), storage),
    }  # fmt: skip


def list_h5p_events(tx: Tx, wanted: View) -> View:
    """The event log, newest first. Raises NotFound for others than admins."""
    _admins_only(tx)
    request = PageRequest.of(wanted["cursor"], wanted["limit"])
    columns = h5p_events.c
    statement = select(*columns)
    if wanted["kind"]:
        statement = statement.where(columns.kind == wanted["kind"])
    if request.after is not None:
        statement = statement.where(columns.id < parse_id(request.after[0]))
    # Ids begin with the time, so that their order is the events'.
    found = rows(tx, statement.order_by(columns.id.desc()).limit(request.limit + 1))
    return page_of(found, request, lambda row: [row["id"]], _event)


def _event(row: View) -> View:
    ids = {
        name: str(row[name]) if row[name] else None for name in ("account_id", "activity_id", "content_id")
    }
    names = ("kind", "action", "library")
    return {"id": str(row["id"]), "at": iso(row["at"])} | ids | {name: row[name] for name in names}


def get_h5p_event_policy(tx: Tx) -> View:
    """How long the log is kept. Raises NotFound for others than admins."""
    _admins_only(tx)
    return {"keep_days": keep_days(tx)}


def _admins_only(tx: Tx) -> None:
    if not policy.can_set_h5p_policy(tx.actor):
        raise NotFound
