"""Answers as one flat table with a bilingual codebook: what every export starts from.

A person is a row, in an order that says nothing; there are no times and no identities. Missing values have codes:
-7 not applicable, -8 not asked (the question was not shown), -9 no answer; in texts they are empty.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from services.surveys.domain.instrument import computed_values, visible
from services.surveys.domain.instrument import elements as parts
from services.surveys.domain.instrument.elements import Element
from services.surveys.domain.instrument.logic import Answers

NOT_APPLICABLE, NOT_ASKED, NO_ANSWER = -7, -8, -9
MISSING: Mapping[int, Mapping[str, str]] = {
    NOT_APPLICABLE: {"fr": "Ne s’applique pas", "en": "Not applicable"},
    NOT_ASKED: {"fr": "Non posée", "en": "Not asked"},
    NO_ANSWER: {"fr": "Sans réponse", "en": "No answer"},
}
YES_NO = {1: {"fr": "Oui", "en": "Yes"}, 0: {"fr": "Non", "en": "No"}}
OTHER = {"fr": "Autre", "en": "Other"}
ENDS = {"best": {"fr": "le plus", "en": "most"}, "worst": {"fr": "le moins", "en": "least"}}
WITH_NOT_APPLICABLE = (NOT_APPLICABLE, NOT_ASKED, NO_ANSWER)
Pair = Mapping[str, str]
Value = float | int | str


@dataclass(frozen=True)
class Column:
    """One variable. `measure`: nominal, ordinal, scale or text; `values`: labels of its numbers, both languages;
    `missing`: the missing codes that it may hold (none in texts and dates); `codes`: labels of a text's words, where
    it holds one out of a list.
    """

    name: str
    element: str
    label: Pair
    measure: str
    values: Mapping[int, Pair] = field(default_factory=dict)
    missing: tuple[int, ...] = (NOT_ASKED, NO_ANSWER)
    codes: Mapping[str, Pair] = field(default_factory=dict)

    @property
    def is_text(self) -> bool:
        """Whether its cells are texts."""
        return self.measure == "text"


@dataclass(frozen=True)
class Flat:
    """`rows` of cells in the order of `columns`; `notes`: what a reader of the file must know, in both languages."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]
    notes: Sequence[Pair] = ()


def with_attributes(
    flat: Flat, attributes: Sequence[Column], rows: Sequence[Sequence[Value]], notes: Sequence[Pair] = ()
) -> Flat:
    """The table with columns of people's attributes before the answers, row by row, and more notes.

    An attribute whose name an answer's column has already gets another one.
    """
    columns = _named([*attributes, *flat.columns])
    joined = [[*first, *rest] for first, rest in zip(rows, flat.rows, strict=True)]
    return Flat(columns, joined, (*flat.notes, *notes))


def flat_table(
    elements: Sequence[Element],
    responses: Sequence[Answers],
    scale: Mapping[str, Any],
    *,
    texts: bool = True,
    asked: Sequence[Collection[str]] | None = None,
) -> Flat:
    """The table of an instrument's answers.

    `scale`: {"importance": {"label", "anchors"}, "ability": …} as the survey shows it; `texts` False leaves out
    whatever people wrote themselves. `asked`: for each response, the codes that its version of the instrument had
    (all of them, without it): what a person's version did not have was not asked of that person. Rows keep the order of
    `responses`, which the caller has shuffled.
    """
    makers = [(element, list(_columns(element, scale, texts=texts))) for element in elements]
    columns = _named([column for _, made in makers for column in made])
    rows = []
    for place, answers in enumerate(responses):
        shown, computed = set(visible(elements, answers)), computed_values(elements, answers)
        shown &= shown if asked is None else set(asked[place])
        row: list[Value] = []
        for element, made in makers:
            code = element["code"]
            answer = answers.get(code, {}) if code in shown else None
            cells = _cells(element, answer, computed.get(code), texts=texts)
            row += cells if code in shown else [_empty(column, NOT_ASKED) for column in made]
        rows.append(row)
    return Flat(columns, rows)


