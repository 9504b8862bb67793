"""Entry points. Proof: votes, published decisions, follow-up waves, whether a need was met."""

from __future__ import annotations

from typing import Any

import structlog

from services.surveys import measuring, store, verification
from services.surveys.commands import carrying, closing, following, voting
from services.surveys.queries import decisions, follow_up, loops, surveys, votes
from services.surveys.schemas import core
from services.surveys.schemas import proof as schemas
from shared.actor import system_actor
from shared.db.tx import Tx
from shared.errors import NotFound
from shared.messaging.bus import Call
from shared.messaging.entrypoints import command, command_unremembered, every, query
from shared.messaging.service import Service
from shared.paging import PageRequest
from shared.wire import load

log = structlog.get_logger()
View = dict[str, Any]


def _page(data: View) -> PageRequest:
    return PageRequest.of(data.pop("cursor"), data.pop("limit"))


class ProofCalls(Service):
    """Proof: votes, published decisions, follow-up waves, whether a need was met."""

    # ------------------------------------------------------------------ deciding together
    @query
    def list_votes(self, tx: Tx, call: Call) -> View:
        data = load(schemas.VotePage(), call.payload)
        return votes.list_votes(tx, data["status"], _page(data))

    @query
    def get_vote(self, tx: Tx, call: Call) -> View:
        return votes.get_vote(tx, load(schemas.OfVote(), call.payload)["vote_id"])

    @command
    def open_vote(self, tx: Tx, call: Call) -> View:
        data = load(schemas.OpenVote(), call.payload)
        return votes.get_vote(tx, voting.open_vote(tx, voting.OpenVote(**data)))

    @command
    def cancel_vote(self, tx: Tx, call: Call) -> View:
        vote_id = load(schemas.OfVote(), call.payload)["vote_id"]
        voting.cancel_vote(tx, vote_id)
        return {"id": str(vote_id), "cancelled": True}

    @command_unremembered  # the body's hash would be a fingerprint of the ballot beside the account
    def cast_ballot(self, tx: Tx, call: Call) -> View:
        data = load(schemas.CastBallot(), call.payload)
        vote_id = data.pop("vote_id")
        voting.cast_ballot(tx, vote_id, data)
        return votes.get_vote(tx, vote_id)

    @command_unremembered
    def withdraw_ballot(self, tx: Tx, call: Call) -> View:
        vote_id = load(schemas.OfVote(), call.payload)["vote_id"]
        voting.withdraw_ballot(tx, vote_id)
        return votes.get_vote(tx, vote_id)

    @every(seconds=15)
    def count_votes(self) -> None:
        """Count the votes whose closing time has come, and leave no trace of their ballots."""
        me = system_actor(self.name)
        with self.db.read(me) as tx:
            due = voting.due(tx)
        for vote_id in due:
            with self.db.tx(me) as tx:
                voting.close_vote(tx, vote_id)
        if due:
            closing.scrub(self.db.engine, "ballots, vote_rolls")

    @query
    def list_decisions(self, tx: Tx, call: Call) -> View:
        data = load(schemas.DecisionPage(), call.payload)
        request = _page(data)
        return decisions.list_decisions(tx, decisions.DecisionFilter(**data), request)

    # ------------------------------------------------------------------ follow-up waves
    @query
    def list_follow_ups(self, tx: Tx, call: Call) -> View:
        load(core.Nothing(), call.payload)
        return {"items": follow_up.mine(tx)}

    @query
    def get_follow_up(self, tx: Tx, call: Call) -> View:
        return follow_up.one(tx, **load(schemas.OfWave(), call.payload))

    @command_unremembered  # the body's hash would be a fingerprint of the answer beside the account
    def answer_follow_up(self, tx: Tx, call: Call) -> View:
        data = load(schemas.AnswerFollowUp(), call.payload)
        need_id, wave = data.pop("need_id"), data.pop("wave")
        following.answer(tx, need_id, wave, data)
        return {"need_id": str(need_id), "wave": wave, "answered": True}

    @command
    def decline_follow_up(self, tx: Tx, call: Call) -> View:
        data = load(schemas.OfWave(), call.payload)
        following.decline(tx, **data)
        return {"need_id": str(data["need_id"]), "wave": data["wave"], "answered": False}

    @command
    def hasten_follow_up(self, tx: Tx, call: Call) -> View:
        """In the demo alone; NotFound elsewhere."""
        if not self.settings.demo:
            raise NotFound
        data = load(schemas.HastenFollowUp(), call.payload)
        store.need(tx, data["need_id"])
        store.require_coordinator(tx.actor)
        following.hasten(tx, **data)
        following.ask_due(tx)
        return {"need_id": str(data["need_id"]), "wave": data["wave"]}

    @every(seconds=15)
    def run_follow_ups(self) -> None:
        """Ask the waves whose day has come; measure what was answered, and judge the needs where that decides."""
        me = system_actor(self.name)
        with self.db.tx(me) as tx:
            following.ask_due(tx)
        with self.db.read(me) as tx:
            due = measuring.due(tx)
        for what in due:
            self._measure(what)

    def _measure(self, what: measuring.Due) -> None:
        """The arithmetic holds no transaction."""
        me = system_actor(self.name)
        with self.db.tx(me) as tx:
            measuring.release(tx, what)
        with self.db.read(me) as tx:
            found = measuring.read_rows(tx, what.series_id, what.wave)
            levels = measuring.levels_shown(tx, what)
        made = measuring.compute(found, what, levels=levels)
        with self.db.tx(me) as tx:
            stored = measuring.keep(tx, what, made)
        if stored:
            log.info("need.measured", need_id=str(what.need_id), wave=what.wave, n=made.change.n)

    @query
    def verify_follow_up(self, tx: Tx, call: Call) -> View:
        return verification.verify_follow_up(tx, load(core.OfNeed(), call.payload)["need_id"])

    # ------------------------------------------------------------------ was the need met?
    @command
    def set_verdict_rule(self, tx: Tx, call: Call) -> View:
        data = load(schemas.SetRule(), call.payload)
        measuring.set_rule(tx, **data)
        return loops.get_loop(tx, data["need_id"])

    @command
    def supersede_need(self, tx: Tx, call: Call) -> View:
        data = load(schemas.Supersede(), call.payload)
        measuring.supersede(tx, **data)
        tx.session.flush()
        return loops.get_loop(tx, data["need_id"])

    @command
    def carry_needs_over(self, tx: Tx, call: Call) -> View:
        ids = load(schemas.CarryOver(), call.payload)["need_ids"]
        made = carrying.carry_over(tx, ids)
        tx.session.flush()
        return surveys.survey_view(tx, made)
