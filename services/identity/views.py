"""The shapes that leave the service. What others may see of a person is decided here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.identity.domain.access import Invitation, Token
from services.identity.domain.account import Account
from services.identity.domain.agency import Agency

Row = Mapping[Any, Any]


def instant(at: datetime | None) -> str | None:
    """ISO 8601 with its offset."""
    return at.isoformat() if at else None


def signed_in(account: Account) -> dict[str, Any]:
    """Who has just signed in."""
    return {
        "id": str(account.id),
        "display_name": account.display_name,
        "language": account.language,
        "time_zone": account.time_zone,
        "province": account.province,
        "roles": sorted(account.roles),
    }


def resolved(row: Row) -> dict[str, Any]:
    """What the gateway needs of the person behind a request; the pseudonym goes no further than the gateway."""
    return {
        "id": str(row["id"]),
        "display_name": row["display_name"],
        "language": row["language"],
        "time_zone": row["time_zone"],
        "province": row["province"],
        "roles": sorted(row["roles"]),
        "pseudonym": str(row["pseudonym"]),
    }


def own_profile(account: Account) -> dict[str, Any]:
    """All that a person may see of themselves (not the pseudonym, which nobody sees)."""
    return {
        "id": str(account.id),
        "email": account.email,
        "email_verified": account.email_verified_at is not None,
        "display_name": account.display_name,
        "language": account.language,
        "time_zone": account.time_zone,
        "province": account.province,
        "city": account.city,
        "profession": account.profession,
        "sector": account.sector,
        "expertise": list(account.expertise),
        "show_city": account.show_city,
        "show_expertise": account.show_expertise,
        "agency_id": str(account.agency_id) if account.agency_id else None,
        "show_agency": account.show_agency,
        "roles": sorted(account.roles),
        "created_at": instant(account.created_at),
        "version": account.version,
    }


def name_card(row: Row) -> dict[str, Any]:
    """What every member may see of every member."""
    return {
        "id": str(row["id"]),
        "display_name": row["display_name"],
        "province": row["province"],
        "sector": row["sector"],
        "profession": row["profession"],
    }


def member(row: Row, *, everything: bool = False) -> dict[str, Any]:
    """A page of the directory: city and expertise only where the person opted in, else null.

    The agency is shown by its owner's choice alone: to nobody else, not even with `everything`.
    """
    return name_card(row) | {
        "agency": row["agency"] if row["show_agency"] else None,
        "city": row["city"] if row["show_city"] or everything else None,
        "expertise": list(row["expertise"]) if row["show_expertise"] or everything else None,
    }


def managed_account(row: Row) -> dict[str, Any]:
    """What an admin sees in the list of people."""
    return name_card(row) | {
        "email": row["email"],
        "email_verified": row["email_verified_at"] is not None,
        "language": row["language"],
        "roles": sorted(row["roles"]),
        "status": row["status"],
        "created_at": instant(row["created_at"]),
        "version": row["version"],
    }


def agency(found: Agency) -> dict[str, Any]:
    """One agency of the list."""
    return {
        "id": str(found.id),
        "name": found.name,
        "sector": found.sector,
        "retired": found.retired,
        "version": found.version,
    }


def invitation(found: Invitation, now: datetime) -> dict[str, Any]:
    """An invitation in the list of those who may manage it; never its secret."""
    return {
        "id": str(found.id),
        "email": found.email,
        "roles": sorted(found.roles),
        "language": found.language,
        "state": found.state(now),
        "created_at": instant(found.created_at),
        "expires_at": instant(found.expires_at),
        "accepted_at": instant(found.accepted_at),
    }


def open_invitation(found: Invitation) -> dict[str, Any]:
    """What the bearer of an invitation may know."""
    return {
        "email": found.email,
        "roles": sorted(found.roles),
        "language": found.language,
        "expires_at": instant(found.expires_at),
    }


def token(found: Token) -> dict[str, Any]:
    """A personal token in its owner's list; never its secret."""
    return {
        "id": str(found.id),
        "name": found.name,
        "scopes": list(found.scopes),
        "created_at": instant(found.created_at),
        "expires_at": instant(found.expires_at),
        "last_used_at": instant(found.last_used_at),
    }
