"""One course as its editor, its readers and its trainer see it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from services.courses import policy, store
from services.courses.domain.course import Course, Objective
from services.courses.domain.learning import progress
from services.courses.domain.outline import ACTIVITY, FILE, H5P, TEXT, Outline, OutlineItem, is_ready
from services.courses.domain.publishing import blockers, languages_of
from services.courses.players.markdown import to_html
from services.courses.players.xblock_runtime import load_block
from services.courses.queries.summaries import course_head, iso
from services.courses.tables import attempts, enrolments, h5p_content_libraries, h5p_contents, h5p_libraries
from services.courses.views import View, file_view
from shared.db.tx import Tx, rows
from shared.errors import Forbidden, NotFound
from shared.ids import parse_id
from shared.paging import PageRequest, page_of


def get_course(tx: Tx, course_id: object) -> View:
    """The CourseView. Raises NotFound for a draft seen by others than staff."""
    course = store.load_course(tx, course_id)
    outline = store.load_outline(tx, course.id)
    objectives = store.load_objectives(tx, course.id)
    edit = policy.can_edit_course(tx.actor, course)
    return _head(course, outline) | {
        "my": _mine(tx, course, outline),
        "objectives": [objective_view(objective) for objective in objectives],
        "modules": [_module(module, outline) for module in outline.modules],
        "can": _rights(tx, course),
        "blockers": [b.to_dict() for b in blockers(course, outline, objectives)] if edit else [],
    }


def _head(course: Course, outline: Outline) -> View:
    kinds = [item.kind for item in outline.items]
    names = (
        "id", "title", "summary", "status", "edition", "version", "need_id", "proposal_id", "author_id",
        "created_at", "published_at",
    )  # fmt: skip
    row = {name: getattr(course, name) for name in names} | {"languages": languages_of(course, outline)}
    counts = {f"{kind}s": kinds.count(kind) for kind in ("module", "unit")}
    return course_head(row) | {"counts": counts | {"activities": kinds.count(ACTIVITY)}}


def _mine(tx: Tx, course: Course, outline: Outline) -> View | None:
    enrolment = store.find_enrolment(tx, course.id)
    if enrolment is None:
        return None
    share = progress(outline, store.completed_activities(tx, enrolment.id))
    return {"progress": share, "completed_at": iso(enrolment.completed_at)}


def _rights(tx: Tx, course: Course) -> dict[str, bool]:
    actor = tx.actor
    edit = policy.can_edit_course(actor, course)
    return {
        "edit": edit,
        "take": policy.can_take_course(actor, course),
        "publish": edit,
        "enrol": policy.can_enrol(actor, course),
        "preview": policy.is_staff(actor),
        "roster": policy.can_see_roster(actor, course),
    }


def objective_view(objective: Objective) -> View:
    """An objective for the wire."""
    parts = ("text", "bloom", "audience", "behaviour", "condition", "degree")
    need = str(objective.need_id) if objective.need_id else None
    return {"id": str(objective.id), "need_id": need} | {name: getattr(objective, name) for name in parts}


def _module(module: OutlineItem, outline: Outline) -> View:
    units = [
        _item(unit) | {"activities": [_activity(activity) for activity in outline.below(unit.id)]}
        for unit in outline.below(module.id)
    ]
    return _item(module) | {"units": units}


def _item(item: OutlineItem) -> View:
    return {"id": str(item.id), "title": dict(item.title)}


def _activity(item: OutlineItem) -> View:
    return _item(item) | {
        "kind": item.block_type,
        "completion": item.completion,
        "ready": is_ready(item),
        "language": item.content_language,
    }


def get_activity(tx: Tx, activity_id: object) -> View:
    """The ActivityEdit. Raises NotFound for others than staff."""
    item = store.load_activity(tx, activity_id)
    course = store.load_course(tx, item.course_id)
    if not policy.is_staff(tx.actor):
        raise NotFound
    block = load_block(store.runtime_for(tx, role="author", user=False), item.id)
    body = block.body if item.block_type == TEXT else None
    return _activity(item) | {
        "course_id": str(course.id),
        "unit_id": str(item.parent_id),
        "version": course.version,
        "can_edit": policy.can_edit_course(tx.actor, course),
        "body": body,
        "html": {language: to_html(text) for language, text in body.items()} if body else None,
        "file": file_view(block) if item.block_type == FILE else None,
        "h5p": _h5p(tx, block.content_id) if item.block_type == H5P and block.content_id else None,
    }


def _h5p(tx: Tx, content_id: str) -> View:
    columns = (
        h5p_contents.c.title,
        h5p_contents.c.main_library,
        h5p_contents.c.language,
        h5p_contents.c.size,
    )
    row = rows(tx, select(*columns).where(h5p_contents.c.id == UUID(content_id)))[0]
    uses, libs = h5p_content_libraries.c, h5p_libraries.c
    same = (uses.machine_name == libs.machine_name) & (uses.major == libs.major) & (uses.minor == libs.minor)
    found = tx.session.execute(
        select(libs.machine_name, libs.major, libs.minor, libs.patch)
        .join(h5p_content_libraries, same)
        .where(uses.content_id == UUID(content_id))
        .order_by(libs.machine_name, libs.major, libs.minor)
    )
    names = [f"{lib.machine_name}-{lib.major}.{lib.minor}.{lib.patch}" for lib in found]
    return row | {"content_id": content_id, "libraries": names}


def get_file(tx: Tx, activity_id: object) -> View:
    """Where a file activity's bytes are. Raises NotFound: hidden, of another kind, or without a file."""
    item = store.visible_activity(tx, activity_id)
    if item.block_type != FILE:
        raise NotFound
    block = load_block(store.runtime_for(tx, user=False), item.id)
    if not block.storage_key:
        raise NotFound
    names = ("storage_key", "media_type", "filename", "size", "inline")
    return {name: getattr(block, name) for name in names}


