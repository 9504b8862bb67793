"""How a proposal is decided together: by consent, by score, or by dots, each with a quorum fixed beforehand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Final

CONSENT: Final = "consent"
SCORE: Final = "score"
DOTS: Final = "dots"
METHODS = (CONSENT, SCORE, DOTS)

AGREE, ABSTAIN, OBJECT = "agree", "abstain", "object"
POSITIONS = (AGREE, ABSTAIN, OBJECT)
SCORES = range(6)
"""0 (strongly against) to 5 (strongly for)."""
DOTS_EACH = 5

PASSED, NOT_PASSED, NO_QUORUM = "passed", "not-passed", "no-quorum"


@dataclass(frozen=True)
class Rule:
    """Fixed before the first ballot. `quorum`: least share of those entitled who take part, 0..1; `threshold`: for
    score, the least mean 0..5; for dots, the least share of all dots, 0..1; unused by consent.
    """

    method: str
    quorum: float
    threshold: float = 0.0


@dataclass(frozen=True)
class Tally:
    """What the ballots say. `figure`: objections, mean score, or share of the dots; `counts`: ballots by position or
    score, or dots in all under "dots".
    """

    outcome: str
    ballots: int
    entitled: int
    figure: float
    counts: Mapping[str, int]

    @property
    def turnout(self) -> float:
        """Share of those entitled who took part, 0..1."""
        return self.ballots / self.entitled if self.entitled else 0.0


def consent(positions: Sequence[str], entitled: int, rule: Rule) -> Tally:
    """Passed where the quorum is met, someone agrees and nobody objects.

    An objection is a reason why the proposal would do harm, not a preference; it is met by changing the proposal.
    Source: consent decision making as in sociocracy (Endenburg 1998, Sociocracy: The Organization of Decision-Making).
    """
    counts = Counter(positions)
    objections = counts[OBJECT]
    passed = objections == 0 and counts[AGREE] > 0
    named = {position: counts[position] for position in POSITIONS}
    return _tally(rule, len(positions), entitled, float(objections), named, passed=passed)


def score(scores: Sequence[int], entitled: int, rule: Rule) -> Tally:
    """Passed where the quorum is met and the mean score reaches the threshold."""
    counts = Counter(scores)
    mean = fsum(scores) / len(scores) if scores else 0.0
    named = {str(value): counts[value] for value in SCORES}
    return _tally(rule, len(scores), entitled, mean, named, passed=bool(scores) and mean >= rule.threshold)


def dots(given: Sequence[int], all_dots: int, entitled: int, rule: Rule) -> Tally:
    """`given`: the dots of each person who took part in the round (0 counts as taking part) for this proposal;
    `all_dots`: dots of the round over all its proposals. Passed where quorum and share are reached.
    """
    total = sum(given)
    share = total / all_dots if all_dots else 0.0
    passed = total > 0 and share >= rule.threshold
    return _tally(rule, len(given), entitled, share, {"dots": total}, passed=passed)


def _tally(
    rule: Rule, ballots: int, entitled: int, figure: float, counts: Mapping[str, int], *, passed: bool
) -> Tally:
    # Whole people: a quorum of 0.5 of 7 is 4. The tiny amount keeps 0.6 of 5 at 3.
    quorate = ballots > 0 and ballots >= rule.quorum * entitled - 1e-9
    outcome = NO_QUORUM if not quorate else PASSED if passed else NOT_PASSED
    return Tally(outcome, ballots, entitled, figure, counts)
