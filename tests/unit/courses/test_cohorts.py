from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from services.courses.tables import members
from shared.actor import Actor
from shared.contracts.identity import AccountUpdated
from shared.errors import CercleError, Conflict, Forbidden, Invalid, NotFound, Stale
from shared.ids import new_id
from shared.messaging.envelope import envelope_of
from tests.unit.courses.support import PACKAGES, Desk, View, pair, statement

JOINED, LEFT = "courses.cohort.joined.v1", "courses.cohort.left.v1"
SEAT, OPENED, DUE = "courses.seat.given.v1", "courses.cohort.opened.v1", "courses.cohort.due.v1"


def cohort(desk: Desk, course_id: str, actor: Actor | None = None, **values: Any) -> View:
    """A cohort that began yesterday and ends in ten days, unless said."""
    today = desk.harness.clock.now().date()
    basic = {
        "name": pair("Cohort"), "time_zone": "America/Toronto",
        "starts_on": (today - timedelta(days=1)).isoformat(), "ends_on": (today + timedelta(days=10)).isoformat(),
    }  # fmt: skip
    return dict(desk.ask("create_cohort", actor, course_id=course_id, **(basic | values)))


def day(desk: Desk, days: int) -> str:
    return (desk.harness.clock.now().date() + timedelta(days=days)).isoformat()


def refused(desk: Desk, method: str, actor: Actor | None = None, **payload: Any) -> CercleError:
    with pytest.raises(CercleError) as error:
        desk.ask(method, actor, **payload)
    return error.value


def events(desk: Desk, kind: str) -> list[View]:
    return [event.data for event in desk.harness.events("courses") if event.type == kind]


def join(desk: Desk, person: Actor, course_id: str, cohort_id: str) -> View:
    return dict(desk.ask("enrol", person, course_id=course_id, cohort_id=cohort_id))


# --- cohorts


def test_who_is_in_a_cohort_is_told_in_order_and_once_for_seats_of_before(desk: Desk) -> None:
    course = desk.publish(desk.draft("text"))
    group = cohort(desk, course["id"])["id"]
    person = desk.harness.actor("learner")
    for verb in (join, None, join):
        desk.harness.clock.advance(timedelta(minutes=1))
        if verb:
            join(desk, person, course["id"], group)
        else:
            desk.ask("leave_course", person, course_id=course["id"])
    told = [event for event in desk.harness.events("courses") if event.type in (JOINED, LEFT)]
    ids = {"course_id": course["id"], "cohort_id": group, "account_id": str(person.account_id)}
    assert [(event.type, event.data) for event in told] == [(JOINED, ids), (LEFT, ids), (JOINED, ids)]
    assert told[0].version < told[1].version < told[2].version
    service: Any = desk.harness.services["courses"]
    with service.db.engine.begin() as connection:
        connection.execute(text("UPDATE seats SET announced = false"))
    service.announce_seats()
    service.announce_seats()
    assert events(desk, JOINED) == [ids] * 3
    names = desk.ask("cohort_choices", desk.harness.actor("coordinator"))["items"]
    assert [(one["id"], one["name"]) for one in names] == [(group, pair("Cohort"))]
    assert desk.ask("cohort_choices", desk.harness.actor("coordinator"), ids=[str(new_id())])["items"] == []
    assert isinstance(refused(desk, "cohort_choices", person), Forbidden)


def test_full_cohort_makes_people_wait_in_order_and_a_freed_seat_goes_to_the_first(desk: Desk) -> None:
    course = desk.publish(desk.draft("text"))
    group = cohort(desk, course["id"], seats=1)["id"]
    first, second, third = (desk.harness.actor("learner") for _ in range(3))
    assert join(desk, first, course["id"], group)["waiting"] is None
    assert [join(desk, one, course["id"], group)["waiting"] for one in (second, third)] == [1, 2]
    assert join(desk, third, course["id"], group)["waiting"] == 2
    with pytest.raises(NotFound):
        desk.ask("get_learning", second, course_id=course["id"])
    view = desk.ask("get_cohort", cohort_id=group)
    assert (view["taken"], view["waiting"], view["free"]) == (1, 2, 0)
    desk.ask("leave_course", first, course_id=course["id"])
    assert [event["account_id"] for event in events(desk, SEAT)] == [str(second.account_id)]
    assert desk.ask("get_learning", second, course_id=course["id"])["cohort"]["id"] == group
    assert desk.ask("get_cohort", third, cohort_id=group)["mine"] == {"seat": False, "place": 1}


