"""Objectives against modules and assessments: one table, with a list of boxes for each objective on a phone."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request

from gateway.context import call
from gateway.web.course_parts import activities_of, need_statements, words
from gateway.web.pages import flash, render, signed_in
from gateway.web.studio import staff_only
from gateway.web.studio_forms import Form, version_of
from shared.errors import Conflict, Invalid

pages = Blueprint("pages_studio_alignment", __name__)
View = dict[str, Any]


@pages.get("/studio/courses/<course_id>/objectives")
@signed_in
def matrix(course_id: str) -> Any:
    """Which module works towards which objective, and which activity shows it."""
    return _matrix(course_id, Form())


def _matrix(course_id: str, form: Form) -> Any:
    staff_only()
    course = call("courses", "get_course", {"course_id": course_id})
    chosen = _chosen(course["objectives"]) if form.error else None
    objectives = [
        objective | (chosen[objective["id"]] if chosen else {}) for objective in course["objectives"]
    ]
    return render(
        "studio/objectives.html", form.status, course=course, form=form, objectives=objectives,
        activities=activities_of(course["modules"]), statements=need_statements(course["objectives"]), **words(),
    )  # fmt: skip


def _chosen(objectives: list[View]) -> dict[str, View]:
    """What the boxes say."""
    return {
        one["id"]: {name: request.form.getlist(f"{name}-{one['id']}") for name in ("modules", "assessments")}
        for one in objectives
    }


@pages.post("/studio/courses/<course_id>/alignment")
@signed_in
def align(course_id: str) -> Any:
    """Keep every box as it is."""
    course = call("courses", "get_course", {"course_id": course_id})
    chosen = _chosen(course["objectives"])
    wanted = [{"objective_id": key, **links} for key, links in chosen.items()]
    payload = {"course_id": course_id, "version": version_of(), "objectives": wanted}
    try:
        call("courses", "align_objectives", payload)
    except (Invalid, Conflict) as error:
        return _matrix(course_id, Form("alignment", error))
    flash("success", "editions.alignment.done")
    return redirect(f"/studio/courses/{course_id}/objectives", 303)
