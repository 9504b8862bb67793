"""Words and figures that the pages of surveys, needs, proposals and the programme share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from gateway.context import call, current
from gateway.web.charts.text import chance
from gateway.web.proof_words import met_text
from shared import i18n
from shared.errors import CercleError, NotFound

View = dict[str, Any]
STATUSES = (
    "ranked",
    "proposed",
    "approved",
    "drafted",
    "published",
    "met",
    "partly-met",
    "unmet",
    "superseded",
)
TOP = 5
DIGITS = {"rds": 1, "nominal-group": 0, "board": 0}


def known_ids(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Before any view: an id in the address that cannot be one is not found, like an unknown one."""
    for name, value in (values or {}).items():
        if name.endswith("_id"):
            try:
                UUID(value)
            except ValueError:
                raise NotFound from None


def say(key: str, **params: Any) -> str:
    """A text in the reader's language."""
    return i18n.text(current().language, key, **params)


def counted(key: str, count: float, **params: Any) -> str:
    """A text with its number."""
    return i18n.plural(current().language, key, count, **params)


def chosen(pair: Mapping[str, str | None]) -> str:
    """The reader's half of a bilingual text."""
    return i18n.pick(current().language, pair)


def score(method: str, value: float | None) -> str:
    """A figure of a method: two decimals, one for RDS, which runs from -100 to 100. None: a dash."""
    if value is None:
        return "–"
    digits = DIGITS.get(method, 2)
    return i18n.number(current().language, round(value, digits) + 0.0, digits).replace("-", "−")


def interval(method: str, low: float | None, high: float | None) -> str:
    """`8,67 à 12,08`; empty without an interval."""
    if low is None or high is None:
        return ""
    return say("surveys.figure.interval", low=score(method, low), high=score(method, high))


def chance_of(share: float | None) -> str:
    """A chance 0..1 in whole percent, "> 99 %" at most: resamples prove no certainty. None: a dash."""
    return "–" if share is None else chance(share, current().language)


def people(count: Mapping[str, Any], key: str) -> str:
    """A Count of the surveys service in words; `key` is a plural text, `key`.fewer says "fewer than"."""
    if count["value"] is None:
        return say(f"{key}.fewer", count=count["fewer_than"])
    return counted(key, count["value"])


def place(rank: int | None, tied: bool | None) -> str:
    """`1`, or `1 =` where the rank is shared; a dash for a need that is not ranked."""
    if rank is None:
        return "–"
    return f"{rank}\u00a0=" if tied else str(rank)


def names_of(ids: Iterable[str | None]) -> dict[str, str]:
    """Display names by account id; without the identity service nobody is named, and the page still shows."""
    wanted = sorted({account for account in ids if account})
    if not wanted:
        return {}
    try:
        found = call("identity", "get_members", {"ids": wanted})["items"]
    except CercleError as error:
        if error.status not in (503, 504):
            raise
        return {}
    return {item["id"]: item["display_name"] for item in found}


def source_of(need: View) -> View:
    """Where a need comes from: `{title, href, figures}`; None where there is nothing more to see, or not for this reader."""
    if need["source_type"] == "survey":
        if not need["survey_open"]:
            return {"title": chosen(need["survey_title"]), "href": None, "figures": None}
        href = f"/surveys/{need['survey_id']}"
        return {"title": chosen(need["survey_title"]), "href": href, "figures": f"{href}/results"}
    if need["source_type"] == "board":
        return {
            "title": say("panels.source.board"),
            "href": f"/needs/board/{need['entry_id']}",
            "figures": None,
        }
    href = f"/panels/{need['panel_id']}"
    return {"title": chosen(need["panel_title"]), "href": href, "figures": f"{href}/results"}


def loop_steps(loop: View) -> list[View]:
    """The ribbon of one need: real figures, and links to where they come from."""
    hrefs, figures = _hrefs(loop), _figures(loop)
    return [
        {
            "key": key,
            "state": _ribbon_state(step["state"]),
            "figure": figures.get(key),
            "href": hrefs.get(key),
        }
        for step in loop["steps"]
        for key in (step["key"],)
    ]


