"""The pages of courses over real services, without a browser: no script runs here, so all of it works without."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import pytest

from gateway.asgi import build_gateway
from gateway.auth import SESSION_COOKIE
from gateway.demo.people import LEADS, PASSWORD
from gateway.demo.seed import package
from shared.actor import Actor
from shared.errors import NotFound
from shared.ids import new_id
from shared.testing.harness import Harness
from shared.testing.plugin import SHARED_H5P
from tests.unit.surveys.support import Desk as SurveyDesk

KEY = re.compile(r"\b(?:courses|errors|shell|surveys|identity)\.[a-z][a-z0-9_.-]+")
TEXT = {"fr": "## Bonjour\n\nUn **texte**.", "en": "## Hello\n\nA **text**."}


class Browser:
    """A signed-in person with forms: GET a page, fill one of its forms, follow the redirect."""

    def __init__(self, app: Any, session: str) -> None:
        self.app, self.page, self.path = app, "", ""
        self.cookies = httpx.Cookies({SESSION_COOKIE: session})

    def run(self, work: Callable[[httpx.AsyncClient], Coroutine[Any, Any, httpx.Response]]) -> httpx.Response:
        """One exchange; cookies stay."""

        async def inside() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(
                transport=transport, base_url="https://site.test", cookies=self.cookies
            ) as client:
                answer = await work(client)
                self.cookies = client.cookies
                return answer

        return asyncio.run(inside())

    def get(self, path: str) -> httpx.Response:
        """Open a page and look for texts that nobody wrote."""
        answer = self.run(lambda client: client.get(path, headers={"Accept": "text/html"}))
        self._seen(answer)
        return answer

    def _seen(self, answer: httpx.Response) -> None:
        self.page, self.path = answer.text, answer.request.url.path
        shown = re.sub(r"<[^>]*>", " ", self.page)
        assert KEY.findall(shown) == []

    def post(
        self, path: str, fields: dict[str, str], file: tuple[str, bytes] | None = None
    ) -> httpx.Response:
        """Send a form with this page's token; go where it leads."""
        token = re.search(r'data-csrf="([0-9a-f]{64})"', self.page)
        assert token
        data = {"csrf_token": token[1], "idem": str(new_id()), **fields}
        files = {"file": (*file, "application/octet-stream")} if file else None
        answer = self.run(lambda client: client.post(path, data=data, files=files))
        if answer.status_code == 303:
            return self.get(answer.headers["location"].split("#")[0])
        self._seen(answer)
        return answer

    def report(self, path: str, body: dict[str, Any]) -> httpx.Response:
        """What the player's frame sends."""
        token = re.search(r'data-csrf="([0-9a-f]{64})"', self.page)
        assert token
        headers = {"X-CSRF-Token": token[1], "Idempotency-Key": str(new_id())}
        return self.run(lambda client: client.post(path, json=body, headers=headers))

    def version(self) -> str:
        """The version in the forms of the page."""
        found = re.search(r'name="version" value="(\d+)"', self.page)
        assert found
        return found[1]


class World:
    """Identity, courses and surveys, and the gateway before them."""

    def __init__(self, harness: Harness) -> None:
        self.harness = harness
        for person in LEADS:
            harness.call("identity", "seed_account", person.profile())
        self.app = build_gateway(harness.settings, harness.bus)
        self.actors: dict[str, Actor] = {}

    def browser(self, who: str, language: str | None = None) -> Browser:
        """One of the demo's people, in a language."""
        person = next(person for person in LEADS if person.key == who)
        found = self.harness.call("identity", "sign_in", {
            "email": person.email, "password": PASSWORD, "network": "test", "user_agent": "test",
        })  # fmt: skip
        browser = Browser(self.app, found["session"])
        browser.get("/courses")
        if language:
            browser.post("/language", {"language": language, "next": "/courses"})
        return browser

    def stored(self) -> list[str]:
        """Every file in storage."""
        folder = self.harness.settings.var
        return [str(path) for path in folder.rglob("*") if path.is_file() and "/uploads/" in str(path)]


@pytest.fixture
def world(make_harness: Callable[..., Harness]) -> World:
    return World(make_harness("identity", "courses", "surveys", rate_limits=False))


