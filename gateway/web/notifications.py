"""Pages of notifications: the list, the choices, unsubscribing, and the demo's mailbox."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, current_app, jsonify, redirect, request

from gateway.context import call
from gateway.web.community import people_of
from gateway.web.pages import back, flash, render, safe_next, signed_in
from gateway.web.today import part
from shared.errors import Conflict, NotFound

pages = Blueprint("pages_notifications", __name__)
SHOWN, LATEST, MAILS = 30, 5, 30
CHANNELS = ("in_app", "email")


@pages.get("/notifications")
@signed_in
def notifications() -> Any:
    """The list; the filter is in the address."""
    unread = request.args.get("show") == "unread"
    found = call("notifications", "list_notifications", {"limit": SHOWN, "unread": unread},
                 cursor=request.args.get("cursor"))  # fmt: skip
    _name_topics(found["items"])
    query = ({"show": "unread"} if unread else {}) | {"cursor": found["next_cursor"]}
    return render(
        "notifications/list.html", items=found["items"], only_unread=unread,
        count=call("notifications", "count_unread")["unread"],
        more=f"/notifications?{urlencode(query)}" if found["next_cursor"] else None,
    )  # fmt: skip


@pages.get("/notifications/latest")
@signed_in
def latest() -> Any:
    """A fragment with the newest few."""
    found = call("notifications", "list_notifications", {"limit": LATEST})
    _name_topics(found["items"])
    return render("notifications/latest.html", items=found["items"])


@pages.get("/notifications/<notification_id>.json")
@signed_in
def toast(notification_id: str) -> Any:
    """{text, href} for what the live stream announced: the stream itself carries ids only."""
    found = call("notifications", "get_notification", {"id": notification_id})
    return jsonify(text=found["text"], href=found["href"])


@pages.get("/notifications/<notification_id>/open")
@signed_in
def open_notification(notification_id: str) -> Any:
    """Go to what it is about; from now on it is read."""
    found = call("notifications", "get_notification", {"id": notification_id})
    call("notifications", "mark_read", {"id": notification_id})
    return redirect(safe_next(found["target"], "/notifications"), 303)


@pages.post("/notifications/<notification_id>/read")
@signed_in
def mark_read(notification_id: str) -> Any:
    """Read, without going there."""
    call("notifications", "mark_read", {"id": notification_id})
    return back("/notifications")


@pages.post("/notifications/read-all")
@signed_in
def mark_all_read() -> Any:
    """All of them."""
    call("notifications", "mark_all_read")
    flash("success", "notifications.list.marked_all")
    return redirect("/notifications", 303)


@pages.get("/notifications/preferences")
@signed_in
def preferences() -> Any:
    """Kinds down, channels across."""
    rows: dict[str, dict[str, bool]] = {}
    for item in call("notifications", "get_preferences")["items"]:
        rows.setdefault(item["kind"], {})[item["channel"]] = item["enabled"]
    return render("notifications/preferences.html", rows=rows, channels=CHANNELS, has_mailbox=_is_demo())


@pages.post("/notifications/preferences")
@signed_in
def save_preferences() -> Any:
    """The form names every box it shows, so that an empty box is a choice too."""
    shown = [name.partition(":") for name in request.form.getlist("shown")]
    ticked = set(request.form.getlist("on"))
    items = [
        {"kind": kind, "channel": channel, "enabled": f"{kind}:{channel}" in ticked}
        for kind, _, channel in shown
    ]
    call("notifications", "set_preferences", {"items": items})
    flash("success", "notifications.preferences.saved")
    return redirect("/notifications/preferences", 303)


@pages.post("/notifications/test")
@signed_in
def send_test() -> Any:
    """A notification to oneself."""
    try:
        call("notifications", "send_test")
        flash("success", "notifications.preferences.test.sent")
    except Conflict:
        flash("warning", "errors.test-not-sent")
    return redirect("/notifications/preferences", 303)


@pages.get("/unsubscribe/<token>")
def ask_to_unsubscribe(token: str) -> Any:
    """Ask first: mail scanners open links."""
    found = call("notifications", "read_unsubscribe_link", {"token": token})
    return render("notifications/unsubscribe.html", kind=found["kind"], token=token, done=False)


@pages.post("/unsubscribe/<token>")
def unsubscribe(token: str) -> Any:
    """End this kind of mail, without a session."""
    found = call("notifications", "unsubscribe", {"token": token})
    return render("notifications/unsubscribe.html", kind=found["kind"], token=token, done=True)


@pages.get("/mailbox")
@signed_in
def mailbox() -> Any:
    """Mails that the demo would have sent: one's own, an admin's everybody's."""
    _require_demo()
    found = call("notifications", "list_mailbox", {"limit": MAILS}, cursor=request.args.get("cursor"))
    more = f"/mailbox?{urlencode({'cursor': found['next_cursor']})}" if found["next_cursor"] else None
    people = people_of(mail["account_id"] for mail in found["items"])
    return render("notifications/mailbox.html", mails=found["items"], people=people, more=more)


@pages.get("/mailbox/<mail_id>")
@signed_in
def mail(mail_id: str) -> Any:
    """One mail as it was written."""
    _require_demo()
    found = call("notifications", "get_mail", {"mail_id": mail_id})
    return render("notifications/mail.html", mail=found, people=people_of([found["account_id"]]))


def _name_topics(items: list[dict[str, Any]]) -> None:
    """Add the topic's title to replies: titles are members' words and never travel in events."""
    ids = sorted({item["params"]["topic_id"] for item in items if "topic_id" in item["params"]})
    topics = part("community", "get_topics", {"ids": ids}) if ids else None
    titles = {topic["id"]: topic["title"] for topic in topics["items"]} if topics else {}
    for item in items:
        item["about"] = titles.get(item["params"].get("topic_id"))


def _is_demo() -> bool:
    return bool(current_app.extensions["cercle_demo"])


def _require_demo() -> None:
    if not _is_demo():
        raise NotFound
