"""What a quiz block asks its host: the bank's questions by version. That it is there says: attempts are kept here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.courses.domain.quiz import DRAW, Entry
from services.courses.tables import bank_questions, bank_tags, bank_versions, courses, items


class QuizService:
    """The service `quizzes`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def versions(self, wanted: Sequence[tuple[str, int]]) -> dict[tuple[str, int], Mapping[str, Any]]:
        """Documents of the bank by (id, version); unknown ones are left out."""
        ids = {UUID(question_id) for question_id, _ in wanted}
        columns = (bank_versions.c.question_id, bank_versions.c.version, bank_versions.c.document)
        found = self._session.execute(select(*columns).where(bank_versions.c.question_id.in_(ids)))
        known = {(str(row.question_id), row.version): row.document for row in found}
        return {ref: known[ref] for ref in wanted if ref in known}

    def pools(self, entries: Sequence[Entry], author_id: UUID | None) -> dict[str, list[list[Any]]]:
        """What each draw would draw from now: the newest versions under its tag that a course's author may use."""
        return {
            entry["id"]: self._pool(entry["tag"], author_id) for entry in entries if entry["kind"] == DRAW
        }

    def _pool(self, tag: str, author_id: UUID | None) -> list[list[Any]]:
        theirs = bank_questions.c.shared | (bank_questions.c.owner_id == author_id)
        statement = (
            select(bank_questions.c.id, bank_questions.c.version)
            .join(bank_tags, bank_tags.c.question_id == bank_questions.c.id)
            .where(bank_tags.c.tag == tag, bank_questions.c.retired_at.is_(None), theirs)
            .order_by(bank_questions.c.id)
        )
        return [[str(row.id), row.version] for row in self._session.execute(statement)]

    def pools_in(self, usage_id: object, entries: Sequence[Entry]) -> dict[str, list[list[Any]]]:
        """The same for a quiz in a course."""
        whose = select(courses.c.author_id).join(items, items.c.course_id == courses.c.id)
        author_id = self._session.execute(whose.where(items.c.id == UUID(str(usage_id)))).scalar_one_or_none()
        return self.pools(entries, author_id)
