"""Questions of a quiz: what each kind asks, shows, accepts and is worth. A new kind is one class and a schema.

A question is a JSON document (see schemas/quiz.py). On a paper it stands with a *layout*: for every list that is
shown, the original index at each shown place. Answers speak of shown places only, so that neither an id nor an
order tells a browser what is right.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from services.courses.domain.course import BOTH, Pair
from shared.text import fold

Question = Mapping[str, Any]
Layout = Mapping[str, list[int]]
Shape = dict[str, Any]
POINTS = 5
"""Points of the judgement scale, -2 to +2."""
SCALES = ("likelihood", "usefulness", "agreement")
ALMOST = 1 - 1e-9


class BadAnswer(ValueError):
    """An answer of another shape than the question's."""


class Kind:
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

    def read(self, question: Question, answer: Any) -> Any:
        """A well-shaped answer. Raises BadAnswer."""
        raise NotImplementedError

    def credit(self, question: Question, layout: Layout, answer: Any) -> float:
        """The share of the points that an answer earns, 0 to 1."""
        raise NotImplementedError

    def solution(self, question: Question, layout: Layout) -> Shape:
        """What the review adds: what is right, and the feedback of each option."""
        raise NotImplementedError

    def said(self, question: Question, layout: Layout, answer: Any) -> list[Any]:
        """An answer in words, for reports: texts, or [left, right] pairs of texts."""
        raise NotImplementedError

    def right(self, question: Question, layout: Layout) -> list[Any]:
        """The right answer in words, for reports."""
        raise NotImplementedError

    def chosen(self, question: Question, layout: Layout, answer: Any) -> list[int]:
        """Original indexes of the options that an answer chose, for their frequencies; none where there are none."""
        del question, layout, answer
        return []

    def options(self, question: Question) -> list[tuple[Pair | None, bool]]:
        """The options in the author's order with whether each is right; a text of None is the platform's own."""
        del question
        return []


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
        return _place(answer, len(question["options"]))

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
        places = [_place(one, len(question["options"])) for one in answer]
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


class Numeric(Kind):
    """A number within a tolerance, ends included; a decimal comma and a decimal point are the same."""

    result = "numeric"

    def texts(self, question: Question) -> Iterator[Pair]:
        """The unit, where there is one."""
        if any(question["unit"].values()):
            yield question["unit"]

    def shown(self, question: Question, layout: Layout) -> Shape:
        """The unit that stands behind the field."""
        del layout
        return {"unit": question["unit"]}

    def read(self, question: Question, answer: Any) -> Any:
        """As typed."""
        del question
        return _typed(answer, 100)

    def credit(self, question: Question, layout: Layout, answer: Any) -> float:
        """All or nothing; what is no number is wrong."""
        del layout
        number = parse_number(answer, question["unit"].values())
        if number is None:
            return 0.0
        slack = question["tolerance"] + 1e-9 * max(1.0, abs(question["value"]))
        return float(abs(number - question["value"]) <= slack)

    def solution(self, question: Question, layout: Layout) -> Shape:
        """The value and how far from it is still right."""
        del layout
        return {"value": question["value"], "tolerance": question["tolerance"]}

    def said(self, question: Question, layout: Layout, answer: Any) -> list[Pair]:
        """As typed."""
        del question, layout
        return [{"fr": answer, "en": answer}]

    def right(self, question: Question, layout: Layout) -> list[Pair]:
        """`12,5 ± 0,5 km`."""
        del layout
        return [{"fr": _amount(question, "fr").replace(".", ","), "en": _amount(question, "en")}]


class ShortText(Kind):
    """A few words. Case, accents and spaces do not count unless `exact`; either language is accepted."""

    result = "fill-in"

    def problems(self, question: Question) -> Iterator[tuple[str, str]]:
        """Something is accepted."""
        if not any(question["accepted"][language] for language in BOTH):
            yield "accepted", "no-accepted-answer"

    def read(self, question: Question, answer: Any) -> Any:
        """As typed."""
        del question
        return _typed(answer, 500)

    def credit(self, question: Question, layout: Layout, answer: Any) -> float:
        """All or nothing."""
        del layout
        same = _spaced if question["exact"] else fold
        accepted = {same(one) for language in BOTH for one in question["accepted"][language]}
        return float(same(answer) in accepted)

    def solution(self, question: Question, layout: Layout) -> Shape:
        """What is accepted."""
        del layout
        return {"accepted": question["accepted"]}

    def said(self, question: Question, layout: Layout, answer: Any) -> list[Pair]:
        """As typed."""
        del question, layout
        return [{"fr": answer, "en": answer}]

    def right(self, question: Question, layout: Layout) -> list[Pair]:
        """The first accepted answer of each language."""
        del layout
        first = {language: (question["accepted"][language] or [""])[0] for language in BOTH}
        return [{"fr": first["fr"] or first["en"], "en": first["en"] or first["fr"]}]


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
        return [None if one is None else _place(one, count) for one in answer]

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
        if not isinstance(answer, list) or sorted(_place(one, count) for one in answer) != list(range(count)):
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
        return _place(answer, POINTS)

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


_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?\Z", re.IGNORECASE)


def parse_number(text: str, units: Any = ()) -> float | None:
    """A number as people of both languages write it: `1 234,5`, `1,234.5`, `−3`, `12,5 km`; None for anything else."""
    plain = text.strip()
    for unit in units:
        if unit and fold(plain).endswith(fold(unit)):
            plain = plain[: len(plain) - len(unit)]
            break
    plain = re.sub(r"[\s\u00a0\u202f'’]", "", plain).replace("\u2212", "-")
    comma, point = plain.rfind(","), plain.rfind(".")
    if comma >= 0 and point >= 0:
        plain = plain.replace("," if point > comma else ".", "")
    if plain.count(",") > 1:
        return None
    plain = plain.replace(",", ".")
    if not _NUMBER.match(plain):
        return None
    number = float(plain)
    return number if math.isfinite(number) else None


def _place(value: Any, count: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < count:
        raise BadAnswer
    return value


def _typed(value: Any, limit: int) -> str:
    if not isinstance(value, str) or "\x00" in value or len(value) > limit or not value.strip():
        raise BadAnswer
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadAnswer from None
    return value.strip()


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _amount(question: Question, language: str) -> str:
    shown = f"{question['value']:g}"
    if question["tolerance"]:
        shown += f" ± {question['tolerance']:g}"
    return f"{shown} {question['unit'][language]}".strip()


def _rights(question: Question) -> list[Pair]:
    return [one["right"] for one in (*question["pairs"], *question["extras"])]


def _point(place: int) -> Pair:
    text = ("\u22122", "\u22121", "0", "+1", "+2")[place]
    return {"fr": text, "en": text}
