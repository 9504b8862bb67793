"""Matching two lists, and putting one in order."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

from services.courses.domain.course import Pair
from services.courses.domain.questions.base import BadAnswer, Kind, Layout, Question, Shape
from services.courses.domain.questions.base import place as at_place


class Matching(Kind):
    """Each left text gets a right one. Credit: the share of left texts with the right partner.

    Right texts are always shuffled, with extra ones that fit nothing; equal texts are as good as one another.
    """

    result = "matching"

    def texts(self, question: Question) -> Iterator[Pair]:
        """Both columns."""
        for one in question["pairs"]:
            yield one["left"]
            yield one["right"]
        yield from (one["right"] for one in question["extras"])

    def layout(self, question: Question, rng: random.Random, *, shuffle: bool) -> dict[str, list[int]]:
        """The left in the author's order unless shuffled, the right never."""
        left = list(range(len(question["pairs"])))
        right = list(range(len(_rights(question))))
        if shuffle:
            rng.shuffle(left)
        rng.shuffle(right)
        return {"left": left, "right": right}

    def shown(self, question: Question, layout: Layout) -> Shape:
        """Two lists."""
        rights = _rights(question)
        return {
            "left": [question["pairs"][at]["left"] for at in layout["left"]],
            "right": [rights[at] for at in layout["right"]],
        }

    def read(self, question: Question, answer: Any) -> Any:
        """For each shown left text the shown place of a right one, or None."""
        if not isinstance(answer, list) or len(answer) != len(question["pairs"]):
            raise BadAnswer
        count = len(_rights(question))
        return [None if one is None else at_place(one, count) for one in answer]

    def credit(self, question: Question, layout: Layout, answer: Any) -> float:
        """See the class."""
        return sum(self._marks(question, layout, answer)) / len(question["pairs"])

    def _marks(self, question: Question, layout: Layout, answer: Sequence[int | None]) -> list[bool]:
        rights = _rights(question)
        return [
            place is not None and rights[layout["right"][place]] == question["pairs"][at]["right"]
            for at, place in zip(layout["left"], answer, strict=True)
        ]

    def solution(self, question: Question, layout: Layout) -> Shape:
        """The shown place of each left text's partner."""
        del question
        return {"correct": [layout["right"].index(at) for at in layout["left"]]}

    def said(self, question: Question, layout: Layout, answer: Any) -> list[Any]:
        """[left, right] for each that was answered, in the author's order."""
        rights, pairs = _rights(question), question["pairs"]
        return [
            [pairs[at]["left"], rights[layout["right"][place]]]
            for at, place in sorted(zip(layout["left"], answer, strict=True))
            if place is not None
        ]

    def right(self, question: Question, layout: Layout) -> list[Any]:
        """All pairs."""
        del layout
        return [[one["left"], one["right"]] for one in question["pairs"]]


class Ordering(Kind):
    """Texts to put in order. Credit: the share of texts at their own place."""

    result = "sequencing"

    def texts(self, question: Question) -> Iterator[Pair]:
        """Every text."""
        yield from (item["text"] for item in question["items"])

    def layout(self, question: Question, rng: random.Random, *, shuffle: bool) -> dict[str, list[int]]:
        """Always shuffled, and never shown in the right order."""
        del shuffle
        order = list(range(len(question["items"])))
        while order == sorted(order):
            rng.shuffle(order)
        return {"items": order}

    def shown(self, question: Question, layout: Layout) -> Shape:
        """The texts as shuffled."""
        return {"items": [question["items"][at]["text"] for at in layout["items"]]}

    def read(self, question: Question, answer: Any) -> Any:
        """All shown places, in the learner's order."""
        count = len(question["items"])
        if not isinstance(answer, list) or sorted(at_place(one, count) for one in answer) != list(
            range(count)
        ):
            raise BadAnswer
        return answer

    def credit(self, question: Question, layout: Layout, answer: Any) -> float:
        """See the class."""
        items = question["items"]
        given = [items[layout["items"][place]]["text"] for place in answer]
        marks = [text == item["text"] for text, item in zip(given, items, strict=True)]
        return float(sum(marks) / len(marks))

    def solution(self, question: Question, layout: Layout) -> Shape:
        """The shown places in the right order."""
        return {"correct": [layout["items"].index(at) for at in range(len(question["items"]))]}

    def said(self, question: Question, layout: Layout, answer: Any) -> list[Pair]:
        """The texts in the learner's order."""
        return [question["items"][layout["items"][place]]["text"] for place in answer]

    def right(self, question: Question, layout: Layout) -> list[Pair]:
        """The texts in the right order."""
        del layout
        return [item["text"] for item in question["items"]]


def _rights(question: Question) -> list[Pair]:
    return [one["right"] for one in (*question["pairs"], *question["extras"])]
