"""One stored file as an HTTP answer: type, validators, and one byte range (RFC 9110, section 14)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import BinaryIO

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from gateway.content.grants import ContentStore

CHUNK = 64 * 1024
NAME_BYTES = 255
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_TEXT = "; charset=utf-8"
TYPES = {
    "js": "text/javascript" + _TEXT, "css": "text/css" + _TEXT, "json": "application/json",
    "svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif",
    "bmp": "image/bmp", "tif": "image/tiff", "tiff": "image/tiff", "webp": "image/webp",
    "woff": "font/woff", "woff2": "font/woff2", "ttf": "font/ttf", "otf": "font/otf",
    "eot": "application/vnd.ms-fontobject", "mp4": "video/mp4", "webm": "video/webm", "ogg": "audio/ogg",
    "mp3": "audio/mpeg", "m4a": "audio/mp4", "wav": "audio/wav", "vtt": "text/vtt" + _TEXT,
    "webvtt": "text/vtt" + _TEXT, "txt": "text/plain" + _TEXT, "md": "text/plain" + _TEXT,
    "textile": "text/plain" + _TEXT, "csv": "text/csv" + _TEXT, "diff": "text/plain" + _TEXT,
    "patch": "text/plain" + _TEXT, "xml": "application/xml", "pdf": "application/pdf", "rtf": "application/rtf",
    "gltf": "model/gltf+json", "glb": "model/gltf-binary",
}  # fmt: skip
# Kept for a year: a library folder is named after its content.
IMMUTABLE = "public, max-age=31536000, immutable"
PRIVATE = "private, max-age=3600"


def is_plain(path: str) -> bool:
    """True when a path can only mean a file below its folder."""
    parts = path.split("/")
    named = all(len(part.encode("utf-8", "replace")) <= NAME_BYTES for part in parts) and len(path) <= 1000
    return bool(path) and named and "\\" not in path and "\0" not in path and not {"", ".", ".."} & set(parts)


def stored_file(request: Request, store: ContentStore, key: str, cache: str) -> Response:
    """Answer 200, 206, 304 or 416. Raises what the store raises when there is no such file. Blocking."""
    size = store.size(key)
    tag = '"' + hashlib.sha256(f"{key}\0{size}".encode()).hexdigest()[:24] + '"'
    headers = {"etag": tag, "cache-control": cache, "accept-ranges": "bytes", "content-type": _type_of(key)}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    asked = request.headers.get("range")
    span = parse_range(asked, size) if asked and request.headers.get("if-range", tag) == tag else None
    if span is not None and span[0] > span[1]:
        return Response(status_code=416, headers={**headers, "content-range": f"bytes */{size}"})
    first, last = span or (0, size - 1)
    headers["content-length"] = str(last - first + 1)
    if span is not None:
        headers["content-range"] = f"bytes {first}-{last}/{size}"
    body = () if request.method == "HEAD" else _chunks(store.open(key, first), last - first + 1)
    return StreamingResponse(body, 206 if span is not None else 200, headers)


def parse_range(header: str, size: int) -> tuple[int, int] | None:
    """(first, last) byte; None when the header is to be ignored; first > last when nothing can satisfy it."""
    match = _RANGE.fullmatch(header.strip())
    if match is None or match.group(1) == match.group(2) == "":
        return None
    first, last = match.groups()
    if first == "":
        count = min(int(last), size)
        return (size - count, size - 1) if count else (1, 0)
    if last != "" and int(last) < int(first):
        return None
    end = min(int(last), size - 1) if last else size - 1
    return (int(first), end) if int(first) < size else (1, 0)


def _type_of(key: str) -> str:
    return TYPES.get(key.rsplit(".", 1)[-1].lower(), "application/octet-stream")


def _chunks(stream: BinaryIO, count: int) -> Iterator[bytes]:
    with stream:
        while count > 0 and (chunk := stream.read(min(CHUNK, count))):
            count -= len(chunk)
            yield chunk
