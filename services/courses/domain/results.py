"""Answers to single questions inside an activity, whichever player asked them."""

from __future__ import annotations

KINDS = (
    "choice", "true-false", "fill-in", "long-fill-in", "matching", "sequencing", "numeric", "compound", "other",
)  # fmt: skip
"""The interaction types of xAPI (cmi.interaction) as the reports name them."""
