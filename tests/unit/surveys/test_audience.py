"""Who is asked: AND between kinds, OR within one, from the members that other services tell of."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from services.surveys.domain.audience import KINDS
from shared.actor import Actor
from shared.contracts.courses import CohortJoined, CohortLeft
from shared.contracts.identity import AccountUpdated
from shared.errors import Invalid, NotFound
from shared.ids import new_id
from shared.messaging.envelope import envelope_of
from tests.unit.surveys.support import Desk, View, answers_of, member

AGENCY, COHORT, COURSE = new_id(), new_id(), new_id()


def seated(desk: Desk, person: Actor, version: int, event: type[Any] = CohortJoined) -> None:
    assert person.account_id is not None
    handler = "on_cohort_joined" if event is CohortJoined else "on_cohort_left"
    envelope = envelope_of(event(COURSE, COHORT, person.account_id), source="courses", subject=COHORT,
                           version=version, time=desk.harness.clock.now())  # fmt: skip
    desk.harness.deliver("surveys", handler, envelope)


def audience_count(desk: Desk, **audience: Any) -> Any:
    return desk.ask("count_audience", audience=audience)


def sees(desk: Desk, person: Actor, survey: View) -> bool:
    try:
        shown = desk.ask("get_survey", person, survey_id=survey["id"])
    except NotFound:
        shown = None
    listed = [one["id"] for one in desk.ask("list_surveys", person)["items"]]
    due = [one["id"] for one in desk.ask("home", person)["surveys"]]
    assert (survey["id"] in listed) is (shown is not None)
    if shown is None:
        assert survey["id"] not in due
        return False
    assert (survey["id"] in due) is shown["can"]["answer"]
    return bool(shown["can"]["answer"])


def test_kinds_are_joined_by_and_values_by_or_everywhere(desk: Desk) -> None:
    qc = member(desk, province="QC", sector="health", agency_id=AGENCY)
    on = member(desk, province="ON", sector="health", language="en")
    ab = member(desk, province="AB", sector="police")
    unknown = member(desk, province=None, sector=None)
    trainer = member(desk, "trainer", province="QC", sector="health")
    gone = member(desk, province="QC", sector="health")
    desk.disable(gone)
    seated(desk, ab, 1)
    people = {"qc": qc, "on": on, "ab": ab, "unknown": unknown, "trainer": trainer, "gone": gone}
    cases: list[tuple[dict[str, Any], set[str]]] = [
        ({}, set(people) - {"gone"}),
        ({"province": ["QC", "ON"], "sector": ["health"]}, {"qc", "on", "trainer"}),
        ({"province": ["QC", "AB"], "language": ["fr"], "role": ["learner"]}, {"qc", "ab"}),
        ({"agency": [str(AGENCY), str(new_id())]}, {"qc"}),
        ({"cohort": [str(COHORT)]}, {"ab"}),
        ({"cohort": [str(COHORT)], "province": ["QC"]}, set()),
    ]
    for audience, expected in cases:
        survey = desk.launched(audience=audience)
        reached = {name for name, person in people.items() if name != "gone" and sees(desk, person, survey)}
        assert reached == expected, audience
        assert desk.ask("get_progress", survey_id=survey["id"])["invited"] == len(expected)
        few = 0 < len(expected) < 5
        assert audience_count(desk, **audience) == {
            "value": None if few else len(expected), "fewer_than": 5 if few else None,
        }  # fmt: skip
        unlimited: View = {kind: [] for kind in KINDS}
        assert survey["audience"] == unlimited | {kind: sorted(values) for kind, values in audience.items()}
        if audience.get("cohort") and expected:
            with pytest.raises(NotFound):
                desk.ask(
                    "submit_response", qc, survey_id=survey["id"], answers=answers_of(survey), language="fr"
                )
    closing = [row["invited"] for row in desk.ask("home")["coordinator"]["closing"]]
    assert closing == [len(expected) for _, expected in cases][:5]


def test_who_has_moved_still_sees_what_they_answered_but_is_asked_no_more(desk: Desk) -> None:
    person = member(desk, province="QC")
    survey = desk.launched(audience={"province": ["QC"]}, anonymity="named")
    desk.ask("submit_response", person, survey_id=survey["id"], answers=answers_of(survey), language="fr")
    other = desk.launched(audience={"province": ["QC"]})
    desk.tell(AccountUpdated(account(person), ["learner"], "fr", "America/Toronto", "ON"), version=2)
    assert not sees(desk, person, other)
    assert desk.ask("get_survey", person, survey_id=survey["id"])["mine"]["state"] == "submitted"
    assert [one["id"] for one in desk.ask("list_surveys", person)["items"]] == [survey["id"]]


def test_cohort_events_may_come_in_any_order_and_twice(desk: Desk) -> None:
    person = member(desk)
    cohort = {"cohort": [str(COHORT)]}
    survey = desk.launched(audience=cohort)
    seated(desk, person, 3)
    seated(desk, person, 2, CohortLeft)
    seated(desk, person, 1)
    assert sees(desk, person, survey)
    seated(desk, person, 4, CohortLeft)
    assert not sees(desk, person, survey)


def test_launching_names_those_asked_only_where_roles_do_not_say_who(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.surveys.audience.CHUNK", 2)
    asked = [member(desk, province="QC") for _ in range(3)]
    member(desk, province="ON")
    desk.launched(audience_roles=["learner"])
    events = {event.type: event.data for event in desk.harness.events("surveys")}
    assert events["surveys.survey.launched.v1"]["addressed"] is False
    assert "surveys.audience.named.v1" not in events
    desk.launched(audience={"province": ["QC"]})
    launched, *named = desk.harness.events("surveys")[-3:]
    assert (launched.data["addressed"], launched.data["audience_roles"]) == (True, [])
    assert [len(event.data["account_ids"]) for event in named] == [2, 1]
    ids = [one for event in named for one in event.data["account_ids"]]
    assert sorted(ids) == sorted(str(person.account_id) for person in asked)
    assert {event.data["about"] for event in named} == {"launched"}


def test_an_audience_is_set_as_a_whole_and_refused_where_it_is_unknown(desk: Desk) -> None:
    draft = desk.draft(audience={"role": ["trainer"], "province": ["QC", "NB"]})
    assert (draft["audience"]["province"], draft["audience_roles"]) == (["NB", "QC"], ["trainer"])
    edited = desk.ask("edit_survey", survey_id=draft["id"], version=1, audience={"sector": ["police"]})
    assert (edited["audience"]["province"], edited["audience"]["sector"]) == ([], ["police"])
    assert edited["audience_roles"] == []
    with pytest.raises(Invalid) as error:
        desk.ask(
            "edit_survey", survey_id=draft["id"], version=2, audience={"province": ["ZZ"], "cohort": ["x"]}
        )
    assert [(one.path, one.code) for one in error.value.fields] == [
        ("audience.province.0", "not-a-choice"), ("audience.cohort.0", "bad-id"),
    ]  # fmt: skip
    assert desk.ask("discard_survey", survey_id=draft["id"], version=2)["discarded"] is True


def account(person: Actor) -> UUID:
    assert person.account_id is not None
    return person.account_id
