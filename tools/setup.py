"""Prepare a checkout: virtual environment, Python packages, browser assets, test servers.

Plain standard library, so that it runs before anything is installed. Each step prints one line, is skipped when
nothing changed (stamps hold the hash of the lock that was installed), and can be interrupted: the next run goes on.

    python3 tools/setup.py          what `make run` needs
    python3 tools/setup.py --dev    and what `make test` and `make lint` need
"""

import argparse
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "cercle-setup.json"
LOCKS = {"run": ROOT / "requirements.lock", "dev": ROOT / "requirements-dev.lock"}
MINIMUM = (3, 11)
LAUNCHER = """#!{python}
import sys

from gateway.cli import main

sys.exit(main())
"""


class SetupFailed(Exception):
    """A step could not be done; the message says what a person can do about it."""


class Steps:
    """Numbered progress lines; a step that had nothing to do says so at once."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.number = 0

    def run(self, title: str, work: Callable[[], str]) -> None:
        """Do one step; `work` returns a few words for the end of the line ("already there")."""
        self.number += 1
        print(f"[{self.number}/{self.total}] {title}… ", end="", flush=True)
        start = time.monotonic()
        words = work()
        seconds = time.monotonic() - start
        print(f"{words} ({seconds:.0f} s)" if seconds >= 1 else words, flush=True)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_stamp() -> dict[str, str]:
    try:
        stamp: dict[str, str] = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return stamp


@contextmanager
def alone() -> Iterator[None]:
    """Only one setup at a time in a checkout; a second one waits."""
    with (ROOT / ".setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def venv_python() -> Path:
    return VENV / "bin" / "python"


def venv_works() -> bool:
    probe = f"import sys, pip; sys.exit(sys.version_info < {MINIMUM})"
    try:
        return subprocess.run([venv_python(), "-c", probe], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def make_venv() -> str:
    """Create `.venv`, or keep one that works; a broken one (its Python was removed) is made anew."""
    if venv_works():
        return "already there"
    shutil.rmtree(VENV, ignore_errors=True)
    run_quietly(
        [sys.executable, "-m", "venv", str(VENV)], "Install the package python3-venv, then try again."
    )
    return "created"


def run_quietly(command: list[str], advice: str) -> None:
    """Run, keep quiet, and on failure show the end of what the command said and then `advice`."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise SetupFailed(f"{said}\n\n{advice}")


def install_packages(kind: str) -> str:
    """Install the lock of `kind` ("run" or "dev"; "dev" holds all of "run" at the same versions)."""
    wanted = {name: sha256(path) for name, path in LOCKS.items()}
    stamp = read_stamp()
    if stamp.get("dev") == wanted["dev"] or (kind == "run" and stamp.get("run") == wanted["run"]):
        return "up to date"
    # The lock names every package, so pip need not look for dependencies; where it does, some versions of it take
    # the newest release behind an extra ("coverage[toml]") and then refuse it for want of a hash.
    # Without --no-compile pip compiles also what nobody imports: a quarter of its time.
    pip = [
        str(venv_python()),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-compile",
        "--no-deps",
    ]
    run_quietly(
        [*pip, "--require-hashes", "-r", str(LOCKS[kind])],
        "The packages could not be installed. Check the network, then run the same command again.",
    )
    link_checkout()
    STAMP.write_text(json.dumps(wanted if kind == "dev" else {"run": wanted["run"]}))
    return "installed"


def link_checkout() -> None:
    """Make the checkout importable in the environment and give it the command `cercle`.

    A `.pth` line and a four-line script do what an editable install does, without a build backend to download.
    """
    version = f"python{python_version()}"
    (VENV / "lib" / version / "site-packages" / "cercle-checkout.pth").write_text(f"{ROOT}\n")
    launcher = VENV / "bin" / "cercle"
    launcher.write_text(LAUNCHER.format(python=venv_python()))
    launcher.chmod(0o755)


def python_version() -> str:
    show = "import sys; print('%d.%d' % sys.version_info[:2])"
    return subprocess.run(
        [venv_python(), "-c", show], capture_output=True, text=True, check=True
    ).stdout.strip()


def build_assets() -> str:
    """Fetch the browser libraries; prints why when it cannot."""
    done = subprocess.run(
        [venv_python(), ROOT / "tools" / "assets.py"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SetupFailed(done.stderr.strip() or done.stdout.strip())
    return done.stdout.strip()


def test_servers() -> str:
    """Find PostgreSQL, RabbitMQ and Chromium for the tests, or install them where that is allowed."""
    command = [str(venv_python()), "-m", "shared.testing.backends"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SetupFailed(done.stderr.strip())
    return done.stdout.strip()


def check_python() -> str:
    if sys.version_info < MINIMUM:
        raise SetupFailed("Cercle needs Python 3.11 or newer.")
    if not (venv_works() or can_make_venv()):
        raise SetupFailed("Python's venv module is missing. On Debian: apt install python3-venv")
    return f"{sys.version_info[0]}.{sys.version_info[1]}.{sys.version_info[2]}"


def can_make_venv() -> bool:
    try:
        import ensurepip  # noqa: F401, PLC0415 (Debian ships Python without it unless python3-venv is there)
        import venv  # noqa: F401, PLC0415
    except ImportError:
        return False
    return True


def set_up(*, dev: bool, assets: bool) -> None:
    """Do every step that is asked for, in order; raises SetupFailed at the first that cannot be done."""
    steps = Steps(3 + assets + dev)
    steps.run("Python", check_python)
    steps.run("Virtual environment in .venv", make_venv)
    kind = "dev" if dev else "run"
    steps.run("Python packages (one to two minutes the first time)", lambda: install_packages(kind))
    if assets:
        steps.run("Browser assets (ten seconds the first time)", build_assets)
    if dev:
        steps.run("PostgreSQL, RabbitMQ and Chromium for the tests", test_servers)


def main() -> int:
    options = argparse.ArgumentParser(description="Prepare this checkout of Cercle.")
    options.add_argument("--dev", action="store_true", help="also what tests and linters need")
    options.add_argument("--no-assets", action="store_true", help="leave the browser assets out")
    chosen = options.parse_args()
    os.environ.pop("PYTHONPATH", None)
    try:
        with alone():
            set_up(dev=chosen.dev, assets=not chosen.no_assets)
    except SetupFailed as problem:
        print(f"\n\n{problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The next run goes on from here.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