def test_more_seats_go_to_who_waits(desk: Desk) -> None:
    course = desk.publish(desk.draft("text"))
    made = cohort(desk, course["id"], seats=1)
    people = [desk.harness.actor("learner") for _ in range(3)]
    for one in people:
        join(desk, one, course["id"], made["id"])
    change = {
        "cohort_id": made["id"], "version": 1, "name": pair("B"), "starts_on": day(desk, -1),
        "ends_on": day(desk, 5), "time_zone": "America/Toronto", "seats": 2,
    }  # fmt: skip
    desk.ask("update_cohort", **change)
    assert [event["account_id"] for event in events(desk, SEAT)] == [str(people[1].account_id)]
    assert refused(desk, "update_cohort", **change).code == Stale.code


def test_one_is_in_one_cohort_at_a_time_and_may_wait_in_several(desk: Desk) -> None:
    course = desk.publish(desk.draft("text"))
    one, two, three = (cohort(desk, course["id"], seats=1)["id"] for _ in range(3))
    for group in (one, two):
        join(desk, desk.harness.actor("learner"), course["id"], group)
    person = desk.harness.actor("learner")
    assert [join(desk, person, course["id"], group)["waiting"] for group in (one, two)] == [1, 1]
    assert join(desk, person, course["id"], three)["waiting"] is None
    assert [desk.ask("get_cohort", cohort_id=group)["waiting"] for group in (one, two)] == [0, 0]
    error = refused(desk, "enrol", person, course_id=course["id"], cohort_id=one)
    assert error.code == "already-in-cohort"


def test_enrolment_ends_after_its_last_day(desk: Desk) -> None:
    course = desk.publish(desk.draft("text"))
    group = cohort(desk, course["id"], enrol_by=day(desk, 1))["id"]
    desk.harness.clock.advance(timedelta(days=3))
    error = refused(desk, "enrol", desk.harness.actor("learner"), course_id=course["id"], cohort_id=group)
    assert error.code == "cohort-closed"


def test_course_in_cohorts_cannot_be_taken_alone(desk: Desk) -> None:
    course = desk.publish(desk.draft("text"))
    desk.ask("set_enrolment_rules", course_id=course["id"], version=desk.version(course["id"]),
             pace="cohorts", after=[])  # fmt: skip
    person = desk.harness.actor("learner")
    assert refused(desk, "enrol", person, course_id=course["id"]).code == "cohort-required"
    assert desk.ask("enrol", desk.learner, course_id=course["id"])["id"]  # was enrolled before
    how = desk.ask("get_enrolment", person, course_id=course["id"])
    assert (how["pace"], how["can"]["enrol"], how["can"]["join"]) == ("cohorts", False, False)
    group = cohort(desk, course["id"])["id"]
    how = desk.ask("get_enrolment", person, course_id=course["id"])
    assert (how["can"]["join"], [one["id"] for one in how["cohorts"]]) == (True, [group])


def test_a_cohort_of_another_course_is_not_found(desk: Desk) -> None:
    course, other = desk.publish(desk.draft("text")), desk.publish(desk.draft("text"))
    group = cohort(desk, other["id"])["id"]
    assert isinstance(refused(desk, "enrol", desk.learner, course_id=course["id"], cohort_id=group), NotFound)


def test_authors_and_coordinators_make_cohorts_and_nobody_else(desk: Desk) -> None:
    course = desk.publish(desk.draft("text"))
    made = cohort(desk, course["id"], desk.coordinator)
    for actor in (desk.learner, desk.harness.actor("trainer")):
        with pytest.raises(Forbidden):
            cohort(desk, course["id"], actor)
        with pytest.raises(Forbidden):
            desk.ask("delete_cohort", actor, cohort_id=made["id"], version=1)
    assert desk.ask("get_cohort", desk.learner, cohort_id=made["id"])["taken"] is None
    join(desk, desk.learner, course["id"], made["id"])
    assert refused(desk, "delete_cohort", cohort_id=made["id"], version=1).code == "cohort-has-people"
    desk.ask("leave_course", desk.learner, course_id=course["id"])
    desk.ask("delete_cohort", cohort_id=made["id"], version=1)
    assert desk.ask("list_cohorts", course_id=course["id"])["items"] == []


