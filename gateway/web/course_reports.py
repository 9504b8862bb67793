"""Reports: a course's learners and questions for its trainer, completion by group for the coordination."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, request

from gateway.context import call, current
from gateway.web.charts.model import to_csv
from gateway.web.course_parts import Words, people, words
from gateway.web.identity_lists import PROVINCES, SECTORS
from gateway.web.pages import flash, render, signed_in
from gateway.web.rule_words import duration, rule_name
from shared import i18n

pages = Blueprint("pages_course_reports", __name__)
View = dict[str, Any]
STATES = ("begun", "not-begun", "stuck", "finished", "left")
GROUPS = ("province", "sector", "language", "course", "cohort")
EXPORTED = 20
"""Pages of two hundred learners that one export reads."""


# --- learners


@pages.get("/studio/courses/<course_id>/roster")
@signed_in
def roster(course_id: str) -> Any:
    """Who is enrolled, how far, with which result; and who is stuck."""
    chosen = _chosen()
    course = call("courses", "get_course", {"course_id": course_id})
    payload = {"course_id": course_id, "limit": 50, **_asked(chosen)}
    found = call("courses", "roster", payload, cursor=request.args.get("cursor"))
    report = call("courses", "course_report", {"course_id": course_id}, cohort_id=chosen.get("cohort"))
    groups = call("courses", "list_cohorts", {"course_id": course_id, "limit": 50})["items"]
    place, cursor = f"/studio/courses/{course_id}/roster", found["next_cursor"]
    return render(
        "reports/roster.html", course=course, learners=found["items"], figures=report["people"], cohorts=groups,
        names=people(row["account_id"] for row in found["items"]), chosen=chosen, place=place,
        days=payload["days"], chips=_chips(place, chosen),
        more=_address(place, chosen | {"cursor": cursor}) if cursor else None, **words(),
    )  # fmt: skip


def _chosen() -> dict[str, str]:
    """The filters in the address."""
    state = request.args.get("state", "")
    found = {"state": state if state in STATES else "", "cohort": request.args.get("cohort", ""),
             "days": request.args.get("days", "")}  # fmt: skip
    return {name: value for name, value in found.items() if value}


def _asked(chosen: Mapping[str, str]) -> View:
    days = chosen.get("days", "")
    return {
        "state": chosen.get("state"), "cohort_id": chosen.get("cohort"),
        "days": int(days) if days.isascii() and days.isdigit() and 1 <= int(days) <= 90 else 7,
    }  # fmt: skip


def _address(place: str, query: Mapping[str, str]) -> str:
    return f"{place}?{urlencode(query)}" if query else place


def _chips(place: str, chosen: Mapping[str, str]) -> list[View]:
    rest = {name: value for name, value in chosen.items() if name != "state"}
    language = current().language
    return [
        {
            "text": i18n.text(language, f"reports.state.{state or 'all'}"),
            "href": _address(place, rest | ({"state": state} if state else {})),
            "current": chosen.get("state", "") == state,
        }
        for state in ("", *STATES)
    ]


@pages.get("/studio/courses/<course_id>/roster.csv")
@signed_in
def roster_csv(course_id: str) -> Any:
    """The same as a file, every page of it."""
    found = _everybody(course_id)
    names = people(row["account_id"] for row in found)
    voice = Words(current().language)
    heads = [_word(f"reports.csv.{name}") for name in (
        "name", "province", "started", "seen", "completed", "progress", "score", "stuck")]  # fmt: skip
    rows = [_line(row, names.get(row["account_id"]), voice) for row in found]
    return _file(to_csv(heads, rows), f"cercle-learners-{course_id[:8]}.csv")


def _everybody(course_id: str) -> list[View]:
    payload = {"course_id": course_id, "limit": 200, **_asked(_chosen())}
    found: list[View] = []
    cursor = None
    for _ in range(EXPORTED):
        page = call("courses", "roster", payload, cursor=cursor)
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    return found


def _line(row: View, member: View | None, voice: Words) -> list[str | float]:
    stuck = row["stuck_at"]
    return [
        member["display_name"] if member else "", (member or {}).get("province") or "", row["started_at"],
        row["last_seen_at"], row["completed_at"] or "", row["progress"],
        "" if row["score"] is None else row["score"],
        (voice.say(stuck["title"]) if stuck else _word("reports.csv.yes")) if row["stuck"] else "",
    ]  # fmt: skip


def _word(key: str) -> str:
    return i18n.text(current().language, key)


def _file(text: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, mimetype="text/csv", headers=headers)


@pages.post("/studio/courses/<course_id>/nudge")
@signed_in
def nudge(course_id: str) -> Any:
    """Invite the chosen learners to go on."""
    chosen = request.form.getlist("account_id")[:50]
    if not chosen:
        flash("warning", "reports.nudge.none_chosen")
    else:
        told = call("courses", "nudge_learners", {"course_id": course_id, "account_ids": chosen})
        flash("success" if told["sent"] else "info", "reports.nudge.sent" if told["sent"] else "reports.nudge.rest",
              count=told["sent"])  # fmt: skip
    return redirect(f"/studio/courses/{course_id}/roster?state=stuck", 303)


@pages.get("/studio/courses/<course_id>/learners/<account_id>")
@signed_in
def learner(course_id: str, account_id: str) -> Any:
    """One learner's way through the course, with every answer."""
    found = call("courses", "learner_report", {"course_id": course_id, "account_id": account_id})
    return render(
        "reports/learner.html", report=found, member=people([account_id]).get(account_id), rule_name=rule_name,
        duration=duration, prompt=prompt, **words(),
    )  # fmt: skip


