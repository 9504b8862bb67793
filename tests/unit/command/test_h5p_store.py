"""`cercle h5p import`, `export` and `libraries` on a folder of data."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from services.cli import h5p
from shared.testing.harness import Harness
from tests.unit.courses.support import PACKAGES, Desk

HELLO = PACKAGES / "valid" / "h5p-test.h5p"


def run(*args: str | Path, language: str = "en") -> Result:
    return CliRunner().invoke(h5p, [*map(str, args), "--language", language], catch_exceptions=False)


def lines(result: Result) -> list[Any]:
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def desk(make_harness: Callable[..., Harness]) -> Desk:
    return Desk(make_harness("courses"))


@pytest.fixture
def var(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("CERCLE_MODE", raising=False)
    return desk.service.settings.var


def test_import_installs_libraries_and_lists_them(desk: Desk, var: Path) -> None:
    done = run("import", HELLO, "--json", "--var", var)
    assert (done.exit_code, lines(done)[0]["accepted"]) == (0, True)
    listed = run("libraries", "--json", "--var", var)
    names = [one["library"] for one in lines(listed)]
    assert "H5P.TrueFalse-1.6" in names
    assert len(names) == len(lines(done)[0]["libraries"]) == desk.counts()["h5p_libraries"]
    again = run("import", HELLO, "--json", "--var", var)
    assert (again.exit_code, lines(again)[0]["libraries"]) == (0, [])
    assert re.search(
        r"^H5P\.TrueFalse-1\.6\s+1\.6\.\d+\s+0\s+0$", run("libraries", "--var", var).stdout, re.MULTILINE
    )


def test_import_into_a_unit_makes_an_activity_and_export_gives_it_back(
    desk: Desk, var: Path, tmp_path: Path
) -> None:
    course = desk.draft("h5p")
    done = lines(run("import", HELLO, "--unit", course["unit"], "--json", "--var", var))[0]
    assert desk.ask("get_activity", activity_id=done["activity_id"])["h5p"]["title"] == "Hello World"
    for wanted, name in ((done["activity_id"], "a.h5p"), (done["content_id"], "b.h5p")):
        assert run("export", wanted, "-o", tmp_path / name, "--var", var).exit_code == 0
    assert (tmp_path / "a.h5p").read_bytes() == (tmp_path / "b.h5p").read_bytes()
    assert run("import", tmp_path / "a.h5p", "--var", var).exit_code == 0


def test_refused_package_gives_status_one_and_leaves_no_activity(desk: Desk, var: Path) -> None:
    course = desk.draft("text")
    bad = PACKAGES / "invalid" / "broken-content-json.h5p"
    done = run("import", bad, HELLO, "--unit", course["unit"], "--json", "--var", var)
    assert done.exit_code == 1
    assert [(one["accepted"], [p["code"] for p in one["problems"]]) for one in lines(done)] == [
        (False, ["content-json-invalid"]), (True, []),
    ]  # fmt: skip
    shown = desk.ask("get_course", desk.admin, course_id=course["id"])["modules"][0]["units"][0]["activities"]
    assert [activity["kind"] for activity in shown] == ["text", "h5p"]
    assert (
        "fichier ne contient pas"
        in run("import", bad, "--unit", course["unit"], "--var", var, language="fr").stdout
    )


def test_unknown_ids_and_folders_are_mistakes_of_use(desk: Desk, var: Path, tmp_path: Path) -> None:
    assert run("export", desk.need_id, "-o", tmp_path / "x.h5p", "--var", var).exit_code == 2
    assert run("import", HELLO, "--unit", desk.need_id, "--var", var).exit_code == 2
    assert run("libraries", "--var", tmp_path / "nothing").exit_code == 2
    assert not (tmp_path / "x.h5p").exists()
