"""Charts a person would rather look at: a drawing, its data, its words, its table."""

from gateway.web.charts.changes import changes_chart
from gateway.web.charts.groups import groups_chart
from gateway.web.charts.model import (
    ChangeRow,
    Chart,
    CutLines,
    GroupCell,
    GroupRow,
    NeedRow,
    Table,
    cut_lines,
    need_rows,
)
from gateway.web.charts.quadrant import quadrant_chart
from gateway.web.charts.ranking import ranking_chart

__all__ = [
    "ChangeRow",
    "Chart",
    "CutLines",
    "GroupCell",
    "GroupRow",
    "NeedRow",
    "Table",
    "changes_chart",
    "cut_lines",
    "groups_chart",
    "need_rows",
    "quadrant_chart",
    "ranking_chart",
]