def course_of(browser: Browser) -> str:
    """Create a course through its form; its id."""
    browser.get("/studio/courses/new")
    browser.post(
        "/studio/courses", {"title_fr": "Un pas", "title_en": "One step", "summary_fr": "", "summary_en": ""}
    )
    return browser.path.removeprefix("/studio/courses/")


def unit_of(browser: Browser, course_id: str) -> str:
    """Add a module and a unit; the unit's id."""
    place = f"/studio/courses/{course_id}"
    browser.post(f"{place}/modules", {"module-new_fr": "Premier", "module-new_en": "First"})
    module_id = found_id(browser, r"/modules/([0-9a-f-]{36})/units")
    browser.post(
        f"{place}/modules/{module_id}/units",
        {f"unit-{module_id}_fr": "Unité", f"unit-{module_id}_en": "Unit"},
    )
    return found_id(browser, r"/units/([0-9a-f-]{36})/activities")


def found_id(browser: Browser, pattern: str) -> str:
    found = re.search(pattern, browser.page)
    assert found
    return found[1]


def activity_of(browser: Browser, course_id: str, unit_id: str, kind: str) -> str:
    """Add an activity; its id."""
    name = f"activity-{unit_id}"
    fields = {f"{name}_fr": f"Activité {kind}", f"{name}_en": f"Activity {kind}", "kind": kind}
    browser.post(f"/studio/courses/{course_id}/units/{unit_id}/activities", fields)
    return browser.path.removeprefix("/studio/activities/")


def write_text(browser: Browser, activity_id: str) -> None:
    fields = {"version": browser.version(), "body_fr": TEXT["fr"], "body_en": TEXT["en"]}
    assert browser.post(f"/studio/activities/{activity_id}/text", fields).status_code == 200


def add_objective(world: World, browser: Browser, course_id: str, activity_id: str) -> None:
    """An objective that answers a need and is assessed by the activity."""
    need_id = SurveyDesk(world.harness).first_need()["id"]
    browser.get(f"/studio/courses/{course_id}")
    browser.post(f"/studio/courses/{course_id}/objectives", {
        "text-new_fr": "Formuler", "text-new_en": "Formulate", "bloom-new": "apply", "need-new": need_id,
    })  # fmt: skip
    browser.get(f"/studio/courses/{course_id}/objectives")
    key = found_id(browser, r'name="modules-([0-9a-f-]{36})"')
    browser.post(
        f"/studio/courses/{course_id}/alignment",
        {"version": browser.version(), f"assessments-{key}": activity_id},
    )


def published(world: World, browser: Browser) -> tuple[str, str]:
    """A published course of one text: course id, activity id."""
    course_id = course_of(browser)
    activity_id = activity_of(browser, course_id, unit_of(browser, course_id), "text")
    write_text(browser, activity_id)
    add_objective(world, browser, course_id, activity_id)
    browser.post(f"/studio/courses/{course_id}/publish", {"version": browser.version()})
    return course_id, activity_id


def test_course_goes_from_draft_to_published_without_scripts(world: World) -> None:
    trainer = world.browser("trainer", "en")
    course_id = course_of(trainer)
    assert "Add a first module." in trainer.page
    unit_id = unit_of(trainer, course_id)
    text_id = activity_of(trainer, course_id, unit_id, "text")
    write_text(trainer, text_id)
    played_id = activity_of(trainer, course_id, unit_id, "h5p")
    uploaded = trainer.post(
        f"/studio/activities/{played_id}/h5p", {"version": trainer.version()},
        ("protective-factors-fr.h5p", package("protective-factors-fr")),
    )  # fmt: skip
    assert uploaded.status_code == 200
    assert "The package was checked and put in place" in trainer.page
    assert "H5P.CercleChoice-1.0" in trainer.page
    assert f'data-src="{world.harness.settings.content_origin}/play/' in trainer.page

    trainer.get(f"/studio/courses/{course_id}")
    assert "Link an objective to the need." in trainer.page
    refused = trainer.post(f"/studio/courses/{course_id}/publish", {"version": trainer.version()})
    assert refused.status_code == 422
    add_objective(world, trainer, course_id, text_id)
    trainer.post(f"/studio/courses/{course_id}/publish", {"version": trainer.version()})

    assert "The course is published" in trainer.page
    assert "Edition 1" in trainer.page


