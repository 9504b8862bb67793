"""A private PostgreSQL and RabbitMQ, for tests and for the distributed mode on one machine.

    with run_postgres() as postgres, run_rabbitmq() as rabbitmq:
        url = postgres.create_database("surveys", "secret", "surveys")
        rabbitmq.ctl("list_queues")

Where a server comes from, in this order: an address in the environment (CERCLE_TEST_POSTGRES_URL,
CERCLE_TEST_RABBITMQ_URL), Docker when a daemon answers, server programs of this machine run privately (own port, own
data, a user without privileges), Debian packages installed when we are root. Where nothing helps: BackendMissing,
never a skip.
"""

from shared.testing.backends.chromium import ensure_chromium
from shared.testing.backends.local import BackendFailed, BackendMissing, sweep
from shared.testing.backends.postgres import Postgres, run_postgres
from shared.testing.backends.rabbitmq import Broker, RabbitMQ, run_rabbitmq

__all__ = [
    "BackendFailed",
    "BackendMissing",
    "Broker",
    "Postgres",
    "RabbitMQ",
    "ensure_chromium",
    "run_postgres",
    "run_rabbitmq",
    "sweep",
]
