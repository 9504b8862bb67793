"""Payloads. Proof: votes, published decisions, follow-up waves, whether a need was met."""
