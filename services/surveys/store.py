"""Load, lock, add. A guarded load takes the actor; unknown and hidden are both NotFound."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, insert, select, true, update

from services.surveys import audience, policy, tables
from services.surveys.domain.audience import FEW
from services.surveys.domain.instrument.items import ranked_items
from services.surveys.domain.links import REVOKED, USED
from services.surveys.domain.need import Need
from services.surveys.domain.proposal import Decision, Proposal
from services.surveys.domain.survey import NAMED, Survey, SurveyItem
from shared.actor import Actor
from shared.db.tx import Tx, rows
from shared.errors import Forbidden, NotFound
from shared.ids import new_id


def require_coordinator(actor: Actor) -> UUID:
    """The coordinator's account id. Raises NotAuthenticated or Forbidden."""
    account = actor.require_account()
    if not policy.can_coordinate(actor):
        raise Forbidden
    return account


def visible_survey(tx: Tx, survey_id: UUID, *, lock: bool = False, share: bool = False) -> Survey:
    """A survey that the actor may see. `lock` for writing; `share` lets answers in together but keeps closing out."""
    tx.actor.require_account()
    survey = tx.session.get(Survey, survey_id, with_for_update=_mode(lock, share))
    if survey is None or not sees(tx, survey):
        raise NotFound
    return survey


def sees(tx: Tx, survey: Survey) -> bool:
    """Whether the actor may open a survey, answered or not."""
    actor = tx.actor
    if policy.can_coordinate(actor):
        return True
    if policy.can_see_survey(actor, survey, fits=audience.is_asked(tx, survey, actor)):
        return True
    done = tables.participations
    mine = (done.c.survey_id == survey.id) & (done.c.account_id == actor.account_id)
    took_part = tx.session.execute(select(true()).where(mine)).first() is not None
    return policy.can_see_survey(actor, survey, fits=False, took_part=took_part)


def _mode(lock: bool, share: bool) -> Any:
    return {"read": True} if share else lock or None


def answerable_survey(tx: Tx, survey_id: UUID, *, share: bool = False) -> Survey:
    """A survey that the actor is asked to answer. Raises NotFound."""
    survey = visible_survey(tx, survey_id, share=share)
    if not policy.can_answer(tx.actor, survey, fits=audience.is_asked(tx, survey, tx.actor)):
        raise NotFound
    return survey


def coordinated_survey(tx: Tx, survey_id: UUID) -> Survey:
    """A locked survey, for a coordinator. For others Forbidden where they may see it, else NotFound."""
    survey = visible_survey(tx, survey_id, lock=True)
    require_coordinator(tx.actor)
    return survey


def locked_survey(tx: Tx, survey_id: UUID) -> Survey | None:
    """A locked survey, for the service's own jobs."""
    return tx.session.get(Survey, survey_id, with_for_update=True)


def items_of(tx: Tx, survey_id: UUID) -> list[SurveyItem]:
    """The items that are asked, in order."""
    return [item for item in all_items_of(tx, survey_id) if item.position is not None]


def all_items_of(tx: Tx, survey_id: UUID) -> list[SurveyItem]:
    """The same, and after them those that an earlier version of the instrument asked."""
    table = tables.survey_items
    chosen = select(table.c.id, table.c.position, table.c.code, table.c.statement)
    ordered = chosen.where(table.c.survey_id == survey_id).order_by(
        table.c.position.is_(None), table.c.position, table.c.code
    )
    return [SurveyItem(**row) for row in rows(tx, ordered)]


def derive_items(tx: Tx, survey: Survey) -> None:
    """Set the items of a draft from its elements; one that keeps its code keeps its id."""
    table = tables.survey_items
    known = {item.code: item.id for item in all_items_of(tx, survey.id)}
    found = ranked_items(survey.elements, survey.method)
    tx.session.execute(delete(table).where(table.c.survey_id == survey.id))
    values = [
        {"id": known.get(code) or new_id(), "survey_id": survey.id, "position": position, "code": code,
         "statement": statement}
        for position, (code, statement) in enumerate(found.items(), start=1)
    ]  # fmt: skip
    if values:
        tx.session.execute(insert(table), values)


def revise_items(tx: Tx, survey: Survey, mapping: Mapping[str, str | None]) -> None:
    """Set the items of a launched survey after a revision; `mapping` of codes that changed.

    A row stays with its answers whatever becomes of its question: it takes the newer code, or loses its place.
    """
    table = tables.survey_items
    of_survey = table.c.survey_id == survey.id
    known = {mapping.get(item.code) or item.code: item.id for item in all_items_of(tx, survey.id)}
    tx.session.execute(update(table).where(of_survey).values(position=None))
    for position, (code, statement) in enumerate(
        ranked_items(survey.elements, survey.method).items(), start=1
    ):
        values = {"position": position, "code": code, "statement": statement}
        if code in known:
            tx.session.execute(update(table).where(table.c.id == known[code]).values(values))
        else:
            tx.session.execute(insert(table).values(values | {"id": new_id(), "survey_id": survey.id}))


