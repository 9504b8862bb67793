"""What a SCORM content reports of itself, from the data model that the run-time API keeps (cmi)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.courses.scorm.package import V12


@dataclass(frozen=True, slots=True)
class Report:
    """`score` in [-1, 1] or None. `success`: passed or failed, None while it does not say."""

    completed: bool
    score: float | None
    success: bool | None


def report_of(cmi: Mapping[str, Any], version: str, mastery: float | None) -> Report:
    """The report of one item. 1.2 says everything in `core.lesson_status`; 2004 keeps completion and success apart."""
    report = _of_12(_part(cmi, "core")) if version == V12 else _of_2004(cmi)
    success = report.success
    if mastery is not None and report.score is not None and report.completed:
        success = report.score >= mastery
    return Report(report.completed, report.score, success)


def overall(reports: list[Report], items: int) -> Report:
    """Of several items: completed when all are, the mean of the scores, passed when none failed and one passed."""
    scores = [report.score for report in reports if report.score is not None]
    outcomes = [report.success for report in reports if report.success is not None]
    return Report(
        len(reports) >= items and all(report.completed for report in reports),
        sum(scores) / len(scores) if scores else None,
        all(outcomes) if outcomes else None,
    )


def _of_12(core: Mapping[str, Any]) -> Report:
    status = core.get("lesson_status")
    score = _part(core, "score")
    return Report(
        status in ("completed", "passed", "failed"),
        _ratio(score.get("raw"), score.get("min"), score.get("max")),
        {"passed": True, "failed": False}.get(str(status)),
    )


def _of_2004(cmi: Mapping[str, Any]) -> Report:
    success = {"passed": True, "failed": False}.get(str(cmi.get("success_status")))
    score = _part(cmi, "score")
    scaled = _number(score.get("scaled"))
    if scaled is None or not -1 <= scaled <= 1:
        scaled = _ratio(score.get("raw"), score.get("min"), score.get("max"))
    return Report(cmi.get("completion_status") == "completed" or success is True, scaled, success)


def _part(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = data.get(name)
    return found if isinstance(found, Mapping) else {}


def _ratio(raw: object, low: object, high: object) -> float | None:
    """Raw between min (0 unless given) and max (100 unless given), as 0..1."""
    value, bottom, top = _number(raw), _number(low) or 0.0, _number(high)
    top = 100.0 if top is None or top <= bottom else top
    return None if value is None or not bottom <= value <= top else (value - bottom) / (top - bottom)


def _number(value: object) -> float | None:
    """The run-time API keeps numbers as text."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)) or value == "":
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
