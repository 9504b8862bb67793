"""System > H5P libraries: what is installed and what needs it; and what an author shows under a content."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from flask import Blueprint, current_app, redirect, request

from gateway.context import INSTALL_SECONDS, call, current
from gateway.problems import field_message
from gateway.uploads import uploaded_file
from gateway.web.course_parts import words
from gateway.web.pages import flash, render, signed_in
from gateway.web.studio_activities import editor_page
from gateway.web.studio_forms import Form, version_of
from shared.actor import ADMIN
from shared.errors import CercleError, Conflict, FieldProblem, Invalid, NotFound
from shared.storage import make_storage

pages = Blueprint("pages_h5p_library", __name__)
View = dict[str, Any]
OPTIONS = ("frame", "download", "embed", "copyright", "about")
RULES = ("author-on", "author-off", "always", "never", "permission")


@pages.get("/system/h5p")
@signed_in
def libraries() -> Any:
    """Every library, by name."""
    return _list(Form())


def _list(form: Form, changes: list[View] | None = None) -> Any:
    if not current().actor.has(ADMIN):
        raise NotFound
    groups = _groups(_all())
    return render(
        "h5p_library/list.html", form.status, form=form, changes=changes, reasons=_reasons(form),
        types=[group for group in groups if group["runnable"]],
        parts=[group for group in groups if not group["runnable"]],
        policy=call("courses", "get_h5p_policy", {}), options=OPTIONS, rules=RULES,
    )  # fmt: skip


def _all() -> list[View]:
    found: list[View] = []
    cursor = None
    while True:
        page = call("courses", "list_h5p_libraries", {"cursor": cursor, "limit": 100})
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def _groups(items: list[View]) -> list[View]:
    """Versions of one library together, the newest first."""
    ordered = sorted(items, key=lambda one: (one["machine_name"], _numbers(one["version"])))
    groups = []
    for name, some in groupby(ordered, key=lambda one: one["machine_name"]):
        versions = list(some)[::-1]
        groups.append({
            "name": name, "title": versions[0]["title"], "versions": versions,
            "runnable": any(one["runnable"] for one in versions),
        })  # fmt: skip
    return sorted(groups, key=lambda group: group["title"].casefold())


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def _reasons(form: Form) -> list[str]:
    """Every reason why a package was refused."""
    if form.error is None or form.error.code != "h5p-refused":
        return []
    return [field_message(problem, current().language) for problem in form.error.fields]


@pages.post("/system/h5p/install")
@signed_in
def install() -> Any:
    """Check a package and install its libraries; the page then says what has changed."""
    try:
        found = call("courses", "install_h5p_libraries", {"upload_id": _upload()}, timeout=INSTALL_SECONDS)
    except (Invalid, Conflict) as error:
        return _list(Form("install", error, {"upload_id": "file"}))
    return _list(Form(), found["items"])


def _upload() -> str:
    """Register the file that came with the form. A file that nobody may use is deleted."""
    note = uploaded_file(request.form, current_app.secret_key)  # type: ignore[arg-type]
    if note is None:
        raise Invalid(fields=[FieldProblem("file", "missing")])
    try:
        if not current().actor.has(ADMIN):
            raise NotFound
        return str(call("courses", "register_upload", note)["upload_id"])
    except CercleError:
        make_storage(current_app.extensions["cercle"]).delete(note["storage_key"])
        raise


@pages.post("/system/h5p/policy")
@signed_in
def policy() -> Any:
    """Who installs, and what stands under contents."""
    display = {name: request.form.get(f"display-{name}", "") for name in OPTIONS}
    payload = {"trainers_may_install": request.form.get("trainers_may_install") == "1", "display": display}
    try:
        call("courses", "set_h5p_policy", payload)
    except Invalid as error:
        return _list(Form("policy", error, {f"display.{name}": f"display-{name}" for name in OPTIONS}))
    flash("success", "courses.libraries.policy.saved")
    return redirect("/system/h5p", 303)


@pages.get("/system/h5p/<library>")
@signed_in
def one(library: str) -> Any:
    """One library: its origin, what it needs and what needs it."""
    return _one(library, Form())


def _one(library: str, form: Form) -> Any:
    if not current().actor.has(ADMIN):
        raise NotFound
    found = call("courses", "get_h5p_library", {"library": library})
    return render("h5p_library/library.html", form.status, library=found, form=form, **words())


@pages.post("/system/h5p/<library>/restrict")
@signed_in
def restrict(library: str) -> Any:
    """For admins only, or for everyone."""
    restricted = request.form.get("restricted") == "1"
    call("courses", "set_h5p_library", {"library": library, "restricted": restricted})
    flash("success", f"courses.libraries.{'restrict' if restricted else 'open'}.now", library=library)
    return redirect(f"/system/h5p/{library}", 303)


@pages.post("/system/h5p/<library>/delete")
@signed_in
def delete(library: str) -> Any:
    """Gone, once its name was typed and nothing needs it."""
    try:
        if request.form.get("name", "").strip() != library:
            raise Invalid(fields=[FieldProblem("name", "wrong-library-name")])
        call("courses", "delete_h5p_library", {"library": library})
    except (Invalid, Conflict) as error:
        return _one(library, Form("delete", error))
    flash("success", "courses.libraries.deleted", library=library)
    return redirect("/system/h5p", 303)


@pages.post("/studio/activities/<activity_id>/display")
@signed_in
def display(activity_id: str) -> Any:
    """What the author shows under the content."""
    shown = request.form.getlist("shown")
    hidden = [name for name in OPTIONS if name not in shown]
    try:
        call(
            "courses",
            "set_h5p_display",
            {"activity_id": activity_id, "version": version_of(), "hidden": hidden},
        )
    except (Invalid, Conflict) as error:
        return editor_page(activity_id, Form("display", error))
    flash("success", "courses.display.saved")
    return redirect(f"/studio/activities/{activity_id}", 303)
