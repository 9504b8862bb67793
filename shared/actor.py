"""Who acts: signed by the gateway (or by a service for itself), verified by every service.

The token is a compact JWT (RFC 7519, EdDSA of RFC 8037): `iss` the signer, `aud` the service that may accept
it, `exp` one minute, and the actor's fields. A key per issuer; a service accepts a person only from the
gateway, and a system actor only from the service of that name.
"""

from __future__ import annotations

import hmac
import json
import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from joserfc.jwt import JWTClaimsRegistry

from shared.errors import NotAuthenticated
from shared.ids import new_id

GATEWAY = "gateway"
LIFETIME = timedelta(minutes=1)
_ALGORITHMS = ["Ed25519", "EdDSA"]

LEARNER = "learner"
TRAINER = "trainer"
COORDINATOR = "coordinator"
FACILITATOR = "facilitator"
RESEARCHER = "researcher"
ADMIN = "admin"
ROLES = frozenset({LEARNER, TRAINER, COORDINATOR, FACILITATOR, RESEARCHER, ADMIN})


@dataclass(frozen=True, slots=True)
class Actor:
    """A person (account_id set), a service acting for itself (system set), or a visitor (neither)."""

    account_id: UUID | None = None
    roles: frozenset[str] = field(default_factory=frozenset)
    language: str = "fr"
    time_zone: str = "America/Toronto"
    province: str | None = None
    system: str | None = None

    @property
    def is_visitor(self) -> bool:
        """True when nobody is signed in and no service speaks."""
        return self.account_id is None and self.system is None

    def has(self, *roles: str) -> bool:
        """True when the actor holds at least one of `roles`."""
        return not self.roles.isdisjoint(roles)

    def require_account(self) -> UUID:
        """The account id of the signed-in person. Raises NotAuthenticated for visitors and services."""
        if self.account_id is None:
            raise NotAuthenticated
        return self.account_id

    def to_claims(self) -> dict[str, Any]:
        """JSON claims of the actor."""
        return {
            "sub": str(self.account_id) if self.account_id else None,
            "roles": sorted(self.roles),
            "lang": self.language,
            "tz": self.time_zone,
            "prov": self.province,
            "sys": self.system,
        }

    @staticmethod
    def from_claims(claims: dict[str, Any]) -> Actor:
        """The actor of verified claims."""
        return Actor(
            account_id=UUID(claims["sub"]) if claims.get("sub") else None,
            roles=frozenset(claims.get("roles", ())) & ROLES,
            language=claims.get("lang", "fr"),
            time_zone=claims.get("tz", "America/Toronto"),
            province=claims.get("prov"),
            system=claims.get("sys"),
        )


VISITOR = Actor()


def system_actor(service: str) -> Actor:
    """A service acting for itself, in a job or a reaction to an event."""
    return Actor(system=service)


class Signer:
    """Signs actors as one issuer."""

    def __init__(self, issuer: str, key: OKPKey) -> None:
        self._issuer = issuer
        self._key = key

    def secret(self, purpose: str) -> bytes:
        """32 bytes of this process's own for another purpose, the same for as long as its key is."""
        return hmac.digest(
            json.dumps(self._key.as_dict(private=True)["d"]).encode(), purpose.encode(), "sha256"
        )

    def sign(self, actor: Actor, audience: str, now: datetime) -> str:
        """A token that only `audience` accepts, for one minute from `now`."""
        claims = actor.to_claims() | {
            "iss": self._issuer,
            "aud": audience,
            "jti": str(new_id()),
            "iat": int(now.timestamp()),
            "exp": int((now + LIFETIME).timestamp()),
        }
        present = {name: value for name, value in claims.items() if value is not None}  # `sub` must be text
        return jwt.encode({"alg": "Ed25519", "kid": self._issuer}, present, self._key, algorithms=_ALGORITHMS)


class Verifier:
    """Verifies tokens addressed to one audience, from a fixed set of issuers."""

    def __init__(self, audience: str, keys: dict[str, OKPKey]) -> None:
        self._audience = audience
        self._keys = keys

    def verify(self, token: str, now: datetime) -> Actor:
        """The actor inside `token`.

        Raises NotAuthenticated when the signature, audience, issuer or time is wrong, when a system actor
        was signed by another than itself, or a person by another than the gateway.
        """
        try:
            decoded = jwt.decode(token, self._key_of, algorithms=_ALGORITHMS)
            JWTClaimsRegistry(
                now=lambda: int(now.timestamp()), leeway=5,
                iss={"essential": True}, aud={"essential": True, "value": self._audience}, exp={"essential": True},
            ).validate(decoded.claims)  # fmt: skip
        except (JoseError, KeyError, ValueError):
            raise NotAuthenticated("bad-actor-token") from None
        issuer, actor = decoded.claims["iss"], Actor.from_claims(decoded.claims)
        expected = actor.system or GATEWAY
        if issuer != decoded.header.get("kid") or issuer != expected:
            raise NotAuthenticated("bad-actor-token")
        return actor

    def _key_of(self, message: Any) -> OKPKey:
        return self._keys[message.headers()["kid"]]


class KeyFolder:
    """A folder of Ed25519 keys: `<issuer>.jwk` private (mode 0600), `<issuer>.pub.jwk` public.

    A process needs its own private key and everybody's public keys.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def ensure(self, *issuers: str) -> None:
        """Make the missing key pairs. Effect: writes files."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for issuer in issuers:
            if not self._path(issuer).exists():
                key = OKPKey.generate_key("Ed25519")
                self._write(self._path(issuer), key.as_dict(private=True), 0o600)
                self._write(self._public_path(issuer), key.as_dict(private=False), 0o644)

    def signer(self, issuer: str) -> Signer:
        """The signer of `issuer`. Raises FileNotFoundError when this process has no such key."""
        return Signer(issuer, self._load(self._path(issuer)))

    def verifier(self, audience: str) -> Verifier:
        """A verifier for `audience` that trusts every public key of the folder."""
        suffix = ".pub.jwk"
        keys = {path.name.removesuffix(suffix): self._load(path) for path in self._folder.glob(f"*{suffix}")}
        return Verifier(audience, keys)

    def _path(self, issuer: str) -> Path:
        return self._folder / f"{issuer}.jwk"

    def _public_path(self, issuer: str) -> Path:
        return self._folder / f"{issuer}.pub.jwk"

    @staticmethod
    def _write(path: Path, key: Any, mode: int) -> None:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(handle, "w") as file:
            json.dump(key, file)

    @staticmethod
    def _load(path: Path) -> OKPKey:
        return OKPKey.import_key(json.loads(path.read_text()))
