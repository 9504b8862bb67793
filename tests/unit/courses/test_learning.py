from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from services.courses.tables import statements
from shared.errors import Conflict, Invalid, NotAuthenticated, NotFound
from shared.ids import new_id
from tests.unit.courses.support import Desk, View, pair, statement

COMPLETED = ["courses.unit.completed.v1", "courses.module.completed.v1", "courses.course.completed.v1"]


def record(desk: Desk, activity_id: str, said: View, key: str | None = None, actor: object = None) -> View:
    return dict(
        desk.ask(
            "record_statement", actor or desk.learner, key,  # type: ignore[arg-type]
            activity_id=activity_id, statement=said, pseudonym="p-1",
        )
    )  # fmt: skip


def stored(desk: Desk) -> list[View]:
    with desk.service.db.engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(statements)).mappings()]


def test_enrol_once(desk: Desk) -> None:
    course = desk.publish(desk.draft("text"))
    again = desk.ask("enrol", desk.learner, course_id=course["id"])
    assert desk.ask("enrol", desk.learner, course_id=course["id"]) == again
    assert desk.types().count("courses.enrolment.started.v1") == 1


def test_enrol_in_a_draft_is_refused_to_staff_and_hidden_from_learners(desk: Desk) -> None:
    course = desk.draft("text")
    with pytest.raises(Conflict) as error:
        desk.ask("enrol", course_id=course["id"])
    assert error.value.code == "course-not-published"
    with pytest.raises(NotFound):
        desk.ask("enrol", desk.learner, course_id=course["id"])


def test_text_is_shown_in_the_reader_s_language(desk: Desk) -> None:
    course = desk.publish(desk.draft("text"))
    payload = {"course_id": course["id"], "activity_id": course["activities"][0]}
    view = desk.ask("open_activity", desk.learner, **payload)
    assert (view["html_language"], "<strong>Text</strong> (en)" in view["html"]) == ("en", True)
    desk.ask("enrol", course_id=course["id"])
    french = desk.ask("open_activity", **payload)
    assert (french["html_language"], "<strong>Text</strong> (fr)" in french["html"]) == ("fr", True)


def test_open_activity_tells_place_and_neighbours(desk: Desk) -> None:
    course = desk.publish(desk.draft("text", "text", "text"))
    first, second, third = course["activities"]
    view = desk.ask("open_activity", desk.learner, course_id=course["id"], activity_id=second)
    assert (view["previous_id"], view["next_id"]) == (first, third)
    assert view["unit"] == {"id": course["unit"], "title": pair("Unit")}
    assert view["module"] == {"id": course["module"], "title": pair("Module")}
    assert view["attempt"]["completed"] is False
    learning = desk.ask("get_learning", desk.learner, course_id=course["id"])
    assert learning["next"] == {"id": second, "title": pair("text"), "kind": "text"}


def test_viewing_everything_completes_each_part_once(desk: Desk) -> None:
    course = desk.publish(desk.draft("text", "text"))
    first, second = course["activities"]
    half = desk.ask("mark_viewed", desk.learner, activity_id=first)
    assert (half["completed"], half["progress"], half["unit_completed"]) == (True, 0.5, False)
    whole = desk.ask("mark_viewed", desk.learner, activity_id=second)
    assert (whole["progress"], whole["unit_completed"], whole["module_completed"], whole["course_completed"]) == (
        1.0, True, True, True,
    )  # fmt: skip
    again = desk.ask("mark_viewed", desk.learner, activity_id=second)
    assert (again["progress"], again["unit_completed"], again["course_completed"]) == (1.0, False, False)
    assert desk.types()[-3:] == COMPLETED
    data = desk.harness.events("courses")[-1].data
    assert (data["account_id"], data["need_id"]) == (str(desk.learner.account_id), desk.need_id)
    learning = desk.ask("get_learning", desk.learner, course_id=course["id"])
    assert (learning["progress"], learning["next"], learning["completed_at"] is None) == (1.0, None, False)


def test_statement_makes_score_and_completion(desk: Desk) -> None:
    course = desk.play()
    view = record(desk, course["activities"][0], statement(raw=4, highest=5))
    assert (view["completed"], view["score"], view["progress"]) == (True, 0.8, 1.0)
    assert desk.types()[-3:] == COMPLETED
    assert desk.ask("roster", course_id=course["id"])["items"][0]["score"] == 0.8


def test_actor_and_object_of_a_statement_are_replaced(desk: Desk) -> None:
    course = desk.play()
    activity_id = course["activities"][0]
    record(desk, activity_id, statement())
    document = stored(desk)[0]["document"]
    origin = desk.service.settings.main_origin
    assert document["actor"] == {"objectType": "Agent", "account": {"homePage": origin, "name": "p-1"}}
    assert document["object"]["id"] == f"{origin}/activities/{activity_id}"
    assert "someone@example.org" not in str(document)


