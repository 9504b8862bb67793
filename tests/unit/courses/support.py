"""A desk at which tests write and take courses, through the bus as the gateway would."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from services.courses.service import CoursesService
from services.courses.tables import metadata
from shared.actor import Actor
from shared.ids import new_id
from shared.testing.harness import Harness

ROOT = Path(__file__).parents[3]
PACKAGES = ROOT.parent / "shared" / "h5p"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 32
View = dict[str, Any]


def pair(text: str) -> dict[str, str]:
    """Both halves."""
    return {"fr": f"{text} (fr)", "en": f"{text} (en)"}


class Desk:
    """Four people and the courses service."""

    def __init__(self, harness: Harness) -> None:
        self.harness = harness
        service = harness.services["courses"]
        assert isinstance(service, CoursesService)
        self.service = service
        self.trainer = harness.actor("trainer")
        self.learner = harness.actor("learner", language="en")
        self.coordinator = harness.actor("coordinator")
        self.admin = harness.actor("admin")
        self.need_id = str(new_id())

    def ask(self, method: str, actor: Actor | None = None, key: str | None = None, **payload: Any) -> Any:
        """Call as `actor` (the trainer unless said)."""
        return self.harness.call("courses", method, payload, actor=actor or self.trainer, key=key)

    def upload(self, data: bytes, filename: str, actor: Actor | None = None) -> str:
        """What the gateway does with an upload."""
        stored = self.service.storage.put(f"uploads/{new_id()}", io.BytesIO(data))
        answer = self.ask(
            "register_upload", actor, storage_key=stored.key, filename=filename, size=stored.size,
            sha256=stored.sha256, declared_type="application/octet-stream",
        )  # fmt: skip
        return str(answer["upload_id"])

    def draft(self, *kinds: str) -> View:
        """A course of one module and one unit with an activity of each kind; texts are written."""
        course = self.ask("create_course", title=pair("Course"), summary=pair("About"), need_id=self.need_id)
        course_id = course["id"]
        module = self.ask("add_module", course_id=course_id, title=pair("Module"))
        unit = self.ask("add_unit", module_id=module["id"], title=pair("Unit"))
        made = [self.activity(unit["id"], kind) for kind in kinds]
        self.ask(
            "add_objective", course_id=course_id, text=pair("Objective"), bloom="apply", need_id=self.need_id,
            assessments=made[:1],
        )  # fmt: skip
        return {"id": course_id, "module": module["id"], "unit": unit["id"], "activities": made}

    def activity(self, unit_id: str, kind: str) -> str:
        """One more activity."""
        body: View = {"body": pair("**Text**")} if kind == "text" else {}
        return str(self.ask("add_activity", unit_id=unit_id, title=pair(kind), kind=kind, **body)["id"])

    def version(self, course_id: str) -> int:
        """The present version."""
        return int(self.ask("get_course", self.admin, course_id=course_id)["version"])

    def publish(self, course: View) -> View:
        """Publish and enrol the learner; objectives that nothing assesses are assessed by the first activity."""
        self.assess(course["id"])
        self.ask("publish_course", course_id=course["id"], version=self.version(course["id"]))
        self.ask("enrol", self.learner, course_id=course["id"])
        return course

    def assess(self, course_id: str) -> None:
        """Link what is not linked yet to the course's first activity."""
        view = self.ask("get_course", course_id=course_id)
        first = next(a["id"] for m in view["modules"] for u in m["units"] for a in u["activities"])
        wanted = [
            {"objective_id": one["id"], "modules": one["modules"], "assessments": [first]}
            for one in view["objectives"]
            if not one["assessments"]
        ]
        if wanted:
            self.ask("align_objectives", course_id=course_id, version=view["version"], objectives=wanted)

    def play(self, name: str = "h5p-test.h5p", *kinds: str) -> View:
        """A published course with an H5P activity (first) that the learner is enrolled in."""
        course = self.draft("h5p", *kinds)
        upload_id = self.upload((PACKAGES / "valid" / name).read_bytes(), name)
        self.ask("set_activity_h5p", activity_id=course["activities"][0], upload_id=upload_id)
        return self.publish(course)

    def counts(self) -> dict[str, int]:
        """Rows of every table except what calls and jobs leave by themselves."""
        ignored = ("commands", "outbox", "inbox", "jobs", "h5p_policy")
        tables = [table for table in metadata.sorted_tables if table.name not in ignored]
        with self.service.db.engine.connect() as connection:
            return {
                t.name: connection.execute(select(func.count()).select_from(t)).scalar_one() for t in tables
            }

    def stored(self) -> list[str]:
        """Everything in storage."""
        return list(self.service.storage.list(""))

    def read(self, key: str) -> bytes:
        """The bytes of one file."""
        with self.service.storage.open(key) as file:
            return file.read()

    def types(self) -> list[str]:
        """Types of the events so far."""
        return [event.type for event in self.harness.events("courses")]


def statement(verb: str = "completed", raw: float = 4, highest: float = 5, **more: Any) -> View:
    """What a player says at the end of a content."""
    return {
        "actor": {"name": "Someone Else", "mbox": "mailto:someone@example.org"},
        "verb": {"id": f"http://adlnet.gov/expapi/verbs/{verb}"},
        "object": {"objectType": "Activity", "id": "https://example.org/h5p/1"},
        "result": {"score": {"min": 0, "raw": raw, "max": highest}, "completion": True, "success": True},
    } | more
