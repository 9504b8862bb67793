"""Who is asked: the choices of the draft's form, how many members they reach, and the audience in words.

A form includes `surveys/_audience.html`; `audience_from` reads what was chosen there, as the service takes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, request
from werkzeug.datastructures import MultiDict

from gateway.context import call, current
from gateway.web.identity_agencies import agencies
from gateway.web.identity_lists import PROVINCES, SECTORS, options
from gateway.web.pages import render, signed_in
from gateway.web.survey_words import View, chosen, counted, say
from shared import i18n
from shared.actor import ADMIN, COORDINATOR
from shared.errors import CercleError, Forbidden

pages = Blueprint("pages_survey_audience", __name__)
KINDS = ("role", "province", "sector", "language", "cohort", "agency")
ROLES = ("learner", "trainer", "facilitator", "coordinator", "researcher", "admin")
PREFIX = "audience-"
Audience = dict[str, list[str]]


def audience_from(form: MultiDict[str, str]) -> Audience:
    """Kind -> values chosen."""
    return {kind: form.getlist(PREFIX + kind) for kind in KINDS}


@pages.get("/surveys/audience-people")
@signed_in
def audience_people() -> Any:
    """How many the choices reach, as they are made; 422 says what cannot be counted."""
    if not current().actor.has(COORDINATOR, ADMIN):
        raise Forbidden
    wanted = audience_from(request.args)
    return render(
        "surveys/_audience_people.html", reach=audience_reach(wanted, request.args.get("anonymity", ""))
    )


@pages.app_template_global()
def audience_reach(audience: Audience, anonymity: str) -> View:
    """`text`: how many members are asked; `few`: so few that unnamed answers could be recognized; `nobody`."""
    wanted = {kind: values for kind, values in audience.items() if values}
    try:
        found = call("surveys", "count_audience", {"audience": wanted})
    except CercleError as error:
        if error.status != 422:
            raise
        return {"text": say("collecting.audience.unknown"), "few": False, "nobody": False}
    fewer = found["value"] is None
    text = (
        say("collecting.audience.fewer", count=found["fewer_than"])
        if fewer
        else counted("collecting.audience.people", found["value"])
    )
    return {"text": text, "few": fewer and anonymity != "named", "nobody": found["value"] == 0}


@pages.app_template_global()
def audience_choices(audience: Audience) -> list[View]:
    """For each kind that has something to choose: `kind`, `legend`, `chosen` (a count), `options` (value, text, on)."""
    known = {
        "role": [(role, say(f"surveys.role.{role}")) for role in ROLES],
        "province": options("province", PROVINCES),
        "sector": options("sector", SECTORS),
        "language": [(code, say(f"shell.language.{code}")) for code in i18n.LANGUAGES],
        "cohort": _cohorts(audience.get("cohort", [])),
        "agency": _agencies(audience.get("agency", [])),
    }
    return [
        {
            "kind": kind,
            "legend": say(f"collecting.audience.{kind}"),
            "chosen": len(audience.get(kind, [])),
            "options": [(value, text, value in audience.get(kind, [])) for value, text in known[kind]],
        }
        for kind in KINDS
        if known[kind]
    ]


@pages.app_template_global()
def asked_words(survey: View) -> str:
    """Who is asked, in one line: the kinds joined by commas, their values by "or"."""
    audience: Mapping[str, list[str]] = survey.get("audience") or {"role": survey["audience_roles"]}
    parts = [_either(kind, values) for kind, values in audience.items() if values]
    return say("collecting.audience.join").join(parts) if parts else say("surveys.audience.everyone")


def values_in_words(kind: str, values: list[str]) -> list[str]:
    """The values of one kind as people read them; an id that nobody may read any more is left out."""
    if kind == "cohort":
        names = dict(_cohorts(values)) if current().actor.has(COORDINATOR, ADMIN) else {}
    elif kind == "agency":
        names = {item["id"]: chosen(item["name"]) for item in agencies()}
    else:
        key = {"role": "surveys.role", "language": "shell.language"}.get(kind, f"identity.{kind}")
        names = {value: say(f"{key}.{value}") for value in values}
    return [names[value] for value in values if value in names]


def _either(kind: str, values: list[str]) -> str:
    words = values_in_words(kind, values)
    return say("collecting.audience.or").join(words) if words else say(f"collecting.audience.certain.{kind}")


def _cohorts(kept: list[str]) -> list[tuple[str, str]]:
    """Cohorts to choose from, those of the draft among them even when they are older.

    Without the courses service those of the draft have no name, and the rest of the form still works.
    """
    try:
        found = call("courses", "cohort_choices")["items"]
        missing = sorted(set(kept) - {item["id"] for item in found})
        if missing:
            found = [*found, *call("courses", "cohort_choices", {"ids": missing})["items"]]
    except CercleError as error:
        if error.status not in (503, 504):
            raise
        return [(cohort, say("collecting.audience.unnamed")) for cohort in kept]
    return [(item["id"], f"{chosen(item['name'])} ({chosen(item['course'])})") for item in found]


def _agencies(kept: list[str]) -> list[tuple[str, str]]:
    found = [item for item in agencies() if not item["retired"] or item["id"] in kept]
    return sorted(((item["id"], chosen(item["name"])) for item in found), key=lambda pair: pair[1].casefold())


__all__ = [
    "asked_words",
    "audience_choices",
    "audience_from",
    "audience_people",
    "audience_reach",
    "values_in_words",
]
