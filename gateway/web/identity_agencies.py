"""The list of agencies, for the coordinators and admins who keep it, and as a choice for forms."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request

from gateway.context import call, current
from gateway.web.identity_lists import SECTORS, options, text_of
from gateway.web.pages import error_text, field_errors, flash, render, signed_in
from shared import i18n
from shared.actor import ADMIN, COORDINATOR
from shared.errors import CercleError, Forbidden

pages = Blueprint("pages_identity_agencies", __name__)
View = dict[str, Any]


def agencies() -> list[View]:
    """Every agency, as list_agencies gives it."""
    found: list[View] = call("identity", "list_agencies")["items"]
    return found


def agency_options(chosen: str | None) -> list[tuple[str, str]]:
    """(id, name) of the agencies that one may pick: those not retired, and the present one."""
    language = current().language
    pairs = [
        (item["id"], i18n.pick(language, item["name"]))
        for item in agencies()
        if not item["retired"] or item["id"] == chosen
    ]
    return sorted(pairs, key=lambda pair: pair[1].casefold())


@pages.get("/system/agencies")
@signed_in
def show() -> Any:
    """The list, a form for each, and one for a new agency."""
    return _page()


@pages.post("/system/agencies")
@signed_in
def add() -> Any:
    """Add one."""
    typed = _typed()
    try:
        call("identity", "add_agency", typed)
    except CercleError as error:
        return _refused(error, typed, None)
    flash("success", "identity.agencies.added")
    return redirect("/system/agencies", 303)


@pages.post("/system/agencies/<agency_id>")
@signed_in
def edit(agency_id: str) -> Any:
    """Change one."""
    typed = _typed()
    payload = typed | {"agency_id": agency_id}
    try:
        call("identity", "edit_agency", payload, version=request.form.get("version", 0, type=int))
    except CercleError as error:
        return _refused(error, typed, agency_id)
    flash("success", "identity.agencies.saved")
    return redirect("/system/agencies", 303)


def _typed() -> View:
    return {
        "name": {code: text_of(f"name_{code}") for code in i18n.LANGUAGES},
        "sector": text_of("sector") or None,
        "retired": "retired" in request.form,
    }


def _refused(error: CercleError, typed: View, agency_id: str | None) -> Any:
    if error.status not in (409, 412, 422):
        raise error
    return _page(typed, agency_id, error)


def _page(typed: View | None = None, edited: str | None = None, error: CercleError | None = None) -> Any:
    if not current().actor.has(ADMIN, COORDINATOR):
        raise Forbidden
    blank = {"name": {"fr": "", "en": ""}, "sector": None, "retired": False}
    items = [
        item | (typed if typed and item["id"] == edited else {}) | {"open": item["id"] == edited}
        for item in agencies()
    ]
    return render(
        "identity/agencies.html", error.status if error else 200, items=items, edited=edited,
        form=typed if typed and edited is None else blank, sectors=options("sector", SECTORS),
        errors=field_errors(error) if error else {},
        problem=error_text(error) if error and not error.fields else None,
    )  # fmt: skip
