"""A panel: a Delphi with its rounds, or a nominal group with its phases. Pure rules of what may follow what.

Delphi:  draft -> round -> judging -> between -> round … -> ended
Nominal: draft -> silent -> sharing -> clarify -> vote -> results [-> discuss -> revote] -> ended
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.surveys.methods.delphi import StopRule, default_rule
from services.surveys.methods.errors import MethodError
from shared.errors import Conflict, FieldProblem, Invalid, Stale

DELPHI, NOMINAL = KINDS = ("delphi", "nominal-group")
DRAFT, ROUND, JUDGING, BETWEEN, ENDED = "draft", "round", "judging", "between", "ended"
SILENT, SHARING, CLARIFY, VOTE, RESULTS, DISCUSS, REVOTE = NOMINAL_PHASES = (
    "silent", "sharing", "clarify", "vote", "results", "discuss", "revote",
)  # fmt: skip
PHASES = (DRAFT, ROUND, JUDGING, BETWEEN, *NOMINAL_PHASES, ENDED)
OPEN_ROUND, RATING_ROUND = ROUND_KINDS = ("open", "rating")
STOPPED = "stopped"
SMALLEST, LARGEST_GROUP, LARGEST_PANEL = 5, 12, 300
MAX_ITEMS, MAX_IDEAS, TOP = 60, 5, 5
LONGEST = timedelta(days=120)
SOON = timedelta(days=2)
LANGUAGES = ("fr", "en")
Bilingual = dict[str, str]
# A group may end after its first vote, or talk and vote again.
_NEXT: Mapping[str, tuple[str, ...]] = {
    SILENT: (SHARING,),
    SHARING: (CLARIFY,),
    CLARIFY: (VOTE,),
    VOTE: (RESULTS,),
    RESULTS: (DISCUSS, ENDED),
    DISCUSS: (REVOTE,),
    REVOTE: (ENDED,),
}


class PanelStarted(Conflict):
    """What was fixed at the start stays."""

    code = "panel-started"


class PanelEnded(Conflict):
    """It takes nothing more."""

    code = "panel-ended"


class WrongPhase(Conflict):
    """Not what the panel is at just now."""

    code = "wrong-phase"


class RoundClosed(Conflict):
    """The deadline has come."""

    code = "round-closed"


class ItemRated(Conflict):
    """Wording that people have rated stays as they read it."""

    code = "item-rated"


class NotYourTurn(Conflict):
    """Somebody else speaks now."""

    code = "not-your-turn"


class TooFewBallots(Conflict):
    """Under five votes nothing is shown, so there would be nothing to go on with."""

    code = "too-few-ballots"


class NoResults(Conflict):
    """No round has been judged yet."""

    code = "panel-no-results"


class RuleChanged(Conflict):
    """The stored rule is no longer the one that was fixed: nothing is judged by it."""

    code = "panel-rule-changed"


def rule_of(scale: int, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The stop rule as plain values: the usual one of the scale, changed where `given` says so.

    Raises Invalid with `rule` bad-threshold or unknown-convention.
    """
    try:
        usual = asdict(default_rule(scale))
        rule = asdict(
            StopRule(**usual | {**(given or {}), "band": tuple((given or {}).get("band") or usual["band"])})
        )
    except MethodError as error:
        raise Invalid(fields=[FieldProblem("rule", error.code)]) from None
    if rule["band"][1] > scale:
        raise Invalid(fields=[FieldProblem("rule", "bad-threshold")])
    return rule | {"band": list(rule["band"])}


def rule_from(stored: Mapping[str, Any]) -> StopRule:
    """The rule of `rule_of`."""
    return StopRule(**{**stored, "band": tuple(stored["band"])})


