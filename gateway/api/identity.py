"""REST of the identity service: one function per operationId of openapi/identity.yaml, no rules."""

from __future__ import annotations

from typing import Any

from flask import request

from gateway.context import Answer, answer, call, current, if_match

Body = dict[str, Any]


def _ask(method: str, **payload: Any) -> Answer:
    return answer(call("identity", method, {}, **payload))


def _done(method: str, **payload: Any) -> Answer:
    call("identity", method, payload)
    return answer(None, 204)


def _own_session() -> str | None:
    return current().secret or None


def sign_in(body: Body) -> Answer:
    """A session, whose secret serves as a bearer token until it ends."""
    agent = request.headers.get("User-Agent", "")[:1000]
    return answer(call("identity", "sign_in", body, network=current().network or None, user_agent=agent))


def sign_out() -> Answer:
    """End the session that this request came with."""
    bearer = request.headers.get("Authorization", "").partition(" ")[2]
    return _done("sign_out", session=bearer or current().secret)


def open_invitation(body: Body) -> Answer:
    """What the bearer of an invitation may know."""
    return answer(call("identity", "get_invitation", body))


def accept_invitation(body: Body) -> Answer:
    """An account and its first session."""
    agent = request.headers.get("User-Agent", "")[:1000]
    return answer(
        call("identity", "accept_invitation", body, user_agent=agent), 201, location=lambda _: "/api/v1/me"
    )


def list_invitations(cursor: str | None = None, limit: int | None = None) -> Answer:
    """Invitations that the caller may manage, newest first."""
    return _ask("list_invitations", cursor=cursor, limit=limit)


def create_invitation(body: Body) -> Answer:
    """An invitation and, this once, its secret."""
    return answer(call("identity", "create_invitation", body), 201)


def revoke_invitation(invitation_id: str) -> Answer:
    """The invitation can no longer be accepted."""
    return _done("revoke_invitation", invitation_id=invitation_id)


def get_me() -> Answer:
    """The own profile."""
    return _ask("get_me")


def update_profile(body: Body) -> Answer:
    """The own profile after the change."""
    return answer(call("identity", "update_profile", body, version=if_match()))


def set_language(body: Body) -> Answer:
    """The language of pages and messages."""
    return answer(call("identity", "set_language", body))


def change_password(body: Body) -> Answer:
    """A new password; the other sessions end."""
    return _done("change_password", **body, session=_own_session())


def list_sessions() -> Answer:
    """The own sessions."""
    return _ask("list_sessions", session=_own_session())


def revoke_session(session_id: str) -> Answer:
    """End one of the own sessions."""
    return _done("revoke_session", session_id=session_id)


def list_tokens() -> Answer:
    """The own tokens, without their secrets."""
    return _ask("list_tokens")


def create_token(body: Body) -> Answer:
    """A token and, this once, its secret."""
    return answer(call("identity", "create_token", body), 201)


def revoke_token(token_id: str) -> Answer:
    """End one of the own tokens."""
    return _done("revoke_token", token_id=token_id)


def list_members(
    province: str | None = None,
    sector: str | None = None,
    q: str | None = None,
    role: str | None = None,
    language: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Answer:
    """A page of the directory."""
    filters = {"province": province, "sector": sector, "q": q, "role": role, "language": language}
    return _ask("list_members", **filters, cursor=cursor, limit=limit)


def get_member(account_id: str) -> Answer:
    """One member, as the caller may see them."""
    return _ask("get_member", account_id=account_id)


def list_agencies() -> Answer:
    """The agencies that members pick from."""
    return _ask("list_agencies")


def add_agency(body: Body) -> Answer:
    """A new agency."""
    made = call("identity", "add_agency", body)
    return answer(made, 201, location=lambda view: f"/api/v1/agencies/{view['id']}")


def edit_agency(agency_id: str, body: Body) -> Answer:
    """An agency with other words, another sector, or retired."""
    return answer(call("identity", "edit_agency", body, agency_id=agency_id, version=if_match()))


def list_accounts(
    province: str | None = None,
    sector: str | None = None,
    q: str | None = None,
    role: str | None = None,
    language: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Answer:
    """A page of all accounts."""
    filters = {"province": province, "sector": sector, "q": q, "role": role, "language": language}
    return _ask("list_accounts", **filters, cursor=cursor, limit=limit)


def get_account(account_id: str) -> Answer:
    """One account."""
    return _ask("get_account", account_id=account_id)


def set_roles(account_id: str, body: Body) -> Answer:
    """The account's roles and version after the change."""
    return answer(call("identity", "set_roles", body, account_id=account_id, version=if_match()))


def disable_account(account_id: str) -> Answer:
    """The account and all that it holds open end."""
    return _done("disable_account", account_id=account_id)


def seed_account(body: Body) -> Answer:
    """A member of the demo and a token."""
    return answer(call("identity", "seed_account", body), 201)
