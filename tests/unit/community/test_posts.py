from __future__ import annotations

import json

import pytest
from sqlalchemy import select, text, update

from services.community.tables import posts, topics
from shared.actor import Actor
from shared.errors import Conflict, Forbidden, Gone, NotAuthenticated, Stale
from tests.unit.community.support import Agora

SECRET = "un texte que personne d’autre ne lit"


def added(agora: Agora, topic_id: str, actor: Actor, body: str = "Merci.") -> str:
    return str(agora.ask("add_post", actor, topic_id=topic_id, body=body, language="fr")["id"])


def test_post_tells_followers_without_its_author(agora: Agora) -> None:
    topic_id = agora.opened()
    post_id = added(agora, topic_id, agora.daniel)
    added(agora, topic_id, agora.maude)
    told = [event for event in agora.harness.events("community") if event.type == "community.post.added.v1"]
    maude, daniel = str(agora.maude.account_id), str(agora.daniel.account_id)
    assert [event.data["follower_ids"] for event in told] == [[maude], [daniel]]
    assert told[0].data["post_id"] == post_id
    assert [event.version for event in told] == [3, 4]


def test_text_is_in_no_event_and_no_stored_answer(agora: Agora) -> None:
    topic_id = str(agora.opened(SECRET, body=SECRET))
    agora.ask("add_post", agora.daniel, key="k1", topic_id=topic_id, body=SECRET, language="fr")
    assert SECRET not in json.dumps(
        [event.to_dict() for event in agora.harness.events("community")], ensure_ascii=False
    )
    with agora.harness.services["community"].db.engine.connect() as connection:
        stored = connection.execute(text("SELECT result FROM commands")).scalars().all()
    assert len(stored) == 1
    assert "texte" not in str(stored)


def test_same_key_adds_one_post(agora: Agora) -> None:
    topic_id = agora.opened()
    payload = {"topic_id": topic_id, "body": "Une fois", "language": "fr"}
    first = agora.ask("add_post", agora.daniel, key="same", **payload)
    assert agora.ask("add_post", agora.daniel, key="same", **payload) == first
    assert [post["body"] for post in agora.posts(topic_id)] == ["Bonjour.", "Une fois"]
    assert agora.ask("get_topic", topic_id=topic_id)["posts"] == 2


def test_edit_keeps_the_place_and_counts_versions(agora: Agora) -> None:
    topic_id = agora.opened()
    post_id = added(agora, topic_id, agora.daniel)
    assert agora.ask("edit_post", agora.daniel, post_id=post_id, version=1, body="Mieux dit")["version"] == 2
    post = agora.posts(topic_id)[1]
    assert (post["body"], post["edited_at"] is not None) == ("Mieux dit", True)
    with pytest.raises(Stale):
        agora.ask("edit_post", agora.daniel, post_id=post_id, version=1, body="Trop tard")
    assert agora.posts(topic_id)[1]["body"] == "Mieux dit"


def test_retired_post_leaves_a_mark_and_no_text(agora: Agora) -> None:
    topic_id = agora.opened()
    post_id = added(agora, topic_id, agora.daniel, SECRET)
    agora.ask("retire_post", agora.daniel, post_id=post_id)
    agora.ask("retire_post", agora.daniel, post_id=post_id)
    post = agora.posts(topic_id)[1]
    assert (post["retired"], post["retired_by_author"], post["body"]) == (True, True, "")
    assert agora.ask("get_topic", topic_id=topic_id)["posts"] == 1
    with agora.harness.services["community"].db.engine.connect() as connection:
        assert SECRET not in connection.execute(select(posts.c.body)).scalars().all()
    with pytest.raises(Gone) as gone:
        agora.ask("edit_post", agora.daniel, post_id=post_id, version=2, body="Encore")
    assert gone.value.code == "post-retired"


@pytest.mark.parametrize(
    ("roles", "may_retire"),
    [
        (("learner",), False),
        (("trainer",), False),
        (("coordinator",), False),
        (("facilitator",), True),
        (("admin",), True),
    ],
)
def test_only_facilitators_retire_anothers_post_and_nobody_edits_it(
    agora: Agora, roles: tuple[str, ...], may_retire: bool
) -> None:
    topic_id = agora.opened()
    post_id = agora.posts(topic_id)[0]["id"]
    other = agora.harness.actor(*roles)
    assert agora.posts(topic_id, other)[0]["can"] == {"edit": False, "retire": may_retire}
    with pytest.raises(Forbidden):
        agora.ask("edit_post", other, post_id=post_id, version=1, body="Vos mots, réécrits")
    if may_retire:
        agora.ask("retire_post", other, post_id=post_id)
        assert agora.posts(topic_id)[0]["retired_by_author"] is False
    else:
        with pytest.raises(Forbidden):
            agora.ask("retire_post", other, post_id=post_id)
        assert agora.posts(topic_id)[0]["body"] == "Bonjour."


def test_closed_topic_takes_nothing_more(agora: Agora) -> None:
    topic_id = agora.opened()
    with agora.harness.services["community"].db.engine.begin() as connection:
        connection.execute(update(topics).values(closed=True))
    with pytest.raises(Conflict) as refused:
        added(agora, topic_id, agora.daniel)
    assert refused.value.code == "topic-closed"
    assert len(agora.posts(topic_id)) == 1


def test_posts_come_in_the_order_of_writing_page_by_page(agora: Agora) -> None:
    topic_id = agora.opened(body="0")
    for number in range(1, 4):
        added(agora, topic_id, agora.daniel, str(number))
    first = agora.ask("list_posts", topic_id=topic_id, limit=3)
    second = agora.ask("list_posts", topic_id=topic_id, limit=3, cursor=first["next_cursor"])
    assert [post["body"] for post in first["items"] + second["items"]] == ["0", "1", "2", "3"]
    newest = agora.ask("list_posts", topic_id=topic_id, limit=2, last=True)
    assert [post["body"] for post in newest["items"]] == ["2", "3"]


def test_visitor_reads_no_post(agora: Agora) -> None:
    topic_id = agora.opened(body=SECRET)
    from shared.actor import VISITOR

    with pytest.raises(NotAuthenticated):
        agora.posts(topic_id, VISITOR)
