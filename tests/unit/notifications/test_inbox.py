from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event as sa_event

from shared.actor import VISITOR
from shared.contracts.community import PostAdded
from shared.contracts.courses import CourseCompleted, CoursePublished
from shared.contracts.identity import AccountDisabled, AccountUpdated
from shared.contracts.surveys import EntryAnswered, NeedsRanked
from shared.errors import Conflict, Invalid, NotAuthenticated, NotFound
from shared.ids import new_id
from tests.unit.notifications.support import TITLE, Desk, registered


def test_text_is_in_the_readers_language_with_the_instant_in_their_zone(desk: Desk) -> None:
    maude, daniel = desk.person(), desk.person(language="en")
    desk.hear(desk.launched())
    assert desk.inbox(maude)[0]["text"] == (
        "Le sondage «\u00a0Facteurs de protection\u00a0» attend vos réponses jusqu’au "
        "29 novembre 2026 à 10\u00a0h\u00a000 (heure de l’Est)."
    )
    assert desk.inbox(daniel)[0]["text"] == (
        "The survey “Protective factors” is waiting for your answers until "
        "November 29, 2026 at 10:00\u00a0a.m. (Eastern Time)."
    )
    assert desk.inbox(maude)[0]["why"] == "Vous recevez cet avis parce que le sondage s’adresse à vous."


def test_survey_that_opens_later_says_so(desk: Desk) -> None:
    daniel = desk.person(language="en")
    opens = desk.harness.clock.now() + timedelta(days=1)
    desk.hear(desk.launched(opens_at=opens))
    assert desk.inbox(daniel)[0]["text"].startswith(
        "The survey “Protective factors” opens on November 23, 2026"
    )


def test_repeated_event_notifies_once_by_each_guard(desk: Desk) -> None:
    maude = desk.person()
    told = desk.hear(desk.launched())
    assert not desk.again(told)
    desk.service.settings = desk.service.settings.model_copy(update={"inbox": False})
    assert desk.again(told)
    assert (len(desk.inbox(maude)), len(desk.mails(maude))) == (1, 1)
    assert len(desk.harness.events("notifications")) == 1


def test_late_registration_does_not_undo_what_came_after(desk: Desk) -> None:
    left, moved = desk.harness.actor(), desk.harness.actor()
    assert left.account_id is not None
    assert moved.account_id is not None
    desk.hear(AccountDisabled(left.account_id), subject_version=2)
    desk.hear(AccountUpdated(moved.account_id, ["learner"], "en", "America/Halifax"), subject_version=2)
    desk.hear(registered(left), subject_version=1)
    desk.hear(registered(moved), subject_version=1)
    desk.hear(desk.launched())
    assert desk.inbox(left) == []
    assert [mail["language"] for mail in desk.mails(moved)] == ["en"]


def test_disabled_account_gets_nothing_more(desk: Desk) -> None:
    maude = desk.person()
    assert maude.account_id is not None
    desk.hear(AccountDisabled(maude.account_id), subject_version=2)
    desk.hear(desk.launched())
    assert (desk.inbox(maude), desk.deliveries()) == ([], [])


def test_created_events_carry_the_count_and_no_words(desk: Desk) -> None:
    maude = desk.person()
    desk.hear(desk.launched())
    desk.hear(NeedsRanked(new_id(), TITLE, []))
    told = desk.harness.events("notifications")
    assert [(event.data["account_id"], event.data["kind"], event.data["unread"]) for event in told] == [
        (str(maude.account_id), "survey-launched", 1),
        (str(maude.account_id), "needs-ranked", 2),
    ]
    assert "Facteurs" not in json.dumps([event.to_dict() for event in told])


def test_large_audience_takes_few_statements(desk: Desk) -> None:
    for _ in range(60):
        desk.person()
    seen: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    sa_event.listen(desk.service.db.engine, "before_cursor_execute", note)
    with desk.service.db.tx(VISITOR) as tx:
        desk.service.on_survey_launched(tx, desk.envelope(desk.launched()))
    sa_event.remove(desk.service.db.engine, "before_cursor_execute", note)
    assert len(desk.harness.events("notifications")) == 60
    assert len(seen) <= 10


@pytest.mark.parametrize("count", [1, 3])
def test_list_takes_one_query(desk: Desk, count: int) -> None:
    maude = desk.person()
    for _ in range(count):
        desk.hear(desk.launched())
    seen: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    sa_event.listen(desk.service.db.engine, "before_cursor_execute", note)
    assert len(desk.inbox(maude)) == count
    sa_event.remove(desk.service.db.engine, "before_cursor_execute", note)
    assert len([statement for statement in seen if statement.startswith("SELECT")]) == 1


