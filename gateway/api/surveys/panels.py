"""REST of the surveys service. Panels: Delphi rounds, nominal groups."""

from __future__ import annotations

from typing import Any

from gateway.context import Answer, answer, call, if_match

Body = dict[str, Any]
JUDGING_SECONDS = 60
"""A first judgement loads the statistics library, which on a busy machine takes longer than a call usually may."""


def list_panels(
    kind: str | None = None, standing: str | None = None, cursor: str | None = None, limit: int | None = None
) -> Answer:
    """A page of panels."""
    wanted = {"kind": kind, "standing": standing, "cursor": cursor, "limit": limit}
    return answer(
        call("surveys", "list_panels", {n: value for n, value in wanted.items() if value is not None})
    )


def create_panel(body: Body) -> Answer:
    """A new draft."""
    made = call("surveys", "create_panel", body)
    return answer(made, 201, location=lambda view: f"/api/v1/panels/{view['id']}")


def get_panel(panel_id: str) -> Answer:
    """One panel."""
    return _on("get_panel", panel_id)


def edit_panel(panel_id: str, body: Body) -> Answer:
    """A changed draft; a null date is kept as "not set"."""
    payload = {**body, "panel_id": panel_id}
    return answer(call("surveys", "edit_panel", payload, version=if_match()))


def discard_panel(panel_id: str) -> Answer:
    """A draft thrown away."""
    return _on("discard_panel", panel_id, version=if_match())


def get_panel_feed(panel_id: str) -> Answer:
    """What items can be built from."""
    return _on("get_panel_feed", panel_id)


def set_panel_items(panel_id: str, body: Body) -> Answer:
    """The items of the next round."""
    return _on("set_panel_items", panel_id, **body, version=if_match())


def start_panel(panel_id: str) -> Answer:
    """A running panel."""
    return _on("start_panel", panel_id, version=if_match())


def open_round(panel_id: str, body: Body) -> Answer:
    """The next round."""
    return _on("open_round", panel_id, **body, version=if_match())


def extend_round(panel_id: str, body: Body) -> Answer:
    """A later deadline."""
    return _on("extend_round", panel_id, **body, version=if_match())


def close_round(panel_id: str) -> Answer:
    """A judged round."""
    payload = {"panel_id": panel_id}
    return answer(call("surveys", "close_round", payload, version=if_match(), timeout=JUDGING_SECONDS))


def stop_panel(panel_id: str, body: Body) -> Answer:
    """An ended panel."""
    return _on("stop_panel", panel_id, **body, version=if_match())


def get_panel_sheet(panel_id: str) -> Answer:
    """What I work with now."""
    return _on("get_panel_sheet", panel_id)


def save_panel_ideas(panel_id: str, body: Body) -> Answer:
    """My ideas saved."""
    return _on("save_panel_ideas", panel_id, **body)


def save_ratings(panel_id: str, body: Body) -> Answer:
    """Some ratings saved."""
    return _on("save_ratings", panel_id, **body)


def save_ballot(panel_id: str, body: Body) -> Answer:
    """My ballot saved."""
    return _on("save_ballot", panel_id, **body)


def take_turn(panel_id: str, body: Body) -> Answer:
    """One idea for the shared list."""
    return _on("take_turn", panel_id, **body)


def word_panel_item(panel_id: str, item_id: str, body: Body) -> Answer:
    """A shared idea said more clearly."""
    return _on("word_panel_item", panel_id, item_id=item_id, **body)


def merge_panel_item(panel_id: str, item_id: str, body: Body) -> Answer:
    """Two shared ideas made one."""
    return _on("merge_panel_item", panel_id, item_id=item_id, **body)


def advance_panel(panel_id: str, body: Body) -> Answer:
    """The next phase."""
    return _on("advance_panel", panel_id, **body, version=if_match())


def give_time(panel_id: str, body: Body) -> Answer:
    """A few minutes more."""
    return _on("give_time", panel_id, **body)


def get_panel_results(panel_id: str) -> Answer:
    """The stored figures."""
    return _on("get_panel_results", panel_id)


def _on(method: str, panel_id: str, **payload: Any) -> Answer:
    given = {name: value for name, value in payload.items() if value is not None}
    return answer(call("surveys", method, {"panel_id": panel_id, **given}))
