"""What notifications refuses, each with its own code."""

from __future__ import annotations

from shared.errors import Conflict, NotFound


class BadUnsubscribeLink(NotFound):
    """The link was cut on its way, or the account it was made for is gone."""

    code = "bad-unsubscribe-link"


class TrialNotSent(Conflict):
    """Every channel of this kind is off, or the account is too new to be known here."""

    code = "test-not-sent"
