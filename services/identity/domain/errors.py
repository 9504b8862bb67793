"""What identity refuses, each with its own code."""

from __future__ import annotations

from shared.errors import Conflict, Forbidden, Gone, NotAuthenticated, TooMany


class BadCredentials(NotAuthenticated):
    """Unknown address, wrong password and disabled account look alike."""

    code = "bad-credentials"


class SessionEnded(NotAuthenticated):
    """The session is unknown, idle for too long, too old or revoked."""

    code = "session-ended"


class BadToken(NotAuthenticated):
    """The personal token is unknown, expired or revoked."""

    code = "bad-token"


class TooManyAttempts(TooMany):
    """Sign-in waits `retry_after` seconds, also for the right password."""

    code = "too-many-attempts"


class InvitationEnded(Gone):
    """The invitation was accepted, withdrawn, or is older than two weeks."""

    code = "invitation-ended"


class EmailTaken(Conflict):
    """An account has this address already."""

    code = "email-taken"


class RoleNotYours(Forbidden):
    """An invitation cannot give a role above one's own."""

    code = "role-not-yours"


class LastAdmin(Conflict):
    """Somebody must be able to manage the platform."""

    code = "last-admin"
