"""A case vignette whose judgement is scored against a panel."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from services.courses.domain.course import Pair
from services.courses.domain.questions.base import Kind, Layout, Question, Shape
from services.courses.domain.questions.base import place as at_place

POINTS = 5
"""Points of the judgement scale, -2 to +2."""
SCALES = ("likelihood", "usefulness", "agreement")


class Vignette(Kind):
    """A judgement on a case that has no single right answer: a vignette (the stem), a hypothesis, a new fact, and how
    the fact moves the hypothesis, on five points from -2 to +2.

    Scored against experts, as a script concordance test: an answer's credit is the number of panel members who gave
    it, divided by the number who gave the answer that most of them gave (aggregate method; Charlin, Roy, Brailovsky,
    Goulet and van der Vleuten, "The Script Concordance test: a tool to assess the reflective clinician", Teaching
    and Learning in Medicine 12(4), 2000, 189-195; panel advice in Lubarsky et al., AMEE Guide 75, Medical Teacher
    35(3), 2013, 184-193). Without a panel the author sets the credit of each point.
    """

    def problems(self, question: Question) -> Iterator[tuple[str, str]]:
        """Either a panel with members, or credits of which the best is whole."""
        panel, worth = question["panel"], question["credits"]
        if (panel is None) == (worth is None):
            yield "panel", "panel-or-credits"
        elif panel is not None and not any(panel):
            yield "panel", "panel-empty"
        elif worth is not None and max(worth) != 1:
            yield "credits", "credits-without-best"

    def texts(self, question: Question) -> Iterator[Pair]:
        """Hypothesis, and the fact where there is one."""
        yield question["hypothesis"]
        if any(question["finding"].values()):
            yield question["finding"]

    def shown(self, question: Question, layout: Layout) -> Shape:
        """What is judged, and on which scale."""
        del layout
        return {name: question[name] for name in ("hypothesis", "finding", "scale")}

    def read(self, question: Question, answer: Any) -> Any:
        """A point, 0 (-2) to 4 (+2)."""
        del question
        return at_place(answer, POINTS)

    def credit(self, question: Question, layout: Layout, answer: Any) -> float:
        """See the class."""
        del layout
        return float(self.credits(question)[answer])

    def credits(self, question: Question) -> list[float]:
        """The credit of each point."""
        panel = question["panel"]
        if panel is None:
            return [float(one) for one in question["credits"]]
        return [votes / max(panel) for votes in panel]

    def solution(self, question: Question, layout: Layout) -> Shape:
        """The panel's answers, what each is worth, and the feedback of each point."""
        del layout
        worth = self.credits(question)
        return {
            "correct": [place for place, credit in enumerate(worth) if credit == 1],
            "panel": question["panel"],
            "credits": worth,
            "feedbacks": question["point_feedback"],
        }

    def said(self, question: Question, layout: Layout, answer: Any) -> list[Pair]:
        """`+1`."""
        del question, layout
        return [_point(answer)]

    def right(self, question: Question, layout: Layout) -> list[Pair]:
        """The points with full credit."""
        return [_point(place) for place in self.solution(question, layout)["correct"]]

    def chosen(self, question: Question, layout: Layout, answer: Any) -> list[int]:
        """The point."""
        del question, layout
        return [answer]

    def options(self, question: Question) -> list[tuple[Pair | None, bool]]:
        """The five points."""
        return [(_point(place), credit == 1) for place, credit in enumerate(self.credits(question))]


def _point(place: int) -> Pair:
    text = ("\u22122", "\u22121", "0", "+1", "+2")[place]
    return {"fr": text, "en": text}
