"""What an author decides about the way through a course: completion, prerequisites, release, and its pace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from services.courses import store
from services.courses.commands.writing import Edit, edited
from services.courses.domain.cohorts import GateRefused
from services.courses.domain.errors import WrongKind
from services.courses.domain.outline import ACTIVITY
from services.courses.domain.rules import circular, has_cycle, rule_of, rules_for
from services.courses.tables import courses
from shared.db.tx import Tx
from shared.errors import FieldProblem, NotFound


@dataclass(frozen=True, slots=True)
class SetCompletion:
    activity_id: object
    version: int
    completion: str
    min_score: float | None
    seconds: int | None


def set_completion(tx: Tx, cmd: SetCompletion) -> Edit:
    """When the activity counts as completed. Raises WrongKind: a text or a file has no answer and no score."""
    item = store.edit_item(tx, cmd.activity_id, cmd.version, ACTIVITY)
    if cmd.completion not in rules_for(item.block_type):
        raise WrongKind
    item.rule = rule_of(cmd.completion, min_score=cmd.min_score, seconds=cmd.seconds)
    return edited(store.load_course(tx, item.course_id), item.id)


@dataclass(frozen=True, slots=True)
class SetGate:
    item_id: object
    version: int
    after: Sequence[UUID]
    release_days: int | None


def set_gate(tx: Tx, cmd: SetGate) -> Edit:
    """What an item comes after, and when it is released. Raises GateRefused: unknown, or it would wait for itself."""
    item = store.edit_item(tx, cmd.item_id, cmd.version)
    outline = store.load_outline(tx, item.course_id)
    here = outline.by_id[item.id]
    strange = [first for first in cmd.after if first not in outline.by_id]
    if strange:
        raise GateRefused(fields=[FieldProblem("after", "unknown-part")])
    here.after, here.release_days = [str(first) for first in dict.fromkeys(cmd.after)], cmd.release_days
    if has_cycle(outline):
        raise GateRefused(fields=[FieldProblem("after", "prerequisite-cycle")])
    return edited(store.load_course(tx, item.course_id), item.id)


@dataclass(frozen=True, slots=True)
class SetEnrolmentRules:
    course_id: object
    version: int
    pace: str
    after: Sequence[UUID]


def set_enrolment_rules(tx: Tx, cmd: SetEnrolmentRules) -> Edit:
    """Alone or with a cohort only, and after which courses. Raises GateRefused."""
    course = store.edit_course(tx, cmd.course_id, cmd.version)
    for first in cmd.after:
        try:
            store.load_course(tx, first)
        except NotFound:
            raise GateRefused(fields=[FieldProblem("after", "unknown-course")]) from None
    course.pace, course.after = cmd.pace, [str(first) for first in dict.fromkeys(cmd.after)]
    tx.session.flush()
    if circular(_course_edges(tx)):
        raise GateRefused(fields=[FieldProblem("after", "prerequisite-cycle")])
    return edited(course)


def _course_edges(tx: Tx) -> dict[str, list[str]]:
    found = tx.session.execute(select(courses.c.id, courses.c.after).order_by(courses.c.id)).all()
    return {str(course_id): list(after) for course_id, after in found if after}
