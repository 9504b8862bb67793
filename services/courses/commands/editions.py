"""Publishing an edition, going back to a kept state, copying, and who writes a course."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update

from services.courses import history, policy, readiness, store, trash
from services.courses.commands.learning import settle
from services.courses.commands.quiz_authoring import freeze_quizzes
from services.courses.commands.writing import Edit, drop_h5p, edited, link_problems
from services.courses.domain.course import Course, Objective, Pair
from services.courses.domain.editions import (
    KEPT,
    PUBLISHED,
    RESTORED,
    Document,
    Snapshot,
    head_of,
    objectives_of,
    outline_of,
)
from services.courses.domain.errors import CourseNotReady, PlaceGone
from services.courses.domain.learning import Enrolment
from services.courses.domain.outline import ACTIVITY, PARENT_KIND, Outline, OutlineItem
from services.courses.domain.publishing import blockers, languages_of
from services.courses.tables import (
    attempts,
    enrolments,
    h5p_contents,
    items,
    kept,
    snapshots,
    xblock_definitions,
    xblock_fields,
    xblock_usages,
)
from shared.contracts.courses import CoursePublished
from shared.db.dialect import insert_new
from shared.db.tx import Tx
from shared.errors import FieldProblem, Forbidden, Invalid, NotFound
from shared.ids import new_id, parse_id

PRUNED = 500
"""Kept states that one run of the daily job looks at."""


# --- publishing


@dataclass(frozen=True, slots=True)
class PublishCourse:
    course_id: object
    version: int
    note: Pair | None


def publish_course(tx: Tx, cmd: PublishCourse) -> Edit:
    """Open it to learners, or give them the next edition. Raises CourseNotReady with every reason."""
    course = store.edit_course(tx, cmd.course_id, cmd.version)
    outline, objectives = store.load_outline(tx, course.id), store.load_objectives(tx, course.id)
    freeze_quizzes(tx, outline, course.author_id)
    gaps = readiness.gaps_of(tx, outline)
    reasons = blockers(course, outline, objectives, gaps)
    if reasons:
        raise CourseNotReady(fields=reasons)
    course.publish(tx.now, languages_of(course, outline, gaps))
    edition = history.keep(tx, course, PUBLISHED, number=course.edition, note=cmd.note)
    history.put_before_learners(tx, edition)
    settle_the_finished(tx, course.id, outline)
    event = CoursePublished(
        course.id, dict(course.title), course.edition, course.proposal_id, course.need_id,
        dict(cmd.note) if cmd.note else None,
    )  # fmt: skip
    tx.publish(event, subject=course.id, version=course.version)
    return edited(course) | {"edition": course.edition}


def settle_the_finished(tx: Tx, course_id: UUID, outline: Outline) -> None:
    """Who has completed everything that an edition has is done, though what else there was is gone."""
    ids = [activity.id for activity in outline.activities()]
    done = (
        select(attempts.c.enrolment_id)
        .join(enrolments, enrolments.c.id == attempts.c.enrolment_id)
        .where(enrolments.c.course_id == course_id, enrolments.c.completed_at.is_(None))
        .where(attempts.c.activity_id.in_(ids), attempts.c.completed_at.is_not(None))
        .group_by(attempts.c.enrolment_id)
        .having(func.count() == len(ids))
    )
    whole = select(Enrolment).where(enrolments.c.id.in_(done)).with_for_update()
    for enrolment in tx.session.execute(whole).scalars().all():
        settle(tx, enrolment, outline, set(ids))


# --- going back


@dataclass(frozen=True, slots=True)
class RestoreSnapshot:
    course_id: object
    snapshot_id: object
    version: int


def restore_snapshot(tx: Tx, cmd: RestoreSnapshot) -> Edit:
    """The draft becomes what it was then; what it is now is kept first. Learners see nothing before publication."""
    course = store.edit_course(tx, cmd.course_id, cmd.version)
    snapshot = find_snapshot(tx, course, cmd.snapshot_id)
    history.keep(tx, course, RESTORED)
    document = snapshot.document
    for name, value in head_of(document).items():
        setattr(course, name, value)
    course.touched = course.version
    target = outline_of(document, course.id)
    _put_items(tx, course, target.items, keep_others=False)
    _put_objectives(tx, course, objectives_of(document, course.id))
    _put_blocks(tx, document, {str(activity.id) for activity in target.activities()})
    return edited(course)


@dataclass(frozen=True, slots=True)
class RestoreItem:
    course_id: object
    snapshot_id: object
    item_id: object


def restore_item(tx: Tx, cmd: RestoreItem) -> Edit:
    """Bring back a deleted part as a kept state has it, in its old place. Raises PlaceGone when that is gone too."""
    course = store.edit_course(tx, cmd.course_id, None)
    document = find_snapshot(tx, course, cmd.snapshot_id).document
    before, now = outline_of(document, course.id), store.load_outline(tx, course.id)
    root = before.by_id.get(parse_id(cmd.item_id))
    if root is None:
        raise NotFound
    if root.parent_id is not None and root.parent_id not in now.by_id:
        raise PlaceGone
    part = [item for item in reversed(before.subtree(root.id)) if item.id not in now.by_id]
    _make_room(now, root)
    _put_items(tx, course, part, keep_others=True)
    _put_blocks(tx, document, {str(item.id) for item in part})
    return edited(course, root.id)


def _make_room(outline: Outline, item: OutlineItem) -> None:
    """Siblings at or after the item's old position step down by one."""
    siblings = outline.below(item.parent_id)
    if any(sibling.position == item.position for sibling in siblings):
        for sibling in siblings:
            sibling.position += sibling.position >= item.position


