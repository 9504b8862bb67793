"""The record store against the specification (xAPI 1.0.3): what a client may send, and what it gets back."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from gateway.asgi import build_gateway
from services.courses.domain.xapi import digest_of, is_iri, problems_of
from shared.actor import Actor
from shared.testing.harness import Harness
from tests.unit.courses.support import Desk
from tests.unit.courses.support import statement as h5p_statement

PASSWORD = "slow tides over granite 7"
HEADERS = {"X-Experience-API-Version": "1.0.3"}
MBOX = {"mbox": "mailto:somebody@example.org"}


def stated(**more: Any) -> dict[str, Any]:
    return {
        "actor": {"objectType": "Agent", **MBOX},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/experienced", "display": {"en": "experienced"}},
        "object": {"id": "https://tool.example/activities/1"},
    } | more


class Client:
    """One person or tool at the record store."""

    def __init__(self, app: Any, credential: str) -> None:
        self.app, self.headers = app, {**HEADERS, "Authorization": credential}

    def __call__(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = self.headers | more.pop("headers", {})

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url="https://site.test") as client:
                return await client.request(method, f"/api/v1/xapi{path}", headers=headers, **more)

        return asyncio.run(send())

    def store(self, *statements: Any) -> httpx.Response:
        return self("POST", "/statements", json=list(statements))

    def found(self, **params: Any) -> list[dict[str, Any]]:
        answer = self("GET", "/statements", params=params)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["statements"])


class World:
    """An admin, two learners, and tools."""

    def __init__(self, harness: Harness) -> None:
        self.harness, self.desk = harness, Desk(harness)
        self.app = build_gateway(harness.settings, harness.bus)
        self.people = {name: self._person(name) for name in ("admin", "learner", "other")}

    def _person(self, name: str) -> dict[str, Any]:
        roles = ["learner", "admin"] if name == "admin" else ["learner"]
        made = self.harness.call("identity", "seed_account", {
            "email": f"{name}@example.org", "password": PASSWORD, "roles": roles, "display_name": name,
            "language": "en", "time_zone": "America/Toronto",
        })  # fmt: skip
        account = self.harness.call("identity", "resolve_token", {"token": made["token"]})["account"]
        return {"token": made["token"], **account}

    def person(self, name: str) -> Client:
        return Client(self.app, f"Bearer {self.people[name]['token']}")

    def agent(self, name: str) -> dict[str, Any]:
        home = self.harness.settings.main_origin
        return {"objectType": "Agent", "account": {"homePage": home, "name": self.people[name]["pseudonym"]}}

    def tool(self, *scopes: str) -> Client:
        made = self.desk.ask("register_xapi_tool", self.desk.admin, name="Tool", scopes=list(scopes))
        pair = base64.b64encode(f"{made['key']}:{made['secret']}".encode()).decode()
        return Client(self.app, f"Basic {pair}")


@pytest.fixture
def world(make_harness: Callable[..., Harness]) -> World:
    return World(make_harness("identity", "courses", rate_limits=False))


@pytest.fixture
def tool(world: World) -> Client:
    return world.tool("all")


# ------------------------------------------------------------------ protocol


def test_about_is_public_and_every_other_request_names_a_version(world: World, tool: Client) -> None:
    nobody = Client(world.app, "")
    nobody.headers = {}
    assert nobody("GET", "/about").json()["version"] == ["1.0.3", "2.0.0"]
    assert tool("GET", "/statements", headers={"X-Experience-API-Version": "0.9"}).status_code == 400
    for version, answered in (("1.0", "1.0.3"), ("1.0.1", "1.0.3"), ("2.0.0", "2.0.0")):
        answer = tool("GET", "/statements", headers={"X-Experience-API-Version": version})
        assert (answer.status_code, answer.headers["X-Experience-API-Version"]) == (200, answered)
    nobody.headers = dict(HEADERS)
    refused = nobody("GET", "/statements")
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"].startswith("Basic")
    assert refused.headers["X-Experience-API-Version"] == "1.0.3"


def test_what_is_stored_comes_back_with_what_the_store_adds(tool: Client) -> None:
    answer = tool("POST", "/statements", json=stated())
    assert answer.status_code == 200
    (statement_id,) = answer.json()
    one = tool("GET", "/statements", params={"statementId": statement_id})
    found = one.json()
    assert found["id"] == statement_id
    assert {"stored", "timestamp", "authority", "version"} <= found.keys()
    assert "tool:" in found["authority"]["account"]["name"]
    assert one.headers["Last-Modified"].endswith("GMT")
    listed = tool("GET", "/statements")
    assert listed.headers["X-Experience-API-Consistent-Through"]
    assert [row["id"] for row in listed.json()["statements"]] == [statement_id]
    assert listed.json()["more"] == ""


def test_put_needs_the_id_and_a_second_one_that_differs_conflicts(tool: Client) -> None:
    one = str(uuid4())
    assert tool("PUT", "/statements", json=stated()).status_code == 400
    assert (
        tool("PUT", "/statements", params={"statementId": one}, json=stated(id=str(uuid4()))).status_code
        == 400
    )
    for _ in range(2):
        assert tool("PUT", "/statements", params={"statementId": one}, json=stated()).status_code == 204
    same = stated(id=one, verb={"id": stated()["verb"]["id"]}, timestamp="2026-01-01T00:00:00Z")
    assert tool.store(same).status_code == 200  # display, timestamp and the like do not count
    other = stated(id=one, object={"id": "https://tool.example/activities/2"})
    assert tool.store(other).status_code == 409
    assert len(tool.found()) == 1


def test_a_batch_is_kept_whole_or_not_at_all(tool: Client) -> None:
    assert tool.store(stated(), stated(actor={})).status_code == 400
    assert tool.found() == []
    one = str(uuid4())
    assert tool.store(stated(id=one), stated(id=one)).status_code == 400
    assert len(tool.store(stated(), stated()).json()) == 2


@pytest.mark.parametrize("wrong", [
    {"actor": {"mbox": "somebody@example.org"}},
    {"actor": {**MBOX, "openid": "https://x.example/me"}},
    {"actor": {"objectType": "Person", **MBOX}},
    {"actor": {"objectType": "Group"}},
    {"actor": {"account": {"name": "x"}}},
    {"verb": {"id": "experienced"}},
    {"verb": {"id": "http://x.example/v", "display": {"en": 1}}},
    {"object": {"id": "no iri"}},
    {"object": {"objectType": "StatementRef", "id": "1"}},
    {"object": {"objectType": "SubStatement", **stated(id=str(uuid4()))}},
    {"object": {"id": "https://x.example", "definition": {"choices": []}}},
    {"object": {"id": "https://x.example", "definition": {"interactionType": "guess"}}},
    {"result": {"score": {"scaled": 1.5}}},
    {"result": {"score": {"raw": 5, "max": 4}}},
    {"result": {"score": {"raw": "5"}}},
    {"result": {"success": "true"}},
    {"result": {"duration": "3 minutes"}},
    {"result": {"extensions": {"plain": 1}}},
    {"result": None},
    {"context": {"registration": "1"}},
    {"context": {"team": MBOX}},
    {"context": {"contextActivities": {"sibling": []}}},
    {"context": {"revision": "1"}, "object": {"objectType": "Agent", **MBOX}},
    {"timestamp": "yesterday"},
    {"timestamp": "2026-01-01T00:00:00"},
    {"version": "0.95"},
    {"attachments": [{"usageType": "https://x.example/u", "display": {}, "contentType": "a/b", "length": 1,
                      "sha2": "x"}]},
    {"id": "not-a-uuid"},
    {"extra": 1},
    {"verb": {"id": "http://adlnet.gov/expapi/verbs/voided"}},
])  # fmt: skip
def test_a_malformed_statement_is_refused(wrong: dict[str, Any]) -> None:
    assert problems_of(stated()) == []
    assert problems_of(stated() | wrong) != []


def test_a_full_statement_is_accepted(tool: Client) -> None:
    full = stated(
        id=str(uuid4()), timestamp="2026-11-22T09:30:00.123-05:00", version="1.0.0",
        actor={"objectType": "Group", "member": [MBOX, {"account": {"homePage": "https://h.example", "name": "n"}}]},
        object={"id": "https://x.example/q", "objectType": "Activity", "definition": {
            "name": {"fr-CA": "Q"}, "type": "http://adlnet.gov/expapi/activities/cmi.interaction",
            "interactionType": "choice", "correctResponsesPattern": ["a"],
            "choices": [{"id": "a", "description": {"en": "A"}}], "extensions": {"https://x.example/e": [1, None]},
        }},
        result={"score": {"scaled": 0.5, "raw": 1, "min": 0, "max": 2}, "success": True, "completion": True,
                "response": "a", "duration": "PT1M2.5S"},
        context={"registration": str(uuid4()), "instructor": MBOX, "team": {"objectType": "Group", **MBOX},
                 "language": "fr-CA", "platform": "p", "revision": "2", "statement": {
                     "objectType": "StatementRef", "id": str(uuid4())},
                 "contextActivities": {"parent": {"id": "https://x.example/p"}, "other": []},
                 "contextAgents": [{"objectType": "contextAgent", "agent": MBOX, "relevantTypes": ["https://r.example"]}],
                 "extensions": {}},
        attachments=[{"usageType": "https://x.example/u", "display": {"en": "D"}, "contentType": "text/plain",
                      "length": 3, "sha2": "a" * 64, "fileUrl": "https://x.example/f"}],
    )  # fmt: skip
    assert problems_of(full) == []
    assert tool.store(full).status_code == 200
    listed = dict(full, context=full["context"] | {"contextActivities": {"parent": [{"id": "https://x.example/p"}],
                                                                        "other": []}})  # fmt: skip
    assert digest_of(full) == digest_of(listed)


def test_filters(tool: Client) -> None:
    registration = str(uuid4())
    other = {"mbox": "mailto:other@example.org"}
    tool.store(
        stated(),
        stated(actor=other),
        stated(verb={"id": "http://adlnet.gov/expapi/verbs/passed"}),
        stated(object={"id": "https://tool.example/activities/2"}, context={
            "registration": registration, "instructor": other,
            "contextActivities": {"parent": [{"id": "https://tool.example/activities/1"}]},
        }),
    )  # fmt: skip
    assert len(tool.found(agent=json.dumps(other))) == 1
    assert len(tool.found(agent=json.dumps(other), related_agents="true")) == 2
    assert len(tool.found(verb="http://adlnet.gov/expapi/verbs/passed")) == 1
    assert len(tool.found(activity="https://tool.example/activities/2")) == 1
    assert len(tool.found(activity="https://tool.example/activities/1")) == 3
    assert len(tool.found(activity="https://tool.example/activities/1", related_activities="true")) == 4
    assert len(tool.found(registration=registration)) == 1
    assert tool.found(since="2100-01-01T00:00:00Z") == []
    assert len(tool.found(until="2100-01-01T00:00:00Z")) == 4
    assert set(tool.found(format="ids", limit=1)[0]["verb"]) == {"id"}
    for wrong in ({"limit": "-1"}, {"since": "x"}, {"agent": "{}"}, {"unknown": "1"}, {"ascending": "yes"},
                  {"format": "short"}, {"cursor": "x"}, {"statementId": str(uuid4()), "limit": "1"}):  # fmt: skip
        assert tool("GET", "/statements", params=wrong).status_code == 400, wrong


@pytest.mark.parametrize("ascending", ["true", "false"])
def test_pages_hold_every_statement_once_in_order(tool: Client, ascending: str) -> None:
    ids = tool.store(*(stated() for _ in range(7))).json()
    seen: list[str] = []
    path = f"/statements?limit=3&ascending={ascending}"
    while path:
        answer = tool("GET", path).json()
        seen += [one["id"] for one in answer["statements"]]
        path = answer["more"].removeprefix("/api/v1/xapi")
    assert sorted(seen) == sorted(ids)
    assert seen == sorted(seen, reverse=ascending == "false")


def test_a_voided_statement_is_found_only_as_such(tool: Client) -> None:
    (target,) = tool.store(stated()).json()
    voiding = stated(verb={"id": "http://adlnet.gov/expapi/verbs/voided"},
                     object={"objectType": "StatementRef", "id": target})  # fmt: skip
    (void,) = tool.store(voiding).json()
    assert tool("GET", "/statements", params={"statementId": target}).status_code == 404
    assert tool("GET", "/statements", params={"voidedStatementId": target}).json()["id"] == target
    assert [one["id"] for one in tool.found()] == [void]
    again = stated(verb=voiding["verb"], object={"objectType": "StatementRef", "id": void})
    assert tool.store(again).status_code == 400


def test_a_statement_voided_before_it_came_is_void(tool: Client) -> None:
    late = str(uuid4())
    tool.store(stated(verb={"id": "http://adlnet.gov/expapi/verbs/voided"},
                      object={"objectType": "StatementRef", "id": late}))  # fmt: skip
    tool.store(stated(id=late))
    assert tool("GET", "/statements", params={"statementId": late}).status_code == 404


# ------------------------------------------------------------------ who


def test_a_person_stores_and_reads_only_their_own(world: World) -> None:
    me, other = world.person("learner"), world.person("other")
    assert me.store(stated()).status_code == 403
    mine = stated(actor=world.agent("learner"))
    (kept,) = me.store(mine).json()
    assert [one["id"] for one in me.found()] == [kept]
    assert other.found() == []
    assert other("GET", "/statements", params={"statementId": kept}).status_code == 404
    assert world.person("admin").found() == []


def test_the_players_own_statements_are_there(world: World) -> None:
    desk = world.desk
    course = desk.play()
    learner = world.people["learner"]
    me = Actor(UUID(learner["id"]), frozenset({"learner"}), "en", "America/Toronto", None)
    desk.ask("enrol", me, course_id=course["id"])
    desk.ask("record_statement", me, activity_id=course["activities"][0], statement=h5p_statement(),
             pseudonym=learner["pseudonym"])  # fmt: skip
    (found,) = world.person("learner").found()
    assert found["actor"] == world.agent("learner")
    assert found["verb"]["id"].endswith("completed")
    assert world.person("other").found() == []
    (read,) = world.tool("statements/read").found(agent=json.dumps(world.agent("learner")))
    assert read["id"] == found["id"]
    assert world.tool("statements/read/mine").found() == []
    exported = world.person("learner")("GET", "/export").text.splitlines()
    assert [json.loads(line)["id"] for line in exported] == [found["id"]]
    assert world.person("other")("GET", "/export").text == ""
    assert world.person("other")("GET", "/export?everything=1").status_code == 403
    assert len(world.person("admin")("GET", "/export?everything=1").text.splitlines()) == 1


def test_a_tool_keeps_to_its_scopes_and_ends_with_its_registration(world: World) -> None:
    writer = world.tool("statements/write")
    assert writer.store(stated()).status_code == 200
    assert writer("GET", "/statements").status_code == 403
    place = {"activityId": "https://a.example", "agent": json.dumps(MBOX), "stateId": "s"}
    assert writer("PUT", "/activities/state", params=place, content=b"x").status_code == 403
    assert world.tool("statements/read/mine").store(stated()).status_code == 403
    for bad in ("Basic bm9ib2R5Om5vdGhpbmc=", "Basic !!!", "Digest x"):
        assert Client(world.app, bad)("GET", "/statements").status_code == 401
    made = world.desk.ask("list_xapi_tools", world.desk.admin)["items"]
    for one in made:
        world.desk.ask("revoke_xapi_tool", world.desk.admin, tool_id=one["id"])
    assert writer.store(stated()).status_code == 401


def test_one_tool_cannot_void_anothers_statement(world: World) -> None:
    one, two = world.tool("all"), world.tool("all")
    (target,) = one.store(stated()).json()
    voiding = stated(verb={"id": "http://adlnet.gov/expapi/verbs/voided"},
                     object={"objectType": "StatementRef", "id": target})  # fmt: skip
    assert two.store(voiding).status_code == 403
    assert one("GET", "/statements", params={"statementId": target}).status_code == 200


# ------------------------------------------------------------------ state


def test_state_is_kept_by_activity_agent_and_registration(tool: Client) -> None:
    place = {"activityId": "https://a.example", "agent": json.dumps(MBOX)}
    one = {**place, "stateId": "bookmark"}
    kind = {"Content-Type": "application/json"}
    put = tool("PUT", "/activities/state", params=one, content=b'{"a": 1}', headers=kind)
    assert put.status_code == 204
    got = tool("GET", "/activities/state", params=one)
    assert (got.json(), got.headers["ETag"]) == ({"a": 1}, put.headers["ETag"])
    assert got.headers["Content-Type"] == "application/json"
    assert "sandbox" in got.headers["Content-Security-Policy"]
    merged = tool("POST", "/activities/state", params=one, content=b'{"b": 2}', headers=kind)
    assert merged.status_code == 204
    assert tool("GET", "/activities/state", params=one).json() == {"a": 1, "b": 2}
    registered = {**one, "registration": str(uuid4())}
    assert tool("GET", "/activities/state", params=registered).status_code == 404
    assert tool("GET", "/activities/state", params=place).json() == ["bookmark"]
    assert tool("GET", "/activities/state", params={**place, "since": "2100-01-01T00:00:00Z"}).json() == []
    assert tool("DELETE", "/activities/state", params=place).status_code == 204
    assert tool("GET", "/activities/state", params=one).status_code == 404


def test_state_takes_any_bytes_but_merges_only_json(tool: Client) -> None:
    one = {"activityId": "https://a.example", "agent": json.dumps(MBOX), "stateId": "x"}
    raw = bytes(range(256))
    tool(
        "PUT",
        "/activities/state",
        params=one,
        content=raw,
        headers={"Content-Type": "application/octet-stream"},
    )
    assert tool("GET", "/activities/state", params=one).content == raw
    merge = tool(
        "POST", "/activities/state", params=one, content=b"{}", headers={"Content-Type": "application/json"}
    )
    assert merge.status_code == 400


def test_a_state_that_was_changed_meanwhile_is_not_overwritten(tool: Client) -> None:
    one = {"activityId": "https://a.example", "agent": json.dumps(MBOX), "stateId": "x"}
    first = tool("PUT", "/activities/state", params=one, content=b"1", headers={"If-None-Match": "*"})
    assert first.status_code == 204
    assert (
        tool("PUT", "/activities/state", params=one, content=b"2", headers={"If-None-Match": "*"}).status_code
        == 412
    )
    assert (
        tool("PUT", "/activities/state", params=one, content=b"2", headers={"If-Match": '"x"'}).status_code
        == 412
    )
    tag = {"If-Match": first.headers["ETag"]}
    assert tool("PUT", "/activities/state", params=one, content=b"2", headers=tag).status_code == 204
    assert tool("DELETE", "/activities/state", params=one, headers=tag).status_code == 412


def test_a_persons_state_is_theirs(world: World) -> None:
    me = {"activityId": "https://a.example", "agent": json.dumps(world.agent("learner")), "stateId": "x"}
    assert world.person("learner")("PUT", "/activities/state", params=me, content=b"1").status_code == 204
    assert world.person("other")("GET", "/activities/state", params=me).status_code == 403
    assert world.tool("all")("GET", "/activities/state", params=me).status_code == 404
    for wrong in ({"agent": "x"}, {"agent": "[]"}, {"activityId": "", "stateId": ""}, {"more": "1"}):
        bad = world.person("learner")("PUT", "/activities/state", params=me | wrong, content=b"1")
        assert bad.status_code in (400, 403), wrong


def test_iris() -> None:
    assert all(map(is_iri, ("https://x.example/é", "urn:uuid:1", "mailto:a@b.c", "http://x.example?q=1#f")))
    assert not any(map(is_iri, ("", "x", "//x.example", "http://a b", 5, None, "http://[", "x" * 3000)))