def count_responses(tx: Tx, survey_id: UUID) -> int:
    """How many have answered, with an account or by a link."""
    return count(tx, tables.participations, survey_id) + count_links(tx, survey_id, USED)


def count(tx: Tx, table: Any, survey_id: UUID) -> int:
    """Rows of a survey in one of its tables."""
    counted = select(func.count()).select_from(table).where(table.c.survey_id == survey_id)
    return int(tx.session.execute(counted).scalar_one())


def count_invited(tx: Tx, survey: Survey) -> int:
    """How many active members are asked, and links that nobody took back; after closing, how many there were."""
    if survey.invited is not None:
        return survey.invited
    return audience.count(tx, audience.load(tx, survey)) + count_asked_links(tx, survey)


def count_asked_links(tx: Tx, survey: Survey) -> int:
    """Links that nobody took back: see asked_links."""
    chosen = asked_links().where(tables.surveys.c.id == survey.id)
    return int(tx.session.execute(chosen).scalar_one())


def asked_links() -> Select[Any]:
    """SQL: how many links nobody took back, joined to `surveys`. Without names those of a small batch count all the same:
    by what a taking back leaves, one would know which of them was used.
    """
    link, batch, survey = tables.survey_links, tables.link_batches, tables.surveys
    kept = (link.c.state != REVOKED) | ((batch.c.made < FEW) & (survey.c.anonymity != NAMED))
    return select(func.count()).where(link.c.survey_id == survey.c.id, link.c.batch_id == batch.c.id, kept)


def count_links(tx: Tx, survey_id: UUID, *states: str) -> int:
    """Single-use links of a survey in some states."""
    table = tables.survey_links
    mine = (table.c.survey_id == survey_id) & table.c.state.in_(states)
    return int(tx.session.execute(select(func.count()).select_from(table).where(mine)).scalar_one())


def need(tx: Tx, need_id: UUID, *, lock: bool = False) -> Need:
    """A need; every signed-in person may see it. Raises NotFound."""
    tx.actor.require_account()
    found = tx.session.get(Need, need_id, with_for_update=lock or None)
    if found is None:
        raise NotFound
    return found


def proposal(tx: Tx, proposal_id: UUID, *, lock: bool = False) -> Proposal:
    """A proposal; every signed-in person may see it. Raises NotFound."""
    tx.actor.require_account()
    found = tx.session.get(Proposal, proposal_id, with_for_update=lock or None)
    if found is None:
        raise NotFound
    return found


def need_of_proposal(tx: Tx, proposal_id: UUID) -> Need:
    """The need a proposal answers, locked: parents before children. Raises NotFound."""
    of_proposal = select(tables.proposals.c.need_id).where(tables.proposals.c.id == proposal_id)
    need_id = tx.session.execute(of_proposal).scalar_one_or_none()
    if need_id is None:
        raise NotFound
    return need(tx, need_id, lock=True)


def live_proposal(tx: Tx, need_id: UUID) -> Proposal | None:
    """The open or approved proposal of a need."""
    table = tables.proposals
    chosen = select(Proposal).where(table.c.need_id == need_id, table.c.status != "declined")
    return tx.session.execute(chosen).scalar_one_or_none()


def add_decision(tx: Tx, decision: Decision, vote: Mapping[str, Any]) -> None:
    """Put a decision on record; `vote`: vote_id and accord where one was held."""
    fields = ("proposal_id", "outcome", "reason", "decided_by", "decided_at", "endorsements")
    values = {name: getattr(decision, name) for name in fields}
    tx.session.execute(insert(tables.decisions).values(values | dict(vote)))


def closed_without_ranking(tx: Tx) -> list[UUID]:
    """Surveys whose needs are still to be ranked."""
    table, done = tables.surveys, tables.rankings.c.survey_id
    pending = select(table.c.id).where(table.c.closed_at.is_not(None), table.c.id.not_in(select(done)))
    return list(tx.session.execute(pending).scalars())


def due_to_close(tx: Tx) -> list[UUID]:
    """Launched surveys whose closing date has come."""
    table = tables.surveys
    due = (table.c.launched_at.is_not(None), table.c.closed_at.is_(None), table.c.closes_at <= tx.now)
    return list(tx.session.execute(select(table.c.id).where(*due)).scalars())


def opens(actor: Actor) -> Any:
    """SQL: surveys that a person may see, answered or not."""
    done = tables.participations
    mine = (done.c.survey_id == tables.surveys.c.id) & (done.c.account_id == actor.account_id)
    return audience_filter(actor) | select(done.c.account_id).where(mine).correlate(tables.surveys).exists()


def audience_filter(actor: Actor) -> Any:
    """SQL: surveys that a person may see, beside those that they answered."""
    if policy.can_coordinate(actor):
        return true()
    return tables.surveys.c.launched_at.is_not(None) & audience.asked(actor)
