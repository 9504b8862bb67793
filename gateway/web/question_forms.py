"""The form of one question: reading it, giving it back as typed, and naming the inputs of its problems."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from flask import request

from gateway.context import current
from gateway.problems import field_message
from gateway.web.quiz_parts import POINTS
from gateway.web.studio_forms import pair_of
from shared.errors import CercleError
from shared.i18n import LANGUAGES

View = dict[str, Any]
EMPTY = {"fr": "", "en": ""}
LISTS = {
    "single": ("options",),
    "multiple": ("options",),
    "matching": ("pairs", "extras"),
    "ordering": ("items",),
}
"""The lists of rows of each kind."""
CELLS = {"options": ("text",), "pairs": ("left", "right"), "extras": ("right",), "items": ("text",)}
_FRESH = {"options": 4, "pairs": 3, "extras": 1, "items": 4}
MOST_ROWS = 12


def blank(kind: str) -> View:
    """A new question with nothing in it."""
    question: View = {"kind": kind, "points": 1, "stem": EMPTY, "feedback": EMPTY, "image": None}
    question |= {
        "partial": True, "answer": None, "when_true": EMPTY, "when_false": EMPTY, "value": "", "tolerance": "",
        "unit": EMPTY, "accepted": {"fr": [], "en": []}, "exact": False, "hypothesis": EMPTY, "finding": EMPTY,
        "scale": "likelihood", "panel": [0] * POINTS, "credits": None, "point_feedback": [EMPTY] * POINTS,
    }  # fmt: skip
    return question | {name: [_row(name) for _ in range(_FRESH[name])] for name in LISTS.get(kind, ())}


def _row(name: str) -> View:
    row: View = dict.fromkeys(CELLS[name], EMPTY)
    return row | {"feedback": EMPTY, "correct": False} if name == "options" else row


def with_blanks(question: View) -> View:
    """A saved question as the form shows it."""
    return blank(question["kind"]) | question


@dataclass
class QuestionForm:
    """A posted question: `typed` as it came, `sent` without its empty rows; `rows` says which row each sent one was."""

    kind: str
    typed: View
    sent: View = field(default_factory=dict)
    rows: dict[str, list[int]] = field(default_factory=dict)
    error: CercleError | None = None

    @property
    def status(self) -> int:
        """The page's status."""
        return self.error.status if self.error else 200

    @property
    def summary(self) -> list[dict[str, str]]:
        """Every problem with the id of its input."""
        if self.error is None:
            return []
        language = current().language
        return [
            {"id": self._input(problem.path), "text": field_message(problem, language)}
            for problem in self.error.fields
        ]

    def errors(self, name: str) -> dict[str, str]:
        """Language -> message of a bilingual field."""
        found = {item["id"]: item["text"] for item in self.summary}
        return {code: found[f"{name}_{code}"] for code in LANGUAGES if f"{name}_{code}" in found}

    def of(self, name: str) -> str | None:
        """The message of a plain field."""
        return next((item["text"] for item in self.summary if item["id"] == name), None)

    def _input(self, path: str) -> str:
        """`entries.3.question.options.1.text.fr` -> `options-2-text_fr` (the row where it was typed)."""
        parts = re.sub(r"\A(entries\.\d+\.)?(question\.)?", "", path).split(".")
        language = parts.pop() if parts[-1] in LANGUAGES else current().language
        if len(parts) > 1 and parts[1].isdecimal():
            known = self.rows.get(parts[0], [])
            at = int(parts[1])
            parts[1] = str(known[at]) if at < len(known) else parts[1]
        if parts[0] in CELLS and len(parts) < 3:
            parts = [parts[0], parts[1] if len(parts) > 1 else "0", CELLS[parts[0]][0]]
        name = "-".join(parts)
        return f"{name}_{language}" if f"{name}_fr" in request.form else name


