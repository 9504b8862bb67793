"""Views of who is asked, reminded, and reached by links."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from services.surveys import history, store, tables
from services.surveys.commands import collecting, links
from services.surveys.domain import reminders as rules
from services.surveys.domain.audience import FEW, Audience
from services.surveys.domain.instrument import computed_values, visible
from services.surveys.domain.links import MOST, USED
from services.surveys.domain.survey import OPEN, SCHEDULED
from services.surveys.queries.surveys import draft_view, instant, whole
from shared.db.tx import Tx, rows

View = dict[str, Any]


def people(number: int) -> View:
    """A Count: none, or at least FEW, said; in between only that it is fewer."""
    hidden = 0 < number < FEW
    return {"value": None if hidden else number, "fewer_than": FEW if hidden else None}


def get_reminders(tx: Tx, survey_id: UUID) -> View:
    """See README, Reminders."""
    survey = store.visible_survey(tx, survey_id)
    store.require_coordinator(tx.actor)
    known = collecting.of_survey(tx, survey.id)
    until, left = rules.rests_until(known), rules.left(known)
    resting = until is not None and tx.now < until
    return {
        "survey_id": str(survey.id),
        "items": [
            {"kind": one.kind, "due_at": instant(one.due_at), "sent_at": instant(one.sent_at),
             "reached": one.reached}
            for one in known
        ],
        "left": left,
        "next_at": instant(until) if resting else None,
        "can_remind": survey.status(tx.now) == OPEN and left > 0 and not resting,
    }  # fmt: skip


def open_link(tx: Tx, secret: str, language: str, version: int | None = None) -> View:
    """What the bearer of a link may see: the survey, what is saved, and what a `version` asked (None: the newest).

    Raises NotFound, LinkRevoked, Invalid `instrument_version`.
    """
    link, survey = links.opened(tx, secret)
    saved = links.draft_of(tx, link.id)
    used, open_ = link.state == USED, survey.status(tx.now) == OPEN
    nothing = dict.fromkeys(("edit", "launch", "close", "extend", "results", "progress"), False)
    shown = whole(tx, survey, done=used, draft=saved) | {
        "audience_roles": [],
        "audience": Audience().view(),
        "ranking": "none",
        "created_by": None,
        "can": nothing | {"answer": open_ and not used},
    }
    answers = saved.get("answers", {})
    seen = {
        "visible": visible(survey.elements, answers),
        "computed": computed_values(survey.elements, answers),
    }
    asked = history.version_asked(tx, survey, version)
    return {"survey": shown, "draft": draft_view(survey, saved, language), "preview": seen, "asked": asked}


def list_links(tx: Tx, survey_id: UUID) -> View:
    """The batches of links, newest first, and how many were used.

    But without names a batch under FEW says nothing of its use: it would say who took part.
    """
    survey = store.visible_survey(tx, survey_id)
    store.require_coordinator(tx.actor)
    batch, link = tables.link_batches, tables.survey_links
    used = func.count().filter(link.c.state == USED).label("used")
    columns = (batch.c.id, batch.c.label, batch.c.made, batch.c.revoked, batch.c.created_at)
    found = rows(
        tx,
        select(*columns, used).join(link, link.c.batch_id == batch.c.id)
        .where(batch.c.survey_id == survey.id).group_by(*columns).order_by(batch.c.id.desc()),
    )  # fmt: skip
    total = sum(row["made"] for row in found)
    # A total beside all batches but a small one would tell the use of that one.
    small = sum(row["made"] for row in found if row["made"] < FEW)
    shown = survey.is_named or (total >= FEW and (small == 0 or small >= FEW))
    return {
        "survey_id": str(survey.id),
        "made": total,
        "used": sum(row["used"] for row in found) if shown else None,
        "items": [_batch(row, survey.is_named) for row in found],
        "can_make": not survey.is_draft and survey.status(tx.now) in (SCHEDULED, OPEN),
        "most": MOST,
    }


def _batch(row: View, named: bool) -> View:
    shown = named or row["made"] >= FEW
    return {
        "id": str(row["id"]), "label": row["label"], "made": row["made"], "revoked": row["revoked"],
        "created_at": instant(row["created_at"]), "used": row["used"] if shown else None,
    }  # fmt: skip


def get_coverage(tx: Tx, survey_id: UUID) -> View:
    """See README, Coverage: the last kept table, and what may be said at any moment."""
    survey = store.visible_survey(tx, survey_id)
    store.require_coordinator(tx.actor)
    table = tables.coverage
    found = rows(tx, select(table).where(table.c.survey_id == survey.id))
    kept: View = found[0] if found else {"responses": 0, "final": False, "figures": {"by": {}, "silent": {}}}
    return {
        "survey_id": str(survey.id),
        "status": survey.status(tx.now),
        "exact": survey.is_named,
        "responses": kept["responses"],
        "final": kept["final"],
        "drafts": people(_drafts(tx, survey.id)),
        **kept["figures"],
    }


def _drafts(tx: Tx, survey_id: UUID) -> int:
    """People with something saved and nothing sent."""
    draft, link = tables.link_drafts, tables.survey_links
    by_link = select(func.count()).select_from(draft.join(link, link.c.id == draft.c.link_id))
    number = tx.session.execute(by_link.where(link.c.survey_id == survey_id)).scalar_one()
    return store.count(tx, tables.drafts, survey_id) + int(number)
