"""Courses in and out as OLX."""

from __future__ import annotations

from typing import Any

from services.courses.commands import olx
from services.courses.schemas.core import CourseId
from services.courses.schemas.olx import CourseFile
from shared.messaging.bus import Call
from shared.messaging.entrypoints import rpc
from shared.messaging.service import Service
from shared.wire import load

View = dict[str, Any]


class OlxCalls(Service):
    """Exchange with Open edX."""

    @rpc
    def export_olx(self, call: Call) -> View:
        return olx.export_olx(self, call, load(CourseId(), call.payload)["course_id"])

    @rpc
    def import_olx(self, call: Call) -> View:
        return olx.import_olx(self, call, olx.ImportOlx(**load(CourseFile(), call.payload)))
