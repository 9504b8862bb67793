"""Writes and their effects under SIGKILL, with two toy services: outbox and inbox lose and double nothing.

The two controls take one of them away and must show the damage, or this harness could not see it.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from gateway.supervisor import BROKER, DistributedStack, Servers
from shared.errors import Deadline, Unavailable
from shared.testing.backends import Postgres, RabbitMQ, run_rabbitmq
from tests.chaos.storm import Figures, Storm, settled
from tests.contract.worlds import new_vhost, person, settings_in, toy_plan

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(180)]
WRITES = 300
FIRST_WORDS = "chaos"


@pytest.fixture(scope="module")
def broker() -> Iterator[RabbitMQ]:
    """A broker that may be killed: not the one that other tests share."""
    with run_rabbitmq(killable=True) as server:
        yield server


@pytest.fixture
def make_stack(postgres_server: Postgres, broker: RabbitMQ, tmp_path: Path) -> Iterator[Callable[..., DistributedStack]]:
    stacks: list[DistributedStack] = []

    def make(**env: dict[str, str]) -> DistributedStack:
        # The databases of the run before are not ours: the servers are shared, the names are the same.
        for name in ("cercle_alpha", "cercle_beta"):
            postgres_server.drop_database(name)
        stack = DistributedStack(
            settings_in(tmp_path), toy_plan(env=env), servers=Servers(postgres_server, broker, new_vhost())
        )
        stacks.append(stack)
        return stack.__enter__()

    yield make
    for stack in stacks:
        stack.__exit__(None, None, None)


def attempt_of(stack: DistributedStack) -> Callable[[int], Any | None]:
    actors = [person() for _ in range(40)]

    def attempt(n: int) -> Any | None:
        try:
            return stack.bus.call(
                "alpha", "add", {"label": f"{FIRST_WORDS}-{n}"}, actor=actors[n % 40], idempotency_key=f"key-{n}",
                timeout=3,
            )["id"]  # fmt: skip
        except (Unavailable, Deadline):
            return None

    return attempt


def rows(stack: DistributedStack, service: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(stack.urls[f"database:{service}"].replace("+psycopg", "")) as connection:
        return connection.execute(query).fetchall()  # type: ignore[call-overload, no-any-return]


def figures(stack: DistributedStack, storm: Storm, began: float) -> Figures:
    settled(lambda: rows(stack, "beta", "SELECT count(*) FROM effects"))
    things = dict(rows(stack, "alpha", f"SELECT id, label FROM things WHERE label LIKE '{FIRST_WORDS}-%'"))
    effects = Counter(row[0] for row in rows(stack, "beta", "SELECT thing_id FROM effects"))
    labels = Counter(things.values())
    log = (stack.settings.var / "logs" / "beta.log").read_text()
    return Figures(
        committed=len(things),
        acknowledged=len(storm.answers),
        lost=sum(UUID(answer) not in things for answer in storm.answers.values()),
        ghosts=sum(thing not in things for thing in effects),
        missing_effects=sum(thing not in effects for thing in things),
        duplicate_writes=sum(labels.values()) - len(labels),
        duplicate_effects=sum(effects.values()) - len(effects),
        absorbed=log.count("event.repeated"),
        faults=storm.faults,
        retries=storm.retries,
        seconds=round(time.monotonic() - began, 1),
    )


def crash(stack: DistributedStack, name: str, point: str) -> Callable[[], None]:
    """Put a process in the place of one that will die at `point`, wait for that, and start a sound one."""

    def happens() -> None:
        stack.kill(name)
        stack.start(name, CERCLE_FAULT=point)
        assert stack.processes.wait_dead(name, 60) == 137
        stack.start(name)

    return happens


def crash_broker(stack: DistributedStack) -> None:
    stack.kill(BROKER)
    time.sleep(0.5)
    stack.start(BROKER)


def test_every_write_is_kept_once_and_has_its_effect_once(make_stack: Callable[..., DistributedStack]) -> None:
    stack, began = make_stack(), time.monotonic()
    storm = Storm(attempt_of(stack), WRITES)
    storm.run([
        (30, crash(stack, "beta", "after_handle_before_ack@5")),
        (60, crash(stack, "alpha", "after_commit_before_publish@5")),
        (150, lambda: crash_broker(stack)),
        (200, lambda: (stack.kill("alpha"), stack.start("alpha"))[0]),
        (230, lambda: (stack.kill("beta"), stack.start("beta"))[0]),
    ])  # fmt: skip
    found = figures(stack, storm, began)
    found.show("outbox and inbox")
    assert found.acknowledged == found.committed == WRITES
    assert (found.lost, found.ghosts, found.missing_effects) == (0, 0, 0)
    assert (found.duplicate_writes, found.duplicate_effects) == (0, 0)
    assert found.absorbed > 0  # otherwise nothing was tested
    assert found.retries > 0


def test_control_without_the_inbox_doubles_effects(make_stack: Callable[..., DistributedStack]) -> None:
    stack, began = make_stack(beta={"CERCLE_INBOX": "0"}), time.monotonic()
    storm = Storm(attempt_of(stack), 60)
    storm.run([(10, crash(stack, "beta", "after_handle_before_ack@5"))])
    found = figures(stack, storm, began)
    found.show("control without the inbox")
    assert found.duplicate_effects > 0
    assert (found.lost, found.missing_effects) == (0, 0)


def test_control_with_publication_after_the_commit_loses_effects(make_stack: Callable[..., DistributedStack]) -> None:
    stack, began = make_stack(alpha={"CERCLE_OUTBOX": "0"}), time.monotonic()
    storm = Storm(attempt_of(stack), 60)
    storm.run([(10, crash(stack, "alpha", "after_commit_before_publish@5"))])
    found = figures(stack, storm, began)
    found.show("control with publication after the commit")
    assert found.missing_effects > 0
    assert (found.lost, found.duplicate_effects) == (0, 0)
