"""A browser without JavaScript: follows links, fills in forms and presses their buttons, and counts the clicks."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from starlette.testclient import TestClient

Fields = list[tuple[str, str]]


@dataclass
class Form:
    """One form of a page: what would be sent, and its buttons."""

    action: str
    fields: Fields = field(default_factory=list)
    buttons: Fields = field(default_factory=list)

    def get(self, name: str) -> str | None:
        return next((value for key, value in self.fields if key == name), None)

    def fill(self, **values: str) -> None:
        for name, value in values.items():
            self.fields = [(key, old) for key, old in self.fields if key != name]
            self.fields.append((name, value))


class _Reader(HTMLParser):
    """Forms, links, visible text and ids of one page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.words: list[str] = []
        self.language = ""
        self._area: str | None = None
        self._select = ""
        self._form: Form | None = None
        self._quiet = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.ids.add(found.get("id", ""))
        if tag == "html":
            self.language = found["lang"]
        if tag in ("script", "style", "template"):
            self._quiet += 1
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if tag == "form":
            self._form = Form(found.get("action", ""))
            self.forms.append(self._form)
        if self._form is not None:
            self._control(tag, found)

    def _control(self, tag: str, found: dict[str, str]) -> None:
        assert self._form is not None
        name, value = found.get("name", ""), found.get("value", "")
        if tag == "button":
            self._form.buttons.append((name, value))
        elif tag == "textarea" and name:
            self._area = name
            self._form.fields.append((name, ""))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            self._option(value, "selected" in found)
        elif tag == "input" and name:
            kind = found.get("type", "text")
            if kind not in ("radio", "checkbox") or "checked" in found:
                self._form.fields.append((name, value))

    def _option(self, value: str, selected: bool) -> None:
        """A select sends its chosen option, or else the first."""
        assert self._form is not None
        known = [name for name, _ in self._form.fields]
        if self._select not in known:
            self._form.fields.append((self._select, value))
        elif selected:
            self._form.fields[known.index(self._select)] = (self._select, value)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        if tag in ("script", "style", "template"):
            self._quiet -= 1
        if tag == "textarea":
            self._area = None
        if tag == "form":
            self._form = None

    def handle_data(self, data: str) -> None:
        if self._area is not None and self._form is not None:
            name, value = self._form.fields[-1]
            self._form.fields[-1] = (name, value + data)
        elif not self._quiet:
            self.words.append(data)


class Browser:
    """One person's browser. `clicks` counts links followed and buttons pressed."""

    def __init__(self, app: Any) -> None:
        self.client = TestClient(app, base_url="https://testserver")
        self.clicks = 0
        self.status = 0
        self.path = ""
        self.page = _Reader()
        self.html = ""

    def sign_in(self, role: str) -> None:
        self.open("/sign-in")
        self.press("role", role)
        self.clicks = 0

    def open(self, path: str) -> None:
        self._show(self.client.get(path))

    def follow(self, href: str) -> None:
        """Click a link that the page has."""
        assert href in self.page.links, f"no link to {href} on {self.path}"
        self.clicks += 1
        self.open(href)

    def form(self, action_end: str) -> Form:
        return next(form for form in self.page.forms if form.action.endswith(action_end))

    def press(self, name: str, value: str) -> None:
        """Press a button with this name and value, in whichever form has it."""
        form = next(form for form in self.page.forms if (name, value) in form.buttons)
        self.clicks += 1
        self.send(form, (name, value))

    def submit(self, action_end: str) -> None:
        """Press the only button of a form."""
        self.clicks += 1
        self.send(self.form(action_end))

    def send(self, form: Form, button: tuple[str, str] | None = None) -> None:
        body: dict[str, list[str]] = {}
        for name, value in [*form.fields, *([button] if button and button[0] else [])]:
            body.setdefault(name, []).append(value)
        self._show(self.client.post(form.action, data=body))

    def _show(self, answer: Any) -> None:
        self.status, self.path, self.html = answer.status_code, answer.url.path, answer.text
        self.page = _Reader()
        if "html" in answer.headers.get("content-type", ""):
            self.page.feed(answer.text)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.page.words).split())

    @property
    def charts(self) -> list[dict[str, Any]]:
        """The options of the charts that a script can make live, in their order."""
        found = re.findall(r'<script type="application/json">(.*?)</script></div>', self.html, re.DOTALL)
        return [json.loads(one) for one in found]
