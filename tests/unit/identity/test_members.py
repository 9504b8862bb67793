from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from shared.actor import VISITOR, Actor
from shared.ids import new_id
from tests.unit.identity.support import Desk

SHY: dict[str, Any] = {"province": "QC", "city": "Rimouski", "sector": "health", "profession": "Éducatrice",
                       "expertise": ["trauma"]}  # fmt: skip


def names(page: dict[str, Any]) -> list[str]:
    return [item["display_name"] for item in page["items"]]


def test_new_profile_shows_four_fields_and_nothing_else(desk: Desk, admin: Actor) -> None:
    shy = desk.member(admin, "shy@example.ca", "Chloé Roy", **SHY)
    reader = desk.member(admin, "reader@example.ca", "Noah Chen")
    shown = desk.call("get_member", {"account_id": str(shy.account_id)}, actor=reader)
    assert shown == {"id": str(shy.account_id), "display_name": "Chloé Roy", "province": "QC", "sector": "health",
                     "profession": "Éducatrice", "city": None, "expertise": None, "agency": None}  # fmt: skip
    listed = desk.call("list_members", {"q": "chloe"}, actor=reader)["items"]
    named = desk.call("get_members", {"ids": [str(shy.account_id)]}, actor=reader)["items"]
    assert listed == [shown]
    assert named == [{key: shown[key] for key in ("id", "display_name", "province", "sector", "profession")}]


def test_field_is_shown_when_its_owner_opts_in(desk: Desk, admin: Actor) -> None:
    shy = desk.member(admin, "shy@example.ca", "Chloé Roy", **SHY)
    desk.call("update_profile", {"version": 1, "show_city": True}, actor=shy)
    reader = desk.member(admin, "reader@example.ca", "Noah Chen")
    shown = desk.call("get_member", {"account_id": str(shy.account_id)}, actor=reader)
    assert (shown["city"], shown["expertise"]) == ("Rimouski", None)


def test_own_page_is_what_others_see_and_an_admin_sees_all(desk: Desk, admin: Actor) -> None:
    shy = desk.member(admin, "shy@example.ca", "Chloé Roy", **SHY)
    ask = {"account_id": str(shy.account_id)}
    assert desk.call("get_member", ask, actor=shy)["city"] is None
    assert desk.call("get_member", ask, actor=admin)["city"] == "Rimouski"


def test_directory_is_searched_without_accents_and_filtered(desk: Desk, admin: Actor) -> None:
    desk.member(admin, "a@example.ca", "Étienne Bélanger", **SHY)
    desk.member(admin, "b@example.ca", "Grace O’Neil", province="ON", profession="Œnologue 100%_sûre")
    found = {q: names(desk.call("list_members", {"q": q}, actor=admin)) for q in
             ("ETIENNE", "belanger educ", "oenologue", "100%", "_s", "%", "", "zzz")}  # fmt: skip
    everybody = ["Étienne Bélanger", "Grace O’Neil", "Priya Raman"]
    assert found == {"ETIENNE": everybody[:1], "belanger educ": everybody[:1], "oenologue": everybody[1:2],
                     "100%": everybody[1:2], "_s": everybody[1:2], "%": everybody[1:2], "": everybody, "zzz": []}  # fmt: skip
    assert names(desk.call("list_members", {"province": "QC", "sector": "health"}, actor=admin)) == [
        "Étienne Bélanger"
    ]
    assert names(desk.call("list_members", {"province": "ON", "sector": "health"}, actor=admin)) == []


def test_directory_by_role_or_language_is_for_coordinators_and_admins(desk: Desk, admin: Actor) -> None:
    trainer = desk.member(admin, "t@example.ca", "Daniel Okoye", "trainer", language="en")
    assert names(desk.call("list_members", {"role": "trainer"}, actor=admin)) == ["Daniel Okoye"]
    assert names(desk.call("list_members", {"language": "en"}, actor=admin)) == ["Daniel Okoye"]
    for filters in ({"role": "admin"}, {"language": "fr"}):
        assert desk.refuse("list_members", filters, actor=trainer).status == 403


