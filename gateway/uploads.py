"""Uploads stream to storage chunk by chunk; a file of 200 MB is never held in memory, nor sent over the broker.

POST /api/v1/uploads   body: the bytes; X-Filename (percent-encoded), Content-Type  -> {upload_id, size, sha256}
a page's multipart form: csrf_token and other fields first, then `file` (see UploadForms)
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Self
from urllib.parse import quote, unquote, urlencode
from uuid import UUID, uuid5

from anyio import to_thread
from itsdangerous import BadData, URLSafeTimedSerializer
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.auth import check_csrf
from gateway.content.files import stored_file
from gateway.context import CURRENT, INSTALL_SECONDS, RequestContext
from gateway.middleware import STREAMED, account_of
from shared.config import Settings
from shared.errors import CercleError, FieldProblem, Invalid, TooLarge
from shared.ids import new_id
from shared.storage import Storage, Stored, Writer

Endpoint = Callable[[Request], Awaitable[Response]]
MAX_FIELD = 10_000
MAX_NAME = 200
UPLOADS = UUID("6f0c5f0e-2c3b-4d6a-9a55-0a4e6b1f7c21")  # our own namespace for uuid5


def new_key() -> str:
    """A storage key that tells nothing of the file."""
    return f"uploads/{new_id()}"


class FormReceiver:
    """Takes a multipart body as it comes: small fields into `fields`, the one file into a storage writer.

    The token must come before the file, so that nothing is stored for a forged form.
    """

    def __init__(
        self, boundary: bytes, storage: Storage, limit: int, check: Callable[[dict[str, str]], None]
    ) -> None:
        self.fields: dict[str, str] = {}
        self.filename = ""
        self.media_type = ""
        self.stored: Stored | None = None
        self._storage, self._limit, self._check = storage, limit, check
        self._writer: Writer | None = None
        self._header: tuple[bytes, bytes] = (b"", b"")
        self._part: dict[str, str] = {}
        self._value = b""
        self._parser = MultipartParser(boundary, {
            "on_part_begin": self._begin, "on_header_field": self._header_name, "on_header_value": self._header_value,
            "on_header_end": self._header_end, "on_headers_finished": self._headers_done, "on_part_data": self._data,
            "on_part_end": self._end,
        })  # fmt: skip

    def feed(self, chunk: bytes) -> None:
        """More of the body."""
        self._parser.write(chunk)

    def discard(self) -> None:
        """Forget an unfinished file."""
        if self._writer is not None:
            self._writer.__exit__(None, None, None)

    def _begin(self) -> None:
        self._part, self._value, self._header = {}, b"", (b"", b"")

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._header = (self._header[0] + data[start:end], self._header[1])

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._header = (self._header[0], self._header[1] + data[start:end])

    def _header_end(self) -> None:
        self._part[self._header[0].decode("latin-1").lower()] = self._header[1].decode("utf-8", "replace")
        self._header = (b"", b"")

    def _headers_done(self) -> None:
        _, options = parse_options_header(self._part.get("content-disposition", ""))
        self._part["name"] = options.get(b"name", b"").decode("utf-8", "replace")
        if b"filename" in options and self.stored is None:
            self.filename = options[b"filename"].decode("utf-8", "replace")[-MAX_NAME:]
            self.media_type = self._part.get("content-type", "")
            if self.filename:
                self._check(self.fields)
                self._writer = self._storage.writer(new_key(), limit=self._limit)

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._writer is not None:
            self._writer.write(data[start:end])
        elif len(self._value) + end - start > MAX_FIELD:
            raise Invalid(fields=[FieldProblem(self._part.get("name", ""), "too-long")])
        else:
            self._value += data[start:end]

    def _end(self) -> None:
        if self._writer is not None:
            self.stored = self._writer.commit()
            self._writer = None
        else:
            self.fields[self._part.get("name", "")] = self._value.decode("utf-8", "replace")


def api_upload(storage: Storage, settings: Settings) -> Endpoint:
    """POST /api/v1/uploads."""

    async def upload(request: Request) -> Response:
        context = CURRENT.get()
        account_of(context)
        stored = await _store(request, storage, settings.max_upload, context)
        name = unquote(request.headers.get("x-filename", "file"))[-MAX_NAME:]
        payload = _upload_payload(stored, name, request.headers.get("content-type", ""))
        found = await _register(context, storage, stored, payload, request.headers.get("idempotency-key"))
        return Response(json.dumps(found), 201, media_type="application/json")

    return upload


class UploadForms:
    """ASGI layer under which a page's multipart form arrives in Flask as a plain small form.

    The file goes to storage as it streams in; Flask gets the other fields and `file_ref`, a signed note of what
    was stored, which `uploaded_file` reads.
    """

    def __init__(self, app: ASGIApp, storage: Storage, settings: Settings, key: bytes) -> None:
        self.app, self.storage, self.settings, self.key = app, storage, settings, key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        content_type = Headers(scope=scope).get("content-type", "") if scope["type"] == "http" else ""
        form = content_type.startswith("multipart/form-data")
        if not form or scope["method"] != "POST" or not scope["path"].startswith(STREAMED):
            await self.app(scope, receive, send)
            return
        request, context = Request(scope, receive), CURRENT.get()
        account_of(context)
        receiver = self._receiver(content_type, request, context)
        try:
            async for chunk in request.stream():
                await to_thread.run_sync(receiver.feed, chunk)
        except ClientDisconnect:
            return  # the person cancelled; what had come is thrown away below
        finally:
            receiver.discard()
        body = urlencode(self._fields(receiver)).encode()
        await self.app(_as_form(scope, body), _once(body), send)

    def _receiver(self, content_type: str, request: Request, context: RequestContext) -> FormReceiver:
        _, options = parse_options_header(content_type)

        def check(fields: dict[str, str]) -> None:
            check_csrf(context.csrf, fields.get("csrf_token") or request.headers.get("x-csrf-token"))

        limit = self.settings.max_upload
        return FormReceiver(options.get(b"boundary", b""), self.storage, limit, check)

    def _fields(self, receiver: FormReceiver) -> dict[str, str]:
        fields = {name: value for name, value in receiver.fields.items() if name != "file_ref"}
        if receiver.stored is not None:
            note = _upload_payload(receiver.stored, receiver.filename, receiver.media_type)
            fields["file_ref"] = _serializer(self.key).dumps(note)
        return fields


def uploaded_file(form: Mapping[str, str], key: bytes) -> dict[str, Any] | None:
    """The payload for courses.register_upload of the file that came with a form; None when none came."""
    try:
        found: dict[str, Any] = _serializer(key).loads(form.get("file_ref", ""), max_age=300)
    except BadData:
        return None
    return found


def _serializer(key: bytes) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(key, salt="upload")


def _as_form(scope: Scope, body: bytes) -> Scope:
    headers = [
        (name, value) for name, value in scope["headers"] if name not in (b"content-type", b"content-length")
    ]
    headers += [
        (b"content-type", b"application/x-www-form-urlencoded"),
        (b"content-length", str(len(body)).encode()),
    ]
    return {**scope, "headers": headers}


def _once(body: bytes) -> Receive:
    messages = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> Message:
        return next(messages, {"type": "http.disconnect"})

    return receive


def file_endpoint(storage: Storage) -> Endpoint:
    """GET /files/{activity_id}: an uploaded file as the newest edition has it, or the draft's with `?draft=1`; by
    ranges where a video asks for one, and never run as a page.
    """

    async def serve(request: Request) -> Response:
        context = CURRENT.get()
        account_of(context)
        payload = {
            "activity_id": request.path_params["activity_id"],
            "draft": request.query_params.get("draft") == "1",
        }
        found = await to_thread.run_sync(
            lambda: context.bus.call("courses", "get_file", payload, actor=context.actor)
        )
        response = await to_thread.run_sync(
            stored_file, request, storage, found["storage_key"], "private, max-age=300"
        )
        kind = "inline" if found["inline"] else "attachment"
        response.headers["content-type"] = found["media_type"]
        response.headers["content-disposition"] = f"{kind}; filename*=UTF-8''{quote(found['filename'])}"
        response.headers["content-security-policy"] = "default-src 'none'; sandbox"
        return response

    return serve


def draft_file_endpoint(storage: Storage) -> Endpoint:
    """GET /studio/h5p/files/{draft_id}/{path}: a medium of an H5P draft, for who writes it; never run as a page."""

    async def serve(request: Request) -> Response:
        context = CURRENT.get()
        account_of(context)
        payload = {name: request.path_params[name] for name in ("draft_id", "path")}
        found = await to_thread.run_sync(
            lambda: context.bus.call("courses", "get_h5p_draft_file", payload, actor=context.actor)
        )
        response = await to_thread.run_sync(
            stored_file, request, storage, found["storage_key"], "private, max-age=3600"
        )
        response.headers["content-type"] = found["media_type"]
        response.headers["content-security-policy"] = "default-src 'none'; sandbox"
        return response

    return serve


def package_endpoint(storage: Storage) -> Endpoint:
    """GET /h5p/packages/{activity_id}?language=: the activity's H5P content as a package, for who may have it."""

    async def serve(request: Request) -> Response:
        context = CURRENT.get()
        account_of(context)
        payload = {"activity_id": request.path_params["activity_id"]}
        if language := request.query_params.get("language"):
            payload["language"] = language
        found = await to_thread.run_sync(
            lambda: context.bus.call(
                "courses", "export_h5p", payload, actor=context.actor, timeout=INSTALL_SECONDS
            )
        )
        response = await to_thread.run_sync(
            stored_file, request, storage, found["storage_key"], "private, no-store"
        )
        response.headers["content-type"] = "application/zip"
        response.headers["content-disposition"] = f"attachment; filename*=UTF-8''{quote(found['filename'])}"
        return response

    return serve


