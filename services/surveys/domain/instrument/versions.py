"""From one version of an instrument to the next: which code became which. Pure."""

from __future__ import annotations

from collections.abc import Mapping

Mappings = Mapping[int, Mapping[str, str | None]]


def newest_codes(mappings: Mappings) -> dict[int, dict[str, str]]:
    """For each version, the codes of the newest one by its own codes, where they differ.

    `mappings` by version: old code -> new code, None where the question was dropped. A dropped code stays itself.
    """
    found: dict[int, dict[str, str]] = {}
    onward: dict[str, str] = {}
    for number in sorted(mappings, reverse=True):
        found[number] = dict(onward)
        step = {old: new for old, new in mappings[number].items() if new is not None and new != old}
        kept = {old: new for old, new in onward.items() if old not in mappings[number]}
        onward = kept | {old: onward.get(new, new) for old, new in step.items()}
    return found
