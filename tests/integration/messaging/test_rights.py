"""What each account on the broker and in PostgreSQL may not do, tried with the accounts themselves."""

import contextlib
from collections.abc import Iterator

import pika
import psycopg
import pytest
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker, ProbableAccessDeniedError, ProbableAuthenticationError

from shared.messaging.topology import RPC_EXCHANGE, event_queue, rpc_queue
from tests.contract.toys import ThingAdded
from tests.contract.worlds import DistributedWorld


@contextlib.contextmanager
def channel_as(toys: DistributedWorld, user: str) -> Iterator[BlockingChannel]:
    connection = pika.BlockingConnection(pika.URLParameters(toys.stack.urls[f"amqp:{user}"]))
    try:
        channel = connection.channel()
        channel.confirm_delivery()
        yield channel
    finally:
        with contextlib.suppress(pika.exceptions.AMQPError):
            connection.close()


def publish(channel: BlockingChannel, exchange: str, key: str, user_id: str | None = None) -> None:
    channel.basic_publish(exchange, key, b"{}", pika.BasicProperties(user_id=user_id))


def refusal(toys: DistributedWorld, user: str, exchange: str, key: str, user_id: str | None = None) -> int:
    """The broker's code for a refused publication; 0 when it was taken."""
    with channel_as(toys, user) as channel:
        try:
            publish(channel, exchange, key, user_id)
        except ChannelClosedByBroker as closed:
            return int(closed.reply_code)
    return 0


@pytest.mark.parametrize(
    ("user", "exchange", "key"),
    [
        ("beta", "alpha.events", ThingAdded.type),  # events of another service
        ("gateway", "alpha.events", ThingAdded.type),
        ("relay", "alpha.events", "beta.thing.added.v1"),  # events under another name
        ("alpha", "alpha.events", "beta.thing.added.v1"),
        ("alpha", RPC_EXCHANGE, "beta.count_effects"),  # requests to whom it does not ask
        ("beta", RPC_EXCHANGE, "alpha.add"),
        ("gateway", RPC_EXCHANGE, "reply-alpha-1"),  # answers in the place of a service
        ("relay", RPC_EXCHANGE, "alpha.echo"),
        ("beta", "alpha.dlx", "x"),  # letters of another service
        ("beta", "alpha.return", "x"),
        ("alpha", "", rpc_queue("beta")),  # straight into a queue
    ],
)
def test_publication_beyond_ones_rights_is_refused(
    toys: DistributedWorld, user: str, exchange: str, key: str
) -> None:
    assert refusal(toys, user, exchange, key) == 403


@pytest.mark.parametrize(
    ("user", "exchange", "key"),
    [
        ("relay", "alpha.events", "alpha.nobody.listens.v1"),
        ("beta", "beta.dlx", "x"),
        ("alpha", RPC_EXCHANGE, "reply-gateway-1"),
    ],
)
def test_publication_within_ones_rights_is_taken(
    toys: DistributedWorld, user: str, exchange: str, key: str
) -> None:
    assert refusal(toys, user, exchange, key) == 0


def test_forged_user_of_a_message_is_refused(toys: DistributedWorld) -> None:
    assert refusal(toys, "relay", "alpha.events", "alpha.nobody.listens.v1", user_id="alpha") == 406


@pytest.mark.parametrize(
    ("user", "queue"),
    [
        ("alpha", event_queue(ThingAdded.type, "beta", "on_thing_added")),
        ("alpha", "beta.parking"),
        ("beta", rpc_queue("alpha")),
        ("gateway", rpc_queue("alpha")),
        ("relay", "alpha.parking"),
    ],
)
def test_queue_of_another_cannot_be_read(toys: DistributedWorld, user: str, queue: str) -> None:
    with channel_as(toys, user) as channel, pytest.raises(ChannelClosedByBroker) as closed:
        channel.basic_get(queue)
    assert closed.value.reply_code == 403


def test_requests_of_another_service_cannot_be_diverted(toys: DistributedWorld) -> None:
    with channel_as(toys, "beta") as channel:
        channel.queue_declare("reply-beta-spy", exclusive=True)
        with pytest.raises(ChannelClosedByBroker) as closed:
            channel.queue_bind("reply-beta-spy", RPC_EXCHANGE, "alpha.*")
    assert closed.value.reply_code == 403


def test_guest_is_nobody(toys: DistributedWorld) -> None:
    server = toys.stack.rabbitmq
    with pytest.raises((ProbableAuthenticationError, ProbableAccessDeniedError)):
        pika.BlockingConnection(pika.URLParameters(server.url("guest", "guest", toys.stack.vhost)))


# --- PostgreSQL


def address(toys: DistributedWorld, of: str) -> str:
    return toys.stack.urls[f"database:{of}"].replace("+psycopg", "")


def test_role_of_a_service_cannot_enter_another_database(toys: DistributedWorld) -> None:
    foreign = address(toys, "alpha").rpartition("/")[0] + "/cercle_beta"
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(foreign).close()


def test_relay_sees_the_outbox_and_nothing_else(toys: DistributedWorld) -> None:
    with psycopg.connect(address(toys, "relay").replace("{service}", "alpha"), autocommit=True) as relay:
        relay.execute("SELECT count(*) FROM outbox")
        for forbidden in (
            "SELECT * FROM things",
            "SELECT * FROM commands",
            "DELETE FROM outbox",
            "DROP TABLE outbox",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                relay.execute(forbidden)
