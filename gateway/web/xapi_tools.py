"""Tools that may write to the record store, for admins."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request

from gateway.context import call, current
from gateway.web.pages import field_errors, flash, render, signed_in
from shared.actor import ADMIN
from shared.errors import CercleError, Invalid, NotFound

pages = Blueprint("pages_xapi_tools", __name__)
SCOPES = ("statements/write", "statements/read/mine", "statements/read", "state")


@pages.get("/system/tools")
@signed_in
def tools() -> Any:
    """Who is registered, and the form for one more."""
    return _page()


def _page(error: CercleError | None = None, made: dict[str, Any] | None = None) -> Any:
    if not current().actor.has(ADMIN):
        raise NotFound
    found = call("courses", "list_xapi_tools", {"limit": 50}, cursor=request.args.get("cursor"))
    cursor = found["next_cursor"]
    return render(
        "system/tools.html", error.status if error else 200, items=found["items"], scopes=SCOPES, made=made,
        more=f"/system/tools?cursor={cursor}" if cursor else None, errors=field_errors(error) if error else {},
        chosen=request.form.getlist("scopes") or ["statements/write", "statements/read/mine", "state"],
        name=request.form.get("name", "") if error else "",
    )  # fmt: skip


@pages.post("/system/tools")
@signed_in
def register() -> Any:
    """A new tool; its secret is shown on this page and nowhere else."""
    payload = {"name": request.form.get("name", ""), "scopes": request.form.getlist("scopes")}
    try:
        return _page(made=call("courses", "register_xapi_tool", payload))
    except Invalid as error:
        return _page(error)


@pages.post("/system/tools/<tool_id>/revoke")
@signed_in
def revoke(tool_id: str) -> Any:
    """Let it in no more."""
    call("courses", "revoke_xapi_tool", {"tool_id": tool_id})
    flash("success", "xapi.tools.revoked")
    return redirect("/system/tools", 303)
