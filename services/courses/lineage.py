"""Whether learners keep their place when an activity gets another H5P content.

A saved state belongs to a lineage: contents of the same structure. A new content joins the lineage of the one before
it when its structure is the same, and starts one of its own otherwise; states of another lineage are not shown to
the player, and come back when an older edition is restored. Use it around the change:

    fit = keep_or_reset_states(tx, storage, item.id, str(main_library), params, confirm=confirm)  # old content still there
    ...                                                                                           # the new one's row
    inherit(tx, new_id, fit)
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from services.courses import store
from services.courses.domain.h5p_play import StructureChanged
from services.courses.h5p.scoring import machine_name
from services.courses.h5p.structure import same_structure
from services.courses.players.xblock_runtime import load_block
from services.courses.tables import ANY_LINEAGE, attempts, h5p_contents, h5p_lineages, states
from services.courses.views import lineage_of
from shared.db.dialect import insert_new
from shared.db.tx import Tx
from shared.errors import NotFound
from shared.storage import Storage


@dataclass(frozen=True, slots=True)
class Fit:
    """`kept`: every place fits the new content, else `people` have one that does not. `lineage` to join, None for its own."""

    kept: bool
    people: int
    lineage: UUID | None = None


def fit_of(
    tx: Tx, storage: Storage, activity_id: UUID, library: str, params: Any, *, language: str | None = None
) -> Fit:
    """Hold new parameters against the contents of the activity's draft that they take the place of.

    The contents of two languages are two lineages: what is typed or moved in one need not fit the other's words.
    """
    item = store.load_activity(tx, activity_id)
    block = load_block(store.runtime_for(tx, role="author", user=False), item.id)
    gone = [UUID(one) for one in block.displaced(language, item.content_language)]
    lineages = {lineage_of(tx, one): _fits(tx, storage, one, library, params) for one in gone}
    joined = next((lineage for lineage, fits in lineages.items() if fits), None)
    left = set(lineages) - {joined}
    return Fit(kept=not left, people=_begun(tx, item.id, left or lineages), lineage=joined)


def _fits(tx: Tx, storage: Storage, content_id: UUID, library: str, params: Any) -> bool:
    columns = h5p_contents.c
    found = select(columns.prefix, columns.main_library).where(columns.id == content_id)
    old = tx.session.execute(found).first()
    if old is None or machine_name(old.main_library) != machine_name(library):
        return False
    return same_structure(read_params(storage, old.prefix), params)


def keep_or_reset_states(
    tx: Tx, storage: Storage, activity_id: UUID, library: str, params: Any, *,
    confirm: bool, language: str | None = None,
) -> Fit:  # fmt: skip
    """The same, and asks first: raises StructureChanged when people would start over, unless `confirm`."""
    fit = fit_of(tx, storage, activity_id, library, params, language=language)
    if not fit.kept and fit.people and not confirm:
        raise StructureChanged(people=fit.people)
    return fit


def inherit(tx: Tx, content_id: UUID, fit: Fit) -> None:
    """The new content, whose row is there now, joins the lineage."""
    if fit.lineage is not None:
        insert_new(tx.session, h5p_lineages, {"content_id": content_id, "lineage": fit.lineage})


def read_params(storage: Storage, prefix: str) -> Any:
    """content.json of a content; nothing where it is gone."""
    try:
        with storage.open(f"{prefix.rstrip('/')}/content/content.json") as file:
            return json.loads(file.read().decode("utf-8-sig"))
    except (NotFound, ValueError):
        return {}


def _begun(tx: Tx, activity_id: UUID, lineages: Collection[UUID]) -> int:
    """Learners with a saved place in contents of these lineages."""
    if not lineages:
        return 0
    saved = states.c.state.is_not(None) & states.c.lineage.in_([ANY_LINEAGE, *lineages])
    counted = (
        select(func.count(attempts.c.id.distinct()))
        .join(states, states.c.attempt_id == attempts.c.id)
        .where(attempts.c.activity_id == activity_id, saved)
    )
    return tx.session.execute(counted).scalar_one()
