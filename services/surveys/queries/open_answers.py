"""What people wrote: questions with written answers, and their answers in an order that says nothing."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.surveys import store, tables
from services.surveys.domain.coding import SMALLEST
from services.surveys.domain.instrument.elements import TEXTS, Element
from services.surveys.domain.survey import Survey
from services.surveys.queries.keys import key_of, place
from services.surveys.queries.pooled import closed_survey, may_see_few, pooled_instrument
from services.surveys.queries.responses import GivenResponse, load_responses
from shared.db.tx import Tx, rows
from shared.errors import NotFound
from shared.paging import PageRequest, page_of

View = dict[str, Any]
OTHER_TEXT = "other"


@dataclass(frozen=True, slots=True)
class OpenAnswer:
    """One written answer. `id` names it within its question only, so that nobody can lay two questions side by side and
    see what one person wrote to both; `number` from 1 in the shown order.
    """

    id: UUID
    response_id: UUID
    number: int
    text: str
    language: str
    groups: Mapping[str, str]


def list_open_questions(tx: Tx, survey_id: UUID) -> View:
    """Every question with written answers, for those who read them."""
    survey = closed_survey(tx, survey_id)
    responses = load_responses(tx, survey.id, ratings=False)
    table = tables.codings
    codings = {row["question"]: row for row in rows(tx, select(table).where(table.c.survey_id == survey.id))}
    items = []
    for element in open_elements(tx, survey):
        answers = open_answers(survey, element, responses)
        found = codings.get(element["code"])
        items.append({
            "question": element["code"], "kind": kind_of(element), "text": element.get("text") or {},
            "answers": len(answers),
            "readable": may_see_few(tx.actor, survey, len(answers), len(responses)),
            "can_code": found is None and len(answers) >= SMALLEST,
            "coding_id": str(found["id"]) if found else None,
        })  # fmt: skip
    return {
        "survey_id": str(survey.id), "title": survey.title, "survey_open": store.sees(tx, survey),
        "anonymity": survey.anonymity, "responses": len(responses), "items": items,
    }  # fmt: skip


def list_open_answers(tx: Tx, survey_id: UUID, question: str, request: PageRequest) -> View:
    """A page of the answers to one question. Raises NotFound where the reader may not read them."""
    survey = closed_survey(tx, survey_id)
    element = open_element(tx, survey, question)
    responses = load_responses(tx, survey.id, ratings=False)
    answers = open_answers(survey, element, responses)
    if not may_see_few(tx.actor, survey, len(answers), len(responses)):
        raise NotFound
    named = survey.anonymity == "named"
    languages = shown_languages(survey, answers)
    (after,) = key_of(request, place) or (0,)
    page = page_of(
        answers[after : after + request.limit + 1], request, lambda one: (one.number,),
        lambda one: {
            "id": str(one.id), "number": one.number, "text": one.text,
            "language": one.language if one.language in languages else None,
            "groups": dict(one.groups) if named else None,
        },
    )  # fmt: skip
    head = {"survey_id": str(survey.id), "title": survey.title, "anonymity": survey.anonymity}
    asked = {"question": question, "kind": kind_of(element), "text": element.get("text") or {}}
    return {**head, **asked, "total": len(answers), **page}


def open_elements(tx: Tx, survey: Survey) -> list[Element]:
    """Questions that can be answered in one's own words, over all versions."""
    return [
        element
        for element in pooled_instrument(tx, survey).elements
        if element["kind"] in TEXTS or element.get("other")
    ]


def open_element(tx: Tx, survey: Survey, question: str) -> Element:
    """One of them. Raises NotFound."""
    found = next((one for one in open_elements(tx, survey) if one["code"] == question), None)
    if found is None:
        raise NotFound
    return found


def kind_of(element: Element) -> str:
    """short-text, long-text, or other: the words beside "other" of a choice."""
    return str(element["kind"]) if element["kind"] in TEXTS else OTHER_TEXT


def open_answers(survey: Survey, element: Element, responses: Sequence[GivenResponse]) -> list[OpenAnswer]:
    """The written answers to a question, blank ones left out.

    The order is that of a hash over question and response: the same each time, and different for each question.
    """
    field = "value" if element["kind"] in TEXTS else "text"
    found = []
    for response in responses:
        text = str((response.answers.get(element["code"]) or {}).get(field) or "").strip()
        if text:
            digest = hashlib.sha256(f"{survey.id}|{element['code']}|{response.id}".encode()).digest()
            found.append((digest, response, text))
    found.sort(key=lambda one: one[0])
    return [
        OpenAnswer(UUID(bytes=digest[:16], version=4), one.id, number, text, one.language, one.groups)
        for number, (digest, one, text) in enumerate(found, 1)
    ]


def shown_languages(survey: Survey, answers: Sequence[OpenAnswer]) -> set[str]:
    """Languages that may stand beside an answer: in a survey without names, only if each has five answers."""
    counts = Counter(one.language for one in answers)
    if survey.anonymity == "named" or all(n >= SMALLEST for n in counts.values()):
        return set(counts)
    return set()
