"""The history of a course: kept states, what changed between them, and what a publication would change for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select

from services.courses import history, policy, readiness, store
from services.courses.commands.editions import find_snapshot
from services.courses.domain.course import BOTH, Course
from services.courses.domain.editions import (
    Change,
    Document,
    Snapshot,
    Standing,
    changed_activities,
    changes,
    impact,
    leaves,
    objectives_of,
    outline_of,
)
from services.courses.domain.h5p_play import served
from services.courses.domain.outline import ACTIVITY, Outline
from services.courses.domain.publishing import Halves, blockers, languages_of, warnings
from services.courses.queries.courses import module_view, objective_view
from services.courses.queries.summaries import iso
from services.courses.tables import attempts, enrolments, h5p_lineages, snapshots
from services.courses.views import View
from shared.db.tx import Tx, rows
from shared.errors import NotFound
from shared.ids import parse_id
from shared.paging import PageRequest, page_of


def list_history(tx: Tx, wanted: View) -> View:
    """Kept states and editions, newest first, each with what changed since the one before; and `draft`, what changed
    since the newest. Raises NotFound for others than staff.
    """
    course = _staff_course(tx, wanted["course_id"])
    request = PageRequest.of(wanted["cursor"], wanted["limit"])
    mine = select(Snapshot).where(snapshots.c.course_id == course.id)
    if request.after is not None:
        mine = mine.where(snapshots.c.id < parse_id(request.after[0]))
    # One more than the page tells whether there is a next; one more still is what the last one is compared with.
    found = list(tx.session.execute(mine.order_by(snapshots.c.id.desc()).limit(request.limit + 2)).scalars())
    older = {newer.id: older for newer, older in pairwise(found)}
    page = page_of(
        found[: request.limit + 1], request, lambda one: [one.id], lambda one: _line(one, older.get(one.id))
    )
    if request.after is None:
        document, _ = history.current_document(tx, course)
        since = changes(found[0].document, document) if found else []
        page["draft"] = {
            "made_by": str(course.edited_by) if course.edited_by else None, "made_at": iso(course.edited_at),
            "changes": [change.to_dict() for change in since],
        }  # fmt: skip
    return page | {"version": course.version, "title": dict(course.title)}


def _staff_course(tx: Tx, course_id: object) -> Course:
    course = store.load_course(tx, course_id)
    if not policy.is_staff(tx.actor):
        raise NotFound
    return course


def _line(one: Snapshot, before: Snapshot | None) -> View:
    found = changes(before.document, one.document) if before else []
    return snapshot_head(one) | {"changes": [change.to_dict() for change in found]}


def snapshot_head(one: Snapshot) -> View:
    """What tells one kept state from another."""
    return {
        "id": str(one.id), "edition": one.number, "made_at": iso(one.made_at), "reason": one.reason,
        "made_by": str(one.made_by) if one.made_by else None, "note": dict(one.note) if one.note else None,
    }  # fmt: skip


def get_snapshot(tx: Tx, course_id: object, snapshot_id: object) -> View:
    """A kept state to read, and what differs from the draft, with both texts. Raises NotFound."""
    course = _staff_course(tx, course_id)
    snapshot = find_snapshot(tx, course, snapshot_id)
    now, frozen = history.current_document(tx, course)
    held = history.held_by(tx, [snapshot.document]) | frozen.held
    outline = outline_of(snapshot.document, course.id)
    return snapshot_head(snapshot) | {
        "course_id": str(course.id),
        "version": course.version,
        "title": snapshot.document["course"]["title"],
        "summary": snapshot.document["course"]["summary"],
        "objectives": [objective_view(one, outline) for one in objectives_of(snapshot.document, course.id)],
        "modules": [module_view(module, outline) for module in outline.modules],
        "texts": _texts(snapshot.document, held),
        "changes": [change.to_dict() for change in changes(snapshot.document, now, held.__getitem__)],
        "can": {"restore": policy.can_edit_course(tx.actor, course)},
    }


def _texts(document: Document, held: Mapping[str, Mapping[str, Any]]) -> dict[str, list[View]]:
    """Activity -> what its block says, as `{path, text}`; markdown bodies and the like, not ids or figures."""
    found: dict[str, list[View]] = {}
    for block in document["blocks"].values():
        words = [
            {"path": path, "text": value}
            for path, value in leaves(held[block["digest"]]["content"])
            if isinstance(value, str) and " " in value
        ]
        found.setdefault(block["activity"], []).extend(words)
    return found


def publication(tx: Tx, course_id: object) -> View:
    """What publishing now would mean: what stands before it, what looks odd, what changes and for whom.

    Raises NotFound for who may not publish.
    """
    course = _staff_course(tx, course_id)
    if not policy.can_edit_course(tx.actor, course):
        raise NotFound
    outline, objectives = store.load_outline(tx, course.id), store.load_objectives(tx, course.id)
    gaps = readiness.gaps_of(tx, outline)
    edition = store.newest_edition(tx, course)
    now, frozen = history.current_document(tx, course)
    halves = _halves(tx, now, frozen.held, edition)
    found = changes(edition.document, now) if edition else []
    return {
        "course_id": str(course.id),
        "title": dict(course.title),
        "version": course.version,
        "edition": course.edition,
        "only_language": course.only_language,
        "languages": languages_of(course, outline, gaps),
        "blockers": [one.to_dict() for one in blockers(course, outline, objectives, gaps)],
        "warnings": [one.to_dict() for one in warnings(course, outline, objectives, halves)],
        "changes": [change.to_dict() for change in found],
        "people": _people(tx, course, edition, outline),
        "restarts": [change.to_dict() for change in _restarts(tx, edition, now, frozen.held)]
        if edition
        else [],
    }


def _halves(tx: Tx, now: Document, held: Mapping[str, Any], edition: Snapshot | None) -> dict[UUID, Halves]:
    """The words of each activity in each language, by the last part of the field's name or path."""
    known = history.held_by(tx, [edition.document]) if edition else {}
    before = _by_language(edition.document, known) if edition else {}
    return {
        UUID(activity): Halves(words, before.get(activity))
        for activity, words in _by_language(now, held).items()
    }