def prompt(pair: Mapping[str, str]) -> str:
    """A question in the reader's language, or in the one it has."""
    return pair.get(current().language) or i18n.pick(current().language, pair) or pair.get("und", "")


# --- questions


@pages.get("/studio/courses/<course_id>/questions")
@signed_in
def questions(course_id: str) -> Any:
    """Each activity in figures; those with questions lead on."""
    cohort = request.args.get("cohort") or None
    found = call("courses", "course_report", {"course_id": course_id}, cohort_id=cohort)
    groups = call("courses", "list_cohorts", {"course_id": course_id, "limit": 50})["items"]
    return render("reports/questions.html", report=found, cohorts=groups, cohort=cohort, **words())


@pages.get("/studio/courses/<course_id>/questions.csv")
@signed_in
def questions_csv(course_id: str) -> Any:
    """The same as a file."""
    found = call(
        "courses", "course_report", {"course_id": course_id}, cohort_id=request.args.get("cohort") or None
    )
    voice = Words(current().language)
    names = ("begun", "completed", "failed", "score", "answers", "flagged")
    heads = [_word("reports.csv.activity"), *(_word(f"reports.csv.{name}") for name in names)]
    rows = [
        [voice.say(one["title"]), *("" if one[name] is None else one[name] for name in names)]
        for one in found["activities"]
    ]
    return _file(to_csv(heads, rows), f"cercle-activities-{course_id[:8]}.csv")


@pages.get("/studio/activities/<activity_id>/questions")
@signed_in
def activity(activity_id: str) -> Any:
    """Each question of one activity: how hard it is, and what is answered instead."""
    cohort = request.args.get("cohort") or None
    found = call("courses", "activity_report", {"activity_id": activity_id}, cohort_id=cohort)
    return render("reports/activity.html", report=found, cohort=cohort, prompt=prompt, **words())


@pages.get("/studio/activities/<activity_id>/questions.csv")
@signed_in
def activity_csv(activity_id: str) -> Any:
    """The same as a file."""
    cohort = request.args.get("cohort") or None
    found = call("courses", "activity_report", {"activity_id": activity_id}, cohort_id=cohort)
    names = ("answers", "right", "score", "flagged")
    heads = [
        _word("reports.csv.question"),
        _word("reports.csv.kind"),
        *(_word(f"reports.csv.{n}") for n in names),
    ]
    rows = [
        [prompt(one["prompt"]), _word(f"reports.kind.{one['kind']}"),
         *("" if one[name] is None else one[name] for name in names)]
        for one in found["questions"]
    ]  # fmt: skip
    return _file(to_csv(heads, rows), f"cercle-questions-{activity_id[:8]}.csv")


# --- the programme


@pages.get("/programme/learning")
@signed_in
def completion() -> Any:
    """Completion by province, sector, language, course and cohort; small cells are held back."""
    by = _by()
    found = call("courses", "completion_report", {"by": by}, course_id=request.args.get("course") or None)
    groups = [one | {"label": label_of(by, one)} for one in found["groups"]]
    shown = [one for one in groups if one["people"] is not None]
    language = current().language
    tabs = [
        {"text": i18n.text(language, f"reports.by.{name}"), "href": f"/programme/learning?by={name}",
         "current": name == by}
        for name in GROUPS
    ]  # fmt: skip
    return render(
        "reports/completion.html", report=found, groups=groups, tabs=tabs, by=by, message=_message(found, shown),
        table=_table(groups), **words(),
    )  # fmt: skip


def _by() -> str:
    by = request.args.get("by", GROUPS[0])
    return by if by in GROUPS else GROUPS[0]


def label_of(by: str, group: View) -> str:
    """A group in words."""
    language, key = current().language, group["key"]
    if key == "unknown":
        return i18n.text(language, f"reports.unknown.{by}")
    if group["title"]:
        return i18n.pick(language, group["title"])
    known = {"province": PROVINCES, "sector": SECTORS, "language": i18n.LANGUAGES}[by]
    area = "shell.language" if by == "language" else f"identity.{by}"
    return i18n.text(language, f"{area}.{key}") if key in known else key


def _message(found: View, shown: Sequence[View]) -> str:
    """What the chart says, in one sentence."""
    language = current().language
    if found["total"] and found["completed"] is not None:
        share = i18n.percent(language, found["completed"] / found["total"])
        return i18n.text(language, "reports.completion.message", share=share)
    return i18n.text(language, "reports.completion.few" if shown else "reports.completion.none")


def _table(groups: Sequence[View]) -> list[list[str]]:
    few = _word("reports.few")

    def figure(value: int | None) -> str:
        return few if value is None else i18n.number(current().language, value, 0)

    return [[one["label"], figure(one["people"]), figure(one["completed"])] for one in groups]


@pages.get("/programme/learning.csv")
@signed_in
def completion_csv() -> Any:
    """The same as a file."""
    by = _by()
    found = call("courses", "completion_report", {"by": by}, course_id=request.args.get("course") or None)
    heads = [_word(f"reports.by.{by}"), _word("reports.csv.people"), _word("reports.csv.completed")]
    rows = _table([one | {"label": label_of(by, one)} for one in found["groups"]])
    return _file(to_csv(heads, rows), f"cercle-completion-{by}.csv")
