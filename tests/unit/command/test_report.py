"""`cercle report verify` on files: the same data give the same figures, anything else is refused by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from services.cli import needs, reports
from services.surveys.methods import METHODS_VERSION
from tests.unit.command.test_needs import HEAD, csv_text, oracle_rows

Change = Callable[[dict[str, Any]], None]
MARGINS = "variable,label,share\nprovince,QC,2\nprovince,ON,1\n"


def ratings(number: int = 12) -> str:
    """Twelve people in two provinces and two waves, four items."""
    rows = [
        [f"p{person}", wave, "QC" if person % 2 else "ON", item, 1 + (person + place) % 5, 1 + (person * place + wave) % 5]
        for wave in (0, 1)
        for person in range(number)
        for place, item in enumerate(("C1", "C2", "C3", "C4"))
    ]  # fmt: skip
    return csv_text(["respondent", "wave", "province", "item", "importance", "ability"], rows)


def panel() -> str:
    rows = [
        [f"p{p}", r, i, 1 + (p * r + len(i)) % 9]
        for p in range(8)
        for r in (1, 2)
        for i in ("A", "BB", "CCC")
    ]
    return csv_text(["respondent", "tour", "item", "rating"], rows)


def choices() -> str:
    rows = [
        [f"p{p}", s, item, int(item == members[p % 3]), int(item == members[(p + 1) % 3])]
        for p in range(9)
        for s, members in enumerate(("abc", "bcd", "cda", "dab"))
        for item in members
    ]
    return csv_text(["respondent", "set", "item", "best", "worst"], rows)


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    for name, text in (
        ("ratings", ratings()),
        ("panel", panel()),
        ("choices", choices()),
        ("margins", MARGINS),
    ):
        (tmp_path / f"{name}.csv").write_text(text)
    return tmp_path


def made(shelf: Path, *command: str) -> dict[str, Any]:
    result = CliRunner().invoke(needs, [*command, "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.stderr
    (shelf / "report.json").write_text(result.stdout)
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def verified(shelf: Path, data: str, *more: str, language: str = "en") -> Result:
    wanted = [
        "verify",
        str(shelf / "report.json"),
        "--data",
        str(shelf / data),
        "--language",
        language,
        *more,
    ]
    return CliRunner().invoke(reports, wanted, catch_exceptions=False)


def refused(shelf: Path, data: str, status: int = 1) -> dict[str, Any]:
    result = verified(shelf, data, "--json")
    assert result.exit_code == status, result.stdout
    found: dict[str, Any] = json.loads(result.stdout)["refused"]
    return found


@pytest.mark.parametrize(("command", "data"), [
    (("analyse", "ratings.csv", "--seed", "7", "--by", "province", "--weights", "margins.csv", "--waves"), "ratings.csv"),
    (("delphi", "panel.csv", "--round-column", "tour", "--iqr", "1.5"), "panel.csv"),
    (("maxdiff", "choices.csv", "--seed", "3", "--top-k", "2"), "choices.csv"),
])  # fmt: skip
def test_every_report_is_rebuilt_and_one_changed_answer_is_seen(
    command: tuple[str, ...], data: str, shelf: Path
) -> None:
    made(shelf, *(str(shelf / part) if part.endswith(".csv") else part for part in command))
    assert verified(shelf, data).stdout == "Figures verified, the same bit for bit: report.json\n"
    assert json.loads(verified(shelf, data, "--json").stdout) == {"report": command[0], "outcome": "ok"}
    lines = (shelf / data).read_text().splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("p3"))
    cells = lines[at].split(",")
    cells[-1] = {"0": "1", "1": "0"}[cells[-1]] if command[0] == "maxdiff" else str(1 + int(cells[-1]) % 5)
    if command[0] == "maxdiff":
        own = [n for n, line in enumerate(lines) if line.startswith("p3,0,")]
        for n in own:
            parts = lines[n].split(",")
            lines[n] = ",".join([*parts[:3], parts[4], parts[3]])
    else:
        lines[at] = ",".join(cells)
    (shelf / data).write_text("\n".join(lines))
    assert refused(shelf, data)["code"] == "data-changed"


def _figure(report: dict[str, Any]) -> None:
    report["items"][1]["estimates"]["mwds"]["high"] += 1e-9


def _seed(report: dict[str, Any]) -> None:
    report["manifest"]["seed"] = 8


def _settings(report: dict[str, Any]) -> None:
    report["report"]["seed"] = 8


def _count(report: dict[str, Any]) -> None:
    report["response"]["answered"] = True


@pytest.mark.parametrize(("change", "figure"), [
    (_figure, "items[C4].estimates.mwds.high"), (_seed, "manifest.seed"), (_settings, "items[C1].estimates.mwds.high"),
    (_count, "response.answered"),
])  # fmt: skip
def test_a_changed_figure_or_seed_is_named(change: Change, figure: str, shelf: Path) -> None:
    (shelf / "oracle.csv").write_text(csv_text(HEAD, oracle_rows()))
    report = made(shelf, "analyse", str(shelf / "oracle.csv"), "--seed", "7")
    change(report)
    (shelf / "report.json").write_text(json.dumps(report))
    found = refused(shelf, "oracle.csv")
    assert (found["code"], found["params"]["figure"]) == ("figure-differs", figure)
    assert figure in verified(shelf, "oracle.csv", language="fr").stderr


def test_figures_of_another_version_say_so(shelf: Path) -> None:
    (shelf / "oracle.csv").write_text(csv_text(HEAD, oracle_rows()))
    report = made(shelf, "analyse", str(shelf / "oracle.csv"), "--seed", "7")
    report["manifest"]["methods_version"] = "0.9"
    (shelf / "report.json").write_text(json.dumps(report))
    assert refused(shelf, "oracle.csv")["params"] == {"version": "0.9"}
    report["manifest"] |= {
        "methods_version": METHODS_VERSION,
        "numpy": "0.1",
    }  # figures decide, not libraries
    (shelf / "report.json").write_text(json.dumps(report))
    assert verified(shelf, "oracle.csv").exit_code == 0


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"report": {"command": "analyse"}}', '{"report": {"command": "x"}}']
)
def test_what_is_no_report_is_status_two(text: str, shelf: Path) -> None:
    (shelf / "report.json").write_text(text)
    assert refused(shelf, "ratings.csv", 2)["code"] == "not-a-report"


def test_data_must_be_given_and_the_file_be_there(shelf: Path) -> None:
    (shelf / "report.json").write_text("{}")
    for wanted, code in (
        (str(shelf / "report.json"), "data-missing"),
        (str(shelf / "none.json"), "report-unknown"),
    ):
        result = CliRunner().invoke(reports, ["verify", wanted, "--json"], catch_exceptions=False)
        assert (result.exit_code, json.loads(result.stdout)["refused"]["code"]) == (2, code)
