"""A proposal and a decision as forms: what was typed, and what the service is sent."""

from __future__ import annotations

from typing import Any

from werkzeug.datastructures import MultiDict

from gateway.web.survey_forms import pair_from

Typed = dict[str, Any]
TEXTS = ("title", "rationale", "audience")
FORMATS = ("self-paced", "live", "blended")


def blank() -> Typed:
    """An empty form: two hours, at one's own pace."""
    return {name: {"fr": "", "en": ""} for name in TEXTS} | {
        "format": FORMATS[0],
        "effort_hours": "2",
        "version": 0,
    }


def typed_of(proposal: dict[str, Any], language: str) -> Typed:
    """A saved proposal as form values."""
    hours = f"{proposal['effort_hours']:g}".replace(".", "," if language == "fr" else ".")
    names = (*TEXTS, "format", "version")
    return {name: proposal[name] for name in names} | {"effort_hours": hours}


def typed_from(form: MultiDict[str, str]) -> Typed:
    """What was sent."""
    return {name: pair_from(form, name) for name in TEXTS} | {
        "format": form.get("format", ""),
        "effort_hours": form.get("effort_hours", ""),
        "version": form.get("version", 0, type=int),
    }


def payload_of(typed: Typed) -> dict[str, Any]:
    """Fields for open_proposal and edit_proposal; hours may be written with a comma."""
    fields = {name: typed[name] for name in (*TEXTS, "format")}
    hours = typed["effort_hours"].strip().replace(",", ".")
    return fields | ({"effort_hours": _number(hours)} if hours else {})


def _number(text: str) -> float | str:
    """What is no number goes on as it is, for the service to refuse beside the other problems."""
    try:
        return float(text)
    except ValueError:
        return text
