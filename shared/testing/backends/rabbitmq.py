"""A private RabbitMQ node: its own Erlang port mapper, cookie, ports, data and users; it can be killed and restarted."""

import os
import secrets
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, unquote, urlsplit

import pika
import pika.exceptions

from shared.testing.backends import docker, packages
from shared.testing.backends.local import (
    LOOPBACK,
    BackendFailed,
    BackendMissing,
    Instance,
    free_port,
    instance,
    listens,
    run,
    server_user,
)

ADMIN = "cercle_admin"
IMAGE = "rabbitmq:3.13"
PROGRAM_FOLDERS = ("/usr/lib/rabbitmq/bin", "/opt/rabbitmq/sbin")
CONFIG = """\
listeners.tcp.1 = 127.0.0.1:{port}
default_user = {user}
default_pass = {password}
loopback_users = none
log.console = true
log.console.level = warning
log.file = false
disk_free_limit.absolute = 50MB
"""


class Broker(Protocol):
    """What can be done to a node from outside."""

    def ctl(self, *arguments: str) -> str: ...

    def kill(self) -> None: ...

    def start(self) -> None: ...


@dataclass(frozen=True)
class RabbitMQ:
    """A broker that answers, with an administrator's account."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    broker: Broker = field(repr=False)

    @property
    def admin_url(self) -> str:
        return self.url(self.user, self.password)

    def url(self, user: str, password: str, vhost: str = "/") -> str:
        return f"amqp://{quote(user, '')}:{quote(password, '')}@{self.host}:{self.port}/{quote(vhost, '')}"

    def ctl(self, *arguments: str) -> str:
        """Run rabbitmqctl against this node; returns what it printed, raises BackendFailed."""
        return self.broker.ctl(*arguments)

    def create_user(
        self, name: str, password: str, permissions: tuple[str, str, str], vhost: str = "/"
    ) -> str:
        """Make a user with (configure, write, read) patterns, or set both anew; returns its address."""
        existing = {
            line.split("\t")[0] for line in self.ctl("-q", "list_users", "--no-table-headers").splitlines()
        }
        self.ctl("-q", "change_password" if name in existing else "add_user", name, password)
        self.ctl("-q", "set_permissions", "-p", vhost, name, *permissions)
        return self.url(name, password, vhost)

    def kill(self) -> None:
        """SIGKILL to the whole node, as a crash would be; the data stay."""
        self.broker.kill()

    def start(self) -> None:
        """Start again on the same port and data after `kill`; returns when it answers."""
        self.broker.start()
        wait_until_answers(self)


def wait_until_answers(server: RabbitMQ, seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not answers(server):
        if time.monotonic() > end:
            raise BackendFailed(f"RabbitMQ did not answer within {seconds:.0f} s.")
        time.sleep(0.2)


def answers(server: RabbitMQ) -> bool:
    if not listens(server.host, server.port):  # pika logs each refused connection as an error
        return False
    parameters = pika.URLParameters(server.admin_url)
    parameters.socket_timeout = parameters.blocked_connection_timeout = 3
    try:
        pika.BlockingConnection(parameters).close()
    except (pika.exceptions.AMQPError, OSError):
        return False
    return True


def given_url() -> str | None:
    return os.environ.get("CERCLE_TEST_RABBITMQ_URL")


@contextmanager
def run_rabbitmq(folder: Path | None = None, *, killable: bool = False) -> Iterator[RabbitMQ]:
    """A RabbitMQ that answers until the block ends.

    With `folder` the data stay there and programs of this machine are used; `killable` passes over an address in the
    environment, which nobody here may kill.
    """
    address = given_url()
    if folder is None and address and not killable:
        yield from_url(address)
    elif folder is None and docker.answers():
        with in_docker() as server:
            yield server
    else:
        with locally(folder) as server:
            yield server


@dataclass(frozen=True)
class GivenBroker:
    """A broker named by the environment: rabbitmqctl reaches it by CERCLE_TEST_RABBITMQ_NODE; it is never killed."""

    node: str | None

    def ctl(self, *arguments: str) -> str:
        programs = find_programs()
        if programs is None or not self.node:
            raise BackendMissing(
                "rabbitmqctl and CERCLE_TEST_RABBITMQ_NODE are needed beside the broker's address."
            )
        return run([str(programs / "rabbitmqctl"), "-n", self.node, *arguments])

    def kill(self) -> None:
        raise BackendFailed("A broker from the environment is not ours to kill.")

    start = kill


def from_url(address: str) -> RabbitMQ:
    parts = urlsplit(address)
    user, password = unquote(parts.username or "guest"), unquote(parts.password or "guest")
    broker = GivenBroker(os.environ.get("CERCLE_TEST_RABBITMQ_NODE"))
    return RabbitMQ(parts.hostname or LOOPBACK, parts.port or 5672, user, password, broker)


@dataclass(frozen=True)
class DockerBroker:
    container: Any  # docker-py's object, untyped

    def ctl(self, *arguments: str) -> str:
        code, output = self.container.exec_run(["rabbitmqctl", *arguments])
        text: str = output.decode(errors="replace")
        if code:
            raise BackendFailed(f"rabbitmqctl failed with {code}:\n{text[-2000:]}")
        return text

    def kill(self) -> None:
        self.container.kill()

    def start(self) -> None:
        self.container.start()


@contextmanager
def in_docker() -> Iterator[RabbitMQ]:
    port, password = free_port(), secrets.token_urlsafe(18)
    env = {"RABBITMQ_DEFAULT_USER": ADMIN, "RABBITMQ_DEFAULT_PASS": password}
    with docker.container(IMAGE, env, {5672: port}) as running:
        server = RabbitMQ(LOOPBACK, port, ADMIN, password, DockerBroker(running))
        wait_until_answers(server)
        yield server


def ensure_programs() -> Path:
    """The folder of rabbitmq-server and rabbitmqctl; installs the Debian package when there is none."""
    found = find_programs()
    if found is None:
        packages.install("rabbitmq-server")
        found = find_programs()
    if found is None:
        raise BackendMissing("The Debian package rabbitmq-server brought no program of that name.")
    return found


def find_programs() -> Path | None:
    """Debian keeps the plain programs apart from wrappers on the PATH, which insist on the system's node."""
    on_path = shutil.which("rabbitmq-server")
    folders = [Path(name) for name in PROGRAM_FOLDERS] + ([Path(on_path).resolve().parent] if on_path else [])
    return next((folder for folder in folders if (folder / "rabbitmqctl").exists()), None)


