"""`cercle report verify FILE --data DATA.csv`: the figures of a report of `cercle needs`, rebuilt from its data."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from services.command import delphi, maxdiff, needs
from services.command.needs_sheet import read_sheet
from services.command.words import Refusal, clean, unreadable
from services.surveys.methods import MethodError
from services.surveys.methods.delphi import StopRule
from services.surveys.methods.rebuild import FIGURE_DIFFERS, OK, OTHER_CODE, Verdict, code_versions, judge

MAX_BYTES = 256 * 1024 * 1024
Rebuild = Callable[[Mapping[str, Any], Mapping[str, Any], BinaryIO], Any]


def verify_file(path: Path, data: BinaryIO) -> dict[str, Any]:
    """The verdict as JSON. Raises Refusal `not-a-report` (status 2), those of reading the data, or `refuse`'s."""
    document = _document(path)
    settings = document["report"]
    try:
        rebuilt = _KINDS[settings["command"]](document, settings, data)
    except (AttributeError, LookupError, TypeError, ValueError, MemoryError, MethodError) as error:
        raise unreadable("not-a-report", file=clean(path.name)) from error
    refuse(judge(document, json.loads(json.dumps(rebuilt))), document)
    return {"report": settings["command"], "outcome": OK}


def refuse(verdict: Verdict, stored: Any, **where: Any) -> None:
    """Raise Refusal (status 1) with the code of a verdict that is not ok. `where` joins its parameters."""
    if verdict.outcome == OK:
        return
    params = dict(where)
    if verdict.outcome == FIGURE_DIFFERS:
        first = verdict.differences[0]
        params |= {"figure": clean(first.path), "stored": first.stored, "rebuilt": first.rebuilt}
        params["differences"] = len(verdict.differences)
    if verdict.outcome == OTHER_CODE:
        params["version"] = clean(", ".join(sorted(code_versions(stored))))
    raise Refusal(verdict.outcome, params)


def _document(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ValueError
        found = json.loads(path.read_text("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise unreadable("not-a-report", file=clean(path.name)) from error
    report = found.get("report") if isinstance(found, dict) else None
    if not isinstance(report, dict) or report.get("command") not in _KINDS:
        raise unreadable("not-a-report", file=clean(path.name))
    return dict(found)


def _analyse(_document: Mapping[str, Any], settings: Mapping[str, Any], data: BinaryIO) -> Any:
    given = {name: value for name, value in settings.items() if name != "command"}
    chosen = needs.Settings(**given)
    sheet = read_sheet(data, chosen.scale, chosen.group_columns, waves=chosen.waves)
    return needs.to_json(needs.run(sheet, chosen), chosen)


def _delphi(document: Mapping[str, Any], settings: Mapping[str, Any], data: BinaryIO) -> Any:
    rule = document["rule"]
    chosen = StopRule(**{**rule, "band": tuple(rule["band"])})
    panel = delphi.read_panel(data, settings["round_column"], document["scale"])
    return delphi.to_json(delphi.judge(panel, chosen), settings["round_column"])


def _maxdiff(_document: Mapping[str, Any], settings: Mapping[str, Any], data: BinaryIO) -> Any:
    drawing = {name: settings[name] for name in ("seed", "resamples", "top_k")}
    ballots = maxdiff.read_ballots(data)
    return maxdiff.to_json(maxdiff.score(ballots, **drawing), ballots.unanswered, drawing)


_KINDS: Mapping[str, Rebuild] = {"analyse": _analyse, "delphi": _delphi, "maxdiff": _maxdiff}
