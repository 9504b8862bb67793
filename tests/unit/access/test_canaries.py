"""Canaries: words of people live through the whole story over REST and sing in no log, event, key or address."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from sqlalchemy import select, text

from shared.config import SERVICES
from shared.observability import configure_logging
from tests.unit.access.world import World
from tests.unit.courses.support import PACKAGES, statement
from tests.unit.surveys.support import TEXTS

BIRD = "zqcanary"


class Aviary:
    """Canaries by name, each a word of its own."""

    def __init__(self, numbers: Iterator[int]) -> None:
        self.all: list[str] = []
        self._numbers = numbers

    def __call__(self, kind: str) -> str:
        self.all.append(f"{BIRD}{kind}{next(self._numbers)}")
        return self.all[-1]


class Story:
    """One member and a coordinator; `addresses` collects every address that was asked or given."""

    def __init__(self, world: World) -> None:
        self.world, self.bird, self.addresses = world, Aviary(world.numbers), list[str]()
        self.email = f"{self.bird('mail')}@example.org"
        self.password = f"{self.bird('secret')} slow tides"
        self.client = httpx.Client(base_url=f"{world.url}/api/v1", timeout=30)

    def send(
        self, method: str, path: str, status: int, client: httpx.Client | None = None, **more: Any
    ) -> Any:
        used = client or self.client
        answer = used.request(method, f"{self.world.url}/api/v1{path}", **more)
        assert answer.status_code == status, (method, path, answer.text)
        self.addresses += [unquote(str(answer.headers.get("Location", "")))]
        return answer.json() if answer.content else None

    def as_(self, who: str, method: str, path: str, status: int, **more: Any) -> Any:
        return self.send(method, path, status, self.world.clients[who], **more)

    def live(self) -> None:
        self.join()
        self.fail()
        self.answer()
        self.talk()
        self.learn()

    def join(self) -> None:
        invited = self.as_("coordinator", "POST", "/invitations", 201,
                           json={"roles": ["learner"], "language": "fr", "email": self.email})  # fmt: skip
        profile = {"secret": invited["secret"], "email": self.email, "password": self.password, "language": "fr",
                   "display_name": self.bird("name"), "time_zone": "America/Toronto"}  # fmt: skip
        self.send("POST", "/invitations/accept", 201, json=profile)
        signed = self.send("POST", "/session", 200, json={"email": self.email, "password": self.password})
        self.session, self.invitation = signed["session"], invited["secret"]
        self.client.headers["Authorization"] = f"Bearer {self.session}"
        words = {name: self.bird(name) for name in ("city", "profession")}
        self.send(
            "PATCH",
            "/me",
            200,
            json={**words, "expertise": [self.bird("skill")]},
            headers={"If-Match": '"1"'},
        )
        self.token = self.send(
            "POST", "/me/tokens", 201, json={"name": self.bird("token"), "scopes": ["read"]}
        )["token"]

    def fail(self) -> None:
        """Mistakes quote what was sent nowhere."""
        self.send("POST", "/session", 401, json={"email": self.email, "password": self.bird("wrong")})
        self.send("POST", "/topics", 422, json={self.bird("field"): self.bird("value")})
        self.send(
            "POST",
            "/topics",
            400,
            content=f'{{"title": "{self.bird("json")}',
            headers={"Content-Type": "application/json"},
        )
        self.send("GET", "/members", 400, params={"province": self.bird("province")})
        self.send("GET", "/members", 200, params={"q": self.bird("query")})
        self.send("GET", f"/topics/{self.bird('path')}", 422)
        self.send("POST", "/me/password", 422,
                  json={"current_password": self.bird("old"), "new_password": self.bird("new") + " and longer"})  # fmt: skip

    def answer(self) -> None:
        named = self.world.made("named_survey")
        path = f"/surveys/{named['survey_id']}"
        items = [item["code"] for item in named["survey"]["items"]]
        wrong = {"answers": {items[0]: {"importance": self.bird("point")}}, "language": "fr"}
        self.send("PUT", f"{path}/draft", 422, json=wrong)
        self.send("PUT", f"{path}/draft", 422, json={"answers": {self.bird("item"): {}}, "language": "fr"})
        whole = {"answers": {item: {"importance": 3, "ability": "na"} for item in items}, "language": "fr"}
        self.send("PUT", f"{path}/draft", 200, json=whole)
        self.send("POST", f"{path}/responses", 201, json=whole, headers={"Idempotency-Key": self.bird("key")})
        proposal = self.as_("coordinator", "POST", f"/needs/{self.world.made('free_need')['need_id']}/proposals", 201,
                            json=TEXTS)  # fmt: skip
        self.send("PUT", f"/proposals/{proposal['id']}/endorsement", 200)
        reason = {"outcome": "approved", "reason": {"fr": self.bird("reason"), "en": self.bird("reason")}}
        self.as_("coordinator", "POST", f"/proposals/{proposal['id']}/decision", 200, json=reason,
                 headers={"If-Match": '"1"'})  # fmt: skip
        self.express()

    def express(self) -> None:
        said = {"text": f"{self.bird('need')} to be met", "other": self.bird("need"), "language": "en"}
        entry = self.send("POST", "/board", 201, json=said)
        reason = {"outcome": "out-of-scope", "reason": {"fr": self.bird("reason"), "en": self.bird("reason")}}
        self.as_("coordinator", "POST", f"/board/{entry['id']}/close", 200, json=reason,
                 headers={"If-Match": '"1"'})  # fmt: skip
        assert [
            one["entry"]["id"]
            for one in self.send("GET", "/decisions", 200, params={"kind": "board"})["items"]
        ]

    def talk(self) -> None:
        space = self.send("GET", "/spaces", 200)["items"][0]["id"]
        topic = {"space_id": space, "title": self.bird("title"), "language": "fr", "body": self.bird("first")}
        made = self.send("POST", "/topics", 201, json=topic)["id"]
        self.as_("coordinator", "PUT", f"/topics/{made}/follow", 200)
        post = self.send(
            "POST", f"/topics/{made}/posts", 201, json={"body": self.bird("post"), "language": "fr"}
        )
        edit: dict[str, Any] = {"json": {"body": self.bird("edit")}, "headers": {"If-Match": '"1"'}}
        self.send("PATCH", f"/posts/{post['id']}", 200, **edit)
        self.send("PATCH", f"/posts/{post['id']}", 412, **edit)
        self.send("GET", "/topic-search", 200, params={"q": self.bird("search")})
        self.send("DELETE", f"/posts/{post['id']}", 204)

    def learn(self) -> None:
        ids = self.world.made("h5p_draft")
        trainer = self.world.clients["trainer"]
        package = (PACKAGES / "valid" / "h5p-test.h5p").read_bytes()
        upload = self.send("POST", "/uploads", 201, trainer, content=package,
                           headers={"X-Filename": f"{self.bird('file')}.h5p"})  # fmt: skip
        path = f"/activities/{ids['activity_id']}"
        self.send("POST", f"{path}/h5p", 200, trainer, json={"upload_id": upload["upload_id"]})
        version = self.send("GET", f"/courses/{ids['course_id']}", 200, trainer)["version"]
        self.send(
            "POST", f"/courses/{ids['course_id']}/publish", 200, trainer, headers={"If-Match": f'"{version}"'}
        )
        self.send("POST", f"/courses/{ids['course_id']}/enrol", 201)
        self.send("POST", f"/courses/{ids['course_id']}{path}/open", 200)
        state = {
            "data_type": "state",
            "sub_content_id": "0",
            "state": json.dumps({"a": self.bird("state")}),
            "sequence": 1,
        }
        self.send("PUT", f"{path}/state", 200, json=state)
        said = statement(result={"response": self.bird("response"), "completion": True,
                                 "score": {"raw": 1, "max": 1, "min": 0}})  # fmt: skip
        said["actor"] = {"name": self.bird("actor"), "mbox": f"mailto:{self.bird('mbox')}@example.org"}
        self.send("POST", f"{path}/statements", 200, json={"statement": said})
        said["verb"] = {"id": self.bird("verb")}
        # It is kept with its problem and means nothing.
        self.send("POST", f"{path}/statements", 200, json={"statement": said})
        self.send("POST", f"{path}/statements", 422, json={"statement": self.bird("statement")})

    def break_down(self) -> None:
        """A bug: a table is gone. The error is logged, its words are not."""
        engine = self.world.harness.services["community"].db.engine
        space = self.send("GET", "/spaces", 200)["items"][0]["id"]
        topic = {"space_id": space, "title": "Title", "language": "fr", "body": self.bird("bug")}
        for change in ("posts RENAME TO gone", "gone RENAME TO posts"):
            with engine.begin() as connection:
                connection.execute(text(f"ALTER TABLE {change}"))
            if change.endswith("gone"):
                self.send("POST", "/topics", 500, json=topic)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that any logger of the product says, at its most talkative."""
    heard, before = io.StringIO(), sys.stderr
    sys.stderr = heard
    configure_logging("DEBUG")
    handler, root = logging.StreamHandler(heard), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    # The test's own client writes its addresses, and connexion the path that it validates; the product never lets
    # a library speak below WARNING.
    for quoting in ("httpx", "httpcore", "connexion"):
        logging.getLogger(quoting).setLevel(logging.WARNING)
    yield heard
    root.removeHandler(handler)
    root.setLevel(level)
    sys.stderr = before
    configure_logging("WARNING")


