"""A round that closes soon: those who have not rated everything are told, once per deadline."""

from __future__ import annotations

from sqlalchemy import select, update

from services.surveys import panel_store, tables
from services.surveys.domain import panel as rules
from services.surveys.domain.panel import Panel
from shared.contracts.surveys import RoundClosing
from shared.db.tx import Tx, rows


def remind(tx: Tx) -> None:
    """Publishes RoundClosing for every open round within two days of its deadline. A round shorter than that gets none."""
    table, panel = tables.panel_rounds, tables.panels
    soon = select(table.c.panel_id, table.c.number, table.c.kind, table.c.opened_at, table.c.closes_at).join(
        panel, (panel.c.id == table.c.panel_id) & (panel.c.round == table.c.number)
    )
    due = (panel.c.phase == rules.ROUND, table.c.reminded_at.is_(None), table.c.closes_at > tx.now,
           table.c.closes_at <= tx.now + rules.SOON)  # fmt: skip
    for row in rows(tx, soon.where(*due)):
        here = (table.c.panel_id == row["panel_id"]) & (table.c.number == row["number"])
        tx.session.execute(update(table).where(here).values(reminded_at=tx.now))
        found = tx.session.get_one(Panel, row["panel_id"])
        waiting = panel_store.unfinished(tx, found, row["kind"])
        if waiting and row["closes_at"] - row["opened_at"] > rules.SOON:
            told = RoundClosing(found.id, found.title, row["number"], row["closes_at"], waiting)
            tx.publish(told, subject=found.id, version=found.version)
