"""Views of surveys and of one's own answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, false, func, or_, select

from services.surveys import audience, policy, store, tables
from services.surveys.commands.answering import participation
from services.surveys.domain.answers import pair_of, progress
from services.surveys.domain.audience import roles_of
from services.surveys.domain.instrument import Element
from services.surveys.domain.survey import CLOSED, DRAFT, OPEN, SCHEDULED, Survey
from services.surveys.queries.keys import key_of
from services.surveys.templates import scale
from shared.db.tx import Tx, rows
from shared.errors import NotFound
from shared.paging import PageRequest, page_of

View = dict[str, Any]
Table = tables.surveys


def instant(at: datetime | None) -> str | None:
    """ISO 8601, or None."""
    return at.isoformat() if at else None


def list_surveys(tx: Tx, status: str | None, request: PageRequest) -> View:
    """A page of SurveySummary, newest first; one statement whatever the number of rows."""
    chosen = summaries(tx).order_by(Table.c.id.desc()).limit(request.limit + 1)
    if status:
        chosen = chosen.where(_status_filter(status, tx.now))
    if key := key_of(request, UUID):
        chosen = chosen.where(Table.c.id < key[0])
    found = tx.session.execute(chosen).mappings().all()
    return page_of(found, request, lambda row: (row[Survey].id,), lambda row: summary(row, tx.now))


def summaries(tx: Tx) -> Select[Any]:
    """Surveys the actor may see, with item count, own draft and own participation."""
    account = tx.actor.require_account()
    items, drafts, done = tables.survey_items, tables.drafts, tables.participations
    asked = (items.c.survey_id == Table.c.id, items.c.position.is_not(None))
    counted = select(func.count()).where(*asked).correlate(Table).scalar_subquery()
    return (
        select(
            Survey,
            counted.label("items"),
            drafts.c.answers.label("draft"),
            done.c.account_id.label("done"),
            tables.rankings.c.status.label("ranking"),
        )
        .outerjoin(tables.rankings, tables.rankings.c.survey_id == Table.c.id)
        .outerjoin(drafts, and_(drafts.c.survey_id == Table.c.id, drafts.c.account_id == account))
        .outerjoin(done, and_(done.c.survey_id == Table.c.id, done.c.account_id == account))
        .where(or_(done.c.account_id.is_not(None), store.audience_filter(tx.actor)))
    )


def is_open(now: datetime) -> Any:
    """SQL: takes answers now."""
    return _launched_and_not_closed(now) & (Table.c.opens_at <= now)


def _launched_and_not_closed(now: datetime) -> Any:
    return and_(Table.c.launched_at.is_not(None), Table.c.closed_at.is_(None), Table.c.closes_at > now)


def _status_filter(status: str, now: datetime) -> Any:
    launched = Table.c.launched_at.is_not(None)
    return {
        DRAFT: Table.c.launched_at.is_(None),
        SCHEDULED: _launched_and_not_closed(now) & (Table.c.opens_at > now),
        OPEN: is_open(now),
        CLOSED: launched & (Table.c.closed_at.is_not(None) | (Table.c.closes_at <= now)),
    }.get(status, false())


def summary(row: Any, now: datetime) -> View:
    """SurveySummary."""
    mine = _mine(row["done"] is not None, row["draft"], row[Survey].elements)
    ranking = _ranking_of(row[Survey], row["ranking"], now)
    return _common(row[Survey], now) | {"items": row["items"], "mine": mine, "ranking": ranking}


def _common(survey: Survey, now: datetime) -> View:
    return {
        "id": str(survey.id),
        "version": survey.version,
        "template_id": survey.template_id,
        "method": survey.method,
        "title": survey.title,
        "status": survey.status(now),
        "anonymity": survey.anonymity,
        "opens_at": instant(survey.opens_at),
        "closes_at": instant(survey.closes_at),
        "closed_at": instant(survey.closed_at),
    }


def _mine(done: bool, draft: Any, elements: Sequence[Element]) -> View:
    """Counts the questions that this person sees; of a response nothing is read, so there all that are seen at first."""
    answered, total = progress(elements, {} if done else draft or {})
    if done:
        return {"state": "submitted", "answered": total, "total": total}
    return {"state": "draft" if draft else "none", "answered": answered, "total": total}


def get_survey(tx: Tx, survey_id: UUID) -> View:
    """Survey, for those who may see it."""
    return survey_view(tx, store.visible_survey(tx, survey_id))


def survey_view(tx: Tx, survey: Survey) -> View:
    """A Survey whole, as the actor sees it."""
    account = tx.actor.require_account()
    done = participation(tx, survey.id, account) is not None
    ranking = _ranking(tx, survey)
    return whole(tx, survey, done=done, draft=_saved(tx, survey.id, account)) | {
        "audience_roles": roles_of(survey.audience),
        "audience": audience.load(tx, survey).view(),
        "ranking": ranking,
        **_waves(tx, survey),
        "created_by": str(survey.created_by) if policy.can_coordinate(tx.actor) else None,
        "can": _can(tx, survey, done, ranking),
    }


def _waves(tx: Tx, survey: Survey) -> View:
    """The survey that this one follows and those that follow it, as far as the actor may see them. One statement."""
    beside = or_(Table.c.id == survey.follows_survey_id, Table.c.follows_survey_id == survey.id)
    chosen = select(Table.c.id, Table.c.title).where(beside, store.opens(tx.actor))
    found = rows(tx, chosen.order_by(Table.c.id))
    links = {row["id"]: {"id": str(row["id"]), "title": row["title"]} for row in found}
    follows = links.pop(survey.follows_survey_id, None) if survey.follows_survey_id else None
    return {"follows": follows, "followed_by": list(links.values())}


def whole(tx: Tx, survey: Survey, *, done: bool, draft: View) -> View:
    """What everybody sees who is asked, with or without an account: the instrument, its dates, one's own state."""
    items = store.items_of(tx, survey.id)
    return _common(survey, tx.now) | {
        "items": [
            {"id": str(item.id), "position": item.position, "code": item.code, "statement": item.statement}
            for item in items
        ],
        "elements": survey.elements,
        "groups": survey.groups,
        "instrument_version": survey.instrument_version,
        "cut_rule": survey.cut_rule,
        "mine": _mine(done, draft.get("answers"), survey.elements),
        "intro": survey.intro,
        "scale": scale(),
    }


