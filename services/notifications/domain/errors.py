"""What notifications refuses, each with its own code."""

from __future__ import annotations

from shared.errors import NotFound


class BadUnsubscribeLink(NotFound):
    """The link was cut on its way, or the account it was made for is gone."""

    code = "bad-unsubscribe-link"
