"""The xAPI record store. The protocol around it is the gateway's (gateway/web/xapi.py)."""

from __future__ import annotations

from typing import Any

from services.courses.commands import lrs as commands
from services.courses.lrs import Party, party_of, place_of
from services.courses.queries import lrs as queries
from services.courses.schemas import lrs as schemas
from services.courses.schemas.parts import Paged
from shared.db.tx import Tx
from shared.messaging.bus import Call
from shared.messaging.entrypoints import command, command_unremembered, query
from shared.messaging.service import Service
from shared.wire import Schema, load

View = dict[str, Any]


class LrsCalls(Service):
    """See the module's text."""

    @command_unremembered  # its answer holds the secret, of which only the hash may be stored
    def register_xapi_tool(self, tx: Tx, call: Call) -> View:
        return commands.register_tool(tx, **load(schemas.Tool(), call.payload))

    @query
    def list_xapi_tools(self, tx: Tx, call: Call) -> View:
        return queries.list_tools(tx, load(Paged(), call.payload))

    @command
    def revoke_xapi_tool(self, tx: Tx, call: Call) -> View:
        return commands.revoke_tool(tx, load(schemas.ToolId(), call.payload)["tool_id"])

    @command_unremembered  # statements have ids of their own: a repeated one is the same one
    def xapi_store(self, tx: Tx, call: Call) -> View:
        data, party = self._asked(tx, call, schemas.Statements())
        cmd = commands.StoreStatements(party, data["statements"], data["statement_id"], data["version"])
        return commands.store_statements(tx, cmd)

    @query
    def xapi_find(self, tx: Tx, call: Call) -> View:
        data, party = self._asked(tx, call, schemas.StatementQuery())
        one, voided = data.pop("statement_id"), data.pop("voided_id")
        if one is not None or voided is not None:
            wanted = one if one is not None else voided
            return queries.get_statement(tx, party, wanted, voided=one is None, shape=data["format"])
        return queries.find_statements(tx, party, queries.Find(**data))

    @query
    def xapi_export(self, tx: Tx, call: Call) -> View:
        data, party = self._asked(tx, call, schemas.Export())
        return queries.export_statements(tx, party, data)

    @query
    def xapi_get_state(self, tx: Tx, call: Call) -> View:
        data, party = self._asked(tx, call, schemas.StateOne())
        return queries.get_state(tx, party, _place(party, data), data["state_id"])

    @query
    def xapi_list_states(self, tx: Tx, call: Call) -> View:
        data, party = self._asked(tx, call, schemas.StateList())
        return queries.list_states(tx, party, _place(party, data), data["since"])

    @command_unremembered  # its order and its etags decide, not a key
    def xapi_write_state(self, tx: Tx, call: Call) -> View:
        data, party = self._asked(tx, call, schemas.StateWrite())
        return commands.write_state(tx, commands.WriteState(party, **data))

    @command_unremembered
    def xapi_delete_states(self, tx: Tx, call: Call) -> View:
        data, party = self._asked(tx, call, schemas.StateDelete())
        return commands.delete_states(tx, party, _place(party, data), data["state_id"], data["if_match"])

    def _asked(self, tx: Tx, call: Call, schema: Schema) -> tuple[View, Party]:
        data = load(schema, call.payload)
        party = party_of(tx, self.settings.main_origin, data.pop("pseudonym"), data.pop("credentials"))
        return data, party


def _place(party: Party, data: View) -> str:
    party.must_be(data["agent"])
    return place_of(data["activity_id"], data["agent"], data["registration"])
