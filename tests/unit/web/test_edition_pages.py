from __future__ import annotations

import re
from datetime import timedelta

from markupsafe import Markup

from gateway.web.course_changes import marked
from tests.unit.web.test_course_pages import (
    World,
    activity_of,
    add_objective,
    course_of,
    found_id,
    published,
    unit_of,
    world,
    write_text,
)

__all__ = ["world"]


def test_publication_is_reviewed_with_a_note_before_it_happens(world: World) -> None:
    trainer, learner = world.browser("trainer", "en"), world.browser("learner", "en")
    course_id, activity_id = published(world, trainer)
    learner.get(f"/courses/{course_id}")
    learner.post(f"/courses/{course_id}/enrol", {})
    learner.post(f"/courses/{course_id}/learn/{activity_id}/done", {})
    world.harness.clock.advance(timedelta(minutes=1))
    added = activity_of(trainer, course_id, found_unit(trainer, course_id), "text")
    write_text(trainer, added)
    trainer.get(f"/studio/courses/{course_id}/publish")
    assert "Publish edition 2" in trainer.page
    assert "Activity added:" in trainer.page
    assert (
        "One person has finished the course and stays finished. They get one or more new activities."
        in trainer.page
    )
    fields = {"version": trainer.version(), "note_fr": "Une lecture de plus.", "note_en": "One more reading."}
    trainer.post(f"/studio/courses/{course_id}/publish", fields)
    assert "Edition 2" in trainer.page
    learner.get(f"/courses/{course_id}/learn")
    assert "One more reading." in learner.page


def found_unit(browser: object, course_id: str) -> str:
    browser.get(f"/studio/courses/{course_id}")  # type: ignore[attr-defined]
    return found_id(browser, r"/units/([0-9a-f-]{36})/activities")  # type: ignore[arg-type]


def test_deletion_offers_its_undo(world: World) -> None:
    trainer = world.browser("trainer", "en")
    course_id = course_of(trainer)
    activity_id = activity_of(trainer, course_id, unit_of(trainer, course_id), "text")
    trainer.get(f"/studio/courses/{course_id}")
    gone = {"version": trainer.version()}
    trainer.post(f"/studio/courses/{course_id}/items/{activity_id}/delete", gone)
    assert f'href="/studio/activities/{activity_id}"' not in trainer.page
    undo = {
        "item_id": activity_id,
        "snapshot_id": found_id(trainer, r'name="snapshot_id" value="([0-9a-f-]{36})"'),
    }
    trainer.post(f"/studio/courses/{course_id}/undo", undo)
    assert f'href="/studio/activities/{activity_id}"' in trainer.page
    assert "It is back in its place." in trainer.page


def test_history_shows_who_changed_what_and_restores(world: World) -> None:
    trainer = world.browser("trainer", "en")
    course_id, activity_id = published(world, trainer)
    trainer.get(f"/studio/activities/{activity_id}")
    trainer.post(
        f"/studio/activities/{activity_id}/text",
        {"version": trainer.version(), "body_fr": "Autre", "body_en": "Other"},
    )
    trainer.get(f"/studio/courses/{course_id}/history")
    assert "Content changed:" in trainer.page
    trainer.get(f"/studio/courses/{course_id}/history/{found_id(trainer, r'/history/([0-9a-f-]{36})')}")
    assert re.search(r"<ins>.*Other</ins>", trainer.page)
    snapshot_id = found_id(trainer, r"/history/([0-9a-f-]{36})/restore")
    late = trainer.post(f"/studio/courses/{course_id}/history/{snapshot_id}/restore", {"version": "1"})
    assert late.status_code == 412
    version = {"version": trainer.version()}
    trainer.post(f"/studio/courses/{course_id}/history/{snapshot_id}/restore", version)
    assert "The draft is restored." in trainer.page
    trainer.get(f"/studio/activities/{activity_id}")
    assert ">Other</textarea>" not in trainer.page


def test_parts_are_copied_and_moved_with_forms_alone(world: World) -> None:
    trainer = world.browser("trainer", "en")
    course_id = course_of(trainer)
    unit_id = unit_of(trainer, course_id)
    activity_id = activity_of(trainer, course_id, unit_id, "text")
    place = f"/studio/courses/{course_id}"
    trainer.get(place)
    trainer.post(f"{place}/items/{unit_id}/copy", {})
    assert "Unité (copie)" in trainer.page or "Unit (copy)" in trainer.page
    other = found_id(trainer, r'<option value="([0-9a-f-]{36})"')
    trainer.post(f"{place}/items/{activity_id}/place", {"parent_id": other})
    assert "Moved, to the end." in trainer.page
    trainer.post(f"{place}/copy", {})
    assert "(copy)</h1>" in trainer.page
    assert course_id not in trainer.path


def test_authors_are_found_by_name_and_added(world: World) -> None:
    trainer, coordinator = world.browser("trainer", "en"), world.browser("coordinator", "en")
    course_id = course_of(trainer)
    trainer.get(f"/studio/courses/{course_id}/authors?q=arsenault")
    account_id = found_id(trainer, r'name="account_id" value="([0-9a-f-]{36})"')
    trainer.post(f"/studio/courses/{course_id}/authors", {"do": "add", "account_id": account_id})
    assert "The list is up to date." in trainer.page
    assert "Sylvie Arsenault" in trainer.page
    refused = coordinator.get(f"/studio/courses/{course_id}/authors")
    assert refused.status_code == 200
    assert 'name="do"' not in coordinator.page


def test_objectives_come_back_with_the_boxes_as_they_were_ticked(world: World) -> None:
    trainer = world.browser("trainer", "en")
    course_id = course_of(trainer)
    activity_id = activity_of(trainer, course_id, unit_of(trainer, course_id), "text")
    add_objective(world, trainer, course_id, activity_id)
    assert f'value="{activity_id}" checked' in trainer.page
    key = found_id(trainer, r'name="modules-([0-9a-f-]{36})"')
    late = trainer.post(f"/studio/courses/{course_id}/alignment", {"version": "1"})
    assert late.status_code == 412
    assert f'value="{activity_id}" checked' not in trainer.page
    assert f'name="assessments-{key}"' in trainer.page


def test_marks_escape_what_they_mark() -> None:
    before, after = marked("<b>one</b> two", "<b>one</b> <i>three", "en")
    assert isinstance(before, Markup)
    assert "<b>" not in before + after
    assert re.sub(r"<span.*?</span>|</?del>", "", before) == "&lt;b&gt;one&lt;/b&gt; two"
