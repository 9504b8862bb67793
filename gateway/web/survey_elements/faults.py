"""What the service refuses about answers, beside the element it belongs to and in the summary with a link."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.context import current
from gateway.problems import field_message
from gateway.web.survey_elements.piping import Element, label_of
from shared import i18n
from shared.errors import CercleError, FieldProblem

SIDES = ("importance", "ability")


@dataclass(frozen=True)
class Fault:
    """One problem of one element: `part` is what follows the code in its path, such as `ability` or `sets.2`."""

    code: str
    part: str
    problem: FieldProblem


def faults_of(error: CercleError | None, elements: Sequence[Element]) -> list[Fault]:
    """Problems of `items.<code>…` in the order of the elements; a code may hold dots, so the longest one that fits."""
    codes = sorted((element["code"] for element in elements), key=len, reverse=True)
    found = []
    for problem in error.fields if error else ():
        path = problem.path.removeprefix("items.")
        code = next((code for code in codes if path == code or path.startswith(f"{code}.")), None)
        if code is not None:
            found.append(Fault(code, path[len(code) + 1 :], problem))
    places = {element["code"]: place for place, element in enumerate(elements)}
    return sorted(found, key=lambda fault: places[fault.code])


def beside(faults: Iterable[Fault], elements: Sequence[Element]) -> dict[str, str]:
    """Code -> one sentence beside the element."""
    by_code: dict[str, list[Fault]] = {}
    for fault in faults:
        by_code.setdefault(fault.code, []).append(fault)
    known = {element["code"]: element for element in elements}
    return {code: _upper(_sentence(known[code], found)) for code, found in by_code.items()}


def summary(faults: Sequence[Fault], elements: Sequence[Element], numbers: Mapping[str, int | None],
            titles: Mapping[str, str]) -> list[dict[str, str]]:  # fmt: skip
    """One line per element with faults: its number, its text, what is missing, and the control that the link goes to."""
    known = {element["code"]: element for element in elements}
    first: dict[str, Fault] = {}
    by_code: dict[str, list[Fault]] = {}
    for fault in faults:
        first.setdefault(fault.code, fault)
        by_code.setdefault(fault.code, []).append(fault)
    return [
        {
            "id": control_of(known[code], fault.part),
            "text": _say("surveys.answer.problem", n=numbers.get(code) or "–", statement=_short(titles[code]),
                         what=_sentence(known[code], by_code[code])),
        }
        for code, fault in first.items()
    ]  # fmt: skip


def control_of(element: Element, part: str = "") -> str:
    """The id of the first control that a fault concerns."""
    code, kind = element["code"], element["kind"]
    if kind == "pair":
        return f"{part if part in SIDES else SIDES[0]}-{code}"
    if kind == "matrix":
        rows = [row["code"] for row in element["rows"]]
        return f"row:{code}:{part if part in rows else rows[0]}"
    if kind == "maxdiff":
        place = part.split(".")[1] if part.startswith("sets.") else "0"
        return f"best:{code}:{place}"
    if kind == "ranking":
        return f"rank:{code}"
    if part == "text":
        return f"text:{code}"
    return {"single": "choice", "multiple": "choices"}.get(kind, "value") + f":{code}"


def _sentence(element: Element, faults: Sequence[Fault]) -> str:
    problem, kind = faults[0].problem, element["kind"]
    if problem.code != "missing":
        return field_message(problem, current().language)
    if kind == "pair":
        sides = [fault.part for fault in faults]
        return _say(f"surveys.answer.missing.{sides[0] if len(sides) == 1 and sides[0] in SIDES else 'both'}")
    if kind == "matrix":
        labels = [label_of(element["rows"], fault.part, current().language) for fault in faults]
        return _say("surveys.pages.missing.rows", rows=", ".join(_short(label, 40) for label in labels[:3]) + ("…" if len(labels) > 3 else ""))  # fmt: skip
    if kind == "maxdiff":
        sets = [str(int(fault.part.split(".")[1]) + 1) for fault in faults if fault.part.startswith("sets.")]
        return _say("surveys.pages.missing.sets", sets=", ".join(sets))
    if faults[0].part == "text":
        return _say("surveys.pages.missing.other")
    return _say(f"surveys.pages.missing.{'choice' if kind in ('single', 'multiple', 'ranking') else 'value'}")


def _say(key: str, **params: Any) -> str:
    return i18n.text(current().language, key, **params)


def _short(text: str, longest: int = 90) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
