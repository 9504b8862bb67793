"""What learners come back to, and what the content origin may serve."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select

from services.courses import h5p, policy, store, trash
from services.courses.domain.course import DRAFT
from services.courses.domain.editions import Snapshot, head_of, outline_of
from services.courses.domain.learning import next_activity, progress
from services.courses.domain.outline import Outline, OutlineItem
from services.courses.domain.rules import Lock, locks
from services.courses.gates import calendar_of, cohort_head, cohort_of, lock_view
from services.courses.library import installed_libraries, site_display, trainers_may_install
from services.courses.queries.courses import objective_view
from services.courses.queries.summaries import iso, some_courses, summaries
from services.courses.tables import (
    attempts,
    courses,
    h5p_content_libraries,
    h5p_contents,
    play_grants,
    snapshots,
)
from services.courses.views import View, saved_states
from shared.db.tx import Tx, rows
from shared.errors import NotFound
from shared.ids import hash_secret

SHOWN = 5


def get_learning(tx: Tx, course_id: object) -> View:
    """The LearningView. Raises NotFound for who is not enrolled."""
    course = store.load_course(tx, course_id)
    enrolment = store.find_enrolment(tx, course.id)
    if enrolment is None:
        raise NotFound
    edition, outline = store.newest_edition(tx, course), store.learner_outline(tx, course)
    head = head_of(edition.document) if edition else {"title": course.title, "summary": course.summary}
    work = _work(tx, enrolment.id)
    done = {activity_id for activity_id, attempt in work.items() if attempt["completed_at"]}
    cohort = cohort_of(tx, enrolment.id)
    calendar = calendar_of(enrolment.started_at, cohort)
    closed = locks(outline, done, work, calendar, tx.now)
    return {
        "course_id": str(course.id),
        "title": dict(head["title"]),
        "summary": dict(head["summary"]),
        "need_id": str(course.need_id) if course.need_id else None,
        "edition": course.edition,
        "progress": progress(outline, done),
        "started_at": iso(enrolment.started_at),
        "completed_at": iso(enrolment.completed_at),
        "objectives": [objective_view(one, outline) for one in store.learner_objectives(tx, course)],
        "only_language": head.get("only_language"),
        "news": _news(edition, enrolment.started_at),
        "cohort": cohort_head(cohort) if cohort else None,
        "next": pointer(next_activity(outline, done, enrolment.last_activity_id, closed)),
        "modules": [_part(module, outline, work, done, closed) for module in outline.modules],
    }


def _news(edition: Snapshot | None, since: datetime) -> View | None:
    """The newest edition and what its trainer says of it, for who began with an older one."""
    if edition is None or edition.made_at <= since:
        return None
    note = dict(edition.note) if edition.note else None
    return {"edition": edition.number, "published_at": iso(edition.made_at), "note": note}


def _work(tx: Tx, enrolment_id: UUID) -> dict[UUID, View]:
    columns = (attempts.c.activity_id, attempts.c.completed_at, attempts.c.score)
    mine = select(*columns).where(attempts.c.enrolment_id == enrolment_id)
    return {row["activity_id"]: row for row in rows(tx, mine)}


def pointer(item: OutlineItem | None) -> View | None:
    """What a page needs to lead to an activity."""
    return None if item is None else {"id": str(item.id), "title": dict(item.title), "kind": item.block_type}


def _part(
    module: OutlineItem,
    outline: Outline,
    work: dict[UUID, View],
    done: set[UUID],
    closed: Mapping[UUID, Lock],
) -> View:
    units = [
        _share(unit, outline, done)
        | {"activities": [_step(step, work, closed.get(step.id)) for step in outline.below(unit.id)]}
        for unit in outline.below(module.id)
    ]
    return _share(module, outline, done) | {"units": units}


def _share(item: OutlineItem, outline: Outline, done: set[UUID]) -> View:
    return {"id": str(item.id), "title": dict(item.title), "progress": progress(outline, done, item.id)}


def _step(item: OutlineItem, work: dict[UUID, View], lock: Lock | None) -> View:
    attempt = work.get(item.id, {"completed_at": None, "score": None})
    return {
        "id": str(item.id),
        "title": dict(item.title),
        "kind": item.block_type,
        "language": item.content_language,
        "completed": attempt["completed_at"] is not None,
        "score": attempt["score"],
        "rule": dict(item.rule or {}),
        "lock": lock_view(lock),
    }


def drafts(tx: Tx, author_id: UUID | None) -> list[View]:
    """Drafts of an author, or of nobody; none for who does not write courses."""
    if not policy.can_author(tx.actor):
        return []
    found = some_courses(tx, and_(courses.c.status == DRAFT, courses.c.author_id == author_id), SHOWN)
    return summaries(tx, found)


def outlines_of(tx: Tx, course_ids: Sequence[UUID]) -> dict[UUID, Outline]:
    """The outlines of the newest editions."""
    newest = (snapshots.c.course_id == courses.c.id) & (snapshots.c.number == courses.c.edition)
    statement = select(snapshots.c.course_id, snapshots.c.document).join(courses, newest)
    found = tx.session.execute(statement.where(courses.c.id.in_(course_ids)))
    return {row.course_id: outline_of(row.document, row.course_id) for row in found}


def done_of(tx: Tx, enrolment_ids: Sequence[UUID]) -> dict[UUID, set[UUID]]:
    statement = select(attempts.c.enrolment_id, attempts.c.activity_id).where(
        attempts.c.enrolment_id.in_(enrolment_ids), attempts.c.completed_at.is_not(None)
    )
    done: dict[UUID, set[UUID]] = defaultdict(set)
    for enrolment_id, activity_id in tx.session.execute(statement):
        done[enrolment_id].add(activity_id)
    return done


def resolve_grant(tx: Tx, token: object) -> View:
    """The PlayGrant of a token. Raises NotFound for an unknown or ended one."""
    columns = (*play_grants.c, h5p_contents.c.manifest, h5p_contents.c.prefix, h5p_contents.c.main_library)
    statement = (
        select(*columns)
        .join(h5p_contents, h5p_contents.c.id == play_grants.c.content_id)
        .where(play_grants.c.token_hash == hash_secret(str(token)), play_grants.c.expires_at > tx.now)
    )
    found = rows(tx, statement)
    if not found:
        raise NotFound
    grant = found[0]
    return playable(tx, grant) | {
        "activity_id": str(grant["activity_id"]),
        "language": grant["language"],
        "nonce": grant["nonce"],
        "read_only": grant["attempt_id"] is None,
        "resume_key": hash_secret(f"{grant['attempt_id']}:{grant['content_id']}")[:32],
        "expires_at": iso(grant["expires_at"]),
        "state": saved_states(tx, grant["attempt_id"], grant["content_id"]),
    }


def playable(tx: Tx, content: Mapping[str, Any]) -> View:
    """What the content origin needs to play a content: a row with `content_id, prefix, manifest, main_library`."""
    return _libraries(tx, content["content_id"]) | {
        "content_id": str(content["content_id"]),
        "prefix": content["prefix"].removesuffix("/") + "/",
        "h5p": content["manifest"],
        "main_library": " ".join(content["main_library"].rsplit("-", 1)),
    }


def _libraries(tx: Tx, content_id: UUID) -> View:
    """Where each library's files are now, and what a page loads, in order."""
    uses = h5p_content_libraries.c
    mine = select(uses.machine_name, uses.major, uses.minor).where(uses.content_id == content_id)
    keys = [h5p.LibraryKey(*row) for row in tx.session.execute(mine)]
    manifest = select(h5p_contents.c.manifest).where(h5p_contents.c.id == content_id)
    roots = _preloaded(tx.session.execute(manifest).scalar_one())
    index = installed_libraries(tx)
    assets = h5p.assets_for(roots, index)
    wanted = h5p.assets_for(keys, index).libraries | assets.libraries
    return {
        "libraries": {name: f"{trash.LIBRARIES}{folder}/" for name, folder in sorted(wanted.items())},
        "scripts": list(assets.scripts),
        "styles": list(assets.styles),
    }


def _preloaded(manifest: View) -> list[h5p.LibraryKey]:
    """Keys in the order of h5p.json, which was checked when the package came."""
    return [
        h5p.LibraryKey(one["machineName"], int(one["majorVersion"]), int(one["minorVersion"]))
        for one in manifest.get("preloadedDependencies", ())
    ]


def get_h5p_policy(tx: Tx, *, demo: bool) -> View:
    """Who may install libraries. Raises NotFound for others than staff."""
    if not policy.is_staff(tx.actor):
        raise NotFound
    return {"trainers_may_install": trainers_may_install(tx, demo=demo), "display": site_display(tx)}
