"""pytest plugin: one private PostgreSQL and one private RabbitMQ for a whole run, started only when asked for.

Tests ask for the fixtures `postgres_server` and `rabbitmq_server`. The servers that the collected tests need start
together in the background as soon as collection ends. A test that asks gets its marker by itself.
"""

import re
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from threading import Lock
from typing import Any

import pytest

from shared.testing.backends import Postgres, RabbitMQ, ensure_chromium, run_postgres, run_rabbitmq
from shared.testing.stages import FOLDERS, HEAVY

FIXTURES: dict[str, tuple[str, Callable[[], AbstractContextManager[Any]]]] = {
    "postgres_server": ("postgres", run_postgres),
    "rabbitmq_server": ("distributed", run_rabbitmq),
}


class Pool:
    """Servers of one run by fixture name, each started at most once."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(len(FIXTURES), thread_name_prefix="backend")
        self._running = ExitStack()
        self._lock = Lock()
        self._servers: dict[str, Future[Any]] = {}

    def begin(self, name: str) -> Future[Any]:
        if name not in self._servers:
            self._servers[name] = self._threads.submit(self._enter, FIXTURES[name][1]())
        return self._servers[name]

    def _enter(self, server: AbstractContextManager[Any]) -> Any:
        value = server.__enter__()
        with self._lock:
            self._running.push(server.__exit__)
        return value

    def close(self) -> None:
        self._threads.shutdown(wait=True)
        self._running.close()


POOL = pytest.StashKey[Pool]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[POOL] = Pool()


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[POOL].close()


@pytest.hookimpl(tryfirst=True)  # before -m chooses by marker
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for name in asked_for(item):
            item.add_marker(FIXTURES[name][0])
        if not item.nodeid.startswith(FOLDERS) and any(map(item.get_closest_marker, HEAVY)):
            raise pytest.UsageError(f"{item.nodeid} needs a server or a browser: move it to one of {FOLDERS}")
    items.sort(key=lambda item: group_of(item.nodeid) == file_of(item.nodeid))  # what takes longest first


def pytest_collection_finish(session: pytest.Session) -> None:
    if session.config.option.collectonly or only_hands_out(session.config):
        return
    for name in {name for item in session.items for name in asked_for(item)}:
        session.config.stash[POOL].begin(name)


def only_hands_out(config: pytest.Config) -> bool:
    """True in the process of xdist that runs no test itself."""
    return bool(config.getoption("numprocesses", None)) and not hasattr(config, "workerinput")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """`--dist loadfile`, but all tests of a running product go to one process, which starts it once."""
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class ByProduct(LoadFileScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return group_of(nodeid)

    return ByProduct(config, log)


def group_of(nodeid: str) -> str:
    """The product's mode, or the file."""
    mode = re.search(r"\[.*?\b(embedded|distributed)\b", nodeid)
    return mode[1] if mode and nodeid.startswith("tests/e2e/") else file_of(nodeid)


def file_of(nodeid: str) -> str:
    return nodeid.partition("::")[0]


def asked_for(item: pytest.Item) -> set[str]:
    return FIXTURES.keys() & set(getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def postgres_server(pytestconfig: pytest.Config) -> Postgres:
    """The run's PostgreSQL; make a database of your own with `create_database`."""
    server: Postgres = pytestconfig.stash[POOL].begin("postgres_server").result()
    return server


@pytest.fixture(scope="session")
def rabbitmq_server(pytestconfig: pytest.Config) -> RabbitMQ:
    """The run's RabbitMQ; make a vhost of your own (`ctl("add_vhost", name)`)."""
    server: RabbitMQ = pytestconfig.stash[POOL].begin("rabbitmq_server").result()
    return server


@pytest.fixture(scope="session")
def chromium_path() -> str:
    return ensure_chromium()
