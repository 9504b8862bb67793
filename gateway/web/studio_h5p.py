"""Writing H5P content in the browser: where to start, and the page of the editor."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, redirect, request

from gateway.context import INSTALL_SECONDS, call, current
from gateway.web.course_parts import words
from gateway.web.pages import error_text, flash, render, signed_in, static_url
from shared import i18n
from shared.errors import Conflict, Invalid

pages = Blueprint("pages_studio_h5p", __name__)
View = dict[str, Any]
SCRIPT = "courses.h5p_editor.js."
TYPE = "courses.h5p_editor.type."
ASKS = ("structure-changed", "h5p-content-replaced")
"""Refusals that one may overrule."""
MEDIA = {
    "image": ("png", "jpg", "jpeg", "gif", "webp"),
    "audio": ("mp3", "m4a", "ogg", "wav"),
    "video": ("mp4", "webm"),
    "file": ("pdf", "txt", "csv", "vtt", "webvtt", "docx", "pptx", "xlsx", "odt", "png", "jpg", "jpeg", "gif", "webp",
             "mp3", "m4a", "ogg", "wav", "mp4", "webm"),
}  # fmt: skip
"""What the file chooser offers; the service judges for itself."""


@pages.get("/studio/h5p/<activity_id>")
@signed_in
def start(activity_id: str) -> Any:
    """Types of content, contents to copy, the draft that waits."""
    return _start(activity_id)


def _start(activity_id: str, error: Conflict | Invalid | None = None) -> Any:
    activity = call("courses", "get_activity", {"activity_id": activity_id})
    found = call("courses", "find_h5p_draft", {"activity_id": activity_id})
    types = [_named(one) for one in call("courses", "h5p_content_types")["items"]]
    copies = call("courses", "list_h5p_reusable", {"limit": 20}, cursor=request.args.get("cursor"))
    present = _present(activity)
    own = {content["content_id"] for _, content in present}
    others = [one for one in copies["items"] if one["content_id"] not in own]
    return render(
        "studio_h5p/start.html", error.status if error else 200, activity=activity, draft=found["draft"],
        present=present, use_for=_asked(), types=sorted(types, key=lambda one: str(one["name"]).casefold()), copies=others,
        next_cursor=copies["next_cursor"], problem=error_text(error) if error else None, **words(),
    )  # fmt: skip


def _present(activity: View) -> list[tuple[str, View]]:
    """The contents in use, each with the language of its readers ("": one for everybody)."""
    found = activity["h5p"]
    if found is None:
        return []
    return list(found["by_language"].items()) or [("", found)]


def _asked() -> str:
    """`for`: the language whose content it is to be, or ""."""
    asked: str = request.values.get("for", "")
    return asked if asked in i18n.LANGUAGES else ""


def _use_for(activity: View, draft: View) -> str:
    """Whose content a draft most likely is to be: that of its origin, or of the language that has none yet."""
    if asked := _asked():
        return asked
    taken = {language: content["content_id"] for language, content in _present(activity)}
    free = [language for language in i18n.LANGUAGES if taken and "" not in taken and language not in taken]
    from_here = [language for language, content_id in taken.items() if content_id == draft["base_content_id"]]
    return (free or from_here or [""])[0]


def _named(one: View) -> View:
    """A content type by the name and the line that we have for it, else by its own title."""
    language, key = current().language, f"{TYPE}{one['machine_name']}"
    text = i18n.catalogue(language).text
    known = i18n.has(language, key)
    return one | {"name": text(key) if known else one["title"], "line": text(f"{key}.line") if known else ""}


@pages.post("/studio/h5p/<activity_id>")
@signed_in
def begin(activity_id: str) -> Any:
    """Start from a type, a copy or the present content; or give the draft up."""
    form = request.form
    if form.get("do") == "discard":
        call("courses", "discard_h5p_draft", {"draft_id": form.get("draft_id", "")})
        flash("success", "courses.h5p_editor.start.discarded")
        return redirect(f"/studio/h5p/{activity_id}", 303)
    payload = {"activity_id": activity_id, "replace": form.get("replace") == "1"}
    try:
        call("courses", "start_h5p_draft", payload, timeout=INSTALL_SECONDS,
             library=form.get("library") or None, content_id=form.get("content_id") or None)  # fmt: skip
    except (Conflict, Invalid) as error:
        return _start(activity_id, error)
    return redirect(f"/studio/h5p/{activity_id}/edit" + (f"?for={_asked()}" if _asked() else ""), 303)


@pages.get("/studio/h5p/<activity_id>/edit")
@signed_in
def edit(activity_id: str) -> Any:
    """The editor; without a draft, the choice of where to start."""
    activity = call("courses", "get_activity", {"activity_id": activity_id})
    draft = call("courses", "find_h5p_draft", {"activity_id": activity_id})["draft"]
    if draft is None:
        return redirect(f"/studio/h5p/{activity_id}", 303)
    settings = current_app.extensions["cercle"]
    named = _named({"machine_name": draft["library"].split(" ")[0], "title": draft["library"]})
    config = {
        "draft": draft, "language": current().language, "words": _script_words(), "media": MEDIA,
        "limit": settings.max_upload, "content": settings.content_origin, "asks": ASKS, "title": named["name"],
        "icons": static_url("img/icons.svg"),
        "done": f"/studio/h5p/{activity_id}/placed",
    }  # fmt: skip
    return render(
        "studio_h5p/editor.html", activity=activity, draft=draft, config=config, named=named,
        use_for=_use_for(activity, draft), **words(),
    )  # fmt: skip


def _script_words() -> dict[str, str]:
    texts = i18n.catalogue(current().language).texts
    return {
        key.removeprefix(SCRIPT): text
        for key, text in texts.items()
        if key.startswith(SCRIPT) and isinstance(text, str)
    }


@pages.get("/studio/h5p/<activity_id>/placed")
@signed_in
def placed(activity_id: str) -> Any:
    """The editor leads here when the content is in use: on to the activity, which says so."""
    flash("success", "courses.h5p_editor.placed")
    return redirect(f"/studio/activities/{activity_id}", 303)
