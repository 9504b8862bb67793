from __future__ import annotations

from typing import Any

import pytest

from services.identity import policy
from shared.actor import ROLES, VISITOR, Actor, system_actor
from shared.ids import new_id
from tests.unit.identity.support import Desk

ADMIN_ONLY = {"can_manage_accounts": {"admin"}, "can_invite": {"admin", "coordinator"},
              "can_filter_by_function": {"admin", "coordinator"}, "can_browse_members": set(ROLES),
              "can_name_members": set(ROLES), "can_read_contact": set()}  # fmt: skip


@pytest.mark.parametrize("rule", sorted(ADMIN_ONLY))
def test_policy_by_role(rule: str) -> None:
    allowed = {role for role in ROLES if getattr(policy, rule)(Actor(new_id(), frozenset({role})))}
    assert allowed == ADMIN_ONLY[rule]
    assert getattr(policy, rule)(VISITOR) is False


def test_policy_for_services() -> None:
    rules = {name: getattr(policy, name)(system_actor("notifications")) for name in ADMIN_ONLY}
    assert {name for name, allowed in rules.items() if allowed} == {"can_name_members", "can_read_contact"}
    assert not policy.can_read_contact(system_actor("courses"))


def test_policy_of_roles_given_by_invitation() -> None:
    matrix = {
        (giver, given)
        for giver in ROLES
        for given in ROLES
        if policy.can_invite_as(Actor(new_id(), frozenset({giver})), frozenset({given}))
    }
    assert matrix == {("admin", given) for given in ROLES} | {
        ("coordinator", given) for given in ROLES - {"admin"}
    }


def test_roles_change_takes_effect_at_the_next_request(desk: Desk, admin: Actor) -> None:
    maude = desk.member(admin, "maude@example.ca")
    session = desk.sign_in("maude@example.ca")["session"]
    payload = {"account_id": str(maude.account_id), "roles": ["learner", "coordinator"], "version": 1}
    assert desk.call("set_roles", payload, actor=admin)["version"] == 2
    assert desk.call("resolve_session", {"session": session})["account"]["roles"] == [
        "coordinator",
        "learner",
    ]
    assert desk.harness.events("identity")[-1].data["roles"] == ["coordinator", "learner"]
    assert desk.refuse("set_roles", payload, actor=admin).status == 412


def test_roles_and_accounts_are_hidden_from_others(desk: Desk, admin: Actor) -> None:
    sylvie = desk.member(admin, "sylvie@example.ca", "Sylvie Arsenault", "coordinator", "trainer")
    target = {"account_id": str(sylvie.account_id)}
    calls: tuple[tuple[str, dict[str, Any]], ...] = (("set_roles", target | {"roles": ["admin"], "version": 1}), ("disable_account", target),
             ("list_accounts", {}), ("get_account", target))  # fmt: skip
    for method, payload in calls:
        unknown = payload | ({"account_id": str(new_id())} if "account_id" in payload else {})
        assert (
            desk.refuse(method, payload, actor=sylvie).to_dict()
            == desk.refuse(method, unknown, actor=sylvie).to_dict()
        )
        assert desk.refuse(method, payload, actor=sylvie).code == "not-found"
    assert desk.call("get_me", {}, actor=sylvie)["roles"] == ["coordinator", "trainer"]


def test_roles_unknown_or_none_are_refused(desk: Desk, admin: Actor) -> None:
    base = {"account_id": str(admin.account_id), "version": 1}
    assert desk.codes("set_roles", base | {"roles": []}, actor=admin) == {"roles": "missing"}
    assert desk.codes("set_roles", base | {"roles": ["owner"]}, actor=admin) == {"roles.0": "not-a-choice"}


def test_last_admin_stays(desk: Desk, admin: Actor) -> None:
    me = {"account_id": str(admin.account_id)}
    assert (
        desk.refuse("set_roles", me | {"roles": ["learner"], "version": 1}, actor=admin).code == "last-admin"
    )
    assert desk.refuse("disable_account", me, actor=admin).code == "last-admin"
    second = desk.member(admin, "second@example.ca", "Ana Roy", "admin")
    desk.call("disable_account", me, actor=second)
    assert (
        desk.refuse("disable_account", {"account_id": str(second.account_id)}, actor=second).code
        == "last-admin"
    )


def test_disabled_account_loses_sessions_and_tokens_at_once(desk: Desk, admin: Actor) -> None:
    maude = desk.member(admin, "maude@example.ca")
    session = desk.sign_in("maude@example.ca")["session"]
    token = desk.call("create_token", {"name": "a", "scopes": ["read"]}, actor=maude)["token"]
    desk.call("disable_account", {"account_id": str(maude.account_id)}, actor=admin)
    assert desk.refuse("resolve_session", {"session": session}).code == "session-ended"
    assert desk.refuse("resolve_token", {"token": token}).code == "bad-token"
    assert desk.refuse("update_profile", {"version": 1, "city": "Gaspé"}, actor=maude).code == "not-found"
    assert desk.harness.events("identity")[-1].type == "identity.account.disabled.v1"
    assert (
        desk.call("get_account", {"account_id": str(maude.account_id)}, actor=admin)["status"] == "disabled"
    )


def test_accounts_are_listed_with_what_an_admin_needs(desk: Desk, admin: Actor) -> None:
    items = desk.call("list_accounts", {}, actor=admin)["items"]
    assert [(item["email"], item["roles"], item["status"]) for item in items] == [
        ("admin@example.ca", ["admin", "learner"], "active")
    ]
    assert not {"password_hash", "pseudonym"} & set(items[0])
