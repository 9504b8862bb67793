"""The stored figures of a closed survey as tables of words: what pages show, and what CSV files hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.context import call, current
from gateway.web.charts.model import to_csv
from gateway.web.survey_audience import values_in_words
from gateway.web.survey_words import View, chosen, say
from shared import i18n
from shared.errors import CercleError

METHODS = ("mwds", "rds", "gap", "pni")
KNOWN = ("yes", "no", "below", "level", "above", "other")
PARTS = ("discrepancy", "first")
CHANGE = ("before", "after", "change", "low", "high")
Cell = str | float


@dataclass(frozen=True)
class Sheet:
    """A table in words: `head`, and rows whose numbers are numbers; "" is hidden."""

    head: tuple[str, ...]
    rows: list[tuple[Cell, ...]]

    @property
    def csv(self) -> str:
        """The file."""
        return to_csv(self.head, self.rows)


def attribute_name(name: str) -> str:
    """Province, Sector…"""
    return say(f"analysis.attribute.{name}")


def group_names(attribute: str, groups: Sequence[Mapping[str, Any]]) -> list[str]:
    """The groups of an attribute as people read them; one without labels is the small ones together."""
    return [_group(attribute, group["labels"]) for group in groups]


def _group(attribute: str, labels: Sequence[str]) -> str:
    if not labels:
        return say("analysis.group.rest")
    if labels == [""]:
        return say("analysis.group.unstated")
    try:
        return ", ".join(values_in_words(attribute, list(labels))) or say("analysis.group.unnamed")
    except CercleError:  # a visitor may not read the names of agencies or cohorts
        return say("analysis.group.unnamed")


class Questions:
    """The words of a survey's elements."""

    def __init__(self, elements: Sequence[Mapping[str, Any]]) -> None:
        self._by_code = {element["code"]: element for element in elements}

    def text(self, code: str) -> str:
        """The question."""
        return chosen(self._by_code[code]["text"]) if code in self._by_code else code

    def kind(self, code: str) -> str:
        """The kind of element; "" for one that is not asked any more."""
        return str(self._by_code.get(code, {}).get("kind", ""))

    def part(self, code: str, part: str | None) -> str:
        """The row, the option, or what of the question is counted; "" for the question itself."""
        if part is None:
            return ""
        if part in PARTS:
            return say(f"analysis.part.{part}")
        return self._entry(code, ("rows", "options"), part)

    def category(self, code: str, labels: Sequence[str]) -> str:
        """An answer in words; several that are shown together are joined, neighbouring ranges into one."""
        in_words = _RANGES.get(self.kind(code))
        if in_words and all(".." in label for label in labels):
            return in_words(f"{labels[0].partition('..')[0]}..{labels[-1].partition('..')[2]}")
        return say("analysis.category.or").join(self._label(code, label) for label in labels)

    def _label(self, code: str, label: str) -> str:
        found = self._entry(code, ("options", "points"), label)
        return say(f"analysis.answer.{label}") if found == label and label in KNOWN else found

    def _entry(self, code: str, fields: Sequence[str], wanted: str) -> str:
        element = self._by_code.get(code, {})
        entries = (entry for field in fields for entry in element.get(field) or ())
        return next((chosen(entry["text"]) for entry in entries if entry["code"] == wanted), _known(wanted))


def _known(label: str) -> str:
    return say(f"analysis.answer.{label}") if label in KNOWN else label


def _range(label: str) -> str:
    low, _, high = label.partition("..")
    if not low:
        return say("analysis.range.under", high=_figure(high))
    return (
        say("analysis.range.from", low=_figure(low))
        if not high
        else say("analysis.range.between", low=_figure(low), high=_figure(high))
    )


def _period(label: str) -> str:
    """Months or years, "from..before"."""
    first, _, before = label.partition("..")
    if not first:
        return say("analysis.period.before", date=before)
    if not before:
        return say("analysis.period.from", date=first)
    last = _just_before(before)
    return first if first == last else say("analysis.period.between", first=first, last=last)


def _just_before(period: str) -> str:
    year, _, month = period.partition("-")
    if not month:
        return f"{int(year) - 1:04d}"
    return f"{int(year) - 1:04d}-12" if month == "01" else f"{year}-{int(month) - 1:02d}"


_RANGES = {"number": _range, "date": _period}


