from __future__ import annotations

from datetime import timedelta

from shared.actor import Actor
from shared.errors import CercleError
from shared.testing.harness import START
from tests.unit.identity.support import PASSWORD, Desk

ADMIN = "admin@example.ca"


def resolve(desk: Desk, secret: str) -> str:
    """The account's id, or the code of the refusal."""
    try:
        return str(desk.call("resolve_session", {"session": secret})["account"]["id"])
    except CercleError as error:
        return error.code


def test_session_ends_after_two_idle_hours(desk: Desk, admin: Actor) -> None:
    secret = desk.sign_in(ADMIN)["session"]
    desk.harness.clock.advance(timedelta(hours=1, minutes=59))
    assert resolve(desk, secret) == str(admin.account_id)
    desk.harness.clock.advance(timedelta(hours=1, minutes=59))
    assert resolve(desk, secret) == str(admin.account_id)
    desk.harness.clock.advance(timedelta(hours=2))
    assert resolve(desk, secret) == "session-ended"


def test_session_in_use_ends_after_twelve_hours(desk: Desk, admin: Actor) -> None:
    secret = desk.sign_in(ADMIN)["session"]
    for _ in range(11):
        desk.harness.clock.advance(timedelta(hours=1))
        assert resolve(desk, secret) == str(admin.account_id)
    desk.harness.clock.advance(timedelta(hours=1))
    assert resolve(desk, secret) == "session-ended"


def test_session_is_noted_at_most_once_a_minute(desk: Desk, admin: Actor) -> None:
    secret = desk.sign_in(ADMIN)["session"]
    seen = []
    for seconds in (0, 59, 1, 30):
        desk.harness.clock.advance(timedelta(seconds=seconds))
        resolve(desk, secret)
        listed = desk.call("list_sessions", {"session": secret}, actor=admin)["items"]
        seen.append(next(item["last_seen_at"] for item in listed if item["current"]))
    noted = (START + timedelta(seconds=60)).isoformat()
    assert seen == [START.isoformat(), START.isoformat(), noted, noted]


def test_session_unknown_is_refused(desk: Desk, admin: Actor) -> None:
    assert resolve(desk, "x" * 43) == "session-ended"


def test_sign_out_ends_the_session_and_only_it(desk: Desk, admin: Actor) -> None:
    one, two = desk.sign_in(ADMIN)["session"], desk.sign_in(ADMIN)["session"]
    desk.call("sign_out", {"session": one})
    desk.call("sign_out", {"session": one})
    assert (resolve(desk, one), resolve(desk, two)) == ("session-ended", str(admin.account_id))


def test_sessions_are_listed_with_the_browser_family_and_the_current_one(desk: Desk, admin: Actor) -> None:
    secret = desk.sign_in(ADMIN)["session"]
    items = desk.call("list_sessions", {"session": secret}, actor=admin)["items"]
    assert sorted((item["user_agent"], item["current"]) for item in items) == [
        ("", False),
        ("Firefox, Linux", True),
    ]
    assert all(
        set(item) == {"id", "user_agent", "created_at", "last_seen_at", "expires_at", "current"}
        for item in items
    )


def test_session_of_another_person_cannot_be_ended(desk: Desk, admin: Actor) -> None:
    maude = desk.member(admin, "maude@example.ca")
    session_id = desk.call("list_sessions", {}, actor=admin)["items"][0]["id"]
    assert desk.refuse("revoke_session", {"session_id": session_id}, actor=maude).code == "not-found"
    desk.call("revoke_session", {"session_id": session_id}, actor=admin)
    assert desk.call("list_sessions", {}, actor=admin)["items"] == []


def test_change_password_ends_the_other_sessions(desk: Desk, admin: Actor) -> None:
    here, there = desk.sign_in(ADMIN)["session"], desk.sign_in(ADMIN)["session"]
    change = {"current_password": PASSWORD, "new_password": "autre phrase tout aussi calme", "session": here}
    desk.call("change_password", change, actor=admin)
    assert (resolve(desk, here), resolve(desk, there)) == (str(admin.account_id), "session-ended")
    assert desk.refuse("sign_in", {"email": ADMIN, "password": PASSWORD}).code == "bad-credentials"
    desk.sign_in(ADMIN, "autre phrase tout aussi calme")


def test_change_password_needs_the_present_one_and_slows_guessing(desk: Desk, admin: Actor) -> None:
    change = {"current_password": "wrong wrong wrong", "new_password": "autre phrase tout aussi calme"}
    codes = [desk.codes("change_password", change, actor=admin) for _ in range(5)]
    assert codes == [{"current_password": "wrong-password"}] * 5
    assert desk.refuse("change_password", change, actor=admin).status == 429
    weak = {"current_password": PASSWORD, "new_password": "priyaraman2026!"}
    assert desk.codes("change_password", weak, actor=admin) == {"new_password": "password-personal"}


def test_prune_forgets_what_ended(desk: Desk, admin: Actor) -> None:
    desk.sign_in(ADMIN)
    desk.refuse("sign_in", {"email": "x@example.ca", "password": "wrong wrong wrong"})
    desk.call("create_token", {"name": "a", "scopes": ["read"], "days": 1}, actor=admin)
    desk.harness.clock.advance(timedelta(days=2))
    desk.service.prune()
    with desk.service.db.engine.connect() as connection:
        left = [connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one()
                for name in ("sessions", "tokens", "attempts", "accounts")]  # fmt: skip
    assert left == [0, 0, 0, 1]
