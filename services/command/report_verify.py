"""`cercle report verify`: the stored figures of a survey, a panel, a need or all of them, or those of a report's file, made
anew and compared bit for bit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from services.command.installation import Place, actor_of, opened
from services.command.report import refuse, verify_file
from services.command.words import Refusal, clean, end, say, say_json, unreadable
from services.surveys.methods.rebuild import OK
from services.surveys.verification import Subject, Verified, stored_figures, subject_of, subjects
from services.surveys.verification import verify as judged
from shared.i18n import text
from shared.messaging.service import Service

Told = dict[str, Any]


def verify(place: Place, wanted: str, data: BinaryIO | None) -> int:
    """0 when every figure is as stored, 1 when one is not, 2 when there is nothing to check or to check by."""
    try:
        subject_id = _subject_id(wanted)
        if subject_id is None:
            return _file(place, Path(wanted), data)
        return _one(place, subject_id)
    except Refusal as refusal:
        return end(refusal, place.language, as_json=place.as_json)


def verify_all(place: Place) -> int:
    """The same for whatever figures this installation stores."""
    try:
        return _all(place)
    except Refusal as refusal:
        return end(refusal, place.language, as_json=place.as_json)


def _subject_id(wanted: str) -> UUID | None:
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


def _one(place: Place, subject_id: UUID) -> int:
    with opened(place, "surveys") as service:
        with service.db.read(actor_of(place)) as tx:
            subject = subject_of(tx, subject_id)
        found = [_told(place, one, one.name) for one in _judged(place, service, subject)] if subject else []
    if subject is None or not found:
        raise unreadable("report-unknown", id=str(subject_id))
    if place.as_json:
        say_json(_summary(subject, found))
    return _status(found)


def _all(place: Place) -> int:
    told: list[Told] = []
    parts: list[Told] = []
    with opened(place, "surveys") as service:
        with service.db.read(actor_of(place)) as tx:
            known = subjects(tx)
        for subject in known:
            found = [
                _told(place, one, f"{subject.kind} {subject.id} {one.name}")
                for one in _judged(place, service, subject)
            ]
            told += found
            parts += [_summary(subject, found)] if found else []
    if not told:
        raise unreadable("nothing-stored")
    if place.as_json:
        say_json({"outcomes": Counter(one["outcome"] for one in told), "subjects": parts})
    return _status(told)


def _judged(place: Place, service: Service, subject: Subject) -> Iterator[Verified]:
    """Each of the subject's figures; the rows are read at once, and no transaction is held while they are judged."""
    with service.db.read(actor_of(place)) as tx:
        figures = stored_figures(tx, subject)
    yield from judged(figures)


def _told(place: Place, one: Verified, name: str) -> Told:
    """One line for people as each is done; the JSON value."""
    told: Told = {"name": one.name, "outcome": one.verdict.outcome, "refused": None}
    try:
        refuse(one.verdict, one.stored)
    except Refusal as refusal:
        told["refused"] = refusal.to_dict()
        if not place.as_json:
            line = text(place.language, "command.report.not", name=name)
            say(f"{line} {refusal.message(place.language)} [{refusal.code}]")
    else:
        if not place.as_json:
            say(text(place.language, "command.report.ok", name=name))
    return told


def _summary(subject: Subject, found: list[Told]) -> Told:
    outcomes = {one["name"]: one["outcome"] for one in found}
    return {subject.kind: str(subject.id), "outcomes": outcomes, "figures": found}


def _status(found: list[Told]) -> int:
    return int(any(one["outcome"] != OK for one in found))
