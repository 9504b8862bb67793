"""The editor of one activity: a text, a file, or an H5P package."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, current_app, make_response, redirect, request
from werkzeug.wrappers import Response

from gateway.context import INSTALL_SECONDS, call, current, if_match
from gateway.problems import field_message
from gateway.uploads import uploaded_file
from gateway.web.block_parts import edit_parts
from gateway.web.course_parts import activities_of, frame_of, words
from gateway.web.pages import flash, is_fragment, markdown, render, signed_in
from gateway.web.quiz_parts import edited_quiz
from gateway.web.studio_forms import Form, pair_of, version_of
from gateway.web.studio_seen import open_preview, preview_language
from shared import i18n
from shared.errors import CercleError, Conflict, FieldProblem, Forbidden, Invalid
from shared.storage import make_storage

pages = Blueprint("pages_studio_activities", __name__)
View = dict[str, Any]
ACCEPT = ".png,.jpg,.jpeg,.gif,.webp,.pdf,.docx,.pptx,.xlsx,.odt,.mp3,.mp4,.txt,.csv"


@pages.get("/studio/activities/<activity_id>")
@signed_in
def editor(activity_id: str) -> Any:
    """What the activity holds, and the form that changes it."""
    return editor_page(activity_id, Form())


def editor_page(activity_id: str, form: Form, **more: Any) -> Any:
    """The editor of any kind, or a form that came back."""
    activity = call("courses", "get_activity", {"activity_id": activity_id})
    course = call("courses", "get_course", {"course_id": activity["course_id"]})
    steps = [step["id"] for step in activities_of(course["modules"])]
    at = steps.index(activity_id)
    played = activity["h5p"] or activity["scorm"]
    view = open_preview(course["id"], activity_id) if played else None
    context = {
        "activity": activity, "course": course, "form": form, "reasons": _reasons(form.error), "shown": None,
        "accept": ACCEPT, "limit": current_app.extensions["cercle"].max_upload, "upload": None,
        "frame": frame_of(view, f"/courses/activities/{activity_id}") if view else None,
        "trying": preview_language(), "use_for": _use_for(activity),
        "previous_id": steps[at - 1] if at else None,
        "next_id": steps[at + 1] if at + 1 < len(steps) else None,
    }  # fmt: skip
    return render(
        "studio/activity.html",
        form.status,
        **(context | edit_parts(activity) | edited_quiz(activity) | more),
        **words(),
    )


def _use_for(activity: View) -> str:
    """Whose content a package most likely is to be: of the language that has none yet. With both there, one says so."""
    own = activity["h5p"]["by_language"] if activity["h5p"] else {}
    free = [language for language in i18n.LANGUAGES if own and language not in own]
    asked = request.args.get("for", "")
    return asked if asked in i18n.LANGUAGES else (free or ["" if own else "both"])[0]


def _reasons(error: CercleError | None) -> list[View]:
    """Why a package was refused, grouped by the entry of the package."""
    if error is None or error.code not in ("h5p-refused", "scorm-refused"):
        return []
    grouped: dict[str, list[str]] = {}
    for problem in error.fields:
        text = field_message(problem, current().language)
        grouped.setdefault(problem.path, []).append(_without_path(text, problem.path))
    return [{"path": None if path == "package" else path, "texts": texts} for path, texts in grouped.items()]


def _without_path(text: str, path: str) -> str:
    """The sentence alone: the page shows the entry above its sentences."""
    for prefix in (f"“{path}”: ", f"«\u00a0{path}\u00a0»\u00a0: "):
        text = text.removeprefix(prefix)
    return text


# Text


@pages.post("/studio/activities/<activity_id>/text")
@signed_in
def save_text(activity_id: str) -> Any:
    """Save both halves; by itself while one writes, or with the button."""
    if request.form.get("do") == "preview":
        return preview_text(activity_id)
    autosave = request.headers.get("X-Autosave") == "1"
    version = (if_match() if autosave else None) or version_of()
    payload = {"activity_id": activity_id, "version": version, "body": pair_of("body")}
    try:
        saved = call("courses", "set_activity_text", payload)
    except (Invalid, Conflict) as error:
        if autosave:
            raise
        return editor_page(activity_id, Form("text", error))
    if autosave:
        return _saved(saved["version"])
    flash("success", "courses.activity.saved")
    return redirect(f"/studio/activities/{activity_id}", 303)


def _saved(version: int) -> Response:
    at = i18n.clock_time(current().language, datetime.now(UTC), current().time_zone)
    response = make_response({"saved_at_text": at})
    response.headers["ETag"] = f'"{version}"'
    return response


@pages.post("/studio/activities/<activity_id>/text/preview")
@signed_in
def preview_text(activity_id: str) -> Any:
    """How the text reads, without saving it: a fragment, or the whole page where there are no scripts."""
    shown = {language: markdown(text) for language, text in pair_of("body").items()}
    if is_fragment():
        return render("studio/_text_preview.html", shown=shown)
    return editor_page(activity_id, Form("text"), shown=shown, typed=pair_of("body"))


# Completion


@pages.post("/studio/activities/<activity_id>/completion")
@signed_in
def completion(activity_id: str) -> Any:
    """When an activity counts as done."""
    word, given = request.form.get("completion", ""), request.form
    payload = {
        "activity_id": activity_id, "version": version_of(), "completion": word,
        "min_score": _share(given.get("min_score", "")) if word == "score" else None,
        "seconds": given.get("seconds", type=int) if word == "dwell" else None,
    }  # fmt: skip
    try:
        call("courses", "set_completion", payload)
    except (Invalid, Conflict) as error:
        return editor_page(activity_id, Form("completion", error))
    flash("success", "courses.activity.saved")
    return redirect(f"/studio/activities/{activity_id}", 303)


def _share(percent: str) -> float | str:
    """A score typed as a percentage; what is no number goes on as it is, to be refused with its field."""
    return int(percent) / 100 if percent.isascii() and percent.isdigit() else percent


# Files and packages. The file has gone to storage already; the form carries a note of it.


@dataclass(frozen=True)
class Upload:
    """An upload that waits for its activity."""

    id: str
    filename: str


@pages.post("/studio/activities/<activity_id>/file")
@signed_in
def save_file(activity_id: str) -> Any:
    """The uploaded file is the content. Where only the description is missing, the file need not be sent again."""
    upload, alt = None, pair_of("alt")
    try:
        upload = new_upload(activity_id) or earlier_upload()
        payload = {"activity_id": activity_id, "upload_id": upload.id, "alt": alt, "version": version_of()}
        call("courses", "set_activity_file", payload, timeout=INSTALL_SECONDS)
    except (Invalid, Conflict) as error:
        form = Form("file", error, {"upload_id": "file"})
        kept = upload if error.status == 412 or _only_description(error) else None
        return editor_page(activity_id, form, upload=kept)
    return placed(activity_id, "courses.activity.file.placed")


def _only_description(error: CercleError) -> bool:
    return bool(error.fields) and all(problem.code == "alt-missing" for problem in error.fields)


@pages.post("/studio/activities/<activity_id>/h5p")
@signed_in
def save_h5p(activity_id: str) -> Any:
    """The uploaded package is checked and becomes the content; a refused one leaves nothing behind."""
    upload = None
    try:
        upload = new_upload(activity_id) or earlier_upload()
        payload = {"activity_id": activity_id, "upload_id": upload.id, "version": version_of()}
        call("courses", "set_activity_h5p", payload, timeout=INSTALL_SECONDS, language=reader_language())
    except (Invalid, Conflict) as error:
        form = Form("h5p", error, {"upload_id": "file"})
        return editor_page(activity_id, form, upload=upload if error.status == 412 else None,
                       refused_name=upload.filename if upload else "")  # fmt: skip
    return placed(activity_id, "courses.activity.h5p.placed")


def reader_language() -> str | None:
    """For whose readers a content is: the form's choice, None for everybody."""
    chosen = request.form.get("for", "")
    return chosen if chosen in i18n.LANGUAGES else None


