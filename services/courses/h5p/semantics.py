"""Content against its libraries' semantics.json: every field checked, sanitised, and unknown ones dropped.

`clean` never raises on any JSON, and cleaning twice changes nothing. `walk` goes through the sub-contents and
media files of content. A field's place is written with dots, as in `answers.0.text`.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from services.courses.h5p.libraries import LibraryKey
from services.courses.h5p.patterns import is_tame
from services.courses.h5p.problems import Param, Problem
from services.courses.h5p.richtext import RICH, allowed_tags, clean_html, escape, plain

Field = Mapping[str, Any]
Value = Any
MAX_DEPTH = 64
MAX_TEXT = 1_000_000
REGEXP_TEXT = 2_000
"""Longer texts are not held against a field's pattern."""

MEDIA_TYPES = ("image", "video", "audio", "file")
_LIBRARY_NAME = re.compile(r"([\w.\-]{1,255})[ \-](\d{1,5})\.(\d{1,5})", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_INDEX = re.compile(r"[0-9]{1,6}")
_MIME = re.compile(r"[\w.+\-]{1,60}/[\w.+\-]{1,80}", re.ASCII)
_URL = re.compile(r"https?://[^\s\\<>]{1,2000}", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_GONE: Any = object()
"""What is left of a value that may not stay."""


class SemanticsSource(Protocol):
    """Where semantics come from: the fields of an installed library, or None when it is not installed.

    No fields at all mean that it has no semantics, and content of it keeps its shape.
    """

    def semantics(self, machine_name: str, major: int, minor: int) -> Sequence[Any] | None: ...


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Safe parameters, and what was wrong with those given."""

    params: dict[str, Any]
    problems: tuple[Problem, ...]


def libraries_in(params: object) -> list[LibraryKey]:
    """Keys of the libraries that the parts of content use, each once, in the order of the content."""
    found: dict[LibraryKey, None] = {}
    waiting = [params]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            key = parse_library(value.get("library")) if isinstance(value.get("params"), dict) else None
            if key is not None:
                found.setdefault(key)
            waiting += reversed(value.values())
        elif isinstance(value, list):
            waiting += reversed(value)
    return list(found)


def parse_library(name: object) -> LibraryKey | None:
    """`H5P.X 1.2` (or `H5P.X-1.2`) as a key; None for anything else."""
    match = _LIBRARY_NAME.fullmatch(name) if isinstance(name, str) else None
    return LibraryKey(match[1], int(match[2]), int(match[3])) if match else None


def clean(params: object, library: str, source: SemanticsSource) -> Cleaned:
    """Parameters of `library` as they may be stored and played.

    A value that cannot stay is dropped, one that is out of bounds is brought within them, and each is reported.
    A required field without a value is reported and left out. Without semantics the shape is kept and every text
    is made harmless.
    """
    cleaner = _Cleaner(source)
    fields = cleaner.fields_of(parse_library(library))
    if not isinstance(params, dict):
        cleaner.say("field-wrong-type", ())
        params = {}
    if not fields:
        return Cleaned(cleaner.anything(params, (), 0), tuple(cleaner.problems))
    return Cleaned(cleaner.fields(params, fields, (), 0), tuple(cleaner.problems))


Path = tuple[str | int, ...]


def dotted(path: Path) -> str:
    """A place in parameters, as problems name it."""
    return ".".join(str(part) for part in path)


@dataclass(slots=True)
class _Cleaner:
    source: SemanticsSource
    problems: list[Problem] = field(default_factory=list)

    def say(self, code: str, path: Path, **params: Param) -> None:
        """Report a problem at a place."""
        self.problems.append(Problem(code, params, dotted(path)))

    def fields_of(self, key: LibraryKey | None) -> list[Field] | None:
        """Usable fields of a library; None when its semantics are not known."""
        found = self.source.semantics(*key) if key else None
        return _named(found) if isinstance(found, Sequence) and not isinstance(found, str) else None

    # --- groups of fields

    def fields(
        self, given: Mapping[str, Any], fields: Sequence[Field], path: Path, depth: int
    ) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        for one in fields:
            name = one["name"]
            here = (*path, name)
            value = self.value(given[name], one, here, depth + 1) if name in given else _GONE
            if value is not _GONE:
                kept[name] = value
            if _is_empty(value) and _is_required(one, given) and not self._said(here):
                self.say("field-required", here)
        return kept

    def value(self, given: Value, one: Field, path: Path, depth: int) -> Value:
        """One value against its field; _GONE when nothing of it may stay."""
        if depth > MAX_DEPTH:
            self.say("field-too-deep", path)
            return _GONE
        if given is None:
            return _GONE
        kind = one.get("type")
        check = {
            "text": self.text, "number": self.number, "boolean": self.boolean, "select": self.select,
            "list": self.list, "group": self.group, "library": self.library, "image": self.file,
            "file": self.file, "video": self.sources, "audio": self.sources,
        }.get(kind if isinstance(kind, str) else "")  # fmt: skip
        return self.anything(given, path, depth) if check is None else check(given, one, path, depth)

    def _said(self, path: Path) -> bool:
        """True when the newest problem is about this very place."""
        return bool(self.problems) and self.problems[-1].path == dotted(path)

    def wrong(self, path: Path) -> Value:
        self.say("field-wrong-type", path)
        return _GONE

    # --- simple values

    def text(self, given: Value, one: Field, path: Path, depth: int) -> Value:  # noqa: ARG002 as every check
        if isinstance(given, (int, float)) and not isinstance(given, bool):
            given = str(given)
        if not isinstance(given, str):
            return self.wrong(path)
        text = _without_surrogates(given[:MAX_TEXT])
        rich = isinstance(one.get("tags"), list) or one.get("widget") == "html"
        limit, read = _whole(one.get("maxLength")), plain(text) if rich else html.unescape(text)
        if limit and len(read) > limit:
            self.say("text-too-long", path, limit=limit)
            text = text if rich else read[:limit]
        if not rich and not self._fits(text, one):
            self.say("text-pattern", path)
            return ""
        if not rich:
            return escape(text)
        listed = one.get("tags")
        return clean_html(text, allowed_tags(listed if isinstance(listed, list) else ()), one.get("font"))

    @staticmethod
    def _fits(text: str, one: Field) -> bool:
        rule = one.get("regexp")
        pattern = rule.get("pattern") if isinstance(rule, Mapping) else None
        if not isinstance(rule, Mapping) or not isinstance(pattern, str) or len(text) > REGEXP_TEXT:
            return True
        if text == "" or not is_tame(pattern):
            return True  # absent, which is another matter; or nothing to search with
        modifiers = rule.get("modifiers")
        flags = re.IGNORECASE if isinstance(modifiers, str) and "i" in modifiers else 0
        try:
            return re.search(pattern, html.unescape(text), flags) is not None
        except (re.error, OverflowError, RecursionError):
            return True  # JavaScript knows patterns that Python does not

    def number(self, given: Value, one: Field, path: Path, depth: int) -> Value:  # noqa: ARG002 as every check
        number = _number(given)
        if number is None:
            return self.wrong(path)
        low, high = _number(one.get("min")), _number(one.get("max"))
        if high is not None and number > high:
            self.say("number-too-large", path, limit=high)
            number = high
        if low is not None and number < low:
            self.say("number-too-small", path, limit=low)
            return low
        places = _whole(one.get("decimals"))
        if places is not None and places <= 15 and isinstance(number, float):
            number = round(number, places) if places else round(number)
        return self._on_step(number, one, path)

    def _on_step(self, number: float, one: Field, path: Path) -> float:
        step, start, high = _number(one.get("step")), _number(one.get("min")) or 0, _number(one.get("max"))
        if not step or not 1e-6 <= step <= 1e12 or abs((number - start) / step) > 1e9:
            return number
        steps = round((number - start) / step)
        if abs(start + steps * step - number) <= step * 1e-3:
            return number
        if high is not None and start + steps * step > high:
            steps -= 1
        nearest = round(start + steps * step, 10)
        if nearest == number or steps < 0:
            return number
        self.say("number-off-step", path, step=step)
        return int(nearest) if nearest == int(nearest) else nearest

    def boolean(self, given: Value, one: Field, path: Path, depth: int) -> Value:  # noqa: ARG002 as every check
        if isinstance(given, bool):
            return given
        said = given.lower() if isinstance(given, str) else given
        if said in ("true", "1", 1):
            return True
        return False if said in ("false", "0", "", 0) else self.wrong(path)

    def select(self, given: Value, one: Field, path: Path, depth: int) -> Value:  # noqa: ARG002 as every check
        options = _options(one.get("options"))
        if isinstance(given, list) and (one.get("multiple") or not options):
            chosen = [self._choice(item, options) for item in given]
            if any(item is _GONE for item in chosen):
                self.say("select-not-an-option", path)
            return [item for item in chosen if item is not _GONE]
        choice = self._choice(given, options)
        if choice is not _GONE:
            return choice
        self.say("select-not-an-option", path)
        default = self._choice(one.get("default"), options)
        if default is not _GONE:
            return default
        return _GONE if one.get("optional") or not options else self._choice(next(iter(options)), options)

    @staticmethod
    def _choice(given: Value, options: set[str]) -> Value:
        if isinstance(given, bool) or not isinstance(given, (str, int, float)) or not _is_finite(given):
            return _GONE
        if options:  # what semantics do not list, a widget offers while writing
            return (
                given
                if str(given) in options or (isinstance(given, str) and plain(given) in options)
                else _GONE
            )
        return escape(_without_surrogates(given)) if isinstance(given, str) else given

    # --- structures

    def list(self, given: Value, one: Field, path: Path, depth: int) -> Value:
        if isinstance(given, dict) and given and all(_INDEX.fullmatch(str(key)) for key in given):
            given = [given[key] for key in sorted(given, key=int)]
        if not isinstance(given, list):
            return self.wrong(path)
        most, least = _whole(one.get("max")), _whole(one.get("min"))
        if most is not None and len(given) > most:
            self.say("list-too-long", path, limit=most)
            given = given[:most]
        of = one.get("field")
        item = of if isinstance(of, Mapping) else {}
        kept = [self.value(entry, item, (*path, i), depth + 1) for i, entry in enumerate(given)]
        kept = [entry for entry in kept if entry is not _GONE]
        if least is not None and len(kept) < least and (kept or not one.get("optional")):
            self.say("list-too-short", path, limit=least)
        return kept

    def group(self, given: Value, one: Field, path: Path, depth: int) -> Value:
        fields = _named(one.get("fields"))
        is_sub = bool(one.get("isSubContent"))
        if len(fields) == 1 and not is_sub:
            return self._flat(given, fields[0], path, depth)
        if isinstance(given, list) and not given:
            given = {}  # an empty object, written by PHP
        if not isinstance(given, dict):
            return self.wrong(path)
        kept = self.fields(given, fields, path, depth)
        mark = given.get("subContentId")
        if is_sub and isinstance(mark, str) and _UUID.fullmatch(mark):
            kept["subContentId"] = mark
        return kept

    def _flat(self, given: Value, only: Field, path: Path, depth: int) -> Value:
        """A group of one field is stored as that field's value. Where it is not, its player knows it that way."""
        if not _is_wrapped(given, only):
            return self.value(given, only, path, depth + 1)
        value = self.value(given[only["name"]], only, (*path, only["name"]), depth + 1)
        return _GONE if value is _GONE else {only["name"]: value}

    def library(self, given: Value, one: Field, path: Path, depth: int) -> Value:
        if given in ({}, [], ""):
            return _GONE
        key = parse_library(given.get("library")) if isinstance(given, dict) else None
        if key is None:
            return self.wrong(path)
        fields = self.fields_of(key)
        if not self._may_be(key, one, path):
            return _GONE
        if fields is None:
            self.say("library-not-known", path, library=_spoken(key))
            return _GONE
        kept = {
            "params": self._inner(given.get("params"), fields, (*path, "params"), depth),
            "library": _spoken(key),
        }
        mark = given.get("subContentId")
        if isinstance(mark, str) and _UUID.fullmatch(mark):
            kept["subContentId"] = mark
        if isinstance(given.get("metadata"), dict):
            kept["metadata"] = clean_metadata(given["metadata"])
        return kept | self._extra(given, one, path, depth)

    def _extra(self, given: dict[str, Any], one: Field, path: Path, depth: int) -> dict[str, Any]:
        """What a field keeps beside the known parts of a sub-content."""
        listed = one.get("extraAttributes")
        names = [name for name in listed if isinstance(name, str)] if isinstance(listed, list) else []
        known = ("params", "library", "subContentId", "metadata")
        kept = {
            n: self.anything(given[n], (*path, n), depth + 1) for n in names if n in given and n not in known
        }
        return {name: value for name, value in kept.items() if value is not _GONE}

    def _inner(self, given: Value, fields: Sequence[Field], path: Path, depth: int) -> Value:
        params = given if isinstance(given, dict) else {}
        if fields:
            return self.fields(params, fields, path, depth)
        found = self.anything(params, path, depth + 1)
        return {} if found is _GONE else found

    def _may_be(self, key: LibraryKey, one: Field, path: Path) -> bool:
        """True when the field offers the library; another version than the one offered is reported and kept."""
        listed = one.get("options")
        if not isinstance(listed, list) or not listed:
            return True
        offered = [parse_library(item.get("name") if isinstance(item, Mapping) else item) for item in listed]
        if key in offered:
            return True
        versions = [_spoken(other) for other in offered if other and other.machine_name == key.machine_name]
        if versions:
            self.say("library-other-version", path, library=_spoken(key), offered=", ".join(versions))
            return True
        self.say("library-not-offered", path, library=_spoken(key))
        return False

    # --- files

    def sources(self, given: Value, one: Field, path: Path, depth: int) -> Value:
        """Video and audio: one file in several formats."""
        if isinstance(given, dict):
            given = [given] if "path" in given else [given[k] for k in sorted(given) if str(k).isdigit()]
        if not isinstance(given, list):
            return self.wrong(path)
        files = [self.file(entry, one, (*path, i), depth + 1) for i, entry in enumerate(given)]
        return [entry for entry in files if entry is not _GONE]

    def file(self, given: Value, one: Field, path: Path, depth: int) -> Value:
        if given in ({}, [], ""):
            return _GONE
        place = clean_path(given.get("path")) if isinstance(given, dict) else None
        if place is None:
            self.say("file-path-refused", path)
            return _GONE
        kept: dict[str, Any] = {"path": place}
        mime = given.get("mime")
        if isinstance(mime, str) and _MIME.fullmatch(mime):
            kept["mime"] = mime
        for name in ("width", "height", "bitrate", "duration"):
            number = _number(given.get(name))
            if number is not None and number >= 0:
                kept[name] = number
        for name in ("codecs", "aspectRatio"):
            if isinstance(given.get(name), str):
                kept[name] = escape(_without_surrogates(given[name][:200]))
        kept |= self._file_parts(given, one, path, depth)
        return kept

    def _file_parts(self, given: dict[str, Any], one: Field, path: Path, depth: int) -> dict[str, Any]:
        parts: dict[str, Any] = {}
        quality = given.get("quality")
        if isinstance(quality, dict):
            parts["quality"] = _shallow(quality, ("level", "label"))
        if isinstance(given.get("copyright"), dict):
            parts["copyright"] = _shallow(given["copyright"], _COPYRIGHT)
        if isinstance(given.get("metadata"), dict):
            parts["metadata"] = clean_metadata(given["metadata"])
        if one.get("type") == "image" and isinstance(given.get("originalImage"), dict) and depth < MAX_DEPTH:
            original = self.file(given["originalImage"], one, (*path, "originalImage"), depth + 1)
            parts |= {} if original is _GONE else {"originalImage": original}
        return parts

    # --- where nothing is known

    def anything(self, given: Value, path: Path, depth: int) -> Value:
        """A value without semantics: its shape is kept, its texts are made harmless."""
        if depth > MAX_DEPTH:
            self.say("field-too-deep", path)
            return _GONE
        if isinstance(given, str):
            return _harmless(given)
        if isinstance(given, list):
            items = [self.anything(item, (*path, i), depth + 1) for i, item in enumerate(given)]
            return [item for item in items if item is not _GONE]
        if isinstance(given, dict):
            return self._object(given, path, depth)
        return given if given is None or isinstance(given, (bool, int)) or _is_finite(given) else _GONE

    def _object(self, given: dict[str, Any], path: Path, depth: int) -> Value:
        if isinstance(given.get("path"), str) and isinstance(given.get("mime"), str):
            return self.file(given, {"type": "image"}, path, depth)
        key = parse_library(given.get("library")) if isinstance(given.get("params"), dict) else None
        if key is not None and self.fields_of(key) is not None:
            return self.library(given, {}, path, depth)
        kept = {
            _harmless(str(name)): self.anything(value, (*path, str(name)), depth + 1)
            for name, value in given.items()
        }
        return {name: value for name, value in kept.items() if value is not _GONE}


# --- metadata and files, also for h5p.json

_COPYRIGHT = (
    "title",
    "author",
    "authors",
    "year",
    "source",
    "license",
    "version",
    "licenseVersion",
    "licenseExtras",
)
_META_TEXTS = (
    "title", "a11yTitle", "license", "licenseVersion", "licenseExtras", "source", "contentType", "authorComments",
    "defaultLanguage", "yearFrom", "yearTo", "yearsFrom", "yearsTo", "extraTitle",
)  # fmt: skip


def clean_metadata(given: Mapping[str, Any]) -> dict[str, Any]:
    """Title, licence, authors and changes of a part, each text escaped; unknown keys dropped."""
    kept = _shallow(given, _META_TEXTS)
    for name, parts in (("authors", ("name", "role")), ("changes", ("date", "author", "log"))):
        if isinstance(given.get(name), list):
            kept[name] = [_shallow(item, parts) for item in given[name][:200] if isinstance(item, dict)]
    return kept


def clean_path(path: object) -> str | None:
    """The path of a file within the content, or a web address; None for anything that leads elsewhere.

    The mark of a temporary file is taken off.
    """
    if not isinstance(path, str):
        return None
    path = path.strip().removesuffix("#tmp")
    if _URL.fullmatch(path):
        for mark, code in (('"', "%22"), ("'", "%27"), ("`", "%60")):
            path = path.replace(mark, code)
        return path
    parts = path.split("/")
    plain_name = all(part not in ("", ".", "..") and part[0] not in "._" for part in parts)
    if (
        not plain_name
        or _SCHEME.match(path)
        or len(path) > 240
        or re.search(r"[\x00-\x1f\x7f\\<>\"'`#?\ud800-\udfff]", path)
    ):
        return None
    return path


# --- going through content


@dataclass(frozen=True, slots=True)
class Part:
    """A sub-content. `value` is its object in the parameters: library, params, metadata, subContentId."""

    path: Path
    library: str
    params: Mapping[str, Any]
    sub_id: str | None
    metadata: Mapping[str, Any]
    field: Field
    value: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Medium:
    """A file that content shows. `file` is its object; `kind` image, video, audio or file; `is_local` in content/."""

    path: Path
    kind: str
    file: Mapping[str, Any]
    field: Field

    @property
    def is_local(self) -> bool:
        """True for a file of the content itself."""
        return not _URL.fullmatch(str(self.file.get("path", "")))


def walk(params: object, library: str, source: SemanticsSource) -> Iterator[Part | Medium]:
    """Sub-contents and media in the order of their fields, a sub-content before what is in it.

    Where semantics are not known, objects are recognised by their keys.
    """
    yield from _walk(params, _whole_of(parse_library(library), source), (), source, 0)


def _whole_of(key: LibraryKey | None, source: SemanticsSource) -> Field:
    """All fields of a library as one group; an empty field where they are not known."""
    fields = _Cleaner(source).fields_of(key)
    return {"type": "group", "fields": fields, "root": True} if fields else {}


def _walk(
    value: Value, one: Field, path: Path, source: SemanticsSource, depth: int
) -> Iterator[Part | Medium]:
    if depth > MAX_DEPTH:
        return
    kind = one.get("type")
    if kind in ("text", "number", "boolean", "select"):
        return
    if kind == "group":
        yield from _walk_group(value, one, path, source, depth)
    elif isinstance(value, list):
        inner = one.get("field") if kind == "list" else one if kind in MEDIA_TYPES else {}
        for number, item in enumerate(value):
            yield from _walk(
                item, inner if isinstance(inner, Mapping) else {}, (*path, number), source, depth + 1
            )
    elif isinstance(value, dict):
        yield from _walk_object(value, one, path, source, depth)


def _walk_group(
    value: Value, one: Field, path: Path, source: SemanticsSource, depth: int
) -> Iterator[Part | Medium]:
    fields = _named(one.get("fields"))
    if len(fields) == 1 and not one.get("isSubContent") and not one.get("root"):
        name, wrapped = fields[0]["name"], _is_wrapped(value, fields[0])
        inside, where = (value[name], (*path, name)) if wrapped else (value, path)
        yield from _walk(inside, fields[0], where, source, depth + 1)
        return
    for inner in fields if isinstance(value, dict) else ():
        if inner["name"] in value:
            yield from _walk(value[inner["name"]], inner, (*path, inner["name"]), source, depth + 1)


def _walk_object(
    value: dict[str, Any], one: Field, path: Path, source: SemanticsSource, depth: int
) -> Iterator[Part | Medium]:
    key, place = parse_library(value.get("library")), value.get("path")
    if key is not None and isinstance(value.get("params"), dict):
        yield _part(value, key, one, path)
        yield from _walk(value["params"], _whole_of(key, source), (*path, "params"), source, depth + 1)
    elif isinstance(place, str) and (one.get("type") in MEDIA_TYPES or isinstance(value.get("mime"), str)):
        yield Medium(path, _kind(value, one), value, one)
        if isinstance(value.get("originalImage"), dict):
            yield from _walk(value["originalImage"], one, (*path, "originalImage"), source, depth + 1)
    else:
        for name, inner in value.items():
            yield from _walk(inner, {}, (*path, str(name)), source, depth + 1)


def _part(value: dict[str, Any], key: LibraryKey, one: Field, path: Path) -> Part:
    sub_id, metadata = value.get("subContentId"), value.get("metadata")
    return Part(
        path, _spoken(key), value["params"], sub_id if isinstance(sub_id, str) else None,
        metadata if isinstance(metadata, dict) else {}, one, value,
    )  # fmt: skip


def _kind(value: Mapping[str, Any], one: Field) -> str:
    kind = one.get("type")
    if kind in MEDIA_TYPES:
        return str(kind)
    guess = str(value.get("mime")).split("/")[0]
    return guess if guess in MEDIA_TYPES else "file"


# --- small things


def _is_wrapped(given: Value, only: Field) -> bool:
    """True for `{name: value}` where the one field of a group cannot itself be such an object."""
    structured = ("group", "library", "image", "file")
    return isinstance(given, dict) and set(given) == {only["name"]} and only.get("type") not in structured


def _named(fields: object) -> list[Field]:
    """The fields that have a name; anything else in the list is no field."""
    items = fields if isinstance(fields, Sequence) and not isinstance(fields, str) else ()
    return [one for one in items if isinstance(one, Mapping) and isinstance(one.get("name"), str)]


def _is_required(one: Field, given: Mapping[str, Any]) -> bool:
    """Whether an empty value is a fault. What is hidden is not asked for, nor what is absent and has a default."""
    if one.get("optional") or one.get("deprecated") or one.get("widget") == "none":
        return False
    if one.get("type") not in ("text", "number", "select", "library"):
        return False  # groups and lists answer for themselves; the rest is never empty
    if one.get("name") not in given and "default" in one:
        return False
    return one.get("widget") != "showWhen" or _is_shown(one, given)


def _is_shown(one: Field, given: Mapping[str, Any]) -> bool:
    """Whether a `showWhen` field is shown, judged by the fields beside it."""
    rule = one.get("showWhen")
    listed = rule.get("rules") if isinstance(rule, Mapping) else None
    rules = [r for r in listed if isinstance(r, Mapping)] if isinstance(listed, list) else []
    if not isinstance(rule, Mapping) or not rules or any("/" in str(r.get("field")) for r in rules):
        return False
    held = [_holds(r, given) for r in rules]
    return any(held) if rule.get("type") == "or" else all(held)


def _holds(rule: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    value, wanted = given.get(str(rule.get("field"))), rule.get("equals")
    if isinstance(value, dict):
        value = value.get("library")
    if value is None and wanted is False:
        return True
    return value in wanted if isinstance(wanted, list) else value == wanted


def _is_empty(value: Value) -> bool:
    return value is _GONE or (isinstance(value, str) and not plain(value).strip() and "<img" not in value)


def _options(given: object, depth: int = 0) -> set[str]:
    found: set[str] = set()
    for option in given if isinstance(given, list) and depth < 5 else ():
        if isinstance(option, Mapping) and option.get("type") == "optgroup":
            found |= _options(option.get("options"), depth + 1)
        elif isinstance(option, Mapping) and isinstance(option.get("value"), (str, int, float)):
            found.add(str(option["value"]))
    return found


def _number(value: object) -> int | float | None:
    if isinstance(value, str) and len(value) < 40:
        try:
            value = float(value) if not re.fullmatch(r"-?\d{1,18}", value) else int(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not _is_finite(value):
        return None
    return value if abs(value) <= 2**63 else None


def _is_finite(value: object) -> bool:
    try:
        return not isinstance(value, float) or math.isfinite(value)
    except OverflowError:
        return False


def _whole(value: object) -> int | None:
    number = _number(value)
    return int(number) if number is not None and number >= 0 else None


def _shallow(given: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """These keys, where they hold a short text or a number."""
    kept: dict[str, Any] = {}
    for name in names:
        value = given.get(name)
        if isinstance(value, str):
            kept[name] = escape(_without_surrogates(value[:10_000]))
        elif isinstance(value, (int, float)) and not isinstance(value, bool) and _number(value) is not None:
            kept[name] = value
    return kept


def _harmless(text: str) -> str:
    text = _without_surrogates(text[:MAX_TEXT])
    if "<" in text:
        return clean_html(text, allowed_tags(RICH), font=True)
    return "" if re.match(r"[\s\x00-\x20]*(?:java|vb)script\s*:", text, re.IGNORECASE) else text


def _without_surrogates(text: str) -> str:
    return text.encode("utf-8", "replace").decode() if any("\ud800" <= c <= "\udfff" for c in text) else text


def _spoken(key: LibraryKey) -> str:
    return f"{key.machine_name} {key.major}.{key.minor}"
