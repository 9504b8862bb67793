"""Entry points. The board of expressed needs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.surveys.commands import board
from services.surveys.queries import board as views
from services.surveys.queries import needs
from services.surveys.queries.board_answers import whole_entry
from services.surveys.schemas import board as schemas
from shared.db.tx import Tx
from shared.messaging.bus import Call
from shared.messaging.entrypoints import command, command_unremembered, query
from shared.messaging.service import Service
from shared.paging import PageRequest
from shared.wire import load

View = dict[str, Any]


class BoardCalls(Service):
    """The board of expressed needs."""

    @query
    def list_board(self, tx: Tx, call: Call) -> View:
        data = load(schemas.BoardPage(), call.payload)
        request = PageRequest.of(data.pop("cursor"), data.pop("limit"))
        return views.list_entries(tx, views.BoardFilter(**data), request)

    @query
    def get_board_entry(self, tx: Tx, call: Call) -> View:
        return whole_entry(tx, load(schemas.OfEntry(), call.payload)["entry_id"])

    @query
    def find_similar(self, tx: Tx, call: Call) -> View:
        return views.similar(tx, load(schemas.Similar(), call.payload)["text"])

    @command_unremembered  # its answer would tie the author to the entry, with the hour
    def express_need(self, tx: Tx, call: Call) -> View:
        data = load(schemas.Express(), call.payload)
        return whole_entry(tx, board.express(tx, board.Express(**data), call.idempotency_key))

    @command_unremembered
    def support_board_entry(self, tx: Tx, call: Call) -> View:
        entry_id = load(schemas.OfEntry(), call.payload)["entry_id"]
        return whole_entry(tx, board.support(tx, entry_id))

    @command_unremembered
    def withdraw_board_support(self, tx: Tx, call: Call) -> View:
        entry_id = load(schemas.OfEntry(), call.payload)["entry_id"]
        return whole_entry(tx, board.withdraw_support(tx, entry_id))

    @command_unremembered
    def withdraw_board_entry(self, tx: Tx, call: Call) -> View:
        entry_id = load(schemas.OfEntry(), call.payload)["entry_id"]
        board.withdraw(tx, entry_id)
        return {"id": str(entry_id), "withdrawn": True}

    @command
    def edit_board_entry(self, tx: Tx, call: Call) -> View:
        data = load(schemas.EditEntry(), call.payload)
        entry_id = data.pop("entry_id")
        board.edit(tx, entry_id, data.pop("version"), data)
        return whole_entry(tx, entry_id)

    @command
    def merge_board_entry(self, tx: Tx, call: Call) -> View:
        data = load(schemas.MergeEntry(), call.payload)
        return whole_entry(tx, board.merge(tx, data["entry_id"], data["into_id"]))

    @command
    def unmerge_board_entry(self, tx: Tx, call: Call) -> View:
        entry_id = load(schemas.OfEntry(), call.payload)["entry_id"]
        board.unmerge(tx, entry_id)
        return whole_entry(tx, entry_id)

    @command
    def close_board_entry(self, tx: Tx, call: Call) -> View:
        data = load(schemas.CloseEntry(), call.payload)
        board.close(tx, board.CloseEntry(**data | {"link": _pair(data["link"])}))
        return whole_entry(tx, data["entry_id"])

    @command
    def link_board_entry(self, tx: Tx, call: Call) -> View:
        data = load(schemas.LinkEntry(), call.payload)
        board.link(tx, data["entry_id"], data["version"], _pair(data["link"]))
        return whole_entry(tx, data["entry_id"])

    @command
    def adopt_board_entry(self, tx: Tx, call: Call) -> View:
        data = load(schemas.VersionOfEntry(), call.payload)
        return needs.get_need(tx, board.adopt(tx, data["entry_id"], data["version"]))


def _pair(link: View | None) -> tuple[str, UUID] | None:
    return (link["kind"], link["id"]) if link else None
