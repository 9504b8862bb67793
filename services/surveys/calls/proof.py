"""Entry points. Proof: votes, published decisions, follow-up waves, whether a need was met."""

from __future__ import annotations

from typing import Any

from services.surveys.commands import closing, voting
from services.surveys.queries import decisions, votes
from services.surveys.schemas import proof as schemas
from shared.actor import system_actor
from shared.db.tx import Tx
from shared.messaging.bus import Call
from shared.messaging.entrypoints import command, command_unremembered, every, query
from shared.messaging.service import Service
from shared.paging import PageRequest
from shared.wire import load

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
