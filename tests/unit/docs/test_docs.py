"""What the documentation names is there: commands, settings, links; and no file speaks of the machine it was written on."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from gateway.cli import main
from services.identity.settings import IdentitySettings
from shared.config import SERVICES, Settings

ROOT = Path(__file__).parents[3]
README = ROOT / "README.md"
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
SETTING = re.compile(r"\bCERCLE_[A-Z0-9_]+\b")
# Written in two parts, so that this file does not hold what it looks for.
MACHINE = re.compile(
    "|".join(("/wor" + "k/", "/ro" + "ot/", "/hom" + r"e/\w", r"pypi\." + "org", r"registry\." + "npmjs"))
)
HOSTILE = {ROOT / "tests" / "unit" / "h5p" / "test_paths.py"}
"""Holds names that an attacker would put into an archive."""


def tracked() -> list[Path]:
    """Every file of the repository, new ones included, ignored ones not."""
    command = [
        "git",
        "-c",
        f"safe.directory={ROOT}",
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return [path for name in sorted(set(listed.split("\0"))) if name and (path := ROOT / name).is_file()]


PAGES = [path for path in tracked() if path.suffix == ".md"]
OURS = [README, *sorted((ROOT / "docs").glob("*.md"))]


def code_of(page: Path) -> list[str]:
    """Inline code and the lines of code blocks (indented or fenced)."""
    text = page.read_text()
    fenced = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    indented = re.findall(r"^ {4}(.+)$", text, re.MULTILINE)
    return [*SPAN.findall(text), *indented, *(line for block in fenced for line in block.splitlines())]


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


def commands_of(page: Path, word: str) -> Iterator[list[str]]:
    """The words after `word`, of every line of code that begins with it."""
    for line in code_of(page):
        words = line.split("#")[0].replace(".venv/bin/", "").split()
        if words[:1] == [word] and words[1:]:
            yield words[1:]


def test_documentation_is_where_readers_look() -> None:
    names = {named(page) for page in OURS}
    wanted = ("tutorial-new-feature", "operations", "security", "events", "glossary", "design-system")
    assert {"README.md", *(f"docs/{name}.md" for name in wanted)} <= names


# --- commands


@pytest.mark.parametrize("page", OURS, ids=named)
def test_make_targets_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {words[0] for words in commands_of(page, "make") if words[0].islower()} - targets == set()


def test_readme_names_the_commands_one_needs() -> None:
    named_there = {words[0] for words in commands_of(README, "make")}
    assert {"run", "test", "up", "down", "lint", "bench", "shots", "help"} <= named_there
    assert ["demo", "answers"] in list(commands_of(README, "cercle"))


def unknown(words: list[str]) -> list[str]:
    """Words of a `cercle …` line that click does not know; what stands in capitals is a reader's own value."""
    group: click.Command = main
    wrong, options = [], set()
    for word in words:
        if word.startswith("--"):
            options.add(word)
        elif isinstance(group, click.Group):
            found = group.commands.get(word)
            wrong += [] if found else [word]
            group = found or group
    known = {option for param in group.params for option in (*param.opts, *param.secondary_opts)}
    return wrong + sorted(options - known)


@pytest.mark.parametrize("page", OURS, ids=named)
def test_cercle_commands_exist(page: Path) -> None:
    assert [words for words in commands_of(page, "cercle") if unknown(words)] == []


@pytest.mark.parametrize(
    ("line", "wrong"),
    [("demo answers --url http://x", []), ("demo answer", ["answer"]), ("dead list --all", ["--all"])],
)
def test_unknown_commands_and_options_are_seen(line: str, wrong: list[str]) -> None:
    assert unknown(line.split()) == wrong


# --- settings


def settings() -> set[str]:
    fields = {f"CERCLE_{name.upper()}" for name in Settings.model_fields}
    return fields | {f"CERCLE_IDENTITY_{name.upper()}" for name in IdentitySettings.model_fields}


def test_readme_settings_exist() -> None:
    found = set(SETTING.findall(README.read_text()))
    assert len(found) > 12
    assert found - settings() == set()


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_settings_exist_everywhere(page: Path) -> None:
    read_directly = {"CERCLE_METRICS_PORT", "CERCLE_FAULT"}
    families = {"CERCLE_IDENTITY_ARGON2_"}
    assert set(SETTING.findall(page.read_text())) - settings() - read_directly - families == set()


def test_what_is_read_directly_is_read_somewhere() -> None:
    code = (ROOT / "services" / "worker.py").read_text() + (
        ROOT / "shared" / "messaging" / "faults.py"
    ).read_text()
    assert [name for name in ("CERCLE_METRICS_PORT", "CERCLE_FAULT") if f'"{name}"' not in code] == []


# --- links, pictures, words


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_relative_links_lead_somewhere(page: Path) -> None:
    links = [link.partition("#")[0] for link in LINK.findall(page.read_text()) if "://" not in link]
    assert [link for link in links if link and not (page.parent / link).exists()] == []


def test_pictures_of_the_documentation_are_small() -> None:
    pictures = sorted((ROOT / "docs" / "img").iterdir())
    assert len(pictures) >= 1
    assert [picture.name for picture in pictures if picture.stat().st_size > 300_000] == []


def test_files_named_in_the_security_page_exist() -> None:
    names = {
        name
        for name in SPAN.findall((ROOT / "docs" / "security.md").read_text())
        if "/" in name and name[0] != "/"
    }
    assert len(names) > 10
    assert [name for name in sorted(names) if not (ROOT / name).exists()] == []


def test_every_periodic_job_and_metric_is_in_the_operations_page() -> None:
    page = (ROOT / "docs" / "operations.md").read_text()
    services = [path for name in SERVICES for path in (ROOT / "services" / name).glob("service.py")]
    jobs = [job for path in services for job in re.findall(r"@every\(.*\)\s+def (\w+)", path.read_text())]
    metrics = re.findall(r'"(cercle_\w+)"', (ROOT / "shared" / "observability.py").read_text())
    assert (len(jobs) >= 7, len(metrics) >= 5) == (True, True)
    assert [word for word in (*jobs, *metrics) if f"`{word}`" not in page] == []


def test_french_section_has_its_no_break_spaces() -> None:
    french = README.read_text().partition("## En bref")[2]
    prose = re.sub(r"`[^`]*`|^ {4}.*$", "x", french, flags=re.MULTILINE)
    assert len(prose) > 500
    assert re.findall(r"\S :|«(?!\u00a0)|(?<!\u00a0)»|\s[;!?]|\w'\w", prose) == []


# --- nothing of the machine


def test_no_file_names_a_machine_path_or_a_registry_host() -> None:
    found = []
    for path in set(tracked()) - HOSTILE:
        data = path.read_bytes()
        if b"\0" not in data[:8000]:
            found += [
                f"{named(path)}: {hit}" for hit in set(MACHINE.findall(data.decode("utf-8", "replace")))
            ]
    assert found == []
