"""What stands under a played content: frame, download, embedding, rights, about. Author, site and reader decide."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

BITS: Final = {"frame": 1, "download": 2, "embed": 4, "copyright": 8, "about": 16}
"""H5P's own bits. A content stores those that its author switched off, as one number."""
ALL: Final = sum(BITS.values())

NEVER, ALWAYS, ON, OFF, PERMISSION = "never", "always", "author-on", "author-off", "permission"
RULES: Final = (NEVER, ALWAYS, ON, OFF, PERMISSION)
"""never, always; the author decides, beginning with on or off; whoever has the right of that name."""

DEFAULT_DISPLAY: Final[Mapping[str, str]] = {
    "frame": ON, "download": OFF, "embed": OFF, "copyright": ON, "about": OFF,
}  # fmt: skip


def hidden_by_default(policy: Mapping[str, str]) -> int:
    """What is off in a content whose author has chosen nothing."""
    return sum(bit for name, bit in BITS.items() if _rule(policy, name) in (OFF, NEVER))


def display_options(
    hidden: int | None, policy: Mapping[str, str] | None = None, rights: Collection[str] = ()
) -> dict[str, bool]:
    """Which options one reader gets: `{frame, download, embed, copyright, about}`.

    `hidden` are the bits that the author switched off, None while nothing was chosen. `rights` names the options
    that this reader may have where the site's rule is "permission". Without the frame there is nothing to hold
    the others.
    """
    policy = policy or {}
    off = hidden_by_default(policy) if hidden is None else hidden
    shown = {name: _is_on(_rule(policy, name), off & bit == 0, name in rights) for name, bit in BITS.items()}
    return shown if shown["frame"] else dict.fromkeys(BITS, False)


def _rule(policy: Mapping[str, str], name: str) -> str:
    return policy.get(name, DEFAULT_DISPLAY[name])


def _is_on(rule: str, chosen: bool, allowed: bool) -> bool:
    if rule in (NEVER, ALWAYS):
        return rule == ALWAYS
    return allowed if rule == PERMISSION else chosen
