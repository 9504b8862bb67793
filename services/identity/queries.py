"""Reads: SQL to plain views."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from services.identity import views
from services.identity.domain.access import Invitation, Token
from services.identity.domain.account import ACTIVE, Account
from services.identity.domain.agency import Agency
from services.identity.domain.errors import BadToken, SessionEnded
from services.identity.policy import can_manage_accounts, can_see_invitation, sees_everything_of
from services.identity.store import has_role
from services.identity.tables import accounts, agencies, invitations, sessions, tokens
from shared.db.tx import Tx, rows
from shared.errors import NotFound
from shared.ids import hash_secret, parse_id
from shared.paging import PageRequest, page_of
from shared.text import fold

_SIGNED_IN = [accounts.c[name] for name in
              ("id", "display_name", "language", "time_zone", "province", "roles", "pseudonym")]  # fmt: skip
_CARD = [accounts.c[name] for name in ("id", "display_name", "province", "sector", "profession", "name_key")]
_MEMBER = [*_CARD, *(accounts.c[name] for name in ("city", "show_city", "expertise", "show_expertise", "show_agency")),
           agencies.c.name.label("agency")]  # fmt: skip
_MEMBERS = accounts.outerjoin(agencies, agencies.c.id == accounts.c.agency_id)


@dataclass(frozen=True, slots=True)
class Filters:
    """Of the directory; None: any. `q`: words sought in name and profession, accents and case aside."""

    province: str | None = None
    sector: str | None = None
    language: str | None = None
    role: str | None = None
    q: str | None = None


@dataclass(frozen=True, slots=True)
class Resolved:
    """A credential's account (as the gateway needs it), the credential's id, and when it was last noted."""

    account: dict[str, Any]
    id: UUID
    seen_at: datetime | None
    expires_at: datetime
    scopes: tuple[str, ...] = ()


def resolve_session(tx: Tx, secret: str, idle: timedelta) -> Resolved:
    """One query. Raises SessionEnded."""
    statement = (
        select(sessions.c.id.label("session_id"), sessions.c.last_seen_at, sessions.c.expires_at, *_SIGNED_IN)
        .join(accounts, accounts.c.id == sessions.c.account_id)
        .where(sessions.c.secret_hash == hash_secret(secret), accounts.c.status == ACTIVE)
    )
    row = tx.session.execute(statement).mappings().one_or_none()
    if row is None or min(row["expires_at"], row["last_seen_at"] + idle) <= tx.now:
        raise SessionEnded
    return Resolved(views.resolved(row), row["session_id"], row["last_seen_at"], row["expires_at"])


def resolve_token(tx: Tx, secret: str) -> Resolved:
    """One query. Raises BadToken."""
    statement = (
        select(
            tokens.c.id.label("token_id"),
            tokens.c.scopes,
            tokens.c.last_used_at,
            tokens.c.expires_at,
            *_SIGNED_IN,
        )
        .join(accounts, accounts.c.id == tokens.c.account_id)
        .where(tokens.c.secret_hash == hash_secret(secret), accounts.c.status == ACTIVE)
    )
    row = tx.session.execute(statement).mappings().one_or_none()
    if row is None or row["expires_at"] <= tx.now:
        raise BadToken
    account, scopes = views.resolved(row), tuple(row["scopes"])
    return Resolved(account, row["token_id"], row["last_used_at"], row["expires_at"], scopes)


def own_account(tx: Tx) -> Account:
    """The actor's account. Raises NotAuthenticated, NotFound."""
    found = tx.session.get(Account, tx.actor.require_account())
    if found is None:
        raise NotFound
    return found


def own_sessions(tx: Tx, idle: timedelta, current: str | None) -> dict[str, Any]:
    """The actor's living sessions, last seen first."""
    mine = sessions.c.account_id == tx.actor.require_account()
    current_hash = hash_secret(current) if current else None
    alive = (sessions.c.expires_at > tx.now) & (sessions.c.last_seen_at > tx.now - idle)
    found = rows(
        tx, select(sessions).where(mine, alive).order_by(sessions.c.last_seen_at.desc(), sessions.c.id)
    )
    items = [
        {
            "id": str(row["id"]),
            "user_agent": row["user_agent"],
            "created_at": views.instant(row["created_at"]),
            "last_seen_at": views.instant(row["last_seen_at"]),
            "expires_at": views.instant(row["expires_at"]),
            "current": row["secret_hash"] == current_hash,
        }
        for row in found
    ]
    return {"items": items, "next_cursor": None}


