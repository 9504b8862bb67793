"""Opening an activity: its view for a learner, or for staff as a preview that leaves no trace."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from xblock.core import XBlock

from services.courses import block_types, policy, store
from services.courses.commands.blocks import STUDENT, grant_block
from services.courses.commands.learning import Grant, Seat, attempt_view, grant_play, settle, sit_down
from services.courses.commands.scorm import grant_scorm
from services.courses.domain.learning import Attempt, neighbours, progress
from services.courses.domain.outline import FILE, H5P, SCORM, TEXT, Outline, OutlineItem
from services.courses.h5p_log import log_event
from services.courses.players.xblock_runtime import load_block, resources_of
from services.courses.queries.blocks import seen_parts
from services.courses.queries.h5p_library import shown_options
from services.courses.tables import h5p_embeds
from services.courses.views import View, file_view, saved_states
from shared.db.dialect import insert_new
from shared.db.tx import Tx
from shared.errors import NotFound
from shared.ids import new_secret, parse_id


@dataclass(frozen=True, slots=True)
class OpenActivity:
    course_id: object
    activity_id: object
    preview: bool


def open_activity(tx: Tx, cmd: OpenActivity) -> View:
    """The ActivityView. Effect: remembers where the learner is, and makes a play grant for H5P.

    Raises NotFound: unknown, of another course, not enrolled, or a preview by someone else than staff.
    """
    course = store.load_course(tx, cmd.course_id)
    if cmd.preview:
        return _preview(tx, course.id, cmd)
    if store.published_course(tx, cmd.activity_id) != course.id:
        raise NotFound
    seat = sit_down(tx, cmd.activity_id)
    outline = store.learner_outline(tx, course)
    completed = store.completed_activities(tx, seat.enrolment.id)
    # An activity that was removed meanwhile may have been the last one open.
    settle(tx, seat.enrolment, outline, completed)
    seat.attempt.beat_at = tx.now
    view = _view(tx, outline, seat.item, seat.attempt) | {"dwell": seat.attempt.dwell}
    return view | {"attempt": _attempt(seat, progress(outline, completed))}


def _preview(tx: Tx, course_id: UUID, cmd: OpenActivity) -> View:
    if not policy.is_staff(tx.actor):
        raise NotFound
    item = store.load_activity(tx, cmd.activity_id)
    if item.course_id != course_id:
        raise NotFound
    return _view(tx, store.load_outline(tx, item.course_id), item, None) | {"attempt": None, "dwell": 0}


def _attempt(seat: Seat, share: float) -> View:
    parts = {"unit_completed": False, "module_completed": False, "course_completed": False}
    return attempt_view(seat.attempt) | {"progress": share} | parts


def _view(tx: Tx, outline: Outline, item: OutlineItem, attempt: Attempt | None) -> View:
    unit = outline.by_id[_parent(item)]
    module = outline.by_id[_parent(unit)]
    before, after = neighbours(outline, parse_id(item.id))
    return {
        "id": str(item.id),
        "course_id": str(item.course_id),
        "title": dict(item.title),
        "kind": item.block_type,
        "completion": item.completion,
        "rule": dict(item.rule or {}),
        "unit": {"id": str(unit.id), "title": dict(unit.title)},
        "module": {"id": str(module.id), "title": dict(module.title)},
        "previous_id": str(before) if before else None,
        "next_id": str(after) if after else None,
        "preview": attempt is None,
    } | _content(tx, item, attempt)


def _parent(item: OutlineItem) -> UUID:
    if item.parent_id is None:
        raise NotFound
    return item.parent_id


def _content(tx: Tx, item: OutlineItem, attempt: Attempt | None) -> View:
    if block_types.is_external(item):
        return _framed(tx, item, attempt)
    runtime = store.runtime_for(tx, role="learner" if attempt else "author", user=attempt is not None)
    block = load_block(runtime, item.id)
    fragment = runtime.render(block, "student_view", {"language": tx.actor.language})
    shown = block.language_shown(tx.actor.language) if item.block_type == TEXT else tx.actor.language
    return {
        "html": fragment.body_html(),
        "html_language": shown,
        "resources": resources_of(fragment),
        "file": file_view(block) if item.block_type == FILE else None,
        "play": _played(tx, item, block, attempt),
    } | seen_parts(item, block, tx.actor.language)


def _framed(tx: Tx, item: OutlineItem, attempt: Attempt | None) -> View:
    """A block of another maker is shown on the content origin; nothing of it is on the page. None where it is not allowed."""
    allowed = str(item.block_type) in block_types.usable(tx)
    grant = grant_block(tx, item.id, attempt.id if attempt else None, STUDENT) if allowed else None
    nothing: View = {
        "html": "",
        "html_language": tx.actor.language,
        "resources": [],
        "file": None,
        "play": None,
    }
    return nothing | {"video": None, "link": None, "block": grant}


def _under(tx: Tx, item: OutlineItem, block: XBlock) -> View:
    """What stands under the content, and its address for other sites where that is allowed."""
    display = shown_options(tx, block.hidden)
    if not display["embed"]:
        return {"display": display, "embed": None}
    row = {
        "activity_id": item.id,
        "token": new_secret(),
        "created_by": tx.actor.account_id,
        "created_at": tx.now,
    }
    insert_new(tx.session, h5p_embeds, row)
    token = tx.session.execute(
        select(h5p_embeds.c.token).where(h5p_embeds.c.activity_id == item.id)
    ).scalar_one()
    return {"display": display, "embed": f"/embed/{token}"}


def _played(tx: Tx, item: OutlineItem, block: XBlock, attempt: Attempt | None) -> View | None:
    if item.block_type == SCORM:
        return grant_scorm(tx, item, block, attempt)
    return _play(tx, item, block, attempt) if item.block_type == H5P else None


def _play(tx: Tx, item: OutlineItem, block: XBlock, attempt: Attempt | None) -> View | None:
    if not block.contents:
        return None
    content_id = UUID(block.content_for(tx.actor.language))
    grant = Grant(item.id, content_id, attempt.id if attempt else None)
    if attempt is not None:  # a preview leaves no trace
        log_event(tx, "content", "view", activity_id=item.id, content_id=content_id)
    return grant_play(tx, grant) | {
        "content_id": str(content_id),
        **_under(tx, item, block),
        "state": saved_states(tx, attempt.id if attempt else None, content_id),
    }
