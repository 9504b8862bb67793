"""A panel as a form: what was typed, and what the service is sent. No request, no service here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from werkzeug.datastructures import MultiDict

from gateway.web.survey_elements.reading import place_in
from gateway.web.survey_forms import date_from, instant_of, local_parts, pair_from
from shared.errors import FieldProblem, Invalid

Typed = dict[str, Any]
KINDS = ("delphi", "nominal-group")
ROLES = ("learner", "trainer", "coordinator", "facilitator", "researcher")
MOST_ITEMS = 60
ROUND_DAYS = timedelta(days=10)
SHARES = ("agreement", "moved", "concordance", "gain")


def next_deadline(now: datetime, zone: str) -> dict[str, str]:
    """Ten days on, as the date fields take it."""
    return local_parts((now + ROUND_DAYS).isoformat(), zone)


def blank(kind: str, defaults: Mapping[str, dict[str, str]], now: datetime, zone: str) -> Typed:
    """The usual panel: an open first round, nine points, ten days a round, the usual rule."""
    return {
        "kind": kind, **defaults, "audience": [], "members": [], "first_round": "open", "scale": "9", "minutes": "8",
        "closes_at": next_deadline(now, zone) | {"time": "17:00"}, "rule": {}, "version": 0,
    }  # fmt: skip


def typed_of(panel: Mapping[str, Any], zone: str) -> Typed:
    """A saved draft as form values."""
    texts = {name: panel[name] for name in ("title", "intro", "question")}
    return texts | {
        "kind": panel["kind"], "audience": panel["audience_roles"] or [], "members": panel["member_ids"] or [],
        "first_round": panel["first_round"], "scale": str(panel["scale"]), "minutes": str(panel["minutes"]),
        "closes_at": local_parts(panel["closes_at"], zone), "rule": _rule_as_typed(panel["rule"]), "version": panel["version"],
    }  # fmt: skip


def _rule_as_typed(rule: Mapping[str, Any]) -> dict[str, str]:
    """A saved rule as its fields take it: shares in per cent."""
    shares = {name: f"{100 * rule[name]:g}" for name in ("agreement", "moved")}
    plain = {name: f"{rule[name]:g}" for name in ("iqr", "concordance", "gain", "rounds")}
    return shares | plain | {"convention": rule["convention"]}


def typed_from(form: MultiDict[str, str], kind: str) -> Typed:
    """What was sent."""
    rule = {name: form.get(f"rule_{name}", "").strip() for name in (*SHARES, "iqr", "rounds", "band")}
    return {name: pair_from(form, name) for name in ("title", "intro", "question")} | {
        "kind": kind, "audience": form.getlist("audience"), "members": form.getlist("members"),
        "first_round": form.get("first_round", "open"), "scale": form.get("scale", "9"), "minutes": form.get("minutes", "8"),
        "closes_at": date_from(form, "closes_at"), "rule": rule | {"convention": form.get("rule_convention", "")},
        "version": form.get("version", 0, type=int),
    }  # fmt: skip


def payload_of(typed: Typed, zone: str) -> dict[str, Any]:
    """Fields of create_panel and edit_panel. Raises Invalid where a date or a number cannot be read."""
    fields = {name: typed[name] for name in ("title", "intro", "question")}
    fields |= {"audience_roles": typed["audience"], "member_ids": typed["members"]}
    if typed["kind"] != "delphi":
        return fields | {"minutes": _number(typed["minutes"], "minutes")}
    closes = typed["closes_at"]
    fields["closes_at"] = instant_of(closes, zone, "closes_at") if closes["date"] else None
    rule = {name: value for name, value in rule_from(typed["rule"]).items() if value is not None}
    return fields | {
        "first_round": typed["first_round"],
        "scale": _number(typed["scale"], "scale"),
        "rule": rule,
    }


def rule_from(typed: Mapping[str, Any]) -> dict[str, Any]:
    """The rule's fields that were given; shares come in percent, the band by its lowest point."""
    found: dict[str, Any] = {}
    for name in SHARES:
        if typed.get(name) not in (None, ""):
            whole = name in ("concordance", "gain")
            found[name] = _real(typed[name], f"rule.{name}") / (1 if whole else 100)
    if typed.get("iqr"):
        found["iqr"] = _real(typed["iqr"], "rule.iqr")
    if typed.get("rounds"):
        found["rounds"] = _number(typed["rounds"], "rule.rounds")
    if typed.get("convention"):
        found["convention"] = typed["convention"]
    return found


