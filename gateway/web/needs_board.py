"""The board of expressed needs: say one, support one, and what became of each."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, redirect, request

from gateway.context import call, current
from gateway.web.field_links import Places, beside, summary_of
from gateway.web.pages import error_text, field_errors, flash, is_fragment, render, signed_in
from gateway.web.survey_forms import pair_from
from gateway.web.survey_words import View, answer_href, chosen, known_ids, names_of, say
from shared.errors import CercleError, Conflict, Invalid, NotFound

pages = Blueprint("pages_needs_board", __name__)
pages.url_value_preprocessor(known_ids)
STANDING = ("open", "taken-up", "closed", "all")
TOPICS = ("risk", "engagement", "family", "partners", "online", "youth", "team", "law", "evaluation", "other")
OUTCOMES = ("course", "proposal", "survey", "out-of-scope")
SORTS = ("support", "newest")
HOME = "/needs/board"


@pages.get("/needs/board")
@signed_in
def board() -> Any:
    """What members have expressed; filters, order and words stay in the address."""
    filters = _filters()
    cursor = request.args.get("cursor")
    payload: View = {name: value for name, value in filters.items() if value}
    if filters["mine"]:
        payload["mine"] = True
    found = call("surveys", "list_board", payload | ({"cursor": cursor} if cursor else {}))
    return render(
        "board/list.html", items=found["items"], filters=filters, chips=_chips(filters), topics=_topics(),
        more=_address(filters | {"cursor": found["next_cursor"]}) if found["next_cursor"] else None,
        filtered=_address(filters) != HOME, names=names_of(item["author_id"] for item in found["items"]),
    )  # fmt: skip


def _filters() -> dict[str, str]:
    """Filters that make sense; anything else is the default."""
    wanted = {
        "standing": (STANDING, "open"),
        "topic": (TOPICS, ""),
        "sort": (SORTS, "support"),
        "mine": (("1",), ""),
    }
    given = {name: request.args.get(name, "") for name in wanted}
    found = {name: given[name] if given[name] in known else usual for name, (known, usual) in wanted.items()}
    return found | {"q": request.args.get("q", "").strip()[:100]}


def _address(filters: View) -> str:
    usual = {"standing": "open", "sort": "support"}
    query = urlencode({name: value for name, value in filters.items() if value and usual.get(name) != value})
    return f"{HOME}?{query}" if query else HOME


def _chips(filters: dict[str, str]) -> dict[str, list[View]]:
    def chip(name: str, value: str, text: str) -> View:
        return {"text": text, "href": _address(filters | {name: value}), "current": filters[name] == value}

    return {
        "standing": [chip("standing", one, say(f"panels.board.standing.{one}")) for one in STANDING],
        "sort": [
            *(chip("sort", one, say(f"panels.board.sort.{one}")) for one in SORTS),
            {
                "text": say("panels.board.mine"),
                "href": _address(filters | {"mine": "" if filters["mine"] else "1"}),
                "current": bool(filters["mine"]),
            },
        ],
    }


def _topics() -> list[tuple[str, str]]:
    return [(topic, say(f"panels.topic.{topic}")) for topic in TOPICS]


@pages.get("/needs/board/new")
@signed_in
def new() -> Any:
    """The form."""
    return _form({"text": request.args.get("text", "")[:400], "other": "", "topic": "", "signed": ""})


@pages.post("/needs/board/new")
@signed_in
def express() -> Any:
    """Publish it, unless something says nearly the same and the person has not looked yet."""
    form = request.form
    typed = {name: form.get(name, "") for name in ("text", "other", "topic", "signed")}
    alike = _similar(typed["text"])
    if alike and not form.get("sure"):
        return _form(typed, alike=alike)
    payload = {
        "text": typed["text"], "other": typed["other"], "language": current().language,
        "topic": typed["topic"] or None, "signed": typed["signed"] == "1",
    }  # fmt: skip
    try:
        made = call("surveys", "express_need", payload)
    except Invalid as error:
        return _form(typed, error)
    flash("success", "panels.board.expressed")
    return redirect(f"{HOME}/{made['id']}", 303)


def _form(typed: View, error: CercleError | None = None, alike: list[View] | None = None) -> Any:
    errors = field_errors(error) if error else {}
    other = "en" if current().language == "fr" else "fr"
    places = {
        "text": ("text", say("panels.board.text")),
        "other": ("other", say(f"panels.board.other.{other}")),
        "topic": ("topic", say("panels.board.topic")),
    }
    return render(
        "board/new.html", error.status if error else 200, form=typed, alike=alike or [], topics=_topics(),
        errors=errors, summary=summary_of(errors, places),
    )  # fmt: skip


@pages.get("/needs/board/similar")
@signed_in
def similar() -> Any:
    """What says nearly the same, while it is being written; without script the form itself shows it."""
    if not is_fragment():
        return redirect(f"{HOME}/new", 303)
    return render("board/_similar.html", alike=_similar(request.args.get("text", "")))


def _similar(text: str) -> list[View]:
    if len(text.strip()) < 10:
        return []
    found: list[View] = call("surveys", "find_similar", {"text": text.strip()[:400]})["items"]
    return found


@pages.get("/needs/board/<entry_id>")
@signed_in
def show(entry_id: str) -> Any:
    """One entry: its words, who stands behind it in number, what became of it."""
    entry = _entry(entry_id)
    if entry["status"] == "merged":
        flash("info", "panels.board.now_in")
        if not entry["can"]["part"]:
            return redirect(f"{HOME}/{entry['merged_into']}", 303)
    return _page(entry)


def _entry(entry_id: str) -> View:
    found: View = call("surveys", "get_board_entry", {"entry_id": entry_id})
    return found


def _page(entry: View, error: CercleError | None = None, typed: View | None = None, action: str = "") -> Any:
    """`action`: the form that was sent, in vain."""
    coordinates = entry["can"]["coordinate"]
    errors, places = field_errors(error) if error else {}, _places(action)
    return render(
        "board/entry.html", error.status if error else 200, entry=entry, names=names_of([entry["author_id"]]),
        topics=_topics(), link=_link_of(entry), form=typed or {}, action=action,
        beside=beside(errors, places), summary=summary_of(errors, places), outcomes=[(one, say(f"panels.board.outcome.{one}")) for one in OUTCOMES],
        others=_others(entry) if coordinates else [], things=_things() if coordinates else [],
        problem=error_text(error) if error and not error.fields else None,
    )  # fmt: skip


def _places(action: str) -> Places:
    links = {
        "link": ("link", say("panels.board.link.to")),
        "close": ("close-link", say("panels.board.close.link")),
    }
    return {
        "statement": ("statement_", say("panels.board.wording")),
        "topic": ("topic", say("panels.board.topic")),
        "into_id": ("into", say("panels.board.merge.into")),
        "outcome": ("outcome", say("panels.board.close.outcome")),
        "reason": ("reason_", say("panels.board.close.reason")),
        "link": links.get(action, links["link"]),
    }


def _link_of(entry: View) -> View | None:
    """What answers it, and where to read it if the reader may."""
    answer = entry["answer"]
    if answer is None:
        return None
    text = chosen(answer["title"]) if answer["title"] else say(f"panels.board.link.{answer['kind']}")
    return {"href": answer_href(answer), "text": text}


def _others(entry: View) -> list[tuple[str, str]]:
    """Open entries that this one could be merged with, the likest first."""
    text = " ".join(entry["statement"].values())
    alike = [one for one in _similar(text) if one["kind"] == "board"]
    rest = call("surveys", "list_board", {"standing": "all", "limit": 100})["items"]
    open_ones = [one for one in rest if one["status"] == "open"]
    found = {one["id"]: _words(one["statement"]) for one in (*alike, *open_ones) if one["id"] != entry["id"]}
    return list(found.items())


def _things() -> list[tuple[str, str]]:
    """Needs and proposals that may answer an entry, as `kind|id`."""
    needs = call("surveys", "list_needs", {"limit": 60})["items"]
    proposals = call("surveys", "list_proposals", {"limit": 40})["items"]
    surveys = call("surveys", "list_surveys", {"limit": 20})["items"]
    return [
        *((f"need|{one['id']}", say("panels.board.thing.need", title=_words(one["statement"]))) for one in needs),
        *((f"proposal|{one['id']}", say("panels.board.thing.proposal", title=chosen(one["title"]))) for one in proposals),
        *((f"survey|{one['id']}", say("panels.board.thing.survey", title=chosen(one["title"]))) for one in surveys),
    ]  # fmt: skip


def _words(pair: View) -> str:
    return chosen(pair)[:110]


@pages.post("/needs/board/<entry_id>/<action>")
@signed_in
def act(entry_id: str, action: str) -> Any:
    """Support, withdraw, take back; and what coordinators do with an entry."""
    try:
        if action == "withdraw":
            return _withdraw(entry_id)
        if action in _PLAIN:
            return _plain(entry_id, action)
        return _coordinate(entry_id, action)
    except (Invalid, Conflict) as error:
        return _page(_entry(entry_id), error, request.form.to_dict(), action)


_PLAIN = {
    "support": "support_board_entry",
    "unsupport": "withdraw_board_support",
    "part": "unmerge_board_entry",
}


def _plain(entry_id: str, action: str) -> Any:
    done = call("surveys", _PLAIN[action], {"entry_id": entry_id})
    target = request.form.get("next", "")
    return redirect(target if target.startswith(HOME) else f"{HOME}/{done['id']}", 303)


def _withdraw(entry_id: str) -> Any:
    """Nothing is remembered of the call: pressed twice, the second one finds nothing, which is what was wanted."""
    try:
        call("surveys", "withdraw_board_entry", {"entry_id": entry_id})
    except NotFound:
        if not _is_gone(entry_id):
            raise
    flash("success", "panels.board.withdrawn")
    return redirect(HOME, 303)


def _is_gone(entry_id: str) -> bool:
    try:
        _entry(entry_id)
    except NotFound:
        return True
    return False


def _coordinate(entry_id: str, action: str) -> Any:
    form, version = request.form, request.form.get("version", 0, type=int)
    link = _link_from(form.get("link", ""))
    reason = pair_from(form, "reason")
    known: dict[str, tuple[str, View]] = {
        "edit": ("edit_board_entry", {"statement": pair_from(form, "statement"), "topic": form.get("topic") or None, "version": version}),
        "merge": ("merge_board_entry", {"into_id": form.get("into", "")}),
        "close": ("close_board_entry", {"outcome": form.get("outcome", ""), "reason": reason, "link": link, "version": version}),
        "link": ("link_board_entry", {"link": link, "version": version}),
        "adopt": ("adopt_board_entry", {"version": version}),
    }  # fmt: skip
    if action not in known:
        raise NotFound
    method, payload = known[action]
    done = call("surveys", method, {**payload, "entry_id": entry_id})
    flash("success", "panels.board.saved")
    return redirect(f"/needs/{done['id']}" if action == "adopt" else f"{HOME}/{done['id']}", 303)


def _link_from(text: str) -> View | None:
    kind, _, found = text.partition("|")
    return {"kind": kind, "id": found} if found else None
