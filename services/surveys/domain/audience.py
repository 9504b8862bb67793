"""Who is asked: a set of roles, kept as a bit mask so that both databases can filter by it."""

from __future__ import annotations

from collections.abc import Iterable

EVERYONE = 0
# The order is stored data: append only.
BITS = {
    role: 1 << place
    for place, role in enumerate(("learner", "trainer", "coordinator", "facilitator", "researcher", "admin"))
}


def mask_of(roles: Iterable[str]) -> int:
    """The mask of some roles; unknown roles count for nothing. No role: EVERYONE."""
    return sum(BITS.get(role, 0) for role in set(roles))


def roles_of(mask: int) -> list[str]:
    """The roles of a mask."""
    return [role for role, bit in BITS.items() if mask & bit]


def includes(audience: int, roles: Iterable[str]) -> bool:
    """Whether a person with `roles` is asked."""
    return audience == EVERYONE or bool(audience & mask_of(roles))
