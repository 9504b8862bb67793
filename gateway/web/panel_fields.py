"""Where the fields of the panel pages are, for what was wrong in them; and what a page has no field for any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.context import current
from gateway.web.field_links import Places
from gateway.web.survey_words import chosen, say
from shared import i18n

View = dict[str, Any]
RULE = ("agreement", "iqr", "moved", "concordance", "gain", "rounds", "convention")
LONGEST_NAME = 80


def of_form(kind: str) -> Places:
    """Of the form in which a panel is prepared."""
    first = say("panels.form.first")
    return {
        "title": ("title_", say("panels.form.title")),
        "intro": ("intro_", say("panels.form.intro")),
        "question": ("question_", say(f"panels.form.question.{kind}")),
        "audience_roles": ("audience", say("panels.form.audience")),
        "members": ("audience", say("panels.form.audience")),
        "member_ids": ("members-list", say("panels.form.members.legend")),
        "first_round": ("first_round", first),
        "items": ("first_round", first),
        "scale": ("scale", say("panels.form.scale")),
        "closes_at": ("closes_at", say("panels.form.closes")),
        "minutes": ("minutes", say("panels.form.minutes")),
        "rule": ("rule_agreement", say("panels.rule.title")),
        **{f"rule.{name}": (f"rule_{name}", say(f"panels.rule.{name}")) for name in RULE},
    }


def of_items(rows: Sequence[View]) -> Places:
    """Of the list of items. The service numbers those that have a word."""
    written = [n for n, row in enumerate(rows) if row["fr"].strip() or row["en"].strip()]
    return {
        f"items.{sent}.{path}": (f"item-{n}_{code}", _item(n, code))
        for sent, n in enumerate(written)
        for path, code in (("statement.fr", "fr"), ("statement.en", "en"), ("sources", "fr"))
    }


def _item(place: int, code: str) -> str:
    words = i18n.catalogue(current().language)
    return words.text("panels.items.label", number=place + 1, language=words.text(f"shell.language.{code}"))


def of_session(panel: View, sheet: View, typed: Mapping[str, str]) -> Places:
    """Of the page of a running panel."""
    wording, item = say("panels.board.wording"), typed.get("item", "")
    places = {
        "text": ("text", say("panels.sharing.say")),
        "note": ("note_", say("panels.lead.note")),
        "closes_at": ("closes_at", say("panels.form.closes")),
        **{f"texts.{n}": (f"idea-{n + 1}", say("panels.open.idea", number=n + 1)) for n in range(20)},
    }
    if panel["kind"] == "delphi":
        places["items"] = ("panel-items", say("panels.items.title"))
    for number, one in enumerate(sheet["items"], start=1):
        name, rated = _short(chosen(one["statement"])), f"ratings.{one['id']}"
        comment = (f"c{number}", f"{name}, {say('panels.rate.comment')}")
        places |= {rated: (f"p{number}", name), f"{rated}.value.comment": comment}
        if one["id"] == item:
            into = (f"into-{number}", say("panels.clarify.into"))
            places |= {"statement": (f"statement-{item}_", wording), "into_id": into}
    return places


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 1].rstrip()}…"


def without_place(panel: View, leads_turn: bool, form: Sequence[tuple[str, str]]) -> list[str]:
    """Words of a form that the page does not have any more: the phase has gone on since it was opened.

    form: (name, value) of what was sent. leads_turn: the page lets the reader give an idea.
    """
    delphi, phase = panel["kind"] == "delphi", panel["phase"]
    opening = panel["first_round"] == "open" and panel["round"] == 1
    collects = panel["can"]["answer"] and opening if delphi else phase == "silent" and panel["member"]
    there = {
        "idea": collects,
        "comment": panel["can"]["answer"] and not opening,
        "text": leads_turn,
        "statement": phase == "clarify" and panel["can"]["lead"],
        "note": panel["can"]["stop"],
    }
    found = [
        value.strip() for name, value in form if not there.get(name.partition("-")[0].partition("_")[0], True)
    ]
    return [text for text in found if text]
