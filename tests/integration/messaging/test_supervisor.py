"""The process runner: what dies comes back, what is stopped ends well, and settings reach the children."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from gateway import processes
from gateway.processes import Processes, Program
from gateway.supervisor import pid_file, settings_env, stop_distributed
from shared.config import Settings
from tests.contract.worlds import eventually

SLEEPER = "import signal, sys, time; signal.signal(15, lambda *_: sys.exit(0)); print('up', flush=True); time.sleep(60)"


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Processes]:
    monkeypatch.setattr(processes, "FIRST_PAUSE", 0.2)
    programs = [
        Program("sleeper", (sys.executable, "-c", SLEEPER)),
        Program("dying", (sys.executable, "-c", "0")),
    ]
    made = Processes(programs, logs=tmp_path)
    yield made
    made.close()


def test_program_that_dies_comes_back_and_one_that_was_killed_stays_dead(running: Processes) -> None:
    running.start("sleeper")
    first = running.pid("sleeper")
    running._running["sleeper"].process.kill()
    assert eventually(lambda: running.pid("sleeper") not in (None, first), True)
    running.kill("sleeper")
    assert not running.alive("sleeper")
    assert eventually(lambda: running.alive("sleeper"), True, 1.5) is False


def test_program_that_dies_at_once_is_tried_less_and_less(running: Processes, tmp_path: Path) -> None:
    running.start("dying")
    assert eventually(lambda: running._pauses.get("dying", 0) >= 0.4, True)


def test_stop_ends_a_program_in_good_order(running: Processes, tmp_path: Path) -> None:
    running.start("sleeper")
    assert eventually(lambda: "up" in (tmp_path / "sleeper.log").read_text(), True)
    process = running._running["sleeper"].process
    running.stop("sleeper")
    assert process.returncode == 0


def test_log_of_a_program_is_private(running: Processes, tmp_path: Path) -> None:
    running.start("sleeper")
    assert (tmp_path / "sleeper.log").stat().st_mode & 0o077 == 0


def test_settings_reach_the_children(tmp_path: Path) -> None:
    settings = Settings(
        _env_file=None, var=tmp_path, port=8123, demo=True, smtp_password=SecretStr("s"), rate_limits=False
    )  # type: ignore[call-arg]
    assert settings_env(settings) == {
        "CERCLE_VAR": str(tmp_path),
        "CERCLE_PORT": "8123",
        "CERCLE_DEMO": "true",
        "CERCLE_SMTP_PASSWORD": "s",
        "CERCLE_RATE_LIMITS": "false",
    }


def test_stopping_what_does_not_run_says_so(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, var=tmp_path)  # type: ignore[call-arg]
    assert not stop_distributed(settings)
    pid_file(settings).write_text("not a number")
    assert not stop_distributed(settings)
