"""Forms of the studio: reading them, and giving them back with what was typed when they could not be saved."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import request

from gateway.context import current
from gateway.problems import field_message
from gateway.web.pages import error_text
from shared.errors import CercleError, Stale
from shared.i18n import LANGUAGES

Pair = dict[str, str]


def pair_of(name: str) -> Pair:
    """A bilingual field as typed, trimmed."""
    return {language: request.form.get(f"{name}_{language}", "").strip() for language in LANGUAGES}


def version_of() -> int | None:
    """The version that the form was opened with."""
    return request.form.get("version", type=int)


@dataclass(frozen=True)
class Form:
    """The one form of a page that came back. `at` names it; `fields` maps the service's paths to form names."""

    at: str = ""
    error: CercleError | None = None
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """The page's status."""
        return self.error.status if self.error else 200

    @property
    def stale(self) -> bool:
        """True when someone else saved in between."""
        return isinstance(self.error, Stale)

    @property
    def problem(self) -> str | None:
        """What happened, where no field tells it."""
        return error_text(self.error) if self.error and not self.summary else None

    @property
    def summary(self) -> list[dict[str, str]]:
        """Every field problem with the id of its input, for the error summary."""
        if self.error is None:
            return []
        return [
            {"id": self._input(problem.path), "text": field_message(problem, current().language)}
            for problem in self.error.fields
        ]

    def errors(self, name: str) -> Pair:
        """Language -> message of a bilingual field."""
        found = {item["id"]: item["text"] for item in self.summary}
        return {code: found[f"{name}_{code}"] for code in LANGUAGES if f"{name}_{code}" in found}

    def of(self, name: str) -> str | None:
        """The message of a plain field."""
        return next((item["text"] for item in self.summary if item["id"] == name), None)

    def pair(self, name: str, saved: Pair | None = None) -> Pair:
        """What was typed, else what is saved."""
        if self.error is not None and f"{name}_fr" in request.form:
            return pair_of(name)
        return saved or {}

    def value(self, name: str, saved: Any = "") -> Any:
        """The same for a plain field."""
        return request.form[name] if self.error is not None and name in request.form else saved

    def _input(self, path: str) -> str:
        """`title.fr` is the input `<name>_fr`; a problem of the whole pair is shown at the reader's language."""
        head, _, language = path.partition(".")
        name = self.fields.get(head, head)
        is_pair = f"{name}_fr" in request.form
        return f"{name}_{language or current().language}" if is_pair else name
