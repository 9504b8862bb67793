"""How services talk: entrypoints, envelopes, outbox, inbox, and two buses that keep the same promise."""
