"""What a closed survey shows beside its ranking. Only stored figures are read here, never an answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.surveys import policy, store, tables
from services.surveys.analysis.figures import TABLES, WAVES, load_figures
from services.surveys.domain.need import FiguresPending, ResultsAfterClosing
from services.surveys.domain.survey import CLOSED, Survey
from services.surveys.methods.groups import PUBLIC_THRESHOLD
from services.surveys.queries.follow_up import evidence_of
from services.surveys.queries.surveys import instant, rate
from shared.db.tx import Tx, rows
from shared.errors import Conflict, NotFound

View = dict[str, Any]
SELF_RATED = "self-rated-gap"
MEMBERS, PUBLIC = AUDIENCES = ("members", "public")


class SummaryTooSmall(Conflict):
    """Too few people answered for anything to be shown outside."""

    code = "summary-too-small"


def get_tables(tx: Tx, survey_id: UUID, audience: str) -> View:
    """The published tables, for those who see the survey. Raises ResultsAfterClosing, FiguresPending."""
    survey = _closed(tx, survey_id)
    found = _stored(tx, survey.id)[TABLES]
    return {
        "survey_id": str(survey.id), "audience": audience, "tables": found[audience], "manifest": found["manifest"],
    }  # fmt: skip


def get_figures(tx: Tx, survey_id: UUID) -> View:
    """Gaps by group, the weighted reading, the check of the languages, numbers, the changes since an earlier wave (null
    where it follows none, or until that one is ranked), and the state of the summary.
    """
    survey = _closed(tx, survey_id)
    found = _stored(tx, survey.id)
    summary = summary_row(tx, survey.id)
    tables_ = found.pop(TABLES)
    return {
        "survey_id": str(survey.id),
        **found,
        WAVES: found[WAVES] | {"evidence": evidence_of(SELF_RATED)} if WAVES in found else None,
        "summary": {
            "published_at": instant(summary["published_at"]) if summary else None,
            "possible": _large_enough(tables_[PUBLIC]),
            "can_publish": policy.can_coordinate(tx.actor),
        },
    }


def get_summary(tx: Tx, survey_id: UUID) -> View:
    """What anybody may read, signed in or not, once a coordinator has published it. NotFound otherwise."""
    survey, published = tx.session.get(Survey, survey_id), summary_row(tx, survey_id)
    if survey is None or published is None:
        raise NotFound
    found = load_figures(tx, survey_id)[TABLES][PUBLIC]
    ranking = rows(tx, select(tables.rankings).where(tables.rankings.c.survey_id == survey_id))[0]
    invited = survey.invited or 0
    # The rate beside the number received would give the number invited back.
    told = invited - ranking["received"] >= PUBLIC_THRESHOLD
    return {
        "survey_id": str(survey.id),
        "title": survey.title,
        "intro": survey.intro,
        "method": survey.method,
        "closed_at": instant(survey.closed_at),
        "published_at": instant(published["published_at"]),
        "received": ranking["received"],
        "invited": invited if told else None,
        "response_rate": rate(ranking["received"], invited) if told else None,
        "needs": _public_needs(tx, survey_id),
        "elements": survey.elements,
        "tables": found,
    }


def require_publishable(tx: Tx, survey: Survey) -> None:
    """Raises ResultsAfterClosing, FiguresPending, SummaryTooSmall."""
    if survey.status(tx.now) != CLOSED:
        raise ResultsAfterClosing
    if not _large_enough(_stored(tx, survey.id)[TABLES][PUBLIC]):
        raise SummaryTooSmall(minimum=PUBLIC_THRESHOLD)


def summary_row(tx: Tx, survey_id: UUID) -> View | None:
    """When and by whom it was made public, or None."""
    table = tables.public_summaries
    return next(iter(rows(tx, select(table).where(table.c.survey_id == survey_id))), None)


def _public_needs(tx: Tx, survey_id: UUID) -> list[View]:
    """Ranked needs whose figures rest on enough people for the public."""
    table = tables.needs
    chosen = select(table.c.code, table.c.statement, table.c.metric).where(table.c.survey_id == survey_id)
    kept = ("rank", "tied", "value", "ci_low", "ci_high", "n")
    return [
        {"code": row["code"], "statement": row["statement"], **{name: row["metric"][name] for name in kept}}
        for row in rows(tx, chosen.order_by(table.c.place))
        if (row["metric"]["n"] or 0) >= PUBLIC_THRESHOLD
    ]


def _large_enough(found: View | None) -> bool:
    return found is not None


def _closed(tx: Tx, survey_id: UUID) -> Survey:
    survey = store.visible_survey(tx, survey_id)
    if survey.is_draft:
        raise NotFound
    if survey.status(tx.now) != CLOSED:
        raise ResultsAfterClosing
    return survey


def _stored(tx: Tx, survey_id: UUID) -> View:
    found = load_figures(tx, survey_id)
    if not found:
        raise FiguresPending
    return found
