"""One or several options, and true or false."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from services.courses.domain.course import Pair
from services.courses.domain.questions.base import BadAnswer, Kind, Layout, Question, Shape
from services.courses.domain.questions.base import place as at_place


class Single(Kind):
    """One option of several."""

    def problems(self, question: Question) -> Iterator[tuple[str, str]]:
        """Exactly one is right."""
        right = sum(1 for option in question["options"] if option["correct"])
        if right != 1:
            yield "options", "no-correct-option" if right == 0 else "several-correct-options"

    def texts(self, question: Question) -> Iterator[Pair]:
        """Every option."""
        yield from (option["text"] for option in question["options"])

    def layout(self, question: Question, rng: random.Random, *, shuffle: bool) -> dict[str, list[int]]:
        """Shuffled where the quiz says so."""
        order = list(range(len(question["options"])))
        if shuffle:
            rng.shuffle(order)
        return {"options": order}

    def shown(self, question: Question, layout: Layout) -> Shape:
        """The texts."""
        return {"options": [question["options"][at]["text"] for at in layout["options"]]}

    def read(self, question: Question, answer: Any) -> Any:
        """The shown place of an option."""
        return at_place(answer, len(question["options"]))

    def credit(self, question: Question, layout: Layout, answer: Any) -> float:
        """All or nothing."""
        return float(question["options"][layout["options"][answer]]["correct"])

    def solution(self, question: Question, layout: Layout) -> Shape:
        """Which places are right, and each option's feedback."""
        shown = [question["options"][at] for at in layout["options"]]
        return {
            "correct": [place for place, option in enumerate(shown) if option["correct"]],
            "feedbacks": [option["feedback"] for option in shown],
        }

    def said(self, question: Question, layout: Layout, answer: Any) -> list[Pair]:
        """The options' texts, in the author's order."""
        return [question["options"][at]["text"] for at in sorted(self.chosen(question, layout, answer))]

    def right(self, question: Question, layout: Layout) -> list[Pair]:
        """The right options' texts."""
        del layout
        return [option["text"] for option in question["options"] if option["correct"]]

    def chosen(self, question: Question, layout: Layout, answer: Any) -> list[int]:
        """The one option."""
        del question
        return [layout["options"][answer]]

    def options(self, question: Question) -> list[tuple[Pair | None, bool]]:
        """All of them."""
        return [(option["text"], option["correct"]) for option in question["options"]]


class Multiple(Single):
    """Any number of options.

    With `partial`, each right choice earns 1/n of the points (n: number of right options) and each wrong choice
    takes 1/n away, never below nothing: guessing everything earns nothing. Without it, all or nothing.
    """

    def problems(self, question: Question) -> Iterator[tuple[str, str]]:
        """At least one is right."""
        if not any(option["correct"] for option in question["options"]):
            yield "options", "no-correct-option"

    def read(self, question: Question, answer: Any) -> Any:
        """Different shown places, in their order."""
        if not isinstance(answer, list):
            raise BadAnswer
        places = [at_place(one, len(question["options"])) for one in answer]
        if len(set(places)) != len(places):
            raise BadAnswer
        return sorted(places)

    def credit(self, question: Question, layout: Layout, answer: Any) -> float:
        """See the class."""
        marks = [question["options"][at]["correct"] for at in self.chosen(question, layout, answer)]
        number = sum(1 for option in question["options"] if option["correct"])
        hits, misses = sum(marks), len(marks) - sum(marks)
        if not question["partial"]:
            return float(hits == number and misses == 0)
        return float(max(0.0, (hits - misses) / number))

    def chosen(self, question: Question, layout: Layout, answer: Any) -> list[int]:
        """Every option that was ticked."""
        del question
        return [layout["options"][place] for place in answer]


class TrueFalse(Kind):
    """A statement that is true or false; place 0 is true, place 1 false."""

    result = "true-false"

    def read(self, question: Question, answer: Any) -> Any:
        """True or false."""
        del question
        if not isinstance(answer, bool):
            raise BadAnswer
        return answer

    def credit(self, question: Question, layout: Layout, answer: Any) -> float:
        """All or nothing."""
        del layout
        return float(answer is question["answer"])

    def solution(self, question: Question, layout: Layout) -> Shape:
        """Which it is, and the feedback of both."""
        del layout
        return {
            "correct": [0 if question["answer"] else 1],
            "feedbacks": [question["when_true"], question["when_false"]],
        }

    def said(self, question: Question, layout: Layout, answer: Any) -> list[Pair]:
        """The word."""
        del question, layout
        return [{"fr": "Vrai", "en": "True"} if answer else {"fr": "Faux", "en": "False"}]

    def right(self, question: Question, layout: Layout) -> list[Pair]:
        """The word."""
        return self.said(question, layout, question["answer"])

    def chosen(self, question: Question, layout: Layout, answer: Any) -> list[int]:
        """0 for true, 1 for false."""
        del question, layout
        return [0 if answer else 1]

    def options(self, question: Question) -> list[tuple[Pair | None, bool]]:
        """True, false."""
        return [(None, question["answer"]), (None, not question["answer"])]
