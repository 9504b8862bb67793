"""Who is asked: roles, kept as a bit mask so that both databases can filter by it, and other attributes of members.

Within a kind any value will do; between kinds all must fit. A kind without values limits nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

EVERYONE = 0
# The order is stored data: append only.
BITS = {
    role: 1 << place
    for place, role in enumerate(("learner", "trainer", "coordinator", "facilitator", "researcher", "admin"))
}


ROLE, PROVINCE, SECTOR, LANGUAGE, COHORT, AGENCY = KINDS = (
    "role", "province", "sector", "language", "cohort", "agency",
)  # fmt: skip
FILTERS = KINDS[1:]
"""The kinds kept as rows; roles are in the mask."""
PROVINCES = ("AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT")
SECTORS = (
    "health", "social-services", "education", "police", "corrections", "community", "research", "policy",
    "faith-cultural",
)  # fmt: skip
FEW = 5
"""Fewer people than this could be recognized in confidential and anonymous answers."""
LADDER = ("learner", "trainer", "facilitator", "coordinator", "researcher", "admin")
"""For groups a person counts once, under the last of their roles in this order."""


@dataclass(frozen=True, slots=True)
class Audience:
    """`roles`: a mask. `filters`: kind (of FILTERS) -> values; ids as text; only kinds with values."""

    roles: int = EVERYONE
    filters: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def view(self) -> dict[str, list[str]]:
        """Every kind with its values in order."""
        return {ROLE: roles_of(self.roles)} | {kind: sorted(self.filters.get(kind, ())) for kind in FILTERS}


def audience_of(values: Mapping[str, Iterable[str]]) -> Audience:
    """From kind -> values, as `Audience.view` gives it; missing kinds limit nothing."""
    filters = {kind: frozenset(str(one) for one in values.get(kind) or ()) for kind in FILTERS}
    return Audience(
        mask_of(values.get(ROLE) or ()), {kind: found for kind, found in filters.items() if found}
    )


def main_role(mask: int) -> str:
    """The role under which a person counts in groups."""
    held = roles_of(mask)
    return next((role for role in reversed(LADDER) if role in held), LADDER[0])


def mask_of(roles: Iterable[str]) -> int:
    """The mask of some roles; unknown roles count for nothing. No role: EVERYONE."""
    return sum(BITS.get(role, 0) for role in set(roles))


def roles_of(mask: int) -> list[str]:
    """The roles of a mask."""
    return [role for role, bit in BITS.items() if mask & bit]


def includes(audience: int, roles: Iterable[str]) -> bool:
    """Whether a person with `roles` is asked."""
    return audience == EVERYONE or bool(audience & mask_of(roles))
