"""Events of the notifications service, heard by the gateway for the browser's live stream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from shared.contracts.base import DomainEvent


@dataclass(frozen=True, slots=True)
class NotificationCreated(DomainEvent):
    """A notification is in someone's inbox; `unread` is their count after it."""

    type: ClassVar[str] = "notifications.notification.created.v1"
    notification_id: UUID
    account_id: UUID
    kind: str
    unread: int
