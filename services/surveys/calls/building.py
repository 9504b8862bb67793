"""Entry points. Building: balanced sets for a best-worst question."""

from __future__ import annotations

from typing import Any

from services.surveys import store
from services.surveys.methods.designs import block_design
from services.surveys.methods.errors import MethodError
from services.surveys.schemas.building import DesignSets
from shared.db.tx import Tx
from shared.errors import FieldProblem, Invalid
from shared.messaging.bus import Call
from shared.messaging.entrypoints import query
from shared.messaging.service import Service
from shared.wire import load


class BuildingCalls(Service):
    """Building: balanced sets for a best-worst question."""

    @query
    def design_sets(self, tx: Tx, call: Call) -> dict[str, Any]:
        """`sets` of option places from 0, the same for the same numbers."""
        data = load(DesignSets(), call.payload)
        store.require_coordinator(tx.actor)
        try:
            design = block_design(data["options"], data["size"])
        except MethodError:
            raise Invalid(fields=[FieldProblem("size", "too-many", {"max": data["options"] - 1})]) from None
        return {
            "sets": [list(members) for members in design.sets], "appearances": design.appearances,
            "pair_least": design.pair_least, "pair_most": design.pair_most, "balanced": design.balanced,
        }  # fmt: skip
