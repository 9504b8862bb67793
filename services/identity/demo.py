"""The four people of the demo, whose sign-in is one click; and members that a demo or a load test brings along."""

from __future__ import annotations

from services.identity import store
from services.identity.commands.accounts import add_account
from services.identity.domain.access import new_token
from services.identity.domain.account import Account, Profile, new_account
from shared.actor import ADMIN, COORDINATOR, FACILITATOR, LEARNER, TRAINER
from shared.db.tx import Tx

SEED_TOKEN = "seed"  # noqa: S105 a name, not a secret
SEED_TOKEN_DAYS = 30

PEOPLE: dict[str, tuple[Profile, frozenset[str]]] = {
    LEARNER: (
        Profile("Maude Fortin", "fr", "America/Toronto", "QC", "Québec", "Psychologue", "health",
                ("entretien motivationnel", "jeunes adultes")),
        frozenset({LEARNER}),
    ),
    TRAINER: (
        Profile("Daniel Okoye", "en", "America/Toronto", "ON", "Ottawa", "Clinical social worker", "social-services",
                ("structured professional judgement", "families")),
        frozenset({LEARNER, TRAINER}),
    ),
    COORDINATOR: (
        Profile("Sylvie Arsenault", "fr", "America/Halifax", "NB", "Moncton", "Coordonnatrice clinique",
                "community", ("codéveloppement", "partenariats")),
        frozenset({LEARNER, COORDINATOR, FACILITATOR}),
    ),
    ADMIN: (
        Profile("Priya Raman", "en", "America/Vancouver", "BC", "Victoria", "Programme manager", "policy",
                ("privacy", "evaluation")),
        frozenset({LEARNER, ADMIN}),
    ),
}  # fmt: skip
"""Used when the demo's content has not brought them already."""


def demo_email(role: str) -> str:
    """The address of a demo person, in a domain that can never exist (RFC 2606)."""
    return f"{role}@demo.cercle.example"


def ensure_demo_person(tx: Tx, role: str, password_hash: str) -> Account:
    """The demo person of a role, made at the first need."""
    profile, roles = PEOPLE[role]
    return ensure_member(tx, demo_email(role), password_hash, profile, roles)


def ensure_member(tx: Tx, email: str, password_hash: str, profile: Profile, roles: frozenset[str]) -> Account:
    """The account of an address, made when missing; an existing one stays as it is."""
    wanted = new_account(email, password_hash, profile, roles, tx.now)
    wanted.show_city = wanted.show_expertise = True
    return store.account_by_email(tx, wanted.email_norm) or add_account(tx, wanted)


def seed_token(tx: Tx, account: Account) -> str:
    """A fresh token for an automatic client of the demo; the one before ends."""
    store.end_tokens(tx, account.id, SEED_TOKEN)
    token, secret = new_token(account.id, SEED_TOKEN, ["read", "write"], SEED_TOKEN_DAYS, tx.now)
    tx.add(token)
    return secret
