"""A course frozen at one moment: what a snapshot holds, and what changed between two of them.

A snapshot is an edition (learners are served from the newest) or a state of the draft in its history. The document
holds outline, objectives and titles; what the blocks hold is kept apart under a digest, since most of it stays the same
from one snapshot to the next.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from services.courses.domain.course import Course, Objective, Pair
from services.courses.domain.outline import PARENT_KIND, Outline, OutlineItem

Document = Mapping[str, Any]
Row = Mapping[str, Any]
Fields = Mapping[str, Mapping[str, Any]]
"""What a block holds: `{"content": {name: value}, "settings": {name: value}}`."""

EDITED: Final = "edited"
PUBLISHED: Final = "published"
RESTORED: Final = "restored"
DELETED: Final = "deleted"
REASONS = (EDITED, PUBLISHED, RESTORED, DELETED)
BURST = timedelta(minutes=10)
"""One person's edits closer together than this make one line of the history."""
KEPT = timedelta(days=90)
"""How long a state of the draft stays in the history. Editions stay for good."""
HERE = timedelta(minutes=5)
"""Who edited less than this ago is said to be editing."""
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_KEY = re.compile(r"[A-Za-z0-9_-]+(?:/[A-Za-z0-9_.-]+)+/?")
_IDS = ("id", "course_id", "parent_id", "need_id")
_COURSE = ("title", "summary", "need_id", "only_language")
_APART = ("course_id", "touched")


@dataclass(eq=False)
class Snapshot:
    """`number` counts the editions; a state of the draft has none. `made_by`: who wrote what it holds."""

    id: UUID
    course_id: UUID
    document: Document
    made_at: datetime
    made_by: UUID | None = None
    reason: str = EDITED
    number: int | None = None
    note: Pair | None = None


