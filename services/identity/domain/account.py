"""A person's account and what others may see of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.identity.domain.vocabulary import normal_email
from shared.contracts.identity import AccountRegistered, AccountUpdated
from shared.errors import Stale
from shared.ids import new_id, random_id
from shared.text import fold

ACTIVE = "active"
DISABLED = "disabled"
ANNOUNCED = 1
"""Which form of its events an account has told: 1 since they carry the agency."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a person says of themselves. `None`: not said."""

    display_name: str
    language: str
    time_zone: str
    province: str | None = None
    city: str | None = None
    profession: str | None = None
    sector: str | None = None
    expertise: tuple[str, ...] = ()


@dataclass(eq=False)
class Account:
    """One person.

    `version` counts edits of the profile and roles (it guards against stale edits); `sequence` counts published
    changes (it orders events), because changing the language in the page's head must not spoil a half-filled form.
    `pseudonym` names the person in learning records instead of the id; it is never shown.
    """

    id: UUID
    email: str
    email_norm: str
    password_hash: str
    display_name: str
    name_key: str
    search_text: str
    language: str
    time_zone: str
    province: str | None
    city: str | None
    profession: str | None
    sector: str | None
    expertise: list[str]
    roles: frozenset[str]
    created_at: datetime
    email_verified_at: datetime | None = None
    show_city: bool = False
    show_expertise: bool = False
    agency_id: UUID | None = None
    show_agency: bool = False
    status: str = ACTIVE
    pseudonym: UUID = field(default_factory=random_id)
    version: int = 1
    sequence: int = 1
    announced: int = ANNOUNCED

    @property
    def is_active(self) -> bool:
        """May sign in."""
        return self.status == ACTIVE

    def require_version(self, version: int) -> None:
        """Raises Stale when the editor saw another version."""
        if version != self.version:
            raise Stale

    def describe(self, profile: Profile) -> None:
        """Take over a profile."""
        self.display_name = profile.display_name
        self.language, self.time_zone, self.province = profile.language, profile.time_zone, profile.province
        self.city, self.profession, self.sector = profile.city, profile.profession, profile.sector
        self.expertise = list(profile.expertise)
        self.index()

    def index(self) -> None:
        """Keep the forms for sorting and searching in step with the name and profession."""
        self.name_key = fold(self.display_name)[:200]
        self.search_text = fold(f"{self.display_name} {self.profession or ''}")[:400]

    def changed(self, *, edit: bool = True) -> AccountUpdated:
        """Count a change and give the event of the present values. edit=False leaves `version` alone."""
        self.sequence += 1
        self.version += 1 if edit else 0
        self.announced = ANNOUNCED
        return AccountUpdated(
            self.id,
            sorted(self.roles),
            self.language,
            self.time_zone,
            self.province,
            self.sector,
            self.agency_id,
        )

    def registered(self) -> AccountRegistered:
        """The event of a new account."""
        return AccountRegistered(
            self.id,
            sorted(self.roles),
            self.language,
            self.time_zone,
            self.province,
            self.sector,
            self.agency_id,
        )


def new_account(
    email: str, password_hash: str, profile: Profile, roles: frozenset[str], now: datetime
) -> Account:
    """An active account whose address is not verified and whose optional fields are hidden."""
    account = Account(
        id=new_id(), email=email.strip(), email_norm=normal_email(email), password_hash=password_hash,
        display_name=profile.display_name, name_key="", search_text="", language=profile.language,
        time_zone=profile.time_zone, province=None, city=None, profession=None, sector=None, expertise=[],
        roles=roles, created_at=now,
    )  # fmt: skip
    account.describe(profile)
    return account
