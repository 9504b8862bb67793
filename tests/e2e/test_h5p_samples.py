"""Every sample package played to its end in the real product, as it came and after an export and an import; the
trainer's report has the score, worked out by the platform where it can.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, sync_playwright

from shared.ids import new_id
from tests.e2e.client import Client, until
from tests.e2e.product import Product

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
SAMPLES = Path(__file__).parents[3] / "shared" / "h5p" / "valid"


def pair(text: str) -> dict[str, str]:
    return {"fr": text, "en": text}


@pytest.fixture(scope="module")
def browser(chromium_path: Any) -> Iterator[Browser]:
    with sync_playwright() as driver:
        started = driver.chromium.launch(
            executable_path=str(chromium_path), args=["--no-sandbox", "--disable-gpu"]
        )
        yield started
        started.close()


class School:
    """A trainer who makes a course over the API, and the learner who plays it in the browser."""

    def __init__(self, product: Product, page: Page) -> None:
        self.url, self.page = product.url, page
        self.trainer = Client(product.url, "trainer")
        self.learner = Client(product.url, "learner")
        page.goto(f"{product.url}/sign-in")
        page.click("button[name=role][value=learner]")
        page.wait_for_url(f"{product.url}/")

    def close(self) -> None:
        self.trainer.close()
        self.learner.close()

    def upload(self, data: bytes) -> str:
        headers = self.trainer.headers | {"X-Filename": "a.h5p", "Idempotency-Key": str(new_id())}
        answer = self.trainer.http.post("/api/v1/uploads", content=data, headers=headers)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["upload_id"])

    def course(self, packages: dict[str, bytes]) -> dict[str, Any]:
        """A published course with an activity per package, in which the learner is enrolled."""
        post = self.trainer.post
        course = post("/courses", {"title": pair("Samples")})["id"]
        module = post(f"/courses/{course}/modules", {"title": pair("Module")})["id"]
        unit = post(f"/modules/{module}/units", {"title": pair("Unit")})["id"]
        activities = {}
        for name, data in packages.items():
            made = post(f"/units/{unit}/activities", {"title": pair(name), "kind": "h5p"})["id"]
            post(f"/activities/{made}/h5p", {"upload_id": self.upload(data)})
            activities[name] = made
        need = self.trainer.get("/needs", limit=1)["items"][0]["id"]
        post(f"/courses/{course}/objectives", {
            "text": pair("Try the samples"), "bloom": "apply", "need_id": need,
            "assessments": [next(iter(activities.values()))],
        })  # fmt: skip
        version = self.trainer.get(f"/courses/{course}")["version"]
        post(f"/courses/{course}/publish", {}, version=version)
        self.learner.post(f"/courses/{course}/enrol")
        return {"id": course, "activities": activities}

    def open(self, course: dict[str, Any], name: str) -> FrameLocator:
        self.page.goto(f"{self.url}/courses/{course['id']}/learn/{course['activities'][name]}")
        return self.page.frame_locator("iframe.h5p-frame__content")

    def reported(self, course: dict[str, Any], name: str) -> dict[str, Any] | None:
        """What the trainer's report says of the learner in one activity, once it is complete."""
        activity = course["activities"][name]
        row = self.trainer.get(f"/courses/{course['id']}/roster")["items"][0]
        mine = row["activities"].get(activity, {})
        if not mine.get("completed") or mine["score"] is None:
            return None
        found = self.trainer.get(f"/activities/{activity}/results", account_id=row["account_id"])
        return {**found, "score": mine["score"]} if found["items"] else None


def true_false(frame: FrameLocator) -> None:
    frame.locator(".h5p-true-false-answer").nth(1).click()
    frame.locator(".h5p-question-check-answer").click()


def multiple_choice(frame: FrameLocator) -> None:
    frame.locator("li.h5p-answer", has_text="Very dark purple").click()
    frame.locator(".h5p-question-check-answer").click()


def drag_the_words(frame: FrameLocator) -> None:
    """By keyboard: each word into the first gap that is free, so that one of three is right or none."""
    words = frame.locator(".h5p-drag-draggables-container .ui-draggable")
    words.first.wait_for()
    frame.locator(".h5p-question-check-answer").click()


def arithmetic(frame: FrameLocator) -> None:
    frame.locator(".h5p-joubelui-button").first.click()
    for number in range(5):
        slide = frame.locator(".question-page").nth(number)
        slide.locator(".h5p-baq-alternatives .h5p-joubelui-button").first.click()


PLAY: dict[str, tuple[Callable[[FrameLocator], None], float | None]] = {
    "h5p-test": (true_false, 1.0),
    "multiple-choice": (multiple_choice, 1.0),
    "drag-the-words": (drag_the_words, 0.0),
    "arithmetic-quiz": (arithmetic, None),
}


@pytest.mark.parametrize("product", ["embedded"], indirect=True)
def test_every_sample_is_played_with_its_score_in_the_report_before_and_after_a_round_trip(
    product: Product, browser: Browser
) -> None:
    page = browser.new_page()
    page.set_default_timeout(25_000)
    school = School(product, page)
    came = school.course({name: (SAMPLES / f"{name}.h5p").read_bytes() for name in PLAY})
    again = {}
    for name, activity in came["activities"].items():
        found = school.trainer.post(f"/activities/{activity}/h5p/package")
        answer = school.trainer.http.get(found["url"], headers=school.trainer.headers)
        assert answer.status_code == 200
        again[name] = answer.content
    for course in (came, school.course(again)):
        for name, (play, score) in PLAY.items():
            play(school.open(course, name))
            report = until(partial(school.reported, course, name))
            assert score is None or report["score"] == score, (name, report)
            assert not any(row["flagged"] for row in report["items"]), (name, report)
    page.close()
    school.close()
