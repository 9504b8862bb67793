"""Courses in and out as OLX. The format is in `services/courses/olx`; here its parts meet the course's rows and files.

An import makes a draft in one transaction, then gives each activity its file; what was refused is told in `notes`.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from xblock.core import XBlock
from xblock.fields import Scope

from services.courses import block_types, h5p, olx, policy, store, trash
from services.courses.commands import blocks, files, h5p_library, packages, quiz_authoring, uploads, writing
from services.courses.commands.writing import Edit
from services.courses.domain.course import BLOOM, BOTH, Course
from services.courses.domain.errors_blocks import CourseFileRefused
from services.courses.domain.outline import (
    DISCUSSION,
    FILE,
    H5P,
    QUIZ,
    SURVEY,
    TEXT,
    VIDEO,
    Outline,
    OutlineItem,
)
from services.courses.domain.quiz import BANK, OWN, RULES
from services.courses.domain.rules import LONGEST_DWELL, SHORTEST_DWELL, rule_of, rules_for
from services.courses.domain.video import allowed_address, as_webvtt
from services.courses.olx import OlxActivity, OlxCourse, OlxModule, OlxUnit
from services.courses.players import external
from services.courses.players.markdown import to_html
from services.courses.players.xblock_runtime import CercleRuntime
from services.courses.schemas.parts import BODY
from services.courses.schemas.quiz import QuizEdit
from services.courses.views import View
from shared.db.tx import Tx
from shared.errors import CercleError, FieldProblem, Forbidden, NotFound
from shared.ids import new_id, parse_id
from shared.messaging.bus import Call
from shared.messaging.service import Service
from shared.wire import load

EXPORTS = "olx/exports/"
KEEP_EXPORT = timedelta(days=2)
PARTS = ("audience", "behaviour", "condition", "degree")
_AUTHORED = (Scope.content, Scope.settings)
_OWN = (TEXT, FILE, H5P, QUIZ, VIDEO, SURVEY, DISCUSSION)
Note = tuple[str, Mapping[str, str]]
Progress = Callable[[int, int], None]


def _silent(_done: int, _total: int) -> None:
    """Nobody watches."""


# Out


def export_olx(service: Service, call: Call, course_id: object) -> View:
    """The draft of a course as an archive, in storage for two days: `{storage_key, filename, size, notes}`.

    Raises NotFound, Forbidden.
    """
    with service.read(call) as tx:
        course = store.load_course(tx, course_id)
        if not policy.can_edit_course(tx.actor, course):
            raise Forbidden
        taken, place = _Taker(tx, course), f"{EXPORTS}{course.id}"
        whole = taken.course()
    taken.keys |= {path: _package(service, call, *one) for path, one in taken.packages.items()}
    texts = olx.write_course(whole, to_html)
    with tempfile.TemporaryFile() as out, ExitStack() as opened:
        found = {path: (opened.enter_context(service.storage.open(key)), service.storage.size(key))
                 for path, key in taken.keys.items()}  # fmt: skip
        olx.write_archive(texts, found, out)
        key = f"{place}-{_digest(out)}.tar.gz"
        with service.db.tx(call.actor) as tx:
            trash.throw(tx, key, tx.now + KEEP_EXPORT)
        out.seek(0)
        service.storage.put(key, out)
    name = h5p.slug(_words(whole.title)) or "course"
    return {"storage_key": key, "filename": f"{name}.tar.gz", "size": service.storage.size(key),
            "notes": _told(taken.notes)}  # fmt: skip


def _digest(file: Any) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()[:12]


def _package(service: Service, call: Call, activity_id: UUID, language: str | None) -> str:
    return str(h5p_library.export_activity(service, call, activity_id, language)["storage_key"])


def _told(notes: list[Note]) -> list[View]:
    return [{"code": code, "params": dict(params)} for code, params in notes]


class _Taker:
    """Reads a draft into an OlxCourse. `keys`: path in the archive -> storage key; `packages`: path -> H5P activity
    and the language whose content it is.
    """

    def __init__(self, tx: Tx, course: Course) -> None:
        self._tx, self._course = tx, course
        self._outline: Outline = store.load_outline(tx, course.id)
        self._runtime: CercleRuntime = store.runtime_for(tx, role="author", user=False)
        self.keys: dict[str, str] = {}
        self.packages: dict[str, tuple[UUID, str | None]] = {}
        self.notes: list[Note] = []

    def course(self) -> OlxCourse:
        modules = tuple(self._module(at, one) for at, one in enumerate(self._outline.modules, 1))
        return OlxCourse(
            dict(self._course.title), dict(self._course.summary), modules, tuple(self._objectives())
        )

    def _module(self, place: int, module: OutlineItem) -> OlxModule:
        units = []
        for at, unit in enumerate(self._outline.below(module.id), 1):
            found = (self._activity(one, f"m{place}u{at}a") for one in self._outline.below(unit.id))
            activities: list[OlxActivity] = []
            for make in found:
                if (made := make(len(activities) + 1)) is not None:
                    activities.append(made)
            units.append(OlxUnit(dict(unit.title), tuple(activities)))
        return OlxModule(dict(module.title), tuple(units))

    def _activity(self, item: OutlineItem, stem: str) -> Callable[[int], OlxActivity | None]:
        return lambda number: self._made(item, f"{stem}{number}")

    def _made(self, item: OutlineItem, name: str) -> OlxActivity | None:
        kind = str(item.block_type)
        usable = kind in block_types.usable(self._tx)
        if not usable or (kind not in _OWN and not block_types.is_external(item)):
            self.notes.append(("block-left-out", {"name": _words(item.title), "tag": kind}))
            return None
        block = self._runtime.get_block(str(item.id))
        take = getattr(self, f"_{kind}", self._block) if kind in _OWN else self._block
        content, file = take(item, block, name)
        return OlxActivity(kind, dict(item.title), content, file, dict(item.rule) if item.rule else None)

    def _text(self, _item: OutlineItem, block: XBlock, _name: str) -> tuple[View, str]:
        return {"body": block.body}, ""

    def _file(self, _item: OutlineItem, block: XBlock, name: str) -> tuple[View, str]:
        return {"filename": block.filename, "alt": block.alt}, self._static(block, name)

    def _video(self, _item: OutlineItem, block: XBlock, name: str) -> tuple[View, str]:
        names = ("captions", "transcript", "no_speech", "address")
        return {one: getattr(block, one) for one in names}, self._static(block, name)

    def _static(self, block: XBlock, name: str) -> str:
        """The path under which a block's file goes along; named after its place, with the ending that tells its type."""
        if not block.storage_key:
            return ""
        path = f"static/{name}.{block.filename.rpartition('.')[2].lower() or 'bin'}"
        self.keys[path] = block.storage_key
        return path

    def _h5p(self, item: OutlineItem, block: XBlock, name: str) -> tuple[View, str]:
        files = {language: f"static/{name}-{language}.h5p" for language in block.content_ids}
        self.packages |= {path: (item.id, language) for language, path in files.items()}
        if not block.content_id:
            return {"files": files}, ""
        self.packages[f"static/{name}.h5p"] = (item.id, None)
        return {"files": {}}, f"static/{name}.h5p"

    def _survey(self, _item: OutlineItem, block: XBlock, _name: str) -> tuple[View, str]:
        return {"target_id": block.target_id}, ""

    _discussion = _survey

    def _quiz(self, item: OutlineItem, block: XBlock, _name: str) -> tuple[View, str]:
        wanted = [(e["question_id"], int(e["version"])) for e in block.entries if e["kind"] == BANK]
        bank = self._runtime.service(block, "quizzes").versions(wanted) if wanted else {}
        questions = []
        for entry in block.entries:
            own = entry["question"] if entry["kind"] == OWN else None
            question = own or bank.get((str(entry.get("question_id")), int(entry.get("version") or 0)))
            if question is None:
                self.notes.append(("draw-left-out", {"name": _words(item.title)}))
                continue
            if question["image"]:
                self.notes.append(("picture-left-out", {"name": _words(item.title)}))
            questions.append({**question, "image": None})
        return {"questions": questions, "rules": block.options}, ""

    def _block(self, _item: OutlineItem, block: XBlock, _name: str) -> tuple[View, str]:
        """A block of another maker: what its author set, as the library writes it."""
        attributes = {
            name: field.to_string(field.read_from(block))
            for name, field in sorted(block.fields.items())
            if field.scope in _AUTHORED and field.is_set_on(block)
        }
        return {"attributes": attributes}, ""

    def _objectives(self) -> Iterator[View]:
        places = {str(item.id): place for item, place in _places(self._outline)}
        for one in store.load_objectives(self._tx, self._course.id):
            named = {name: getattr(one, name) for name in ("text", "bloom", *PARTS)}
            links = {
                name: [places[i] for i in getattr(one, name) if i in places]
                for name in ("modules", "assessments")
            }
            yield named | links | {"need_id": str(one.need_id) if one.need_id else None}


