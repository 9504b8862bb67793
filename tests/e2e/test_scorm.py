"""SCORM packages of our own, uploaded in the studio and played in headless Chromium from the content origin."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, FrameLocator, Page, expect, sync_playwright

from tests.e2e.client import Client
from tests.e2e.product import Product
from tests.e2e.test_story_browser import CHROMIUM
from tests.unit.courses.scorm_packages import packed, scorm_12, scorm_2004
from tests.unit.courses.support import pair

SAVED = re.compile("Saved|Enregistré")
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(300),
    # Embedded is enough: what differs between the modes is behind the calls that unit tests make.
    pytest.mark.parametrize("product", ["embedded"], indirect=True),
]


@pytest.fixture(scope="module")
def browser(chromium_path: Any) -> Iterator[Browser]:
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=str(chromium_path), args=list(CHROMIUM))
        yield started
        started.close()


class Seat:
    """One person's page; notes every script error and policy violation."""

    def __init__(self, browser: Browser, product: Product, role: str) -> None:
        self.url, self.problems = product.url, list[str]()
        self.page: Page = browser.new_context(locale="en-CA").new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.goto(f"{self.url}/sign-in")
        self.page.click(f"button[name=role][value={role}]")
        self.page.wait_for_url(f"{self.url}/")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.problems.append(message.text[:200])

    def content(self) -> FrameLocator:
        """The SCORM content: a frame in the frame of the content origin."""
        return self.page.frame_locator(".player iframe").frame_locator(".scorm-stage iframe")

    def saved(self) -> None:
        """The page has said that the server has it."""
        expect(self.page.locator(".h5p-frame__status")).to_have_text(SAVED, timeout=15_000)


def course_with(product: Product, seat: Seat, data: bytes, folder: Path) -> tuple[str, str]:
    """(course id, activity id): made by the trainer, the package uploaded in the studio; not published."""
    trainer = Client(product.url, "trainer")
    course = trainer.post("/courses", {"title": pair("SCORM")})["id"]
    module = trainer.post(f"/courses/{course}/modules", {"title": pair("M")})["id"]
    unit = trainer.post(f"/modules/{module}/units", {"title": pair("U")})["id"]
    activity = trainer.post(f"/units/{unit}/activities", {"title": pair("Package"), "kind": "scorm"})["id"]
    need = trainer.get("/needs", limit=1)["items"][0]["id"]
    aim = {"text": pair("Objective"), "bloom": "apply", "need_id": need, "assessments": [activity]}
    trainer.post(f"/courses/{course}/objectives", aim)
    trainer.close()
    upload(seat, activity, data, folder)
    return course, activity


def upload(seat: Seat, activity: str, data: bytes, folder: Path) -> None:
    package = folder / "package.zip"
    package.write_bytes(data)
    seat.page.goto(f"{seat.url}/studio/activities/{activity}")
    seat.page.set_input_files("input[type=file]", str(package))
    seat.page.click("form[action$='/scorm'] button[type=submit]")


def publish(product: Product, course: str, seat: Seat) -> None:
    trainer = Client(product.url, "trainer")
    version = trainer.get(f"/courses/{course}")["version"]
    trainer.post(f"/courses/{course}/publish", version=version)
    trainer.close()
    learner = Client(product.url, "learner")
    learner.post(f"/courses/{course}/enrol")
    learner.close()


def attempt_of(product: Product, course: str) -> Any:
    learner = Client(product.url, "learner")
    found = learner.get(f"/courses/{course}/learning")
    learner.close()
    return found["modules"][0]["units"][0]["activities"][0]


def test_scorm_12_plays_resumes_and_gives_its_score(
    product: Product, browser: Browser, tmp_path: Path
) -> None:
    trainer, learner = Seat(browser, product, "trainer"), Seat(browser, product, "learner")
    course, activity = course_with(product, trainer, scorm_12(), tmp_path)
    expect(trainer.content().locator("h1")).to_have_text("One page")  # the studio's own look at it
    publish(product, course, trainer)
    address = f"{product.url}/courses/{course}/learn/{activity}"
    learner.page.goto(address)
    expect(learner.content().locator("#said")).to_have_text("at data entry ab-initio")
    learner.content().locator("#half").click()
    learner.saved()
    learner.page.goto(address)
    expect(learner.content().locator("#said")).to_have_text("at page-2 data kept entry")
    learner.content().locator("#done").click()
    expect(learner.page.locator("[data-lesson-done]")).to_be_visible(timeout=15_000)
    found = attempt_of(product, course)
    assert (found["completed"], found["score"]) == (True, 0.8)
    assert trainer.problems + learner.problems == []


def test_scorm_2004_with_two_items_completes_when_both_are_done(
    product: Product, browser: Browser, tmp_path: Path
) -> None:
    trainer, learner = Seat(browser, product, "trainer"), Seat(browser, product, "learner")
    course, activity = course_with(product, trainer, scorm_2004(), tmp_path)
    expect(trainer.content().locator("h1")).to_have_text("Page of 2004")
    publish(product, course, trainer)
    learner.page.goto(f"{product.url}/courses/{course}/learn/{activity}")
    outer = learner.page.frame_locator(".player iframe")
    expect(outer.locator("[data-item]")).to_have_count(2)
    expect(learner.content().locator("#said")).to_contain_text("?mode=a")
    learner.content().locator("#done").click()
    learner.saved()
    assert attempt_of(product, course)["completed"] is False
    outer.locator("[data-item=b]").click()
    expect(learner.content().locator("#said")).not_to_contain_text("mode")
    learner.content().locator("#done").click()
    expect(learner.page.locator("[data-lesson-done]")).to_be_visible(timeout=15_000)
    found = attempt_of(product, course)
    assert (found["completed"], found["score"]) == (True, 0.5)
    assert trainer.problems + learner.problems == []


def test_a_refused_package_says_why_and_content_cannot_reach_the_main_origin(
    product: Product, browser: Browser, tmp_path: Path
) -> None:
    trainer = Seat(browser, product, "trainer")
    _, activity = course_with(product, trainer, packed({"a.html": "x"}), tmp_path)
    expect(trainer.page.locator(".refused")).to_contain_text("imsmanifest.xml")
    page = b"""<!doctype html><title>x</title><p id="out"></p><script>
      const out = [];
      try { out.push('parent ' + parent.parent.document.title); } catch (e) { out.push('parent no'); }
      try { top.location = 'https://example.org/'; out.push('top yes'); } catch (e) { out.push('top no'); }
      out.push('cookie ' + document.cookie.length);
      fetch('%s/api/v1/me', {credentials: 'include'}).then(() => out.push('fetch yes'), () => out.push('fetch no'))
        .then(() => { document.getElementById('out').textContent = out.join(', '); });
    </script>""" % product.url.encode()
    from tests.unit.courses.scorm_packages import manifest_12

    upload(trainer, activity, packed({"imsmanifest.xml": manifest_12(), "one.html": page}), tmp_path)
    out = trainer.content().locator("#out")
    expect(out).to_have_text("parent no, top no, cookie 0, fetch no", timeout=15_000)
    assert trainer.page.url.startswith(product.url)
