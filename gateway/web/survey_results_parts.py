"""The parts of the results page beside the ranking: groups, agreement in words, other answers, weights, languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.context import call, current
from gateway.web.charts import Chart, GroupCell, GroupRow, groups_chart
from gateway.web.survey_figures import Questions, attribute_name, group_names
from gateway.web.survey_words import View, chosen, place, say, score
from shared import i18n
from shared.errors import Conflict

METHODS = ("mwds", "rds", "gap", "pni")
READINGS = ((0.9, "unusual"), (0.7, "strong"), (0.5, "moderate"), (0.3, "weak"))


def figures_of(survey_id: str) -> View | None:
    """The figures and the members' tables; None while they are being computed."""
    try:
        found: View = call("surveys", "get_figures", {"survey_id": survey_id})
        tables = call("surveys", "get_tables", {"survey_id": survey_id})["tables"]
    except Conflict as error:
        if error.code != "figures-pending":
            raise
        return None
    return {**found, "tables": tables}


def groups_part(figures: View, results: View, questions: Questions, by: str | None) -> View:
    """The chart for one attribute, and the attributes to choose from."""
    attributes = figures["groups"].get("attributes", ())
    names = [entry["name"] for entry in attributes]
    if not names:
        return {"tabs": [], "chart": None, "refused": figures["groups"].get("refused")}
    entry = next((one for one in attributes if one["name"] == by), attributes[0])
    overall = {row["code"]: row["gap"]["value"] for row in results["items"] if row["gap"]}
    order = [row["code"] for row in results["items"]]
    items = sorted(
        (item for item in entry["items"] if item["code"] in overall),
        key=lambda item: order.index(item["code"]),
    )
    rows = [
        GroupRow(
            questions.text(item["code"]), overall[item["code"]], tuple(_group_cell(c) for c in item["cells"])
        )
        for item in items
    ]
    labels = group_names(entry["name"], entry["groups"])
    heads = [f"{label} ({group['count']})" for label, group in zip(labels, entry["groups"], strict=True)]
    chart: Chart | None = groups_chart(rows, heads, lang=current().language) if rows else None
    tabs = [(attribute_name(name), name, name == entry["name"]) for name in names]
    return {
        "tabs": tabs,
        "chart": chart,
        "refused": None,
        "by": entry["name"],
        "more": max(0, len(heads) - 4),
    }


def _group_cell(cell: View | None) -> GroupCell | None:
    if cell is None:
        return None
    return GroupCell(cell["gap"]["value"], cell["gap"]["low"], cell["gap"]["high"], cell["n"])


def agreement_words(results: View) -> View:
    """What Kendall's W says, and each disputed need with its ranks in a sentence."""
    agreement = results["agreement"]
    disputed = set(agreement["disputed"])
    rows = [row for row in results["items"] if row["code"] in disputed and row["mwds"]]
    return {"w": _reading(agreement["kendall_w"]), "disputed": [_dispute(row) for row in rows]}


def _reading(w: float | None) -> str:
    if w is None:
        return say("analysis.agreement.none")
    word = next((name for least, name in READINGS if w >= least), "very-weak")
    return say(f"analysis.agreement.{word}", w=score("", w))


def _dispute(row: View) -> str:
    ranks = {method: row[method]["rank"] for method in METHODS}
    best, worst = min(ranks, key=lambda m: ranks[m]), max(ranks, key=lambda m: ranks[m])
    return say(
        "analysis.agreement.dispute", need=chosen(row["statement"]).rstrip("."), best=ranks[best], worst=ranks[worst],
        first=say(f"surveys.method.{best}.short"), second=say(f"surveys.method.{worst}.short"),
    )  # fmt: skip


def answers_part(tables: View | None, questions: Questions, numbers: View, by: str | None) -> list[View]:
    """Each question with the distribution of its answers; those about needs' ratings are in the ranking."""
    found: dict[str, View] = {}
    summaries = {row["code"]: row for row in numbers["items"]}
    for entry in (tables or {"questions": []})["questions"]:
        if entry["part"] == "discrepancy":
            continue
        code = entry["code"]
        one = found.setdefault(
            code, {"text": questions.text(code), "kind": questions.kind(code), "parts": []}
        )
        one["summary"] = summaries.get(code)
        one["parts"].append(_distribution(entry, tables or {}, questions, by))
    return list(found.values())


