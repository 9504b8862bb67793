"""Votes and follow-up waves when calls really run together, on PostgreSQL."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.integration.surveys.test_races import TOGETHER, query, together
from tests.unit.surveys.support import PAIR, Desk
from tests.unit.surveys.test_follow_up import BEFORE, Course
from tests.unit.surveys.test_votes import join, opened


def test_ballots_together_are_one_each(desk: Desk) -> None:
    voters = join(desk, 4)
    vote = opened(desk, quorum=0)
    positions = ("agree", "abstain")

    def work(number: int) -> Any:
        said = {"position": positions[number % 2], "vote_id": vote["id"]}
        return desk.ask("cast_ballot", voters[number % 4], **said)["status"]

    assert together(work) == ["open"] * TOGETHER
    assert query(desk, "SELECT count(*) FROM ballots") == [(4,)]


def test_a_decision_while_ballots_come_in_counts_all_that_were_taken(desk: Desk) -> None:
    voters = join(desk, TOGETHER)
    vote = opened(desk, quorum=0)
    of_vote, proposal = {"vote_id": vote["id"]}, vote["proposals"][0]["id"]
    for voter in voters[:5]:
        desk.ask("cast_ballot", voter, position="agree", **of_vote)

    def work(number: int) -> Any:
        if number == 10:
            desk.harness.clock.advance(timedelta(days=3))
            return desk.ask(
                "decide_proposal", proposal_id=proposal, version=1, outcome="approved", reason=PAIR
            )
        return desk.ask("cast_ballot", voters[number], position="agree", **of_vote)["status"]

    told = together(work)
    assert isinstance(told[10], dict)
    # A call that the leap of the clock made late is rolled back whole.
    assert {one for one in told if isinstance(one, str)} <= {"open", "counting", "vote-closed", "deadline"}
    closed = desk.ask("get_vote", **of_vote)
    taken = {*range(5), *(place for place, one in enumerate(told) if one in ("open", "counting"))}
    assert closed["turnout"]["ballots"]["value"] == closed["proposals"][0]["counts"]["agree"] == len(taken)
    assert (
        query(desk, "SELECT count(*) FROM ballots")
        == query(desk, "SELECT count(*) FROM vote_rolls")
        == [(0,)]
    )


def test_twenty_answers_are_one_and_two_measurements_agree(desk: Desk) -> None:
    course = Course(desk)
    course.enrol()
    first = course.people[0]
    told = together(lambda _: course.say(first, "before", importance=5, ability=2))
    assert (sum(isinstance(one, dict) for one in told), told.count("follow-up-answered")) == (1, TOGETHER - 1)
    for person, (importance, ability) in zip(course.people[1:], BEFORE[1:], strict=True):
        course.say(person, "before", importance=importance, ability=ability)
    course.complete()
    course.answer("after", [(5, 4)] * 6, [1] * 6)
    job = desk.harness.services["surveys"].run_follow_ups  # type: ignore[attr-defined]
    together(lambda _: job(), 4)
    assert query(desk, "SELECT n FROM follow_up_measures") == [(6,)]
    assert {wave["same"] for wave in desk.ask("verify_follow_up", need_id=str(course.need))["waves"]} == {
        True
    }
