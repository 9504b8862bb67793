"""The gateway behind a real HTTP server, in this process, over a harness of real services."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx
import pytest
import uvicorn

from gateway.asgi import Server, build_gateway
from gateway.demo.people import LEADS, PASSWORD
from shared.testing.harness import Harness
from tests.e2e.product import free_ports


@dataclass
class Site:
    """A running gateway and its services."""

    url: str
    harness: Harness
    opened: list[httpx.Client] = field(default_factory=list)

    def client(self, who: str | None = None, **headers: str) -> httpx.Client:
        """A client, signed in as a demo person when named (bearer)."""
        client = httpx.Client(base_url=self.url, headers=headers, timeout=30)
        self.opened.append(client)
        if who:
            client.headers["Authorization"] = f"Bearer {self.sign_in(who)}"
        return client

    def sign_in(self, who: str) -> str:
        """A session secret."""
        person = next(person for person in LEADS if person.key == who)
        body = {"email": person.email, "password": PASSWORD}
        answer = httpx.post(f"{self.url}/api/v1/session", json=body)
        answer.raise_for_status()
        return str(answer.json()["session"])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One site for a module; all five services, the four demo people."""
    port, content_port = free_ports(2)
    harness = Harness(
        tmp_path_factory.mktemp("site"), port=port, content_port=content_port, rate_limits=False
    )
    harness.clock.advance(datetime.now(UTC) - harness.clock.now())
    for person in LEADS:
        harness.call("identity", "seed_account", person.profile())
    harness.drain()
    app = build_gateway(harness.settings, harness.bus, validate_responses=True)
    server = Server(uvicorn.Config(app, port=port, lifespan="on", log_level="error"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.02)
    running = Site(f"http://127.0.0.1:{port}", harness)
    yield running
    for client in running.opened:
        client.close()
    server.should_exit = True
    thread.join(10)
    harness.close()
