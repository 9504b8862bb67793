"""System > H5P libraries over real services, and what an author chooses under a content."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable

import pytest

from shared.testing.harness import Harness
from shared.testing.plugin import SHARED_H5P
from tests.unit.web.test_course_pages import World, activity_of, course_of, unit_of

HELLO = (SHARED_H5P / "valid" / "h5p-test.h5p").read_bytes()
QUIZ = "H5P.TrueFalse-1.6"


@pytest.fixture
def world(make_harness: Callable[..., Harness]) -> World:
    return World(make_harness("identity", "courses", "surveys", rate_limits=False))


@pytest.mark.parametrize(
    ("language", "installed", "updated", "confirm"),
    [
        ("fr", "Nouvelle", "Mise à jour depuis 1.6.", "Ce n’est pas le nom de la bibliothèque."),
        ("en", "New", "Updated from 1.6.", "This is not the name of the library."),
    ],
)
def test_admin_installs_restricts_and_deletes(
    world: World, language: str, installed: str, updated: str, confirm: str
) -> None:
    admin = world.browser("admin", language)
    admin.get("/system/h5p")
    assert admin.post("/system/h5p/install", {}, ("x.h5p", HELLO)).status_code == 200
    assert installed in admin.page
    assert world.stored() == []
    answer = admin.post("/system/h5p/install", {}, ("x.h5p", patched(HELLO)))
    assert (answer.status_code, updated in admin.page) == (200, True)
    assert admin.post("/system/h5p/install", {}, ("x.h5p", patched(HELLO))).status_code == 422

    admin.get(f"/system/h5p/{QUIZ}")
    assert "1.6.99" in admin.page
    admin.post(f"/system/h5p/{QUIZ}/restrict", {"restricted": "1"})
    assert 'name="restricted" value="0"' in admin.page
    assert admin.post(f"/system/h5p/{QUIZ}/delete", {"name": "H5P.Other"}).status_code == 422
    assert confirm in admin.page
    assert admin.post(f"/system/h5p/{QUIZ}/delete", {"name": QUIZ}).status_code == 200
    assert admin.path == "/system/h5p"
    assert admin.get(f"/system/h5p/{QUIZ}").status_code == 404
    assert "/delete" not in admin.get("/system/h5p/H5P.Transition-1.0").text


def patched(data: bytes) -> bytes:
    """The same with a newer patch of the content type."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            content = old.read(info)
            if info.filename == f"{QUIZ}/library.json":
                content = json.dumps({**json.loads(content), "patchVersion": 99}).encode()
            new.writestr(info, content)
    return out.getvalue()


def test_package_may_be_larger_than_other_forms(world: World) -> None:
    admin = world.browser("admin")
    admin.get("/system/h5p")
    large = (SHARED_H5P / "valid" / "multiple-choice.h5p").read_bytes()
    assert len(large) > world.harness.settings.max_body
    assert admin.post("/system/h5p/install", {}, ("x.h5p", large)).status_code == 200


def test_refused_package_lists_its_reasons(world: World) -> None:
    admin = world.browser("admin", "fr")
    admin.get("/system/h5p")
    bad = (SHARED_H5P / "invalid" / "missing-preloaded-js.h5p").read_bytes()
    assert admin.post("/system/h5p/install", {}, ("x.h5p", bad)).status_code == 422
    assert "exigé par library.json, est absent" in admin.page
    assert admin.post("/system/h5p/install", {}).status_code == 422


def test_only_admins_see_the_page(world: World) -> None:
    trainer = world.browser("trainer")
    for path in ("/system/h5p", f"/system/h5p/{QUIZ}"):
        assert trainer.get(path).status_code == 404
    trainer.get("/studio")
    assert trainer.post("/system/h5p/install", {}, ("x.h5p", HELLO)).status_code == 404
    assert world.stored() == []


def test_site_rules_bound_what_an_author_chooses_and_the_package_comes_down(world: World) -> None:
    admin, trainer = world.browser("admin", "en"), world.browser("trainer", "en")
    course_id = course_of(trainer)
    activity_id = activity_of(trainer, course_id, unit_of(trainer, course_id), "h5p")
    trainer.post(f"/studio/activities/{activity_id}/h5p", {"version": trainer.version()}, ("x.h5p", HELLO))
    trainer.get(f"/studio/activities/{activity_id}")
    assert 'name="shown" value="embed"' in trainer.page
    trainer.post(
        f"/studio/activities/{activity_id}/display", {"version": trainer.version(), "shown": "embed"}
    )
    assert 'value="embed" checked' in trainer.page
    admin.get("/system/h5p")
    rules = {f"display-{name}": "never" for name in ("frame", "download", "embed", "copyright", "about")}
    assert admin.post("/system/h5p/policy", rules | {"trainers_may_install": "1"}).status_code == 200
    assert admin.post("/system/h5p/policy", rules | {"display-embed": "maybe"}).status_code == 422
    assert 'name="shown"' not in trainer.get(f"/studio/activities/{activity_id}").text
    package = trainer.run(lambda client: client.get(f"/h5p/packages/{activity_id}"))
    assert (package.status_code, package.headers["content-type"], package.content[:2]) == (
        200,
        "application/zip",
        b"PK",
    )
    assert "hello-world.h5p" in package.headers["content-disposition"]
    assert admin.run(lambda client: client.get(f"/h5p/packages/{course_id}")).status_code == 404
