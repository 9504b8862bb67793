"""Entry points. Collecting: audience, confidential mode, reminders, single-use links, coverage."""

from __future__ import annotations

from typing import Any

from services.surveys import audience, policy, projections, store
from services.surveys.commands import collecting
from services.surveys.domain.audience import audience_of
from services.surveys.queries import collecting as views
from services.surveys.schemas import collecting as schemas
from shared.actor import system_actor
from shared.contracts.courses import CohortJoined, CohortLeft
from shared.db.tx import Tx
from shared.errors import NotFound
from shared.messaging.bus import Call
from shared.messaging.entrypoints import command, every, on_event, query
from shared.messaging.envelope import Envelope
from shared.messaging.service import Service
from shared.wire import load

View = dict[str, Any]


class CollectingCalls(Service):
    """Collecting: audience, confidential mode, reminders, single-use links, coverage."""

    # --- who is asked

    @query
    def count_audience(self, tx: Tx, call: Call) -> View:
        wanted = load(schemas.CountAudience(), call.payload)["audience"]
        store.require_coordinator(tx.actor)
        return views.people(audience.count(tx, audience_of(wanted)))

    @on_event(CohortJoined.type)
    def on_cohort_joined(self, tx: Tx, envelope: Envelope) -> None:
        projections.cohort_changed(tx, CohortJoined.from_data(envelope.data), envelope.version)

    @on_event(CohortLeft.type)
    def on_cohort_left(self, tx: Tx, envelope: Envelope) -> None:
        projections.cohort_changed(tx, CohortLeft.from_data(envelope.data), envelope.version)

    # --- reminders

    @query
    def get_reminders(self, tx: Tx, call: Call) -> View:
        return views.get_reminders(tx, load(schemas.Survey(), call.payload)["survey_id"])

    @command
    def remind(self, tx: Tx, call: Call) -> View:
        survey_id = load(schemas.Survey(), call.payload)["survey_id"]
        collecting.remind(tx, survey_id)
        return views.get_reminders(tx, survey_id)

    @query
    def still_asked(self, tx: Tx, call: Call) -> View:
        data = load(schemas.StillAsked(), call.payload)
        if not policy.can_ask_who_answered(tx.actor):
            raise NotFound
        return {"asked": collecting.still_asked(tx, **data)}

    @every(minutes=1)
    def send_reminders(self) -> None:
        me = system_actor(self.name)
        with self.db.read(me) as tx:
            due = collecting.due(tx)
        for survey_id in due:
            with self.db.tx(me) as tx:
                collecting.send_due(tx, survey_id)
