"""One learner's quiz from many windows at once, on PostgreSQL; and the searches that speak its own JSON."""

from __future__ import annotations

from typing import Any

import pytest

from services.courses.tables import quiz_answers, quiz_attempts
from tests.integration.courses.test_races import TOGETHER, rows, together
from tests.unit.courses.quiz_support import GIVEN, QuizDesk, own, place_of
from tests.unit.courses.support import Desk


@pytest.fixture
def quiz(desk: Desk) -> QuizDesk:
    return QuizDesk(desk)


@pytest.mark.postgres
def test_many_starts_are_one_attempt_and_many_submissions_one_result(quiz: QuizDesk) -> None:
    quiz.write(*own("single", "numeric", "short"), attempts=1)
    quiz.publish()
    started = together(lambda _: quiz.start())
    assert len({sitting["id"] for sitting in started}) == 1
    sitting = started[0]
    ids = {one["kind"]: one["id"] for one in sitting["questions"]}
    right = place_of(sitting, "single", "B")

    def work(number: int) -> Any:
        if number % 4 == 0:
            return quiz.submit(sitting, single=right, numeric="12,5")["score"]
        call = {"quiz_attempt_id": sitting["id"], "question_id": ids["short"], "answer": f"answer {number}"}
        return quiz.learner("save_quiz_answer", **call, sequence=number)["saved"]

    told = together(work)
    scores = {one for one in told if isinstance(one, float)}
    assert scores == {round(4 / 6, 6)}
    assert set(told) <= scores | {True, False, "quiz-closed"}
    assert len(rows(quiz.desk, quiz_attempts)) == 1
    kept = {row["question_id"]: row for row in rows(quiz.desk, quiz_answers)}
    assert kept[ids["single"]]["answer"] == right
    saved = [number for number, one in enumerate(told) if one is True and number % 4]
    if saved:
        assert kept[ids["short"]]["answer"] == f"answer {max(saved)}"
    assert len(told) == TOGETHER


@pytest.mark.postgres
def test_many_edits_of_one_question_make_one_version(quiz: QuizDesk) -> None:
    made = quiz.bank("single", "risk")

    def work(number: int) -> Any:
        changed = GIVEN["single"] | {"points": number + 3}
        return quiz.desk.ask(
            "update_question",
            question_id=made["id"],
            version=1,
            question=changed,
            tags=["risk"],
            shared=False,
        )["version"]

    told = together(work)
    assert sorted(map(str, told)) == ["2"] + ["stale"] * (TOGETHER - 1)
    halves = {"stem": {"fr": "Seulement", "en": ""}}
    quiz.desk.ask("add_question", question=GIVEN["numeric"] | halves)
    listed = quiz.desk.ask("list_questions", missing="en", q="seulement")["items"]
    assert [one["kind"] for one in listed] == ["numeric"]
    quiz.write({"kind": "bank", "question_id": made["id"], "version": 2})
    assert quiz.desk.ask("get_question", question_id=made["id"])["uses"] == 1
