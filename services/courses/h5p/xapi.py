"""xAPI statements from an H5P player, made trustworthy in everything but the answer itself.

The browser's word is kept for what only it can know (verb, response, claimed score); who, about what and when
are set here. Follows the xAPI 1.0.3 data model and the H5P core's use of it.
"""

from __future__ import annotations

import json
import math
import re
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from services.courses.h5p.problems import Problem
from services.courses.h5p.statements import TOOLBAR_VERBS, VERBS, Score, Statement

MAX_BYTES = 128 * 1024
MAX_DURATION_S = 366 * 86_400
UNUSABLE = frozenset({"statement-not-object", "statement-too-large"})
"""Problems that leave nothing worth keeping."""
_VERB_BASE = "http://adlnet.gov/expapi/verbs/"
_ACTIVITY_TYPE = re.compile(r"https?://[^\s]{1,255}")
CONTENT_EXTENSION = "http://h5p.org/x-api/h5p-local-content-id"
SUB_CONTENT_EXTENSION = "http://h5p.org/x-api/h5p-subContentId"

_SUB_CONTENT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_INTERACTION_LISTS = ("choices", "source", "target", "scale", "steps")
_DURATION = re.compile(
    r"P(?=.)(?:(?P<w>\d+(?:\.\d+)?)W|(?:(?P<d>\d+(?:\.\d+)?)D)?"
    r"(?:T(?=.)(?:(?P<h>\d+(?:\.\d+)?)H)?(?:(?P<m>\d+(?:\.\d+)?)M)?(?:(?P<s>\d+(?:\.\d+)?)S)?)?)"
)
_SECONDS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}


def normalise(
    statement: object, *, account_homepage: str, account_name: str, activity_iri: str, now: datetime
) -> Statement:
    """Rebuild a player's statement from its allowed parts.

    The actor becomes the account (`account_homepage`, `account_name`: a pseudonymous id); the object becomes
    `activity_iri`, with `?subContentId=` for a part. A valid UUID is kept as id, so that a resend is the same
    statement. `now` must be aware. Never raises on bad input: see `Statement.problems`.
    """
    reader = _Reader(activity_iri, now)
    source = reader.source(statement)
    actor = {
        "objectType": "Agent",
        "account": {"homePage": account_homepage, "name": account_name},
    }
    return reader.build(source, actor)


