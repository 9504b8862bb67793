"""REST of playing H5P: finishes, answers, rights, upgrades and the event log."""

from __future__ import annotations

from typing import Any

from gateway.context import INSTALL_SECONDS, Answer, answer, call

Body = dict[str, Any]


def set_finished(activity_id: str, body: Body) -> Answer:
    """The player says that the content is finished."""
    return answer(call("courses", "set_finished", {**body, "activity_id": activity_id}))


def attempt_results(activity_id: str, account_id: str | None = None) -> Answer:
    """Answers to single questions."""
    return answer(call("courses", "attempt_results", {"activity_id": activity_id}, account_id=account_id))


def get_h5p_credits(activity_id: str) -> Answer:
    """Who made what."""
    return answer(call("courses", "get_h5p_credits", {"activity_id": activity_id}))


def list_h5p_events(kind: str | None = None, cursor: str | None = None, limit: int | None = None) -> Answer:
    """A page of the event log."""
    return answer(call("courses", "list_h5p_events", {}, kind=kind, cursor=cursor, limit=limit))


def get_h5p_event_policy() -> Answer:
    """How long the log is kept."""
    return answer(call("courses", "get_h5p_event_policy", {}))


def set_h5p_event_policy(body: Body) -> Answer:
    """How long it is kept from now on."""
    return answer(call("courses", "set_h5p_event_policy", body))


def list_h5p_upgrades() -> Answer:
    """What could be upgraded, and the runs."""
    return answer(call("courses", "list_h5p_upgrades", {}))


def start_h5p_upgrade(body: Body) -> Answer:
    """A run; it begins with the first `continue`."""
    result = call("courses", "start_h5p_upgrade", body)
    return answer(result, 201, location=lambda run: f"/api/v1/h5p/upgrades/{run['id']}")


def get_h5p_upgrade(upgrade_id: str) -> Answer:
    """One run with its contents."""
    return answer(call("courses", "get_h5p_upgrade", {"upgrade_id": upgrade_id}))


def continue_h5p_upgrade(upgrade_id: str) -> Answer:
    """Some seconds of work."""
    return answer(
        call("courses", "continue_h5p_upgrade", {"upgrade_id": upgrade_id}, timeout=INSTALL_SECONDS)
    )


def undo_h5p_upgrade(upgrade_id: str) -> Answer:
    """The contents of before are back."""
    return answer(call("courses", "undo_h5p_upgrade", {"upgrade_id": upgrade_id}))
