"""Deciding together: terms, ballots, counting, secrecy, and the decision that follows or departs."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from shared.actor import Actor
from shared.contracts.identity import AccountRegistered
from shared.errors import CercleError, Conflict, Forbidden, Invalid, NotFound
from shared.messaging.envelope import envelope_of
from tests.unit.surveys.support import PAIR, TEXTS, Desk, View

WORDS = "Un motif que personne ne doit relier"


def join(desk: Desk, count: int, role: str = "learner") -> list[Actor]:
    """People whom the service knows as members."""
    people = [desk.harness.actor(role) for _ in range(count)]
    for person in people:
        assert person.account_id
        told = AccountRegistered(person.account_id, [role], "fr", "America/Toronto")
        envelope = envelope_of(told, source="identity", subject=person.account_id, version=1,
                               time=desk.harness.clock.now())  # fmt: skip
        desk.harness.deliver("surveys", "on_account_registered", envelope)
    return people


def proposals(desk: Desk, count: int = 1) -> list[View]:
    survey = desk.ranked()
    needs = desk.ask("list_needs", survey_id=survey["id"])["items"]
    return [desk.ask("open_proposal", need_id=need["id"], **TEXTS) for need in needs[:count]]


def opened(desk: Desk, count: int = 1, **terms: Any) -> View:
    made = proposals(desk, count)
    given = {"method": "consent", "quorum": 0.5, "closes_at": desk.days(3)} | terms
    found: View = put(desk, proposal_ids=[one["id"] for one in made], **given)
    return found


def put(desk: Desk, actor: Actor | None = None, /, **terms: Any) -> View:
    """open_vote; its `method` is the vote's."""
    found: View = desk.harness.call("surveys", "open_vote", terms, actor=actor or desk.coordinator)
    return found


def run_out(desk: Desk) -> None:
    desk.harness.clock.advance(timedelta(days=4))
    count = desk.harness.services["surveys"].count_votes  # type: ignore[attr-defined]
    count()


def code(desk: Desk, call: str, actor: Actor | None = None, /, **payload: Any) -> str:
    with pytest.raises(CercleError) as caught:
        desk.harness.call("surveys", call, payload, actor=actor or desk.coordinator)
    error = caught.value
    return error.fields[0].code if error.fields else error.code


def test_terms_are_checked_before_the_vote_opens(desk: Desk) -> None:
    one, two = (made["id"] for made in proposals(desk, 2))
    sound = {"method": "consent", "proposal_ids": [one], "quorum": 0.5, "closes_at": desk.days(3)}
    assert code(desk, "open_vote", **sound) == "nobody-entitled"
    join(desk, 3)
    for change, expected in (
        ({"method": "dots"}, "wrong-number"),
        ({"proposal_ids": [one, two]}, "wrong-number"),
        ({"threshold": 0.5}, "out-of-range"),
        ({"method": "score", "threshold": 5.1}, "out-of-range"),
        ({"method": "dots", "proposal_ids": [one, two], "threshold": 2}, "out-of-range"),
        ({"closes_at": desk.days(-1)}, "in-the-past"),
        ({"closes_at": desk.days(61)}, "too-long-open"),
        ({"roles": ["trainer"]}, "nobody-entitled"),
        ({"quorum": 1.5}, "out-of-range"),
    ):
        assert code(desk, "open_vote", **sound | change) == expected, change
    with pytest.raises(Forbidden):
        put(desk, desk.harness.actor("learner"), **sound)
    vote = put(desk, **sound)
    assert (vote["rule"]["entitled"], vote["rule"]["needed"]) == (3, 2)
    assert code(desk, "open_vote", **sound) == "vote-open"


def test_nobody_edits_or_decides_while_people_vote_and_a_begun_vote_stays(desk: Desk) -> None:
    voter, vote = join(desk, 4)[0], opened(desk)
    proposal_id = vote["proposals"][0]["id"]
    changes = {"proposal_id": proposal_id, "version": 1}
    assert code(desk, "decide_proposal", outcome="approved", reason=PAIR, **changes) == "vote-open"
    assert code(desk, "edit_proposal", effort_hours=3, **changes) == "vote-open"
    assert desk.ask("cancel_vote", vote_id=vote["id"])["cancelled"]
    with pytest.raises(NotFound):
        desk.ask("get_vote", vote_id=vote["id"])
    again = put(desk, method="score", threshold=3, proposal_ids=[proposal_id], quorum=0.1,
                     closes_at=desk.days(3))  # fmt: skip
    desk.ask("cast_ballot", voter, vote_id=again["id"], score=4)
    assert code(desk, "cancel_vote", vote_id=again["id"]) == "vote-begun"
    run_out(desk)
    decided = desk.ask("decide_proposal", outcome="approved", reason=PAIR, **changes)
    assert (decided["decision"]["vote_id"], decided["decision"]["accord"]) == (again["id"], "follows")


