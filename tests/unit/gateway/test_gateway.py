"""The gateway's own promises, over real HTTP: who may write, how errors look, what is refused at the door."""

from __future__ import annotations

import re
import threading
import time
from datetime import timedelta
from typing import Any

import httpx
import pytest
from openapi_spec_validator import validate

from gateway.app import BASE, documents, load_document
from gateway.auth import SESSION_COOKIE
from shared.actor import Actor
from shared.config import SERVICES
from shared.errors import Deadline
from tests.unit.gateway.conftest import Site


def csrf_of(page: str) -> str:
    found = re.search(r'data-csrf="([0-9a-f]{64})"', page)
    assert found
    return found[1]


def test_every_service_has_its_document() -> None:
    assert documents() == list(SERVICES)


def test_operation_ids_are_unique_over_all_documents() -> None:
    ids = [
        operation["operationId"]
        for name in documents()
        for path in load_document(name)["paths"].values()
        for method, operation in path.items()
        if method in ("get", "post", "put", "patch", "delete")
    ]

    assert len(ids) == len(set(ids))
    assert len(ids) > 80


def test_every_post_takes_an_idempotency_key() -> None:
    without = [
        f"POST {path}"
        for name in documents()
        for path, item in load_document(name)["paths"].items()
        if "post" in item
        and {"$ref": "#/components/parameters/IdempotencyKey"}
        not in [*item["post"].get("parameters", []), *item.get("parameters", [])]
    ]

    assert without == []


def test_security_headers_are_on_every_answer(site: Site) -> None:
    for path in ("/sign-in", "/nope", f"{BASE}/surveys", "/static/css/tokens.css", "/healthz"):
        headers = site.client().get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert len(headers["x-request-id"]) == 36


@pytest.mark.parametrize(
    ("language", "title"), [("fr", "Il faut être en session"), ("en", "You need to be signed in")]
)
def test_problem_is_in_the_readers_language(site: Site, language: str, title: str) -> None:
    answer = site.client().get(f"{BASE}/surveys", headers={"Accept-Language": language})

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["title"].startswith(title)
    assert answer.json()["code"] == "not-authenticated"


def test_page_of_a_visitor_leads_to_sign_in_and_back(site: Site) -> None:
    answer = site.client().get("/needs?status=ranked")

    assert (answer.status_code, answer.headers["location"]) == (
        302,
        "/sign-in?next=%2Fneeds%3Fstatus%3Dranked",
    )


def test_unknown_body_field_is_named_with_a_code(site: Site) -> None:
    answer = site.client("coordinator").post(f"{BASE}/surveys", json={"template_id": "borich", "owner": "me"})

    assert answer.status_code == 422
    assert [(e["path"], e["code"]) for e in answer.json()["errors"]] == [("owner", "unknown-field")]


def test_unreadable_json_is_a_clear_400(site: Site) -> None:
    answer = site.client("coordinator").post(
        f"{BASE}/surveys", content=b'{"a": "<script>', headers={"Content-Type": "application/json"}
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "bad-json")
    assert "<script>" not in answer.text


def test_unknown_query_parameter_is_refused(site: Site) -> None:
    answer = site.client("learner").get(f"{BASE}/surveys", params={"page": "3"})

    assert answer.status_code in (400, 422)
    assert answer.json()["code"] in ("bad-parameter", "bad-request")


def test_large_body_is_refused(site: Site) -> None:
    client = site.client("learner", **{"Content-Type": "application/json"})

    answer = client.post(f"{BASE}/surveys", content=b" " * (1024 * 1024 + 1))

    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


def test_write_with_a_cookie_needs_the_token(site: Site) -> None:
    cookie = {"Cookie": f"{SESSION_COOKIE}={site.sign_in('learner')}"}
    client = site.client(**cookie)

    without = client.put(f"{BASE}/me/language", json={"language": "en"})
    page = client.get("/profile").text
    with_token = client.put(
        f"{BASE}/me/language", json={"language": "fr"}, headers={"X-CSRF-Token": csrf_of(page)}
    )

    assert (without.status_code, without.json()["code"]) == (403, "bad-csrf")
    assert with_token.status_code < 300


def test_form_of_another_site_is_refused(site: Site) -> None:
    cookie = f"{SESSION_COOKIE}={site.sign_in('learner')}"
    page = site.client(Cookie=cookie).get("/profile").text
    form = {"csrf_token": csrf_of(page), "language": "en", "next": "/"}

    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = site.client(Cookie=cookie).post("/language", data=form, headers=headers)
        assert answer.status_code == 403


def test_form_without_a_token_is_refused(site: Site) -> None:
    cookie = f"{SESSION_COOKIE}={site.sign_in('learner')}"

    assert site.client(Cookie=cookie).post("/language", data={"language": "en"}).status_code == 403


def test_redirect_never_leaves_the_site(site: Site) -> None:
    cookie = f"{SESSION_COOKIE}={site.sign_in('learner')}"
    token = csrf_of(site.client(Cookie=cookie).get("/profile").text)

    for target in ("https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"):
        form = {"csrf_token": token, "language": "fr", "next": target}
        assert site.client(Cookie=cookie).post("/language", data=form).headers["location"] == "/"


