"""The xAPI data model: is a statement well formed, which statements are the same, whom is one about.

xAPI 1.0.3 (ADL), part 2; the additions of 2.0 (IEEE 9274.1.1: contextAgents, contextGroups) are accepted too.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from shared.errors import Conflict, FieldProblem, Forbidden, Invalid, NotAuthenticated, Stale

Document = Mapping[str, Any]
VOIDED: Final = "http://adlnet.gov/expapi/verbs/voided"
VERSIONS = ("1.0.3", "2.0.0")
SCOPES = ("statements/write", "statements/read/mine", "statements/read", "state", "all/read", "all")
MAX_STATEMENTS = 500
MAX_BYTES = 128 * 1024
_IDENTIFIERS = ("mbox", "mbox_sha1sum", "openid", "account")
_DURATION = re.compile(
    r"P(?=.)(?:\d+(?:\.\d+)?W|(?:\d+(?:\.\d+)?Y)?(?:\d+(?:\.\d+)?M)?(?:\d+(?:\.\d+)?D)?"
    r"(?:T(?=.)(?:\d+(?:\.\d+)?H)?(?:\d+(?:\.\d+)?M)?(?:\d+(?:\.\d+)?S)?)?)"
)
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_SHA1 = re.compile(r"[0-9a-fA-F]{40}")
_VERSION = re.compile(r"1\.0(\.\d+)?|2\.0\.0")


class StatementsRefused(Invalid):
    """A statement that breaks the data model; `fields` lists every reason."""

    code = "xapi-refused"


class StatementConflict(Conflict):
    """Another statement has this id (part 3, 2.1.2)."""

    code = "xapi-conflict"


class UnknownTool(NotAuthenticated):
    """No registered tool has this key and secret."""

    code = "xapi-unknown-tool"


class OutOfScope(Forbidden):
    """The tool was not registered for this, or the statement is about somebody else."""

    code = "xapi-out-of-scope"


class StateChanged(Stale):
    """The document is not the one that was read."""

    code = "xapi-state-changed"


class StateNotJson(Invalid):
    """Only JSON objects can be merged, into JSON objects."""

    code = "xapi-state-not-json"


def problems_of(statement: object) -> list[FieldProblem]:
    """Every way in which a statement breaks the data model."""
    try:
        size = len(json.dumps(statement, allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        return [FieldProblem("statement", "not-json")]
    if not isinstance(statement, dict):
        return [FieldProblem("statement", "wrong-type")]
    if size > MAX_BYTES:
        return [FieldProblem("statement", "too-large", {"limit": MAX_BYTES})]
    return list(_Checker().statement(statement, ""))


Problems = Iterator[FieldProblem]
Check = Callable[[Any, str], Problems]


def _bad(path: str, code: str = "wrong-type") -> Problems:
    yield FieldProblem(path.lstrip(".") or "statement", code)


class _Checker:
    """One method for each kind of thing; each yields what is wrong with a value at a path."""

    _STATEMENT = frozenset(
        ["id", "actor", "verb", "object", "result", "context", "timestamp", "stored", "authority", "version",
         "attachments"]
    )  # fmt: skip

    def statement(self, value: Document, at: str) -> Problems:
        yield from self.shape(value, at, {
            "id": self.uuid, "actor": self.actor, "verb": self.verb, "object": self.target, "result": self.result,
            "context": self.context, "timestamp": self.instant, "stored": self.instant, "authority": self.actor,
            "version": self.version, "attachments": self.attachments,
        }, ("actor", "verb", "object"))  # fmt: skip
        kind, about = value.get("object"), value.get("context")
        if (
            isinstance(kind, dict)
            and kind.get("objectType", "Activity") != "Activity"
            and isinstance(about, dict)
        ):
            for name in ("revision", "platform"):
                if name in about:
                    yield from _bad(f"{at}.context.{name}", "only-with-activity")
        if (
            isinstance(value.get("verb"), dict)
            and value["verb"].get("id") == VOIDED
            and not (isinstance(kind, dict) and kind.get("objectType") == "StatementRef")
        ):
            yield from _bad(f"{at}.object", "voiding-needs-reference")

    def shape(
        self, value: object, at: str, known: Mapping[str, Check], required: tuple[str, ...] = ()
    ) -> Problems:
        if not isinstance(value, dict):
            yield from _bad(at)
            return
        for name in required:
            if name not in value:
                yield from _bad(f"{at}.{name}", "missing")
        for name, inner in value.items():
            if name not in known:
                yield from _bad(f"{at}.{name}", "unknown-field")
            elif inner is None:
                yield from _bad(f"{at}.{name}", "null")
            else:
                yield from known[name](inner, f"{at}.{name}")

    def text(self, value: object, at: str) -> Problems:
        if not isinstance(value, str):
            yield from _bad(at)

    def flag(self, value: object, at: str) -> Problems:
        if not isinstance(value, bool):
            yield from _bad(at)

    def number(self, value: object, at: str) -> Problems:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            yield from _bad(at)

    def uuid(self, value: object, at: str) -> Problems:
        try:
            UUID(value if isinstance(value, str) and len(value) == 36 else "")
        except ValueError:
            yield from _bad(at, "bad-id")

    def iri(self, value: object, at: str) -> Problems:
        if not is_iri(value):
            yield from _bad(at, "not-an-iri")

    def instant(self, value: object, at: str) -> Problems:
        try:
            moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None or str(value).endswith("-00:00"):
            yield from _bad(at, "bad-instant")

    def duration(self, value: object, at: str) -> Problems:
        if not isinstance(value, str) or not _DURATION.fullmatch(value):
            yield from _bad(at, "bad-duration")

    def version(self, value: object, at: str) -> Problems:
        if not isinstance(value, str) or not _VERSION.fullmatch(value):
            yield from _bad(at, "bad-version")

    def language(self, value: object, at: str) -> Problems:
        if not isinstance(value, str) or not _LANGUAGE.fullmatch(value):
            yield from _bad(at, "bad-language")

    def words(self, value: object, at: str) -> Problems:
        ok = isinstance(value, dict) and all(
            _LANGUAGE.fullmatch(key) and isinstance(text, str) for key, text in value.items()
        )
        if not ok:
            yield from _bad(at, "bad-language-map")

    def extensions(self, value: object, at: str) -> Problems:
        if not isinstance(value, dict) or not all(is_iri(key) for key in value):
            yield from _bad(at, "bad-extensions")

    def actor(self, value: object, at: str) -> Problems:
        group = isinstance(value, dict) and value.get("objectType") == "Group"
        known: dict[str, Check] = {
            "objectType": self.one_of("Agent", "Group"), "name": self.text, "mbox": self.mbox, "openid": self.iri,
            "mbox_sha1sum": self.sha1, "account": self.account,
        }  # fmt: skip
        yield from self.shape(value, at, known | ({"member": self.members} if group else {}))
        if isinstance(value, dict):
            given = [name for name in _IDENTIFIERS if name in value]
            if len(given) > 1 or (not given and not (group and value.get("member"))):
                yield from _bad(at, "one-identifier")

    def agent(self, value: object, at: str) -> Problems:
        yield from self.actor(value, at)
        if isinstance(value, dict) and value.get("objectType") == "Group":
            yield from _bad(f"{at}.objectType", "not-a-choice")

    def members(self, value: object, at: str) -> Problems:
        yield from self.listed(value, at, self.agent)

    def group(self, value: object, at: str) -> Problems:
        yield from self.actor(value, at)
        if isinstance(value, dict) and value.get("objectType") != "Group":
            yield from _bad(f"{at}.objectType", "not-a-choice")

    def listed(self, value: object, at: str, check: Check) -> Problems:
        if not isinstance(value, list):
            yield from _bad(at)
            return
        for index, inner in enumerate(value):
            yield from check(inner, f"{at}.{index}")

    def one_of(self, *choices: str) -> Check:
        def check(value: object, at: str) -> Problems:
            if value not in choices:
                yield from _bad(at, "not-a-choice")

        return check

    def mbox(self, value: object, at: str) -> Problems:
        if not isinstance(value, str) or not re.fullmatch(r"mailto:[^\s@]+@[^\s@]+", value):
            yield from _bad(at, "bad-mbox")

    def sha1(self, value: object, at: str) -> Problems:
        if not isinstance(value, str) or not _SHA1.fullmatch(value):
            yield from _bad(at, "bad-hash")

    def account(self, value: object, at: str) -> Problems:
        yield from self.shape(value, at, {"homePage": self.iri, "name": self.text}, ("homePage", "name"))

    def verb(self, value: object, at: str) -> Problems:
        yield from self.shape(value, at, {"id": self.iri, "display": self.words}, ("id",))

    def target(self, value: object, at: str, *, nested: bool = False) -> Problems:
        kind = value.get("objectType", "Activity") if isinstance(value, dict) else None
        checks: dict[str, Check] = {
            "Activity": self.activity, "Agent": self.actor, "Group": self.actor, "StatementRef": self.reference,
        }  # fmt: skip
        if not nested:
            checks["SubStatement"] = self.sub_statement
        if kind not in checks:
            yield from _bad(at if kind is None else f"{at}.objectType", "not-a-choice")
        else:
            yield from checks[kind](value, at)

    def reference(self, value: object, at: str) -> Problems:
        known: dict[str, Check] = {"objectType": self.one_of("StatementRef"), "id": self.uuid}
        yield from self.shape(value, at, known, ("objectType", "id"))

    def sub_statement(self, value: object, at: str) -> Problems:
        def target(inner: object, place: str) -> Problems:
            yield from self.target(inner, place, nested=True)

        yield from self.shape(value, at, {
            "objectType": self.one_of("SubStatement"), "actor": self.actor, "verb": self.verb, "object": target,
            "result": self.result, "context": self.context, "timestamp": self.instant,
            "attachments": self.attachments,
        }, ("actor", "verb", "object"))  # fmt: skip

    def activity(self, value: object, at: str) -> Problems:
        known: dict[str, Check] = {
            "objectType": self.one_of("Activity"),
            "id": self.iri,
            "definition": self.definition,
        }
        yield from self.shape(value, at, known, ("id",))

    def definition(self, value: object, at: str) -> Problems:
        def parts(inner: object, place: str) -> Problems:
            def part(one: object, there: str) -> Problems:
                yield from self.shape(one, there, {"id": self.text, "description": self.words}, ("id",))

            yield from self.listed(inner, place, part)

        def patterns(inner: object, place: str) -> Problems:
            yield from self.listed(inner, place, self.text)

        kinds = ("true-false", "choice", "fill-in", "long-fill-in", "matching", "performance", "sequencing", "likert",
                 "numeric", "other")  # fmt: skip
        lists: dict[str, Check] = dict.fromkeys(("choices", "scale", "source", "target", "steps"), parts)
        yield from self.shape(value, at, {
            "name": self.words, "description": self.words, "type": self.iri, "moreInfo": self.iri,
            "extensions": self.extensions, "interactionType": self.one_of(*kinds), "correctResponsesPattern": patterns,
            **lists,
        })  # fmt: skip
        if (
            isinstance(value, dict)
            and "interactionType" not in value
            and (lists.keys() | {"correctResponsesPattern"}) & value.keys()
        ):
            yield from _bad(f"{at}.interactionType", "missing")

    def result(self, value: object, at: str) -> Problems:
        yield from self.shape(value, at, {
            "score": self.score, "success": self.flag, "completion": self.flag, "response": self.text,
            "duration": self.duration, "extensions": self.extensions,
        })  # fmt: skip

    def score(self, value: object, at: str) -> Problems:
        numbers: dict[str, Check] = dict.fromkeys(("scaled", "raw", "min", "max"), self.number)
        found = list(self.shape(value, at, numbers))
        yield from found
        if found or not isinstance(value, dict):
            return
        low, high, raw = value.get("min"), value.get("max"), value.get("raw")
        ordered = [number for number in (low, raw, high) if number is not None]
        if not -1 <= value.get("scaled", 0) <= 1 or ordered != sorted(ordered):
            yield from _bad(at, "out-of-range")

    def context(self, value: object, at: str) -> Problems:
        yield from self.shape(value, at, {
            "registration": self.uuid, "instructor": self.actor, "team": self.group, "revision": self.text,
            "platform": self.text, "language": self.language, "statement": self.reference,
            "contextActivities": self.context_activities, "extensions": self.extensions,
            "contextAgents": self.context_people("contextAgent", "agent", self.agent),
            "contextGroups": self.context_people("contextGroup", "group", self.group),
        })  # fmt: skip

    def context_people(self, kind: str, name: str, check: Check) -> Check:
        def types(value: object, at: str) -> Problems:
            yield from self.listed(value, at, self.iri)

        def one(value: object, at: str) -> Problems:
            known = {"objectType": self.one_of(kind), name: check, "relevantTypes": types}
            yield from self.shape(value, at, known, ("objectType", name))

        def many(value: object, at: str) -> Problems:
            yield from self.listed(value, at, one)

        return many

    def context_activities(self, value: object, at: str) -> Problems:
        def one_or_many(inner: object, place: str) -> Problems:
            yield from self.listed(inner if isinstance(inner, list) else [inner], place, self.activity)

        yield from self.shape(
            value, at, dict.fromkeys(("parent", "grouping", "category", "other"), one_or_many)
        )

    def attachments(self, value: object, at: str) -> Problems:
        """By reference only: the bytes stay at `fileUrl`."""

        def one(inner: object, place: str) -> Problems:
            yield from self.shape(inner, place, {
                "usageType": self.iri, "display": self.words, "description": self.words, "contentType": self.text,
                "length": self.number, "sha2": self.text, "fileUrl": self.iri,
            }, ("usageType", "display", "contentType", "length", "sha2", "fileUrl"))  # fmt: skip

        yield from self.listed(value, at, one)


def is_iri(value: object) -> bool:
    """True for an absolute IRI of reasonable length."""
    if (
        not isinstance(value, str)
        or not 0 < len(value) <= 2000
        or any(c.isspace() or c in '<>"{}|\\^`' for c in value)
    ):
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return bool(parts.scheme) and bool(parts.netloc or parts.path)


def digest_of(statement: Document) -> str:
    """Equal for statements that mean the same: what a record store may set or reorder is left out (part 2, 2.3.1)."""
    names = ("actor", "object", "result", "context", "attachments")
    kept = {name: statement[name] for name in names if name in statement}
    kept["verb"] = statement["verb"]["id"]
    if isinstance(kept.get("context"), dict) and isinstance(kept["context"].get("contextActivities"), dict):
        lists = {
            name: one if isinstance(one, list) else [one]
            for name, one in kept["context"]["contextActivities"].items()
        }
        kept["context"] = {**kept["context"], "contextActivities": lists}
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def identity_of(agent: object) -> str:
    """The one identifier of an agent or identified group as text; "" when it has none."""
    if not isinstance(agent, Mapping):
        return ""
    account = agent.get("account")
    if isinstance(account, Mapping):
        return f"account:{account.get('homePage')}|{account.get('name')}"
    return next((f"{name}:{agent[name]}" for name in _IDENTIFIERS if name in agent), "")


def is_about(statement: Document, agent: str, *, related: bool) -> bool:
    """True when the identity is the actor or the object; `related`: or anywhere a person can stand."""
    context = statement.get("context") or {}
    people = [statement.get("actor"), statement.get("object")]
    if related:
        people += [context.get("instructor"), context.get("team"), statement.get("authority")]
        inner = statement.get("object") or {}
        if inner.get("objectType") == "SubStatement":
            people += [inner.get("actor"), inner.get("object")]
    members = [member for one in people if isinstance(one, Mapping) for member in one.get("member", ())]
    return agent in {identity_of(one) for one in (*people, *members)}


def is_on(statement: Document, activity: str, *, related: bool) -> bool:
    """True when the activity is the object; `related`: or in the context, or in a sub-statement."""
    target, context = statement.get("object") or {}, statement.get("context") or {}
    ids = [target.get("id")]
    if related:
        for one in (context.get("contextActivities") or {}).values():
            ids += [each.get("id") for each in (one if isinstance(one, list) else [one])]
        if target.get("objectType") == "SubStatement":
            ids.append((target.get("object") or {}).get("id"))
    return activity in ids


def with_format(statement: Document, shape: str) -> dict[str, Any]:
    """`exact` as stored; `ids` with nothing but identifiers of agents, activities and verb (part 3, 2.1.3)."""
    if shape != "ids":
        return dict(statement)
    out = dict(statement)
    out["actor"] = _only_ids(out["actor"])
    out["verb"] = {"id": out["verb"]["id"]}
    if isinstance(out.get("object"), Mapping):
        out["object"] = _only_ids(out["object"])
    return out


def _only_ids(value: Document) -> dict[str, Any]:
    return {
        name: inner for name, inner in value.items() if name in ("objectType", "id", "member", *_IDENTIFIERS)
    }
