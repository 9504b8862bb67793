"""A trainer writes H5P content in the browser; a learner plays it and the score arrives."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, ConsoleMessage, FrameLocator, Page, expect, sync_playwright

from services.courses.h5p import make_package
from tests.e2e.client import Client, until
from tests.e2e.product import ROOT, Product

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(180),
    pytest.mark.parametrize("product", ["embedded"], indirect=True),
]
SAMPLES = ROOT.parent / "shared" / "h5p" / "valid"
CHROMIUM = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
            "--disable-sync", "--no-first-run", "--disable-quic")  # fmt: skip
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
AXE_RUN = """async () => {
  const found = await axe.run(document, {iframes: false, preload: false, resultTypes: ["violations"],
    runOnly: {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}});
  return found.violations.filter(one => ["serious", "critical"].includes(one.impact))
    .flatMap(one => one.nodes.slice(0, 3).map(node => `${one.id}: ${node.target.join(" ")}`)); }"""
View = dict[str, Any]


@pytest.fixture(scope="module")
def browser(chromium_path: Any) -> Iterator[Browser]:
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=str(chromium_path), args=list(CHROMIUM))
        yield started
        started.close()


@pytest.fixture
def studio(browser: Browser, product: Product) -> Iterator[Studio]:
    started = Studio(browser, product)
    yield started
    for client in started.clients:
        client.close()
    for context in browser.contexts:
        context.close()


def pair(text: str) -> dict[str, str]:
    return {"fr": text, "en": text}


class Studio:
    """The trainer at the API and in the browser, with an activity for each content in the demo course."""

    def __init__(self, browser: Browser, product: Product) -> None:
        self.product, self.browser, self.errors = product, browser, list[str]()
        self.clients: list[Client] = []
        self.api = self.client("trainer")
        drafts = self.api.get("/courses", status="published")["items"]
        self.course_id = next(one["id"] for one in drafts if one["proposal_id"])
        module = self.api.post(f"/courses/{self.course_id}/modules", {"title": pair("Editor")})
        self.unit_id = self.api.post(f"/modules/{module['id']}/units", {"title": pair("Editor")})["id"]
        self.page = self.signed_in("trainer")

    def client(self, role: str) -> Client:
        self.clients.append(Client(self.product.url, role, language="en"))
        return self.clients[-1]

    def signed_in(self, role: str) -> Page:
        page = self.browser.new_context(viewport={"width": 1400, "height": 900}, locale="en-CA").new_page()
        page.set_default_timeout(10_000)
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.goto(f"{self.product.url}/sign-in")
        page.click(f"button[name=role][value={role}]")
        page.wait_for_url(f"{self.product.url}/")
        return page

    def _note(self, message: ConsoleMessage) -> None:
        ours = message.location.get("url", "").startswith(self.product.url)  # contents may say what they like
        if (
            message.type == "error"
            and ours
            and not any(code in message.text for code in ("409", "412", "422"))
        ):
            self.errors.append(f"{message.text[:300]} {message.location.get('url', '')}")

    def activity(self, title: str, package: bytes | None = None) -> str:
        made = self.api.post(f"/units/{self.unit_id}/activities", {"title": pair(title), "kind": "h5p"})
        if package:
            headers = self.api.headers | {
                "X-Filename": quote(f"{title}.h5p"),
                "Content-Type": "application/zip",
            }
            upload = self.api.http.post("/api/v1/uploads", content=package, headers=headers).json()
            self.api.post(f"/activities/{made['id']}/h5p", {"upload_id": upload["upload_id"]})
        return str(made["id"])

    def open(self, activity_id: str, start: str) -> Page:
        """The editor, from the page where one chooses what to start from."""
        self.page.goto(f"{self.product.url}/studio/h5p/{activity_id}")
        self.page.click(start)
        self.page.wait_for_selector(".hp-about")
        return self.page

    def preview(self) -> FrameLocator:
        return self.page.frame_locator("iframe.hp-frame:not(.hp-frame--behind)")

    def saved(self) -> None:
        expect(self.page.locator("[data-saved][data-state=saved]")).to_be_visible()

    def use(self, activity_id: str) -> None:
        self.page.click("[data-use]")
        self.page.wait_for_url(f"{self.product.url}/studio/activities/{activity_id}")

    def publish(self) -> None:
        version = self.api.get(f"/courses/{self.course_id}")["version"]
        self.api.post(f"/courses/{self.course_id}/publish", {}, version=version)

    def score(self, learner: Client, activity_id: str) -> float | None:
        learning = learner.get(f"/courses/{self.course_id}/learning")
        steps = [a for m in learning["modules"] for u in m["units"] for a in u["activities"]]
        found: list[float | None] = [one["score"] for one in steps if one["id"] == activity_id]
        return found[0]


EDIT = ".hp-waiting form:not(:has([name=draft_id])) button"


def type_rich(page: Page, place: str, text: str) -> None:
    box = page.locator(f"[data-path='{place}'] [role=textbox]")
    box.click()
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def test_contents_are_written_edited_and_played(studio: Studio, product: Product) -> None:  # noqa: PLR0915
    names = ("multiple-choice", "arithmetic-quiz", "drag-the-words")
    ids = {name: studio.activity(name, (SAMPLES / f"{name}.h5p").read_bytes()) for name in names}
    ids["new"] = studio.activity("new")
    page = studio.open(ids["multiple-choice"], EDIT)
    type_rich(page, "question", "Which berry is this?")
    type_rich(page, "answers.0.text", "A blackcurrant")
    expect(studio.preview().locator(".h5p-question-introduction")).to_contain_text("Which berry is this?")
    studio.use(ids["multiple-choice"])

    page = studio.open(ids["arithmetic-quiz"], EDIT)
    page.fill("[data-path=maxQuestions] input", "2")
    studio.use(ids["arithmetic-quiz"])

    page = studio.open(ids["drag-the-words"], EDIT)
    page.fill("[data-path=textField] textarea", "The *first* and the *second* word.")
    studio.use(ids["drag-the-words"])

    page = studio.open(ids["new"], "button[value='H5P.CercleChoice 1.0']")
    page.fill("[data-path='questions.0.text'] :is(input, textarea)", "What’s “right” & good?")
    page.fill("[data-path='questions.0.options.0.text'] :is(input, textarea)", "This & that's it")
    page.check("[data-path='questions.0.options.0.correct'] input")
    page.fill("[data-path='questions.0.options.1.text'] :is(input, textarea)", "Not that")
    expect(studio.preview().locator("legend, .cercle-choice__question").first).to_contain_text(
        "What’s “right” & good?"
    )
    studio.use(ids["new"])
    studio.publish()

    learner = studio.client("learner")
    learner.post(f"/courses/{studio.course_id}/enrol")
    reader = studio.signed_in("learner")

    def played(name: str) -> FrameLocator:
        reader.goto(f"{product.url}/courses/{studio.course_id}/learn/{ids[name]}")
        return reader.frame_locator("iframe.h5p-frame__content")

    frame = played("multiple-choice")
    expect(frame.locator(".h5p-question-introduction")).to_contain_text("Which berry is this?")
    frame.locator("li.h5p-answer", has_text="A blackcurrant").click()
    frame.locator(".h5p-question-check-answer").click()
    until(lambda: studio.score(learner, ids["multiple-choice"]) == 1)

    frame = played("new")
    frame.locator("label, .cercle-choice__option", has_text="This & that's it").first.click()
    frame.locator(".cercle-choice__button.is-primary").click()
    frame.locator(".cercle-choice__button.is-primary").click()
    until(lambda: studio.score(learner, ids["new"]) == 1)

    frame = played("drag-the-words")
    words = frame.locator(".h5p-drag-draggables-container .ui-draggable")
    expect(words).to_have_count(2)
    for word in ("first", "second"):
        frame.locator(".ui-draggable", has_text=word).first.press("Enter")
        frame.locator(".ui-droppable:not(:has(.ui-draggable))").first.press("Enter")
    frame.locator(".h5p-question-check-answer").click()
    until(lambda: studio.score(learner, ids["drag-the-words"]) == 1)

    frame = played("arithmetic-quiz")
    reader.set_default_timeout(20_000)
    frame.locator(".h5p-joubelui-button").first.click()
    for number in range(2):
        slide = frame.locator(".question-page").nth(number)
        slide.locator(".h5p-baq-alternatives .h5p-joubelui-button").first.click()
    until(lambda: studio.score(learner, ids["arithmetic-quiz"]) is not None)
    assert studio.errors == []


FIELDS: list[View] = [
    {"name": "plain", "type": "text", "label": "Plain", "maxLength": 50, "placeholder": "Here", "importance": "high"},
    {"name": "long", "type": "text", "widget": "textarea", "label": "Long", "optional": True, "description": "Any words"},
    {"name": "rich", "type": "text", "widget": "html", "label": "Rich", "optional": True,
     "tags": ["strong", "em", "ul", "a", "h2"]},
    {"name": "colour", "type": "text", "widget": "colorSelector", "label": "Colour", "default": "#336699"},
    {"name": "at", "type": "number", "widget": "timecode", "label": "At", "optional": True},
    {"name": "count", "type": "number", "label": "Count", "min": 1, "max": 9, "default": 3},
    {"name": "kind", "type": "select", "label": "Kind", "default": "a",
     "options": [{"value": "a", "label": "First"}, {"value": "b", "label": "Second"}]},
    {"name": "only", "type": "text", "label": "Only for second", "widget": "showWhen",
     "showWhen": {"rules": [{"field": "kind", "equals": ["b"]}]}},
    {"name": "way", "type": "select", "widget": "radioGroup", "label": "Way", "default": "x",
     "options": [{"value": "x", "label": "X"}, {"value": "y", "label": "Y"}]},
    {"name": "many", "type": "select", "multiple": True, "label": "Many", "optional": True,
     "options": [{"value": "1", "label": "One"}, {"value": "2", "label": "Two"}]},
    {"name": "yes", "type": "boolean", "label": "Yes", "default": True},
    {"name": "picture", "type": "image", "label": "Picture", "optional": True},
    {"name": "sound", "type": "audio", "label": "Sound", "optional": True},
    {"name": "paper", "type": "file", "label": "Paper", "optional": True},
    {"name": "items", "type": "list", "label": "Items", "entity": "item", "min": 1, "max": 4,
     "field": {"name": "item", "type": "group", "label": "Item", "fields": [
         {"name": "text", "type": "text", "label": "Text"},
         {"name": "part", "type": "library", "label": "Part", "optional": True, "options": ["H5P.Everything 1.0"]}]}},
    {"name": "words", "type": "list", "label": "Words", "entity": "word", "optional": True,
     "field": {"name": "word", "type": "text", "label": "Word"}},
    {"name": "canvas", "type": "group", "widget": "dragQuestion", "label": "Canvas", "fields": [
        {"name": "size", "type": "group", "widget": "dimensions", "label": "Size", "fields": [
            {"name": "width", "type": "number", "label": "Width", "default": 600},
            {"name": "height", "type": "number", "label": "Height", "default": 300}]},
        {"name": "elements", "type": "list", "label": "Elements", "entity": "element", "field": {
            "name": "element", "type": "group", "fields": [
                {"name": "x", "type": "number", "widget": "none"}, {"name": "label", "type": "text", "label": "Label"}]}},
        {"name": "zones", "type": "list", "label": "Zones", "entity": "zone", "field": {
            "name": "zone", "type": "group", "fields": [
                {"name": "label", "type": "text", "label": "Label"},
                {"name": "correctElements", "type": "select", "multiple": True, "widget": "dynamicCheckboxes",
                 "label": "Right here", "optional": True, "options": []}]}}]},
    {"name": "l10n", "type": "group", "label": "Words of the interface", "common": True,
     "fields": [{"name": "go", "type": "text", "label": "Go", "default": "Go"}]},
]  # fmt: skip
"""Every type of field and every widget that the editor draws in its own way."""
FRENCH = [
    {"label": "Simple"},
    *({} for _ in FIELDS[1:-1]),
    {"label": "Mots", "fields": [{"default": "Allez"}]},
]
SHOW = """H5P = H5P || {}; H5P.Everything = function (params) {
  this.attach = function (box) { box.html('<p class="shown"></p>').find('p').text(JSON.stringify(params)); }; };"""


def everything(folder: Path) -> bytes:
    """A package of a library that has it all."""
    name = {"machineName": "H5P.Everything", "majorVersion": 1, "minorVersion": 0}
    library = name | {
        "title": "Everything",
        "patchVersion": 0,
        "runnable": 1,
        "preloadedJs": [{"path": "e.js"}],
    }
    texts = {
        "h5p.json": {"title": "Everything", "language": "en", "mainLibrary": "H5P.Everything", "embedTypes": ["iframe"],
                     "license": "U", "preloadedDependencies": [name]},
        "content/content.json": {"plain": "Words", "items": [{"text": "One"}]},
        "H5P.Everything-1.0/library.json": library, "H5P.Everything-1.0/semantics.json": FIELDS,
        "H5P.Everything-1.0/language/fr.json": {"semantics": FRENCH}, "H5P.Everything-1.0/e.js": SHOW,
    }  # fmt: skip
    for path, text in texts.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text if isinstance(text, str) else json.dumps(text))
    return make_package(folder)


def problems_of(page: Page) -> list[str]:
    """What axe finds with every part open, and whether the page scrolls sideways at 320 px."""
    page.evaluate("document.querySelectorAll('.hp-fold').forEach(one => { one.make(); one.open = true; })")
    page.evaluate(AXE.read_text())
    size = page.viewport_size
    page.set_viewport_size({"width": 1400, "height": 9000})  # nothing lies under the bar that stays in view
    page.evaluate("scrollTo(0, 0)")
    found = list(page.evaluate(AXE_RUN))
    page.set_viewport_size({"width": 320, "height": 800})
    found += (
        ["scrolls sideways"] if page.evaluate("document.documentElement.scrollWidth > innerWidth") else []
    )
    assert size is not None
    page.set_viewport_size(size)
    return found


def test_every_field_with_keys_undo_media_problems_and_two_people(  # noqa: PLR0915
    studio: Studio, tmp_path: Path
) -> None:
    activity_id = studio.activity("everything", everything(tmp_path))
    page = studio.open(activity_id, EDIT)
    keys = page.keyboard

    # A part is added, moved and removed with keys alone; a step back brings it again.
    page.locator("[data-add=items]").focus()
    keys.press("Enter")
    keys.type("Two")
    page.locator("[data-path='items.1'] [data-move='-1']").focus()
    keys.press("Enter")
    expect(page.locator("[data-path='items.0.text'] input")).to_have_value("Two")
    page.locator("[data-path='items.0'] .hp-tools summary").focus()
    keys.press("Enter")
    page.locator("[data-path='items.0'] .menu-item", has_text="Remove").focus()
    keys.press("Enter")
    expect(page.locator("[data-path='items.1']")).to_have_count(0)
    page.locator("[data-undo]").focus()
    keys.press("Enter")
    expect(page.locator("[data-path='items.0.text'] input")).to_have_value("Two")

    # A condition shows a field, a style is put on words, a part holds content of its own.
    expect(page.locator("[data-path=only]")).to_be_hidden()
    page.select_option("[data-path=kind] select", label="Second")
    page.fill("[data-path=only] input", "Shown")
    page.locator("[data-path=rich] [role=textbox]").focus()
    keys.type("Strong words")
    keys.press("Control+A")
    page.wait_for_timeout(150)  # the editor hears of a selection a moment later
    page.locator("[data-path=rich] .hp-rich-tool--strong").focus()
    keys.press("Enter")
    page.select_option("[data-path='items.0.part'] select", label="Everything")
    page.fill("[data-path='items.0.part.params.plain'] input", "Inside")
    expect(page.locator("[data-path='canvas.zones.0.correctElements'] .choice")).to_have_count(1)
    page.set_input_files("[data-path=picture] input[type=file]", ROOT / "docs" / "img" / "loop.png")
    expect(page.locator("[data-path=picture] .hp-thumb")).to_be_visible()
    (tmp_path / "p.svg").write_text("<svg/>")
    page.set_input_files("[data-path=paper] input[type=file]", tmp_path / "p.svg")
    expect(page.locator("[data-path=paper] .error")).to_contain_text("SVG")
    assert problems_of(page) == []

    # What is wrong stands at its field and in a summary that leads there.
    page.fill("[data-path=plain] input", "")
    page.fill("[data-path=count] input", "12")
    page.locator("[data-use]").focus()
    keys.press("Enter")
    summary = page.locator("[data-summary]")
    expect(summary).to_be_focused()
    expect(page.locator("[data-path=plain] .error")).to_be_visible()
    summary.locator("a", has_text="Count").click()
    expect(page.locator("[data-path=count] input")).to_be_focused()
    keys.press("Control+A")
    keys.type("9")
    page.fill("[data-path=plain] input", "<b>Mine</b>")

    # Somebody else saved meanwhile: nothing is lost, and one chooses.
    studio.saved()
    draft = studio.api.get(f"/activities/{activity_id}/h5p-draft")["draft"]
    studio.api.send("PUT", f"/h5p/drafts/{draft['id']}", {"params": {"plain": "Theirs"}, "metadata": {"title": "T"}},
                    version=draft["version"])  # fmt: skip
    page.fill("[data-path=long] textarea", "More of mine")
    page.locator("[data-conflict] button", has_text="Keep mine").click()
    studio.saved()
    kept = studio.api.get(f"/activities/{activity_id}/h5p-draft")["draft"]["params"]
    assert (kept["plain"], kept["long"], kept["count"]) == ("&lt;b&gt;Mine&lt;/b&gt;", "More of mine", 9)
    assert kept["rich"] == "<div><strong>Strong words</strong></div>"
    for place in ("canvas.elements.0.label", "canvas.zones.0.label"):
        page.evaluate(
            "document.querySelectorAll('.hp-fold').forEach(one => { one.make(); one.open = true; })"
        )
        page.fill(f"[data-path='{place}'] input", "Label")
    page.fill("[data-path='items.0.part.params.items.0.text'] input", "Deep")
    for place in ("canvas.elements.0.label", "canvas.zones.0.label"):
        page.fill(f"[data-path='items.0.part.params.{place}'] input", "Label")
    expect(studio.preview().locator(".shown")).to_contain_text("Inside")
    studio.use(activity_id)
    assert studio.errors == []
