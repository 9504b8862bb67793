"""The draft of a survey as a form: what was typed, and what the service is sent. No request, no service here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from gateway.web.survey_audience import audience_from
from gateway.web.survey_elements.kinds import gaps as element_gaps
from shared.errors import CercleError, FieldProblem, Invalid

Typed = dict[str, Any]
LANGUAGES = ("fr", "en")
CLOSES_IN = timedelta(days=14)
CLOSES_AT = time(17)
NOW, LATER = "now", "later"


def closing_from_now(zone: str) -> str:
    """When a draft that is made now would close."""
    return first_closing(datetime.now(UTC), zone)


def first_closing(now: datetime, zone: str) -> str:
    """In two weeks at 17:00 in the member's zone, as an ISO instant."""
    day = (now.astimezone(ZoneInfo(zone)) + CLOSES_IN).date()
    return datetime.combine(day, CLOSES_AT, ZoneInfo(zone)).isoformat()


def typed_of(survey: Mapping[str, Any], zone: str) -> Typed:
    """A saved draft as form values, its instants read in `zone`."""
    return {
        "title": survey["title"],
        "intro": survey["intro"],
        "anonymity": survey["anonymity"],
        "opens": LATER if survey["opens_at"] else NOW,
        "opens_at": local_parts(survey["opens_at"], zone),
        "closes_at": local_parts(survey["closes_at"], zone),
        "audience": survey["audience"],
        "groups": survey["groups"],
        "version": survey["version"],
    }


def typed_from(form: MultiDict[str, str]) -> Typed:
    """What was sent, complete, so that nothing is lost when it cannot be saved."""
    return {
        "title": pair_from(form, "title"),
        "intro": pair_from(form, "intro"),
        "anonymity": form.get("anonymity", ""),
        "opens": form.get("opens", NOW),
        "opens_at": date_from(form, "opens_at"),
        "closes_at": date_from(form, "closes_at"),
        "audience": audience_from(form),
        "groups": form.getlist("groups"),
        "version": form.get("version", 0, type=int),
    }


def pair_from(form: MultiDict[str, str], name: str) -> dict[str, str]:
    """The two halves of a bilingual field."""
    return {code: form.get(f"{name}_{code}", "") for code in LANGUAGES}


def date_from(form: MultiDict[str, str], name: str) -> dict[str, str]:
    """Day and time as typed."""
    return {"date": form.get(f"{name}_date", ""), "time": form.get(f"{name}_time", "")}


def payload_of(typed: Typed, zone: str) -> dict[str, Any]:
    """Fields for edit_survey. Raises Invalid where a date cannot be read."""
    problems: list[FieldProblem] = []
    dates = {name: _instant(typed[name], zone, name, problems) for name in ("opens_at", "closes_at")}
    if typed["opens"] != LATER:
        dates["opens_at"] = None
    elif dates["opens_at"] is None and not problems:
        problems.append(FieldProblem("opens_at", "missing"))
    if problems:
        raise Invalid(fields=problems)
    return {
        "title": typed["title"],
        "intro": typed["intro"],
        "anonymity": typed["anonymity"],
        "audience": typed["audience"],
        "groups": typed["groups"],
        **dates,
    }


def _instant(parts: Mapping[str, str], zone: str, name: str, problems: list[FieldProblem]) -> str | None:
    if not parts["date"]:
        return None
    try:
        return instant_of(parts, zone, name)
    except Invalid as error:
        problems.extend(error.fields)
        return None


def instant_of(parts: Mapping[str, str], zone: str, name: str) -> str:
    """The ISO instant of a day and a time in `zone`. Raises Invalid (`bad-instant`) on anything else."""
    try:
        local = datetime.fromisoformat(f"{parts['date']}T{parts['time'] or '00:00'}")
        return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).isoformat()
    except (ValueError, OverflowError):
        raise Invalid(fields=[FieldProblem(name, "bad-instant")]) from None


def local_parts(at: str | None, zone: str) -> dict[str, str]:
    """An instant as the day and the time that date and time inputs take."""
    if not at:
        return {"date": "", "time": ""}
    local = datetime.fromisoformat(at).astimezone(ZoneInfo(zone))
    return {"date": local.strftime("%Y-%m-%d"), "time": local.strftime("%H:%M")}


def gaps(survey: Mapping[str, Any]) -> CercleError | None:
    """What is visibly missing in a saved draft, as the service's launch would say it; None when nothing is."""
    places = {element["code"]: place for place, element in enumerate(survey["elements"])}
    missing = [
        f"{name}.{code}"
        for name in ("title", "intro")
        for code in LANGUAGES
        if not survey[name][code].strip()
    ]
    missing += [f"elements.{places[gap['code']]}.{gap['path']}" for gap in element_gaps(survey["elements"])]
    missing += ["elements"] * (not survey["elements"]) + ["closes_at"] * (not survey["closes_at"])
    return (
        Invalid("not-ready", fields=[FieldProblem(path, "missing") for path in missing]) if missing else None
    )
