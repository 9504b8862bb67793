"""Entry points of notifications. An event becomes rows in one transaction; mails leave after it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from services.notifications import commands, queries, schemas
from services.notifications.channels.channel import Channel, NoChannel
from services.notifications.channels.email import SmtpChannel
from services.notifications.channels.mailbox import MailboxChannel
from services.notifications.domain.errors import TrialNotSent
from services.notifications.domain.routing import ROUTED, announcement_of, trial_of
from services.notifications.postman import Office, Postman, Questions
from services.notifications.tables import messaging
from shared.actor import system_actor
from shared.contracts.community import PostAdded
from shared.contracts.courses import (
    CohortDue,
    CohortOpened,
    CourseCompleted,
    CourseDrafted,
    CoursePublished,
    FollowUpDue,
    LearnerNudged,
    SeatGiven,
)
from shared.contracts.identity import AccountDisabled, AccountRegistered, AccountUpdated
from shared.contracts.surveys import (
    AudienceNamed,
    CoderAssigned,
    DecisionTaken,
    EntryAnswered,
    FollowUpAsked,
    NeedAssessed,
    NeedsRanked,
    PanelEnded,
    PanelInvited,
    ProposalApproved,
    ProposalDeclined,
    ProposalOpened,
    RoundClosing,
    RoundOpened,
    SurveyLaunched,
    VoteClosed,
    VoteOpened,
)
from shared.db.tx import Tx
from shared.errors import NotFound
from shared.ids import new_id
from shared.messaging.bus import Call
from shared.messaging.entrypoints import command, command_unremembered, every, on_event, query, rpc
from shared.messaging.envelope import Envelope
from shared.messaging.service import Service
from shared.paging import PageRequest
from shared.wire import load


class NotificationsService(Service):
    """Who hears of what, by which channel, and why."""

    name = "notifications"
    tables = messaging
    folder = Path(__file__).parent

    def setup(self) -> None:
        ask = Questions(self._contact, self._still_asked)
        office = Office(self.db.engine, self.clock, self._channel(), ask, self.settings.main_origin)
        self.postman = Postman(office)

    def handle(self, method: str, envelope: Envelope) -> bool:
        """See Service.handle. Mails leave once the notifications are committed, never inside the transaction."""
        fresh = super().handle(method, envelope)
        if fresh and envelope.type in ROUTED:
            self.postman.wake()
        return fresh

    def close(self) -> None:
        """Finish the mail in hand, then close."""
        self.postman.close()
        super().close()

    # People

    @on_event(AccountRegistered.type)
    def on_account_registered(self, tx: Tx, envelope: Envelope) -> None:
        """Somebody new can be told things."""
        commands.know_person(tx, AccountRegistered.from_data(envelope.data), envelope.version)

    @on_event(AccountUpdated.type)
    def on_account_updated(self, tx: Tx, envelope: Envelope) -> None:
        """Roles, language or zone changed."""
        commands.know_person(tx, AccountUpdated.from_data(envelope.data), envelope.version)

    @on_event(AccountDisabled.type)
    def on_account_disabled(self, tx: Tx, envelope: Envelope) -> None:
        """Nothing more goes to them."""
        commands.forget_person(tx, AccountDisabled.from_data(envelope.data).account_id)

    # What happened

    @on_event(SurveyLaunched.type)
    def on_survey_launched(self, tx: Tx, envelope: Envelope) -> None:
        """To its audience."""
        self._announce(tx, envelope)

    @on_event(AudienceNamed.type)
    def on_audience_named(self, tx: Tx, envelope: Envelope) -> None:
        """To those it names: asked by more than their roles, or reminded."""
        self._announce(tx, envelope)

    @on_event(NeedsRanked.type)
    def on_needs_ranked(self, tx: Tx, envelope: Envelope) -> None:
        """To every member."""
        self._announce(tx, envelope)

    @on_event(ProposalOpened.type)
    def on_proposal_opened(self, tx: Tx, envelope: Envelope) -> None:
        """To every member."""
        self._announce(tx, envelope)

    @on_event(ProposalApproved.type)
    def on_proposal_approved(self, tx: Tx, envelope: Envelope) -> None:
        """To every member but who decided."""
        self._announce(tx, envelope)

    @on_event(ProposalDeclined.type)
    def on_proposal_declined(self, tx: Tx, envelope: Envelope) -> None:
        """To every member."""
        self._announce(tx, envelope)

    @on_event(DecisionTaken.type)
    def on_decision_taken(self, tx: Tx, envelope: Envelope) -> None:
        """To those who endorsed the proposal."""
        self._announce(tx, envelope)

    @on_event(FollowUpAsked.type)
    def on_follow_up_asked(self, tx: Tx, envelope: Envelope) -> None:
        """To the learner who is asked where they stand."""
        self._announce(tx, envelope)

    @on_event(NeedAssessed.type)
    def on_need_assessed(self, tx: Tx, envelope: Envelope) -> None:
        """To every member."""
        self._announce(tx, envelope)

    @on_event(VoteOpened.type)
    def on_vote_opened(self, tx: Tx, envelope: Envelope) -> None:
        """To those who are entitled."""
        self._announce(tx, envelope)

    @on_event(VoteClosed.type)
    def on_vote_closed(self, tx: Tx, envelope: Envelope) -> None:
        """To those who put the decision on record."""
        self._announce(tx, envelope)

    @on_event(EntryAnswered.type)
    def on_entry_answered(self, tx: Tx, envelope: Envelope) -> None:
        """To those who stand behind the entry of the board."""
        self._announce(tx, envelope)

    @on_event(CoderAssigned.type)
    def on_coder_assigned(self, tx: Tx, envelope: Envelope) -> None:
        """To the coder."""
        self._announce(tx, envelope)

    @on_event(CourseDrafted.type)
    def on_course_drafted(self, tx: Tx, envelope: Envelope) -> None:
        """To trainers."""
        self._announce(tx, envelope)

    @on_event(CoursePublished.type)
    def on_course_published(self, tx: Tx, envelope: Envelope) -> None:
        """To every member, the first time."""
        self._announce(tx, envelope)

    @on_event(CourseCompleted.type)
    def on_course_completed(self, tx: Tx, envelope: Envelope) -> None:
        """To the learner."""
        self._announce(tx, envelope)

    @on_event(FollowUpDue.type)
    def on_followup_due(self, tx: Tx, envelope: Envelope) -> None:
        """To who completed the course a month or three ago."""
        self._announce(tx, envelope)

    @on_event(CohortOpened.type)
    def on_cohort_opened(self, tx: Tx, envelope: Envelope) -> None:
        """To who asked to be told of it."""
        self._announce(tx, envelope)

    @on_event(SeatGiven.type)
    def on_seat_given(self, tx: Tx, envelope: Envelope) -> None:
        """To who waited for it."""
        self._announce(tx, envelope)

    @on_event(CohortDue.type)
    def on_cohort_due(self, tx: Tx, envelope: Envelope) -> None:
        """To learners who have not finished."""
        self._announce(tx, envelope)

    @on_event(LearnerNudged.type)
    def on_learner_nudged(self, tx: Tx, envelope: Envelope) -> None:
        """To the learners whom a trainer invites to go on."""
        self._announce(tx, envelope)

    @on_event(PanelInvited.type)
    def on_panel_invited(self, tx: Tx, envelope: Envelope) -> None:
        """To those who sit on it."""
        self._announce(tx, envelope)

    @on_event(RoundOpened.type)
    def on_round_opened(self, tx: Tx, envelope: Envelope) -> None:
        """To those who sit on the panel."""
        self._announce(tx, envelope)

    @on_event(RoundClosing.type)
    def on_round_closing(self, tx: Tx, envelope: Envelope) -> None:
        """To those who have not answered."""
        self._announce(tx, envelope)

    @on_event(PanelEnded.type)
    def on_panel_ended(self, tx: Tx, envelope: Envelope) -> None:
        """To those who sat on it."""
        self._announce(tx, envelope)

    @on_event(PostAdded.type)
    def on_post_added(self, tx: Tx, envelope: Envelope) -> None:
        """To the topic's followers."""
        self._announce(tx, envelope)

    # One's own notifications

    @query
    def list_notifications(self, tx: Tx, call: Call) -> dict[str, Any]:
        """{cursor?, limit?, unread?} -> page, newest first, each with its text in the actor's language."""
        data = load(schemas.ListNotifications(), call.payload)
        return queries.list_notifications(
            tx, PageRequest.of(data["cursor"], data["limit"]), unread=data["unread"]
        )

    @query
    def get_notification(self, tx: Tx, call: Call) -> dict[str, Any]:
        """{id} -> one of them."""
        return queries.get_notification(tx, load(schemas.NotificationId(), call.payload)["id"])

    @query
    def count_unread(self, tx: Tx, _call: Call) -> dict[str, Any]:
        """{} -> {unread}."""
        return queries.count_unread(tx)

    @command
    def mark_read(self, tx: Tx, call: Call) -> dict[str, Any]:
        """{id} -> {unread}."""
        return {"unread": commands.mark_read(tx, load(schemas.NotificationId(), call.payload)["id"])}

    @command
    def mark_all_read(self, tx: Tx, _call: Call) -> dict[str, Any]:
        """{} -> {unread: 0}."""
        commands.mark_all_read(tx)
        return {"unread": 0}

    @rpc
    def send_test(self, call: Call) -> dict[str, Any]:
        """{} -> {id}: a notification to oneself. Raises TrialNotSent."""
        account_id = call.actor.require_account()

        def tell() -> dict[str, Any]:
            ids = commands.announce(tx, trial_of(account_id), new_id())
            if not ids:
                raise TrialNotSent
            return {"id": str(ids[0])}

        with self.tx(call) as tx:
            told: dict[str, Any] = self.once(tx, call, "send_test", tell)
        self.postman.wake()
        return told

    # Choices

    @query
    def get_preferences(self, tx: Tx, _call: Call) -> dict[str, Any]:
        """{} -> {items: [{kind, channel, enabled, default}]}."""
        return queries.get_preferences(tx)

    @command
    def set_preferences(self, tx: Tx, call: Call) -> dict[str, Any]:
        """{items: [{kind, channel, enabled}]} -> as get_preferences."""
        items = load(schemas.SetPreferences(), call.payload)["items"]
        commands.set_preferences(tx, [commands.Preference(**item) for item in items])
        return queries.get_preferences(tx)

    @query
    def read_unsubscribe_link(self, tx: Tx, call: Call) -> dict[str, Any]:
        """{token} -> {kind}; for whoever holds the link."""
        return {"kind": commands.checked(tx, load(schemas.Token(), call.payload)["token"])[1]}

    @command_unremembered
    def unsubscribe(self, tx: Tx, call: Call) -> dict[str, Any]:
        """{token} -> {kind}; for whoever holds the link."""
        return {"kind": commands.unsubscribe(tx, load(schemas.Token(), call.payload)["token"])}

    # The demo's mailbox

    @query
    def list_mailbox(self, tx: Tx, call: Call) -> dict[str, Any]:
        """{cursor?, limit?} -> page; NotFound outside of the demo."""
        self._require_demo()
        data = load(schemas.Page(), call.payload)
        return queries.list_mailbox(tx, PageRequest.of(data["cursor"], data["limit"]))

    @query
    def get_mail(self, tx: Tx, call: Call) -> dict[str, Any]:
        """{mail_id} -> one mail; NotFound outside of the demo."""
        self._require_demo()
        return queries.get_mail(tx, load(schemas.MailId(), call.payload)["mail_id"])

    # Jobs

    @every(seconds=5)
    def deliver_mails(self) -> None:
        """What is due again, and what a crash left behind."""
        self.postman.wake()

    @every(minutes=720)
    def forget_old(self) -> None:
        """See commands.prune."""
        with self.db.tx(system_actor(self.name)) as tx:
            commands.prune(tx)

    # Helpers

    def _announce(self, tx: Tx, envelope: Envelope) -> None:
        what = announcement_of(ROUTED[envelope.type].from_data(envelope.data))
        if what is not None:
            commands.announce(tx, what, envelope.id)

    def _channel(self) -> Channel:
        if self.settings.smtp_host:
            return SmtpChannel(self.settings, self.clock)
        return MailboxChannel(self.db) if self.settings.demo else NoChannel()

    def _contact(self, account_id: UUID) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("identity", "get_contact", {"account_id": str(account_id)})
        return found

    def _still_asked(self, survey_id: str, account_id: UUID) -> bool:
        payload = {"survey_id": survey_id, "account_id": str(account_id)}
        return bool(self.ask("surveys", "still_asked", payload)["asked"])

    def _require_demo(self) -> None:
        if not self.settings.demo:
            raise NotFound
