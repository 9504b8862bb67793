"""Writing a quiz: its questions and rules, questions of the bank, and how learners did."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request

from gateway.context import call, current
from gateway.web import question_forms as forms
from gateway.web.course_parts import people, words
from gateway.web.pages import flash, render, signed_in
from gateway.web.question_forms import QuestionForm
from gateway.web.quiz_parts import KINDS, SCALES, scale_labels
from gateway.web.studio_activities import editor_page, new_upload
from gateway.web.studio_forms import Form, pair_of, version_of
from shared.errors import CercleError, Conflict, FieldProblem, Invalid, NotFound

pages = Blueprint("pages_studio_quiz", __name__)
View = dict[str, Any]


def _draft(activity_id: str) -> View:
    found: View = call("courses", "get_quiz_draft", {"activity_id": activity_id})
    return found


def _place(activity_id: str, anchor: str = "") -> str:
    return f"/studio/activities/{activity_id}{anchor}"


def _wanted(entry: View) -> View:
    """An entry as it is sent back."""
    names = {"own": ("question",), "bank": ("question_id", "version"), "draw": ("tag", "count")}[
        entry["kind"]
    ]
    return {name: entry[name] for name in ("id", "kind", *names) if name in entry}


def _save(draft: View, entries: list[View], rules: View | None = None) -> None:
    """Replace the quiz, at the version that the form was opened with. Raises Invalid, Conflict."""
    payload = {
        "activity_id": draft["activity_id"], "version": version_of() or draft["version"],
        "entries": [_wanted(entry) for entry in entries], "rules": rules or draft["rules"],
    }  # fmt: skip
    call("courses", "set_quiz", payload)


# --- the list


@pages.post("/studio/activities/<activity_id>/quiz/entries")
@signed_in
def entries(activity_id: str) -> Any:
    """Move, duplicate or delete an entry, take its newest version; or the order after a drag."""
    draft = _draft(activity_id)
    action, _, entry_id = request.form.get("do", "").partition(":")
    changed = _changed(draft["entries"], action, entry_id)
    try:
        _save(draft, changed)
    except (Invalid, Conflict) as error:
        return editor_page(activity_id, Form("entries", error))
    return redirect(
        _place(activity_id, f"#entry-{entry_id}" if action in ("up", "down") else "#questions"), 303
    )


def _changed(entries: list[View], action: str, entry_id: str) -> list[View]:
    if action == "":
        return _reordered(entries, request.form.get("order", ""))
    at = next((at for at, entry in enumerate(entries) if entry["id"] == entry_id), None)
    if at is None:
        raise NotFound
    before, one, after = entries[:at], entries[at], entries[at + 1 :]
    found = {
        "up": [*before[:-1], one, *before[-1:], *after],
        "down": [*before, *after[:1], one, *after[1:]],
        "copy": [*before, one, _copy(one), *after],
        "newest": [*before, one | {"version": one["newest"] or one["version"]}, *after],
        "delete": [*before, *after],
    }
    return found.get(action, entries)


def _reordered(entries: list[View], order: str) -> list[View]:
    places = {key: at for at, key in enumerate(order.split(","))}
    return sorted(entries, key=lambda entry: places.get(entry["id"], len(places)))


def _copy(entry: View) -> View:
    """A question of the bank is copied as an own one: the same question twice would tell nothing."""
    if entry["kind"] == "draw":
        return {"kind": "draw", "tag": entry["tag"], "count": entry["count"]}
    return {"kind": "own", "question": entry["question"]}


@pages.post("/studio/activities/<activity_id>/quiz/rules")
@signed_in
def rules(activity_id: str) -> Any:
    """How the quiz is taken."""
    form, draft = request.form, _draft(activity_id)
    wanted = {
        "shuffle_questions": bool(form.get("shuffle_questions")), "shuffle_options": bool(form.get("shuffle_options")),
        "attempts": _whole("attempts"), "time_limit": _whole("time_limit"),
        "pass_mark": _share(form.get("pass_mark", "")), "show_answers": form.get("show_answers", ""),
        "counts": form.get("counts", ""), "paging": form.get("paging", ""),
    }  # fmt: skip
    try:
        _save(draft, draft["entries"], wanted)
    except (Invalid, Conflict) as error:
        inner = [FieldProblem(p.path.removeprefix("rules."), p.code, p.params) for p in error.fields]
        error.fields = tuple(inner)
        return editor_page(activity_id, Form("rules", error))
    flash("success", "courses.activity.saved")
    return redirect(_place(activity_id, "#rules"), 303)


def _whole(name: str) -> Any:
    text = request.form.get(name, "").strip()
    return int(text) if text.isdecimal() and len(text) < 6 else text or 0


def _share(text: str) -> Any:
    plain = text.strip().removesuffix("%").strip().replace(",", ".")
    try:
        return round(float(plain) / 100, 6) if plain else 0
    except ValueError:
        return text


@pages.post("/studio/activities/<activity_id>/quiz/draw")
@signed_in
def draw(activity_id: str) -> Any:
    """Some questions at random from those of a tag."""
    draft = _draft(activity_id)
    entry = {"kind": "draw", "tag": request.form.get("tag", ""), "count": _whole("count")}
    try:
        _save(draft, [*draft["entries"], entry])
    except (Invalid, Conflict) as error:
        error.fields = tuple(FieldProblem(p.path.rpartition(".")[2], p.code, p.params) for p in error.fields)
        return editor_page(activity_id, Form("draw", error))
    return redirect(_place(activity_id, "#questions"), 303)


# --- from the bank


@pages.get("/studio/activities/<activity_id>/bank")
@signed_in
def bank(activity_id: str) -> Any:
    """Questions of the bank to choose from."""
    draft = _draft(activity_id)
    q, tag = request.args.get("q", "").strip(), request.args.get("tag", "")
    found = call(
        "courses",
        "list_questions",
        {"limit": 50},
        q=q or None,
        tag=tag or None,
        cursor=request.args.get("cursor"),
    )
    return render(
        "quiz/bank_pick.html", quiz=draft, questions=found["items"], next_cursor=found["next_cursor"], q=q, tag=tag,
        tags=call("courses", "list_question_tags")["items"],
        taken={entry["question_id"] for entry in draft["entries"] if entry["kind"] == "bank"}, **words(),
    )  # fmt: skip


@pages.post("/studio/activities/<activity_id>/bank")
@signed_in
def pick(activity_id: str) -> Any:
    """The chosen ones, at the end; the latest version of each."""
    draft = _draft(activity_id)
    chosen = [value.partition(":") for value in request.form.getlist("question")]
    added: list[View] = [
        {"id": None, "kind": "bank", "question_id": question_id, "version": int(version)}
        for question_id, _, version in chosen
        if version.isdecimal()
    ]
    try:
        _save(draft, [*draft["entries"], *added])
    except (Invalid, Conflict) as error:
        return editor_page(activity_id, Form("entries", error))
    return redirect(_place(activity_id, "#questions"), 303)


@pages.post("/studio/activities/<activity_id>/questions/<entry_id>/bank")
@signed_in
def to_bank(activity_id: str, entry_id: str) -> Any:
    """An own question goes to the bank; the quiz names it from there."""
    draft, entry = _entry(activity_id, entry_id)
    payload = {"question": entry["question"], "tags": [], "shared": False}
    made = call("courses", "add_question", payload)
    named = {"id": None, "kind": "bank", "question_id": made["id"], "version": made["version"]}
    try:
        _save(draft, [named if one["id"] == entry_id else one for one in draft["entries"]])
    except (Invalid, Conflict) as error:
        return editor_page(activity_id, Form("entries", error))
    flash("success", "courses.bank.added")
    return redirect(f"/studio/questions/{made['id']}", 303)


# --- one own question


def _entry(activity_id: str, entry_id: str) -> tuple[View, View]:
    draft = _draft(activity_id)
    found = next((one for one in draft["entries"] if one["id"] == entry_id and one["kind"] == "own"), None)
    if found is None:
        raise NotFound
    return draft, found


@pages.get("/studio/activities/<activity_id>/questions/new")
@signed_in
def new_question(activity_id: str) -> Any:
    """An empty question of a kind."""
    kind = request.args.get("kind", "")
    if kind not in KINDS:
        raise NotFound
    return _question_page(_draft(activity_id), QuestionForm(kind, forms.blank(kind)), "new")


@pages.get("/studio/activities/<activity_id>/questions/<entry_id>")
@signed_in
def question(activity_id: str, entry_id: str) -> Any:
    """One question of this quiz."""
    draft, entry = _entry(activity_id, entry_id)
    typed = forms.with_blanks(entry["question"])
    return _question_page(draft, QuestionForm(typed["kind"], typed), entry_id)


@pages.post("/studio/activities/<activity_id>/questions/<entry_id>")
@signed_in
def save_question(activity_id: str, entry_id: str) -> Any:
    """Save it; or another row, with what was typed."""
    draft, entry = (_draft(activity_id), None) if entry_id == "new" else _entry(activity_id, entry_id)
    kind = entry["question"]["kind"] if entry else request.form.get("kind", "")
    if kind not in KINDS:
        raise NotFound
    form = forms.read(kind, entry["question"]["image"] if entry else None)
    if forms.change_rows(form, request.form.get("do", "")):
        return _question_page(draft, form, entry_id)
    fresh: View = (
        {"id": entry_id, "kind": "own", "question": form.sent}
        if entry
        else {"kind": "own", "question": form.sent}
    )
    kept = [fresh if one["id"] == entry_id else one for one in draft["entries"]]
    try:
        _save(draft, kept if entry else [*kept, fresh])
    except (Invalid, Conflict) as error:
        form.error = error
        return _question_page(draft, form, entry_id)
    flash("success", "courses.activity.saved")
    return redirect(_place(activity_id, f"#entry-{entry_id}" if entry else "#questions"), 303)


def _question_page(draft: View, form: QuestionForm, entry_id: str) -> Any:
    place = f"/studio/activities/{draft['activity_id']}/questions/{entry_id}"
    return render(
        "quiz/question.html", form.status, quiz=draft, form=form, question=form.typed, place=place, bank=None,
        back=_place(draft["activity_id"], "#questions"), back_text=words()["say"](draft["title"]),
        version=version_of() or draft["version"], can_edit=draft["can_edit"], is_new=entry_id == "new", **question_words(),
    )  # fmt: skip


def question_words() -> View:
    """What the form of a question says beyond the usual."""
    language = current().language
    return {
        "labels": lambda scale: scale_labels(language, scale),
        "scales": SCALES,
        "kinds": KINDS,
        "shown_number": _shown,
        **words(),
    }


def _shown(value: Any) -> str:
    """A number as its field shows it, in the reader's language; anything else as typed."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return "" if value is None else str(value)
    text = f"{round(value, 9):.10g}"
    return text.replace(".", ",") if current().language == "fr" else text


