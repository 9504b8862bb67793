"""How many of those asked have each label: counted at closing, since members change afterwards."""

from __future__ import annotations

from sqlalchemy import func, insert, select

from services.surveys import audience, tables
from services.surveys.domain.survey import Survey
from shared.db.tx import Tx, rows

WEIGHED = ("province", "sector", "language")


def count_margins(tx: Tx, survey: Survey) -> None:
    """Keep the margins of the attributes that answers can be weighted by, where the survey keeps them."""
    member = tables.members
    asked = audience.members_in(audience.load(tx, survey))
    for name in (name for name in WEIGHED if name in survey.groups):
        label = func.coalesce(member.c[name], "")
        counted = select(label.label("label"), func.count().label("people")).where(asked).group_by(label)
        found = [{"survey_id": survey.id, "attribute": name, **row} for row in rows(tx, counted)]
        if found:
            tx.session.execute(insert(tables.margins), found)
