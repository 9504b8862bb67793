"""Questions of a quiz and the responses of an OLX problem. What OLX cannot say (matching, ordering, vignettes, both
languages) stands in a file of questions beside the problem; these responses are for hosts that do not read it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from lxml import etree

Pair = dict[str, str]
Node = Any
"""An element of lxml, which has no types."""
Say = Callable[[Mapping[str, str]], str]
Both = Callable[[str], Pair]
"""A text of a single language as a pair of which one half may be empty."""
_TOLERANCE = re.compile(r"\s*([\d.]+)\s*(%?)\s*")
_BLANK: Pair = {"fr": "", "en": ""}


def as_responses(question: Mapping[str, Any], say: Say) -> list[Node]:
    """The elements of one question, in one language."""
    write = _WRITERS.get(question["kind"])
    if write is None:
        return [_text("p", say(question["stem"]))]
    return [write(question, say)]


def _single(question: Mapping[str, Any], say: Say) -> Node:
    return _choices("multiplechoiceresponse", "choicegroup", _options(question, say), say(question["stem"]))


def _multiple(question: Mapping[str, Any], say: Say) -> Node:
    return _choices("choiceresponse", "checkboxgroup", _options(question, say), say(question["stem"]))


def _true_false(question: Mapping[str, Any], say: Say) -> Node:
    words = [
        ({"fr": "Vrai", "en": "True"}, question["answer"]),
        ({"fr": "Faux", "en": "False"}, not question["answer"]),
    ]
    options = [(say(pair), correct) for pair, correct in words]
    return _choices("multiplechoiceresponse", "choicegroup", options, say(question["stem"]))


def _options(question: Mapping[str, Any], say: Say) -> list[tuple[str, bool]]:
    return [(say(option["text"]), option["correct"]) for option in question["options"]]


def _choices(tag: str, group: str, options: list[tuple[str, bool]], stem: str) -> Node:
    response = etree.Element(tag)
    response.append(_text("label", stem))
    inner = etree.SubElement(response, group)
    for text, correct in options:
        choice = _text("choice", text)
        choice.set("correct", "true" if correct else "false")
        inner.append(choice)
    return response


def _numeric(question: Mapping[str, Any], say: Say) -> Node:
    response = etree.Element("numericalresponse", answer=_number(question["value"]))
    response.append(_text("label", say(question["stem"])))
    if question["tolerance"]:
        etree.SubElement(response, "responseparam", type="tolerance", default=_number(question["tolerance"]))
    etree.SubElement(response, "formulaequationinput")
    return response


def _short(question: Mapping[str, Any], say: Say) -> Node:
    accepted = [*question["accepted"]["fr"], *question["accepted"]["en"]]
    kind = "cs" if question["exact"] else "ci"
    response = etree.Element("stringresponse", answer=accepted[0] if accepted else "", type=kind)
    response.append(_text("label", say(question["stem"])))
    for other in accepted[1:]:
        etree.SubElement(response, "additional_answer", answer=other)
    etree.SubElement(response, "textline", size="20")
    return response


_WRITERS: dict[str, Callable[[Mapping[str, Any], Say], Node]] = {
    "single": _single, "multiple": _multiple, "true-false": _true_false, "numeric": _numeric, "short": _short,
}  # fmt: skip


def _text(tag: str, text: str) -> Node:
    node = etree.Element(tag)
    node.text = text
    return node


def _number(value: float) -> str:
    return f"{value:g}" if float(f"{value:g}") == value else repr(float(value))


def questions_of(problem: Node, both: Both) -> tuple[list[dict[str, Any]], list[str]]:
    """The questions of a problem that another host wrote, and the tags of responses that have no counterpart here."""
    found: list[dict[str, Any]] = []
    left_out: list[str] = []
    heard: list[str] = []
    for node in problem.iter():
        tag = node.tag if isinstance(node.tag, str) else ""
        if tag in ("p", "label", "description", "h2", "h3") and not _within(node, "response"):
            heard.append(_said(node))
        if tag in _READERS:
            stem = " ".join([*heard, *(_said(one) for one in node.iter("label", "description"))]).strip()
            question = _READERS[tag](node, both)
            if question is None:
                left_out.append(tag)
            else:
                found.append(
                    _COMMON | {"stem": both(stem or str(problem.get("display_name") or "?"))} | question
                )
            heard = []
        elif tag.endswith("response"):
            left_out.append(tag)
    return found, left_out


_COMMON: dict[str, Any] = {"points": 1.0, "feedback": _BLANK, "image": None}


def _within(node: Node, suffix: str) -> bool:
    return any(isinstance(above.tag, str) and above.tag.endswith(suffix) for above in node.iterancestors())


def _said(node: Node) -> str:
    """Its own words, without hints."""
    words = [text for text in node.itertext() if text.strip()]
    return " ".join(" ".join(words).split())


def _read_choice(node: Node, both: Both, kind: str) -> dict[str, Any] | None:
    options = [
        {
            "text": both(_label(choice)),
            "feedback": both(_hint(choice)),
            "correct": choice.get("correct", "").lower() == "true",
        }
        for choice in node.iter("choice")
    ]
    right = sum(1 for option in options if option["correct"])
    if not 2 <= len(options) <= 12 or right < 1 or (kind == "single" and right != 1):
        return None
    return {"kind": kind, "options": options} | ({"partial": False} if kind == "multiple" else {})


def _label(choice: Node) -> str:
    """The text of a choice before its hints."""
    parts = [choice.text or ""]
    for child in choice:
        if child.tag != "choicehint":
            parts.append(_said(child))
        parts.append(child.tail or "")
    return " ".join(" ".join(parts).split())


def _hint(choice: Node) -> str:
    return " ".join(
        _said(hint) for hint in choice.iter("choicehint") if hint.get("selected", "true") == "true"
    )


def _read_option(node: Node, both: Both) -> dict[str, Any] | None:
    """A drop-down list: options as elements, or as a text of quoted words."""
    field = next(node.iter("optioninput"), None)
    if field is None:
        return None
    right = field.get("correct", "")
    words = re.findall(r"['\"](.+?)['\"](?=\s*[,)])", field.get("options", ""))
    options = [(text, text == right) for text in words] or [
        (_label(option), option.get("correct", "").lower() == "true") for option in field.iter("option")
    ]
    if not 2 <= len(options) <= 12 or sum(correct for _, correct in options) != 1:
        return None
    return {"kind": "single", "options": [
        {"text": both(text), "feedback": dict(_BLANK), "correct": correct} for text, correct in options
    ]}  # fmt: skip


def _read_numeric(node: Node, both: Both) -> dict[str, Any] | None:
    del both
    try:
        value = float(node.get("answer", "").strip())
    except ValueError:
        return None
    return {"kind": "numeric", "value": value, "tolerance": _slack(node, value), "unit": dict(_BLANK)}


def _slack(node: Node, value: float) -> float:
    for param in node.iter("responseparam"):
        match = _TOLERANCE.fullmatch(param.get("default", "")) if param.get("type") == "tolerance" else None
        if match:
            return float(match.group(1)) * (abs(value) / 100 if match.group(2) else 1)
    return 0.0


def _read_short(node: Node, both: Both) -> dict[str, Any] | None:
    kind = node.get("type", "ci").split()
    answers = [node.get("answer", ""), *(one.get("answer", "") for one in node.iter("additional_answer"))]
    accepted = [text.strip()[:200] for text in answers if text.strip()]
    if not accepted or "regexp" in kind:
        return None
    halves = {code: accepted[:20] if text else [] for code, text in both("x").items()}
    return {"kind": "short", "accepted": halves, "exact": "cs" in kind}


_READERS: dict[str, Callable[[Node, Both], dict[str, Any] | None]] = {
    "multiplechoiceresponse": lambda node, both: _read_choice(node, both, "single"),
    "choiceresponse": lambda node, both: _read_choice(node, both, "multiple"),
    "optionresponse": _read_option,
    "numericalresponse": _read_numeric,
    "stringresponse": _read_short,
}
