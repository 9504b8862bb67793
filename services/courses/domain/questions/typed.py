"""A number or a few words that the learner types."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

from services.courses.domain.course import BOTH, Pair
from services.courses.domain.questions.base import BadAnswer, Kind, Layout, Question, Shape
from shared.text import fold


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
