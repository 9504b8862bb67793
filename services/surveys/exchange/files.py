"""A flat table as CSV, XLSX with a bilingual codebook, SPSS .sav with labels and missing codes, or JSON."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Mapping
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

from services.surveys.exchange.flat import MISSING, Column, Flat, Value

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
SHEETS = {
    "fr": ("Réponses", "Dictionnaire", "Notes", ("Variable", "Question", "Libellé (fr)", "Libellé (en)", "Mesure", "Valeurs (fr)",
                                        "Valeurs (en)")),
    "en": ("Answers", "Codebook", "Notes", ("Variable", "Question", "Label (fr)", "Label (en)", "Measure", "Values (fr)",
                                   "Values (en)")),
}  # fmt: skip


def to_csv(flat: Flat) -> bytes:
    """UTF-8 with a byte order mark, so that a spreadsheet sees the accents; texts cannot become formulas."""
    out = StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([column.name for column in flat.columns])
    for row in flat.rows:
        writer.writerow([_guarded(cell) for cell in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def codebook_csv(flat: Flat) -> bytes:
    """The codebook by itself, as `to_csv` writes; the notes are its last rows, with an empty variable."""
    out = StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["variable", "question", "label_fr", "label_en", "measure", "values_fr", "values_en"])
    writer.writerows([_guarded(cell) for cell in _described(column)] for column in flat.columns)
    writer.writerows(["", "", note.get("fr", ""), note.get("en", ""), "note", "", ""] for note in flat.notes)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def to_xlsx(flat: Flat, language: str) -> bytes:
    """Answers, codebook and notes, sheets named in the reader's language; both languages are in the codebook."""
    import xlsxwriter  # noqa: PLC0415 only an export pays for it

    out = BytesIO()
    # Strings stay strings: no formulas, no links, no numbers out of texts.
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    answers, codebook, notes, head = SHEETS[language]
    with xlsxwriter.Workbook(out, options) as book:
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet(answers)
        sheet.freeze_panes(1, 0)
        for at, column in enumerate(flat.columns):
            sheet.write_string(0, at, column.name, bold)
            for line, row in enumerate(flat.rows, 1):
                _write(sheet, line, at, row[at])
        words = book.add_worksheet(codebook)
        words.freeze_panes(1, 1)
        words.set_column(0, 6, 28)
        for at, title in enumerate(head):
            words.write_string(0, at, title, bold)
        for line, column in enumerate(flat.columns, 1):
            for at, text in enumerate(_described(column)):
                words.write_string(line, at, text)
        if flat.notes:
            known = book.add_worksheet(notes)
            known.set_column(0, 1, 80)
            for line, note in enumerate(flat.notes):
                known.write_string(line, 0, note.get("fr", ""))
                known.write_string(line, 1, note.get("en", ""))
    return out.getvalue()


def to_sav(flat: Flat, language: str) -> bytes:
    """An SPSS file: labels in one language, value labels, missing codes as user-missing, measure of each variable,
    and the notes as the file's documents.
    """
    import pandas as pd  # noqa: PLC0415 half a second that only an export pays
    import pyreadstat  # noqa: PLC0415

    columns: dict[str, list[Value]] = {
        column.name: [row[at] for row in flat.rows] for at, column in enumerate(flat.columns)
    }
    frame = pd.DataFrame(columns, columns=[column.name for column in flat.columns])
    for column in flat.columns:
        frame[column.name] = frame[column.name].astype("str" if column.is_text else "float64")
    numbers = [column for column in flat.columns if not column.is_text]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.sav"
        pyreadstat.write_sav(
            frame, str(path),
            column_labels={column.name: column.label.get(language, "")[:255] for column in flat.columns},
            variable_value_labels={
                column.name: labels for column in flat.columns if (labels := _value_labels(column, language))
            },
            missing_ranges={column.name: list(column.missing) for column in numbers if column.missing},
            variable_measure={column.name: column.measure for column in numbers},
            note=[line for note in flat.notes for line in _wrapped(note.get(language, ""))],
        )  # fmt: skip
        return path.read_bytes()


def to_json(flat: Flat) -> bytes:
    """{"variables": [codebook entry], "missing": {code: label}, "notes": [text], "rows": [{variable: value}]}."""
    document = {
        "variables": [
            {"name": column.name, "question": column.element, "label": dict(column.label), "measure": column.measure,
             "values": {str(value): dict(label) for value, label in (column.values or column.codes).items()},
             "missing": list(column.missing)}
            for column in flat.columns
        ],
        "missing": {str(code): dict(label) for code, label in MISSING.items()},
        "notes": [dict(note) for note in flat.notes],
        "rows": [
            {column.name: cell for column, cell in zip(flat.columns, row, strict=True)} for row in flat.rows
        ],
    }  # fmt: skip
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1).encode()


def _wrapped(text: str) -> list[str]:
    """Lines of at most 80 bytes, which is what the format holds."""
    lines, wide = [""], 80
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if len(longer.encode()) <= wide:
            lines[-1] = longer
        else:
            lines.append(word.encode()[:wide].decode(errors="ignore"))
    return lines


def _described(column: Column) -> list[str]:
    values = [_listed(_labels(column), language) for language in ("fr", "en")]
    return [
        column.name,
        column.element,
        column.label.get("fr", ""),
        column.label.get("en", ""),
        column.measure,
        *values,
    ]


def _listed(values: Mapping[Any, Mapping[str, str]], language: str) -> str:
    return "; ".join(f"{value} = {label.get(language, '')}" for value, label in values.items())


def _labels(column: Column) -> Mapping[Any, Mapping[str, str]]:
    return column.codes or {**column.values, **_missing(column)}


def _missing(column: Column) -> dict[int, Mapping[str, str]]:
    return {code: MISSING[code] for code in column.missing}


def _value_labels(column: Column, language: str) -> dict[Any, str]:
    number = str if column.is_text else float
    return {number(value): label.get(language, "")[:120] for value, label in _labels(column).items()}


def _guarded(cell: Value) -> Value:
    """A text that a spreadsheet would run gets an apostrophe first."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(DANGEROUS) else cell


def _write(sheet: Any, line: int, at: int, cell: Value) -> None:
    if isinstance(cell, str):
        sheet.write_string(line, at, cell[:32_767])
    else:
        sheet.write_number(line, at, cell)
