"""Twenty submissions at one moment with one Idempotency-Key: one effect, one answer, for everything that is made."""

from __future__ import annotations

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from shared.actor import Actor
from shared.errors import CercleError
from shared.ids import new_id
from shared.messaging.entrypoints import entrypoints_of
from shared.testing.harness import Harness
from tests.unit.courses.quiz_support import GIVEN
from tests.unit.courses.support import PACKAGES, PNG, pair
from tests.unit.surveys.office import ASKED, FULL
from tests.unit.surveys.support import TEXTS, Desk, answers_of

TOGETHER = 20
Call = tuple[str, str, dict[str, Any], Actor]


class Stage:
    """Things that the twenty calls need beforehand."""

    def __init__(self, harness: Harness) -> None:
        self.harness, self.desk = harness, Desk(harness)
        roles = ("learner", "trainer", "coordinator", "researcher", "admin")
        self.people = {role: self._register(role) for role in roles}
        self.desk.coordinator = self.people["coordinator"]
        harness.drain()

    def _register(self, role: str) -> Actor:
        profile = {"email": f"{role}@example.org", "password": "slow tides over granite 7", "display_name": role,
                   "roles": [role], "language": "en", "time_zone": "America/Toronto"}  # fmt: skip
        made = self.harness.call("identity", "seed_account", profile)
        return Actor(UUID(made["id"]), frozenset({role}), "en")

    def course(self, kind: str = "text") -> dict[str, str]:
        trainer = self.people["trainer"]

        def add(method: str, **payload: Any) -> str:
            return str(self.harness.call("courses", method, payload, actor=trainer)["id"])

        ids = {"course_id": add("create_course", title=pair("Course"))}
        ids["module_id"] = add("add_module", course_id=ids["course_id"], title=pair("M"))
        ids["unit_id"] = add("add_unit", module_id=ids["module_id"], title=pair("U"))
        body = {"body": pair("Text")} if kind == "text" else {}
        ids["activity_id"] = add("add_activity", unit_id=ids["unit_id"], title=pair("A"), kind=kind, **body)
        objective = {
            "text": pair("O"),
            "bloom": "apply",
            "need_id": str(new_id()),
            "assessments": [ids["activity_id"]],
        }
        ids["objective_id"] = add("add_objective", course_id=ids["course_id"], **objective)
        return ids

    def activity(self, kind: str) -> dict[str, Any]:
        """An empty activity and the version of its course, which the first write makes old."""
        made = self.course(kind)
        read = {"course_id": made["course_id"]}
        version = self.harness.call("courses", "get_course", read, actor=self.people["trainer"])["version"]
        return {"activity_id": made["activity_id"], "version": version}

    def published(self) -> str:
        made = self.course()["course_id"]
        trainer = self.people["trainer"]
        version = self.harness.call("courses", "get_course", {"course_id": made}, actor=trainer)["version"]
        self.harness.call("courses", "publish_course", {"course_id": made, "version": version}, actor=trainer)
        return made

    def stored(self, data: bytes, name: str = "a.png") -> dict[str, Any]:
        storage = self.harness.services["courses"].storage
        found = storage.put(f"uploads/{new_id()}", io.BytesIO(data))
        return {"storage_key": found.key, "filename": name, "size": found.size, "sha256": found.sha256}

    def upload(self, data: bytes, name: str) -> str:
        made = self.harness.call(
            "courses", "register_upload", self.stored(data, name), actor=self.people["trainer"]
        )
        return str(made["upload_id"])

    def h5p_draft(self) -> str:
        """A draft in the editor of a content that was uploaded."""
        package = (PACKAGES / "valid" / "h5p-test.h5p").read_bytes()
        content = {**self.activity("h5p"), "upload_id": self.upload(package, "a.h5p")}
        trainer = self.people["trainer"]
        self.harness.call("courses", "set_activity_h5p", content, actor=trainer)
        started = {"activity_id": content["activity_id"]}
        return str(self.harness.call("courses", "start_h5p_draft", started, actor=trainer)["id"])

    def topic(self) -> str:
        space = self.harness.call("community", "list_spaces", {}, actor=self.people["learner"])["items"][0][
            "id"
        ]
        payload = {"space_id": space, "title": "Topic", "language": "en", "body": "First"}
        return str(self.harness.call("community", "open_topic", payload, actor=self.people["learner"])["id"])

    def space(self) -> str:
        found = self.harness.call("community", "list_spaces", {}, actor=self.people["learner"])
        return str(found["items"][0]["id"])

    def need(self) -> str:
        survey = self.desk.ranked()
        return str(self.desk.ask("list_needs", survey_id=survey["id"])["items"][0]["id"])

    def panel(self) -> dict[str, Any]:
        """What `create_panel` takes."""
        members = [str(person.account_id) for person in self.people.values()]
        words = {name: pair("P") for name in ("title", "intro", "question")}
        return {"kind": "delphi", **words, "member_ids": members, "closes_at": self.desk.days(7)}

    def waiting_panel(self) -> dict[str, Any]:
        """What `open_round` takes: a panel between two rounds."""
        ask = self.desk.ask
        panel = ask("create_panel", **self.panel(), first_round="rating")
        items = [{"statement": pair(f"I{number}")} for number in range(2)]
        steps: tuple[tuple[str, dict[str, Any]], ...] = (
            ("set_panel_items", {"items": items}), ("start_panel", {}), ("close_round", {}),
        )  # fmt: skip
        for method, more in steps:
            ask(method, panel_id=panel["id"], version=panel["version"], **more)
            panel = ask("get_panel", panel_id=panel["id"])
        return {"panel_id": panel["id"], "version": panel["version"], "closes_at": self.desk.days(5)}

    def vote(self) -> dict[str, Any]:
        """What `open_vote` takes."""
        made = self.desk.ask("open_proposal", need_id=self.need(), **TEXTS)
        return {
            "method": "consent",
            "proposal_ids": [made["id"]],
            "quorum": 0.5,
            "closes_at": self.desk.days(3),
        }

    def link(self) -> dict[str, Any]:
        """What `submit_by_link` takes."""
        survey = self.desk.launched()
        made = self.desk.ask("make_links", survey_id=survey["id"], count=1, label="")
        return {"secret": made["secrets"][0], "answers": answers_of(survey), "language": "en"}

    def coding(self) -> str:
        """A coding of twelve written answers."""
        survey = self.desk.launched(elements=ASKED)
        for number in range(12):
            answers = {"p.one": FULL, "why": {"value": f"reason {number}"}}
            given = {"survey_id": survey["id"], "answers": answers, "language": "en"}
            self.desk.ask("submit_response", self.harness.actor("learner"), **given)
        self.desk.close(survey)
        coders: dict[str, Any] = {f"{place}_coder": str(self.people[role].account_id)
                  for place, role in (("first", "trainer"), ("second", "coordinator"))}  # fmt: skip
        return str(self.desk.ask("start_coding", survey_id=survey["id"], question="why", **coders)["id"])


