"""PostgreSQL quotes the row that it refuses; our log does not."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from shared.errors import CercleError
from shared.observability import configure_logging
from shared.testing.harness import Harness

CANARY = "zqcanary"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    heard, before = io.StringIO(), sys.stderr
    sys.stderr = heard
    configure_logging("DEBUG")
    yield heard
    sys.stderr = before
    configure_logging("WARNING")


CHANGES: dict[str, tuple[str, str, str]] = {
    "check": ("ALTER TABLE posts ADD CONSTRAINT too_short CHECK (length(body) < 3) NOT VALID",
              "ALTER TABLE posts DROP CONSTRAINT too_short", "too_short"),
    "unique": ("CREATE UNIQUE INDEX once ON posts (language, (left(body, 8)))", "DROP INDEX once", "once"),
    "missing table": ("ALTER TABLE posts RENAME TO gone", "ALTER TABLE gone RENAME TO posts", "posts"),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_refused_row_is_named_in_the_log_and_not_quoted(
    change: str, harness: Harness, log: io.StringIO
) -> None:
    do, undo, named = CHANGES[change]
    member = harness.actor("learner")
    space = harness.call("community", "list_spaces", {}, actor=member)["items"][0]["id"]
    topic: dict[str, Any] = {"space_id": space, "title": "Title", "language": "fr", "body": f"{CANARY} words"}
    engine = harness.services["community"].db.engine
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM posts"))
        connection.execute(text(do))
    try:
        codes = []
        for _ in range(2):
            try:
                harness.call("community", "open_topic", topic, actor=member)
            except CercleError as error:
                codes.append(error.code)
    finally:
        with engine.begin() as connection:
            connection.execute(text(undo))
    assert set(codes) == {"internal"}
    assert named in log.getvalue()
    assert "rpc.failed" in log.getvalue()
    assert CANARY not in log.getvalue()
