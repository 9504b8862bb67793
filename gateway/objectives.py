"""Objectives link needs: a need that the reader may not see cannot be linked."""

from __future__ import annotations

from gateway.context import call
from shared.errors import FieldProblem, Invalid, NotFound


def require_open_need(need_id: object) -> None:
    """The courses service knows no needs, so the gateway asks, as the reader. Raises Invalid for an unknown one."""
    if not need_id:
        return
    try:
        call("surveys", "get_need", {"need_id": need_id})
    except NotFound:
        raise Invalid(fields=[FieldProblem("need_id", "unknown-need")]) from None
