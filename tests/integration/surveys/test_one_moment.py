"""What one view tells is of one moment, also when somebody writes while it is read."""

from __future__ import annotations

from sqlalchemy import select, update

from services.surveys import tables
from shared.actor import system_actor
from tests.unit.surveys.support import Desk


def test_a_reader_sees_one_moment(desk: Desk) -> None:
    survey = desk.draft()
    database = desk.harness.services["surveys"].db
    table, me = tables.surveys, system_actor("surveys")
    chosen = select(table.c.version)

    def written() -> None:
        with database.tx(me) as tx:
            tx.session.execute(update(table).values(version=table.c.version + 1))

    with database.read(me) as tx:
        before = tx.session.execute(chosen).scalar_one()
        written()
        assert tx.session.execute(chosen).scalar_one() == before == survey["version"]
    with database.read(me) as tx:
        assert tx.session.execute(chosen).scalar_one() == before + 1
