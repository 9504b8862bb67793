"""Parts of a course dragged to another place in a real browser, and a conflict that loses nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.e2e.client import Client
from tests.e2e.product import Product
from tests.e2e.test_pages import signed_in

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(300),
    pytest.mark.parametrize("product", ["embedded"], indirect=True),
]


@pytest.fixture
def browser(chromium_path: Any) -> Iterator[Browser]:
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=str(chromium_path))
        yield started
        started.close()


def written(trainer: Client) -> tuple[str, list[str]]:
    """A draft with three short texts: its id and theirs."""
    course = trainer.post("/courses", {"title": {"fr": "Glisser", "en": "Dragging"}})
    module = trainer.post(f"/courses/{course['id']}/modules", {"title": {"fr": "M", "en": "M"}})
    unit = trainer.post(f"/modules/{module['id']}/units", {"title": {"fr": "U", "en": "U"}})
    made = [
        trainer.post(f"/units/{unit['id']}/activities", {
            "title": {"fr": name, "en": name}, "kind": "text", "body": {"fr": "Un texte", "en": "A text"},
        })["id"]
        for name in "abc"
    ]  # fmt: skip
    return course["id"], made


def test_a_part_is_dragged_and_an_edit_conflict_shows_both_texts(product: Product, browser: Browser) -> None:
    trainer = Client(product.url, "trainer")
    course_id, made = written(trainer)
    page = signed_in(browser, product, "trainer", "en").pages[0]
    page.set_viewport_size({"width": 1280, "height": 1600})
    page.goto(f"{product.url}/studio/courses/{course_id}")
    pieces = page.locator("[data-part=activity]")
    with page.expect_navigation():
        pieces.nth(2).locator(".handle").drag_to(pieces.nth(0), target_position={"x": 40, "y": 6})
    expect(pieces.nth(0)).to_have_attribute("data-id", made[2])
    units = trainer.get(f"/courses/{course_id}")["modules"][0]["units"]
    assert [step["id"] for step in units[0]["activities"]] == [made[2], made[0], made[1]]

    page.goto(f"{product.url}/studio/activities/{made[0]}")
    version = trainer.get(f"/courses/{course_id}")["version"]
    theirs = {"body": {"fr": "Un texte", "en": "A text from the API"}}
    trainer.send("PUT", f"/activities/{made[0]}/text", theirs, version=version)
    page.fill("[name=body_en]", "A text from the page")
    with page.expect_navigation():
        page.locator("form.writer button.button--primary").click()
    expect(page.locator(".compare del")).to_contain_text("API")
    expect(page.locator(".compare ins")).to_contain_text("page")
    expect(page.locator("[name=body_en]")).to_have_value("A text from the page")
    with page.expect_navigation():
        page.locator("form.writer button.button--primary").click()
    assert trainer.get(f"/activities/{made[0]}")["body"]["en"] == "A text from the page"
    trainer.close()