def _columns(element: Element, scale: Mapping[str, Any], *, texts: bool) -> Iterator[Column]:
    maker = _KINDS.get(element["kind"])
    if maker is not None:
        yield from maker[0](element, scale)
    elif element["kind"] == parts.DATE or (element["kind"] in parts.TEXTS and texts):
        yield Column(element["code"], element["code"], element.get("text") or {}, "text", missing=())
    if element.get("other") and texts:
        label = _joined(element.get("text") or {}, OTHER)
        yield Column(f"{element['code']}_text", element["code"], label, "text", missing=())


def _cells(
    element: Element, answer: Mapping[str, Any] | None, computed: float | None, *, texts: bool
) -> list[Value]:
    given, maker = answer or {}, _KINDS.get(element["kind"])
    if element["kind"] == parts.COMPUTED:
        cells: list[Value] = [NO_ANSWER if computed is None else computed]
    elif maker is not None:
        cells = list(maker[1](element, given))
    else:
        written = element["kind"] == parts.DATE or (element["kind"] in parts.TEXTS and texts)
        cells = [given.get("value", "")] if written else []
    return [*cells, *([given.get("text", "")] if element.get("other") and texts else [])]


# Each kind's columns and cells, one beside the other, in the same order.


def _pair_columns(element: Element, scale: Mapping[str, Any]) -> Iterator[Column]:
    for side in parts.SIDES:
        anchors = {int(point): label for point, label in scale[side]["anchors"].items()}
        label = _joined(element["text"], scale[side]["label"])
        yield Column(
            f"{element['code']}_{side}", element["code"], label, "ordinal", anchors, WITH_NOT_APPLICABLE
        )


def _pair_cells(_element: Element, given: Mapping[str, Any]) -> list[Value]:
    return [_point(given.get(side)) for side in parts.SIDES]


def _matrix_columns(element: Element, _scale: Mapping[str, Any]) -> Iterator[Column]:
    for row in element["rows"]:
        label, values = _joined(element["text"], row["text"]), _numbered(element, "points")
        yield Column(
            f"{element['code']}_{row['code']}", element["code"], label, "ordinal", values, WITH_NOT_APPLICABLE
        )


def _matrix_cells(element: Element, given: Mapping[str, Any]) -> list[Value]:
    points = {point["code"]: number for number, point in enumerate(element["points"], 1)}
    return [_coded(given.get(row["code"]), points) for row in element["rows"]]


def _single_columns(element: Element, _scale: Mapping[str, Any]) -> Iterator[Column]:
    yield Column(element["code"], element["code"], element["text"], "nominal", _numbered(element, "options"))


def _single_cells(element: Element, given: Mapping[str, Any]) -> list[Value]:
    return [_coded(given.get("choice"), _places(element))]


def _multiple_columns(element: Element, _scale: Mapping[str, Any]) -> Iterator[Column]:
    for option in _choices(element):
        label = _joined(element["text"], option["text"])
        yield Column(f"{element['code']}_{option['code']}", element["code"], label, "nominal", YES_NO)


def _multiple_cells(element: Element, given: Mapping[str, Any]) -> list[Value]:
    chosen = given.get("choices")
    return [NO_ANSWER if chosen is None else int(option["code"] in chosen) for option in _choices(element)]


def _ranking_columns(element: Element, _scale: Mapping[str, Any]) -> Iterator[Column]:
    for option in element["options"]:
        label = _joined(element["text"], option["text"])
        yield Column(f"{element['code']}_{option['code']}", element["code"], label, "ordinal")


def _ranking_cells(element: Element, given: Mapping[str, Any]) -> list[Value]:
    places = {code: place for place, code in enumerate(given.get("order") or (), 1)}
    return [places.get(option["code"], NO_ANSWER) for option in element["options"]]