def test_list_goes_page_by_page_and_by_unread(desk: Desk) -> None:
    maude = desk.person()
    for number in range(3):
        desk.hear(CoursePublished(new_id(), {"fr": f"C{number}", "en": f"C{number}"}, 1))
    first = desk.ask("list_notifications", maude, limit=2)
    second = desk.ask("list_notifications", maude, limit=2, cursor=first["next_cursor"])
    texts = [item["params"]["title"]["fr"] for item in first["items"] + second["items"]]
    assert (texts, second["next_cursor"]) == (["C2", "C1", "C0"], None)
    assert desk.ask("mark_read", maude, id=first["items"][0]["id"]) == {"unread": 2}
    assert [item["params"]["title"]["fr"] for item in desk.inbox(maude, unread=True)] == ["C1", "C0"]
    assert desk.ask("mark_all_read", maude) == {"unread": 0}
    assert desk.ask("count_unread", maude) == {"unread": 0}


def test_anothers_notification_looks_unknown(desk: Desk) -> None:
    maude, daniel = desk.person(), desk.person()
    assert maude.account_id is not None
    desk.hear(CourseCompleted(new_id(), maude.account_id, TITLE))
    mine = desk.inbox(maude)[0]["id"]
    for method in ("get_notification", "mark_read"):
        with pytest.raises(NotFound):
            desk.ask(method, daniel, id=mine)
    assert desk.ask("count_unread", maude) == {"unread": 1}


def test_mail_about_one_discussion_comes_at_most_once_an_hour(desk: Desk) -> None:
    maude, daniel = desk.person(), desk.person()
    assert maude.account_id is not None
    assert daniel.account_id is not None
    topic = new_id()

    def reply(in_topic: object = topic) -> None:
        assert maude.account_id is not None
        assert daniel.account_id is not None
        desk.hear(PostAdded(in_topic, new_id(), daniel.account_id, [maude.account_id]))  # type: ignore[arg-type]

    reply()
    reply()
    reply(new_id())
    assert (len(desk.inbox(maude)), len(desk.mails(maude))) == (3, 2)
    desk.harness.clock.advance(timedelta(minutes=61))
    reply()
    assert (len(desk.inbox(maude)), len(desk.mails(maude))) == (4, 3)


def test_unknown_follower_is_left_out(desk: Desk) -> None:
    maude = desk.person()
    assert maude.account_id is not None
    desk.hear(PostAdded(new_id(), new_id(), new_id(), [maude.account_id, new_id()]))
    assert len(desk.deliveries()) == 1


def test_test_goes_to_oneself_by_every_channel(desk: Desk) -> None:
    maude, daniel = desk.person(), desk.person()
    made = desk.ask("send_test", maude)
    assert [item["id"] for item in desk.inbox(maude)] == [made["id"]]
    assert [mail["subject"] for mail in desk.mails(maude)] == ["Essai des avis de Cercle"]
    assert (desk.inbox(daniel), desk.mails(daniel)) == ([], [])


def test_visitor_has_no_inbox(desk: Desk) -> None:
    desk.person()
    desk.hear(desk.launched())
    for method in ("list_notifications", "count_unread", "get_preferences", "list_mailbox", "mark_all_read"):
        with pytest.raises(NotAuthenticated):
            desk.ask(method, VISITOR)


def test_preferences_start_with_the_defaults_and_keep_choices(desk: Desk) -> None:
    maude = desk.person()
    before = {
        (item["kind"], item["channel"]): item["enabled"]
        for item in desk.ask("get_preferences", maude)["items"]
    }
    assert {kind for (kind, channel), on in before.items() if channel == "email" and on} == {
        "survey-launched", "survey-reminder", "needs-ranked", "course-published", "course-followup", "cohort-opened", "seat-given",
        "course-due", "course-nudge", "topic-reply", "test",
        "decision-taken", "vote-opened", "follow-up-later", "panel-invited", "round-opened", "round-closing", "panel-ended",
        "entry-closed",
    }  # fmt: skip
    assert all(on for (_, channel), on in before.items() if channel == "in_app")
    items = [{"kind": "survey-launched", "channel": "in_app", "enabled": False}]
    after = {
        (item["kind"], item["channel"]): item["enabled"]
        for item in desk.ask("set_preferences", maude, items=items)["items"]
    }
    assert after == before | {("survey-launched", "in_app"): False}


@pytest.mark.parametrize("channel", ["in_app", "email"])
def test_channel_switched_off_carries_nothing(desk: Desk, channel: str) -> None:
    maude = desk.person()
    desk.ask(
        "set_preferences", maude, items=[{"kind": "survey-launched", "channel": channel, "enabled": False}]
    )
    desk.hear(desk.launched())
    assert len(desk.inbox(maude)) == (0 if channel == "in_app" else 1)
    assert len(desk.mails(maude)) == (0 if channel == "email" else 1)
    assert len(desk.harness.events("notifications")) == (0 if channel == "in_app" else 1)
    assert desk.ask("count_unread", maude)["unread"] == (0 if channel == "in_app" else 1)


