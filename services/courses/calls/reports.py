"""Entry points: the trainer's and the coordinator's reports."""

from __future__ import annotations

from typing import Any

from services.courses.commands import cohorts
from services.courses.queries import reports
from services.courses.schemas import cohorts as asked
from services.courses.schemas import reports as schemas
from shared.db.tx import Tx
from shared.messaging.bus import Call
from shared.messaging.entrypoints import command, query
from shared.messaging.service import Service
from shared.wire import load

View = dict[str, Any]


class ReportCalls(Service):
    """Who is where, which questions are hard, who completes."""

    @query
    def roster(self, tx: Tx, call: Call) -> View:
        return reports.roster(tx, load(schemas.Roster(), call.payload))

    @query
    def course_report(self, tx: Tx, call: Call) -> View:
        return reports.course_report(tx, load(schemas.CourseReport(), call.payload))

    @query
    def activity_report(self, tx: Tx, call: Call) -> View:
        return reports.activity_report(tx, load(schemas.ActivityReport(), call.payload))

    @query
    def learner_report(self, tx: Tx, call: Call) -> View:
        return reports.learner_report(tx, load(schemas.LearnerReport(), call.payload))

    @query
    def completion_report(self, tx: Tx, call: Call) -> View:
        return reports.completion_report(tx, load(schemas.CompletionReport(), call.payload))

    @command
    def nudge_learners(self, tx: Tx, call: Call) -> View:
        return cohorts.nudge(tx, **load(asked.Nudge(), call.payload))
