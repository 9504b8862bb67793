"""Controlled lists and form helpers that the pages of people share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import request

from gateway.context import current
from shared import i18n

ROLES = ("learner", "trainer", "coordinator", "facilitator", "researcher", "admin")
PROVINCES = ("AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT")
SECTORS = (
    "health", "social-services", "education", "police", "corrections", "community", "research", "policy",
    "faith-cultural",
)  # fmt: skip
ZONES = ("St_Johns", "Halifax", "Toronto", "Winnipeg", "Regina", "Edmonton", "Vancouver", "Whitehorse", "Yellowknife",
         "Iqaluit")  # fmt: skip


def options(kind: str, codes: Iterable[str]) -> list[tuple[str, str]]:
    """(code, text) of a controlled list, sorted by text where the order means nothing."""
    pairs = [(code, i18n.text(current().language, f"identity.{kind}.{code}")) for code in codes]
    return sorted(pairs, key=lambda pair: pair[1].casefold()) if kind == "province" else pairs


def zone_options(chosen: str) -> list[tuple[str, str]]:
    """The zones of Canada from east to west, and the present one if it is another."""
    found = [(f"America/{code}", text) for code, text in options("zone", ZONES)]
    known = {name for name, _text in found}
    return found if chosen in known else [(chosen, i18n.zone_name(current().language, chosen)), *found]


def lists(zone: str) -> dict[str, Any]:
    """What the profile's selects offer."""
    return {
        "provinces": options("province", PROVINCES),
        "sectors": options("sector", SECTORS),
        "zones": zone_options(zone),
        "languages": [
            (code, i18n.text(current().language, f"shell.language.{code}")) for code in i18n.LANGUAGES
        ],
    }


def text_of(name: str) -> str:
    """A form field, trimmed."""
    return request.form.get(name, "").strip()


def profile_form() -> dict[str, Any]:
    """The profile's fields as typed; an empty optional field is null."""
    tags = [tag.strip() for tag in request.form.get("expertise", "").split(",")]
    optional = {name: text_of(name) or None for name in ("province", "city", "profession", "sector")}
    needed = {name: text_of(name) for name in ("display_name", "language", "time_zone")}
    return needed | optional | {"expertise": [tag for tag in tags if tag]}


def role_options(roles: Iterable[str]) -> list[tuple[str, str, str]]:
    language = current().language
    return [
        (code, text, i18n.text(language, f"identity.role.{code}.help"))
        for code, text in options("role", roles)
    ]
