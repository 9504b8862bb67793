"""The bus as its users see it, and what one call carries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from shared.actor import VISITOR, Actor
from shared.messaging.envelope import Envelope


@dataclass(frozen=True, slots=True)
class Call:
    """One verified call inside a service. `deadline`: epoch seconds after which nothing may be done any more."""

    actor: Actor = VISITOR
    payload: dict[str, Any] = field(default_factory=dict)
    idempotency_key: str | None = None
    deadline: float | None = None
    correlation_id: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One call on the wire: the actor is a signed token addressed to the service."""

    token: str
    payload: dict[str, Any]
    deadline: float
    idempotency_key: str | None = None
    correlation_id: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """JSON form: the keyword argument `request` of every RPC method."""
        return {
            "token": self.token,
            "payload": self.payload,
            "deadline": self.deadline,
            "idempotency_key": self.idempotency_key,
            "correlation_id": self.correlation_id,
        }

    @staticmethod
    def from_dict(data: dict[str, Any]) -> Request:
        """The request of a message. Raises KeyError or TypeError when it is none."""
        return Request(
            token=str(data["token"]),
            payload=dict(data["payload"]),
            deadline=float(data["deadline"]),
            idempotency_key=data.get("idempotency_key"),
            correlation_id=data.get("correlation_id"),
        )


class Bus(Protocol):
    """How the gateway reaches services."""

    def call(
        self,
        service: str,
        method: str,
        payload: dict[str, Any] | None = None,
        *,
        actor: Actor = VISITOR,
        idempotency_key: str | None = None,
        timeout: float | None = None,
    ) -> Any:
        """The result of a service's method, JSON values only.

        Raises the service's own CercleError; Unavailable at once when the service is down; Deadline when the
        answer does not come within `timeout` seconds (the late work is then not executed).
        """
        ...

    def listen(self, event_type: str, callback: Callable[[Envelope], None]) -> Callable[[], None]:
        """Hear events as they pass, best effort, for the browser's live stream. Returns a function that ends it."""
        ...

    def close(self) -> None:
        """Stop threads and connections."""
        ...
