"""`cercle report verify`: a survey's stored figures, or those of a report's file, made anew and compared bit for bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from services.command.installation import Place, actor_of, opened
from services.command.report import refuse, verify_file
from services.command.words import Refusal, clean, end, say, say_json, unreadable
from services.surveys.methods.rebuild import OK
from services.surveys.verification import Verified, stored_figures
from services.surveys.verification import verify as judged
from shared.i18n import text


def verify(place: Place, wanted: str, data: BinaryIO | None) -> int:
    """0 when every figure is as stored, 1 when one is not, 2 when there is nothing to check or to check by."""
    try:
        survey_id = _survey_id(wanted)
        if survey_id is None:
            return _file(place, Path(wanted), data)
        return _survey(place, survey_id)
    except Refusal as refusal:
        return end(refusal, place.language, as_json=place.as_json)


def _survey_id(wanted: str) -> UUID | None:
    """The id, unless a file has this name."""
    try:
        return None if Path(wanted).is_file() else UUID(wanted)
    except ValueError:
        return None


def _file(place: Place, path: Path, data: BinaryIO | None) -> int:
    if not path.is_file():
        raise unreadable("report-unknown", id=clean(str(path)))
    if data is None:
        raise unreadable("data-missing")
    found = verify_file(path, data)
    if place.as_json:
        say_json(found)
    else:
        say(text(place.language, "command.report.ok", name=clean(path.name)))
    return 0


def _survey(place: Place, survey_id: UUID) -> int:
    with opened(place, "surveys") as service, service.db.read(actor_of(place)) as tx:
        figures = stored_figures(tx, survey_id)
    if not figures:
        raise unreadable("report-unknown", id=str(survey_id))
    found = [_told(place, one) for one in judged(figures)]
    if place.as_json:
        outcomes = {one["name"]: one["outcome"] for one in found}
        say_json({"survey": str(survey_id), "outcomes": outcomes, "figures": found})
    return int(any(one["outcome"] != OK for one in found))


def _told(place: Place, one: Verified) -> dict[str, Any]:
    """One line for people as each is done; the JSON value."""
    told: dict[str, Any] = {"name": one.name, "outcome": one.verdict.outcome, "refused": None}
    try:
        refuse(one.verdict, one.stored)
    except Refusal as refusal:
        told["refused"] = refusal.to_dict()
        if not place.as_json:
            line = text(place.language, "command.report.not", name=one.name)
            say(f"{line} {refusal.message(place.language)} [{refusal.code}]")
    else:
        if not place.as_json:
            say(text(place.language, "command.report.ok", name=one.name))
    return told
