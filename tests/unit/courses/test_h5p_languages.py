"""One H5P activity with a content per language: the reader's language picks, and the result is one."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.courses.h5p import make_package
from services.courses.service import CoursesService
from shared.actor import Actor
from shared.db.engine import make_engine
from shared.db.migrate import downgrade, upgrade
from shared.errors import CercleError
from tests.unit.courses.support import PACKAGES, ROOT, Desk, statement

View = dict[str, Any]
DEMO = ROOT / "demo" / "h5p"
TRUE_FALSE, CHOICE = "h5p-test.h5p", "multiple-choice.h5p"


def put(desk: Desk, activity: str, name: str = TRUE_FALSE, language: str | None = None) -> str:
    upload_id = desk.upload((PACKAGES / "valid" / name).read_bytes(), name)
    done = desk.ask("set_activity_h5p", activity_id=activity, upload_id=upload_id, language=language)
    return str(done["content_id"])


def opened(desk: Desk, course: View, language: str, actor: Actor | None = None) -> View:
    reader = replace(actor or desk.learner, language=language)
    payload = {
        "course_id": course["id"],
        "activity_id": course["activities"][0],
        "preview": actor is not None,
    }
    return dict(desk.ask("open_activity", reader, **payload))


def played(desk: Desk, course: View) -> list[str]:
    return [opened(desk, course, language)["play"]["content_id"] for language in ("fr", "en")]


@pytest.fixture
def course(desk: Desk) -> View:
    """A draft whose activity has a content for each language: `fr` and `en` are their ids."""
    made = desk.draft("h5p")
    [activity] = made["activities"]
    return made | {"fr": put(desk, activity, language="fr"), "en": put(desk, activity, CHOICE, "en")}


def test_reader_s_language_picks_the_content_and_there_is_one_result(desk: Desk, course: View) -> None:
    desk.publish(course)
    assert played(desk, course) == [course["fr"], course["en"]]
    [activity] = course["activities"]
    english = replace(desk.learner, language="en")
    done = desk.ask("record_statement", english, activity_id=activity, statement=statement(), pseudonym="p")
    assert (done["completed"], done["score"], done["progress"]) == (True, 0.8, 1.0)
    attempt = opened(desk, course, "fr")["attempt"]
    assert (attempt["completed"], attempt["score"]) == (True, 0.8)
    assert desk.counts()["attempts"] == 1


def test_each_content_has_a_place_of_its_own(desk: Desk, course: View) -> None:
    desk.publish(course)
    for language, state in (("fr", '"ici"'), ("en", '"here"')):
        saved = desk.ask(
            "save_state", desk.learner, activity_id=course["activities"][0], data_type="state", sub_content_id="0",
            state=state, sequence=1, content_id=course[language],
        )  # fmt: skip
        assert saved["saved"]
    states = [opened(desk, course, language)["play"]["state"][0]["state"] for language in ("fr", "en")]
    assert states == ['"ici"', '"here"']


def test_one_language_is_not_enough_until_the_other_is_there(desk: Desk) -> None:
    course = desk.draft("h5p")
    [activity] = course["activities"]
    french = put(desk, activity, language="fr")
    view = desk.ask("get_course", course_id=course["id"])
    assert [(one["path"], one["code"]) for one in view["blockers"]] == [
        (f"items.{activity}.body.en", "text-missing")
    ]
    assert view["languages"] == ["fr"]
    assert view["modules"][0]["units"][0]["activities"][0]["language"] == "fr"
    assert opened(desk, course, "en", desk.trainer)["play"]["content_id"] == french
    put(desk, activity, language="en")
    view = desk.ask("get_course", course_id=course["id"])
    assert (view["blockers"], view["languages"]) == ([], ["fr", "en"])
    edit = desk.ask("get_activity", activity_id=activity)
    assert (edit["language"], edit["h5p"]["by_language"].keys()) == (None, {"fr", "en"})
    found = desk.ask("publication", course_id=course["id"])
    assert not [one for one in found["warnings"] if one["code"].startswith("content-only")]


def test_content_for_everybody_stays_for_the_other_language(desk: Desk) -> None:
    course = desk.draft("h5p")
    [activity] = course["activities"]
    both = put(desk, activity)
    english = put(desk, activity, CHOICE, "en")
    found = {
        language: opened(desk, course, language, desk.trainer)["play"]["content_id"]
        for language in ("fr", "en")
    }
    assert found == {"fr": both, "en": english}
    one = desk.ask("copy_h5p_content", activity_id=activity, content_id=english)["content_id"]
    edit = desk.ask("get_activity", activity_id=activity)
    assert (edit["h5p"]["content_id"], edit["h5p"]["by_language"]) == (one, {})
    assert desk.counts()["h5p_contents"] == 1


def test_a_content_in_the_language_itself_is_replaced(desk: Desk) -> None:
    course = desk.draft("h5p")
    [activity] = course["activities"]
    package = make_package(DEMO / "protective-factors-fr", libraries=DEMO / "libraries")
    desk.ask("set_activity_h5p", activity_id=activity, upload_id=desk.upload(package, "demo.h5p"))
    assert desk.ask("get_activity", activity_id=activity)["language"] == "fr"
    new = put(desk, activity, CHOICE, "fr")
    held = desk.ask("get_activity", activity_id=activity)["h5p"]["by_language"]
    assert {code: one["content_id"] for code, one in held.items()} == {"fr": new}


def test_both_stay_while_an_edition_has_them_and_come_back_with_it(desk: Desk, course: View) -> None:
    desk.publish(course)
    [activity] = course["activities"]
    only = put(desk, activity, CHOICE)
    assert desk.ask("get_activity", activity_id=activity)["h5p"]["by_language"] == {}
    assert played(desk, course) == [course["fr"], course["en"]]
    kept = desk.ask("list_history", course_id=course["id"])["items"]
    edition = next(one for one in kept if one["edition"] == 1)
    desk.ask(
        "restore_snapshot",
        course_id=course["id"],
        snapshot_id=edition["id"],
        version=desk.version(course["id"]),
    )
    edit = desk.ask("get_activity", activity_id=activity)
    assert {code: one["content_id"] for code, one in edit["h5p"]["by_language"].items()} == {
        "fr": course["fr"], "en": course["en"],
    }  # fmt: skip
    assert edit["language"] is None
    desk.service.empty_trash()
    assert all(any(one in key for key in desk.stored()) for one in (course["fr"], course["en"], only))


def test_what_nothing_names_is_thrown_away(desk: Desk, course: View) -> None:
    new = put(desk, course["activities"][0], language="en")
    contents = {key.split("/")[2] for key in desk.stored() if key.startswith("h5p/content/")}
    assert contents == {course["fr"], new}


def test_either_is_exported(desk: Desk, course: View) -> None:
    [activity] = course["activities"]
    keys = {
        language: desk.ask("export_h5p", activity_id=activity, language=language)["storage_key"]
        for language in ("fr", "en")
    }
    assert all(course[language] in key for language, key in keys.items())


def test_both_go_through_an_archive_of_the_course(desk: Desk, course: View) -> None:
    data = desk.read(desk.ask("export_olx", course_id=course["id"])["storage_key"])
    made = desk.ask("import_olx", upload_id=desk.upload(data, "course.tar.gz"))
    assert made["notes"] == []
    view = desk.ask("get_course", course_id=made["id"])
    activity = view["modules"][0]["units"][0]["activities"][0]["id"]
    found = desk.ask("get_activity", activity_id=activity)["h5p"]["by_language"]
    libraries = {code: one["main_library"].partition("-")[0] for code, one in found.items()}
    assert libraries == {"fr": "H5P.TrueFalse", "en": "H5P.MultiChoice"}


def test_editor_writes_one_of_them(desk: Desk, course: View) -> None:
    [activity] = course["activities"]
    made = desk.ask("start_h5p_draft", activity_id=activity, content_id=course["en"])
    draft = desk.ask("get_h5p_draft", draft_id=made["id"])
    assert (draft["base_content_id"], draft["replaced"]) == (course["en"], False)
    used = desk.ask("use_h5p_draft", draft_id=made["id"], version=1, language="en")
    held = desk.ask("get_activity", activity_id=activity)["h5p"]["by_language"]
    assert {code: one["content_id"] for code, one in held.items()} == {
        "fr": course["fr"],
        "en": used["content_id"],
    }


def test_editor_asks_when_that_one_was_replaced_meanwhile(desk: Desk, course: View) -> None:
    [activity] = course["activities"]
    made = desk.ask("start_h5p_draft", activity_id=activity, content_id=course["fr"])
    desk.harness.clock.advance(timedelta(minutes=1))
    put(desk, activity, CHOICE, "en")
    with pytest.raises(CercleError) as caught:
        desk.ask("use_h5p_draft", draft_id=made["id"], version=1, language="en")
    assert caught.value.code == "h5p-content-replaced"
    assert desk.ask("use_h5p_draft", draft_id=made["id"], version=1, language="fr")["started_over"] == 0


FOLDER = CoursesService.folder / "migrations"
ATTEMPT = "INSERT INTO attempts (id, enrolment_id, activity_id, started_at) VALUES (?,?,?,?)"
STATE = "INSERT INTO states (attempt_id, data_type, sub_content_id, state, sequence, saved_at, lineage) VALUES (?,?,?,?,?,?,?)"


def test_states_of_before_keep_their_place_in_the_migration(tmp_path: Path) -> None:
    path = tmp_path / "courses.sqlite"
    engine = make_engine(f"sqlite:///{path}")
    upgrade(engine, FOLDER, "0010")
    old, one, at = ("a" * 32, "state", "0"), "1" * 32, "2026-01-05 12:00:00.000000"

    def write(sequence: int, lineage: str | None) -> None:
        with sqlite3.connect(path) as connection:
            connection.execute(STATE, (*old, str(sequence), sequence, at, lineage))

    def read() -> list[Any]:
        with sqlite3.connect(path) as connection:
            return connection.execute("SELECT sequence, lineage FROM states ORDER BY sequence").fetchall()

    with sqlite3.connect(path) as connection:
        connection.execute(ATTEMPT, (old[0], "b" * 32, "c" * 32, at))
    write(1, None)
    upgrade(engine, FOLDER)
    write(2, one)
    assert read() == [(1, "0" * 32), (2, one)]
    downgrade(engine, FOLDER, "0010")
    assert read() == [(2, one)]
    engine.dispose()
