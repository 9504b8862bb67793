from datetime import timedelta

import pytest

from shared.errors import Conflict, Forbidden, Invalid, NotAuthenticated, NotFound, Stale
from tests.unit.surveys.support import PAIR, Desk, View, answers_of


def problems(error: Invalid) -> list[tuple[str, str]]:
    return [(problem.path, problem.code) for problem in error.fields]


def test_template_becomes_a_draft_and_launches_with_two_calls(desk: Desk) -> None:
    survey = desk.launched(template_id="hennessy-hicks-method")
    assert (survey["status"], survey["method"], len(survey["items"])) == ("open", "gap", 12)
    event = desk.harness.events("surveys")[-1]
    assert (event.type, str(event.subject), event.version) == ("surveys.survey.launched.v1", survey["id"], 2)
    assert event.data["title"] == survey["title"]
    assert event.data["audience_roles"] == []


def test_launch_refused_with_every_missing_half(desk: Desk) -> None:
    draft = desk.draft(
        title={"fr": "Titre", "en": ""}, items=[{"statement": {"fr": "", "en": "x"}}], closes_at=None
    )
    with pytest.raises(Invalid) as caught:
        desk.ask("launch_survey", survey_id=draft["id"], version=draft["version"])
    assert caught.value.code == "not-ready"
    assert problems(caught.value) == [
        ("title.en", "missing"), ("elements.0.text.fr", "missing"), ("closes_at", "missing"),
    ]  # fmt: skip
    assert desk.ask("get_survey", survey_id=draft["id"])["status"] == "draft"


def test_edit_keeps_the_code_of_a_known_item(desk: Desk) -> None:
    draft = desk.draft()
    first, second = draft["items"][:2]
    items = [
        {"id": second["id"], "code": "other", "statement": second["statement"]},
        {"code": "own.one", "statement": PAIR},
        {"id": first["id"], "statement": PAIR},
    ]
    edited = desk.ask("edit_survey", survey_id=draft["id"], version=draft["version"], items=items)
    assert [item["code"] for item in edited["items"]] == [second["code"], "own.one", first["code"]]
    assert [item["position"] for item in edited["items"]] == [1, 2, 3]
    assert edited["version"] == draft["version"] + 1


def test_edit_of_an_older_version_is_stale(desk: Desk) -> None:
    draft = desk.draft()
    desk.ask("edit_survey", survey_id=draft["id"], version=1, title=PAIR)
    with pytest.raises(Stale):
        desk.ask("edit_survey", survey_id=draft["id"], version=1, title={"fr": "b", "en": "b"})
    assert desk.ask("get_survey", survey_id=draft["id"])["title"] == PAIR


@pytest.mark.parametrize("method", ["edit_survey", "launch_survey", "discard_survey"])
def test_launched_instrument_is_frozen(desk: Desk, method: str) -> None:
    survey = desk.launched()
    with pytest.raises(Conflict) as caught:
        desk.ask(method, survey_id=survey["id"], version=survey["version"])
    assert caught.value.code == "already-launched"


def test_discard_removes_a_draft_and_its_items(desk: Desk) -> None:
    draft = desk.draft()
    desk.ask("discard_survey", survey_id=draft["id"], version=draft["version"])
    with pytest.raises(NotFound):
        desk.ask("get_survey", survey_id=draft["id"])
    with desk.harness.services["surveys"].db.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM survey_items").scalar_one() == 0


def test_extend_moves_the_closing_date(desk: Desk) -> None:
    survey = desk.launched()
    later = desk.ask(
        "extend_survey", survey_id=survey["id"], version=survey["version"], closes_at=desk.days(30)
    )
    assert later["closes_at"] == desk.days(30)
    with pytest.raises(Stale):
        desk.ask("extend_survey", survey_id=survey["id"], version=survey["version"], closes_at=desk.days(40))


