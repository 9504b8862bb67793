"""Logs (structlog), metrics (Prometheus), trace context (W3C traceparent; OpenTelemetry when it is installed).

A log line has a static event name and ids as fields. Values under names that could hold personal or secret
text are blanked, whoever passes them.
"""

from __future__ import annotations

import logging
import secrets
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import structlog
from prometheus_client import Counter, Gauge, Histogram

_trace: Any = None
try:  # the optional extra "otel"
    from opentelemetry import trace

    _trace = trace
except ImportError:
    pass

SENSITIVE = frozenset({
    "answers", "authorization", "body", "cookie", "display_name", "email", "name", "password", "payload", "secret",
    "statement", "text", "to", "token",
})  # fmt: skip

RPC_SECONDS = Histogram("cercle_rpc_seconds", "Time of an RPC inside its service", ["service", "method"])
HTTP_SECONDS = Histogram("cercle_http_seconds", "Time of an HTTP request", ["method", "status"])
EVENTS_HANDLED = Counter("cercle_events_total", "Events by consumer and outcome", ["consumer", "outcome"])
OUTBOX_PENDING = Gauge("cercle_outbox_pending", "Events waiting for the relay", ["service"])
STREAMS_OPEN = Gauge("cercle_streams_open", "Browsers connected to the live stream")


def _blank_sensitive(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name in SENSITIVE & event.keys():
        event[name] = "[withheld]"
    return event


def configure_logging(level: str = "INFO", style: str = "text") -> None:
    """Send structlog and the standard library's loggers to stderr, as text or JSON lines."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _blank_sensitive,
    ]
    # Never the locals of a traceback: they hold payloads, answers and names.
    plain = structlog.processors.ExceptionRenderer(
        structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    )
    trace = [plain] if style == "json" else []
    text = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    last = structlog.processors.JSONRenderer() if style == "json" else text
    structlog.configure(
        processors=[*shared, *trace, last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")


def new_traceparent() -> str:
    """A W3C trace context for a request that came without one."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


@contextmanager
def span(name: str, **attributes: str) -> Iterator[None]:
    """A trace span where OpenTelemetry is installed (extra `otel`); nothing otherwise."""
    if _trace is None:
        yield
        return
    with _trace.get_tracer("cercle").start_as_current_span(name, attributes=attributes):
        yield
