"""One gateway over five services for the whole package, and the seven people of the access matrix."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import uvicorn

from gateway.asgi import Server, build_gateway
from shared.testing.harness import Harness
from tests.e2e.product import free_ports
from tests.unit.access.world import Books, World


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    port, content_port = free_ports(2)
    folder = tmp_path_factory.mktemp("access")
    harness = Harness(folder, port=port, content_port=content_port, rate_limits=False)
    harness.clock.advance(datetime.now(UTC) - harness.clock.now())
    app = build_gateway(harness.settings, harness.bus)
    server = Server(uvicorn.Config(app, port=port, lifespan="on", log_level="error"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.02)
    made = World(f"http://127.0.0.1:{port}", harness)
    yield made
    made.close()
    server.should_exit = True
    thread.join(10)
    harness.close()


@pytest.fixture(scope="session")
def books(world: World) -> Iterator[Books]:
    folder = world.harness.settings.var
    found = Books(folder)
    before = found.edition()
    world.learners_notification()
    assert found.edition() != before  # it does notice
    yield found
    found.close()
