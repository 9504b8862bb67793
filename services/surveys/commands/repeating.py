"""A closed survey asked again: a draft with everything of it, tied to it as a further wave."""

from __future__ import annotations

import copy
import secrets
from uuid import UUID

from services.surveys import audience, store
from services.surveys.domain.need import RankingPending
from services.surveys.domain.survey import CLOSED, RepeatAfterClosing, Survey
from shared.db.tx import Tx
from shared.ids import new_id


def repeat_survey(tx: Tx, survey_id: UUID) -> Survey:
    """A draft that asks the same of the same people; codes of elements stay, so that what changed can be told.

    It has a seed of its own, and no dates. Raises NotFound, Forbidden, RepeatAfterClosing; RankingPending in the moments
    between the closing date and the closing: what was answered must be final before anything is compared with it.
    """
    earlier = store.coordinated_survey(tx, survey_id)
    if earlier.is_draft or earlier.status(tx.now) != CLOSED:
        raise RepeatAfterClosing
    if earlier.closed_at is None:
        raise RankingPending
    survey = Survey(
        id=new_id(), template_id=earlier.template_id, method=earlier.method, title=dict(earlier.title),
        intro=dict(earlier.intro), anonymity=earlier.anonymity, seed=secrets.randbelow(2**31), created_by=tx.actor.require_account(),
        created_at=tx.now, elements=copy.deepcopy(earlier.elements), groups=[*earlier.groups],
        cut_rule=earlier.cut_rule, follows_survey_id=earlier.id,
    )  # fmt: skip
    tx.add(survey)
    tx.session.flush()
    audience.replace(tx, survey, audience.load(tx, earlier))
    store.derive_items(tx, survey)
    return survey
