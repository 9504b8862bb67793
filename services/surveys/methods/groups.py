"""Small-cell suppression for one breakdown of a count by group: the shared rule, with this package's errors."""

from __future__ import annotations

from collections.abc import Mapping

from services.surveys.methods.errors import MethodError
from shared import suppression
from shared.suppression import PUBLIC_THRESHOLD, THRESHOLD, Breakdown

__all__ = ["PUBLIC_THRESHOLD", "THRESHOLD", "Breakdown", "suppress"]


def suppress(counts: Mapping[str, int], threshold: int = THRESHOLD) -> Breakdown:
    """See shared.suppression.suppress. Raises MethodError `bad-counts`, `bad-threshold`."""
    try:
        return suppression.suppress(counts, threshold)
    except ValueError as error:
        params = {"minimum": 2} if str(error) == "bad-threshold" else {}
        raise MethodError(str(error), params) from None