def test_duplicate_code_and_unknown_fields_are_refused(desk: Desk) -> None:
    twice = [{"code": "a.b", "statement": PAIR}, {"code": "a.b", "statement": PAIR}]
    with pytest.raises(Invalid) as caught:
        desk.draft(items=twice)
    assert problems(caught.value) == [("items.1.code", "duplicate")]
    with pytest.raises(Invalid) as caught:
        desk.draft(seed=7, items=[{"code": "Bad Code", "statement": PAIR}])
    assert problems(caught.value) == [("items.0.code", "bad-format"), ("seed", "unknown-field")]


def test_lone_surrogate_in_a_title_is_a_bad_character(desk: Desk) -> None:
    with pytest.raises(Invalid) as caught:
        desk.draft(title={"fr": "\ud800", "en": "x"})
    assert problems(caught.value) == [("title.fr", "bad-character")]


@pytest.mark.parametrize(
    "instant", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00", "2026-11-22T15:00"]
)
def test_instant_outside_of_time_is_a_bad_instant(desk: Desk, instant: str) -> None:
    with pytest.raises(Invalid) as caught:
        desk.draft(closes_at=instant)
    assert problems(caught.value) == [("closes_at", "bad-instant")]


WRITES = ["edit_survey", "launch_survey", "discard_survey", "extend_survey", "close_survey", "rank_needs"]


def payload_of(method: str, survey: View, desk: Desk) -> View:
    payload: View = {"survey_id": survey["id"]}
    if method not in ("close_survey", "rank_needs", "get_progress", "list_participants"):
        payload["version"] = survey["version"]
    return payload | ({"closes_at": desk.days(20)} if method == "extend_survey" else {})


@pytest.mark.parametrize("method", [*WRITES, "get_progress", "list_participants"])
def test_only_coordinators_act_on_a_survey_that_members_see(desk: Desk, method: str) -> None:
    survey = desk.launched(anonymity="named")
    with pytest.raises(Forbidden):
        desk.ask(method, desk.harness.actor("trainer"), **payload_of(method, survey, desk))


@pytest.mark.parametrize("method", [*WRITES, "get_progress", "list_participants", "get_results"])
def test_hidden_and_unknown_surveys_look_alike(desk: Desk, method: str) -> None:
    member = desk.harness.actor("learner")
    hidden = desk.draft(title={"fr": "Secret fr", "en": "Secret en"})
    elsewhere = desk.launched(audience_roles=["trainer"])
    unknown = {"id": "019a0c5e-0000-7000-8000-000000000001", "version": 1}
    told = []
    for survey in (hidden, elsewhere, unknown):
        payload = payload_of(method, survey, desk)
        if method == "get_results":
            payload = {"survey_id": survey["id"]}
        with pytest.raises(NotFound) as caught:
            desk.ask(method, member, **payload)
        told.append(caught.value.to_dict())
    assert told == [{"status": 404, "code": "not-found", "params": {}}] * 3


def test_members_list_only_what_they_are_asked(desk: Desk) -> None:
    desk.draft()
    desk.launched(audience_roles=["trainer"])
    mine = desk.launched(audience_roles=["learner", "trainer"])
    listed = desk.ask("list_surveys", desk.harness.actor("learner"))["items"]
    assert [survey["id"] for survey in listed] == [mine["id"]]
    assert len(desk.ask("list_surveys")["items"]) == 3


@pytest.mark.parametrize(("status", "count"), [("draft", 1), ("scheduled", 1), ("open", 1), ("closed", 1)])
def test_list_by_status(desk: Desk, status: str, count: int) -> None:
    desk.launched(closes_at=desk.days(1))
    desk.harness.clock.advance(timedelta(days=2))
    desk.draft()
    desk.launched()
    desk.launched(opens_at=desk.days(3))
    found = desk.ask("list_surveys", status=status)["items"]
    assert [survey["status"] for survey in found] == [status] * count


