"""The tutorial's changes fit the repository as it is, and do what the tutorial says."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "tutorial-new-feature.md"
BLOCK = re.compile(
    r"^\*\*`(?P<path>[^`]+)`\*\*(?P<note>[^\n]*)\n\n```diff\n(?P<body>.*?)\n```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Change:
    """Lines to find (none: at the end, or a new file) and what stands there afterwards."""

    path: str
    old: str
    new: str
    note: str = ""


def changes() -> Iterator[Change]:
    for found in BLOCK.finditer(PAGE.read_text()):
        for hunk in re.split(r"^@@\n", found["body"], flags=re.MULTILINE):
            lines = hunk.splitlines()
            if lines:
                old = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "+")
                new = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "-")
                yield Change(found["path"], old, new, found["note"].strip())


def apply(change: Change, root: Path) -> None:
    path = root / change.path
    if not change.old:
        with path.open("a") as file:
            file.write(change.new)
        return
    before = path.read_text()
    path.write_text(before.replace(change.old, change.new))


def test_every_diff_of_the_page_was_read() -> None:
    found = list(changes())
    assert len({change.path for change in found}) == PAGE.read_text().count("```diff")
    assert len(found) >= 18


@pytest.mark.parametrize("change", list(changes()), ids=lambda change: change.path)
def test_change_finds_its_place_once(change: Change) -> None:
    path = ROOT / change.path
    if change.old:
        assert path.read_text().count(change.old) == 1, (
            f"write {PAGE.name} anew where it changes {change.path}"
        )
    else:
        assert (path.exists(), change.note) in {(True, "(at the end)"), (False, "(new)")}


@pytest.mark.timeout(300)  # a pytest of its own, on a machine that may be busy
def test_changes_do_what_the_page_says(tmp_path: Path) -> None:
    copy = tmp_path / "main"
    for name in ("shared", "services", "gateway", "demo", "tests"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("vendor"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    (tmp_path / "shared").symlink_to(ROOT.parent / "shared")  # the sample packages beside the checkout
    for change in changes():
        apply(change, copy)
    told = [
        "tests/unit/surveys/test_proposals.py::test_place_is_kept_changed_and_may_be_left_out",
        "tests/unit/courses/test_reactions.py", "tests/unit/courses/test_openapi.py",
        "tests/unit/shared/test_catalogues.py",
        "tests/unit/web/test_survey_pages.py::test_a_proposal_is_opened_endorsed_edited_and_decided",
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *told]
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    assert "passed" in done.stdout