@pytest.fixture(scope="module")
def stage(harness: Harness) -> Stage:
    return Stage(harness)


def _by(
    role: str, service: str, method: str, make: Callable[[Stage], dict[str, Any]]
) -> Callable[[Stage], Call]:
    return lambda stage: (service, method, make(stage), stage.people[role])


def _survey_answers(stage: Stage) -> dict[str, Any]:
    survey = stage.desk.launched()
    return {"survey_id": survey["id"], "answers": answers_of(survey), "language": "en"}


MAKING: dict[str, tuple[Callable[[Stage], Call], dict[str, int]]] = {
    # method: (the call, rows that it adds by table)
    "create_invitation": (
        _by("admin", "identity", "create_invitation", lambda _: {"roles": ["learner"], "language": "en"}),
        {"invitations": 1, "outbox": 0},
    ),
    "create_token": (
        _by("learner", "identity", "create_token", lambda _: {"name": "t", "scopes": ["read"]}), {"tokens": 1}
    ),
    "create_survey": (
        _by("coordinator", "surveys", "create_survey", lambda _: {"template_id": "borich"}),
        {"surveys": 1, "survey_items": 12},
    ),
    "submit_response": (
        _by("learner", "surveys", "submit_response", _survey_answers),
        {"responses": 1, "participations": 1, "outbox": 1, "commands": 0},
    ),
    "submit_by_link": (
        _by("learner", "surveys", "submit_by_link", lambda s: s.link()), {"responses": 1, "commands": 0}
    ),
    "open_proposal": (
        _by("coordinator", "surveys", "open_proposal", lambda s: {"need_id": s.need(), **TEXTS}),
        {"proposals": 1, "outbox": 1},
    ),
    "open_vote": (
        _by("coordinator", "surveys", "open_vote", lambda s: s.vote()), {"votes": 1, "vote_proposals": 1, "outbox": 1}
    ),
    "express_need": (
        _by("learner", "surveys", "express_need", lambda _: {"text": "Accueillir une famille", "language": "fr"}),
        {"board_entries": 1, "board_supports": 1, "commands": 0},
    ),
    "create_panel": (_by("coordinator", "surveys", "create_panel", lambda s: s.panel()), {"panels": 1}),
    "open_round": (_by("coordinator", "surveys", "open_round", lambda s: s.waiting_panel()), {"panel_rounds": 1}),
    "add_code": (
        _by("coordinator", "surveys", "add_code",
            lambda s: {"coding_id": s.coding(), "label": pair("C"), "definition": pair("D")}),
        {"coding_codes": 1, "coding_changes": 1},
    ),
    "add_agency": (_by("admin", "identity", "add_agency", lambda _: {"name": pair("A")}), {"agencies": 1}),
    "create_course": (
        _by("trainer", "courses", "create_course", lambda _: {"title": pair("Course")}), {"courses": 1}
    ),
    "add_module": (
        _by("trainer", "courses", "add_module", lambda s: {"course_id": s.course()["course_id"], "title": pair("M")}),
        {"items": 1},
    ),
    "add_unit": (
        _by("trainer", "courses", "add_unit", lambda s: {"module_id": s.course()["module_id"], "title": pair("U")}),
        {"items": 1},
    ),
    "add_activity": (
        _by("trainer", "courses", "add_activity",
            lambda s: {"unit_id": s.course()["unit_id"], "title": pair("A"), "kind": "text"}),
        {"items": 1, "xblock_usages": 1},
    ),
    "add_objective": (
        _by("trainer", "courses", "add_objective",
            lambda s: {"course_id": s.course()["course_id"], "text": pair("O"), "bloom": "apply"}),
        {"objectives": 1},
    ),
    "register_upload": (
        _by("trainer", "courses", "register_upload", lambda s: s.stored(PNG)), {"uploads": 1}
    ),
    "set_activity_file": (
        _by("trainer", "courses", "set_activity_file",
            lambda s: {**s.activity("file"), "upload_id": s.upload(PNG, "a.png"), "alt": pair("A")}),
        {"uploads": -1},
    ),
    "set_activity_h5p": (
        _by("trainer", "courses", "set_activity_h5p",
            lambda s: {**s.activity("h5p"),
                       "upload_id": s.upload((PACKAGES / "valid" / "h5p-test.h5p").read_bytes(), "a.h5p")}),
        {"uploads": -1, "h5p_contents": 1},
    ),
    "add_h5p_media": (
        _by("trainer", "courses", "add_h5p_media",
            lambda s: {"draft_id": s.h5p_draft(), "upload_id": s.upload(PNG, "a.png"), "kind": "image"}),
        {"h5p_draft_files": 1},
    ),
    "create_cohort": (
        _by("trainer", "courses", "create_cohort",
            lambda s: {"course_id": s.course()["course_id"], "name": pair("C"), "starts_on": "2026-11-01",
                       "ends_on": "2100-01-01", "time_zone": "America/Toronto"}),
        {"cohorts": 1},
    ),
    "add_question": (
        _by("trainer", "courses", "add_question", lambda _: {"question": GIVEN["numeric"]}),
        {"bank_questions": 1, "bank_versions": 1},
    ),
    "add_question_image": (
        _by("trainer", "courses", "add_question_image", lambda s: {"upload_id": s.upload(PNG, "a.png")}),
        {"quiz_images": 1, "uploads": -1},
    ),
    "enrol": (
        _by("learner", "courses", "enrol", lambda s: {"course_id": s.published()}), {"enrolments": 1, "outbox": 1}
    ),
    "open_topic": (
        _by("learner", "community", "open_topic",
            lambda s: {"space_id": s.space(), "title": "Topic", "language": "en", "body": "First"}),
        {"topics": 1, "posts": 1, "outbox": 1},
    ),
    "add_post": (
        _by("learner", "community", "add_post",
            lambda s: {"topic_id": s.topic(), "body": "Words", "language": "en"}),
        {"posts": 1, "outbox": 1},
    ),
    "send_test": (
        _by("learner", "notifications", "send_test", lambda _: {}), {"notifications": 1, "deliveries": 1, "outbox": 1}
    ),
}  # fmt: skip
# Names that begin like a making and are covered elsewhere: sign-in opens a session each time, on purpose.
PREFIXES = ("create_", "open_", "add_", "register_", "submit_", "send_")
# A tool's secret may not be stored, so each registration makes another tool; what the rest adds is a set's member, a
# grant, or an attempt's end (tests/integration/courses/test_quiz_races.py).
NOT_MAKING = {"open_activity", "open_block_editor", "register_xapi_tool", "submit_quiz", "add_author"}


