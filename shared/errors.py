"""The one tree of errors, the same over RPC and as application/problem+json (RFC 9457).

CercleError
├── Invalid           422   the input has problems, listed field by field
├── NotAuthenticated  401   nobody is signed in
├── Forbidden         403   signed in, seen to exist, but not allowed
├── NotFound          404   unknown or hidden: the two look alike
├── Conflict          409   the state does not allow it
│   └── Stale         412   the reader edited an older version
├── Gone              410   it was here and ended
├── TooLarge          413   more bytes than accepted
├── TooMany           429   try again later
├── Unavailable       503   a part is down
└── Deadline          504   it took too long and was not done

A service subclasses these beside the domain that raises them and sets `code` (kebab-case, stable).
Titles are translated from the key `errors.<code>`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One problem of one field: `path` like `items.2.statement.fr`, `code` kebab-case."""

    path: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """JSON shape `{path, code, params}`."""
        return {"path": self.path, "code": self.code, "params": dict(self.params)}


class CercleError(Exception):
    """Base of every error a caller may see. `params` fill the translated text; never secrets."""

    status: ClassVar[int] = 500
    code: str = "internal"

    def __init__(
        self,
        code: str | None = None,
        *,
        fields: Sequence[FieldProblem] = (),
        retry_after: int | None = None,
        **params: Any,
    ) -> None:
        if code is not None:
            self.code = code
        self.fields = tuple(fields)
        self.retry_after = retry_after
        self.params = params
        super().__init__(self.code)

    def to_dict(self) -> dict[str, Any]:
        """The wire form, without translated texts (the gateway adds title and detail)."""
        out: dict[str, Any] = {"status": self.status, "code": self.code, "params": self.params}
        if self.fields:
            out["fields"] = [problem.to_dict() for problem in self.fields]
        if self.retry_after is not None:
            out["retry_after"] = self.retry_after
        return out


class Invalid(CercleError):
    """The input has problems; `fields` lists them."""

    status = 422
    code = "invalid"


class NotAuthenticated(CercleError):
    """Nobody is signed in, or the credential is not valid (any more)."""

    status = 401
    code = "not-authenticated"


class Forbidden(CercleError):
    """Allowed to see that it exists, not allowed to do this."""

    status = 403
    code = "forbidden"


class NotFound(CercleError):
    """Unknown or hidden."""

    status = 404
    code = "not-found"


class Conflict(CercleError):
    """The present state does not allow it."""

    status = 409
    code = "conflict"


class Stale(Conflict):
    """Someone saved a newer version first (If-Match failed)."""

    status = 412
    code = "stale"


class Gone(CercleError):
    """It existed and has ended."""

    status = 410
    code = "gone"


class TooLarge(CercleError):
    """More bytes than accepted; `limit` in bytes."""

    status = 413
    code = "too-large"


class TooMany(CercleError):
    """Too many tries; `retry_after` in seconds."""

    status = 429
    code = "too-many"


class Unavailable(CercleError):
    """A part of the platform is down; nothing was done."""

    status = 503
    code = "unavailable"


class Deadline(CercleError):
    """The answer did not come in time and the late work is not executed."""

    status = 504
    code = "deadline"


_BY_STATUS: dict[int, type[CercleError]] = {
    kind.status: kind
    for kind in (
        Invalid, NotAuthenticated, Forbidden, NotFound, Conflict, Stale, Gone, TooLarge, TooMany, Unavailable, Deadline
    )
}  # fmt: skip


def error_from_dict(data: Mapping[str, Any]) -> CercleError:
    """The error a service answered, rebuilt on the caller's side from `CercleError.to_dict`."""
    kind = _BY_STATUS.get(int(data.get("status", 500)), CercleError)
    fields = [FieldProblem(f["path"], f["code"], f.get("params", {})) for f in data.get("fields", ())]
    error = kind(data.get("code"), fields=fields, retry_after=data.get("retry_after"))
    error.params = dict(data.get("params", {}))
    return error