def test_list_pages_by_cursor(desk: Desk) -> None:
    made = [desk.draft()["id"] for _ in range(3)]
    first = desk.ask("list_surveys", limit=2)
    second = desk.ask("list_surveys", limit=2, cursor=first["next_cursor"])
    assert [s["id"] for s in first["items"] + second["items"]] == made[::-1]
    assert second["next_cursor"] is None


@pytest.mark.parametrize("method", ["list_surveys", "list_needs", "list_proposals", "list_loops"])
def test_forged_cursor_is_a_bad_cursor(desk: Desk, method: str) -> None:
    for cursor in ("eA", "WyJ4Il0", "WyIxIiwgIjIiXQ", "é", "WyI5OTk5OTk5OTk5OTk5IiwgIngiXQ"):
        with pytest.raises(Invalid) as caught:
            desk.ask(method, cursor=cursor)
        assert problems(caught.value) == [("cursor", "bad-cursor")]


def test_visitor_is_not_authenticated(desk: Desk) -> None:
    for method in ("list_surveys", "list_needs", "list_proposals", "home", "list_templates"):
        with pytest.raises(NotAuthenticated):
            desk.harness.call("surveys", method)


def test_templates_are_for_coordinators(desk: Desk) -> None:
    with pytest.raises(Forbidden):
        desk.ask("list_templates", desk.harness.actor("trainer"))
    with pytest.raises(NotFound):
        desk.ask("get_template", template_id="unknown")
    assert len(desk.ask("get_template", template_id="ranked-discrepancy")["items"]) == 12


def test_same_idempotency_key_launches_once(desk: Desk) -> None:
    draft = desk.draft()
    payload = {"survey_id": draft["id"], "version": draft["version"]}
    first = desk.ask("launch_survey", key="k", **payload)
    assert desk.ask("launch_survey", key="k", **payload) == first
    assert [e.type for e in desk.harness.events("surveys")] == ["surveys.survey.launched.v1"]


def test_closing_date_closes_and_ranks_by_the_job(desk: Desk) -> None:
    survey = desk.table_survey()
    desk.answer_table(survey)
    desk.harness.clock.advance(timedelta(days=8))
    view = desk.ask("get_survey", survey_id=survey["id"])
    assert (view["status"], view["ranking"], view["can"]["extend"]) == ("closed", "pending", False)
    with pytest.raises(Conflict) as caught:
        desk.ask("get_results", survey_id=survey["id"])
    assert caught.value.code == "ranking-pending"
    desk.harness.services["surveys"].run_due_jobs()
    assert desk.ask("get_results", survey_id=survey["id"])["status"] == "ranked"
    types = [event.type for event in desk.harness.events("surveys")][-2:]
    assert types == ["surveys.survey.closed.v1", "surveys.needs.ranked.v1"]


def test_home_shows_what_waits(desk: Desk) -> None:
    learner = desk.harness.actor("learner")
    desk.launched(audience_roles=["trainer"])
    later, sooner = desk.launched(closes_at=desk.days(9)), desk.launched(closes_at=desk.days(2))
    desk.ask(
        "save_draft", learner, survey_id=sooner["id"], language="en",
        answers={sooner["items"][0]["code"]: {"importance": 1, "ability": "na"}},
    )  # fmt: skip
    shown = desk.ask("home", learner)
    assert [survey["id"] for survey in shown["surveys"]] == [sooner["id"], later["id"]]
    assert shown["surveys"][0]["mine"] == {"state": "draft", "answered": 1, "total": 12}
    assert shown["coordinator"] is None
    desk.ask("submit_response", learner, survey_id=sooner["id"], answers=answers_of(sooner), language="fr")
    assert [s["id"] for s in desk.ask("home", learner)["surveys"]] == [later["id"]]
    closing = desk.ask("home")["coordinator"]["closing"]
    assert (closing[0]["id"], closing[0]["responses"]) == (sooner["id"], 1)
