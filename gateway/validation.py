"""connexion's checks of parameters and bodies, answered in our form: every problem, with a code, translated."""

from __future__ import annotations

import json
import re
from typing import Any

from connexion.datastructures import MediaTypeDict
from connexion.exceptions import BadRequestProblem
from connexion.validators import VALIDATOR_MAP
from connexion.validators.json import JSONRequestBodyValidator

from shared.errors import CercleError, FieldProblem, Invalid

_CODES = {
    "required": "missing",
    "additionalProperties": "unknown-field",
    "type": "wrong-type",
    "enum": "not-a-choice",
    "minLength": "too-short",
    "maxLength": "too-long",
    "minItems": "too-few",
    "maxItems": "too-many-items",
    "minimum": "out-of-range",
    "maximum": "out-of-range",
    "pattern": "bad-format",
    "format": "bad-format",
}


class BadRequest(CercleError):
    """The request could not be read: no JSON, or a wrong parameter."""

    status = 400
    code = "bad-request"


class BodyValidator(JSONRequestBodyValidator):  # type: ignore[misc]
    """Collects every violation of the document's schema instead of the first."""

    async def _parse(self, stream: Any, scope: Any) -> Any:  # noqa: ARG002 passed by name
        body = b"".join([chunk async for chunk in stream])
        if not body:
            return None
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            raise BadRequest("bad-json") from None

    def _validate(self, body: Any) -> dict[str, Any] | None:
        if body is None and not self._nullable:
            raise BadRequest("bad-json")
        problems = [
            problem for error in self._validator.iter_errors(body) for problem in field_problems(error)
        ]
        if problems:
            raise Invalid(fields=problems)
        return None


def field_problems(error: Any) -> list[FieldProblem]:
    """The problems behind one jsonschema error; never the value itself."""
    path = [str(step) for step in error.absolute_path]
    code = _CODES.get(error.validator, "invalid")
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        return [FieldProblem(".".join([*path, name]), code) for name in missing[:1]]
    if error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        return [
            FieldProblem(".".join([*path, name[:80]]), code) for name in error.instance if name not in known
        ]
    return [FieldProblem(".".join(path), code)]


def parameter_problem(error: BadRequestProblem) -> CercleError:
    """A refused parameter, named without quoting its value."""
    detail = str(error.detail or "")
    named = re.search(r"parameter '([\w-]{1,60})'", detail) or re.search(
        r"parameter\(s\) ([\w-]{1,60})", detail
    )
    if named:
        return Invalid("bad-parameter", fields=[FieldProblem(named[1], "invalid")], parameter=named[1])
    return BadRequest()


_BODIES = MediaTypeDict(VALIDATOR_MAP["body"])
for _media_type in list(_BODIES):
    if "json" in _media_type:
        _BODIES[_media_type] = BodyValidator
VALIDATORS = {**VALIDATOR_MAP, "body": _BODIES}