def _places(outline: Outline) -> Iterator[tuple[OutlineItem, str]]:
    """Modules and activities with their places: `1`, `1.2.3`."""
    for m, module in enumerate(outline.modules, 1):
        yield module, str(m)
        for u, unit in enumerate(outline.below(module.id), 1):
            for a, activity in enumerate(outline.below(unit.id), 1):
                yield activity, f"{m}.{u}.{a}"


def _words(title: Mapping[str, str]) -> str:
    return title["fr"] or title["en"]


# In


@dataclass(frozen=True, slots=True)
class ImportOlx:
    """`language`: of a course that does not say in which it is. `free`: a draft for any trainer to take on."""

    upload_id: object
    language: str | None
    free: bool = False


def import_olx(service: Service, call: Call, cmd: ImportOlx, progress: Progress = _silent) -> Edit:
    """Make a draft of an uploaded archive: Edit with `title`, `counts` and `notes`. Raises Forbidden, CourseFileRefused."""
    return uploads.answering(service, call, "import_olx", lambda: _import(service, call, cmd, progress))


def _import(service: Service, call: Call, cmd: ImportOlx, progress: Progress) -> Edit:
    with service.read(call) as tx:
        if not policy.can_author(tx.actor):
            raise Forbidden
        upload = uploads.find_upload(tx, cmd.upload_id)
    with service.storage.open(upload.storage_key) as file:
        try:
            archive = olx.open_archive(file)
            course = olx.read_course(archive, cmd.language)
        except olx.OlxRefused as refused:
            uploads.discard_upload(service, call, upload)
            problem = FieldProblem("upload_id", f"olx-{refused.code}", {"path": refused.path[:200]})
            raise CourseFileRefused(fields=[problem]) from refused
        maker = _Maker(course, service.settings.allowed_video_hosts, free=cmd.free)
        with service.tx(call) as tx:
            made: Edit = service.once(tx, call, "import_olx", lambda: maker.make(tx))
        for number, (activity_id, activity) in enumerate(maker.waiting, 1):
            progress(number, len(maker.waiting))
            maker.notes += _give_file(service, call, archive, activity_id, activity)
    uploads.discard_upload(service, call, upload)
    with service.read(call) as tx:
        version = store.load_course(tx, made["course_id"]).version
    return made | {"version": version, "notes": _told(maker.notes)}


