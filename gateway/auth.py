"""Who is asking: a session cookie or a bearer token, resolved once per request by the identity service."""

from __future__ import annotations

import hashlib
import hmac
from http.cookies import CookieError, SimpleCookie
from typing import Any
from uuid import UUID

from flask import Response

from gateway.context import CURRENT
from shared.actor import Actor
from shared.errors import Forbidden

SESSION_COOKIE = "__Host-cercle"
LANGUAGE_COOKIE = "cercle_lang"


class BadCsrf(Forbidden):
    """The form was not ours, or too old."""

    code = "bad-csrf"


def actor_of(account: dict[str, Any]) -> Actor:
    """The actor of identity's account view."""
    return Actor(
        UUID(account["id"]), frozenset(account["roles"]), account["language"], account["time_zone"],
        account.get("province"),
    )  # fmt: skip


def cookies_of(header: str) -> dict[str, str]:
    """Cookies of a header; an unreadable header has none."""
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(header).items()}
    except CookieError:
        return {}


def csrf_token(key: bytes, secret: str) -> str:
    """The token tied to one session (or to no session, for the sign-in form)."""
    return hmac.new(key, b"csrf:" + secret.encode(), hashlib.sha256).hexdigest()


def check_csrf(expected: str, given: str | None) -> None:
    """Raises BadCsrf unless equal."""
    if not given or not hmac.compare_digest(expected, given):
        raise BadCsrf


def set_session(response: Response, secret: str) -> Response:
    """Give the browser its session cookie; it ends with the browser or with the session on the server."""
    response.set_cookie(SESSION_COOKIE, secret, secure=True, httponly=True, samesite="Lax", path="/")
    return response


def clear_session(response: Response) -> Response:
    """Take the cookie away."""
    response.delete_cookie(SESSION_COOKIE, secure=True, httponly=True, samesite="Lax", path="/")
    return response


async def session_info(_key: str, required_scopes: list[str] | None = None) -> dict[str, Any] | None:  # noqa: ARG001 connexion passes it by name
    """Connexion's handler for the cookie scheme: the middleware has resolved it already."""
    return _resolved("session")


async def bearer_info(_token: str, required_scopes: list[str] | None = None) -> dict[str, Any] | None:  # noqa: ARG001 connexion passes it by name
    """Connexion's handler for the bearer scheme."""
    return _resolved("token")


def _resolved(credential: str) -> dict[str, Any] | None:
    context = CURRENT.get()
    if context.account is None or context.credential != credential:
        return None
    return {"sub": context.account["id"]}


__all__ = [
    "LANGUAGE_COOKIE", "SESSION_COOKIE", "BadCsrf", "actor_of", "bearer_info", "check_csrf",
    "clear_session", "cookies_of", "csrf_token", "session_info", "set_session",
]  # fmt: skip