def _maxdiff_columns(element: Element, _scale: Mapping[str, Any]) -> Iterator[Column]:
    values = _numbered(element, "options")
    for place in range(1, len(element["sets"]) + 1):
        for end, words in ENDS.items():
            label = {
                language: f"{element['text'].get(language, '')} ({place}, {word})"
                for language, word in words.items()
            }
            yield Column(f"{element['code']}_{place}_{end}", element["code"], label, "nominal", values)


def _maxdiff_cells(element: Element, given: Mapping[str, Any]) -> list[Value]:
    sets, places = given.get("sets") or {}, _places(element)
    return [
        _coded((sets.get(str(place)) or {}).get(end), places)
        for place in range(len(element["sets"]))
        for end in ENDS
    ]


def _number_columns(element: Element, _scale: Mapping[str, Any]) -> Iterator[Column]:
    yield Column(element["code"], element["code"], element.get("text") or {}, "scale")


def _number_cells(_element: Element, given: Mapping[str, Any]) -> list[Value]:
    return [given.get("value", NO_ANSWER)]


def _consent_columns(element: Element, _scale: Mapping[str, Any]) -> Iterator[Column]:
    yield Column(element["code"], element["code"], element["text"], "nominal", YES_NO)


def _consent_cells(_element: Element, given: Mapping[str, Any]) -> list[Value]:
    return [int(given["value"]) if "value" in given else NO_ANSWER]


_KINDS: Mapping[
    str,
    tuple[
        Callable[[Element, Mapping[str, Any]], Iterator[Column]],
        Callable[[Element, Mapping[str, Any]], list[Value]],
    ],
] = {
    parts.PAIR: (_pair_columns, _pair_cells),
    parts.MATRIX: (_matrix_columns, _matrix_cells),
    parts.SINGLE: (_single_columns, _single_cells),
    parts.MULTIPLE: (_multiple_columns, _multiple_cells),
    parts.RANKING: (_ranking_columns, _ranking_cells),
    parts.MAXDIFF: (_maxdiff_columns, _maxdiff_cells),
    parts.NUMBER: (_number_columns, _number_cells),
    parts.COMPUTED: (_number_columns, _number_cells),
    parts.CONSENT: (_consent_columns, _consent_cells),
}


def _choices(element: Element) -> list[Mapping[str, Any]]:
    other = [{"code": parts.OTHER, "text": OTHER}] if element.get("other") else []
    return [*element["options"], *other]


def _places(element: Element) -> dict[str, int]:
    return {option["code"]: place for place, option in enumerate(_choices(element), 1)}


def _numbered(element: Element, field_name: str) -> dict[int, Pair]:
    entries = _choices(element) if field_name == "options" else element[field_name]
    return {place: entry["text"] for place, entry in enumerate(entries, 1)}


def _point(value: Any) -> int:
    return value if isinstance(value, int) else NOT_APPLICABLE if value == parts.NOT_APPLICABLE else NO_ANSWER


def _coded(value: Any, places: Mapping[str, int]) -> int:
    return NOT_APPLICABLE if value == parts.NOT_APPLICABLE else places.get(value, NO_ANSWER)


def _empty(column: Column, code: int) -> Value:
    return "" if column.is_text else code


def _joined(first: Pair, second: Pair) -> dict[str, str]:
    return {
        language: f"{first.get(language, '')} – {second.get(language, '')}" for language in parts.LANGUAGES
    }


def _named(columns: Sequence[Column]) -> list[Column]:
    """Names that every statistics package takes: letters, digits, underscores, at most 64, none twice."""
    taken: set[str] = set()
    out = []
    for column in columns:
        plain = "".join(letter if letter.isalnum() else "_" for letter in column.name)
        plain = (plain if plain[0].isalpha() else f"v_{plain}")[:60]
        name, number = plain, 2
        while name.lower() in taken:
            name, number = f"{plain}_{number}", number + 1
        taken.add(name.lower())
        out.append(replace(column, name=name))
    return out
