from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event as sa_event

from shared.actor import VISITOR
from shared.errors import Invalid, NotAuthenticated, NotFound
from shared.ids import new_id
from tests.unit.community.support import TITLE, Agora


def test_approved_proposal_opens_one_topic_however_often_it_is_told(agora: Agora) -> None:
    told = agora.approved(agora.daniel)
    again = replace(told, id=new_id())
    assert agora.harness.deliver("community", "on_proposal_approved", told)
    assert not agora.harness.deliver("community", "on_proposal_approved", told)
    assert agora.harness.deliver("community", "on_proposal_approved", again)
    topics = agora.ask("list_topics", space="needs")["items"]
    assert [(topic["title"], topic["proposal_id"]) for topic in topics] == [(TITLE, told.data["proposal_id"])]
    opened = agora.harness.events("community")
    assert [event.type for event in opened] == ["community.topic.opened.v1"]
    assert opened[0].data["topic_id"] == topics[0]["id"]
    assert opened[0].causation_id == str(told.id)


def test_who_decided_follows_the_topic_and_nobody_else(agora: Agora) -> None:
    told = agora.approved(agora.daniel)
    agora.harness.deliver("community", "on_proposal_approved", told)
    proposal_id = told.data["proposal_id"]
    assert agora.ask("topic_of_proposal", agora.daniel, proposal_id=proposal_id)["following"] is True
    assert agora.ask("topic_of_proposal", agora.maude, proposal_id=proposal_id)["following"] is False


def test_opened_topic_has_its_first_post_and_its_author_follows(agora: Agora) -> None:
    topic_id = agora.opened(body="Qui travaille avec les écoles?")
    topic = agora.ask("get_topic", topic_id=topic_id)
    assert (topic["posts"], topic["following"], topic["author_id"]) == (1, True, str(agora.maude.account_id))
    assert [post["body"] for post in agora.posts(topic_id)] == ["Qui travaille avec les écoles?"]


def test_topics_come_by_newest_activity_page_by_page(agora: Agora) -> None:
    clock = agora.harness.clock
    ids = []
    for number in range(3):
        ids.append(agora.opened(f"Sujet {number}"))
        clock.advance(timedelta(minutes=1))
    agora.ask("add_post", topic_id=ids[0], body="Du nouveau", language="fr")
    first = agora.ask("list_topics", limit=2)
    second = agora.ask("list_topics", limit=2, cursor=first["next_cursor"])
    assert [topic["id"] for topic in first["items"] + second["items"]] == [ids[0], ids[2], ids[1]]
    assert second["next_cursor"] is None
    assert [topic["id"] for topic in agora.ask("home")["recent"]] == [ids[0], ids[2], ids[1]]


@pytest.mark.parametrize("cursor", ["!!", "WyJhIl0", "WyJoaWVyIiwieCJd", "WyIyMDI2LTExLTIyIiwieCJd"])
def test_bad_cursor_is_refused(agora: Agora, cursor: str) -> None:
    with pytest.raises((Invalid, NotFound)):
        agora.ask("list_topics", cursor=cursor)


@pytest.mark.parametrize("count", [1, 3])
def test_list_takes_one_query(agora: Agora, count: int) -> None:
    for number in range(count):
        agora.opened(f"Sujet {number}")
    seen: list[str] = []
    engine = agora.harness.services["community"].db.engine

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    sa_event.listen(engine, "before_cursor_execute", note)
    found = agora.ask("list_topics")
    sa_event.remove(engine, "before_cursor_execute", note)
    assert len(found["items"]) == count
    assert len([statement for statement in seen if statement.startswith("SELECT")]) == 1


@pytest.mark.parametrize("words", ["reseaux", "RÉSEAUX d’appui", "support NETWORKS", "appui reseaux"])
def test_search_sets_accents_and_case_aside(agora: Agora, words: str) -> None:
    agora.harness.deliver("community", "on_proposal_approved", agora.approved())
    agora.opened("Autre chose")
    assert [topic["title"] for topic in agora.ask("search", q=words)["items"]] == [TITLE]


def test_search_takes_signs_as_they_are(agora: Agora) -> None:
    agora.opened("Cent pour cent")
    assert agora.ask("search", q="%")["items"] == []


def test_follow_and_unfollow_twice_are_once(agora: Agora) -> None:
    topic_id = agora.opened()
    for _ in range(2):
        assert agora.ask("follow", agora.daniel, topic_id=topic_id) == {"following": True}
    assert agora.ask("get_topic", agora.daniel, topic_id=topic_id)["following"] is True
    for _ in range(2):
        assert agora.ask("unfollow", agora.daniel, topic_id=topic_id) == {"following": False}
    assert agora.ask("get_topic", agora.daniel, topic_id=topic_id)["following"] is False


def test_get_topics_leaves_unknown_ids_out(agora: Agora) -> None:
    topic_id = agora.opened()
    found = agora.ask("get_topics", ids=[topic_id, str(new_id())])["items"]
    assert [topic["id"] for topic in found] == [topic_id]


@pytest.mark.parametrize(
    ("method", "name"),
    [("get_topic", "topic_id"), ("list_posts", "topic_id"), ("follow", "topic_id"), ("unfollow", "topic_id"),
     ("get_post", "post_id"), ("retire_post", "post_id"), ("topic_of_proposal", "proposal_id")],
)  # fmt: skip
def test_unknown_id_is_not_found(agora: Agora, method: str, name: str) -> None:
    with pytest.raises(NotFound):
        agora.harness.call("community", method, {name: str(new_id())}, actor=agora.maude)


@pytest.mark.parametrize("method", ["list_spaces", "list_topics", "home"])
def test_visitor_sees_nothing(agora: Agora, method: str) -> None:
    agora.opened("Ce titre ne sort pas d’ici")
    with pytest.raises(NotAuthenticated) as refused:
        agora.ask(method, VISITOR)
    assert "titre" not in json.dumps(refused.value.to_dict())


@pytest.mark.parametrize(
    ("given", "path", "code"),
    [({"title": "  "}, "title", "missing"), ({"title": "x" * 201}, "title", "too-long"),
     ({"body": ""}, "body", "missing"), ({"language": "de"}, "language", "not-a-choice"),
     ({"author_id": "x"}, "author_id", "unknown-field")],
)  # fmt: skip
def test_bad_topic_is_refused_field_by_field(
    agora: Agora, given: dict[str, str], path: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        agora.opened(**given)
    assert [(problem.path, problem.code) for problem in refused.value.fields] == [(path, code)]
    assert agora.ask("list_topics")["items"] == []