def _ribbon_state(state: str) -> str:
    """A refusal is where the loop stands; what waits is still to come."""
    return {"declined": "current", "waiting": "todo"}.get(state, state)


def _hrefs(loop: View) -> dict[str, str | None]:
    need, proposal, course = loop["need"], loop["proposal"], loop["course"]
    source = source_of(need)
    own = f"/proposals/{proposal['id']}" if proposal else None
    return {
        "need": source["href"],
        "ranked": source["figures"],
        "proposed": own,
        "decided": f"{own}#decision" if loop["decision"] else None,
        "course": course_href(course),
        "met": f"/needs/{need['id']}#met"
        if loop["follow_up"]["series"] or loop["follow_up"]["verdict"]
        else None,
    }


def course_href(course: View | None) -> str | None:
    """Where a course can be read: its page once published, the studio for those who write it."""
    if course is None:
        return None
    if course["status"] == "published":
        return f"/courses/{course['id']}"
    return f"/studio/courses/{course['id']}" if current().actor.has("trainer", "admin") else None


PLACES = {
    "need": "/needs",
    "proposal": "/proposals",
    "survey": "/surveys",
    "course": "/courses",
    "panel": "/panels",
}
"""Where the pages are of what may answer an entry of the board."""


def answer_href(answer: View | None) -> str | None:
    """Where what answers an entry of the board can be read, if the reader may."""
    if answer is None or answer["title"] is None:
        return None
    return course_href(answer) if answer["kind"] == "course" else f"{PLACES[answer['kind']]}/{answer['id']}"


def _figures(loop: View) -> dict[str, str | None]:
    figures, proposal, course = loop["figures"], loop["proposal"], loop["course"]
    decision = loop["decision"]
    return {
        "need": counted("surveys.count.answers", figures["n"]) if figures["n"] else None,
        "ranked": say("surveys.figure.ranked", rank=place(figures["rank"], figures["tied"]),
                      value=score(figures["method"], figures["value"])) if figures["rank"] else None,
        "proposed": counted("surveys.count.endorsements", proposal["endorsements"]) if proposal else None,
        "decided": say(f"surveys.outcome.{decision['outcome']}") if decision else None,
        "course": _course_figure(loop) if course else None,
        "completed": people(loop["completions"], "surveys.count.completions") if course else None,
        "met": met_text(loop),
    }  # fmt: skip


def _course_figure(loop: View) -> str:
    if loop["course"]["status"] == "drafted":
        return say("surveys.figure.drafted")
    return people(loop["enrolments"], "surveys.count.enrolments")


def survey_steps(survey: View, needs: list[View]) -> list[View]:
    """The ribbon of a survey: how many of its needs have come how far."""
    reached = {key: _reached(needs, key) for key in ("proposed", "decided", "course")}
    done = {"need": survey["status"] != "draft", "ranked": survey["ranking"] == "ranked"}
    done |= {key: value > 0 for key, value in reached.items()}
    following = next((key for key in ("need", "ranked", *reached) if not done[key]), None)
    href = f"/surveys/{survey['id']}"
    figures: dict[str, str | None] = {
        "need": counted("surveys.count.items", len(survey["items"])),
        "ranked": counted("surveys.count.needs", len(needs)) if needs else None,
    }
    figures |= {key: counted("surveys.count.needs", value) for key, value in reached.items() if value}
    hrefs = {"need": href, "ranked": f"{href}/results" if done["ranked"] else None}
    hrefs |= {key: f"/needs?survey={survey['id']}" for key in reached if done[key]}
    return [
        {"key": key, "state": "done" if done.get(key) else "current" if key == following else "todo",
         "figure": figures.get(key), "href": hrefs.get(key)}
        for key in ("need", "ranked", *reached, "completed", "met")
    ]  # fmt: skip


def _reached(needs: list[View], key: str) -> int:
    first = {"proposed": "proposed", "decided": "approved", "course": "published"}[key]
    return sum(need["status"] in STATUSES[STATUSES.index(first) : -1] for need in needs)
