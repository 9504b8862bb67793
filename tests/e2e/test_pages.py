"""Every page a person can reach by links, in both languages: no script error, no policy violation, no serious
accessibility failure (axe, WCAG 2.2 AA), nothing untranslated, usable at 320 px; and one journey with keys alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.e2e.product import ROOT, Product

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(300),
    pytest.mark.parametrize("product", ["embedded"], indirect=True),
]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--no-first-run", "--disable-quic")  # fmt: skip
STARTS = ("/", "/mailbox", "/search?q=risque", "/notifications/preferences", "/profile", "/styleguide")
IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/)\d+|mail-[\w-]+")
KEYS = re.compile(
    r"\b(?:surveys|courses|cohorts|reports|identity|community|notifications|shell|today|errors|mails)\.[a-z_]+\.[a-z_.]+"
)
MARKS = re.compile(r"</?(?:span|p|a|div|li)\b|\bundefined\b|\bNone\b|%\(\w+\)s")
NOT_PAGES = re.compile(
    r"^/(api|docs|static|media|files|olx|h5p/packages|sign-out|language)\b"
    r"|\.(csv|json|ics|yaml|vtt|pdf)\b|/(export|pdf|badge|instrument)\b"
)
MOST = 150
"""Pages for one person: more would mean that two addresses of one kind are not seen as one."""
AXE_RUN = """async () => {
  const found = await axe.run(document, {
    runOnly: {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    resultTypes: ["violations"], iframes: false, preload: false});
  return found.violations.filter(one => ["serious", "critical"].includes(one.impact))
    .flatMap(one => one.nodes.slice(0, 3).map(node => `${one.id}: ${node.target.join(" ")}`)); }"""
NARROW_RUN = """async () => {
  const wide = document.documentElement.scrollWidth > innerWidth ? ["scrolls sideways at 320 px"] : [];
  const found = await axe.run(document, {runOnly: {type: "rule", values: ["target-size"]}, iframes: false, preload: false});
  return wide.concat(found.violations.flatMap(one => one.nodes.slice(0, 5).map(node => `small target: ${node.target.join(" ")}`))); }"""
PARTS = """() => location.pathname.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "*") + [...new Set(
  [...document.querySelectorAll("main *")].map(one => one.localName + "." + (one.getAttribute("class") || "")))].sort()"""
LINKS = "list => list.map(one => one.getAttribute('href'))"


@pytest.fixture(scope="module")
def browser(chromium_path: Any) -> Iterator[Browser]:
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=str(chromium_path), args=list(CHROMIUM))
        yield started
        started.close()


@pytest.fixture(scope="module")
def checked() -> set[str]:
    """Kinds of pages with their parts that axe has seen: it is slow, and people share most pages."""
    return set()


class Visit:
    """One signed-in person who follows every link once for each kind of page, and notes what is wrong."""

    def __init__(
        self, browser: Browser, product: Product, role: str, language: str, checked: set[str]
    ) -> None:
        self.url, self.language = product.url, language
        self.problems: list[str] = []
        self.kinds: set[str] = set()
        self.waiting = list(STARTS)
        self.checked = checked
        self.page = signed_in(browser, product, role, language).pages[0]
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self._note(f"script error: {error}"))

    def _note(self, text: str) -> None:
        self.problems.append(f"{IDS.sub('*', self.page.url.removeprefix(self.url))}: {text}")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._note(f"console: {message.text[:200]}")

    def everywhere(self) -> None:
        """Breadth first, so that the first thing of each kind is the one a person meets first."""
        while self.waiting:
            path = self.waiting.pop(0)
            kind = IDS.sub("*", path.split("?")[0].split("#")[0])
            if kind in self.kinds or NOT_PAGES.search(path):
                continue
            self.kinds.add(kind)
            self._look(path)

    def _look(self, path: str) -> None:
        answer = self.page.goto(self.url + path)
        assert answer is not None
        if answer.status != 200:
            self._note(f"answers {answer.status}")
        self.waiting += self.page.locator("a[href^='/']").evaluate_all(LINKS)
        self._words()
        parts = self.page.evaluate(PARTS)
        if f"{self.language} {parts}" in self.checked:
            return  # the same parts as another person has on this kind of page
        self.page.evaluate(axe_source())
        if parts not in self.checked:
            for text in self.page.evaluate(AXE_RUN):
                self._note(text)
        self.checked |= {parts, f"{self.language} {parts}"}
        for text in narrow(self.page):
            self._note(text)

    def _words(self) -> None:
        if self.page.locator("html").get_attribute("lang") != f"{self.language}-CA":
            self._note("is in the other language")
        text = self.page.locator("body").inner_text()
        for wrong in KEYS.findall(text) + MARKS.findall(text):
            self._note(f"shows {wrong}")


def narrow(page: Page) -> list[str]:
    """What is wrong at 320 px. The window is as high as the page, so that the bottom bar covers nothing."""
    page.set_viewport_size({"width": 320, "height": 640})
    for _ in range(3):
        if page.locator("iframe").count():
            page.wait_for_timeout(400)  # an activity tells its height after it has been laid out
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": 320, "height": min(height + 100, 16_000)})
        if page.evaluate("document.documentElement.scrollHeight") <= height + 100:
            break
    found: list[str] = page.evaluate(NARROW_RUN)
    page.set_viewport_size({"width": 1280, "height": 900})
    return found


def axe_source() -> str:
    """The checker's text: evaluated, since the policy rightly refuses a script tag."""
    return f"{Path(AXE).read_text(encoding='utf-8')}\n;0"


