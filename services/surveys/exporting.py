"""Exports of a closed survey: who may have which columns, and the file in its format."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO, StringIO
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from services.surveys import policy, tables
from services.surveys.domain.coding import SMALLEST
from services.surveys.domain.instrument.elements import TEXTS, Element
from services.surveys.domain.survey import ANONYMOUS, NAMED, Survey
from services.surveys.exchange.files import codebook_csv, to_csv, to_json, to_sav, to_xlsx
from services.surveys.exchange.flat import Column, Flat, Value, flat_table, with_attributes
from services.surveys.methods.anonymity import WITHHELD, blanked, k_anonymous
from services.surveys.queries.pooled import closed_survey, pooled_instrument
from services.surveys.queries.responses import GivenResponse, load_responses
from services.surveys.queries.results import results_of
from services.surveys.queries.surveys import instant
from services.surveys.templates import scale
from shared.db.tx import Tx, rows
from shared.errors import Conflict, Forbidden
from shared.i18n import LANGUAGES, has, text
from shared.ids import new_id, random_id
from shared.storage import Storage

View = dict[str, Any]
FOLDER = "exports/"
KEPT = timedelta(hours=1)
STAMP = "%Y%m%dT%H%M%S"
LABELS = {
    "role": "surveys.role", "province": "identity.province", "sector": "identity.sector", "language": "shell.language",
    "answered_in": "shell.language",
}  # fmt: skip


class NoIdentities(Conflict):
    """Who answered can be exported of named surveys alone."""

    code = "no-identities"


class NothingRanked(Conflict):
    """There are no figures: the analysis was refused."""

    code = "nothing-ranked"


class TooFewToExport(Conflict):
    """Under five people, a file of a survey without names would be about each of them."""

    code = "too-few-to-export"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for. `texts`: what people wrote; `identities`: account ids, of a named survey."""

    survey_id: UUID
    format: str
    language: str
    texts: bool = False
    identities: bool = False


@dataclass(frozen=True, slots=True)
class File:
    """A file and its name."""

    name: str
    media_type: str
    data: bytes


def export(tx: Tx, wanted: Wanted, shown: Callable[[View], View]) -> File:
    """The file; `shown`: results as they may leave. Raises NotFound, Forbidden, ResultsAfterClosing, NoIdentities, NothingRanked, TooFewToExport."""
    survey = closed_survey(tx, wanted.survey_id)
    kind = FORMATS[wanted.format]
    if wanted.format.startswith("figures"):
        found = results_of(tx, survey)
        if found["status"] == "refused":
            raise NothingRanked
        data = kind.write(shown(found), wanted.language)
    else:
        data = kind.write(answers_table(tx, survey, wanted), wanted.language)
    return File(f"cercle-{kind.stem}-{str(survey.id)[:8]}.{kind.ending}", kind.media_type, data)


def log_named(tx: Tx, wanted: Wanted, reason: str) -> None:
    """Put on record that somebody took a file with account ids, and why. Raises NoIdentities, Forbidden."""
    survey = closed_survey(tx, wanted.survey_id)
    if survey.anonymity != NAMED:
        raise NoIdentities
    if not policy.can_see_participants(tx.actor, survey):
        raise Forbidden
    values = {
        "id": new_id(), "survey_id": survey.id, "account_id": tx.actor.require_account(),
        "format": wanted.format, "texts": wanted.texts, "reason": reason, "made_at": tx.now,
    }  # fmt: skip
    tx.session.execute(insert(tables.named_exports).values(values))


def list_named_exports(tx: Tx, survey_id: UUID) -> View:
    """Who took the answers with account ids out of the platform, newest first; at most 200."""
    survey = closed_survey(tx, survey_id)
    table = tables.named_exports
    chosen = select(table).where(table.c.survey_id == survey.id).order_by(table.c.id.desc()).limit(200)
    return {
        "items": [
            {"account_id": str(row["account_id"]), "format": row["format"], "texts": row["texts"],
             "reason": row["reason"], "made_at": instant(row["made_at"])}
            for row in rows(tx, chosen)
        ]
    }  # fmt: skip


