from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.actor import GATEWAY, Actor, KeyFolder, system_actor
from shared.errors import NotAuthenticated
from shared.ids import new_id

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


@pytest.fixture
def keys(tmp_path: Path) -> KeyFolder:
    folder = KeyFolder(tmp_path / "keys")
    folder.ensure(GATEWAY, "surveys", "notifications")
    return folder


def test_actor_survives_the_wire(keys: KeyFolder) -> None:
    actor = Actor(new_id(), frozenset({"trainer", "learner"}), "en", "America/Vancouver", "BC")

    token = keys.signer(GATEWAY).sign(actor, "surveys", NOW)

    assert keys.verifier("surveys").verify(token, NOW) == actor


def test_token_for_another_service_is_refused(keys: KeyFolder) -> None:
    token = keys.signer(GATEWAY).sign(Actor(new_id()), "courses", NOW)

    with pytest.raises(NotAuthenticated):
        keys.verifier("surveys").verify(token, NOW)


def test_token_expires_after_a_minute(keys: KeyFolder) -> None:
    token = keys.signer(GATEWAY).sign(Actor(new_id()), "surveys", NOW)

    with pytest.raises(NotAuthenticated):
        keys.verifier("surveys").verify(token, NOW + timedelta(seconds=90))


def test_service_may_speak_for_itself_only(keys: KeyFolder) -> None:
    verifier = keys.verifier("surveys")
    own = keys.signer("notifications").sign(system_actor("notifications"), "surveys", NOW)
    forged = keys.signer("notifications").sign(system_actor("identity"), "surveys", NOW)

    assert verifier.verify(own, NOW).system == "notifications"
    with pytest.raises(NotAuthenticated):
        verifier.verify(forged, NOW)


def test_service_cannot_speak_for_a_person(keys: KeyFolder) -> None:
    forged = keys.signer("notifications").sign(Actor(new_id(), frozenset({"admin"})), "surveys", NOW)

    with pytest.raises(NotAuthenticated):
        keys.verifier("surveys").verify(forged, NOW)


def test_unknown_roles_are_dropped(keys: KeyFolder) -> None:
    token = keys.signer(GATEWAY).sign(Actor(new_id(), frozenset({"owner", "admin"})), "surveys", NOW)

    assert keys.verifier("surveys").verify(token, NOW).roles == frozenset({"admin"})


@pytest.mark.parametrize("token", ["", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
def test_nonsense_is_refused(keys: KeyFolder, token: str) -> None:
    with pytest.raises(NotAuthenticated):
        keys.verifier("surveys").verify(token, NOW)


def test_private_key_is_readable_by_its_owner_alone(keys: KeyFolder, tmp_path: Path) -> None:
    assert (tmp_path / "keys" / "gateway.jwk").stat().st_mode & 0o777 == 0o600
