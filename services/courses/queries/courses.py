"""One course as its editor, its readers and its trainer see it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from xblock.core import XBlock

from services.courses import block_types, h5p, policy, readiness, store
from services.courses.domain.course import BOTH, Course, Objective
from services.courses.domain.editions import HERE, head_of, objectives_of, outline_of
from services.courses.domain.learning import progress
from services.courses.domain.outline import (
    ACTIVITY,
    FILE,
    H5P,
    SCORM,
    TEXT,
    VIDEO,
    Outline,
    OutlineItem,
    is_ready,
)
from services.courses.domain.publishing import Gaps, assessments_of, blockers, languages_of, modules_of
from services.courses.domain.rules import rules_for
from services.courses.library import site_display
from services.courses.players.markdown import to_html
from services.courses.players.xblock_runtime import load_block
from services.courses.queries.blocks import edit_parts
from services.courses.queries.summaries import course_head, iso
from services.courses.tables import h5p_content_libraries, h5p_contents, h5p_libraries
from services.courses.views import View, file_view, scorm_view
from shared.db.tx import Tx, rows
from shared.errors import NotFound


def get_course(tx: Tx, course_id: object, *, published: bool = False) -> View:
    """The CourseView: of the draft for staff, of the newest edition for others, and for staff who ask for `published`.

    Raises NotFound for a draft seen by others than staff.
    """
    course = store.load_course(tx, course_id)
    edition = store.newest_edition(tx, course) if published or not policy.is_staff(tx.actor) else None
    outline = outline_of(edition.document, course.id) if edition else store.load_outline(tx, course.id)
    objectives = (
        objectives_of(edition.document, course.id) if edition else store.load_objectives(tx, course.id)
    )
    edit = policy.can_edit_course(tx.actor, course)
    gaps = readiness.gaps_of(tx, outline) if edition is None else {}
    frozen = head_of(edition.document) if edition else {}
    return _head(course, outline, gaps, frozen) | {
        "my": _mine(tx, course, outline),
        "objectives": [objective_view(objective, outline) for objective in objectives],
        "modules": [module_view(module, outline) for module in outline.modules],
        "can": _rights(tx, course),
        "blockers": [b.to_dict() for b in blockers(course, outline, objectives, gaps)] if edit else [],
        "co_authors": list(course.co_authors),
        "editing": _editing(tx, course) if edit else None,
    }


def _editing(tx: Tx, course: Course) -> View | None:
    """Another author who has just been editing."""
    if course.edited_by in (None, tx.actor.account_id) or course.edited_at is None:
        return None
    if tx.now - course.edited_at > HERE:
        return None
    return {"account_id": str(course.edited_by), "at": iso(course.edited_at)}


def _head(course: Course, outline: Outline, gaps: Gaps, frozen: View) -> View:
    """frozen: what the shown edition has instead of the draft."""
    kinds = [item.kind for item in outline.items]
    names = (
        "id", "title", "summary", "status", "edition", "version", "need_id", "proposal_id", "author_id",
        "created_at", "published_at",
    )  # fmt: skip
    languages = course.languages if frozen else languages_of(course, outline, gaps)
    row = {name: getattr(course, name) for name in names} | {"languages": languages} | frozen
    counts = {f"{kind}s": kinds.count(kind) for kind in ("module", "unit")}
    only = row.get("only_language", course.only_language)
    return course_head(row) | {
        "counts": counts | {"activities": kinds.count(ACTIVITY)},
        "only_language": only,
    }


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
        "authors": policy.can_choose_authors(actor, course),
        "copy": policy.can_author(actor),
    }


def objective_view(objective: Objective, outline: Outline) -> View:
    """An objective for the wire, with the modules that work towards it and the activities that assess it."""
    parts = ("text", "bloom", "audience", "behaviour", "condition", "degree")
    need = str(objective.need_id) if objective.need_id else None
    return (
        {"id": str(objective.id), "need_id": need}
        | {name: getattr(objective, name) for name in parts}
        | {
            "modules": [str(module.id) for module in modules_of(objective, outline)],
            "assessments": [str(activity.id) for activity in assessments_of(objective, outline)],
        }
    )


def module_view(module: OutlineItem, outline: Outline) -> View:
    """A module with what is in it."""
    units = [
        _item(unit) | {"activities": [_activity(activity) for activity in outline.below(unit.id)]}
        for unit in outline.below(module.id)
    ]
    return _item(module) | {"units": units}


def _item(item: OutlineItem) -> View:
    gate = {"after": list(item.after), "release_days": item.release_days}
    return {"id": str(item.id), "title": dict(item.title)} | gate


def _activity(item: OutlineItem) -> View:
    return _item(item) | {
        "kind": item.block_type,
        "completion": item.completion,
        "rule": dict(item.rule or {}),
        "ready": is_ready(item),
        "language": item.content_language,
    }


def get_activity(tx: Tx, activity_id: object) -> View:
    """The ActivityEdit. Raises NotFound for others than staff."""
    item = store.load_activity(tx, activity_id)
    course = store.load_course(tx, item.course_id)
    if not policy.is_staff(tx.actor):
        raise NotFound
    external = block_types.is_external(item)  # its class may be gone, and its own views show it
    block = None if external else load_block(store.runtime_for(tx, role="author", user=False), item.id)
    body = block.body if block is not None and item.block_type == TEXT else None
    return (
        _activity(item)
        | {
            "course_id": str(course.id),
            "unit_id": str(item.parent_id),
            "version": course.version,
            "rules": rules_for(item.block_type),
            "can_edit": policy.can_edit_course(tx.actor, course),
            "body": body,
            "html": {language: to_html(text) for language, text in body.items()} if body else None,
            "file": file_view(block) if item.block_type == FILE else None,
            "h5p": _h5p(tx, block)
            if block is not None and item.block_type == H5P and block.contents
            else None,
            "scorm": scorm_view(block) if item.block_type == SCORM else None,
        }
        | edit_parts(tx, item)
    )


def _h5p(tx: Tx, block: XBlock) -> View:
    """The content that the actor's language is served; and where each language has its own, all of them."""
    own = {
        language: _content(tx, block.content_ids[language])
        for language in BOTH
        if language in block.content_ids
    }
    shown = _content(tx, block.content_for(tx.actor.language))
    return shown | {"display": _display(tx, block.hidden), "by_language": own}


def _content(tx: Tx, content_id: str) -> View:
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


def _display(tx: Tx, hidden: int | None) -> View:
    """The site's rule for each option, and which of them the author has on."""
    rules = site_display(tx)
    off = h5p.hidden_by_default(rules) if hidden is None else hidden
    return {"rules": rules, "chosen": {name: off & bit == 0 for name, bit in h5p.BITS.items()}}


def get_file(tx: Tx, activity_id: object, *, draft: bool = False) -> View:
    """Where a file activity's bytes are, in the newest edition or (staff) in the draft.

    Raises NotFound: hidden, of another kind, or without a file.
    """
    item = store.visible_activity(tx, activity_id, draft=draft)
    if item.block_type not in (FILE, VIDEO):
        raise NotFound
    block = load_block(store.runtime_for(tx, role="author" if draft else "learner", user=False), item.id)
    if not block.storage_key:
        raise NotFound
    names = ("storage_key", "media_type", "filename", "size", "inline")
    return {name: getattr(block, name) for name in names}
