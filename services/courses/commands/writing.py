"""Writing a course: its texts, outline and objectives, taking it and publishing it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from services.courses import policy, store, trash
from services.courses.domain.course import Course, Objective, Pair
from services.courses.domain.errors import CourseNotReady, WrongKind
from services.courses.domain.outline import (
    ACTIVITY,
    COMPLETION,
    MODULE,
    PARENT_KIND,
    TEXT,
    UNIT,
    OutlineItem,
)
from services.courses.domain.publishing import blockers, languages_of
from services.courses.tables import attempts, courses, h5p_contents, play_grants, states
from shared.contracts.courses import CourseDrafted, CoursePublished
from shared.contracts.surveys import ProposalApproved
from shared.db.dialect import insert_new
from shared.db.tx import Tx
from shared.errors import Forbidden, NotFound
from shared.ids import new_id, parse_id

Edit = dict[str, Any]


def edited(course: Course, thing_id: UUID | None = None) -> Edit:
    """What every write answers: `{id, course_id, version}`."""
    return {"id": str(thing_id or course.id), "course_id": str(course.id), "version": course.version}


@dataclass(frozen=True, slots=True)
class CreateCourse:
    title: Pair
    summary: Pair
    need_id: UUID | None


def create_course(tx: Tx, cmd: CreateCourse) -> Edit:
    """A draft of the actor's own. Raises Forbidden."""
    if not policy.can_author(tx.actor):
        raise Forbidden
    course = Course(new_id(), cmd.title, cmd.summary, tx.now, cmd.need_id, author_id=tx.actor.account_id)
    tx.add(course)
    return edited(course)


def draft_course(tx: Tx, event: ProposalApproved) -> None:
    """The draft of an approved proposal, once per proposal, with a first objective made of the need."""
    course_id = new_id()
    fresh = insert_new(tx.session, courses, {
        "id": course_id, "title": event.title, "summary": {"fr": "", "en": ""}, "need_id": event.need_id,
        "proposal_id": event.proposal_id, "status": "draft", "edition": 0, "version": 1, "languages": [],
        "created_at": tx.now,
    })  # fmt: skip
    if not fresh:
        return
    tx.add(Objective(new_id(), course_id, 0, event.need_statement, "apply", event.need_id))
    drafted = CourseDrafted(course_id, event.title, event.proposal_id, event.need_id)
    tx.publish(drafted, subject=course_id, version=1)


def take_course(tx: Tx, course_id: object) -> Edit:
    """The actor becomes the author; again: no change. Raises NotFound, Forbidden, CourseTaken."""
    course = store.lock_course(tx, course_id)
    if not policy.can_author(tx.actor):
        raise Forbidden
    course.take(tx.actor.require_account())
    return edited(course)


@dataclass(frozen=True, slots=True)
class UpdateCourse:
    course_id: object
    version: int
    title: Pair
    summary: Pair


def update_course(tx: Tx, cmd: UpdateCourse) -> Edit:
    """Other title and summary."""
    course = store.edit_course(tx, cmd.course_id, cmd.version)
    course.title, course.summary = cmd.title, cmd.summary
    return edited(course)


@dataclass(frozen=True, slots=True)
class PublishCourse:
    course_id: object
    version: int


def publish_course(tx: Tx, cmd: PublishCourse) -> Edit:
    """Open it to learners, or publish the next edition. Raises CourseNotReady with every reason."""
    course = store.edit_course(tx, cmd.course_id, cmd.version)
    outline = store.load_outline(tx, course.id)
    reasons = blockers(course, outline, store.load_objectives(tx, course.id))
    if reasons:
        raise CourseNotReady(fields=reasons)
    course.publish(tx.now, languages_of(course, outline))
    event = CoursePublished(course.id, dict(course.title), course.edition, course.proposal_id, course.need_id)
    tx.publish(event, subject=course.id, version=course.version)
    return edited(course) | {"edition": course.edition}


