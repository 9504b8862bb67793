"""REST of the surveys service. Building: balanced sets for a best-worst question."""

from __future__ import annotations

from gateway.context import Answer, answer, call


def design_survey_sets(options: int, size: int = 4) -> Answer:
    """Balanced sets of so many options."""
    return answer(call("surveys", "design_sets", {"options": options, "size": size}))
