"""Taking a quiz: answer, check, submit, review; and the trainer's preview, of which nothing is kept."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, current_app, redirect, request
from werkzeug.wrappers import Response

from gateway.context import call, current
from gateway.web.course_parts import activities_of, ask, people, words
from gateway.web.pages import flash, render, signed_in
from gateway.web.quiz_parts import given_answers, is_answered, scale_labels
from gateway.web.studio_seen import preview_language
from shared import i18n
from shared.errors import CercleError, Invalid, NotFound
from shared.storage import make_storage

pages = Blueprint("pages_quiz", __name__)
View = dict[str, Any]


@pages.app_template_filter("amount")
def amount(value: float) -> str:
    """A number with as many decimals as it has, at most six."""
    digits = len(f"{value:.6f}".rstrip("0").partition(".")[2])
    return i18n.number(current().language, value, digits)


@pages.post("/quiz/activities/<activity_id>/start")
@signed_in
def start(activity_id: str) -> Any:
    """A new attempt, or the one that is open."""
    sitting = call("courses", "start_quiz", {"activity_id": activity_id})
    return redirect(f"/quiz/attempts/{sitting['id']}", 303)


@pages.get("/quiz/attempts/<quiz_attempt_id>")
@signed_in
def attempt(quiz_attempt_id: str) -> Any:
    """The questions, all or one at a time; after the submission, the result."""
    sitting = _sitting(quiz_attempt_id)
    if sitting["submitted_at"] or not _is_mine(sitting):
        return _result(sitting)
    return _paper(sitting, request.args.get("q", 1, type=int))


def _sitting(quiz_attempt_id: str) -> View:
    found: View = call("courses", "get_quiz_attempt", {"quiz_attempt_id": quiz_attempt_id})
    return found


def _is_mine(sitting: View) -> bool:
    """False where a trainer looks at a learner's attempt."""
    return bool(sitting["account_id"] == (current().account or {}).get("id"))


def _paper(sitting: View, number: int, error: CercleError | None = None) -> Any:
    questions = sitting["questions"]
    one_each = sitting["paging"] == "one"
    number = max(1, min(number, len(questions)))
    return render(
        "quiz/attempt.html", error.status if error else 200, sitting=sitting, number=number,
        asked=questions[number - 1 : number] if one_each else questions, one_each=one_each,
        answered={one["id"] for one in questions if is_answered(one)}, late=_is_over(sitting),
        place=f"/quiz/attempts/{sitting['id']}", **_common(),
    )  # fmt: skip


def _common(language: str | None = None) -> View:
    shown = language or current().language
    return {"labels": lambda scale: scale_labels(shown, scale), **words(language)}


def _is_over(sitting: View) -> bool:
    return bool(sitting["due_at"]) and sitting["now"] >= sitting["due_at"]


@pages.post("/quiz/attempts/<quiz_attempt_id>/save")
@signed_in
def save(quiz_attempt_id: str) -> Any:
    """Save by itself what has changed; each answer on its own."""
    sitting = _sitting(quiz_attempt_id)
    _keep(sitting)
    at = i18n.clock_time(current().language, datetime.now(UTC), current().time_zone)
    return {"saved_at_text": at}


def _keep(sitting: View) -> None:
    """Save the answers of the form that are other than what is stored. Raises Conflict when the time is over."""
    context = current()
    before = {one["id"]: one["answer"] for one in sitting["questions"]}
    for question_id, answer in given_answers(sitting).items():
        if answer != before[question_id]:
            payload = {"quiz_attempt_id": sitting["id"], "question_id": question_id, "answer": answer}
            # Without the form's key: one form saves several answers, and saving the same again changes nothing.
            context.bus.call("courses", "save_quiz_answer", payload, actor=context.actor)


@pages.post("/quiz/attempts/<quiz_attempt_id>")
@signed_in
def go_on(quiz_attempt_id: str) -> Any:
    """Save, and go to another question, to the check before submitting, or back to the course."""
    sitting = _sitting(quiz_attempt_id)
    if sitting["submitted_at"] or _is_over(sitting):
        return redirect(f"/quiz/attempts/{quiz_attempt_id}", 303)
    _keep(sitting)
    wanted = request.form.get("do", "check")
    base = f"/quiz/attempts/{quiz_attempt_id}"
    if wanted == "later":
        return redirect(f"/courses/{sitting['course_id']}/learn", 303)
    return redirect(f"{base}?q={wanted}" if wanted.isdecimal() else f"{base}/check", 303)