def fingerprint(rule: Mapping[str, Any], scale: int) -> str:
    """SHA-256 of the rule and its scale, 64 hex digits: what every round refers to."""
    plain = json.dumps({"scale": scale, **rule}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


@dataclass(eq=False)
class Panel:
    """`audience`: mask of the roles that are invited, 0 for none; `chosen`: accounts invited by name. `rule` of a Delphi, fixed when it starts. `round`: the last one opened, from 1. `turn`: whose turn it is in a
    nominal group, counted from 0. `minutes`: of the silent phase. `closes_at`: of the round, or of the silent phase.
    `result`: the stored figures.
    """

    id: UUID
    kind: str
    title: Bilingual
    intro: Bilingual
    question: Bilingual
    created_by: UUID
    created_at: datetime
    scale: int = 9
    rule: dict[str, Any] = field(default_factory=dict)
    rule_sha256: str = ""
    first_round: str = OPEN_ROUND
    audience: int = 0
    chosen: list[str] = field(default_factory=list)
    minutes: int = 8
    phase: str = DRAFT
    round: int = 0
    turn: int = 0
    closes_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    end_reason: str | None = None
    end_note: Bilingual | None = None
    result: dict[str, Any] | None = None
    version: int = 1

    @property
    def is_delphi(self) -> bool:
        return self.kind == DELPHI

    @property
    def is_draft(self) -> bool:
        return self.phase == DRAFT

    def require_version(self, version: int) -> None:
        """Raises Stale when the reader saw an older one."""
        if version != self.version:
            raise Stale

    def require_phase(self, *phases: str) -> None:
        """Raises PanelEnded or WrongPhase."""
        if self.phase == ENDED and ENDED not in phases:
            raise PanelEnded
        if self.phase not in phases:
            raise WrongPhase(phase=self.phase)

    def edit(self, changes: Mapping[str, Any]) -> None:
        """Set fields of a draft, its rule and scale included. Raises PanelStarted, Invalid."""
        if not self.is_draft:
            raise PanelStarted
        for name, value in changes.items():
            if name != "rule":
                setattr(self, name, value)
        if "rule" in changes or "scale" in changes or not self.rule:
            self.rule = rule_of(self.scale, changes.get("rule"))
            self.rule_sha256 = fingerprint(self.rule, self.scale)
        self.version += 1

    def start(self, people: int, items: Sequence[Bilingual], now: datetime) -> None:
        """Fix it. Raises PanelStarted, or Invalid with everything that is missing or wrong."""
        if not self.is_draft:
            raise PanelStarted
        if problems := _start_problems(self, people, items, now):
            raise Invalid("not-ready", fields=problems)
        self.started_at = now
        self.version += 1
        if self.is_delphi:
            self.phase, self.round = ROUND, 1
        else:
            self.phase, self.round = SILENT, 1
            self.closes_at = now + timedelta(minutes=self.minutes)

    def require_open_round(self, now: datetime) -> None:
        """Raises PanelEnded, WrongPhase or RoundClosed: a deadline closes even before the job has come by."""
        self.require_phase(ROUND)
        if self.closes_at is not None and now >= self.closes_at:
            raise RoundClosed

    def extend(self, closes_at: datetime, now: datetime) -> None:
        """Give the round more time. Raises as `require_open_round`, or Invalid `closes_at`."""
        self.require_open_round(now)
        if self.closes_at is not None and closes_at <= self.closes_at:
            raise Invalid(fields=[FieldProblem("closes_at", "too-early")])
        if problems := _date_problems(closes_at, now):
            raise Invalid(fields=problems)
        self.closes_at = closes_at
        self.version += 1

    def close_round(self, kind: str) -> None:
        """No more answers. A rating round is judged before anything else; an open one has nothing to judge."""
        self.require_phase(ROUND)
        self.phase = JUDGING if kind == RATING_ROUND else BETWEEN
        self.closes_at = None
        self.version += 1

    def judged(self, result: dict[str, Any] | None) -> None:
        """The round's figures are stored (None: fewer than five answered, so there are none)."""
        self.require_phase(JUDGING)
        self.result = result if result is not None else self.result
        self.phase = BETWEEN
        self.version += 1

    def open_round(self, closes_at: datetime, items: Sequence[Bilingual], now: datetime) -> int:
        """The next rating round, by its number. Raises WrongPhase, or Invalid with what is missing."""
        self.require_phase(BETWEEN)
        problems = [*_item_problems(items), *_date_problems(closes_at, now)]
        if problems:
            raise Invalid("not-ready", fields=problems)
        self.phase, self.closes_at = ROUND, closes_at
        self.round += 1
        self.version += 1
        return self.round

    def advance(self, wanted: str, now: datetime) -> None:
        """Move a nominal group on. Raises PanelEnded, or WrongPhase where `wanted` does not follow."""
        if self.phase == ENDED:
            raise PanelEnded
        if wanted not in _NEXT.get(self.phase, ()):
            raise WrongPhase(phase=self.phase)
        self.closes_at, self.version = None, self.version + 1
        if wanted == ENDED:
            self.end("voted", None, now)
        else:
            self.phase = wanted
        self.round = 2 if wanted == REVOTE else self.round

    def end(self, reason: str, note: Bilingual | None, now: datetime) -> None:
        """Nothing more is asked. `reason`: the rule's code, `stopped` by the coordination, or `voted`."""
        if self.phase == ENDED:
            raise PanelEnded
        self.phase, self.ended_at, self.end_reason, self.end_note = ENDED, now, reason, note
        self.closes_at, self.version = None, self.version + 1


def next_phases(phase: str) -> tuple[str, ...]:
    """Where a nominal group may go from here."""
    return _NEXT.get(phase, ())


def _start_problems(
    panel: Panel, people: int, items: Sequence[Bilingual], now: datetime
) -> list[FieldProblem]:
    texts = [*_missing("title", panel.title), *_missing("intro", panel.intro)]
    largest = LARGEST_PANEL if panel.is_delphi else LARGEST_GROUP
    if not SMALLEST <= people <= largest:
        limits = {"n": people, "minimum": SMALLEST, "maximum": largest}
        texts.append(FieldProblem("members", "panel-size", limits))
    if not panel.is_delphi:
        return [*texts, *_missing("question", panel.question)]
    asked = _missing("question", panel.question) if panel.first_round == OPEN_ROUND else _item_problems(items)
    if panel.closes_at is None:
        return [*texts, *asked, FieldProblem("closes_at", "missing")]
    return [*texts, *asked, *_date_problems(panel.closes_at, now)]


def _item_problems(items: Sequence[Bilingual]) -> list[FieldProblem]:
    if len(items) < 2:
        return [FieldProblem("items", "too-few-to-rate")]
    return [
        problem for place, pair in enumerate(items) for problem in _missing(f"items.{place}.statement", pair)
    ]


def _missing(path: str, pair: Bilingual) -> list[FieldProblem]:
    return [FieldProblem(f"{path}.{code}", "missing") for code in LANGUAGES if not pair.get(code, "").strip()]


def _date_problems(closes_at: datetime, now: datetime) -> list[FieldProblem]:
    if closes_at <= now:
        return [FieldProblem("closes_at", "in-the-past")]
    if closes_at > now + LONGEST:
        return [FieldProblem("closes_at", "too-long-open", {"days": LONGEST.days})]
    return []