@pages.post("/studio/activities/<activity_id>/questions/<entry_id>/image")
@signed_in
def save_image(activity_id: str, entry_id: str) -> Any:
    """A picture for the question."""
    draft, entry = _entry(activity_id, entry_id)
    try:
        upload = new_upload(activity_id)
        changed = entry["question"] | {"image": pictured(upload.id if upload else None)}
        _save(
            draft, [one | {"question": changed} if one["id"] == entry_id else one for one in draft["entries"]]
        )
    except (Invalid, Conflict) as error:
        form = QuestionForm(
            entry["question"]["kind"], forms.with_blanks(entry["question"]), error=_named(error)
        )
        return _question_page(draft, form, entry_id)
    flash("success", "courses.activity.saved")
    return redirect(f"/studio/activities/{activity_id}/questions/{entry_id}#image", 303)


def pictured(upload_id: str | None) -> View:
    """The uploaded picture with its description. Raises Invalid."""
    alt = pair_of("alt")
    found = [FieldProblem("upload_id", "missing")] if upload_id is None else []
    found += [] if any(alt.values()) else [FieldProblem("alt", "alt-missing")]
    if found:
        raise Invalid(fields=found)
    image = call("courses", "add_question_image", {"upload_id": upload_id})
    return {"id": image["id"], "alt": alt}


