"""`cercle dead`: what a handler could not take, in either mode."""

from __future__ import annotations

import json
from collections.abc import Iterator

from gateway.embedded import one_service
from shared.config import SERVICES, Settings
from shared.errors import NotFound
from shared.messaging.dead import BrokerDeadLetters, DeadLetters, TableDeadLetters


def letters_of(settings: Settings, service: str) -> DeadLetters:
    """The dead letters of one service: its table, or its parking queue when a broker is set."""
    if service not in SERVICES:
        raise NotFound("unknown-service")
    if settings.rabbitmq_url:
        return BrokerDeadLetters(settings.rabbitmq_url_of(service), service)
    return TableDeadLetters(one_service(settings, service))


def list_dead(settings: Settings, service: str | None) -> Iterator[str]:
    """One line per letter: id, consumer, type, reason, when."""
    for name in [service] if service else SERVICES:
        for letter in letters_of(settings, name).list():
            kind = letter.envelope.type if letter.envelope else "unreadable"
            when = letter.died_at.isoformat(timespec="seconds") if letter.died_at else "-"
            yield f"{letter.id}  {letter.consumer}  {kind}  {letter.reason}  {when}"


def show_dead(settings: Settings, service: str, letter_id: str) -> str:
    """The envelope, as JSON: ids, codes and public titles only. Raises NotFound."""
    for letter in letters_of(settings, service).list():
        if letter.id == letter_id:
            return json.dumps(
                letter.envelope.to_dict() if letter.envelope else {}, indent=2, ensure_ascii=False
            )
    raise NotFound


def replay_dead(settings: Settings, service: str, letter_id: str | None) -> int:
    """Hand one letter (or all) to its handler again; how many went."""
    letters = letters_of(settings, service)
    ids = [letter_id] if letter_id else [letter.id for letter in letters.list()]
    return sum(letters.replay(each) for each in ids)


def drop_dead(settings: Settings, service: str, letter_id: str) -> int:
    """Forget one letter; 1 or 0."""
    return int(letters_of(settings, service).drop(letter_id))
