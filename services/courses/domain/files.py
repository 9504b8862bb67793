"""Which uploaded files may be an activity: a short list, checked by content and not by name alone.

SVG is not on it: an image that carries scripts is a page.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from typing import BinaryIO

HEAD = 4096
_SAMPLE = 256 * 1024
_TAIL = 66_000
_MAX_DIRECTORY = 4 * 1024 * 1024
_EOCD = b"PK\x05\x06"


@dataclass(frozen=True, slots=True)
class FileType:
    """`inline`: a browser may show it in place."""

    media_type: str
    inline: bool = False

    @property
    def is_image(self) -> bool:
        """True for pictures."""
        return self.media_type.startswith("image/")


_OFFICE = "application/vnd.openxmlformats-officedocument"
TYPES = {
    "png": FileType("image/png", True),
    "jpg": FileType("image/jpeg", True),
    "jpeg": FileType("image/jpeg", True),
    "gif": FileType("image/gif", True),
    "webp": FileType("image/webp", True),
    "pdf": FileType("application/pdf", True),
    "docx": FileType(f"{_OFFICE}.wordprocessingml.document"),
    "pptx": FileType(f"{_OFFICE}.presentationml.presentation"),
    "xlsx": FileType(f"{_OFFICE}.spreadsheetml.sheet"),
    "odt": FileType("application/vnd.oasis.opendocument.text"),
    "mp3": FileType("audio/mpeg", True),
    "mp4": FileType("video/mp4", True),
    "webm": FileType("video/webm", True),
    "txt": FileType("text/plain"),
    "csv": FileType("text/csv"),
}
_OFFICE_FOLDERS = {"docx": "word/", "pptx": "ppt/", "xlsx": "xl/"}


def judge(filename: str, file: BinaryIO) -> FileType | str:
    """The type of an uploaded file, or the code of why it is refused.

    Codes: file-empty, svg-refused, type-not-allowed, content-mismatch. `file` is seekable and is not closed.
    """
    extension = filename.rpartition(".")[2].lower()
    head = file.read(HEAD)
    if not head:
        return "file-empty"
    if extension in ("svg", "svgz") or _is_svg(head):
        return "svg-refused"
    if extension not in TYPES:
        return "type-not-allowed"
    return TYPES[extension] if _matches(extension, head, file) else "content-mismatch"


def _is_svg(head: bytes) -> bool:
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return text.startswith((b"<svg", b"<?xml", b"<!doctype svg")) and b"<svg" in text


def _matches(extension: str, head: bytes, file: BinaryIO) -> bool:
    if extension in _OFFICE_FOLDERS:
        return head.startswith(b"PK\x03\x04") and _is_office(file, _OFFICE_FOLDERS[extension])
    if extension in ("txt", "csv"):
        return _is_text(head + file.read(_SAMPLE))
    return _has_magic(extension, head)


def _has_magic(extension: str, head: bytes) -> bool:
    """Signatures at the start of a file, from the formats' own specifications."""
    if extension == "webp":
        return head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    if extension == "mp4":
        return head[4:8] == b"ftyp"
    if extension == "mp3":
        return head[:3] == b"ID3" or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0)
    if extension == "odt":
        return head[30:].startswith(b"mimetypeapplication/vnd.oasis.opendocument.text")
    signatures: dict[str, tuple[bytes, ...]] = {
        "png": (b"\x89PNG\r\n\x1a\n",),
        "jpg": (b"\xff\xd8\xff",),
        "jpeg": (b"\xff\xd8\xff",),
        "gif": (b"GIF87a", b"GIF89a"),
        "pdf": (b"%PDF-",),
        "webm": (b"\x1a\x45\xdf\xa3",),
    }
    return head.startswith(signatures[extension])


def _is_office(file: BinaryIO, folder: str) -> bool:
    """An Office Open XML package: `[Content_Types].xml` and the folder of its kind, in a directory of sane size."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - _TAIL))
    tail = file.read()
    end = tail.rfind(_EOCD)
    if end < 0 or int.from_bytes(tail[end + 12 : end + 16], "little") > _MAX_DIRECTORY:
        return False
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return False
    return "[Content_Types].xml" in names and any(name.startswith(folder) for name in names)


def _is_text(sample: bytes) -> bool:
    controls = set(range(32)) - set(b"\t\n\r\f")
    return not controls.intersection(sample)
