"""Answers to single questions inside an activity, whichever player asked them.

A row of `results` says, in words that a report can show as they are:

- `sub_id`: the question; "0" is an H5P content as a whole. `parent_id`: the question or content it is part of.
- `prompt`: {"fr", "en"} or {"und"}, plain text.
- `response` and `correct`: a list of texts (choice, true-false, fill-in, sequencing, long-fill-in, numeric, other) or of
  [source, target] pairs (matching); null where nothing was given or nobody says what is right. A text that differs
  between the languages is {"fr", "en"}.
- `score` of `max_score`, and `success`: the platform's own where it could judge. `claimed`: it could not, and these are
  the player's word. `flagged`: the player's word was different; `claimed_score` then holds it.
"""

from __future__ import annotations

KINDS = (
    "choice", "true-false", "fill-in", "long-fill-in", "matching", "sequencing", "numeric", "compound", "other",
)  # fmt: skip
"""The interaction types of xAPI (cmi.interaction) as the reports name them."""
WHOLE = "0"
"""`sub_id` of an H5P content as a whole."""