def test_resent_statement_changes_nothing(desk: Desk) -> None:
    course = desk.play()
    activity_id, said = course["activities"][0], statement(id=str(new_id()))
    first = record(desk, activity_id, said)
    again = record(desk, activity_id, said)
    assert again == first | {"unit_completed": False, "module_completed": False, "course_completed": False}
    assert len(stored(desk)) == 1
    assert desk.types().count("courses.course.completed.v1") == 1
    with pytest.raises(Conflict) as error:
        record(desk, activity_id, said | {"result": {"completion": True, "score": {"raw": 5, "max": 5}}})
    assert error.value.code == "statement-id-reused"
    assert desk.ask("roster", course_id=course["id"])["items"][0]["score"] == 0.8


def test_statement_without_id_takes_it_from_the_key(desk: Desk) -> None:
    course = desk.play()
    for _ in range(2):
        record(desk, course["activities"][0], statement(), key="k1")
    record(desk, course["activities"][0], statement(), key="k2")
    assert len({row["id"] for row in stored(desk)}) == len(stored(desk)) == 2


def test_best_score_stays_whatever_the_order(desk: Desk) -> None:
    course = desk.play()
    scores = [record(desk, course["activities"][0], statement(raw=raw))["score"] for raw in (2, 5, 1)]
    assert scores == [0.4, 1.0, 1.0]


@pytest.mark.parametrize(
    ("said", "completed", "score"),
    [
        (statement("answered"), True, 0.8),
        (statement("answered", result={"score": {"raw": 1, "max": 2}}), False, 0.5),
        (statement("failed", result={"score": {"raw": -1, "min": -2, "max": 2}}), True, None),
        (statement("completed", result={"completion": False}), False, None),
        (statement("interacted", result={}), False, None),
        (statement("downloaded"), False, None),
        (
            statement(object={"id": "https://x.example/1?subContentId=abc", "objectType": "Activity"}),
            False,
            None,
        ),
        (statement(context={"contextActivities": {"parent": [{"id": "https://x.example/1"}]}}), False, None),
    ],
)
def test_only_statements_about_the_whole_content_count(
    desk: Desk, said: View, completed: bool, score: float | None
) -> None:
    course = desk.play()
    view = record(desk, course["activities"][0], said)
    assert view["completed"] is completed
    if score is not None or not completed:
        assert view["score"] == score
    assert len(stored(desk)) == 1


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("no object", "statement-not-object"),
        (statement(response="x" * 200_000), "statement-too-large"),
    ],
)
def test_bad_statement_is_refused_with_its_reason_and_not_kept(desk: Desk, said: View, code: str) -> None:
    course = desk.play()
    with pytest.raises(Invalid) as error:
        record(desk, course["activities"][0], said)
    assert (error.value.code, [p.code for p in error.value.fields]) == ("statement-refused", [code])
    assert set(error.value.fields[0].params["message"]) == {"fr", "en"}
    assert (stored(desk), desk.counts()["attempts"]) == ([], 0)


def test_stranger_s_statement_looks_like_an_unknown_activity(desk: Desk) -> None:
    course = desk.play()
    for actor, activity_id in (
        (desk.harness.actor("learner"), course["activities"][0]),
        (desk.learner, str(new_id())),
    ):
        with pytest.raises(NotFound):
            record(desk, activity_id, statement(), actor=actor)
    assert stored(desk) == []


def test_saved_state_comes_back_and_the_highest_sequence_wins(desk: Desk) -> None:
    course = desk.play()
    activity_id = course["activities"][0]
    base = {"activity_id": activity_id, "data_type": "state", "sub_content_id": "0"}
    assert desk.ask("save_state", desk.learner, **base, state="new", sequence=5) == {
        "saved": True,
        "sequence": 5,
    }
    for late in (4, 5):
        answer = desk.ask("save_state", desk.learner, **base, state="old", sequence=late)
        assert answer == {"saved": False, "sequence": 5}
    play = desk.ask("open_activity", desk.learner, course_id=course["id"], activity_id=activity_id)["play"]
    expected = [{"data_type": "state", "sub_content_id": "0", "state": "new", "sequence": 5}]
    assert play["state"] == expected
    grant = desk.harness.call("courses", "resolve_grant", {"token": play["token"]})
    assert (grant["state"], grant["nonce"], grant["language"]) == (expected, play["nonce"], "en")
    desk.ask("save_state", desk.learner, **base, state=None, sequence=6)
    again = desk.ask("open_activity", desk.learner, course_id=course["id"], activity_id=activity_id)
    assert again["play"]["state"] == []


def test_state_has_a_size_limit_in_bytes(desk: Desk) -> None:
    course = desk.play()
    base = {"activity_id": course["activities"][0], "data_type": "state", "sub_content_id": "0"}
    desk.ask("save_state", desk.learner, **base, state="x" * 262_144, sequence=1)
    with pytest.raises(Invalid) as error:
        desk.ask("save_state", desk.learner, **base, state="é" * 131_073, sequence=2)
    assert [(p.path, p.code) for p in error.value.fields] == [("state", "too-long")]


