"""The pages and the REST API of identity, through the whole gateway."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from gateway.asgi import build_gateway
from gateway.auth import SESSION_COOKIE
from shared.testing.harness import Harness

ORIGIN = "https://cercle.example"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
    folder: Path = tmp_path_factory.mktemp("pages")
    harness = Harness(folder, ("identity",), public_url=ORIGIN, rate_limits=False)
    yield harness
    harness.close()


@pytest.fixture(scope="module")
def app(world: Harness) -> Iterator[TestClient]:
    with TestClient(
        build_gateway(world.settings, world.bus, validate_responses=True), base_url=ORIGIN
    ) as client:
        yield client


@pytest.fixture
def browser(app: TestClient) -> TestClient:
    app.cookies.clear()
    app.headers.update({"Accept": "text/html", "Accept-Language": "fr"})
    return app


def csrf(browser: TestClient, path: str) -> str:
    found = re.search(r'name="csrf_token" value="([0-9a-f]+)"', browser.get(path).text)
    assert found is not None
    return found.group(1)


def post(browser: TestClient, page: str, path: str, **fields: str) -> tuple[int, str]:
    """(status, where it leads) of a form sent from `page`."""
    answer = browser.post(path, data={"csrf_token": csrf(browser, page)} | fields, follow_redirects=False)
    return answer.status_code, answer.headers.get("location", "")


def enter(browser: TestClient, role: str = "admin") -> str:
    """Sign in as a demo person; the session's secret."""
    assert post(browser, "/sign-in", "/sign-in/demo", role=role) == (303, "/")
    return str(browser.cookies[SESSION_COOKIE])


def token(browser: TestClient, name: str = "api") -> str:
    person = {"email": f"{name}@example.ca", "password": "une phrase calme", "display_name": name.title(),
              "language": "fr", "time_zone": "America/Toronto"}  # fmt: skip
    return str(browser.post("/api/v1/demo/accounts", json=person).json()["token"])


def test_sign_in_sets_a_cookie_that_only_this_host_reads(browser: TestClient) -> None:
    answer = browser.post(
        "/sign-in/demo",
        data={"csrf_token": csrf(browser, "/sign-in"), "role": "learner"},
        follow_redirects=False,
    )
    flags = {part.strip().partition("=")[0].lower() for part in answer.headers["set-cookie"].split(";")[1:]}
    assert flags == {"secure", "httponly", "path", "samesite"}
    assert answer.headers["set-cookie"].startswith("__Host-cercle=")


def test_sign_in_without_the_form_token_is_refused(browser: TestClient) -> None:
    assert browser.post("/sign-in/demo", data={"role": "admin"}).status_code == 403
    assert SESSION_COOKIE not in browser.cookies


def test_sign_in_wrong_keeps_the_address_and_says_one_thing(browser: TestClient) -> None:
    answer = browser.post(
        "/sign-in", data={"csrf_token": csrf(browser, "/sign-in"), "email": "x@y.ca", "password": "nope"}
    )
    assert answer.status_code == 422
    assert 'value="x@y.ca"' in answer.text
    assert "nope" not in answer.text
    assert "Le courriel ou le mot de passe ne correspond pas." in answer.text


def test_sign_in_never_adopts_a_planted_session(browser: TestClient) -> None:
    browser.cookies.set(SESSION_COOKIE, "planted-secret-planted-secret", domain="cercle.example")
    token_of_form = csrf(browser, "/sign-in")
    answer = browser.post(
        "/sign-in/demo", data={"csrf_token": token_of_form, "role": "learner"}, follow_redirects=False
    )
    assert answer.status_code == 303
    assert "planted" not in answer.headers["set-cookie"]


def test_sign_in_again_ends_the_session_before(browser: TestClient, world: Harness) -> None:
    before = enter(browser)
    post(browser, "/profile", "/sign-in/demo", role="learner")
    with pytest.raises(Exception, match="session-ended"):
        world.call("identity", "resolve_session", {"session": before})


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_sign_in_goes_on_to_our_own_pages_only(browser: TestClient, target: str) -> None:
    assert post(browser, "/sign-in", "/sign-in/demo", role="learner", next=target) == (303, "/")


def test_sign_out_is_a_post_and_ends_the_session_on_the_server(browser: TestClient, world: Harness) -> None:
    secret = enter(browser)
    assert browser.get("/sign-out").status_code in (404, 405)
    assert post(browser, "/profile", "/sign-out") == (303, "/sign-in")
    assert SESSION_COOKIE not in browser.cookies
    with pytest.raises(Exception, match="session-ended"):
        world.call("identity", "resolve_session", {"session": secret})


