"""Around played H5P contents: the rights page, upgrades of contents, and the event log (System > H5P libraries)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request

from gateway.context import INSTALL_SECONDS, call, current
from gateway.web.course_parts import people, words
from gateway.web.pages import flash, render, signed_in
from gateway.web.studio_forms import Form
from shared import i18n
from shared.errors import Conflict, Invalid

pages = Blueprint("pages_h5p_play", __name__)
View = dict[str, Any]
KINDS = ("content", "results", "library")


@pages.get("/courses/activities/<activity_id>/rights")
@signed_in
def rights(activity_id: str) -> Any:
    """Who made what in a content, and what one may do with it."""
    found = call("courses", "get_h5p_credits", {"activity_id": activity_id})
    return render("h5p_play/rights.html", found=found, licence_name=licence_name)


def licence_name(code: str, version: str = "") -> str:
    """A licence as people know it: `CC BY 4.0`; what is not said, in words."""
    if code in ("", "U"):
        return i18n.text(current().language, "courses.rights.undisclosed")
    named = {
        "C": "courses.rights.copyright",
        "PD": "courses.rights.public",
        "CC PDM": "courses.rights.public",
    }
    text = i18n.text(current().language, named[code]) if code in named else code
    return f"{text} {version}".strip() if code.startswith("CC BY") else text


# --- upgrades


@pages.get("/system/h5p/upgrades")
@signed_in
def upgrades() -> Any:
    """Content types that lag behind, and what was done."""
    return _upgrades(Form())


def _upgrades(form: Form) -> Any:
    found = call("courses", "list_h5p_upgrades", {})
    return render("h5p_play/upgrades.html", form.status, found=found, form=form)


@pages.post("/system/h5p/upgrades")
@signed_in
def start() -> Any:
    """Prepare a run; its page goes through it."""
    name = request.form.get("machine_name") or None
    payload = {"machine_name": name, "dry_run": request.form.get("do") == "dry"}
    try:
        run = call("courses", "start_h5p_upgrade", payload)
    except Conflict as error:
        return _upgrades(Form("start", error))
    return redirect(f"/system/h5p/upgrades/{run['id']}", 303)


@pages.get("/system/h5p/upgrades/<upgrade_id>")
@signed_in
def upgrade(upgrade_id: str) -> Any:
    """How far a run is, and what became of each content."""
    run = call("courses", "get_h5p_upgrade", {"upgrade_id": upgrade_id})
    return render("h5p_play/upgrade.html", run=run, reason=reason, **words())


def reason(item: View) -> str | None:
    """Why a content was not upgraded."""
    key = f"courses.upgrades.reason.{item['code']}"
    return (
        i18n.text(current().language, key, library=item["detail"].get("library", ""))
        if item["code"]
        else None
    )


@pages.post("/system/h5p/upgrades/<upgrade_id>/continue")
@signed_in
def go_on(upgrade_id: str) -> Any:
    """Some seconds of work, then the page again."""
    call("courses", "continue_h5p_upgrade", {"upgrade_id": upgrade_id}, timeout=INSTALL_SECONDS)
    return redirect(f"/system/h5p/upgrades/{upgrade_id}", 303)


@pages.post("/system/h5p/upgrades/<upgrade_id>/undo")
@signed_in
def undo(upgrade_id: str) -> Any:
    """The contents of before."""
    call("courses", "undo_h5p_upgrade", {"upgrade_id": upgrade_id})
    flash("success", "courses.upgrades.undone")
    return redirect(f"/system/h5p/upgrades/{upgrade_id}", 303)


# --- event log


@pages.get("/system/h5p/events")
@signed_in
def events() -> Any:
    """Who did what to contents and libraries."""
    return _events(Form())


def _events(form: Form) -> Any:
    kind = request.args.get("kind") if request.args.get("kind") in KINDS else None
    found = call("courses", "list_h5p_events", {"limit": 50}, kind=kind, cursor=request.args.get("cursor"))
    keep = call("courses", "get_h5p_event_policy")["keep_days"]
    who = people(item["account_id"] for item in found["items"] if item["account_id"])
    more = f"/system/h5p/events?cursor={found['next_cursor']}" + (f"&kind={kind}" if kind else "")
    return render(
        "h5p_play/events.html", form.status, items=found["items"], who=who, kind=kind, kinds=KINDS, keep=keep, form=form,
        more=more if found["next_cursor"] else None,
    )  # fmt: skip


@pages.post("/system/h5p/events/policy")
@signed_in
def keep_events() -> Any:
    """Another number of days."""
    try:
        call("courses", "set_h5p_event_policy", {"keep_days": request.form.get("keep_days", type=int)})
    except Invalid as error:
        return _events(Form("policy", error))
    flash("success", "courses.events.kept")
    return redirect("/system/h5p/events", 303)