def _by_language(document: Document, held: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for block in document["blocks"].values():
        words = found.setdefault(block["activity"], {"fr": "", "en": ""})
        for path, value in leaves(held[block["digest"]]["content"]):
            language = path.replace(".", "_").rpartition("_")[2]
            if language in words and isinstance(value, str):
                words[language] += value
    return found


def _people(tx: Tx, course: Course, edition: Snapshot | None, outline: Outline) -> View:
    """How many are enrolled, and in which case each of them would be."""
    after = [activity.id for activity in outline.activities()]
    before = (
        [item.id for item in outline_of(edition.document, course.id).items if item.kind == ACTIVITY]
        if edition
        else []
    )
    standings = _standings(tx, course.id, before, after)
    return impact(standings, len(before), len(after))


def _standings(tx: Tx, course_id: UUID, before: Sequence[UUID], after: Sequence[UUID]) -> list[Standing]:
    def completed(ids: Sequence[UUID]) -> Any:
        return func.coalesce(func.sum(case((attempts.c.activity_id.in_(ids), 1), else_=0)), 0)

    done = attempts.c.completed_at.is_not(None)
    statement = (
        select(enrolments.c.completed_at, completed(before).label("before"), completed(after).label("after"))
        .outerjoin(attempts, (attempts.c.enrolment_id == enrolments.c.id) & done)
        .where(enrolments.c.course_id == course_id, enrolments.c.left_at.is_(None))
        .group_by(enrolments.c.id, enrolments.c.completed_at)
    )
    return [
        Standing(row["completed_at"] is not None, int(row["before"]), int(row["after"]))
        for row in rows(tx, statement)
    ]


def _restarts(tx: Tx, edition: Snapshot, now: Document, held: Mapping[str, Any]) -> list[Change]:
    """H5P activities whose new content, in either language, has another structure: a saved place does not fit it."""
    known = history.held_by(tx, [edition.document]) | dict(held)
    titles = {row["id"]: row["title"] for row in now["items"]}
    pairs = {
        (activity, language): tuple(
            _served(known[document["blocks"][activity]["digest"]]["content"], language)
            for document in (edition.document, now)
        )
        for activity in changed_activities(edition.document, now)
        if activity in now["blocks"] and activity in edition.document["blocks"]
        for language in BOTH
    }
    lineage = _lineages(tx, {content for pair in pairs.values() for content in pair if content})
    anew = [
        activity
        for (activity, _), (old, new) in pairs.items()
        if old and new and lineage.get(old, old) != lineage.get(new, new)
    ]
    return [Change("restarts", ACTIVITY, one, titles[one]) for one in dict.fromkeys(anew)]


def _served(held: Mapping[str, Any], language: str) -> str:
    return served(held.get("content_id") or "", held.get("content_ids") or {}, language)


def _lineages(tx: Tx, contents: set[str]) -> dict[str, str]:
    columns = h5p_lineages.c
    statement = select(columns.content_id, columns.lineage).where(columns.content_id.in_(map(UUID, contents)))
    return {str(row.content_id): str(row.lineage) for row in tx.session.execute(statement)}
