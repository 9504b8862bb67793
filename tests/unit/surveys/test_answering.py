from datetime import timedelta

import pytest

from shared.errors import Conflict, Invalid, NotFound
from tests.unit.surveys.support import Desk, answers_of


def counted(desk: Desk, table: str) -> int:
    with desk.harness.services["surveys"].db.engine.connect() as connection:
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())


def test_draft_is_saved_merged_and_resumed_in_another_language(desk: Desk) -> None:
    survey, person = desk.launched(), desk.harness.actor("learner", language="en")
    first, second = survey["items"][0]["code"], survey["items"][1]["code"]
    empty = desk.ask("get_draft", person, survey_id=survey["id"])
    assert (empty["answers"], empty["saved_at"], empty["language"], empty["total"]) == ({}, None, "en", 12)
    desk.ask("save_draft", person, survey_id=survey["id"], answers={first: {"importance": 5}}, language="en")
    saved = desk.ask(
        "save_draft", person, survey_id=survey["id"], language="fr",
        answers={first: {"ability": 2}, second: {"importance": "na"}},
    )  # fmt: skip
    assert saved["answers"] == {first: {"importance": 5, "ability": 2}, second: {"importance": "na"}}
    assert (saved["language"], saved["answered"]) == ("fr", 1)
    assert desk.ask("get_draft", person, survey_id=survey["id"]) == saved


def test_submission_lies_over_the_draft_and_deletes_it(desk: Desk) -> None:
    survey, person = desk.launched(anonymity="named"), desk.harness.actor("learner")
    answers = answers_of(survey)
    first = survey["items"][0]["code"]
    desk.ask("save_draft", person, survey_id=survey["id"], answers=answers, language="fr")
    desk.ask(
        "submit_response", person, survey_id=survey["id"], language="en", answers={first: {"ability": "na"}}
    )
    own = desk.ask("get_own_response", person, survey_id=survey["id"])
    assert own["language"] == "en"
    assert own["answers"] == answers | {first: {"importance": 4, "ability": "na"}}
    assert counted(desk, "drafts") == 0


def test_missing_items_are_listed_and_the_draft_stays(desk: Desk) -> None:
    survey, person = desk.launched(), desk.harness.actor("learner")
    answers = answers_of(survey)
    last = survey["items"][-1]["code"]
    answers[last] = {"importance": 3}
    desk.ask("save_draft", person, survey_id=survey["id"], answers=answers, language="fr")
    with pytest.raises(Invalid) as caught:
        desk.ask("submit_response", person, survey_id=survey["id"], language="fr")
    assert [(p.path, p.code) for p in caught.value.fields] == [(f"items.{last}.ability", "missing")]
    assert desk.ask("get_draft", person, survey_id=survey["id"])["answers"] == answers
    assert counted(desk, "responses") == counted(desk, "participations") == 0


def test_second_submission_conflicts_and_changes_nothing(desk: Desk) -> None:
    survey, person = desk.launched(anonymity="named"), desk.harness.actor("learner")
    payload = {"survey_id": survey["id"], "answers": answers_of(survey), "language": "fr"}
    first = desk.ask("submit_response", person, key="one", **payload)
    assert desk.ask("submit_response", person, key="one", **payload) == first
    for key in ("two", None):
        with pytest.raises(Conflict) as caught:
            desk.ask("submit_response", person, key=key, **payload | {"answers": answers_of(survey, 1, 1)})
        assert caught.value.code == "already-answered"
    with pytest.raises(Conflict) as caught:
        desk.ask("save_draft", person, **payload)
    assert caught.value.code == "already-answered"
    assert counted(desk, "responses") == 1
    assert desk.ask("get_own_response", person, survey_id=survey["id"])["answers"] == payload["answers"]