def _ranking(tx: Tx, survey: Survey) -> str:
    table = tables.rankings
    chosen = select(table.c.status).where(table.c.survey_id == survey.id)
    return _ranking_of(survey, tx.session.execute(chosen).scalar_one_or_none(), tx.now)


def _ranking_of(survey: Survey, stored: str | None, now: datetime) -> str:
    """none, pending, ranked or refused."""
    return stored or ("pending" if survey.status(now) == CLOSED else "none")


def _can(tx: Tx, survey: Survey, done: bool, ranking: str) -> View:
    status, coordinates = survey.status(tx.now), policy.can_coordinate(tx.actor)
    running = status in (SCHEDULED, OPEN)
    return {
        "answer": status == OPEN and not done and _may_answer(tx, survey),
        "edit": coordinates and status == DRAFT,
        "launch": coordinates and status == DRAFT,
        "close": coordinates and running,
        "extend": coordinates and running,
        "results": ranking in ("ranked", "refused"),
        "progress": coordinates and status != DRAFT,
        "repeat": coordinates and survey.closed_at is not None,
    }


def _may_answer(tx: Tx, survey: Survey) -> bool:
    return policy.can_answer(tx.actor, survey, fits=audience.is_asked(tx, survey, tx.actor))


def get_progress(tx: Tx, survey_id: UUID) -> View:
    """Count and response rate: all that a coordinator sees while answers come in."""
    survey = store.visible_survey(tx, survey_id)
    store.require_coordinator(tx.actor)
    responses, invited = store.count_responses(tx, survey.id), store.count_invited(tx, survey)
    return {
        "survey_id": str(survey.id),
        "status": survey.status(tx.now),
        "responses": responses,
        "invited": invited,
        "response_rate": rate(responses, invited),
    }