def test_service_that_is_down_is_said_at_once(site: Site) -> None:
    client = site.client("learner")
    site.harness.bus.take_down("surveys")
    try:
        started = time.perf_counter()
        answer = client.get(f"{BASE}/surveys")
        page = client.get("/")
    finally:
        site.harness.bus.bring_up("surveys")

    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert int(answer.headers["retry-after"]) >= 1
    assert time.perf_counter() - started < 5
    assert page.status_code == 200


def test_slow_service_is_given_up_and_its_late_work_is_not_done(site: Site) -> None:
    service: Any = site.harness.services["surveys"]
    before = len(site.harness.events("surveys"))
    original, release = type(service).create_survey, threading.Event()

    def slow(self: Any, tx: Any, call: Any) -> Any:
        result = original(self, tx, call)
        release.wait(10)
        site.harness.clock.advance(timedelta(seconds=60))
        return result

    slow.__dict__.update(original.__dict__)
    service.create_survey = slow.__get__(service)
    actor = Actor(site.harness.actor().account_id, frozenset({"coordinator"}))
    try:
        with pytest.raises(Deadline):
            site.harness.bus.call(
                "surveys", "create_survey", {"template_id": "borich"}, actor=actor, timeout=0.5
            )
        release.set()
        time.sleep(0.5)
    finally:
        del service.create_survey

    mine = site.harness.bus.call("surveys", "list_surveys", {"status": "draft", "limit": 200}, actor=actor)
    assert list(mine["items"]) == []
    assert len(site.harness.events("surveys")) == before


def test_upload_of_200_megabytes_is_not_held_in_memory(site: Site) -> None:
    import resource

    def chunks() -> Any:
        for _ in range(200 * 16):
            yield b"\0" * 65536

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer = site.client("trainer").post(
        f"{BASE}/uploads", content=chunks(), headers={"X-Filename": "zeros.h5p"}, timeout=120
    )
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024

    assert answer.status_code == 201, answer.text
    assert answer.json()["size"] == 200 * 1024 * 1024
    assert grown < 100, f"{grown:.0f} MB"


def test_upload_past_the_limit_is_refused_and_leaves_nothing(site: Site) -> None:
    files = site.harness.settings.var / "files" / "uploads"
    before = sorted(path.name for path in files.iterdir()) if files.exists() else []

    def chunks() -> Any:
        for _ in range(201 * 16):
            yield b"\0" * 65536

    answer = site.client("trainer").post(f"{BASE}/uploads", content=chunks(), timeout=120)

    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")
    assert sorted(path.name for path in files.iterdir()) == before


def test_live_stream_tells_its_owner_alone(site: Site) -> None:
    heard: dict[str, list[str]] = {"learner": [], "trainer": []}
    opened = threading.Barrier(3)

    def listen(who: str) -> None:
        client = site.client(who)
        with client.stream("GET", "/stream", timeout=httpx.Timeout(5)) as stream:
            opened.wait(10)
            try:
                for line in stream.iter_lines():
                    heard[who].append(line)
                    if line.startswith("data:"):
                        break
            except httpx.ReadTimeout:
                pass

    threads = [threading.Thread(target=listen, args=(who,)) for who in heard]
    for thread in threads:
        thread.start()
    opened.wait(10)
    time.sleep(0.3)
    client = site.client("learner")
    client.post(f"{BASE}/notifications/test", headers={"Idempotency-Key": "live"})
    site.harness.drain()
    for thread in threads:
        thread.join(15)

    assert any('"unread"' in line for line in heard["learner"])
    assert not any(line.startswith("data:") for line in heard["trainer"])


def test_api_documentation_needs_nothing_from_elsewhere(site: Site) -> None:
    page = site.client().get("/api/docs")

    assert page.status_code == 200
    for address in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        assert address.startswith("/")
        assert site.client().get(address).status_code == 200


def test_visitor_is_refused_once_by_native_routes(site: Site) -> None:
    for path in ("/stream", "/files/018f6f0e-7d1a-7c3e-9a51-2f6f0b5d4a10"):
        answer = site.client().get(path)
        assert (answer.status_code, answer.json()["code"]) == (401, "not-authenticated")


def test_native_route_answers_a_person_with_a_page(site: Site) -> None:
    cookie = f"{SESSION_COOKIE}={site.sign_in('learner')}"

    answer = site.client(Cookie=cookie, Accept="text/html").get("/files/018f6f0e-7d1a-7c3e-9a51-2f6f0b5d4a10")

    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "<h1>" in answer.text


def test_repeated_upload_with_one_key_is_one_upload(site: Site) -> None:
    client = site.client("trainer", **{"Idempotency-Key": "same-upload", "X-Filename": "a.txt"})

    first, second = (client.post(f"{BASE}/uploads", content=b"hello") for _ in range(2))
    other = client.post(f"{BASE}/uploads", content=b"other bytes")

    assert first.json() == second.json()
    assert (other.status_code, other.json()["code"]) == (409, "idempotency-key-reused")


@pytest.mark.parametrize("name", SERVICES)
def test_document_is_valid_openapi(name: str) -> None:
    validate(load_document(name))