def _figure(text: str) -> str:
    digits = len(text.partition(".")[2])
    return i18n.number(current().language, float(text), digits).replace("-", "−")


def tables_sheet(tables: View | None, questions: Questions) -> Sheet:
    """Every published count, one row per cell; a hidden one is empty."""
    head = tuple(
        say(f"analysis.csv.{name}") for name in ("question", "part", "answer", "attribute", "group", "count")
    )
    rows: list[tuple[Cell, ...]] = []
    if tables is not None:
        rows.append(("", "", "", "", say("analysis.group.all"), tables["total"]))
        rows += _attribute_rows(tables)
        for entry in tables["questions"]:
            rows += _question_rows(entry, tables, questions)
    return Sheet(head, rows)


def _attribute_rows(tables: View) -> Iterator[tuple[Cell, ...]]:
    wide = {entry["name"]: group_names(entry["name"], entry["wide"]) for entry in tables["attributes"]}
    for entry in tables["attributes"]:
        names = group_names(entry["name"], entry["groups"])
        for name, group in zip(names, entry["groups"], strict=True):
            yield ("", "", "", attribute_name(entry["name"]), name, group["count"])
    for cross in tables["crosses"]:
        first, second = cross["attributes"]
        for row, counts in enumerate(cross["counts"] or ()):
            for column, count in enumerate(counts):
                both = f"{attribute_name(first)} × {attribute_name(second)}"
                yield ("", "", "", both, f"{wide[first][row]} × {wide[second][column]}", count)


def _question_rows(entry: View, tables: View, questions: Questions) -> Iterator[tuple[Cell, ...]]:
    code, part = entry["code"], entry["part"]
    start = (questions.text(code), questions.part(code, part))
    answers = [questions.category(code, category["labels"]) for category in entry["categories"]]
    for answer, category in zip(answers, entry["categories"], strict=True):
        yield (*start, answer, "", say("analysis.group.all"), category["count"])
    wide = {attribute["name"]: attribute["wide"] for attribute in tables["attributes"]}
    for table in entry["by"]:
        names = group_names(table["attribute"], wide[table["attribute"]])
        for name, counts in zip(names, table["counts"], strict=True):
            for answer, count in zip(answers, counts, strict=True):
                shown = "" if count is None else count
                yield (*start, answer, attribute_name(table["attribute"]), name, shown)


def groups_sheet(groups: View, questions: Questions) -> Sheet:
    """Gaps by group, one row per need and group."""
    names = ("attribute", "group", "need", "n", "importance", "ability", "gap", "gap_low", "gap_high", "mwds",
             "mwds_low", "mwds_high")  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for attribute in groups.get("attributes", ()):
        labels = group_names(attribute["name"], attribute["groups"])
        for item in attribute["items"]:
            for label, cell in zip(labels, item["cells"], strict=True):
                start = (attribute_name(attribute["name"]), label, questions.text(item["code"]))
                rows.append((*start, *_cell(cell)))
    return Sheet(tuple(say(f"analysis.csv.{name}") for name in names), rows)


def _cell(cell: View | None) -> tuple[Cell, ...]:
    if cell is None:
        return ("",) * 9
    spans = (cell[measure][end] for measure in ("gap", "mwds") for end in ("value", "low", "high"))
    return (cell["n"], cell["importance"], cell["ability"], *spans)


def agreement_sheet(results: View) -> Sheet:
    """Ranks by each method side by side, whether they disagree, then W and the pairs."""
    disputed = set((results["agreement"] or {}).get("disputed", ()))
    head = (
        say("analysis.csv.need"),
        *(say(f"surveys.method.{m}.short") for m in METHODS),
        say("analysis.csv.disputed"),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            chosen(row["statement"]),
            *(row[method]["rank"] for method in METHODS),
            say("analysis.answer.yes") if row["code"] in disputed else say("analysis.answer.no"),
        )
        for row in results["items"]
        if row.get("mwds")
    ]
    agreement = results["agreement"] or {"kendall_w": None, "spearman": {}}
    rows.append((say("surveys.results.agreement.w"), _number(agreement["kendall_w"]), "", "", "", ""))
    rows += [
        (pair.replace("~", " – "), _number(rho), "", "", "", "")
        for pair, rho in agreement["spearman"].items()
    ]
    return Sheet(head, rows)


