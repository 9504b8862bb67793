"""Server-sent events: what just happened reaches an open page at once, as ids and counts only.

A native ASGI route: inside Flask every browser that leaves would keep a thread.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from gateway.context import CURRENT
from gateway.middleware import account_of
from shared.contracts.notifications import NotificationCreated
from shared.errors import TooMany
from shared.messaging.bus import Bus
from shared.messaging.envelope import Envelope
from shared.observability import STREAMS_OPEN

HEARTBEAT = 20.0
MAX_PER_ACCOUNT = 8
Message = dict[str, Any]


class Hub:
    """Hands live messages to the open streams of an account; a slow browser loses the oldest, not the newest."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._queues: dict[str, set[asyncio.Queue[Message]]] = defaultdict(set)
        self._end: Callable[[], None] = lambda: None
        self._closed = asyncio.Event()

    def start(self, bus: Bus) -> None:
        """Listen on the bus. Call on the event loop."""
        self._loop = asyncio.get_running_loop()
        self._end = bus.listen(NotificationCreated.type, self._on_event)

    def stop(self) -> None:
        """Stop listening and end every stream, so that the server can close."""
        end, self._end = self._end, lambda: None
        end()
        self._closed.set()
        for queues in self._queues.values():
            for queue in queues:
                self._offer(queue, {})

    def _on_event(self, envelope: Envelope) -> None:
        event = NotificationCreated.from_data(envelope.data)
        message = {"id": str(event.notification_id), "kind": event.kind, "unread": event.unread}
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._put, str(event.account_id), message)

    def _put(self, account_id: str, message: Message) -> None:
        for queue in self._queues.get(account_id, ()):
            self._offer(queue, message)

    @staticmethod
    def _offer(queue: asyncio.Queue[Message], message: Message) -> None:
        if queue.full():
            queue.get_nowait()
        queue.put_nowait(message)

    async def messages(self, account_id: str) -> AsyncIterator[bytes]:
        """The event stream of one browser, with a comment every 20 s to keep the line open."""
        if len(self._queues[account_id]) >= MAX_PER_ACCOUNT:
            raise TooMany(retry_after=30)
        queue: asyncio.Queue[Message] = asyncio.Queue(20)
        self._queues[account_id].add(queue)
        STREAMS_OPEN.inc()
        try:
            yield b"retry: 3000\n\n"
            while not self._closed.is_set():
                yield await self._next(queue)
        finally:
            STREAMS_OPEN.dec()
            self._queues[account_id].discard(queue)
            if not self._queues[account_id]:
                del self._queues[account_id]

    async def _next(self, queue: asyncio.Queue[Message]) -> bytes:
        try:
            message = await asyncio.wait_for(queue.get(), HEARTBEAT)
        except TimeoutError:
            return b": still here\n\n"
        return (
            f"event: notification\ndata: {json.dumps(message)}\n\n".encode() if message else b": goodbye\n\n"
        )


def stream_endpoint(hub: Hub) -> Callable[[Request], Any]:
    """GET /stream for the signed-in account."""

    async def stream(_request: Request) -> Response:
        account = account_of(CURRENT.get())
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(hub.messages(account["id"]), media_type="text/event-stream", headers=headers)

    return stream
