from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from gateway.asgi import build_gateway
from shared.testing.harness import Harness
from tests.unit.notifications.web import ORIGIN, Browser


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    harness = Harness(
        tmp_path_factory.mktemp("pages"), ("identity", "community", "notifications"),
        public_url=ORIGIN, rate_limits=False,
    )  # fmt: skip
    app = build_gateway(harness.settings, harness.bus, validate_responses=True)
    with TestClient(app, base_url=ORIGIN) as client:
        client.headers.update({"Accept": "text/html", "Accept-Language": "fr"})
        yield Browser(client, harness)
    harness.close()


def sample(browser: Browser) -> str:
    """The id of a test notification to oneself."""
    assert browser.send("/notifications/preferences", "/notifications/test")[0] == 303
    found = re.search(r"/notifications/([0-9a-f-]{36})/open", browser.see("/notifications"))
    assert found is not None
    return found.group(1)


def test_visitor_is_sent_to_sign_in(browser: Browser) -> None:
    browser.leave()
    for path in ("/notifications", "/notifications/preferences", "/mailbox", "/community", "/community/new"):
        answer = browser.client.get(path, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"].split("?")[0]) == (302, "/sign-in")


def test_opening_a_notification_marks_it_read_and_goes_there(browser: Browser) -> None:
    browser.enter("learner")
    mine = sample(browser)
    assert "Ceci est un essai\u00a0: vos avis vous parviennent." in browser.see("/notifications?show=unread")
    toast = browser.client.get(f"/notifications/{mine}.json").json()
    assert toast == {
        "text": "Ceci est un essai\u00a0: vos avis vous parviennent.",
        "href": f"/notifications/{mine}/open",
    }
    assert browser.goes(f"/notifications/{mine}/open") == "/notifications/preferences"
    assert mine not in browser.see("/notifications?show=unread")
    browser.enter("trainer")
    browser.see(f"/notifications/{mine}/open", 404)
    browser.see(f"/notifications/{mine}.json", 404)


def test_all_are_marked_read_and_the_fragment_has_no_shell(browser: Browser) -> None:
    browser.enter("learner")
    sample(browser)
    assert browser.send("/notifications", "/notifications/read-all")[:2] == (303, "/notifications")
    assert "Tout est lu." in browser.see("/notifications")
    assert "<html" not in browser.see("/notifications/latest")


def test_empty_box_is_a_choice(browser: Browser) -> None:
    browser.enter("coordinator")
    shown = re.findall(r'name="shown" value="([^"]+)"', browser.see("/notifications/preferences"))
    assert "course-drafted:email" not in shown
    keep = [box for box in shown if box != "topic-reply:email"]
    browser.send("/notifications/preferences", "/notifications/preferences", shown=shown, on=keep)
    ticked = re.findall(r'name="on" value="([^"]+)" checked', browser.see("/notifications/preferences"))
    assert ticked == keep


def test_mail_in_the_mailbox_leads_to_a_page_that_asks_and_a_click_that_does(browser: Browser) -> None:
    browser.enter("admin")
    sample(browser)
    found = re.search(r'href="(/mailbox/[0-9a-f-]{36})"', browser.see("/mailbox"))
    assert found is not None
    mail = browser.see(found.group(1))
    assert "Test of Cercle’s notifications" in mail
    token = re.search(r"/unsubscribe/([0-9a-f]{32}\.test\.[0-9a-f]+)", mail)
    assert token is not None
    browser.leave()
    page = browser.see(f"/unsubscribe/{token.group(1)}")
    assert "Ne plus recevoir" in page
    status, _, done = browser.send(f"/unsubscribe/{token.group(1)}", f"/unsubscribe/{token.group(1)}")
    assert (status, "C’est fait" in done) == (200, True)
    browser.see("/unsubscribe/nothing", 404)


def test_one_click_needs_no_session_and_no_token_of_ours(browser: Browser) -> None:
    browser.enter("admin")
    sample(browser)
    token = str(re.search(r"/unsubscribe/(\S+?)[\"<]", browser.see(mail_of(browser)))[1])  # type: ignore[index]
    browser.leave()
    for _ in range(2):
        answer = browser.client.post(f"/api/v1/unsubscribe/{token}", data={"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, answer.json()) == (200, {"kind": "test"})
    assert browser.goes(f"/api/v1/unsubscribe/{token}") == f"/unsubscribe/{token}"
    refused = browser.client.post(f"/api/v1/unsubscribe/{token}x", data={"List-Unsubscribe": "One-Click"})
    assert (refused.status_code, refused.json()["code"]) == (404, "bad-unsubscribe-link")


def mail_of(browser: Browser) -> str:
    found = re.search(r'href="(/mailbox/[0-9a-f-]{36})"', browser.see("/mailbox"))
    assert found is not None
    return found.group(1)


def test_rest_lists_marks_and_chooses(browser: Browser) -> None:
    browser.enter("trainer")
    sample(browser)
    client, csrf = browser.client, csrf_of(browser)
    headers = {"Accept": "application/json", "X-CSRF-Token": csrf}
    page = client.get("/api/v1/notifications?unread=true&limit=1", headers=headers).json()
    assert page["items"][0]["text"] == "This is a test: your notifications reach you."
    read = client.post(f"/api/v1/notifications/{page['items'][0]['id']}/read", headers=headers)
    assert (read.status_code, read.json()["unread"]) == (200, 0)
    items = [{"kind": "topic-reply", "channel": "email", "enabled": False}]
    changed = client.patch("/api/v1/notification-preferences", json={"items": items}, headers=headers)
    assert items[0] | {"default": True} in changed.json()["items"]
    assert client.get("/api/v1/notifications/unread", headers=headers).json() == {"unread": 0}
    assert client.post("/api/v1/notifications/test", headers=headers).status_code == 201
    assert client.post("/api/v1/notifications/read-all", headers=headers).json() == {"unread": 0}
    assert client.get("/api/v1/mailbox", headers=headers).json()["items"][0]["language"] == "en"


def csrf_of(browser: Browser) -> str:
    found = re.search(r'data-csrf="([0-9a-f]+)"', browser.see("/notifications"))
    assert found is not None
    return found.group(1)
