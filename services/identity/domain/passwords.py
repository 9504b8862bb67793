"""What a password must be (NIST SP 800-63B-4, section 3.1.1): long, not guessable, nothing else."""

from __future__ import annotations

from services.identity.domain.common_passwords import is_common
from shared.errors import FieldProblem, Invalid
from shared.text import fold

SHORTEST = 12
LONGEST = 1000
_TOO_SHORT_TO_MATTER = 4


def check_password(password: str, *, email: str, display_name: str, path: str = "password") -> None:
    """Raises Invalid on `path`: password-too-short, too-long, bad-character, password-personal or password-common."""
    code = _problem(password, [display_name, email.partition("@")[0]])
    if code:
        params = {"min": SHORTEST, "max": LONGEST}
        raise Invalid(fields=[FieldProblem(path, code, params)])


def _problem(password: str, personal: list[str]) -> str | None:
    if len(password) < SHORTEST:
        return "password-too-short"
    if len(password) > LONGEST:
        return "too-long"
    if "\x00" in password:
        return "bad-character"
    if _holds(password, personal):
        return "password-personal"
    return "password-common" if is_common(password) else None


def _holds(password: str, personal: list[str]) -> bool:
    text = _joined(password)
    parts = [_joined(part) for part in personal]
    return any(len(part) >= _TOO_SHORT_TO_MATTER and part in text for part in parts)


def _joined(text: str) -> str:
    return "".join(c for c in fold(text) if c.isalnum())
