"""Take a screenshot of every page, wide and phone, light and dark, in both languages, into var/shots.

Starts a product of its own with demo content, signs in as each demo person, and opens the pages of that role.
Prints a line per page that scrolls sideways, logs a script error or breaks the Content-Security-Policy.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from gateway.demo.people import LEADS, PASSWORD
from shared.testing.backends import ensure_chromium
from tests.e2e.product import embedded

SHOTS = Path("var/shots")
SIZES = {"wide": (1280, 900), "phone": (360, 740)}
VISITOR = ("/sign-in", "/accessibility", "/privacy")
PAGES: dict[str, tuple[str, ...]] = {
    "learner": (
        "/", "/needs", "@open-survey", "@answer", "@results", "@need", "/proposals", "@proposal", "/surveys", "/courses",
        "@course", "@learn", "@activity", "/community", "@topic", "/community/new", "/members", "@member", "/profile",
        "/profile/sessions", "/profile/tokens", "/notifications", "/notifications/preferences", "/mailbox", "@mail",
        "/search?q=risque", "/nope",
    ),
    "trainer": (
        "/", "/studio", "/studio/courses/new", "@studio-course", "@studio-activity", "@studio-preview", "@studio-history",
        "@studio-publish", "@studio-objectives", "@studio-authors", "@roster",
    ),
    "coordinator": (
        "/", "/needs", "/programme", "/surveys/new", "/surveys/bank", "@open-survey", "@revise", "@versions", "@results", "@need", "@need-to-propose",
        "@open-proposal", "/needs/board", "/needs/answers", "@vote", "/panels", "@panel", "/codings", "@coding", "@code",
        "@settled", "@open-answers", "@themes", "@export",
    ),
    "admin": ("/", "/system/people", "/system/invitations", "/system/h5p", "/system/h5p/H5P.CercleChoice-1.0", "/styleguide"),
}  # fmt: skip
WAYS: dict[str, tuple[str, str, str]] = {
    "open-survey": (
        "/needs",
        "a[href^='/surveys/']:not([href$='/new']):not([href$='/results'])",
        "/surveys/{2}",
    ),
    "answer": ("/needs", "a[href$='/answer']", ""),
    "revise": ("@open-survey", "a[href$='/revise']", ""),
    "versions": ("@open-survey", "a[href$='/versions']", ""),
    "results": ("/needs", "a[href$='/results']", ""),
    "need": ("/needs", "a[href^='/needs/']", ""),
    "need-to-propose": ("/programme", "a[href$='/proposals/new']", ""),
    "proposal": ("/proposals", "main a[href^='/proposals/']", ""),
    "open-proposal": ("/proposals?status=open", "main .list a[href^='/proposals/']", ""),
    "vote": ("/votes", "main a[href^='/votes/']:not([href$='/new'])", ""),
    "panel": ("/panels", "main a[href^='/panels/']:not([href*='/new'])", ""),
    "coding": ("/codings", "main a[href^='/codings/']", ""),
    "code": ("/codings", "main a[href^='/codings/']", "/codings/{2}/code"),
    "settled": ("/codings", "main .list-row:last-child a[href^='/codings/']", "/codings/{2}/disagreements"),
    "open-answers": ("/needs", "a[href$='/results']", "/surveys/{2}/open-answers"),
    "themes": ("/needs", "a[href$='/results']", "/surveys/{2}/themes"),
    "export": ("/needs", "a[href$='/results']", "/surveys/{2}/export"),
    "course": ("/courses", "main a[href^='/courses/']", "/courses/{2}"),
    "learn": ("/courses", "main a[href^='/courses/']", "/courses/{2}/learn"),
    "activity": ("@learn", "a[href*='/learn/']", ""),
    "topic": ("/community", "a[href^='/community/topics/']", ""),
    "member": ("/members", "main .list a[href^='/members/']", ""),
    "mail": ("/mailbox", "main a[href^='/mailbox/']", ""),
    "studio-course": ("/studio", "main a[href^='/studio/courses/']:not([href$='/new'])", ""),
    "studio-preview": (
        "/studio",
        "main a[href^='/studio/courses/']:not([href$='/new'])",
        "/studio/courses/{3}/preview",
    ),
    "studio-activity": ("@studio-course", "a[href^='/studio/activities/']", ""),
    "studio-history": ("@studio-course", "a[href$='/history']", ""),
    "studio-publish": ("@studio-course", "a[href$='/publish']", ""),
    "studio-objectives": ("@studio-course", "a[href$='/objectives']", ""),
    "studio-authors": ("@studio-course", "a[href$='/authors']", ""),
    "roster": ("@studio-course", "a[href$='/roster']", ""),
}
"""How a person finds a thing that has an id: the page, its links, and the address made of the parts of the first."""


@dataclass
class Problems:
    """What a look at the pictures would not show."""

    lines: list[str]

    def watch(self, page: Page, name: str) -> None:
        """Note script errors and policy violations of a page."""

        def on_console(message: ConsoleMessage) -> None:
            if message.type == "error" and "404" not in message.text:
                self.lines.append(f"{name}: {message.text[:200]}")

        page.on("console", on_console)
        page.on("pageerror", lambda error: self.lines.append(f"{name}: {error}"))


def sign_in(context: BrowserContext, url: str, who: str, language: str) -> None:
    """Sign in with the demo password, and choose the language."""
    person = next(person for person in LEADS if person.key == who)
    page = context.new_page()
    page.goto(f"{url}/sign-in")
    page.fill("input[name=email]", person.email)
    page.fill("input[name=password]", PASSWORD)
    page.locator("form:has(input[name=password]) button").first.click()
    page.wait_for_url(f"{url}/")
    if page.locator("html").get_attribute("lang") != f"{language}-CA":
        page.locator("form[action='/language'] button").first.click()
        page.wait_for_load_state()
    page.close()


class Finder:
    """Addresses of things that have ids, found by following the demo's links as the person would."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url

    def of(self, name: str) -> str | None:
        """The path for `@name`, or None when the person has no way there."""
        start, links, keep = WAYS[name]
        origin = self.of(start[1:]) if start.startswith("@") else start
        if origin is None:
            return None
        self.page.goto(self.url + origin)
        found = self.page.locator(links)
        hrefs = [found.nth(index).get_attribute("href") or "" for index in range(found.count())]
        href = next((href for href in hrefs if len(href) > 12), None)
        return keep.format(*href.split("/")) if href and keep else href