@pytest.mark.parametrize(
    ("language", "title", "reason"),
    [
        ("fr", "n’a pas été accepté", "Ce fichier ne contient pas un objet JSON valide"),
        ("en", "was not accepted", "This file does not hold a valid JSON object"),
    ],
)
def test_refused_package_tells_every_reason_and_leaves_nothing(
    world: World, language: str, title: str, reason: str
) -> None:
    trainer = world.browser("trainer", language)
    course_id = course_of(trainer)
    activity_id = activity_of(trainer, course_id, unit_of(trainer, course_id), "h5p")
    bad = (SHARED_H5P / "invalid" / "broken-content-json.h5p").read_bytes()

    answer = trainer.post(
        f"/studio/activities/{activity_id}/h5p", {"version": trainer.version()}, ("bad.h5p", bad)
    )

    assert answer.status_code == 422
    assert title in trainer.page
    assert reason in trainer.page
    assert "<code>content/content.json</code>" in trainer.page
    assert world.stored() == []


def test_upload_to_an_activity_of_nobody_leaves_nothing(world: World) -> None:
    trainer = world.browser("trainer")

    answer = trainer.post(f"/studio/activities/{new_id()}/h5p", {"version": "1"}, ("a.h5p", b"PK"))

    assert answer.status_code == 404
    assert world.stored() == []


def test_image_without_its_description_need_not_be_sent_again(world: World) -> None:
    trainer = world.browser("trainer", "en")
    course_id = course_of(trainer)
    activity_id = activity_of(trainer, course_id, unit_of(trainer, course_id), "file")
    png = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
    fields = {"version": trainer.version(), "alt_fr": "", "alt_en": "A bridge"}

    refused = trainer.post(f"/studio/activities/{activity_id}/file", fields, ("pont.png", png))
    kept = found_id(trainer, r'name="upload_id" value="([0-9a-f-]{36})"')
    fields |= {"alt_fr": "Un pont", "upload_id": kept, "upload_name": "pont.png"}
    trainer.post(f"/studio/activities/{activity_id}/file", fields)

    assert refused.status_code == 422
    assert "The file is in place." in trainer.page
    assert 'alt="A bridge"' in trainer.page


def test_stale_edit_keeps_what_was_typed(world: World) -> None:
    trainer = world.browser("trainer", "en")
    course_id = course_of(trainer)
    old = trainer.version()
    summary = {"summary_fr": "", "summary_en": ""}
    trainer.post(
        f"/studio/courses/{course_id}", {"version": old, "title_fr": "Deux", "title_en": "Two", **summary}
    )

    late = trainer.post(
        f"/studio/courses/{course_id}", {"version": old, "title_fr": "Trois", "title_en": "Three", **summary}
    )

    assert late.status_code == 412
    assert 'value="Three"' in trainer.page
    assert 'value="Trois"' in trainer.page
    assert "<h1>Two</h1>" in trainer.page
    assert re.search(r"<del>.*Two</del>", trainer.page)
    assert re.search(r"<ins>.*Three</ins>", trainer.page)
    assert trainer.version() == str(int(old) + 1)


def test_autosave_answers_with_the_new_version(world: World) -> None:
    trainer = world.browser("trainer", "en")
    course_id = course_of(trainer)
    activity_id = activity_of(trainer, course_id, unit_of(trainer, course_id), "text")
    version, token = trainer.version(), found_id(trainer, r'data-csrf="([0-9a-f]{64})"')
    data = {"csrf_token": token, "body_fr": "a", "body_en": "b", "version": "1"}
    headers = {"X-Autosave": "1", "If-Match": f'"{version}"'}

    path = f"/studio/activities/{activity_id}/text"
    saved = trainer.run(lambda client: client.post(path, data=data, headers=headers))
    again = trainer.run(lambda client: client.post(path, data=data, headers=headers))

    assert (saved.status_code, saved.headers["etag"]) == (200, f'"{int(version) + 1}"')
    assert again.status_code == 412


def test_learner_enrols_and_completes_a_text(world: World) -> None:
    course_id, activity_id = published(world, world.browser("trainer", "en"))
    learner = world.browser("learner", "fr")
    assert "Un pas" in learner.page
    learner.get(f"/courses/{course_id}")
    assert f'action="/courses/{course_id}/enrol"' in learner.page

    learner.post(f"/courses/{course_id}/enrol", {})
    assert "Votre inscription est faite" in learner.page
    learner.get(f"/courses/{course_id}/learn/{activity_id}")
    assert "<strong>texte</strong>" in learner.page
    learner.post(f"/courses/{course_id}/learn/{activity_id}/done", {})

    assert learner.path == f"/courses/{course_id}/learn/end"
    assert "Cours terminé" in learner.page
    assert "Terminer un cours n’est pas encore savoir faire" in learner.page
    trainer = world.browser("trainer", "en")
    trainer.get(f"/studio/courses/{course_id}/roster")
    assert "Maude Fortin" in trainer.page
    assert "Completed" in trainer.page