@pytest.mark.parametrize(
    ("values", "path", "code"),
    [
        ({"ends_on": "2020-01-01"}, "ends_on", "before-start"),
        ({"time_zone": "Mars/Olympus"}, "time_zone", "unknown-zone"),
        ({"seats": 0}, "seats", "out-of-range"),
        ({"starts_on": "soon"}, "starts_on", "bad-date"),
        ({"ends_on": "9999-12-31"}, "ends_on", "out-of-range"),
        ({"name": {"fr": "", "en": ""}}, "name", "missing"),
        ({"releases": {str(UUID(int=5)): "2026-12-01"}}, f"releases.{UUID(int=5)}", "unknown-part"),
    ],
)
def test_bad_cohorts_are_refused_with_the_field(desk: Desk, values: View, path: str, code: str) -> None:
    course = desk.draft("text")
    with pytest.raises(Invalid) as error:
        cohort(desk, course["id"], **values)
    assert [(one.path, one.code) for one in error.value.fields] == [(path, code)]
    assert desk.counts()["cohorts"] == 0


# --- leaving, interest, reminders


def test_who_leaves_keeps_what_was_learned_and_comes_back_to_it(desk: Desk) -> None:
    course = desk.publish(desk.draft("text", "text"))
    desk.ask("mark_viewed", desk.learner, activity_id=course["activities"][0])
    desk.ask("leave_course", desk.learner, course_id=course["id"])
    assert isinstance(
        refused(desk, "mark_viewed", desk.learner, activity_id=course["activities"][1]), NotFound
    )
    assert isinstance(refused(desk, "leave_course", desk.learner, course_id=course["id"]), NotFound)
    assert desk.ask("home", desk.learner)["continue"] == []
    assert desk.ask("roster", course_id=course["id"])["items"] == []
    left = desk.ask("roster", course_id=course["id"], state="left")["items"]
    assert [row["account_id"] for row in left] == [str(desk.learner.account_id)]
    desk.ask("enrol", desk.learner, course_id=course["id"])
    assert desk.ask("get_learning", desk.learner, course_id=course["id"])["progress"] == 0.5
    assert desk.types().count("courses.enrolment.started.v1") == 1


def test_a_finished_course_is_not_left(desk: Desk) -> None:
    course = desk.publish(desk.draft("text"))
    desk.ask("mark_viewed", desk.learner, activity_id=course["activities"][0])
    assert refused(desk, "leave_course", desk.learner, course_id=course["id"]).code == "already-completed"


def test_who_asked_is_told_once_of_the_next_cohort(desk: Desk) -> None:
    course = desk.publish(desk.draft("text"))
    person = desk.harness.actor("learner")
    for _ in range(2):
        desk.ask("set_interest", person, course_id=course["id"], wanted=True)
    assert desk.ask("my_learning", person)["interests"][0]["course_id"] == course["id"]
    for _ in range(2):
        cohort(desk, course["id"])
    assert [event["account_ids"] for event in events(desk, OPENED)] == [[str(person.account_id)], []]


def test_cohort_is_reminded_once_three_days_before_its_end_but_not_who_finished(desk: Desk) -> None:
    course = desk.publish(desk.draft("text"))
    group = cohort(desk, course["id"], ends_on=day(desk, 4))["id"]
    done, late = desk.harness.actor("learner"), desk.harness.actor("learner")
    for one in (done, late):
        join(desk, one, course["id"], group)
    desk.ask("mark_viewed", done, activity_id=course["activities"][0])
    desk.service.remind_cohorts()
    assert events(desk, DUE) == []
    desk.harness.clock.advance(timedelta(days=2))
    for _ in range(2):
        desk.service.remind_cohorts()
    assert [event["account_ids"] for event in events(desk, DUE)] == [[str(late.account_id)]]


