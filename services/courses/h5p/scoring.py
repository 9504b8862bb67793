"""Scores worked out again from the answer and the content's own parameters, for the types whose parameters say
what is right. A type that draws its questions in the browser (ArithmeticQuiz), or whose score depends on the way
to the answer (Summary), is not judged: the player's word stays a claim.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

WHOLE = "0"
_DEPTH = 30
_TAG = re.compile(r"<[^>]*>")
_SPACE = re.compile(r"[\s\u00a0]+")
_STARRED = re.compile(r"\*([^*]+)\*")

SILENT = frozenset([
    "H5P.Accordion", "H5P.AdvancedText", "H5P.Agamotto", "H5P.Audio", "H5P.Chart", "H5P.Collage",
    "H5P.ContinuousText", "H5P.Dialogcards", "H5P.Embed", "H5P.ExportableTextArea", "H5P.GoToQuestion",
    "H5P.IFrameEmbed", "H5P.IVHotspot", "H5P.Image", "H5P.ImageHotspots", "H5P.ImageSlider", "H5P.Link", "H5P.Nil",
    "H5P.Shape", "H5P.Table", "H5P.Text", "H5P.Timeline", "H5P.TwitterUserFeed", "H5P.Video",
])  # fmt: skip
"""Types that never give a score."""
CONTAINERS = frozenset([
    "H5P.CercleChoice", "H5P.Column", "H5P.CoursePresentation", "H5P.InteractiveBook", "H5P.InteractiveVideo",
    "H5P.QuestionSet", "H5P.RowColumn", "H5P.SingleChoiceSet",
])  # fmt: skip
"""Types whose score is the sum of their parts'."""


class Points(NamedTuple):
    """A score out of a highest score, both in the content's own unit."""

    score: float
    highest: float


@dataclass(frozen=True, slots=True)
class Part:
    """A content, or one inside it. `id` is its subContentId, "0" for the whole; `position` is in reading order."""

    id: str
    library: str
    params: Mapping[str, Any]
    parent: str | None
    position: int


@dataclass(frozen=True, slots=True)
class Judged:
    """What the answer is worth, and whether that is a pass by the content's own mark."""

    score: float
    highest: float
    success: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """A statement's `result.response`, its first pattern of right answers, and the texts of its components by id."""

    response: str
    pattern: str = ""
    labels: Mapping[str, str] | None = None


def machine_name(library: str) -> str:
    """`H5P.X` of "H5P.X 1.2" or "H5P.X-1.2"."""
    return re.sub(r"[ -]\d+\.\d+(\.\d+)?$", "", library)


def parts_of(library: str, params: Any) -> list[Part]:
    """The whole content, then everything inside it that has an id of its own, in reading order. Never raises."""
    found: list[Part] = []

    def add(part_id: str, name: str, inner: Any, parent: str | None) -> None:
        values = inner if isinstance(inner, Mapping) else {}
        found.append(Part(part_id, name, values, parent, len(found)))
        for one in _inside(name, values, 0):
            add(one[0], one[1], one[2], part_id)

    add(WHOLE, machine_name(library), params, None)
    return found


def _inside(name: str, value: Any, depth: int) -> Iterator[tuple[str, str, Any]]:
    """(id, library, params) of the contents directly inside; those in them are theirs."""
    own = _own_part(value) if depth and name not in _LISTED else None
    if own is not None:
        yield own
    elif depth <= _DEPTH and isinstance(value, (list, Mapping)):
        for item in value if isinstance(value, list) else value.values():
            yield from _inside(name, item, depth + 1)
    if depth == 0:
        yield from _questions(name, value)


def _own_part(value: Any) -> tuple[str, str, Any] | None:
    if not isinstance(value, Mapping):
        return None
    library, part_id = value.get("library"), value.get("subContentId")
    if not isinstance(library, str) or not isinstance(part_id, str) or not part_id:
        return None
    return part_id, machine_name(library), value.get("params")


# Types whose questions are entries of a list and not contents: the list, and the field that holds the id.
_LISTED = {
    "H5P.SingleChoiceSet": ("choices", "subContentId"),
    "H5P.CercleChoice": ("questions", "id"),
}


def _questions(name: str, params: Any) -> Iterator[tuple[str, str, Any]]:
    field, key = _LISTED.get(name, ("", ""))
    entries = params.get(field) if isinstance(params, Mapping) else None
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, Mapping) and isinstance(entry.get(key), str):
            yield entry[key], f"{name}:question", entry


