"""The list of agencies, and whose it is: private unless its owner shows it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from shared.actor import Actor
from tests.unit.identity.support import Desk

NAME = {"fr": "Centre de la Rive", "en": "Riverside Centre"}


def added(desk: Desk, keeper: Actor, name: dict[str, str] | None = None) -> Any:
    return desk.call("add_agency", {"name": name or NAME, "sector": "community"}, actor=keeper)


def test_keepers_keep_the_list_and_members_read_it(desk: Desk) -> None:
    admin = desk.first_admin()
    coordinator = desk.member(admin, "c@example.ca", "Sylvie Arsenault", "coordinator")
    member = desk.member(admin, "m@example.ca")
    made = added(desk, coordinator)
    assert desk.refuse("add_agency", {"name": NAME}, actor=member).code == "forbidden"
    assert (
        desk.refuse("add_agency", {"name": {"fr": "CENTRE de la rivé", "en": "X"}}, actor=admin).code
        == "agency-exists"
    )
    one_name = added(desk, admin, {"fr": "", "en": "Harbour House"})
    assert one_name["name"] == {"fr": "Harbour House", "en": "Harbour House"}
    assert desk.codes("add_agency", {"name": {"fr": " ", "en": ""}}, actor=admin) == {"name.fr": "missing"}
    edit = {"agency_id": made["id"], "version": 1, "name": NAME, "retired": True}
    assert desk.call("edit_agency", edit, actor=admin)["version"] == 2
    assert desk.refuse("edit_agency", edit, actor=admin).code == "stale"
    listed = desk.call("list_agencies", actor=member)["items"]
    assert [(item["name"]["en"], item["retired"]) for item in listed] == [
        ("Riverside Centre", True), ("Harbour House", False),
    ]  # fmt: skip


def test_ones_agency_is_in_events_as_an_id_and_in_the_directory_only_when_shown(desk: Desk) -> None:
    admin = desk.first_admin()
    member, other = desk.member(admin, "m@example.ca"), desk.member(admin, "o@example.ca", "Autre Personne")
    agency = added(desk, admin)
    saved = desk.call("update_profile", {"version": 1, "agency_id": agency["id"]}, actor=member)
    assert (saved["agency_id"], saved["show_agency"]) == (agency["id"], False)
    event = desk.harness.events("identity")[-1]
    assert event.data["agency_id"] == agency["id"]
    assert "Rive" not in str(event.data)
    who = {"account_id": str(member.account_id)}
    assert [desk.call("get_member", who, actor=actor)["agency"] for actor in (other, admin)] == [None, None]
    assert {item["agency"] for item in desk.call("list_members", actor=admin)["items"]} == {None}
    desk.call("update_profile", {"version": 2, "show_agency": True}, actor=member)
    assert desk.call("get_member", who, actor=other)["agency"] == NAME


def test_a_retired_agency_stays_with_who_has_it_and_nobody_else_gets_it(desk: Desk) -> None:
    admin = desk.first_admin()
    member, other = desk.member(admin, "m@example.ca"), desk.member(admin, "o@example.ca", "Autre Personne")
    agency = added(desk, admin)
    desk.call("update_profile", {"version": 1, "agency_id": agency["id"]}, actor=member)
    desk.call(
        "edit_agency", {"agency_id": agency["id"], "version": 1, "name": NAME, "retired": True}, actor=admin
    )
    assert (
        desk.call("update_profile", {"version": 2, "agency_id": agency["id"]}, actor=member)["version"] == 3
    )
    unknown = "018f6f0e-7d1a-7c3e-9a51-2f6f0b5d4a10"
    for chosen in (agency["id"], unknown):
        assert desk.codes("update_profile", {"version": 1, "agency_id": chosen}, actor=other) == {
            "agency_id": "not-a-choice"
        }


def test_accounts_of_before_tell_their_values_once_more(desk: Desk) -> None:
    member = desk.first_admin()
    told = len(desk.harness.events("identity"))
    desk.service.announce_again()
    assert len(desk.harness.events("identity")) == told
    with desk.service.db.engine.begin() as connection:
        connection.execute(text("UPDATE accounts SET announced = 0"))
    desk.service.announce_again()
    desk.service.announce_again()
    events = desk.harness.events("identity")
    assert len(events) == told + 1
    assert (events[-1].type, events[-1].data["account_id"]) == (
        "identity.account.updated.v1", str(member.account_id),
    )  # fmt: skip
    assert events[-1].version > events[-2].version
