"""The chain of a need, from figures to completions, as the loop page and its ribbon show it."""

from __future__ import annotations

from typing import Any

from services.surveys.domain.verdict import MET, SUPERSEDED

SMALLEST_SHOWN = 5
KEYS = ("need", "ranked", "proposed", "decided", "course", "completed", "met")
View = dict[str, Any]


def count_view(value: int, exact: bool) -> View:
    """A count of people; under five only those who may see it `exact`."""
    if exact or value >= SMALLEST_SHOWN:
        return {"value": value, "fewer_than": None}
    return {"value": None, "fewer_than": SMALLEST_SHOWN}


def steps_of(
    need: View, proposal: View | None, course: View | None, enrolments: int, counts: View, follow_up: View
) -> list[View]:
    """The seven steps: `done`, `current` (what comes next), `waiting` or `declined`, each with its figure.

    `enrolments`: the true number, which decides the state; `counts`: how enrolments and completions may be shown.
    """
    decision = proposal["decision"] if proposal else None
    published = course is not None and course["status"] == "published"
    done = {
        "need": True,
        "ranked": need["rank"] is not None or need["source_type"] == "board",
        "proposed": proposal is not None or course is not None,
        "decided": (decision or {}).get("outcome") == "approved" or course is not None,
        "course": published,
        "completed": published and enrolments > 0 and counts["any_completion"],
        "met": (follow_up["verdict"] or {}).get("verdict") in (MET, SUPERSEDED),
    }
    figures = _figures(need, proposal, decision, course, counts) | {"met": met_figure(follow_up)}
    states = _states(done, (decision or {}).get("outcome") == "declined" and course is None)
    if follow_up["verdict"] and not done["met"]:
        states["met"] = "declined"
    return [{"key": key, "state": states[key], "figure": figures[key]} for key in KEYS]


def _states(done: dict[str, bool], declined: bool) -> dict[str, str]:
    states = {key: "done" if done[key] else "waiting" for key in KEYS}
    if declined:
        return states | {"decided": "declined"}
    following = next((key for key in KEYS if not done[key]), None)
    return states | ({following: "current"} if following else {})


def _figures(
    need: View, proposal: View | None, decision: View | None, course: View | None, counts: View
) -> View:
    metric = need["metric"]
    shown = ("rank", "value", "ci_low", "ci_high", "n")
    return {
        "need": {name: need[name] for name in ("source_type", "survey_id", "panel_id", "entry_id")},
        "ranked": {name: metric[name] for name in shown},
        "proposed": {"endorsements": proposal["endorsements"]} if proposal else None,
        "decided": {"outcome": decision["outcome"]} if decision else None,
        "course": _course_figure(course, counts),
        "completed": {"completions": counts["completions"]} if course else None,
    }


def met_figure(follow_up: View) -> View | None:
    """The verdict with its figures; before there is one, the newest measured wave."""
    if follow_up["verdict"]:
        said = follow_up["verdict"]
        return {"verdict": said["verdict"], **(said["figures"] or {})}
    measured = [wave for wave in follow_up["waves"] if wave["measure"]]
    if not measured:
        return None
    newest = measured[-1]
    return {"verdict": None, "wave": newest["wave"], "n": newest["measure"]["n"], **newest["measure"]["gap"]}


def _course_figure(course: View | None, counts: View) -> View | None:
    if course is None:
        return None
    return {"course_id": course["id"], "status": course["status"], "enrolments": counts["enrolments"]}
