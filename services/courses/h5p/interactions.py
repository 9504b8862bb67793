"""What a person answered, read out of a statement, by kind of interaction.

Response syntax: xAPI 1.0.3, Data, section 2.4.4.1 (cmi.interaction): `[,]` between parts, `[.]` inside a
pair, `[:]` between the ends of a range, `{case_matters=...}` and the like in front of a pattern.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from services.courses.h5p.statements import Score, Statement

Kind = Literal[
    "choice",
    "true-false",
    "fill-in",
    "matching",
    "sequencing",
    "long-fill-in",
    "numeric",
    "compound",
    "other",
]
_KINDS: dict[str, Kind] = {
    "choice": "choice", "true-false": "true-false", "fill-in": "fill-in", "matching": "matching",
    "sequencing": "sequencing", "long-fill-in": "long-fill-in", "numeric": "numeric", "compound": "compound",
}  # fmt: skip
_OPTION = re.compile(r"\{(case_matters|order_matters|lang)=([^}]*)\}")

Part = str | tuple[str, str]


@dataclass(frozen=True, slots=True)
class InteractionResult:
    """`response` and each of `correct_responses` are tuples of parts: ids, words, or (source, target) pairs.

    `labels` maps component ids to their text by language. `correct` is computed here from the response and
    the pattern, None when they do not say; `claimed` is the browser's own verdict.
    """

    kind: Kind
    description: Mapping[str, str]
    response: tuple[Part, ...]
    correct_responses: tuple[tuple[Part, ...], ...]
    labels: Mapping[str, Mapping[str, str]]
    correct: bool | None
    claimed: bool | None
    score: Score | None

    @property
    def disagrees(self) -> bool:
        """True when the browser's verdict is not ours."""
        return self.correct is not None and self.claimed is not None and self.correct != self.claimed


def interaction_result(statement: Statement) -> InteractionResult | None:
    """The answer in a statement, or None when its object is not an interaction."""
    definition: Mapping[str, Any] = statement.document.get("object", {}).get("definition", {})
    declared = definition.get("interactionType")
    if not isinstance(declared, str):
        return None
    kind = _KINDS.get(declared, "other")
    patterns = list(definition.get("correctResponsesPattern", []))
    return InteractionResult(
        kind=kind,
        description=dict(definition.get("description", {})),
        response=_parts(kind, _stripped(statement.response or "")),
        correct_responses=tuple(_parts(kind, _stripped(p)) for p in patterns),
        labels=_labels(definition),
        correct=_verdict(kind, statement.response, patterns),
        claimed=statement.success,
        score=statement.score,
    )


def _stripped(text: str) -> str:
    while match := _OPTION.match(text):
        text = text[match.end() :]
    return text


def _options(pattern: str) -> dict[str, str]:
    found: dict[str, str] = {}
    while match := _OPTION.match(pattern):
        found[match[1]] = match[2]
        pattern = pattern[match.end() :]
    return found


def _parts(kind: Kind, text: str) -> tuple[Part, ...]:
    if text == "":
        return ()
    if kind in ("true-false", "long-fill-in", "numeric", "other"):
        return (text,)
    items = text.split("[,]")
    if kind != "matching":
        return tuple(items)
    pairs = (item.partition("[.]") for item in items)
    return tuple((source, target) for source, _, target in pairs)


def _labels(definition: Mapping[str, Any]) -> dict[str, Mapping[str, str]]:
    lists = ("choices", "source", "target", "scale", "steps")
    found = ((c["id"], c.get("description")) for name in lists for c in definition.get(name, []))
    return {key: dict(text) for key, text in found if isinstance(text, Mapping)}


Compare = Callable[[tuple[Part, ...], tuple[Part, ...]], bool]
_COMPARE: dict[Kind, Compare] = {
    "choice": lambda a, b: set(a) == set(b),
    "matching": lambda a, b: set(a) == set(b),
    "sequencing": lambda a, b: a == b,
    "true-false": lambda a, b: a == b,
}


def _verdict(kind: Kind, response: str | None, patterns: list[str]) -> bool | None:
    if response is None or not patterns:
        return None
    if kind == "numeric":
        return any(_within(_stripped(response), pattern) for pattern in patterns)
    if kind == "fill-in":
        return any(_fills(response, pattern) for pattern in patterns)
    compare = _COMPARE.get(kind)
    if compare is None:
        return None  # open answers and compounds are not judged here
    given = _parts(kind, _stripped(response))
    return any(compare(given, _parts(kind, _stripped(pattern))) for pattern in patterns)


def _within(response: str, pattern: str) -> bool:
    """`4[:]6` is a range with its ends; either end may be left out; without `[:]` the number itself."""
    low, colon, high = pattern.partition("[:]")
    try:
        given = float(response)
        least = float(low) if low else -math.inf
        return least <= given <= (float(high) if high else math.inf if colon else least)
    except ValueError:
        return False


def _fills(response: str, pattern: str) -> bool:
    options = _options(pattern)
    given, wanted = _stripped(response).split("[,]"), _stripped(pattern).split("[,]")
    if options.get("case_matters") != "true":
        given, wanted = [g.casefold() for g in given], [w.casefold() for w in wanted]
    given, wanted = [g.strip() for g in given], [w.strip() for w in wanted]
    if options.get("order_matters") == "false":
        return sorted(given) == sorted(wanted)
    return given == wanted
