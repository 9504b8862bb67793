"""The whole product as a person has it: real processes, in either mode, with the demo people."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from gateway.demo.seed import seed
from shared.config import Settings

ROOT = Path(__file__).parents[2]


def free_ports(count: int) -> list[int]:
    """Free consecutive-or-not TCP ports on the loopback."""
    sockets = [socket.socket() for _ in range(count)]
    for item in sockets:
        item.bind(("127.0.0.1", 0))
    ports = [item.getsockname()[1] for item in sockets]
    for item in sockets:
        item.close()
    return ports


@dataclass(slots=True)
class Product:
    """A running product. `env`: for another process over the same data, such as `cercle` over the surveys."""

    mode: str
    url: str
    content_url: str
    folder: Path
    env: dict[str, str]


def environment(folder: Path, port: int, content_port: int, **more: str) -> dict[str, str]:
    """The environment of a product of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CERCLE_")}
    return kept | {
        "CERCLE_VAR": str(folder), "CERCLE_PORT": str(port), "CERCLE_CONTENT_PORT": str(content_port),
        "CERCLE_DEMO": "1", "CERCLE_LOG_LEVEL": "WARNING", "PYTHONWARNINGS": "ignore", **more,
    }  # fmt: skip


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path, seconds: float = 300) -> None:
    """Until the address answers 200. Raises with the log's end when the process dies or time runs out."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            if httpx.get(url, timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise RuntimeError(f"{url} did not answer:\n{log.read_text()[-4000:]}")


@contextmanager
def embedded(folder: Path, **more: str) -> Iterator[Product]:
    """`cercle run` with demo content on free ports."""
    port, content_port = free_ports(2)
    log = folder.with_suffix(".log")
    command = [sys.executable, "-m", "gateway", "run"]
    env = environment(folder, port, content_port, **more)
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=out)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{url}/readyz", process, log)
        yield Product("embedded", url, f"http://localhost:{content_port}", folder, env)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            code = process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            raise RuntimeError(f"Ctrl-C did not stop it:\n{log.read_text()[-4000:]}") from None
    assert code == 0, log.read_text()[-4000:]


@contextmanager
def distributed(folder: Path, **more: str) -> Iterator[Product]:
    """Five nameko workers, the relay and the gateway over a private RabbitMQ and PostgreSQL, with demo content."""
    from gateway.supervisor import DistributedStack

    port, content_port = free_ports(2)
    chosen: dict[str, Any] = {"mode": "distributed", "demo": True, **more}
    chosen |= {"var": folder, "port": port, "content_port": content_port, "_env_file": None}
    settings = Settings(**chosen)
    with DistributedStack(settings) as stack:
        seed(stack.bus, settings, lambda _line: None)
        env = environment(folder, port, content_port) | stack.environment("surveys")
        yield Product("distributed", settings.main_origin, settings.content_origin, folder, env)
