"""XLSForm workbooks: what of them Cercle can ask, and a warning for every part that it cannot.

Source: the XLSForm specification, xlsform.org.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from services.surveys.domain.instrument import definition_problems
from services.surveys.domain.instrument import elements as parts
from services.surveys.domain.instrument.answers import is_date
from services.surveys.exchange.documents import Instrument, InstrumentRefused, Warned
from services.surveys.exchange.expressions import UnsupportedExpression, bounds, calculation, condition
from shared.errors import FieldProblem

MAX_BYTES, MAX_UNPACKED, MAX_ENTRIES, MAX_ROWS, MAX_COLUMNS = 5_000_000, 50_000_000, 500, 2000, 60
COLUMN = re.compile(
    r"(?P<name>[a-z_]+)(?:\s*::?\s*(?P<label>[^()]*?)\s*(?:\((?P<code>[a-z]{2})[^)]*\))?)?", re.IGNORECASE
)
SPOKEN = {
    "french": "fr",
    "français": "fr",
    "francais": "fr",
    "fr": "fr",
    "english": "en",
    "anglais": "en",
    "en": "en",
}
ASIDE = frozenset({
    "start", "end", "today", "deviceid", "username", "simserial", "subscriberid", "phonenumber", "audit", "start-geopoint",
})  # fmt: skip
PLAIN: Mapping[str, tuple[str, dict[str, Any]]] = {
    "integer": (parts.NUMBER, {"decimals": 0}), "decimal": (parts.NUMBER, {"decimals": 6}),
    "date": (parts.DATE, {}), "text": (parts.SHORT_TEXT, {}), "note": (parts.SECTION, {}),
    "acknowledge": (parts.CONSENT, {}), "calculate": (parts.COMPUTED, {}),
}  # fmt: skip
LISTED = {
    "select_one": parts.SINGLE, "select_multiple": parts.MULTIPLE, "rank": parts.RANKING,
    "select one": parts.SINGLE, "select multiple": parts.MULTIPLE,
}  # fmt: skip
Row = dict[tuple[str, str | None], str]


def from_xlsform(data: bytes) -> Instrument:
    """Read a workbook with the sheets survey, choices and settings.

    Questions of kinds that Cercle has not, expressions outside the subset and media are left out, each with a
    warning. Raises InstrumentRefused where the file is no such workbook or nothing of it can be asked.
    """
    sheets = _sheets(data)
    if "survey" not in sheets:
        raise InstrumentRefused(fields=[FieldProblem("file", "no-survey-sheet")])
    form = _Form(_choices(sheets.get("choices", [])))
    for number, row in sheets["survey"]:
        form.add(number, row)
    if not form.elements:
        raise InstrumentRefused(fields=[FieldProblem("file", "nothing-to-ask")])
    if problems := definition_problems(form.elements):
        raise InstrumentRefused(fields=problems)
    settings = dict(sheets.get("settings", [])[:1]).get(2, {})
    title = settings.get(("form_title", None), "")[:200]
    return Instrument({"fr": title, "en": title}, {"fr": "", "en": ""}, form.elements, form.warnings)


def _sheets(data: bytes) -> dict[str, list[tuple[int, Row]]]:
    """Rows by sheet, each with its number, keyed by column and language. Limits first: a workbook is a zip."""
    from openpyxl import load_workbook  # noqa: PLC0415 a third of a second that only an import pays

    if len(data) > MAX_BYTES:
        raise InstrumentRefused(fields=[FieldProblem("file", "too-large", {"max": MAX_BYTES})])
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
                raise InstrumentRefused(fields=[FieldProblem("file", "too-large", {"max": MAX_UNPACKED})])
        book = load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
        found = {
            str(sheet.title).strip().lower(): list(
                _rows(sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS))
            )
            for sheet in book.worksheets
        }
        book.close()
    except InstrumentRefused:
        raise
    except Exception:  # noqa: BLE001 whatever a broken workbook makes of the library, it is a broken workbook
        raise InstrumentRefused(fields=[FieldProblem("file", "not-a-workbook")]) from None
    return found


def _rows(lines: Iterator[tuple[Any, ...]]) -> Iterator[tuple[int, Row]]:
    head = [_column(cell) for cell in next(lines, ())]
    for number, cells in enumerate(lines, 2):
        if number > MAX_ROWS:
            raise InstrumentRefused(fields=[FieldProblem("file", "too-many-rows", {"max": MAX_ROWS})])
        row = {
            key: _cell(cell) for key, cell in zip(head, cells, strict=False) if key and cell not in (None, "")
        }
        if row:
            yield number, row


def _column(cell: Any) -> tuple[str, str | None] | None:
    match = COLUMN.fullmatch(str(cell or "").strip())
    if match is None:
        return None
    spoken = (match["code"] or match["label"] or "").lower()
    return match["name"].lower(), SPOKEN.get(spoken, spoken or None)


def _cell(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value).strip()
    return "".join(
        letter for letter in text if letter in "\n\t" or (letter.isprintable() or letter == "\u00a0")
    )


def _choices(rows: list[tuple[int, Row]]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for _, row in rows:
        found.setdefault(row.get(("list_name", None)) or row.get(("list name", None)) or "", []).append(row)
    return found


@dataclass
class _Form:
    """What has been read so far; `groups` holds the conditions of the groups that are open."""

    choices: Mapping[str, list[Row]]
    elements: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)
    codes: dict[str, str] = field(default_factory=dict)
    groups: list[dict[str, Any] | None] = field(default_factory=list)

    def add(self, number: int, row: Row) -> None:
        """One row of the sheet survey."""
        type_ = " ".join(row.get(("type", None), "").split()).lower()
        if type_ in ASIDE or not type_:
            return
        if type_.replace("_", " ") in ("begin group", "begin repeat"):
            self._open(number, row, repeats="repeat" in type_)
        elif type_.replace("_", " ") in ("end group", "end repeat"):
            self.groups[-1:] = []
        else:
            self._question(number, row, type_)

    def _open(self, number: int, row: Row, *, repeats: bool) -> None:
        if repeats:
            self._warn(number, "repeat-asked-once")
        self.groups.append(self._condition(number, row))
        if any(_pair(row, "label").values()):
            self._append(number, row, {"kind": parts.SECTION})

    def _question(self, number: int, row: Row, type_: str) -> None:
        own = self._own(number, type_)
        if own is None:
            self._warn(number, "type-left-out", type=type_[:60])
            return
        if own["kind"] == parts.SHORT_TEXT and "multiline" in row.get(("appearance", None), ""):
            own["kind"] = parts.LONG_TEXT
        if own["kind"] == parts.COMPUTED:
            try:
                own["compute"] = calculation(row.get(("calculation", None), ""), self.codes)
            except UnsupportedExpression:
                self._warn(number, "calculation-left-out")
                return
        self._append(number, row, own)

    def _own(self, number: int, type_: str) -> dict[str, Any] | None:
        """Kind and the fields that come of the type; None where Cercle has no such kind."""
        if type_ in PLAIN:
            kind, more = PLAIN[type_]
            return {"kind": kind, **more}
        for word, kind in LISTED.items():
            if type_.startswith(f"{word} "):
                name, *rest = type_.removeprefix(f"{word} ").split()
                options = self._options(number, name)
                other = {"other": True} if "or_other" in rest and kind != parts.RANKING else {}
                return {"kind": kind, "options": options, **other} if options else None
        return None

    def _options(self, number: int, name: str) -> list[dict[str, Any]]:
        # Types are compared in lower case, list names as they are written.
        rows = next((rows for known, rows in self.choices.items() if known.lower() == name), [])
        taken: dict[str, str] = {}
        found = []
        for row in rows[: parts.MAX_OPTIONS]:
            code = _code(row.get(("name", None)) or row.get(("value", None)) or "", taken)
            found.append({"code": code, "text": _pair(row, "label")})
        if len(rows) > parts.MAX_OPTIONS:
            self._warn(number, "options-left-out", max=parts.MAX_OPTIONS)
        return found

    def _append(self, number: int, row: Row, own: dict[str, Any]) -> None:
        show = self._condition(number, row)
        name = row.get(("name", None), "") or f"q{number}"
        element = {"code": _code(name, self.codes), "text": self._text(row, "label"), **own}
        hint = self._text(row, "hint")
        extras = {
            "help": hint if any(hint.values()) else None,
            "required": True
            if row.get(("required", None), "").lower() in ("yes", "true", "true()", "oui")
            else None,
            "show_if": show if len(self.elements) else None,
        }
        element |= {name: value for name, value in extras.items() if value is not None}
        self._constrain(number, row, element)
        self.elements.append(element)

    def _text(self, row: Row, name: str) -> dict[str, str]:
        """A pair whose `${name}` is our piping mark."""

        def mark(match: re.Match[str]) -> str:
            return f"{{{{{self.codes[match[1]]}}}}}" if match[1] in self.codes else "…"

        return {
            language: re.sub(r"\$\{\s*([\w.-]+)\s*\}", mark, text)
            for language, text in _pair(row, name).items()
        }

    def _condition(self, number: int, row: Row) -> dict[str, Any] | None:
        """The row's own condition and those of the groups around it."""
        found = [group for group in self.groups if group]
        text = row.get(("relevant", None)) or row.get(("relevance", None))
        if text:
            try:
                found.append(condition(text, self.codes))
            except UnsupportedExpression:
                self._warn(number, "condition-left-out")
        return None if not found else found[0] if len(found) == 1 else {"all": found}

    def _constrain(self, number: int, row: Row, element: dict[str, Any]) -> None:
        text = row.get(("constraint", None))
        if not text:
            return
        try:
            for subject, sign, limit in bounds(text):
                if not _apply(element, subject, sign, limit):
                    raise UnsupportedExpression
        except (UnsupportedExpression, ValueError):
            self._warn(number, "constraint-left-out")

    def _warn(self, number: int, code: str, **params: Any) -> None:
        self.warnings.append(Warned(number, code, params))


