"""Pages on which learners say what a course was worth, and on which its trainer reads it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request

from gateway.context import call, current
from gateway.web.asked_too import question_beside
from gateway.web.course_parts import words
from gateway.web.pages import error_text, field_errors, flash, render, signed_in
from gateway.web.studio import staff_only
from shared.errors import CercleError, Conflict, Invalid

pages = Blueprint("pages_evaluations", __name__)
View = dict[str, Any]


@pages.get("/courses/<course_id>/evaluation/<moment>")
@signed_in
def form(course_id: str, moment: str) -> Any:
    """The questions; or that they have been answered."""
    return _form(course_id, moment, None)


def _form(course_id: str, moment: str, error: CercleError | None) -> Any:
    found = call("courses", "get_evaluation", {"course_id": course_id, "moment": moment})
    return render(
        "evaluations/form.html", error.status if error else 200, evaluation=found, given=_answers(found),
        comment=request.form.get("comment", ""), also=question_beside(course_id, moment) if found["answered"] else None,
        errors=field_errors(error) if error else {},
        problem=error_text(error) if error and not error.fields else None, **words(),
    )  # fmt: skip


@pages.post("/courses/<course_id>/evaluation/<moment>")
@signed_in
def answer(course_id: str, moment: str) -> Any:
    """Send it. Without the form's key: nothing may be remembered that ties a person to an answer."""
    context = current()
    found = call("courses", "get_evaluation", {"course_id": course_id, "moment": moment})
    payload = {
        "course_id": course_id, "moment": moment, "language": context.language, "answers": _answers(found),
        "comment": request.form.get("comment", ""),
    }  # fmt: skip
    try:
        context.bus.call("courses", "answer_evaluation", payload, actor=context.actor)
    except (Conflict, Invalid) as error:
        return _form(course_id, moment, error)
    flash("success", "evaluations.thanks")
    more = f"/evaluation/{moment}" if question_beside(course_id, moment) else ""
    return redirect(f"/courses/{course_id}{more}", 303)


def _answers(evaluation: View) -> View:
    """What was chosen, by the instrument's question; what was left out is left out."""
    answers: View = {}
    for question in evaluation["instrument"]["questions"]:
        name = question["name"]
        if question["kind"] == "many":
            answers[name] = request.form.getlist(name)
        elif question["kind"] == "each":
            given = {aim["id"]: request.form.get(f"{name}-{aim['id']}") for aim in evaluation["objectives"]}
            answers[name] = {aim: code for aim, code in given.items() if code}
        elif request.form.get(name):
            answers[name] = request.form[name]
    return {name: value for name, value in answers.items() if value}


@pages.get("/studio/courses/<course_id>/evaluation")
@signed_in
def results(course_id: str) -> Any:
    """What learners said, where enough of them did."""
    staff_only()
    found = call("courses", "evaluation_results", {"course_id": course_id})
    return render("evaluations/results.html", evaluation=found, **words())
