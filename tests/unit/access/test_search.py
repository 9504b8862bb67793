"""Search of needs and courses: both languages, accents aside, nothing that the reader may not see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from shared.errors import CercleError
from shared.testing.harness import Harness
from tests.unit.courses.support import Desk as CourseDesk
from tests.unit.courses.support import pair
from tests.unit.surveys.support import TABLE
from tests.unit.surveys.support import Desk as SurveyDesk

STATEMENTS = [
    {"fr": "Évaluer la dangerosité", "en": "Assess the danger"},
    {"fr": "Mener un entretien difficile", "en": "Lead a hard interview"},
    {"fr": "Travailler avec le réseau", "en": "Work with the network"},
    {"fr": "Tenir un dossier à jour", "en": "Keep a file"},
]


@pytest.fixture
def needs(make_harness: Callable[..., Harness]) -> SurveyDesk:
    desk = SurveyDesk(make_harness("surveys"))
    items = [{"code": code, "statement": text} for code, text in zip(TABLE, STATEMENTS, strict=True)]
    survey = desk.launched(items=items)
    desk.answer_table(survey)
    desk.ask("close_survey", survey_id=survey["id"])
    return desk


@pytest.mark.parametrize(
    ("words", "found"),
    [("evaluer", ["Assess the danger"]), ("RÉSEAU", ["Work with the network"]), ("danger assess", ["Assess the danger"]),
     ("network réseau", ["Work with the network"]), ("100%", []), ("nothing", [])],
)  # fmt: skip
def test_needs_are_found_in_both_languages(words: str, found: list[str], needs: SurveyDesk) -> None:
    items = needs.ask("search", needs.harness.actor("learner"), q=words)["items"]
    assert [item["statement"]["en"] for item in items] == found
    assert all(set(item) == {"id", "statement"} for item in items)


def test_search_of_needs_keeps_to_its_limit_and_to_members(needs: SurveyDesk) -> None:
    assert len(needs.ask("search", q="e")["items"]) == 4
    assert len(needs.ask("search", q="e", limit=2)["items"]) == 2
    with pytest.raises(CercleError) as caught:
        needs.harness.call("surveys", "search", {"q": "e"})
    assert caught.value.status == 401


def test_needs_of_a_survey_that_is_not_ranked_are_not_found(make_harness: Callable[..., Harness]) -> None:
    desk = SurveyDesk(make_harness("surveys"))
    desk.launched(items=[{"statement": STATEMENTS[0]}])
    assert desk.ask("search", q="evaluer") == {"items": []}


def hits(desk: CourseDesk, who: Any, words: str) -> list[str]:
    return [item["title"]["en"] for item in desk.ask("search", who, q=words)["items"]]


def test_courses_are_found_by_title_and_summary_and_drafts_only_by_staff(desk: CourseDesk) -> None:
    open_course = desk.publish(desk.draft("text"))
    version = desk.version(open_course["id"])
    title = {"fr": "Parler des réseaux", "en": "Talking about networks"}
    desk.ask("update_course", course_id=open_course["id"], version=version, title=title, summary=pair("Été"))
    assert hits(desk, desk.learner, "reseaux") == [], "the draft is not for learners"
    desk.publish(open_course)
    desk.ask("create_course", title={"fr": "Réseaux cachés", "en": "Hidden networks"})
    assert hits(desk, desk.learner, "reseaux") == ["Talking about networks"]
    assert hits(desk, desk.trainer, "RESEAUX") == ["Hidden networks", "Talking about networks"]
    assert hits(desk, desk.learner, "ete talking") == ["Talking about networks"]
    assert hits(desk, desk.learner, "caches") == []
    assert set(desk.ask("search", desk.learner, q="reseaux")["items"][0]) == {"id", "title"}


@pytest.fixture
def desk(make_harness: Callable[..., Harness]) -> CourseDesk:
    return CourseDesk(make_harness("courses"))


# ---------------------------------------------------------------------- figures of few people
def people(row: Any) -> list[Any]:
    return [row["rds"][side] for side in ("negative", "positive", "tied")]


@pytest.mark.parametrize(
    ("abilities", "shown"),
    [
        ([2] * 5 + [3] * 5 + [4] * 5, [5, 5, 5]),
        ([2] * 6 + [3] * 5 + [4] * 4, [None] * 3),
        ([2] * 15, [None] * 3),
    ],
)
def test_counts_of_people_are_shown_together_and_from_five_on(
    abilities: list[int], shown: list[Any], make_harness: Callable[..., Harness]
) -> None:
    desk = SurveyDesk(make_harness("surveys"))
    survey = desk.launched(items=[{"code": "c1", "statement": STATEMENTS[0]}])
    item = survey["items"][0]["code"]
    for ability in abilities:
        answers = {item: {"importance": 3, "ability": ability}}
        desk.ask(
            "submit_response",
            desk.harness.actor("learner"),
            survey_id=survey["id"],
            answers=answers,
            language="fr",
        )
    desk.ask("close_survey", survey_id=survey["id"])
    for who in (desk.coordinator, desk.harness.actor("learner")):
        results = desk.ask("get_results", who, survey_id=survey["id"])["items"][0]
        listed = desk.ask("list_needs", who)["items"][0]
        seen = [results, listed["metric"], desk.ask("get_need", who, need_id=listed["id"])["metric"],
                desk.ask("get_loop", who, need_id=listed["id"])["need"]["metric"]]  # fmt: skip
        assert [people(one) for one in seen] == [shown] * 4


def test_counts_of_a_course_hide_few_people_from_learners(desk: CourseDesk) -> None:
    course = desk.publish(desk.draft("text"))
    asked: dict[str, Any] = {"course_ids": [course["id"]]}
    hidden = {"course_id": course["id"], "enrolments": None, "completions": None, "mean_progress": None}
    assert desk.ask("course_counts", desk.learner, **asked)["items"] == [hidden]
    assert desk.ask("course_counts", desk.coordinator, **asked)["items"][0]["enrolments"] == 1
    for _ in range(4):
        desk.ask("enrol", desk.harness.actor("learner"), course_id=course["id"])
    told = desk.ask("course_counts", desk.learner, **asked)["items"][0]
    assert (told["enrolments"], told["completions"], told["mean_progress"]) == (5, None, 0.0)


@pytest.mark.parametrize(("close", "ranking"), [(False, "none"), (True, "refused")])
def test_a_listed_survey_tells_its_ranking(
    close: bool, ranking: str, make_harness: Callable[..., Harness]
) -> None:
    desk = SurveyDesk(make_harness("surveys"))
    survey = desk.launched()
    if close:
        desk.ask("close_survey", survey_id=survey["id"])
    assert [one["ranking"] for one in desk.ask("list_surveys")["items"]] == [ranking]


def test_a_listed_survey_is_pending_then_ranked(make_harness: Callable[..., Harness]) -> None:
    desk = SurveyDesk(make_harness("surveys"))
    survey = desk.table_survey()
    desk.answer_table(survey)
    desk.harness.clock.advance(timedelta(days=8))
    assert desk.ask("list_surveys")["items"][0]["ranking"] == "pending"
    desk.harness.services["surveys"].run_due_jobs()
    assert desk.ask("list_surveys")["items"][0]["ranking"] == "ranked"


# ---------------------------------------------------------------------- another alternative text
def test_alternative_text_changes_without_sending_the_file_again(desk: CourseDesk) -> None:
    course = desk.draft("file")
    activity = course["activities"][0]
    with pytest.raises(CercleError) as caught:
        desk.ask("set_activity_file", activity_id=activity, alt=pair("None yet"))
    assert caught.value.code == "not-found"
    png = b"\x89PNG\r\n\x1a\n" + b"\x00" * 32
    desk.ask(
        "set_activity_file", activity_id=activity, upload_id=desk.upload(png, "a.png"), alt=pair("First")
    )
    before = desk.ask("get_activity", activity_id=activity)
    desk.ask("set_activity_file", activity_id=activity, alt=pair("Second"), version=before["version"])
    after = desk.ask("get_activity", activity_id=activity)
    assert after["file"] == before["file"] | {"alt": pair("Second")}
    assert after["version"] == before["version"] + 1
    for alt, who, code in (({"fr": "x", "en": ""}, desk.trainer, "file-refused"),
                           (pair("Third"), desk.harness.actor("trainer"), "forbidden"),
                           (pair("Third"), desk.learner, "not-found")):  # fmt: skip
        with pytest.raises(CercleError) as caught:
            desk.ask("set_activity_file", who, activity_id=activity, alt=alt)
        assert caught.value.code == code
    assert desk.ask("get_activity", activity_id=activity) == after
