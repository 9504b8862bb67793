"""Videos and links in the studio, captions for players, and the admins' page of activities from other makers."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from gateway.context import INSTALL_SECONDS, call, current
from gateway.web.pages import flash, render, signed_in
from gateway.web.studio_activities import earlier_upload, editor_page, new_upload, placed
from gateway.web.studio_forms import Form, pair_of, version_of
from shared.actor import ADMIN
from shared.errors import Conflict, FieldProblem, Invalid, NotFound

pages = Blueprint("pages_studio_blocks", __name__)
View = dict[str, Any]


@pages.post("/studio/activities/<activity_id>/video")
@signed_in
def save_video(activity_id: str) -> Any:
    """Another file or address; captions and transcript stay."""
    upload, address = None, request.form.get("address", "").strip() or None
    try:
        upload = new_upload(activity_id)
        if upload is None and address is None:
            upload = earlier_upload()
        video = call("courses", "get_activity", {"activity_id": activity_id})["video"] or {}
        payload = {name: video.get(name) for name in ("captions", "transcript", "no_speech")} | {
            "activity_id": activity_id, "version": version_of(), "address": address,
            "upload_id": upload.id if upload else None,
        }  # fmt: skip
        call("courses", "set_activity_video", payload, timeout=INSTALL_SECONDS)
    except (Invalid, Conflict) as error:
        form = Form("video", error, {"upload_id": "file"})
        return editor_page(activity_id, form, upload=upload if error.status == 412 else None)
    return placed(activity_id, "courses.video.placed")


@pages.post("/studio/activities/<activity_id>/words")
@signed_in
def save_words(activity_id: str) -> Any:
    """Captions and transcript in both languages."""
    payload = {
        "activity_id": activity_id, "version": version_of(), "captions": pair_of("captions"),
        "transcript": pair_of("transcript"), "no_speech": request.form.get("no_speech") == "1",
    }  # fmt: skip
    try:
        call("courses", "set_activity_video", payload)
    except (Invalid, Conflict) as error:
        return editor_page(activity_id, Form("words", error))
    flash("success", "courses.activity.saved")
    return redirect(f"/studio/activities/{activity_id}", 303)


@pages.post("/studio/activities/<activity_id>/link")
@signed_in
def save_link(activity_id: str) -> Any:
    """Where the activity leads."""
    payload = {
        "activity_id": activity_id,
        "version": version_of(),
        "target_id": request.form.get("target_id", ""),
    }
    try:
        call("courses", "set_activity_link", payload)
    except (Invalid, Conflict) as error:
        return editor_page(activity_id, Form("link", error))
    flash("success", "courses.activity.saved")
    return redirect(f"/studio/activities/{activity_id}", 303)


@pages.get("/courses/activities/<activity_id>/captions/<language>.vtt")
def captions(activity_id: str, language: str) -> Any:
    """The captions of a video, for the browser's player."""
    found = call("courses", "get_captions", {"activity_id": activity_id, "language": language})
    return Response(
        found["text"],
        content_type="text/vtt; charset=utf-8",
        headers={"Cache-Control": "private, max-age=60"},
    )


# The admins' page


@pages.get("/system/blocks")
@signed_in
def block_types() -> Any:
    """Every installed block type of other makers, and what was decided on it."""
    return _block_types(Form())


def _block_types(form: Form) -> Any:
    if not current().actor.has(ADMIN):
        raise NotFound
    found = call("courses", "list_block_types", {"limit": 200})
    return render("courses/block_types.html", form.status, items=found["items"], form=form)


@pages.post("/system/blocks/<block_type>")
@signed_in
def decide(block_type: str) -> Any:
    """Allowed, or no longer; or other settings."""
    allowed = request.form.get("allowed") == "1"
    try:
        payload = {"block_type": block_type, "allowed": allowed, "settings": _settings()}
        call("courses", "set_block_type", payload, timeout=INSTALL_SECONDS)
    except (Invalid, Conflict) as error:
        return _block_types(Form(block_type, error, {"settings": f"settings-{block_type}"}))
    flash("success", "courses.blocks.allowed_now" if allowed else "courses.blocks.off_now", name=block_type)
    return redirect("/system/blocks", 303)


def _settings() -> View | None:
    """The JSON object that was typed, if the form had one. Raises Invalid."""
    text = request.form.get("settings", "").strip()
    if not text:
        return None if "settings" not in request.form else {}
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Invalid(fields=[FieldProblem("settings", "bad-json")])
    return found
