"""The envelope of an event: the attributes of CloudEvents 1.0, as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

import structlog

from shared.contracts.base import DomainEvent
from shared.ids import new_id


@dataclass(frozen=True, slots=True)
class Envelope:
    """One event on its way. `type` is its routing key, `source` the service, `subject` the aggregate's id."""

    id: UUID
    source: str
    type: str
    subject: UUID
    version: int
    time: datetime
    data: dict[str, Any]
    correlation_id: str | None = None
    causation_id: str | None = None
    traceparent: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """CloudEvents JSON format."""
        return {
            "specversion": "1.0",
            "id": str(self.id),
            "source": self.source,
            "type": self.type,
            "subject": str(self.subject),
            "version": self.version,
            "time": self.time.isoformat(),
            "datacontenttype": "application/json",
            "correlationid": self.correlation_id,
            "causationid": self.causation_id,
            "traceparent": self.traceparent,
            "data": self.data,
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The envelope of a message. Raises KeyError or ValueError when it is none."""
        return cls(
            id=UUID(data["id"]),
            source=data["source"],
            type=data["type"],
            subject=UUID(data["subject"]),
            version=int(data["version"]),
            time=datetime.fromisoformat(data["time"]),
            data=dict(data["data"]),
            correlation_id=data.get("correlationid"),
            causation_id=data.get("causationid"),
            traceparent=data.get("traceparent"),
        )


def envelope_of(
    event: DomainEvent,
    *,
    source: str,
    subject: UUID,
    version: int,
    time: datetime,
    cause: Envelope | None = None,
) -> Envelope:
    """Wrap an event; the correlation id comes from the request in progress, the causation from `cause`."""
    context = structlog.contextvars.get_contextvars()
    return Envelope(
        id=new_id(),
        source=source,
        type=event.type,
        subject=subject,
        version=version,
        time=time,
        data=event.to_data(),
        correlation_id=(cause.correlation_id if cause else None) or context.get("correlation_id"),
        causation_id=str(cause.id) if cause else None,
        traceparent=context.get("traceparent"),
    )
