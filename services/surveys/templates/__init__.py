"""The templates a survey starts from, and the bank of statements: data files beside this one, read once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from services.surveys.domain.instrument.elements import MAXDIFF
from services.surveys.domain.instrument.items import with_pairs
from services.surveys.domain.survey import SURVEY
from shared.errors import NotFound

FOLDER = Path(__file__).parent
NAMES = (
    "borich", "ranked-discrepancy", "hennessy-hicks-method", "pni-modified", "importance-performance", "maxdiff",
    "delphi", "nominal-group",
)  # fmt: skip
FIRST_VERSION = 1


def _read(name: str) -> Any:
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


@cache
def scale() -> dict[str, Any]:
    """The one scale of both ratings: points, bilingual labels and anchors."""
    found: dict[str, Any] = _read("scale")
    return found


@cache
def bank() -> dict[str, dict[str, str]]:
    """Every statement of the bank by its code."""
    return {code: {"fr": entry["fr"], "en": entry["en"]} for code, entry in _read("bank").items()}


@cache
def bank_entries() -> list[dict[str, Any]]:
    """The bank as it is listed, topic by topic: {code, version, topic, statement}.

    `version` rises when the words of a statement are corrected without changing what it means; a statement that
    means something else gets another code.
    """
    versions = {code: entry.get("version", FIRST_VERSION) for code, entry in _read("bank").items()}
    topic_of = {part: topic for topic, entry in _read("bank_topics").items() for part in entry["of"]}
    order = {topic: place for place, topic in enumerate(_read("bank_topics"))}
    found = [
        {
            "code": code,
            "version": versions[code],
            "topic": topic_of[code.split(".")[1]],
            "statement": statement,
        }
        for code, statement in bank().items()
    ]
    return sorted(found, key=lambda entry: order[entry["topic"]])


@cache
def bank_topics() -> list[dict[str, Any]]:
    """The topics of the bank: {id, title, items} (`items`: how many statements)."""
    return [
        {"id": topic, "title": {"fr": entry["fr"], "en": entry["en"]},
         "items": sum(one["topic"] == topic for one in bank_entries())}
        for topic, entry in _read("bank_topics").items()
    ]  # fmt: skip


@cache
def designs() -> dict[int, list[list[int]]]:
    """MaxDiff sets by the number of options, 4 to 40: what `methods.designs` finds, found beforehand.

    The search takes a second, which no transaction should wait for.
    """
    found = json.loads((FOLDER / "designs.json").read_text(encoding="utf-8"))
    return {int(options): sets for options, sets in found.items()}


@cache
def templates() -> dict[str, dict[str, Any]]:
    """Every template by id, its items as `{code, statement}` and as the elements that a draft starts with."""
    return {entry["id"]: _whole(entry) for entry in map(_read, NAMES)}


def _whole(entry: dict[str, Any]) -> dict[str, Any]:
    empty = {"leads_to": SURVEY, "method": None, "chart": None, "cut_rule": None}
    statements = [(code, bank()[code]) for code in entry.get("items", ())]
    asked = {
        "items": [{"code": code, "statement": statement} for code, statement in statements],
        "elements": _maxdiff(entry) if entry.get("method") == MAXDIFF else with_pairs([], statements),
    }
    own = {name: value for name, value in entry.items() if name not in ("question", "sets")}
    texts = {"survey_title": entry["title"], "intro": entry["description"]}
    return empty | texts | own | asked


def _maxdiff(entry: Mapping[str, Any]) -> list[dict[str, Any]]:
    codes = entry["items"]
    options = [{"code": code, "text": bank()[code]} for code in codes]
    sets = [[codes[place] for place in members] for members in entry["sets"]]
    return [entry["question"] | {"kind": MAXDIFF, "required": True, "options": options, "sets": sets}]


def template(template_id: str) -> dict[str, Any]:
    """One template. Raises NotFound."""
    if template_id not in templates():
        raise NotFound
    return templates()[template_id]


def summary(entry: dict[str, Any]) -> dict[str, Any]:
    """A template as listed."""
    return {name: entry[name] for name in ("id", "leads_to", "method", "chart", "title", "description")} | {
        "items": len(entry["items"])
    }


def view(entry: dict[str, Any]) -> dict[str, Any]:
    """A template whole."""
    return entry | {"scale": scale()}
