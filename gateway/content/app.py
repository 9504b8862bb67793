"""The content origin: a second host or port where H5P code runs, with no cookie and no way to the main origin."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.content.files import IMMUTABLE, PRIVATE, is_plain, stored_file
from gateway.content.grants import ContentStore, PlayGrant
from gateway.content.page import gone_page, manifest, player_page
from shared.errors import NotFound

Resolve = Callable[[str], PlayGrant | None]

HERE = Path(__file__).parent
LIBRARY_ROOT = "h5p/libraries"
_FOLDER = re.compile(r"[A-Za-z0-9_\-.]{1,255}-\d+\.\d+\.\d+-[0-9a-f]{8}")
_LIBRARY = re.compile(r"[A-Za-z0-9_\-.]{1,255}-\d+\.\d+")


def content_policy(main_origin: str) -> str:
    """The Content-Security-Policy of every answer. The player needs both `unsafe` words to draw anything."""
    return "; ".join((
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        f"frame-ancestors {main_origin}",
    ))  # fmt: skip


EMBED = "/embed/"
SCORM = "/scorm/"
RESIZER = "/static/embed-resizer.js"
_SANDBOX = "sandbox allow-scripts allow-same-origin allow-forms allow-popups allow-downloads"


def embed_policy() -> str:
    """The same for a page that any site may frame: sandboxed, so that it cannot lead the reader's page away."""
    policy, _, _ = content_policy("*").partition("; frame-ancestors")
    return f"{policy}; frame-ancestors *; {_SANDBOX}"


def create_content_app(
    store: ContentStore,
    *,
    main_origin: str,
    resolve: Resolve,
    vendor: Path = HERE / "vendor",
    more: Sequence[BaseRoute] = (),
) -> Starlette:
    """The ASGI application of the content origin.

    `main_origin` is scheme, host and port, without a slash at the end. `resolve` turns a token into its grant,
    or None; it may block (it runs in a thread) and is asked once per file, so it should be cheap. Answers 404
    alike for an unknown token, an expired one and a missing file. `more`: routes of other kinds of content.
    """
    site = _Site(store, main_origin, resolve)
    routes = [
        *more,
        Route("/play/{token}", site.play),
        Route("/embed/{token}", site.embed),
        Route("/h5p/{token}/h5p.json", site.manifest),
        Route("/h5p/{token}/content/{path:path}", site.content),
        Route("/h5p/{token}/{library}/{path:path}", site.library),
        Route("/libraries/{folder}/{path:path}", site.folder),
        Mount("/vendor", StaticFiles(directory=vendor, check_dir=False)),
        Mount("/static", StaticFiles(directory=HERE / "static")),
    ]
    return Starlette(routes=routes, middleware=[Middleware(_Headers, policy=content_policy(main_origin))])


class _Site:
    def __init__(self, store: ContentStore, main_origin: str, resolve: Resolve) -> None:
        self._store, self._main_origin, self._resolve = store, main_origin, resolve

    async def play(self, request: Request) -> Response:
        return await run_in_threadpool(self._play, request.path_params["token"], embedded=False)

    async def embed(self, request: Request) -> Response:
        return await run_in_threadpool(self._play, f"embed-{request.path_params['token']}", embedded=True)

    def _play(self, token: str, *, embedded: bool) -> Response:
        grant = self._resolve(token)
        if grant is not None and grant.embedded is not embedded:
            grant = None
        text = None if grant is None else self._text(f"{grant.content_prefix}/content.json")
        if grant is None or text is None:
            return HTMLResponse(gone_page(), 404)
        page = player_page(grant, token, text, self._main_origin)
        return HTMLResponse(page, headers={"cache-control": "no-store"})

    def _text(self, key: str) -> str | None:
        try:
            with self._store.open(key) as file:
                return file.read().decode("utf-8-sig")
        except NotFound:
            return None

    async def manifest(self, request: Request) -> Response:
        grant = await run_in_threadpool(self._resolve, request.path_params["token"])
        return (
            _missing() if grant is None else JSONResponse(manifest(grant), headers={"cache-control": PRIVATE})
        )

    async def content(self, request: Request) -> Response:
        grant = await run_in_threadpool(self._resolve, request.path_params["token"])
        return _missing() if grant is None else await self._file(request, grant.content_prefix, PRIVATE)

    async def library(self, request: Request) -> Response:
        grant = await run_in_threadpool(self._resolve, request.path_params["token"])
        folder = grant.libraries.get(request.path_params["library"]) if grant else None
        if folder is None or not _LIBRARY.fullmatch(request.path_params["library"]):
            return _missing()
        return await self._file(request, f"{LIBRARY_ROOT}/{folder}", IMMUTABLE)

    async def folder(self, request: Request) -> Response:
        folder = request.path_params["folder"]
        if not _FOLDER.fullmatch(folder):
            return _missing()
        return await self._file(request, f"{LIBRARY_ROOT}/{folder}", IMMUTABLE)

    async def _file(self, request: Request, prefix: str, cache: str) -> Response:
        path = request.path_params["path"]
        if not is_plain(path):
            return _missing()
        try:
            return await run_in_threadpool(stored_file, request, self._store, f"{prefix}/{path}", cache)
        except NotFound:
            return _missing()


def _missing() -> Response:
    return Response("Not found", 404, media_type="text/plain", headers={"cache-control": "no-store"})


class _Headers:
    """Sets the same headers on every answer, errors included, and lets no cookie out."""

    def __init__(self, app: ASGIApp, policy: str) -> None:
        self._app = app
        fixed = {
            "content-security-policy": policy,
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
            "cross-origin-resource-policy": "same-origin",
            "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
            "x-robots-tag": "noindex",
        }
        self._fixed = [(name.encode(), value.encode()) for name, value in fixed.items()]
        self._framed_by_us = policy.replace("frame-ancestors ", "frame-ancestors 'self' ").encode()
        self._replaced = {*fixed, "set-cookie"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = self._kept(message.get("headers", [])) + self._for(scope.get("path", ""))
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _for(self, path: str) -> list[tuple[bytes, bytes]]:
        """Two addresses are for other sites: the page to frame, and the script that gives the frame its height."""
        if path.startswith(SCORM):  # a SCORM content finds its API in the page around it, on this same origin
            return [
                *self._without(b"content-security-policy"),
                (b"content-security-policy", self._framed_by_us),
            ]
        if path.startswith(EMBED):
            return [
                *self._without(b"content-security-policy"),
                (b"content-security-policy", embed_policy().encode()),
            ]
        if path == RESIZER:
            return [
                *self._without(b"cross-origin-resource-policy"),
                (b"cross-origin-resource-policy", b"cross-origin"),
            ]
        return self._fixed

    def _without(self, name: bytes) -> list[tuple[bytes, bytes]]:
        return [header for header in self._fixed if header[0] != name]

    def _kept(self, headers: Any) -> list[tuple[bytes, bytes]]:
        return [(name, value) for name, value in headers if name.decode().lower() not in self._replaced]
