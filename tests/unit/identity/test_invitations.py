from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.actor import VISITOR, Actor
from tests.unit.identity.support import Desk, acceptance

OPEN = {"roles": ["learner", "trainer"], "language": "en"}


def test_first_invitation_makes_an_admin_once(desk: Desk) -> None:
    earlier = desk.service.ensure_first_invitation()
    secret = desk.service.ensure_first_invitation()
    assert earlier is not None
    assert secret is not None
    assert desk.refuse("accept_invitation", acceptance(earlier)).code == "invitation-ended"
    assert desk.accept(secret, "a@example.ca", "Ana Roy").roles == {"admin", "learner"}
    assert desk.service.ensure_first_invitation() is None


def test_accepting_signs_in_and_announces_without_personal_data(desk: Desk, admin: Actor) -> None:
    secret = desk.call("create_invitation", OPEN, actor=admin)["secret"]
    made = desk.call("accept_invitation", acceptance(secret, province="NB"))
    assert desk.call("resolve_session", {"session": made["session"]})["account"]["roles"] == [
        "learner",
        "trainer",
    ]
    event = desk.harness.events("identity")[-1]
    assert event.type == "identity.account.registered.v1"
    assert event.data == {"account_id": made["account"]["id"], "roles": ["learner", "trainer"], "language": "fr",
                          "time_zone": "America/Toronto", "province": "NB", "sector": None,
                              "agency_id": None}  # fmt: skip


def test_invitation_works_once(desk: Desk, admin: Actor) -> None:
    secret = desk.call("create_invitation", OPEN, actor=admin)["secret"]
    desk.accept(secret, "maude@example.ca", "Maude Fortin")
    assert desk.refuse("accept_invitation", acceptance(secret, "other@example.ca")).code == "invitation-ended"
    assert desk.refuse("get_invitation", {"secret": secret}).status == 410


def test_invitation_ends_after_fourteen_days(desk: Desk, admin: Actor) -> None:
    secret = desk.call("create_invitation", OPEN, actor=admin)["secret"]
    desk.harness.clock.advance(timedelta(days=13, hours=23))
    assert desk.call("get_invitation", {"secret": secret})["roles"] == ["learner", "trainer"]
    desk.harness.clock.advance(timedelta(hours=1))
    assert desk.refuse("get_invitation", {"secret": secret}).code == "invitation-ended"
    assert desk.refuse("accept_invitation", acceptance(secret)).code == "invitation-ended"


def test_invitation_withdrawn_cannot_be_accepted(desk: Desk, admin: Actor) -> None:
    made = desk.call("create_invitation", OPEN, actor=admin)
    desk.call("revoke_invitation", {"invitation_id": made["id"]}, actor=admin)
    assert desk.call("revoke_invitation", {"invitation_id": made["id"]}, actor=admin)["state"] == "revoked"
    assert desk.refuse("accept_invitation", acceptance(made["secret"])).code == "invitation-ended"


def test_invitation_unknown_is_not_found(desk: Desk) -> None:
    assert desk.refuse("get_invitation", {"secret": "x" * 43}).code == "not-found"
    assert desk.refuse("accept_invitation", acceptance("x" * 43)).code == "not-found"


@pytest.mark.parametrize(("given", "verified"), [("Maude@Example.ca", True), ("other@example.ca", False)])
def test_email_is_verified_when_the_invitation_was_sent_to_it(
    desk: Desk, admin: Actor, given: str, verified: bool
) -> None:
    secret = desk.call("create_invitation", OPEN | {"email": "maude@example.ca"}, actor=admin)["secret"]
    assert desk.call("get_invitation", {"secret": secret})["email"] == "maude@example.ca"
    maude = desk.accept(secret, given, "Maude Fortin")
    assert desk.call("get_me", {}, actor=maude)["email_verified"] is verified