def test_directory_page_by_page_in_the_order_of_names(desk: Desk, admin: Actor) -> None:
    for number, name in enumerate(("Zoé A", "élise B", "Elise C", "Adam D", "Adam D")):
        desk.member(admin, f"m{number}@example.ca", name)
    seen, cursor = [], None
    while True:
        page = desk.call("list_members", {"limit": 2, "cursor": cursor}, actor=admin)
        seen += names(page)
        if (cursor := page["next_cursor"]) is None:
            break
    assert seen == ["Adam D", "Adam D", "élise B", "Elise C", "Priya Raman", "Zoé A"]


@pytest.mark.parametrize("method", ["list_members", "list_accounts", "list_invitations", "resolve"])
def test_queries_stay_one_with_more_rows(desk: Desk, admin: Actor, method: str) -> None:
    session = desk.sign_in("admin@example.ca")["session"]
    counts = []
    for _ in range(2):
        statements: list[str] = []
        with_listener(desk, statements, lambda: desk.call("resolve_session", {"session": session})
                      if method == "resolve" else desk.call(method, {}, actor=admin))  # fmt: skip
        counts.append(len(statements))
        for _ in range(2):
            desk.member(admin, f"{new_id()}@example.ca")
    assert counts == [1, 1]


def with_listener(desk: Desk, statements: list[str], run: Any) -> None:
    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith(("SELECT", "UPDATE", "INSERT", "DELETE")):
            statements.append(statement)

    event.listen(desk.service.db.engine, "before_cursor_execute", note)
    run()
    event.remove(desk.service.db.engine, "before_cursor_execute", note)


def test_directory_is_closed_to_visitors(desk: Desk, admin: Actor) -> None:
    for method, payload in (("list_members", {}), ("get_member", {"account_id": str(admin.account_id)}),
                            ("get_members", {"ids": [str(admin.account_id)]})):  # fmt: skip
        assert desk.refuse(method, payload, actor=VISITOR).status == 401


def test_names_of_many_leave_unknown_ids_out_and_keep_people_who_left(desk: Desk, admin: Actor) -> None:
    gone = desk.member(admin, "gone@example.ca", "Ana Roy")
    desk.call("disable_account", {"account_id": str(gone.account_id)}, actor=admin)
    found = desk.call("get_members", {"ids": [str(gone.account_id), str(new_id())]}, actor=admin)
    assert names(found) == ["Ana Roy"]
    assert desk.call("get_members", {"ids": []}, actor=admin) == {"items": []}
    assert desk.refuse("get_member", {"account_id": str(gone.account_id)}, actor=admin).code == "not-found"
    too_many = {"ids": [str(new_id()) for _ in range(201)]}
    assert desk.codes("get_members", too_many, actor=admin) == {"ids": "too-many-items"}


def test_contact_is_for_the_notifications_service_alone(desk: Desk, admin: Actor) -> None:
    ask = {"account_id": str(admin.account_id)}
    assert desk.harness.call_as_service("notifications", "identity", "get_contact", ask) == {
        "email": "admin@example.ca", "display_name": "Priya Raman", "language": "fr", "time_zone": "America/Toronto",
    }  # fmt: skip
    for actor in (admin, VISITOR):
        assert desk.refuse("get_contact", ask, actor=actor).code == "not-found"
    with pytest.raises(Exception, match="not-found"):
        desk.harness.call_as_service("surveys", "identity", "get_contact", ask)


def test_malformed_id_looks_like_an_unknown_one(desk: Desk, admin: Actor) -> None:
    refused = [
        desk.refuse("get_member", {"account_id": text}, actor=admin) for text in ("nope", str(new_id()))
    ]
    assert [error.to_dict() for error in refused] == [{"status": 404, "code": "not-found", "params": {}}] * 2
