"""REST of the surveys service. Proof: votes, published decisions, follow-up waves, whether a need was met."""
