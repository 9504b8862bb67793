"""The list of agencies: add, change, retire."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from services.identity.domain.agency import Agency, AgencyExists, Name, key_of
from services.identity.policy import can_keep_agencies
from services.identity.tables import agencies
from shared.db.tx import Tx
from shared.errors import Forbidden, NotFound
from shared.ids import new_id


@dataclass(frozen=True, slots=True)
class AgencyFields:
    """`name`: both halves filled."""

    name: Name
    sector: str | None
    retired: bool = False


def add_agency(tx: Tx, values: AgencyFields) -> Agency:
    """A new agency. Raises Forbidden, AgencyExists."""
    _require_keeper(tx)
    _require_free(tx, values.name, None)
    made = Agency(new_id(), values.name, key_of(values.name), values.sector, tx.now, values.retired)
    tx.add(made)
    tx.session.flush()
    return made


def edit_agency(tx: Tx, agency_id: UUID, version: int, values: AgencyFields) -> Agency:
    """Other words, another sector, or retired. Raises Forbidden, NotFound, Stale, AgencyExists."""
    _require_keeper(tx)
    found = tx.session.get(Agency, agency_id, with_for_update=True)
    if found is None:
        raise NotFound
    _require_free(tx, values.name, agency_id)
    found.edit(version, values.name, values.sector, retired=values.retired)
    return found


def _require_keeper(tx: Tx) -> None:
    tx.actor.require_account()
    if not can_keep_agencies(tx.actor):
        raise Forbidden


def _require_free(tx: Tx, name: Name, own: UUID | None) -> None:
    taken = tx.session.scalar(select(agencies.c.id).where(agencies.c.name_key == key_of(name)))
    if taken is not None and taken != own:
        raise AgencyExists
