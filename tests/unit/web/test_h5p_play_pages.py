"""Upgrades, the event log, and what stands under a played content, over real services."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shared.testing.harness import Harness
from shared.testing.plugin import SHARED_H5P
from tests.unit.courses.test_h5p_upgrades import newer
from tests.unit.web.test_course_pages import World, activity_of, course_of, unit_of

OLD = (SHARED_H5P / "valid" / "multiple-choice.h5p").read_bytes()
HELLO = (SHARED_H5P / "valid" / "h5p-test.h5p").read_bytes()


@pytest.fixture
def world(make_harness: Callable[..., Harness]) -> World:
    return World(make_harness("identity", "courses", "surveys", rate_limits=False))


@pytest.mark.parametrize(
    ("language", "trial", "done", "undone", "days"),
    [
        ("fr", "1 peut être mis à niveau", "1 mis à niveau", "Remis comme avant", "sort des limites"),
        ("en", "1 can be upgraded", "1 upgraded", "Put back", "outside the limits"),
    ],
)
def test_admin_tries_upgrades_and_undoes(
    world: World, language: str, trial: str, done: str, undone: str, days: str
) -> None:
    trainer, admin = world.browser("trainer", language), world.browser("admin", language)
    course_id = course_of(trainer)
    activity_id = activity_of(trainer, course_id, unit_of(trainer, course_id), "h5p")
    assert trainer.post(f"/studio/activities/{activity_id}/h5p", {}, ("a.h5p", HELLO)).status_code == 200
    admin.get("/system/h5p/upgrades")
    assert "H5P.TrueFalse" not in admin.page
    admin.get("/system/h5p")
    assert admin.post("/system/h5p/install", {}, ("b.h5p", newer())).status_code == 200
    assert "1.6" in admin.get("/system/h5p/upgrades").text
    run = ""
    for way, said in (("dry", trial), ("run", done)):
        admin.get("/system/h5p/upgrades")
        admin.post("/system/h5p/upgrades", {"machine_name": "H5P.TrueFalse", "do": way})
        run = admin.path
        assert "data-go-on" in admin.page
        admin.post(f"{run}/continue", {})
        assert (said in admin.page, "data-go-on" in admin.page) == (True, False)
    admin.post(f"{run}/undo", {})
    assert undone in admin.page
    admin.get("/system/h5p/events")
    assert "H5P.TrueFalse-1.7" in admin.page
    assert admin.post("/system/h5p/events/policy", {"keep_days": "0"}).status_code == 422
    assert days in admin.page
    assert admin.post("/system/h5p/events/policy", {"keep_days": "7"}).status_code == 200
    for path in ("/system/h5p/upgrades", run, "/system/h5p/events"):
        assert trainer.get(path).status_code == 404


def test_author_sees_rights_and_the_code_for_other_sites(world: World) -> None:
    trainer = world.browser("trainer", "en")
    course_id = course_of(trainer)
    activity_id = activity_of(trainer, course_id, unit_of(trainer, course_id), "h5p")
    assert trainer.post(f"/studio/activities/{activity_id}/h5p", {}, ("a.h5p", OLD)).status_code == 200
    page = trainer.get(f"/courses/activities/{activity_id}/rights").text
    assert "Karen Jackson" in page
    assert "CC BY-ND 4.0" in page
