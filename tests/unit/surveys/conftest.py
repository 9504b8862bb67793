import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import uvicorn
from sqlalchemy import event

from gateway.asgi import Server, build_gateway
from shared.testing.backends.local import free_port
from shared.testing.harness import Harness
from tests.unit.surveys.site import Site
from tests.unit.surveys.support import Desk


@pytest.fixture
def desk(make_harness: Callable[..., Harness]) -> Desk:
    return Desk(make_harness("surveys"))


@pytest.fixture
def statements(desk: Desk) -> Iterator[list[str]]:
    """What the service asks its database, from here on."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            seen.append(statement)

    engine = desk.harness.services["surveys"].db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    port = free_port()
    harness = Harness(tmp_path_factory.mktemp("site"), ("identity", "surveys"), port=port, rate_limits=False)
    harness.clock.advance(datetime.now(UTC) - harness.clock.now())
    app = build_gateway(harness.settings, harness.bus, validate_responses=True)
    server = Server(uvicorn.Config(app, port=port, lifespan="on", log_level="error"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.02)
    made = Site(f"http://127.0.0.1:{port}", harness)
    yield made
    for client in made.clients:
        client.close()
    server.should_exit = True
    thread.join(10)
    harness.close()