@pages.get("/quiz/attempts/<quiz_attempt_id>/check")
@signed_in
def check(quiz_attempt_id: str) -> Any:
    """What is answered and what is still open, and the one button that submits."""
    sitting = _sitting(quiz_attempt_id)
    if sitting["submitted_at"] or not _is_mine(sitting):
        return redirect(f"/quiz/attempts/{quiz_attempt_id}", 303)
    return render(
        "quiz/check.html", sitting=sitting, place=f"/quiz/attempts/{quiz_attempt_id}", late=_is_over(sitting),
        open_ones=[one for one in sitting["questions"] if not is_answered(one)], **_common(),
    )  # fmt: skip


@pages.post("/quiz/attempts/<quiz_attempt_id>/submit")
@signed_in
def submit(quiz_attempt_id: str) -> Any:
    """The end of the attempt, with what the form still holds."""
    sitting = _sitting(quiz_attempt_id)
    payload = {"quiz_attempt_id": quiz_attempt_id, "answers": given_answers(sitting)}
    done = call("courses", "submit_quiz", payload)
    if (done["outcome"] or {}).get("course_completed"):
        flash("success", "courses.quiz.course_done")
    return redirect(f"/quiz/attempts/{quiz_attempt_id}", 303)


def _result(sitting: View) -> Any:
    mine = _is_mine(sitting)
    quiz = call("courses", "get_quiz", {"activity_id": sitting["activity_id"]})
    learning = ask("courses", "get_learning", {"course_id": sitting["course_id"]}) if mine else None
    whose = None if mine else people([sitting["account_id"]]).get(sitting["account_id"])
    return render(
        "quiz/result.html", sitting=sitting, quiz=quiz, mine=mine, whose=whose, next_href=_next(learning, sitting),
        place=f"/quiz/attempts/{sitting['id']}", **_common(),
    )  # fmt: skip


def _next(learning: View | None, sitting: View) -> str | None:
    """Where a learner goes on: the next activity, the end of a finished course, else the outline."""
    if learning is None:
        return None
    base = f"/courses/{sitting['course_id']}/learn"
    ids = [step["id"] for step in activities_of(learning["modules"])]
    at = ids.index(sitting["activity_id"]) if sitting["activity_id"] in ids else len(ids)
    following = ids[at + 1 :]
    return f"{base}/{following[0]}" if following else f"{base}/end" if learning["completed_at"] else base


@pages.get("/quiz/attempts/<quiz_attempt_id>/images/<image_id>")
@signed_in
def image(quiz_attempt_id: str, image_id: str) -> Any:
    """A picture of a question on this paper."""
    return picture({"image_id": image_id, "quiz_attempt_id": quiz_attempt_id})


def picture(payload: View) -> Response:
    """A picture from storage, never run as a page."""
    found = call("courses", "get_question_image", payload)
    storage = make_storage(current_app.extensions["cercle"])
    try:
        with storage.open(found["storage_key"]) as file:
            response = Response(file.read(), content_type=found["media_type"])
    except FileNotFoundError:
        raise NotFound from None
    response.headers["Cache-Control"] = "private, max-age=3600"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


# --- the trainer's preview


@pages.get("/studio/activities/<activity_id>/quiz/preview")
@signed_in
def preview(activity_id: str) -> Any:
    """The draft as a learner meets it, in either language."""
    seed = request.args.get("seed", type=int)
    seed = secrets.randbits(31) if seed is None else seed
    sitting = call("courses", "preview_quiz", {"activity_id": activity_id, "seed": seed})
    return _preview_page(sitting)


@pages.post("/studio/activities/<activity_id>/quiz/preview")
@signed_in
def grade_preview(activity_id: str) -> Any:
    """Its result with all feedback."""
    seed = request.form.get("seed", 0, type=int)
    payload: View = {"activity_id": activity_id, "seed": seed}
    paper = call("courses", "preview_quiz", payload)
    try:
        sitting = call("courses", "grade_quiz_preview", payload | {"answers": given_answers(paper)})
    except Invalid:  # the draft has changed meanwhile
        return redirect(f"/studio/activities/{activity_id}/quiz/preview", 303)
    return _preview_page(sitting)


def _preview_page(sitting: View) -> Any:
    return render(
        "quiz/preview.html", sitting=sitting, place=f"/studio/activities/{sitting['activity_id']}/quiz/preview",
        image_base="/studio/questions/images", **_common(preview_language()),
    )  # fmt: skip
