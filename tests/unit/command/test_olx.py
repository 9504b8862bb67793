"""`cercle olx`: in, out, and the three exit statuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.cli import olx
from tests.unit.courses.test_olx import FOREIGN, packed


def run(var: Path, *arguments: str) -> Result:
    return CliRunner().invoke(olx, [*arguments, "--var", str(var)])


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CERCLE_MODE", "embedded")
    folder = tmp_path / "var"
    (folder / "db").mkdir(parents=True)
    return folder


def test_import_then_export_then_import_gives_the_same_archive(var: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first.tar.gz", tmp_path / "second.tar.gz"
    first.write_bytes(packed(FOREIGN))
    done = run(var, "import", str(first), "--json")
    assert done.exit_code == 0, done.output
    made = json.loads(done.stdout)
    assert (made["accepted"], made["title"], made["counts"]) == (
        True, {"fr": "", "en": "Their course"}, {"modules": 1, "activities": 3},
    )  # fmt: skip
    assert run(var, "export", made["course_id"], "-o", str(first)).exit_code == 0
    again = json.loads(run(var, "import", str(first), "--json").stdout)
    said = run(var, "export", again["course_id"], "-o", str(second), "--language", "en")
    assert said.stdout.startswith("second.tar.gz: ")
    assert second.read_bytes() == first.read_bytes()


def test_refused_archive_is_status_1_and_says_why_in_both_languages(var: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.tar.gz"
    bad.write_bytes(b"nothing")
    for language, words in (("fr", "Ce n’est pas une archive"), ("en", "This is not a tar.gz")):
        done = run(var, "import", str(bad), "--language", language)
        assert (done.exit_code, words in done.stdout) == (1, True)


def test_faults_of_usage_are_status_2(var: Path, tmp_path: Path) -> None:
    assert run(var, "export", "nothing", "-o", str(tmp_path / "x")).exit_code == 2
    assert run(tmp_path / "nowhere", "import", __file__).exit_code == 2
    assert CliRunner().invoke(olx, ["import", str(tmp_path / "missing.tar.gz")]).exit_code == 2