def test_same_key_after_closing_gets_the_same_acknowledgement(desk: Desk) -> None:
    survey, person = desk.launched(), desk.harness.actor("learner")
    payload = {"survey_id": survey["id"], "answers": answers_of(survey), "language": "fr"}
    first = desk.ask("submit_response", person, key="one", **payload)
    desk.ask("close_survey", survey_id=survey["id"])
    assert desk.ask("submit_response", person, key="one", **payload) == first
    assert counted(desk, "responses") == 1


def test_one_key_of_two_people_is_two_answers(desk: Desk) -> None:
    survey = desk.launched()
    for _ in range(2):
        person = desk.harness.actor("learner")
        desk.ask(
            "submit_response",
            person,
            key="k",
            survey_id=survey["id"],
            answers=answers_of(survey),
            language="fr",
        )
    assert counted(desk, "responses") == 2


@pytest.mark.parametrize("method", ["save_draft", "submit_response"])
def test_answers_outside_the_dates_are_refused(desk: Desk, method: str) -> None:
    survey, person = desk.launched(opens_at=desk.days(1)), desk.harness.actor("learner")
    payload = {"survey_id": survey["id"], "answers": answers_of(survey), "language": "fr"}
    with pytest.raises(Conflict) as caught:
        desk.ask(method, person, **payload)
    assert caught.value.code == "survey-not-open"
    desk.harness.clock.advance(timedelta(days=7))
    with pytest.raises(Conflict) as caught:
        desk.ask(method, person, **payload)
    assert caught.value.code == "survey-closed"
    assert counted(desk, "drafts") == counted(desk, "responses") == 0


@pytest.mark.parametrize("method", ["save_draft", "submit_response", "get_draft", "get_own_response"])
def test_only_those_who_are_asked_may_answer(desk: Desk, method: str) -> None:
    trainers, draft = desk.launched(audience_roles=["trainer"], anonymity="named"), desk.draft()
    for survey, actor in ((trainers, None), (trainers, desk.harness.actor("learner")), (draft, None)):
        payload = {"survey_id": survey["id"]}
        if not method.startswith("get_"):
            payload |= {"answers": answers_of(survey), "language": "fr"}
        with pytest.raises(NotFound):
            desk.ask(method, actor, **payload)


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        ({"language": "de"}, "language", "not-a-choice"),
        ({"language": None}, "language", "missing"),
        ({"answers": []}, "answers", "wrong-type"),
        ({"answers": {"x": {}}}, "items.x", "unknown-item"),
        ({"surprise": 1}, "surprise", "unknown-field"),
        ({"survey_id": "x"}, "survey_id", "bad-id"),
    ],
)
def test_bad_submission_is_named_field_by_field(
    desk: Desk, change: dict[str, object], path: str, code: str
) -> None:
    survey = desk.launched()
    payload = {"survey_id": survey["id"], "answers": answers_of(survey), "language": "fr"} | change
    with pytest.raises(Invalid) as caught:
        desk.ask("submit_response", desk.harness.actor("learner"), **payload)
    assert [(p.path, p.code) for p in caught.value.fields] == [(path, code)]


def test_named_survey_tells_who_answered_and_keeps_answers_to_their_owner(desk: Desk) -> None:
    survey = desk.table_survey(anonymity="named")
    people = desk.answer_table(survey)
    listed = desk.ask("list_participants", survey_id=survey["id"])["items"]
    assert {row["account_id"] for row in listed} == {str(person.account_id) for person in people}
    assert [set(row) for row in listed] == [{"account_id"}] * 6
    with pytest.raises(NotFound):
        desk.ask("get_own_response", survey_id=survey["id"])


def test_handled_effects_equal_responses(desk: Desk) -> None:
    survey = desk.table_survey()
    desk.answer_table(survey)
    desk.harness.drain()
    again = [e for e in desk.harness.events("surveys") if e.type == "surveys.response.submitted.v1"]
    assert [desk.harness.deliver("surveys", "on_response_submitted", event) for event in again] == [False] * 6
    with desk.harness.services["surveys"].db.engine.connect() as connection:
        handled = connection.exec_driver_sql("SELECT handled FROM response_counts").scalar_one()
    assert handled == counted(desk, "responses") == 6