# --- gates


def test_locked_activity_is_refused_with_its_reason_but_not_to_a_preview(desk: Desk) -> None:
    course = desk.draft("text", "text")
    first, second = course["activities"]
    desk.ask("set_gate", item_id=second, version=desk.version(course["id"]), after=[first])
    desk.publish(course)
    asked = {"course_id": course["id"], "activity_id": second}
    error = refused(desk, "open_activity", desk.learner, **asked)
    assert (error.status, error.code, error.params) == (409, "activity-after", {"after": [pair("text")]})
    assert refused(desk, "mark_viewed", desk.learner, activity_id=second).code == "activity-after"
    steps = desk.ask("get_learning", desk.learner, course_id=course["id"])["modules"][0]["units"][0][
        "activities"
    ]
    assert [step["lock"] and step["lock"]["code"] for step in steps] == [None, "after"]
    assert desk.ask("open_activity", **asked, preview=True)["id"] == second
    desk.ask("mark_viewed", desk.learner, activity_id=first)
    assert desk.ask("open_activity", desk.learner, **asked)["id"] == second


def test_release_days_count_from_the_enrolment_and_a_cohort_s_day_replaces_them(desk: Desk) -> None:
    course = desk.draft("text", "text")
    second = course["activities"][1]
    desk.ask("set_gate", item_id=second, version=desk.version(course["id"]), after=[], release_days=7)
    desk.publish(course)
    error = refused(desk, "mark_viewed", desk.learner, activity_id=second)
    opens = desk.harness.clock.now() + timedelta(days=7)
    assert (error.code, error.params["at"]) == ("activity-opens-later", opens.isoformat())
    due = desk.ask("my_learning", desk.learner)["due"]
    assert [(one["kind"], one["activity"]["id"]) for one in due] == [("opens", second)]
    group = cohort(desk, course["id"], releases={second: day(desk, 0)})["id"]
    join(desk, desk.learner, course["id"], group)
    assert desk.ask("mark_viewed", desk.learner, activity_id=second)["completed"]


def test_nothing_opens_before_the_cohort_starts_and_what_was_begun_stays_open(desk: Desk) -> None:
    course = desk.publish(desk.draft("text", "text"))
    first, second = course["activities"]
    desk.ask("open_activity", desk.learner, course_id=course["id"], activity_id=first)
    group = cohort(desk, course["id"], starts_on=day(desk, 5))["id"]
    join(desk, desk.learner, course["id"], group)
    assert desk.ask("mark_viewed", desk.learner, activity_id=first)["completed"]
    assert refused(desk, "mark_viewed", desk.learner, activity_id=second).code == "activity-not-started"
    going = desk.ask("my_learning", desk.learner)["going"][0]
    assert (going["next"], going["lock"]["code"]) == (None, "not-started")


def test_prerequisites_that_wait_for_themselves_are_refused(desk: Desk) -> None:
    course = desk.draft("text", "text")
    first, second = course["activities"]
    desk.ask("set_gate", item_id=second, version=desk.version(course["id"]), after=[first])
    for item, after, code in ((first, second, "prerequisite-cycle"), (first, course["unit"], "prerequisite-cycle"),
                              (first, str(new_id()), "unknown-part")):  # fmt: skip
        with pytest.raises(Invalid) as error:
            desk.ask("set_gate", item_id=item, version=desk.version(course["id"]), after=[after])
        assert (error.value.code, error.value.fields[0].code) == ("prerequisite-refused", code)


def test_course_after_course(desk: Desk) -> None:
    basics, course = desk.publish(desk.draft("text")), desk.publish(desk.draft("text"))
    rules = {"course_id": course["id"], "version": desk.version(course["id"]), "pace": "self"}
    desk.ask("set_enrolment_rules", **rules, after=[basics["id"]])
    person = desk.harness.actor("learner")
    error = refused(desk, "enrol", person, course_id=course["id"])
    assert (error.code, error.params) == ("courses-first", {"courses": [pair("Course")]})
    assert desk.ask("get_enrolment", person, course_id=course["id"])["after"][0]["completed"] is False
    desk.ask("enrol", person, course_id=basics["id"])
    desk.ask("mark_viewed", person, activity_id=basics["activities"][0])
    assert desk.ask("enrol", person, course_id=course["id"])["id"]
    back = {"course_id": basics["id"], "version": desk.version(basics["id"]), "pace": "self"}
    error = refused(desk, "set_enrolment_rules", **back, after=[course["id"]])
    assert error.fields[0].code == "prerequisite-cycle"


