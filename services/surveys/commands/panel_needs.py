"""What a panel agreed on becomes needs of the loop, with its figures and where each came from."""

from __future__ import annotations

from typing import Any

from services.surveys import panel_figures, panel_store
from services.surveys.domain.need import Need
from services.surveys.domain.panel import Panel
from shared.db.tx import Tx
from shared.ids import new_id


def add_needs(tx: Tx, panel: Panel) -> list[Need]:
    """Items in consensus of a Delphi; the first five ranks of a nominal group's last vote."""
    if panel.result is None:
        return []
    items = {item["code"]: item for item in panel_store.items_of(tx, panel.id, standing=False)}
    found = panel_figures.need_metrics(panel.kind, panel.result)
    needs = [
        _need(tx, panel, items[code], place, metric)
        for place, (code, metric) in enumerate(found.items(), start=1)
    ]
    tx.session.add_all(needs)
    return needs


def _need(tx: Tx, panel: Panel, item: dict[str, Any], place: int, metric: dict[str, Any]) -> Need:
    return Need(
        id=new_id(), survey_id=None, item_id=None, code=f"{panel.id.hex[-8:]}.{item['code']}", statement=item["statement"],
        place=place, rank=metric["rank"], metric=metric | {"sources": item["sources"]}, ranked_at=tx.now,
        source_type=panel.kind, panel_id=panel.id, panel_item_id=item["id"],
    )  # fmt: skip
