"""The whole loop through the REST API, in both modes: need, rank, proposal, decision, course, completion."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from gateway.demo.answers import load_answers
from gateway.demo.ratings import ratings_of
from gateway.demo.seed import package
from tests.e2e.client import Client, until
from tests.e2e.product import Product

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
TITLE = {"fr": "Nos besoins de formation", "en": "Our training needs"}


class Story:
    """What one scene hands to the next."""

    def __init__(self, url: str) -> None:
        self.people = {who: Client(url, who) for who in ("learner", "trainer", "coordinator")}

    def __getattr__(self, who: str) -> Client:
        return self.people[who]


@pytest.fixture(scope="module")
def story(product: Product) -> Any:
    found = Story(product.url)
    yield found
    for client in found.people.values():
        client.close()


def launch(coordinator: Client, **more: Any) -> dict[str, Any]:
    closes = (datetime.now(UTC) + timedelta(days=14)).isoformat(timespec="seconds")
    body = {"template_id": "borich", "title": TITLE, "anonymity": "anonymous", "closes_at": closes} | more
    draft = coordinator.post("/surveys", body, status=201)
    found: dict[str, Any] = coordinator.post(f"/surveys/{draft['id']}/launch", version=draft["version"])
    return found


def test_the_loop_closes(product: Product, story: Story) -> None:
    survey = launch(story.coordinator)
    assert survey["status"] == "open"
    until(lambda: heard(story.learner, "survey-launched", survey["id"]))

    answer_in_two_languages(story, survey)
    report = load_answers(product.url, survey["id"], say=lambda _line: None)
    assert (report.accepted, report.refused) == (40, 0)

    need = ranked_need(story, survey)
    proposal = decided_proposal(story, need)
    course_id = until(lambda: drafted_course(story.trainer, need["id"]))
    loop = until(lambda: with_topic(story.coordinator, need["id"]))
    assert loop["decision"]["reason"] == {"fr": "Le réseau appuie.", "en": "The network supports it."}
    assert loop["proposal"]["id"] == proposal["id"]

    author(story.trainer, product, course_id)
    until(lambda: heard(story.learner, "course-published", course_id))
    learn(story.learner, product, course_id)

    closed = until(lambda: completed_loop(story.coordinator, need["id"]))
    assert closed["figures"]["n"] == need["n"]
    assert (closed["course"]["id"], closed["course"]["status"]) == (course_id, "published")
    asked = story.learner.get(f"/courses/{course_id}/need")
    assert asked["need"]["id"] == need["id"]


def answer_in_two_languages(story: Story, survey: dict[str, Any]) -> None:
    items = [item["code"] for item in survey["items"]]
    answers = ratings_of(99, items, 1)
    first_half = {item: answers[item] for item in items[:5]}
    path = f"/surveys/{survey['id']}"
    story.learner.send("PUT", f"{path}/draft", {"answers": first_half, "language": "fr"})
    assert story.learner.get(f"{path}/draft")["answered"] == 5

    missing = story.learner.post(f"{path}/responses", {"language": "en"}, status=422)
    assert {problem["code"] for problem in missing["errors"]} == {"missing"}
    assert len(missing["errors"]) == 2 * (len(items) - 5)
    assert story.learner.get(f"{path}/draft")["answered"] == 5

    rest = {item: answers[item] for item in items[5:]}
    body = {"answers": rest, "language": "en"}
    done = story.learner.post(f"{path}/responses", body, key="same", status=201)
    assert story.learner.post(f"{path}/responses", body, key="same") == done
    again = story.learner.post(f"{path}/responses", body, status=409)
    assert again["code"] == "already-answered"


def ranked_need(story: Story, survey: dict[str, Any]) -> dict[str, Any]:
    path = f"/surveys/{survey['id']}"
    early = story.coordinator.http.get(f"/api/v1{path}/results", headers=story.coordinator.headers)
    assert early.status_code == 409
    story.coordinator.post(f"{path}/close")
    results = until(lambda: ready(story.coordinator, survey["id"]), 60)
    assert (results["n"], results["resamples"] >= 2000, results["indicative"]) == (41, True, False)
    top = results["items"][0]
    assert top["ci_low"] < top["value"] < top["ci_high"]
    assert 0 < top["p_top3"] <= 1
    late = story.learner.post(f"{path}/responses", {"language": "fr"}, status=409)
    assert late["code"] in ("survey-closed", "already-answered")
    found: dict[str, Any] = story.learner.get("/needs", survey_id=survey["id"])["items"][0]
    assert found["rank"] == 1
    return found


def ready(client: Client, survey_id: str) -> dict[str, Any] | None:
    answer = client.http.get(f"/api/v1/surveys/{survey_id}/results", headers=client.headers)
    found: dict[str, Any] | None = answer.json() if answer.status_code == 200 else None
    return found


def decided_proposal(story: Story, need: dict[str, Any]) -> dict[str, Any]:
    body = {
        "title": {"fr": "Formation courte", "en": "Short course"},
        "rationale": {"fr": "Le besoin arrive en tête.", "en": "The need comes first."},
        "audience": {"fr": "Tout le réseau", "en": "The whole network"},
        "format": "self-paced",
        "effort_hours": 2,
    }
    proposal: dict[str, Any] = story.coordinator.post(f"/needs/{need['id']}/proposals", body, status=201)
    story.learner.send("PUT", f"/proposals/{proposal['id']}/endorsement")
    current = story.coordinator.get(f"/proposals/{proposal['id']}")
    assert current["endorsements"] == 1
    refused = story.learner.post(
        f"/proposals/{proposal['id']}/decision",
        {"outcome": "approved", "reason": {"fr": "Oui", "en": "Yes"}},
        status=403, version=current["version"],
    )  # fmt: skip
    assert refused["code"] == "forbidden"
    decision = {
        "outcome": "approved",
        "reason": {"fr": "Le réseau appuie.", "en": "The network supports it."},
    }
    story.coordinator.post(f"/proposals/{proposal['id']}/decision", decision, version=current["version"])
    return proposal


def drafted_course(trainer: Client, need_id: str) -> str | None:
    items = trainer.get("/courses", need_id=need_id)["items"]
    return items[0]["id"] if items else None


def with_topic(client: Client, need_id: str) -> dict[str, Any] | None:
    loop: dict[str, Any] = client.get(f"/needs/{need_id}/loop")
    return loop if loop["topic_id"] and loop["course"] else None


def author(trainer: Client, product: Product, course_id: str) -> None:
    trainer.post(f"/courses/{course_id}/take")
    course = trainer.get(f"/courses/{course_id}")
    blocked = trainer.post(f"/courses/{course_id}/publish", status=422, version=course["version"])
    assert "no-module" in {problem["code"] for problem in blocked["errors"]}

    module = trainer.post(f"/courses/{course_id}/modules", {"title": {"fr": "Module", "en": "Module"}})
    unit = trainer.post(f"/modules/{module['id']}/units", {"title": {"fr": "Unité", "en": "Unit"}})
    text = {
        "title": {"fr": "Lire", "en": "Read"}, "kind": "text",
        "body": {"fr": "# Bonjour\n\n<script>alert(1)</script>", "en": "# Hello"},
    }  # fmt: skip
    trainer.post(f"/units/{unit['id']}/activities", text)
    play = {"title": {"fr": "Jouer", "en": "Play"}, "kind": "h5p"}
    activity = trainer.post(f"/units/{unit['id']}/activities", play)
    upload = trainer.http.post(
        "/api/v1/uploads", content=package("protective-factors-fr"),
        headers=trainer.headers | {"X-Filename": "facteurs.h5p", "Content-Type": "application/zip"},
    )  # fmt: skip
    assert upload.status_code == 201, upload.text
    trainer.post(f"/activities/{activity['id']}/h5p", {"upload_id": upload.json()["upload_id"]})
    course = trainer.get(f"/courses/{course_id}")
    link = {
        "objective_id": course["objectives"][0]["id"],
        "modules": [module["id"]],
        "assessments": [activity["id"]],
    }
    wanted = {"objectives": [link]}
    version = trainer.send("PUT", f"/courses/{course_id}/alignment", wanted, version=course["version"])[
        "version"
    ]
    stale = trainer.post(f"/courses/{course_id}/publish", status=412, version=version - 1)
    assert stale["code"] == "stale"
    trainer.post(f"/courses/{course_id}/publish", version=version)


def learn(learner: Client, product: Product, course_id: str) -> None:
    learner.post(f"/courses/{course_id}/enrol")
    outline = learner.get(f"/courses/{course_id}/learning")
    text, h5p = outline["modules"][0]["units"][0]["activities"]

    read = learner.post(f"/courses/{course_id}/activities/{text['id']}/open")
    assert "<script" not in read["html"]
    learner.post(f"/activities/{text['id']}/viewed")

    opened = learner.post(f"/courses/{course_id}/activities/{h5p['id']}/open")
    page = httpx.get(product.content_url + opened["play"]["path"], follow_redirects=True)
    assert page.status_code == 200
    assert "frame-ancestors " + product.url in page.headers["content-security-policy"]
    assert "set-cookie" not in page.headers

    statement = {
        "id": "018f6f0e-7d1a-4c3e-9a51-2f6f0b5d4a10",
        "actor": {"mbox": "mailto:someone@else.example", "name": "Someone Else"},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
        "object": {"id": "https://example.org/x"},
        "result": {"completion": True, "score": {"min": 0, "max": 4, "raw": 3, "scaled": 0.75}},
    }
    done = learner.post(f"/activities/{h5p['id']}/statements", {"statement": statement})
    assert (done["completed"], done["score"], done["course_completed"]) == (True, 0.75, True)
    repeated = learner.post(f"/activities/{h5p['id']}/statements", {"statement": statement})
    assert repeated["course_completed"] is False
    assert learner.get(f"/courses/{course_id}/learning")["progress"] == 1


def completed_loop(client: Client, need_id: str) -> dict[str, Any] | None:
    loop: dict[str, Any] = client.get(f"/needs/{need_id}/loop")
    return loop if loop["completions"]["value"] == 1 and loop["enrolments"]["value"] == 1 else None


def heard(client: Client, kind: str, subject: str) -> bool:
    items = client.get("/notifications")["items"]
    return any(item["kind"] == kind and subject in str(item["params"]) + item["href"] for item in items)


def test_unknown_and_foreign_ids_look_alike(story: Story) -> None:
    draft = story.coordinator.post("/surveys", {"template_id": "borich"}, status=201)
    paths = [f"/surveys/{draft['id']}", "/surveys/018f6f0e-7d1a-7c3e-9a51-2f6f0b5d4a10"]

    answers = [story.learner.http.get(f"/api/v1{path}", headers=story.learner.headers) for path in paths]

    assert [answer.status_code for answer in answers] == [404, 404]
    bodies = [{k: v for k, v in answer.json().items() if k != "request_id"} for answer in answers]
    assert bodies[0] == bodies[1]


def test_too_few_answers_are_refused_with_the_reason(product: Product, story: Story) -> None:
    survey = launch(story.coordinator)
    load_answers(product.url, survey["id"], members=4, say=lambda _line: None)
    story.coordinator.post(f"/surveys/{survey['id']}/close")

    results = until(lambda: ready(story.coordinator, survey["id"]), 60)

    assert results["status"] == "refused"
    assert results["reason"] == {"code": "too-few-responses", "n": 4, "minimum": 5}
    assert results["items"] == []


@pytest.mark.parametrize("language", ["fr", "en"])
def test_invalid_package_is_refused_in_the_readers_language(
    product: Product, story: Story, language: str
) -> None:
    from shared.testing.plugin import SHARED_H5P

    trainer = Client(product.url, "trainer", language=language)
    course = trainer.post("/courses", {"title": {"fr": "Essai", "en": "Trial"}})
    module = trainer.post(f"/courses/{course['id']}/modules", {"title": {"fr": "M", "en": "M"}})
    unit = trainer.post(f"/modules/{module['id']}/units", {"title": {"fr": "U", "en": "U"}})
    activity = trainer.post(
        f"/units/{unit['id']}/activities", {"title": {"fr": "A", "en": "A"}, "kind": "h5p"}
    )
    for path in sorted((SHARED_H5P / "invalid").glob("*.h5p")):
        upload = trainer.http.post(
            "/api/v1/uploads", content=path.read_bytes(), headers=trainer.headers | {"X-Filename": path.name}
        )
        body = {"upload_id": upload.json()["upload_id"]}
        answer = trainer.post(f"/activities/{activity['id']}/h5p", body, status=422)
        assert answer["code"] == "h5p-refused"
        assert all(problem["message"] for problem in answer["errors"])
    trainer.close()
