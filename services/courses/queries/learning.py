"""What learners come back to, and what the content origin may serve."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import and_, func, select

from services.courses import h5p, policy, store, trash
from services.courses.domain.course import DRAFT
from services.courses.domain.learning import next_activity, progress
from services.courses.domain.outline import Outline, OutlineItem
from services.courses.library import installed_libraries, trainers_may_install
from services.courses.queries.courses import objective_view
from services.courses.queries.summaries import iso, some_courses, summaries
from services.courses.tables import (
    attempts,
    courses,
    enrolments,
    h5p_content_libraries,
    h5p_contents,
    h5p_libraries,
    items,
    play_grants,
)
from services.courses.views import View, saved_states
from shared.db.tx import Tx, rows
from shared.errors import NotFound
from shared.ids import hash_secret
from shared.paging import PageRequest, page_of

SHOWN = 5


def get_learning(tx: Tx, course_id: object) -> View:
    """The LearningView. Raises NotFound for who is not enrolled."""
    course = store.load_course(tx, course_id)
    enrolment = store.find_enrolment(tx, course.id)
    if enrolment is None:
        raise NotFound
    outline = store.load_outline(tx, course.id)
    work = _work(tx, enrolment.id)
    done = {activity_id for activity_id, attempt in work.items() if attempt["completed_at"]}
    return {
        "course_id": str(course.id),
        "title": dict(course.title),
        "summary": dict(course.summary),
        "need_id": str(course.need_id) if course.need_id else None,
        "edition": course.edition,
        "progress": progress(outline, done),
        "started_at": iso(enrolment.started_at),
        "completed_at": iso(enrolment.completed_at),
        "objectives": [objective_view(objective) for objective in store.load_objectives(tx, course.id)],
        "next": _pointer(next_activity(outline, done, enrolment.last_activity_id)),
        "modules": [_part(module, outline, work, done) for module in outline.modules],
    }


def _work(tx: Tx, enrolment_id: UUID) -> dict[UUID, View]:
    columns = (attempts.c.activity_id, attempts.c.completed_at, attempts.c.score)
    mine = select(*columns).where(attempts.c.enrolment_id == enrolment_id)
    return {row["activity_id"]: row for row in rows(tx, mine)}


def _pointer(item: OutlineItem | None) -> View | None:
    return None if item is None else {"id": str(item.id), "title": dict(item.title), "kind": item.block_type}


def _part(module: OutlineItem, outline: Outline, work: dict[UUID, View], done: set[UUID]) -> View:
    units = [
        _share(unit, outline, done) | {"activities": [_step(step, work) for step in outline.below(unit.id)]}
        for unit in outline.below(module.id)
    ]
    return _share(module, outline, done) | {"units": units}


def _share(item: OutlineItem, outline: Outline, done: set[UUID]) -> View:
    return {"id": str(item.id), "title": dict(item.title), "progress": progress(outline, done, item.id)}


def _step(item: OutlineItem, work: dict[UUID, View]) -> View:
    attempt = work.get(item.id, {"completed_at": None, "score": None})
    return {
        "id": str(item.id),
        "title": dict(item.title),
        "kind": item.block_type,
        "language": item.content_language,
        "completed": attempt["completed_at"] is not None,
        "score": attempt["score"],
    }


def home(tx: Tx) -> View:
    """For the Today page: what to continue (seen last first), and drafts for those who write courses."""
    account_id = tx.actor.require_account()
    mine = enrolments.c.account_id == account_id
    finished = select(func.count()).where(mine, enrolments.c.completed_at.is_not(None))
    return {
        "continue": _continue(tx, account_id),
        "completed": tx.session.execute(finished).scalar_one(),
        "drafts_to_take": _drafts(tx, None),
        "my_drafts": _drafts(tx, account_id),
    }


def _drafts(tx: Tx, author_id: UUID | None) -> list[View]:
    if not policy.can_author(tx.actor):
        return []
    found = some_courses(tx, and_(courses.c.status == DRAFT, courses.c.author_id == author_id), SHOWN)
    return summaries(tx, found)


def _continue(tx: Tx, account_id: UUID) -> list[View]:
    statement = (
        select(enrolments.c.id, enrolments.c.course_id, enrolments.c.last_activity_id, courses.c.title)
        .join(courses, courses.c.id == enrolments.c.course_id)
        .where(enrolments.c.account_id == account_id, enrolments.c.completed_at.is_(None))
        .order_by(enrolments.c.last_seen_at.desc(), enrolments.c.id.desc())
        .limit(SHOWN)
    )
    found = rows(tx, statement)
    outlines = _outlines(tx, [row["course_id"] for row in found])
    done = _done(tx, [row["id"] for row in found])
    return [_going_on(row, outlines[row["course_id"]], done[row["id"]]) for row in found]


def _going_on(row: View, outline: Outline, done: set[UUID]) -> View:
    return {
        "course_id": str(row["course_id"]),
        "title": row["title"],
        "progress": progress(outline, done),
        "next": _pointer(next_activity(outline, done, row["last_activity_id"])),
    }


def _outlines(tx: Tx, course_ids: Sequence[UUID]) -> dict[UUID, Outline]:
    found = tx.session.execute(select(OutlineItem).where(items.c.course_id.in_(course_ids))).scalars()
    by_course: dict[UUID, list[OutlineItem]] = defaultdict(list)
    for item in found:
        by_course[item.course_id].append(item)
    return {course_id: Outline(by_course[course_id]) for course_id in course_ids}


def _done(tx: Tx, enrolment_ids: Sequence[UUID]) -> dict[UUID, set[UUID]]:
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
    return _libraries(tx, grant["content_id"]) | {
        "content_id": str(grant["content_id"]),
        "activity_id": str(grant["activity_id"]),
        "prefix": grant["prefix"].removesuffix("/") + "/",
        "h5p": grant["manifest"],
        "main_library": " ".join(grant["main_library"].rsplit("-", 1)),
        "language": grant["language"],
        "nonce": grant["nonce"],
        "read_only": grant["attempt_id"] is None,
        "expires_at": iso(grant["expires_at"]),
        "state": saved_states(tx, grant["attempt_id"]),
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


def list_h5p_libraries(tx: Tx, wanted: View) -> View:
    """The installed libraries by name, with how many contents use each. Raises NotFound for others than staff."""
    if not policy.is_staff(tx.actor):
        raise NotFound
    request = PageRequest.of(wanted["cursor"], wanted["limit"])
    libs, uses = h5p_libraries.c, h5p_content_libraries.c
    same = (uses.machine_name == libs.machine_name) & (uses.major == libs.major) & (uses.minor == libs.minor)
    count = select(func.count()).where(same).scalar_subquery()
    statement = select(
        libs.machine_name, libs.major, libs.minor, libs.patch, libs.title, libs.runnable, libs.installed_at,
        libs.folder, count.label("uses"),
    )  # fmt: skip
    if request.after is not None:
        statement = statement.where(libs.folder > request.after[0])
    found = rows(tx, statement.order_by(libs.folder).limit(request.limit + 1))
    return page_of(found, request, lambda row: [row["folder"]], _library)


def _library(row: View) -> View:
    return {
        "machine_name": row["machine_name"],
        "version": f"{row['major']}.{row['minor']}.{row['patch']}",
        "title": row["title"],
        "runnable": row["runnable"],
        "uses": row["uses"],
        "installed_at": iso(row["installed_at"]),
    }


def get_h5p_policy(tx: Tx, *, demo: bool) -> View:
    """Who may install libraries. Raises NotFound for others than staff."""
    if not policy.is_staff(tx.actor):
        raise NotFound
    return {"trainers_may_install": trainers_may_install(tx, demo=demo)}
