"""What the request in progress carries, and the two functions that API modules and pages need: call, answer."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from flask import request

from shared.actor import VISITOR, Actor
from shared.errors import FieldProblem, Invalid
from shared.messaging.bus import Bus


@dataclass(slots=True)
class RequestContext:
    """Filled by the ASGI middleware before connexion or Flask see the request.

    account: what identity answered (id, display_name, language, time_zone, province, roles, pseudonym), or None.
    credential: "session", "token" or None. secret: the session's secret, for CSRF and sign-out.
    """

    bus: Bus
    request_id: str
    language: str
    network: str = ""
    actor: Actor = VISITOR
    account: dict[str, Any] | None = None
    credential: str | None = None
    secret: str = ""
    csrf: str = ""
    scopes: frozenset[str] = field(default_factory=frozenset)

    @property
    def time_zone(self) -> str:
        """The member's zone; Eastern time for visitors."""
        return self.account["time_zone"] if self.account else "America/Toronto"


INSTALL_SECONDS = 120  # checking and storing an uploaded package of 200 MB

CURRENT: ContextVar[RequestContext] = ContextVar("cercle_request")


def current() -> RequestContext:
    """The context of this request."""
    return CURRENT.get()


def call(
    service: str,
    method: str,
    payload: dict[str, Any] | None = None,
    *,
    timeout: float | None = None,
    **more: Any,
) -> Any:
    """Call a service as the signed-in person, with this request's Idempotency-Key. `more` joins the payload.

    timeout: seconds to wait instead of the usual ones, for long work such as installing a package.
    """
    context = current()
    body = {**(payload or {}), **{name: value for name, value in more.items() if value is not None}}
    return context.bus.call(
        service, method, body, actor=context.actor, idempotency_key=idempotency_key(), timeout=timeout
    )


def idempotency_key() -> str | None:
    """The key of a POST: the header's, or the hidden field's of a page's form."""
    if request.method != "POST":
        return None
    if header := request.headers.get("Idempotency-Key"):
        return header
    return request.form.get("idem") if request.mimetype != "application/json" else None


def if_match() -> int | None:
    """The version in If-Match (`"7"` or `W/"7"`), or None. Raises Invalid for anything else."""
    header = request.headers.get("If-Match")
    if header is None or header == "*":
        return None
    try:
        return int(header.removeprefix("W/").strip('"'))
    except ValueError:
        raise Invalid(fields=[FieldProblem("If-Match", "bad-version")]) from None


Answer = tuple[Any, int, dict[str, str]]


def answer(result: Any, status: int = 200, *, location: Callable[[Any], str] | None = None) -> Answer:
    """A REST answer; a view's `version` becomes its ETag."""
    headers: dict[str, str] = {"Cache-Control": "no-store"}
    if result is not None:
        headers["Content-Type"] = "application/json"  # every operation may also answer a problem document
    if isinstance(result, dict) and isinstance(result.get("version"), int):
        headers["ETag"] = f'"{result["version"]}"'
    if location is not None:
        headers["Location"] = location(result)
    return result, status, headers