class _Reader:
    def __init__(self, activity_iri: str, now: datetime) -> None:
        self.iri, self.now = activity_iri, now
        self.problems: list[Problem] = []

    def fault(self, code: str, **params: str | float) -> None:
        self.problems.append(Problem(code, params))

    def source(self, statement: object) -> Mapping[str, Any]:
        if not isinstance(statement, Mapping):
            self.fault("statement-not-object")
            return {}
        try:
            text = json.dumps(statement, ensure_ascii=False, allow_nan=False)
            size = len(text.encode("utf-8", "strict"))
        except (TypeError, ValueError, RecursionError):
            self.fault("statement-not-object")
            return {}
        if size > MAX_BYTES:
            self.fault("statement-too-large", limit=MAX_BYTES)
            return {}
        # No database keeps this character, and no answer needs it.
        clean = json.loads(text.replace("\\u0000", "\\ufffd")) if "\\u0000" in text else statement
        return clean if isinstance(clean, Mapping) else {}

    def build(self, source: Mapping[str, Any], actor: dict[str, Any]) -> Statement:
        usable = not self.problems
        verb = self.verb(source.get("verb")) if usable else ""
        definition, sub = self.target(source.get("object")) if usable else ({}, None)
        parent, categories = self.context(source.get("context"))
        result = self.mapping(source.get("result"), "value")
        score = self.score(result.get("score"))
        duration = self.duration(result.get("duration"))
        success, completion = self.flag(result, "success"), self.flag(result, "completion")
        response = self.response(result)
        statement_id, timestamp = _uuid(source.get("id")), self.timestamp(source.get("timestamp"))
        document = {
            "id": statement_id,
            "actor": actor,
            "verb": {"id": _VERB_BASE + verb, "display": {"en-US": verb}},
            "object": {"objectType": "Activity", "id": self.activity(sub), "definition": definition},
            "result": _without_none({
                "success": success, "completion": completion, "response": response,
                "score": _score_json(score), "duration": _duration_json(duration),
            }),
            "context": _context_json(parent, categories),
            "timestamp": timestamp.isoformat(),
            "stored": self.now.isoformat(),
        }  # fmt: skip
        return Statement(
            statement_id, verb, self.activity(sub), sub, parent, timestamp, self.now, score,
            success, completion, duration, response,
            {k: v for k, v in document.items() if v != {}}, tuple(self.problems),
        )  # fmt: skip

    def verb(self, value: object) -> str:
        iri = value.get("id") if isinstance(value, Mapping) else None
        if not isinstance(iri, str) or not iri:
            self.fault("verb-missing")
            return ""
        name = iri.removeprefix(_VERB_BASE)
        if name not in VERBS | TOOLBAR_VERBS or name == iri:
            self.fault("verb-not-allowed")
            return ""
        return name

    def activity(self, sub: str | None) -> str:
        return self.iri if sub is None else f"{self.iri}?subContentId={sub}"

    def target(self, value: object) -> tuple[dict[str, Any], str | None]:
        if not isinstance(value, Mapping) or value.get("objectType", "Activity") != "Activity":
            self.fault("object-invalid")
            return {}, None
        definition = self.mapping(value.get("definition"), "definition", "object-invalid")
        extensions = self.mapping(definition.get("extensions"), "extensions", "object-invalid")
        sub = self.sub_content(extensions.get(SUB_CONTENT_EXTENSION) or _sub_content_in(value.get("id")))
        return _definition(definition, extensions, sub), sub

    def sub_content(self, value: object) -> str | None:
        if value is None:
            return None
        if isinstance(value, str) and _SUB_CONTENT_ID.fullmatch(value):
            return value
        self.fault("sub-content-invalid")
        return None

    def context(self, value: object) -> tuple[str | None, list[dict[str, str]]]:
        context = self.mapping(value, "context", "context-invalid")
        activities = self.mapping(context.get("contextActivities"), "contextActivities", "context-invalid")
        parents, categories = _activities(activities.get("parent")), _activities(activities.get("category"))
        if parents is None or categories is None:
            self.fault("context-invalid")
            return None, []
        parent = self.activity(self.sub_content(_sub_content_in(parents[0]))) if parents else None
        return parent, [{"id": iri, "objectType": "Activity"} for iri in categories]

    def mapping(self, value: object, field: str, code: str = "result-invalid") -> Mapping[str, Any]:
        if isinstance(value, Mapping):
            return value
        if value is not None:
            self.fault(code, field=field)
        return {}

    def flag(self, result: Mapping[str, Any], field: str) -> bool | None:
        value = result.get(field)
        if value is None or isinstance(value, bool):
            return value
        self.fault("result-invalid", field=field)
        return None

    def response(self, result: Mapping[str, Any]) -> str | None:
        value = result.get("response")
        if value is None or isinstance(value, str):
            return value
        self.fault("result-invalid", field="response")
        return None

    def score(self, value: object) -> Score | None:
        given = self.mapping(value, "score")
        if not given:
            return None
        numbers = {field: self.number(given, field) for field in ("scaled", "raw", "min", "max")}
        return self.ranged(Score(**numbers))

    def number(self, given: Mapping[str, Any], field: str) -> float | None:
        value = given.get(field)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not _is_finite(value):
            self.fault("score-not-numeric", field=field)
            return None
        return float(value)

    def ranged(self, score: Score) -> Score | None:
        low, high, raw = score.min or 0.0, score.max, score.raw
        outside = raw is not None and high is not None and not low <= raw <= high
        upside_down = high is not None and low > high
        scaled = _scaled(score)
        if outside or upside_down or (scaled is not None and not -1 <= scaled <= 1):
            self.fault("score-out-of-range")
            return None
        return Score(scaled, raw, score.min, high)

    def duration(self, value: object) -> float | None:
        if value is None:
            return None
        match = (
            _DURATION.fullmatch(value.replace(",", "."))
            if isinstance(value, str) and len(value) < 64
            else None
        )
        if match is None:
            self.fault("duration-invalid")
            return None
        seconds = sum(float(n) * _SECONDS[unit] for unit, n in match.groupdict().items() if n)
        if seconds > MAX_DURATION_S:
            self.fault("duration-out-of-range", limit=MAX_DURATION_S)
            return None
        return seconds

    def timestamp(self, value: object) -> datetime:
        """When it happened, as the browser says, since a queue may send late; else now."""
        if value is None:
            return self.now
        try:
            moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None or not self.is_plausible(moment):
            self.fault("timestamp-invalid")
            return self.now
        return min(moment, self.now)

    def is_plausible(self, moment: datetime) -> bool:
        return self.now - timedelta(days=30) <= moment <= self.now + timedelta(minutes=5)


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _scaled(score: Score) -> float | None:
    """Raw against max, from zero or from a positive min: what H5P core computes, for any range."""
    low, high, raw = score.min or 0.0, score.max, score.raw
    if raw is None or high is None:
        return score.scaled
    base = max(low, 0.0)
    if high <= base:
        return None  # a content without points says 0 of 0
    return round((raw - base) / (high - base), 6)


