"""What community refuses, each with its own code."""

from __future__ import annotations

from shared.errors import Conflict, Gone


class TopicClosed(Conflict):
    """Nobody writes in a closed topic any more."""

    code = "topic-closed"


class PostRetired(Gone):
    """The post was taken back; its text no longer exists."""

    code = "post-retired"
