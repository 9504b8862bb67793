"""What this service keeps of members, for counts by group: nothing that names a person."""

from __future__ import annotations

from sqlalchemy import select, update

from services.courses.tables import members
from shared.contracts.identity import AccountRegistered, AccountUpdated
from shared.db.dialect import insert_new
from shared.db.tx import Tx


def know_member(tx: Tx, event: AccountRegistered | AccountUpdated, version: int) -> None:
    """Keep the newest state of an account; events may come in any order."""
    row = {
        "account_id": event.account_id, "province": event.province, "sector": event.sector,
        "language": event.language, "version": version,
    }  # fmt: skip
    if insert_new(tx.session, members, row):
        return
    mine = members.c.account_id == event.account_id
    known = tx.session.execute(select(members.c.version).where(mine).with_for_update()).scalar_one()
    if known < version:
        tx.session.execute(update(members).where(mine).values(row))