def rate(responses: int, invited: int) -> float | None:
    """Share 0..1 of those invited; None when nobody is known to be. Never above 1: a member may have left since."""
    return min(1.0, responses / invited) if invited else None


def list_participants(tx: Tx, survey_id: UUID, request: PageRequest) -> View:
    """Who answered a named survey, by account id (in no order of time). NotFound for an anonymous one."""
    survey = store.visible_survey(tx, survey_id)
    store.require_coordinator(tx.actor)
    if not policy.can_see_participants(tx.actor, survey):
        raise NotFound
    table = tables.participations
    chosen = select(table.c.account_id).where(table.c.survey_id == survey_id).order_by(table.c.account_id)
    if key := key_of(request, UUID):
        chosen = chosen.where(table.c.account_id > key[0])
    found = rows(tx, chosen.limit(request.limit + 1))
    return page_of(
        found, request, lambda r: (r["account_id"],), lambda r: {"account_id": str(r["account_id"])}
    )


def get_draft(tx: Tx, survey_id: UUID) -> View:
    """One's own saved answers."""
    survey = store.answerable_survey(tx, survey_id)
    return draft_view(survey, _saved(tx, survey.id, tx.actor.require_account()), tx.actor.language)


def draft_view(survey: Survey, saved: View, language: str) -> View:
    """Saved answers; `language` where nothing is saved."""
    answers = saved.get("answers", {})
    answered, total = progress(survey.elements, answers)
    return {
        "survey_id": str(survey.id),
        "answers": answers,
        "language": saved.get("language", language),
        "saved_at": instant(saved.get("saved_at")),
        "answered": answered,
        "total": total,
    }


def get_own_response(tx: Tx, survey_id: UUID) -> View:
    """One's own answers to a survey that keeps whose they are. NotFound otherwise."""
    survey = store.visible_survey(tx, survey_id)
    if not policy.can_see_own_response(tx.actor, survey):
        raise NotFound
    found = rows(tx, _responses_of(survey, tx.actor.require_account()))
    if not found:
        raise NotFound
    own = found[0]
    answers = _own_pairs(tx, own["id"]) | own["given"]
    return {
        "survey_id": str(survey.id),
        "language": own["language"],
        "instrument_version": own["version"],
        "answers": answers,
    }


def _responses_of(survey: Survey, account: UUID) -> Select[Any]:
    """A person's response: by its account in a named survey, by the pseudonym in a confidential one."""
    response, mine = tables.responses, tables.pseudonyms
    of_survey = select(response).where(response.c.survey_id == survey.id)
    if survey.is_named:
        return of_survey.where(response.c.account_id == account)
    return of_survey.join(mine, mine.c.response_id == response.c.id).where(mine.c.account_id == account)


def _own_pairs(tx: Tx, response_id: UUID) -> View:
    answer, item = tables.answers, tables.survey_items
    chosen = select(item.c.code, answer.c.importance, answer.c.ability)
    joined = chosen.join(item, item.c.id == answer.c.item_id).where(answer.c.response_id == response_id)
    return {row["code"]: pair_of(row["importance"], row["ability"]) for row in rows(tx, joined)}


def _saved(tx: Tx, survey_id: UUID, account: UUID) -> View:
    table = tables.drafts
    mine = (table.c.survey_id == survey_id) & (table.c.account_id == account)
    found = rows(tx, select(table.c.answers, table.c.language, table.c.saved_at).where(mine))
    return found[0] if found else {}
