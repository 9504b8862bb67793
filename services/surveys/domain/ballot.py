"""Votes on proposals: what may be opened, what a ballot may say, and how a vote is counted. See domain.vote."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from services.surveys.domain import vote as rules
from services.surveys.domain.proposal import APPROVED
from services.surveys.domain.vote import (
    CONSENT,
    DOTS,
    DOTS_EACH,
    OBJECT,
    POSITIONS,
    SCORE,
    SCORES,
    Rule,
    Tally,
)
from shared.errors import Conflict, FieldProblem, Forbidden, Invalid

OPEN, COUNTING, CLOSED = STATES = ("open", "counting", "closed")
FOLLOWS, DEPARTS, NO_QUORUM = "follows", "departs", "no-quorum"
MAX_PROPOSALS = 12
LONGEST = timedelta(days=60)
SMALLEST_COUNTED: Final = 5
"""Fewer ballots: the outcome is told, how they split is not."""

Choice = dict[str, Any]


class VoteOpen(Conflict):
    """The proposal is being voted on: its words stay, and nobody decides meanwhile."""

    code = "vote-open"


class VoteClosed(Conflict):
    """It takes no more ballots."""

    code = "vote-closed"


class VoteBegun(Conflict):
    """With the first ballot in, a vote runs to its end."""

    code = "vote-begun"


class NotEntitled(Forbidden):
    """Who votes was fixed when the vote was opened."""

    code = "not-entitled"


@dataclass(frozen=True, slots=True)
class Terms:
    """All that is fixed before the first ballot."""

    rule: Rule
    proposals: int
    entitled: int
    closes_at: datetime

    def require_sound(self, now: datetime) -> None:
        """Raises Invalid with every term that cannot stand."""
        problems = [*self._of_rule(), *self._of_time(now)]
        if not self.entitled:
            problems.append(FieldProblem("roles", "nobody-entitled"))
        if problems:
            raise Invalid(fields=problems)

    def _of_rule(self) -> list[FieldProblem]:
        least, most = (2, MAX_PROPOSALS) if self.rule.method == DOTS else (1, 1)
        found = []
        if not least <= self.proposals <= most:
            found.append(FieldProblem("proposal_ids", "wrong-number", {"min": least, "max": most}))
        highest = {CONSENT: 0, SCORE: max(SCORES), DOTS: 1}[self.rule.method]
        if not 0 <= self.rule.threshold <= highest:
            found.append(FieldProblem("threshold", "out-of-range", {"min": 0, "max": highest}))
        return found

    def _of_time(self, now: datetime) -> list[FieldProblem]:
        if self.closes_at <= now:
            return [FieldProblem("closes_at", "in-the-past")]
        if self.closes_at > now + LONGEST:
            return [FieldProblem("closes_at", "too-long-open", {"days": LONGEST.days})]
        return []


def needed(quorum: float, entitled: int) -> int:
    """People who must take part: whole, at least one (as domain.vote counts)."""
    return max(1, math.ceil(quorum * entitled - 1e-9))


def read_choice(method: str, given: Mapping[str, Any], proposals: Sequence[str]) -> Choice:
    """A ballot off the wire. `given`: position and reason, or score, or dots by proposal id.

    Raises Invalid: position, score or dots missing or out of range, reason missing beside an objection, a field of
    another method.
    """
    own = {CONSENT: ("position", "reason", "language"), SCORE: ("score",), DOTS: ("dots",)}[method]
    foreign = [
        FieldProblem(name, "unknown-field") for name in ("position", "reason", "score", "dots")
        if name not in own and given.get(name) is not None
    ]  # fmt: skip
    problems = foreign + _READERS[method](given, proposals)
    if problems:
        raise Invalid(fields=problems)
    kept = {name: given[name] for name in own if given.get(name) is not None}
    if method == CONSENT and kept["position"] != OBJECT:
        return {"position": kept["position"]}
    return kept


def _consent(given: Mapping[str, Any], _proposals: Sequence[str]) -> list[FieldProblem]:
    if given.get("position") not in POSITIONS:
        return [FieldProblem("position", "missing" if given.get("position") is None else "not-a-choice")]
    if given["position"] == OBJECT and not given.get("reason"):
        return [FieldProblem("reason", "missing")]
    return []


def _score(given: Mapping[str, Any], _proposals: Sequence[str]) -> list[FieldProblem]:
    score = given.get("score")
    if score is None:
        return [FieldProblem("score", "missing")]
    return [] if score in SCORES else [FieldProblem("score", "out-of-range", {"min": 0, "max": max(SCORES)})]


def _dots(given: Mapping[str, Any], proposals: Sequence[str]) -> list[FieldProblem]:
    dots = given.get("dots")
    if dots is None:
        return [FieldProblem("dots", "missing")]
    if any(name not in proposals for name in dots):
        return [FieldProblem("dots", "not-a-choice")]
    if sum(dots.values()) > DOTS_EACH:
        return [FieldProblem("dots", "too-many-dots", {"max": DOTS_EACH})]
    return []


_READERS = {CONSENT: _consent, SCORE: _score, DOTS: _dots}


def count(rule: Rule, choices: Sequence[Choice], proposals: Sequence[str], entitled: int) -> dict[str, Tally]:
    """The tally of each proposal."""
    if rule.method == CONSENT:
        return {proposals[0]: rules.consent([str(choice["position"]) for choice in choices], entitled, rule)}
    if rule.method == SCORE:
        return {proposals[0]: rules.score([int(choice["score"]) for choice in choices], entitled, rule)}
    given = {name: [int(choice["dots"].get(name, 0)) for choice in choices] for name in proposals}
    total = sum(sum(each) for each in given.values())
    return {name: rules.dots(each, total, entitled, rule) for name, each in given.items()}


def accord(decision: str, outcome: str) -> str:
    """Whether a decision follows what the vote said: follows, departs, or no-quorum where it said nothing."""
    if outcome == rules.NO_QUORUM:
        return NO_QUORUM
    return FOLLOWS if (decision == APPROVED) == (outcome == rules.PASSED) else DEPARTS


def status_of(vote: Mapping[str, Any], now: datetime) -> str:
    """open, counting (its time has come, the count has not) or closed; `vote` has closes_at and closed_at."""
    if vote["closed_at"] is not None:
        return CLOSED
    return COUNTING if now >= vote["closes_at"] else OPEN
