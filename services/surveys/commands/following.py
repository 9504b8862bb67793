"""Follow-up waves: asking the people of a course about its need before, after, and at 30 and 90 days.

Answers carry a pseudonym of the series and no time. The link from person to pseudonym lies in a table of its own, is read
here and nowhere else, and its row is deleted once the person has been asked for the last time.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, insert, select, update

from services.surveys import tables
from services.surveys.domain import follow_up as rules
from services.surveys.domain.follow_up import AFTER, BEFORE, LATER, WAVES
from services.surveys.domain.need import Need
from services.surveys.domain.survey import POINTS
from services.surveys.domain.verdict import SUPERSEDED, VerdictRule
from shared.contracts.surveys import FollowUpAsked
from shared.db.dialect import insert_new
from shared.db.tx import Tx, rows
from shared.errors import NotFound
from shared.ids import new_id, random_id

BATCH = 200
Row = dict[str, Any]
asks, links, series_of = tables.follow_up_asks, tables.pseudonym_links, tables.follow_up_series


def enrolled(tx: Tx, need_id: UUID, account: UUID) -> None:
    """Ask before the course, unless the person has completed it already (events come in any order)."""
    need = tx.session.get(Need, need_id, with_for_update=True)
    if need is None or need.verdict == SUPERSEDED or _completed(tx, need_id, account):
        return
    series = _current_series(tx, need)
    if _ask(tx, series, account, BEFORE, tx.now, rules.ASKED):
        _announce(tx, need_id, account, BEFORE)


def completed(tx: Tx, need_id: UUID, account: UUID) -> None:
    """Ask after the course, and plan the later waves, of who answered before: others could not be compared."""
    need = tx.session.get(Need, need_id, with_for_update=True)
    if need is None or need.verdict == SUPERSEDED:
        return
    answered = _mine(tx, need_id, account, BEFORE)
    expired = update(asks).where(
        asks.c.series_id.in_(_series_ids(need_id)), asks.c.account_id == account, asks.c.wave == BEFORE,
        asks.c.state.in_(rules.OPEN),
    )  # fmt: skip
    tx.session.execute(expired.values(state=rules.EXPIRED))
    if answered is None or answered["state"] != rules.ANSWERED:
        return
    series = answered["series_id"]
    if _ask(tx, series, account, AFTER, tx.now, rules.ASKED):
        _announce(tx, need_id, account, AFTER)
    for wave in LATER:
        _ask(tx, series, account, wave, tx.now + rules.DUE[wave], rules.WAITING)


def _completed(tx: Tx, need_id: UUID, account: UUID) -> bool:
    course, learner = tables.loop_courses, tables.loop_learners
    done = (
        select(learner.c.course_id)
        .join(course, course.c.course_id == learner.c.course_id)
        .where(course.c.need_id == need_id, learner.c.account_id == account, learner.c.kind == "completed")
    )
    return tx.session.execute(done).first() is not None


def _current_series(tx: Tx, need: Need) -> UUID:
    """The series of a locked need's present words; other words are another series, whose answers are not pooled."""
    newest = (
        select(series_of).where(series_of.c.need_id == need.id).order_by(series_of.c.number.desc()).limit(1)
    )
    found = rows(tx, newest)
    if found and (found[0]["code"], found[0]["statement"]) == (need.code, need.statement):
        return UUID(str(found[0]["id"]))
    made = new_id()
    tx.session.execute(insert(series_of).values(
        id=made, need_id=need.id, number=found[0]["number"] + 1 if found else 1, code=need.code,
        statement=need.statement, points=POINTS, seed=secrets.randbelow(2**31),
    ))  # fmt: skip
    ensure_rule(tx, need.id)
    return made


def ensure_rule(tx: Tx, need_id: UUID) -> None:
    """The usual rule, where none was set: it must be there before anything is measured."""
    usual = VerdictRule()
    values = {
        "need_id": need_id,
        "gap_left": usual.gap_left,
        "wave": usual.wave,
        "set_by": None,
        "set_at": tx.now,
    }
    insert_new(tx.session, tables.verdict_rules, values)


def _ask(tx: Tx, series: UUID, account: UUID, wave: str, due: datetime, state: str) -> bool:
    values = {"series_id": series, "account_id": account, "wave": wave, "due_at": due,
              "expires_at": due + rules.STAYS[wave], "state": state}  # fmt: skip
    return insert_new(tx.session, asks, values)


def _announce(tx: Tx, need_id: UUID, account: UUID, wave: str) -> None:
    tx.publish(FollowUpAsked(need_id, account, wave), subject=need_id)


def _series_ids(need_id: UUID) -> Any:
    return select(series_of.c.id).where(series_of.c.need_id == need_id)


def _mine(tx: Tx, need_id: UUID, account: UUID, wave: str) -> Row | None:
    """A person's newest ask of a wave of a need."""
    chosen = (
        select(asks, series_of.c.points)
        .join(series_of, series_of.c.id == asks.c.series_id)
        .where(series_of.c.need_id == need_id, asks.c.account_id == account, asks.c.wave == wave)
        .order_by(series_of.c.number.desc())
        .limit(1)
    )
    found = rows(tx, chosen)
    return found[0] if found else None


