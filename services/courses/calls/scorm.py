"""SCORM activities."""

from __future__ import annotations

from typing import Any

from services.courses.commands import scorm
from services.courses.schemas import scorm as schemas
from services.courses.schemas.core import Token
from shared.actor import system_actor
from shared.db.tx import Tx
from shared.messaging.bus import Call
from shared.messaging.entrypoints import command, every, query, rpc
from shared.messaging.service import Service
from shared.wire import load

View = dict[str, Any]


class ScormCalls(Service):
    """See the module's text."""

    @rpc
    def set_activity_scorm(self, call: Call) -> View:
        cmd = scorm.SetActivityScorm(**load(schemas.ScormPackage(), call.payload))
        return scorm.set_activity_scorm(self, call, cmd)

    @command
    def save_scorm(self, tx: Tx, call: Call) -> View:
        return scorm.save_scorm(tx, scorm.SaveScorm(**load(schemas.ScormData(), call.payload)))

    @query
    def resolve_scorm(self, tx: Tx, call: Call) -> View:
        return scorm.resolve_scorm(tx, load(Token(), call.payload)["token"])

    @every(minutes=60)
    def expire_scorm_grants(self) -> None:
        with self.db.tx(system_actor(self.name)) as tx:
            scorm.expire_grants(tx)
