"""Entry points of the H5P editor."""

from __future__ import annotations

from typing import Any

from services.courses.commands import h5p_editor
from services.courses.queries import h5p_editor as reading
from services.courses.schemas import core
from services.courses.schemas import h5p_editor as schemas
from shared.actor import system_actor
from shared.db.tx import Tx
from shared.messaging.bus import Call
from shared.messaging.entrypoints import command, every, query, rpc
from shared.messaging.service import Service
from shared.wire import Schema, load

View = dict[str, Any]


class H5pEditorCalls(Service):
    """Writing H5P contents in the browser."""

    @query
    def h5p_content_types(self, tx: Tx, call: Call) -> View:
        load(Schema(), call.payload)
        return reading.h5p_content_types(tx)

    @query
    def h5p_library_semantics(self, tx: Tx, call: Call) -> View:
        return reading.h5p_library_semantics(tx, self.storage, load(schemas.LibraryForm(), call.payload))

    @query
    def list_h5p_reusable(self, tx: Tx, call: Call) -> View:
        return reading.list_h5p_reusable(tx, load(schemas.Reusable(), call.payload))

    @query
    def find_h5p_draft(self, tx: Tx, call: Call) -> View:
        return reading.find_h5p_draft(tx, load(core.ActivityId(), call.payload)["activity_id"])

    @query
    def get_h5p_draft(self, tx: Tx, call: Call) -> View:
        return reading.get_h5p_draft(tx, load(schemas.DraftId(), call.payload)["draft_id"])

    @query
    def get_h5p_draft_file(self, tx: Tx, call: Call) -> View:
        return reading.get_h5p_draft_file(tx, **load(schemas.DraftFile(), call.payload))

    @query
    def resolve_h5p_preview(self, tx: Tx, call: Call) -> View:
        return reading.resolve_h5p_preview(tx, load(core.Token(), call.payload)["token"])

    @rpc
    def start_h5p_draft(self, call: Call) -> View:
        cmd = h5p_editor.StartDraft(**load(schemas.NewDraft(), call.payload))
        return h5p_editor.start_h5p_draft(self, call, cmd)

    @command
    def save_h5p_draft(self, tx: Tx, call: Call) -> View:
        return h5p_editor.save_h5p_draft(tx, h5p_editor.SaveDraft(**load(schemas.DraftEdit(), call.payload)))

    @command
    def discard_h5p_draft(self, tx: Tx, call: Call) -> View:
        return h5p_editor.discard_h5p_draft(tx, load(schemas.DraftId(), call.payload)["draft_id"])

    @rpc
    def add_h5p_media(self, call: Call) -> View:
        cmd = h5p_editor.AddMedia(**load(schemas.NewMedia(), call.payload))
        return h5p_editor.add_h5p_media(self, call, cmd)

    @rpc
    def preview_h5p_draft(self, call: Call) -> View:
        draft_id = load(schemas.DraftId(), call.payload)["draft_id"]
        return h5p_editor.preview_h5p_draft(self, call, draft_id)

    @rpc
    def use_h5p_draft(self, call: Call) -> View:
        cmd = h5p_editor.UseDraft(**load(schemas.DraftUse(), call.payload))
        return h5p_editor.use_h5p_draft(self, call, cmd)

    @every(minutes=60)
    def expire_h5p_drafts(self) -> None:
        with self.db.tx(system_actor(self.name)) as tx:
            h5p_editor.expire_h5p_drafts(tx)
