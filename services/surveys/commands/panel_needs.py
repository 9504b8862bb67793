"""What a panel agreed on becomes needs of the loop, with its figures and where each came from."""

from __future__ import annotations

from typing import Any

from services.surveys import panel_figures, panel_store
from services.surveys.domain.need import Need, panel_metric
from services.surveys.domain.panel import Panel
from shared.db.tx import Tx
from shared.ids import new_id

DELPHI_FIGURES = ("median", "q1", "q3", "iqr", "agreement", "moved", "cv_change", "state", "round")
VOTE_FIGURES = ("points", "votes", "polarised", "vote")


def add_needs(tx: Tx, panel: Panel) -> list[Need]:
    """Items in consensus of a Delphi; the first five ranks of a nominal group's last vote."""
    if panel.result is None:
        return []
    items = {item["code"]: item for item in panel_store.items_of(tx, panel.id, standing=False)}
    found = panel_figures.consensus(panel.result) if panel.is_delphi else panel_figures.chosen(panel.result)
    needs = [_need(tx, panel, items[one["item"]], place, one) for place, one in enumerate(found, start=1)]
    tx.session.add_all(needs)
    return needs


def _need(tx: Tx, panel: Panel, item: dict[str, Any], place: int, figures: dict[str, Any]) -> Need:
    own = DELPHI_FIGURES if panel.is_delphi else VOTE_FIGURES
    value = figures["median"] if panel.is_delphi else figures["points"]
    metric = panel_metric(
        panel.kind, indicative=bool(panel.result and panel.result["indicative"]), n=figures["n"],
        rank=figures["rank"], tied=figures["tied"], value=value,
    )  # fmt: skip
    return Need(
        id=new_id(), survey_id=None, item_id=None, code=f"{panel.id.hex[-8:]}.{item['code']}", statement=item["statement"],
        place=place, rank=figures["rank"], metric=metric | {name: figures[name] for name in own} | {"sources": item["sources"]},
        ranked_at=tx.now, source_type=panel.kind, panel_id=panel.id, panel_item_id=item["id"],
    )  # fmt: skip
