"""The organisations that members work for: a short list that admins and coordinators keep."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.errors import Conflict, Stale
from shared.text import fold

Name = dict[str, str]


class AgencyExists(Conflict):
    """Another agency has this name."""

    code = "agency-exists"


@dataclass(eq=False)
class Agency:
    """`name`: both languages, the same words twice where there is one name. `retired`: nobody can pick it any more;
    who has it keeps it.
    """

    id: UUID
    name: Name
    name_key: str
    sector: str | None
    created_at: datetime
    retired: bool = False
    version: int = 1

    def edit(self, version: int, name: Name, sector: str | None, *, retired: bool) -> None:
        """Take over the fields. Raises Stale."""
        if version != self.version:
            raise Stale
        self.name, self.name_key, self.sector, self.retired = name, key_of(name), sector, retired
        self.version += 1


def whole(name: Name) -> Name:
    """Both halves; an empty one takes the words of the other."""
    fr, en = name.get("fr", "").strip(), name.get("en", "").strip()
    return {"fr": fr or en, "en": en or fr}


def key_of(name: Name) -> str:
    """What must differ between two agencies: the French name without case and accents."""
    return fold(name["fr"])[:200]
