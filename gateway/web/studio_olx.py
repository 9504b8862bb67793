"""Courses in and out as OLX: the form of an import with what it left out; an export is a download of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

from anyio import to_thread
from flask import Blueprint, current_app, request
from starlette.requests import Request
from starlette.responses import Response

from gateway.content.files import stored_file
from gateway.context import CURRENT, INSTALL_SECONDS, call, current
from gateway.middleware import account_of
from gateway.uploads import uploaded_file
from gateway.web.course_parts import file_size, words
from gateway.web.pages import flash, render, signed_in
from gateway.web.studio import staff_only
from gateway.web.studio_forms import Form
from shared import i18n
from shared.actor import ADMIN, TRAINER
from shared.errors import Conflict, FieldProblem, Invalid, NotFound
from shared.storage import Storage

pages = Blueprint("pages_studio_olx", __name__)
View = dict[str, Any]


@pages.get("/studio/import")
@signed_in
def choose() -> Any:
    """The form."""
    return _page(Form())


def _page(form: Form, **more: Any) -> Any:
    staff_only()
    if not current().actor.has(TRAINER, ADMIN):
        raise NotFound
    limit = current_app.extensions["cercle"].max_upload
    context = {"form": form, "limit": file_size(limit), "bytes": limit, "made": None, "notes": []} | more
    return render("studio/import.html", form.status, **context, **words())


@pages.post("/studio/import")
@signed_in
def take() -> Any:
    """A draft of the archive that came with the form, and what of it was left out."""
    try:
        note = uploaded_file(request.form, current_app.secret_key)  # type: ignore[arg-type]
        if note is None:
            raise Invalid(fields=[FieldProblem("upload_id", "missing")])
        upload = call("courses", "register_upload", note)
        payload = {"upload_id": upload["upload_id"], "language": request.form.get("language") or None}
        made = call("courses", "import_olx", payload, timeout=INSTALL_SECONDS)
    except (Invalid, Conflict) as error:
        return _page(Form("import", error, {"upload_id": "file"}))
    if not made["notes"]:
        flash("success", "courses.olx.done")
    return _page(Form(), made=made, notes=list(_said(made["notes"])))


def _said(notes: Iterable[View]) -> Iterable[str]:
    language = current().language
    for note in notes:
        yield i18n.text(language, f"courses.olx.note.{note['code']}", **note["params"])


def archive_endpoint(storage: Storage) -> Callable[[Request], Any]:
    """GET /olx/{course_id}: the draft of a course as an archive, for who may edit it."""

    async def serve(request: Request) -> Response:
        context = CURRENT.get()
        account_of(context)
        payload = {"course_id": request.path_params["course_id"]}
        ask = context.bus.call
        found = await to_thread.run_sync(
            lambda: ask("courses", "export_olx", payload, actor=context.actor, timeout=INSTALL_SECONDS)
        )
        response = await to_thread.run_sync(
            stored_file, request, storage, found["storage_key"], "private, no-store"
        )
        response.headers["content-type"] = "application/gzip"
        response.headers["content-disposition"] = f"attachment; filename*=UTF-8''{quote(found['filename'])}"
        return response

    return serve
