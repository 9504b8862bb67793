"""Views of instruments: the bank, versions, what a person with some answers sees, the exchange document."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from services.surveys import history, policy, store, tables, templates
from services.surveys.domain.answers import progress
from services.surveys.domain.instrument import (
    Element,
    complete_answers,
    computed_values,
    definition_problems,
    piped,
    read_answers,
    visible,
)
from services.surveys.domain.instrument.elements import bilingual_parts
from services.surveys.exchange.documents import Instrument, to_json
from services.surveys.queries.surveys import instant
from shared.db.tx import Tx, rows
from shared.errors import FieldProblem, Invalid, NotFound
from shared.text import has_words

View = dict[str, Any]
Table = tables.instrument_versions


def list_bank(tx: Tx, words: str | None, topic: str | None) -> View:
    """Statements that have every word, in either language or in their code; the topics with their sizes."""
    store.require_coordinator(tx.actor)
    found = [
        entry
        for entry in templates.bank_entries()
        if (topic is None or entry["topic"] == topic)
        and (not words or has_words(words, [*entry["statement"].values(), entry["code"]]))
    ]
    return {"items": found, "topics": templates.bank_topics()}


def list_versions(tx: Tx, survey_id: UUID) -> View:
    """Every version, newest first, without its elements; how many answered it is for coordinators."""
    survey = store.visible_survey(tx, survey_id)
    plain = [column for column in Table.c if column.name not in ("elements", "intro")]
    chosen = select(*plain).where(Table.c.survey_id == survey.id).order_by(Table.c.number.desc())
    coordinates = policy.can_coordinate(tx.actor)
    counts = _responses_by_version(tx, survey.id) if coordinates else {}
    items = [
        _version(row, coordinates) | {"responses": counts.get(row["number"], 0) if coordinates else None}
        for row in rows(tx, chosen)
    ]
    return {"survey_id": str(survey.id), "instrument_version": survey.instrument_version, "items": items}


def _responses_by_version(tx: Tx, survey_id: UUID) -> dict[int, int]:
    table = tables.responses
    counted = select(table.c.version, func.count()).where(table.c.survey_id == survey_id)
    return {row[0]: row[1] for row in tx.session.execute(counted.group_by(table.c.version))}


def get_version(tx: Tx, survey_id: UUID, number: int) -> View:
    """One version whole. Raises NotFound."""
    survey = store.visible_survey(tx, survey_id)
    found = rows(tx, select(Table).where(Table.c.survey_id == survey.id, Table.c.number == number))
    if not found:
        raise NotFound
    row = found[0]
    return _version(row, policy.can_coordinate(tx.actor)) | {
        "survey_id": str(survey.id),
        "intro": row["intro"],
        "elements": row["elements"],
    }


def _version(row: View, coordinates: bool) -> View:
    return {
        "number": row["number"],
        "title": row["title"],
        "note": row["note"],
        "mapping": row["mapping"],
        "made_at": instant(row["made_at"]),
        "made_by": str(row["made_by"]) if coordinates else None,
    }


@dataclass(frozen=True, slots=True)
class Preview:
    """Answers as they are on the wire, for a survey (in one of its versions) or for elements that are not kept yet."""

    survey_id: UUID | None
    elements: Any
    answers: Mapping[str, Any]
    language: str
    instrument_version: int | None


def preview(tx: Tx, asked: Preview) -> View:
    """What a person with these answers sees. Nothing is kept. Elements of one's own are for coordinators.

    `texts`: of every element that is seen, its texts by path in the language, with earlier answers piped in; plain
    text. `problems`: what is wrong with the answers, or missing; `{path, code, params}`.
    """
    elements = _previewed(tx, asked)
    answers, problems = read_in(asked.answers, elements)
    seen = visible(elements, answers)
    answered, total = progress(elements, answers)
    return {
        "visible": seen,
        "computed": computed_values(elements, answers),
        "texts": _texts(elements, set(seen), answers, asked.language),
        "problems": [problem.to_dict() for problem in problems],
        "answered": answered,
        "total": total,
    }


def _previewed(tx: Tx, asked: Preview) -> Sequence[Element]:
    if asked.survey_id is None:
        store.require_coordinator(tx.actor)
        if problems := definition_problems(asked.elements):
            raise Invalid(fields=problems)
        elements: list[Element] = asked.elements
        return elements
    survey = store.visible_survey(tx, asked.survey_id)
    return history.version_asked(tx, survey, asked.instrument_version)


def read_in(raw: Mapping[str, Any], elements: Sequence[Element]) -> tuple[Any, Sequence[FieldProblem]]:
    """The answers that can be read, and what is wrong with the others, or else missing."""
    good: dict[str, Any] = {}
    wrong: list[FieldProblem] = []
    for code, answer in raw.items():
        try:
            good |= read_answers({code: answer}, elements)
        except Invalid as error:
            wrong += error.fields
    if wrong:
        return good, wrong[:100]
    try:
        complete_answers(elements, good)
    except Invalid as error:
        return good, error.fields
    return good, ()


def _texts(elements: Sequence[Element], seen: set[str], answers: Any, language: str) -> View:
    shown = {code: answer for code, answer in answers.items() if code in seen}
    return {
        element["code"]: {
            path: piped(str(pair.get(language) or ""), language, elements, shown)
            for path, pair in bilingual_parts(element).items()
        }
        for element in elements
        if element["code"] in seen
    }


def export(tx: Tx, survey_id: UUID, number: int | None) -> View:
    """The JSON document of an instrument, which `import_instrument` reads: {filename, document}."""
    survey = store.visible_survey(tx, survey_id)
    store.require_coordinator(tx.actor)
    title, intro, elements = survey.title, survey.intro, survey.elements
    if number not in (None, survey.instrument_version):
        kept = get_version(tx, survey_id, number or 0)
        title, intro, elements = kept["title"], kept["intro"], kept["elements"]
    document = json.loads(to_json(Instrument(title, intro, elements)))
    return {"filename": f"instrument-{str(survey.id)[:8]}.json", "document": document}
