"""Opening an activity: its view for a learner, or for staff as a preview that leaves no trace."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from xblock.core import XBlock

from services.courses import policy, store
from services.courses.commands.learning import Grant, Seat, attempt_view, grant_play, settle, sit_down
from services.courses.domain.learning import Attempt, neighbours, progress
from services.courses.domain.outline import FILE, H5P, TEXT, Outline, OutlineItem
from services.courses.players.xblock_runtime import load_block, resources_of
from services.courses.views import View, file_view, saved_states
from shared.db.tx import Tx
from shared.errors import NotFound
from shared.ids import parse_id


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
    if store.course_of_item(tx, cmd.activity_id) != course.id:
        raise NotFound
    if cmd.preview:
        return _preview(tx, cmd)
    seat = sit_down(tx, cmd.activity_id)
    outline = store.load_outline(tx, course.id)
    completed = store.completed_activities(tx, seat.enrolment.id)
    # An activity that was removed meanwhile may have been the last one open.
    settle(tx, seat.enrolment, outline, completed)
    view = _view(tx, outline, seat.item, seat.attempt)
    return view | {"attempt": _attempt(seat, progress(outline, completed))}


def _preview(tx: Tx, cmd: OpenActivity) -> View:
    if not policy.is_staff(tx.actor):
        raise NotFound
    item = store.load_activity(tx, cmd.activity_id)
    return _view(tx, store.load_outline(tx, item.course_id), item, None) | {"attempt": None}


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
    runtime = store.runtime_for(tx, role="learner" if attempt else "author", user=attempt is not None)
    block = load_block(runtime, item.id)
    fragment = runtime.render(block, "student_view", {"language": tx.actor.language})
    shown = block.language_shown(tx.actor.language) if item.block_type == TEXT else tx.actor.language
    return {
        "html": fragment.body_html(),
        "html_language": shown,
        "resources": resources_of(fragment),
        "file": file_view(block) if item.block_type == FILE else None,
        "play": _play(tx, item, block, attempt) if item.block_type == H5P else None,
    }


def _play(tx: Tx, item: OutlineItem, block: XBlock, attempt: Attempt | None) -> View | None:
    if not block.content_id:
        return None
    grant = Grant(item.id, UUID(block.content_id), attempt.id if attempt else None)
    return grant_play(tx, grant) | {"state": saved_states(tx, attempt.id if attempt else None)}
