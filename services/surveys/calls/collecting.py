"""Entry points. Collecting: audience, confidential mode, reminders, single-use links, coverage."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.surveys import audience, coverage, policy, projections, store
from services.surveys.commands import collecting, links
from services.surveys.domain.audience import audience_of
from services.surveys.queries import collecting as views
from services.surveys.schemas import collecting as schemas
from shared.actor import system_actor
from shared.contracts.courses import CohortJoined, CohortLeft
from shared.db.tx import Tx
from shared.errors import NotFound
from shared.messaging.bus import Call
from shared.messaging.entrypoints import command, command_unremembered, every, on_event, query
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

    # --- coverage

    @query
    def get_coverage(self, tx: Tx, call: Call) -> View:
        return views.get_coverage(tx, load(schemas.Survey(), call.payload)["survey_id"])

    @every(seconds=15)
    def refresh_coverage(self) -> None:
        me = system_actor(self.name)
        with self.db.read(me) as tx:
            waiting = coverage.due(tx)
        for survey_id in waiting:
            with self.db.tx(me) as tx:
                coverage.refresh(tx, survey_id)

    # --- single-use links

    @command_unremembered  # its answer holds secrets, of which only the hashes may be stored
    def make_links(self, tx: Tx, call: Call) -> View:
        cmd = links.MakeLinks(**load(schemas.MakeLinks(), call.payload))
        key = call.idempotency_key
        before = self.inbox.begin(tx, "make_links", key, call.payload) if key else None
        if before:
            batch, secrets = UUID(before.result), links.make_links_again(tx, UUID(before.result))
        else:
            batch, secrets = links.make_links(tx, cmd)
            if key:
                self.inbox.finish(tx, "make_links", key, str(batch))
        return {"batch_id": str(batch), "secrets": secrets, "links": views.list_links(tx, cmd.survey_id)}

    @query
    def list_links(self, tx: Tx, call: Call) -> View:
        return views.list_links(tx, load(schemas.Survey(), call.payload)["survey_id"])

    @command
    def revoke_links(self, tx: Tx, call: Call) -> View:
        data = load(schemas.LinkBatch(), call.payload)
        links.revoke_links(tx, **data)
        return views.list_links(tx, data["survey_id"])

    @query
    def open_link(self, tx: Tx, call: Call) -> View:
        data = load(schemas.OpenLink(), call.payload)
        return views.open_link(tx, data["secret"], tx.actor.language, data["instrument_version"])

    @command_unremembered
    def save_link_draft(self, tx: Tx, call: Call) -> View:
        cmd = links.AnswerByLink(**load(schemas.AnswerByLink(), call.payload))
        links.save_draft(tx, cmd)
        draft: View = views.open_link(tx, cmd.secret, cmd.language)["draft"]
        return draft

    @command_unremembered
    def submit_by_link(self, tx: Tx, call: Call) -> View:
        data = load(schemas.AnswerByLink(), call.payload)
        links.submit(tx, links.AnswerByLink(**data, key=call.idempotency_key))
        return {"received": True}

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