@pytest.fixture
def story(world: World, log: io.StringIO) -> Iterator[Story]:
    found = Story(world)
    with found.client:
        found.live()
        found.break_down()
        world.harness.drain()
        yield found


def kept(world: World) -> Iterator[tuple[str, str]]:
    """The plumbing of every service, row by row: events, what consumers noted, answered keys, dead letters."""
    for service in SERVICES:
        tables = world.harness.services[service].tables
        plumbing = [tables.outbox, tables.inbox, tables.dead_letters, tables.jobs]
        columns = tables.commands.c
        keys = select(columns.command, columns.actor, columns.key, columns.body_hash)
        with world.harness.services[service].db.engine.connect() as connection:
            for statement_ in [*(select(table) for table in plumbing), keys]:
                yield from ((service, str(tuple(row))) for row in connection.execute(statement_))


def test_no_canary_sings(story: Story, log: io.StringIO) -> None:
    birds, told = story.bird.all, log.getvalue()
    assert len(birds) > 30
    secrets = [story.session, story.invitation, story.token, story.password]
    # The bug was logged with its trace, so the log was heard.
    assert "rpc.failed" in told
    assert "no such table" in told
    assert [line for line in told.splitlines() if any(bird in line for bird in [*birds, *secrets])] == []
    rows = list(kept(story.world))
    assert len(rows) > 100
    assert [(service, row) for service, row in rows if BIRD in row] == []
    assert [address for address in story.addresses if BIRD in address] == []


