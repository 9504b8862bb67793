"""Questions of every kind, whose right answers carry marks that no learner may see too early."""

from __future__ import annotations

from typing import Any

from services.courses.schemas.quiz import QUESTIONS
from shared.wire import load
from tests.unit.courses.support import Desk, pair

View = dict[str, Any]
SECRET = "SECRET"
"""In every text that only a review may show."""


def secret(what: str) -> dict[str, str]:
    return pair(f"{SECRET} {what}")


def base(kind: str, **more: Any) -> View:
    return {"kind": kind, "stem": pair(f"Stem of {kind}"), "feedback": secret("general"), "points": 2} | more


def option(text: str, *, correct: bool = False) -> View:
    return {"text": pair(text), "feedback": secret(text), "correct": correct}


GIVEN: dict[str, View] = {
    "single": base("single", options=[option("A"), option("B", correct=True), option("C")]),
    "multiple": base(
        "multiple", options=[option("A", correct=True), option("B", correct=True), option("C"), option("D")]
    ),
    "true-false": base("true-false", answer=False, when_true=secret("true"), when_false=secret("false")),
    "numeric": base("numeric", value=12.5, tolerance=0.25, unit={"fr": "km", "en": "km"}),
    "short": base("short", accepted={"fr": [f"Équité {SECRET}"], "en": [f"fairness {SECRET}"]}),
    "matching": base(
        "matching", pairs=[{"left": pair(f"L{at}"), "right": pair(f"R{at}")} for at in range(3)],
        extras=[{"right": pair("R9")}],
    ),
    "ordering": base("ordering", items=[{"text": pair(f"Step {at}")} for at in range(4)]),
    "vignette": base(
        "vignette", hypothesis=pair("If you think"), finding=pair("and then"), panel=[0, 1, 2, 8, 4],
        point_feedback=[secret(f"point {at}") for at in range(5)],
    ),
}  # fmt: skip
"""As an author sends them."""


def question(kind: str, **more: Any) -> View:
    """A checked question."""
    found: View = load(QUESTIONS[kind](), GIVEN[kind] | more)
    return found


def own(*kinds: str) -> list[View]:
    """Entries with questions of their own."""
    return [{"kind": "own", "question": GIVEN[kind]} for kind in kinds]


class QuizDesk:
    """A course with one quiz, before and after its publication."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.course = desk, desk.draft("quiz")
        self.id: str = self.course["activities"][0]

    def write(self, *entries: View, **rules: Any) -> View:
        """Replace the quiz."""
        version = self.desk.version(self.course["id"])
        found: View = self.desk.ask(
            "set_quiz", activity_id=self.id, version=version, entries=list(entries), rules=rules
        )
        return found

    def publish(self) -> None:
        self.desk.publish(self.course)

    def learner(self, method: str, **payload: Any) -> Any:
        return self.desk.ask(method, self.desk.learner, **payload)

    def start(self) -> View:
        found: View = self.learner("start_quiz", activity_id=self.id)
        return found

    def submit(self, sitting: View, **answers: Any) -> View:
        """Answers by the kind of their question."""
        ids = {one["kind"]: one["id"] for one in sitting["questions"]}
        found: View = self.learner(
            "submit_quiz", quiz_attempt_id=sitting["id"],
            answers={ids[kind.replace("_", "-")]: answer for kind, answer in answers.items()},
        )  # fmt: skip
        return found

    def bank(self, kind: str, *tags: str, actor: Any = None, shared: bool = False, **more: Any) -> View:
        found: View = self.desk.ask(
            "add_question", actor, question=GIVEN[kind] | more, tags=list(tags), shared=shared
        )
        return found


def place_of(sitting: View, kind: str, text: str, where: str = "options") -> int:
    """Where a text is shown."""
    one = next(one for one in sitting["questions"] if one["kind"] == kind)
    return [pair_["fr"] for pair_ in one["shown"][where]].index(pair(text)["fr"])
