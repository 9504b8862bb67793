"""Servers in Docker containers, through testcontainers, where that library is installed and a daemon answers."""

import importlib.util
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any


@cache
def answers() -> bool:
    """True when testcontainers is importable and a Docker daemon answers within five seconds."""
    if importlib.util.find_spec("testcontainers") is None or not shutil.which("docker"):
        return False
    command = ["docker", "version", "--format", "{{.Server.Version}}"]
    try:
        return subprocess.run(command, capture_output=True, check=False, timeout=5).returncode == 0
    except subprocess.TimeoutExpired:
        return False


@contextmanager
def container(image: str, env: Mapping[str, str], ports: Mapping[int, int]) -> Iterator[Any]:
    """A running container; `ports` maps a port inside to a fixed one on loopback, so that a restart keeps it.

    Yields docker-py's container object (kill, start, exec_run).
    """
    from testcontainers.core.container import DockerContainer

    wanted = DockerContainer(image)
    for name, value in env.items():
        wanted.with_env(name, value)
    for inside, outside in ports.items():
        wanted.with_bind_ports(inside, outside)
    with wanted as running:
        yield running.get_wrapped_container()
