"""Entry points of playing H5P: finishes, answers, embedding, upgrades and the event log."""

from __future__ import annotations

from typing import Any

from services.courses import h5p_log
from services.courses.commands import h5p_play, h5p_upgrades
from services.courses.queries import h5p_play as reading
from services.courses.queries import h5p_upgrades as upgrades
from services.courses.schemas import h5p_play as schemas
from services.courses.schemas.core import ActivityId, Token
from shared.actor import system_actor
from shared.db.tx import Tx
from shared.ids import parse_id
from shared.messaging.bus import Call
from shared.messaging.entrypoints import command, every, query, rpc
from shared.messaging.service import Service
from shared.wire import Schema, load

View = dict[str, Any]


class H5pPlayCalls(Service):
    """What players report, and what of it can be read."""

    @command
    def set_finished(self, tx: Tx, call: Call) -> View:
        return h5p_play.set_finished(tx, h5p_play.SetFinished(**load(schemas.Finished(), call.payload)))

    @rpc
    def attempt_results(self, call: Call) -> View:
        with self.read(call) as tx:
            view = reading.attempt_results(tx, load(schemas.ResultsOf(), call.payload))
        if view["account_id"] != str(call.actor.account_id):
            with self.tx(call) as tx:
                h5p_log.log_event(tx, "results", "view", activity_id=parse_id(view["activity_id"]))
        return view

    @rpc
    def resolve_embed(self, call: Call) -> View:
        token = load(Token(), call.payload)["token"]
        with self.read(call) as tx:
            view = reading.embed_grant(tx, token)
        with self.db.tx(system_actor(self.name)) as tx:  # a visitor writes nothing, the log does
            activity_id, content_id = parse_id(view["activity_id"]), parse_id(view["content_id"])
            h5p_log.log_event(tx, "content", "embed", activity_id=activity_id, content_id=content_id)
        return view

    @query
    def get_h5p_credits(self, tx: Tx, call: Call) -> View:
        return reading.get_h5p_credits(tx, self.storage, load(ActivityId(), call.payload)["activity_id"])

    @query
    def list_h5p_events(self, tx: Tx, call: Call) -> View:
        return reading.list_h5p_events(tx, load(schemas.EventList(), call.payload))

    @query
    def get_h5p_event_policy(self, tx: Tx, call: Call) -> View:
        load(Schema(), call.payload)
        return reading.get_h5p_event_policy(tx)

    @command
    def set_h5p_event_policy(self, tx: Tx, call: Call) -> View:
        return h5p_play.set_event_policy(tx, **load(schemas.EventPolicy(), call.payload))

    # --- upgrades

    @query
    def list_h5p_upgrades(self, tx: Tx, call: Call) -> View:
        load(Schema(), call.payload)
        return upgrades.list_h5p_upgrades(tx)

    @query
    def get_h5p_upgrade(self, tx: Tx, call: Call) -> View:
        return upgrades.get_h5p_upgrade(tx, load(schemas.UpgradeId(), call.payload)["upgrade_id"])

    @command
    def start_h5p_upgrade(self, tx: Tx, call: Call) -> View:
        cmd = h5p_upgrades.StartUpgrade(**load(schemas.NewUpgrade(), call.payload))
        return h5p_upgrades.start_upgrade(tx, cmd)

    @rpc
    def continue_h5p_upgrade(self, call: Call) -> View:
        run_id = load(schemas.UpgradeId(), call.payload)["upgrade_id"]
        return h5p_upgrades.continue_upgrade(self, call, run_id)

    @command
    def undo_h5p_upgrade(self, tx: Tx, call: Call) -> View:
        return h5p_upgrades.undo_upgrade(tx, load(schemas.UpgradeId(), call.payload)["upgrade_id"])

    @every(minutes=24 * 60)
    def prune_h5p_events(self) -> None:
        with self.db.tx(system_actor(self.name)) as tx:
            h5p_log.prune(tx)
