"""The templates a survey starts from: data files beside this one, read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from services.surveys.domain.instrument.items import with_pairs
from shared.errors import NotFound

FOLDER = Path(__file__).parent
NAMES = ("borich", "ranked-discrepancy", "hennessy-hicks-method")


def _read(name: str) -> Any:
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


@cache
def scale() -> dict[str, Any]:
    """The one scale of both ratings: points, bilingual labels and anchors."""
    found: dict[str, Any] = _read("scale")
    return found


@cache
def templates() -> dict[str, dict[str, Any]]:
    """Every template by id, its items as `{code, statement}`."""
    bank = _read("bank")
    found = [_read(name) for name in NAMES]
    return {t["id"]: t | _asked(t, bank) for t in found}


def _asked(entry: dict[str, Any], bank: dict[str, Any]) -> dict[str, Any]:
    """Its statements by code, and the same as the elements that a draft starts with."""
    statements = [(code, bank[code]) for code in entry["items"]]
    return {
        "items": [{"code": code, "statement": statement} for code, statement in statements],
        "elements": with_pairs([], statements),
    }


def template(template_id: str) -> dict[str, Any]:
    """One template. Raises NotFound."""
    if template_id not in templates():
        raise NotFound
    return templates()[template_id]


def summary(entry: dict[str, Any]) -> dict[str, Any]:
    """A template as listed."""
    return {name: entry[name] for name in ("id", "method", "title", "description")} | {
        "items": len(entry["items"])
    }


def view(entry: dict[str, Any]) -> dict[str, Any]:
    """A template whole."""
    return entry | {"scale": scale()}
