"""Views of follow-up waves: one's own questions, and what the waves of needs showed. No pseudonym ever leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from services.surveys import tables
from services.surveys.domain.follow_up import AFTER, ANSWERED, ASKED, RELEASE, WAITING, WAVES
from services.surveys.domain.loop import count_view
from services.surveys.domain.verdict import EVIDENCE, VerdictRule
from services.surveys.queries.surveys import instant
from services.surveys.templates import scale
from shared.db.tx import Tx, rows
from shared.errors import NotFound

View = dict[str, Any]
ByWave = dict[tuple[UUID, str], View]
asks, series = tables.follow_up_asks, tables.follow_up_series


def evidence_of(kind: str) -> View:
    """Kirkpatrick's level and LTEM's tier of a kind of figure, and whether it may be called learning."""
    found = EVIDENCE[kind]
    return {"kind": kind, **asdict(found), "shows_learning": found.shows_learning}


def mine(tx: Tx, limit: int = 50) -> list[View]:
    """The actor's open questions, the first to expire first."""
    account = tx.actor.require_account()
    chosen = _asked(account).where(asks.c.state == ASKED, asks.c.expires_at > tx.now)
    return [_question(row) for row in rows(tx, chosen.order_by(asks.c.expires_at, series.c.id).limit(limit))]


def one(tx: Tx, need_id: UUID, wave: str) -> View:
    """One of the actor's questions with its scale and its state; never an earlier answer. Raises NotFound."""
    account = tx.actor.require_account()
    chosen = _asked(account).where(series.c.need_id == need_id, asks.c.wave == wave, asks.c.state != WAITING)
    found = rows(tx, chosen.order_by(series.c.number.desc()).limit(1))
    if not found:
        raise NotFound
    row = found[0]
    is_open = row["state"] == ASKED and row["expires_at"] > tx.now
    return _question(row) | {"state": "open" if is_open else row["state"], "scale": scale()}


def _asked(account: UUID) -> Any:
    return (
        select(asks, series.c.need_id, series.c.statement, series.c.number)
        .join(series, series.c.id == asks.c.series_id)
        .where(asks.c.account_id == account)
    )


def _question(row: View) -> View:
    return {
        "need_id": str(row["need_id"]),
        "wave": row["wave"],
        "statement": row["statement"],
        "then": row["wave"] == AFTER,
        "expires_at": instant(row["expires_at"]),
    }


def follow_ups_of(tx: Tx, ids: Sequence[UUID], *, exact: bool) -> dict[UUID, View]:
    """FollowUp by need; five statements for any number of needs. `exact`: small counts may be seen."""
    newest: dict[UUID, View] = {}
    chosen = select(series).where(series.c.need_id.in_(ids)).order_by(series.c.number)
    for row in rows(tx, chosen):
        newest[row["need_id"]] = row
    of_series = [row["id"] for row in newest.values()]
    counts, measured = _counts(tx, of_series), _measures(tx, of_series)
    rules, verdicts = _rules(tx, ids), _verdicts(tx, ids)
    return {
        need_id: {
            **_series_view(newest.get(need_id), counts, measured, exact),
            "rule": rules.get(need_id) or _usual(),
            "verdict": verdicts.get(need_id),
            "minimum": RELEASE,
            "evidence": evidence_of("self-rated-gap"),
        }
        for need_id in ids
    }


def _series_view(row: View | None, counts: ByWave, measured: ByWave, exact: bool) -> View:
    if row is None:
        return {"series": None, "waves": []}
    shown = {"number": row["number"], "statement": row["statement"], "points": row["points"]}
    waves = [
        _wave(wave, counts.get((row["id"], wave), {}), measured.get((row["id"], wave)), exact)
        for wave in WAVES
    ]
    return {"series": shown, "waves": waves}


def _wave(wave: str, states: View, measure: View | None, exact: bool) -> View:
    """Who was asked and who answered; a rate only where both may be seen."""
    answered = states.get(ANSWERED, 0)
    asked = sum(number for state, number in states.items() if state != WAITING)
    shown = [count_view(number, exact) for number in (asked, answered)]
    rate = answered / asked if asked and all(count["value"] is not None for count in shown) else None
    return {"wave": wave, "asked": shown[0], "answered": shown[1], "rate": rate, "measure": measure}


def _counts(tx: Tx, ids: Sequence[UUID]) -> ByWave:
    counted = select(asks.c.series_id, asks.c.wave, asks.c.state, func.count().label("people"))
    grouped = counted.where(asks.c.series_id.in_(ids)).group_by(asks.c.series_id, asks.c.wave, asks.c.state)
    out: ByWave = {}
    for row in rows(tx, grouped):
        out.setdefault((row["series_id"], row["wave"]), {})[row["state"]] = row["people"]
    return out


def _measures(tx: Tx, ids: Sequence[UUID]) -> ByWave:
    table = tables.follow_up_measures
    return {
        (row["series_id"], row["wave"]): row["figures"]
        | {"manifest": row["manifest"], "measured_at": instant(row["measured_at"])}
        for row in rows(tx, select(table).where(table.c.series_id.in_(ids)))
    }


def _rules(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, View]:
    table = tables.verdict_rules
    return {
        row["need_id"]: {
            "gap_left": row["gap_left"],
            "wave": row["wave"],
            "set_by": str(row["set_by"]) if row["set_by"] else None,
            "set_at": instant(row["set_at"]),
        }
        for row in rows(tx, select(table).where(table.c.need_id.in_(ids)))
    }


def _usual() -> View:
    return {**asdict(VerdictRule()), "set_by": None, "set_at": None}


def _verdicts(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, View]:
    """The newest of each need."""
    table = tables.verdicts
    return {
        row["need_id"]: {
            "verdict": row["verdict"],
            "rule": row["rule"],
            "figures": row["figures"],
            "reason": row["reason"],
            "decided_by": str(row["decided_by"]) if row["decided_by"] else None,
            "decided_at": instant(row["decided_at"]),
        }
        for row in rows(tx, select(table).where(table.c.need_id.in_(ids)).order_by(table.c.id))
    }
