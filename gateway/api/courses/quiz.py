"""REST of quizzes and the question bank: one function per operationId of quiz.yaml."""

from __future__ import annotations

from typing import Any

from gateway.context import INSTALL_SECONDS, Answer, answer, call, if_match

Body = dict[str, Any]


def get_quiz(activity_id: str) -> Answer:
    """Rules and my attempts."""
    return answer(call("courses", "get_quiz", {"activity_id": activity_id}))


def get_quiz_draft(activity_id: str) -> Answer:
    """Questions with their answers."""
    return answer(call("courses", "get_quiz_draft", {"activity_id": activity_id}))


def set_quiz(activity_id: str, body: Body) -> Answer:
    """All of it anew."""
    payload = {**body, "activity_id": activity_id}
    return answer(call("courses", "set_quiz", payload, version=if_match()))


def preview_quiz(activity_id: str, seed: int) -> Answer:
    """A paper, not kept."""
    return answer(call("courses", "preview_quiz", {"activity_id": activity_id, "seed": seed}))


def grade_quiz_preview(activity_id: str, body: Body) -> Answer:
    """Its result, not kept."""
    return answer(call("courses", "grade_quiz_preview", {**body, "activity_id": activity_id}))


def list_quiz_attempts(activity_id: str, cursor: str | None = None, limit: int | None = None) -> Answer:
    """A page of attempts."""
    payload = {"activity_id": activity_id}
    return answer(call("courses", "list_quiz_attempts", payload, cursor=cursor, limit=limit))


def start_quiz(activity_id: str) -> Answer:
    """The open attempt, or a new one."""
    result = call("courses", "start_quiz", {"activity_id": activity_id})
    return answer(result, 201, location=lambda made: f"/api/v1/quiz-attempts/{made['id']}")


def quiz_statistics(activity_id: str) -> Answer:
    """How the questions did."""
    return answer(call("courses", "quiz_statistics", {"activity_id": activity_id}))


def get_quiz_attempt(quiz_attempt_id: str) -> Answer:
    """One attempt."""
    return answer(call("courses", "get_quiz_attempt", {"quiz_attempt_id": quiz_attempt_id}))


def save_quiz_answer(quiz_attempt_id: str, question_id: str, body: Body) -> Answer:
    """One answer."""
    payload = {**body, "quiz_attempt_id": quiz_attempt_id, "question_id": question_id}
    return answer(call("courses", "save_quiz_answer", payload))


def submit_quiz(quiz_attempt_id: str, body: Body) -> Answer:
    """The end of the attempt."""
    return answer(call("courses", "submit_quiz", {**body, "quiz_attempt_id": quiz_attempt_id}))


def list_accommodations(course_id: str) -> Answer:
    """Who has more time or attempts."""
    return answer(call("courses", "list_accommodations", {"course_id": course_id}))


def set_accommodation(course_id: str, account_id: str, body: Body) -> Answer:
    """More time or attempts for one learner."""
    payload = {**body, "course_id": course_id, "account_id": account_id}
    return answer(call("courses", "set_accommodation", payload))


def list_questions(  # noqa: PLR0913 one for each filter
    q: str | None = None, tag: str | None = None, kind: str | None = None, mine: bool = False,
    missing: str | None = None, retired: bool = False, cursor: str | None = None, limit: int | None = None,
) -> Answer:  # fmt: skip
    """A page of the bank."""
    return answer(call(
        "courses", "list_questions", {"mine": mine, "retired": retired}, q=q, tag=tag, kind=kind, missing=missing,
        cursor=cursor, limit=limit,
    ))  # fmt: skip


def add_question(body: Body) -> Answer:
    """A question into the bank."""
    result = call("courses", "add_question", body)
    return answer(result, 201, location=lambda made: f"/api/v1/questions/{made['id']}")


def get_question(question_id: str, version: int | None = None) -> Answer:
    """One question."""
    return answer(call("courses", "get_question", {"question_id": question_id}, version=version))


def update_question(question_id: str, body: Body) -> Answer:
    """All of it anew."""
    payload = {**body, "question_id": question_id}
    return answer(call("courses", "update_question", payload, version=if_match()))


def retire_question(question_id: str, body: Body) -> Answer:
    """Out of use, or back."""
    return answer(call("courses", "retire_question", {**body, "question_id": question_id}))


def list_question_tags() -> Answer:
    """All tags."""
    return answer(call("courses", "list_question_tags"))


def add_question_image(body: Body) -> Answer:
    """A picture for questions."""
    return answer(call("courses", "add_question_image", body, timeout=INSTALL_SECONDS), 201)
