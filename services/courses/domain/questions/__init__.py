"""Questions of a quiz: what each kind asks, shows, accepts and is worth. A new kind is one class and a schema.

A question is a JSON document (see schemas/quiz.py). On a paper it stands with a *layout*: for every list that is
shown, the original index at each shown place. Answers speak of shown places only, so that neither an id nor an
order tells a browser what is right.
"""

from __future__ import annotations

from collections.abc import Iterator

from services.courses.domain.course import BOTH, Pair
from services.courses.domain.questions.arranged import Matching, Ordering
from services.courses.domain.questions.base import ALMOST, BadAnswer, Kind, Layout, Question, Shape
from services.courses.domain.questions.choices import Multiple, Single, TrueFalse
from services.courses.domain.questions.typed import Numeric, ShortText, parse_number
from services.courses.domain.questions.vignette import POINTS, SCALES, Vignette

KINDS: dict[str, Kind] = {
    "single": Single(),
    "multiple": Multiple(),
    "true-false": TrueFalse(),
    "numeric": Numeric(),
    "short": ShortText(),
    "matching": Matching(),
    "ordering": Ordering(),
    "vignette": Vignette(),
}


def kind_of(question: Question) -> Kind:
    """The rules of a question's kind."""
    return KINDS[question["kind"]]


def problems(question: Question) -> list[tuple[str, str]]:
    """(path, code) of everything that keeps a well-shaped question from being scored."""
    return list(kind_of(question).problems(question))


def ready_in(question: Question) -> list[str]:
    """Languages in which a learner can answer it: the stem, every option, and a picture's description.

    Feedback counts too where it is written at all: who gets it in one language gets it in the other.
    """
    needed = [question["stem"], *kind_of(question).texts(question)]
    if question["image"]:
        needed.append(question["image"]["alt"])
    written = [pair for pair in _feedbacks(question) if any(pair.values())]
    return [language for language in BOTH if all(pair.get(language) for pair in (*needed, *written))]


def _feedbacks(question: Question) -> Iterator[Pair]:
    yield question["feedback"]
    yield from (option["feedback"] for option in question.get("options", ()))
    yield from question.get("point_feedback", ())
    yield from (question[name] for name in ("when_true", "when_false") if name in question)


def words_of(question: Question) -> Iterator[str]:
    """Every text of a question, for searching."""
    for pair in (question["stem"], *kind_of(question).texts(question)):
        yield from (text for text in pair.values() if text)


__all__ = [
    "ALMOST", "KINDS", "POINTS", "SCALES", "BadAnswer", "Kind", "Layout", "Question", "Shape", "kind_of", "parse_number",
    "problems", "ready_in", "words_of",
]  # fmt: skip