def test_invitation_secret_leaves_the_address_at_once(browser: TestClient) -> None:
    answer = browser.get("/invitation/some-secret", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/invitation")
    assert "HttpOnly" in answer.headers["set-cookie"]
    ended = browser.get("/invitation")
    assert ended.status_code == 410
    assert "some-secret" not in ended.text


def test_invitation_makes_an_account_and_goes_in(browser: TestClient) -> None:
    enter(browser)
    page = browser.post("/system/invitations", data={"csrf_token": csrf(browser, "/system/invitations"),
                                                     "roles": ["learner"], "language": "fr"})  # fmt: skip
    found = re.search(r"https://cercle\.example(/invitation/[\w-]+)", page.text)
    assert found is not None
    browser.cookies.clear()
    browser.get(found.group(1))
    fields = {"email": "zoe@example.ca", "password": "motdepasse2026", "display_name": "Zoé", "language": "fr",
              "time_zone": "America/Toronto"}  # fmt: skip
    weak = browser.post("/invitation", data={"csrf_token": csrf(browser, "/invitation")} | fields)
    assert weak.status_code == 422
    assert "motdepasse2026" not in weak.text
    assert "Ce mot de passe est trop courant." in weak.text
    assert post(
        browser, "/invitation", "/invitation", **fields | {"password": "une phrase calme et longue"}
    ) == (303, "/")
    assert "zoe@example.ca" in browser.get("/profile").text


@pytest.mark.parametrize(
    "path", ["/profile", "/profile/sessions", "/profile/tokens", "/members", "/system/people"]
)
def test_page_sends_a_visitor_to_sign_in_and_back(browser: TestClient, path: str) -> None:
    answer = browser.get(path, follow_redirects=False)
    assert answer.status_code == 302
    assert answer.headers["location"] == f"/sign-in?next={path.replace('/', '%2F')}"


@pytest.mark.parametrize("path", ["/system/people", "/system/invitations"])
def test_system_pages_do_not_exist_for_a_learner(browser: TestClient, path: str) -> None:
    enter(browser, "learner")
    assert browser.get(path).status_code == 404


@pytest.mark.parametrize("language", ["fr", "en"])
def test_pages_have_all_their_texts(browser: TestClient, language: str) -> None:
    enter(browser)
    browser.post("/language", data={"csrf_token": csrf(browser, "/profile"), "language": language})
    for path in ("/profile", "/profile/sessions", "/profile/tokens", "/members", "/members?q=zzzz", "/system/people",
                 "/system/invitations"):  # fmt: skip
        text = browser.get(path).text
        assert f'<html lang="{language}-CA">' in text
        assert re.findall(r">\s*(?:identity|errors)\.[\w.-]+", text) == []


def test_profile_of_an_older_version_keeps_what_was_typed(browser: TestClient) -> None:
    enter(browser, "trainer")
    fields = {"csrf_token": csrf(browser, "/profile"), "version": "1", "display_name": "Daniel Okoye", "language": "fr",
              "time_zone": "America/Toronto"}  # fmt: skip
    assert (
        browser.post("/profile", data=fields | {"city": "Gatineau"}, follow_redirects=False).status_code
        == 303
    )
    late = browser.post("/profile", data=fields | {"city": "Hull"})
    assert late.status_code == 412
    assert 'value="Hull"' in late.text
    assert "Quelqu’un a enregistré une version plus récente." in late.text


def test_api_profile_is_guarded_by_its_etag(browser: TestClient) -> None:
    headers = {"Authorization": f"Bearer {token(browser)}", "Accept": "application/json"}
    etag = browser.get("/api/v1/me", headers=headers).headers["etag"]
    assert (
        browser.patch("/api/v1/me", json={"city": "Alma"}, headers=headers | {"If-Match": etag}).json()[
            "city"
        ]
        == "Alma"
    )
    stale = browser.patch("/api/v1/me", json={"city": "Roberval"}, headers=headers | {"If-Match": etag})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")


def test_api_answers_conform_to_the_document(browser: TestClient) -> None:
    headers = {"Authorization": f"Bearer {token(browser, 'second')}", "Accept": "application/json"}
    for path in ("me", "me/sessions", "me/tokens", "members", "members?q=second&limit=1"):
        assert browser.get(f"/api/v1/{path}", headers=headers).status_code == 200
    made = browser.post("/api/v1/me/tokens", json={"name": "t", "scopes": ["read"]}, headers=headers)
    assert made.status_code == 201
    assert browser.delete(f"/api/v1/me/tokens/{made.json()['id']}", headers=headers).status_code == 204


def test_api_slows_guessing_and_says_for_how_long(browser: TestClient) -> None:
    body = {"email": "guessed@example.ca", "password": "wrong wrong wrong"}
    statuses = [browser.post("/api/v1/session", json=body).status_code for _ in range(6)]
    last = browser.post("/api/v1/session", json=body)
    assert statuses == [401] * 5 + [429]
    assert last.headers["retry-after"] == "30"


def test_api_mass_assignment_is_refused(browser: TestClient) -> None:
    headers = {"Authorization": f"Bearer {token(browser, 'third')}", "If-Match": '"1"'}
    refused = browser.patch("/api/v1/me", json={"roles": ["admin"]}, headers=headers)
    assert refused.status_code in (400, 422)
    assert browser.get("/api/v1/me", headers=headers).json()["roles"] == ["learner"]