def document_of(
    course: Course, outline: Outline, objectives: Iterable[Objective], blocks: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """What a snapshot holds. blocks: usage id -> {type, definition, activity, parent, children, digest}."""
    return {
        "course": {name: _plain(getattr(course, name)) for name in _COURSE},
        "items": [_row(item) for item in outline.items],
        "objectives": [_row(objective) for objective in objectives],
        "blocks": {usage: dict(block) for usage, block in blocks.items()},
        "counts": {kind: sum(item.kind == kind for item in outline.items) for kind in PARENT_KIND},
    }


def _row(thing: Any) -> dict[str, Any]:
    return {f.name: _plain(getattr(thing, f.name)) for f in fields(thing) if f.name not in _APART}


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    return dict(value) if isinstance(value, Mapping) else value


def outline_of(document: Document, course_id: UUID) -> Outline:
    """The outline that was frozen."""
    return Outline(_made(OutlineItem, _with_rule(row), course_id) for row in document["items"])


def _with_rule(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Editions of the time before rules have a word instead."""
    word = row.get("completion")
    return {**row, "rule": {"rule": word}} if word and "rule" not in row else row


def objectives_of(document: Document, course_id: UUID) -> list[Objective]:
    """The objectives that were frozen, in order."""
    return [_made(Objective, row, course_id) for row in document["objectives"]]


def _made(kind: Callable[..., Any], row: Mapping[str, Any], course_id: UUID) -> Any:
    known = {f.name for f in fields(kind)}  # type: ignore[arg-type]
    values = {name: value for name, value in row.items() if name in known}
    ids = {name: UUID(values[name]) for name in _IDS if values.get(name)}
    return kind(**(values | ids | {"course_id": course_id}))


def head_of(document: Document) -> dict[str, Any]:
    """Title, summary, need and declared language as they were."""
    head = dict(document["course"])
    return head | {"need_id": UUID(head["need_id"]) if head.get("need_id") else None}


def digest_of(held: Fields) -> str:
    """Names what a block holds; the same for the same."""
    return hashlib.sha256(json.dumps(held, sort_keys=True).encode()).hexdigest()


def references(held: Fields) -> set[str]:
    """Every id and every storage key in what a block holds: what must stay while the snapshot does."""
    found: set[str] = set()
    for _, value in leaves(held):
        if isinstance(value, str) and len(value) <= 300 and _KEY.fullmatch(value):
            found.add(value)
        if isinstance(value, str):
            found.update(_UUID.findall(value))
    return found


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every plain value in a JSON document with its dotted path."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from leaves(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from leaves(inner, f"{path}.{index}" if path else str(index))
    else:
        yield path, value


def starts_a_line(course: Course, editor: UUID, last_at: datetime | None, now: datetime) -> bool:
    """True when the draft must be kept before this edit: another person wrote it, or the last state is old."""
    if course.edited_by not in (None, editor):
        return True
    return now - (last_at or course.created_at) >= BURST


# --- what changed


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `kind`: module, unit, activity, objective or course; `id` is None for the course itself."""

    code: str
    kind: str
    id: str | None
    title: Pair
    texts: list[dict[str, str]] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """For the wire."""
        return {
            "code": self.code,
            "kind": self.kind,
            "id": self.id,
            "title": dict(self.title),
            "texts": self.texts,
        }


Held = Callable[[str], Fields]
"""What a block held, by its digest."""


def changes(before: Document, after: Document, held: Held | None = None) -> list[Change]:
    """What changed, in the order of the newer outline; with `held`, the texts of both sides too."""
    return [
        *_course_changes(before, after, with_texts=held is not None),
        *_objective_changes(before, after, with_texts=held is not None),
        *_item_changes(before, after, held),
    ]


def _course_changes(before: Document, after: Document, *, with_texts: bool) -> Iterator[Change]:
    old, new = before["course"], after["course"]
    for name in ("title", "summary"):
        if old[name] != new[name]:
            texts = _pair_texts(name, old[name], new[name]) if with_texts else []
            yield Change(f"{name}-changed", "course", None, new["title"], texts)
    if old.get("only_language") != new.get("only_language"):
        yield Change("language-changed", "course", None, new["title"])


def _objective_changes(before: Document, after: Document, *, with_texts: bool) -> Iterator[Change]:
    old = {row["id"]: row for row in before["objectives"]}
    new = {row["id"]: row for row in after["objectives"]}
    for key, row in new.items():
        if key not in old:
            yield Change("added", "objective", key, row["text"])
        elif _apart(row, "position") != _apart(old[key], "position"):
            texts = _pair_texts("text", old[key]["text"], row["text"]) if with_texts else []
            yield Change("changed", "objective", key, row["text"], texts)
    for key, row in old.items():
        if key not in new:
            yield Change("removed", "objective", key, row["text"])


def _item_changes(before: Document, after: Document, held: Held | None) -> Iterator[Change]:
    old = {row["id"]: row for row in before["items"]}
    new = {row["id"]: row for row in _reading_order(after)}
    moved = _moved(before, after)
    for key, row in new.items():
        if key not in old:
            yield Change("added", row["kind"], key, row["title"])
            continue
        texts = _item_texts(before, after, old[key], row, held) if held else {}
        for code in _item_codes(before, after, old[key], row):
            yield Change(code, row["kind"], key, row["title"], texts.get(code, []))
        if key in moved:
            yield Change("moved", row["kind"], key, row["title"])
    for row in _reading_order(before):
        if row["id"] not in new:
            yield Change("removed", row["kind"], row["id"], row["title"])


def _item_codes(before: Document, after: Document, was: Row, row: Row) -> Iterator[str]:
    if was["title"] != row["title"]:
        yield "renamed"
    if _digests(before, row["id"]) != _digests(after, row["id"]):
        yield "content"
    if _settings(was) != _settings(row):
        yield "settings"


def _item_texts(
    before: Document, after: Document, was: Row, row: Row, held: Held
) -> dict[str, list[dict[str, str]]]:
    return {
        "renamed": _pair_texts("title", was["title"], row["title"]),
        "content": _texts(before, after, row["id"], held),
    }


def _reading_order(document: Document) -> list[Mapping[str, Any]]:
    below: dict[str | None, list[Mapping[str, Any]]] = {}
    for row in document["items"]:
        below.setdefault(row["parent_id"], []).append(row)

    def walk(parent: str | None) -> Iterator[Mapping[str, Any]]:
        for row in below.get(parent, ()):
            yield row
            yield from walk(row["id"])

    return list(walk(None))


def _moved(before: Document, after: Document) -> set[str]:
    """Items under another parent, or in another order among the siblings that both have."""
    old, new = _siblings(before), _siblings(after)
    found = {key for key, (parent, _) in new.items() if key in old and old[key][0] != parent}
    for parent in {parent for parent, _ in new.values()}:
        both = [key for key, (over, _) in new.items() if over == parent and old.get(key, ("",))[0] == parent]
        was = sorted(both, key=lambda key: old[key][1])
        found |= {
            key
            for key, other in zip(sorted(both, key=lambda key: new[key][1]), was, strict=True)
            if key != other
        }
    return found


def _siblings(document: Document) -> dict[str, tuple[str | None, int]]:
    """Item -> its parent and its place in the list of the document, which is in order."""
    return {row["id"]: (row["parent_id"], place) for place, row in enumerate(document["items"])}


_KNOWN = ("position", "parent_id", "title", "ready_in", "content_language")


def _settings(row: Mapping[str, Any]) -> dict[str, Any]:
    """What else an item is told; what is empty is as good as left out."""
    return {
        name: value
        for name, value in _with_rule(row).items()
        if value and name not in (*_KNOWN, "completion")
    }


def _apart(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def _digests(document: Document, activity_id: str) -> dict[str, str]:
    """What an activity's block and the blocks below it hold."""
    return {
        usage: block["digest"]
        for usage, block in document["blocks"].items()
        if block["activity"] == activity_id
    }


def changed_activities(before: Document, after: Document) -> list[str]:
    """Activities of both whose blocks hold something else."""
    here = {row["id"] for row in after["items"]}
    return [
        row["id"]
        for row in before["items"]
        if row["id"] in here and _digests(before, row["id"]) != _digests(after, row["id"])
    ]


SHOWN_TEXTS = 60


def _texts(before: Document, after: Document, activity_id: str, held: Held) -> list[dict[str, str]]:
    """The words that differ; ids, keys and figures are left out, and so is what comes after many."""
    old, new = (_words(document, activity_id, held) for document in (before, after))
    differing = [path for path in {**new, **old} if old.get(path) != new.get(path)]
    return [
        {"path": path, "before": old.get(path, ""), "after": new.get(path, "")}
        for path in differing[:SHOWN_TEXTS]
    ]


def _words(document: Document, activity_id: str, held: Held) -> dict[str, str]:
    scopes = [scope for digest in _digests(document, activity_id).values() for scope in held(digest).values()]
    return {path: value for scope in scopes for path, value in leaves(scope) if _is_text(value)}


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and not _KEY.fullmatch(value) and not _UUID.fullmatch(value)


def _pair_texts(path: str, before: Pair, after: Pair) -> list[dict[str, str]]:
    return [
        {"path": f"{path}.{language}", "before": before.get(language, ""), "after": after.get(language, "")}
        for language in ("fr", "en")
        if before.get(language) != after.get(language)
    ]


# --- what an edition means for people


@dataclass(frozen=True, slots=True)
class Standing:
    """One enrolment against two editions: how many of each one's activities are completed."""

    finished: bool
    before: int
    after: int


def impact(standings: Iterable[Standing], before: int, after: int) -> dict[str, int]:
    """How many people are in which case. before, after: how many activities each edition has."""
    counts = dict.fromkeys(("enrolled", "finished", "finished_with_more", "finish_now", "ahead", "behind"), 0)
    for one in standings:
        counts["enrolled"] += 1
        if one.finished:
            counts["finished"] += 1
            counts["finished_with_more"] += one.after < after
        elif after and one.after == after:
            counts["finish_now"] += 1
        elif one.after * before > one.before * after:
            counts["ahead"] += 1
        elif one.after * before < one.before * after:
            counts["behind"] += 1
    return counts