@pages.post("/studio/activities/<activity_id>/h5p/copy")
@signed_in
def share_h5p(activity_id: str) -> Any:
    """The content of one language serves both, or a language that has none."""
    payload = {
        "activity_id": activity_id,
        "version": version_of(),
        "content_id": request.form.get("content_id", ""),
    }
    try:
        call("courses", "copy_h5p_content", payload, timeout=INSTALL_SECONDS, language=reader_language())
    except (Invalid, Conflict) as error:
        return editor_page(activity_id, Form("h5p", error))
    return placed(activity_id, "courses.h5p_editor.placed")


def placed(activity_id: str, message: str) -> Any:
    """On to the page; a script that sent the file is told where, so that the message is shown once."""
    flash("success", message)
    place = f"/studio/activities/{activity_id}"
    if request.headers.get("X-Upload") == "1":
        return {"location": place}
    return redirect(place, 303)


def new_upload(activity_id: str) -> Upload | None:
    """Register the file that came with the form; None when none came. A file that nobody may use is deleted."""
    note = uploaded_file(request.form, current_app.secret_key)  # type: ignore[arg-type]
    if note is None:
        return None
    try:
        if not call("courses", "get_activity", {"activity_id": activity_id})["can_edit"]:
            raise Forbidden
        made = call("courses", "register_upload", note)
    except CercleError:
        make_storage(current_app.extensions["cercle"]).delete(note["storage_key"])
        raise
    return Upload(made["upload_id"], made["filename"])


def earlier_upload() -> Upload:
    """The upload of the form that came back, if there is one. Raises Invalid."""
    if not request.form.get("upload_id"):
        raise Invalid(fields=[FieldProblem("upload_id", "missing")])
    return Upload(request.form["upload_id"], request.form.get("upload_name", ""))
