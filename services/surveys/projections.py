"""What this service keeps of others' events: who is asked, and what became of each need.

Every effect is keyed by what it says, so that repeats and any order of arrival give the same counts.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import and_, select, update

from services.surveys import tables
from services.surveys.commands import following
from services.surveys.domain.audience import mask_of
from services.surveys.domain.need import Need
from shared.contracts.community import TopicOpened
from shared.contracts.courses import (
    CohortJoined,
    CohortLeft,
    CourseCompleted,
    CourseDrafted,
    CoursePublished,
    EnrolmentStarted,
)
from shared.contracts.identity import AccountDisabled, AccountRegistered, AccountUpdated
from shared.db.dialect import insert_new, upsert
from shared.db.tx import Tx

ENROLLED, COMPLETED = "enrolled", "completed"


def count_handled(tx: Tx, survey_id: UUID) -> None:
    """One more handled ResponseSubmitted: with an empty outbox it equals the number of responses."""
    table = tables.response_counts
    insert_new(tx.session, table, {"survey_id": survey_id, "handled": 0})
    counted = update(table).where(table.c.survey_id == survey_id).values(handled=table.c.handled + 1)
    tx.session.execute(counted)


def member_registered(tx: Tx, event: AccountRegistered, version: int) -> None:
    """A new member, unless a later event was quicker."""
    _member_changed(tx, event, version)


def member_updated(tx: Tx, event: AccountUpdated, version: int) -> None:
    """Present roles and attributes; an event older than what is known is dropped."""
    _member_changed(tx, event, version)


def member_disabled(tx: Tx, event: AccountDisabled) -> None:
    """No longer asked, whatever comes: nobody is enabled again. The version is that of the roles."""
    _locked_member(tx, event.account_id)
    mine = tables.members.c.account_id == event.account_id
    tx.session.execute(update(tables.members).where(mine).values(active=False))
    following.account_left(tx, event.account_id)


def _member_changed(tx: Tx, event: AccountRegistered | AccountUpdated, version: int) -> None:
    known = _locked_member(tx, event.account_id)
    if known["version"] <= version:
        values = {
            "roles": mask_of(event.roles),
            "version": version,
            "province": event.province,
            "sector": event.sector,
            "language": event.language,
            "agency": str(event.agency_id) if event.agency_id else None,
        }
        mine = tables.members.c.account_id == event.account_id
        tx.session.execute(update(tables.members).where(mine).values(values))


def cohort_changed(tx: Tx, event: CohortJoined | CohortLeft, version: int) -> None:
    """Who is in a cohort; an event older than what is known is dropped."""
    table, present = tables.member_cohorts, isinstance(event, CohortJoined)
    key = {"account_id": event.account_id, "cohort_id": str(event.cohort_id)}
    if insert_new(tx.session, table, key | {"present": present, "version": version}):
        return
    mine = and_(*(table.c[name] == value for name, value in key.items()), table.c.version <= version)
    tx.session.execute(update(table).where(mine).values(present=present, version=version))


def course_drafted(tx: Tx, event: CourseDrafted) -> None:
    """A need has a draft course, unless it is published already."""
    if event.need_id is None:
        return
    if insert_new(
        tx.session, tables.loop_courses, _course(event, event.need_id, edition=0) | {"changed_at": tx.now}
    ):
        _advance(tx, event.need_id, published=False)


def course_published(tx: Tx, event: CoursePublished) -> None:
    """A need has an open course."""
    table = tables.loop_courses
    known = tx.session.execute(
        select(table.c.need_id, table.c.proposal_id, table.c.edition, table.c.changed_at)
        .where(table.c.course_id == event.course_id)
        .with_for_update()
    ).mappings().one_or_none()  # fmt: skip
    need_id = event.need_id or (known["need_id"] if known else None)
    if need_id is None or (known and known["edition"] >= event.edition):
        return
    row = _course(event, need_id, edition=event.edition)
    row["proposal_id"] = event.proposal_id or (known["proposal_id"] if known else None)
    # A later edition does not make the course younger.
    row["changed_at"] = known["changed_at"] if known and known["edition"] else tx.now
    upsert(tx.session, table, row)
    _advance(tx, need_id, published=True)


def learner_counted(tx: Tx, event: EnrolmentStarted | CourseCompleted, kind: str) -> None:
    """One learner of a course that answers a need; once per person, course and kind."""
    if event.need_id is not None:
        values = {"course_id": event.course_id, "kind": kind, "account_id": event.account_id}
        insert_new(tx.session, tables.loop_learners, values)
        follow = following.enrolled if kind == ENROLLED else following.completed
        follow(tx, event.need_id, event.account_id)


def topic_opened(tx: Tx, event: TopicOpened) -> None:
    """The discussion of a need's proposal."""
    if event.need_id is not None:
        values = {"topic_id": event.topic_id, "need_id": event.need_id, "proposal_id": event.proposal_id}
        insert_new(tx.session, tables.loop_topics, values)


def _locked_member(tx: Tx, account: UUID) -> dict[str, Any]:
    """What is known of an account, made when nothing is: two first events at once must see each other."""
    table = tables.members
    insert_new(tx.session, table, {"account_id": account, "roles": 0, "active": True, "version": -1})
    chosen = select(table).where(table.c.account_id == account).with_for_update()
    return dict(tx.session.execute(chosen).mappings().one())


def _course(event: CourseDrafted | CoursePublished, need_id: UUID, edition: int) -> dict[str, Any]:
    return {
        "course_id": event.course_id,
        "need_id": need_id,
        "proposal_id": event.proposal_id,
        "title": event.title,
        "edition": edition,
    }


def _advance(tx: Tx, need_id: UUID, *, published: bool) -> None:
    need = tx.session.get(Need, need_id, with_for_update=True)
    if need is None:
        return
    if published:
        need.published()
    else:
        need.drafted()
