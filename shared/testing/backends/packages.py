"""Debian packages as the last resort, when we are root: installed without starting the services they bring."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.testing.backends.local import BackendMissing

POLICY = Path("/usr/sbin/policy-rc.d")


def install(*packages: str) -> None:
    """Install Debian packages; raises BackendMissing where that is not possible or not wanted (CERCLE_NO_APT=1)."""
    names = " ".join(packages)
    if os.geteuid() != 0 or not shutil.which("apt-get") or os.environ.get("CERCLE_NO_APT"):
        raise BackendMissing(f"Missing on this machine: {names}. On Debian: sudo apt install {names}")
    with services_held():
        apt("update")
        apt("install", "--yes", "--no-install-recommends", *packages)


@contextmanager
def services_held() -> Iterator[None]:
    """Keep package scripts from starting services (policy-rc.d, exit 101), unless the machine has its own policy."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink(missing_ok=True)


def apt(*arguments: str) -> None:
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        ["apt-get", "-qq", *arguments],
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BackendMissing(f"apt-get {arguments[0]} failed:\n{done.stderr.strip()[-1500:]}")
