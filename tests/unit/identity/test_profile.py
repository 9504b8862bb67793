from __future__ import annotations

import pytest

from shared.actor import VISITOR, Actor
from tests.unit.identity.support import Desk


def test_profile_changes_what_is_given_and_counts_its_version(desk: Desk, admin: Actor) -> None:
    me = desk.call(
        "update_profile",
        {"version": 1, "profession": " Psychologue ", "expertise": ["a", "a", "b"]},
        actor=admin,
    )
    assert (me["version"], me["profession"], me["expertise"], me["display_name"]) == (
        2,
        "Psychologue",
        ["a", "b"],
        "Priya Raman",
    )
    me = desk.call("update_profile", {"version": 2, "profession": None, "province": "YT"}, actor=admin)
    assert (me["profession"], me["province"]) == (None, "YT")
    assert desk.harness.events("identity")[-1].data["province"] == "YT"


def test_profile_of_an_older_version_is_refused(desk: Desk, admin: Actor) -> None:
    desk.call("update_profile", {"version": 1, "city": "Victoria"}, actor=admin)
    assert desk.refuse("update_profile", {"version": 1, "city": "Surrey"}, actor=admin).status == 412
    assert desk.call("get_me", {}, actor=admin)["city"] == "Victoria"


@pytest.mark.parametrize(
    "field", ["roles", "status", "email", "email_norm", "password_hash", "pseudonym", "id", "sequence"]
)
def test_profile_cannot_assign_what_no_form_offers(desk: Desk, admin: Actor, field: str) -> None:
    before = desk.call("get_me", {}, actor=admin)
    assert desk.codes("update_profile", {"version": 1, field: ["admin"]}, actor=admin) == {
        field: "unknown-field"
    }
    assert desk.call("get_me", {}, actor=admin) == before


def test_profile_refuses_too_many_tags_and_words_for_flags(desk: Desk, admin: Actor) -> None:
    bad = {"version": 1, "expertise": [str(n) for n in range(13)], "show_city": "yes"}
    assert desk.codes("update_profile", bad, actor=admin) == {
        "expertise": "too-many-items",
        "show_city": "wrong-type",
    }


def test_language_changes_without_spoiling_an_open_form(desk: Desk, admin: Actor) -> None:
    assert desk.call("set_language", {"language": "en"}, actor=admin) == {"language": "en"}
    versions = [event.version for event in desk.harness.events("identity")]
    assert versions == [1, 2]
    assert desk.call("update_profile", {"version": 1, "city": "Victoria"}, actor=admin)["language"] == "en"
    desk.call("set_language", {"language": "en"}, actor=admin)
    assert len(desk.harness.events("identity")) == 3


def test_own_account_is_for_who_is_signed_in(desk: Desk) -> None:
    for method, payload in (("get_me", {}), ("update_profile", {"version": 1}), ("set_language", {"language": "fr"}),
                            ("list_sessions", {}), ("list_tokens", {}),
                            ("create_token", {"name": "a", "scopes": ["read"]})):  # fmt: skip
        assert desk.refuse(method, payload, actor=VISITOR).status == 401


def test_events_hold_no_name_or_address(desk: Desk, admin: Actor) -> None:
    desk.call("update_profile", {"version": 1, "city": "Victoria", "profession": "Avocate"}, actor=admin)
    text = str([event.to_dict() for event in desk.harness.events("identity")])
    assert [word for word in ("Priya", "admin@example.ca", "Victoria", "Avocate") if word in text] == []
