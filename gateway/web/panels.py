"""Panels: the list, preparing and starting one, building its items, opening, extending, closing and ending rounds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, redirect, request

from gateway.context import call, current
from gateway.web import panel_fields
from gateway.web import panel_forms as forms
from gateway.web.field_links import beside, summary_of
from gateway.web.pages import error_text, field_errors, flash, render, signed_in
from gateway.web.panel_session import panel_page
from gateway.web.survey_forms import date_from, instant_of, pair_from
from gateway.web.survey_words import View, known_ids, say
from shared import i18n
from shared.actor import ADMIN, COORDINATOR
from shared.errors import CercleError, Conflict, Forbidden, Invalid, NotFound

pages = Blueprint("pages_panels", __name__)
pages.url_value_preprocessor(known_ids)
STANDING = ("running", "draft", "ended")
JUDGING_SECONDS = 60
"""A first judgement loads the statistics library, which on a busy machine takes longer than a call usually may."""


@pages.get("/panels")
@signed_in
def list_panels() -> Any:
    """Every panel one may see, newest first."""
    wanted = request.args.get("standing", "")
    query = {"standing": wanted if wanted in STANDING else "", "cursor": request.args.get("cursor", "")}
    found = call("surveys", "list_panels", {name: value for name, value in query.items() if value})
    shown = ("", *STANDING) if _coordinates() else ("", "running", "ended")
    chips = [
        {"text": say(f"panels.list.{one or 'all'}"), "href": f"/panels?standing={one}" if one else "/panels",
         "current": query["standing"] == one}
        for one in shown
    ]  # fmt: skip
    more = {"standing": query["standing"], "cursor": found["next_cursor"]} if found["next_cursor"] else None
    return render(
        "panels/list.html", items=found["items"], chips=chips, coordinates=_coordinates(),
        more=f"/panels?{urlencode({n: v for n, v in more.items() if v})}" if more else None,
    )  # fmt: skip


def _coordinates() -> bool:
    return current().actor.has(COORDINATOR, ADMIN)


@pages.get("/panels/new")
@signed_in
def new() -> Any:
    """The form with everything at its usual value."""
    if not _coordinates():
        raise Forbidden
    kind = request.args.get("kind", "")
    kind = kind if kind in forms.KINDS else "delphi"
    words = {
        name: {code: i18n.text(code, f"panels.default.{kind}.{name}") for code in i18n.LANGUAGES}
        for name in ("title", "intro", "question")
    }
    return _form_page(None, forms.blank(kind, words, datetime.now(UTC), current().time_zone))


@pages.post("/panels/new")
@signed_in
def create() -> Any:
    """Keep the draft; start it, or go on to its items, where that button was used."""
    kind = request.form.get("kind", "delphi")
    typed = forms.typed_from(request.form, kind)
    try:
        payload = forms.payload_of(typed, current().time_zone)
        made = call("surveys", "create_panel", payload, kind=kind)
    except Invalid as error:
        return _form_page(None, typed, error)
    return _after(made)


@pages.get("/panels/<panel_id>/edit")
@signed_in
def edit(panel_id: str) -> Any:
    """The form of a draft."""
    panel = _panel(panel_id)
    if not panel["can"]["edit"]:
        raise Forbidden
    return _form_page(panel, forms.typed_of(panel, current().time_zone))


@pages.post("/panels/<panel_id>/edit")
@signed_in
def save(panel_id: str) -> Any:
    """Save the draft, and start it where that button was used."""
    panel = _panel(panel_id)
    typed = forms.typed_from(request.form, panel["kind"])
    try:
        payload = forms.payload_of(typed, current().time_zone)
        saved = call("surveys", "edit_panel", payload, panel_id=panel_id, version=typed["version"])
    except (Invalid, Conflict) as error:
        return _form_page(panel, typed | {"version": _panel(panel_id)["version"]}, error)
    return _after(saved)


def _after(panel: View) -> Any:
    do = request.form.get("do", "save")
    if do == "start":
        return _started(panel)
    flash("success", "panels.saved")
    return redirect(f"/panels/{panel['id']}/{'items' if do == 'items' else 'edit'}", 303)


def _started(panel: View) -> Any:
    try:
        call("surveys", "start_panel", {"panel_id": panel["id"], "version": panel["version"]})
    except Invalid as error:
        return _form_page(panel, forms.typed_of(panel, current().time_zone), error)
    flash("success", "panels.started")
    return redirect(f"/panels/{panel['id']}", 303)


def _form_page(panel: View | None, typed: View, error: CercleError | None = None) -> Any:
    members = call("identity", "list_members", {"limit": 200})["items"]
    errors, places = field_errors(error) if error else {}, panel_fields.of_form(typed["kind"])
    return render(
        "panels/form.html", error.status if error else 200, panel=panel, form=typed, rule=shown_rule(typed, panel),
        members=[(one["id"], one["display_name"]) for one in members],
        roles=[(role, say(f"surveys.role.{role}")) for role in forms.ROLES],
        errors=errors, beside=beside(errors, places), summary=summary_of(errors, places),
        problem=error_text(error) if error and not error.fields else None,
    )  # fmt: skip


def shown_rule(typed: View, panel: View | None) -> View:
    """The rule to put in words: the saved one, or the usual one of the scale."""
    if panel is not None:
        return dict(panel["rule"])
    nine = typed["scale"] != "5"
    return {
        "band": [7, 9] if nine else [4, 5], "agreement": 0.75, "iqr": 2.0 if nine else 1.0, "moved": 0.15,
        "concordance": 0.7, "gain": 0.05, "rounds": 3, "convention": "type7",
    }  # fmt: skip


@pages.get("/panels/<panel_id>/items")
@signed_in
def items(panel_id: str) -> Any:
    """What will be rated, and what it can be built from."""
    feed = call("surveys", "get_panel_feed", {"panel_id": panel_id})
    return _items_page(panel_id, feed, forms.rows_of(feed["items"]))


@pages.post("/panels/<panel_id>/items")
@signed_in
def save_items(panel_id: str) -> Any:
    """Add, move or remove a row and come back; or save them all."""
    rows, do = forms.rows_from(request.form), request.form.get("do", "save")
    feed = call("surveys", "get_panel_feed", {"panel_id": panel_id})
    if do in ("add", "together"):
        rows += forms.added(request.form, feed, do == "together")
    else:
        forms.change_rows(rows, do)
    version = request.form.get("version", 0, type=int)
    payload = {"panel_id": panel_id, "version": version, "items": forms.items_payload(rows)}
    try:
        saved = call("surveys", "set_panel_items", payload)
    except (Invalid, Conflict) as error:
        return _items_page(panel_id, feed | {"version": version}, rows, error)
    if do == "save":
        flash("success", "panels.saved")
        return redirect(f"/panels/{panel_id}", 303)
    blanks = [row for row in rows if not (row["fr"].strip() or row["en"].strip())]
    return _items_page(panel_id, saved, forms.rows_of(saved["items"]) + blanks)


def _items_page(panel_id: str, feed: View, rows: list[View], error: CercleError | None = None) -> Any:
    used = {part for row in rows for part in row["sources"].split("|")}
    left = {
        name: [one for one in feed[name] if f"{kind}:{one['ref']}" not in used]
        for name, kind in (("ideas", "idea"), ("board", "board"), ("bank", "bank"))
    }
    errors, places = field_errors(error) if error else {}, panel_fields.of_items(rows)
    return render(
        "panels/items.html", error.status if error else 200, panel=_panel(panel_id), rows=rows, left=left,
        version=feed["version"], beside=beside(errors, places), summary=summary_of(errors, places),
        problem=error_text(error) if error and not error.fields else None,
    )  # fmt: skip


@pages.get("/panels/<panel_id>/close")
@signed_in
def ask_close(panel_id: str) -> Any:
    """The question that the dialog asks, as a page."""
    panel = _panel(panel_id)
    if not panel["can"]["close"]:
        raise NotFound
    return render("panels/close.html", panel=panel)


@pages.post("/panels/<panel_id>/<any(start, close, open, extend, stop, discard):action>")
@signed_in
def lead(panel_id: str, action: str) -> Any:
    """What the coordination does with a panel."""
    if action == "start":
        return _started(_panel(panel_id))
    form = request.form
    payload: View = {"panel_id": panel_id, "version": form.get("version", 0, type=int)}
    methods = {"close": "close_round", "open": "open_round", "extend": "extend_round", "stop": "stop_panel",
               "discard": "discard_panel"}  # fmt: skip
    try:
        if action in ("open", "extend"):
            payload["closes_at"] = instant_of(date_from(form, "closes_at"), current().time_zone, "closes_at")
        if action == "stop":
            payload["note"] = pair_from(form, "note")
        call("surveys", methods[action], payload, timeout=JUDGING_SECONDS if action == "close" else None)
    except (Invalid, Conflict) as error:
        return panel_page(_panel(panel_id), error, form.to_dict())
    flash("success", f"panels.done.{action}")
    return redirect("/panels" if action == "discard" else f"/panels/{panel_id}", 303)


def _panel(panel_id: str) -> View:
    found: View = call("surveys", "get_panel", {"panel_id": panel_id})
    return found