@dataclass
class LocalBroker:
    """A node of our own: nothing in it is shared with a node that the system may run."""

    place: Instance
    programs: Path
    port: int = field(default_factory=free_port)
    distribution_port: int = field(default_factory=free_port)
    mapper_port: int = field(default_factory=free_port)

    def configure(self, password: str) -> None:
        """Write the node's files; an existing user keeps the password of the first start."""
        home = self.place.data
        self.place.write("rabbitmq.conf", CONFIG.format(port=self.port, user=ADMIN, password=password))
        self.place.write("enabled_plugins", "[].\n")
        self.place.write("rabbitmq-env.conf", "")
        cookie = home / ".erlang.cookie"
        if not cookie.exists():
            self.place.write(cookie.name, secrets.token_hex(20))
            cookie.chmod(0o400)

    def env(self) -> dict[str, str]:
        """A complete environment: nothing of the caller's RABBITMQ_* or ERL_* settings gets in."""
        home = str(self.place.data)
        return {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "HOME": home,
            "LANG": "C.UTF-8",
            "ERL_EPMD_PORT": str(self.mapper_port),
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "RABBITMQ_NODENAME": "cercle@localhost",
            "RABBITMQ_DIST_PORT": str(self.distribution_port),
            "RABBITMQ_CONF_ENV_FILE": f"{home}/rabbitmq-env.conf",
            "RABBITMQ_CONFIG_FILE": f"{home}/rabbitmq.conf",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{home}/enabled_plugins",
            "RABBITMQ_MNESIA_BASE": f"{home}/mnesia",
            "RABBITMQ_LOG_BASE": f"{home}/log",
            "RABBITMQ_PID_FILE": f"{home}/rabbitmq.pid",
            # Loopback only between nodes too; no spinning schedulers beside the tests.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
                "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none"
            ),
        }

    def start_mapper(self) -> None:
        """The Erlang port mapper as our own child, else the node would leave one running."""
        epmd = shutil.which("epmd")
        if epmd is None:
            raise BackendMissing("Erlang's epmd is missing. On Debian: sudo apt install erlang-base")
        command = [epmd, "-port", str(self.mapper_port), "-address", LOOPBACK]
        self.place.start("epmd", command, self.env())

    def start(self) -> None:
        self.place.start("rabbitmq", [str(self.programs / "rabbitmq-server")], self.env())

    def kill(self) -> None:
        self.place.signal("rabbitmq", signal.SIGKILL)

    def stop(self) -> None:
        """End the node (in good order where its data are kept), then the port mapper."""
        self.place.signal("rabbitmq", signal.SIGTERM if self.place.keep else signal.SIGKILL)
        self.place.signal("epmd", signal.SIGTERM)

    def ctl(self, *arguments: str) -> str:
        return self.place.run([str(self.programs / "rabbitmqctl"), *arguments], self.env())


@contextmanager
def locally(folder: Path | None) -> Iterator[RabbitMQ]:
    programs = ensure_programs()
    with instance("rabbitmq", server_user("rabbitmq"), folder) as place:
        broker = LocalBroker(place, programs)
        secret = place.data / "secret"
        if not secret.exists():
            place.write(secret.name, secrets.token_urlsafe(18))
        broker.configure(secret.read_text())
        server = RabbitMQ(LOOPBACK, broker.port, ADMIN, secret.read_text(), broker)
        try:
            broker.start_mapper()
            broker.start()
            place.wait_until("rabbitmq", lambda: answers(server))
            yield server
        finally:
            broker.stop()