def find_snapshot(tx: Tx, course: Course, snapshot_id: object) -> Snapshot:
    """A kept state of this course. Raises NotFound."""
    snapshot = tx.session.get(Snapshot, parse_id(snapshot_id))
    if snapshot is None or snapshot.course_id != course.id:
        raise NotFound
    return snapshot


_OWN = ("id", "course_id", "touched")


def _put_items(tx: Tx, course: Course, wanted: list[OutlineItem], *, keep_others: bool) -> None:
    """Rows as wanted. Parents come before what is in them, and go after it has moved out."""
    now = store.load_outline(tx, course.id)
    for item in _parents_first(wanted):
        row = now.by_id.get(item.id)
        if row is None:
            item.touched = course.version
            tx.add(item)
        else:
            _overwrite(row, item, course.version)
        tx.session.flush()
    ids = {item.id for item in wanted}
    for item in reversed([] if keep_others else _parents_first(now.items)):
        if item.id not in ids:
            tx.session.delete(item)
            tx.session.flush()


def _overwrite(row: Any, wanted: Any, version: int) -> None:
    changed = {
        f.name: getattr(wanted, f.name)
        for f in fields(wanted)
        if f.name not in _OWN and getattr(row, f.name) != getattr(wanted, f.name)
    }
    for name, value in changed.items():
        setattr(row, name, value)
    if changed:
        row.touched = version


def _put_objectives(tx: Tx, course: Course, wanted: list[Objective]) -> None:
    now = {objective.id: objective for objective in store.load_objectives(tx, course.id)}
    for objective in wanted:
        row = now.pop(objective.id, None)
        if row is None:
            objective.touched = course.version
            tx.add(objective)
        else:
            _overwrite(row, objective, course.version)
    for gone in now.values():
        tx.session.delete(gone)
    tx.session.flush()


def _put_blocks(tx: Tx, document: Document, activities: set[str]) -> None:
    """Blocks of these activities hold again what they held."""
    blocks = {usage: block for usage, block in document["blocks"].items() if block["activity"] in activities}
    held = history.held_by(tx, [document])
    for usage, block in blocks.items():
        _write_block(tx, UUID(usage), block, held[block["digest"]])


def _write_block(tx: Tx, usage_id: UUID, block: Mapping[str, Any], held: Mapping[str, Any]) -> None:
    definition_id = UUID(block["definition"])
    insert_new(tx.session, xblock_definitions, {"id": definition_id, "block_type": block["type"]})
    row = {"id": usage_id, "definition_id": definition_id, "children": held["children"]}
    insert_new(tx.session, xblock_usages, row)
    tx.session.execute(
        update(xblock_usages).where(xblock_usages.c.id == usage_id).values(children=held["children"])
    )
    columns = xblock_fields.c
    mine = columns.scope.in_(history.AUTHORED) & columns.block_id.in_((str(usage_id), str(definition_id)))
    tx.session.execute(delete(xblock_fields).where(mine, columns.user_id == ""))
    places = {"content": str(definition_id), "settings": str(usage_id)}
    rows = [
        {"scope": scope, "block_id": place, "user_id": "", "name": name, "value": value}
        for scope, place in places.items()
        for name, value in held[scope].items()
    ]
    if rows:
        tx.session.execute(insert(xblock_fields), rows)


# --- places


@dataclass(frozen=True, slots=True)
class PlaceItem:
    item_id: object
    parent_id: object | None
    position: int


