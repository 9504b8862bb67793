"""The client: a process of its own that takes one job per line and answers one line.

Plain HTTP/1.1 over kept-alive connections, one per concurrent caller, so that the client costs little beside the
servers. A caller sends its next request when the last one is answered (a closed loop).
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

import uvloop

from tests.bench.machine import on_cores

FRESH = "{uuid}"
"""Replaced by a new UUID at each sending, in headers and bodies."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One HTTP request and the status it must get."""

    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    status: int = 200

    def encoded(self, host: str) -> bytes:
        """The request as it goes over the wire; FRESH still in it."""
        size = len(self.body.replace(FRESH, "0" * 36).encode())
        headers = {"Host": host, "Content-Length": str(size)} | self.headers
        lines = [
            f"{self.method} {self.path} HTTP/1.1",
            *(f"{k}: {v}" for k, v in headers.items()),
            "",
            self.body,
        ]
        return "\r\n".join(lines).encode()


@dataclass(frozen=True, slots=True)
class Job:
    """`seconds` 0: every request once; else they are repeated in turn for so long."""

    port: int
    asks: list[Ask]
    concurrency: int
    seconds: float


class Run:
    """One job in progress."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.wire = [(ask.encoded(f"127.0.0.1:{job.port}"), ask.status) for ask in job.asks]
        self.next = 0
        self.latencies: list[float] = []
        self.wrong: Counter[str] = Counter()
        self.end = 0.0

    async def go(self) -> dict[str, Any]:
        """Latencies in milliseconds, the time all took in seconds, and answers of an unexpected status."""
        streams = [
            await asyncio.open_connection("127.0.0.1", self.job.port) for _ in range(self.job.concurrency)
        ]
        started = time.perf_counter()
        self.end = started + self.job.seconds
        await asyncio.gather(*(self._caller(*stream) for stream in streams))
        took = time.perf_counter() - started
        for _, writer in streams:
            writer.close()
        return {"latencies": self.latencies, "seconds": took, "wrong": dict(self.wrong)}

    def _take(self) -> tuple[bytes, int] | None:
        place, self.next = self.next, self.next + 1
        if self.job.seconds:
            return self.wire[place % len(self.wire)] if time.perf_counter() < self.end else None
        return self.wire[place] if place < len(self.wire) else None

    async def _caller(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (taken := self._take()) is not None:
            data, expected = taken
            while b"{uuid}" in data:
                data = data.replace(b"{uuid}", str(uuid.uuid4()).encode(), 1)
            started = time.perf_counter()
            writer.write(data)
            status = await _answer(reader)
            self.latencies.append((time.perf_counter() - started) * 1000)
            if status != expected:
                self.wrong[str(status)] += 1


async def _answer(reader: asyncio.StreamReader) -> int:
    """Read one answer to its end; its status. Raises RuntimeError for one without a length."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    _, found, rest = head.partition(b"content-length:")
    if not found:
        raise RuntimeError("an answer without Content-Length")
    await reader.readexactly(int(rest.split(b"\r\n", 1)[0]))
    return int(head[9:12])


class Client:
    """The client's process, from the side of the bench."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, job: Job) -> dict[str, Any]:
        """See Run.go. Raises RuntimeError when the client died."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asdict(job)) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the client stopped; its error is above")
        found: dict[str, Any] = json.loads(line)
        return found


@contextmanager
def client(cores: set[int]) -> Iterator[Client]:
    """A client on `cores`."""
    with on_cores(cores):
        command = [sys.executable, "-W", "ignore", "-m", "tests.bench.load"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield Client(process)
    finally:
        process.communicate()


def main() -> None:
    """Jobs from standard input, one JSON object a line, until its end."""
    for line in sys.stdin:
        given = json.loads(line)
        job = Job(**given | {"asks": [Ask(**ask) for ask in given["asks"]]})
        sys.stdout.write(json.dumps(uvloop.run(Run(job).go())) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
