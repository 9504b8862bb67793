"""People in the identity service, made as in life: by invitation."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from services.identity.service import IdentityService
from shared.actor import VISITOR, Actor
from shared.errors import CercleError
from shared.testing.harness import Harness

PASSWORD = "une phrase calme et longue"


class Desk:
    """The service on one database, and short ways to do what its callers do."""

    def __init__(self, harness: Harness) -> None:
        self.harness = harness
        service = harness.services["identity"]
        assert isinstance(service, IdentityService)
        self.service = service

    def call(self, method: str, payload: dict[str, Any] | None = None, *, actor: Actor = VISITOR) -> Any:
        return self.harness.call("identity", method, payload, actor=actor)

    def refuse(
        self, method: str, payload: dict[str, Any] | None = None, *, actor: Actor = VISITOR
    ) -> CercleError:
        """The error of a call that must fail."""
        try:
            self.call(method, payload, actor=actor)
        except CercleError as error:
            return error
        raise AssertionError(f"{method} was not refused")

    def codes(self, method: str, payload: dict[str, Any], *, actor: Actor = VISITOR) -> dict[str, str]:
        """Field path -> code of a call that must be invalid."""
        return {problem.path: problem.code for problem in self.refuse(method, payload, actor=actor).fields}

    def first_admin(self) -> Actor:
        """The admin of the first invitation."""
        secret = self.service.ensure_first_invitation()
        assert secret is not None
        return self.accept(secret, "admin@example.ca", "Priya Raman")

    def member(self, admin: Actor, email: str, name: str = "Maude Fortin", *roles: str, **more: Any) -> Actor:
        """A member whom `admin` invited."""
        invitation = {"roles": list(roles or ("learner",)), "language": "fr"}
        return self.accept(
            self.call("create_invitation", invitation, actor=admin)["secret"], email, name, **more
        )

    def accept(self, secret: str, email: str, name: str, **more: Any) -> Actor:
        account = self.call("accept_invitation", acceptance(secret, email, display_name=name, **more))[
            "account"
        ]
        return Actor(
            UUID(account["id"]), frozenset(account["roles"]), account["language"], account["time_zone"]
        )

    def sign_in(self, email: str, password: str = PASSWORD, network: str = "192.0.2.1") -> Any:
        return self.call(
            "sign_in",
            {"email": email, "password": password, "network": network, "user_agent": "Firefox/1 Linux"},
        )


def acceptance(secret: str, email: str = "maude@example.ca", **more: Any) -> dict[str, Any]:
    return {
        "secret": secret, "email": email, "password": PASSWORD, "display_name": "Maude Fortin", "language": "fr",
        "time_zone": "America/Toronto",
    } | more  # fmt: skip
