"""What all kinds of question share, and the words for it."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from services.courses.domain.course import Pair

Question = Mapping[str, Any]
Layout = Mapping[str, list[int]]
Shape = dict[str, Any]
ALMOST = 1 - 1e-9


class BadAnswer(ValueError):
    """An answer of another shape than the question's."""


class Kind(ABC):
    """What all kinds share. `result`: their name among the interaction types of the reports."""

    result: ClassVar[str] = "choice"

    def problems(self, question: Question) -> Iterator[tuple[str, str]]:
        """(path, code) of everything that keeps the question from being scored."""
        del question
        yield from ()

    def texts(self, question: Question) -> Iterator[Pair]:
        """What a learner reads, beyond the stem: each needed in both languages."""
        del question
        yield from ()

    def layout(self, question: Question, rng: random.Random, *, shuffle: bool) -> dict[str, list[int]]:
        """The order in which its lists are shown."""
        del question, rng, shuffle
        return {}

    def shown(self, question: Question, layout: Layout) -> Shape:
        """What a learner sees before the answers may be seen; never a hint of what is right."""
        del question, layout
        return {}

    @abstractmethod
    def read(self, question: Question, answer: Any) -> Any:
        """A well-shaped answer. Raises BadAnswer."""

    @abstractmethod
    def credit(self, question: Question, layout: Layout, answer: Any) -> float:
        """The share of the points that an answer earns, 0 to 1."""

    @abstractmethod
    def solution(self, question: Question, layout: Layout) -> Shape:
        """What the review adds: what is right, and the feedback of each option."""

    @abstractmethod
    def said(self, question: Question, layout: Layout, answer: Any) -> list[Any]:
        """An answer in words, for reports: texts, or [left, right] pairs of texts."""

    @abstractmethod
    def right(self, question: Question, layout: Layout) -> list[Any]:
        """The right answer in words, for reports."""

    def chosen(self, question: Question, layout: Layout, answer: Any) -> list[int]:
        """Original indexes of the options that an answer chose, for their frequencies; none where there are none."""
        del question, layout, answer
        return []

    def options(self, question: Question) -> list[tuple[Pair | None, bool]]:
        """The options in the author's order with whether each is right; a text of None is the platform's own."""
        del question
        return []


def place(value: Any, count: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < count:
        raise BadAnswer
    return value
