"""The ASGI application around connexion, and how it is served: pages and API on one port, content on another."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import uvicorn
from anyio import to_thread
from flask import Flask
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

from gateway.app import as_cercle_error, create_app
from gateway.context import CURRENT
from gateway.docs import api_docs_routes
from gateway.middleware import GatewayMiddleware
from gateway.problems import MEDIA_TYPE, headers_of, problem_bytes
from gateway.stream import Hub, stream_endpoint
from gateway.uploads import UploadForms, api_upload, draft_file_endpoint, file_endpoint, package_endpoint
from gateway.web.pages import error_page_outside
from gateway.web.studio_olx import archive_endpoint
from shared.actor import GATEWAY
from shared.config import SERVICES, Settings
from shared.errors import CercleError
from shared.garbage import keep_what_is_here
from shared.messaging.bus import Bus
from shared.storage import Storage, make_storage

HERE = Path(__file__).parent
YEAR = "public, max-age=31536000, immutable"


class Static(StaticFiles):
    """Static files; one asked for with its content's hash may be kept for a year."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, or 404."""
        response = await super().get_response(path, scope)
        kept = b"v=" in scope.get("query_string", b"") or path.startswith("vendor/fonts/")
        response.headers["Cache-Control"] = YEAR if kept else "public, max-age=300"
        return response


def gateway_secret(settings: Settings) -> bytes:
    """The gateway's own secret for form tokens: from its signing key, the same in every replica."""
    key = (settings.keys_folder / f"{GATEWAY}.jwk").read_bytes()
    return hashlib.sha256(b"cercle forms" + key).digest()


def build_gateway(
    settings: Settings, bus: Bus, *, storage: Storage | None = None, validate_responses: bool = False
) -> ASGIApp:
    """The main origin's application. `bus` must be ready; it is closed by whoever made it."""
    storage = storage or make_storage(settings)
    secret = gateway_secret(settings)
    hub = Hub()
    flask = create_app(settings, validate_responses=validate_responses)
    flask.app.secret_key = secret
    pages = UploadForms(flask, storage, settings, secret)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        hub.start(bus)
        async with _lifespan_of(flask):
            yield
        hub.stop()

    starlette = Starlette(
        routes=[
            Route("/healthz", _healthy),
            Route("/readyz", _ready(bus)),
            Route("/metrics", _metrics),
            Route("/favicon.ico", lambda _request: RedirectResponse("/static/img/favicon.svg")),
            Route("/stream", stream_endpoint(hub)),
            Route("/api/v1/uploads", api_upload(storage, settings), methods=["POST"]),
            Route("/files/{activity_id}", file_endpoint(storage)),
            Route("/studio/h5p/files/{draft_id}/{path:path}", draft_file_endpoint(storage)),
            Route("/h5p/packages/{activity_id}", package_endpoint(storage)),
            Route("/olx/{course_id}", archive_endpoint(storage)),
            *api_docs_routes(),
            Mount("/static", Static(directory=HERE / "web" / "static", check_dir=False)),
            Mount("/", pages),
        ],
        lifespan=lifespan,
        exception_handlers={CercleError: _refusals(flask.app)},
    )
    starlette.state.hub = hub
    return GatewayMiddleware(starlette, settings, lambda: bus, secret)


@contextlib.asynccontextmanager
async def _lifespan_of(app: Any) -> AsyncIterator[None]:
    """Start connexion's own stack, so that a wrong document stops the start instead of the first request."""
    inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    outbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    await inbox.put({"type": "lifespan.startup"})
    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    task = asyncio.create_task(app(scope, inbox.get, outbox.put))
    answer = asyncio.create_task(outbox.get())
    await asyncio.wait({task, answer}, return_when=asyncio.FIRST_COMPLETED)
    if not answer.done():
        answer.cancel()
        task.result()
    elif answer.result()["type"] != "lifespan.startup.complete":
        raise RuntimeError(answer.result().get("message", "the API documents are wrong"))
    try:
        yield
    finally:
        await inbox.put({"type": "lifespan.shutdown"})
        await asyncio.wait({task}, timeout=5)


def _refusals(flask: Flask) -> Callable[[Request, Exception], Response]:
    """What a native route answers when it refuses: a page to a person, a problem document to a program."""

    def refuse(request: Request, error: Exception) -> Response:
        found, context = as_cercle_error(error), CURRENT.get()
        if "text/html" in request.headers.get("accept", ""):
            page = error_page_outside(flask, found, request.url.path)
            return HTMLResponse(page, found.status, headers_of(found))
        body = problem_bytes(found, context.language, context.request_id)
        return Response(body, found.status, headers_of(found), MEDIA_TYPE)

    return refuse


async def _healthy(_request: Request) -> Response:
    return JSONResponse({"status": "ok"})


def _ready(bus: Bus) -> Callable[[Request], Any]:
    async def ready(_request: Request) -> Response:
        results = {name: await to_thread.run_sync(_answers, bus, name) for name in SERVICES}
        ok = all(results.values())
        return JSONResponse(
            {"status": "ready" if ok else "not-ready", "services": results}, 200 if ok else 503
        )

    return ready


def _answers(bus: Bus, service: str) -> bool:
    """True when the service answers at all: refusing an unknown method is an answer."""
    try:
        bus.call(service, "_ready", {}, timeout=2)
    except CercleError as error:
        return error.status not in (503, 504)
    return True


async def _metrics(_request: Request) -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


class Server(uvicorn.Server):
    """uvicorn without its signal handlers: two servers share one loop, and one place stops both."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield


def _server(app: ASGIApp, host: str, port: int) -> Server:
    return Server(
        uvicorn.Config(
            app, host=host, port=port, lifespan="on", log_level="warning", access_log=False, server_header=False,
            timeout_graceful_shutdown=5, proxy_headers=False, date_header=True,
        )
    )  # fmt: skip


async def serve(
    settings: Settings, main: ASGIApp, content: ASGIApp, on_ready: Callable[[], None] = lambda: None
) -> None:
    """Serve both origins until SIGINT or SIGTERM; open streams are ended first."""
    servers = [
        _server(main, settings.host, settings.port),
        _server(content, settings.content_host, settings.content_port),
    ]
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    tasks = [asyncio.create_task(server.serve()) for server in servers]
    watch = asyncio.create_task(_announce(servers, on_ready))
    await asyncio.wait({asyncio.create_task(stopping.wait()), *tasks}, return_when=asyncio.FIRST_COMPLETED)
    if isinstance(main, GatewayMiddleware):
        main.app.state.hub.stop()  # type: ignore[attr-defined]
    for server in servers:
        server.should_exit = True
    watch.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, SystemExit):
            raise result
    if any(isinstance(result, SystemExit) for result in results):
        raise SystemExit(1)


async def _announce(servers: list[Server], on_ready: Callable[[], None]) -> None:
    while not all(server.started for server in servers):  # noqa: ASYNC110 uvicorn offers a flag, no event
        await asyncio.sleep(0.02)
    keep_what_is_here()
    on_ready()
