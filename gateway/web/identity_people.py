"""Pages about people: the directory, and for admins and coordinators the lists of people and invitations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, current_app, redirect, request

from gateway.context import call, current
from gateway.web.identity_lists import PROVINCES, ROLES, SECTORS, lists, options, role_options, text_of
from gateway.web.pages import error_text, field_errors, flash, render, signed_in
from shared import i18n
from shared.actor import ADMIN, COORDINATOR
from shared.errors import CercleError, Invalid

pages = Blueprint("pages_identity_people", __name__)


@pages.get("/members")
@signed_in
def members() -> Any:
    """The directory; filters are in the address."""
    names = (
        ("q", "province", "sector", "role")
        if current().actor.has(ADMIN, COORDINATOR)
        else ("q", "province", "sector")
    )
    filters = {name: value for name in names if (value := request.args.get(name, "").strip())}
    found = call("identity", "list_members", filters | {"limit": 24}, cursor=request.args.get("cursor"))
    return render(
        "identity/members.html", items=found["items"], filters=filters,
        more=_more("/members", filters, found["next_cursor"]),
        sector_chips=_chips(filters, "sector", SECTORS),
        role_chips=_chips(filters, "role", ROLES[1:]) if "role" in names else [],
        provinces=options("province", PROVINCES),
    )  # fmt: skip


@pages.get("/members/<account_id>")
@signed_in
def member(account_id: str) -> Any:
    """One member, as far as they let themselves be seen."""
    return render("identity/member.html", member=call("identity", "get_member", {"account_id": account_id}))


def _chips(filters: dict[str, str], name: str, codes: Iterable[str]) -> list[dict[str, Any]]:
    others = {key: value for key, value in filters.items() if key != name}
    every = {"text": i18n.text(current().language, f"identity.members.all.{name}"), "href": _href("/members", others),
             "current": name not in filters}  # fmt: skip
    return [every] + [
        {"text": text, "href": _href("/members", others | {name: code}), "current": filters.get(name) == code}
        for code, text in options(name, codes)
    ]


def _href(path: str, query: dict[str, str]) -> str:
    return f"{path}?{urlencode(query)}" if query else path


def _more(path: str, filters: dict[str, str], cursor: str | None) -> str | None:
    return _href(path, filters | {"cursor": cursor}) if cursor else None


# People and invitations, for admins (and coordinators, who invite)


@pages.get("/system")
@signed_in
def system() -> Any:
    """The admin's start."""
    return redirect("/system/people")


@pages.get("/system/people")
@signed_in
def people() -> Any:
    """Everybody who has an account."""
    filters = {"q": value} if (value := request.args.get("q", "").strip()) else {}
    found = call("identity", "list_accounts", filters | {"limit": 50}, cursor=request.args.get("cursor"))
    more = _more("/system/people", filters, found["next_cursor"])
    return render("identity/people.html", items=found["items"], filters=filters, more=more)


@pages.get("/system/people/<account_id>")
@signed_in
def person(account_id: str) -> Any:
    """Roles and state of one person."""
    return _person_page(call("identity", "get_account", {"account_id": account_id}))


@pages.post("/system/people/<account_id>/roles")
@signed_in
def set_roles(account_id: str) -> Any:
    """Give other roles."""
    payload = {"account_id": account_id, "roles": request.form.getlist("roles")}
    try:
        call("identity", "set_roles", payload, version=request.form.get("version", type=int))
    except CercleError as error:
        if error.status not in (409, 412, 422):
            raise
        shown = call("identity", "get_account", {"account_id": account_id})
        return _person_page(shown | {"roles": payload["roles"]}, error)
    flash("success", "identity.person.saved")
    return redirect(f"/system/people/{account_id}", 303)


@pages.post("/system/people/<account_id>/disable")
@signed_in
def disable(account_id: str) -> Any:
    """Stop an account."""
    try:
        call("identity", "disable_account", {"account_id": account_id})
    except CercleError as error:
        if error.status != 409:
            raise
        return _person_page(call("identity", "get_account", {"account_id": account_id}), error)
    flash("success", "identity.person.disabled")
    return redirect("/system/people", 303)


def _person_page(shown: dict[str, Any], error: CercleError | None = None) -> Any:
    return render(
        "identity/person.html", error.status if error else 200, person=shown, roles=role_options(ROLES),
        problem=error_text(error) if error and not error.fields else None,
        errors=field_errors(error) if error else {},
    )  # fmt: skip


@pages.get("/system/invitations")
@signed_in
def invitations() -> Any:
    """Who was invited, and the form to invite."""
    return _invitations_page()


@pages.post("/system/invitations")
@signed_in
def invite() -> Any:
    """Invite; the link is on this answer and nowhere else, so there is no redirect."""
    payload = {
        "email": text_of("email") or None,
        "roles": request.form.getlist("roles"),
        "language": text_of("language"),
    }
    try:
        made = call("identity", "create_invitation", payload)
    except Invalid as error:
        return _invitations_page(payload, error)
    link = f"{current_app.extensions['cercle'].main_origin}/invitation/{made['secret']}"
    return _invitations_page(link=link, expires_at=made["expires_at"])


@pages.post("/system/invitations/<invitation_id>/revoke")
@signed_in
def revoke_invitation(invitation_id: str) -> Any:
    """Withdraw one."""
    call("identity", "revoke_invitation", {"invitation_id": invitation_id})
    flash("success", "identity.invitations.revoked")
    return redirect("/system/invitations", 303)


def _invitations_page(
    form: dict[str, Any] | None = None, error: CercleError | None = None, **made: Any
) -> Any:
    found = call("identity", "list_invitations", {"limit": 50}, cursor=request.args.get("cursor"))
    allowed = ROLES if current().actor.has(ADMIN) else ROLES[:-1]
    return render(
        "identity/invitations.html", error.status if error else 201 if made else 200,
        items=found["items"], more=_more("/system/invitations", {}, found["next_cursor"]),
        form=form or {"roles": ["learner"], "language": current().language}, roles=role_options(allowed),
        errors=field_errors(error) if error else {},
        **({"link": None, "expires_at": None} | made), **lists(current().time_zone),
    )  # fmt: skip
