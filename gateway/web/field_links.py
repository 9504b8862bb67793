"""What was wrong in a form, line by line: the name of the field, and the control that mends it."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.context import current
from gateway.web.survey_words import say
from shared.i18n import LANGUAGES

Places = Mapping[str, tuple[str, str]]
"""Path, or how it begins, to the control's id and the field's name. An id that ends in `_` is of a bilingual field."""


def summary_of(errors: Mapping[str, str], places: Places) -> list[dict[str, str]]:
    """`[{id, text}]` for the error summary. errors: path -> message. A path that no place is of has no link."""
    return [_line(message, _control(path, places)) for path, message in errors.items()]


def beside(errors: Mapping[str, str], places: Places) -> dict[str, str]:
    """Control's id -> what to say beside it."""
    found: dict[str, str] = {}
    for path, message in errors.items():
        if control := _control(path, places):
            found.setdefault(control[0], message)
    return found


def _line(message: str, control: tuple[str, str] | None) -> dict[str, str]:
    if control is None:
        return {"id": "", "text": message}
    return {"id": control[0], "text": f"{say('surveys.edit.problem', field=control[1])} {message}"}


def _control(path: str, places: Places) -> tuple[str, str] | None:
    """Id and name; of a bilingual field those of the half that is meant, or else of the reader's language."""
    found = _place(path, places)
    if found is None or not found[0].endswith("_"):
        return found
    half = path.rpartition(".")[2]
    half = half if half in LANGUAGES else current().language
    language = say(f"shell.language.{half}")
    return f"{found[0]}{half}", f"{found[1]}, {language.lower() if current().language == 'fr' else language}"


def _place(path: str, places: Places) -> tuple[str, str] | None:
    while path and path not in places:
        path = path.rpartition(".")[0]
    return places.get(path)
