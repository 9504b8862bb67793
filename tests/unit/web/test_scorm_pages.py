"""The studio's and the learner's pages of a SCORM activity, and the content origin's own."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from gateway.content_origin import build_content_app
from shared.testing.harness import Harness
from tests.unit.courses.scorm_packages import packed, scorm_2004
from tests.unit.courses.support import pair
from tests.unit.web.test_certificate_pages import actor_of
from tests.unit.web.test_course_pages import World


@pytest.fixture
def world(make_harness: Callable[..., Harness]) -> World:
    return World(make_harness("identity", "courses", "surveys", "community", rate_limits=False))


def fetch(world: World, path: str) -> httpx.Response:
    """From the content origin."""

    async def get() -> httpx.Response:
        app = build_content_app(world.harness.settings, world.harness.bus)
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="https://content.test"
        ) as client:
            return await client.get(path)

    return asyncio.run(get())


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_package_is_uploaded_looked_at_and_played(world: World, language: str) -> None:
    trainer = actor_of(world, "trainer")

    def call(method: str, **payload: Any) -> Any:
        return world.harness.call("courses", method, payload, actor=trainer)

    course_id = call("create_course", title=pair("Course"))["id"]
    module_id = call("add_module", course_id=course_id, title=pair("Module"))["id"]
    unit_id = call("add_unit", module_id=module_id, title=pair("Unit"))["id"]
    activity = call("add_activity", unit_id=unit_id, title=pair("A"), kind="scorm")["id"]
    browser, place = world.browser("trainer", language), f"/studio/activities/{activity}"
    browser.get(place)
    fields = {"version": browser.version()}
    refused = browser.post(f"{place}/scorm", fields, ("course.zip", packed({"a.html": "x"})))
    assert refused.status_code == 422
    assert "imsmanifest.xml" in browser.page
    browser.get(place)
    browser.post(f"{place}/scorm", {"version": browser.version()}, ("course.zip", scorm_2004()))
    source = re.search(r'data-src="([^"]+)"', browser.page)
    assert source
    path = "/scorm/" + source[1].partition("/scorm/")[2]
    page = fetch(world, path if path.endswith("/") else f"{path}/")
    assert page.status_code == 200
    assert page.text.count("data-item=") == 2
    assert "frame-ancestors 'self' http" in page.headers["content-security-policy"]
    token = path.split("/")[2]
    for file, status, kind in (
        ("sco/two.html", 200, "text/html"), ("_shared/api.js", 200, "text/javascript"),
        ("none.html", 404, "text/plain"), ("sco/%2e%2e/%2e%2e/x", 404, "text/plain"),
    ):  # fmt: skip
        answer = fetch(world, f"/scorm/{token}/files/{file}")
        assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (status, kind), file
    assert fetch(world, "/scorm/nothing/").status_code == 404
    assert fetch(world, "/scorm/nothing/files/sco/two.html").status_code == 404
