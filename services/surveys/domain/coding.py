"""Open answers coded by two people who work apart, then agree: the code book, the marks, the decisions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.errors import Conflict, FieldProblem, Invalid

CODING, RECONCILING, DONE = "coding", "reconciling", "done"
LIVE, RETIRED, MERGED = "live", "retired", "merged"
FIRST, SECOND = PLACES = (1, 2)
SMALLEST = 5
MAX_CODES = 60
Bilingual = dict[str, str]


class TooFewAnswers(Conflict):
    """Under five answers nothing is coded: a theme of one person would be that person."""

    code = "too-few-answers"


class CodingExists(Conflict):
    """The question is being coded already."""

    code = "coding-exists"


class CoderHasBegun(Conflict):
    """Whoever has coded an answer stays its coder: their work is not lost."""

    code = "coder-has-begun"


class CodingFinished(Conflict):
    """The coder has finished, so the marks stand."""

    code = "coding-finished"


class AnswersUncoded(Conflict):
    """Some answers have neither a code nor "nothing applies"."""

    code = "answers-uncoded"


class StillCoding(Conflict):
    """One of the two has not finished; until then neither sees the other's work."""

    code = "still-coding"


class NothingToDecide(Conflict):
    """Both coders gave this answer the same codes."""

    code = "nothing-to-decide"


class DisagreementsOpen(Conflict):
    """Some disagreements have no decision yet."""

    code = "disagreements-open"


class BookFrozen(Conflict):
    """The change would take the ground from under a coder who has finished."""

    code = "book-frozen"


@dataclass(eq=False)
class Coding:
    """One question of a closed survey and its two coders. `question`: the element's code; `book_version` from 1, one up
    with each change of the code book; `agreement`: of the two apart, stored once both have finished.
    """

    id: UUID
    survey_id: UUID
    question: str
    first_coder: UUID
    second_coder: UUID
    created_by: UUID
    created_at: datetime
    first_finished: bool = False
    second_finished: bool = False
    book_version: int = 1
    agreement: dict[str, Any] | None = None
    completed_at: datetime | None = None
    version: int = field(default=1)

    @property
    def state(self) -> str:
        """coding, reconciling or done."""
        if self.completed_at is not None:
            return DONE
        return RECONCILING if self.both_finished else CODING

    @property
    def both_finished(self) -> bool:
        """Whether the coders may see each other's work."""
        return self.first_finished and self.second_finished

    def place_of(self, account: UUID) -> int | None:
        """1 or 2 for a coder, None for others."""
        return {self.first_coder: FIRST, self.second_coder: SECOND}.get(account)

    def finished(self, place: int) -> bool:
        """Whether the coder at a place has finished."""
        return self.first_finished if place == FIRST else self.second_finished

    def finish(self, place: int, finished: bool) -> None:
        """Set it. Raises CodingFinished when both have: then it stands."""
        if self.both_finished and not finished:
            raise CodingFinished
        if place == FIRST:
            self.first_finished = finished
        else:
            self.second_finished = finished
        self.version += 1

    def assign(self, place: int, account: UUID, begun: bool) -> None:
        """Another coder at a place. Raises CoderHasBegun."""
        present = self.first_coder if place == FIRST else self.second_coder
        if account == present:
            return
        if begun or self.finished(place):
            raise CoderHasBegun
        if place == FIRST:
            self.first_coder = account
        else:
            self.second_coder = account

    def require_apart(self) -> None:
        """Codes come and go only while nobody has finished, or while the two reconcile. Raises BookFrozen."""
        if self.state == DONE or self.first_finished != self.second_finished:
            raise BookFrozen

    def require_together(self) -> None:
        """Raises StillCoding, or CodingFinished once all is decided."""
        if not self.both_finished:
            raise StillCoding
        if self.state == DONE:
            raise CodingFinished

    def changed_book(self) -> int:
        """The number of the code book's next version."""
        self.book_version += 1
        self.version += 1
        return self.book_version


@dataclass(frozen=True, slots=True)
class Code:
    """One code. `added_in`, `ended_in`: versions of the code book; `merged_into`: the code that took its place."""

    id: UUID
    position: int
    label: Bilingual
    definition: Bilingual
    added_in: int
    ended_in: int | None = None
    merged_into: UUID | None = None

    @property
    def status(self) -> str:
        """live, retired or merged."""
        if self.ended_in is None:
            return LIVE
        return MERGED if self.merged_into else RETIRED


@dataclass(frozen=True, slots=True)
class Mark:
    """What one coder put on one answer: codes as given at the time, or `nothing` applies."""

    response_id: UUID
    codes: frozenset[UUID]
    nothing: bool


class Book:
    """A code book as of one of its versions (the newest without one)."""

    def __init__(self, codes: Iterable[Code], as_of: int | None = None) -> None:
        known = [code for code in codes if as_of is None or code.added_in <= as_of]
        self._ended = {
            code.id: code.merged_into
            for code in known
            if code.ended_in is not None and (as_of is None or code.ended_in <= as_of)
        }
        self.live: Sequence[Code] = [code for code in known if code.id not in self._ended]

    def effective(self, given: Collection[UUID]) -> frozenset[UUID]:
        """What codes given at any time mean: merged ones are what they became, retired ones nothing."""
        live = {code.id for code in self.live}
        return frozenset(end for end in map(self._end, given) if end in live)

    def _end(self, code: UUID) -> UUID | None:
        at: UUID | None = code
        while at in self._ended:
            at = self._ended[at]
        return at

    def is_coded(self, mark: Mark | None) -> bool:
        """Whether a mark still says something."""
        return mark is not None and (mark.nothing or bool(self.effective(mark.codes)))

    def require_live(self, codes: Collection[UUID], path: str = "codes") -> None:
        """Raises Invalid `unknown-code`."""
        live = {code.id for code in self.live}
        if wrong := [code for code in codes if code not in live]:
            raise Invalid(fields=[FieldProblem(path, "unknown-code", {"count": len(wrong)})])


def disagreements(
    answers: Iterable[UUID], first: Mapping[UUID, Mark], second: Mapping[UUID, Mark], book: Book
) -> list[UUID]:
    """The responses to which the two gave different codes, in the order given."""
    return [one for one in answers if book.effective(first[one].codes) != book.effective(second[one].codes)]


@dataclass(frozen=True, slots=True)
class Theme:
    """People whose answer has a code; `n` None where the number would be, or leave, a group under five."""

    code: UUID
    n: int | None


def themes(final: Mapping[UUID, Collection[UUID]], codes: Sequence[Code]) -> tuple[list[Theme], int | None]:
    """How many people stand behind each code, and behind none. `final`: the decided codes of each response.

    A number is shown where at least five people are behind the code and at least five are not (both are cells, and n is
    known), else neither. Most frequent first, hidden ones last in the book's order.
    """
    total = len(final)
    counts = {code.id: sum(code.id in given for given in final.values()) for code in codes}
    shown = [Theme(code.id, _shown(counts[code.id], total)) for code in codes]
    shown.sort(key=lambda theme: -(theme.n or 0))
    return shown, _shown(sum(not given for given in final.values()), total)


def _shown(n: int, total: int) -> int | None:
    return n if SMALLEST <= n <= total - SMALLEST else None