def judge(part: Part, answer: Answer) -> Judged | None:
    """What an answer is worth, or None where the parameters do not tell. Never raises on odd parameters."""
    rule = _RULES.get(part.library)
    if rule is None:
        return None
    try:
        points = rule(part.params, answer)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        return None
    if points is None or points.highest <= 0:
        return None
    score = min(max(points.score, 0.0), points.highest)
    mark = _number(_behaviour(part.params).get("passPercentage"), 100.0)
    return Judged(score, points.highest, 100 * score / points.highest >= mark)


def is_judged(part: Part) -> bool:
    """True when this type's answers are judged here."""
    return part.library in _RULES


def proven(parts: list[Part], known: Mapping[str, Points]) -> Points | None:
    """The sum of a compound content's parts, or None unless every part that gives a score is in `known`."""
    whole = parts[0]
    if whole.library not in CONTAINERS or _draws(whole.params):
        return None
    asked = [
        p for p in parts[1:] if p.library not in SILENT and p.library not in CONTAINERS and _top(p, parts)
    ]
    if not asked or any(part.id not in known for part in asked):
        return None
    return Points(sum(known[p.id].score for p in asked), sum(known[p.id].highest for p in asked))


def _top(part: Part, parts: list[Part]) -> bool:
    """Not the picture or film of a question: everything above it is a container."""
    by_id = {one.id: one for one in parts}
    above = by_id.get(part.parent or "")
    while above is not None and above.library in CONTAINERS:
        above = by_id.get(above.parent or "")
    return above is None


def _draws(params: Mapping[str, Any]) -> bool:
    """True when the player shows some of the questions only."""
    return _number(params.get("poolSize"), 0) > 0


def _behaviour(params: Mapping[str, Any]) -> Mapping[str, Any]:
    value = params.get("behaviour")
    return value if isinstance(value, Mapping) else {}


def _number(value: Any, default: float) -> float:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else default


def plain(text: Any) -> str:
    """A text as a reader sees it: without tags, entities and surplus spaces."""
    return _SPACE.sub(" ", html.unescape(_TAG.sub(" ", str(text)))).strip()


def _split(response: str) -> list[str]:
    return response.split("[,]") if response else []


def _indexes(response: str, count: int) -> list[int]:
    """The chosen places. Raises ValueError for one that is not there."""
    chosen = sorted({int(one) for one in _split(response)})
    if chosen and not (chosen[0] >= 0 and chosen[-1] < count):
        raise ValueError(response)
    return chosen


# ------------------------------------------------------------------ one rule per type


def _true_false(params: Mapping[str, Any], answer: Answer) -> Points | None:
    right = str(params["correct"]).lower()
    if right not in ("true", "false"):
        return None
    return Points(float(answer.response == right), 1.0)


def _multi_choice(params: Mapping[str, Any], answer: Answer) -> Points | None:
    options = params["answers"]
    behaviour = _behaviour(params)
    right = [option.get("correct") is True for option in options]
    weights = [_number(option.get("weight"), 1.0) for option in options]
    chosen = _indexes(answer.response, len(options))
    kind = behaviour.get("type")
    single = behaviour.get("singleAnswer") is True if kind is None else kind == "single"
    if kind == "auto":
        single = sum(right) == 1
    score = sum(weights[i] if right[i] else -weights[i] for i in chosen)
    highest = sum(weight for weight, is_right in zip(weights, right, strict=True) if is_right)
    if not any(right):
        return Points(0.0 if chosen else 1.0, 1.0)
    if behaviour.get("singlePoint") is True and not single:
        return Points(float(_share(score, highest) >= _number(behaviour.get("passPercentage"), 100.0)), 1.0)
    return Points(max(score, 0.0), 1.0 if single else highest)


def _share(score: float, highest: float) -> float:
    return 100 * max(score, 0.0) / highest


def _media_choice(params: Mapping[str, Any], answer: Answer) -> Points | None:
    return _multi_choice({"answers": params["options"], "behaviour": {
        **_behaviour(params), "type": _behaviour(params).get("questionType", "auto"),
    }}, answer)  # fmt: skip


def _single_choice(params: Mapping[str, Any], answer: Answer) -> Points | None:
    """The first answer is the right one; the player shuffles them, so the texts decide."""
    texts = [plain(text) for text in params["answers"]]
    said = plain((answer.labels or {}).get(answer.response, ""))
    if said not in texts:
        return None
    return Points(float(said == texts[0]), 1.0)


def _own_choice(params: Mapping[str, Any], answer: Answer) -> Points | None:
    chosen = _indexes(answer.response, len(params["options"]))
    right = [i for i, option in enumerate(params["options"]) if option.get("correct") is True]
    return Points(float(bool(chosen) and chosen[0] in right), 1.0)


