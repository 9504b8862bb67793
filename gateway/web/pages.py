"""What every page shares: rendering in the reader's language, the shell's context, forms, and sign-in."""

from __future__ import annotations

import functools
import hashlib
import os
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import nh3
from flask import Flask, current_app, redirect, render_template, request, session, url_for
from jinja2 import BytecodeCache, FileSystemBytecodeCache
from markdown_it import MarkdownIt
from markupsafe import Markup
from werkzeug.wrappers import Response

from gateway import problems
from gateway.auth import check_csrf
from gateway.context import current
from gateway.limits import SAFE
from shared import i18n
from shared.actor import ADMIN, COORDINATOR, TRAINER
from shared.config import Settings
from shared.errors import CercleError, NotAuthenticated
from shared.ids import new_id

STATIC = Path(__file__).parent / "static"
ROLES = ("trainer", "coordinator", "facilitator", "researcher", "admin")
View = TypeVar("View", bound=Callable[..., Any])
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")
_TAGS = {
    "p", "br", "strong", "em", "ul", "ol", "li", "blockquote", "code", "pre", "h2", "h3", "h4", "a", "hr",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip

NAV: tuple[tuple[str, str, str, frozenset[str] | None], ...] = (
    ("today", "/", "today", None),
    ("needs", "/needs", "needs", None),
    ("courses", "/courses", "courses", None),
    ("community", "/community", "community", None),
    ("members", "/members", "members", None),
    ("studio", "/studio", "studio", frozenset({TRAINER, ADMIN})),
    ("programme", "/programme", "programme", frozenset({COORDINATOR, ADMIN})),
    ("system", "/system", "system", frozenset({ADMIN})),
)


def prepare(flask: Flask, settings: Settings) -> None:
    """Give Jinja its filters and Flask its guards."""
    env = flask.jinja_env
    env.trim_blocks = env.lstrip_blocks = True
    env.bytecode_cache = _compiled_templates()
    env.globals.update(static=static_url, url=_url, form_keys=form_keys)
    env.filters.update(
        dt=_date_time, d=_day, time=_clock_time, num=_number, pct=_percent, ago=_ago, md=markdown, pick=_pick,
        zone=_zone_name,
    )  # fmt: skip
    flask.config.update(
        SESSION_COOKIE_NAME="__Host-notes", SESSION_COOKIE_SECURE=True, SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax", SESSION_COOKIE_PATH="/",
    )  # fmt: skip
    flask.before_request(_check_form)
    flask.extensions["cercle_demo"] = settings.demo


def _compiled_templates() -> BytecodeCache | None:
    """Templates compiled once, kept beside the compiled modules where those may be kept; Jinja looks for changes."""
    folder = Path(__file__).parent / "__pycache__" / "templates"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    kept = os.access(folder, os.W_OK) and not sys.dont_write_bytecode
    return FileSystemBytecodeCache(str(folder)) if kept else None


def render(template: str, status: int = 200, **context: Any) -> tuple[str, int]:
    """A page in the reader's language, with the shell around it."""
    return render_template(template, **shell_context(), **context), status


def shell_context() -> dict[str, Any]:
    """What base.html needs (docs/design-system.md)."""
    context = current()
    language = context.language
    catalogue = i18n.catalogue(language)
    return {
        "_": catalogue.text,
        "_n": catalogue.plural,
        "lang": language,
        "other_lang": "en" if language == "fr" else "fr",
        "account": context.account,
        "can": {role: context.actor.has(role) for role in ROLES},
        "nav": _navigation(language) if context.account else [],
        "csrf": context.csrf,
        "unread": _unread(),
        "path": request.full_path.rstrip("?"),
        "demo": _demo(),
        "flashes": _flashes(language),
        "tz": context.time_zone,
        "now": datetime.now(UTC),
    }


def signed_in(view: View) -> View:
    """Send visitors to sign in, and back here afterwards."""

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if current().account is None:
            return redirect(f"/sign-in?next={quote(request.full_path.rstrip('?'), safe='')}")
        return view(*args, **kwargs)

    return guarded  # type: ignore[return-value]


def flash(kind: str, key: str, **params: Any) -> None:
    """Say something on the next page. kind: success, info, warning, error; the text is translated when shown."""
    session.setdefault("flashes", []).append([kind, key, params])
    session.modified = True


def field_errors(error: CercleError) -> dict[str, str]:
    """Field path -> message in the reader's language, for the form macros."""
    return problems.field_errors(error, current().language)


def error_text(error: CercleError) -> str:
    """Title and detail of an error in one text, for a callout."""
    language = current().language
    return f"{problems.title_of(error, language)} {problems.detail_of(error, language)}".strip()


def error_page(error: CercleError) -> Any:
    """A whole page for an error; a visitor who needs to sign in is sent there."""
    if isinstance(error, NotAuthenticated) and request.method in SAFE:
        return redirect(f"/sign-in?next={quote(request.full_path.rstrip('?'), safe='')}")
    return _render_error(error), error.status, problems.headers_of(error)


def error_page_outside(flask: Flask, error: CercleError, path: str) -> str:
    """The same page for an error that arose in a native route, before Flask saw the request."""
    with flask.test_request_context(path):
        return _render_error(error)


def safe_next(target: str | None, default: str = "/") -> str:
    """A path of ours to go on to; never another site."""
    parts = urlsplit(target or "")
    if (
        not target
        or parts.scheme
        or parts.netloc
        or not target.startswith("/")
        or target.startswith(("//", "/\\"))
    ):
        return default
    return target


def back(default: str) -> Response:
    """Redirect (303) to the form's `next`, or `default`."""
    return redirect(safe_next(request.form.get("next"), default), 303)


def is_fragment() -> bool:
    """True when htmx asks for a part of the page."""
    return request.headers.get("HX-Request") == "true"


def static_url(path: str) -> str:
    """Address of a static file with its content's hash, so that browsers may keep it for a year."""
    return f"/static/{path}?v={_digest(path)}"


@functools.cache
def _digest(path: str) -> str:
    file = STATIC / path
    return hashlib.sha256(file.read_bytes()).hexdigest()[:10] if file.is_file() else "0"


def form_keys() -> Markup:
    """Hidden inputs of every form: the cross-site token and a key that makes a double click one submission."""
    return Markup(
        '<input type="hidden" name="csrf_token" value="{}"><input type="hidden" name="idem" value="{}">'
    ).format(current().csrf, new_id())


def markdown(text: str | None) -> Markup:
    """Markdown as clean HTML: no raw HTML, no pictures from elsewhere, links that give nothing away."""
    html = _MARKDOWN.render(text or "")
    clean = nh3.clean(
        html, tags=_TAGS, attributes={"a": {"href"}}, url_schemes={"https", "http", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )  # fmt: skip
    return Markup(clean)  # noqa: S704 cleaned just above


def _render_error(error: CercleError) -> str:
    context = shell_context() | {
        "status": error.status,
        "request_id": current().request_id,
        "retry_after": error.retry_after,
        "detail": error_text(error) if _known(error) else None,
    }
    return render_template("errors/error.html", **context)


def _known(error: CercleError) -> bool:
    return i18n.has(current().language, f"errors.{error.code}")


def _check_form() -> None:
    if request.method in SAFE or request.path.startswith("/api/") or current().credential == "token":
        return
    given = request.form.get("csrf_token") or request.form.get("csrf") or request.headers.get("X-CSRF-Token")
    check_csrf(current().csrf, given)


def _navigation(language: str) -> list[dict[str, Any]]:
    return [
        {
            "key": key, "label": i18n.text(language, f"shell.nav.{key}"), "href": href, "icon": icon, "badge": None,
            "current": _is_current(key, href),
        }
        for key, href, icon, roles in NAV
        if roles is None or current().actor.roles & roles
    ]  # fmt: skip


_ALSO = {
    "needs": ("/surveys", "/proposals", "/votes", "/codings", "/panels"),
    "courses": ("/learning", "/certificates", "/quiz"),
}


def _is_current(key: str, href: str) -> bool:
    """True for the entry under which the present page is found; a survey or a proposal is part of the needs."""
    if href == "/":
        return request.path == "/"
    return request.path.startswith((href, *_ALSO.get(key, ())))


def _unread() -> int:
    context = current()
    if context.account is None or is_fragment():
        return 0
    try:
        return int(
            context.bus.call("notifications", "count_unread", {}, actor=context.actor, timeout=2)["unread"]
        )
    except CercleError:
        return 0  # a page must not depend on the bell


def _flashes(language: str) -> list[dict[str, str]]:
    if "flashes" not in session:
        return []
    return [
        {"kind": kind, "text": i18n.text(language, key, **params)}
        for kind, key, params in session.pop("flashes")
    ]


def _demo() -> bool:
    return bool(current_app.extensions["cercle_demo"])


def _url(endpoint: str, **values: Any) -> str:
    return url_for(endpoint, **values)


def _instant(value: datetime | str) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _date_time(value: datetime | str, zone: str | None = None) -> str:
    return i18n.date_time(current().language, _instant(value), zone or current().time_zone)


def _day(value: datetime | date | str, zone: str | None = None) -> str:
    at = _instant(value) if isinstance(value, (str, datetime)) else value
    return i18n.day(current().language, at, zone or current().time_zone)


def _clock_time(value: datetime | str, zone: str | None = None) -> str:
    return i18n.clock_time(current().language, _instant(value), zone or current().time_zone)


def _zone_name(zone: str) -> str:
    return i18n.zone_name(current().language, zone)


def _number(value: float | None, digits: int = 2) -> str:
    return "–" if value is None else i18n.number(current().language, value, digits)


def _percent(value: float | None, digits: int = 0) -> str:
    return "–" if value is None else i18n.percent(current().language, value, digits)


def _ago(value: datetime | str) -> str:
    return i18n.ago(current().language, _instant(value), datetime.now(UTC))


def _pick(pair: dict[str, str] | None) -> str:
    return i18n.pick(current().language, pair or {})
