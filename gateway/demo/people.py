"""Fictional members of the demo, spread over Canada as the real network is. Any likeness is chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PASSWORD = "quiet-harbour-lantern-42"  # noqa: S105 public on purpose: it opens fictional accounts of the demo only
DOMAIN = "demo.cercle.example"


@dataclass(frozen=True, slots=True)
class Person:
    """One fictional member; `profile` is the payload of identity.seed_account without the password."""

    key: str
    display_name: str
    roles: tuple[str, ...]
    language: str
    province: str
    city: str
    time_zone: str
    profession: str
    sector: str
    expertise: tuple[str, ...] = ()

    @property
    def email(self) -> str:
        """The address, in a domain that cannot exist."""
        return f"{self.key}@{DOMAIN}"

    def profile(self) -> dict[str, Any]:
        """Fields for identity.seed_account."""
        return {
            "email": self.email, "password": PASSWORD, "display_name": self.display_name, "language": self.language,
            "time_zone": self.time_zone, "province": self.province, "city": self.city,
            "profession": self.profession, "sector": self.sector, "expertise": list(self.expertise),
            "roles": list(self.roles),
        }  # fmt: skip


LEADS = (
    Person("learner", "Maude Fortin", ("learner",), "fr", "QC", "Québec", "America/Toronto",
           "Psychologue", "health", ("entretien motivationnel", "jeunes adultes")),
    Person("trainer", "Daniel Okoye", ("learner", "trainer"), "en", "ON", "Ottawa", "America/Toronto",
           "Clinical social worker", "social-services", ("structured professional judgement", "families")),
    Person("coordinator", "Sylvie Arsenault", ("learner", "coordinator", "facilitator"), "fr", "NB", "Moncton",
           "America/Halifax", "Coordonnatrice clinique", "community", ("codéveloppement", "partenariats")),
    Person("admin", "Priya Raman", ("learner", "admin"), "en", "BC", "Victoria", "America/Vancouver",
           "Programme manager", "policy", ("privacy", "evaluation")),
)  # fmt: skip

_FIRST = (
    "Amélie", "Noah", "Chloé", "Liam", "Fatou", "Owen", "Isabelle", "Marcus", "Naïma", "Ethan", "Geneviève", "Anika",
    "Olivier", "Tara", "Karim", "Joan", "Mathilde", "Devon", "Solène", "Grace", "Étienne", "Ruth", "Catherine",
    "Samir", "Laurence", "Peter", "Josée", "Hannah", "Rémi", "Leila", "Pascale", "Colin", "Mireille", "Simone",
    "Hugo", "Nadia", "Gabrielle", "Wesley", "Ariane", "Thomas",
)  # fmt: skip
_LAST = (
    "Gagnon", "MacLeod", "Bélanger", "Singh", "Diop", "Campbell", "Poirier", "Chen", "Haddad", "Friesen", "Lavoie",
    "Kowalski", "Savoie", "Sinclair", "Benali", "Whitford", "Cormier", "Adeyemi", "Roy", "Morrison",
)  # fmt: skip
_PLACES = (
    ("QC", "Montréal", "America/Toronto", "fr"), ("ON", "Toronto", "America/Toronto", "en"),
    ("QC", "Gatineau", "America/Toronto", "fr"), ("BC", "Vancouver", "America/Vancouver", "en"),
    ("AB", "Calgary", "America/Edmonton", "en"), ("QC", "Sherbrooke", "America/Toronto", "fr"),
    ("MB", "Winnipeg", "America/Winnipeg", "en"), ("NB", "Moncton", "America/Halifax", "fr"),
    ("NS", "Halifax", "America/Halifax", "en"), ("ON", "Sudbury", "America/Toronto", "fr"),
    ("SK", "Regina", "America/Regina", "en"), ("NL", "St. John’s", "America/St_Johns", "en"),
)  # fmt: skip
_WORK = (
    ("social-services", "Travail social", "Social work"), ("health", "Psychologie", "Psychology"),
    ("education", "Intervention scolaire", "School intervention"), ("police", "Liaison policière", "Police liaison"),
    ("corrections", "Probation", "Probation"), ("community", "Intervention communautaire", "Community intervention"),
)  # fmt: skip


def _member(number: int) -> Person:
    province, city, zone, language = _PLACES[number % len(_PLACES)]
    sector, fr, en = _WORK[(number * 5) % len(_WORK)]
    name = f"{_FIRST[number]} {_LAST[(number * 7) % len(_LAST)]}"
    profession = fr if language == "fr" else en
    return Person(
        f"member{number + 1:02}", name, ("learner",), language, province, city, zone, profession, sector
    )


MEMBERS = tuple(_member(number) for number in range(40))
