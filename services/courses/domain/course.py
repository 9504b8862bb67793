"""A course and its objectives. One version guards the course with everything in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from services.courses.domain.errors import CourseTaken
from shared.errors import Stale

Pair = Mapping[str, str]
"""A bilingual text; while it is written, a half may be empty."""

DRAFT: Final = "draft"
PUBLISHED: Final = "published"
SELF_PACED: Final = "self"
IN_COHORTS: Final = "cohorts"
PACES = (SELF_PACED, IN_COHORTS)
BLOOM = ("remember", "understand", "apply", "analyse", "evaluate", "create")
"""Levels of the revised taxonomy (Anderson and Krathwohl, 2001), lowest first."""
BOTH = ("fr", "en")


@dataclass(eq=False)
class Course:
    """`edition` counts publications; `author_id` is the trainer who took the draft, if one did.

    `pace`: everybody begins when they like, or with a cohort only. `after`: ids of the courses to complete first.
    `co_authors`: account ids of trainers who write it too. `only_language`: declared to be in one language on purpose.
    `edited_by` and `edited_at`: the last change of the draft; `touched`: the version at which title or summary changed.
    """

    id: UUID
    title: Pair
    summary: Pair
    created_at: datetime
    need_id: UUID | None = None
    proposal_id: UUID | None = None
    author_id: UUID | None = None
    status: str = DRAFT
    edition: int = 0
    version: int = 1
    languages: list[str] = field(default_factory=list)
    published_at: datetime | None = None
    pace: str = SELF_PACED
    after: list[str] = field(default_factory=list)
    co_authors: list[str] = field(default_factory=list)
    only_language: str | None = None
    edited_by: UUID | None = None
    edited_at: datetime | None = None
    touched: int = 1

    @property
    def is_published(self) -> bool:
        """True once learners may enrol."""
        return self.status == PUBLISHED

    def edit(self, version: int | None, since: int | None = None) -> None:
        """Count one more version. Raises Stale when the editor saw an older state; None checks nothing.

        since: the version at which the thing that is edited last changed. What changed elsewhere in the course since
        the editor looked does not matter then; without it, anything does.
        """
        oldest = self.version if since is None else since
        if version is not None and not oldest <= version <= self.version:
            raise Stale(current=self.version)
        self.version += 1

    @property
    def wanted_languages(self) -> tuple[str, ...]:
        """Languages that the course must be complete in."""
        return (self.only_language,) if self.only_language else BOTH

    def take(self, account_id: UUID) -> None:
        """Make `account_id` the author. Raises CourseTaken when someone else is."""
        if self.author_id not in (None, account_id):
            raise CourseTaken
        if self.author_id is None:
            self.author_id = account_id
            self.version += 1

    def publish(self, now: datetime, languages: list[str]) -> None:
        """Open it to learners, in `languages`; again after edits."""
        self.status = PUBLISHED
        self.edition += 1
        self.published_at = now
        self.languages = languages


@dataclass(eq=False)
class Objective:
    """What a learner can do afterwards; the ABCD parts (audience, behaviour, condition, degree) are optional.

    `modules`: ids of the modules that work towards it; `assessments`: ids of the activities that show it.
    """

    id: UUID
    course_id: UUID
    position: int
    text: Pair
    bloom: str
    need_id: UUID | None = None
    audience: Pair | None = None
    behaviour: Pair | None = None
    condition: Pair | None = None
    degree: Pair | None = None
    modules: list[str] = field(default_factory=list)
    assessments: list[str] = field(default_factory=list)
    touched: int = 1


def missing_halves(pair: Pair) -> list[str]:
    """Languages in which the text is empty."""
    return [language for language in BOTH if not pair.get(language)]
