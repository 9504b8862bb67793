"""Rules of the H5P editor: labels in the reader's language, and which media a field takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, BinaryIO, Final

from services.courses.domain import files
from shared.errors import Conflict, FieldProblem, Invalid

Field = dict[str, Any]
FindFields = Callable[[str], Sequence[Any] | None]
"""From "H5P.Name 1.2" to its fields; None when it is not installed."""

LIBRARY = re.compile(r"([A-Za-z][\w.\-]{0,200}) (\d{1,5})\.(\d{1,5})")


class DraftIncomplete(Invalid):
    """A draft that cannot be used yet; `fields` lists every reason."""

    code = "h5p-draft-incomplete"


class DraftExists(Conflict):
    """Somebody is writing this activity's content already."""

    code = "h5p-draft-exists"


class ContentReplaced(Conflict):
    """The activity has got another content since the draft was begun. Ask, then confirm."""

    code = "h5p-content-replaced"


class LibraryUnavailable(Conflict):
    """A content type that is not installed, cannot be run, or is kept for others."""

    code = "h5p-library-unavailable"


class MediaRefused(Invalid):
    """A file that the field does not take; `fields` tells why."""

    code = "h5p-media-refused"


# --- Labels


def localise(fields: Sequence[Any], labels: object, texts: object) -> list[Field]:
    """The fields with labels of one translation and default texts of another.

    A translation (`language/fr.json`) repeats the shape of semantics.json by position, with words only.
    """
    return [
        _localised(field, _at(labels, index), _at(texts, index))
        for index, field in enumerate(fields)
        if isinstance(field, dict)
    ]


def _at(translation: object, index: int) -> Field:
    found = translation[index] if isinstance(translation, list) and index < len(translation) else None
    return found if isinstance(found, dict) else {}


def _localised(field: Field, labels: Mapping[str, Any], texts: Mapping[str, Any]) -> Field:
    said = {
        key: labels[key] for key in ("label", "description", "entity", "placeholder") if _is_text(labels, key)
    }
    done = field | said
    if field.get("type") == "text" and _is_text(texts, "default"):
        done["default"] = texts["default"]
    if isinstance(labels.get("important"), dict) and isinstance(field.get("important"), dict):
        done["important"] = field["important"] | labels["important"]
    if isinstance(field.get("fields"), list):
        done["fields"] = localise(field["fields"], labels.get("fields"), texts.get("fields"))
    if isinstance(field.get("field"), dict):
        done["field"] = _localised(field["field"], _map(labels, "field"), _map(texts, "field"))
    if field.get("type") == "select" and isinstance(field.get("options"), list):
        done["options"] = _options(field["options"], labels.get("options"))
    return done


def _options(options: list[Any], labels: object) -> list[Any]:
    return [
        _option(option, _at(labels, index)) if isinstance(option, dict) else option
        for index, option in enumerate(options)
    ]


def _option(option: Field, labels: Mapping[str, Any]) -> Field:
    done = option | ({"label": labels["label"]} if _is_text(labels, "label") else {})
    if isinstance(option.get("options"), list):
        done["options"] = _options(option["options"], labels.get("options"))
    return done


def _is_text(values: Mapping[str, Any], key: str) -> bool:
    return isinstance(values.get(key), str) and bool(values[key])


def _map(values: Mapping[str, Any], key: str) -> Field:
    found = values.get(key)
    return found if isinstance(found, dict) else {}


# --- Problems


def in_optional_group(path: str, fields: Sequence[Any], params: object, find: FindFields) -> bool:
    """Whether a place in parameters lies in a group that need not be filled in: then it may hold nothing."""
    names, value = path.split("."), params
    field: Field = {"type": "group", "fields": fields, "isSubContent": True}
    for name in names:
        if field.get("type") == "library":  # the name is "params"
            field = {"type": "group", "fields": find(_library_of(value)) or (), "isSubContent": True}
        elif field.get("type") == "list":
            field = _map(field, "field")
        else:
            field = next((one for one in field.get("fields") or () if _name_of(one) == name), {})
        value = _inside(value, name)
        while is_flat(field) and not field.get("optional"):
            field = field["fields"][0]
        if field.get("type") == "group" and field.get("optional"):
            return True
    return False


def is_flat(field: Mapping[str, Any]) -> bool:
    """A group of one field is stored as that field's value."""
    fields = field.get("fields")
    return (
        field.get("type") == "group"
        and isinstance(fields, list)
        and len(fields) == 1
        and not field.get("isSubContent")
    )


def _library_of(value: object) -> str:
    return str(value.get("library", "")) if isinstance(value, dict) else ""


def _name_of(field: object) -> object:
    return field.get("name") if isinstance(field, dict) else None


def _inside(value: object, name: str) -> object:
    if isinstance(value, dict):
        return value.get(name)
    return value[int(name)] if isinstance(value, list) and name.isdigit() and int(name) < len(value) else None


# --- Media


IMAGES: Final = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
}
AUDIO: Final = {"mp3": "audio/mpeg", "m4a": "audio/mp4", "ogg": "audio/ogg", "wav": "audio/wav"}
VIDEO: Final = {"mp4": "video/mp4", "webm": "video/webm"}
DOCUMENTS: Final = {
    "pdf": "application/pdf", "txt": "text/plain", "csv": "text/csv", "vtt": "text/vtt", "webvtt": "text/vtt",
    "docx": files.TYPES["docx"].media_type, "pptx": files.TYPES["pptx"].media_type,
    "xlsx": files.TYPES["xlsx"].media_type, "odt": files.TYPES["odt"].media_type,
}  # fmt: skip
MEDIA: Final[dict[str, dict[str, str]]] = {
    "image": IMAGES,
    "audio": AUDIO,
    "video": VIDEO,
    "file": DOCUMENTS | IMAGES | AUDIO | VIDEO,
}
FOLDERS: Final = {"image": "images", "audio": "audios", "video": "videos", "file": "files"}
_MAGIC: Final[dict[str, tuple[int, bytes]]] = {
    "m4a": (4, b"ftyp"), "ogg": (0, b"OggS"), "wav": (8, b"WAVE"), "webm": (0, b"\x1a\x45\xdf\xa3"),
    "vtt": (0, b"WEBVTT"), "webvtt": (0, b"WEBVTT"),
}  # fmt: skip


def media_type(kind: str, filename: str, file: BinaryIO) -> tuple[str, str] | FieldProblem:
    """Extension and media type of a file for a field of one kind, or why the field does not take it."""
    extension = filename.rpartition(".")[2].lower()
    head = file.read(files.HEAD)
    file.seek(0)
    if not head:
        return FieldProblem("upload_id", "file-empty")
    if extension in ("svg", "svgz"):
        return FieldProblem("upload_id", "svg-refused")
    if extension not in MEDIA[kind]:
        accepted = ", ".join(sorted(MEDIA[kind]))
        return FieldProblem("upload_id", "h5p-type-not-allowed", {"accepted": accepted})
    if extension in _MAGIC:
        at, magic = _MAGIC[extension]
        code = None if head.removeprefix(b"\xef\xbb\xbf")[at:].startswith(magic) else "content-mismatch"
    else:
        judged = files.judge(filename, file)
        code = judged if isinstance(judged, str) else None
    return FieldProblem("upload_id", code) if code else (extension, MEDIA[kind][extension])