def _give_file(
    service: Service, call: Call, archive: olx.Archive, activity_id: UUID, activity: OlxActivity
) -> list[Note]:
    """Hand the file over as if it had been uploaded for the activity; what refuses it is a note."""
    own = Call(call.actor)
    name = activity.content.get("filename") or activity.file.rpartition("/")[2]
    try:
        with archive.open(activity.file) as file:
            stored = service.storage.put(f"uploads/{new_id()}", file, limit=service.settings.max_upload)
        wanted = uploads.RegisterUpload(stored.key, name[-200:], stored.size, stored.sha256, "")
        with service.db.tx(call.actor) as tx:
            upload_id = uploads.register_upload(tx, service.storage, wanted)["upload_id"]
        _PLACE[activity.kind](service, own, activity_id, upload_id, activity)
    except CercleError as error:
        return [("file-refused", {"name": _words(activity.title), "reason": error.code})]
    return []


def _place_file(
    service: Service, call: Call, activity_id: UUID, upload_id: str, activity: OlxActivity
) -> None:
    files.set_activity_file(
        service, call, files.SetActivityFile(activity_id, upload_id, activity.content["alt"], None)
    )


def _place_h5p(
    service: Service, call: Call, activity_id: UUID, upload_id: str, activity: OlxActivity
) -> None:
    cmd = packages.SetActivityH5p(activity_id, upload_id, None, activity.content.get("language"))
    packages.set_activity_h5p(service, call, cmd)


