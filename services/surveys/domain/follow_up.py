"""Follow-up waves of a need: when each is asked, how long it stays open, and what an answer may say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from services.surveys.domain.instrument.elements import NOT_APPLICABLE
from shared.errors import Conflict, FieldProblem, Invalid

BEFORE, AFTER, THIRTY, NINETY = WAVES = ("before", "after", "30-days", "90-days")
LATER = (THIRTY, NINETY)
WAITING, ASKED, ANSWERED, DECLINED, EXPIRED = "waiting", "asked", "answered", "declined", "expired"
OPEN = (WAITING, ASKED)

DUE = {
    BEFORE: timedelta(0),
    AFTER: timedelta(0),
    THIRTY: timedelta(days=30),
    NINETY: timedelta(days=90),
}
"""Before: from the enrolment; the others from the completion."""
STAYS = {
    BEFORE: timedelta(days=14),
    AFTER: timedelta(days=21),
    THIRTY: timedelta(days=21),
    NINETY: timedelta(days=30),
}
"""How long a question stays open: an answer given much later would be about another time."""
FORGOTTEN: Final = timedelta(days=400)
"""Who answered before and never completed the course is forgotten after this."""
RELEASE: Final = 5
"""Figures take in answers five at a time: with each single one, whoever looks before and after would know it."""


class FollowUpAnswered(Conflict):
    """One answer a person and wave."""

    code = "follow-up-answered"


class FollowUpOver(Conflict):
    """Left out, or its time has passed."""

    code = "follow-up-over"


class RuleFixed(Conflict):
    """A wave has been measured: the rule that judges it stays."""

    code = "rule-fixed"


class AlreadySuperseded(Conflict):
    """A need is set aside once."""

    code = "already-superseded"


@dataclass(frozen=True, slots=True)
class Answer:
    """Points, None for not applicable. `then_ability`: only after."""

    importance: int | None
    ability: int | None
    then_ability: int | None = None


def read_answer(given: Mapping[str, Any], wave: str, points: int) -> Answer:
    """An answer off the wire. Raises Invalid: importance, ability or then_ability missing, out-of-range, unknown-field."""
    asked = ("importance", "ability", *(("then_ability",) if wave == AFTER else ()))
    problems = [_problem(name, given.get(name), points) for name in asked]
    if wave != AFTER and given.get("then_ability") is not None:
        problems.append(FieldProblem("then_ability", "unknown-field"))
    if found := [problem for problem in problems if problem]:
        raise Invalid(fields=found)
    return Answer(**{name: None if given[name] == NOT_APPLICABLE else given[name] for name in asked})


def _problem(name: str, value: Any, points: int) -> FieldProblem | None:
    if value is None:
        return FieldProblem(name, "missing")
    fits = value == NOT_APPLICABLE or (
        isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= points
    )
    return None if fits else FieldProblem(name, "out-of-range", {"min": 1, "max": points})
