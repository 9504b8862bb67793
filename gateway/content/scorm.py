"""SCORM on the content origin: the page with the run-time API, the menu of items, and the package's files.

GET /scorm/{token}/              the page that the main origin frames
GET /scorm/{token}/files/{path}  a file of the package; contents are framed inside that page, on this same origin
"""

from __future__ import annotations

import html
import json
import threading
import time
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from gateway.content.files import PRIVATE, is_plain, stored_file
from gateway.content.grants import ContentStore
from gateway.content.page import gone_page
from shared import i18n
from shared.errors import NotAuthenticated, NotFound
from shared.messaging.bus import Bus

VENDOR = "/vendor/scorm-again"
KEEP_SECONDS = 20.0
_SCRIPTS = {"1.2": "scorm12.min.js", "2004": "scorm2004.min.js"}
# What a package's pages are made of, beside the kinds of file that H5P knows.
_PAGES = {
    "html": "text/html; charset=utf-8",
    "htm": "text/html; charset=utf-8",
    "xhtml": "application/xhtml+xml",
}
View = dict[str, Any]


class ScormSite:
    """The routes, over the courses service and the storage."""

    def __init__(self, bus: Bus, store: ContentStore, main_origin: str) -> None:
        self._bus, self._store, self._main_origin = bus, store, main_origin
        self._kept: dict[str, tuple[float, str]] = {}
        self._lock = threading.Lock()

    def routes(self) -> list[Route]:
        """For the content origin's application."""
        return [Route("/scorm/{token}/", self.page), Route("/scorm/{token}/files/{path:path}", self.file)]

    async def page(self, request: Request) -> Response:
        """The player's page; always with the newest saved data."""
        grant = await run_in_threadpool(self._resolve, request.path_params["token"])
        if grant is None:
            return HTMLResponse(gone_page(), 404)
        return HTMLResponse(scorm_page(grant, self._main_origin), headers={"cache-control": "no-store"})

    async def file(self, request: Request) -> Response:
        """One file of the package."""
        token, path = request.path_params["token"], request.path_params["path"]
        prefix = await run_in_threadpool(self._prefix, token)
        if prefix is None or not is_plain(path):
            return _missing()
        try:
            response = await run_in_threadpool(stored_file, request, self._store, f"{prefix}{path}", PRIVATE)
        except NotFound:
            return _missing()
        if kind := _PAGES.get(path.rpartition(".")[2].lower()):
            response.headers["content-type"] = kind
        return response

    def _resolve(self, token: str) -> View | None:
        try:
            found: View = self._bus.call("courses", "resolve_scorm", {"token": token})
        except (NotFound, NotAuthenticated):
            return None
        with self._lock:
            now = time.monotonic()
            self._kept = {key: value for key, value in self._kept.items() if value[0] > now}
            self._kept[token] = (now + KEEP_SECONDS, found["prefix"])
        return found

    def _prefix(self, token: str) -> str | None:
        """Remembered for a few seconds: one page fetches dozens of files."""
        with self._lock:
            kept = self._kept.get(token)
        if kept and kept[0] > time.monotonic():
            return kept[1]
        grant = self._resolve(token)
        return str(grant["prefix"]) if grant else None


def _missing() -> Response:
    return Response("Not found", 404, media_type="text/plain", headers={"cache-control": "no-store"})


def scorm_page(grant: View, main_origin: str) -> str:
    """The page for a grant."""
    language = grant["language"]
    several = sum(1 for item in grant["items"] if item["href"]) > 1
    title = html.escape(grant["title"])
    return f"""<!doctype html>
<html lang="{html.escape(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="/static/scorm.css">
</head>
<body class="{"scorm-many" if several else "scorm-one"}">
{_menu(grant) if several else ""}
<main class="scorm-stage"><p class="scorm-wait" role="status">{_say(language, "choose") if several else ""}</p></main>
<script type="application/json" id="cercle-scorm">{_json(_settings(grant, main_origin))}</script>
<script src="{VENDOR}/{_SCRIPTS[grant["version"]]}"></script>
<script src="/static/line.js"></script>
<script src="/static/scorm.js"></script>
</body>
</html>
"""


def _menu(grant: View) -> str:
    """A list of buttons; headings are text. A mark says in words what is completed."""
    rows = []
    for item in grant["items"]:
        title, depth = html.escape(item["title"]), min(int(item["depth"]), 5)
        inner = f"<span>{title}</span>"
        if item["href"]:
            mark = f'<span class="scorm-mark" hidden>{_say(grant["language"], "done")}</span>'
            inner = f'<button type="button" data-item="{html.escape(item["id"], quote=True)}">{title}{mark}</button>'
        rows.append(f'<li class="scorm-depth-{depth}">{inner}</li>')
    label = html.escape(_say(grant["language"], "menu"), quote=True)
    return f'<nav class="scorm-menu" aria-label="{label}"><ol>{"".join(rows)}</ol></nav>'


def _say(language: str, key: str) -> str:
    return i18n.text(language, f"courses.scorm.player.{key}")


def _settings(grant: View, main_origin: str) -> View:
    return {
        "mainOrigin": main_origin, "nonce": grant["nonce"], "readOnly": grant["read_only"],
        "resumeKey": grant["resume_key"], "version": grant["version"], "models": grant["models"],
        "learner": grant["learner"], "title": grant["title"],
        "items": [item for item in grant["items"] if item["href"]],
    }  # fmt: skip


def _json(value: object) -> str:
    # Nothing in it may end the script element or begin another one.
    return (
        json.dumps(value, ensure_ascii=False)
        .replace("<", "\\u003c")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029")
    )
