"""Distributed mode on one machine: servers, accounts, five workers, the relay and the gateway.

`run_distributed` is what `cercle up` does; `DistributedStack` is the same for tests, with `kill` and `start`.
Servers are private ones in `var/` (shared.testing.backends finds or installs the programs), unless the settings
name a database and a broker, which then are taken as they are: accounts included.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from gateway.processes import Processes, Program
from shared.actor import GATEWAY, KeyFolder
from shared.config import SERVICES, Settings
from shared.errors import CercleError
from shared.messaging.provision import (
    ASKS,
    RELAY,
    RELAY_ROLE,
    admit_relay,
    definitions,
    new_passwords,
    provision,
)
from shared.messaging.rpc_client import RpcBus
from shared.testing.backends import Postgres, RabbitMQ, run_postgres, run_rabbitmq

ROOT = Path(__file__).resolve().parent.parent
BROKER = "broker"
READY_WITHIN = 90.0
Say = Callable[[str], None]


def product_command(name: str) -> list[str]:
    """How the product's processes are started: a service's name, `relay` or `gateway`."""
    if name == GATEWAY:
        return [sys.executable, "-m", "gateway", "serve"]
    if name == RELAY:
        return [sys.executable, "-m", "services.worker", "relay", "all"]
    return [sys.executable, "-m", "services.worker", name]


@dataclass(frozen=True)
class Plan:
    """What a stack consists of. Defaults: the product. Tests put toy services in their place.

    keep: data stay in `settings.var`; otherwise servers are throw-away. restart: what dies by itself comes back.
    gateway: False leaves it out. asks: who may request what of whom. env: by program, added to its environment.
    """

    services: Sequence[str] = SERVICES
    command: Callable[[str], Sequence[str]] = product_command
    asks: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: dict(ASKS))
    env: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    keep: bool = False
    restart: bool = True
    gateway: bool = True


@dataclass(frozen=True)
class Servers:
    """A database server and a broker; whoever started them ends them. `vhost`: the broker's part for this stack."""

    postgres: Postgres
    rabbitmq: RabbitMQ
    vhost: str = "/"


