"""Blocks of other makers on the content origin: their page, their handlers, and what cannot be had there."""

from __future__ import annotations

import json

import httpx
import pytest
from anyio import run as run_async

from gateway.content.blocks import public_folder
from gateway.content_origin import build_content_app
from services.courses.tables import xblock_fields
from tests.unit.courses.support import Desk
from tests.unit.courses.test_external_blocks import course_of, learn, studio


class Origin:
    """The content origin's application over the same bus and storage."""

    def __init__(self, desk: Desk) -> None:
        settings = desk.service.settings.model_copy(update={"max_body": 70_000, "max_upload": 200_000})
        self.app = build_content_app(settings, desk.harness.bus, desk.service.storage)

    def ask(self, method: str, path: str, **more: object) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://content") as client:
                return await client.request(method, path, **more)  # type: ignore[arg-type]

        return run_async(send)


def test_page_of_a_block_and_its_handlers_work_under_the_grant_alone(desk: Desk) -> None:
    origin, course = Origin(desk), course_of(desk, "poll")
    activity, token = course["activities"][0], learn(desk, course)
    page = origin.ask("GET", f"/block/{token}")
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
    assert "frame-ancestors" in page.headers["content-security-policy"]
    assert f'data-usage="{activity}"' in page.text
    assert 'src="/xblocks/poll/public/' in page.text
    answer = origin.ask("POST", f"/block/{token}/{activity}/handlers/vote", json={"choice": "R"})
    assert (answer.status_code, answer.json()["success"]) == (200, True)
    assert json.loads(answer.headers["x-cercle-attempt"])["completed"] is True
    assert origin.ask("GET", "/block/nothing").status_code == 404
    assert origin.ask("POST", f"/block/nothing/{activity}/handlers/vote", json={}).status_code == 404
    assert origin.ask("POST", f"/block/{token}/{activity}/handlers/nothing", json={}).status_code == 404


def test_large_body_goes_through_storage_and_is_gone_afterwards(desk: Desk) -> None:
    origin, course = Origin(desk), course_of(desk, "poll")
    activity = course["activities"][0]
    place = f"/block/{learn(desk, course)}/{activity}/handlers/vote"
    long = origin.ask("POST", place, content=json.dumps({"choice": "R", "more": "x" * 65_000}))
    assert long.json()["success"] is True
    assert origin.ask("POST", place, content=b"x" * 70_001).status_code == 413, "a learner's block"
    writing = f"/block/{studio(desk, activity)}/{activity}/handlers/studio_submit"
    assert origin.ask("POST", writing, content=b"\xff" * 100_000).status_code == 400, "read, and no JSON"
    assert origin.ask("POST", writing, content=b"x" * 200_001).status_code == 413
    assert [key for key in desk.stored() if key.startswith("xblocks/bodies/")] == []


def test_block_that_breaks_down_is_a_page_in_both_languages(desk: Desk) -> None:
    origin, course = Origin(desk), course_of(desk, "poll")
    token = learn(desk, course)
    with desk.service.db.engine.begin() as connection:
        row = {"scope": "user_state", "block_id": course["activities"][0], "name": "choice", "value": {"not": "text"},
               "user_id": str(desk.learner.account_id)}  # fmt: skip
        connection.execute(xblock_fields.insert().values(**row))
    page = origin.ask("GET", f"/block/{token}")
    assert page.status_code == 409
    assert 'lang="fr"' in page.text
    assert 'lang="en"' in page.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/xblocks/poll/public/css/poll.css", 200),
        ("/xblocks/survey@xblock-poll/public/css/poll.css", 200),
        ("/xblocks/poll/poll.py", 404),
        ("/xblocks/poll/public/../poll.py", 404),
        ("/xblocks/poll/public/%2e%2e/poll.py", 404),
        ("/xblocks/poll/public//etc/passwd", 404),
        ("/xblocks/nothing/public/css/poll.css", 404),
        ("/xblocks/survey@other-package/public/css/poll.css", 404),
        ("/xblock-files/../uploads/x", 404),
        ("/xblock-files/nothing", 404),
    ],
)
def test_only_public_files_of_installed_packages(desk: Desk, path: str, status: int) -> None:
    assert Origin(desk).ask("GET", path).status_code == status


def test_folder_of_a_type_is_found_without_importing_it() -> None:
    folder = public_folder("drag-and-drop-v2")
    assert folder is not None
    assert (folder / "public" / "css").is_dir()
