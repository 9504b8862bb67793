"""REST of the surveys service. The board of expressed needs."""

from __future__ import annotations

from typing import Any

from gateway.context import Answer, answer, call, if_match

Body = dict[str, Any]


def list_board(**wanted: Any) -> Answer:
    """A page of entries."""
    names = ("q", "standing", "topic", "mine", "sort", "cursor", "limit")
    return answer(call("surveys", "list_board", {n: wanted[n] for n in names if wanted.get(n) is not None}))


def express_need(body: Body) -> Answer:
    """A new entry."""
    made = call("surveys", "express_need", body)
    return answer(made, 201, location=lambda view: f"/api/v1/board/{view['id']}")


def find_similar(text: str) -> Answer:
    """What says nearly the same."""
    return answer(call("surveys", "find_similar", {"text": text}))


def get_board_entry(entry_id: str) -> Answer:
    """One entry."""
    return _on("get_board_entry", entry_id)


def edit_board_entry(entry_id: str, body: Body) -> Answer:
    """Words for the record."""
    return answer(call("surveys", "edit_board_entry", {**body, "entry_id": entry_id}, version=if_match()))


def withdraw_board_entry(entry_id: str) -> Answer:
    """My own, taken back."""
    return _on("withdraw_board_entry", entry_id)


def support_board_entry(entry_id: str) -> Answer:
    """My support given."""
    return _on("support_board_entry", entry_id)


def withdraw_board_support(entry_id: str) -> Answer:
    """My support taken back."""
    return _on("withdraw_board_support", entry_id)


def merge_board_entry(entry_id: str, body: Body) -> Answer:
    """Two become one."""
    return _on("merge_board_entry", entry_id, **body)


def unmerge_board_entry(entry_id: str) -> Answer:
    """One becomes two again."""
    return _on("unmerge_board_entry", entry_id)


def close_board_entry(entry_id: str, body: Body) -> Answer:
    """What became of it."""
    return _on("close_board_entry", entry_id, **body, version=if_match())


def link_board_entry(entry_id: str, body: Body) -> Answer:
    """Tied, or untied by null."""
    payload = {**body, "entry_id": entry_id}
    return answer(call("surveys", "link_board_entry", payload, version=if_match()))


def adopt_board_entry(entry_id: str) -> Answer:
    """A need of the loop."""
    made = call("surveys", "adopt_board_entry", {"entry_id": entry_id}, version=if_match())
    return answer(made, 201, location=lambda view: f"/api/v1/needs/{view['id']}")


def _on(method: str, entry_id: str, **payload: Any) -> Answer:
    return answer(call("surveys", method, {"entry_id": entry_id, **payload}))
