"""Calls about editions, the history of a draft, objectives' links, copies and co-authors."""

from __future__ import annotations

from typing import Any

from services.courses.commands import editions
from services.courses.queries import editions as kept
from services.courses.schemas import core
from services.courses.schemas import editions as schemas
from shared.actor import system_actor
from shared.db.tx import Tx
from shared.messaging.bus import Call
from shared.messaging.entrypoints import command, every, query
from shared.messaging.service import Service
from shared.wire import load

View = dict[str, Any]


class EditionCalls(Service):
    """What happens to a course as a whole."""

    @command
    def publish_course(self, tx: Tx, call: Call) -> View:
        return editions.publish_course(
            tx, editions.PublishCourse(**load(schemas.Publication(), call.payload))
        )

    @command
    def restore_snapshot(self, tx: Tx, call: Call) -> View:
        cmd = editions.RestoreSnapshot(**load(schemas.SnapshotRestore(), call.payload))
        return editions.restore_snapshot(tx, cmd)

    @command
    def restore_item(self, tx: Tx, call: Call) -> View:
        return editions.restore_item(tx, editions.RestoreItem(**load(schemas.ItemRestore(), call.payload)))

    @command
    def place_item(self, tx: Tx, call: Call) -> View:
        return editions.place_item(tx, editions.PlaceItem(**load(schemas.ItemPlace(), call.payload)))

    @command
    def duplicate_course(self, tx: Tx, call: Call) -> View:
        return editions.duplicate_course(tx, load(core.CourseId(), call.payload)["course_id"])

    @command
    def duplicate_item(self, tx: Tx, call: Call) -> View:
        return editions.duplicate_item(tx, **load(schemas.ItemCopy(), call.payload))

    @command
    def align_objectives(self, tx: Tx, call: Call) -> View:
        data = load(schemas.Alignments(), call.payload)
        wanted = [editions.Alignment(**one) for one in data["objectives"]]
        return editions.align_objectives(tx, data["course_id"], data["version"], wanted)

    @command
    def set_course_language(self, tx: Tx, call: Call) -> View:
        return editions.set_course_language(tx, **load(schemas.CourseLanguage(), call.payload))

    @command
    def add_author(self, tx: Tx, call: Call) -> View:
        return editions.add_author(tx, **load(schemas.NewAuthor(), call.payload))

    @command
    def remove_author(self, tx: Tx, call: Call) -> View:
        return editions.remove_author(tx, **load(schemas.AuthorGone(), call.payload))

    @query
    def list_history(self, tx: Tx, call: Call) -> View:
        return kept.list_history(tx, load(schemas.History(), call.payload))

    @query
    def get_snapshot(self, tx: Tx, call: Call) -> View:
        return kept.get_snapshot(tx, **load(schemas.SnapshotRead(), call.payload))

    @query
    def publication(self, tx: Tx, call: Call) -> View:
        return kept.publication(tx, load(core.CourseId(), call.payload)["course_id"])

    @every(minutes=24 * 60)
    def prune_history(self) -> None:
        with self.db.tx(system_actor(self.name)) as tx:
            editions.prune_history(tx)
