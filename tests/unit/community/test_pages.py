from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from gateway.asgi import build_gateway
from shared.contracts.surveys import ProposalApproved
from shared.ids import new_id
from shared.messaging.envelope import envelope_of
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


def opened(browser: Browser, **given: str) -> str:
    """The address of a new topic of the learner's."""
    browser.enter("learner")
    found = re.search(
        r'<option value="([0-9a-f-]{36})" selected', browser.see("/community/new?space=general")
    )
    assert found is not None
    fields = {
        "space_id": found.group(1),
        "title": "Travailler avec les écoles",
        "language": "fr",
        "body": "Bonjour.",
    }
    status, where, _ = browser.send("/community/new", "/community/new", **fields | given)
    assert status == 303
    return where.partition("#")[0]


def post_ids(page: str) -> list[str]:
    return re.findall(r'id="post-([0-9a-f-]{36})"', page)


def test_topic_reads_in_its_own_language_with_its_author_once(browser: Browser) -> None:
    topic = opened(browser, body="Une **idée** <script>alert(1)</script>")
    browser.send(topic, topic, body="Encore moi.", language="fr")
    browser.enter("trainer")
    page = browser.see(topic)
    assert '<html lang="en-CA">' in page
    assert '<h1 lang="fr">Travailler avec les écoles</h1>' in page
    assert page.count('class="prose post-body" lang="fr-CA"') == 2
    assert "<strong>idée</strong>" in page
    assert "<script>alert" not in page
    assert page.count('class="post-place">Psychologue, Quebec<') == 1
    assert "This is not an emergency or reporting channel" in page


def test_reply_notifies_the_follower_and_leads_to_the_end(browser: Browser) -> None:
    topic = opened(browser)
    browser.enter("trainer")
    assert (
        browser.send(topic, topic, body="A template, if it helps.", language="en")[1]
        == f"{topic}?page=last#posted"
    )
    browser.enter("learner")
    page = browser.see("/notifications?show=unread")
    assert "Une réponse s’est ajoutée dans une discussion que vous suivez." in page
    assert "Travailler avec les écoles" in page
    found = re.search(r"/notifications/[0-9a-f-]{36}/open", page)
    assert found is not None
    assert browser.goes(found.group(0)).startswith(f"{topic}?page=last#post-")


def test_what_was_written_survives_an_error(browser: Browser) -> None:
    topic = opened(browser)
    status, _, page = browser.send(topic, topic, body="Mes mots restent ici", language="")
    assert status == 422
    assert "Mes mots restent ici" in page
    status, _, page = browser.send("/community/new", "/community/new", title="", language="fr", body="Restez là",
                                   space_id=str(new_id()))  # fmt: skip
    assert (status, "Restez là" in page) == (422, True)


def test_edit_of_an_older_version_keeps_the_text(browser: Browser) -> None:
    topic = opened(browser)
    edit = f"/community/posts/{post_ids(browser.see(topic))[0]}/edit"
    assert browser.send(edit, edit, version="1", body="Première")[0] == 303
    status, _, page = browser.send(edit, edit, version="1", body="Seconde, pas perdue")
    assert (status, "Seconde, pas perdue" in page, 'name="version" value="2"' in page) == (412, True, True)
    assert browser.send(edit, edit, version="2", body="Seconde")[0] == 303
    assert "Seconde" in browser.see(topic)


def test_post_is_retired_after_a_question_and_anothers_page_is_unknown(browser: Browser) -> None:
    topic = opened(browser)
    post = f"/community/posts/{post_ids(browser.see(topic))[0]}"
    browser.enter("trainer")
    browser.see(f"{post}/edit", 404)
    browser.see(f"{post}/retire", 404)
    browser.enter("coordinator")  # also a facilitator
    assert "Bonjour." in browser.see(f"{post}/retire")
    assert browser.send(f"{post}/retire", f"{post}/retire")[0] == 303
    page = browser.see(topic)
    assert "Ce message a été retiré par l’animation de la communauté." in page
    assert "Bonjour." not in page


def test_follow_and_unfollow_by_one_button(browser: Browser) -> None:
    topic = opened(browser)
    browser.enter("trainer")
    assert 'name="stop"' not in browser.see(topic)
    browser.send(topic, f"{topic}/follow")
    assert 'name="stop"' in browser.see(topic)
    browser.send(topic, f"{topic}/follow", stop="1")
    assert 'name="stop"' not in browser.see(topic)


def test_topic_of_a_proposal_leads_back_to_it(browser: Browser) -> None:
    browser.enter("coordinator")
    title = {"fr": "Réseaux d’appui", "en": "Support networks"}
    event = ProposalApproved(new_id(), new_id(), title, title, "live", new_id())
    now = browser.harness.clock.now()
    told = envelope_of(event, source="surveys", subject=event.proposal_id, version=1, time=now)
    browser.harness.deliver("community", "on_proposal_approved", told)
    page = browser.see("/community?space=needs")
    found = re.search(r"/community/topics/[0-9a-f-]{36}", page)
    assert found is not None
    page = browser.see(found.group(0))
    assert f'href="/proposals/{event.proposal_id}"' in page
    assert f'href="/needs/{event.need_id}"' in page


def test_rest_opens_writes_edits_and_follows(browser: Browser) -> None:
    browser.enter("learner")
    client = browser.client
    csrf = re.search(r'data-csrf="([0-9a-f]+)"', browser.see("/community"))
    assert csrf is not None
    headers = {"Accept": "application/json", "X-CSRF-Token": csrf.group(1)}
    space = client.get("/api/v1/spaces", headers=headers).json()["items"][1]["id"]
    body = {"space_id": space, "title": "Par l’API", "language": "fr", "body": "Bonjour"}
    made = client.post("/api/v1/topics", json=body, headers=headers | {"Idempotency-Key": "t1"})
    assert (made.status_code, made.headers["location"]) == (201, f"/api/v1/topics/{made.json()['id']}")
    topic = made.headers["location"]
    again = client.post("/api/v1/topics", json=body, headers=headers | {"Idempotency-Key": "t1"})
    assert again.json() == made.json()
    added = client.post(f"{topic}/posts", json={"body": "Suite", "language": "fr"}, headers=headers)
    post = added.headers["location"]
    assert client.get(post, headers=headers).headers["etag"] == '"1"'
    edited = client.patch(post, json={"body": "Suite, mieux"}, headers=headers | {"If-Match": '"1"'})
    assert (edited.status_code, edited.json()["version"]) == (200, 2)
    stale = client.patch(post, json={"body": "Trop tard"}, headers=headers | {"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    posts = client.get(f"{topic}/posts", headers=headers).json()["items"]
    assert [item["body"] for item in posts] == ["Bonjour", "Suite, mieux"]
    assert client.delete(post, headers=headers).status_code == 204
    assert client.delete(f"{topic}/follow", headers=headers).json() == {"following": False}
    assert client.put(f"{topic}/follow", headers=headers).json() == {"following": True}
    found = client.get("/api/v1/topic-search?q=API", headers=headers).json()["items"]
    assert [item["id"] for item in found] == [made.json()["id"]]
    assert client.get(f"/api/v1/topics/{new_id()}", headers=headers).status_code == 404
    assert (
        client.get("/api/v1/topics?space=general&limit=1", headers=headers).json()["next_cursor"] is not None
    )
