"""Entry points of the surveys service. Read this first; README.md says what each takes and gives."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import structlog

from services.surveys import fingerprints, projections, ranking, schemas, store, tables, templates
from services.surveys.calls.analysis import AT_ONCE, AnalysisCalls
from services.surveys.calls.coding import CodingCalls
from services.surveys.calls.collecting import CollectingCalls
from services.surveys.calls.instruments import InstrumentsCalls
from services.surveys.calls.panels import PanelsCalls
from services.surveys.calls.proof import ProofCalls
from services.surveys.commands import answering, closing, deciding, editing, repeating
from services.surveys.domain.need import ResultsAfterClosing
from services.surveys.domain.survey import Survey
from services.surveys.queries import home, loops, needs, proposals, results, surveys
from shared.actor import system_actor
from shared.contracts.community import TopicOpened
from shared.contracts.courses import CourseCompleted, CourseDrafted, CoursePublished, EnrolmentStarted
from shared.contracts.identity import AccountDisabled, AccountRegistered, AccountUpdated
from shared.contracts.surveys import ResponseSubmitted
from shared.db.tx import Tx
from shared.errors import NotFound
from shared.messaging.bus import Call
from shared.messaging.entrypoints import command, command_unremembered, every, on_event, query, rpc
from shared.messaging.envelope import Envelope
from shared.messaging.tables import MessagingTables
from shared.paging import PageRequest, page_of
from shared.wire import load

log = structlog.get_logger()
View = dict[str, Any]


def _page(data: View) -> PageRequest:
    return PageRequest.of(data.pop("cursor"), data.pop("limit"))


class SurveysService(
    AnalysisCalls,
    CodingCalls,
    CollectingCalls,
    InstrumentsCalls,
    PanelsCalls,
    ProofCalls,
):
    """Needs surveys, needs, proposals, the loop."""

    name: ClassVar[str] = "surveys"
    tables: ClassVar[MessagingTables] = tables.messaging
    folder: ClassVar[Path] = Path(__file__).parent

    def setup(self) -> None:
        """The key under which fingerprints are shown."""
        signer = self.signer
        self._key = secrets.token_bytes() if signer is None else signer.secret(fingerprints.PURPOSE)

    def shown(self, result: Any) -> Any:
        """With keyed fingerprints."""
        return fingerprints.keyed(result, self._key)

    # ------------------------------------------------------------------ the instrument
    @query
    def list_templates(self, tx: Tx, call: Call) -> View:
        load(schemas.Nothing(), call.payload)
        store.require_coordinator(tx.actor)
        return {"items": [templates.summary(entry) for entry in templates.templates().values()]}

    @query
    def get_template(self, tx: Tx, call: Call) -> View:
        data = load(schemas.OfTemplate(), call.payload)
        store.require_coordinator(tx.actor)
        return templates.view(templates.template(data["template_id"]))

    @query
    def list_surveys(self, tx: Tx, call: Call) -> View:
        data = load(schemas.SurveyPage(), call.payload)
        return surveys.list_surveys(tx, data["status"], _page(data))

    @query
    def get_survey(self, tx: Tx, call: Call) -> View:
        return surveys.get_survey(tx, load(schemas.OfSurvey(), call.payload)["survey_id"])

    @command
    def create_survey(self, tx: Tx, call: Call) -> View:
        data = load(schemas.CreateSurvey(), call.payload)
        made = editing.create_survey(tx, editing.CreateSurvey(data.pop("template_id"), data))
        return self._shown(tx, made)

    @command
    def edit_survey(self, tx: Tx, call: Call) -> View:
        data = load(schemas.EditSurvey(), call.payload)
        cmd = editing.EditSurvey(data.pop("survey_id"), data.pop("version"), data)
        return self._shown(tx, editing.edit_survey(tx, cmd))

    @command
    def repeat_survey(self, tx: Tx, call: Call) -> View:
        return self._shown(
            tx, repeating.repeat_survey(tx, load(schemas.OfSurvey(), call.payload)["survey_id"])
        )

    @command
    def discard_survey(self, tx: Tx, call: Call) -> View:
        data = load(schemas.VersionOfSurvey(), call.payload)
        editing.discard_survey(tx, **data)
        return {"id": str(data["survey_id"]), "discarded": True}

    @command
    def launch_survey(self, tx: Tx, call: Call) -> View:
        data = load(schemas.VersionOfSurvey(), call.payload)
        return self._shown(tx, editing.launch_survey(tx, **data))

    @command
    def extend_survey(self, tx: Tx, call: Call) -> View:
        data = load(schemas.ExtendSurvey(), call.payload)
        return self._shown(tx, editing.extend_survey(tx, editing.ExtendSurvey(**data)))

    # ------------------------------------------------------------------ closing and ranking
    @rpc
    def close_survey(self, call: Call) -> View:
        survey_id = load(schemas.OfSurvey(), call.payload)["survey_id"]
        with self.tx(call) as tx:
            survey = store.coordinated_survey(tx, survey_id)
            if survey.is_draft:
                raise NotFound
            closed = closing.close_survey(tx, survey)
        if closed:
            closing.scrub(self.db.engine)
        self._rank(survey_id)
        with self.read(call) as tx:
            return surveys.get_survey(tx, survey_id)

    @rpc
    def rank_needs(self, call: Call) -> View:
        survey_id = load(schemas.OfSurvey(), call.payload)["survey_id"]
        with self.read(call) as tx:
            survey = store.visible_survey(tx, survey_id)
            store.require_coordinator(tx.actor)
            if survey.closed_at is None:
                raise ResultsAfterClosing
        self._rank(survey_id)
        with self.read(call) as tx:
            return results.get_results(tx, survey_id)

    @every(seconds=15)
    def finish_surveys(self) -> None:
        """Close what is due; rank what is closed, also where a crash came between the two."""
        me = system_actor(self.name)
        with self.db.read(me) as tx:
            due = store.due_to_close(tx)
        for survey_id in due:
            with self.db.tx(me) as tx:
                survey = store.locked_survey(tx, survey_id)
                if survey is not None and survey.closes_at is not None and survey.closes_at <= tx.now:
                    closing.close_survey(tx, survey)
        if due:
            closing.scrub(self.db.engine)
        with self.db.read(me) as tx:
            pending = store.closed_without_ranking(tx)
        for survey_id in pending:
            self._rank(survey_id)

    def _rank(self, survey_id: UUID) -> None:
        """Rank a closed survey once. The arithmetic holds no transaction."""
        me = system_actor(self.name)
        with self.db.read(me) as tx:
            if store.count(tx, tables.rankings, survey_id):
                return
            survey = tx.session.get_one(Survey, survey_id)
            source = ranking.read_source(tx, survey)
        outcome = ranking.compute(source)
        with self.db.tx(me) as tx:
            stored = ranking.store_ranking(tx, tx.session.get_one(Survey, survey_id), outcome)
        if stored:
            log.info("survey.ranked", survey_id=str(survey_id), received=outcome.received, n=outcome.n)
        self._compute_figures(survey_id, most=AT_ONCE)

    @query
    def get_progress(self, tx: Tx, call: Call) -> View:
        return surveys.get_progress(tx, load(schemas.OfSurvey(), call.payload)["survey_id"])

    @query
    def list_participants(self, tx: Tx, call: Call) -> View:
        data = load(schemas.SurveyRows(), call.payload)
        return surveys.list_participants(tx, data["survey_id"], _page(data))

    @query
    def get_results(self, tx: Tx, call: Call) -> View:
        return results.get_results(tx, load(schemas.OfSurvey(), call.payload)["survey_id"])

    # ------------------------------------------------------------------ answering
    @query
    def get_draft(self, tx: Tx, call: Call) -> View:
        return surveys.get_draft(tx, load(schemas.OfSurvey(), call.payload)["survey_id"])

    @command_unremembered  # the body's hash would be a fingerprint of the answers beside the account
    def save_draft(self, tx: Tx, call: Call) -> View:
        data = load(schemas.SaveDraft(), call.payload)
        answering.save_draft(tx, answering.SaveDraft(**data))
        return surveys.get_draft(tx, data["survey_id"])

    @command_unremembered
    def submit_response(self, tx: Tx, call: Call) -> View:
        data = load(schemas.SubmitResponse(), call.payload)
        answering.submit_response(tx, answering.SubmitResponse(**data, key=call.idempotency_key))
        return {"survey_id": str(data["survey_id"]), "received": True}

    @query
    def get_own_response(self, tx: Tx, call: Call) -> View:
        return surveys.get_own_response(tx, load(schemas.OfSurvey(), call.payload)["survey_id"])

    # ------------------------------------------------------------------ needs and the loop
    @query
    def list_needs(self, tx: Tx, call: Call) -> View:
        data = load(schemas.NeedPage(), call.payload)
        request = _page(data)
        found = needs.list_needs(tx, needs.NeedFilter(**data), request)
        return page_of(found, request, needs.row_key, needs.need_view)

    @query
    def get_need(self, tx: Tx, call: Call) -> View:
        return needs.get_need(tx, load(schemas.OfNeed(), call.payload)["need_id"])

    @query
    def get_needs(self, tx: Tx, call: Call) -> View:
        return {"items": needs.get_needs(tx, load(schemas.OfNeeds(), call.payload)["ids"])}

    @query
    def search(self, tx: Tx, call: Call) -> View:
        data = load(schemas.Search(), call.payload)
        return needs.search(tx, data["q"], data["limit"])

    @query
    def get_loop(self, tx: Tx, call: Call) -> View:
        return loops.get_loop(tx, load(schemas.OfNeed(), call.payload)["need_id"])

    @query
    def list_loops(self, tx: Tx, call: Call) -> View:
        data = load(schemas.NeedPage(), call.payload)
        request = _page(data)
        return loops.list_loops(tx, needs.NeedFilter(**data), request)

    @query
    def need_of_course(self, tx: Tx, call: Call) -> View:
        return loops.need_of_course(tx, load(schemas.OfCourse(), call.payload)["course_id"])

    @query
    def home(self, tx: Tx, call: Call) -> View:
        load(schemas.Nothing(), call.payload)
        return home.home(tx)

    # ------------------------------------------------------------------ proposals
    @query
    def list_proposals(self, tx: Tx, call: Call) -> View:
        data = load(schemas.ProposalPage(), call.payload)
        request = _page(data)
        return proposals.list_proposals(tx, proposals.ProposalFilter(**data), request)

    @query
    def get_proposal(self, tx: Tx, call: Call) -> View:
        return proposals.get_proposal(tx, load(schemas.OfProposal(), call.payload)["proposal_id"])

    @command
    def open_proposal(self, tx: Tx, call: Call) -> View:
        data = load(schemas.OpenProposal(), call.payload)
        made = deciding.open_proposal(tx, deciding.OpenProposal(data.pop("need_id"), data))
        tx.session.flush()
        return proposals.get_proposal(tx, made.id)

    @command
    def edit_proposal(self, tx: Tx, call: Call) -> View:
        data = load(schemas.EditProposal(), call.payload)
        cmd = deciding.EditProposal(data.pop("proposal_id"), data.pop("version"), data)
        edited = deciding.edit_proposal(tx, cmd)
        tx.session.flush()
        return proposals.get_proposal(tx, edited.id)

    @command
    def endorse_proposal(self, tx: Tx, call: Call) -> View:
        proposal_id = load(schemas.OfProposal(), call.payload)["proposal_id"]
        deciding.endorse_proposal(tx, proposal_id)
        return proposals.get_proposal(tx, proposal_id)

    @command
    def withdraw_endorsement(self, tx: Tx, call: Call) -> View:
        proposal_id = load(schemas.OfProposal(), call.payload)["proposal_id"]
        deciding.withdraw_endorsement(tx, proposal_id)
        return proposals.get_proposal(tx, proposal_id)

    @command
    def decide_proposal(self, tx: Tx, call: Call) -> View:
        data = load(schemas.DecideProposal(), call.payload)
        decided = deciding.decide_proposal(tx, deciding.DecideProposal(**data))
        tx.session.flush()
        return proposals.get_proposal(tx, decided.id)

    # ------------------------------------------------------------------ reactions
    @on_event(ResponseSubmitted.type)
    def on_response_submitted(self, tx: Tx, envelope: Envelope) -> None:
        projections.count_handled(tx, ResponseSubmitted.from_data(envelope.data).survey_id)

    @on_event(AccountRegistered.type)
    def on_account_registered(self, tx: Tx, envelope: Envelope) -> None:
        projections.member_registered(tx, AccountRegistered.from_data(envelope.data), envelope.version)

    @on_event(AccountUpdated.type)
    def on_account_updated(self, tx: Tx, envelope: Envelope) -> None:
        projections.member_updated(tx, AccountUpdated.from_data(envelope.data), envelope.version)

    @on_event(AccountDisabled.type)
    def on_account_disabled(self, tx: Tx, envelope: Envelope) -> None:
        projections.member_disabled(tx, AccountDisabled.from_data(envelope.data))

    @on_event(CourseDrafted.type)
    def on_course_drafted(self, tx: Tx, envelope: Envelope) -> None:
        projections.course_drafted(tx, CourseDrafted.from_data(envelope.data))

    @on_event(CoursePublished.type)
    def on_course_published(self, tx: Tx, envelope: Envelope) -> None:
        projections.course_published(tx, CoursePublished.from_data(envelope.data))

    @on_event(EnrolmentStarted.type)
    def on_enrolment_started(self, tx: Tx, envelope: Envelope) -> None:
        event = EnrolmentStarted.from_data(envelope.data)
        projections.learner_counted(tx, event, projections.ENROLLED)

    @on_event(CourseCompleted.type)
    def on_course_completed(self, tx: Tx, envelope: Envelope) -> None:
        event = CourseCompleted.from_data(envelope.data)
        projections.learner_counted(tx, event, projections.COMPLETED)

    @on_event(TopicOpened.type)
    def on_topic_opened(self, tx: Tx, envelope: Envelope) -> None:
        projections.topic_opened(tx, TopicOpened.from_data(envelope.data))

    @staticmethod
    def _shown(tx: Tx, survey: Survey) -> View:
        tx.session.flush()
        return surveys.survey_view(tx, survey)