def store_file(storage: Storage, file: File, now: datetime) -> View:
    """Put a file where the gateway takes it from, and deletes it."""
    key = f"{FOLDER}{now.strftime(STAMP)}-{random_id()}"
    stored = storage.put(key, BytesIO(file.data), durable=False)
    return {"storage_key": key, "filename": file.name, "media_type": file.media_type, "size": stored.size}


def sweep(storage: Storage, now: datetime) -> int:
    """Delete files that nobody came for within the hour; how many."""
    oldest = (now - KEPT).strftime(STAMP)
    late = [key for key in storage.list(FOLDER) if key.removeprefix(FOLDER) < oldest]
    for key in late:
        storage.delete(key)
    return len(late)


# --- the answers


def answers_table(tx: Tx, survey: Survey, wanted: Wanted) -> Flat:
    """Answers of every version and both languages, a person a row, shuffled; attributes that single nobody out."""
    responses = load_responses(tx, survey.id)
    if survey.anonymity != NAMED and len(responses) < SMALLEST and wanted.format != "codebook":
        raise TooFewToExport(minimum=SMALLEST)
    random.SystemRandom().shuffle(responses)
    instrument = pooled_instrument(tx, survey)
    few = _too_few(survey, instrument.elements, responses) if wanted.texts else frozenset()
    flat = flat_table(
        instrument.elements,
        [_without(one.answers, few, instrument.elements) for one in responses],
        scale(),
        texts=wanted.texts,
        asked=[instrument.asked.get(one.version, frozenset()) for one in responses],
    )
    flat = _dropping(flat, few, instrument.elements)
    notes = [_note("rows", n=len(responses)), _note(f"mode_{survey.anonymity}"), _note("pooled")]
    notes += [_note("texts_left_out")] if not wanted.texts else []
    notes += [_note("texts_few", minimum=SMALLEST)] if few else []
    columns, cells, more = _attributes(survey, responses, wanted)
    flat = with_attributes(flat, columns, cells, notes + more)
    return _with_accounts(tx, survey, flat, responses) if wanted.identities else flat


def _too_few(
    survey: Survey, elements: Sequence[Element], responses: Sequence[GivenResponse]
) -> frozenset[str]:
    """Questions whose written answers stay here: under five of them, in a survey without names."""
    if survey.anonymity == NAMED:
        return frozenset()
    counts = {
        element["code"]: sum(bool(_written(one.answers.get(element["code"]), element)) for one in responses)
        for element in elements
        if _is_open(element)
    }
    return frozenset(code for code, n in counts.items() if n < SMALLEST)


def _is_open(element: Element) -> bool:
    return element["kind"] in TEXTS or bool(element.get("other"))


def _written(answer: Mapping[str, Any] | None, element: Element) -> str:
    field = "value" if element["kind"] in TEXTS else "text"
    return str((answer or {}).get(field) or "").strip()


def _without(
    answers: Mapping[str, Any], few: frozenset[str], elements: Sequence[Element]
) -> Mapping[str, Any]:
    """Answers without the words of some questions."""
    if not few:
        return answers
    fields = {one["code"]: "value" if one["kind"] in TEXTS else "text" for one in elements}
    return {
        code: {name: value for name, value in answer.items() if name != fields[code]}
        if code in few
        else answer
        for code, answer in answers.items()
    }


def _dropping(flat: Flat, few: frozenset[str], elements: Sequence[Element]) -> Flat:
    """The table without the columns of these words."""
    kinds = {one["code"]: one["kind"] for one in elements}
    kept = [
        at
        for at, column in enumerate(flat.columns)
        if not (column.is_text and column.element in few and kinds[column.element] != "date")
    ]
    return Flat(
        [flat.columns[at] for at in kept], [[row[at] for at in kept] for row in flat.rows], flat.notes
    )


