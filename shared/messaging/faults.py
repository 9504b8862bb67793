"""Named places where a process can be told to die, so that the fault tests are exact.

CERCLE_FAULT=after_commit_before_publish      dies the first time it comes there
CERCLE_FAULT=after_handle_before_ack@7        dies the seventh time

The process ends as with SIGKILL: nothing is flushed, closed or rolled back by itself.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import Literal

Point = Literal[
    "after_commit_before_publish",  # a worker committed a transaction that had events
    "after_claim_before_publish",  # the relay took rows of an outbox
    "after_publish_before_mark",  # the broker has the events, the outbox does not know it yet
    "after_handle_before_ack",  # a handler committed, its message is not acknowledged yet
]

_hits: Counter[str] = Counter()


def point(name: Point) -> None:
    """Die here when CERCLE_FAULT says so; otherwise nothing."""
    wanted, _, count = os.environ.get("CERCLE_FAULT", "").partition("@")
    if wanted != name:
        return
    _hits[name] += 1
    if _hits[name] >= int(count or 1):
        os._exit(137)
