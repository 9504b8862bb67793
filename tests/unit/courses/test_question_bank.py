from __future__ import annotations

from typing import Any

import pytest

from shared.errors import Forbidden, Invalid, NotFound, Stale
from tests.unit.courses.quiz_support import GIVEN, QuizDesk
from tests.unit.courses.support import PNG, Desk, pair


@pytest.fixture
def quiz(desk: Desk) -> QuizDesk:
    return QuizDesk(desk)


def stems(quiz: QuizDesk, actor: Any = None, **wanted: Any) -> list[str]:
    return [one["stem"]["fr"] for one in quiz.desk.ask("list_questions", actor, **wanted)["items"]]


def test_the_bank_is_found_by_words_tags_kind_and_missing_language(quiz: QuizDesk) -> None:
    quiz.bank("single", "Risque  élevé", stem=pair("Évaluer"))
    quiz.bank("numeric", "partage", stem={"fr": "Combien?", "en": ""})
    assert stems(quiz, q="evaluer") == ["Évaluer (fr)"]
    assert stems(quiz, q="100%") == []
    assert stems(quiz, tag="risque élevé") == ["Évaluer (fr)"]
    assert stems(quiz, kind="numeric") == ["Combien?"]
    assert stems(quiz, missing="en") == ["Combien?"]
    assert stems(quiz, missing="fr") == []
    tags = quiz.desk.ask("list_question_tags")["items"]
    assert tags == [{"tag": "partage", "count": 1}, {"tag": "risque élevé", "count": 1}]


def test_pages_of_the_bank_meet_each_question_once(quiz: QuizDesk) -> None:
    for at in range(5):
        quiz.bank("numeric", stem=pair(str(at)))
    first = quiz.desk.ask("list_questions", limit=2)
    second = quiz.desk.ask("list_questions", limit=3, cursor=first["next_cursor"])
    found = [one["stem"]["en"] for one in (*first["items"], *second["items"])]
    assert found == [f"{at} (en)" for at in (4, 3, 2, 1, 0)]
    assert second["next_cursor"] is None


def test_a_question_is_its_owners_until_it_is_shared(quiz: QuizDesk) -> None:
    other = quiz.desk.harness.actor("trainer")
    mine = quiz.bank("single")
    assert stems(quiz, other) == []
    with pytest.raises(NotFound):
        quiz.desk.ask("get_question", other, question_id=mine["id"])
    edit: dict[str, Any] = {
        "question_id": mine["id"], "version": 1, "question": GIVEN["single"], "tags": [], "shared": True,
    }  # fmt: skip
    assert quiz.desk.ask("update_question", **edit)["version"] == 1
    assert quiz.desk.ask("get_question", other, question_id=mine["id"])["can_edit"] is False
    assert stems(quiz, other, mine=True) == []
    with pytest.raises(Forbidden):
        quiz.desk.ask("update_question", other, **edit)
    for actor in (quiz.desk.learner, quiz.desk.coordinator):
        with pytest.raises(Forbidden):
            quiz.desk.ask("list_questions", actor)


def test_other_words_make_a_version_and_a_stale_edit_is_refused(quiz: QuizDesk) -> None:
    made = quiz.bank("single")
    edit: dict[str, Any] = {"question_id": made["id"], "tags": [], "shared": False}
    changed = GIVEN["single"] | {"stem": pair("Better")}
    assert quiz.desk.ask("update_question", **edit, version=1, question=changed)["version"] == 2
    with pytest.raises(Stale):
        quiz.desk.ask("update_question", **edit, version=1, question=GIVEN["single"])
    found = quiz.desk.ask("get_question", question_id=made["id"])
    assert [one["version"] for one in found["versions"]] == [2, 1]
    old = quiz.desk.ask("get_question", question_id=made["id"], version=1)
    assert (old["question"]["stem"], old["shown_version"]) == (pair("Stem of single"), 1)


def test_a_quiz_names_a_fixed_version_and_is_told_of_a_newer_one(quiz: QuizDesk) -> None:
    made = quiz.bank("single")
    quiz.write({"kind": "bank", "question_id": made["id"], "version": 1})
    assert quiz.desk.ask("get_question", question_id=made["id"])["uses"] == 1
    quiz.desk.ask(
        "update_question", question_id=made["id"], version=1, question=GIVEN["single"] | {"points": 3},
        tags=[], shared=False,
    )  # fmt: skip
    entry = quiz.desk.ask("get_quiz_draft", activity_id=quiz.id)["entries"][0]
    assert (entry["version"], entry["newest"], entry["question"]["points"]) == (1, 2, 2)


def test_a_retired_question_leaves_lists_and_draws_and_stays_in_quizzes(quiz: QuizDesk) -> None:
    made = quiz.bank("single", "risk")
    quiz.write(
        {"kind": "bank", "question_id": made["id"], "version": 1}, {"kind": "draw", "tag": "risk", "count": 1}
    )
    quiz.desk.ask("retire_question", question_id=made["id"], retired=True)
    assert stems(quiz) == []
    assert stems(quiz, retired=True) == ["Stem of single (fr)"]
    entries = quiz.desk.ask("get_quiz_draft", activity_id=quiz.id)["entries"]
    assert (entries[0]["question"]["kind"], entries[1]["pool"]) == ("single", 0)
    quiz.desk.ask("retire_question", question_id=made["id"], retired=False)
    assert len(stems(quiz)) == 1


def test_a_picture_is_seen_by_staff_and_by_who_has_it_on_a_paper(quiz: QuizDesk) -> None:
    desk = quiz.desk
    image = desk.ask("add_question_image", upload_id=desk.upload(PNG, "a.png"))["id"]
    pictured = GIVEN["single"] | {"image": {"id": image, "alt": pair("A map")}}
    quiz.write({"kind": "own", "question": pictured}, {"kind": "own", "question": GIVEN["numeric"]})
    quiz.publish()
    sitting = quiz.start()
    found = quiz.learner("get_question_image", image_id=image, quiz_attempt_id=sitting["id"])
    assert found["media_type"] == "image/png"
    assert desk.read(found["storage_key"]) == PNG
    assert desk.ask("get_question_image", image_id=image) == found
    with pytest.raises(NotFound):
        quiz.learner("get_question_image", image_id=image)
    with pytest.raises(NotFound):
        quiz.learner("get_question_image", image_id=str(desk.learner.account_id),
                     quiz_attempt_id=sitting["id"])  # fmt: skip


def test_what_is_no_picture_is_refused_and_thrown_away(quiz: QuizDesk) -> None:
    upload = quiz.desk.upload(b"plain words", "a.txt")
    with pytest.raises(Invalid) as caught:
        quiz.desk.ask("add_question_image", upload_id=upload)
    assert [problem.code for problem in caught.value.fields] == ["type-not-allowed"]
    assert quiz.desk.stored() == []
    missing = {"id": str(quiz.desk.trainer.account_id), "alt": pair("x")}
    with pytest.raises(Invalid) as caught:
        quiz.bank("single", image=missing)
    assert [(problem.path, problem.code) for problem in caught.value.fields] == [
        ("question.image", "unknown-image")
    ]
