"""Who asks the record store, and what they may: a person for what is theirs, a tool within its scopes."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.courses.domain.xapi import OutOfScope, UnknownTool, identity_of
from services.courses.tables import xapi_tools
from shared.db.tx import Tx
from shared.errors import NotFound
from shared.ids import hash_secret, parse_id

_GRANTS = {
    "statements/write": frozenset({"write"}),
    "statements/read/mine": frozenset({"read-mine"}),
    "statements/read": frozenset({"read-mine", "read"}),
    "state": frozenset({"state"}),
    "all/read": frozenset({"read-mine", "read"}),
    "all": frozenset({"write", "read-mine", "read", "state"}),
}


@dataclass(frozen=True, slots=True)
class Party:
    """`owner` is written beside what they store. `agent`: the identity a person is bound to; "" for a tool."""

    owner: str
    homepage: str
    name: str
    rights: frozenset[str]
    account_id: UUID | None = None

    @property
    def agent(self) -> dict[str, Any]:
        """The party as an xAPI agent: the authority of what it stores."""
        return {"objectType": "Agent", "account": {"homePage": self.homepage, "name": self.name}}

    @property
    def is_person(self) -> bool:
        """True for a signed-in person."""
        return self.account_id is not None

    def require(self, right: str) -> None:
        """Raises OutOfScope."""
        if right not in self.rights:
            raise OutOfScope

    def must_be(self, agent: object) -> None:
        """A person stores and reads under their own pseudonym only. Raises OutOfScope."""
        if self.is_person and identity_of(agent) != identity_of(self.agent):
            raise OutOfScope


def party_of(tx: Tx, homepage: str, pseudonym: str | None, credentials: Mapping[str, str] | None) -> Party:
    """Who asks. Raises NotAuthenticated, UnknownTool."""
    if credentials is not None:
        return _tool(tx, homepage, credentials)
    account_id = tx.actor.require_account()
    rights = frozenset({"write", "read-mine", "state"})
    return Party(f"account:{account_id}", homepage, pseudonym or str(account_id), rights, account_id)


def _tool(tx: Tx, homepage: str, credentials: Mapping[str, str]) -> Party:
    try:
        known = xapi_tools.c.id == parse_id(credentials["key"])
    except NotFound:
        raise UnknownTool from None
    row = tx.session.execute(
        select(xapi_tools).where(known, xapi_tools.c.revoked_at.is_(None))
    ).mappings().first()  # fmt: skip
    given = hash_secret(credentials["secret"])
    if row is None or not hmac.compare_digest(row["secret_hash"], given):
        raise UnknownTool
    rights = frozenset().union(*(_GRANTS[scope] for scope in row["scopes"]))
    return Party(f"tool:{row['id']}", homepage, f"tool:{row['id']}", rights)


def place_of(activity_id: str, agent: object, registration: str | None) -> str:
    """The hash under which the states of an activity, an agent and a registration are."""
    parts = [activity_id, identity_of(agent), registration or ""]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
