from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.courses.domain.questions import KINDS
from services.courses.domain.quiz import RULES, may_see_answers
from services.courses.tables import quiz_attempts, results
from shared.clock import FrozenClock
from shared.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from tests.unit.courses.quiz_support import GIVEN, SECRET, QuizDesk, own, place_of
from tests.unit.courses.support import Desk, pair


@pytest.fixture
def quiz(desk: Desk) -> QuizDesk:
    return QuizDesk(desk)


def text_of(view: Any) -> str:
    return json.dumps(view, ensure_ascii=False)


# --- nothing that is right leaves before its time


def test_no_answer_leaves_with_a_paper(quiz: QuizDesk) -> None:
    quiz.write(*own(*KINDS), show_answers="never")
    quiz.publish()
    sitting = quiz.start()
    views = [
        sitting,
        quiz.learner("get_quiz", activity_id=quiz.id),
        quiz.learner("get_quiz_attempt", quiz_attempt_id=sitting["id"]),
        quiz.learner("open_activity", course_id=quiz.course["id"], activity_id=quiz.id),
        quiz.learner("get_learning", course_id=quiz.course["id"]),
        quiz.learner("get_course", course_id=quiz.course["id"]),
        quiz.learner("submit_quiz", quiz_attempt_id=sitting["id"]),
        quiz.learner("get_quiz_attempt", quiz_attempt_id=sitting["id"]),
    ]
    for view in views:
        assert SECRET not in text_of(view)
    for shown in sitting["questions"]:
        assert set(shown) == {"id", "number", "kind", "points", "stem", "html", "image", "shown", "answer",
                              "sequence", "mark", "solution"}  # fmt: skip
        assert (shown["mark"], shown["solution"]) == (None, None)
        assert set(shown["shown"]) <= {
            "options",
            "left",
            "right",
            "items",
            "unit",
            "hypothesis",
            "finding",
            "scale",
        }
        for column in shown["shown"].values():
            assert all(set(text) == {"fr", "en"} for text in (column if isinstance(column, list) else ()))


def test_the_handler_of_the_block_gives_nothing_away_and_scores_nothing(quiz: QuizDesk) -> None:
    quiz.write(*own("single"))
    quiz.publish()
    answer = quiz.learner("call_handler", activity_id=quiz.id, handler="submit", body="q=1")
    assert (answer["status"], answer["body"]) == (409, "")
    assert quiz.learner("get_quiz", activity_id=quiz.id)["attempts"] == []
    learning = quiz.learner("get_learning", course_id=quiz.course["id"])
    assert learning["progress"] == 0


@pytest.mark.parametrize(
    ("when", "left", "passed", "seen"),
    [("never", 0, True, False), ("submitted", 3, None, True), ("last", 1, None, False), ("last", 0, None, True),
     ("last", None, True, False), ("passed", None, False, False), ("passed", None, True, True)],
)  # fmt: skip
def test_when_answers_may_be_seen(when: str, left: int | None, passed: bool | None, seen: bool) -> None:
    rules = RULES | {"show_answers": when}
    assert may_see_answers(rules, submitted=True, left=left, passed=passed) is seen
    assert may_see_answers(rules, submitted=False, left=left, passed=passed) is False


def test_the_first_review_stays_closed_while_the_last_attempt_is_being_written(quiz: QuizDesk) -> None:
    quiz.write(*own("single"), attempts=2, show_answers="last")
    quiz.publish()
    first = quiz.start()
    assert SECRET not in text_of(quiz.submit(first))
    second = quiz.start()
    assert SECRET not in text_of(quiz.learner("get_quiz_attempt", quiz_attempt_id=first["id"]))
    assert SECRET in text_of(quiz.submit(second))
    assert SECRET in text_of(quiz.learner("get_quiz_attempt", quiz_attempt_id=first["id"]))


# --- taking


