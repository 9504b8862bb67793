from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from shared.errors import Forbidden, NotFound
from shared.ids import new_id
from tests.unit.courses.support import Desk, pair, statement


@contextmanager
def statements_of(desk: Desk) -> Iterator[list[str]]:
    """SELECTs sent to the database meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, text: str, *_rest: Any) -> None:
        if text.lstrip().upper().startswith("SELECT"):
            seen.append(text)

    event.listen(desk.service.db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(desk.service.db.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("method", "expected"),
    [("list_courses", 3), ("list_my_courses", 3), ("home", 4), ("roster", 4), ("course_counts", 4)],
)
def test_lists_need_the_same_number_of_queries_whatever_their_length(
    desk: Desk, method: str, expected: int, count: int
) -> None:
    courses = [desk.publish(desk.draft("text", "text")) for _ in range(count)]
    for _ in range(count - 1):
        desk.ask("enrol", desk.harness.actor("learner"), course_id=courses[0]["id"])
    for course in courses:
        desk.ask("mark_viewed", desk.learner, activity_id=course["activities"][0])
    actor = desk.trainer if method == "roster" else desk.learner
    payload = {
        "roster": {"course_id": courses[0]["id"]},
        "course_counts": {"course_ids": [course["id"] for course in courses]},
    }.get(method, {})
    with statements_of(desk) as seen:
        answer = desk.ask(method, actor, **payload)
    assert len(answer.get("items", answer.get("continue"))) == count
    assert len(seen) == expected


def test_list_courses_hides_drafts_from_learners(desk: Desk) -> None:
    draft, published = desk.draft("text"), desk.publish(desk.draft("text"))
    assert [c["id"] for c in desk.ask("list_courses", desk.learner)["items"]] == [published["id"]]
    assert desk.ask("list_courses", desk.learner, status="draft")["items"] == []
    for actor in (desk.trainer, desk.coordinator, desk.admin):
        assert [c["id"] for c in desk.ask("list_courses", actor)["items"]] == [published["id"], draft["id"]]
        assert [c["id"] for c in desk.ask("list_courses", actor, status="draft")["items"]] == [draft["id"]]
    assert len(desk.ask("list_courses", desk.learner, need_id=desk.need_id)["items"]) == 1
    assert desk.ask("list_courses", desk.learner, need_id=str(new_id()))["items"] == []


def test_pages_follow_each_other_without_gap_or_double(desk: Desk) -> None:
    made = [desk.publish(desk.draft("text"))["id"] for _ in range(5)]
    seen, cursor = [], None
    for size in (2, 2, 1):
        page = desk.ask("list_courses", desk.learner, limit=2, **({"cursor": cursor} if cursor else {}))
        assert len(page["items"]) == size
        seen += [course["id"] for course in page["items"]]
        cursor = page["next_cursor"]
    assert (seen, cursor) == (made[::-1], None)


def test_summary_counts_parts_and_my_progress(desk: Desk) -> None:
    course = desk.publish(desk.draft("text", "text"))
    desk.ask("mark_viewed", desk.learner, activity_id=course["activities"][0])
    summary = desk.ask("list_my_courses", desk.learner)["items"][0]
    assert summary["counts"] == {"modules": 1, "units": 1, "activities": 2}
    assert summary["my"] == {"progress": 0.5, "completed_at": None}
    assert desk.ask("list_courses")["items"][0]["my"] is None
    view = desk.ask("get_course", desk.learner, course_id=course["id"])
    assert {name: view[name] for name in summary} == summary


def test_home_continues_where_the_learner_was(desk: Desk) -> None:
    old, new = desk.publish(desk.draft("text", "text")), desk.publish(desk.draft("text"))
    desk.harness.clock.advance(desk.harness.clock.now() - desk.harness.clock.now())
    desk.ask("mark_viewed", desk.learner, activity_id=old["activities"][0])
    home = desk.ask("home", desk.learner)
    assert {c["course_id"]: (c["progress"], c["next"]["id"]) for c in home["continue"]} == {
        old["id"]: (0.5, old["activities"][1]),
        new["id"]: (0.0, new["activities"][0]),
    }
    assert (home["drafts_to_take"], home["my_drafts"], home["completed"]) == ([], [], 0)
    desk.ask("mark_viewed", desk.learner, activity_id=new["activities"][0])
    assert desk.ask("home", desk.learner)["completed"] == 1


def test_home_of_a_trainer_shows_their_drafts_and_not_other_people_s(desk: Desk) -> None:
    mine = desk.draft("text")
    home = desk.ask("home")
    assert [c["id"] for c in home["my_drafts"]] == [mine["id"]]
    other = desk.ask("home", desk.harness.actor("trainer"))
    assert (other["my_drafts"], other["drafts_to_take"]) == ([], [])
    assert [c["id"] for c in desk.ask("list_drafts", desk.coordinator)["items"]] == []


def test_course_counts_leaves_out_what_one_may_not_see(desk: Desk) -> None:
    draft, published = desk.draft("text"), desk.publish(desk.draft("text", "text"))
    desk.ask("mark_viewed", desk.learner, activity_id=published["activities"][0])
    asked: dict[str, Any] = {"course_ids": [draft["id"], published["id"], str(new_id())]}
    counted = {"course_id": published["id"], "enrolments": 1, "completions": 0, "mean_progress": 0.5}
    hidden = {"course_id": published["id"], "enrolments": None, "completions": None, "mean_progress": None}
    assert desk.ask("course_counts", desk.learner, **asked)["items"] == [hidden]  # fewer than five people
    assert desk.ask("course_counts", desk.coordinator, **asked)["items"] == [
        {"course_id": draft["id"], "enrolments": 0, "completions": 0, "mean_progress": None},
        counted,
    ]


def test_roster_shows_scores_to_the_course_s_trainer_only(desk: Desk) -> None:
    course = desk.play()
    activity_id = course["activities"][0]
    desk.ask("record_statement", desk.learner, activity_id=activity_id, statement=statement(), pseudonym="p")
    row = desk.ask("roster", course_id=course["id"])["items"][0]
    assert (row["account_id"], row["progress"], row["activities"]) == (
        str(desk.learner.account_id), 1.0, {activity_id: {"completed": True, "score": 0.8, "failures": 0}},
    )  # fmt: skip
    for actor in (desk.learner, desk.coordinator, desk.harness.actor("trainer")):
        with pytest.raises(Forbidden):
            desk.ask("roster", actor, course_id=course["id"])


def test_get_learning_is_for_the_enrolled(desk: Desk) -> None:
    course = desk.publish(desk.draft("text"))
    for course_id in (course["id"], str(new_id()), "nonsense"):
        with pytest.raises(NotFound):
            desk.ask("get_learning", desk.harness.actor("learner"), course_id=course_id)


def test_resolved_grant_tells_nothing_about_the_person(desk: Desk) -> None:
    course = desk.play()
    view = desk.ask(
        "open_activity", desk.learner, course_id=course["id"], activity_id=course["activities"][0]
    )
    grant = desk.harness.call("courses", "resolve_grant", {"token": view["play"]["token"]})
    assert str(desk.learner.account_id) not in str(grant)


def test_libraries_are_listed_with_their_uses(desk: Desk) -> None:
    desk.play()
    page = desk.ask("list_h5p_libraries", limit=3)
    rest = desk.ask("list_h5p_libraries", cursor=page["next_cursor"], limit=200)
    found = {x["machine_name"]: x for x in [*page["items"], *rest["items"]]}
    assert (found["H5P.TrueFalse"]["uses"], found["H5P.TrueFalse"]["runnable"]) == (1, True)
    assert len(found) == desk.counts()["h5p_libraries"]
    with pytest.raises(NotFound):
        desk.ask("list_h5p_libraries", desk.learner)


def test_learner_s_view_of_a_course_offers_no_editing(desk: Desk) -> None:
    course = desk.publish(desk.draft("text"))
    view = desk.ask("get_course", desk.learner, course_id=course["id"])
    assert view["can"] == {
        "edit": False, "take": False, "publish": False, "enrol": True, "preview": False, "roster": False,
        "authors": False, "copy": False,
    }  # fmt: skip
    assert (view["blockers"], view["title"], view["objectives"][0]["need_id"]) == (
        [], pair("Course"), desk.need_id,
    )  # fmt: skip
