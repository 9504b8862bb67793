from typing import Any

import pytest

from shared.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from tests.unit.surveys.support import PAIR, TEXTS, Desk, View


def opened(desk: Desk) -> View:
    found: View = desk.ask("open_proposal", need_id=desk.first_need()["id"], **TEXTS)
    return found


def decide(desk: Desk, proposal: View, outcome: str = "approved", **given: Any) -> View:
    payload = {
        "proposal_id": proposal["id"],
        "version": proposal["version"],
        "outcome": outcome,
        "reason": PAIR,
    }
    found: View = desk.ask("decide_proposal", **payload | given)
    return found


def types(desk: Desk) -> list[str]:
    return [event.type.split(".")[2] for event in desk.harness.events("surveys") if "proposal" in event.type]


def test_proposal_is_endorsed_once_each_and_withdrawn(desk: Desk) -> None:
    proposal, people = opened(desk), [desk.harness.actor("learner") for _ in range(3)]
    told = [
        desk.ask("endorse_proposal", person, proposal_id=proposal["id"]) for person in [*people, people[0]]
    ]
    seen = told[-1]
    assert (seen["endorsements"], seen["endorsed"], seen["version"]) == (3, True, 1)
    told = [desk.ask("withdraw_endorsement", people[0], proposal_id=proposal["id"]) for _ in range(2)]
    seen = told[-1]
    assert (seen["endorsements"], seen["endorsed"]) == (2, False)
    counts = [e.data["endorsements"] for e in desk.harness.events("surveys") if "endorsed" in e.type]
    assert counts == [1, 2, 3, 2]


def test_approval_records_the_decision_and_says_so(desk: Desk) -> None:
    proposal = opened(desk)
    desk.ask("endorse_proposal", desk.harness.actor("learner"), proposal_id=proposal["id"])
    decided = decide(desk, proposal)
    assert decided["decision"] == {
        "outcome": "approved", "reason": PAIR, "decided_by": str(desk.coordinator.account_id),
        "decided_at": desk.harness.clock.now().isoformat(), "endorsements": 1, "vote_id": None, "accord": None,
    }  # fmt: skip
    event = desk.harness.events("surveys")[-1]
    assert event.type == "surveys.proposal.approved.v1"
    assert (event.data["need_id"], event.data["format"], event.version) == (proposal["need_id"], "live", 2)
    assert desk.ask("get_need", need_id=proposal["need_id"])["status"] == "approved"


@pytest.mark.parametrize("outcome", ["approved", "declined"])
def test_decision_is_taken_once_and_stays(desk: Desk, outcome: str) -> None:
    decided = decide(desk, opened(desk), outcome)
    tries: list[tuple[str, View]] = [
        ("decide_proposal", {"version": 2, "outcome": "declined", "reason": PAIR}),
        ("edit_proposal", {"version": 2, "title": {"fr": "a", "en": "b"}}),
        ("endorse_proposal", {}),
        ("withdraw_endorsement", {}),
    ]
    for method, payload in tries:
        with pytest.raises(Conflict) as caught:
            desk.ask(method, proposal_id=decided["id"], **payload)
        assert caught.value.code == "already-decided"
    assert desk.ask("get_proposal", proposal_id=decided["id"]) == decided
    assert types(desk) == ["opened", outcome]


def test_declined_need_may_be_proposed_again(desk: Desk) -> None:
    proposal = opened(desk)
    with pytest.raises(Conflict) as caught:
        desk.ask("open_proposal", need_id=proposal["need_id"], **TEXTS)
    assert caught.value.code == "proposal-already-open"
    decide(desk, proposal, "declined")
    again = desk.ask("open_proposal", need_id=proposal["need_id"], **TEXTS)
    decide(desk, again)
    with pytest.raises(Conflict) as caught:
        desk.ask("open_proposal", need_id=proposal["need_id"], **TEXTS)
    assert caught.value.code == "need-already-approved"
    assert len(desk.ask("list_proposals", need_id=proposal["need_id"])["items"]) == 2


def test_stale_edit_and_stale_decision(desk: Desk) -> None:
    proposal = opened(desk)
    edited = desk.ask("edit_proposal", proposal_id=proposal["id"], version=1, effort_hours=5)
    assert (edited["effort_hours"], edited["version"], edited["title"]) == (5, 2, PAIR)
    with pytest.raises(Stale):
        desk.ask("edit_proposal", proposal_id=proposal["id"], version=1, effort_hours=6)
    with pytest.raises(Stale):
        decide(desk, proposal)


@pytest.mark.parametrize("role", ["learner", "trainer", "facilitator", "researcher"])
def test_members_endorse_but_do_not_decide(desk: Desk, role: str) -> None:
    proposal, member = opened(desk), desk.harness.actor(role)
    with pytest.raises(Forbidden):
        desk.ask("open_proposal", member, need_id=proposal["need_id"], **TEXTS)
    with pytest.raises(Forbidden):
        desk.ask("edit_proposal", member, proposal_id=proposal["id"], version=1, effort_hours=6)
    with pytest.raises(Forbidden):
        desk.ask(
            "decide_proposal", member, proposal_id=proposal["id"], version=1, outcome="approved", reason=PAIR
        )
    seen = desk.ask("get_proposal", member, proposal_id=proposal["id"])
    assert seen["can"] == {"edit": False, "endorse": True, "decide": False, "vote": False}


def test_unknown_ids_and_bad_fields(desk: Desk) -> None:
    unknown = "019a0c5e-0000-7000-8000-000000000001"
    for method, name in (("get_need", "need_id"), ("get_proposal", "proposal_id"), ("endorse_proposal", "proposal_id"),
                         ("get_loop", "need_id"), ("need_of_course", "course_id")):  # fmt: skip
        with pytest.raises(NotFound):
            desk.harness.call("surveys", method, {name: unknown}, actor=desk.coordinator)
    with pytest.raises(NotFound):
        desk.ask("decide_proposal", proposal_id=unknown, version=1, outcome="approved", reason=PAIR)
    with pytest.raises(Invalid) as caught:
        desk.ask(
            "open_proposal",
            need_id=unknown,
            **TEXTS | {"format": "book", "effort_hours": 1e9, "title": {"fr": ""}},
        )
    assert sorted((p.path, p.code) for p in caught.value.fields) == [
        ("effort_hours", "out-of-range"), ("format", "not-a-choice"), ("title.en", "missing"), ("title.fr", "missing"),
    ]  # fmt: skip


def test_home_leads_to_endorsing_and_deciding(desk: Desk) -> None:
    proposal, member = opened(desk), desk.harness.actor("learner")
    assert [row["id"] for row in desk.ask("home", member)["proposals"]] == [proposal["id"]]
    desk.ask("endorse_proposal", member, proposal_id=proposal["id"])
    assert desk.ask("home", member)["proposals"] == []
    mine = desk.ask("home")["coordinator"]
    assert [row["id"] for row in mine["decisions"]] == [proposal["id"]]
    assert [need["code"] for need in mine["uncovered"]] == ["c4", "c2", "c3"]
