"""The gateway's outermost layer, as ASGI: it also sees what connexion refuses before Flask.

Order for a request: request id and log context, rate and size limits, who is asking, cross-site check; for the
answer: security headers, metrics, and errors as problem documents.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import structlog
from anyio import to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.auth import (
    LANGUAGE_COOKIE,
    SESSION_COOKIE,
    BadCsrf,
    actor_of,
    check_csrf,
    cookies_of,
    csrf_token,
)
from gateway.context import CURRENT, RequestContext
from gateway.limits import SAFE, RateLimit
from gateway.problems import MEDIA_TYPE, headers_of, problem_bytes
from shared import i18n
from shared.config import Settings
from shared.errors import CercleError, Forbidden, NotAuthenticated, TooLarge
from shared.ids import new_id
from shared.messaging.bus import Bus
from shared.observability import HTTP_SECONDS, new_traceparent

log = structlog.get_logger()
QUIET = ("/static/", "/healthz", "/readyz", "/metrics", "/favicon")
TOKEN_PREFIX = "cercle_"  # noqa: S105 how personal tokens begin
STREAMED = ("/studio/", "/system/")
"""Pages whose forms may carry a file: it goes to storage as it comes, up to the limit of an upload."""


def content_security_policy(settings: Settings) -> str:
    """The pages' policy: nothing but our own files, and learning content in a frame of its own origin."""
    media = "".join(f" https://{host}" for host in settings.allowed_video_hosts)
    return "; ".join((
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
        f"media-src 'self'{media}", "connect-src 'self'", "manifest-src 'self'", f"frame-src {settings.content_origin}",
        "object-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
    ))  # fmt: skip


class ReadOnlyToken(Forbidden):
    """The personal token was made for reading only."""

    code = "read-only-token"


class GatewayMiddleware:
    """See the module's text."""

    def __init__(self, app: ASGIApp, settings: Settings, bus: Callable[[], Bus], csrf_key: bytes) -> None:
        self.app = app
        self.settings = settings
        self.bus = bus
        self.csrf_key = csrf_key
        self.limit = RateLimit(settings.rate_limits)
        self.headers = {
            "Content-Security-Policy": content_security_policy(settings),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
        }
        if settings.main_origin.startswith("https:"):
            self.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers, started = Headers(scope=scope), time.perf_counter()
        context = self._context(scope, headers)
        token = CURRENT.set(context)
        structlog.contextvars.bind_contextvars(
            correlation_id=context.request_id, traceparent=headers.get("traceparent") or new_traceparent()
        )
        out = self._finish(scope, context, send, started)
        try:
            await self._guarded(scope, receive, out, headers, context)
        finally:
            structlog.contextvars.unbind_contextvars("correlation_id", "traceparent")
            CURRENT.reset(token)

    async def _guarded(
        self, scope: Scope, receive: Receive, send: Send, headers: Headers, context: RequestContext
    ) -> None:
        try:
            if not scope["path"].startswith(QUIET):
                await self._identify(headers, context)
                account_id = context.account["id"] if context.account else None
                self.limit.check(scope["method"], account_id, context.network)
                self._same_site(scope, headers, context)
            await self.app(scope, self._capped(scope, receive, headers), send)
        except CercleError as error:
            await self.refuse(error, context)(scope, receive, send)

    def refuse(self, error: CercleError, context: RequestContext) -> Response:
        """A problem document for an error that arose before any page or endpoint."""
        body = problem_bytes(error, context.language, context.request_id)
        return Response(body, error.status, headers_of(error), MEDIA_TYPE)

    def _context(self, scope: Scope, headers: Headers) -> RequestContext:
        cookies = cookies_of(headers.get("cookie", ""))
        language = cookies.get(LANGUAGE_COOKIE)
        if language not in i18n.LANGUAGES:
            language = i18n.choose(headers.get("accept-language"))
        client = scope.get("client") or ("", 0)
        context = RequestContext(self.bus(), str(new_id()), language, network=client[0])
        context.secret = cookies.get(SESSION_COOKIE, "")
        context.csrf = csrf_token(self.csrf_key, context.secret)
        return context

    async def _identify(self, headers: Headers, context: RequestContext) -> None:
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and bearer:
            method, argument = ("resolve_token", {"token": bearer})
            if not bearer.startswith(TOKEN_PREFIX):
                method, argument = "resolve_session", {"session": bearer}
            context.credential = "token"
        elif context.secret:
            method, argument = "resolve_session", {"session": context.secret}
            context.credential = "session"
        else:
            return
        try:
            found = await to_thread.run_sync(lambda: context.bus.call("identity", method, argument))
        except NotAuthenticated:
            context.credential = None
            return
        context.account = found["account"]
        context.actor = actor_of(found["account"])
        context.scopes = frozenset(found.get("scopes", ("read", "write")))
        context.language = self._language(headers, found["account"]["language"])

    @staticmethod
    def _language(headers: Headers, preferred: str) -> str:
        # An API client that names a language gets it; a browser always names one, so there the profile wins.
        wanted = headers.get("accept-language", "")
        is_api = "text/html" not in headers.get("accept", "") and wanted[:2] in i18n.LANGUAGES
        return wanted[:2] if is_api and "sec-fetch-mode" not in headers else preferred

    def _same_site(self, scope: Scope, headers: Headers, context: RequestContext) -> None:
        """Refuse a write that another site's page started with our cookie."""
        if scope["method"] in SAFE:
            return
        if context.credential == "token":
            if "write" not in context.scopes:
                raise ReadOnlyToken
            return
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        ours = {self.settings.main_origin, f"{scope['scheme']}://{headers.get('host', '')}"}
        if (origin and origin not in ours) or (site and site not in ("same-origin", "none")):
            raise BadCsrf
        if scope["path"].startswith("/api/") and context.credential == "session":
            check_csrf(context.csrf, headers.get("x-csrf-token"))

    def _capped(self, scope: Scope, receive: Receive, headers: Headers) -> Receive:
        """Count the bytes that really come; a declared length is only believed when it is too large."""
        limit = self._limit_of(scope, headers)
        if int(headers.get("content-length") or 0) > limit:
            raise TooLarge(limit=limit)
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            if message["type"] == "http.request":
                seen += len(message.get("body", b""))
                if seen > limit:
                    raise TooLarge(limit=limit)
            return message

        return counted

    def _limit_of(self, scope: Scope, headers: Headers) -> int:
        form = headers.get("content-type", "").startswith("multipart/form-data")
        streamed = scope["path"] == "/api/v1/uploads" or (form and scope["path"].startswith(STREAMED))
        return self.settings.max_upload if streamed else self.settings.max_body

    def _finish(self, scope: Scope, context: RequestContext, send: Send, started: float) -> Send:
        async def finished(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
                headers["X-Request-Id"] = context.request_id
                if not scope["path"].startswith("/static/"):
                    headers.setdefault("Cache-Control", "no-store")
                    headers.add_vary_header("Cookie, Accept-Language")
                seconds = time.perf_counter() - started
                HTTP_SECONDS.labels(scope["method"], str(message["status"])).observe(seconds)
                if not scope["path"].startswith(QUIET):
                    log.debug(
                        "http.answered", method=scope["method"], status=message["status"], seconds=seconds
                    )
            await send(message)

        return finished


def account_of(scope_context: RequestContext) -> dict[str, Any]:
    """The signed-in account. Raises NotAuthenticated."""
    if scope_context.account is None:
        raise NotAuthenticated
    return scope_context.account