def signed_in(browser: Browser, product: Product, role: str, language: str) -> BrowserContext:
    """A context whose one page is signed in as a demo person, in the language."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale=f"{language}-CA")
    page = context.new_page()
    page.goto(f"{product.url}/sign-in")
    page.click(f"button[name=role][value={role}]")
    page.wait_for_url(f"{product.url}/")
    if page.locator("html").get_attribute("lang") != f"{language}-CA":
        page.locator("form[action='/language'] button").first.click()
        page.wait_for_load_state()
    return context


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("role", ["learner", "trainer", "coordinator", "admin"])
def test_pages_hold(product: Product, browser: Browser, checked: set[str], role: str, language: str) -> None:
    visit = Visit(browser, product, role, language, checked)
    visit.everywhere()
    visit.page.context.close()
    assert not visit.problems, "\n".join(["", *sorted(set(visit.problems))])
    assert 20 <= len(visit.kinds) <= MOST, sorted(visit.kinds)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_visitor_pages_hold(product: Product, browser: Browser, language: str) -> None:
    page = browser.new_context(viewport={"width": 1280, "height": 900}, locale=f"{language}-CA").new_page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    for path in ("/sign-in", "/accessibility", "/privacy"):
        page.goto(product.url + path)
        page.evaluate(axe_source())
        problems += [f"{path}: {text}" for text in page.evaluate(AXE_RUN)]
        problems += [f"{path}: {text}" for text in narrow(page)]
        problems += [f"{path}: {key}" for key in KEYS.findall(page.locator("body").inner_text())]
        assert page.locator("html").get_attribute("lang") == f"{language}-CA"
    page.context.close()
    assert problems == []


def test_keys_alone_answer_a_survey(product: Product, browser: Browser) -> None:
    page = browser.new_context(viewport={"width": 1280, "height": 900}, locale="fr-CA").new_page()
    page.goto(f"{product.url}/sign-in")
    tab_to(page, "button[name=role][value=learner]")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{product.url}/")
    tab_to(page, ".next-go a")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/answer$"))
    tab_to(page, "input[type=radio][name^='importance-']")
    name = page.evaluate("document.activeElement.name")
    page.keyboard.press("4")
    assert page.locator(f"input[name='{name}']:checked").get_attribute("value") == "4"
    tab_to(page, f"input[name='{name.replace('importance', 'ability')}']")
    page.keyboard.press("2")
    tab_to(page, "main button.button[name=do][value=later]", limit=120)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "/answer" not in address)
    page.goto(f"{product.url}/")
    assert page.locator(".next progress").first.get_attribute("value") not in (None, "0")
    page.context.close()


def tab_to(page: Page, selector: str, limit: int = 60) -> None:
    """Press Tab until the element has the focus, which must be seen. Fails when `limit` presses do not reach it."""
    for _ in range(limit):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            break
    else:
        raise AssertionError(f"{selector}: {limit} presses of Tab do not reach it")
    seen = "() => getComputedStyle(document.activeElement).outlineStyle !== 'none' || document.activeElement.matches('input')"
    assert page.evaluate(seen), f"{selector}: the focus is not seen"
