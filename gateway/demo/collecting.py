"""Agencies of the demo and who works for which, so that a survey can be addressed to some of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Call = Callable[..., Any]
AGENCIES = (
    ({"fr": "Centre d’aide de la Rive", "en": "Riverside Help Centre"}, "community"),
    ({"fr": "Services sociaux des Laurentides", "en": "Laurentians Social Services"}, "social-services"),
    ({"fr": "Clinique du Port", "en": "Harbour Clinic"}, "health"),
)


def agencies(call: Call, people: list[str]) -> None:
    """Three agencies; every second of `people` (keys) names one in turn. Repeatable: each step has its key."""
    made = [
        call("coordinator", "identity", "add_agency", {"name": name, "sector": sector}, f"agency-{place}")[
            "id"
        ]
        for place, (name, sector) in enumerate(AGENCIES)
    ]
    for place, who in enumerate(people[::2]):
        me = call(who, "identity", "get_me", {})
        if me["agency_id"] is None:
            chosen = {"version": me["version"], "agency_id": made[place % len(made)]}
            call(who, "identity", "update_profile", chosen)
