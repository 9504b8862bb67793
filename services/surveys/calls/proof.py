"""Entry points. Proof: votes, published decisions, follow-up waves, whether a need was met."""

from __future__ import annotations

from shared.messaging.service import Service


class ProofCalls(Service):
    """Proof: votes, published decisions, follow-up waves, whether a need was met."""