def place_item(tx: Tx, cmd: PlaceItem) -> Edit:
    """Put a part under a parent of its kind, `position` counted from 0 among its new siblings. Raises NotFound."""
    course = store.edit_course(tx, store.course_of_item(tx, cmd.item_id), None)
    outline = store.load_outline(tx, course.id)
    item = outline.by_id.get(parse_id(cmd.item_id))
    parent = outline.by_id.get(parse_id(cmd.parent_id)) if cmd.parent_id else None
    if item is None or (parent.kind if parent else None) != PARENT_KIND[item.kind]:
        raise NotFound
    siblings = [one for one in outline.below(parent.id if parent else None) if one is not item]
    siblings.insert(min(cmd.position, len(siblings)), item)
    item.parent_id = parent.id if parent else None
    for position, sibling in enumerate(siblings):
        sibling.position = position
    return edited(course, item.id)


# --- copies


def duplicate_course(tx: Tx, course_id: object) -> Edit:
    """A draft of the actor's own with the same outline, objectives and contents. Raises NotFound, Forbidden."""
    original = store.load_course(tx, course_id)
    if not policy.can_author(tx.actor):
        raise Forbidden
    if not policy.is_staff(tx.actor):
        raise NotFound
    copy = Course(
        new_id(), _copied(original.title), dict(original.summary), tx.now, original.need_id,
        author_id=tx.actor.account_id, only_language=original.only_language, edited_by=tx.actor.account_id,
        edited_at=tx.now,
    )  # fmt: skip
    tx.add(copy)
    tx.session.flush()
    outline = store.load_outline(tx, original.id)
    ids = _copy_items(tx, outline, _parents_first(outline.items), copy.id)
    for objective in store.load_objectives(tx, original.id):
        tx.add(_copied_objective(objective, copy.id, ids))
    return edited(copy)


def _copied(title: Pair) -> dict[str, str]:
    marks = {"fr": " (copie)", "en": " (copy)"}
    return {language: f"{text[:190]}{marks[language]}" if text else "" for language, text in title.items()}


def _parents_first(part: Iterable[OutlineItem]) -> list[OutlineItem]:
    return sorted(part, key=lambda item: list(PARENT_KIND).index(item.kind))


def duplicate_item(tx: Tx, item_id: object, version: int | None) -> Edit:
    """A copy of a part with everything in it, right after it."""
    course = store.edit_course(tx, store.course_of_item(tx, item_id), version)
    outline = store.load_outline(tx, course.id)
    root = outline.by_id.get(parse_id(item_id))
    if root is None:
        raise NotFound
    for sibling in outline.below(root.parent_id):
        sibling.position += sibling.position > root.position
    part = list(reversed(outline.subtree(root.id)))
    ids = _copy_items(tx, outline, part, course.id, root)
    return edited(course, ids[root.id])


def _copy_items(
    tx: Tx, outline: Outline, part: list[OutlineItem], course_id: UUID, root: OutlineItem | None = None
) -> dict[UUID, UUID]:
    """Copies under new ids; returns old -> new. `root` is copied beside itself."""
    ids = {item.id: new_id() for item in part}
    frozen = history.freeze(tx, outline)
    for item in part:
        values: dict[str, Any] = {f.name: getattr(item, f.name) for f in fields(item)}
        values |= {
            "id": ids[item.id], "course_id": course_id, "touched": 1,
            "parent_id": ids.get(item.parent_id, item.parent_id) if item.parent_id else None,
            "after": [str(ids.get(UUID(one), one)) for one in item.after],
        }  # fmt: skip
        if item is root:
            values |= {"title": _copied(item.title), "position": item.position + 1}
        tx.add(OutlineItem(**values))
        tx.session.flush()
        if item.kind == ACTIVITY:
            _copy_block(tx, frozen, str(item.id), ids[item.id])
    return ids


def _copy_block(tx: Tx, frozen: history.Frozen, usage: str, copy_id: UUID) -> None:
    """A block with a definition of its own that holds the same; those below it too. Contents are shared: they are
    never changed, only replaced.
    """
    block = frozen.blocks[usage]
    held = frozen.held[block["digest"]]
    below = {child: new_id() for child in held["children"]}
    copy = {"type": block["type"], "definition": str(new_id())}
    _write_block(tx, copy_id, copy, {**held, "children": [str(child) for child in below.values()]})
    for child, child_id in below.items():
        _copy_block(tx, frozen, child, child_id)
        tx.session.execute(
            update(xblock_usages).where(xblock_usages.c.id == child_id).values(parent_id=copy_id)
        )


def _copied_objective(objective: Objective, course_id: UUID, ids: Mapping[UUID, UUID]) -> Objective:
    values = {f.name: getattr(objective, f.name) for f in fields(objective)}
    links = {
        name: [str(ids[UUID(one)]) for one in values[name] if UUID(one) in ids]
        for name in ("modules", "assessments")
    }
    return Objective(**(values | links | {"id": new_id(), "course_id": course_id, "touched": 1}))


# --- objectives, languages, authors


