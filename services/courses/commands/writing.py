"""Writing a course: its texts, outline and objectives, taking it and publishing it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from services.courses import block_types, history, policy, store, trash
from services.courses.domain.course import BOTH, Course, Objective, Pair
from services.courses.domain.editions import DELETED
from services.courses.domain.errors import WrongKind
from services.courses.domain.outline import (
    ACTIVITY,
    MODULE,
    PARENT_KIND,
    TEXT,
    UNIT,
    Outline,
    OutlineItem,
)
from services.courses.h5p_log import log_event
from services.courses.tables import courses, h5p_contents
from shared.contracts.courses import CourseDrafted
from shared.contracts.surveys import ProposalApproved
from shared.db.dialect import insert_new
from shared.db.tx import Tx
from shared.errors import FieldProblem, Forbidden, Invalid, NotFound
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
    author = tx.actor.account_id
    course = Course(
        new_id(),
        cmd.title,
        cmd.summary,
        tx.now,
        cmd.need_id,
        author_id=author,
        edited_by=author,
        edited_at=tx.now,
    )
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
    course = store.lock_course(tx, cmd.course_id)
    store.edit_course(tx, course.id, cmd.version, course.touched)
    course.title, course.summary, course.touched = cmd.title, cmd.summary, course.version
    return edited(course)


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
    block_types.require_usable(tx, cmd.kind)
    course, parent = _parent(tx, cmd.unit_id, cmd.version, ACTIVITY)
    item = _append(tx, course, parent, ACTIVITY, cmd.title)
    item.block_type, item.completion = cmd.kind, block_types.completion_of(cmd.kind)
    if block_types.is_external(item):
        item.ready_in = list(BOTH)  # it comes with content; in which languages, only its author knows
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
    """The item with everything in it. Kept in the history first (`undo` names that state); attempts stay as a record,
    blocks and files as long as an edition or the history has them.

    Raises Stale when something in it has changed since the editor looked.
    """
    course = store.lock_course(tx, store.course_of_item(tx, cmd.item_id))
    outline = store.load_outline(tx, course.id)
    root = outline.by_id.get(parse_id(cmd.item_id))
    if root is None:
        raise NotFound
    doomed = outline.subtree(root.id)
    store.edit_course(tx, course.id, cmd.version, max(item.touched for item in doomed))
    undo = history.keep(tx, course, DELETED)
    for item in doomed:
        tx.session.delete(item)
        tx.session.flush()
    return edited(course, root.id) | {"undo": str(undo.id)}


def drop_h5p(tx: Tx, activity_id: UUID) -> None:
    """Let go of an activity's contents that no draft, edition or kept state names; grants to play them go along."""
    mine = h5p_contents.c.activity_id == activity_id
    for row in tx.session.execute(select(h5p_contents.c.id, h5p_contents.c.prefix).where(mine)).all():
        if not history.is_needed(tx, str(row.id)):
            trash.throw(tx, row.prefix)
            tx.session.execute(delete(h5p_contents).where(h5p_contents.c.id == row.id))
            log_event(tx, "content", "delete", activity_id=activity_id, content_id=row.id)


@dataclass(frozen=True, slots=True)
class ObjectiveFields:
    text: Pair
    bloom: str
    need_id: UUID | None
    audience: Pair | None
    behaviour: Pair | None
    condition: Pair | None
    degree: Pair | None
    modules: list[UUID] | None = None
    assessments: list[UUID] | None = None


def add_objective(tx: Tx, course_id: object, version: int | None, values: ObjectiveFields) -> Edit:
    """An objective at the end."""
    course = store.edit_course(tx, course_id, version)
    position = len(store.load_objectives(tx, course.id))
    objective = Objective(new_id(), course.id, position, values.text, values.bloom, touched=course.version)
    _fill(tx, objective, values)
    tx.add(objective)
    return edited(course, objective.id)


def update_objective(tx: Tx, objective_id: object, version: int, values: ObjectiveFields) -> Edit:
    """The whole objective anew."""
    course, objective = _objective(tx, objective_id, version)
    _fill(tx, objective, values)
    return edited(course, objective.id)


def delete_objective(tx: Tx, objective_id: object, version: int) -> Edit:
    """Gone."""
    course, objective = _objective(tx, objective_id, version)
    tx.session.delete(objective)
    return edited(course, objective.id)


def _fill(tx: Tx, objective: Objective, values: ObjectiveFields) -> None:
    """Everything as given; links that are left out stay. Raises Invalid for links to what is not there."""
    given = {"modules": values.modules, "assessments": values.assessments}
    links = {name: ids for name, ids in given.items() if ids is not None}
    if problems := link_problems(store.load_outline(tx, objective.course_id), links):
        raise Invalid(fields=problems)
    for name, ids in links.items():
        setattr(objective, name, [str(one) for one in dict.fromkeys(ids)])
    objective.text, objective.bloom, objective.need_id = values.text, values.bloom, values.need_id
    objective.audience, objective.behaviour = values.audience, values.behaviour
    objective.condition, objective.degree = values.condition, values.degree


def link_problems(
    outline: Outline, links: Mapping[str, Iterable[UUID]], path: str = ""
) -> list[FieldProblem]:
    """Links of an objective to modules that are no modules here, and to assessments that are no activities here."""
    kinds = {"modules": MODULE, "assessments": ACTIVITY}
    here = {item.id: item.kind for item in outline.items}
    return [
        FieldProblem(f"{path}{name}", "not-in-course")
        for name, ids in links.items()
        if any(here.get(one) != kinds[name] for one in ids)
    ]


def _objective(tx: Tx, objective_id: object, version: int) -> tuple[Course, Objective]:
    objective = tx.session.get(Objective, parse_id(objective_id))
    if objective is None:
        raise NotFound
    store.lock_course(tx, objective.course_id)
    objective = tx.session.get(Objective, objective.id, populate_existing=True)
    if objective is None:
        raise NotFound
    course = store.edit_course(tx, objective.course_id, version, objective.touched)
    objective.touched = course.version
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
