"""Blocks of other makers on the content origin: the page of a block, calls of its handlers, and its files.

GET  /block/{token}                                  the block's view, for a frame of the main origin
any  /block/{token}/{usage}/handlers/{handler}[/..]  a handler, under the same grant
GET  /xblocks/{kind}/public/...                      files of the block's own package
GET  /xblock-files/...                               files that a block has stored itself
"""

from __future__ import annotations

import base64
import importlib.util
import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from gateway.content.block_page import block_page, failed_page
from gateway.content.files import PRIVATE, is_plain, stored_file
from gateway.content.page import gone_page
from shared.errors import CercleError, Conflict, NotFound
from shared.ids import new_id
from shared.messaging.bus import Bus
from shared.storage import Storage

GROUP = "xblock.v1"
FILES = "xblocks/files/"
BODIES = "xblocks/bodies/"
SMALL = 64 * 1024
SECONDS = 60.0
ATTEMPT = "X-Cercle-Attempt"
_KIND = re.compile(r"[A-Za-z0-9_.\-]{1,60}(@[A-Za-z0-9_.\-]{1,60})?")


class BlockSite:
    """The routes, over the courses service and the storage. `max_body`: bytes from a learner's block; `max_upload`:
    from an authoring view.
    """

    def __init__(
        self, bus: Bus, storage: Storage, *, main_origin: str, max_body: int, max_upload: int
    ) -> None:
        self._bus, self._storage, self._main_origin = bus, storage, main_origin
        self._limits = {"student_view": max_body, "studio_view": max_upload}

    def routes(self) -> list[Route]:
        """For the content origin's application."""
        handler = "/block/{token}/{usage}/handlers/{handler}"
        methods = ["GET", "POST"]
        return [
            Route("/block/{token}", self.page),
            Route(handler, self.handle, methods=methods),
            Route(handler + "/{suffix:path}", self.handle, methods=methods),
            Route("/xblocks/{kind}/{path:path}", self.resource),
            Route("/xblock-files/{path:path}", self.file),
        ]

    async def page(self, request: Request) -> Response:
        token = request.path_params["token"]
        try:
            shown = await self._ask("show_block", token=token)
        except NotFound:
            return HTMLResponse(gone_page(), 404)
        except Conflict:
            return HTMLResponse(failed_page(), 409, headers={"cache-control": "no-store"})
        page = block_page(shown, self._main_origin)
        return HTMLResponse(page, headers={"cache-control": "no-store"})

    async def handle(self, request: Request) -> Response:
        path = request.path_params
        payload: dict[str, Any] = {
            "token": path["token"], "usage_id": path["usage"], "handler": path["handler"],
            "suffix": path.get("suffix", ""), "method": request.method if request.method != "HEAD" else "GET",
            "query": request.url.query, "content_type": request.headers.get("content-type", "application/json")[:200],
        }  # fmt: skip
        key = None
        try:
            if request.method == "POST":
                body, key = await self._body(request)
                payload |= {"body": body, "body_key": key}
            return _answer(await self._ask("handle_block", **payload))
        except CercleError as error:
            words = json.dumps({"error": error.code, "result": "error"})
            return Response(words, error.status, media_type="application/json")
        finally:
            if key is not None:
                await run_in_threadpool(self._storage.delete, key)

    async def _ask(self, name: str, /, **payload: Any) -> Any:
        call: Callable[[], Any] = lambda: self._bus.call("courses", name, payload, timeout=SECONDS)  # noqa: E731
        return await run_in_threadpool(call)

    async def _body(self, request: Request) -> tuple[str, str | None]:
        """A small text as it is; anything else goes to storage, and the service gets its key. Raises TooLarge, NotFound."""
        head = b""
        stream = request.stream()
        async for chunk in stream:
            head += chunk
            if len(head) > SMALL:
                break
        if len(head) <= SMALL:
            try:
                return head.decode(), None
            except UnicodeDecodeError:
                pass
        grant = await self._ask("get_block_grant", token=request.path_params["token"])
        key = f"{BODIES}{new_id()}"
        with self._storage.writer(key, limit=self._limits[grant["view"]]) as writer:
            await run_in_threadpool(writer.write, head)
            async for chunk in stream:
                await run_in_threadpool(writer.write, chunk)
            await run_in_threadpool(writer.commit)
        return "", key

    async def resource(self, request: Request) -> Response:
        kind, path = request.path_params["kind"], request.path_params["path"]
        folder = public_folder(kind) if _KIND.fullmatch(kind) else None
        if folder is None or not is_plain(path) or not path.startswith("public/") or "/." in path:
            return _missing()
        file = (folder / path).resolve()
        if not file.is_relative_to(folder.resolve()) or not file.is_file():
            return _missing()
        return FileResponse(file, headers={"cache-control": PRIVATE})

    async def file(self, request: Request) -> Response:
        path = request.path_params["path"]
        if not is_plain(path):
            return _missing()
        try:
            return await run_in_threadpool(stored_file, request, self._storage, FILES + path, PRIVATE)
        except NotFound:
            return _missing()


def _missing() -> Response:
    return Response("Not found", 404, media_type="text/plain", headers={"cache-control": "no-store"})


def _answer(found: Mapping[str, Any]) -> Response:
    body = base64.b64decode(found["body"]) if found["binary"] else found["body"]
    plain = {
        name: value for name, value in found["headers"].items() if value.isascii() and value.isprintable()
    }
    headers = {**plain, "cache-control": "no-store"}
    if found["attempt"] is not None:
        headers[ATTEMPT] = json.dumps(found["attempt"])
    return Response(body, found["status"], headers)


@cache
def public_folder(kind: str) -> Path | None:
    """The folder of the module that a block type comes from, found without importing any of its code."""
    name, _, package = kind.partition("@")
    for entry in entry_points(group=GROUP, name=name):
        if not package or (entry.dist is not None and entry.dist.name.lower() == package):
            return _folder_of(entry.module)
    return None


def _folder_of(module: str) -> Path | None:
    first, *rest = module.split(".")
    found = importlib.util.find_spec(first)
    if found is None or found.origin is None:
        return None
    folder = Path(found.origin).parent
    for part in rest:
        if (folder / part).is_dir():
            folder /= part
    return folder