# --- completion rules


def test_score_rule_completes_from_its_score_on_and_counts_failures(desk: Desk) -> None:
    course = desk.draft("h5p")
    activity = course["activities"][0]
    version = desk.version(course["id"])
    edit = desk.ask(
        "set_completion", activity_id=activity, version=version, completion="score", min_score=0.7
    )
    assert edit["version"] > version
    upload = desk.upload((PACKAGES / "valid" / "h5p-test.h5p").read_bytes(), "h5p-test.h5p")
    desk.ask("set_activity_h5p", activity_id=activity, upload_id=upload)
    desk.publish(course)
    results = []
    for number, raw in enumerate((2, 3, 4)):
        said = statement(
            raw=raw, highest=5, result={"score": {"min": 0, "raw": raw, "max": 5}, "completion": True}
        )
        results.append(desk.ask("record_statement", desk.learner, f"k{number}", activity_id=activity, statement=said,
                                pseudonym="p-1")["completed"])  # fmt: skip
    assert results == [False, False, True]
    row = desk.ask("roster", course_id=course["id"])["items"][0]
    assert row["activities"][activity] == {"completed": True, "score": 0.8, "failures": 2}


def test_dwell_counts_only_time_that_has_passed(desk: Desk) -> None:
    course = desk.draft("text")
    activity = course["activities"][0]
    desk.ask("set_completion", activity_id=activity, version=desk.version(course["id"]), completion="dwell",
             seconds=25)  # fmt: skip
    desk.publish(course)
    desk.ask("open_activity", desk.learner, course_id=course["id"], activity_id=activity)
    assert desk.ask("beat", desk.learner, activity_id=activity, seconds=3600)["dwell"] == 0
    assert desk.ask("mark_viewed", desk.learner, activity_id=activity)["completed"] is False
    told = []
    for _ in range(2):
        desk.harness.clock.advance(timedelta(seconds=15))
        beat = desk.ask("beat", desk.learner, activity_id=activity, seconds=15)
        told.append((beat["dwell"], beat["completed"]))
    assert told == [(15, False), (30, True)]


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({"completion": "score"}, "missing"),
        ({"completion": "dwell", "seconds": 1}, "out-of-range"),
        ({"completion": "score", "min_score": 1.5}, "out-of-range"),
        ({"completion": "score", "min_score": "nan"}, "wrong-type"),
        ({"completion": "never"}, "not-a-choice"),
    ],
)
def test_bad_rules_are_refused(desk: Desk, rule: View, code: str) -> None:
    course = desk.draft("text")
    with pytest.raises(Invalid) as error:
        desk.ask("set_completion", activity_id=course["activities"][0], version=1, **rule)
    assert [one.code for one in error.value.fields] == [code]


def test_a_text_cannot_ask_for_a_score(desk: Desk) -> None:
    course = desk.draft("text")
    with pytest.raises(Conflict):
        desk.ask("set_completion", activity_id=course["activities"][0], version=desk.version(course["id"]),
                 completion="score", min_score=0.5)  # fmt: skip


# --- members


def test_members_are_known_by_their_newest_state_in_any_order(desk: Desk) -> None:
    account = new_id()
    at = datetime(2026, 11, 1, tzinfo=UTC)
    for version, province in ((1, "QC"), (3, "NB"), (2, "ON")):
        event = AccountUpdated(account, ["learner"], "fr", "America/Toronto", province, "health")
        envelope = envelope_of(event, source="identity", subject=account, version=version, time=at)
        desk.harness.deliver("courses", "on_account_updated", envelope)
    with desk.service.db.engine.connect() as connection:
        row = connection.execute(select(members)).mappings().one()
    assert (row["province"], row["sector"], row["version"]) == ("NB", "health", 3)