def test_ballots_are_checked_changed_and_only_of_those_entitled(desk: Desk) -> None:
    voters = join(desk, 3)
    vote = opened(desk)
    late = join(desk, 1)
    of_vote = {"vote_id": vote["id"]}
    assert code(desk, "cast_ballot", late[0], position="agree", **of_vote) == "not-entitled"
    assert code(desk, "cast_ballot", voters[0], **of_vote) == "missing"
    assert code(desk, "cast_ballot", voters[0], position="object", **of_vote) == "missing"
    assert code(desk, "cast_ballot", voters[0], position="agree", score=3, **of_vote) == "unknown-field"
    assert code(desk, "cast_ballot", voters[0], position="veto", **of_vote) == "not-a-choice"
    desk.ask("cast_ballot", voters[0], position="object", reason=WORDS, **of_vote)
    mine = desk.ask("cast_ballot", voters[0], position="agree", **of_vote)["mine"]
    assert mine == {"entitled": True, "choice": {"position": "agree"}}
    desk.ask("cast_ballot", voters[1], position="agree", **of_vote)
    assert desk.ask("withdraw_ballot", voters[1], **of_vote)["mine"]["choice"] is None
    assert [one["id"] for one in desk.ask("home", voters[1])["votes"]] == [vote["id"]]
    assert desk.ask("home", voters[0])["votes"] == desk.ask("home", late[0])["votes"] == []
    run_out(desk)
    assert code(desk, "cast_ballot", voters[2], position="agree", **of_vote) == "vote-closed"
    closed = desk.ask("get_vote", **of_vote)
    # One of three is short of a quorum of half, which is two people.
    assert (closed["proposals"][0]["outcome"], closed["mine"]) == ("no-quorum", None)


def test_consent_counts_and_shows_objections_without_their_people(desk: Desk) -> None:
    voters = join(desk, 8)
    vote = opened(desk, quorum=0.7)
    of_vote = {"vote_id": vote["id"]}
    for voter in voters[:4]:
        desk.ask("cast_ballot", voter, position="agree", **of_vote)
    open_view = desk.ask("get_vote", **of_vote)
    assert open_view["turnout"] == {"ballots": {"value": None, "fewer_than": 5}, "share": None}
    desk.ask("cast_ballot", voters[4], position="abstain", **of_vote)
    desk.ask("cast_ballot", voters[5], position="object", reason=WORDS, language="fr", **of_vote)
    running = desk.ask("get_vote", **of_vote)
    assert (running["objections"], running["proposals"][0]["counts"]) == ([], None)
    assert running["turnout"]["ballots"]["value"] == 6
    run_out(desk)
    closed = desk.ask("get_vote", desk.harness.actor("learner"), **of_vote)
    row = closed["proposals"][0]
    assert row["counts"] == {"agree": 4, "abstain": 1, "object": 1}
    assert (row["outcome"], row["figure"], closed["turnout"]["share"]) == ("not-passed", 1.0, 0.75)
    assert closed["objections"] == [{"reason": WORDS, "language": "fr"}]
    payload = {"proposal_id": row["id"], "version": 1, "outcome": "approved", "reason": PAIR}
    assert desk.ask("decide_proposal", **payload)["decision"]["accord"] == "departs"
    assert desk.ask("list_decisions")["items"][0]["vote"]["proposals"][0]["counts"]["object"] == 1


def test_under_five_ballots_no_objection_is_shown(desk: Desk) -> None:
    voters = join(desk, 8)
    vote = opened(desk, quorum=0)
    for voter in voters[:4]:
        desk.ask("cast_ballot", voter, position="object", reason=WORDS, language="fr", vote_id=vote["id"])
    run_out(desk)
    for reader in (desk.coordinator, voters[0]):
        shown = [desk.ask("get_vote", reader, vote_id=vote["id"]), *desk.ask("list_votes", reader)["items"]]
        assert [one["objections"] for one in shown if "objections" in one] == [[]] * len(shown)
        assert shown[0]["proposals"][0]["outcome"] == "not-passed"