def test_a_paper_stays_the_same_and_answers_are_kept(quiz: QuizDesk) -> None:
    quiz.write(*own("single", "matching", "ordering", "multiple"), shuffle_questions=True)
    quiz.publish()
    sitting = quiz.start()
    asked = sitting["questions"][0]
    answer = [0, 1, 2] if asked["kind"] == "matching" else [2, 1, 0, 3] if asked["kind"] == "ordering" else 1
    answer = [1] if asked["kind"] == "multiple" else answer
    call = {"quiz_attempt_id": sitting["id"], "question_id": asked["id"]}
    assert quiz.learner("save_quiz_answer", **call, answer=answer, sequence=2)["saved"] is True
    assert quiz.learner("save_quiz_answer", **call, answer=None, sequence=1) | {"saved_at": ""} == {
        "saved": False, "sequence": 2, "saved_at": "",
    }  # fmt: skip
    again = quiz.start()
    assert again["id"] == sitting["id"]
    assert [one["shown"] for one in again["questions"]] == [one["shown"] for one in sitting["questions"]]
    assert again["questions"][0]["answer"] == answer


def test_the_server_scores_and_the_activity_and_the_reports_follow(quiz: QuizDesk) -> None:
    quiz.write(*own("single", "numeric", "vignette"), pass_mark=0.7)
    quiz.publish()
    sitting = quiz.start()
    right = place_of(sitting, "single", "B")
    done = quiz.submit(sitting, single=right, numeric="12,5 km", vignette=4)
    assert (done["points"], done["max_points"], done["score"], done["passed"]) == (5.0, 6.0, 0.833333, True)
    assert done["outcome"]["completed"] is True
    assert done["outcome"]["course_completed"] is True
    assert [one["mark"]["credit"] for one in done["questions"]] == [1.0, 1.0, 0.5]
    with quiz.desk.service.db.engine.connect() as connection:
        rows = connection.execute(select(results).order_by(results.c.position)).all()
    assert [(row.kind, row.score, row.max_score, row.success) for row in rows] == [
        ("choice", 2.0, 2.0, True), ("numeric", 2.0, 2.0, True), ("choice", 1.0, 2.0, False),
    ]  # fmt: skip
    assert [row.response for row in rows] == [[pair("B")], ["12,5 km"], ["+2"]]


def test_submitting_twice_is_one_submission_and_late_edits_are_refused(quiz: QuizDesk) -> None:
    quiz.write(*own("single"))
    quiz.publish()
    sitting = quiz.start()
    right = place_of(sitting, "single", "B")
    first = quiz.submit(sitting, single=(right + 1) % 3)
    again = quiz.submit(sitting, single=right)
    assert (first["score"], again["score"]) == (0.0, 0.0)
    with pytest.raises(Conflict) as caught:
        quiz.learner("save_quiz_answer", quiz_attempt_id=sitting["id"],
                     question_id=sitting["questions"][0]["id"], answer=right)  # fmt: skip
    assert caught.value.code == "quiz-closed"


def test_a_failed_quiz_is_not_completed_until_it_is_passed(quiz: QuizDesk) -> None:
    quiz.write(*own("single"), pass_mark=0.5)
    quiz.publish()
    sitting = quiz.start()
    right = place_of(sitting, "single", "B")
    assert quiz.submit(sitting, single=(right + 1) % 3)["outcome"]["completed"] is False
    sitting = quiz.start()
    assert quiz.submit(sitting, single=place_of(sitting, "single", "B"))["outcome"]["completed"] is True


@pytest.mark.parametrize(("counts", "score"), [("best", 1.0), ("last", 0.0)])
def test_the_best_or_the_last_attempt_counts(quiz: QuizDesk, counts: str, score: float) -> None:
    quiz.write(*own("single"), counts=counts, attempts=2)
    quiz.publish()
    sitting = quiz.start()
    quiz.submit(sitting, single=place_of(sitting, "single", "B"))
    done = quiz.submit(quiz.start())
    assert done["outcome"]["score"] == score
    learning = quiz.learner("get_learning", course_id=quiz.course["id"])
    assert learning["modules"][0]["units"][0]["activities"][0]["score"] == score
    assert quiz.learner("get_quiz", activity_id=quiz.id)["score"] == score
    with quiz.desk.service.db.engine.connect() as connection:
        assert connection.execute(select(results.c.success)).scalars().all() == [score == 1.0]
    with pytest.raises(Conflict) as caught:
        quiz.start()
    assert caught.value.code == "quiz-no-attempts-left"