def own_tokens(tx: Tx) -> dict[str, Any]:
    """The actor's living tokens, newest first."""
    mine = tokens.c.account_id == tx.actor.require_account()
    statement = select(Token).where(mine, tokens.c.expires_at > tx.now).order_by(tokens.c.id.desc())
    return {"items": [views.token(found) for found in tx.session.scalars(statement)], "next_cursor": None}


def list_members(tx: Tx, filters: Filters, request: PageRequest) -> dict[str, Any]:
    """The directory in the order of names."""
    statement = select(*_MEMBER).select_from(_MEMBERS).where(accounts.c.status == ACTIVE)
    found = rows(tx, _by_name(_filtered(statement, filters), request))
    return page_of(found, request, _name_key, views.member)


def list_accounts(tx: Tx, filters: Filters, request: PageRequest) -> dict[str, Any]:
    """Everybody, disabled or not, with what an admin needs. Raises NotFound for others."""
    if not can_manage_accounts(tx.actor):
        raise NotFound
    found = rows(tx, _by_name(_filtered(select(accounts), filters), request))
    return page_of(found, request, _name_key, views.managed_account)


def get_account(tx: Tx, account_id: UUID) -> dict[str, Any]:
    """One account as an admin sees it. Raises NotFound."""
    found = (
        rows(tx, select(accounts).where(accounts.c.id == account_id)) if can_manage_accounts(tx.actor) else []
    )
    if not found:
        raise NotFound
    return views.managed_account(found[0])


def get_member(tx: Tx, account_id: UUID) -> dict[str, Any]:
    """One member of the directory. Raises NotFound."""
    one = select(*_MEMBER).select_from(_MEMBERS)
    found = rows(tx, one.where(accounts.c.id == account_id, accounts.c.status == ACTIVE))
    if not found:
        raise NotFound
    return views.member(found[0], everything=sees_everything_of(tx.actor, account_id))


def get_members(tx: Tx, ids: list[UUID]) -> dict[str, Any]:
    """Names for ids, also of people who left: what they wrote stays theirs. Unknown ids are left out."""
    found = (
        rows(tx, select(*_CARD).where(accounts.c.id.in_(ids)).order_by(accounts.c.name_key)) if ids else []
    )
    return {"items": [views.name_card(row) for row in found]}


def get_contact(tx: Tx, account_id: UUID) -> dict[str, Any]:
    """Where and how to write to somebody. Raises NotFound, also for a disabled account."""
    columns = (accounts.c.email, accounts.c.display_name, accounts.c.language, accounts.c.time_zone)
    found = rows(tx, select(*columns).where(accounts.c.id == account_id, accounts.c.status == ACTIVE))
    if not found:
        raise NotFound
    return found[0]


def list_agencies(tx: Tx) -> dict[str, Any]:
    """All of them in the order of their names; retired ones too, for who still has one."""
    tx.actor.require_account()
    statement = select(Agency).order_by(agencies.c.name_key)
    return {"items": [views.agency(found) for found in tx.session.scalars(statement)], "next_cursor": None}


def list_invitations(tx: Tx, request: PageRequest) -> dict[str, Any]:
    """Newest first: an admin's whole list, a coordinator's own. Raises NotFound for others."""
    statement = select(Invitation).order_by(invitations.c.id.desc()).limit(request.limit + 1)
    if not can_see_invitation(tx.actor, None):
        if not can_see_invitation(tx.actor, tx.actor.account_id):
            raise NotFound
        statement = statement.where(invitations.c.created_by == tx.actor.account_id)
    if request.after:
        statement = statement.where(invitations.c.id < parse_id(request.after[0]))
    found = list(tx.session.scalars(statement))
    return page_of(found, request, lambda item: [item.id], lambda item: views.invitation(item, tx.now))


def _filtered(statement: Select[Any], filters: Filters) -> Select[Any]:
    for name in ("province", "sector", "language"):
        if value := getattr(filters, name):
            statement = statement.where(accounts.c[name] == value)
    if filters.role:
        statement = statement.where(has_role(filters.role))
    for word in fold(filters.q or "").split():
        statement = statement.where(accounts.c.search_text.contains(word, autoescape=True))
    return statement


def _by_name(statement: Select[Any], request: PageRequest) -> Select[Any]:
    if request.after:
        name, row_id = request.after[0], parse_id(request.after[-1])
        later = (accounts.c.name_key > name) | ((accounts.c.name_key == name) & (accounts.c.id > row_id))
        statement = statement.where(later)
    return statement.order_by(accounts.c.name_key, accounts.c.id).limit(request.limit + 1)


def _name_key(row: views.Row) -> list[Any]:
    return [row["name_key"], row["id"]]
