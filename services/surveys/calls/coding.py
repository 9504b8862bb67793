"""Entry points. Open answers coded by two coders, exports, verified reports."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import structlog

from services.surveys import exporting
from services.surveys.commands import coding
from services.surveys.domain.coding import Coding
from services.surveys.queries import coding as views
from services.surveys.queries import open_answers
from services.surveys.schemas import coding as schemas
from services.surveys.schemas.core import Nothing, OfSurvey
from shared.actor import system_actor
from shared.db.tx import Tx
from shared.messaging import offload
from shared.messaging.bus import Call
from shared.messaging.entrypoints import command, every, query, rpc
from shared.messaging.service import Service
from shared.paging import PageRequest
from shared.wire import load

log = structlog.get_logger()
View = dict[str, Any]


class CodingCalls(Service):
    """Open answers coded by two coders, exports, verified reports."""

    # ------------------------------------------------------------------ reading
    @query
    def list_open_questions(self, tx: Tx, call: Call) -> View:
        return open_answers.list_open_questions(tx, load(OfSurvey(), call.payload)["survey_id"])

    @query
    def list_open_answers(self, tx: Tx, call: Call) -> View:
        data = load(schemas.OpenQuestion(), call.payload)
        return open_answers.list_open_answers(tx, data["survey_id"], data["question"], _page(data))

    @query
    def get_themes(self, tx: Tx, call: Call) -> View:
        return views.get_themes(tx, load(OfSurvey(), call.payload)["survey_id"])

    # ------------------------------------------------------------------ the coding and its code book
    @query
    def list_codings(self, tx: Tx, call: Call) -> View:
        data = load(schemas.Codings(), call.payload)
        return views.list_codings(tx, data["survey_id"], _page(data))

    @query
    def list_coders(self, tx: Tx, call: Call) -> View:
        load(Nothing(), call.payload)
        return views.list_coders(tx)

    @query
    def get_coding(self, tx: Tx, call: Call) -> View:
        return views.get_coding(tx, load(schemas.OfCoding(), call.payload)["coding_id"])

    @command
    def start_coding(self, tx: Tx, call: Call) -> View:
        return _shown(
            tx, coding.start_coding(tx, coding.StartCoding(**load(schemas.StartCoding(), call.payload)))
        )

    @command
    def assign_coders(self, tx: Tx, call: Call) -> View:
        return _shown(
            tx, coding.assign_coders(tx, coding.AssignCoders(**load(schemas.AssignCoders(), call.payload)))
        )

    @command
    def add_code(self, tx: Tx, call: Call) -> View:
        return _shown(tx, coding.add_code(tx, coding.WriteCode(**load(schemas.NewCode(), call.payload))))

    @command
    def edit_code(self, tx: Tx, call: Call) -> View:
        return _shown(tx, coding.edit_code(tx, coding.WriteCode(**load(schemas.EditCode(), call.payload))))

    @command
    def merge_code(self, tx: Tx, call: Call) -> View:
        return _shown(tx, coding.merge_code(tx, **load(schemas.MergeCode(), call.payload)))

    @command
    def retire_code(self, tx: Tx, call: Call) -> View:
        return _shown(tx, coding.retire_code(tx, **load(schemas.OfCode(), call.payload)))

    @query
    def list_code_changes(self, tx: Tx, call: Call) -> View:
        return views.list_code_changes(tx, load(schemas.OfCoding(), call.payload)["coding_id"])

    # ------------------------------------------------------------------ coding
    @query
    def list_answers_to_code(self, tx: Tx, call: Call) -> View:
        data = load(schemas.AnswersToCode(), call.payload)
        return views.list_answers_to_code(tx, data["coding_id"], data["number"], _page(data))

    @command
    def mark_answer(self, tx: Tx, call: Call) -> View:
        data = load(schemas.MarkAnswer(), call.payload)
        return coding.mark_answer(tx, coding.MarkAnswer(**data | {"codes": tuple(data["codes"])}))

    @rpc
    def finish_coding(self, call: Call) -> View:
        data = load(schemas.FinishCoding(), call.payload)
        with self.tx(call) as tx:
            coding.finish_coding(tx, data["coding_id"], finished=data["finished"])
        self._judge(data["coding_id"])
        with self.read(call) as tx:
            return views.get_coding(tx, data["coding_id"])

    @every(minutes=1)
    def judge_codings(self) -> None:
        """Agreement that a crash left out."""
        with self.db.read(system_actor(self.name)) as tx:
            waiting = coding.without_agreement(tx)
        for coding_id in waiting:
            self._judge(coding_id)

    def _judge(self, coding_id: UUID) -> None:
        """Store the agreement once both have finished. The arithmetic holds no transaction."""
        me = system_actor(self.name)
        with self.db.read(me) as tx:
            found = tx.session.get_one(Coding, coding_id)
            if not found.both_finished or found.agreement is not None:
                return
            work, as_of = views.work_of(tx, found), found.book_version
        agreement = offload.run(views.agreement_of, work, as_of)
        with self.db.tx(me) as tx:
            coding.store_agreement(tx, coding_id, agreement)
        log.info("coding.judged", coding_id=str(coding_id), n=agreement["overall"]["n"])

    # ------------------------------------------------------------------ reconciling
    @query
    def list_disagreements(self, tx: Tx, call: Call) -> View:
        data = load(schemas.RowsOfCoding(), call.payload)
        return views.list_disagreements(tx, data["coding_id"], _page(data))

    @command
    def decide_answer(self, tx: Tx, call: Call) -> View:
        data = load(schemas.DecideAnswer(), call.payload)
        coding.decide_answer(tx, coding.DecideAnswer(**data | {"codes": tuple(data["codes"])}))
        found: View = views.get_coding(tx, data["coding_id"])["disagreements"]
        return found

    @command
    def complete_coding(self, tx: Tx, call: Call) -> View:
        return _shown(tx, coding.complete_coding(tx, load(schemas.OfCoding(), call.payload)["coding_id"]))

    # ------------------------------------------------------------------ exports
    @rpc
    def export_survey(self, call: Call) -> View:
        data = load(schemas.Export(), call.payload)
        with self.read(call) as tx:
            file = exporting.export(tx, _wanted(call, data), self.shown)
        return exporting.store_file(self.storage, file, self.clock.now())

    @rpc
    def export_named(self, call: Call) -> View:
        data = load(schemas.NamedExport(), call.payload)
        reason, wanted = data.pop("reason"), _wanted(call, data | {"identities": True})
        with self.tx(call) as tx:
            exporting.log_named(tx, wanted, reason)
            file = exporting.export(tx, wanted, self.shown)
            log.info("survey.exported", survey_id=str(wanted.survey_id), account_id=str(tx.actor.account_id))
        return exporting.store_file(self.storage, file, self.clock.now())

    @query
    def list_named_exports(self, tx: Tx, call: Call) -> View:
        return exporting.list_named_exports(tx, load(OfSurvey(), call.payload)["survey_id"])

    @every(minutes=15)
    def sweep_exports(self) -> None:
        """Files that nobody came for."""
        exporting.sweep(self.storage, self.clock.now())


def _wanted(call: Call, data: View) -> exporting.Wanted:
    return exporting.Wanted(**{**data, "language": data["language"] or call.actor.language})


def _page(data: View) -> PageRequest:
    return PageRequest.of(data.pop("cursor"), data.pop("limit"))


def _shown(tx: Tx, found: Coding) -> View:
    tx.session.flush()
    return views.coding_view(tx, found)