def _number(text: str, path: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise Invalid(fields=[FieldProblem(path, "wrong-type")]) from None


def _real(text: str, path: str) -> float:
    try:
        return float(str(text).replace(",", "."))
    except ValueError:
        raise Invalid(fields=[FieldProblem(path, "wrong-type")]) from None


def rows_of(items: list[Mapping[str, Any]]) -> list[Typed]:
    """Saved items as rows of the form."""
    return [
        {
            "id": item["id"], **item["statement"], "rated": item["rated"],
            "sources": "|".join(f"{one['kind']}:{one['ref']}" for one in item["sources"]), "kinds": [one["kind"] for one in item["sources"]],
        }
        for item in items
    ]  # fmt: skip


def rows_from(form: MultiDict[str, str]) -> list[Typed]:
    """The rows as typed."""
    count = max(0, min(form.get("items", 0, type=int) or 0, MOST_ITEMS))
    return [
        {
            "id": form.get(f"item-{n}_id", ""), **pair_from(form, f"item-{n}"), "rated": bool(form.get(f"item-{n}_rated")),
            "sources": form.get(f"item-{n}_sources", ""),
            "kinds": [part.partition(":")[0] for part in form.get(f"item-{n}_sources", "").split("|") if part],
        }
        for n in range(count)
    ]  # fmt: skip


def items_payload(rows: list[Typed]) -> list[dict[str, Any]]:
    """Rows as set_panel_items takes them; rows without a word are left out."""
    return [
        {
            "id": row["id"] or None,
            "statement": {"fr": row["fr"], "en": row["en"]},
            "sources": _sources(row["sources"]),
        }
        for row in rows
        if row["fr"].strip() or row["en"].strip()
    ]


def _sources(text: str) -> list[dict[str, str]]:
    pairs = [part.partition(":") for part in text.split("|") if part]
    return [{"kind": kind, "ref": ref} for kind, _, ref in pairs]


def added(form: MultiDict[str, str], feed: Mapping[str, Any], together: bool) -> list[Typed]:
    """New rows from what was ticked: one each, or one for all ideas `together`; an own row where nothing was ticked."""
    found = []
    for kind in ("idea", "board", "bank"):
        wanted = set(form.getlist(f"add_{kind}"))
        for one in feed[f"{kind}s" if kind == "idea" else kind]:
            if one["ref"] in wanted:
                words = one.get("statement") or {one["language"]: one["text"]}
                found.append(
                    {"fr": words.get("fr", ""), "en": words.get("en", ""), "source": f"{kind}:{one['ref']}"}
                )
    if together and found:
        sources = "|".join(one["source"] for one in found)
        first = {code: next((one[code] for one in found if one[code]), "") for code in ("fr", "en")}
        return [
            {
                "id": "",
                **first,
                "rated": False,
                "sources": sources,
                "kinds": [s.partition(":")[0] for s in sources.split("|")],
            }
        ]
    rows = [
        {
            "id": "",
            "fr": one["fr"],
            "en": one["en"],
            "rated": False,
            "sources": one["source"],
            "kinds": [one["source"].partition(":")[0]],
        }
        for one in found
    ]
    return rows or [{"id": "", "fr": "", "en": "", "rated": False, "sources": "typed:", "kinds": ["typed"]}]


def change_rows(rows: list[Typed], action: str) -> None:
    """Carry out `remove-<n>`, `up-<n>` or `down-<n>`; anything else leaves the list as it is."""
    verb, _, where = action.partition("-")
    at = place_in(where)
    if at is None or at >= len(rows):
        return
    if verb == "remove" and not rows[at]["rated"]:
        rows.pop(at)
    other = at + {"up": -1, "down": 1}.get(verb, 0)
    if other != at and 0 <= other < len(rows):
        rows[at], rows[other] = rows[other], rows[at]
