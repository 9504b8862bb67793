"""`cercle h5p upgrade` on a folder of data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from shared.testing.harness import Harness
from tests.unit.command.test_h5p_store import lines, run
from tests.unit.courses.support import Desk
from tests.unit.courses.test_h5p_upgrades import content, prepared


@pytest.fixture
def desk(make_harness: Callable[..., Harness]) -> Desk:
    return Desk(make_harness("courses"))


@pytest.fixture
def var(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("CERCLE_MODE", raising=False)
    return desk.service.settings.var


def test_dry_run_then_run_then_nothing_left(desk: Desk, var: Path) -> None:
    course = prepared(desk)
    tried = run("upgrade", "--dry-run", "--json", "--var", var)
    assert tried.exit_code == 0
    assert [(one["status"], one["dry_run"], one["new_content_id"]) for one in lines(tried)] == [
        ("done", True, None)
    ] * 2
    assert "1.6" in content(desk, course["activities"][0])[0]
    done = run("upgrade", "H5P.TrueFalse", "--var", var)
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, "2 of 2 upgraded, 0 left as they are")
    assert "H5P.TrueFalse 1.6 > 1.7" in done.stdout
    assert "1.7" in content(desk, course["activities"][0])[0]
    left = run("upgrade", "--json", "--var", var)
    assert (left.exit_code, lines(left)) == (0, [{"code": "h5p-nothing-to-upgrade"}])


def test_a_content_that_fails_gives_status_1_and_says_why(desk: Desk, var: Path) -> None:
    prepared(desk, "finished('no');")
    failed = run("upgrade", "--var", var)
    assert failed.exit_code == 1
    assert "The script of H5P.TrueFalse failed." in failed.stdout
    said = run("upgrade", "--var", var, language="fr")
    assert "Le script de H5P.TrueFalse a échoué." in said.stdout.replace("'", "’")


def test_an_interrupted_run_is_taken_up_with_resume(desk: Desk, var: Path) -> None:
    prepared(desk)
    desk.ask("start_h5p_upgrade", desk.admin)
    assert run("upgrade", "--var", var).exit_code == 1
    resumed = run("upgrade", "--resume", "--var", var)
    assert (resumed.exit_code, "2 of 2" in resumed.stdout) == (0, True)
