"""Rules of completion, locks and dates of the way in words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from gateway.context import current
from shared import i18n

View = dict[str, Any]


def rule_text(rule: View | None) -> str:
    """When an activity is done: "Done when you score 70 %"."""
    rule, language = rule or {"rule": "completed"}, current().language
    if rule["rule"] == "score":
        return i18n.text(language, "cohorts.done.score", score=i18n.percent(language, rule["min_score"]))
    if rule["rule"] == "dwell":
        return i18n.text(language, "cohorts.done.dwell", time=duration(rule["seconds"]))
    return i18n.text(language, f"cohorts.done.{rule['rule']}")


def rule_name(rule: View | None) -> str:
    """The same for who gives the course: "Passed from a score on (70 %)"."""
    rule, language = rule or {"rule": "completed"}, current().language
    name = i18n.text(language, f"cohorts.rule.{rule['rule']}")
    figure = i18n.percent(language, rule["min_score"]) if rule["rule"] == "score" else (
        duration(rule["seconds"]) if rule["rule"] == "dwell" else "")  # fmt: skip
    return f"{name} ({figure})" if figure else name


def duration(seconds: int) -> str:
    """Seconds as "90 seconds" or, from two minutes on, "5 minutes"."""
    unit, count = ("minutes", round(seconds / 60)) if seconds >= 120 else ("seconds", seconds)
    return i18n.plural(current().language, f"cohorts.time.{unit}", count)


def lock_text(lock: View | None) -> str:
    """Why an activity is closed, with the date in the reader's zone."""
    if not lock:
        return ""
    language = current().language
    if lock["code"] == "after":
        titles = [i18n.pick(language, item["title"]) for item in lock["after"]]
        return i18n.text(language, "cohorts.lock.after", titles=listed(titles))
    return i18n.text(language, f"cohorts.lock.{lock['code']}", at=moment(lock["at"]))


def listed(titles: list[str]) -> str:
    """Titles in quotation marks, one after the other."""
    return ", ".join(i18n.text(current().language, "cohorts.quoted", title=title) for title in titles)


def moment(at: str) -> str:
    """An instant in the reader's zone."""
    return i18n.date_time(current().language, datetime.fromisoformat(at), current().time_zone)