class DistributedStack:
    """All processes of distributed mode, as a context manager.

    `urls`: addresses by name: `gateway` (HTTP), `amqp` (the gateway's broker account), `database:<service>`.
    servers: given ones are used (and shared with others through `vhost`); None: private ones are started.
    """

    def __init__(
        self,
        settings: Settings,
        plan: Plan | None = None,
        *,
        servers: Servers | None = None,
        say: Say | None = None,
    ) -> None:
        self.settings = settings
        self.plan = plan or Plan()
        self.urls: dict[str, str] = {}
        self._given = servers
        self._say = say or (lambda _line: None)
        self._stack = ExitStack()
        self._servers: Servers | None = None
        self._bus: RpcBus | None = None
        self.processes = Processes([], restart=False)

    # --- life

    def __enter__(self) -> Self:
        try:
            self._start_servers()
            self._admit()
            self._start_processes()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def kill(self, name: str) -> None:
        """SIGKILL a process (a service, `relay`, `gateway`) or the `broker`; it stays dead until `start`."""
        if name == BROKER:
            self.rabbitmq.kill()
        else:
            self.processes.kill(name)

    def start(self, name: str, **env: str) -> None:
        """Start what was killed; `env` holds for this start alone (CERCLE_FAULT). Does not wait, but for the broker."""
        if name == BROKER:
            self.rabbitmq.start()
        else:
            self.processes.start(name, **env)

    def wait_ready(self, *names: str, seconds: float = READY_WITHIN) -> None:
        """Wait until services answer a ping and the gateway its health check. Raises TimeoutError."""
        for name in names:
            check = self._gateway_answers if name == GATEWAY else partial(self._answers, name)
            if not self.processes.wait(check, seconds, name):
                raise TimeoutError(f"{name} did not become ready; see {self._logs() / name}.log")

    @property
    def bus(self) -> RpcBus:
        """A bus with the gateway's account, for health checks and tests."""
        if self._bus is None:
            keys = KeyFolder(self.settings.keys_folder)
            self._bus = RpcBus(self.urls["amqp"], keys.signer(GATEWAY), timeout=self.settings.rpc_timeout)
            self._stack.callback(self._bus.close)
        return self._bus

    @property
    def rabbitmq(self) -> RabbitMQ:
        """The broker. Raises RuntimeError when it was given by address, hence not ours."""
        if self._servers is None:
            raise RuntimeError("this stack uses a broker that somebody else runs")
        return self._servers.rabbitmq

    @property
    def vhost(self) -> str:
        """The part of the broker that this stack uses."""
        return self._servers.vhost if self._servers else "/"

    # --- servers and accounts

    def _start_servers(self) -> None:
        if self._given is not None:
            self._servers = self._given
            return
        if self.settings.database_url and self.settings.rabbitmq_url:
            self._say("using the given database and broker")
            return
        began, var = time.monotonic(), self.settings.var.absolute() / "servers"
        folders = (var / "postgres", var / "rabbitmq") if self.plan.keep else (None, None)
        with ThreadPoolExecutor(2) as pool:
            database = pool.submit(self._stack.enter_context, run_postgres(folders[0]))
            broker = pool.submit(self._stack.enter_context, run_rabbitmq(folders[1], killable=True))
            self._servers = Servers(database.result(), broker.result())
        self._say(f"PostgreSQL on port {self._servers.postgres.port} and RabbitMQ on port "
                  f"{self._servers.rabbitmq.port} answer ({time.monotonic() - began:.0f} s)")  # fmt: skip

    def _admit(self) -> None:
        """Keys, broker users, database roles: new passwords at every start, known to nobody but their process."""
        KeyFolder(self.settings.keys_folder).ensure(GATEWAY, *self.plan.services)
        if self._servers is None:
            self._use_given()
            return
        servers, passwords = self._servers, new_passwords(self.plan.services)
        document = definitions(
            passwords, vhost=servers.vhost, services=self.plan.services, asks=self.plan.asks
        )
        provision(servers.rabbitmq.ctl, document)
        for name in (GATEWAY, RELAY, *self.plan.services):
            self.urls[f"amqp:{name}"] = servers.rabbitmq.url(name, passwords[name], servers.vhost)
        self.urls["amqp"] = self.urls[f"amqp:{GATEWAY}"]
        self._make_databases(servers.postgres)
        self._say("each service has its broker user, its rights, its database and its role")

    def _make_databases(self, postgres: Postgres) -> None:
        passwords = new_passwords(self.plan.services)
        databases = [f"cercle_{name}" for name in self.plan.services]
        for name, database in zip(self.plan.services, databases, strict=True):
            url = postgres.create_database(database, passwords[name], database)
            self.urls[f"database:{name}"] = _with_driver(url)
        admit_relay(postgres.admin_url, passwords[RELAY], databases)
        template = postgres.url(RELAY_ROLE, passwords[RELAY], "cercle_SERVICE").replace(
            "SERVICE", "{service}"
        )
        self.urls[f"database:{RELAY}"] = _with_driver(template)

    def _use_given(self) -> None:
        for name in (GATEWAY, RELAY, *self.plan.services):
            self.urls[f"amqp:{name}"] = self.settings.rabbitmq_url_of(name)
            self.urls[f"database:{name}"] = self.settings.database_url
        self.urls["amqp"] = self.urls[f"amqp:{GATEWAY}"]

    # --- processes

    def _start_processes(self) -> None:
        names = [*self.plan.services, RELAY, *([GATEWAY] if self.plan.gateway else [])]
        programs = [Program(name, self.plan.command(name), self.environment(name)) for name in names]
        logs = self._logs()
        self.processes = Processes(programs, logs=logs, restart=self.plan.restart)
        self._stack.callback(self.processes.close)
        began = time.monotonic()
        for name in self.plan.services:
            self.processes.start(name)
        self.wait_ready(*self.plan.services)
        self._say(f"{len(self.plan.services)} services answer ({time.monotonic() - began:.0f} s)")
        self.processes.start(RELAY)
        self._say("the relay runs")
        if self.plan.gateway:
            self.urls[GATEWAY] = f"http://{self.settings.host}:{self.settings.port}"
            self.processes.start(GATEWAY)
            self.wait_ready(GATEWAY)
            self._say(f"the gateway answers; logs are in {logs}")

    def environment(self, name: str) -> dict[str, str]:
        """Of a program, or of a command over the same data."""
        own = {
            "CERCLE_MODE": "distributed",
            "CERCLE_RABBITMQ_URL": self.urls[f"amqp:{name}"],
            "CERCLE_DATABASE_URL": self.urls.get(f"database:{name}", ""),
            "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH", "")))),
            "PYTHONUNBUFFERED": "1",
        }
        return {**settings_env(self.settings), **own, **self.plan.env.get(name, {})}

    def _logs(self) -> Path:
        return self.settings.var.absolute() / "logs"

    def _answers(self, service: str) -> bool:
        try:
            self.bus.ping(service)
        except CercleError:
            return False
        return True

    def _gateway_answers(self) -> bool:
        try:
            return httpx.get(f"{self.urls[GATEWAY]}/healthz", timeout=3).status_code == 200
        except httpx.HTTPError:
            return False


def settings_env(settings: Settings) -> dict[str, str]:
    """The settings that differ from their defaults, as environment variables for another process."""
    values: dict[str, str] = {}
    for name, info in Settings.model_fields.items():
        value: Any = getattr(settings, name)
        if value is None or value == info.default:
            continue
        if hasattr(value, "get_secret_value"):
            value = value.get_secret_value()
        if isinstance(value, Path):
            value = value.absolute()
        values[f"CERCLE_{name.upper()}"] = str(value).lower() if isinstance(value, bool) else str(value)
    return values


def _with_driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def run_distributed(
    settings: Settings, say: Say = print, ready: Callable[[DistributedStack], None] | None = None
) -> int:
    """Start everything, wait for SIGTERM or Ctrl-C, drain. Returns the exit code.

    ready: what to do once, when everything answers (demo content through `stack.bus`).
    Effect: writes the pid to `var/up.pid`, so that `stop_distributed` finds it.
    """
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    steps = iter(range(1, 10))
    pid = pid_file(settings)
    pid.parent.mkdir(parents=True, exist_ok=True)
    pid.write_text(str(os.getpid()))
    try:
        with DistributedStack(
            settings, Plan(keep=True), say=lambda line: say(f"[{next(steps)}] {line}")
        ) as stack:
            if ready is not None:
                ready(stack)
            say(f"Cercle is ready: {settings.main_origin}  (Ctrl-C stops everything)")
            ended.wait()
            say("Stopping: what was begun is finished first.")
    finally:
        pid.unlink(missing_ok=True)
    return 0


def pid_file(settings: Settings) -> Path:
    """Where the supervisor's process id is written."""
    return settings.var / "up.pid"


def stop_distributed(settings: Settings) -> bool:
    """Ask a running `run_distributed` of the same `var` to stop; False when there is none."""
    try:
        os.kill(int(pid_file(settings).read_text()), signal.SIGTERM)
    except (OSError, ValueError):
        return False
    return True
