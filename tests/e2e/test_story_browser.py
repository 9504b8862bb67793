"""The whole story in headless Chromium, as the three people live it: each language, in both modes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from gateway.demo.answers import load_answers
from gateway.demo.seed import package
from shared import i18n
from tests.e2e.product import Product

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
CHROMIUM = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--no-first-run", "--disable-quic")  # fmt: skip
UNTRANSLATED = re.compile(
    r"\b(?:surveys|courses|identity|community|notifications|shell|today|errors|mails)\.[a-z_]+\.[a-z_.]+"
)


@pytest.fixture(scope="module")
def browser(chromium_path: Any) -> Iterator[Browser]:
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=str(chromium_path), args=list(CHROMIUM))
        yield started
        started.close()


class Person:
    """One signed-in person with one page, in one language; notes every script error and policy violation."""

    def __init__(
        self, browser: Browser, product: Product, role: str, language: str, problems: list[str]
    ) -> None:
        self.url, self.role, self.language, self.problems = product.url, role, language, problems
        context = browser.new_context(viewport={"width": 1280, "height": 900}, locale=f"{language}-CA")
        self.page = context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: problems.append(f"{role}: {error}"))
        self.page.goto(f"{self.url}/sign-in")
        self.page.click(f"button[name=role][value={role}]")
        self.page.wait_for_url(f"{self.url}/")
        if self.page.locator("html").get_attribute("lang") != f"{language}-CA":
            self.switch_language()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "422" not in message.text:  # refusals that the story provokes
            self.problems.append(f"{self.role} at {self.page.url}: {message.text[:200]}")

    def say(self, key: str, **params: Any) -> str:
        return i18n.text(self.language, key, **params)

    def goto(self, path: str) -> Page:
        self.page.goto(self.url + path)
        self.checked()
        return self.page

    def checked(self) -> None:
        """Every page is in one language, and shows no key instead of a text."""
        assert self.page.locator("html").get_attribute("lang") in ("fr-CA", "en-CA")
        found = UNTRANSLATED.findall(self.page.locator("body").inner_text())
        assert found == [], f"{self.page.url}: {found}"

    def switch_language(self) -> None:
        self.page.locator("form[action='/language'] button").first.click()
        self.page.wait_for_load_state()

    def primary(self) -> None:
        """The one primary action of the page."""
        with self.page.expect_navigation():
            self.page.locator("main .button--primary:visible").first.click()


def wait_until(page: Page, path: str, look: Callable[[], bool], tries: int = 60) -> None:
    """Reload a page until events have arrived."""
    for _ in range(tries):
        page.goto(path)
        if look():
            return
        page.wait_for_timeout(500)
    raise AssertionError(f"{path}: it did not come")


def test_three_people_live_the_loop(product: Product, browser: Browser) -> None:
    """Each mode in one language: the story through the API lives both modes, the crawl sees both languages."""
    language = "fr" if product.mode == "embedded" else "en"
    problems: list[str] = []
    people = {
        role: Person(browser, product, role, language, problems)
        for role in ("coordinator", "learner", "trainer")
    }
    survey_id = launch_in_five_clicks(people["coordinator"], people["learner"])
    answer(people["learner"], survey_id)
    report = load_answers(product.url, survey_id, say=lambda _line: None)
    assert report.accepted == 40
    need = results(people["coordinator"], survey_id)
    proposal_path = propose(people["coordinator"], need)
    endorse_and_decide(people["learner"], people["coordinator"], proposal_path)
    course_id = author(people["trainer"], need)
    learn(people["learner"], course_id)
    loop_shows(people["learner"], need, course_id)
    mail_came(people["learner"])
    for person in people.values():
        person.page.context.close()
    assert problems == []


def launch_in_five_clicks(coordinator: Person, learner: Person) -> str:
    learner.goto("/")
    bell = learner.page.locator("[data-bell-count]")
    before = bell.inner_text()
    page = coordinator.goto("/needs")
    page.locator("main a[href='/surveys/new']").first.click()  # 1
    coordinator.checked()
    page.click("button[name=template][value=borich]")  # 2
    coordinator.checked()
    page.locator("button[name=do][value=review]:visible").click()  # 3
    coordinator.checked()
    page.locator("form[action$='/launch'] .button--primary").click()  # 4
    page.wait_for_url(re.compile(r"/surveys/[0-9a-f-]{36}$"))
    coordinator.checked()
    # The learner's open page hears of it without being reloaded.
    expect(bell).not_to_have_text(before, timeout=20_000)
    return page.url.rsplit("/", 1)[1]


def answer(learner: Person, survey_id: str) -> None:
    page = learner.goto(f"/surveys/{survey_id}/answer")
    names = page.locator("input[type=radio][name^='importance-']").evaluate_all(
        "list => [...new Set(list.map(one => one.name))]"
    )
    assert len(names) == 12
    for name in names[:6]:
        choose(page, name)
    page.wait_for_timeout(2500)  # autosave
    learner.switch_language()
    assert page.locator("html").get_attribute("lang") != f"{learner.language}-CA"
    assert page.locator("input[type=radio][name^='importance-']:checked").count() == 6
    page.locator("button[name=do][value=send]:visible").click()
    expect(page.locator("[data-error-summary] a").nth(5)).to_be_visible(timeout=15_000)
    for name in names[6:]:
        choose(page, name)
    page.locator("button[name=do][value=send]:visible").click()
    page.wait_for_url(re.compile("/thanks$"), timeout=15_000)
    learner.checked()
    learner.switch_language()


def choose(page: Page, name: str) -> None:
    page.locator(f"input[name='{name}'][value='4']").check(force=True)
    page.locator(f"input[name='{name.replace('importance', 'ability')}'][value='2']").check(force=True)


def results(coordinator: Person, survey_id: str) -> str:
    page = coordinator.goto(f"/surveys/{survey_id}/close")
    page.locator("main .button--danger").first.click()
    page.wait_for_load_state()
    path = f"{coordinator.url}/surveys/{survey_id}/results"
    wait_until(page, path, lambda: page.locator("[data-chart]").count() >= 2)
    coordinator.checked()
    expect(page.locator("[data-chart] canvas").first).to_be_visible(timeout=15_000)
    assert page.locator("figure table, .chart table").count() >= 2
    walk_gaps(page)
    with page.expect_download() as download:
        page.locator("a[href$='.csv']").first.click()
    assert download.value.path().read_bytes().count(b"\n") >= 12
    link = page.locator("main a[href^='/needs/']").first.get_attribute("href") or ""
    return link.split("/")[2]


def walk_gaps(page: Page) -> None:
    """The arrow keys say each gap of the table: to the right group by group, down need by need."""
    wait_until(page, page.url, lambda: page.locator("#gaps [data-chart]").count() > 0)
    chart = page.locator("#gaps")
    canvas, said = chart.locator(".chart-canvas"), chart.locator("[role=status]")
    expect(canvas).to_be_visible(timeout=15_000)
    canvas.focus()
    rows = [line.split("\t") for line in chart.locator("table").evaluate(
        "table => [...table.tBodies[0].rows].map(row => [...row.cells].map(cell => cell.textContent).join('\\t'))"
    )]  # fmt: skip
    shown = [(need, group, gap, low, high) for need, group, gap, low, high, _ in rows if low]
    groups = list(dict.fromkeys(group for _, group, *_ in rows))[:4]
    walked = [row for row in shown if row[1] in groups]
    for row in walked[:3]:
        page.keyboard.press("ArrowRight")
        assert all(part in said.inner_text() for part in row), (row, said.inner_text())
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    below = [row for row in walked if row[1] == walked[0][1]][1]
    assert all(part in said.inner_text() for part in below), (below, said.inner_text())
    page.keyboard.press("Escape")
    expect(said).to_have_text("")


def propose(coordinator: Person, need_id: str) -> str:
    page = coordinator.goto(f"/needs/{need_id}/proposals/new")
    for field in ("title", "rationale", "audience"):
        page.fill(f"[name={field}_fr]", "Une formation courte")
        page.fill(f"[name={field}_en]", "A short course")
    page.locator("input[name=format][value='self-paced']").check(force=True)
    page.fill("[name=effort_hours]", "2")
    page.locator("main form .button--primary").click()
    page.wait_for_url(re.compile(r"/proposals/[0-9a-f-]{36}$"))
    coordinator.checked()
    return page.url.removeprefix(coordinator.url)


def endorse_and_decide(learner: Person, coordinator: Person, path: str) -> None:
    page = learner.goto(path)
    page.click("#endorse-button")
    expect(page.locator(".endorse-count .num")).to_have_text("1")
    page = coordinator.goto(path)
    page.locator("input[name=outcome][value=approved]").check(force=True)
    page.fill("[name=reason_fr]", "Le réseau l’appuie.")
    page.fill("[name=reason_en]", "The network supports it.")
    page.locator("form[action$='/decide'] .button--primary").click()
    expect(page.locator(".decision")).to_contain_text(
        "Le réseau l’appuie." if coordinator.language == "fr" else "The network supports it."
    )
    coordinator.checked()


def author(trainer: Person, need_id: str) -> str:
    page, url = trainer.page, trainer.url
    wait_until(page, f"{url}/studio", lambda: page.locator("form[action$='/take']").count() > 0)
    trainer.checked()
    page.goto(f"{url}/needs/{need_id}")
    wait_until(page, f"{url}/needs/{need_id}", lambda: page.locator("a[href*='/courses/']").count() > 0)
    course_id = (page.locator("a[href*='/courses/']").first.get_attribute("href") or "").rsplit("/", 1)[1][
        :36
    ]
    trainer.goto(f"/studio/courses/{course_id}")
    trainer.primary()  # take
    fill_adder(page, "/modules", "Module", "Module")
    fill_adder(page, "/units", "Unité", "Unit")
    fill_adder(page, "/activities", "Lire", "Read", "text")
    trainer.checked()  # adding an activity opens it
    page.fill("[name=body_fr]", "## Bonjour\n\nUn texte.")
    page.fill("[name=body_en]", "## Hello\n\nA text.")
    with page.expect_navigation():
        page.locator("form.writer button.button--primary").click()
    trainer.goto(f"/studio/courses/{course_id}")
    fill_adder(page, "/activities", "Jouer", "Play", "h5p")
    upload(page, "refused.h5p", b"PK not a package")
    expect(page.locator("[data-refused]")).to_be_visible(timeout=30_000)
    trainer.checked()
    upload(page, "facteurs.h5p", package("protective-factors-fr"))
    expect(page.frame_locator("iframe").locator(".cercle-choice").first).to_be_visible(timeout=60_000)
    aim_and_publish(trainer, course_id)
    return course_id


def aim_and_publish(trainer: Person, course_id: str) -> None:
    page = trainer.page
    trainer.goto(f"/studio/courses/{course_id}/objectives")
    page.locator("input[name^='assessments-']").last.check()
    trainer.checked()
    with page.expect_navigation():
        page.locator("form.alignment .button--primary").click()
    trainer.goto(f"/studio/courses/{course_id}")
    trainer.primary()  # publish: first what it means
    trainer.checked()
    page.locator("form[action$='/publish'] button").click()
    expect(page.locator(".page-header .badge").first).to_have_text(trainer.say("courses.status.published"))
    trainer.checked()


def fill_adder(page: Page, action: str, fr: str, en: str, kind: str | None = None) -> None:
    form = page.locator(f"form[action$='{action}']").first
    if not form.is_visible():
        form.locator("xpath=ancestor::details[1]/summary").click()
    form.locator("input[name$='_fr']").first.fill(fr)
    form.locator("input[name$='_en']").first.fill(en)
    if kind:
        form.locator(f"input[name=kind][value={kind}]").check(force=True)
    with page.expect_navigation():
        form.locator("button").last.click()


def upload(page: Page, name: str, data: bytes) -> None:
    form = page.locator("form[data-upload]")
    form.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/zip", "buffer": data}
    )
    form.locator("button:visible").last.click()


def learn(learner: Person, course_id: str) -> None:
    page = learner.page
    wait_until(
        page, f"{learner.url}/courses/{course_id}", lambda: page.locator("form[action$='/enrol']").count() > 0
    )
    learner.checked()
    page.locator("form[action$='/enrol'] button").click()
    page.wait_for_load_state()
    learner.goto(f"/courses/{course_id}/learn")
    page.locator(f"a[href^='/courses/{course_id}/learn/']").first.click()
    page.locator("form[action$='/done'] button").click()
    page.wait_for_load_state()
    if page.locator("iframe").count() == 0:
        page.locator("[data-lesson-next], a[rel=next]").first.click()
    player = page.frame_locator("iframe")
    first_question = player.locator(".cercle-choice__question, legend, h2").first
    expect(first_question).to_be_visible(timeout=60_000)
    play_one(player)
    question = player.locator("body").inner_text()
    page.wait_for_timeout(2500)  # the state is saved a moment after each answer
    page.goto(f"{learner.url}/")
    page.go_back()
    expect(player.locator("input[type=radio]").first).to_be_visible(timeout=60_000)
    assert same_place(question, player.locator("body").inner_text())
    for _ in range(8):
        if page.locator("[data-lesson-done]:not([hidden])").count():
            break
        play_one(player)
    expect(page.locator("[data-lesson-done]")).to_be_visible(timeout=30_000)
    learner.goto(f"/courses/{course_id}/learn/end")


def play_one(player: Any) -> None:
    """Choose the first answer, check it, go on."""
    choice = player.locator("input[type=radio]:enabled").first
    if choice.count():
        choice.check(force=True)
        player.locator("button:visible:enabled").last.click()
    if player.locator("button:visible:enabled").count():
        player.locator("button:visible:enabled").last.click()
    player.locator("body").page.wait_for_timeout(300)


def same_place(before: str, after: str) -> bool:
    """The same question is on screen: its number is."""
    number = re.compile(r"\b(\d) (?:sur|of|/) (\d)\b")
    found, again = number.search(before), number.search(after)
    return bool(found and again and found.group() == again.group())


def loop_shows(learner: Person, need_id: str, course_id: str) -> None:
    page = learner.page
    wait_until(
        page, f"{learner.url}/needs/{need_id}", lambda: page.locator(f"a[href*='{course_id}']").count() > 0
    )
    learner.checked()
    page = learner.goto(f"/courses/{course_id}")
    assert page.locator(f"a[href='/needs/{need_id}']").count() >= 1


def mail_came(learner: Person) -> None:
    page = learner.page
    wait_until(page, f"{learner.url}/mailbox", lambda: page.locator("a[href^='/mailbox/']").count() > 0)
    learner.checked()
    page.locator("a[href^='/mailbox/']").first.click()
    learner.checked()
