"""What a notification says, in one language and zone. The only place where kinds become sentences of the page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from shared import i18n

INSTANTS = ("opens_at", "closes_at", "starts_at", "ends_at")


def filled(params: dict[str, Any], language: str, zone: str) -> dict[str, str]:
    """The params as words: titles in the language, instants in the zone."""
    words = {"title": i18n.pick(language, params.get("title") or {})}
    for name in INSTANTS:
        if name in params:
            words[name] = i18n.date_time(language, datetime.fromisoformat(params[name]), zone)
    return words


def variant(kind: str, params: dict[str, Any], at: datetime) -> str:
    """The kind, or its form for a survey that had not opened yet when it was announced."""
    if kind == "survey-launched" and datetime.fromisoformat(params["opens_at"]) > at:
        return "survey-announced"
    return kind


def sentence(row: dict[str, Any], language: str, zone: str) -> str:
    """One line for the list, the toast and Today."""
    key = f"notifications.kind.{variant(row['kind'], row['params'], row['created_at'])}"
    return i18n.text(language, key, **filled(row["params"], language, zone))


def why(reason: str, language: str) -> str:
    """Why somebody got it."""
    return i18n.text(language, f"notifications.reason.{reason}")