async def _store(request: Request, storage: Storage, limit: int, context: RequestContext) -> Stored:
    """The body in storage. With an Idempotency-Key its place follows from the key, so that a repeated upload is
    the same upload; what is there already is only compared, never replaced.
    """
    key = _place(request.headers.get("idempotency-key"), context)
    writer = _Digest(key, limit) if storage.exists(key) else storage.writer(key, limit=limit)
    with writer:
        async for chunk in request.stream():
            await to_thread.run_sync(writer.write, chunk)
        return await to_thread.run_sync(writer.commit)


def _place(key: str | None, context: RequestContext) -> str:
    return f"uploads/{uuid5(UPLOADS, f'{context.actor.account_id}:{key}')}" if key else new_key()


class _Digest:
    """A writer that keeps nothing but size and hash."""

    def __init__(self, key: str, limit: int) -> None:
        self._key, self._limit, self._size, self._hash = key, limit, 0, hashlib.sha256()

    def write(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._size > self._limit:
            raise TooLarge(limit=self._limit)
        self._hash.update(chunk)

    def commit(self) -> Stored:
        return Stored(self._key, self._size, self._hash.hexdigest())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


async def _register(
    context: RequestContext, storage: Storage, stored: Stored, payload: dict[str, Any], key: str | None
) -> dict[str, Any]:
    def register() -> dict[str, Any]:
        found: dict[str, Any] = context.bus.call(
            "courses", "register_upload", payload, actor=context.actor, idempotency_key=key, timeout=30
        )
        return found

    try:
        return await to_thread.run_sync(register)
    except CercleError:
        if key is None:
            await to_thread.run_sync(storage.delete, stored.key)
        raise


def _upload_payload(stored: Stored, name: str, media_type: str) -> dict[str, Any]:
    return {
        "storage_key": stored.key, "filename": name, "size": stored.size, "sha256": stored.sha256,
        "declared_type": media_type[:100],
    }  # fmt: skip