def _place_video(
    service: Service, call: Call, activity_id: UUID, upload_id: str, activity: OlxActivity
) -> None:
    content = activity.content
    blocks.set_activity_video(service, call, blocks.SetActivityVideo(
        activity_id, None, upload_id, content["address"] or None, content["captions"], content["transcript"],
        content["no_speech"],
    ))  # fmt: skip


_PLACE: dict[str, Callable[[Service, Call, UUID, str, OlxActivity], None]] = {
    FILE: _place_file, H5P: _place_h5p, VIDEO: _place_video,
}  # fmt: skip


class _Maker:
    """Makes the draft. `waiting`: activities whose files come after the commit."""

    def __init__(self, course: OlxCourse, video_hosts: tuple[str, ...], *, free: bool) -> None:
        self._course, self._video_hosts, self._free = course, video_hosts, free
        self.waiting: list[tuple[UUID, OlxActivity]] = []
        self.notes: list[Note] = list(course.notes)

    def make(self, tx: Tx) -> Edit:
        made = writing.create_course(tx, writing.CreateCourse(self._course.title, self._summary(), None))
        tx.session.flush()
        places: dict[str, UUID] = {}
        for m, module in enumerate(self._course.modules, 1):
            module_id = writing.add_module(tx, writing.AddModule(made["course_id"], module.title, None))["id"]
            places[str(m)] = UUID(module_id)
            for u, unit in enumerate(module.units, 1):
                self._unit(tx, module_id, unit, f"{m}.{u}", places)
        self._objectives(tx, made["course_id"], places)
        course = store.load_course(tx, made["course_id"])
        if self._free:
            course.author_id = None
        counts = {"modules": len(self._course.modules), "activities": sum("." in place for place in places)}
        return made | {"version": course.version, "title": dict(course.title), "counts": counts,
                       "notes": _told(self.notes)}  # fmt: skip

    def _summary(self) -> dict[str, str]:
        return {code: self._course.summary[code][:2000] for code in BOTH}

    def _unit(self, tx: Tx, module_id: str, unit: OlxUnit, place: str, places: dict[str, UUID]) -> None:
        unit_id = writing.add_unit(tx, writing.AddUnit(module_id, unit.title, None))["id"]
        number = 0
        for activity in unit.activities:
            if (kind := self._kind(tx, activity)) is None:
                continue
            number += 1
            cmd = writing.AddActivity(unit_id, activity.title, kind, None, None)
            item_id = parse_id(writing.add_activity(tx, cmd)["id"])
            tx.session.flush()
            places[f"{place}.{number}"] = item_id
            self._fill(tx, store.load_activity(tx, item_id), replace(activity, kind=kind))

    def _kind(self, tx: Tx, activity: OlxActivity) -> str | None:
        """Our kind, or an allowed one of another maker; else a note."""
        if activity.kind in _OWN and "attributes" not in activity.content:
            return activity.kind
        name = activity.kind
        known = [key for key in external.installed() if key == name or key.startswith(f"{name}@")]
        if found := next((key for key in known if key in block_types.usable(tx)), None):
            return found
        self.notes.append(("block-left-out", {"name": _words(activity.title), "tag": name}))
        return None

    def _fill(self, tx: Tx, item: OutlineItem, activity: OlxActivity) -> None:
        fill = getattr(self, f"_{activity.kind}", None) if activity.kind in _OWN else self._block
        if fill is not None:
            fill(tx, item, activity)
        if activity.file and activity.kind in _PLACE:
            self.waiting.append((item.id, activity))
        if rule := _rule(activity):
            item.rule = rule

    def _text(self, tx: Tx, item: OutlineItem, activity: OlxActivity) -> None:
        body = {code: text[:BODY].replace("\x00", "") for code, text in activity.content["body"].items()}
        if body != activity.content["body"]:
            self.notes.append(("text-cut", {"name": _words(activity.title)}))
        self._of(tx, item).write(body)
        item.ready_in = [code for code in BOTH if body[code]]

    def _quiz(self, tx: Tx, item: OutlineItem, activity: OlxActivity) -> None:
        entries = [{"kind": OWN, "question": question} for question in activity.content["questions"]]
        rules = {
            **RULES,
            **{name: value for name, value in activity.content["rules"].items() if name in RULES},
        }
        version = store.load_course(tx, item.course_id).version
        payload = {"activity_id": str(item.id), "version": version, "entries": entries, "rules": rules}
        try:
            quiz_authoring.set_quiz(tx, quiz_authoring.SetQuiz(**load(QuizEdit(), payload)))
        except CercleError as error:
            self.notes.append(("quiz-refused", {"name": _words(activity.title), "reason": _first(error)}))

    def _survey(self, tx: Tx, item: OutlineItem, activity: OlxActivity) -> None:
        try:
            target = parse_id(activity.content["target_id"])
        except NotFound:
            return
        block = self._of(tx, item)
        block.lead_to(str(target))
        item.ready_in = block.ready_languages()

    _discussion = _survey

    def _h5p(self, _tx: Tx, item: OutlineItem, activity: OlxActivity) -> None:
        """Where each language has its own content, one file for each comes after."""
        for language, path in activity.content["files"].items():
            self.waiting.append((item.id, replace(activity, file=path, content={"language": language})))

    def _video(self, tx: Tx, item: OutlineItem, activity: OlxActivity) -> None:
        """The words at once; the file, if there is one, comes after."""
        content = activity.content
        block = self._of(tx, item)
        if allowed_address(content["address"], self._video_hosts):
            block.take_address(content["address"])
        elif content["address"]:
            self.notes.append(
                ("address-left-out", {"name": _words(activity.title), "address": content["address"][:200]})
            )
        captions = {code: as_webvtt(text) or "" for code, text in content["captions"].items()}
        transcript = {code: text[:BODY] for code, text in content["transcript"].items()}
        block.describe(captions, transcript, no_speech=content["no_speech"])
        item.ready_in = block.ready_languages()

    def _block(self, tx: Tx, item: OutlineItem, activity: OlxActivity) -> None:
        block = self._of(tx, item)
        for name, value in activity.content["attributes"].items():
            field = block.fields.get(name)
            if field is None or field.scope not in _AUTHORED:
                continue
            try:
                setattr(block, name, field.from_string(value))
            except (ValueError, TypeError):
                self.notes.append(("field-left-out", {"name": _words(activity.title), "field": name}))
        block.save()

    @staticmethod
    def _of(tx: Tx, item: OutlineItem) -> XBlock:
        return store.runtime_for(tx, role="author", user=False).get_block(str(item.id))

    def _objectives(self, tx: Tx, course_id: str, places: Mapping[str, UUID]) -> None:
        for one in self._course.objectives:
            text = _half_pair(one.get("text"), 1000)
            if text is None or not any(text.values()) or one.get("bloom") not in BLOOM:
                continue
            parts: View = {name: _half_pair(one.get(name), 500) for name in PARTS}
            for name in ("modules", "assessments"):
                parts[name] = [places[at] for at in _listed(one.get(name)) if at in places]
            values = writing.ObjectiveFields(text=text, bloom=str(one["bloom"]), need_id=_need(one), **parts)
            writing.add_objective(tx, course_id, None, values)


def _half_pair(value: Any, limit: int) -> dict[str, str] | None:
    if not isinstance(value, dict) or not all(isinstance(value.get(code), str) for code in BOTH):
        return None
    return {code: value[code][:limit] for code in BOTH}


def _listed(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []


def _need(objective: Mapping[str, Any]) -> UUID | None:
    try:
        return parse_id(objective["need_id"]) if objective.get("need_id") else None
    except NotFound:
        return None


def _rule(activity: OlxActivity) -> dict[str, Any] | None:
    """The rule of an activity, if its kind can have it and its figure is sound."""
    given = activity.rule or {}
    word, score, seconds = given.get("rule"), given.get("min_score"), given.get("seconds")
    if word not in rules_for(activity.kind):
        return None
    if word == "score" and not (isinstance(score, (int, float)) and 0 <= score <= 1):
        return None
    if word == "dwell" and not (isinstance(seconds, int) and SHORTEST_DWELL <= seconds <= LONGEST_DWELL):
        return None
    return rule_of(str(word), min_score=score, seconds=seconds)


def _first(error: CercleError) -> str:
    return f"{error.fields[0].path}: {error.fields[0].code}" if error.fields else error.code