def test_an_ill_shaped_answer_is_refused_and_nothing_is_submitted(quiz: QuizDesk) -> None:
    quiz.write(*own("single"))
    quiz.publish()
    sitting = quiz.start()
    for answer in (7, "B", [0], 1.5):
        with pytest.raises(Invalid) as caught:
            quiz.submit(sitting, single=answer)
        assert [problem.code for problem in caught.value.fields] == ["bad-answer"]
    with pytest.raises(Invalid) as caught:
        quiz.learner("submit_quiz", quiz_attempt_id=sitting["id"], answers={"nothing": 1})
    assert [problem.code for problem in caught.value.fields] == ["unknown-question"]
    assert quiz.start()["id"] == sitting["id"]


def test_others_see_nothing_of_an_attempt_but_the_trainer_does(quiz: QuizDesk) -> None:
    quiz.write(*own("single"))
    quiz.publish()
    sitting = quiz.start()
    other = quiz.desk.harness.actor("learner")
    quiz.desk.ask("enrol", other, course_id=quiz.course["id"])
    for method in ("get_quiz_attempt", "submit_quiz"):
        with pytest.raises(NotFound):
            quiz.desk.ask(method, other, quiz_attempt_id=sitting["id"])
    quiz.submit(sitting)
    assert SECRET in text_of(quiz.desk.ask("get_quiz_attempt", quiz_attempt_id=sitting["id"]))
    with pytest.raises(NotFound):
        quiz.desk.ask("get_quiz_attempt", quiz.desk.harness.actor("trainer"), quiz_attempt_id=sitting["id"])


# --- time


def clock_of(quiz: QuizDesk) -> FrozenClock:
    clock = quiz.desk.harness.clock
    assert isinstance(clock, FrozenClock)
    return clock


def test_after_the_limit_nothing_is_taken_and_what_was_saved_counts(quiz: QuizDesk) -> None:
    quiz.write(*own("single", "numeric"), time_limit=10)
    quiz.publish()
    sitting = quiz.start()
    ids = {one["kind"]: one["id"] for one in sitting["questions"]}
    right = place_of(sitting, "single", "B")
    quiz.learner("save_quiz_answer", quiz_attempt_id=sitting["id"], question_id=ids["single"], answer=right)
    clock_of(quiz).advance(timedelta(minutes=10, seconds=31))
    with pytest.raises(Conflict):
        quiz.learner(
            "save_quiz_answer", quiz_attempt_id=sitting["id"], question_id=ids["numeric"], answer="12,5"
        )
    done = quiz.submit(sitting, numeric="12,5")
    assert done["points"] == 2.0


def test_the_job_submits_what_was_left_open(quiz: QuizDesk) -> None:
    quiz.write(*own("single"), time_limit=10)
    quiz.publish()
    sitting = quiz.start()
    clock_of(quiz).advance(timedelta(minutes=9))
    quiz.desk.service.close_overdue_quizzes()
    assert quiz.learner("get_quiz_attempt", quiz_attempt_id=sitting["id"])["submitted_at"] is None
    clock_of(quiz).advance(timedelta(minutes=2))
    quiz.desk.service.close_overdue_quizzes()
    assert quiz.learner("get_quiz_attempt", quiz_attempt_id=sitting["id"])["score"] == 0.0
    assert quiz.start()["number"] == 2


def test_an_accommodation_gives_time_also_to_an_open_attempt_and_more_attempts(quiz: QuizDesk) -> None:
    quiz.write(*own("single"), time_limit=10, attempts=1)
    quiz.publish()
    sitting = quiz.start()
    account = str(quiz.desk.learner.account_id)
    wanted = {"course_id": quiz.course["id"], "account_id": account, "time_factor": 1.5, "extra_attempts": 1}
    quiz.desk.ask("set_accommodation", **wanted)
    clock_of(quiz).advance(timedelta(minutes=14))
    asked = sitting["questions"][0]
    assert quiz.learner("save_quiz_answer", quiz_attempt_id=sitting["id"], question_id=asked["id"], answer=0)[
        "saved"
    ]
    quiz.submit(sitting)
    assert quiz.learner("get_quiz", activity_id=quiz.id)["minutes"] == 15
    assert quiz.start()["number"] == 2
    with pytest.raises(Forbidden):
        quiz.desk.ask("set_accommodation", quiz.desk.learner, **wanted)
    listed = quiz.desk.ask("list_accommodations", course_id=quiz.course["id"])["items"]
    assert listed == [{"account_id": account, "time_factor": 1.5, "extra_attempts": 1}]


# --- writing and editions


