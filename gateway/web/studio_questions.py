"""The question bank: find, write, version, share and retire questions."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, current_app, redirect, request

from gateway.context import call, current
from gateway.uploads import uploaded_file
from gateway.web import question_forms as forms
from gateway.web.course_parts import people, words
from gateway.web.pages import flash, render, signed_in
from gateway.web.question_forms import QuestionForm
from gateway.web.quiz import picture
from gateway.web.quiz_parts import KINDS
from gateway.web.studio import staff_only
from gateway.web.studio_forms import version_of
from gateway.web.studio_quiz import pictured, question_words
from shared.actor import ADMIN, TRAINER
from shared.errors import CercleError, Conflict, FieldProblem, Forbidden, Invalid, NotFound
from shared.storage import make_storage

pages = Blueprint("pages_studio_questions", __name__)
View = dict[str, Any]
SHOWN = 25


@pages.get("/studio/questions")
@signed_in
def bank() -> Any:
    """Mine and the network's, with filters in the address."""
    staff_only()
    filters = {name: request.args.get(name, "").strip() for name in ("q", "tag", "kind", "missing", "show")}
    payload: View = {
        "limit": SHOWN,
        "mine": filters["show"] == "mine",
        "retired": filters["show"] == "retired",
    }
    kind = filters["kind"] if filters["kind"] in KINDS else ""
    missing = filters["missing"] if filters["missing"] in ("fr", "en") else ""
    found = call(
        "courses", "list_questions", payload, q=filters["q"] or None, tag=filters["tag"] or None, kind=kind or None,
        missing=missing or None, cursor=request.args.get("cursor"),
    )  # fmt: skip
    kept = {name: value for name, value in filters.items() if value}
    cursor = found["next_cursor"]
    return render(
        "quiz/bank.html", questions=found["items"], filters=filters, tags=call("courses", "list_question_tags")["items"],
        names=people(one["owner_id"] for one in found["items"]), address=_address,
        more=_address(kept | {"cursor": cursor}) if cursor else None, **question_words(),
    )  # fmt: skip


def _address(filters: View) -> str:
    kept = {name: value for name, value in filters.items() if value}
    return f"/studio/questions?{urlencode(kept)}" if kept else "/studio/questions"


@pages.get("/studio/questions/new")
@signed_in
def new() -> Any:
    """The kinds to choose from, or an empty question of one."""
    _authors_only()
    kind = request.args.get("kind", "")
    if kind not in KINDS:
        return render("quiz/kinds.html", place="/studio/questions/new", kinds=KINDS, **words())
    return _page(QuestionForm(kind, forms.blank(kind)), None, [], shared=False)


def _authors_only() -> None:
    if not current().actor.has(TRAINER, ADMIN):
        raise NotFound


@pages.get("/studio/questions/<question_id>")
@signed_in
def question(question_id: str) -> Any:
    """One question, in its newest version or another."""
    found = _found(question_id, request.args.get("version", type=int))
    typed = forms.with_blanks(found["question"])
    return _page(QuestionForm(typed["kind"], typed), found, found["tags"], shared=found["shared"])


def _found(question_id: str, version: int | None = None) -> View:
    found: View = call("courses", "get_question", {"question_id": question_id}, version=version)
    return found


@pages.post("/studio/questions/<question_id>")
@signed_in
def save(question_id: str) -> Any:
    """Save it; other words make the next version."""
    _authors_only()
    found = None if question_id == "new" else _found(question_id)
    kind = found["kind"] if found else request.form.get("kind", "")
    if kind not in KINDS:
        raise NotFound
    form = forms.read(kind, found["question"]["image"] if found else None)
    tags = [tag.strip() for tag in request.form.get("tags", "").split(",") if tag.strip()]
    shared = bool(request.form.get("shared"))
    if forms.change_rows(form, request.form.get("do", "")):
        return _page(form, found, tags, shared=shared)
    payload: View = {"question": form.sent, "tags": tags, "shared": shared}
    try:
        if found:
            call(
                "courses", "update_question", payload | {"question_id": question_id, "version": version_of()}
            )
        else:
            question_id = call("courses", "add_question", payload)["id"]
    except (Invalid, Conflict) as error:
        form.error = error
        return _page(form, found, tags, shared=shared)
    flash("success", "courses.bank.saved")
    return redirect(f"/studio/questions/{question_id}", 303)


def _page(form: QuestionForm, found: View | None, tags: list[str], *, shared: bool) -> Any:
    return render(
        "quiz/question.html", form.status, form=form, question=form.typed, bank=found, tags=", ".join(tags),
        shared=shared, place=f"/studio/questions/{found['id'] if found else 'new'}", quiz=None,
        back="/studio/questions", back_text=None, is_new=found is None,
        version=(version_of() or found["version"]) if found else 0,
        can_edit=found is None or (found["can_edit"] and found["shown_version"] == found["version"]), **question_words(),
    )  # fmt: skip


@pages.post("/studio/questions/<question_id>/retire")
@signed_in
def retire(question_id: str) -> Any:
    """Out of use, or back."""
    retired = request.form.get("retired") == "1"
    call("courses", "retire_question", {"question_id": question_id, "retired": retired})
    flash("success", "courses.bank.retired" if retired else "courses.bank.returned")
    return redirect(f"/studio/questions/{question_id}", 303)


@pages.post("/studio/questions/<question_id>/image")
@signed_in
def save_image(question_id: str) -> Any:
    """A picture for the question: a new version."""
    found = _found(question_id)
    try:
        changed = found["question"] | {"image": pictured(_upload(found))}
        payload = {"question": changed, "tags": found["tags"], "shared": found["shared"]}
        call("courses", "update_question", payload | {"question_id": question_id, "version": version_of()})
    except (Invalid, Conflict) as error:
        error.fields = tuple(
            FieldProblem("file" if p.path == "upload_id" else p.path, p.code, p.params) for p in error.fields
        )
        form = QuestionForm(found["kind"], forms.with_blanks(found["question"]), error=error)
        return _page(form, found, found["tags"], shared=found["shared"])
    flash("success", "courses.bank.saved")
    return redirect(f"/studio/questions/{question_id}#image", 303)


def _upload(found: View) -> str | None:
    """Register the picture that came with the form. One that nobody may use is deleted."""
    note = uploaded_file(request.form, current_app.secret_key)  # type: ignore[arg-type]
    if note is None:
        return None
    try:
        if not found["can_edit"]:
            raise Forbidden
        return str(call("courses", "register_upload", note)["upload_id"])
    except CercleError:
        make_storage(current_app.extensions["cercle"]).delete(note["storage_key"])
        raise


@pages.get("/studio/questions/images/<image_id>")
@signed_in
def image(image_id: str) -> Any:
    """A picture, for who writes courses."""
    staff_only()
    return picture({"image_id": image_id})