@dataclass(frozen=True, slots=True)
class AddModule:
    course_id: object
    title: Pair
    version: int | None


def add_module(tx: Tx, cmd: AddModule) -> Edit:
    """A module at the end."""
    course = store.edit_course(tx, cmd.course_id, cmd.version)
    return edited(course, _append(tx, course, None, MODULE, cmd.title).id)


@dataclass(frozen=True, slots=True)
class AddUnit:
    module_id: object
    title: Pair
    version: int | None


def add_unit(tx: Tx, cmd: AddUnit) -> Edit:
    """A unit at the end of its module."""
    course, parent = _parent(tx, cmd.module_id, cmd.version, UNIT)
    return edited(course, _append(tx, course, parent, UNIT, cmd.title).id)


@dataclass(frozen=True, slots=True)
class AddActivity:
    unit_id: object
    title: Pair
    kind: str
    body: Pair | None
    version: int | None


def add_activity(tx: Tx, cmd: AddActivity) -> Edit:
    """An activity at the end of its unit: an item and an XBlock usage of the same id."""
    if cmd.body is not None and cmd.kind != TEXT:
        raise WrongKind
    course, parent = _parent(tx, cmd.unit_id, cmd.version, ACTIVITY)
    item = _append(tx, course, parent, ACTIVITY, cmd.title)
    item.block_type, item.completion = cmd.kind, COMPLETION[cmd.kind]
    tx.session.flush()
    block = store.runtime_for(tx, role="author", user=False).create(cmd.kind, item.id)
    if cmd.body is not None:
        block.write(cmd.body)
        item.ready_in = _written(cmd.body)
    return edited(course, item.id)


def _parent(tx: Tx, parent_id: object, version: int | None, kind: str) -> tuple[Course, UUID]:
    course = store.edit_course(tx, store.course_of_item(tx, parent_id), version)
    parent = store.load_outline(tx, course.id).by_id.get(parse_id(parent_id))
    if parent is None or parent.kind != PARENT_KIND[kind]:
        raise NotFound
    return course, parent.id


def _append(tx: Tx, course: Course, parent_id: UUID | None, kind: str, title: Pair) -> OutlineItem:
    position = store.load_outline(tx, course.id).next_position(parent_id)
    item = OutlineItem(new_id(), course.id, kind, title, position, parent_id)
    with tx.session.no_autoflush:
        tx.add(item)
    return item


def _written(body: Pair) -> list[str]:
    return [language for language, text in body.items() if text]


@dataclass(frozen=True, slots=True)
class RenameItem:
    item_id: object
    version: int
    title: Pair


def rename_item(tx: Tx, cmd: RenameItem) -> Edit:
    """Another title."""
    item = store.edit_item(tx, cmd.item_id, cmd.version)
    item.title = cmd.title
    return edited(store.load_course(tx, item.course_id), item.id)


@dataclass(frozen=True, slots=True)
class MoveItem:
    item_id: object
    direction: str
    version: int | None


def move_item(tx: Tx, cmd: MoveItem) -> Edit:
    """One place up or down among its siblings; at the end it stays where it is."""
    course = store.edit_course(tx, store.course_of_item(tx, cmd.item_id), cmd.version)
    outline = store.load_outline(tx, course.id)
    item = outline.by_id.get(parse_id(cmd.item_id))
    if item is None:
        raise NotFound
    outline.move(item, cmd.direction)
    return edited(course, item.id)


@dataclass(frozen=True, slots=True)
class DeleteItem:
    item_id: object
    version: int


def delete_item(tx: Tx, cmd: DeleteItem) -> Edit:
    """The item with everything in it. Attempts stay as a record; files go to the trash."""
    course = store.edit_course(tx, store.course_of_item(tx, cmd.item_id), cmd.version)
    outline = store.load_outline(tx, course.id)
    root = outline.by_id.get(parse_id(cmd.item_id))
    if root is None:
        raise NotFound
    for item in outline.subtree(root.id):
        if item.kind == ACTIVITY:
            _drop_content(tx, item)
        tx.session.delete(item)
        tx.session.flush()
    return edited(course, root.id)


