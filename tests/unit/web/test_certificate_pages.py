"""Certificates and evaluations as a person meets them, with forms only; and the PDF, read by another library."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import httpx
import pikepdf
import pytest
import time_machine
from joserfc.jwk import RSAKey
from openbadgeslib.ob3 import OB3Verifier

from gateway.certificates.pdf import MAX_AIMS, certificate_pdf, grouped, hours
from shared.testing.harness import Harness
from tests.unit.courses.support import pair
from tests.unit.surveys.support import PAIR, TEXTS, Desk
from tests.unit.web.test_course_pages import Browser, World

SETTINGS = {
    "enabled": "1", "hours": "4,25", "signatory_name": "Hélène Roy", "signatory_title_fr": "Directrice",
    "signatory_title_en": "Director", "expires_months": "24",
}  # fmt: skip


@pytest.fixture
def world(make_harness: Callable[..., Harness]) -> World:
    return World(make_harness("identity", "courses", "surveys", rate_limits=False))


def completed(world: World, learner: Browser) -> tuple[str, str, Browser]:
    """(course id, activity id, the trainer's browser): a course with certificates, completed by the learner."""
    harness = world.harness
    trainer = actor_of(world, "trainer")

    def call(method: str, **payload: Any) -> Any:
        return harness.call("courses", method, payload, actor=trainer)

    course_id = call("create_course", title=pair("Course"))["id"]
    module_id = call("add_module", course_id=course_id, title=pair("Module"))["id"]
    unit_id = call("add_unit", module_id=module_id, title=pair("Unit"))["id"]
    activity = call("add_activity", unit_id=unit_id, title=pair("A"), kind="text", body=pair("Text"))["id"]
    need_id = "018f6f0e-7d1a-7c3e-9a51-2f6f0b5d4a10"
    call(
        "add_objective",
        course_id=course_id,
        text=pair("Objective"),
        bloom="apply",
        need_id=need_id,
        assessments=[activity],
    )
    browser = world.browser("trainer")
    browser.get(f"/studio/courses/{course_id}/certificates")
    browser.post(browser.path, {**SETTINGS, "version": browser.version()})
    assert 'value="4,25"' in browser.page or 'value="4.25"' in browser.page
    version = call("get_course", course_id=course_id)["version"]
    call("publish_course", course_id=course_id, version=version)
    learner.get(f"/courses/{course_id}")
    learner.post(f"/courses/{course_id}/enrol", {})
    learner.post(f"/courses/{course_id}/learn/{activity}/done", {})
    return course_id, activity, browser


def actor_of(world: World, who: str) -> Any:
    """The signed actor of one of the demo's people."""
    from gateway.auth import actor_of as actor
    from gateway.demo.people import LEADS, PASSWORD

    person = next(person for person in LEADS if person.key == who)
    found = world.harness.call("identity", "sign_in", {
        "email": person.email, "password": PASSWORD, "network": "test", "user_agent": "test",
    })  # fmt: skip
    known = world.harness.call("identity", "resolve_session", {"session": found["session"]})
    return actor(known["account"])


def visit(world: World, path: str) -> httpx.Response:
    """Without signing in."""
    return Browser(world.app, "nothing").run(lambda client: client.get(path))


def test_from_the_end_of_a_course_to_a_checked_certificate(world: World) -> None:
    learner = world.browser("learner", "en")
    course_id, _, trainer = completed(world, learner)
    assert learner.path == f"/courses/{course_id}/learn/end"
    assert f"/courses/{course_id}/certificate" in learner.page
    learner.get(f"/courses/{course_id}/certificate")
    assert 'value="Maude Fortin"' in learner.page
    learner.post(learner.path, {"holder_name": " "})
    assert "error-summary" in learner.page
    learner.post(f"/courses/{course_id}/certificate", {"holder_name": "Maude Fortin-Roy"})
    code = learner.path.removeprefix("/certificates/")
    assert len(code) == 26
    assert "Maude Fortin-Roy" in learner.page
    for page in (visit(world, f"/certificates/{code}"), visit(world, f"/certificates/{code.lower()}")):
        assert page.status_code == 200
        assert "Maude Fortin-Roy" in page.text
        assert "/pdf" not in page.text
    unknown = visit(world, f"/certificates/{code[:-1]}{'1' if code.endswith('0') else '0'}")
    assert (unknown.status_code, "Fortin" in unknown.text) == (404, False)
    assert visit(world, f"/certificates/{code}/pdf").headers["location"].startswith("/sign-in")
    assert world.browser("coordinator").get(f"/certificates/{code}/pdf").status_code == 404
    check_pdf(learner.run(lambda client: client.get(f"/certificates/{code}/pdf")))
    check_badge(world, learner.run(lambda client: client.get(f"/certificates/{code}/badge")))
    trainer.get(f"/studio/courses/{course_id}/certificates/{code}/revoke")
    trainer.post(trainer.path, {"reason": "Wrong person"})
    revoked = visit(world, f"/certificates/{code}")
    assert "Fortin" not in revoked.text
    assert "Wrong person" not in revoked.text
    assert "Wrong person" in learner.get(f"/certificates/{code}").text
    assert learner.run(lambda client: client.get(f"/certificates/{code}/pdf")).status_code == 404


def check_pdf(answer: httpx.Response) -> None:
    """PDF/UA: tagged, with a title that is shown, a language, and an identifier of the standard."""
    assert answer.headers["content-type"] == "application/pdf"
    with pikepdf.open(io.BytesIO(answer.content)) as pdf:
        assert bool(pdf.Root.MarkInfo.Marked)
        assert "/StructTreeRoot" in pdf.Root
        assert str(pdf.Root.Lang).startswith("fr")
        assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
        assert "Maude Fortin-Roy" in str(pdf.docinfo["/Title"])
        assert pdf.open_metadata()["pdfuaid:part"] == "1"
        assert len(pdf.pages) == 1
        assert [float(x) for x in pdf.pages[0].MediaBox] == [0, 0, 792, 612]


def check_badge(world: World, answer: httpx.Response) -> None:
    issuer = visit(world, "/.well-known/did.json").json()
    key = RSAKey.import_key(issuer["verificationMethod"][0]["publicKeyJwk"])
    with time_machine.travel(world.harness.clock.now()):
        known = OB3Verifier(key.as_pem(private=False)).verify(answer.text)
    assert known.issuer.id == issuer["id"]
    assert "Fortin" not in str(known.raw)
    assert "@demo" not in str(known.raw)


def test_a_long_certificate_still_fits_and_says_what_it_leaves_out() -> None:
    many = [{"text": pair("An objective that is rather long, so that it takes more than a line. " * 2)}] * 12
    view = {
        "code": "7K3QF0ABCDEFGHJKMNPQRSTVWX", "holder_name": "Marie-Ève Étiennette-Beauchemin de la Bruère",
        "title": pair("A title that goes on " * 6), "hours": 12.5, "signatory_name": "N. N.",
        "signatory_title": pair("Director"), "objectives": many, "completed_at": "2026-11-22T12:00:00+00:00",
        "issued_at": "2026-11-22T12:00:00+00:00", "expires_at": None,
    }  # fmt: skip
    first = certificate_pdf(view, "https://cercle.example.ca/certificates/7K3QF0ABCDEFGHJKMNPQRSTVWX")
    assert first == certificate_pdf(view, "https://cercle.example.ca/certificates/7K3QF0ABCDEFGHJKMNPQRSTVWX")
    with pikepdf.open(io.BytesIO(first)) as pdf:
        assert len(pdf.pages) <= 2
    assert len(many) > MAX_AIMS
    hostile = certificate_pdf(
        view | {"holder_name": '#read("/etc/passwd") $x$ *b* "\\'}, "https://x.example/certificates/x"
    )
    assert hostile.startswith(b"%PDF")


def test_hours_and_codes_are_written_as_people_write_them() -> None:
    assert [hours(1, "fr"), hours(1.5, "fr"), hours(4.25, "fr")] == ["1 heure", "1,5 heure", "4,25 heures"]
    assert [hours(1, "en"), hours(1.5, "en"), hours(2, "en")] == ["1 hour", "1.5 hours", "2 hours"]
    assert grouped("ABCDEFGHIJ") == "ABCD-EFGH-IJ"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_course_is_evaluated_once_and_anonymously(world: World, language: str) -> None:
    learner = world.browser("learner", language)
    course_id, _, trainer = completed(world, learner)
    assert f"/courses/{course_id}/evaluation/end" in learner.page
    learner.get(f"/courses/{course_id}/evaluation/end")
    learner.post(learner.path, {"relevance": "nonsense"})
    assert "error-summary" in learner.page
    learner.post(f"/courses/{course_id}/evaluation/end", {"relevance": "4", "comment": "Good"})
    assert learner.path == f"/courses/{course_id}"
    learner.get(f"/courses/{course_id}/evaluation/end")
    assert 'name="relevance"' not in learner.page
    later = learner.get(f"/courses/{course_id}/evaluation/30")
    assert 'name="helped"' not in later.text
    trainer.get(f"/studio/courses/{course_id}/evaluation")
    assert "Good" not in trainer.page
    assert world.browser("coordinator").get(f"/studio/courses/{course_id}/evaluation").status_code == 200
    assert learner.get(f"/studio/courses/{course_id}/evaluation").status_code == 404


def test_checking_codes_is_limited(make_harness: Callable[..., Harness]) -> None:
    world = World(make_harness("identity", "courses", "surveys"))
    statuses = [visit(world, f"/certificates/{'0' * 26}").status_code for _ in range(32)]
    assert statuses[0] == 404
    assert statuses[-1] == 429


def test_an_admin_registers_a_tool_and_sees_its_secret_once(world: World) -> None:
    admin = world.browser("admin", "en")
    admin.get("/system/tools")
    admin.post("/system/tools", {"name": ""})
    assert "error-summary" in admin.page
    admin.post("/system/tools", {"name": "Simulator", "scopes": "statements/write"})
    secret = re.search(r'id="secret"[^>]*>([^<]{30,})<', admin.page)
    assert secret
    admin.get("/system/tools")
    assert secret[1] not in admin.page
    tool = re.search(r"/system/tools/([0-9a-f-]{36})/revoke", admin.page)
    assert tool
    admin.post(f"/system/tools/{tool[1]}/revoke", {})
    assert f"/system/tools/{tool[1]}/revoke" not in admin.page
    assert world.browser("trainer").get("/system/tools").status_code == 404


def lived(world: World, learner: Browser) -> tuple[str, str]:
    """(course, need): a course that answers a need, completed by the learner, who has said where they stood before."""
    harness, desk = world.harness, Desk(world.harness)
    need = desk.first_need()["id"]
    proposal = desk.ask("open_proposal", need_id=need, **TEXTS)
    decision = {"proposal_id": proposal["id"], "version": 1, "outcome": "approved", "reason": PAIR}
    desk.ask("decide_proposal", **decision)
    harness.drain()
    trainer = actor_of(world, "admin")

    def call(method: str, **payload: Any) -> Any:
        return harness.call("courses", method, payload, actor=trainer)

    course = str(desk.ask("get_loop", need_id=need)["course"]["id"])
    module = call("add_module", course_id=course, title=pair("Module"))["id"]
    unit = call("add_unit", module_id=module, title=pair("Unit"))["id"]
    activity = call("add_activity", unit_id=unit, title=pair("A"), kind="text", body=pair("Text"))["id"]
    found = call("get_course", course_id=course)
    aim = {"objective_id": found["objectives"][0]["id"], "version": found["version"]}
    call(
        "update_objective", **aim, text=pair("Objective"), bloom="apply", need_id=need, assessments=[activity]
    )
    call("publish_course", course_id=course, version=call("get_course", course_id=course)["version"])
    learner.post(f"/courses/{course}/enrol", {})
    harness.drain()
    learner.post(f"/needs/{need}/follow-up/before", {"importance": "5", "ability": "2"})
    learner.post(f"/courses/{course}/learn/{activity}/done", {})
    harness.drain()
    return course, need


@pytest.mark.parametrize("first", ["question", "evaluation"])
def test_of_two_things_asked_at_once_the_other_is_offered(world: World, first: str) -> None:
    learner = world.browser("learner")
    course, need = lived(world, learner)
    question, evaluation = f"/needs/{need}/follow-up/after", f"/courses/{course}/evaluation/end"
    answers = {
        question: {"importance": "5", "ability": "4", "then_ability": "1"}, evaluation: {"relevance": "4"},
    }  # fmt: skip
    one, other = (question, evaluation) if first == "question" else (evaluation, question)
    learner.post(one, answers[one])
    assert (learner.path, f'href="{other}"' in learner.page) == (one, True)
    learner.post(other, answers[other])
    assert learner.path == (f"/courses/{course}" if other == evaluation else f"/needs/{need}")
    for page, gone in ((one, other), (other, one)):
        learner.get(page)
        assert f'href="{gone}"' not in learner.page