def _distribution(entry: View, tables: View, questions: Questions, by: str | None) -> View:
    answers = [questions.category(entry["code"], category["labels"]) for category in entry["categories"]]
    total = sum(category["count"] for category in entry["categories"])
    bars = [
        {"text": answer, "count": category["count"], "share": category["count"] / total}
        for answer, category in zip(answers, entry["categories"], strict=True)
    ]
    name = questions.part(entry["code"], entry["part"])
    return {
        "name": name, "n": entry["n"], "bars": bars, "said": _said(bars), "answers": answers,
        "groups": _by_group(entry, tables, by),
    }  # fmt: skip


def _said(bars: Sequence[View]) -> str:
    """What the bars show, in one sentence."""
    if not bars:
        return say("analysis.answers.hidden")
    most = max(bars, key=lambda bar: bar["count"])
    share = i18n.number(current().language, round(100 * most["share"]), 0)
    return say("analysis.answers.most", answer=most["text"], share=share)


def _by_group(entry: View, tables: View, by: str | None) -> View | None:
    table = next((one for one in entry["by"] if one["attribute"] == by), None)
    if table is None or all(count is None for row in table["counts"] for count in row):
        return None
    wide = next(one["wide"] for one in tables["attributes"] if one["name"] == by)
    names = group_names(table["attribute"], wide)
    return {
        "name": attribute_name(table["attribute"]),
        "rows": list(zip(names, table["counts"], strict=True)),
    }


def weighted_part(weighted: View, results: View) -> View:
    """The weighted ranks beside the others, or why there are none."""
    if "refused" in weighted:
        return {"refused": _refusal("weighted", weighted["refused"])}
    analysis = weighted["analysis"]
    found = {item["item"]: item["estimates"].get(analysis["ranking"]) for item in analysis["items"]}
    method = analysis["ranking"]
    rows = []
    for row in results["items"]:
        other = found.get(row["code"])
        rows.append({
            "text": chosen(row["statement"]), "rank": place(row["rank"], row["tied"]), "value": score(method, row["value"]),
            "weighted_rank": place(other["rank"], other["tied"]) if other else "–",
            "weighted_value": score(method, other["value"] if other else None),
            "moved": other is not None and other["rank"] != row["rank"],
        })  # fmt: skip
    moved = sum(bool(row["moved"]) for row in rows)
    names = say("analysis.list.and").join(attribute_name(name) for name in weighted["attributes"])
    return {
        "refused": None, "rows": rows, "moved": moved, "attributes": names.lower(), "n": weighted["n"],
        "effective": i18n.number(current().language, weighted["effective_n"], 1),
        # Figures that were stored before one of them was told do not have it.
        "limits": [say(f"analysis.weighted.{name}") for name in ("unreached", "trimmed") if weighted.get(name)],
    }  # fmt: skip


def languages_part(languages: View, questions: Questions) -> View:
    """Items that seem to mean something else in the other language, or why that cannot be told."""
    if "refused" in languages:
        return {"refused": _refusal("languages", languages["refused"])}
    rows = [
        {
            "text": questions.text(row["item"]), "scale": say(f"analysis.scale.{side}"), "verdict": row["verdict"],
            "words": say(f"analysis.dif.{row['verdict']}"), "n_fr": row["n_first"], "n_en": row["n_second"],
            "difference": score("", row["difference"]), "p": score("", row["p_holm"]),
        }
        for side in ("importance", "ability")
        for row in languages[side]
    ]  # fmt: skip
    flagged = sum(row["verdict"] in ("moderate", "large") for row in rows)
    told = sum(row["verdict"] != "too-few" for row in rows)
    return {"refused": None, "rows": rows, "flagged": flagged, "told": told}


def _refusal(part: str, refused: Mapping[str, Any]) -> str:
    known = {
        "weighted": ("no-margins", "bad-margins", "no-convergence"),
        "languages": ("language-groups-too-small", "too-few-items"),
    }[part]  # fmt: skip
    code = refused["code"] if refused["code"] in known else "other"
    return say(f"analysis.refused.{part}.{code}")


def open_questions(elements: Sequence[Mapping[str, Any]]) -> bool:
    """Whether something was asked that only words can answer."""
    return any(element["kind"] in ("short-text", "long-text") for element in elements)