def _drop_content(tx: Tx, item: OutlineItem) -> None:
    runtime = store.runtime_for(tx, user=False)
    block = runtime.get_block(str(item.id))
    if item.block_type == "file" and block.storage_key:
        trash.throw(tx, block.storage_key)
    drop_h5p(tx, item.id)
    runtime.remove(item.id)


def drop_h5p(tx: Tx, activity_id: UUID) -> None:
    """Let go of an activity's H5P contents, with their open grants and the states saved in them."""
    mine = h5p_contents.c.activity_id == activity_id
    for prefix in tx.session.execute(select(h5p_contents.c.prefix).where(mine)).scalars().all():
        trash.throw(tx, prefix)
    tx.session.execute(delete(play_grants).where(play_grants.c.activity_id == activity_id))
    theirs = select(attempts.c.id).where(attempts.c.activity_id == activity_id)
    tx.session.execute(delete(states).where(states.c.attempt_id.in_(theirs)))
    tx.session.execute(delete(h5p_contents).where(mine))


@dataclass(frozen=True, slots=True)
class ObjectiveFields:
    text: Pair
    bloom: str
    need_id: UUID | None
    audience: Pair | None
    behaviour: Pair | None
    condition: Pair | None
    degree: Pair | None


def add_objective(tx: Tx, course_id: object, version: int | None, values: ObjectiveFields) -> Edit:
    """An objective at the end."""
    course = store.edit_course(tx, course_id, version)
    position = len(store.load_objectives(tx, course.id))
    objective = Objective(new_id(), course.id, position, values.text, values.bloom)
    _fill(objective, values)
    tx.add(objective)
    return edited(course, objective.id)


def update_objective(tx: Tx, objective_id: object, version: int, values: ObjectiveFields) -> Edit:
    """The whole objective anew."""
    course, objective = _objective(tx, objective_id, version)
    _fill(objective, values)
    return edited(course, objective.id)


def delete_objective(tx: Tx, objective_id: object, version: int) -> Edit:
    """Gone."""
    course, objective = _objective(tx, objective_id, version)
    tx.session.delete(objective)
    return edited(course, objective.id)


def _fill(objective: Objective, values: ObjectiveFields) -> None:
    objective.text, objective.bloom, objective.need_id = values.text, values.bloom, values.need_id
    objective.audience, objective.behaviour = values.audience, values.behaviour
    objective.condition, objective.degree = values.condition, values.degree


def _objective(tx: Tx, objective_id: object, version: int) -> tuple[Course, Objective]:
    objective = tx.session.get(Objective, parse_id(objective_id))
    if objective is None:
        raise NotFound
    course = store.edit_course(tx, objective.course_id, version)
    return course, objective


@dataclass(frozen=True, slots=True)
class SetActivityText:
    activity_id: object
    version: int
    body: Pair


def set_activity_text(tx: Tx, cmd: SetActivityText) -> Edit:
    """The markdown in both languages. Raises WrongKind."""
    item = store.edit_item(tx, cmd.activity_id, cmd.version, ACTIVITY)
    if item.block_type != TEXT:
        raise WrongKind
    store.runtime_for(tx, role="author", user=False).get_block(str(item.id)).write(cmd.body)
    item.ready_in = _written(cmd.body)
    return edited(store.load_course(tx, item.course_id), item.id)


@dataclass(frozen=True, slots=True)
class SetCompletion:
    activity_id: object
    version: int
    completion: str


def set_completion(tx: Tx, cmd: SetCompletion) -> Edit:
    """When the activity counts as completed. Raises WrongKind: only H5P can tell more than that it was seen."""
    item = store.edit_item(tx, cmd.activity_id, cmd.version, ACTIVITY)
    if cmd.completion == "completed" and item.block_type != "h5p":
        raise WrongKind
    item.completion = cmd.completion
    return edited(store.load_course(tx, item.course_id), item.id)
