"""Load, lock, add. Guarded loads take the actor; what one may not see does not exist."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from services.courses import block_types, history, policy
from services.courses.domain.course import Course, Objective
from services.courses.domain.editions import Snapshot, objectives_of, outline_of
from services.courses.domain.learning import Attempt, Enrolment
from services.courses.domain.outline import ACTIVITY, Outline, OutlineItem
from services.courses.players.xblock_runtime import Addresses, CercleRuntime, Viewer
from services.courses.tables import attempts, enrolments, items, published_blocks, snapshots
from shared.db.tx import Tx
from shared.errors import Forbidden, NotFound
from shared.ids import parse_id


def load_course(tx: Tx, course_id: object) -> Course:
    """A course that the actor may see. Raises NotFound."""
    course = tx.session.get(Course, parse_id(course_id))
    if course is None or not policy.can_see_course(tx.actor, course):
        raise NotFound
    return course


def edit_course(tx: Tx, course_id: object, version: int | None, since: int | None = None) -> Course:
    """Lock a course for a change by its author, count the version, and keep the history.

    since: the version at which the thing that is changed last changed (see Course.edit).
    Raises NotFound (hidden), Forbidden (seen, but another's), Stale.
    """
    course = _writable(tx, course_id)
    _count(tx, course, version, since)
    return course


def _writable(tx: Tx, course_id: object) -> Course:
    course = lock_course(tx, course_id)
    if not policy.can_edit_course(tx.actor, course):
        raise Forbidden
    return course


def _count(tx: Tx, course: Course, version: int | None, since: int | None) -> None:
    history.keep_before_edit(tx, course)
    course.edit(version, since)


def lock_course(tx: Tx, course_id: object) -> Course:
    """A visible course, its row locked until the commit. Raises NotFound."""
    course = tx.session.get(Course, parse_id(course_id), with_for_update=True, populate_existing=True)
    if course is None or not policy.can_see_course(tx.actor, course):
        raise NotFound
    return course


def course_of_item(tx: Tx, item_id: object) -> UUID:
    """The course of an item, not yet guarded. Raises NotFound."""
    found = tx.session.execute(select(items.c.course_id).where(items.c.id == parse_id(item_id))).scalar()
    if found is None:
        raise NotFound
    return UUID(str(found))


def edit_item(tx: Tx, item_id: object, version: int | None, kind: str | None = None) -> OutlineItem:
    """An item whose course is locked for a change. Raises NotFound, Forbidden; Stale when the item itself has
    changed since the editor looked.
    """
    course = _writable(tx, course_of_item(tx, item_id))
    item = _item(tx, item_id, kind)
    _count(tx, course, version, item.touched)
    item.touched = course.version
    return item


def _item(tx: Tx, item_id: object, kind: str | None) -> OutlineItem:
    item = tx.session.get(OutlineItem, parse_id(item_id), populate_existing=True)
    if item is None or (kind is not None and item.kind != kind):
        raise NotFound
    return item


def load_activity(tx: Tx, activity_id: object) -> OutlineItem:
    """An activity, not yet guarded. Raises NotFound."""
    return _item(tx, activity_id, ACTIVITY)


def visible_activity(tx: Tx, activity_id: object, *, draft: bool = False) -> OutlineItem:
    """An activity whose content the actor may see: of the newest edition, staff and who is enrolled; of the draft
    (also where there is no edition with it) staff only. Raises NotFound.
    """
    staff = policy.is_staff(tx.actor)
    course_id = published_course(tx, activity_id)
    if draft or course_id is None:
        if not staff:
            raise NotFound
        return load_activity(tx, activity_id)
    if not staff and find_enrolment(tx, course_id) is None:
        raise NotFound
    return learner_activity(tx, activity_id)


def load_outline(tx: Tx, course_id: UUID) -> Outline:
    """All items of a course as a tree."""
    found = select(OutlineItem).where(items.c.course_id == course_id)
    return Outline(tx.session.execute(found, execution_options={"populate_existing": True}).scalars())


def newest_edition(tx: Tx, course: Course | UUID) -> Snapshot | None:
    """What learners of a course are served from; None while it has never been published."""
    known = course if isinstance(course, Course) else tx.session.get_one(Course, course)
    if not known.edition:
        return None
    found = select(Snapshot).where(snapshots.c.course_id == known.id, snapshots.c.number == known.edition)
    return tx.session.execute(found).scalar_one_or_none()


def learner_outline(tx: Tx, course: Course | UUID) -> Outline:
    """The outline of the newest edition; of the draft while there is none."""
    edition, course_id = newest_edition(tx, course), course.id if isinstance(course, Course) else course
    return load_outline(tx, course_id) if edition is None else outline_of(edition.document, course_id)


def learner_objectives(tx: Tx, course: Course) -> list[Objective]:
    """The objectives of the newest edition; of the draft while there is none."""
    edition = newest_edition(tx, course)
    return load_objectives(tx, course.id) if edition is None else objectives_of(edition.document, course.id)


def published_course(tx: Tx, activity_id: object) -> UUID | None:
    """The course in whose newest edition an activity is; None for none."""
    found = select(published_blocks.c.course_id).where(published_blocks.c.usage_id == parse_id(activity_id))
    return tx.session.execute(found).scalar_one_or_none()


def learner_activity(tx: Tx, activity_id: object) -> OutlineItem:
    """An activity as the newest edition has it, not yet guarded. Raises NotFound."""
    course_id = published_course(tx, activity_id)
    item = learner_outline(tx, course_id).by_id.get(parse_id(activity_id)) if course_id else None
    if item is None:
        raise NotFound
    return item


def load_objectives(tx: Tx, course_id: UUID) -> list[Objective]:
    """Objectives of a course in order."""
    found = tx.session.execute(select(Objective).filter_by(course_id=course_id)).scalars()
    return sorted(found, key=lambda objective: (objective.position, objective.id))


def find_enrolment(tx: Tx, course_id: UUID, *, lock: bool = False) -> Enrolment | None:
    """The actor's enrolment in a course, unless they left; locked, all writes of one learner in one course queue on
    it.
    """
    mine = select(Enrolment).where(
        enrolments.c.course_id == course_id,
        enrolments.c.account_id == tx.actor.account_id,
        enrolments.c.left_at.is_(None),
    )
    if lock:
        mine = mine.with_for_update().execution_options(populate_existing=True)
    return tx.session.execute(mine).scalar_one_or_none()


def require_enrolment(tx: Tx, course_id: UUID) -> Enrolment:
    """The actor's enrolment, locked. Raises NotFound."""
    tx.actor.require_account()
    enrolment = find_enrolment(tx, course_id, lock=True)
    if enrolment is None:
        raise NotFound
    return enrolment


def find_attempt(tx: Tx, enrolment_id: UUID, activity_id: UUID) -> Attempt | None:
    """The attempt on one activity."""
    found = select(Attempt).where(
        attempts.c.enrolment_id == enrolment_id, attempts.c.activity_id == activity_id
    )
    return tx.session.execute(found).scalar_one_or_none()


def completed_activities(tx: Tx, enrolment_id: UUID) -> set[UUID]:
    """Ids of the activities that an enrolment has completed."""
    done = select(attempts.c.activity_id).where(
        attempts.c.enrolment_id == enrolment_id, attempts.c.completed_at.is_not(None)
    )
    return set(tx.session.execute(done).scalars())


def runtime_for(
    tx: Tx, *, role: str = "learner", user: bool = True, addresses: Addresses | None = None
) -> CercleRuntime:
    """The XBlock runtime of this transaction, for the actor; `user` False where no user state is wanted.

    For role `learner`, blocks hold what the newest edition holds; for others (`author`), what the draft holds.
    """
    account = str(tx.actor.account_id) if user and tx.actor.account_id else None
    viewer = Viewer(account, tx.actor.language, role)
    return CercleRuntime(tx.session, block_types.usable(tx), viewer, block_types.host(tx, addresses))
