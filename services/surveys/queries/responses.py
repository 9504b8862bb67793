"""The responses of a survey as its newest version asks: what analysis, exports and waves read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from services.surveys import history, tables
from services.surveys.domain.answers import Answers, pair_of
from services.surveys.domain.instrument.versions import newest_codes
from shared.db.tx import Tx, rows


@dataclass(frozen=True, slots=True)
class GivenResponse:
    """One person's answers, without any identity.

    `answers` by element code of the newest version; an answer to a question that a later version dropped keeps the
    code it was asked by, which no later version may use. `version`: what the person saw. `groups`: kept attributes.
    """

    id: UUID
    language: str
    version: int
    groups: Mapping[str, str]
    answers: Answers


def load_responses(tx: Tx, survey_id: UUID, *, ratings: bool = True) -> list[GivenResponse]:
    """Every response of a survey, by id (random unless named). The caller has checked who may read them.

    Three statements whatever their number; pairs come from their rows, "na" for not applicable, and are left out
    without `ratings`, for those who read the other answers alone.
    """
    response = tables.responses
    pairs = _pairs(tx, survey_id) if ratings else defaultdict(dict)
    codes = newest_codes(history.mappings_of(tx, survey_id))
    found = rows(tx, select(response).where(response.c.survey_id == survey_id).order_by(response.c.id))
    return [
        GivenResponse(row["id"], row["language"], row["version"], row["groups"],
                      pairs[row["id"]] | _renamed(row["given"], codes.get(row["version"], {})))
        for row in found
    ]  # fmt: skip


def _pairs(tx: Tx, survey_id: UUID) -> defaultdict[UUID, Answers]:
    # An item's row takes the newest code with each version, so its answers need no mapping.
    answer, item = tables.answers, tables.survey_items
    chosen = select(answer.c.response_id, item.c.code, answer.c.importance, answer.c.ability)
    joined = chosen.join(item, item.c.id == answer.c.item_id).where(item.c.survey_id == survey_id)
    found: defaultdict[UUID, Answers] = defaultdict(dict)
    for response_id, code, importance, ability in tx.session.execute(joined):
        found[response_id][code] = pair_of(importance, ability)
    return found


def _renamed(given: Answers, codes: Mapping[str, str]) -> Answers:
    return {codes.get(code, code): answer for code, answer in given.items()}