def _uuid(value: object) -> str:
    try:
        return str(uuid.UUID(value)) if isinstance(value, str) else str(uuid.uuid4())
    except ValueError:
        return str(uuid.uuid4())


def _sub_content_in(iri: object) -> str | None:
    if not isinstance(iri, str):
        return None
    try:
        return parse_qs(urlsplit(iri).query).get("subContentId", [None])[0]
    except ValueError:
        return None


def _activities(value: object) -> list[str] | None:
    """IRIs of a context activity or a list of them; None when malformed."""
    items = [] if value is None else value if isinstance(value, list) else [value]
    iris = [item.get("id") for item in items[:20] if isinstance(item, Mapping)]
    texts = [iri for iri in iris if isinstance(iri, str) and len(iri) <= 2_000]
    return texts if len(texts) == min(len(items), 20) else None


def _definition(given: Mapping[str, Any], extensions: Mapping[str, Any], sub: str | None) -> dict[str, Any]:
    """Only the parts that describe the task."""
    kept = {name: given[name] for name in ("name", "description") if _is_language_map(given.get(name))}
    kind = given.get("type")
    if isinstance(kind, str) and _ACTIVITY_TYPE.fullmatch(kind):
        kept["type"] = kind
    if isinstance(given.get("interactionType"), str):
        kept["interactionType"] = given["interactionType"]
        kept |= {name: given[name] for name in _INTERACTION_LISTS if _is_component_list(given.get(name))}
        kept |= _patterns(given)
    local = extensions.get(CONTENT_EXTENSION)
    marks = {CONTENT_EXTENSION: local} if isinstance(local, (str, int)) else {}
    marks |= {SUB_CONTENT_EXTENSION: sub} if sub else {}
    return {**kept, "extensions": marks} if marks else kept


def _patterns(given: Mapping[str, Any]) -> dict[str, Any]:
    value = given.get("correctResponsesPattern")
    ok = isinstance(value, list) and all(isinstance(item, str) for item in value)
    return {"correctResponsesPattern": value} if ok else {}


def _is_language_map(value: object) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(k, str) and isinstance(v, str) for k, v in value.items()
    )


def _is_component_list(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(c, Mapping) and isinstance(c.get("id"), str) for c in value
    )


def _without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in values.items() if v is not None}


def _score_json(score: Score | None) -> dict[str, float] | None:
    if score is None:
        return None
    pairs = (("scaled", score.scaled), ("raw", score.raw), ("min", score.min), ("max", score.max))
    return {k: v for k, v in pairs if v is not None}


def _duration_json(seconds: float | None) -> str | None:
    return None if seconds is None else f"PT{round(seconds, 2):.2f}S"


def _context_json(parent: str | None, categories: list[dict[str, str]]) -> dict[str, Any]:
    parts = {
        "parent": [{"id": parent, "objectType": "Activity"}] if parent else None,
        "category": categories or None,
    }
    activities = _without_none(parts)
    return {"contextActivities": activities} if activities else {}
