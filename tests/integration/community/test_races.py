"""What only PostgreSQL shows: transactions that really run together."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from services.community.service import CommunityService
from services.community.tables import metadata
from shared.db.engine import make_engine
from shared.db.migrate import downgrade, upgrade
from shared.errors import CercleError
from shared.ids import new_id
from tests.unit.community.support import Agora

pytestmark = pytest.mark.postgres
TOGETHER = 20


def together(work: Callable[[int], Any], count: int = TOGETHER) -> list[Any]:
    """Results, or the codes of errors, of `count` calls that start at one moment."""
    barrier = Barrier(count)

    def run(number: int) -> Any:
        barrier.wait(timeout=20)
        try:
            return work(number)
        except CercleError as error:
            return error.code

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_migrations_go_up_to_the_tables_and_down_to_nothing(community_database: str) -> None:
    engine, folder = make_engine(community_database), CommunityService.folder / "migrations"
    upgrade(engine, folder)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    downgrade(engine, folder)
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    engine.dispose()


def test_twenty_answers_at_once_are_all_counted(agora: Agora) -> None:
    topic_id = agora.opened()
    people = [agora.harness.actor("learner") for _ in range(TOGETHER)]
    together(lambda n: agora.ask("add_post", people[n], topic_id=topic_id, body=f"n{n}", language="fr"))
    topic = agora.ask("get_topic", topic_id=topic_id)
    assert (topic["posts"], topic["version"]) == (TOGETHER + 1, TOGETHER + 2)
    told = [event for event in agora.harness.events("community") if event.type == "community.post.added.v1"]
    assert sorted(event.version for event in told) == list(range(3, TOGETHER + 3))
    followers = sorted(len(event.data["follower_ids"]) for event in told)
    assert followers == list(range(1, TOGETHER + 1))  # each sees everybody who came before


def test_one_approval_on_many_workers_opens_one_topic(agora: Agora) -> None:
    told = agora.approved()
    copies = [replace(told, id=new_id()) for _ in range(6)]
    together(lambda n: agora.harness.deliver("community", "on_proposal_approved", copies[n]), len(copies))
    assert len(agora.ask("list_topics")["items"]) == 1
    assert [event.type for event in agora.harness.events("community")] == ["community.topic.opened.v1"]


def test_twenty_edits_of_one_version_are_one(agora: Agora) -> None:
    topic_id = agora.opened()
    post_id = agora.posts(topic_id)[0]["id"]
    told = together(lambda n: agora.ask("edit_post", post_id=post_id, version=1, body=f"n{n}"))
    assert (told.count("stale"), agora.posts(topic_id)[0]["version"]) == (TOGETHER - 1, 2)


def test_twenty_retirements_count_once(agora: Agora) -> None:
    topic_id = agora.opened()
    agora.ask("add_post", topic_id=topic_id, body="reste", language="fr")
    post_id = agora.posts(topic_id)[0]["id"]
    together(lambda _: agora.ask("retire_post", post_id=post_id))
    assert agora.ask("get_topic", topic_id=topic_id)["posts"] == 1


def test_follow_and_unfollow_together_end_in_one_state(agora: Agora) -> None:
    topic_id = agora.opened()
    together(lambda n: agora.ask("follow" if n % 2 else "unfollow", agora.daniel, topic_id=topic_id))
    agora.ask("follow", agora.daniel, topic_id=topic_id)
    assert agora.ask("get_topic", agora.daniel, topic_id=topic_id)["following"] is True
