"""A real SMTP exchange with a server of the test's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from gateway.demo.people import LEADS
from services.notifications.channels.channel import NoChannel
from services.notifications.postman import Outcome, Postman
from shared.actor import Actor
from shared.ids import parse_id
from shared.testing.harness import Harness
from tests.e2e.product import free_ports
from tests.unit.notifications.support import TITLE, Desk

PEOPLE = {person.key: person for person in LEADS}


class Server:
    """Takes mails, except for addresses and commands it is told to refuse."""

    def __init__(self) -> None:
        self.refused: dict[str, str] = {}
        self.data_answer = "250 OK"
        self.taken: list[tuple[list[str], EmailMessage]] = []

    async def handle_RCPT(  # noqa: N802 the library's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.data_answer.startswith("250"):
            message = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(message, EmailMessage)
            self.taken.append((list(envelope.rcpt_tos), message))
        return self.data_answer

    def to(self, address: str) -> list[EmailMessage]:
        return [message for addresses, message in self.taken if addresses == [address]]


class Post:
    """The service with a mail server, identity beside it, and people who have registered there."""

    def __init__(self, harness: Harness, server: Server) -> None:
        self.desk = Desk(harness)
        self.server = server
        self.people: dict[str, Actor] = {}

    def register(self, *keys: str) -> None:
        for key in keys:
            profile = PEOPLE[key].profile()
            made = self.desk.harness.call("identity", "seed_account", profile)
            self.people[key] = Actor(parse_id(made["id"]), frozenset(profile["roles"]), profile["language"])
        self.desk.harness.drain()

    def launch(self) -> None:
        """A survey is launched; its mails leave, as far as they can."""
        self.desk.hear(self.desk.launched())
        self.desk.postman.wait()

    def later(self, **time: float) -> None:
        """Some time passes, and the job runs."""
        self.desk.harness.clock.advance(timedelta(**time))
        self.desk.service.deliver_mails()
        self.desk.postman.wait()


@pytest.fixture
def port() -> int:
    return free_ports(1)[0]


@pytest.fixture
def server(port: int) -> Iterator[Server]:
    handler = Server()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler
    controller.stop()


def new_post(make_harness: Callable[..., Harness], port: int, server: Server) -> Post:
    return Post(
        make_harness(
            "identity", "notifications", smtp_host="127.0.0.1", smtp_port=port, mail_from="cercle@cercle.example",
            public_url="https://cercle.example",
        ),
        server,
    )  # fmt: skip


@pytest.fixture
def post(make_harness: Callable[..., Harness], port: int, server: Server) -> Post:
    made = new_post(make_harness, port, server)
    made.register("learner", "trainer")
    return made


def plain(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def html(message: EmailMessage) -> str:
    part = message.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def test_each_person_gets_a_mail_in_their_language(post: Post) -> None:
    post.launch()
    assert post.desk.states() == ["sent", "sent"]
    (fr,) = post.server.to(PEOPLE["learner"].email)
    (en,) = post.server.to(PEOPLE["trainer"].email)
    assert fr["Subject"] == "Vos besoins de formation\u00a0: «\u00a0Facteurs de protection\u00a0»"
    assert en["Subject"] == "Your training needs: “Protective factors”"
    assert (fr["Content-Language"], en["Content-Language"]) == ("fr-CA", "en-CA")
    assert "29 novembre 2026 à 10\u00a0h\u00a000 (heure de l’Est)" in plain(fr)
    assert "November 29, 2026 at 10:00\u00a0a.m. (Eastern Time)" in plain(en)
    assert "Vous recevez cet avis parce que le sondage s’adresse à vous." in plain(fr)
    assert '<html lang="fr-CA">' in html(fr)
    assert '<html lang="en-CA">' in html(en)


def test_no_mail_holds_a_name_or_another_address(post: Post) -> None:
    post.launch()
    assert len(post.server.taken) == 2
    for person in LEADS:
        for _, message in post.server.taken:
            whole = plain(message) + html(message) + str(message["Subject"])
            assert person.display_name not in whole
            assert person.email not in whole


def test_headers_let_a_reader_unsubscribe_with_one_click_and_a_receiver_know_a_repeat(post: Post) -> None:
    post.launch()
    (message,) = post.server.to(PEOPLE["learner"].email)
    delivery = next(
        row for row in post.desk.deliveries() if row["account_id"] == post.people["learner"].account_id
    )
    assert message["Message-ID"] == f"<{delivery['id']}@cercle.example>"
    assert delivery["provider_id"] == message["Message-ID"]
    assert message["From"] == "Cercle <cercle@cercle.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = str(message["List-Unsubscribe"]).strip("<>").replace("\r\n", "").replace(" ", "")
    prefix = "https://cercle.example/api/v1/unsubscribe/"
    assert address.startswith(prefix)
    token = address.removeprefix(prefix)
    assert f"https://cercle.example/unsubscribe/{token}" in plain(message)
    assert post.desk.harness.call("notifications", "read_unsubscribe_link", {"token": token}) == {
        "kind": "survey-launched"
    }
    for _ in range(2):
        post.desk.harness.call("notifications", "unsubscribe", {"token": token})
    post.launch()
    assert len(post.server.to(PEOPLE["learner"].email)) == 1
    assert len(post.server.to(PEOPLE["trainer"].email)) == 2
    assert len(post.desk.inbox(post.people["learner"])) == 2


def test_line_break_in_a_title_adds_no_header(post: Post) -> None:
    evil = "Titre\r\nBcc: tous@example.ca"
    post.desk.hear(post.desk.launched(title={"fr": evil, "en": TITLE["en"]}))
    post.desk.postman.wait()
    (message,) = post.server.to(PEOPLE["learner"].email)
    assert message["Bcc"] is None
    assert "Titre Bcc: tous@example.ca" in message["Subject"]


def test_markup_in_a_title_stays_text(post: Post) -> None:
    post.desk.hear(post.desk.launched(title={"fr": "<script>x</script>", "en": "y"}))
    post.desk.postman.wait()
    (message,) = post.server.to(PEOPLE["learner"].email)
    assert "<script>" not in html(message)
    assert "&lt;script&gt;" in html(message)


def test_crash_between_sending_and_noting_repeats_and_never_loses(post: Post) -> None:
    postman = post.desk.postman
    postman.close()  # this process dies with a mail in hand
    post.launch()
    assert (post.server.taken, post.desk.states()) == ([], ["pending", "pending"])
    claim = postman.claim()
    assert claim is not None
    assert postman.carry(claim).status == "sent"
    assert sorted(post.desk.states()) == ["leased", "pending"]
    other = Postman(postman.office)  # the next process
    assert other.deliver_due() == 1
    post.desk.harness.clock.advance(timedelta(minutes=4))
    assert other.deliver_due() == 1
    assert post.desk.states() == ["sent", "sent"]
    ids = [message["Message-ID"] for _, message in post.server.taken]
    assert (len(ids), len(set(ids))) == (3, 2)
    assert {tuple(addresses) for addresses, _ in post.server.taken} == {
        (PEOPLE["learner"].email,), (PEOPLE["trainer"].email,)
    }  # fmt: skip


def test_late_note_of_a_lost_lease_changes_nothing(post: Post) -> None:
    postman = post.desk.postman
    postman.close()
    post.launch()
    first = postman.claim()
    assert first is not None
    post.desk.harness.clock.advance(timedelta(minutes=4))
    other = Postman(postman.office)
    assert other.deliver_due() == 2
    postman.settle(first, Outcome("failed", "late"))
    assert post.desk.states() == ["sent", "sent"]


@pytest.mark.parametrize(
    ("answer", "state", "note"),
    [("550 No such mailbox", "failed", "recipient-refused-550"), ("450 Try later", "pending", None)],
)
def test_refused_recipient_stops_nobody_else(post: Post, answer: str, state: str, note: str | None) -> None:
    post.server.refused[PEOPLE["learner"].email] = answer
    post.launch()
    by_person = {row["account_id"]: (row["status"], row["note"]) for row in post.desk.deliveries()}
    assert by_person == {
        post.people["learner"].account_id: (state, note),
        post.people["trainer"].account_id: ("sent", None),
    }
    post.server.refused.clear()
    post.later(minutes=2)
    assert len(post.server.to(PEOPLE["learner"].email)) == (1 if state == "pending" else 0)


def test_refused_message_is_given_up(post: Post) -> None:
    post.server.data_answer = "554 Not wanted"
    post.launch()
    assert [(row["status"], row["note"]) for row in post.desk.deliveries()] == [
        ("failed", "message-refused-554")
    ] * 2


def test_server_that_is_down_is_tried_again(make_harness: Callable[..., Harness], port: int) -> None:
    handler = Server()
    post = new_post(make_harness, port, handler)
    post.register("learner", "trainer")
    post.launch()
    rows = post.desk.deliveries()
    assert [row["status"] for row in rows] == ["pending", "pending"]
    assert sorted(row["attempts"] for row in rows) == [0, 1]  # one mail found out, the other was spared
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        post.later(seconds=61)
    finally:
        controller.stop()
    assert post.desk.states() == ["sent", "sent"]
    assert len(handler.taken) == 2


def test_server_that_stays_down_is_given_up_in_the_end(
    make_harness: Callable[..., Harness], port: int
) -> None:
    post = new_post(make_harness, port, Server())
    post.register("learner")
    post.launch()
    for _ in range(20):
        post.later(hours=2)
    assert [(row["status"], row["note"], row["attempts"]) for row in post.desk.deliveries()] == [
        ("failed", "gave-up", 12)
    ]
    assert len(post.desk.inbox(post.people["learner"])) == 1


def test_identity_that_is_down_delays_the_mail(post: Post) -> None:
    post.desk.harness.bus.take_down("identity")
    post.launch()
    assert post.server.taken == []
    post.desk.harness.bus.bring_up("identity")
    post.later(seconds=61)
    assert len(post.server.taken) == 2


def test_account_disabled_after_the_event_gets_no_mail(post: Post) -> None:
    post.desk.harness.bus.take_down("identity")
    post.launch()
    post.desk.harness.bus.bring_up("identity")
    admin = post.desk.harness.actor("admin")
    post.register("admin")
    learner = str(post.people["learner"].account_id)
    post.desk.harness.call("identity", "disable_account", {"account_id": learner}, actor=admin)
    post.later(seconds=61)
    states = {row["account_id"]: (row["status"], row["note"]) for row in post.desk.deliveries()}
    assert states[post.people["learner"].account_id] == ("skipped", "no-account")
    assert states[post.people["trainer"].account_id] == ("sent", None)


def test_without_server_and_demo_mails_are_skipped_with_the_reason(
    make_harness: Callable[..., Harness],
) -> None:
    desk = Desk(make_harness("notifications"))
    desk.postman.office.channel = NoChannel()
    desk.person()
    desk.hear(desk.launched())
    assert [(row["status"], row["note"]) for row in desk.deliveries()] == [("skipped", "no-mail-server")]