def test_canaries_were_kept_where_they_belong(story: Story) -> None:
    """The control: what was written is in the service that owns it, so the search above could have found it."""
    with story.world.harness.services["identity"].db.engine.connect() as connection:
        assert (
            connection.execute(text(f"SELECT count(*) FROM accounts WHERE email LIKE '{BIRD}%'")).scalar_one()
            >= 1
        )
    with story.world.harness.services["community"].db.engine.connect() as connection:
        assert (
            connection.execute(text(f"SELECT count(*) FROM topics WHERE title LIKE '%{BIRD}%'")).scalar_one()
            >= 1
        )


def test_mails_and_notifications_hold_no_word_of_a_member(story: Story) -> None:
    with story.world.harness.services["notifications"].db.engine.connect() as connection:
        for table in ("notifications", "mailbox", "deliveries", "recipients"):
            rows = connection.execute(text(f"SELECT * FROM {table}")).all()
            assert len(rows) > 1
            assert [row for row in rows if BIRD in str(tuple(row))] == []


def test_a_learning_record_names_nobody(story: Story) -> None:
    """The document of a statement: neither the account, nor what the player called the actor."""
    account = story.send("GET", "/me", 200)["id"]
    with story.world.harness.services["courses"].db.engine.connect() as connection:
        documents = [str(row[0]) for row in connection.execute(text("SELECT document FROM statements"))]
    assert documents
    birds = [bird for bird in story.bird.all if "actor" in bird or "mbox" in bird or "name" in bird]
    assert [one for one in [account, *birds] if any(one in document for document in documents)] == []
