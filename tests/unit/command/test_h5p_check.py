"""`cercle h5p check`: lines, JSON, exit status."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from services.cli import h5p
from services.command.h5p_check import Options, check_files

ROOT = Path(__file__).resolve().parents[3]
SAMPLES = ROOT.parent / "shared" / "h5p"
NB = "\u00a0"
LIBRARY = {
    "title": "Quiz", "machineName": "H5P.Quiz", "majorVersion": 1, "minorVersion": 0, "patchVersion": 3,
    "runnable": 1,
}  # fmt: skip
MANIFEST = {
    "title": "Un jeu\u202e", "language": "fr", "mainLibrary": "H5P.Quiz", "embedTypes": ["iframe"],
    "preloadedDependencies": [{"machineName": "H5P.Quiz", "majorVersion": 1, "minorVersion": 0}],
}  # fmt: skip


def run(*args: str | Path, language: str = "en") -> Result:
    command = ["check", *map(str, args), "--language", language]
    return CliRunner().invoke(h5p, command, catch_exceptions=False)


def zipped(path: Path, files: Mapping[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def package(folder: Path, name: str = "quiz.h5p", changes: Mapping[str, str] | None = None) -> Path:
    """A small valid package, with files added or replaced."""
    base = {
        "h5p.json": json.dumps(MANIFEST),
        "content/content.json": "{}",
        "H5P.Quiz-1.0/library.json": json.dumps(LIBRARY),
    }
    return zipped(folder / name, {**base, **(changes or {})})


def records(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.parametrize("path", sorted((SAMPLES / "valid").glob("*.h5p")), ids=lambda path: path.stem)
def test_real_package_accepted(path: Path) -> None:
    result = run(path, "--json")
    (record,) = records(result)
    main = record["main_library"]
    assert (result.exit_code, record["accepted"], record["problems"]) == (0, True, [])
    assert {**main, "runnable": True} in record["libraries"]
    assert len(record["libraries"]) >= 10


@pytest.mark.parametrize(
    ("name", "code", "path", "main"),
    [
        ("broken-content-json", "content-json-invalid", "content/content.json", "1.0.6"),
        ("invalid-library-directory-name", "library-folder-mismatch", "H5P.GreetingCard-1.0", "1.0"),
        ("missing-preloaded-js", "library-file-missing", "H5P.GreetingCard-1.0/library.json", "1.0.6"),
    ],
)
def test_broken_package_refused_for_its_true_reason(name: str, code: str, path: str, main: str) -> None:
    result = run(SAMPLES / "invalid" / f"{name}.h5p", "--json")
    (record,) = records(result)
    assert (result.exit_code, record["accepted"]) == (1, False)
    assert [(p["code"], p["path"]) for p in record["problems"]] == [(code, path)]
    assert set(record["problems"][0]["message"]) == {"fr", "en"}
    assert record["main_library"] == {"machine_name": "H5P.GreetingCard", "version": main}


def test_corrupt_archive_says_nothing_of_its_content() -> None:
    result = run(SAMPLES / "invalid" / "corrupt_archive.h5p", "--json")
    (record,) = records(result)
    assert [p["code"] for p in record["problems"]] == ["archive-unreadable"]
    assert (record["main_library"], record["libraries"], record["title"], record["language"]) == (
        None,
        [],
        None,
        None,
    )


def test_line_of_an_accepted_package(tmp_path: Path) -> None:
    path = package(tmp_path)
    assert run(path).stdout == (f"accepted | {path} | main: H5P.Quiz 1.0.3 | libraries (1): H5P.Quiz 1.0.3\n")
    assert run(path, language="fr").stdout == (
        f"accepté | {path} | principale{NB}: H5P.Quiz 1.0.3 | bibliothèques (1){NB}: H5P.Quiz 1.0.3\n"
    )


def test_line_of_a_refused_package_has_every_code_with_its_place(tmp_path: Path) -> None:
    path = package(tmp_path, changes={"content/a.html": "<p>", "content/b.svg": "<svg/>"})
    line = run(path).stdout
    assert line.startswith(f"refused | {path} | ")
    assert (
        "content-extension-not-allowed (content/a.html), content-extension-not-allowed (content/b.svg)"
        in line
    )
    assert line.endswith("| main: H5P.Quiz 1.0.3 | libraries (1): H5P.Quiz 1.0.3\n")
    assert line.count("\n") == 1


def test_explain_adds_sentences_in_the_language(tmp_path: Path) -> None:
    path = package(tmp_path, changes={"content/content.json": "["})
    english, french = run(path, "--explain").stdout, run(path, "--explain", language="fr").stdout
    assert (
        english.splitlines()[1] == "    “content/content.json”: This file does not hold a valid JSON object."
    )
    assert french.splitlines()[1].startswith(f"    «{NB}content/content.json{NB}»{NB}: ")


def test_status_is_one_when_any_is_refused_and_all_are_reported(tmp_path: Path) -> None:
    good, bad = package(tmp_path), package(tmp_path, "bad.h5p", {"h5p.json": "{}"})
    result = run(bad, good, "--json")
    assert result.exit_code == 1
    assert [(r["file"], r["accepted"]) for r in records(result)] == [(str(bad), False), (str(good), True)]


def test_progress_goes_to_standard_error_beyond_three_files(tmp_path: Path) -> None:
    path = package(tmp_path)
    assert run(path, path, path).stderr == ""
    assert run(*[path] * 4).stderr.splitlines() == [f"{n}/4 {path}" for n in (1, 2, 3, 4)]


def test_title_that_would_turn_the_terminal_is_escaped(tmp_path: Path) -> None:
    (record,) = records(run(package(tmp_path), "--json"))
    assert (record["title"], record["language"]) == ("Un jeu\\x202e", "fr")


def test_lone_surrogate_in_a_refused_title_does_not_stop_the_report(tmp_path: Path) -> None:
    manifest = json.dumps({**MANIFEST, "title": "\ud800", "embedTypes": []})
    result = run(package(tmp_path, changes={"h5p.json": manifest}), "--json")
    assert records(result)[0]["main_library"] == {"machine_name": "H5P.Quiz", "version": "1.0.3"}


def test_libraries_without_content_need_the_option(tmp_path: Path) -> None:
    path = zipped(tmp_path / "only.h5p", {"H5P.Quiz-1.0/library.json": json.dumps(LIBRARY)})
    assert run(path).exit_code == 1
    accepted = run(path, "--library-only", "--json")
    assert (accepted.exit_code, records(accepted)[0]["main_library"]) == (0, None)


def test_file_gone_before_its_turn_is_status_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gone = tmp_path / "gone.h5p"
    assert check_files([gone, package(tmp_path)], Options("en", as_json=True)) == 2
    assert json.loads(capsys.readouterr().out)["refused"]["code"] == "file-unreadable"


@pytest.mark.parametrize(
    "manifest",
    [
        "[]",
        '{"mainLibrary": 3, "preloadedDependencies": {}}',
        '{"mainLibrary": "X", "preloadedDependencies": [1, {"machineName": [], "majorVersion": {}}]}',
        '{"title": 1, "language": [], "mainLibrary": "X", "preloadedDependencies": [{"machineName": "X"}]}',
    ],
)
def test_nonsense_in_the_manifest_is_reported_not_raised(manifest: str, tmp_path: Path) -> None:
    result = run(package(tmp_path, changes={"h5p.json": manifest}), "--json")
    assert (result.exit_code, records(result)[0]["title"]) == (1, None)


@pytest.mark.parametrize("args", [[], ["missing.h5p"], ["--language", "de"]])
def test_wrong_usage_is_status_two(args: list[str]) -> None:
    assert CliRunner().invoke(h5p, ["check", *args]).exit_code == 2
