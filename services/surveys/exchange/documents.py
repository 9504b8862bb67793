"""An instrument as a JSON document, out and in again without a difference."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.surveys.domain.instrument import definition_problems
from services.surveys.domain.instrument.elements import LANGUAGES
from shared.errors import FieldProblem, Invalid

FORMAT = "cercle-instrument"
VERSION = 1
MAX_BYTES = 2 * 1024 * 1024
_TITLE, _INTRO = 200, 4000
_FIELDS = {FORMAT, "title", "intro", "elements"}


class InstrumentRefused(Invalid):
    """The file is no instrument that this version can read; `fields` say where and why."""

    code = "instrument-refused"


@dataclass(frozen=True)
class Warned:
    """Something of the file that was left out, with its row in the sheet (0: the file as a whole)."""

    row: int
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Instrument:
    """Title and introduction in both languages (a half may be empty), and the elements in order."""

    title: Mapping[str, str]
    intro: Mapping[str, str]
    elements: Sequence[Mapping[str, Any]]
    warnings: Sequence[Warned] = ()


def to_json(instrument: Instrument) -> str:
    """The document, indented, accents as they are, keys in one agreed order."""
    document = {
        FORMAT: VERSION,
        "title": dict(instrument.title),
        "intro": dict(instrument.intro),
        "elements": [dict(element) for element in instrument.elements],
    }
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def from_json(data: bytes) -> Instrument:
    """Read a document. Raises InstrumentRefused with every fault."""
    document = _parsed(data)
    if document.get(FORMAT) != VERSION:
        raise InstrumentRefused(fields=[FieldProblem(FORMAT, "unknown-version", {"known": VERSION})])
    problems = [FieldProblem(str(name)[:40], "unknown-field") for name in document if name not in _FIELDS]
    problems += _text(document.get("title"), "title", _TITLE) + _text(document.get("intro"), "intro", _INTRO)
    problems += definition_problems(document.get("elements"))
    if problems:
        raise InstrumentRefused(fields=problems)
    return Instrument(_pair(document.get("title")), _pair(document.get("intro")), document["elements"])


def _parsed(data: bytes) -> dict[str, Any]:
    if len(data) > MAX_BYTES:
        raise InstrumentRefused(fields=[FieldProblem("file", "too-large", {"max": MAX_BYTES})])
    try:
        found = json.loads(data.decode("utf-8-sig"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise InstrumentRefused(fields=[FieldProblem("file", "not-json")]) from None
    if not isinstance(found, dict):
        raise InstrumentRefused(fields=[FieldProblem("file", "not-json")])
    return found


def _no_constant(name: str) -> float:
    raise ValueError(name)


def _text(value: Any, path: str, limit: int) -> list[FieldProblem]:
    if value is None:
        return []
    if not isinstance(value, dict) or set(value) - set(LANGUAGES):
        return [FieldProblem(path, "wrong-type")]
    return [
        FieldProblem(
            f"{path}.{language}", "too-long" if isinstance(text, str) else "wrong-type", {"max": limit}
        )
        for language, text in value.items()
        if not isinstance(text, str) or len(text) > limit
    ]


def _pair(value: Mapping[str, str] | None) -> dict[str, str]:
    return {language: (value or {}).get(language, "") for language in LANGUAGES}
