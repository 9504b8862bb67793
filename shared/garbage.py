"""How often Python looks for dead objects that refer to each other in a circle.

Its own beat suits a small heap. Ours holds the modules, tables and API documents for good, and walking them again
and again was a quarter of every start and a third of building the gateway.
"""

from __future__ import annotations

import gc


def collect_seldom() -> None:
    """Look at the young after 20,000 new objects, at all only after many rounds. First thing in a process."""
    gc.set_threshold(20_000, 50, 100)


def keep_what_is_here() -> None:
    """All that a process has made by now stays and is never looked at again. Once, when it is ready."""
    gc.collect()
    gc.freeze()