def read(kind: str, image: View | None) -> QuestionForm:
    """The posted form. `image`: the picture that the question has; only its description can be changed here."""
    form = request.form
    typed: View = {
        "kind": kind,
        "points": _number("points"),
        "stem": pair_of("stem"),
        "feedback": pair_of("feedback"),
    }
    typed["image"] = (
        {"id": image["id"], "alt": pair_of("alt")} if image and not form.get("no_image") else None
    )
    typed |= _OF_KIND[kind]()
    found = QuestionForm(kind, blank(kind) | typed)
    sent = dict(typed)
    for name in LISTS.get(kind, ()):
        kept = [
            at for at, row in enumerate(typed[name]) if any(any(row[cell].values()) for cell in CELLS[name])
        ]
        found.rows[name], sent[name] = kept, [typed[name][at] for at in kept]
    found.sent = sent
    return found


def _number(name: str) -> Any:
    """A number where it is one; else as typed, so that the service names the problem."""
    text = request.form.get(name, "").strip().replace("\u2212", "-").replace(",", ".")
    try:
        return int(text) if re.fullmatch(r"[+-]?\d{1,15}", text) else float(text)
    except ValueError:
        return text or None


def _rows(name: str) -> list[View]:
    count = min(request.form.get(f"{name}-rows", 0, type=int), MOST_ROWS)
    return [{cell: pair_of(f"{name}-{at}-{cell}") for cell in CELLS[name]} for at in range(count)]


def _single() -> View:
    right = set(request.form.getlist("correct"))
    return {"options": [
        row | {"feedback": pair_of(f"options-{at}-feedback"), "correct": str(at) in right}
        for at, row in enumerate(_rows("options"))
    ]}  # fmt: skip


def _true_false() -> View:
    answer = {"true": True, "false": False}.get(request.form.get("answer", ""))
    return {"answer": answer, "when_true": pair_of("when_true"), "when_false": pair_of("when_false")}


def _numeric() -> View:
    return {"value": _number("value"), "tolerance": _number("tolerance") or 0, "unit": pair_of("unit")}


def _short() -> View:
    lines = pair_of("accepted")
    accepted = {
        code: [line.strip() for line in lines[code].splitlines() if line.strip()] for code in LANGUAGES
    }
    return {"accepted": accepted, "exact": bool(request.form.get("exact"))}


def _vignette() -> View:
    by_hand = request.form.get("scoring") == "credits"
    figures = [_number(f"weight-{at}") or 0 for at in range(POINTS)]
    worth = [figure / 100 if isinstance(figure, (int, float)) else figure for figure in figures]
    return {
        "hypothesis": pair_of("hypothesis"), "finding": pair_of("finding"), "scale": request.form.get("scale", ""),
        "panel": None if by_hand else figures, "credits": worth if by_hand else None,
        "point_feedback": [pair_of(f"point_feedback-{at}") for at in range(POINTS)],
    }  # fmt: skip


_OF_KIND = {
    "single": _single,
    "multiple": lambda: _single() | {"partial": bool(request.form.get("partial"))},
    "true-false": _true_false,
    "numeric": _numeric,
    "short": _short,
    "matching": lambda: {"pairs": _rows("pairs"), "extras": _rows("extras")},
    "ordering": lambda: {"items": _rows("items")},
    "vignette": _vignette,
}


def change_rows(form: QuestionForm, wanted: str) -> bool:
    """`row:options` adds a row, `up:items:2` moves one up; False when the button was another."""
    action, _, rest = wanted.partition(":")
    name, _, at = rest.partition(":")
    rows = form.typed.get(name) if name in CELLS else None
    if action == "row" and isinstance(rows, list):
        form.typed[name] = [*rows, _row(name)][:MOST_ROWS]
        return True
    if action == "up" and isinstance(rows, list) and at.isdecimal() and 0 < int(at) < len(rows):
        place = int(at)
        rows[place - 1], rows[place] = rows[place], rows[place - 1]
        return True
    return False
