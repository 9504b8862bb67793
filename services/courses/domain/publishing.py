"""What stands between a draft and its publication."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.courses.domain.course import BOTH, Course, Objective, Pair, missing_halves
from services.courses.domain.outline import FILE, MODULE, TEXT, UNIT, Outline, OutlineItem
from shared.errors import FieldProblem

_EMPTY = {MODULE: "no-unit", UNIT: "no-activity"}
_LONG = 200
"""Characters from which the lengths of the two halves are compared."""
_RATIO = 2.0
"""French runs about a fifth longer than English; twice as long says that something is missing."""


@dataclass(frozen=True, slots=True)
class Gap:
    """What a block says of itself: languages in which it has content, and what stands before publication."""

    languages: list[str]
    missing: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)


Gaps = Mapping[UUID, Gap]


def blockers(
    course: Course, outline: Outline, objectives: Sequence[Objective], gaps: Gaps | None = None
) -> list[FieldProblem]:
    """Every reason not to publish; empty when the course is ready.

    A course in two languages is published in both: no title half and no content half may be missing. One that is
    declared to be in one language is complete in that language.
    """
    wanted, told = course.wanted_languages, gaps or {}
    found = list(_halves("title", course.title, {}, wanted))
    if not outline.modules:
        found.append(FieldProblem("modules", "no-module"))
    for item in outline.items:
        found += _of_item(item, outline, wanted, told.get(item.id))
    if not _answers_need(course, objectives):
        found.append(FieldProblem("objectives", "no-objective-for-need"))
    for objective in objectives:
        found += _of_objective(objective, outline, wanted)
    return found


def _of_item(
    item: OutlineItem, outline: Outline, wanted: Sequence[str], gap: Gap | None
) -> Iterator[FieldProblem]:
    path, params = f"items.{item.id}", {"title": dict(item.title)}
    yield from _halves(f"{path}.title", item.title, params, wanted)
    if item.kind in _EMPTY:
        if not outline.below(item.id):
            yield FieldProblem(path, _EMPTY[item.kind], params)
        return
    there = languages_in(item, gap)
    if gap is not None and gap.missing:
        yield from (FieldProblem(path, code, {**params, **more}) for code, more in gap.missing)
    elif not there:
        yield FieldProblem(path, "content-missing", params)
    else:
        for language in wanted:
            if language not in there:
                yield FieldProblem(f"{path}.body.{language}", "text-missing", params)


def languages_in(item: OutlineItem, gap: Gap | None) -> list[str]:
    """Languages in which an activity has content, as its block says if it does."""
    return gap.languages if gap is not None else list(item.ready_in)


def _halves(
    path: str, pair: Pair, params: Mapping[str, Any], wanted: Sequence[str]
) -> Iterator[FieldProblem]:
    for language in missing_halves(pair):
        if language in wanted:
            yield FieldProblem(f"{path}.{language}", "title-missing", params)


def _of_objective(objective: Objective, outline: Outline, wanted: Sequence[str]) -> Iterator[FieldProblem]:
    path, params = f"objectives.{objective.id}", {"title": dict(objective.text)}
    yield from _halves(f"{path}.text", objective.text, params, wanted)
    if objective.need_id is None:
        yield FieldProblem(f"{path}.need_id", "objective-without-need", params)
    if not assessments_of(objective, outline):
        yield FieldProblem(f"{path}.assessments", "objective-without-assessment", params)


def assessments_of(objective: Objective, outline: Outline) -> list[OutlineItem]:
    """The activities that assess an objective, in reading order; links to what was deleted do not count."""
    linked = set(objective.assessments)
    return [activity for activity in outline.activities() if str(activity.id) in linked]


def modules_of(objective: Objective, outline: Outline) -> list[OutlineItem]:
    """The modules that work towards an objective, in order."""
    linked = set(objective.modules)
    return [module for module in outline.modules if str(module.id) in linked]


def _answers_need(course: Course, objectives: Sequence[Objective]) -> bool:
    """With a need behind the course, an objective must be linked to that need; else to any need."""
    needs = {objective.need_id for objective in objectives} - {None}
    return course.need_id in needs if course.need_id else bool(needs)


def languages_of(course: Course, outline: Outline, gaps: Gaps | None = None) -> list[str]:
    """Languages in which every title and every content exists."""
    told = gaps or {}
    pairs = [course.title, *(item.title for item in outline.items)]
    contents = [languages_in(activity, told.get(activity.id)) for activity in outline.activities()]
    return [
        language
        for language in BOTH
        if course.only_language in (None, language)
        and all(pair.get(language) for pair in pairs)
        and all(language in content for content in contents)
    ]


# --- soft warnings: worth a look, no reason to refuse


def warnings(
    course: Course, outline: Outline, objectives: Sequence[Objective], halves: Mapping[UUID, Halves]
) -> list[FieldProblem]:
    """What looks odd. halves: what the activities hold in each language, now and in the newest edition."""
    found: list[FieldProblem] = []
    for activity in outline.activities():
        path, params = f"items.{activity.id}", {"title": dict(activity.title)}
        if course.only_language is None:
            found += [
                FieldProblem(path, code, params) for code in _oddities(activity, halves.get(activity.id))
            ]
    for objective in objectives:
        seen = assessments_of(objective, outline)
        if seen and all(activity.block_type in (TEXT, FILE) for activity in seen):
            params = {"title": dict(objective.text)}
            found.append(
                FieldProblem(f"objectives.{objective.id}.assessments", "assessment-not-scored", params)
            )
    return found


@dataclass(frozen=True, slots=True)
class Halves:
    """The words of an activity in each language: now, and in the newest edition (None: not in it)."""

    now: Mapping[str, str]
    before: Mapping[str, str] | None = None


def _oddities(activity: OutlineItem, halves: Halves | None) -> Iterator[str]:
    if activity.content_language in BOTH:
        yield f"content-only-{activity.content_language}"
    if halves is None:
        return
    lengths = sorted(len(halves.now.get(language, "")) for language in BOTH)
    if lengths[0] and lengths[1] >= _LONG and lengths[1] > _RATIO * lengths[0]:
        yield "lengths-differ"
    if halves.before is not None:
        changed = [language for language in BOTH if halves.now.get(language) != halves.before.get(language)]
        if len(changed) == 1:
            yield f"only-{changed[0]}-changed"
