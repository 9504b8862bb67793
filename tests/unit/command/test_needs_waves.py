"""`cercle needs analyse --weights --waves`: weights to margins, and change of the same people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from services.cli import needs
from tests.unit.command.test_needs import HEAD, answer, csv_text, refusal, run

WAVES = [*HEAD, "wave", "province"]
MARGINS = "variable,label,share\nprovince,QC,0.5\nprovince,ON,0.5\n"


def rows(waves: int = 2) -> list[list[Any]]:
    """Twelve people, nine of them in Québec; from wave to wave the first need shrinks by one point."""
    found = []
    for wave in range(waves):
        for person in range(12):
            province = "QC" if person < 9 else "ON"
            found.append([f"p{person}", "A", 5, 2 + wave + person % 2, wave, province])
            found.append([f"p{person}", "B", 4, 3 if person < 9 else 1, wave, province])
    return found


def test_waves_show_the_change_of_the_same_people() -> None:
    found = answer("analyse", csv_text(WAVES, rows()), "--seed", "1", "--waves")
    first, second = found["waves"]
    assert (first["wave"], first["changes"], second["wave"]) == (0, [], 1)
    change = {row["item"]: row for row in second["changes"]}
    assert change["A"]["gap"]["change"] == pytest.approx(-1)
    assert (change["A"]["n"], change["B"]["gap"]["change"]) == (12, 0)
    assert found["items"] == second["items"]


def test_someone_who_left_is_not_in_the_change() -> None:
    kept = [row for row in rows() if row[0] != "p0" or row[4] == 0]
    found = answer("analyse", csv_text(WAVES, kept), "--seed", "1", "--waves")
    assert {row["n"] for row in found["waves"][1]["changes"]} == {11}


def weigh(path: Path, text: str, *args: str, status: int = 0) -> dict[str, Any]:
    path.write_text(text)
    data = csv_text(WAVES, rows(1)).encode()
    command = ["analyse", "-", "--seed", "1", "--json", "--weights", str(path), *args]
    result = CliRunner().invoke(needs, command, input=data, catch_exceptions=False)
    assert result.exit_code == status
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_weights_bring_the_provinces_to_their_shares(tmp_path: Path) -> None:
    found = weigh(tmp_path / "margins.csv", MARGINS)
    item = next(item for item in found["items"] if item["item"] == "B")
    # Half of the weight now is Ontario's, where ability is 1 and not 3.
    assert item["mean_ability"] == pytest.approx(2, abs=0.01)
    assert item["n"] == 12
    assert found["weights"]["effective_n"] == pytest.approx(9, abs=0.05)
    assert found["response"]["effective_n"] == pytest.approx(found["weights"]["effective_n"])


@pytest.mark.parametrize(("text", "code", "status"), [
    ("variable,label,share\nprovince,QC,1\n", "bad-margins", 1),
    ("variable,label,share\nprovince,QC,much\n", "bad-share", 2),
    ("variable,label,share\nprovince,QC,1\nprovince,QC,2\n", "label-twice", 1),
    ("variable,label,share\nsector,QC,1\n", "column-missing", 2),
])  # fmt: skip
def test_margins_that_do_not_fit_are_refused(tmp_path: Path, text: str, code: str, status: int) -> None:
    found = weigh(tmp_path / "margins.csv", text, status=status)["refused"]
    assert found["code"] == code
    assert "%" not in found["message"]["fr"] + found["message"]["en"]


def test_a_wave_is_a_number_and_a_rating_is_given_once_in_it() -> None:
    assert refusal("analyse", csv_text(WAVES, [["p", "A", 1, 1, "before", "QC"]]), "--seed", "1", "--waves", status=2) == (
        "bad-wave", 2,
    )  # fmt: skip
    twice = [["p", "A", 1, 1, 0, "QC"]] * 2
    found = refusal("analyse", csv_text(WAVES, twice), "--seed", "1", "--waves", status=1)
    assert found == ("rating-twice-in-wave", 3)


@pytest.mark.parametrize(
    ("language", "words"), [("fr", ("Vague 1", "avant", "évolution")), ("en", ("Wave 1", "before"))]
)
def test_report_of_waves_in_both_languages(language: str, words: tuple[str, ...]) -> None:
    shown = run("analyse", csv_text(WAVES, rows()), "--seed", "1", "--waves", language=language).stdout
    assert all(word in shown for word in words)
    assert "%(" not in shown
