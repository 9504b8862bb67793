"""Figures as text: a table for the terminal, or markdown for docs/performance.md."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Row = Sequence[str]
HEADS = ("Request", "At once", "req/s", "p50 ms", "p95 ms", "p99 ms", "CPU ms", "floor req/s", "floor p50", "floor CPU",
         "ratio", "range")  # fmt: skip


def text(results: dict[str, Any], *, markdown: bool) -> str:
    """Everything measured, one table after the other."""
    parts = [f"Machine: {results['machine']}."]
    for mode, found in results["modes"].items():
        parts += _mode(mode, found, markdown)
    if "h5p" in results:
        parts += _h5p(results["h5p"], markdown)
    if "figures" in results:
        parts += _figures(results["figures"], markdown)
    return "\n\n".join(parts) + "\n"


def _mode(mode: str, found: dict[str, Any], markdown: bool) -> list[str]:
    parts = [
        _head(f"{mode.capitalize()} mode", markdown),
        _table(HEADS, [_line(r) for r in found["requests"]], markdown),
    ]
    wrong = sum(r[side]["wrong"] for r in found["requests"] for side in ("product", "floor"))
    parts.append(
        f"Answers of an unexpected status: {wrong}. First start with demo content: {found['first_start']:.1f} s."
    )
    if found.get("starts"):
        starts = ", ".join(f"{wall:.1f} s ({cpu:.1f} s of processor time)" for wall, cpu in found["starts"])
        parts.append(f"Later starts, until the first page: {starts}.")
    sizes = [(name, f"{size:.0f}") for name, size in found["memory"].items()]
    return [*parts, _table(("Process", "memory MB"), sizes, markdown)]


def _line(result: dict[str, Any]) -> Row:
    ours, theirs, (low, high) = result["product"], result["floor"], result["ratio_range"]
    return (
        result["request"], str(result["concurrency"]), _number(ours["rps"]), *(_number(ours[p]) for p in ("p50", "p95", "p99")),
        _number(ours["cpu"]), _number(theirs["rps"]), _number(theirs["p50"]), _number(theirs["cpu"]),
        f"{result['ratio']:.2f}", f"{low:.2f}–{high:.2f}",
    )  # fmt: skip


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _h5p(found: dict[str, float], markdown: bool) -> list[str]:
    rows = [(name, f"{found[key] * 1000:.0f}") for name, key in
            (("unzip only", "unzip_s"), ("check", "check_s"), ("install", "install_s"))]  # fmt: skip
    title = f"H5P package of {found['packed_mb']:.1f} MB, {found['libraries']:.0f} libraries, {found['files']:.0f} files"
    return [_head(title, markdown), _table(("Step", "ms"), rows, markdown),
            f"Check and install take {found['ratio']:.1f} times as long as unzipping."]  # fmt: skip


def _figures(found: dict[str, Any], markdown: bool) -> list[str]:
    title = f"Ranking {found['respondents']} × {found['items']} with {found['resamples']} resamples"
    names = {"hand": "NumPy by hand", "bootstrap": "bootstrap", "analysis": "whole analysis"}
    rows = [(name, f"{found[key]['seconds']:.2f}", f"{found[key]['peak_mb']:.0f}",
             f"{found.get(f'{key}_ratio', 1.0):.2f}") for key, name in names.items()]  # fmt: skip
    return [
        _head(title, markdown),
        _table(("What", "s", "peak MB above the data", "time / by hand"), rows, markdown),
    ]


def _head(title: str, markdown: bool) -> str:
    return f"### {title}" if markdown else f"{title}\n{'-' * len(title)}"


def _table(heads: Row, rows: Sequence[Row], markdown: bool) -> str:
    widths = [max(len(row[i]) for row in (heads, *rows)) for i in range(len(heads))]
    padded = [[c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True))]
              for row in (heads, *rows)]  # fmt: skip
    if not markdown:
        return "\n".join("  ".join(row) for row in padded)
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(f"| {' | '.join(row)} |" for row in (padded[0], rule, *padded[1:]))
