"""The story over HTTP, every answer checked against the OpenAPI document."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.unit.courses.support import PACKAGES, PNG, pair, statement
from tests.unit.gateway.conftest import Site, site
from tests.unit.surveys.support import Desk as SurveyDesk

__all__ = ["site"]
API = "/api/v1"


def match(edit: Any) -> dict[str, str]:
    """The version that an answer told, for the next write."""
    return {"If-Match": f'"{edit["version"]}"'}


class Person:
    """A signed-in client; every answer must have the expected status."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    def send(self, method: str, path: str, expected: int = 200, **more: Any) -> Any:
        answer = self.client.request(method, API + path, **more)
        assert answer.status_code == expected, (method, path, answer.text)
        return answer.json()

    def upload(self, data: bytes, name: str) -> str:
        found = self.send("POST", "/uploads", 201, content=data, headers={"X-Filename": name})
        return str(found["upload_id"])


@pytest.fixture(scope="module")
def trainer(site: Site) -> Person:
    return Person(site.client("trainer"))


@pytest.fixture(scope="module")
def learner(site: Site) -> Person:
    return Person(site.client("learner"))


def written(trainer: Person, need_id: str) -> tuple[str, dict[str, str]]:
    """A published course: its path, and its activities by kind."""
    unknown = {"title": pair("Course"), "need_id": "018f6f0e-7d1a-7c3e-9a51-2f6f0b5d4a10"}
    refused = trainer.send("POST", "/courses", 422, json=unknown)
    assert [(error["path"], error["code"]) for error in refused["errors"]] == [("need_id", "unknown-need")]
    course = trainer.send("POST", "/courses", 201, json={"title": pair("Course"), "need_id": need_id})
    path = f"/courses/{course['id']}"
    module = trainer.send("POST", f"{path}/modules", 201, json={"title": pair("Module")})
    unit = trainer.send("POST", f"/modules/{module['id']}/units", 201, json={"title": pair("Unit")})
    activities = f"/units/{unit['id']}/activities"
    bodies = {"text": {"body": pair("*Text*")}, "file": {}, "h5p": {}}
    made = {
        kind: trainer.send("POST", activities, 201, json={"title": pair(kind), "kind": kind, **body})["id"]
        for kind, body in bodies.items()
    }
    trainer.send("POST", f"{path}/objectives", 201,
                 json={"text": pair("Lead"), "bloom": "apply", "need_id": need_id, "assessments": [made["h5p"]]})  # fmt: skip
    refused = trainer.send("POST", f"{path}/publish", 422, headers={"If-Match": '"7"'})
    assert (refused["code"], {e["code"] for e in refused["errors"]}) == (
        "course-not-ready",
        {"content-missing"},
    )
    picture = {"upload_id": trainer.upload(PNG, "a.png"), "alt": pair("Picture")}
    trainer.send("POST", f"/activities/{made['file']}/file", json=picture)
    broken = (PACKAGES / "invalid" / "missing-preloaded-js.h5p").read_bytes()
    refused = trainer.send(
        "POST", f"/activities/{made['h5p']}/h5p", 422, json={"upload_id": trainer.upload(broken, "b.h5p")}
    )
    assert refused["code"] == "h5p-refused"
    assert all(error["message"] in error["params"]["message"].values() for error in refused["errors"])
    hello = (PACKAGES / "valid" / "h5p-test.h5p").read_bytes()
    package = {"upload_id": trainer.upload(hello, "h.h5p")}
    version = trainer.send("POST", f"/activities/{made['h5p']}/h5p", json=package)["version"]
    trainer.send("POST", f"{path}/publish", 412, headers={"If-Match": '"1"'})
    trainer.send("POST", f"{path}/publish", headers={"If-Match": f'"{version}"'})
    for activity_id in made.values():
        assert trainer.send("GET", f"/activities/{activity_id}")["can_edit"] is True
    return path, made


def test_a_course_is_written_published_and_taken_over_http(
    site: Site, trainer: Person, learner: Person
) -> None:
    path, made = written(trainer, SurveyDesk(site.harness).first_need()["id"])
    learner.send("POST", f"{path}/enrol", 201)
    learner.send("GET", f"/activities/{made['text']}", 404)
    for activity_id in made.values():
        learner.send("POST", f"{path}/activities/{activity_id}/open")
    for kind in ("text", "file"):
        learner.send("POST", f"/activities/{made[kind]}/viewed")
    state = {"data_type": "state", "sub_content_id": "0", "state": "{}", "sequence": 1}
    learner.send("PUT", f"/activities/{made['h5p']}/state", json=state)
    done = learner.send("POST", f"/activities/{made['h5p']}/statements", json={"statement": statement()})
    assert (done["score"], done["progress"], done["course_completed"]) == (0.8, 1.0, True)
    assert learner.send("GET", f"{path}/learning")["next"] is None
    picture_bytes = learner.client.get(f"/files/{made['file']}")
    assert (picture_bytes.content, picture_bytes.headers["content-type"]) == (PNG, "image/png")

    row = trainer.send("GET", f"{path}/roster")["items"][0]
    assert (row["progress"], row["score"]) == (1.0, 0.8)
    counts = trainer.send("POST", "/courses/counts", json={"course_ids": [path.rpartition("/")[2]]})["items"][
        0
    ]
    assert (counts["enrolments"], counts["completions"]) == (1, 1)
    for person in (trainer, learner):
        for query in ("", "/drafts", "/mine", "/home", path.removeprefix("/courses")):
            person.send("GET", f"/courses{query}")
    trainer.send("GET", "/h5p/libraries?limit=5")
    trainer.send("GET", "/h5p/policy")


def test_a_course_is_edited_over_http(trainer: Person) -> None:
    course = trainer.send("POST", "/courses", 201, json={"title": pair("Course")})
    path = f"/courses/{course['id']}"
    edit = trainer.send("PATCH", path, json={"title": pair("B"), "summary": pair("S")}, headers=match(course))
    edit = trainer.send("POST", f"{path}/modules", 201, json={"title": pair("M")})
    item = f"/items/{edit['id']}"
    edit = trainer.send("PATCH", item, json={"title": pair("N")}, headers=match(edit))
    edit = trainer.send("POST", f"{item}/move", json={"direction": "up"})
    unit = trainer.send("POST", f"/modules/{edit['id']}/units", 201, json={"title": pair("U")})
    text = trainer.send(
        "POST", f"/units/{unit['id']}/activities", 201, json={"title": pair("T"), "kind": "text"}
    )
    body = f"/activities/{text['id']}"
    edit = trainer.send("PUT", f"{body}/text", json={"body": pair("x" * 50_000)}, headers=match(text))
    edit = trainer.send("PUT", f"{body}/completion", json={"completion": "viewed"}, headers=match(edit))
    values = {"text": pair("O"), "bloom": "create"}
    made = trainer.send("POST", f"{path}/objectives", 201, json=values)
    edit = trainer.send("PUT", f"/objectives/{made['id']}", json=values, headers=match(made))
    edit = trainer.send("DELETE", f"/objectives/{made['id']}", headers=match(edit))
    edit = trainer.send("DELETE", item, headers=match(edit))
    trainer.send("DELETE", item, 404, headers=match(edit))
    assert trainer.send("GET", path)["modules"] == []
    trainer.send("POST", f"{path}/take")
    missing = trainer.send("PATCH", path, 422, json={"title": pair("B"), "summary": pair("S")})
    assert [(error["path"], error["code"]) for error in missing["errors"]] == [("version", "missing")]
