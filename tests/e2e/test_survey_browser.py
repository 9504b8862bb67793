"""A survey is built in the browser, then answered with keys alone in both languages, also without a network."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect, sync_playwright

from tests.e2e.product import Product
from tests.e2e.test_pages import CHROMIUM, signed_in

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(600),
    pytest.mark.parametrize("product", ["embedded"], indirect=True),
]
NEEDS = [
    {"code": f"own.{n}", "kind": "pair", "required": True, "text": {"fr": f"Besoin {n}", "en": f"Need {n}"}}
    for n in (1, 2)
]
FILE = {
    "cercle-instrument": 1, "title": {"fr": "Essai du réseau", "en": "Trial of the network"},
    "intro": {"fr": "Deux minutes.", "en": "Two minutes."}, "elements": NEEDS,
}  # fmt: skip


@pytest.fixture(scope="module")
def browser(chromium_path: Any) -> Iterator[Browser]:
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=str(chromium_path), args=list(CHROMIUM))
        yield started
        started.close()


def test_a_survey_is_built_and_answered_with_keys_also_offline(product: Product, browser: Browser) -> None:
    problems: list[str] = []
    author = signed_in(browser, product, "coordinator", "fr").pages[0]
    author.on("pageerror", lambda error: problems.append(str(error)))
    survey_id = build(author, product.url)
    member = signed_in(browser, product, "learner", "fr").pages[0]
    member.on("pageerror", lambda error: problems.append(str(error)))
    answer(member, f"{product.url}/surveys/{survey_id}/answer")
    author.goto(f"{product.url}/surveys/{survey_id}")
    expect(author.locator(".live-number")).to_have_text("1")  # once, however often it was tried
    for page in (author, member):
        page.context.close()
    assert problems == []


def build(page: Page, url: str) -> str:
    page.goto(f"{url}/surveys/new")
    file: FilePayload = {
        "name": "essai.json",
        "mimeType": "application/json",
        "buffer": json.dumps(FILE).encode(),
    }
    page.set_input_files("#file", file)
    page.click("form[action='/surveys/import'] button")
    page.wait_for_url(re.compile(r"/surveys/[0-9a-f-]{36}/edit"))
    add(page, "single", "Votre rôle?", "Your role?", ("Terrain", "Field"), ("Bureau", "Desk"))
    add(page, "long-text", "Racontez : {{single-1}}", "Tell us: {{single-1}}")
    page.click("button[value='test-add']")
    expect(page.locator("[name='if-0_place']")).to_be_focused()
    expect(page.locator("[name='if-0_place']")).to_have_value("single-1")
    page.select_option("[name='if-0_value']", label="Bureau")
    saved(page)
    add(
        page,
        "ranking",
        "Dans quel ordre?",
        "In which order?",
        ("Un", "One"),
        ("Deux", "Two"),
        ("Trois", "Three"),
    )
    add(
        page,
        "maxdiff",
        "Le plus utile?",
        "Most useful?",
        ("Aa", "Aa"),
        ("Bb", "Bb"),
        ("Cc", "Cc"),
        ("Dd", "Dd"),
    )
    page.click("button[value='set-make']")
    expect(page.locator("[data-live=preview] .maxdiff").first).to_be_visible()
    rows = page.locator("[data-outline] > li")
    page.click("button[value='delete:maxdiff-1']")
    expect(rows).to_have_count(5)
    page.locator("[data-undo]").first.click()
    expect(rows).to_have_count(6)
    page.click("button[value='review']")
    page.wait_for_url("**/review")
    assert page.locator("[data-error-summary]").count() == 0
    page.click("form[action$='/launch'] .button--primary")
    page.wait_for_url(re.compile(r"/surveys/[0-9a-f-]{36}$"))
    return page.url.rsplit("/", 1)[1]


def add(page: Page, kind: str, fr: str, en: str, *options: tuple[str, str]) -> None:
    """A question of a kind with its texts, and as many options as given."""
    if not page.locator(f"button[value='add:{kind}']").is_visible():
        page.click("[data-add] > summary")
    page.click(f"button[value='add:{kind}']")
    expect(page.locator("[name=code]")).to_have_value(f"{kind}-1")
    page.fill("#text_fr", fr)
    page.fill("#text_en", en)
    for n, (french, english) in enumerate(options):
        if page.locator(f"#options-{n}_fr").count() == 0:
            page.click("button[value='entry-add:options']")
            page.wait_for_selector(f"#options-{n}_fr")
        page.fill(f"#options-{n}_fr", french)
        page.fill(f"#options-{n}_en", english)
    saved(page)


def saved(page: Page) -> None:
    """The server has what was typed: its outline says so."""
    expect(page.locator("[data-autosave-status]")).to_have_attribute("data-state", "saved", timeout=15_000)
    page.wait_for_timeout(1000)
    expect(page.locator("[data-autosave-status]")).to_have_attribute("data-state", "saved", timeout=15_000)


def answer(page: Page, address: str) -> None:
    page.goto(address)
    told, done = page.locator("[data-element=long-text-1]"), page.locator("[data-done-text]")
    expect(told).to_be_hidden()
    for n in (1, 2):
        press(page, f"#importance-own\\.{n}", "4", "2")  # the focus goes on to the second scale
    press(page, "[id='choice:single-1']", "2")
    expect(told).to_be_visible()
    expect(told).to_contain_text("Bureau")
    place(page, "Trois", "Un")
    expect(page.locator("[data-autosave-status]")).to_have_attribute("data-state", "saved", timeout=15_000)

    write_offline(page)
    in_english(page, told)
    expect(done).to_have_text(re.compile(r"\b6 of 6\b"))
    send_offline(page)


def write_offline(page: Page) -> None:
    page.context.set_offline(True)
    page.locator("[id='value:long-text-1']").focus()
    page.keyboard.type("Une phrase.")
    assert page.input_value("[id='value:long-text-1']") == "Une phrase."
    note = page.locator("[data-offline-note]")
    expect(note).to_be_visible(timeout=15_000)
    assert kept_here(page) == 1
    page.context.set_offline(False)
    expect(note).to_be_hidden(timeout=20_000)
    assert kept_here(page) == 0


def in_english(page: Page, told: Locator) -> None:
    page.locator("form[action='/language'] button").first.click()
    page.wait_for_load_state()
    expect(page.locator("html")).to_have_attribute("lang", "en-CA")
    expect(told).to_contain_text("Tell us: Desk")
    expect(page.locator("[id='value:long-text-1']")).to_have_value("Une phrase.")
    assert page.locator("[data-rank-order] [data-option]").count() == 2
    place(page, "Two")
    for n in range(page.locator("[data-maxdiff]").count()):
        press(page, f"[id='best:maxdiff-1:{n}']", "Space")
        press(page, f"[id='worst:maxdiff-1:{n}']", "ArrowDown")


def send_offline(page: Page) -> None:
    note = page.locator("[data-offline-note]")
    page.context.set_offline(True)
    page.locator("main button[value=send]:visible").focus()
    page.keyboard.press("Enter")
    expect(note).to_be_visible(timeout=15_000)
    page.wait_for_timeout(300)
    page.keyboard.press("Enter")  # again, as people do
    page.context.set_offline(False)
    page.wait_for_url("**/thanks", timeout=30_000)
    assert kept_here(page) == 0


def kept_here(page: Page) -> int:
    """How many surveys this browser keeps answers of."""
    found: int = page.evaluate(
        "Object.keys(localStorage).filter(key => key.startsWith('cercle.survey.')).length"
    )
    return found


def press(page: Page, selector: str, *keys: str) -> None:
    page.locator(selector).focus()
    for key in keys:
        page.keyboard.press(key)


def place(page: Page, *texts: str) -> None:
    """Put options in order with their buttons; the last one is then moved up."""
    for text in texts:
        row = page.locator("[data-rank-pool] [data-option]", has_text=text)
        row.locator("[data-rank-step=add]").focus()
        page.keyboard.press("Enter")
    last = page.locator("[data-rank-order] [data-option]").last
    last.locator("[data-rank-step=up]").focus()
    page.keyboard.press("Enter")
