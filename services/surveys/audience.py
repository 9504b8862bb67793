"""Who is asked, as conditions on the `members` projection, and who may answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, distinct, false, func, insert, or_, select, true

from services.surveys import tables
from services.surveys.domain.audience import (
    AGENCY,
    COHORT,
    EVERYONE,
    KINDS,
    LANGUAGE,
    PROVINCE,
    ROLE,
    SECTOR,
    Audience,
    includes,
    main_role,
    mask_of,
)
from services.surveys.domain.survey import Survey
from shared.actor import Actor
from shared.db.tx import Tx

CHUNK = 500
"""Account ids in one event."""
Condition = ColumnElement[bool]
_COLUMNS = {"province": "province", "sector": "sector", "language": "language", "agency": "agency"}


def load(tx: Tx, survey: Survey) -> Audience:
    """The audience of a survey."""
    if not survey.filters:
        return Audience(survey.audience)
    table = tables.survey_audience
    chosen = select(table.c.kind, table.c.value).where(table.c.survey_id == survey.id)
    found: dict[str, set[str]] = {}
    for kind, value in tx.session.execute(chosen):
        found.setdefault(kind, set()).add(value)
    return Audience(survey.audience, {kind: frozenset(values) for kind, values in found.items()})


def replace(tx: Tx, survey: Survey, audience: Audience) -> None:
    """Set the audience of a draft whose row exists."""
    table = tables.survey_audience
    tx.session.execute(delete(table).where(table.c.survey_id == survey.id))
    survey.audience, survey.filters = audience.roles, len(audience.filters)
    rows = [
        {"survey_id": survey.id, "kind": kind, "value": value}
        for kind, values in audience.filters.items()
        for value in sorted(values)
    ]
    if rows:
        tx.session.execute(insert(table), rows)


def members_in(audience: Audience) -> Condition:
    """SQL: active members who are asked."""
    member = tables.members
    limits: list[Condition] = [member.c.active]
    if audience.roles != EVERYONE:
        limits.append(member.c.roles.bitwise_and(audience.roles) != 0)
    for kind, values in audience.filters.items():
        limits.append(_in_cohorts(values) if kind == COHORT else member.c[_COLUMNS[kind]].in_(values))
    return and_(*limits)


def _in_cohorts(values: Iterable[str]) -> Condition:
    seat = tables.member_cohorts
    mine = (seat.c.account_id == tables.members.c.account_id) & seat.c.present
    return (
        select(seat.c.cohort_id).where(mine, seat.c.cohort_id.in_(values)).correlate(tables.members).exists()
    )


def filters_fit() -> Condition:
    """SQL, between a row of `surveys` and one of `members`: every kind in use has a value of the member's."""
    survey, member, limit, seat = (
        tables.surveys,
        tables.members,
        tables.survey_audience,
        tables.member_cohorts,
    )
    mine = (seat.c.account_id == member.c.account_id) & seat.c.present
    fits = [(limit.c.kind == kind) & (limit.c.value == member.c[column]) for kind, column in _COLUMNS.items()]
    fits.append(
        (limit.c.kind == COHORT) & limit.c.value.in_(select(seat.c.cohort_id).where(mine).correlate(member))
    )
    fitting = (
        select(func.count(distinct(limit.c.kind)))
        .where(limit.c.survey_id == survey.c.id, or_(*fits))
        .correlate(survey, member)
        .scalar_subquery()
    )
    return or_(survey.c.filters == 0, survey.c.filters == fitting)


def roles_fit(mask: Any) -> Condition:
    """SQL on `surveys`: a role of the mask is asked."""
    table = tables.surveys
    return or_(table.c.audience == EVERYONE, table.c.audience.bitwise_and(mask) != 0)


def asked(actor: Actor) -> Condition:
    """SQL on `surveys`: those that the person is asked to answer (launched or not). Roles are the actor's own, the
    other attributes those that this service has heard of.
    """
    if actor.account_id is None:
        return false()
    member = tables.members
    of_person = select(member.c.account_id).where(member.c.account_id == actor.account_id, filters_fit())
    fits = or_(tables.surveys.c.filters == 0, of_person.correlate(tables.surveys).exists())
    return and_(roles_fit(mask_of(actor.roles)), fits)


def is_asked(tx: Tx, survey: Survey, actor: Actor) -> bool:
    """Whether the person is among those asked (the dates are the survey's own matter)."""
    if actor.account_id is None or not includes(survey.audience, actor.roles):
        return False
    if not survey.filters:
        return True
    own = tables.members.c.account_id == actor.account_id
    fits = Audience(EVERYONE, load(tx, survey).filters)
    return tx.session.execute(select(true()).where(own, members_in(fits))).first() is not None


def groups_of(tx: Tx, survey: Survey, account: UUID | None, language: str) -> dict[str, str]:
    """The attributes kept with an answer: those that the survey names, as far as they are known.

    `language` is that of the answer. A person counts under their main role; of several cohorts under one that was asked,
    else the last joined. Of somebody who came by a link only the language is known.
    """
    wanted = set(survey.groups)
    found: dict[str, str | None] = {LANGUAGE: language}
    if account is not None and wanted - {LANGUAGE}:
        member = tables.members
        row = (
            tx.session.execute(select(member).where(member.c.account_id == account)).mappings().one_or_none()
        )
        if row is not None:
            found |= {kind: row[kind] for kind in (PROVINCE, SECTOR, AGENCY)}
            found[ROLE] = main_role(row["roles"])
        if COHORT in wanted:
            found[COHORT] = _cohort_of(tx, account, load(tx, survey).filters.get(COHORT, frozenset()))
    return {kind: value for kind in KINDS if kind in wanted and (value := found.get(kind))}


def _cohort_of(tx: Tx, account: UUID, asked_: frozenset[str]) -> str | None:
    seat = tables.member_cohorts
    mine = select(seat.c.cohort_id).where(seat.c.account_id == account, seat.c.present)
    found = list(tx.session.execute(mine.order_by(seat.c.version.desc(), seat.c.cohort_id)).scalars())
    return next((one for one in found if one in asked_), found[0] if found else None)


def count(tx: Tx, audience: Audience) -> int:
    """How many active members are asked."""
    counted = select(func.count()).select_from(tables.members).where(members_in(audience))
    return int(tx.session.execute(counted).scalar_one())


def chunks(tx: Tx, audience: Audience, *limits: Condition) -> Iterator[list[UUID]]:
    """The ids of those asked (and within `limits`), CHUNK at a time, in an order that says nothing."""
    chosen = select(tables.members.c.account_id).where(members_in(audience), *limits)
    found = sorted(tx.session.execute(chosen).scalars())
    for start in range(0, len(found), CHUNK):
        yield found[start : start + CHUNK]