def test_grant_ends_after_twelve_hours_and_is_kept_as_a_hash(desk: Desk) -> None:
    course = desk.play()
    payload = {"course_id": course["id"], "activity_id": course["activities"][0]}
    view = desk.ask("open_activity", desk.learner, key="even with a key", **payload)
    token = view["play"]["token"]
    desk.harness.clock.advance(timedelta(hours=11, minutes=59))
    assert desk.harness.call("courses", "resolve_grant", {"token": token})["activity_id"] == view["id"]
    desk.harness.clock.advance(timedelta(minutes=2))
    for gone in (token, "guess", ""):
        with pytest.raises(NotFound):
            desk.harness.call("courses", "resolve_grant", {"token": gone})
    database = desk.service.settings.var / "db" / "courses.sqlite"
    assert token.encode() not in database.read_bytes() + database.with_name("courses.sqlite-wal").read_bytes()
    desk.service.expire_grants()
    assert desk.counts()["play_grants"] == 0


def test_preview_is_for_staff_and_leaves_no_trace_of_learning(desk: Desk) -> None:
    course = desk.play()
    payload = {"course_id": course["id"], "activity_id": course["activities"][0], "preview": True}
    before = desk.counts()
    view = desk.ask("open_activity", desk.coordinator, **payload)
    assert (view["preview"], view["attempt"], view["play"]["read_only"], view["play"]["state"]) == (
        True, None, True, [],
    )  # fmt: skip
    assert (
        desk.harness.call("courses", "resolve_grant", {"token": view["play"]["token"]})["read_only"] is True
    )
    assert desk.counts() == before | {"play_grants": 1}
    with pytest.raises(NotFound):
        desk.ask("open_activity", desk.learner, **payload)


def test_activity_of_another_course_is_unknown(desk: Desk) -> None:
    one, other = desk.publish(desk.draft("text")), desk.publish(desk.draft("text"))
    with pytest.raises(NotFound):
        desk.ask("open_activity", desk.learner, course_id=one["id"], activity_id=other["activities"][0])


def test_removing_the_last_open_activity_completes_the_course_at_publication(desk: Desk) -> None:
    course = desk.publish(desk.draft("text", "text"))
    first, second = course["activities"]
    desk.ask("mark_viewed", desk.learner, activity_id=first)
    desk.ask("delete_item", item_id=second, version=desk.version(course["id"]))
    desk.ask("open_activity", desk.learner, course_id=course["id"], activity_id=second)
    assert desk.types().count("courses.course.completed.v1") == 0
    desk.publish(course)
    assert desk.types()[-4:] == [*COMPLETED, "courses.course.published.v1"]
    with pytest.raises(NotFound):
        desk.ask("open_activity", desk.learner, course_id=course["id"], activity_id=second)


def test_added_activity_lowers_progress_and_keeps_what_was_reached(desk: Desk) -> None:
    course = desk.publish(desk.draft("text"))
    desk.ask("mark_viewed", desk.learner, activity_id=course["activities"][0])
    desk.activity(course["unit"], "text")
    assert desk.ask("get_learning", desk.learner, course_id=course["id"])["progress"] == 1.0
    desk.publish(course)
    learning = desk.ask("get_learning", desk.learner, course_id=course["id"])
    assert (learning["progress"], learning["completed_at"] is None) == (0.5, False)


def test_h5p_completes_by_viewing_when_its_author_says_so(desk: Desk) -> None:
    course = desk.play()
    activity_id = course["activities"][0]
    assert desk.ask("mark_viewed", desk.learner, activity_id=activity_id)["completed"] is False
    desk.ask(
        "set_completion", activity_id=activity_id, version=desk.version(course["id"]), completion="viewed"
    )
    assert desk.ask("mark_viewed", desk.learner, activity_id=activity_id)["completed"] is False
    desk.publish(course)
    assert desk.ask("mark_viewed", desk.learner, activity_id=activity_id)["completed"] is True


def test_one_enrolment_in_either_language(desk: Desk) -> None:
    course = desk.publish(desk.draft("text", "text"))
    desk.ask("mark_viewed", desk.learner, activity_id=course["activities"][0])
    french = type(desk.learner)(desk.learner.account_id, desk.learner.roles, "fr")
    learning = desk.ask("get_learning", french, course_id=course["id"])
    assert (learning["progress"], desk.counts()["enrolments"]) == (0.5, 1)


@pytest.mark.parametrize("method", ["list_courses", "list_drafts", "list_my_courses", "home"])
def test_visitor_is_asked_to_sign_in(desk: Desk, method: str) -> None:
    with pytest.raises(NotAuthenticated):
        desk.harness.call("courses", method)
