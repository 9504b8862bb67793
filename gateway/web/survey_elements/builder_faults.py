"""What the service refuses about a draft: beside the field where it is open, and in a summary with links to the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gateway.context import current
from gateway.problems import field_message
from gateway.web.survey_elements.changes import place_of
from gateway.web.survey_elements.piping import Element
from gateway.web.survey_elements.reading import place_in
from gateway.web.survey_elements.wording import say
from shared import i18n
from shared.errors import CercleError

LANGUAGES = ("fr", "en")
_FIELDS = {"show_if": "show", "go_to": "go-0", "compute": "op", "kind": "code", "elements": "outline"}


@dataclass(frozen=True)
class Found:
    """`here`: input id -> message for the editor that is open; `codes`: elements with a fault; `summary`: every fault."""

    here: dict[str, str]
    codes: frozenset[str]
    summary: list[dict[str, str]]


def of(
    error: CercleError | None,
    elements: Sequence[Element],
    at: str,
    base: str = "",
    tried: Sequence[Element] | None = None,
) -> Found:
    """The faults of an error, for a page that shows the editor of the element `at` ("": the survey's own fields).

    base: address of the builder, where the page with the summary is another one. tried: the elements that were
    refused, where the page shows others; their places are those that the error means.
    """
    refused = elements if tried is None else tried
    here: dict[str, str] = {}
    codes: set[str] = set()
    summary: list[dict[str, str]] = []
    for problem in error.fields if error else ():
        place, path = split(problem.path)
        code = refused[place]["code"] if place is not None and place < len(refused) else ""
        shown = place_of(elements, code)
        target, message = input_of(path), field_message(problem, current().language)
        if code:
            codes.add(code)
        if code == at and not base:
            here.setdefault(target, message)
        summary.append(
            _line(place if shown is None else shown, path, message)
            | {"id": target, "href": _href(base, code, at, target)}
        )
    return Found(here, frozenset(codes), summary)


def split(path: str) -> tuple[int | None, str]:
    """`elements.3.options.0.text.fr` is (3, "options.0.text.fr"); other paths have no place."""
    head, _, rest = path.partition(".")
    number, _, inner = rest.partition(".")
    if head == "elements" and (place := place_in(number)) is not None:
        return place, inner or "code"
    return None, path


def input_of(path: str) -> str:
    """The id of the input behind a path within an element or a survey: `text.fr` is text_fr, `options.1.text.en`
    options-1_en, `show_if` show, `closes_at` closes_at.
    """
    parts = path.split(".")
    language = parts[-1] if parts[-1] in LANGUAGES else None
    if parts[0] in ("options", "rows", "points"):
        return f"{parts[0]}-{parts[1]}_{language or 'fr'}" if len(parts) > 1 else parts[0]
    if parts[0] == "sets":
        return f"set-{parts[1]}" if len(parts) > 1 else "sets"
    if parts[0] == "go_to" and len(parts) > 1:
        return f"go-{parts[1]}_place"
    if language is not None:
        return f"{parts[0]}_{language}"
    if parts[0] in ("text", "help", "unit"):
        return f"{parts[0]}_fr"
    return _FIELDS.get(parts[0], parts[0])


def _href(base: str, code: str, at: str, target: str) -> str:
    if not base and code == at:
        return f"#{target}"
    return f"{base}?{f'at={code}&' if code else ''}check=1#{target}"


def _line(place: int | None, path: str, message: str) -> dict[str, Any]:
    half = path.rpartition(".")[2]
    where = [say("surveys.pages.question", n=place + 1)] if place is not None else []
    name = _name(path.partition(".")[0])
    where += [name] if name else []
    if half in LANGUAGES:
        where.append(say(f"shell.language.{half}"))
    label = ", ".join(where)
    return {"text": f"{say('surveys.edit.problem', field=label)} {message}" if label else message}


def _name(field: str) -> str:
    for key in (f"surveys.pages.field.{field}", f"surveys.edit.{field}"):
        if i18n.has(current().language, key):
            return say(key)
    return ""
