"""From the pseudonymous answers of a need's waves to its measured change and its verdict: released five at a time, computed
outside of any write, stored with their manifest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import Select, and_, case, func, insert, select, update

from services.surveys import store, tables
from services.surveys.domain import follow_up as follow_rules
from services.surveys.domain.follow_up import AFTER, BEFORE, RELEASE
from services.surveys.domain.need import Need
from services.surveys.domain.verdict import NOT_MEASURED, SUPERSEDED, Measured, VerdictRule, verdict
from services.surveys.methods.follow_up import FollowUp, Row, follow_up
from services.surveys.methods.ratings import FloatArray
from services.surveys.methods.singling import singles_out
from shared.contracts.surveys import NeedAssessed
from shared.db.dialect import upsert
from shared.db.tx import Tx, rows
from shared.ids import new_id
from shared.messaging import offload

View = dict[str, Any]
answers, measures, series_of = tables.follow_up_answers, tables.follow_up_measures, tables.follow_up_series
_first, _then = answers.alias("first"), answers.alias("after")


@dataclass(frozen=True, slots=True)
class Due:
    """A wave of a series whose figures are behind its answers."""

    series_id: UUID
    need_id: UUID
    wave: str
    code: str
    points: int
    seed: int


def due(tx: Tx) -> list[Due]:
    """Waves with at least five complete pairs that no figure has taken in, or whose last computation was lost."""
    fresh = func.sum(case((answers.c.released, 0), else_=1))
    taken = func.sum(case((answers.c.released, 1), else_=0))
    chosen = (
        _pairs()
        .with_only_columns(
            series_of.c.id, series_of.c.need_id, answers.c.wave, series_of.c.code, series_of.c.points, series_of.c.seed
        )
        .join(series_of, series_of.c.id == answers.c.series_id)
        .outerjoin(
            measures, and_(measures.c.series_id == answers.c.series_id, measures.c.wave == answers.c.wave)
        )
        .group_by(
            series_of.c.id, series_of.c.need_id, answers.c.wave, series_of.c.code, series_of.c.points, series_of.c.seed,
            measures.c.n,
        )
        .having((fresh >= RELEASE) | (taken > func.coalesce(measures.c.n, 0)))
    )  # fmt: skip
    return [Due(*row) for row in tx.session.execute(chosen)]


def _pairs() -> Select[Any]:
    """Answers of a later wave, each with the same person's answer of before; complete in both."""
    joined = and_(_first.c.pseudonym == answers.c.pseudonym, _first.c.wave == BEFORE)
    complete = and_(
        answers.c.wave != BEFORE,
        *(side.c[name].is_not(None) for side in (answers, _first) for name in ("importance", "ability")),
    )
    return select(answers.c.pseudonym).join(_first, joined).where(complete)


def release(tx: Tx, what: Due) -> None:
    """Let at least five new pairs into the figures; fewer go on waiting. The series' row orders who does this."""
    tx.session.execute(select(series_of.c.id).where(series_of.c.id == what.series_id).with_for_update())
    held = _pairs().where(
        answers.c.series_id == what.series_id, answers.c.wave == what.wave, answers.c.released.is_(False)
    )
    names = list(tx.session.execute(held).scalars())
    if len(names) >= RELEASE:
        here = and_(answers.c.wave == what.wave, answers.c.pseudonym.in_(names))
        tx.session.execute(update(answers).where(here).values(released=True))


def read_rows(tx: Tx, series_id: UUID, wave: str) -> list[Row]:
    """The released pairs of a wave; no identity, no order but that of the figures themselves."""
    joined = and_(_then.c.pseudonym == answers.c.pseudonym, _then.c.wave == AFTER)
    chosen = (
        _pairs()
        .with_only_columns(
            _first.c.importance,
            _first.c.ability,
            answers.c.importance,
            answers.c.ability,
            _then.c.then_ability,
        )
        .outerjoin(_then, joined)
        .where(answers.c.series_id == series_id, answers.c.wave == wave, answers.c.released)
    )
    return [Row(*row) for row in tx.session.execute(chosen)]


def levels_shown(tx: Tx, what: Due) -> bool:
    """Whether the means of this wave may stand beside those of the others.

    Every wave's figures hold the same answers of before, over the people of that wave: where the waves' people differ by
    one to four, subtracting gives theirs away. Those with a then-test are one more group.
    """
    groups: dict[tuple[str, bool], set[UUID]] = {}
    joined = and_(_then.c.pseudonym == answers.c.pseudonym, _then.c.wave == AFTER)
    chosen = (
        _pairs()
        .with_only_columns(answers.c.wave, answers.c.pseudonym, _then.c.then_ability.is_not(None))
        .outerjoin(_then, joined)
        .where(answers.c.series_id == what.series_id, answers.c.released)
    )
    for wave, pseudonym, judged in tx.session.execute(chosen):
        groups.setdefault((wave, False), set()).add(pseudonym)
        if judged:
            groups.setdefault((wave, True), set()).add(pseudonym)
    alone = select(measures.c.wave, measures.c.manifest).where(measures.c.series_id == what.series_id)
    shown = {row["wave"] for row in rows(tx, alone) if row["manifest"].get("levels", True)} - {what.wave}
    people = sorted(set().union(*groups.values()))
    known = [_column(groups[key], people) for key in sorted(groups) if key[0] in shown]
    own = [_column(groups[key], people) for key in sorted(groups) if key[0] == what.wave]
    everybody = np.column_stack([np.zeros(len(people)), *known])
    return not any(singles_out(everybody, column) for column in own)


