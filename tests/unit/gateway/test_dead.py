"""A handler that fails for good: its letter is listed, shown, replayed and dropped through the command's functions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from gateway.dead import drop_dead, list_dead, replay_dead, show_dead
from shared.contracts.identity import AccountRegistered
from shared.ids import new_id
from shared.messaging.embedded import MAX_ATTEMPTS
from shared.testing.harness import Harness


def bury_one(harness: Harness) -> None:
    service: Any = harness.services["surveys"]
    service.on_account_registered = service.on_account_disabled = lambda _tx, _event: 1 / 0
    for name, tag in service.entrypoints.items():
        if tag.event_type == AccountRegistered.type:
            setattr(service, name, lambda _tx, _event: 1 / 0)
    with harness.services["identity"].db.tx(harness.actor()) as tx:
        tx.publish(AccountRegistered(new_id(), ["learner"], "fr", "America/Toronto"), subject=new_id())
    for _ in range(MAX_ATTEMPTS + 1):
        harness.drain()
        harness.clock.advance(timedelta(hours=1))


def test_letter_is_listed_shown_replayed_and_dropped(make_harness: Callable[..., Harness]) -> None:
    harness = make_harness("identity", "surveys")
    bury_one(harness)

    lines = list(list_dead(harness.settings, "surveys"))
    assert len(lines) == 1
    letter_id, consumer, kind, reason, _when = lines[0].split("  ")
    assert (consumer.startswith("surveys."), kind, reason) == (
        True,
        AccountRegistered.type,
        "ZeroDivisionError",
    )
    assert AccountRegistered.type in show_dead(harness.settings, "surveys", letter_id)

    assert replay_dead(harness.settings, "surveys", letter_id) == 1
    assert list(list_dead(harness.settings, "surveys")) == []
    assert drop_dead(harness.settings, "surveys", letter_id) == 0


def test_other_handlers_are_not_held_up(make_harness: Callable[..., Harness]) -> None:
    harness = make_harness("identity", "surveys")
    bury_one(harness)

    assert harness.services["identity"].outbox.pending() == 0