@pytest.mark.parametrize(
    ("item", "code"),
    [({"kind": "gossip", "channel": "email", "enabled": False}, "not-a-choice"),
     ({"kind": "topic-reply", "channel": "pigeon", "enabled": False}, "not-a-choice"),
     ({"kind": "topic-reply", "channel": "email", "enabled": "maybe"}, "wrong-type"),
     ({"kind": "topic-reply", "channel": "email"}, "missing")],
)  # fmt: skip
def test_bad_preference_is_refused(desk: Desk, item: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        desk.ask("set_preferences", desk.person(), items=[item])
    assert [problem.code for problem in refused.value.fields] == [code]


def test_mailbox_shows_ones_own_mails_and_an_admin_all(desk: Desk) -> None:
    maude, daniel, priya = desk.person(), desk.person(language="en"), desk.person("admin")
    desk.hear(desk.launched())
    assert len(desk.mails(maude)) == 1
    assert len(desk.mails(priya)) == 3
    with pytest.raises(NotFound):
        desk.ask("get_mail", daniel, mail_id=desk.mails(maude)[0]["id"])
    assert desk.ask("get_mail", priya, mail_id=desk.mails(daniel)[0]["id"])["text"].startswith("Hello,")


def test_old_notifications_are_forgotten(desk: Desk) -> None:
    maude = desk.person()
    desk.hear(desk.launched())
    desk.harness.clock.advance(timedelta(days=366))
    desk.hear(desk.launched())
    desk.service.forget_old()
    assert (len(desk.inbox(maude)), len(desk.mails(maude)), len(desk.deliveries())) == (1, 1, 1)


def test_test_that_no_channel_carries_is_refused(desk: Desk) -> None:
    maude = desk.person()
    off = [{"kind": "test", "channel": channel, "enabled": False} for channel in ("in_app", "email")]
    desk.ask("set_preferences", maude, items=off)
    with pytest.raises(Conflict) as refused:
        desk.ask("send_test", maude)
    assert (refused.value.code, desk.inbox(maude), desk.mails(maude)) == ("test-not-sent", [], [])


ANSWERED = {
    "fr": "Un besoin que vous aviez appuyé au tableau a reçu une réponse.",
    "en": "A need that you had supported on the board has its answer.",
}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_supporters_of_a_closed_entry_are_told_and_led_to_it(desk: Desk, language: str) -> None:
    told, other, entry = desk.person(language=language), desk.person(), new_id()
    assert told.account_id is not None
    desk.hear(EntryAnswered(entry, "closed", [told.account_id]))
    (notice,) = desk.inbox(told)
    assert (notice["kind"], notice["text"], notice["target"]) == (
        "entry-closed",
        ANSWERED[language],
        f"/needs/board/{entry}",
    )
    assert (notice["params"], notice["reason"]) == ({"entry_id": str(entry)}, "supported")
    (mail,) = desk.mails(told)
    assert mail["subject"].startswith(("Réponse à un besoin", "Answer to a need"))
    assert (desk.inbox(other), desk.mails(other)) == ([], [])


def test_an_entry_is_taken_up_once_for_each_who_supports_it(desk: Desk) -> None:
    early, late, entry, another = desk.person(), desk.person(), new_id(), new_id()
    assert early.account_id is not None
    assert late.account_id is not None
    desk.hear(EntryAnswered(entry, "taken-up", [early.account_id]))
    desk.hear(EntryAnswered(entry, "taken-up", [early.account_id, late.account_id]))  # untied and tied again
    desk.hear(EntryAnswered(another, "taken-up", [early.account_id]))
    desk.hear(EntryAnswered(entry, "closed", [early.account_id]))
    kinds = [(one["kind"], one["params"]["entry_id"]) for one in reversed(desk.inbox(early))]
    assert kinds == [
        ("entry-taken-up", str(entry)),
        ("entry-taken-up", str(another)),
        ("entry-closed", str(entry)),
    ]
    assert [one["kind"] for one in desk.inbox(late)] == ["entry-taken-up"]
    assert [mail["subject"] for mail in desk.mails(early)] == ["Réponse à un besoin que vous aviez appuyé"]


@pytest.mark.parametrize("channel", ["in_app", "email"])
def test_notice_of_a_closed_entry_follows_the_choice(desk: Desk, channel: str) -> None:
    maude = desk.person()
    assert maude.account_id is not None
    choice = {"kind": "entry-closed", "channel": channel, "enabled": False}
    desk.ask("set_preferences", maude, items=[choice])
    desk.hear(EntryAnswered(new_id(), "closed", [maude.account_id]))
    assert (len(desk.inbox(maude)), len(desk.mails(maude))) == ((0, 1) if channel == "in_app" else (1, 0))