def _attributes(
    survey: Survey, responses: Sequence[GivenResponse], wanted: Wanted
) -> tuple[list[Column], list[list[Value]], list[Mapping[str, str]]]:
    """Columns of attributes, their cells, and the notes about them."""
    if survey.anonymity == ANONYMOUS and wanted.texts:
        # Words beside a province and a profession are how people are recognized.
        return [], [[] for _ in responses], [_note("attributes_or_texts")]
    names = ["answered_in", *survey.groups]
    given = [(one.language, *(one.groups.get(name, "") for name in survey.groups)) for one in responses]
    safe = given if survey.anonymity == NAMED else k_anonymous(given)
    hidden = {name: n for name, n in blanked(given, safe, names).items() if n}
    notes = [] if survey.anonymity == NAMED else [_note("k_anonymous", k=SMALLEST)]
    notes += [_note("blanked", attribute=name, n=n) for name, n in hidden.items()]
    columns = [_column(name, {row[at] for row in safe}) for at, name in enumerate(names)]
    return columns, [list(row) for row in safe], notes


def _column(name: str, values: set[str]) -> Column:
    label = _both(f"coding.attribute.{name}")
    codes = {value: _value_label(name, value) for value in sorted(values) if value}
    return Column(name, name, label, "text", missing=(), codes=codes)


def _value_label(name: str, value: str) -> Mapping[str, str]:
    key = f"{LABELS.get(name, '')}.{value}"
    if value == WITHHELD:
        return _both("coding.attribute.withheld")
    return _both(key) if has("fr", key) else dict.fromkeys(LANGUAGES, value)


def _with_accounts(tx: Tx, survey: Survey, flat: Flat, responses: Sequence[GivenResponse]) -> Flat:
    table = tables.responses
    chosen = select(table.c.id, table.c.account_id).where(table.c.survey_id == survey.id)
    accounts = {row["id"]: str(row["account_id"]) for row in rows(tx, chosen)}
    column = Column("account_id", "account_id", _both("coding.attribute.account"), "text", missing=())
    return with_attributes(flat, [column], [[accounts[one.id]] for one in responses], [_note("identities")])


def _note(name: str, **params: Any) -> Mapping[str, str]:
    return {language: text(language, f"coding.note.{name}", **params) for language in LANGUAGES}


def _both(key: str) -> dict[str, str]:
    return {language: text(language, key) for language in LANGUAGES}


# --- the figures


def figures_csv(found: View, _language: str) -> bytes:
    """One line per need and every figure of every method; the manifest is in the JSON."""
    lines = [_flattened(row) for row in found["items"]]
    heads = list(dict.fromkeys(name for line in lines for name in line))
    out = StringIO(newline="")
    writer = csv.DictWriter(out, heads, restval="")
    writer.writeheader()
    writer.writerows(lines)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _flattened(row: View) -> View:
    line: View = {}
    for name, value in row.items():
        if isinstance(value, Mapping):
            line |= {f"{name}_{part}": "" if inner is None else inner for part, inner in value.items()}
        else:
            line[name] = "" if value is None else value
    return {name: f"'{value}" if _runs(value) else value for name, value in line.items()}


def _runs(value: Any) -> bool:
    """Whether a spreadsheet would take a text for a formula."""
    return isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))


def figures_json(found: View, _language: str) -> bytes:
    """The results whole, with cuts, agreement and manifest."""
    return json.dumps(found, ensure_ascii=False, allow_nan=False, indent=1).encode()


@dataclass(frozen=True, slots=True)
class Format:
    """How a format is written."""

    stem: str
    ending: str
    media_type: str
    write: Callable[[Any, str], bytes]


CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS: Mapping[str, Format] = {
    "csv": Format("answers", "csv", CSV, lambda flat, _language: to_csv(flat)),
    "xlsx": Format("answers", "xlsx", XLSX, to_xlsx),
    "sav": Format("answers", "sav", "application/x-spss-sav", to_sav),
    "json": Format("answers", "json", "application/json", lambda flat, _language: to_json(flat)),
    "codebook": Format("codebook", "csv", CSV, lambda flat, _language: codebook_csv(flat)),
    "figures-csv": Format("figures", "csv", CSV, figures_csv),
    "figures-json": Format("figures", "json", "application/json", figures_json),
}
