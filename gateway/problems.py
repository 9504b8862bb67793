"""Errors as people and programs see them: application/problem+json (RFC 9457), or a page."""

from __future__ import annotations

import json
from typing import Any

from shared import i18n
from shared.errors import CercleError, FieldProblem

MEDIA_TYPE = "application/problem+json"


def problem_dict(error: CercleError, language: str, request_id: str) -> dict[str, Any]:
    """The problem document: type, title, status, detail, code, params, request_id, and `errors` per field."""
    body: dict[str, Any] = {
        "type": f"urn:cercle:problem:{error.code}",
        "title": title_of(error, language),
        "status": error.status,
        "code": error.code,
        "request_id": request_id,
    }
    if detail := detail_of(error, language):
        body["detail"] = detail
    if error.params:
        body["params"] = error.params
    if error.fields:
        body["errors"] = [field_dict(problem, language) for problem in error.fields]
    return body


def title_of(error: CercleError, language: str) -> str:
    """What happened, in the reader's language; by status where the code has no text of its own."""
    key = f"errors.{error.code}"
    if not i18n.has(language, key):
        key = f"errors.status.{error.status}"
    return _filled(language, key, error.params)


def detail_of(error: CercleError, language: str) -> str:
    """What was kept and what to do; empty where there is nothing to add."""
    for key in (f"errors.{error.code}.detail", f"errors.status.{error.status}.detail"):
        if i18n.has(language, key):
            return _filled(language, key, error.params)
    return ""


def field_dict(problem: FieldProblem, language: str) -> dict[str, Any]:
    """`{path, code, message, params}` of one field."""
    return problem.to_dict() | {"message": field_message(problem, language)}


def field_message(problem: FieldProblem, language: str) -> str:
    """The field's message: carried by the problem, or from the catalogue."""
    carried = problem.params.get("message")
    if isinstance(carried, dict):
        return str(carried.get(language, ""))
    for key in (f"errors.field.{problem.code}", f"errors.{problem.code}"):
        if i18n.has(language, key):
            return _filled(language, key, problem.params)
    return i18n.text(language, "errors.field.invalid")


def field_errors(error: CercleError, language: str) -> dict[str, str]:
    """Path -> message, for forms."""
    return {problem.path: field_message(problem, language) for problem in error.fields}


def headers_of(error: CercleError) -> dict[str, str]:
    """Retry-After where the error knows when to come back."""
    if error.status in (429, 503, 504):
        return {"Retry-After": str(error.retry_after or 5)}
    return {}


def problem_bytes(error: CercleError, language: str, request_id: str) -> bytes:
    """The document, encoded."""
    return json.dumps(problem_dict(error, language, request_id), ensure_ascii=False).encode()


def _filled(language: str, key: str, params: Any) -> str:
    try:
        return i18n.text(language, key, **params) if params else i18n.text(language, key)
    except (KeyError, TypeError, ValueError):
        return i18n.text(language, key)
