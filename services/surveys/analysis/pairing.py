"""Which rows of two waves are the same person's: by the account in a named survey, by the pseudonym's row in a confidential
one. Nothing ties an anonymous answer to anybody, and nothing may. What leaves this file are places of rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from services.surveys import store, tables
from services.surveys.domain.survey import ANONYMOUS, Survey
from services.surveys.queries.responses import GivenResponse
from shared.db.tx import Tx, rows

Pairs = tuple[tuple[int, int], ...]
Rated = Mapping[int, frozenset[str]]
Wave = tuple[Survey, Sequence[GivenResponse]]


def ranked_before(tx: Tx, survey: Survey) -> Survey | None:
    """The survey that this one follows, once its ranking is stored."""
    if survey.follows_survey_id is None or not store.count(tx, tables.rankings, survey.follows_survey_id):
        return None
    return tx.session.get_one(Survey, survey.follows_survey_id)


def pairs_of(tx: Tx, before: Wave, after: Wave) -> Pairs | None:
    """Rows of the same account, in the order of the wave before; None where one of the waves is anonymous."""
    if before[0].is_anonymous or after[0].is_anonymous:
        return None
    first, last = (_accounts(tx, survey.id) for survey, _ in (before, after))
    later = {last[given.id]: row for row, given in enumerate(after[1]) if given.id in last}
    return tuple(
        (row, later[account])
        for row, given in enumerate(before[1])
        if (account := first.get(given.id)) in later
    )


def others_of(
    tx: Tx, earlier: Survey, later: Survey, responses: Sequence[GivenResponse]
) -> tuple[Rated, ...]:
    """What the people of `earlier` rated in the surveys that it was paired with before `later` was: the one that it
    follows, and its other followers that closed before. By row of `responses`, codes of items rated whole.
    """
    place = {account: given for given, account in _accounts(tx, earlier.id).items()}
    row_of = {given.id: row for row, given in enumerate(responses)}
    found = []
    for other in _paired_before(tx, earlier, later):
        rated = _rated(tx, other)
        found.append({row_of[place[account]]: codes for account, codes in rated.items() if account in place})
    return tuple(found)


def _paired_before(tx: Tx, earlier: Survey, later: Survey) -> list[UUID]:
    table = tables.surveys
    sibling = and_(
        table.c.follows_survey_id == earlier.id,
        or_(
            table.c.closed_at < later.closed_at,
            and_(table.c.closed_at == later.closed_at, table.c.id < later.id),
        ),
    )
    beside = or_(table.c.id == earlier.follows_survey_id, sibling)
    chosen = select(table.c.id).where(table.c.anonymity != ANONYMOUS, beside).order_by(table.c.id)
    return list(tx.session.execute(chosen).scalars())


def _accounts(tx: Tx, survey_id: UUID) -> dict[UUID, UUID]:
    """By response, whose it is; those by a link are nobody's."""
    account, known = _whose()
    chosen = known.where(tables.responses.c.survey_id == survey_id, account.is_not(None))
    return {row["id"]: row["account_id"] for row in rows(tx, chosen)}


def _rated(tx: Tx, survey_id: UUID) -> dict[UUID, frozenset[str]]:
    answer, item, response = tables.answers, tables.survey_items, tables.responses
    account, known = _whose()
    whole = (answer.c.importance.is_not(None), answer.c.ability.is_not(None))
    chosen = (
        known.add_columns(item.c.code)
        .join(answer, answer.c.response_id == response.c.id)
        .join(item, item.c.id == answer.c.item_id)
        .where(response.c.survey_id == survey_id, account.is_not(None), *whole)
    )
    found: dict[UUID, set[str]] = {}
    for row in rows(tx, chosen):
        found.setdefault(row["account_id"], set()).add(row["code"])
    return {account: frozenset(codes) for account, codes in found.items()}


def _whose() -> tuple[ColumnElement[UUID | None], Select[Any]]:
    """Responses with their account, which a confidential survey keeps apart."""
    response, apart = tables.responses, tables.pseudonyms
    account = func.coalesce(response.c.account_id, apart.c.account_id)
    joined = response.outerjoin(apart, apart.c.response_id == response.c.id)
    return account, select(response.c.id, account.label("account_id")).select_from(joined)