def test_address_of_an_account_is_refused_and_the_invitation_stays(desk: Desk, admin: Actor) -> None:
    secret = desk.call("create_invitation", OPEN, actor=admin)["secret"]
    assert desk.refuse("accept_invitation", acceptance(secret, "ADMIN@example.ca")).code == "email-taken"
    assert desk.accept(secret, "maude@example.ca", "Maude Fortin").roles == {"learner", "trainer"}


def test_accepting_cannot_choose_roles_or_state(desk: Desk, admin: Actor) -> None:
    secret = desk.call("create_invitation", OPEN, actor=admin)["secret"]
    more: dict[str, Any] = {
        "roles": ["admin"],
        "status": "active",
        "email_verified_at": "2026-01-01T00:00:00Z",
        "pseudonym": "x",
    }
    assert desk.codes("accept_invitation", acceptance(secret, **more)) == dict.fromkeys(more, "unknown-field")


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [("email", "nobody", "bad-email"), ("email", "a b@example.ca", "bad-email"), ("display_name", " ", "missing"),
     ("display_name", "x" * 81, "too-long"), ("language", "de", "not-a-choice"), ("time_zone", "Mars/Base", "not-a-choice"),
     ("province", "ZZ", "not-a-choice"), ("sector", "army", "not-a-choice"), ("password", "short", "password-too-short"),
     ("password", 12, "wrong-type")],
)  # fmt: skip
def test_accepting_with_a_bad_field_says_which(
    desk: Desk, admin: Actor, field: str, value: Any, code: str
) -> None:
    secret = desk.call("create_invitation", OPEN, actor=admin)["secret"]
    assert desk.codes("accept_invitation", acceptance(secret, **{field: value})) == {field: code}


def test_coordinator_invites_but_no_admin_and_sees_own_invitations_only(desk: Desk, admin: Actor) -> None:
    desk.call("create_invitation", OPEN | {"email": "secret@example.ca"}, actor=admin)
    sylvie = desk.member(admin, "sylvie@example.ca", "Sylvie Arsenault", "coordinator")
    refused = desk.refuse("create_invitation", {"roles": ["admin"], "language": "fr"}, actor=sylvie)
    assert (refused.status, refused.code) == (403, "role-not-yours")
    made = desk.call("create_invitation", OPEN, actor=sylvie)
    assert [item["id"] for item in desk.call("list_invitations", {}, actor=sylvie)["items"]] == [made["id"]]
    everything = desk.call("list_invitations", {}, actor=admin)["items"]
    assert len(everything) == 4
    other = next(item["id"] for item in everything if item["email"] == "secret@example.ca")
    assert desk.refuse("revoke_invitation", {"invitation_id": other}, actor=sylvie).code == "not-found"
    assert "secret" not in str([sorted(item) for item in everything])


def test_learner_and_visitor_cannot_invite_or_list(desk: Desk, admin: Actor) -> None:
    maude = desk.member(admin, "maude@example.ca")
    for actor in (maude, VISITOR):
        assert desk.refuse("create_invitation", OPEN, actor=actor).status == 403
        assert desk.refuse("list_invitations", {}, actor=actor).status == 404


def test_invitations_page_by_page_newest_first(desk: Desk, admin: Actor) -> None:
    made = [desk.call("create_invitation", OPEN, actor=admin)["id"] for _ in range(3)]
    first = desk.call("list_invitations", {"limit": 2}, actor=admin)
    second = desk.call("list_invitations", {"limit": 2, "cursor": first["next_cursor"]}, actor=admin)
    assert [item["id"] for item in first["items"] + second["items"]][:3] == made[::-1]
    assert second["next_cursor"] is None


def test_invitation_secret_is_not_remembered_by_the_idempotency_key(desk: Desk, admin: Actor) -> None:
    one, two = (
        desk.harness.call("identity", "create_invitation", OPEN, actor=admin, key="k") for _ in range(2)
    )
    assert (one["id"] == two["id"], one["secret"] == two["secret"]) == (True, False)
    with desk.service.db.engine.connect() as connection:
        assert [row[0] for row in connection.exec_driver_sql("SELECT result FROM commands")] == [
            f'"{one["id"]}"'
        ]