def test_player_reports_become_progress(world: World) -> None:
    trainer = world.browser("trainer", "en")
    course_id, _text = published(world, trainer)
    unit_id = found_id(trainer, r"/units/([0-9a-f-]{36})/activities")
    activity_id = activity_of(trainer, course_id, unit_id, "h5p")
    content = ("a.h5p", package("protective-factors-en"))
    trainer.post(f"/studio/activities/{activity_id}/h5p", {"version": trainer.version()}, content)
    trainer.get(f"/studio/courses/{course_id}/publish")
    trainer.post(f"/studio/courses/{course_id}/publish", {"version": trainer.version()})
    learner = world.browser("learner", "en")
    learner.post(f"/courses/{course_id}/enrol", {})
    learner.get(f"/courses/{course_id}/learn/{activity_id}")
    statement = {
        "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
        "object": {"objectType": "Activity", "id": "https://elsewhere.example/x"},
        "result": {"completion": True, "score": {"min": 0, "max": 4, "raw": 3, "scaled": 0.75}},
    }
    place = f"/courses/activities/{activity_id}"

    kept = learner.report(f"{place}/state", {"sub_content_id": "0", "data_type": "state", "data": '{"at":2}'})
    told = learner.report(f"{place}/statements", {"statement": statement})

    assert (kept.status_code, kept.json()["saved"]) == (200, True)
    assert (told.status_code, told.json()) == (
        201, {"completed": True, "score": 0.75, "progress": 0.5, "course_completed": False},
    )  # fmt: skip


def test_player_report_without_the_token_is_refused(world: World) -> None:
    learner = world.browser("learner", "en")
    learner.page = f'data-csrf="{"0" * 64}"'

    answer = learner.report(f"/courses/activities/{new_id()}/statements", {"statement": {}})

    assert answer.status_code == 403


def test_preview_records_nothing_and_speaks_either_language(world: World) -> None:
    trainer = world.browser("trainer", "en")
    course_id, activity_id = published(world, trainer)

    trainer.get(f"/studio/courses/{course_id}/preview/{activity_id}?lang=fr")

    assert "<strong>texte</strong>" in trainer.page
    assert "Nothing is recorded" in trainer.page
    actor = world.harness.actor("learner")
    with pytest.raises(NotFound):
        world.harness.call("courses", "get_learning", {"course_id": course_id}, actor=actor)
    trainer.get("/studio")
    assert "0 enrolments" in trainer.page


def test_delete_asks_with_the_name_then_deletes(world: World) -> None:
    trainer = world.browser("trainer", "en")
    course_id = course_of(trainer)
    unit_id = unit_of(trainer, course_id)
    place = f"/studio/courses/{course_id}/items/{unit_id}"

    trainer.get(f"{place}/delete")
    assert "Delete “Unit”?" in trainer.page
    trainer.post(f"{place}/delete", {"version": trainer.version()})

    assert f'id="item-{unit_id}"' not in trainer.page


def test_foreign_and_unknown_ids_look_alike(world: World) -> None:
    trainer = world.browser("trainer")
    course_id = course_of(trainer)
    activity_id = activity_of(trainer, course_id, unit_of(trainer, course_id), "text")
    learner = world.browser("learner")
    paths = [
        f"/courses/{course_id}", f"/courses/{course_id}/learn", f"/courses/{course_id}/learn/{activity_id}",
        f"/courses/{course_id}/learn/end", f"/studio/courses/{course_id}", f"/studio/activities/{activity_id}",
        f"/studio/courses/{course_id}/preview", f"/studio/courses/{course_id}/preview/{activity_id}",
        f"/studio/courses/{course_id}/roster", "/studio", "/studio/courses/new",
        f"/courses/{new_id()}", "/courses/nonsense",
    ]  # fmt: skip

    assert {path: learner.get(path).status_code for path in paths} == dict.fromkeys(paths, 404)
    assert "Un pas" not in learner.page
