"""What the learner's pages and the studio share: bilingual words, the need behind a course, names, the player's frame."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import current_app

from gateway.context import call, current
from gateway.web.course_changes import differences
from gateway.web.survey_words import counted, loop_steps, place, score
from shared import i18n
from shared.errors import CercleError

View = dict[str, Any]
_HIDDEN = (404, 503, 504)
_UNITS = ("byte", "kilobyte", "megabyte")


def ask(service: str, method: str, payload: View) -> View | None:
    """A part that the page can do without: None when it is hidden or its service is down."""
    try:
        found: View = call(service, method, payload)
    except CercleError as error:
        if error.status not in _HIDDEN:
            raise
        return None
    return found


class Words:
    """Says bilingual texts in one language, and tells when only the other one exists."""

    def __init__(self, language: str) -> None:
        self.language = language

    def say(self, pair: dict[str, str] | None) -> str:
        """The text, in the other language if this half is missing."""
        return i18n.pick(self.language, pair or {})

    def lang(self, pair: dict[str, str] | None) -> str | None:
        """The text's language where it is not the page's, for a `lang` attribute."""
        said = self.language if (pair or {}).get(self.language) else "en" if self.language == "fr" else "fr"
        return None if said == current().language else said


def words(language: str | None = None) -> dict[str, Any]:
    """What templates say bilingual things with: in the reader's language, or in a preview's (kept in `query`)."""
    voice = Words(language or current().language)
    return {
        "say": voice.say, "lang_of": voice.lang, "content_lang": voice.language, "size": file_size,
        "query": f"?lang={language}" if language else "", "differences": differences, "kind_name": kind_name, "kind_help": kind_help,
    }  # fmt: skip


def kind_name(kind: str) -> str:
    """What a kind of activity is called; a block type of another maker by its own name."""
    key, language = f"courses.kind.{kind}", current().language
    return i18n.text(language, key) if i18n.has(language, key) else kind


def kind_help(kind: str) -> str:
    """What it is for, in the form that adds one."""
    key, language = f"courses.kind.{kind}.help", current().language
    return i18n.text(language, key if i18n.has(language, key) else "courses.kind.other.help")


def file_size(count: int) -> str:
    """Bytes as `12 Ko` / `12 KB`, in steps of 1,024 as the limits are set."""
    language, value, unit = current().language, float(count), 0
    while value >= 1024 and unit < len(_UNITS) - 1:
        value, unit = value / 1024, unit + 1
    shown = i18n.number(language, value, 1 if unit == 2 and value < 10 else 0)
    return i18n.text(language, f"courses.size.{_UNITS[unit]}", count=shown)


def need_statements(courses: Iterable[View]) -> dict[str, View]:
    """Need id -> its statement, for the courses that answer one; empty when the surveys service is down."""
    ids = sorted({course["need_id"] for course in courses if course.get("need_id")})
    found = ask("surveys", "get_needs", {"ids": ids}) if ids else None
    return {need["id"]: need["statement"] for need in (found or {"items": []})["items"]}


def need_options() -> list[tuple[str, str]]:
    """(id, statement) of the ranked needs that an objective can be linked to."""
    found = ask("surveys", "list_needs", {"limit": 50}) or {"items": []}
    return [(need["id"], i18n.pick(current().language, need["statement"])) for need in found["items"]]


def loop_of(need_id: str | None) -> View | None:
    """The loop of the need behind a course, with `ribbon` for the macro and `asked` for "because you asked"."""
    loop = ask("surveys", "get_loop", {"need_id": need_id}) if need_id else None
    if loop is None:
        return None
    return loop | {"ribbon": loop_steps(loop), "asked": _asked(loop)}


def _asked(loop: View) -> list[str]:
    """The need's figures in words: rank, value with its interval, number of answers."""
    figures = loop["figures"]
    if figures["value"] is None:
        return []
    method = figures["method"]
    low, high = score(method, figures["ci_low"]), score(method, figures["ci_high"])
    language = current().language
    return [
        i18n.text(language, "courses.because.rank", rank=place(figures["rank"], figures["tied"])),
        i18n.text(
            language, "courses.because.value", value=score(method, figures["value"]), low=low, high=high
        ),
        counted("surveys.count.answers", figures["n"]),
    ]


def people(ids: Iterable[str]) -> dict[str, View]:
    """Account id -> display name, province, sector, profession."""
    wanted = sorted(set(ids))
    found = ask("identity", "get_members", {"ids": wanted}) if wanted else None
    return {member["id"]: member for member in (found or {"items": []})["items"]}


def frame_of(view: View, base: str) -> View | None:
    """What the H5P frame macro needs for an opened activity; None when there is nothing to play.

    base: the address under which the page takes statements and states.
    """
    play = view["play"]
    if play is None:
        return None
    origin = current_app.extensions["cercle"].content_origin
    return {
        "src": f"{origin}{play['path'].rstrip('/')}", "origin": origin, "nonce": play["nonce"],
        "statement_url": f"{base}/statements", "state_url": f"{base}/{'scorm' if view['kind'] == 'scorm' else 'state'}", "finished_url": f"{base}/finished",
        "content_id": play["content_id"],
        "display": play["display"], "embed": f"{origin}{play['embed']}" if play["embed"] else None,
        "read_only": play["read_only"],
    }  # fmt: skip


def activities_of(modules: Iterable[View]) -> list[View]:
    """The activities of an outline in reading order."""
    return [activity for module in modules for unit in module["units"] for activity in unit["activities"]]