def test_learners_keep_the_edition_and_attempts_the_version_they_answered(quiz: QuizDesk) -> None:
    quiz.write(*own("single"))
    quiz.publish()
    sitting = quiz.start()
    draft = quiz.desk.ask("get_quiz_draft", activity_id=quiz.id)
    entry = draft["entries"][0]
    changed = GIVEN["single"] | {"stem": pair("Another stem")}
    quiz.write({"id": entry["id"], "kind": "own", "question": changed})
    assert quiz.desk.ask("get_quiz_draft", activity_id=quiz.id)["entries"][0]["version"] == 2
    quiz.submit(sitting)
    assert quiz.start()["questions"][0]["stem"] == pair("Stem of single")
    quiz.desk.ask("publish_course", course_id=quiz.course["id"], version=quiz.desk.version(quiz.course["id"]))
    assert quiz.start()["questions"][0]["stem"] == pair("Stem of single")  # begun before
    quiz.submit(quiz.start())
    assert quiz.start()["questions"][0]["stem"] == pair("Another stem")


def test_an_unchanged_question_keeps_its_version(quiz: QuizDesk) -> None:
    quiz.write(*own("single", "numeric"))
    entries = quiz.desk.ask("get_quiz_draft", activity_id=quiz.id)["entries"]
    again = [{name: entry[name] for name in ("id", "kind", "question")} for entry in reversed(entries)]
    quiz.write(*again)
    after = quiz.desk.ask("get_quiz_draft", activity_id=quiz.id)["entries"]
    assert [(entry["id"], entry["version"]) for entry in after] == [(entry["id"], 1) for entry in again]


def test_a_quiz_that_cannot_work_is_refused_with_every_reason(quiz: QuizDesk) -> None:
    flawed = GIVEN["vignette"] | {"panel": None}
    with pytest.raises(Invalid) as caught:
        quiz.write({"kind": "own", "question": flawed}, {"kind": "bank", "question_id": quiz.id, "version": 1},
                   show_answers="last")  # fmt: skip
    assert {problem.path: problem.code for problem in caught.value.fields} == {
        "rules.show_answers": "last-without-limit", "entries.0.question.panel": "panel-or-credits",
        "entries.1.question_id": "unknown-question",
    }  # fmt: skip


def test_only_the_author_writes_and_an_older_version_is_stale(quiz: QuizDesk) -> None:
    before = quiz.desk.version(quiz.course["id"])
    quiz.write(*own("single"))
    call: dict[str, Any] = {"activity_id": quiz.id, "entries": [], "rules": {}}
    with pytest.raises(Stale):
        quiz.desk.ask("set_quiz", version=before, **call)
    version = quiz.desk.version(quiz.course["id"])
    with pytest.raises(Forbidden):
        quiz.desk.ask("set_quiz", quiz.desk.harness.actor("trainer"), version=version, **call)
    with pytest.raises(NotFound):
        quiz.learner("get_quiz_draft", activity_id=quiz.id)


def test_a_missing_half_and_a_small_pool_stand_before_publication(quiz: QuizDesk) -> None:
    quiz.bank("single", "risk")
    halves = GIVEN["numeric"] | {"stem": {"fr": "Seulement", "en": ""}}
    quiz.write({"kind": "own", "question": halves}, {"kind": "draw", "tag": "Risk", "count": 2})
    draft = quiz.desk.ask("get_quiz_draft", activity_id=quiz.id)
    assert [(one["code"], one["params"]["number"]) for one in draft["missing"]] == [
        ("draw-too-small", 2), ("question-missing-en", 1),
    ]  # fmt: skip
    codes = {one["code"] for one in quiz.desk.ask("get_course", course_id=quiz.course["id"])["blockers"]}
    assert "draw-too-small" in codes
    quiz.bank("numeric", "risk")
    codes = {one["code"] for one in quiz.desk.ask("get_course", course_id=quiz.course["id"])["blockers"]}
    assert "text-missing" in codes


