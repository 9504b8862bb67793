"""Was the need met? One rule, fixed before the follow-up and shown with its verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MET: Final = "met"
PARTLY: Final = "partly-met"
UNMET: Final = "unmet"
SUPERSEDED: Final = "superseded"
NOT_MEASURED: Final = "not-measured"
VERDICTS = (MET, PARTLY, UNMET, SUPERSEDED, NOT_MEASURED)

MINIMUM = 5


@dataclass(frozen=True)
class Measured:
    """The need's mean gap (importance - ability, points) of the same `n` people, before and after, and its change
    after - before with a 95 % interval.
    """

    n: int
    before: float
    after: float
    low: float
    high: float

    @property
    def change(self) -> float:
        """After - before, in points; below 0 the need shrank."""
        return self.after - self.before


@dataclass(frozen=True)
class VerdictRule:
    """`gap_left`: the greatest mean gap, in points, that still counts as met; `wave`: the follow-up that decides."""

    gap_left: float = 0.5
    wave: str = "90-days"


def verdict(measured: Measured | None, rule: VerdictRule) -> str:
    """met, partly-met or unmet; not-measured without five people in both waves.

    Met: the whole interval of the change lies below 0 and the gap that is left is at most `gap_left`. Partly met: the
    whole interval lies below 0, and more is left. Unmet: the interval holds 0 or lies above it, since then the change
    may be chance; an absence of proof, and the page says so. Superseded is a coordinator's decision, never a result.
    """
    if measured is None or measured.n < MINIMUM:
        return NOT_MEASURED
    if measured.high >= 0:
        return UNMET
    return MET if measured.after <= rule.gap_left else PARTLY


@dataclass(frozen=True)
class Evidence:
    """What kind of evidence a figure is: Kirkpatrick's level 1 to 4 and LTEM's tier 1 to 8.

    Source: Kirkpatrick and Kirkpatrick 2006, Evaluating Training Programs; Thalheimer 2018, The Learning-Transfer
    Evaluation Model. Up to tier 3 nothing may be shown as learning.
    """

    kirkpatrick: int
    ltem: int

    @property
    def shows_learning(self) -> bool:
        """Whether the figure may be called learning."""
        return self.ltem > 3


EVIDENCE = {
    "enrolments": Evidence(1, 1),
    "completions": Evidence(1, 2),
    "evaluation": Evidence(1, 3),
    "scores": Evidence(2, 4),
    "judgement": Evidence(2, 5),
    # People rating their own ability, even weeks later, is perception.
    "self-rated-gap": Evidence(1, 3),
    "transfer-question": Evidence(3, 3),
    "confirmed-use": Evidence(3, 7),
}