def roster(tx: Tx, wanted: View) -> View:
    """Who is enrolled, how far, with which scores; oldest first. Raises NotFound, Forbidden."""
    course = store.load_course(tx, wanted["course_id"])
    if not policy.can_see_roster(tx.actor, course):
        raise Forbidden
    request = PageRequest.of(wanted["cursor"], wanted["limit"])
    mine = select(*enrolments.c).where(enrolments.c.course_id == course.id)
    if request.after is not None:
        mine = mine.where(enrolments.c.id > parse_id(request.after[0]))
    found = rows(tx, mine.order_by(enrolments.c.id).limit(request.limit + 1))
    outline = store.load_outline(tx, course.id)
    work = _attempts(tx, [row["id"] for row in found])
    return page_of(
        found, request, lambda row: [row["id"]], lambda row: _learner(row, work[row["id"]], outline)
    )


def _attempts(tx: Tx, enrolment_ids: Sequence[UUID]) -> dict[UUID, list[View]]:
    work: dict[UUID, list[View]] = defaultdict(list)
    for row in rows(tx, select(*attempts.c).where(attempts.c.enrolment_id.in_(enrolment_ids))):
        work[row["enrolment_id"]].append(row)
    return work


def _learner(row: View, work: Sequence[View], outline: Outline) -> View:
    present = [attempt for attempt in work if attempt["activity_id"] in outline.by_id]
    scores = [attempt["score"] for attempt in present if attempt["score"] is not None]
    done = {attempt["activity_id"] for attempt in present if attempt["completed_at"]}
    return {
        "account_id": str(row["account_id"]),
        "started_at": iso(row["started_at"]),
        "last_seen_at": iso(row["last_seen_at"]),
        "completed_at": iso(row["completed_at"]),
        "progress": progress(outline, done),
        "score": sum(scores) / len(scores) if scores else None,
        "activities": {
            str(attempt["activity_id"]): {
                "completed": attempt["completed_at"] is not None,
                "score": attempt["score"],
            }
            for attempt in present
        },
    }