def test_every_command_that_makes_something_is_tried(harness: Harness) -> None:
    found = {
        name
        for service in harness.services.values()
        for name, tag in entrypoints_of(type(service))
        if tag.kind in ("command", "rpc") and name.startswith(PREFIXES)
    }
    assert found - NOT_MAKING <= set(MAKING)


def rows(harness: Harness, service: str, tables: dict[str, int]) -> dict[str, int]:
    metadata = harness.services[service].tables.outbox.metadata
    with harness.services[service].db.engine.connect() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(metadata.tables[name])).scalar_one()
            for name in tables
        }


@pytest.mark.parametrize("name", MAKING)
def test_twenty_with_one_key_have_one_effect(name: str, stage: Stage) -> None:
    prepare, wanted = MAKING[name]
    service, method, payload, actor = prepare(stage)
    before = rows(stage.harness, service, wanted)
    barrier = Barrier(TOGETHER)

    def run(_: int) -> Any:
        barrier.wait(timeout=20)
        try:
            return stage.harness.call(service, method, payload, actor=actor, key=f"key-{name}")
        except CercleError as error:
            return error.code

    with ThreadPoolExecutor(TOGETHER) as pool:
        told = list(pool.map(run, range(TOGETHER)))
    secrets = ("secret", "token")
    assert [one for one in told if isinstance(one, str)] == []
    plain = [{key: value for key, value in one.items() if key not in secrets} for one in told]
    assert plain == [plain[0]] * TOGETHER
    after = rows(stage.harness, service, wanted)
    assert {table: after[table] - before[table] for table in wanted} == wanted


def test_of_twenty_tokens_of_one_key_exactly_the_last_opens(stage: Stage) -> None:
    payload = {"name": "laptop", "scopes": ["read"]}

    def make() -> str:
        made = stage.harness.call(
            "identity", "create_token", payload, actor=stage.people["learner"], key="laptop"
        )
        return str(made["token"])

    first, second = make(), make()
    with pytest.raises(CercleError) as caught:
        stage.harness.call("identity", "resolve_token", {"token": first})
    assert caught.value.status == 401
    assert stage.harness.call("identity", "resolve_token", {"token": second})["scopes"] == ["read"]


@pytest.mark.parametrize("key", ["", "k" * 201])
@pytest.mark.parametrize("name", ["create_course", "create_token", "set_activity_file", "send_test"])
def test_a_key_of_a_wrong_length_is_refused(name: str, key: str, stage: Stage) -> None:
    service, method, payload, actor = MAKING[name][0](stage)
    with pytest.raises(CercleError) as caught:
        stage.harness.call(service, method, payload, actor=actor, key=key)
    assert caught.value.code == "bad-idempotency-key"
