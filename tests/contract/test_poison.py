"""Messages that nobody of ours would send: parked without their content, and the service lives."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from shared.ids import new_id
from shared.messaging.topology import RPC_EXCHANGE, event_queue, parking_queue
from tests.contract.toys import ThingAdded
from tests.contract.worlds import DistributedWorld

pytestmark = pytest.mark.distributed
SECRET = "what a person wrote"


@pytest.fixture(scope="module")
def admin(broker_world: DistributedWorld) -> Iterator[BlockingChannel]:
    server, vhost = broker_world.stack.rabbitmq, broker_world.stack.vhost
    server.ctl("set_permissions", "-p", vhost, server.user, ".*", ".*", ".*")
    connection = pika.BlockingConnection(pika.URLParameters(server.url(server.user, server.password, vhost)))
    yield connection.channel()
    connection.close()


def parked(admin: BlockingChannel, service: str) -> list[tuple[str, Any]]:
    """(queue it came from, content) of all parked messages, which are taken away."""
    found = []
    while (got := admin.basic_get(parking_queue(service), auto_ack=True))[0] is not None:
        found.append((str(got[0].routing_key), json.loads(got[2] or b"")))
    return found


def soon_parked(admin: BlockingChannel, service: str) -> list[tuple[str, Any]]:
    """What is parked within five seconds, as soon as there is something."""
    end = time.monotonic() + 5
    while not (found := parked(admin, service)) and time.monotonic() < end:
        time.sleep(0.05)
    return found


def parked_unless_dead(
    world: DistributedWorld, admin: BlockingChannel, service: str
) -> list[tuple[str, Any]]:
    """What is parked while the worker lives, within a minute; nothing once it has died."""
    for _ in range(60):
        if world.stack.processes.wait_dead(service, 1) is not None:
            return parked(admin, service)
        if found := parked(admin, service):
            return found
    raise AssertionError(f"{service} neither died nor was anything parked")


POISONS: dict[str, tuple[bytes, dict[str, Any]]] = {
    "no-reply-to": (b'{"args":[],"kwargs":{"request":{}}}', {"content_type": "application/json"}),
    "no-content-type": (SECRET.encode(), {"reply_to": "reply-gateway-x"}),
    "wrong-content-type": (
        SECRET.encode(),
        {"reply_to": "reply-gateway-x", "content_type": "application/x-python"},
    ),
    "bad-json": (
        f'{{"{SECRET}'.encode(),
        {"reply_to": "reply-gateway-x", "content_type": "application/json"},
    ),
    "no-request": (
        json.dumps([SECRET]).encode(),
        {"reply_to": "reply-gateway-x", "content_type": "application/json"},
    ),
}


@pytest.mark.parametrize("reason", POISONS)
def test_request_that_is_none_is_parked_without_its_content_and_the_service_lives(
    broker_world: DistributedWorld, admin: BlockingChannel, reason: str
) -> None:
    parked(admin, "alpha")
    before = broker_world.stack.bus.ping("alpha")["instance"]
    body, properties = POISONS[reason]
    admin.basic_publish(RPC_EXCHANGE, "alpha.echo", body, pika.BasicProperties(**properties))
    found = soon_parked(admin, "alpha")
    assert [(queue, note["reason"], note["bytes"]) for queue, note in found] == [
        ("rpc-alpha", reason, len(body))
    ]
    assert SECRET not in json.dumps(found)
    assert broker_world.stack.bus.ping("alpha")["instance"] == before


def test_request_with_a_body_of_the_wrong_shape_is_answered_as_a_bug(broker_world: DistributedWorld) -> None:
    answer = broker_world.raw("alpha", "echo", {"payload": 5})
    assert answer == {"problem": {"status": 500, "code": "internal", "params": {}}}


@pytest.mark.parametrize("body", [b"{", b"[]", b'"text"', b'{"id": "not-an-id"}', b"\xff\xfe"])
def test_event_that_is_none_is_parked_without_its_content(
    broker_world: DistributedWorld, admin: BlockingChannel, body: bytes
) -> None:
    parked(admin, "beta")
    admin.basic_publish(
        "alpha.events", ThingAdded.type, body, pika.BasicProperties(content_type="application/json")
    )
    found = soon_parked(admin, "beta")
    queue = event_queue(ThingAdded.type, "beta", "on_thing_added")
    assert [(name, note["bytes"]) for name, note in found] == [(queue, len(body))]
    assert broker_world.stack.bus.ping("beta")["service"] == "beta"


def test_late_request_is_dropped_by_the_host_itself(
    broker_world: DistributedWorld, admin: BlockingChannel
) -> None:
    text = f"late-{new_id()}"
    request = {"token": "", "payload": {"label": text}, "deadline": 0}
    body = json.dumps({"args": [], "kwargs": {"request": request}}).encode()
    properties = pika.BasicProperties(
        content_type="application/json",
        reply_to="reply-gateway-x",
        headers={"deadline": round(time.time() * 1000) - 1},
    )
    admin.basic_publish(RPC_EXCHANGE, "alpha.add", body, properties)
    time.sleep(0.3)
    assert broker_world.bus.call("alpha", "count", {"label": text}) == {"count": 0}


def test_handler_that_kills_its_process_each_time_is_parked_by_the_broker(
    broker_world: DistributedWorld, admin: BlockingChannel
) -> None:
    parked(admin, "beta")
    text = f"deadly-{new_id()}"
    broker_world.stack.kill("beta")
    broker_world.bus.call("alpha", "add", {"label": text})
    found: list[tuple[str, Any]] = []
    for _ in range(8):
        broker_world.stack.start("beta", CERCLE_FAULT="after_handle_before_ack")
        if found := parked_unless_dead(broker_world, admin, "beta"):
            break
    broker_world.stack.kill("beta")
    broker_world.bring_up("beta")
    assert [content["data"]["label"] for _queue, content in found] == [text]
