"""REST of the surveys service. Open answers coded by two coders, exports, verified reports."""

from __future__ import annotations

from typing import Any

from flask import Response

from gateway.context import INSTALL_SECONDS, Answer, answer, call, if_match
from gateway.downloads import taken

Body = dict[str, Any]


def list_open_questions(survey_id: str) -> Answer:
    """Questions with written answers."""
    return answer(call("surveys", "list_open_questions", {"survey_id": survey_id}))


def list_open_answers(
    survey_id: str, question: str, cursor: str | None = None, limit: int | None = None
) -> Answer:
    """A page of what people wrote."""
    payload = {"survey_id": survey_id, "question": question}
    return answer(call("surveys", "list_open_answers", payload, cursor=cursor, limit=limit))


def get_survey_themes(survey_id: str) -> Answer:
    """Themes of the finished codings."""
    return answer(call("surveys", "get_themes", {"survey_id": survey_id}))


def list_codings(survey_id: str | None = None, cursor: str | None = None, limit: int | None = None) -> Answer:
    """A page of codings."""
    return answer(call("surveys", "list_codings", survey_id=survey_id, cursor=cursor, limit=limit))


def list_coders() -> Answer:
    """Whom one may ask to code."""
    return answer(call("surveys", "list_coders"))


def start_coding(survey_id: str, body: Body) -> Answer:
    """A question to be coded."""
    made = call("surveys", "start_coding", {**body, "survey_id": survey_id})
    return answer(made, 201, location=lambda view: f"/api/v1/codings/{view['id']}")


def get_coding(coding_id: str) -> Answer:
    """One coding."""
    return _of("get_coding", coding_id)


def assign_coders(coding_id: str, body: Body) -> Answer:
    """Other coders."""
    return _of("assign_coders", coding_id, **body, version=if_match() or 0)


def add_code(coding_id: str, body: Body) -> Answer:
    """A new code."""
    return answer(call("surveys", "add_code", {**body, "coding_id": coding_id}), 201)


def edit_code(coding_id: str, code_id: str, body: Body) -> Answer:
    """Other words for a code."""
    return _of("edit_code", coding_id, **body, code_id=code_id)


def merge_code(coding_id: str, code_id: str, body: Body) -> Answer:
    """One code becomes another."""
    return _of("merge_code", coding_id, **body, code_id=code_id)


def retire_code(coding_id: str, code_id: str) -> Answer:
    """A code offered no more."""
    return _of("retire_code", coding_id, code_id=code_id)


def list_code_changes(coding_id: str) -> Answer:
    """Versions of the code book."""
    return _of("list_code_changes", coding_id)


def list_answers_to_code(
    coding_id: str, number: int | None = None, cursor: str | None = None, limit: int | None = None
) -> Answer:
    """A page of answers with my own marks."""
    return _of("list_answers_to_code", coding_id, number=number, cursor=cursor, limit=limit)


def mark_answer(coding_id: str, answer_id: str, body: Body) -> Answer:
    """My codes for an answer."""
    return _of("mark_answer", coding_id, **body, answer_id=answer_id)


def finish_coding(coding_id: str, body: Body) -> Answer:
    """My coding is finished, or is not."""
    payload = {**body, "coding_id": coding_id}
    return answer(call("surveys", "finish_coding", payload, timeout=INSTALL_SECONDS))


def list_disagreements(coding_id: str, cursor: str | None = None, limit: int | None = None) -> Answer:
    """A page of what the two coders differ on."""
    return _of("list_disagreements", coding_id, cursor=cursor, limit=limit)


def decide_answer(coding_id: str, answer_id: str, body: Body) -> Answer:
    """A disagreement settled."""
    return _of("decide_answer", coding_id, **body, answer_id=answer_id)


def complete_coding(coding_id: str) -> Answer:
    """Themes join the results."""
    return _of("complete_coding", coding_id)


def export_survey(
    survey_id: str,
    format: str,  # noqa: A002 the parameter's name
    language: str | None = None,
    texts: bool = False,
) -> Response:
    """The file itself."""
    payload = {"survey_id": survey_id, "format": format, "texts": texts}
    return taken(call("surveys", "export_survey", payload, language=language, timeout=INSTALL_SECONDS))


def export_named(survey_id: str, body: Body) -> Response:
    """The file with account ids."""
    payload = {**body, "survey_id": survey_id}
    return taken(call("surveys", "export_named", payload, timeout=INSTALL_SECONDS))


def list_named_exports(survey_id: str) -> Answer:
    """Who took account ids out, and why."""
    return answer(call("surveys", "list_named_exports", {"survey_id": survey_id}))


def _of(method: str, coding_id: str, **payload: Any) -> Answer:
    return answer(call("surveys", method, {"coding_id": coding_id}, **payload))