def _open_ask(tx: Tx, need_id: UUID, wave: str) -> Row:
    """The actor's own ask, while it can be answered. Raises NotFound, FollowUpAnswered, FollowUpOver."""
    found = _mine(tx, need_id, tx.actor.require_account(), wave)
    if found is None or found["state"] == rules.WAITING:
        raise NotFound
    if found["state"] == rules.ANSWERED:
        raise rules.FollowUpAnswered
    if found["state"] != rules.ASKED or tx.now >= found["expires_at"]:
        raise rules.FollowUpOver
    return found


def answer(tx: Tx, need_id: UUID, wave: str, given: Mapping[str, Any]) -> None:
    """Keep an answer under the pseudonym. Raises NotFound, FollowUpAnswered, FollowUpOver, Invalid."""
    ask = _open_ask(tx, need_id, wave)
    said = rules.read_answer(given, wave, ask["points"])
    taken = update(asks).where(_same(ask), asks.c.state == rules.ASKED).values(state=rules.ANSWERED)
    if tx.session.execute(taken.returning(asks.c.wave)).first() is None:
        raise rules.FollowUpAnswered
    tx.session.execute(insert(tables.follow_up_answers).values(
        pseudonym=_pseudonym(tx, ask["series_id"], ask["account_id"]), wave=wave, series_id=ask["series_id"],
        importance=said.importance, ability=said.ability, then_ability=said.then_ability, released=False,
    ))  # fmt: skip


def decline(tx: Tx, need_id: UUID, wave: str) -> None:
    """Leave out this wave and all later ones of the series. Raises NotFound, FollowUpAnswered, FollowUpOver."""
    ask = _open_ask(tx, need_id, wave)
    of_series = and_(asks.c.series_id == ask["series_id"], asks.c.account_id == ask["account_id"])
    left = update(asks).where(of_series, asks.c.state.in_(rules.OPEN)).values(state=rules.DECLINED)
    tx.session.execute(left)


def _same(ask: Row) -> ColumnElement[bool]:
    return and_(*(asks.c[name] == ask[name] for name in ("series_id", "account_id", "wave")))


def _pseudonym(tx: Tx, series: UUID, account: UUID) -> UUID:
    insert_new(tx.session, links, {"series_id": series, "account_id": account, "pseudonym": random_id()})
    mine = (links.c.series_id == series) & (links.c.account_id == account)
    return UUID(str(tx.session.execute(select(links.c.pseudonym).where(mine)).scalar_one()))


def ask_due(tx: Tx) -> int:
    """Ask the waves whose day has come, let those that nobody answered expire, forget who has been asked for the last
    time; how many were asked. The claim and its event commit together, so each is asked once.
    """
    due = (
        select(asks, series_of.c.need_id)
        .join(series_of, series_of.c.id == asks.c.series_id)
        .where(asks.c.state == rules.WAITING, asks.c.due_at <= tx.now, asks.c.expires_at > tx.now)
        .order_by(asks.c.due_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True, of=asks)
    )
    claimed = rows(tx, due)
    for row in claimed:
        tx.session.execute(update(asks).where(_same(row)).values(state=rules.ASKED))
        _announce(tx, row["need_id"], row["account_id"], row["wave"])
    over = update(asks).where(asks.c.state.in_(rules.OPEN), asks.c.expires_at <= tx.now)
    tx.session.execute(over.values(state=rules.EXPIRED))
    _forget(tx)
    return len(claimed)


def _forget(tx: Tx) -> None:
    """Delete the links of those who will not be asked again."""
    other = asks.alias("other")
    same = (other.c.series_id == links.c.series_id) & (other.c.account_id == links.c.account_id)
    waiting = select(other.c.wave).where(same, other.c.state.in_(rules.OPEN)).exists()
    asked_last = select(other.c.wave).where(same, other.c.wave == WAVES[-1]).exists()
    old = (other.c.wave == BEFORE) & (other.c.expires_at <= tx.now - rules.FORGOTTEN)
    long_ago = select(other.c.wave).where(same, old).exists()
    tx.session.execute(delete(links).where(~waiting, asked_last | long_ago))


def account_left(tx: Tx, account: UUID) -> None:
    """Somebody who left is asked nothing more and is tied to nothing."""
    mine = update(asks).where(asks.c.account_id == account, asks.c.state.in_(rules.OPEN))
    tx.session.execute(mine.values(state=rules.EXPIRED))
    tx.session.execute(delete(links).where(links.c.account_id == account))


def hasten(tx: Tx, need_id: UUID, wave: str) -> None:
    """Make a later wave due now, in the demo alone: nobody waits 90 days to see how it works."""
    waiting = and_(
        asks.c.series_id.in_(_series_ids(need_id)), asks.c.wave == wave, asks.c.state == rules.WAITING
    )
    times = {"due_at": tx.now, "expires_at": tx.now + rules.STAYS[wave]}
    tx.session.execute(update(asks).where(waiting).values(times))
