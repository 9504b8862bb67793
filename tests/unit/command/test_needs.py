"""`cercle needs`: figures from CSV files, small groups held back, clear refusals."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from services.cli import needs
from services.command.words import reader_language
from shared.i18n import has
from tests.unit.methods.test_oracles import ORACLES

TABLE = ORACLES["needs_table"]
ITEMS = ("C1", "C2", "C3", "C4")
NB = "\u00a0"
Rows = list[list[Any]]


def csv_text(head: Sequence[str], rows: Iterable[Sequence[Any]], delimiter: str = ",") -> str:
    return "\n".join(delimiter.join(map(str, row)) for row in [head, *rows]) + "\n"


def run(name: str, text: str | bytes, *args: str, language: str = "en") -> Result:
    data = text.encode() if isinstance(text, str) else text
    command = [name, "-", *args, "--language", language]
    return CliRunner().invoke(needs, command, input=data, catch_exceptions=False)


def answer(name: str, text: str | bytes, *args: str) -> dict[str, Any]:
    result = run(name, text, *args, "--json")
    assert result.exit_code == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def refusal(name: str, text: str | bytes, *args: str, status: int) -> tuple[str, int | None]:
    result = run(name, text, *args, "--json")
    found = json.loads(result.stdout)["refused"]
    assert result.exit_code == status
    assert result.stderr == f"{found['message']['en']} [{found['code']}]\n"
    assert "%" not in found["message"]["fr"] + found["message"]["en"]
    return found["code"], found["line"]


# ---------------------------------------------------------------- analyse
HEAD = ["respondent", "item", "importance", "ability"]


def oracle_rows() -> Rows:
    return [[f"p{r}", i, TABLE["I"][i][r], TABLE["A"][i][r]] for r in range(6) for i in ITEMS]


def analyse(rows: Rows, *args: str, head: Sequence[str] = HEAD) -> dict[str, Any]:
    return answer("analyse", csv_text(head, rows), "--seed", "11", *args)


def test_analyse_gives_the_published_figures() -> None:
    found = {item["item"]: item for item in analyse(oracle_rows())["items"]}
    for item in ITEMS:
        expected, estimates = TABLE["expected"][item], found[item]["estimates"]
        names = {"mwds": "MWDS", "rds": "RDS", "pni": "PNI", "gap": "gap"}
        assert {k: estimates[k]["value"] for k in names} == pytest.approx(
            {k: expected[v] for k, v in names.items()}, abs=1e-4
        )
        assert found[item]["n"] == 6
    first = found["C1"]["estimates"]["mwds"]
    assert [first["low"], first["high"]] == pytest.approx(TABLE["expected"]["C1"]["boot"], abs=0.1)
    assert first["p_first"] == pytest.approx(TABLE["p_top1_exact"]["C1"], abs=0.03)
    assert [found[item]["quadrant"] for item in ITEMS] == [
        "concentrate", "possible-overkill", "possible-overkill", "concentrate",
    ]  # fmt: skip
    assert found["C1"]["p_value"] == pytest.approx(2 / 2**6)
    assert found["C1"]["p_holm"] == pytest.approx(4 * 2 / 2**6)


def test_analyse_records_how_to_rebuild_it() -> None:
    found = analyse(oracle_rows(), "--resamples", "2500", "--top-k", "2", "--cut-rule", "median")
    manifest = found["manifest"]
    assert (manifest["seed"], manifest["resamples"], manifest["top_k"], manifest["cut_rule"]) == (
        11,
        2500,
        2,
        "median",
    )
    assert len(manifest["data_sha256"]) == 64
    assert (found["indicative"], found["by"]) == (True, None)


def test_order_of_rows_changes_not_one_byte() -> None:
    rows = [[*row, "QC" if row[0] < "p30" else "ON"] for row in many(40)]
    mixed = random.Random(3).sample(rows, len(rows))
    args = ("--seed", "4", "--by", "province", "--json")
    head = [*HEAD, "province"]
    first, second = (run("analyse", csv_text(head, r), *args).stdout for r in (rows, mixed))
    assert first == second
    assert len(json.loads(first)["by"]["groups"]) == 2


def test_missing_answers_in_any_spelling_are_the_same() -> None:
    rows = oracle_rows()
    outcomes = []
    for blank in ("", "NA", "n/a"):
        rows[0][2] = blank
        outcomes.append(analyse(rows))
    dropped = analyse(rows[1:])
    outcomes.append(dropped)
    assert [o["items"] for o in outcomes[1:]] == [outcomes[0]["items"]] * 3
    assert {item["item"]: item["n"] for item in dropped["items"]} == {"C1": 5, "C2": 6, "C3": 6, "C4": 6}


def test_semicolons_byte_order_mark_and_spreadsheet_remains_are_read() -> None:
    text = "\ufeff" + csv_text(HEAD, [[*row, "", ""] for row in oracle_rows()], ";") + ";;;;;\r\n\r\n"
    assert answer("analyse", text, "--seed", "11") == analyse(oracle_rows())


def test_whole_numbers_with_a_decimal_part_of_zero_are_read() -> None:
    rows = [[who, item, f"{i}.0", f"{a}.00"] for who, item, i, a in oracle_rows()]
    assert analyse(rows) == analyse(oracle_rows())


def test_ties_are_shown_as_ties() -> None:
    rows = [[f"p{r}", item, 5, 3] for r in range(6) for item in ("A", "B")]
    lines = run("analyse", csv_text(HEAD, rows), "--seed", "1").stdout.splitlines()
    places = [line.split()[:2] for line in lines if line.startswith(("A ", "B "))]
    assert places[:2] == [["A", "1="], ["B", "1="]]


def test_item_under_five_pairs_has_no_figure() -> None:
    rows = oracle_rows() + [[f"p{r}", "C5", 5, 1] for r in range(4)]
    last = analyse(rows)["items"][-1]
    assert (last["item"], last["suppressed"], last["n"], last["estimates"]) == ("C5", True, None, {})
    text = run("analyse", csv_text(HEAD, rows), "--seed", "1").stdout
    assert "Without figures, since fewer than 5 people answered: C5" in text


def test_counts_of_people_are_masked_below_five() -> None:
    items = {item["item"]: item for item in analyse(many(40))["items"]}
    for item in items.values():
        assert item["counts"] is None or min(item["counts"].values()) >= 5
    assert any(item["counts"] for item in items.values())


def test_report_speaks_the_readers_language() -> None:
    text = csv_text(HEAD, oracle_rows())
    french = run("analyse", text, "--seed", "11", language="fr").stdout
    english = run("analyse", text, "--seed", "11").stdout
    assert f"Résultat indicatif seulement{NB}: 6 personnes, moins de 10." in french
    assert "Indicative only: 6 people, fewer than 10." in english
    assert "10,11" in french
    assert "10.11" in english
    assert "command." not in french + english


def test_terminal_without_a_minus_sign_gets_a_hyphen() -> None:
    runner, args = CliRunner(charset="latin-1"), ["analyse", "-", "--seed", "11", "--language", "fr"]
    result = runner.invoke(needs, args, input=csv_text(HEAD, oracle_rows()), catch_exceptions=False)
    assert "-83,33" in result.stdout
    assert "?" not in result.stdout.split("Pour refaire")[0].replace("÷", "")


# ---------------------------------------------------------------- groups
def many(n: int, items: Sequence[str] = ("A", "B", "C")) -> Rows:
    draw = random.Random(5)
    return [
        [f"p{r:02}", item, draw.choice([3, 4, 5]), draw.choice([1, 2, 3, 4, 5])]
        for r in range(n)
        for item in items
    ]


def grouped(sizes: dict[str, int]) -> Rows:
    labels = [label for label, size in sizes.items() for _ in range(size)]
    return [[*row, labels[int(row[0][1:])]] for row in many(len(labels))]


def by_group(rows: Rows) -> dict[str, Any]:
    by = analyse(rows, "--by", "province", head=[*HEAD, "province"])["by"]
    assert (by["column"], by["threshold"]) == ("province", 5)
    return {"shown": [g["group"] for g in by["groups"]], "hidden": by["hidden"], "groups": by["groups"]}


def test_groups_of_enough_people_are_each_analysed() -> None:
    found = by_group(grouped({"ON": 12, "QC": 14}))
    assert (found["shown"], found["hidden"]) == (["ON", "QC"], [])
    assert [g["response"]["answered"] for g in found["groups"]] == [12, 14]
    assert len({g["manifest"]["data_sha256"] for g in found["groups"]}) == 2


def test_small_group_takes_the_next_smallest_with_it() -> None:
    found = by_group(grouped({"BC": 3, "ON": 12, "QC": 14}))
    assert (found["shown"], found["hidden"]) == (["QC"], ["BC", "ON"])


def test_one_small_cell_hides_the_group_with_all_its_items() -> None:
    rows = grouped({"MB": 9, "ON": 12, "QC": 14})
    for row in rows:
        if row[4] == "MB" and row[1] == "B" and row[0] >= "p04":
            row[3] = "NA"
    found = by_group(rows)
    assert (found["shown"], found["hidden"]) == (["QC"], ["MB", "ON"])


def test_hidden_groups_are_named_and_explained() -> None:
    text = csv_text([*HEAD, "province"], grouped({"BC": 3, "": 12, "QC": 14}))
    french = run("analyse", text, "--seed", "1", "--by", "province", language="fr").stdout
    assert f"Groupes de «{NB}province{NB}» sans chiffres{NB}: non précisé, BC." in french
    assert f"=== province{NB}: QC ===" in french
    assert f"=== province{NB}: BC ===" not in french


def test_breakdown_that_cannot_be_protected_is_refused() -> None:
    text = csv_text([*HEAD, "province"], grouped({"BC": 4, "ON": 4}))
    args = ("--seed", "1", "--by", "province")
    assert refusal("analyse", text, *args, status=1) == ("groups-too-small", None)


def test_person_in_two_groups_is_refused_with_both_lines() -> None:
    rows = grouped({"ON": 6, "QC": 6})
    rows[2][4] = "QC"
    text, args = csv_text([*HEAD, "province"], rows), ("--seed", "1", "--by", "province")
    assert refusal("analyse", text, *args, status=1) == ("two-groups", 4)
    assert "the first is on line 2" in run("analyse", text, *args).stderr


# ---------------------------------------------------------------- refusals
@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("", "no-header", 1),
        (csv_text(HEAD, []), "no-rows", None),
        (csv_text(HEAD[:3], [["p", "A", 3]]), "column-missing", 1),
        (csv_text([*HEAD, "item"], [["p", "A", 3, 2, "A"]]), "column-twice", 1),
        (csv_text(HEAD, [["p", "A", 3, 2], ["q", "A", 3]]), "row-width", 3),
        (csv_text(HEAD, [["p", "A", 3, 2, "x"]]), "row-width", 2),
        (csv_text(HEAD, [["p", "A", 3, 2], ["", "A", 3, 2]]), "cell-empty", 3),
        (csv_text(HEAD, [["p", "A", 3, 6]]), "bad-rating", 2),
        (csv_text(HEAD, [["p", "A", 0, 2]]), "bad-rating", 2),
        (csv_text(HEAD, [["p", "A", "4.5", 2]]), "bad-rating", 2),
        (csv_text(HEAD, [["p", "A", "haut", 2]]), "bad-rating", 2),
        (csv_text(HEAD, [["p", '"A', 3, 2]]), "csv-broken", 2),
        (csv_text(HEAD, [["p", "é", 3, 2]]).encode("latin-1"), "not-utf8", 2),
    ],
)
def test_file_that_cannot_be_read_is_status_two_with_its_line(
    text: str | bytes, code: str, line: int | None
) -> None:
    assert refusal("analyse", text, "--seed", "1", status=2) == (code, line)


def test_fault_is_told_in_the_readers_language_without_the_answer() -> None:
    text = csv_text(HEAD, [["marie", "A", 3, "secret"]])
    result = run("analyse", text, "--seed", "1", language="fr")
    assert result.stderr == (
        f"Ligne 2{NB}: «{NB}ability{NB}» doit être un nombre entier de 1 à 5, ou rester vide (NA). [bad-rating]\n"
    )
    assert result.stdout == ""


def test_same_person_and_item_twice_is_refused_with_both_lines() -> None:
    text = csv_text(HEAD, [*oracle_rows(), ["p0", "C2", 3, 3]])
    assert refusal("analyse", text, "--seed", "1", status=1) == ("rating-twice", 26)
    assert "on line 3" in run("analyse", text, "--seed", "1").stderr


def test_four_people_are_too_few() -> None:
    text = csv_text(HEAD, oracle_rows()[:16])
    assert refusal("analyse", text, "--seed", "1", status=1) == ("too-few-responses", None)


def test_items_of_four_pairs_only_are_too_few() -> None:
    rows = [[f"p{r}", "A" if r < 4 else "B", 5, 2] for r in range(8)]
    assert refusal("analyse", csv_text(HEAD, rows), "--seed", "1", status=1) == (
        "too-few-item-responses",
        None,
    )


def test_respondents_cannot_be_the_groups() -> None:
    args = ("--seed", "1", "--by", "respondent")
    assert refusal("analyse", csv_text(HEAD, oracle_rows()), *args, status=2) == ("by-not-a-group", None)


@pytest.mark.parametrize(
    "args", [(), ("--seed", "-1"), ("--seed", "1", "--resamples", "10"), ("--seed", "1", "--top-k", "0")]
)
def test_wrong_usage_is_status_two(args: tuple[str, ...]) -> None:
    assert run("analyse", csv_text(HEAD, oracle_rows()), *args).exit_code == 2


def test_file_that_is_not_there_is_status_two(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing.csv")
    assert CliRunner().invoke(needs, ["analyse", missing, "--seed", "1"]).exit_code == 2


@pytest.mark.parametrize(
    ("asked", "environ", "language"),
    [
        ("en", {"LANG": "fr_CA.UTF-8"}, "en"),
        (None, {"LANG": "en_CA.UTF-8"}, "en"),
        (None, {"LANG": "en_CA.UTF-8", "LC_ALL": "fr_CA.UTF-8"}, "fr"),
        (None, {"LANG": "", "LC_MESSAGES": "en"}, "en"),
        (None, {"LANG": "C"}, "fr"),
        (None, {}, "fr"),
    ],
)
def test_language_is_asked_for_or_that_of_the_terminal(
    asked: str | None, environ: dict[str, str], language: str
) -> None:
    assert reader_language(asked, environ) == language


# ---------------------------------------------------------------- delphi
DELPHI = ["respondent", "item", "round", "rating"]


def delphi_rows() -> Rows:
    x = ORACLES["iqr_convention"]["x"]
    return [
        [f"p{r}", item, n, x[r] - shift]
        for n in (1, 2)
        for r in range(10)
        for item, shift in (("A", 0), ("B", 4))
    ]


def test_delphi_figures_and_rule() -> None:
    found = answer("delphi", csv_text(DELPHI, delphi_rows()))
    first, second = found["rounds"]
    assert [item["iqr"] for item in first["items"]] == [1.75, 1.75]
    assert [(i["item"], i["median"], i["agreement"], i["state"]) for i in second["items"]] == [
        ("A", 8.0, 0.8, "consensus"), ("B", 4.0, 0.0, "stable-dissensus"),
    ]  # fmt: skip
    assert (first["concordance"]["w"], first["stop"], second["w_change"], second["stayed"]) == (
        1.0,
        "concordance",
        0.0,
        10,
    )
    assert found["rule"]["band"] == [7, 9]
    assert (found["rule"]["iqr"], found["rule"]["agreement"], found["rule"]["moved"]) == (2.0, 0.75, 0.15)


def test_delphi_convention_is_stored_and_changes_the_verdict() -> None:
    found = answer("delphi", csv_text(DELPHI, delphi_rows()), "--convention", "type6")
    item = found["rounds"][1]["items"][0]
    assert (found["rule"]["convention"], item["iqr"], item["state"]) == ("type6", 2.25, "stable-dissensus")


def test_delphi_options_are_the_rule() -> None:
    rows = [[who, item, n, min(5, max(1, x - 4))] for who, item, n, x in delphi_rows()]
    found = answer(
        "delphi",
        csv_text(["respondent", "item", "tour", "rating"], rows),
        "--round-column",
        "tour",
        "--scale",
        "5",
        "--iqr",
        "1.5",
        "--rounds",
        "2",
    )
    assert found["rule"] == {
        "band": [4, 5], "agreement": 0.75, "iqr": 1.5, "moved": 0.15, "concordance": 0.7, "gain": 0.05, "rounds": 2,
        "convention": "type7",
    }  # fmt: skip


def test_delphi_order_of_rows_changes_not_one_byte() -> None:
    rows = delphi_rows()
    mixed = random.Random(8).sample(rows, len(rows))
    assert run("delphi", csv_text(DELPHI, mixed)).stdout == run("delphi", csv_text(DELPHI, rows)).stdout


def test_delphi_report_in_both_languages() -> None:
    text = csv_text(DELPHI, delphi_rows())
    french, english = run("delphi", text, language="fr").stdout, run("delphi", text).stdout
    assert f"=== Tour 2{NB}: 10 personnes ===" in french
    assert "=== Round 2: 10 people ===" in english
    assert "stable dissensus" in english
    assert "command." not in french + english


@pytest.mark.parametrize(
    ("rows", "args", "code", "line", "status"),
    [
        ([["p", "A", "x", 5]], (), "bad-round", 2, 2),
        ([["p", "A", 0, 5]], (), "bad-round", 2, 2),
        ([["p", "A", 1, 10]], (), "bad-rating", 2, 2),
        ([["p", "A", 1, 5], ["p", "A", 2, 5], ["p", "A", 1, 6]], (), "rating-twice-in-round", 4, 1),
        ([["p", "A", 1, 5]], (), "too-few-responses", None, 1),
        ([["p", "A", 1, 5]], ("--band", "7", "10"), "band-outside-scale", None, 2),
        ([["p", "A", 1, 5]], ("--round-column", "item"), "by-not-a-group", None, 2),
    ],
)
def test_delphi_refusals(rows: Rows, args: tuple[str, ...], code: str, line: int | None, status: int) -> None:
    assert refusal("delphi", csv_text(DELPHI, rows), *args, status=status) == (code, line)


# ---------------------------------------------------------------- maxdiff
MAXDIFF = ["respondent", "set", "item", "best", "worst"]
FRUIT = [[0, 1, 2, 6], [0, 1, 4, 5], [0, 2, 3, 4], [0, 3, 5, 6], [1, 2, 3, 5], [1, 3, 4, 6], [2, 4, 5, 6]]


def ballots(choices: Iterable[tuple[str, int, int, int]]) -> Rows:
    """Rows of (respondent, set, best, worst)."""
    return [
        [who, name, f"i{item}", int(item == best), int(item == worst)]
        for who, name, best, worst in choices
        for item in FRUIT[name]
    ]


def fruit() -> Rows:
    """Choices of 100 people that give the published counts: a search by exchange within sets, seeded."""
    oracle = ORACLES["maxdiff_fruit_counts"]
    left_best, left_worst = list(oracle["B"]), list(oracle["W"])
    picks = [[fruit_pair(FRUIT[s], left_best, left_worst) for s in range(7)] for _ in range(100)]
    while any(left_best) or any(left_worst):
        repair(picks, left_best, left_worst)
    return ballots((f"p{r}", s, *picks[r][s]) for r in range(100) for s in range(7))


def fruit_pair(members: list[int], best: list[int], worst: list[int]) -> tuple[int, int]:
    """The two members with most choices left to give; takes them off the lists (which may go below 0)."""
    first = max(members, key=lambda i: best[i])
    last = max((i for i in members if i != first), key=lambda i: worst[i])
    best[first] -= 1
    worst[last] -= 1
    return first, last


def repair(picks: list[list[tuple[int, int]]], best: list[int], worst: list[int]) -> None:
    """Take one pick back at random and give it again by what is left."""
    row, name = REPAIR.randrange(len(picks)), REPAIR.randrange(7)
    first, last = picks[row][name]
    best[first] += 1
    worst[last] += 1
    picks[row][name] = fruit_pair(FRUIT[name], best, worst)


REPAIR = random.Random(1)


def test_maxdiff_gives_the_published_figures() -> None:
    oracle = ORACLES["maxdiff_fruit_counts"]
    found = answer("maxdiff", csv_text(MAXDIFF, fruit()))
    items = sorted(found["items"], key=lambda item: item["item"])
    assert [i["best"] for i in items] == oracle["B"]
    assert [i["worst"] for i in items] == oracle["W"]
    assert [i["standard"] for i in items] == pytest.approx(oracle["stdBW"], abs=1e-4)
    assert [i["root"] for i in items] == pytest.approx(oracle["sqrtBW"], abs=1e-4)
    assert [i["logit"] for i in items] == pytest.approx(oracle["maxdiff_logit"], abs=1e-4)
    assert (found["respondents"], found["sets_answered"], found["balanced"], found["logit_reference"]) == (
        100,
        700,
        True,
        "i6",
    )
    assert all(i["low"] <= i["standard"] <= i["high"] and i["n"] == 100 for i in items)


def some(people: int = 8) -> Rows:
    draw = random.Random(2)
    choices = [(f"p{r}", s, draw.sample(FRUIT[s], 2)) for r in range(people) for s in range(7)]
    return ballots((who, s, best, worst) for who, s, (best, worst) in choices)


def test_maxdiff_order_of_rows_changes_not_one_byte() -> None:
    rows = some()
    mixed = random.Random(9).sample(rows, len(rows))
    first, second = (run("maxdiff", csv_text(MAXDIFF, r), "--seed", "3").stdout for r in (rows, mixed))
    assert first == second


def test_maxdiff_set_without_both_choices_is_left_out_and_counted() -> None:
    rows = some()
    for row in rows[:4]:
        row[4] = ""
    found = answer("maxdiff", csv_text(MAXDIFF, rows))
    assert (found["sets_unanswered"], found["sets_answered"], found["balanced"]) == (1, 55, False)
    assert sum(item["appearances"] for item in found["items"]) == 4 * 55
    assert found["logit_refused"] is None


def test_maxdiff_says_where_one_half_was_added() -> None:
    rows = [
        [f"p{r}", 0, item, int(item == "a"), int(item == ("b" if r else "c"))]
        for r in range(6)
        for item in "abc"
    ]
    found = answer("maxdiff", csv_text(MAXDIFF, rows))
    first = found["items"][0]
    assert (first["item"], first["smoothed"], first["logit"], found["logit_refused"]) == (
        "a",
        True,
        None,
        "no-variation",
    )
    assert first["root"] == pytest.approx((6.5 / 0.5) ** 0.5)
    french = run("maxdiff", csv_text(MAXDIFF, rows), language="fr").stdout
    assert "√((M + 0,5) ÷ (P + 0,5))" in french
    assert "3,61*" in french


@pytest.mark.parametrize(
    ("rows", "code", "line", "status"),
    [
        ([["p", 1, "a", "oui", 0]], "bad-flag", 2, 2),
        ([["p", 1, "a", 1, 0]], "set-too-small", 2, 1),
        ([["p", 1, "a", 1, 0], ["p", 1, "b", 1, 0]], "two-choices", 2, 1),
        ([["p", 1, "a", 1, 1], ["p", 1, "b", 0, 0]], "best-is-worst", 2, 1),
        ([["p", 1, "a", 1, 0], ["p", 1, "b", 0, 1], ["p", 1, "a", 0, 0]], "item-twice-in-set", 4, 1),
        ([["p", 1, "a", 1, 0], ["p", 1, "b", 0, 1]], "too-few-responses", None, 1),
    ],
)
def test_maxdiff_refusals(rows: Rows, code: str, line: int | None, status: int) -> None:
    assert refusal("maxdiff", csv_text(MAXDIFF, rows), status=status) == (code, line)


def test_maxdiff_item_seen_by_four_is_refused() -> None:
    rows = some() + [
        [f"p{r}", 9, item, int(item == "x"), int(item == "y")] for r in range(4) for item in "xy"
    ]
    assert refusal("maxdiff", csv_text(MAXDIFF, rows), status=1) == ("too-few-item-responses", None)


def test_every_refusal_of_the_methods_has_its_sentence() -> None:
    """What the methods can refuse once the options and cells were checked."""
    codes = ("too-few-responses", "too-few-item-responses")
    assert [code for code in codes if not has("fr", f"command.refusal.{code}")] == []
