from __future__ import annotations

from datetime import timedelta

from shared.actor import Actor
from tests.unit.identity.support import PASSWORD, Desk

ADMIN = "admin@example.ca"


def test_sign_in_gives_a_session_that_resolves_to_the_account(desk: Desk, admin: Actor) -> None:
    found = desk.sign_in("  Admin@Example.CA ")
    resolved = desk.call("resolve_session", {"session": found["session"]})
    assert resolved["account"]["id"] == str(admin.account_id)
    assert resolved["account"]["roles"] == ["admin", "learner"]
    assert {"id", "display_name", "language", "time_zone", "province", "roles", "pseudonym"} == set(
        resolved["account"]
    )
    assert resolved["account"]["pseudonym"] != resolved["account"]["id"]


def test_sign_in_refuses_unknown_wrong_and_disabled_alike(desk: Desk, admin: Actor) -> None:
    gone = desk.member(admin, "gone@example.ca")
    desk.call("disable_account", {"account_id": str(gone.account_id)}, actor=admin)
    errors = [
        desk.refuse("sign_in", {"email": email, "password": password, "network": "192.0.2.1"}).to_dict()
        for email, password in (
            (ADMIN, "wrong wrong wrong"),
            ("nobody@example.ca", PASSWORD),
            ("gone@example.ca", PASSWORD),
        )
    ]
    assert errors[0]["code"] == "bad-credentials"
    assert errors[0] == errors[1] == errors[2]


def test_sign_in_costs_one_verification_whether_or_not_the_account_exists(desk: Desk, admin: Actor) -> None:
    counts = []
    for email in (ADMIN, "nobody@example.ca"):
        before = desk.service.passwords.verified
        desk.refuse("sign_in", {"email": email, "password": "wrong wrong wrong", "network": "192.0.2.1"})
        counts.append(desk.service.passwords.verified - before)
    assert counts == [1, 1]


def test_sign_in_waits_grow_and_hold_for_the_right_password_too(desk: Desk, admin: Actor) -> None:
    for _ in range(5):
        desk.refuse("sign_in", {"email": ADMIN, "password": "wrong wrong wrong"})
    checked = desk.service.passwords.verified
    refused = desk.refuse("sign_in", {"email": ADMIN, "password": PASSWORD})
    assert (refused.status, refused.code, refused.retry_after) == (429, "too-many-attempts", 30)
    assert desk.service.passwords.verified == checked
    desk.harness.clock.advance(timedelta(seconds=30))
    assert desk.refuse("sign_in", {"email": ADMIN, "password": "wrong wrong wrong"}).code == "bad-credentials"
    assert desk.refuse("sign_in", {"email": ADMIN, "password": PASSWORD}).retry_after == 60
    desk.harness.clock.advance(timedelta(seconds=60))
    desk.sign_in(ADMIN)
    for _ in range(4):
        assert (
            desk.refuse("sign_in", {"email": ADMIN, "password": "wrong wrong wrong"}).code
            == "bad-credentials"
        )
    desk.sign_in(ADMIN)


def test_sign_in_waits_for_an_unknown_address_as_for_a_known_one(desk: Desk, admin: Actor) -> None:
    def answers(email: str) -> list[tuple[str, int | None]]:
        errors = [desk.refuse("sign_in", {"email": email, "password": "wrong wrong wrong"}) for _ in range(7)]
        return [(error.code, error.retry_after) for error in errors]

    assert answers("nobody@example.ca") == answers(ADMIN)


def test_sign_in_slows_a_network_that_tries_many_people(desk: Desk, admin: Actor) -> None:
    for number in range(40):
        desk.refuse(
            "sign_in",
            {"email": f"p{number}@example.ca", "password": "wrong wrong wrong", "network": "2001:db8::1"},
        )
    assert (
        desk.refuse("sign_in", {"email": ADMIN, "password": PASSWORD, "network": "2001:db8::2"}).status == 429
    )
    assert desk.sign_in(ADMIN, network="2001:db8:1::1")["account"]["id"] == str(admin.account_id)


def test_sign_in_makes_a_new_secret_each_time_and_keeps_none(desk: Desk, admin: Actor) -> None:
    first, second = desk.sign_in(ADMIN)["session"], desk.sign_in(ADMIN)["session"]
    assert first != second
    planted = desk.refuse("sign_in", {"email": ADMIN, "password": PASSWORD, "session": first})
    assert [(p.path, p.code) for p in planted.fields] == [("session", "unknown-field")]


def test_secrets_and_passwords_are_nowhere_in_the_database(desk: Desk, admin: Actor) -> None:
    session = desk.sign_in(ADMIN)["session"]
    token = desk.call("create_token", {"name": "a", "scopes": ["read"]}, actor=admin)["token"]
    invitation = desk.call("create_invitation", {"roles": ["learner"], "language": "fr"}, actor=admin)[
        "secret"
    ]
    stored = b"".join(path.read_bytes() for path in (desk.harness.settings.var / "db").iterdir())
    assert b"argon2id" in stored
    for secret in (session, token, invitation, PASSWORD):
        assert secret.encode() not in stored


def test_sign_in_renews_a_hash_of_other_parameters(desk: Desk, admin: Actor) -> None:
    from services.identity.hashing import Passwords

    desk.service.passwords = Passwords(desk.service.limits.model_copy(update={"argon2_time": 2}))
    desk.sign_in(ADMIN)
    with desk.service.db.engine.connect() as connection:
        stored = connection.exec_driver_sql("SELECT password_hash FROM accounts").scalar_one()
    assert "t=2," in stored
    desk.sign_in(ADMIN)


def test_demo_sign_in_gives_each_of_four_people_once(desk: Desk) -> None:
    roles = [desk.call("sign_in_demo", {"role": role})["account"]["roles"] for role in
             ("learner", "trainer", "coordinator", "admin", "learner")]  # fmt: skip
    assert roles == [["learner"], ["learner", "trainer"], ["coordinator", "facilitator", "learner"],
                     ["admin", "learner"], ["learner"]]  # fmt: skip
    assert len(desk.harness.events("identity")) == 4


def test_demo_ways_in_do_not_exist_outside_of_the_demo(desk: Desk) -> None:
    desk.service.settings = desk.service.settings.model_copy(update={"demo": False})
    person = {
        "email": "a@example.ca",
        "password": PASSWORD,
        "display_name": "Ana",
        "language": "fr",
        "time_zone": "UTC",
    }
    assert desk.refuse("sign_in_demo", {"role": "admin"}).code == "not-found"
    assert desk.refuse("seed_account", person).code == "not-found"


def test_seed_account_again_gives_the_same_account_and_ends_the_token_before(desk: Desk) -> None:
    person = {
        "email": "a@example.ca",
        "password": PASSWORD,
        "display_name": "Ana",
        "language": "fr",
        "time_zone": "UTC",
    }
    first, second = desk.call("seed_account", person), desk.call("seed_account", person)
    assert first["id"] == second["id"]
    assert desk.refuse("resolve_token", {"token": first["token"]}).code == "bad-token"
    assert desk.call("resolve_token", {"token": second["token"]})["scopes"] == ["read", "write"]
    assert desk.sign_in("a@example.ca")["account"]["id"] == first["id"]
