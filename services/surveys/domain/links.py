"""Single-use links, by which people without an account answer once."""

from __future__ import annotations

from shared.errors import Gone

UNUSED, USED, REVOKED = "unused", "used", "revoked"
MOST = 500
"""Links made at once."""


class LinkUsed(Gone):
    """Answers were sent by this link."""

    code = "link-used"


class LinkRevoked(Gone):
    """The coordinator took the link back."""

    code = "link-revoked"


def require_unused(state: str) -> None:
    """Raises LinkUsed, LinkRevoked."""
    if state == USED:
        raise LinkUsed
    if state == REVOKED:
        raise LinkRevoked
