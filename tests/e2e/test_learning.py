"""The learner's way in a browser: attention is counted, what is closed says why, a freed seat is announced."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from gateway.demo.people import LEADS, PASSWORD
from tests.integration.courses.test_rest import Person
from tests.unit.courses.support import pair
from tests.unit.gateway.conftest import Site, site
from tests.unit.surveys.support import Desk as SurveyDesk

__all__ = ["site"]
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]
ATTENTION = 20


@pytest.fixture
def browser(chromium_path: Any) -> Iterator[Browser]:
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=str(chromium_path), args=["--no-sandbox"])
        yield started
        started.close()


def match(edit: Any) -> dict[str, str]:
    return {"If-Match": f'"{edit["version"]}"'}


@pytest.fixture(scope="module")
def course(site: Site) -> dict[str, str]:
    """Published: a text that wants attention, and one that comes after it."""
    trainer, need = Person(site.client("trainer")), SurveyDesk(site.harness).first_need()["id"]
    made = trainer.send("POST", "/courses", 201, json={"title": pair("Course"), "need_id": need})
    path = f"/courses/{made['id']}"
    module = trainer.send("POST", f"{path}/modules", 201, json={"title": pair("Module")})
    unit = trainer.send("POST", f"/modules/{module['id']}/units", 201, json={"title": pair("Unit")})
    first, second = (
        trainer.send("POST", f"/units/{unit['id']}/activities", 201,
                     json={"title": pair(name), "kind": "text", "body": pair("Text")})["id"]
        for name in ("Look", "Then")
    )  # fmt: skip
    aim = {"text": pair("Aim"), "bloom": "apply", "need_id": need, "assessments": [first]}
    edit = trainer.send("POST", f"{path}/objectives", 201, json=aim)
    rule = {"completion": "dwell", "seconds": ATTENTION}
    edit = trainer.send("PUT", f"/activities/{first}/completion", json=rule, headers=match(edit))
    edit = trainer.send("PUT", f"/items/{second}/gate", json={"after": [first]}, headers=match(edit))
    trainer.send("POST", f"{path}/publish", json={}, headers=match(edit))
    return {"path": path, "first": first, "second": second}


def signed_in(browser: Browser, site: Site, who: str) -> Page:
    person = next(person for person in LEADS if person.key == who)
    page = browser.new_context(base_url=site.url).new_page()
    page.goto("/sign-in")
    page.locator("input[type=email]").fill(person.profile()["email"])
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("input[type=password]").press("Enter")
    page.wait_for_url(f"{site.url}/")
    return page


def test_attention_completes_an_activity_and_opens_the_next(
    site: Site, browser: Browser, course: dict[str, str]
) -> None:
    learner = Person(site.client("learner"))
    learner.send("POST", f"{course['path']}/enrol", 201)
    page = signed_in(browser, site, "learner")
    closed = page.goto(f"{course['path']}/learn/{course['second']}")
    assert closed is not None
    assert closed.status == 409
    expect(page.locator("main .callout")).to_contain_text("Look")
    page.goto(f"{course['path']}/learn/{course['first']}")
    expect(page.locator("[data-lesson-done]")).to_be_hidden()
    site.harness.clock.advance(timedelta(minutes=1))  # time stands still here but for this
    with page.expect_response("**/attention", timeout=40_000) as beat:
        pass
    assert beat.value.json()["dwell"] >= 15  # as the page was looked at, not as the clock went
    site.harness.clock.advance(timedelta(minutes=1))
    expect(page.locator("[data-lesson-done]")).to_be_visible(timeout=40_000)
    opened = page.goto(f"{course['path']}/learn/{course['second']}")
    assert opened is not None
    assert opened.status == 200
    page.context.close()


def test_a_freed_seat_is_announced_to_who_waited(
    site: Site, browser: Browser, course: dict[str, str]
) -> None:
    coordinator, trainer = Person(site.client("coordinator")), Person(site.client("trainer"))
    days = {"starts_on": "2026-01-05", "ends_on": "2100-01-01", "time_zone": "America/Halifax"}
    made = coordinator.send(
        "POST", f"{course['path']}/cohorts", 201, json={"name": pair("C"), "seats": 1, **days}
    )
    enrol = f"{course['path']}/enrol?cohort_id={made['id']}"
    assert coordinator.send("POST", enrol, 201)["waiting"] is None
    assert trainer.send("POST", enrol, 201)["waiting"] == 1
    page = signed_in(browser, site, "coordinator")
    page.goto(f"{course['path']}/leave")
    page.locator("main form button").first.click()
    page.wait_for_url(f"**{course['path']}")
    site.harness.drain()
    told = trainer.send("GET", "/notifications")["items"]
    assert "seat-given" in [one["kind"] for one in told]
    page.context.close()


def test_pages_of_cohorts_and_reports_open_for_their_readers(
    site: Site, browser: Browser, course: dict[str, str]
) -> None:
    coordinator, learner = Person(site.client("coordinator")), Person(site.client("learner"))
    days = {"starts_on": "2090-01-05", "ends_on": "2100-01-01", "time_zone": "America/Halifax"}
    made = coordinator.send(
        "POST", f"{course['path']}/cohorts", 201, json={"name": pair("D"), "seats": 1, **days}
    )
    learner.send("POST", f"{course['path']}/enrol", 201)
    studio = f"/studio{course['path']}"
    pages = {
        "trainer": (f"{studio}/cohorts", f"/studio/cohorts/{made['id']}", f"/studio/cohorts/{made['id']}/delete",
                    f"{studio}/order", f"{studio}/order/{course['second']}", f"{studio}/roster?state=stuck",
                    f"{studio}/roster.csv", f"{studio}/questions", f"{studio}/questions.csv",
                    f"/studio/activities/{course['first']}/questions"),
        "learner": (course["path"], f"{course['path']}/leave", "/learning"),
        "coordinator": ("/programme/learning", "/programme/learning?by=course", "/programme/learning.csv"),
    }  # fmt: skip
    for who, addresses in pages.items():
        page = signed_in(browser, site, who)
        found = {address: page.request.get(address).status for address in addresses}
        assert found == dict.fromkeys(addresses, 200), who
        page.context.close()
