"""Asking some people and reaching them, through the REST API in both modes: audience, reminder, link, coverage."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.e2e.client import Client, until
from tests.e2e.product import Product

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]


@pytest.fixture
def people(product: Product) -> Any:
    found = {who: Client(product.url, who) for who in ("learner", "trainer", "coordinator")}
    yield found
    for client in found.values():
        client.close()


def launched(coordinator: Client, **more: Any) -> dict[str, Any]:
    closes = (datetime.now(UTC) + timedelta(days=14)).isoformat(timespec="seconds")
    draft = coordinator.post("/surveys", {"template_id": "borich", "closes_at": closes} | more, status=201)
    found: dict[str, Any] = coordinator.post(f"/surveys/{draft['id']}/launch", version=draft["version"])
    return found


def heard(client: Client, kind: str, survey_id: str) -> bool:
    items = client.get("/notifications", limit=50)["items"]
    return any(one["kind"] == kind and one["params"]["survey_id"] == survey_id for one in items)


def test_those_asked_are_reached_reminded_and_counted(product: Product, people: dict[str, Client]) -> None:
    learner, trainer, coordinator = (people[who] for who in ("learner", "trainer", "coordinator"))
    # Of the demo's leads, Maude works in Québec and Daniel in Ontario; forty members live all over.
    count = until(lambda: coordinator.get("/survey-audience", province="QC")["value"])
    survey = launched(
        coordinator, audience={"province": ["QC"]}, anonymity="confidential", groups=["province"]
    )
    path = f"/surveys/{survey['id']}"
    until(lambda: heard(learner, "survey-launched", survey["id"]))
    assert not heard(trainer, "survey-launched", survey["id"])
    hidden = trainer.http.get(f"/api/v1{path}", headers=trainer.headers)
    assert hidden.status_code == 404

    answers = {item["code"]: {"importance": 4, "ability": 2} for item in survey["items"]}
    made = coordinator.post(f"{path}/links", {"count": 2, "label": "E2E"}, status=201)
    body = {"secret": made["secrets"][0], "answers": answers, "language": "en"}
    with httpx.Client(base_url=f"{product.url}/api/v1", timeout=30) as nobody:
        half = {code: answers[code] for code in list(answers)[:2]}
        assert nobody.post("/survey-links/draft", json=body | {"answers": half}).json()["answered"] == 2
        assert (
            nobody.post("/survey-links/open", json={"secret": body["secret"]}).json()["draft"]["answers"]
            == half
        )
        assert nobody.post("/survey-links/submit", json=body).status_code == 201
        assert nobody.post("/survey-links/submit", json=body).json()["code"] == "link-used"
    progress = coordinator.get(f"{path}/progress")
    assert (progress["responses"], progress["invited"]) == (1, count + 2)

    reminders = coordinator.post(f"{path}/reminders")
    assert (reminders["left"], reminders["items"][0]["reached"]) == (2, count)
    until(lambda: heard(learner, "survey-reminder", survey["id"]))
    learner.post(f"{path}/responses", {"answers": answers, "language": "fr"}, status=201)
    assert learner.get(f"{path}/responses/mine")["answers"] == answers
    again = coordinator.post(f"{path}/reminders", status=409)
    assert again["code"] == "reminder-too-soon"
    coverage = coordinator.get(f"{path}/coverage")
    assert (coverage["exact"], coverage["drafts"]["value"]) == (False, 0)
