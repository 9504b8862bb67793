"""H5P libraries, display options, and contents as packages."""

from __future__ import annotations

from typing import Any

from services.courses.commands import h5p_contents, h5p_library
from services.courses.queries import h5p_library as reads
from services.courses.schemas import h5p_library as schemas
from services.courses.schemas.parts import Paged
from shared.db.tx import Tx
from shared.messaging.bus import Call
from shared.messaging.entrypoints import command, query, rpc
from shared.messaging.service import Service
from shared.wire import load

View = dict[str, Any]


class H5pLibraryCalls(Service):
    """What admins do with libraries, and authors with whole contents."""

    @query
    def list_h5p_libraries(self, tx: Tx, call: Call) -> View:
        return reads.list_h5p_libraries(tx, load(Paged(), call.payload))

    @query
    def get_h5p_library(self, tx: Tx, call: Call) -> View:
        return reads.get_h5p_library(tx, load(schemas.LibraryOf(), call.payload)["library"])

    @rpc
    def install_h5p_libraries(self, call: Call) -> View:
        return h5p_library.install_libraries(
            self, call, load(schemas.LibraryUpload(), call.payload)["upload_id"]
        )

    @command
    def set_h5p_library(self, tx: Tx, call: Call) -> View:
        return h5p_library.set_library(tx, **load(schemas.LibraryRestriction(), call.payload))

    @command
    def delete_h5p_library(self, tx: Tx, call: Call) -> View:
        return h5p_library.delete_library(tx, load(schemas.LibraryOf(), call.payload)["library"])

    @command
    def set_h5p_policy(self, tx: Tx, call: Call) -> View:
        return h5p_library.set_h5p_policy(tx, **load(schemas.H5pPolicy(), call.payload))

    @query
    def get_h5p_content(self, tx: Tx, call: Call) -> View:
        return reads.get_h5p_content(tx, self.storage, load(schemas.ContentOf(), call.payload)["content_id"])

    @rpc
    def copy_h5p_content(self, call: Call) -> View:
        cmd = h5p_contents.CopyContent(**load(schemas.ContentCopy(), call.payload))
        return h5p_contents.copy_content(self, call, cmd)

    @command
    def set_h5p_display(self, tx: Tx, call: Call) -> View:
        return h5p_library.set_display(
            tx, h5p_library.SetDisplay(**load(schemas.ActivityDisplay(), call.payload))
        )

    @rpc
    def export_h5p(self, call: Call) -> View:
        return h5p_library.export_activity(self, call, **load(schemas.ActivityContent(), call.payload))