@dataclass(frozen=True, slots=True)
class Alignment:
    """One objective with the modules that work towards it and the activities that assess it."""

    objective_id: UUID
    modules: list[UUID]
    assessments: list[UUID]


def align_objectives(tx: Tx, course_id: object, version: int, wanted: list[Alignment]) -> Edit:
    """Link objectives to modules and assessments, each one named as a whole. Raises Invalid for what is not there,
    Stale when one of these objectives has changed since the editor looked.
    """
    course = store.lock_course(tx, course_id)
    known = {objective.id: objective for objective in store.load_objectives(tx, course.id)}
    touched = [known[one.objective_id].touched for one in wanted if one.objective_id in known]
    store.edit_course(tx, course.id, version, max(touched, default=1))
    _require_known(wanted, known, store.load_outline(tx, course.id))
    for one in wanted:
        objective = known[one.objective_id]
        links = {"modules": [str(x) for x in one.modules], "assessments": [str(x) for x in one.assessments]}
        if links != {"modules": objective.modules, "assessments": objective.assessments}:
            objective.modules, objective.assessments = links["modules"], links["assessments"]
            objective.touched = course.version
    return edited(course)


def _require_known(wanted: list[Alignment], known: Mapping[UUID, Objective], outline: Outline) -> None:
    problems = []
    for index, one in enumerate(wanted):
        path = f"objectives.{index}."
        if one.objective_id not in known:
            problems.append(FieldProblem(f"{path}objective_id", "not-in-course"))
        links = {"modules": one.modules, "assessments": one.assessments}
        problems += link_problems(outline, links, path)
    if problems:
        raise Invalid(fields=problems)


def set_course_language(tx: Tx, course_id: object, version: int, only_language: str | None) -> Edit:
    """Declare a course to be in one language on purpose, or in both."""
    course = store.lock_course(tx, course_id)
    store.edit_course(tx, course.id, version, course.touched)
    course.only_language, course.touched = only_language, course.version
    return edited(course)


def add_author(tx: Tx, course_id: object, account_id: UUID) -> Edit:
    """One more trainer may write it; again: no change. Raises NotFound, Forbidden."""
    course = _with_authors(tx, course_id)
    if account_id != course.author_id and str(account_id) not in course.co_authors:
        course.edit(None)
        course.co_authors = [*course.co_authors, str(account_id)]
    return edited(course)


def remove_author(tx: Tx, course_id: object, account_id: object) -> Edit:
    """No longer. Raises NotFound, Forbidden."""
    course = _with_authors(tx, course_id)
    if str(parse_id(account_id)) not in course.co_authors:
        raise NotFound
    course.edit(None)
    course.co_authors = [one for one in course.co_authors if one != str(parse_id(account_id))]
    return edited(course)


def _with_authors(tx: Tx, course_id: object) -> Course:
    course = store.lock_course(tx, course_id)
    if not policy.can_choose_authors(tx.actor, course):
        raise Forbidden
    return course


# --- tidying


def prune_history(tx: Tx) -> int:
    """Forget states of drafts that are older than the history reaches, and what only they needed; how many went."""
    old = (
        select(snapshots.c.id)
        .where(snapshots.c.number.is_(None), snapshots.c.made_at < tx.now - KEPT)
        .order_by(snapshots.c.id)
        .limit(PRUNED)
    )
    ids = tx.session.execute(old).scalars().all()
    refs = (
        tx.session.execute(select(kept.c.ref).where(kept.c.snapshot_id.in_(ids)).distinct()).scalars().all()
    )
    tx.session.execute(delete(kept).where(kept.c.snapshot_id.in_(ids)))
    tx.session.execute(delete(snapshots).where(snapshots.c.id.in_(ids)))
    _let_go(tx, refs)
    return len(ids)


def _let_go(tx: Tx, refs: Sequence[str]) -> None:
    """Deleted activities' blocks go with all that they hold; then contents that nothing names; files go to the trash,
    whose sweep looks again.
    """
    free = [ref for ref in refs if not history.is_kept(tx, ref)]
    ids = [UUID(ref) for ref in free if "/" not in ref]
    present = set(tx.session.execute(select(items.c.id).where(items.c.id.in_(ids))).scalars())
    usages = select(xblock_usages.c.id).where(xblock_usages.c.id.in_(ids), xblock_usages.c.id.not_in(present))
    runtime = store.runtime_for(tx, role="author", user=False)
    for usage_id in tx.session.execute(usages).scalars().all():
        runtime.remove(usage_id)
    named = select(h5p_contents.c.activity_id).where(h5p_contents.c.id.in_(ids)).distinct()
    for activity_id in tx.session.execute(named).scalars().all():
        drop_h5p(tx, activity_id)
    for key in free:
        if "/" in key:
            trash.throw(tx, key)
