from __future__ import annotations

from datetime import timedelta

from shared.actor import Actor
from tests.unit.identity.support import Desk

READ = {"name": "Tableau de bord", "scopes": ["read"], "days": 30}


def test_token_resolves_to_its_owner_until_it_expires(desk: Desk, admin: Actor) -> None:
    made = desk.call("create_token", READ, actor=admin)
    assert made["token"].startswith("cercle_")
    found = desk.call("resolve_token", {"token": made["token"]})
    assert (found["account"]["id"], found["scopes"]) == (str(admin.account_id), ["read"])
    desk.harness.clock.advance(timedelta(days=30))
    assert desk.refuse("resolve_token", {"token": made["token"]}).code == "bad-token"
    assert desk.call("list_tokens", {}, actor=admin)["items"] == []


def test_token_secret_is_shown_once(desk: Desk, admin: Actor) -> None:
    made = desk.call("create_token", READ, actor=admin)
    listed = desk.call("list_tokens", {}, actor=admin)["items"]
    assert listed == [{key: value for key, value in made.items() if key != "token"}]


def test_token_use_is_noted(desk: Desk, admin: Actor) -> None:
    token = desk.call("create_token", READ, actor=admin)["token"]
    desk.call("resolve_token", {"token": token})
    assert (
        desk.call("list_tokens", {}, actor=admin)["items"][0]["last_used_at"]
        == desk.harness.clock.now().isoformat()
    )


def test_token_of_another_cannot_be_revoked(desk: Desk, admin: Actor) -> None:
    made = desk.call("create_token", READ, actor=admin)
    maude = desk.member(admin, "maude@example.ca")
    assert desk.refuse("revoke_token", {"token_id": made["id"]}, actor=maude).code == "not-found"
    desk.call("revoke_token", {"token_id": made["id"]}, actor=admin)
    assert desk.refuse("resolve_token", {"token": made["token"]}).code == "bad-token"


def test_token_with_bad_fields_is_refused(desk: Desk, admin: Actor) -> None:
    bad = {"name": "", "scopes": ["root"], "days": 400}
    assert desk.codes("create_token", bad, actor=admin) == {
        "name": "missing",
        "scopes.0": "not-a-choice",
        "days": "out-of-range",
    }
    assert desk.codes("create_token", {"name": "a", "scopes": []}, actor=admin) == {"scopes": "missing"}


def test_session_secret_is_no_token_and_a_token_no_session(desk: Desk, admin: Actor) -> None:
    token = desk.call("create_token", READ, actor=admin)["token"]
    session = desk.sign_in("admin@example.ca")["session"]
    assert desk.refuse("resolve_token", {"token": session}).code == "bad-token"
    assert desk.refuse("resolve_session", {"session": token}).code == "session-ended"
