"""Videos, links, and blocks of other makers."""

from __future__ import annotations

from typing import Any

from services.courses.commands import blocks
from services.courses.players.xblock_runtime import HandlerRequest
from services.courses.queries import blocks as reads
from services.courses.schemas import blocks as schemas
from services.courses.schemas.core import ActivityId
from services.courses.schemas.parts import Paged
from shared.actor import system_actor
from shared.db.tx import Tx
from shared.messaging.bus import Call
from shared.messaging.entrypoints import command, command_unremembered, every, query, rpc
from shared.messaging.service import Service
from shared.wire import load

View = dict[str, Any]


class BlockCalls(Service):
    """Activities that are neither text, file, H5P nor quiz."""

    @query
    def list_block_types(self, tx: Tx, call: Call) -> View:
        return reads.list_block_types(tx, load(Paged(), call.payload))

    @command
    def set_block_type(self, tx: Tx, call: Call) -> View:
        return blocks.set_block_type(tx, blocks.SetBlockType(**load(schemas.BlockType(), call.payload)))

    @rpc
    def set_activity_video(self, call: Call) -> View:
        cmd = blocks.SetActivityVideo(**load(schemas.ActivityVideo(), call.payload))
        return blocks.set_activity_video(self, call, cmd)

    @command
    def set_activity_link(self, tx: Tx, call: Call) -> View:
        return blocks.set_activity_link(
            tx, blocks.SetActivityLink(**load(schemas.ActivityLink(), call.payload))
        )

    @query
    def get_captions(self, tx: Tx, call: Call) -> View:
        return reads.get_captions(tx, **load(schemas.CaptionsOf(), call.payload))

    @command_unremembered  # its answer holds a token, of which only the hash may be stored
    def open_block_editor(self, tx: Tx, call: Call) -> View:
        return blocks.open_block_editor(tx, load(ActivityId(), call.payload)["activity_id"])

    @query
    def get_block_grant(self, tx: Tx, call: Call) -> View:
        return blocks.get_block_grant(tx, load(schemas.BlockToken(), call.payload)["token"])

    @rpc
    def show_block(self, call: Call) -> View:
        return blocks.show_block(self, load(schemas.BlockToken(), call.payload)["token"])

    @rpc
    def handle_block(self, call: Call) -> View:
        data = load(schemas.BlockHandler(), call.payload)
        place = {name: data.pop(name) for name in ("token", "usage_id", "handler", "body_key")}
        return blocks.handle_block(self, blocks.HandleBlock(**place, request=HandlerRequest(**data)))

    @every(minutes=60)
    def expire_block_grants(self) -> None:
        with self.db.tx(system_actor(self.name)) as tx:
            blocks.expire_grants(tx)
