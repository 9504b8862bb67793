"""What people are asked after a course: a reaction at its end, and 30 and 90 days later whether it was of use.

An instrument is frozen: a changed word is a new version, since answers to different words cannot be pooled.
Levels are those of Kirkpatrick (four levels) and of the Learning-Transfer Evaluation Model (LTEM, Thalheimer 2018,
eight tiers). Both instruments here are self-report; neither shows that somebody learned.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median_low
from typing import Any, Final

from shared.errors import Conflict, FieldProblem

Pair = Mapping[str, str]
END: Final = "end"
MOMENTS = (END, "30", "90")
DELAYS = {END: timedelta(0), "30": timedelta(days=30), "90": timedelta(days=90)}
MIN_CELL: Final = 5
COMMENT = 4000
OBJECTIVES: Final = "objectives"
"""Name of the question that is asked once for each objective of the course."""


class EvaluationAnswered(Conflict):
    """One answer a person and moment."""

    code = "evaluation-answered"


class EvaluationNotOpen(Conflict):
    """Its day has not come, or the course is not completed."""

    code = "evaluation-not-open"


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `kind`: "scale" (one option, they have an order), "many" (any number of options), or
    "each" (one option for each objective). `options`: (code, words) in their order.
    """

    name: str
    kind: str
    text: Pair
    options: tuple[tuple[str, Pair], ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of the options."""
        return tuple(code for code, _ in self.options)


@dataclass(frozen=True, slots=True)
class Instrument:
    """Questions in their order, then one open comment."""

    version: str
    kirkpatrick: int
    ltem: int
    questions: tuple[Question, ...]
    comment: Pair

    def problems(self, answers: Mapping[str, Any], objective_ids: Sequence[str]) -> list[FieldProblem]:
        """What is wrong with some answers; every question may be left out."""
        known = {question.name: question for question in self.questions}
        found = [FieldProblem(f"answers.{name}", "unknown-field") for name in answers if name not in known]
        for name, question in known.items():
            if name in answers and not _fits(question, answers[name], objective_ids):
                found.append(FieldProblem(f"answers.{name}", "not-a-choice"))
        return found


def _fits(question: Question, answer: object, objective_ids: Sequence[str]) -> bool:
    if question.kind == "scale":
        return answer in question.codes
    if question.kind == "many":
        return isinstance(answer, list) and len(set(map(str, answer))) == len(answer) and all(
            code in question.codes for code in answer
        )  # fmt: skip
    return isinstance(answer, Mapping) and all(
        key in objective_ids and code in question.codes for key, code in answer.items()
    )


def _pair(fr: str, en: str) -> Pair:
    return {"fr": fr, "en": en}


_AGREE = (
    ("1", _pair("Pas du tout d’accord", "Strongly disagree")),
    ("2", _pair("Plutôt pas d’accord", "Disagree")),
    ("3", _pair("Ni l’un ni l’autre", "Neither")),
    ("4", _pair("Plutôt d’accord", "Agree")),
    ("5", _pair("Tout à fait d’accord", "Strongly agree")),
)
_DIFFICULTY = (
    ("1", _pair("Beaucoup trop facile", "Much too easy")),
    ("2", _pair("Un peu trop facile", "A little too easy")),
    ("3", _pair("Juste bien", "About right")),
    ("4", _pair("Un peu trop difficile", "A little too hard")),
    ("5", _pair("Beaucoup trop difficile", "Much too hard")),
)

REACTION = Instrument(
    "reaction-1", 1, 3,
    (
        Question("relevance", "scale", _pair(
            "Ce cours répond à un besoin réel de mon travail.", "This course meets a real need of my work."), _AGREE),
        Question("examples", "scale", _pair(
            "Les exemples et les situations ressemblent à ce que je vis.",
            "The examples and situations look like what I face."), _AGREE),
        Question("practice", "scale", _pair(
            "J’ai eu assez d’occasions de m’exercer, avec une rétroaction utile.",
            "I had enough chances to practise, with useful feedback."), _AGREE),
        Question("difficulty", "scale", _pair("Le niveau de difficulté était :", "The level of difficulty was:"),
                 _DIFFICULTY),
        Question("confidence", "scale", _pair(
            "Je me sens capable de faire ce que le cours enseigne.", "I feel able to do what the course teaches."),
            _AGREE),
        Question("intent", "scale", _pair(
            "Je compte m’en servir dans mon travail d’ici un mois.", "I plan to use it in my work within a month."),
            _AGREE),
    ),
    _pair("Qu’est-ce qui devrait changer, et qu’est-ce qui devrait rester?",
          "What should change, and what should stay?"),
)  # fmt: skip

TRANSFER = Instrument(
    "transfer-1", 3, 7,
    (
        Question(OBJECTIVES, "each", _pair(
            "Depuis la fin du cours, vous en êtes-vous servi dans votre travail?",
            "Since the end of the course, have you used this in your work?"), (
            ("often", _pair("Oui, plusieurs fois", "Yes, several times")),
            ("once", _pair("Oui, une fois", "Yes, once")),
            ("no-occasion", _pair("Non, sans occasion de le faire", "No, there was no occasion")),
            ("no", _pair("Non, malgré des occasions", "No, though there were occasions")),
        )),
        Question("helped", "many", _pair("Qu’est-ce qui a aidé?", "What helped?"), (
            ("time", _pair("Du temps pour m’y mettre", "Time to get to it")),
            ("manager", _pair("L’appui de ma ou de mon gestionnaire", "Support from my manager")),
            ("colleagues", _pair("Des collègues qui font de même", "Colleagues who do the same")),
            ("material", _pair("Le matériel du cours, relu ensuite", "The course’s material, read again")),
            ("practice", _pair("L’exercice pratique pendant le cours", "Having practised in the course")),
        )),
        Question("hindered", "many", _pair("Qu’est-ce qui a nui?", "What got in the way?"), (
            ("time", _pair("Le manque de temps", "Lack of time")),
            ("rules", _pair("Les règles ou les pratiques de mon organisme", "My organisation’s rules or habits")),
            ("support", _pair("Le manque d’appui", "Lack of support")),
            ("unsure", _pair("Je doutais de bien m’y prendre", "I was not sure how to go about it")),
            ("unfit", _pair("Cela ne convenait pas à mes situations", "It did not fit my situations")),
        )),
    ),
    _pair("Racontez une fois où vous vous en êtes servi, ou ce qui l’a empêché. Aucun nom, aucun détail d’un dossier.",
          "Tell of one time you used it, or of what prevented it. No name, no detail of a file."),
)  # fmt: skip

INSTRUMENTS = {END: REACTION, "30": TRANSFER, "90": TRANSFER}


def summary(
    question: Question, answers: Sequence[Mapping[str, Any]], objective_id: str = ""
) -> dict[str, Any]:
    """How often each option was given. `n`: who answered this question (for one objective, where it is "each").

    Under MIN_CELL there are no counts. `median` of a scale's codes, the lower of the two in the middle.
    """
    given = [one[question.name] for one in answers if question.name in one]
    if question.kind == "each":
        given = [one[objective_id] for one in given if objective_id in one]
    out: dict[str, Any] = {"n": len(given), "counts": None, "median": None}
    if len(given) < MIN_CELL:
        return out | {"n": None}
    counted = Counter(code for one in given for code in (one if question.kind == "many" else [one]))
    out["counts"] = {code: counted.get(code, 0) for code in question.codes}
    if question.kind == "scale":
        out["median"] = median_low(sorted(given))
    return out
