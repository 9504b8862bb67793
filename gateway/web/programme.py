"""The coordinator's board: every need with its place in the loop, grouped by whom it waits for, and since when."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from gateway.context import call
from gateway.web.charts.model import to_csv
from gateway.web.needs import address, chosen_filters, filter_chips, row_of
from gateway.web.pages import render, signed_in
from gateway.web.proof_words import blank, cell, count, newest, share
from gateway.web.survey_words import TOP, View, chosen, loop_steps, say

pages = Blueprint("pages_programme", __name__)
GROUPS = ("decide", "propose", "votes", "trainers", "members", "verdicts", "later")
WHOM = ("coordination", "trainers", "members", "nobody")
PAGE = 200
CSV_HEAD = (
    "rank", "need", "source", "status", "waits_for", "what", "since", "endorsements", "vote", "decision", "course",
    "enrolments", "completions", "last_wave", "n_pairs", "gap_change", "verdict",
)  # fmt: skip


@pages.get("/programme")
@signed_in
def board() -> Any:
    """Key figures and alerts, then the needs: first what waits for the coordination, last what only waits its turn."""
    filters, whom = chosen_filters(), waiting_filter()
    found = _loops(filters)
    surveys = call("surveys", "list_surveys", {"limit": 50})["items"]
    everything = [card_of(loop) for loop in found["items"]]
    cards = [card for card in everything if whom in ("", card["waiting"]["whom"])]
    kept = filters | ({"waiting": whom} if whom else {})
    chips = filter_chips("/programme", filters, surveys) | {"waiting": _waiting_chips(filters, whom)}
    return render(
        "programme/board.html", cards=cards, figures=figures_of(everything), filters=kept,
        groups=[(name, [card for card in cards if card["group"] == name]) for name in GROUPS],
        chips=chips, alerts=[card for card in everything if card["uncovered"]],
        votes=call("surveys", "list_votes", {"status": "open"})["items"],
        follow_ups=[card for card in everything if card["follow_up"]["series"] and not card["follow_up"]["verdict"]],
        carry=sum(card["waiting"]["what"] == "carry-over" for card in everything), csv=address("/programme.csv", kept),
        more=address("/programme", kept | {"cursor": found["next_cursor"]}) if found["next_cursor"] else None,
    )  # fmt: skip


@pages.get("/programme.csv")
@signed_in
def board_csv() -> Response:
    """The same needs under the same filters, one row each."""
    filters, whom = chosen_filters(), waiting_filter()
    rows, cursor = [], ""
    while True:
        found = _loops(filters, cursor)
        rows += [csv_row(loop) for loop in found["items"] if whom in ("", loop["waiting"]["whom"])]
        cursor = found["next_cursor"]
        if not cursor:
            break
    headers = {"Content-Disposition": 'attachment; filename="programme.csv"'}
    return Response(to_csv(CSV_HEAD, rows), mimetype="text/csv", headers=headers)


def _loops(filters: dict[str, str], cursor: str | None = None) -> View:
    wanted = cursor or request.args.get("cursor") or ""
    found: View = call(
        "surveys", "list_loops", filters | {"limit": PAGE} | ({"cursor": wanted} if wanted else {})
    )
    return found


def waiting_filter() -> str:
    """For whom, as in the address; anything else is no filter."""
    whom = request.args.get("waiting", "")
    return whom if whom in WHOM else ""


def _waiting_chips(filters: dict[str, str], whom: str) -> list[View]:
    return [
        {"text": say(f"proof.board.whom.{value or 'all'}"), "current": whom == value,
         "href": address("/programme", filters | {"waiting": value})}
        for value in ("", *WHOM)
    ]  # fmt: skip


def card_of(loop: View) -> View:
    """A need on the board; `uncovered`: among the top five and without a course that one can take."""
    need = row_of(loop["need"])
    top = need["rank"] is not None and need["rank"] <= TOP
    covered = loop["follow_up"]["verdict"] or (loop["course"] or {}).get("status") == "published"
    return loop | {
        "need": need,
        "track": loop_steps(loop),
        "uncovered": top and not covered,
        "group": group_of(loop, top),
        "newest": newest(loop),
        "waves": [
            {"name": say(f"proof.wave.{wave['wave']}"), "rate": share(wave["rate"]),
             "answered": count(wave["answered"]), "asked": count(wave["asked"])}
            for wave in loop["follow_up"]["waves"] if wave["asked"]["value"] != 0
        ],
    }  # fmt: skip


def group_of(loop: View, top: bool) -> str:
    """The part of the board where a need stands."""
    if loop["follow_up"]["verdict"]:
        return "verdicts"
    what = loop["waiting"]["what"]
    if what == "propose":
        return "propose" if top else "later"
    return {"decide": "decide", "vote": "votes", "draft": "trainers", "publish": "trainers"}.get(
        what, "members"
    )


def figures_of(cards: list[View]) -> dict[str, int]:
    """What the board says in a few numbers."""
    return {
        "needs": len(cards),
        "uncovered": sum(card["uncovered"] for card in cards),
        "decide": sum(card["group"] == "decide" for card in cards),
        "published": sum((card["course"] or {}).get("status") == "published" for card in cards),
        "verdicts": sum(card["group"] == "verdicts" for card in cards),
    }


def csv_row(loop: View) -> list[Any]:
    """One need as a row of the file."""
    need, proposal, waits = loop["need"], loop["proposal"] or {}, loop["waiting"]
    measured = [wave for wave in loop["follow_up"]["waves"] if wave["measure"]]
    nothing: View = {"wave": "", "measure": {"n": None, "gap": {"change": None}}}
    last = measured[-1] if measured else nothing
    values = [
        need["rank"], chosen(need["statement"]), need["source_type"], need["status"], waits["whom"], waits["what"],
        waits["since"], proposal.get("endorsements"), (proposal.get("vote") or {}).get("outcome"),
        (loop["decision"] or {}).get("outcome"), (loop["course"] or {}).get("status"), cell(loop["enrolments"]),
        cell(loop["completions"]), last["wave"], last["measure"]["n"], last["measure"]["gap"]["change"],
        (loop["follow_up"]["verdict"] or {}).get("verdict"),
    ]  # fmt: skip
    return [blank(value) for value in values]