def shoot(browser: Browser, url: str, who: str, language: str, problems: Problems) -> Iterator[str]:
    """Every page of one person in one language; yields the files' names."""
    for theme in ("light", "dark"):
        for size, (width, height) in SIZES.items():
            if theme == "dark" and size == "phone":
                continue
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=theme, locale=f"{language}-CA"
            )
            paths: tuple[str, ...] = VISITOR
            if who != "visitor":
                sign_in(context, url, who, language)
                paths = PAGES[who]
            finder = Finder(context.new_page(), url)
            for path in paths:
                target = finder.of(path[1:]) if path.startswith("@") else path
                if target:
                    name = f"{who}-{path.strip('/@').split('?')[0].replace('/', '-') or 'today'}-{language}-{size}-{theme}"
                    yield picture(context, url + target, name, problems)
            context.close()


def picture(context: BrowserContext, address: str, name: str, problems: Problems) -> str:
    """One full-page screenshot."""
    page = context.new_page()
    problems.watch(page, name)
    page.goto(address)
    page.wait_for_timeout(250)
    if page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"):
        problems.lines.append(f"{name}: scrolls sideways")
    # A window as high as the page: a bar at the bottom of the window must not lie across the middle of the picture.
    size = page.viewport_size or {"width": 1280, "height": 900}
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": size["width"], "height": min(max(height, size["height"]), 12_000)})
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)
    page.close()
    return name


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--who", choices=["visitor", *PAGES], help="only this person's pages")
    parser.add_argument("--language", choices=["fr", "en"])
    choice = parser.parse_args()
    shutil.rmtree(SHOTS, ignore_errors=True)
    SHOTS.mkdir(parents=True)
    problems, count = Problems([]), 0
    with (
        tempfile.TemporaryDirectory() as folder,
        embedded(Path(folder) / "var") as product,
        sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(executable_path=ensure_chromium(), args=["--no-sandbox"])
        for who in [choice.who] if choice.who else ["visitor", *PAGES]:
            for language in [choice.language] if choice.language else ["fr", "en"]:
                for name in shoot(browser, product.url, who, language, problems):
                    count += 1
                    print(name, flush=True)
        browser.close()
    print(f"{count} pictures in {SHOTS}")
    print("\n".join(problems.lines) or "no script error, no policy violation, nothing scrolls sideways")
    return 1 if problems.lines else 0


if __name__ == "__main__":
    sys.exit(main())
