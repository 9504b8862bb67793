"""The product's own SQL for a request, recorded so that the floor can send the same.

The request is answered by the product's gateway and services in this process, over copies of the databases, and every
statement is noted with its parameters. Left out: who is asking (identity), and the tables of messaging (outbox, inbox,
commands). So the floor never lags behind the product's SQL.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import event

from gateway.asgi import build_gateway
from gateway.embedded import build_embedded_bus
from shared.config import Settings
from shared.db.engine import READ_ONLY
from shared.messaging.embedded import EmbeddedBus
from tests.bench.load import Ask

LEFT_OUT = ("identity",)
_MESSAGING = re.compile(
    r"\b(?:INTO|FROM|UPDATE)\s+(?:outbox|inbox|commands|jobs|dead_letters)\b|^(?:BEGIN|NOTIFY|SAVEPOINT)"
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement as the driver got it; `many`: a list of parameter sets."""

    sql: str
    parameters: Any
    many: bool


@dataclass(slots=True)
class Transaction:
    """Statements of one transaction in the database of one service."""

    service: str
    writes: bool
    statements: list[Statement] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Recording:
    """A request's transactions, and the body it was recorded with, whose ids another request's ids replace."""

    transactions: list[Transaction]
    body: str


class Recorder:
    """Notes what the services' engines are asked."""

    def __init__(self, bus: EmbeddedBus) -> None:
        self.transactions: list[Transaction] = []
        for name, service in bus.services.items():
            if name not in LEFT_OUT:
                self._listen(name, service.db.engine)

    def _listen(self, name: str, engine: Any) -> None:
        def begin(connection: Any) -> None:
            writes = not connection.get_execution_options().get(READ_ONLY, False)
            self.transactions.append(Transaction(name, writes))

        def execute(*found: Any) -> None:
            _connection, _cursor, sql, parameters, _context, many = found
            if not _MESSAGING.search(sql):
                self.transactions[-1].statements.append(Statement(sql, parameters, many))

        event.listen(engine, "begin", begin)
        event.listen(engine, "before_cursor_execute", execute)

    def take(self) -> list[Transaction]:
        """What was noted since the last time, transactions of nothing left out."""
        noted, self.transactions = self.transactions, []
        return [transaction for transaction in noted if transaction.statements]


@contextmanager
def _bus(folder: Path, database_url: str) -> Iterator[tuple[Settings, EmbeddedBus]]:
    settings = Settings(_env_file=None, var=folder, database_url=database_url, rate_limits=False, demo=True)  # type: ignore[call-arg]
    bus = build_embedded_bus(settings)
    try:
        yield settings, bus
    finally:
        bus.close()


def record(folder: Path, database_url: str, named: dict[str, Sequence[Ask]]) -> dict[str, list[Recording]]:
    """The recordings of each request, over the databases at `database_url` (a template with {service}).

    Each is sent twice and recorded the second time, so that what happens only the first time (a draft's or an
    attempt's row) is left out, except where the second would be refused. Raises RuntimeError on a wrong status.
    """
    with _bus(folder, database_url) as (settings, bus):
        app, recorder = build_gateway(settings, bus), Recorder(bus)

        async def go() -> dict[str, list[Recording]]:
            starlette: Any = app.app  # type: ignore[attr-defined]
            transport = httpx.ASGITransport(app=app)
            http = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")
            async with starlette.router.lifespan_context(starlette), http:
                return {
                    name: [await _one(http, recorder, ask) for ask in asks] for name, asks in named.items()
                }

        return asyncio.run(go())


async def _one(http: httpx.AsyncClient, recorder: Recorder, ask: Ask) -> Recording:
    best: list[Transaction] = []
    body = ""
    for number in (1, 2):
        fresh = f"0190c0de-0000-4000-8000-{number:012}"
        sent = ask.body.replace("{uuid}", fresh)
        headers = {name: value.replace("{uuid}", fresh) for name, value in ask.headers.items()}
        answer = await http.request(ask.method, ask.path, content=sent or None, headers=headers)
        noted = recorder.take()
        if answer.status_code == ask.status:
            best, body = noted, sent
        elif number == 1:
            raise RuntimeError(f"{ask.method} {ask.path}: {answer.status_code} {answer.text[:500]}")
    return Recording(best, body)