def test_dots_share_a_round_and_few_ballots_hide_their_split(desk: Desk) -> None:
    voters = join(desk, 4)
    vote = opened(desk, 2, method="dots", threshold=0.5, quorum=0.5)
    first, second = (one["id"] for one in vote["proposals"])
    of_vote = {"vote_id": vote["id"]}
    assert code(desk, "cast_ballot", voters[0], dots={first: 3, second: 3}, **of_vote) == "too-many-dots"
    assert code(desk, "cast_ballot", voters[0], dots={vote["id"]: 1}, **of_vote) == "not-a-choice"
    for voter, given in zip(voters, ({first: 5}, {first: 3, second: 2}, {second: 1}), strict=False):
        desk.ask("cast_ballot", voter, dots=given, **of_vote)
    run_out(desk)
    closed = desk.ask("get_vote", **of_vote)
    # 8 of 11 dots and 3 of 11; three ballots of four: the outcome is told, the split is not.
    assert [one["outcome"] for one in closed["proposals"]] == ["passed", "not-passed"]
    assert {one["counts"] is one["figure"] is None for one in closed["proposals"]} == {True}
    assert closed["turnout"] == {"ballots": {"value": None, "fewer_than": 5}, "share": None}


def test_no_voter_is_in_any_view_event_row_or_job(desk: Desk) -> None:
    voters = join(desk, 6)
    vote = opened(desk)
    of_vote = {"vote_id": vote["id"]}
    for voter in voters:
        desk.ask("cast_ballot", voter, key=f"k{voter.account_id}", position="object", reason=WORDS, **of_vote)
    views = [desk.ask("get_vote", **of_vote), desk.ask("list_votes"), desk.ask("home")]
    run_out(desk)
    views += [desk.ask("get_vote", **of_vote), desk.ask("list_votes", status="closed")]
    told = json.dumps([views, [one.to_dict() for one in desk.harness.events("surveys")]], default=str)
    assert [str(voter.account_id) in told for voter in voters] == [False] * 6
    assert WORDS not in json.dumps([one.to_dict() for one in desk.harness.events("surveys")], default=str)
    with desk.harness.services["surveys"].db.engine.connect() as connection:
        for table in ("ballots", "vote_rolls", "commands"):
            left = connection.execute(text(f"SELECT * FROM {table}")).all()
            assert not any(voter.account_id and voter.account_id.hex in str(left) for voter in voters), table
        columns = {row[1] for row in connection.execute(text("PRAGMA table_info(objections)"))}
        assert columns == {"id", "vote_id", "reason", "language"}
        assert connection.execute(text("SELECT count(*) FROM objections")).scalar() == 6


def test_a_decision_just_after_closing_time_counts_the_vote_first(desk: Desk) -> None:
    voters = join(desk, 2)
    vote = opened(desk, quorum=0)
    desk.ask("cast_ballot", voters[0], vote_id=vote["id"], position="agree")
    desk.harness.clock.advance(timedelta(days=3))
    assert desk.ask("get_vote", vote_id=vote["id"])["status"] == "counting"
    payload = {"proposal_id": vote["proposals"][0]["id"], "version": 1, "outcome": "declined", "reason": PAIR}
    decision = desk.ask("decide_proposal", **payload)["decision"]
    assert (decision["accord"], decision["vote_id"]) == ("departs", vote["id"])


def test_decisions_are_published_newest_first_and_filtered(desk: Desk) -> None:
    made = proposals(desk, 3)
    for place, proposal in enumerate(made):
        desk.harness.clock.advance(timedelta(hours=1))
        outcome = "declined" if place == 1 else "approved"
        desk.ask("decide_proposal", proposal_id=proposal["id"], version=1, outcome=outcome, reason=PAIR)
    reader = desk.harness.actor("learner")
    page = desk.ask("list_decisions", reader, limit=2)
    rest = desk.ask("list_decisions", reader, limit=2, cursor=page["next_cursor"])
    shown = [one["proposal"]["id"] for one in page["items"] + rest["items"]]
    assert shown == [one["id"] for one in reversed(made)]
    declined = desk.ask("list_decisions", reader, outcome="declined")["items"]
    assert [one["proposal"]["id"] for one in declined] == [made[1]["id"]]
    of_need = desk.ask("list_decisions", reader, need_id=made[0]["need_id"])["items"]
    assert (len(of_need), of_need[0]["need"]["status"], of_need[0]["vote"]) == (1, "approved", None)
    with pytest.raises(Invalid):
        desk.ask("list_decisions", reader, cursor="WzFd")
    taken = [e for e in desk.harness.events("surveys") if e.type == "surveys.decision.taken.v1"]
    assert [event.data["endorser_ids"] for event in taken] == [[], [], []]
    with pytest.raises(Conflict):
        put(desk, method="consent", proposal_ids=[made[0]["id"]], quorum=0, closes_at=desk.days(2))
