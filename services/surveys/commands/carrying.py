"""Needs that were not met, taken into the next survey."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from services.surveys import store, tables
from services.surveys.commands.editing import CreateSurvey, create_survey
from services.surveys.domain.instrument.items import MAX_ITEMS
from services.surveys.domain.survey import Survey
from services.surveys.domain.verdict import PARTLY, UNMET
from shared.db.tx import Tx, rows
from shared.errors import Conflict, NotFound

TEMPLATE = "borich"
TITLE = {"fr": "Ce qui reste à combler", "en": "What is still to be met"}


class NothingUnmet(Conflict):
    """No need is unmet or partly met."""

    code = "nothing-unmet"


def carry_over(tx: Tx, ids: Sequence[UUID]) -> Survey:
    """A draft survey whose items keep the codes and words of the needs, so that its figures compare with theirs.

    `ids`: these needs; none: all that are unmet or partly met, the newest first. Raises NotFound, NothingUnmet.
    """
    store.require_coordinator(tx.actor)
    need = tables.needs
    chosen = select(need.c.id, need.c.code, need.c.statement).order_by(need.c.ranked_at.desc(), need.c.place)
    wanted = need.c.id.in_(ids) if ids else need.c.verdict.in_((UNMET, PARTLY))
    found = rows(tx, chosen.where(wanted))
    if len({row["id"] for row in found}) < len(set(ids)):
        raise NotFound
    items: dict[str, dict[str, object]] = {}
    for row in found:
        items.setdefault(row["code"], {"code": row["code"], "statement": row["statement"]})
    if not items:
        raise NothingUnmet
    given = {"title": TITLE, "items": list(items.values())[:MAX_ITEMS]}
    return create_survey(tx, CreateSurvey(TEMPLATE, given))