def _apply(element: dict[str, Any], subject: str, sign: str, limit: str) -> bool:
    """Put one bound into its field; False where the kind has no such bound."""
    ends = {">=": "min", "<=": "max"}
    kind = element["kind"]
    if subject == "string-length" and kind in parts.TEXTS and sign == "<=":
        element["max_length"] = int(float(limit))
    elif subject == "count-selected" and kind == parts.MULTIPLE and sign in ends:
        element[ends[sign]] = int(float(limit))
    elif subject == "." and kind == parts.NUMBER and sign in ends:
        element[ends[sign]] = float(limit)
    elif subject == "." and kind == parts.NUMBER and sign in (">", "<") and element.get("decimals") == 0:
        element[ends[f"{sign}="]] = float(limit) + (1 if sign == ">" else -1)
    elif subject == "." and kind == parts.DATE and sign in ends and is_date(limit):
        element[ends[sign]] = limit
    else:
        return False
    return True


def _code(name: str, taken: dict[str, str]) -> str:
    """Our code of an XLSForm name: lower case, hyphens, made unlike those that are taken. Effect: adds to `taken`."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:70] or "x"
    code, number = plain, 2
    while code in taken.values() or code in (parts.OTHER, parts.END, parts.NOT_APPLICABLE):
        code, number = f"{plain}-{number}", number + 1
    taken.setdefault(name, code)
    if taken[name] != code:
        taken[f"{name}#{number}"] = code
    return code


def _pair(row: Row, name: str) -> dict[str, str]:
    """Both halves of a column; a column without a language, or in another one, fills what is empty."""
    fallback = row.get((name, None)) or next(
        (text for (column, _), text in row.items() if column == name), ""
    )
    given = {language: row.get((name, language), "") for language in parts.LANGUAGES}
    return given if any(given.values()) else dict.fromkeys(parts.LANGUAGES, fallback)
