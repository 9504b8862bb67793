"""Views of who is asked and reminded."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.surveys import store
from services.surveys.commands import collecting
from services.surveys.domain import reminders as rules
from services.surveys.domain.audience import FEW
from services.surveys.domain.survey import OPEN
from services.surveys.queries.surveys import instant
from shared.db.tx import Tx

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