def test_a_preview_is_scored_and_leaves_nothing(quiz: QuizDesk) -> None:
    quiz.write(*own("single", "ordering"))
    before = quiz.desk.counts()
    paper = quiz.desk.ask("preview_quiz", activity_id=quiz.id, seed=5)
    assert SECRET not in text_of(paper)
    asked = paper["questions"][0]
    right = place_of(paper, "single", "B")
    done = quiz.desk.ask("grade_quiz_preview", activity_id=quiz.id, seed=5, answers={asked["id"]: right})
    assert (done["score"], done["questions"][0]["mark"]["success"]) == (0.5, True)
    assert quiz.desk.counts() == before
    with pytest.raises(NotFound):
        quiz.learner("preview_quiz", activity_id=quiz.id, seed=5)


# --- draws


def test_a_draw_gives_each_attempt_its_own_questions_from_the_frozen_pool(quiz: QuizDesk) -> None:
    made = [quiz.bank("numeric", "risk", stem=pair(f"Stem {at}"))["id"] for at in range(8)]
    quiz.write(
        {"kind": "bank", "question_id": made[0], "version": 1}, {"kind": "draw", "tag": "risk", "count": 3}
    )
    quiz.publish()
    late = quiz.bank("numeric", "risk")["id"]
    seen = set()
    for _ in range(6):
        sitting = quiz.start()
        ids = [one["id"] for one in sitting["questions"]]
        assert len(set(ids)) == 4
        assert ids[0] == made[0]
        assert set(ids) <= set(made)
        seen.add(tuple(ids))
        quiz.submit(sitting)
    assert len(seen) > 1
    assert late not in {one for ids in seen for one in ids}


def test_what_was_scored_stays_when_a_question_of_the_bank_changes(quiz: QuizDesk) -> None:
    made = quiz.bank("numeric", "risk")
    quiz.write({"kind": "draw", "tag": "risk", "count": 1})
    quiz.publish()
    sitting = quiz.start()
    changed = GIVEN["numeric"] | {"value": 99}
    quiz.desk.ask(
        "update_question", question_id=made["id"], version=1, question=changed, tags=["risk"], shared=False
    )
    assert quiz.submit(sitting, numeric="12,5")["score"] == 1.0
    with quiz.desk.service.db.engine.connect() as connection:
        paper = connection.execute(select(quiz_attempts.c.paper)).scalar_one()
    assert (paper[0]["id"], paper[0]["version"]) == (made["id"], 1)


# --- statistics


def test_statistics_wait_for_five_people_and_count_first_attempts(quiz: QuizDesk) -> None:
    quiz.write(*own("single", "numeric"))
    quiz.publish()
    people = [quiz.desk.harness.actor("learner") for _ in range(6)]
    for number, person in enumerate(people):
        if number == 4:
            found = quiz.desk.ask("quiz_statistics", activity_id=quiz.id)
            assert (found["people"], found["mean_score"], found["questions"]) == (None, None, [])
        quiz.desk.ask("enrol", person, course_id=quiz.course["id"])
        sitting = quiz.desk.ask("start_quiz", person, activity_id=quiz.id)
        ids = {one["kind"]: one["id"] for one in sitting["questions"]}
        good = number < 3
        answers = {
            ids["single"]: place_of(sitting, "single", "B" if good else "A"),
            ids["numeric"]: "12,5" if good else "1",
        }
        quiz.desk.ask("submit_quiz", person, quiz_attempt_id=sitting["id"], answers=answers)
        again = quiz.desk.ask("start_quiz", person, activity_id=quiz.id)
        quiz.desk.ask("submit_quiz", person, quiz_attempt_id=again["id"])
    found = quiz.desk.ask("quiz_statistics", activity_id=quiz.id)
    single = found["questions"][0]
    assert (found["people"], found["mean_score"]) == (6, 0.5)
    assert (single["difficulty"], single["discrimination"], single["unanswered"]) == (0.5, 1.0, 0)
    assert [(one["correct"], one["chosen"]) for one in single["options"]] == [
        (False, 3),
        (True, 3),
        (False, 0),
    ]
    with pytest.raises(Forbidden):
        quiz.desk.ask("quiz_statistics", people[0], activity_id=quiz.id)
    listed = quiz.desk.ask("list_quiz_attempts", activity_id=quiz.id, limit=5)
    assert len(listed["items"]) == 5
    assert listed["next_cursor"]


def test_statistics_match_a_computation_by_hand() -> None:
    from services.courses.domain.quiz_statistics import correlation

    assert correlation([1, 0, 1, 0, 1], [5, 1, 4, 2, 3]) == 0.866
    assert correlation([1, 1, 1], [1, 2, 3]) is None
