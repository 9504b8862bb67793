"""A quiz: its entries and rules, the paper that a learner gets, what may be seen when, and the result.

A paper keeps a copy of every question as it was asked. Whatever happens to a question later, an attempt is scored
and reviewed by the version that was answered.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from services.courses.domain.course import BOTH
from services.courses.domain.questions import ALMOST, Question, kind_of, ready_in
from shared.errors import Conflict, Invalid

OWN: Final = "own"
BANK: Final = "bank"
DRAW: Final = "draw"
NEVER: Final = "never"
SUBMITTED: Final = "submitted"
LAST: Final = "last"
PASSED: Final = "passed"
SHOW_ANSWERS = (NEVER, SUBMITTED, LAST, PASSED)
"""When a learner may see what is right."""
BEST: Final = "best"
COUNTS = (BEST, LAST)
"""Which attempt counts."""
PAGING = ("all", "one")
MOST_ENTRIES = 100
MOST_DRAWN = 50
GRACE = timedelta(seconds=30)
"""What a slow network gets beyond the time limit."""
FEWEST = 5
"""Statistics of fewer people are not shown."""
RULES: dict[str, Any] = {
    "shuffle_questions": False, "shuffle_options": True, "attempts": 0, "pass_mark": 0.0, "time_limit": 0,
    "show_answers": SUBMITTED, "counts": BEST, "paging": "all",
}  # fmt: skip
"""Rules of a new quiz. `attempts` 0: as many as one likes; `pass_mark` 0..1, 0: none; `time_limit` minutes, 0: none."""

Entry = Mapping[str, Any]
Asked = dict[str, Any]
Version = tuple[str, int]
"""Id and version of a question of the bank."""


class QuizRefused(Invalid):
    """Questions or rules that cannot work; `fields` lists why."""

    code = "quiz-refused"


class QuizEmpty(Conflict):
    """There is no question to ask yet."""

    code = "quiz-empty"


class NoAttemptsLeft(Conflict):
    """All attempts are used."""

    code = "quiz-no-attempts-left"


class QuizClosed(Conflict):
    """The attempt is over: submitted, or out of time. What was saved before counts."""

    code = "quiz-closed"


def rule_problems(rules: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(path, code) of rules that contradict one another."""
    found = []
    if rules["show_answers"] == LAST and not rules["attempts"]:
        found.append(("show_answers", "last-without-limit"))
    if rules["show_answers"] == PASSED and not rules["pass_mark"]:
        found.append(("show_answers", "passed-without-mark"))
    return found


def references(entries: Iterable[Entry]) -> list[Version]:
    """Versions of the bank that the entries name."""
    return [(entry["question_id"], entry["version"]) for entry in entries if entry["kind"] == BANK]


@dataclass(frozen=True, slots=True)
class Source:
    """Everything a paper is made of: entries, the pool of each draw, and the bank's questions by version."""

    entries: Sequence[Entry]
    pools: Mapping[str, Sequence[Version]]
    bank: Mapping[Version, Question]

    def pool(self, entry: Entry) -> list[Version]:
        """What a draw draws from."""
        return [(str(one[0]), int(one[1])) for one in self.pools.get(entry["id"], ())]

    def languages(self) -> list[str]:
        """Languages in which every question that may be asked can be answered; none without questions."""
        ready = [ready_in(question) for entry in self.entries for question in self._possible(entry)]
        return [code for code in BOTH if ready and all(code in one for one in ready)]

    def missing(self) -> list[tuple[str, dict[str, Any]]]:
        """What stands before publication in any language, as (code, params)."""
        if not self.entries:
            return [("quiz-empty", {})]
        return [
            ("draw-too-small", {"number": number, "tag": entry["tag"], "pool": pool, "count": entry["count"]})
            for number, entry in enumerate(self.entries, 1)
            if entry["kind"] == DRAW and (pool := len(self.pool(entry))) < entry["count"]
        ]

    def unready(self) -> list[tuple[str, dict[str, Any]]]:
        """Entries with a question that lacks a language, as (code, params)."""
        return [
            (f"question-missing-{language}", {"number": number})
            for number, entry in enumerate(self.entries, 1)
            for language in BOTH
            if any(language not in ready_in(question) for question in self._possible(entry))
        ]

    def _possible(self, entry: Entry) -> list[Question]:
        """The questions that an entry may ask."""
        if entry["kind"] == OWN:
            return [entry["question"]]
        refs = self.pool(entry) if entry["kind"] == DRAW else references([entry])
        return [self.bank[ref] for ref in refs if ref in self.bank]

    def size(self) -> int:
        """How many questions a paper has."""
        counts = (
            min(entry["count"], len(self.pool(entry))) if entry["kind"] == DRAW else 1
            for entry in self.entries
        )
        return sum(counts)

    def paper(self, rules: Mapping[str, Any], seed: int) -> list[Asked]:
        """The questions of one attempt, with the order in which each list is shown; the same for the same seed."""
        rng = random.Random(seed)
        asked = self._asked(rng)
        if rules["shuffle_questions"]:
            rng.shuffle(asked)
        for one in asked:
            question = one["question"]
            one["layout"] = kind_of(question).layout(question, rng, shuffle=rules["shuffle_options"])
        return asked

    def _asked(self, rng: random.Random) -> list[Asked]:
        taken = {entry["question_id"] for entry in self.entries if entry["kind"] == BANK}
        asked: list[Asked] = []
        for entry in self.entries:
            if entry["kind"] == OWN:
                asked.append(_ask(entry["id"], entry["version"], entry["question"]))
                continue
            if entry["kind"] == BANK:
                chosen = [(entry["question_id"], entry["version"])]
            else:
                free = [ref for ref in self.pool(entry) if ref[0] not in taken]
                chosen = rng.sample(free, min(entry["count"], len(free)))
                taken |= {ref[0] for ref in chosen}
            asked += [_ask(*ref, self.bank[ref]) for ref in chosen if ref in self.bank]
        return asked