def weighted_sheet(results: View, weighted: View) -> Sheet:
    """The weighted reading beside the unweighted one."""
    names = ("need", "rank", "value", "weighted_rank", "weighted_value", "low", "high")
    head = tuple(say(f"analysis.csv.{name}") for name in names)
    analysis = weighted.get("analysis")
    if analysis is None:
        return Sheet(head, [])
    found = {item["item"]: item["estimates"].get(analysis["ranking"]) for item in analysis["items"]}
    rows: list[tuple[Cell, ...]] = []
    for row in results["items"]:
        other = found.get(row["code"])
        mine = (chosen(row["statement"]), _number(row["rank"]), _number(row["value"]))
        theirs = ("",) * 4 if other is None else (other["rank"], other["value"], other["low"], other["high"])
        rows.append((*mine, *theirs))
    return Sheet(head, rows)


def languages_sheet(languages: View, questions: Questions) -> Sheet:
    """How items differ between French and English, per scale."""
    names = ("need", "scale", "verdict", "n_fr", "n_en", "difference", "p_holm")
    rows: list[tuple[Cell, ...]] = [
        (
            questions.text(row["item"]), say(f"analysis.scale.{side}"), say(f"analysis.dif.{row['verdict']}"),
            _number(row["n_first"]), _number(row["n_second"]), _number(row["difference"]), _number(row["p_holm"]),
        )
        for side in ("importance", "ability")
        for row in languages.get(side, ())
    ]  # fmt: skip
    return Sheet(tuple(say(f"analysis.csv.{name}") for name in names), rows)


def ranking_sheet(results: View) -> Sheet:
    """The ranking by the survey's own method; for a MaxDiff survey with counts, root and logit."""
    names = ["need", "rank", "value", "low", "high", "n", "chance"]
    more = ["best", "worst", "appearances", "root", "logit", "logit_low", "logit_high"]
    options = results["method"] == "maxdiff"
    rows: list[tuple[Cell, ...]] = []
    for row in results["items"]:
        main = (row["rank"], row["value"], row["ci_low"], row["ci_high"], row["n"], row["p_top3"])
        extra = ((row.get("maxdiff") or {}).get(name) for name in more) if options else ()
        rows.append((chosen(row["statement"]), *(_number(value) for value in (*main, *extra))))
    return Sheet(tuple(say(f"analysis.csv.{name}") for name in (names + more if options else names)), rows)


def waves_sheet(waves: View | None) -> Sheet:
    """What changed since the wave before, one row per need; hidden figures are empty."""
    names = ("need", "people", "n_before", "n_after", "gap_before", "gap_after", "gap_change", "low", "high",
             "mwds_before", "mwds_after", "mwds_change", "mwds_change_low", "mwds_change_high", "g", "g_low", "g_high")  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for row in (waves or {}).get("items", ()):
        people = say(f"analysis.waves.people.{'paired' if row['paired'] else 'apart'}")
        spans = (
            (row[part] or {}).get(end)
            for part, ends in (("gap", CHANGE), ("mwds", CHANGE), ("effect", ("g", "low", "high")))
            for end in ends
        )
        figures = (_number(value) for value in (row["n_before"], row["n_after"], *spans))
        rows.append((chosen(row["statement"]), people, *figures))
    return Sheet(tuple(say(f"analysis.csv.{name}") for name in names), rows)


def _number(value: float | None) -> Cell:
    return "" if value is None else value


def sheet(survey_id: str, name: str) -> Sheet:
    """A sheet by its name: ranking, tables, groups, agreement, weighted, languages or waves (KeyError on another)."""
    questions = Questions(call("surveys", "get_survey", {"survey_id": survey_id})["elements"])
    if name in ("ranking", "agreement"):
        results = call("surveys", "get_results", {"survey_id": survey_id})
        return ranking_sheet(results) if name == "ranking" else agreement_sheet(results)
    if name == "tables":
        return tables_sheet(call("surveys", "get_tables", {"survey_id": survey_id})["tables"], questions)
    figures = call("surveys", "get_figures", {"survey_id": survey_id})
    if name == "waves":
        return waves_sheet(figures["waves"])
    if name == "weighted":
        return weighted_sheet(call("surveys", "get_results", {"survey_id": survey_id}), figures["weighted"])
    return {"groups": groups_sheet, "languages": languages_sheet}[name](figures[name], questions)
