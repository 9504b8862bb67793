"""Courses published before editions existed get theirs, so that the first edit changes nothing for learners."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from services.courses.service import CoursesService
from shared.db.engine import make_engine
from shared.db.migrate import upgrade
from shared.errors import NotFound
from shared.testing.harness import Harness

FOLDER = CoursesService.folder / "migrations"
NAMES = ("course", "draft", "module", "unit", "activity", "definition", "aim")
VALUES = {
    "pair": '{"fr": "Texte", "en": "Text"}',
    "at": "2026-01-05 12:00:00.000000",
    "both": '["fr", "en"]',
    "none": "[]",
    "words": '"Before"',
}
COURSE = (
    "INSERT INTO courses (id, title, summary, status, edition, version, languages, created_at, published_at)"
    " VALUES (:{}, :pair, :pair, '{}', {}, 3, :none, :at, :at)"
)
ITEM = (
    "INSERT INTO items (id, course_id, parent_id, kind, title, position, block_type, completion, ready_in)"
    " VALUES (:{}, :course, {}, '{}', :pair, 0, {}, {}, :both)"
)
FIELD = (
    "INSERT INTO xblock_fields (scope, block_id, user_id, name, value)"
    " VALUES ('content', :block, '', 'body_{}', :words)"
)
ROWS = (
    COURSE.format("course", "published", 2),
    COURSE.format("draft", "draft", 0),
    ITEM.format("module", "NULL", "module", "NULL", "NULL"),
    ITEM.format("unit", ":module", "unit", "NULL", "NULL"),
    ITEM.format("activity", ":unit", "activity", "'text'", "'viewed'"),
    "INSERT INTO objectives (id, course_id, position, text, bloom) VALUES (:aim, :course, 0, :pair, 'apply')",
    "INSERT INTO xblock_definitions (id, block_type) VALUES (:definition, 'text')",
    "INSERT INTO xblock_usages (id, definition_id, children) VALUES (:activity, :definition, :none)",
    FIELD.format("fr"),
    FIELD.format("en"),
)


def before_editions(folder: Path) -> dict[str, UUID]:
    """A database of the time before, where the harness keeps the courses."""
    (folder / "db").mkdir()
    engine = make_engine(f"sqlite:///{folder / 'db' / 'courses.sqlite'}")
    upgrade(engine, FOLDER, "0005")
    ids = {name: uuid4() for name in NAMES}
    values = VALUES | {name: one.hex for name, one in ids.items()} | {"block": str(ids["definition"])}
    with engine.begin() as connection:
        for row in ROWS:
            connection.execute(
                text(row), {name: value for name, value in values.items() if f":{name}" in row}
            )
    engine.dispose()
    return ids


def test_published_course_gets_its_edition_and_a_draft_does_not(tmp_path: Path) -> None:
    ids = before_editions(tmp_path)
    harness = Harness(tmp_path, ("courses",))
    learner, admin = harness.actor("learner"), harness.actor("admin")
    place, activity_id = {"course_id": str(ids["course"])}, str(ids["activity"])
    harness.call("courses", "enrol", place, actor=learner)
    version = harness.call("courses", "get_course", place, actor=admin)["version"]
    body = {"fr": "After", "en": "After"}
    write = {"activity_id": activity_id, "version": version, "body": body}
    harness.call("courses", "set_activity_text", write, actor=admin)

    opened = harness.call("courses", "open_activity", {**place, "activity_id": activity_id}, actor=learner)
    assert "Before" in opened["html"]
    assert harness.call("courses", "mark_viewed", {"activity_id": activity_id}, actor=learner)["completed"]
    lines = harness.call("courses", "list_history", place, actor=admin)["items"]
    assert [(line["edition"], line["reason"]) for line in lines] == [(None, "edited"), (2, "published")]
    assert lines[0]["changes"] == []
    listed = harness.call("courses", "list_courses", {"status": "published"}, actor=learner)["items"]
    assert [one["counts"] for one in listed] == [{"modules": 1, "units": 1, "activities": 1}]
    with pytest.raises(NotFound):
        harness.call("courses", "get_course", {"course_id": str(ids["draft"])}, actor=learner)
    harness.close()
