"""Entry points: cohorts, rules of the way, attention, the learner's home."""

from __future__ import annotations

from typing import Any

from services.courses.commands import cohorts, gating, learning
from services.courses.projections import know_member
from services.courses.queries import cohorts as groups
from services.courses.queries import mine
from services.courses.schemas import cohorts as schemas
from shared.actor import system_actor
from shared.contracts.identity import AccountRegistered, AccountUpdated
from shared.db.tx import Tx
from shared.messaging.bus import Call
from shared.messaging.entrypoints import command, every, on_event, query
from shared.messaging.envelope import Envelope
from shared.messaging.service import Service
from shared.wire import Schema, load

View = dict[str, Any]


class CohortCalls(Service):
    """Taking part: alone or together, when, and in which order."""

    # --- what authors decide

    @command
    def set_completion(self, tx: Tx, call: Call) -> View:
        return gating.set_completion(tx, gating.SetCompletion(**load(schemas.ActivityRule(), call.payload)))

    @command
    def set_gate(self, tx: Tx, call: Call) -> View:
        return gating.set_gate(tx, gating.SetGate(**load(schemas.Gate(), call.payload)))

    @command
    def set_enrolment_rules(self, tx: Tx, call: Call) -> View:
        cmd = gating.SetEnrolmentRules(**load(schemas.EnrolmentRules(), call.payload))
        return gating.set_enrolment_rules(tx, cmd)

    # --- cohorts

    @command
    def create_cohort(self, tx: Tx, call: Call) -> View:
        data = load(schemas.NewCohort(), call.payload)
        return cohorts.create_cohort(tx, data.pop("course_id"), cohorts.CohortFields(**data))

    @command
    def update_cohort(self, tx: Tx, call: Call) -> View:
        data = load(schemas.CohortEdit(), call.payload)
        ids = data.pop("cohort_id"), data.pop("version")
        return cohorts.update_cohort(tx, *ids, cohorts.CohortFields(**data))

    @command
    def delete_cohort(self, tx: Tx, call: Call) -> View:
        return cohorts.delete_cohort(tx, **load(schemas.CohortVersion(), call.payload))

    @query
    def list_cohorts(self, tx: Tx, call: Call) -> View:
        return groups.list_cohorts(tx, load(schemas.CohortList(), call.payload))

    @query
    def get_cohort(self, tx: Tx, call: Call) -> View:
        return groups.get_cohort(tx, load(schemas.CohortId(), call.payload)["cohort_id"])

    @query
    def cohort_choices(self, tx: Tx, call: Call) -> View:
        return groups.cohort_choices(tx, load(schemas.CohortChoices(), call.payload)["ids"])

    # --- learners

    @command
    def enrol(self, tx: Tx, call: Call) -> View:
        return cohorts.enrol(tx, **load(schemas.Enrol(), call.payload))

    @command
    def leave_course(self, tx: Tx, call: Call) -> View:
        return cohorts.leave_course(tx, load(schemas.OfCourse(), call.payload)["course_id"])

    @command
    def set_interest(self, tx: Tx, call: Call) -> View:
        return cohorts.set_interest(tx, **load(schemas.Interest(), call.payload))

    @command
    def beat(self, tx: Tx, call: Call) -> View:
        return learning.beat(tx, **load(schemas.Beat(), call.payload))

    @query
    def get_enrolment(self, tx: Tx, call: Call) -> View:
        return groups.get_enrolment(tx, load(schemas.OfCourse(), call.payload)["course_id"])

    @query
    def my_learning(self, tx: Tx, call: Call) -> View:
        return mine.my_learning(tx, load(schemas.MyLearning(), call.payload))

    @query
    def home(self, tx: Tx, call: Call) -> View:
        load(Schema(), call.payload)
        return mine.home(tx)

    # --- members, and reminders

    @on_event(AccountRegistered.type)
    def on_account_registered(self, tx: Tx, event: Envelope) -> None:
        know_member(tx, AccountRegistered.from_data(event.data), event.version)

    @on_event(AccountUpdated.type)
    def on_account_updated(self, tx: Tx, event: Envelope) -> None:
        know_member(tx, AccountUpdated.from_data(event.data), event.version)

    @every(minutes=1)
    def announce_seats(self) -> None:
        with self.db.tx(system_actor(self.name)) as tx:
            cohorts.announce_seats(tx)

    @every(minutes=60)
    def remind_cohorts(self) -> None:
        with self.db.tx(system_actor(self.name)) as tx:
            cohorts.remind(tx)
