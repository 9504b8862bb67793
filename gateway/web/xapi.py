"""The xAPI record store over HTTP, under /api/v1/xapi: statements, state, about (xAPI 1.0.3, part 3; 2.0 accepted).

Who asks is the signed-in person (session or personal token), for what is theirs, or a registered tool by Basic
authentication, within its scopes. docs/xapi.md says what is supported. The rules are the courses service's.
"""

from __future__ import annotations

import base64
import binascii
import functools
import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

from flask import Blueprint, request
from werkzeug.wrappers import Response

from gateway.app import as_cercle_error
from gateway.context import current
from gateway.problems import MEDIA_TYPE, headers_of, problem_bytes
from shared.errors import FieldProblem, Invalid, NotAuthenticated

BASE: Final = "/api/v1/xapi"
pages = Blueprint("pages_xapi", __name__, url_prefix=BASE)
View = dict[str, Any]
Page = TypeVar("Page", bound=Callable[..., Any])
VERSIONS = ["1.0.3", "2.0.0"]
_VERSION = re.compile(r"(1\.0(?:\.\d+)?|2\.0(?:\.\d+)?)")
_HEADER = "X-Experience-API-Version"
FILTERS = {
    "agent": "agent", "verb": "verb", "activity": "activity", "registration": "registration", "since": "since",
    "until": "until", "limit": "limit", "format": "format", "cursor": "cursor", "ascending": "ascending",
    "related_agents": "related_agents", "related_activities": "related_activities",
}  # fmt: skip
_FLAGS = ("ascending", "related_agents", "related_activities")


class BadRequest(Invalid):
    """What xAPI calls a bad request: status 400 where our own API says 422."""

    status = 400


def _bad(path: str, code: str) -> BadRequest:
    return BadRequest(fields=[FieldProblem(path, code)])


def versioned(page: Page) -> Page:
    """Refuse a request of no version or an unknown one (part 3, 3.3), and answer with ours."""

    @functools.wraps(page)
    def checked(*args: Any, **kwargs: Any) -> Any:
        if not _VERSION.fullmatch(request.headers.get(_HEADER, "")):
            raise _bad(_HEADER, "bad-version")
        return page(*args, **kwargs)

    return checked  # type: ignore[return-value]


@pages.after_request
def _stamp(response: Response) -> Response:
    asked = request.headers.get(_HEADER, "")
    response.headers[_HEADER] = VERSIONS[1] if asked.startswith("2") else VERSIONS[0]
    return response


@pages.errorhandler(Exception)
def _refused(error: Exception) -> Any:
    found = as_cercle_error(error)
    if found.status == 422:
        found = BadRequest(found.code, fields=found.fields, **found.params)
    headers = {"Content-Type": MEDIA_TYPE, **headers_of(found)}
    if found.status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="xAPI", charset="UTF-8"'
    return problem_bytes(found, current().language, current().request_id), found.status, headers


def ask(method: str, **payload: Any) -> Any:
    """Call the courses service as the person or tool of this request."""
    context = current()
    return context.bus.call("courses", method, {**payload, **_party()}, actor=context.actor)


def _party() -> View:
    """A person's pseudonym, or a tool's credentials. Raises NotAuthenticated."""
    account = current().account
    if account is not None:
        return {"pseudonym": account["pseudonym"]}
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        raise NotAuthenticated
    try:
        key, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise NotAuthenticated from None
    return {"credentials": {"key": key or "-", "secret": secret or "-"}}


# About


@pages.get("/about")
def about() -> Any:
    """Which versions are spoken. Public."""
    return {"version": VERSIONS, "extensions": {}}


# Statements


@pages.get("/statements")
@versioned
def get_statements() -> Any:
    """One by its id, or those that fit the filters."""
    one = [name for name in ("statementId", "voidedStatementId") if name in request.args]
    if one:
        return _one(one)
    if unknown := request.args.keys() - FILTERS.keys() - {"attachments"}:
        raise _bad(min(unknown), "unknown-field")
    found = ask("xapi_find", **_filters())
    more = ""
    if found["more"]:
        kept = {name: value for name, value in request.args.items() if name != "cursor"}
        more = f"{BASE}/statements?{urlencode({**kept, 'cursor': found['more']})}"
    answer = _json({"statements": found["statements"], "more": more})
    answer.headers["X-Experience-API-Consistent-Through"] = found["consistent_through"]
    if found["statements"]:
        answer.headers["Last-Modified"] = _http_date(found["statements"][0]["stored"])
    return answer


def _one(names: list[str]) -> Any:
    if len(names) > 1 or request.args.keys() - {*names, "format", "attachments"}:
        raise _bad(names[0], "only-with-format")
    name = {"statementId": "statement_id", "voidedStatementId": "voided_id"}[names[0]]
    found = ask("xapi_find", **{name: request.args[names[0]], "format": request.args.get("format", "exact")})
    answer = _json(found)
    answer.headers["Last-Modified"] = _http_date(found["stored"])
    return answer


