"""The private servers really are private, and a broker that is killed keeps what it confirmed."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pika
import pika.exceptions
import psycopg
import pytest

from shared.testing.backends import Postgres, RabbitMQ, ensure_chromium, run_postgres, sweep
from shared.testing.backends.local import base_folder, started_at

ORPHAN = """
import json, os, sys
from shared.testing.backends import run_postgres
with run_postgres() as server:
    print(json.dumps(server.port), flush=True)
    sys.stdin.read()
"""


def test_postgres_is_private(postgres_server: Postgres) -> None:
    assert (postgres_server.host, postgres_server.port == 5432) == ("127.0.0.1", False)


def test_create_database_keeps_other_roles_out(postgres_server: Postgres) -> None:
    mine = postgres_server.create_database("backend_a", "first secret", "backend_a")
    postgres_server.create_database("backend_b", "second secret", "backend_b")
    with psycopg.connect(mine) as connection:
        assert connection.execute("SELECT current_user, current_database()").fetchone() == (
            "backend_a",
            "backend_a",
        )
    for stranger in (
        postgres_server.url("backend_b", "second secret", "backend_a"),
        postgres_server.url("backend_a", "wrong", "backend_a"),
    ):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(stranger)


def test_create_database_again_keeps_the_data(postgres_server: Postgres) -> None:
    with psycopg.connect(postgres_server.create_database("backend_c", "old", "backend_c")) as connection:
        connection.execute("CREATE TABLE kept (n integer)")
    with psycopg.connect(postgres_server.create_database("backend_c", "new", "backend_c")) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_rabbitmq_is_private(rabbitmq_server: RabbitMQ) -> None:
    assert rabbitmq_server.port != 5672
    lines = rabbitmq_server.ctl("-q", "list_users", "--no-table-headers").splitlines()
    # Other tests of the session may have left users of their own; none of them administers.
    assert [line.split()[0] for line in lines if "administrator" in line] == ["cercle_admin"]
    assert not any(line.startswith("guest") for line in lines)


def test_create_user_is_held_to_its_permissions(rabbitmq_server: RabbitMQ) -> None:
    address = rabbitmq_server.create_user("limited", "a secret", ("^mine$", "^mine$", "^mine$"))
    with pika.BlockingConnection(pika.URLParameters(address)) as connection:
        connection.channel().queue_declare("mine", exclusive=True)
        with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="403"):
            connection.channel().queue_declare("theirs")
    rabbitmq_server.ctl("-q", "delete_user", "limited")


def test_killed_broker_keeps_a_confirmed_message(rabbitmq_server: RabbitMQ) -> None:
    parameters = pika.URLParameters(rabbitmq_server.admin_url)
    channel = pika.BlockingConnection(parameters).channel()
    channel.queue_declare("kept", durable=True)
    channel.confirm_delivery()
    channel.basic_publish("", "kept", b"still here", pika.BasicProperties(delivery_mode=2))
    rabbitmq_server.kill()
    with pytest.raises(pika.exceptions.AMQPError):
        channel.queue_declare("kept", passive=True)
    with pytest.raises(pika.exceptions.AMQPConnectionError):
        pika.BlockingConnection(parameters)
    rabbitmq_server.start()
    with pika.BlockingConnection(parameters) as connection:
        assert connection.channel().basic_get("kept", auto_ack=True)[2] == b"still here"
        connection.channel().queue_delete("kept")


@pytest.mark.postgres
def test_sweep_ends_what_a_killed_owner_left() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ORPHAN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as owner:
        assert owner.stdout is not None
        json.loads(owner.stdout.readline())
        folder, server = recorded_by(owner.pid)
        os.kill(owner.pid, signal.SIGKILL)
    assert started_at(server) is not None
    sweep()
    assert (started_at(server), folder.exists()) == (None, False)


def recorded_by(owner: int) -> tuple[Path, int]:
    """The folder and the server pid of the only server that `owner` started."""
    for path in base_folder().glob("*/owner.json"):
        record = json.loads(path.read_text())
        if record["owner"][0] == owner:
            return path.parent, record["servers"][0][0]
    raise AssertionError("nothing was recorded")


@pytest.mark.postgres
def test_kept_folder_is_found_again() -> None:
    with tempfile.TemporaryDirectory() as place:  # pytest's own is closed to the server's account
        Path(place).chmod(0o711)
        with run_postgres(Path(place) / "pg") as first:
            first.create_database("again", "secret", "again")
        with run_postgres(Path(place) / "pg") as second:
            psycopg.connect(second.url("again", "secret", "again")).close()
    assert first.password == second.password


def test_ensure_chromium_names_a_program() -> None:
    assert os.access(ensure_chromium(), os.X_OK)
