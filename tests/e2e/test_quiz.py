"""Quizzes in headless Chromium: written without scripts, taken with keys and without scripts, ended by the clock."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.e2e.client import Client
from tests.e2e.product import Product
from tests.unit.courses.quiz_support import GIVEN

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(200),
    pytest.mark.parametrize("product", ["embedded"], indirect=True),
]


def pair(text: str) -> dict[str, str]:
    return {"fr": f"{text} (fr)", "en": text}


@dataclass
class Course:
    """A published course of quizzes, by name."""

    product: Product
    id: str
    quizzes: dict[str, str]

    def lesson(self, name: str) -> str:
        return f"{self.product.url}/courses/{self.id}/learn/{self.quizzes[name]}"

    def studio(self, name: str) -> str:
        return f"{self.product.url}/studio/activities/{self.quizzes[name]}"


RULES: dict[str, dict[str, Any]] = {
    "keys": {"shuffle_options": False},
    "plain": {"paging": "one", "pass_mark": 0.1},
    "timed": {"time_limit": 10},
}


@pytest.fixture(scope="module")
def course(product: Product) -> Course:
    trainer, learner = Client(product.url, "trainer"), Client(product.url, "learner")
    made = trainer.post("/courses", {"title": pair("Quizzes"), "summary": pair("About")})["id"]
    module = trainer.post(f"/courses/{made}/modules", {"title": pair("Module")})["id"]
    unit = trainer.post(f"/modules/{module}/units", {"title": pair("Unit")})["id"]
    ids = {}
    for name, rules in RULES.items():
        added = trainer.post(f"/units/{unit}/activities", {"title": pair(f"Quiz {name}"), "kind": "quiz"})
        kinds = ("single", "ordering", "short") if name == "timed" else tuple(GIVEN)
        body = {"entries": [{"kind": "own", "question": GIVEN[kind]} for kind in kinds], "rules": rules}
        trainer.send("PUT", f"/activities/{added['id']}/quiz/draft", body, version=added["version"])
        ids[name] = added["id"]
    need = trainer.get("/needs", limit=1)["items"][0]["id"]
    objective = {
        "text": pair("Objective"),
        "bloom": "apply",
        "need_id": need,
        "assessments": [ids["keys"]],
    }
    trainer.post(f"/courses/{made}/objectives", objective)
    trainer.post(f"/courses/{made}/publish", {}, version=trainer.get(f"/courses/{made}")["version"])
    learner.post(f"/courses/{made}/enrol")
    for client in (trainer, learner):
        client.close()
    return Course(product, made, ids)


@pytest.fixture(scope="module")
def browser(chromium_path: Any) -> Iterator[Browser]:
    with sync_playwright() as driver:
        started = driver.chromium.launch(
            executable_path=str(chromium_path), args=["--no-sandbox", "--disable-gpu"]
        )
        yield started
        started.close()


def signed_in(browser: Browser, product: Product, role: str, *, scripts: bool = True) -> Page:
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, locale="en-CA", java_script_enabled=scripts
    )
    page = context.new_page()
    page.goto(f"{product.url}/sign-in")
    page.click(f"button[name=role][value={role}]")
    page.wait_for_url(f"{product.url}/")
    if page.locator("html").get_attribute("lang") != "en-CA":
        page.locator("form[action='/language'] button").first.click()
        page.wait_for_load_state()
    return page


def question(page: Page, kind: str) -> Any:
    return page.locator(f"[data-question='{kind}']")


def test_keys_alone_take_a_quiz_and_a_reload_keeps_every_answer(browser: Browser, course: Course) -> None:
    page = signed_in(browser, course.product, "learner")
    page.goto(course.lesson("keys"))
    page.locator("form[action$='/start'] button").press("Enter")
    page.wait_for_url(re.compile(r"/quiz/attempts/"))
    single = question(page, "single").get_by_label("B (en)")
    single.press("Space")
    question(page, "numeric").locator("input[type=text]").fill("12,5 km")
    vignette = question(page, "vignette").locator("input[type=radio]")
    vignette.nth(3).press("Space")
    order = question(page, "ordering").locator("[data-order]")
    for step in ("Step 3", "Step 2", "Step 1", "Step 0"):  # each up to the top in turn: the right order
        up = order.locator("li", has_text=step).locator("[data-step='-1']")
        for _ in range(3):
            up.press("Enter")
    expect(page.locator("[data-autosave-status][data-state=saved]")).to_be_visible()
    page.reload()
    expect(question(page, "single").get_by_label("B (en)")).to_be_checked()
    expect(question(page, "numeric").locator("input[type=text]")).to_have_value("12,5 km")
    kept = question(page, "ordering").locator("[data-order] label").all_inner_texts()
    assert [text[:6] for text in kept] == ["Step 0", "Step 1", "Step 2", "Step 3"]
    page.locator("button[value=check]").press("Enter")
    expect(page.locator(".quiz-open a")).to_have_count(4)
    page.locator("main form[action$='/submit'] button").press("Enter")
    expect(page.locator(".quiz-figure")).to_have_text("50%")
    expect(page.locator(".quiz-mark .badge--voice")).to_have_count(4)
    page.context.close()


def test_without_scripts_a_quiz_is_taken_one_question_at_a_time(browser: Browser, course: Course) -> None:
    page = signed_in(browser, course.product, "learner", scripts=False)
    page.goto(course.lesson("plain"))
    page.locator("form[action$='/start'] button").click()
    for number in range(1, 9):
        expect(page.locator(".quiz-question")).to_have_count(1)
        _fill(page)
        page.locator(
            f"main button[value='{number + 1}']" if number < 8 else "main button[value=check]"
        ).last.click()
    expect(page.locator(".quiz-open")).to_have_count(0)
    page.locator("main form[action$='/submit'] button").click()
    expect(page.locator(".quiz-result .badge--voice")).to_have_count(1)
    expect(page.locator(".quiz-reviewed")).to_have_count(8)
    page.goto(course.lesson("plain"))
    expect(page.locator("[data-lesson-done]")).to_be_visible()
    page.context.close()


def _fill(page: Page) -> None:
    """Some answer, and for most kinds the right one."""
    shown = page.locator(".quiz-question")
    kind = shown.get_attribute("data-question")
    if kind == "short":
        shown.locator("input[type=text]").fill("EQUITE secret")
    elif kind == "numeric":
        shown.locator("input[type=text]").fill("12.5")
    elif kind == "matching":
        for row in shown.locator(".quiz-pair").all():
            row.locator("select").select_option(label=row.locator("label").inner_text().replace("L", "R"))
    elif kind == "ordering":
        for row in shown.locator(".quiz-order-row").all():
            step = int(row.locator("label").inner_text().split()[1])
            row.locator("select").select_option(str(step + 1))
    else:
        shown.locator("input:not([type=hidden])").nth(1).check()


def test_when_time_is_over_the_page_submits_what_it_holds(browser: Browser, course: Course) -> None:
    page = signed_in(browser, course.product, "learner")
    page.clock.install()
    page.goto(course.lesson("timed"))
    page.locator("form[action$='/start'] button").click()
    page.wait_for_url(re.compile(r"/quiz/attempts/"))
    question(page, "single").get_by_label("B (en)").check()
    page.clock.fast_forward("05:30")
    expect(page.locator("[data-quiz-timer]")).to_have_class(re.compile("is-soon"))
    expect(page.locator("[data-quiz-said]")).to_have_text("5 minutes left. What is saved will count.")
    page.clock.fast_forward("04:40")
    expect(page.locator(".quiz-figure")).to_have_text("33%")
    page.context.close()


def test_a_trainer_writes_questions_without_scripts(browser: Browser, course: Course) -> None:
    page = signed_in(browser, course.product, "trainer", scripts=False)
    place = course.studio("timed")
    page.goto(f"{place}/questions/new?kind=single")
    page.fill("#stem_fr", "Quelle couleur?")
    page.fill("#options-0-text_fr", "Rouge")
    page.fill("#options-3-text_fr", "Bleu")
    page.locator("main button[name=do][value=save]").last.click()
    expect(page.locator("[data-error-summary]")).to_contain_text("Mark at least one right answer.")
    page.check("#correct-3")
    page.fill("#options-0-text_en", "Red")
    page.locator("main button[name=do][value='row:options']").click()
    expect(page.locator(".quiz-row")).to_have_count(5)
    expect(page.locator("#options-3-text_fr")).to_have_value("Bleu")
    expect(page.locator("#correct-3")).to_be_checked()
    page.locator("main button[name=do][value=save]").last.click()
    rows = page.locator(".quiz-entry-row")
    expect(rows).to_have_count(4)
    expect(rows.nth(3)).to_contain_text("Quelle couleur?")
    expect(rows.nth(3).locator(".badge--needs")).to_have_count(1)  # English is missing
    rows.nth(3).locator("button[value^=up]").click()
    expect(rows.nth(2)).to_contain_text("Quelle couleur?")
    rows.nth(2).locator("button[value^=delete]").click()
    expect(rows).to_have_count(3)
    page.fill("#attempts", "0")
    page.select_option("#show_answers", "last")
    page.locator("#rules button").last.click()
    expect(page.locator("[data-error-summary]")).to_contain_text("Limit the attempts")
    page.context.close()


def test_a_trainer_picks_from_the_bank_and_drags_it_to_its_place(browser: Browser, course: Course) -> None:
    page = signed_in(browser, course.product, "trainer")
    page.goto(f"{course.studio('timed')}/bank")
    page.locator("input[name=question]").first.check()
    page.locator("main form[method=post] button").last.click()
    rows = page.locator(".quiz-entry-row")
    expect(rows).to_have_count(4)
    picked = rows.nth(3).get_attribute("data-entry")
    grip, first = rows.nth(3).locator("[data-grip]").bounding_box(), rows.nth(0).bounding_box()
    assert grip is not None
    assert first is not None
    page.mouse.move(grip["x"] + 8, grip["y"] + 8)
    page.mouse.down()
    for at in (2, 1, 0):
        box = rows.nth(at).bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 20, box["y"] + 4)
    page.mouse.move(first["x"] + 20, first["y"] + 2)
    with page.expect_navigation():
        page.mouse.up()
    assert rows.nth(0).get_attribute("data-entry") == picked
    page.context.close()