def _filters() -> View:
    given: View = {FILTERS[name]: value for name, value in request.args.items() if name in FILTERS}
    for name in _FLAGS:
        if name in given:
            if given[name] not in ("true", "false"):
                raise _bad(name, "wrong-type")
            given[name] = given[name] == "true"
    if "limit" in given:
        if not given["limit"].isdecimal():
            raise _bad("limit", "wrong-type")
        given["limit"] = int(given["limit"])
    return given


@pages.post("/statements")
@versioned
def post_statements() -> Any:
    """Keep one or many; answers their ids."""
    if request.args:
        raise _bad(min(request.args), "unknown-field")
    body = _body()
    many = body if isinstance(body, list) else [body]
    return _json(ask("xapi_store", statements=many, version=_version())["ids"]) if many else _json([])


@pages.put("/statements")
@versioned
def put_statement() -> Any:
    """Keep one under the id of the address."""
    if set(request.args) != {"statementId"}:
        raise _bad("statementId", "missing")
    body = _body()
    if not isinstance(body, dict):
        raise _bad("statement", "wrong-type")
    ask("xapi_store", statements=[body], statement_id=request.args["statementId"], version=_version())
    return "", 204


def _version() -> str:
    return VERSIONS[1] if request.headers.get(_HEADER, "").startswith("2") else VERSIONS[0]


def _body() -> Any:
    if request.mimetype != "application/json":
        raise _bad("Content-Type", "not-json")
    try:
        return json.loads(request.get_data())
    except (ValueError, RecursionError):
        raise _bad("body", "bad-json") from None


def _json(value: Any) -> Response:
    return Response(json.dumps(value, separators=(",", ":"), ensure_ascii=False), mimetype="application/json")


def _http_date(instant: str) -> str:
    moment = datetime.fromisoformat(instant)
    return moment.strftime("%a, %d %b %Y %H:%M:%S GMT")


# State


def _place(*more: str) -> View:
    """activityId, agent and registration of the address; `more`: what else may be there."""
    known = {"activityId", "agent", "registration", *more}
    if unknown := request.args.keys() - known:
        raise _bad(min(unknown), "unknown-field")
    if "activityId" not in request.args:
        raise _bad("activityId", "missing")
    try:
        agent = json.loads(request.args.get("agent", ""))
    except (ValueError, RecursionError):
        raise _bad("agent", "bad-json") from None
    if not isinstance(agent, dict):
        raise _bad("agent", "wrong-type")
    return {
        "activity_id": request.args["activityId"], "agent": agent,
        "registration": request.args.get("registration"),
    }  # fmt: skip


def _state_id() -> str:
    if not request.args.get("stateId"):
        raise _bad("stateId", "missing")
    return request.args["stateId"]


@pages.get("/activities/state")
@versioned
def get_state() -> Any:
    """One document; without stateId the ids of all."""
    place = _place("stateId", "since")
    if "stateId" not in request.args:
        return _json(ask("xapi_list_states", **place, since=request.args.get("since"))["ids"])
    found = ask("xapi_get_state", **place, state_id=_state_id())
    answer = Response(base64.b64decode(found["content"]), content_type=found["content_type"])
    answer.headers["ETag"] = f'"{found["etag"]}"'
    answer.headers["Last-Modified"] = _http_date(found["updated_at"])
    # Somebody else's bytes on our own origin: never a page.
    answer.headers["Content-Disposition"] = "attachment"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


@pages.route("/activities/state", methods=["PUT", "POST"])
@versioned
def write_state() -> Any:
    """PUT replaces, POST merges two JSON objects."""
    content = base64.b64encode(request.get_data()).decode()
    found = ask(
        "xapi_write_state", **_place("stateId"), state_id=_state_id(), content=content,
        content_type=request.headers.get("Content-Type", "application/octet-stream"),
        merge=request.method == "POST", if_match=request.headers.get("If-Match"),
        if_none_match=request.headers.get("If-None-Match"),
    )  # fmt: skip
    return "", 204, {"ETag": f'"{found["etag"]}"'}


@pages.delete("/activities/state")
@versioned
def delete_state() -> Any:
    """One document; without stateId all of the place."""
    ask(
        "xapi_delete_states", **_place("stateId"), state_id=request.args.get("stateId"),
        if_match=request.headers.get("If-Match"),
    )  # fmt: skip
    return "", 204


# Export


@pages.get("/export")
def export() -> Any:
    """Every statement one may read, oldest first, a line of JSON each; `?everything=1` of everybody, for admins."""
    everything = request.args.get("everything") == "1"
    first = ask("xapi_export", everything=everything)  # refuses here, before anything is sent
    context, party = current(), _party()

    def lines() -> Iterator[str]:
        page = first
        while True:
            yield from (json.dumps(one, ensure_ascii=False) + "\n" for one in page["items"])
            if page["next_cursor"] is None:
                return
            payload = {"everything": everything, "cursor": page["next_cursor"], "limit": 200, **party}
            page = context.bus.call("courses", "xapi_export", payload, actor=context.actor)

    headers = {"Content-Disposition": 'attachment; filename="statements.jsonl"', "Cache-Control": "no-store"}
    return Response(lines(), mimetype="application/x-ndjson", headers=headers)