def _ask(question_id: str, version: int, question: Question) -> Asked:
    return {"id": question_id, "version": version, "question": dict(question)}


@dataclass(frozen=True, slots=True)
class Mark:
    """What one answer is worth. `credit`: 0..1."""

    credit: float
    points: float

    @property
    def success(self) -> bool:
        """All points."""
        return self.credit >= ALMOST


@dataclass(frozen=True, slots=True)
class Result:
    """What an attempt is worth. `score`: 0..1; `passed` is None where no mark is to be reached."""

    marks: dict[str, Mark]
    points: float
    max_points: float
    score: float
    passed: bool | None


def mark_of(asked: Asked, answer: Any) -> Mark:
    """The mark of one answer; no answer earns nothing."""
    question = asked["question"]
    credit = 0.0 if answer is None else kind_of(question).credit(question, asked["layout"], answer)
    return Mark(credit, round(credit * question["points"], 4))


def result_of(paper: Sequence[Asked], answers: Mapping[str, Any], pass_mark: float) -> Result:
    """The result of a whole paper."""
    marks = {one["id"]: mark_of(one, answers.get(one["id"])) for one in paper}
    points = round(sum(mark.points for mark in marks.values()), 4)
    highest = round(sum(one["question"]["points"] for one in paper), 4)
    score = round(points / highest, 6) if highest else 0.0
    return Result(marks, points, highest, score, score >= pass_mark - 1e-6 if pass_mark else None)


def due(started_at: datetime, rules: Mapping[str, Any], factor: float) -> datetime | None:
    """When time is over; `factor`: more time for who needs it."""
    return started_at + timedelta(minutes=rules["time_limit"]) * factor if rules["time_limit"] else None


def is_late(due_at: datetime | None, now: datetime) -> bool:
    """True when nothing more is accepted."""
    return due_at is not None and now > due_at + GRACE


def allowed_attempts(rules: Mapping[str, Any], extra: int) -> int | None:
    """How many attempts a learner has; None: as many as they like."""
    return rules["attempts"] + extra if rules["attempts"] else None


def may_see_answers(
    rules: Mapping[str, Any], *, submitted: bool, left: int | None, passed: bool | None
) -> bool:
    """Whether what is right may be shown. `left`: attempts left (None: no limit); `passed`: in any attempt."""
    when = rules["show_answers"]
    if not submitted or when == NEVER:
        return False
    return when == SUBMITTED or (when == LAST and left == 0) or (when == PASSED and bool(passed))


def counting(rules: Mapping[str, Any], scores: Sequence[float]) -> int:
    """Index of the attempt that counts among submitted ones in order: the first of the best, or the last."""
    return len(scores) - 1 if rules["counts"] == LAST else scores.index(max(scores))
