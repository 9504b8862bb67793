"""Pages of the community: topics, one topic with its posts, writing, editing, taking back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, redirect, request

from gateway.context import call, current
from gateway.web.pages import error_text, field_errors, flash, render, signed_in
from shared.errors import CercleError, Conflict, Gone, Invalid, NotFound, Stale

pages = Blueprint("pages_community", __name__)
TOPICS, POSTS = 30, 50
People = dict[str, dict[str, Any]]


def people_of(ids: Iterable[str | None]) -> People:
    """Names, places and professions by id; nobody when identity is down, for the words matter more."""
    wanted = sorted({account_id for account_id in ids if account_id})
    if not wanted:
        return {}
    try:
        found = call("identity", "get_members", {"ids": wanted[:200]})
    except CercleError as error:
        if error.status not in (503, 504):
            raise
        return {}
    return {item["id"]: item for item in found["items"]}


def _typed(*names: str) -> dict[str, str]:
    return {name: request.form.get(name, "") for name in names}


def _problem(error: CercleError | None) -> str | None:
    return error_text(error) if error and not error.fields else None


def _errors(error: CercleError | None) -> dict[str, str]:
    return field_errors(error) if error else {}


@pages.get("/community")
@signed_in
def community() -> Any:
    """Spaces as filters, topics with the newest activity first."""
    space = request.args.get("space", "").strip() or None
    found = call(
        "community", "list_topics", {"limit": TOPICS}, space=space, cursor=request.args.get("cursor")
    )
    query = {"space": space, "cursor": found["next_cursor"]}
    more = urlencode({name: value for name, value in query.items() if value})
    return render(
        "community/list.html", spaces=call("community", "list_spaces")["items"], space=space, topics=found["items"],
        people=people_of(topic["author_id"] for topic in found["items"]),
        more=f"/community?{more}" if found["next_cursor"] else None,
    )  # fmt: skip


@pages.get("/community/new")
@signed_in
def new_topic() -> Any:
    """The form of a new topic."""
    spaces = call("community", "list_spaces")["items"]
    wanted = request.args.get("space")
    chosen = next((space["id"] for space in spaces if space["key"] == wanted), spaces[-1]["id"])
    return _new_page(spaces, {"space_id": chosen, "language": current().language})


@pages.post("/community/new")
@signed_in
def open_topic() -> Any:
    """Open it, or say what is missing."""
    typed = _typed("space_id", "title", "language", "body")
    try:
        made = call("community", "open_topic", typed)
    except (Invalid, NotFound) as error:
        return _new_page(call("community", "list_spaces")["items"], typed, error)
    flash("success", "community.new.opened")
    return redirect(f"/community/topics/{made['id']}#posted", 303)


def _new_page(spaces: list[dict[str, Any]], form: dict[str, str], error: CercleError | None = None) -> Any:
    return render(
        "community/new.html", 422 if error else 200, spaces=spaces, form=form, problem=_problem(error),
        errors=_errors(error),
    )  # fmt: skip


@pages.get("/community/topics/<topic_id>")
@signed_in
def topic(topic_id: str) -> Any:
    """One topic."""
    return _topic_page(topic_id, {"language": current().language})


@pages.post("/community/topics/<topic_id>")
@signed_in
def add_post(topic_id: str) -> Any:
    """Answer; what was written is never lost to an error."""
    typed = _typed("body", "language")
    try:
        call("community", "add_post", typed, topic_id=topic_id)
    except (Invalid, Conflict) as error:
        return _topic_page(topic_id, typed, error)
    flash("success", "community.topic.sent")
    # The new post stands at the end; the fragment tells the draft that it was sent.
    return redirect(f"/community/topics/{topic_id}?page=last#posted", 303)


def _topic_page(topic_id: str, form: dict[str, str], error: CercleError | None = None) -> Any:
    found = call("community", "get_topic", {"topic_id": topic_id})
    last = request.args.get("page") == "last" and found["posts"] > POSTS
    wanted = {"topic_id": topic_id, "limit": POSTS, "last": last}
    posts = call("community", "list_posts", wanted, cursor=request.args.get("cursor"))
    more = f"/community/topics/{topic_id}?{urlencode({'cursor': posts['next_cursor']})}"
    return render(
        "community/topic.html", error.status if error else 200, topic=found, posts=posts["items"], form=form,
        people=people_of([found["author_id"], *(post["author_id"] for post in posts["items"])]),
        more=more if posts["next_cursor"] else None, last=last, problem=_problem(error), errors=_errors(error),
    )  # fmt: skip


@pages.post("/community/topics/<topic_id>/follow")
@signed_in
def follow(topic_id: str) -> Any:
    """Follow, or stop following."""
    stop = request.form.get("stop") == "1"
    call("community", "unfollow" if stop else "follow", {"topic_id": topic_id})
    flash("success", "community.topic.unfollowed" if stop else "community.topic.followed")
    return redirect(f"/community/topics/{topic_id}", 303)


@pages.get("/community/posts/<post_id>/edit")
@signed_in
def edit_post(post_id: str) -> Any:
    """The form with the present text; only for its author."""
    post = call("community", "get_post", {"post_id": post_id})
    if not post["can"]["edit"]:
        raise NotFound
    return render("community/edit.html", post=post, form=post, problem=None, errors={})


@pages.post("/community/posts/<post_id>/edit")
@signed_in
def save_post(post_id: str) -> Any:
    """Save it; an older version keeps what was typed and says so."""
    typed = _typed("body") | {"version": request.form.get("version", type=int)}
    try:
        saved = call("community", "edit_post", {"post_id": post_id, **typed})
    except (Invalid, Conflict, Gone) as error:
        post = call("community", "get_post", {"post_id": post_id})
        newest = typed | {"version": post["version"]} if isinstance(error, Stale) else typed
        return render(
            "community/edit.html", error.status, post=post, form=newest, problem=_problem(error),
            errors=_errors(error), stale=isinstance(error, Stale),
        )  # fmt: skip
    flash("success", "community.edit.saved")
    return redirect(f"/community/topics/{saved['topic_id']}#post-{post_id}", 303)


@pages.get("/community/posts/<post_id>/retire")
@signed_in
def ask_to_retire(post_id: str) -> Any:
    """Ask first: the text will be gone for good."""
    post = call("community", "get_post", {"post_id": post_id})
    if not post["can"]["retire"]:
        raise NotFound
    return render("community/retire.html", post=post, people=people_of([post["author_id"]]))


@pages.post("/community/posts/<post_id>/retire")
@signed_in
def retire_post(post_id: str) -> Any:
    """Take it back."""
    retired = call("community", "retire_post", {"post_id": post_id})
    flash("success", "community.retire.done")
    return redirect(f"/community/topics/{retired['topic_id']}#post-{post_id}", 303)
