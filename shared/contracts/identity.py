"""Events of the identity service. No name, no address: who needs to show one asks by id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from shared.contracts.base import DomainEvent


@dataclass(frozen=True, slots=True)
class AccountRegistered(DomainEvent):
    """Someone accepted an invitation."""

    type: ClassVar[str] = "identity.account.registered.v1"
    account_id: UUID
    roles: list[str]
    language: str
    time_zone: str
    province: str | None = None
    sector: str | None = None
    agency_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class AccountUpdated(DomainEvent):
    """Language, zone, province, sector, agency or roles changed; all present values."""

    type: ClassVar[str] = "identity.account.updated.v1"
    account_id: UUID
    roles: list[str]
    language: str
    time_zone: str
    province: str | None = None
    sector: str | None = None
    agency_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class AccountDisabled(DomainEvent):
    """The account can no longer sign in."""

    type: ClassVar[str] = "identity.account.disabled.v1"
    account_id: UUID
