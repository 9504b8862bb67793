"""Brokers, workers and relays that stop in good order or not; bursts; slow and stubborn handlers."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.errors import CercleError, Unavailable
from shared.ids import new_id
from tests.contract.worlds import DistributedWorld, eventually, person


def effects(toys: DistributedWorld, text: str) -> int:
    return int(toys.bus.call("beta", "count_effects", {"label": text})["count"])


def added(toys: DistributedWorld, text: str) -> int:
    return int(toys.bus.call("alpha", "count", {"label": text})["count"])


def test_worker_killed_at_work_is_noticed_within_two_seconds_and_comes_back(toys: DistributedWorld) -> None:
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(toys.bus.call, "alpha", "slow_add", {"label": "x", "seconds": 4.0})
        time.sleep(0.5)
        began = time.monotonic()
        toys.stack.kill("alpha")
        with pytest.raises(Unavailable):
            slow.result()
        assert time.monotonic() - began < 2
    with pytest.raises(Unavailable):
        toys.bus.call("alpha", "echo")
    toys.bring_up("alpha")
    assert toys.bus.call("alpha", "echo")["payload"] == {}


def test_worker_told_to_stop_finishes_what_it_began(toys: DistributedWorld) -> None:
    text = f"drained-{new_id()}"
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(toys.bus.call, "alpha", "slow_add", {"label": text, "seconds": 1.5})
        time.sleep(0.4)
        process = toys.stack.processes
        toys.stack.processes.stop("alpha")
        assert not process.alive("alpha")
        assert slow.result()["label"] == text
    toys.bring_up("alpha")
    assert added(toys, text) == 1


def test_relay_killed_between_publishing_and_marking_repeats_itself_without_effect(
    toys: DistributedWorld,
) -> None:
    text = f"repeated-{new_id()}"
    toys.stack.kill("relay")
    toys.stack.start("relay", CERCLE_FAULT="after_publish_before_mark")
    toys.bus.call("alpha", "add", {"label": text})
    assert toys.stack.processes.wait_dead("relay", 60) == 137
    assert eventually(lambda: effects(toys, text), 1) == 1
    # The row is leased by the dead relay; a moment later, another takes it.
    toys.repeat_event(toys.event_ids()[-1])
    toys.stack.start("relay")
    assert eventually(toys.pending, 0) == 0
    time.sleep(0.5)
    assert effects(toys, text) == 1


def test_burst_of_events_arrives_whole(toys: DistributedWorld) -> None:
    text, actor = f"burst-{new_id()}", person()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _n: toys.bus.call("alpha", "add", {"label": text}, actor=actor), range(200)))
    assert eventually(lambda: effects(toys, text), 200, 20) == 200


def test_signal_to_stop_ends_every_process_with_code_zero(toys: DistributedWorld) -> None:
    for name in ("beta", "relay"):
        running = toys.stack.processes._running[name].process
        running.send_signal(signal.SIGTERM)
        assert running.wait(60) == 0
        toys.stack.start(name)
    toys.stack.wait_ready("beta")


def test_letter_of_a_failing_handler_can_be_replayed(toys: DistributedWorld) -> None:
    text = f"always-fails-{new_id()}"
    toys.bus.call("alpha", "add", {"label": text})
    letters = toys.dead_letters("beta")
    assert eventually(lambda: len(letters.list()), 1) == 1
    letter = letters.list()[0]
    assert letter.envelope is not None
    assert letter.envelope.data["label"] == text
    assert letters.replay(letter.id)
    assert letters.list() == []  # on its way again
    assert eventually(lambda: len(letters.list()), 1) == 1  # and back, because it still fails
    assert not letters.replay("no-such-letter")
    assert letters.drop(letter.id)


def test_broker_away_is_unavailable_at_once(toys: DistributedWorld) -> None:
    server, vhost = toys.stack.rabbitmq, toys.stack.vhost
    server.ctl("close_all_connections", "--vhost", vhost, "a test")

    def outcome() -> str:
        try:
            toys.bus.call("alpha", "echo", timeout=1)
        except CercleError as error:
            return type(error).__name__
        return "answered"

    began = time.monotonic()
    assert outcome() in ("Unavailable", "answered")
    assert time.monotonic() - began < 1.1
    assert eventually(outcome, "answered", 10) == "answered"
    text = f"after-{new_id()}"
    toys.bus.call("alpha", "add", {"label": text})
    assert eventually(lambda: effects(toys, text), 1) == 1