def _column(group: set[UUID], people: Sequence[UUID]) -> FloatArray:
    return np.array([float(person in group) for person in people])


def compute(found: Sequence[Row], what: Due, *, levels: bool) -> FollowUp:
    """The figures, in a thread where the host asks for it."""
    return offload.run(follow_up, found, item=what.code, scale=what.points, seed=what.seed, levels=levels)


def keep(tx: Tx, what: Due, made: FollowUp) -> bool:
    """Store the figures, unless newer ones are there; judge the need where this wave decides. The need is locked."""
    need = tx.session.get(Need, what.need_id, with_for_update=True)
    n = made.change.n or 0
    mine = (measures.c.series_id == what.series_id) & (measures.c.wave == what.wave)
    if need is None or (tx.session.execute(select(measures.c.n).where(mine)).scalar_one_or_none() or 0) >= n:
        return False
    upsert(tx.session, measures, {
        "series_id": what.series_id, "wave": what.wave, "n": n, "figures": made.figures(),
        "manifest": dict(made.manifest), "measured_at": tx.now,
    })  # fmt: skip
    rule = rule_of(tx, what.need_id)
    if what.wave == rule.wave and need.verdict != SUPERSEDED and _is_newest(tx, what):
        _judge(tx, need, made, rule)
    return True


def rule_of(tx: Tx, need_id: UUID) -> VerdictRule:
    """The rule that judges a need."""
    table = tables.verdict_rules
    found = rows(tx, select(table.c.gap_left, table.c.wave).where(table.c.need_id == need_id))
    return VerdictRule(**found[0]) if found else VerdictRule()


def _is_newest(tx: Tx, what: Due) -> bool:
    newest = (
        select(series_of.c.id).where(series_of.c.need_id == what.need_id).order_by(series_of.c.number.desc())
    )
    return bool(tx.session.execute(newest.limit(1)).scalar_one() == what.series_id)


def _judge(tx: Tx, need: Need, made: FollowUp, rule: VerdictRule) -> None:
    gap = made.change.gap
    if gap is None or made.change.n is None:
        return
    measured = Measured(made.change.n, gap.before, gap.after, gap.low, gap.high)
    said = verdict(measured, rule)
    if said == NOT_MEASURED:
        return
    figures = {"n": made.change.n, **made.figures()["gap"]}
    _record(tx, need, said, {"rule": asdict(rule), "figures": figures})


def _record(tx: Tx, need: Need, said: str, more: View) -> None:
    need.verdict = said
    tx.session.execute(
        insert(tables.verdicts).values(
            {"id": new_id(), "need_id": need.id, "verdict": said, "decided_at": tx.now} | more
        )
    )
    tx.publish(NeedAssessed(need.id, said), subject=need.id)


def supersede(tx: Tx, need_id: UUID, reason: dict[str, str]) -> None:
    """Set a need aside, with the reason: a coordinator's decision, never a result. Raises AlreadySuperseded."""
    need = store.need(tx, need_id, lock=True)
    account = store.require_coordinator(tx.actor)
    if need.verdict == SUPERSEDED:
        raise follow_rules.AlreadySuperseded
    rule = asdict(rule_of(tx, need_id))
    _record(tx, need, SUPERSEDED, {"rule": rule, "reason": reason, "decided_by": account})


def set_rule(tx: Tx, need_id: UUID, gap_left: float) -> None:
    """The gap that still counts as met, before the first wave is measured. Raises RuleFixed."""
    need = store.need(tx, need_id, lock=True)
    account = store.require_coordinator(tx.actor)
    measured = (
        select(measures.c.n)
        .join(series_of, series_of.c.id == measures.c.series_id)
        .where(series_of.c.need_id == need.id)
    )
    if tx.session.execute(measured).first() is not None:
        raise follow_rules.RuleFixed
    values = {
        "need_id": need.id,
        "gap_left": gap_left,
        "wave": VerdictRule().wave,
        "set_by": account,
        "set_at": tx.now,
    }
    upsert(tx.session, tables.verdict_rules, values)


def measured(tx: Tx, need_id: UUID) -> list[View]:
    """The stored measures of a need, each with the `number` of its series, in their order."""
    chosen = select(measures, series_of.c.number).join(series_of, series_of.c.id == measures.c.series_id)
    of_need = chosen.where(series_of.c.need_id == need_id)
    return rows(tx, of_need.order_by(series_of.c.number, measures.c.wave))
