"""What stands between a draft and its publication."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from services.courses.domain.course import BOTH, Course, Objective, Pair, missing_halves
from services.courses.domain.outline import MODULE, UNIT, Outline, OutlineItem, is_ready
from shared.errors import FieldProblem

_EMPTY = {MODULE: "no-unit", UNIT: "no-activity"}


def blockers(course: Course, outline: Outline, objectives: Sequence[Objective]) -> list[FieldProblem]:
    """Every reason not to publish; empty when the course is ready.

    A course in two languages is published in both: no title half and no text half may be missing.
    """
    found = list(_halves("title", course.title, {}))
    if not outline.modules:
        found.append(FieldProblem("modules", "no-module"))
    for item in outline.items:
        found += _of_item(item, outline)
    if not _answers_need(course, objectives):
        found.append(FieldProblem("objectives", "no-objective-for-need"))
    for objective in objectives:
        found += _halves(f"objectives.{objective.id}.text", objective.text, {"title": dict(objective.text)})
    return found


def _of_item(item: OutlineItem, outline: Outline) -> Iterator[FieldProblem]:
    path, params = f"items.{item.id}", {"title": dict(item.title)}
    yield from _halves(f"{path}.title", item.title, params)
    if item.kind in _EMPTY:
        if not outline.below(item.id):
            yield FieldProblem(path, _EMPTY[item.kind], params)
    elif not is_ready(item):
        yield FieldProblem(path, "content-missing", params)
    else:
        for language in BOTH:
            if language not in item.ready_in:
                yield FieldProblem(f"{path}.body.{language}", "text-missing", params)


def _halves(path: str, pair: Pair, params: dict[str, dict[str, str]]) -> Iterator[FieldProblem]:
    for language in missing_halves(pair):
        yield FieldProblem(f"{path}.{language}", "title-missing", params)


def _answers_need(course: Course, objectives: Sequence[Objective]) -> bool:
    """With a need behind the course, an objective must be linked to that need; else to any need."""
    needs = {objective.need_id for objective in objectives} - {None}
    return course.need_id in needs if course.need_id else bool(needs)


def languages_of(course: Course, outline: Outline) -> list[str]:
    """Languages in which every title and every content exists."""
    pairs = [course.title, *(item.title for item in outline.items)]
    activities = list(outline.activities())
    return [
        language
        for language in BOTH
        if all(pair.get(language) for pair in pairs) and all(language in a.ready_in for a in activities)
    ]