def _named(error: CercleError) -> CercleError:
    """The upload's problem belongs to the field of the file."""
    error.fields = tuple(
        FieldProblem("file" if problem.path == "upload_id" else problem.path, problem.code, problem.params)
        for problem in error.fields
    )
    return error


# --- how learners did


@pages.get("/studio/activities/<activity_id>/results")
@signed_in
def results(activity_id: str) -> Any:
    """Statistics of the questions, the attempts, and who has more time or attempts."""
    found = call("courses", "quiz_statistics", {"activity_id": activity_id})
    attempts = call(
        "courses",
        "list_quiz_attempts",
        {"activity_id": activity_id, "limit": 50},
        cursor=request.args.get("cursor"),
    )
    granted = call("courses", "list_accommodations", {"course_id": found["course_id"]})["items"]
    ids = [one["account_id"] for one in (*attempts["items"], *granted)]
    return render(
        "quiz/results.html", found=found, attempts=attempts["items"], next_cursor=attempts["next_cursor"],
        granted={one["account_id"]: one for one in granted}, names=people(ids), **question_words(),
    )  # fmt: skip


@pages.post("/studio/activities/<activity_id>/results/<account_id>")
@signed_in
def accommodate(activity_id: str, account_id: str) -> Any:
    """More time or attempts for one learner, in every quiz of the course."""
    course_id = call("courses", "get_activity", {"activity_id": activity_id})["course_id"]
    payload = {
        "course_id": course_id, "account_id": account_id, "time_factor": _factor(), "extra_attempts": _whole("extra"),
    }  # fmt: skip
    try:
        call("courses", "set_accommodation", payload)
        flash("success", "courses.quiz.granted")
    except Invalid:
        flash("error", "courses.quiz.not_granted")
    return redirect(f"/studio/activities/{activity_id}/results#attempts", 303)


def _factor() -> float:
    text = request.form.get("factor", "1").strip().replace(",", ".")
    try:
        return float(text)
    except ValueError:
        return 0.0