def _drag_text(params: Mapping[str, Any], answer: Answer) -> Points | None:
    wanted = [plain(_word(one)) for one in _STARRED.findall(params["textField"].replace("\n", " "))]
    given = [plain(one) for one in answer.response.split("[,]")]
    if "**" in params["textField"] or len(given) != len(wanted):
        return None
    return _per_word(params, sum(a == b for a, b in zip(given, wanted, strict=True)), len(wanted))


def _per_word(params: Mapping[str, Any], right: float, count: int) -> Points:
    if _behaviour(params).get("singlePoint") is True:
        return Points(float(right == count), 1.0)
    return Points(float(right), float(count))


def _word(starred: str) -> str:
    """The answer alone, without its tip and feedback: `blue:a tip` means blue."""
    return re.split(r":|\\[+-]", starred, maxsplit=1)[0]


def _blanks(params: Mapping[str, Any], answer: Answer) -> Points | None:
    texts = [str(one) for one in params["questions"]]
    found = [one for text in texts for one in _STARRED.findall(text)]
    given = _split(_without_options(answer.response)) or [""]
    if any("**" in text for text in texts) or len(given) != len(found):
        return None
    rule = _behaviour(params)
    right = sum(_fills(a, _alternatives(b), rule) for a, b in zip(given, found, strict=True))
    return Points(float(right), float(len(found)))


def _without_options(text: str) -> str:
    return re.sub(r"^(\{[a-z_]+=[^}]*\})+", "", text)


def _alternatives(starred: str) -> list[str]:
    word = _word(starred.replace("\\/", "\0"))
    return [plain(one).replace("\0", "/") for one in word.split("/")]


def _fills(given: str, wanted: list[str], rule: Mapping[str, Any]) -> bool:
    fold = (lambda text: text) if rule.get("caseSensitive", True) is True else str.casefold
    said = fold(plain(given))
    for one in map(fold, wanted):
        if said == one:
            return True
        if rule.get("acceptSpellingErrors") is True and 0 < _distance(said, one) <= _slips(one):
            return True
    return False


def _slips(word: str) -> int:
    """Letters that may be wrong: none up to three, one up to nine, then two."""
    return 0 if len(word) <= 3 else 1 if len(word) <= 9 else 2


def _distance(a: str, b: str) -> int:
    """Levenshtein's distance; words that differ by more than two letters in length are far apart anyway."""
    if abs(len(a) - len(b)) > 2 or max(len(a), len(b)) > 200:
        return 99
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (x != y))
    return row[-1]


def _mark_the_words(params: Mapping[str, Any], answer: Answer) -> Points | None:
    """The player numbers the words; its numbering is believed where it marks the very words of the parameters."""
    words = [plain(one) for one in _STARRED.findall(plain(params["textField"]))]
    right = set(_split(answer.pattern))
    labels = answer.labels or {}
    if "**" in params["textField"] or sorted(plain(labels.get(i, "")).strip("*") for i in right) != sorted(
        words
    ):
        return None
    chosen = set(_split(answer.response))
    return Points(float(len(chosen & right) - len(chosen - right)), float(len(right)))


def _drag_question(params: Mapping[str, Any], answer: Answer) -> Points | None:
    task = params["question"]["task"]
    zones = [{int(one) for one in zone.get("correctElements", ())} for zone in task["dropZones"]]
    right = {(place, element) for place, elements in enumerate(zones) for element in elements}
    if not right:
        return None
    placed = {_pair(one) for one in _split(answer.response)}
    many = {i for i, element in enumerate(task["elements"]) if element.get("multiple") is True}
    placeable = {element for _, element in right}
    highest = float(sum(sum(e == one for _, e in right) if one in many else 1 for one in placeable))
    good, bad = len(placed & right), len(placed - right)
    rule = _behaviour(params)
    if rule.get("singlePoint") is True:
        return Points(float(max(good - bad, 0) == highest), 1.0)
    return Points(float(good - bad if rule.get("applyPenalties", True) is True else good), highest)


def _pair(text: str) -> tuple[int, int]:
    """(drop zone, element), as this type writes its pairs."""
    zone, _, element = text.partition("[.]")
    return int(zone), int(element)


Rule = Callable[[Mapping[str, Any], Answer], Points | None]
_RULES: dict[str, Rule] = {
    "H5P.TrueFalse": _true_false,
    "H5P.MultiChoice": _multi_choice,
    "H5P.MultiMediaChoice": _media_choice,
    "H5P.SingleChoiceSet:question": _single_choice,
    "H5P.CercleChoice:question": _own_choice,
    "H5P.DragText": _drag_text,
    "H5P.Blanks": _blanks,
    "H5P.MarkTheWords": _mark_the_words,
    "H5P.DragQuestion": _drag_question,
}
