"""A needs survey: drafted, launched (then frozen), open for a while, closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.surveys.domain.audience import EVERYONE
from services.surveys.domain.instrument import launch_gaps
from services.surveys.domain.instrument.items import ranking_problems
from shared.errors import Conflict, FieldProblem, Invalid, Stale

DRAFT, SCHEDULED, OPEN, CLOSED = "draft", "scheduled", "open", "closed"
SURVEY, PANEL = "survey", "panel"
"""What a template leads to."""
NAMED, CONFIDENTIAL, ANONYMOUS = "named", "confidential", "anonymous"
ANONYMITIES = (NAMED, CONFIDENTIAL, ANONYMOUS)
METHODS = ("mwds", "rds", "pni", "gap")
MAXDIFF = "maxdiff"
CUT_RULES = ("grand-mean", "median", "midpoint")
GROUPS = ("role", "province", "sector", "language", "agency", "cohort")
"""What of a member may be kept with their answers, where the survey says so beforehand."""
POINTS = 5
LONGEST = timedelta(days=400)
LANGUAGES = ("fr", "en")
Bilingual = dict[str, str]


class SurveyClosed(Conflict):
    """It takes no more answers and no more changes."""

    code = "survey-closed"


class SurveyNotOpen(Conflict):
    """Launched, but its opening date has not come."""

    code = "survey-not-open"


class AlreadyLaunched(Conflict):
    """The instrument is frozen."""

    code = "already-launched"


class NotLaunched(Conflict):
    """A draft is edited, not revised."""

    code = "not-launched"


class RepeatAfterClosing(Conflict):
    """Only a survey that has closed can be asked again as a further wave."""

    code = "repeat-after-closing"


class AlreadyAnswered(Conflict):
    """Each person answers once."""

    code = "already-answered"


@dataclass(frozen=True, slots=True)
class SurveyItem:
    """One competence statement. `code` stays the same across surveys; `position` from 1, None: no longer asked."""

    id: UUID
    position: int | None
    code: str
    statement: Bilingual


@dataclass(eq=False)
class Survey:
    """The instrument and its dates. `method` orders the needs: one of METHODS, or maxdiff. `audience`: a role mask;
    `filters`: how many other kinds of attributes limit it (see domain.audience).

    `elements` is the truth of what is asked (see `instrument.elements`), in `instrument_version`; `groups`: which
    attributes of members are kept with the answers; `cut_rule` of the quadrants, where the method has them.

    `seed` of the bootstrap, drawn when the survey is made, so that nobody can choose a pleasing one afterwards.
    `follows_survey_id`: the closed survey of which this one is a further wave; fixed at launch.
    """

    id: UUID
    template_id: str
    method: str
    title: Bilingual
    intro: Bilingual
    anonymity: str
    seed: int
    created_by: UUID
    created_at: datetime
    elements: list[dict[str, Any]] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    cut_rule: str | None = None
    instrument_version: int = 1
    audience: int = EVERYONE
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    launched_at: datetime | None = None
    closed_at: datetime | None = None
    invited: int | None = None
    filters: int = 0
    follows_survey_id: UUID | None = None
    version: int = field(default=1)

    @property
    def is_draft(self) -> bool:
        return self.launched_at is None

    @property
    def is_named(self) -> bool:
        return self.anonymity == NAMED

    @property
    def is_confidential(self) -> bool:
        return self.anonymity == CONFIDENTIAL

    @property
    def is_anonymous(self) -> bool:
        return self.anonymity == ANONYMOUS

    def status(self, now: datetime) -> str:
        """draft, scheduled, open or closed; the closing date closes even before the job has come by."""
        if self.is_draft:
            return DRAFT
        if self.closed_at is not None or (self.closes_at is not None and now >= self.closes_at):
            return CLOSED
        return SCHEDULED if self.opens_at is not None and now < self.opens_at else OPEN

    def require_version(self, version: int) -> None:
        """Raises Stale when the reader saw an older one."""
        if version != self.version:
            raise Stale

    def require_draft(self) -> None:
        """Raises AlreadyLaunched."""
        if not self.is_draft:
            raise AlreadyLaunched

    def edit(self, changes: dict[str, Any]) -> None:
        """Set fields of a draft. Raises AlreadyLaunched."""
        self.require_draft()
        for name, value in changes.items():
            setattr(self, name, value)
        self.version += 1

    def launch(self, now: datetime) -> None:
        """Freeze it. Raises AlreadyLaunched, or Invalid with everything that is missing or wrong."""
        self.require_draft()
        if problems := list(launch_problems(self, now)):
            raise Invalid("not-ready", fields=problems)
        self.opens_at = self.opens_at or now
        self.launched_at = now
        self.version += 1

    def require_running(self, now: datetime) -> None:
        """Launched and not closed. Raises NotLaunched or SurveyClosed."""
        if self.is_draft:
            raise NotLaunched
        if self.status(now) == CLOSED:
            raise SurveyClosed

    def revise(self, elements: list[dict[str, Any]], texts: Mapping[str, Bilingual]) -> None:
        """Ask something else; `texts`: title and intro where they change."""
        self.elements = elements
        for name, value in texts.items():
            setattr(self, name, dict(value))
        self.instrument_version += 1
        self.version += 1

    def extend(self, closes_at: datetime, now: datetime) -> None:
        """Close later. Raises SurveyClosed, or Invalid with `closes_at` too-early or too-long-open."""
        if self.closes_at is None or self.status(now) not in (SCHEDULED, OPEN):
            raise SurveyClosed
        if closes_at <= self.closes_at:
            raise Invalid(fields=[FieldProblem("closes_at", "too-early")])
        if closes_at > now + LONGEST:
            raise Invalid(fields=[FieldProblem("closes_at", "too-long-open", {"days": LONGEST.days})])
        self.closes_at = closes_at
        self.version += 1

    def close(self, now: datetime, invited: int) -> None:
        """No more answers. `invited`: people who were asked, frozen for the response rate."""
        self.closed_at = now
        self.invited = invited
        self.version += 1

    def require_open(self, now: datetime) -> None:
        """Raises SurveyNotOpen or SurveyClosed."""
        status = self.status(now)
        if status == SCHEDULED:
            raise SurveyNotOpen(opens_at=self.opens_at.isoformat() if self.opens_at else None)
        if status != OPEN:
            raise SurveyClosed


def launch_problems(survey: Survey, now: datetime) -> list[FieldProblem]:
    """What keeps a draft from being launched, field by field: texts of both languages, the instrument, the dates."""
    texts = [*_missing("title", survey.title), *_missing("intro", survey.intro)]
    instrument = launch_gaps(survey.elements) or ranking_problems(survey.elements, survey.method)
    return texts + instrument + _date_problems(survey.opens_at or now, survey.closes_at, now)


def _missing(path: str, pair: Bilingual) -> list[FieldProblem]:
    return [FieldProblem(f"{path}.{code}", "missing") for code in LANGUAGES if not pair.get(code, "").strip()]


def _date_problems(opens_at: datetime, closes_at: datetime | None, now: datetime) -> list[FieldProblem]:
    if closes_at is None:
        return [FieldProblem("closes_at", "missing")]
    if closes_at <= now:
        return [FieldProblem("closes_at", "in-the-past")]
    if closes_at <= opens_at:
        return [FieldProblem("closes_at", "before-opening")]
    if closes_at > now + LONGEST:
        return [FieldProblem("closes_at", "too-long-open", {"days": LONGEST.days})]
    return []
