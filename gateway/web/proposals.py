"""Proposals: the list, one of them, endorsing it, editing it, deciding it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request

from gateway.context import call, current
from gateway.web.needs import address, row_of
from gateway.web.pages import error_text, field_errors, flash, render, signed_in
from gateway.web.proposal_forms import payload_of, typed_from, typed_of
from gateway.web.survey_forms import pair_from
from gateway.web.survey_words import View, course_href, known_ids, loop_steps, names_of, say
from shared.errors import CercleError, Conflict, Forbidden, Invalid, Stale

pages = Blueprint("pages_proposals", __name__)
pages.url_value_preprocessor(known_ids)
STATUSES = ("open", "approved", "declined")
OUTCOMES = ("approved", "declined")


@pages.get("/proposals")
@signed_in
def list_proposals() -> Any:
    """All proposals, newest first; filters in the address."""
    status = request.args.get("status", "")
    filters = {"status": status if status in STATUSES else ""}
    query = filters | {"cursor": request.args.get("cursor", "")}
    found = call("surveys", "list_proposals", {name: value for name, value in query.items() if value})
    chips = [
        {"text": say(f"surveys.proposals.filter.{value or 'all'}"), "href": address("/proposals", {"status": value}),
         "current": filters["status"] == value}
        for value in ("", *STATUSES)
    ]  # fmt: skip
    more = (
        address("/proposals", filters | {"cursor": found["next_cursor"] or ""})
        if found["next_cursor"]
        else None
    )
    return render(
        "proposals/list.html", items=found["items"], chips=chips, more=more, wanted=filters["status"]
    )


@pages.get("/proposals/<proposal_id>")
@signed_in
def show(proposal_id: str) -> Any:
    """One proposal with its endorsements and its decision, or the form to decide it."""
    return _page(_proposal(proposal_id), {"outcome": "", "reason": {}})


@pages.post("/proposals/<proposal_id>/endorse")
@signed_in
def endorse(proposal_id: str) -> Any:
    """Endorse."""
    return _endorsed(call("surveys", "endorse_proposal", {"proposal_id": proposal_id}))


@pages.post("/proposals/<proposal_id>/withdraw")
@signed_in
def withdraw(proposal_id: str) -> Any:
    """Take one's endorsement back."""
    return _endorsed(call("surveys", "withdraw_endorsement", {"proposal_id": proposal_id}))


def _endorsed(proposal: View) -> Any:
    return redirect(f"/proposals/{proposal['id']}", 303)


@pages.get("/proposals/<proposal_id>/edit")
@signed_in
def edit(proposal_id: str) -> Any:
    """The form, for coordinators, while it is open."""
    proposal = _proposal(proposal_id)
    if not proposal["can"]["edit"]:
        raise Forbidden
    return _form_page(proposal, typed_of(proposal, current().language))


@pages.post("/proposals/<proposal_id>/edit")
@signed_in
def save(proposal_id: str) -> Any:
    """Save; after someone else's change the page comes back with what was written here."""
    typed = typed_from(request.form)
    try:
        call("surveys", "edit_proposal", payload_of(typed), proposal_id=proposal_id, version=typed["version"])
    except (Invalid, Stale) as error:
        proposal = _proposal(proposal_id)
        return _form_page(proposal, typed | {"version": proposal["version"]}, error)
    flash("success", "surveys.proposal.saved")
    return redirect(f"/proposals/{proposal_id}", 303)


@pages.post("/proposals/<proposal_id>/decide")
@signed_in
def decide(proposal_id: str) -> Any:
    """Put the decision on record, once."""
    typed = {"outcome": request.form.get("outcome", ""), "reason": pair_from(request.form, "reason")}
    payload = typed | {"proposal_id": proposal_id, "version": request.form.get("version", 0, type=int)}
    try:
        decided = call("surveys", "decide_proposal", payload)
    except (Invalid, Conflict) as error:
        return _page(_proposal(proposal_id), typed, error)
    flash("success", f"surveys.proposal.{decided['status']}_now")
    return redirect(f"/proposals/{proposal_id}#decision", 303)


def _proposal(proposal_id: str) -> View:
    found: View = call("surveys", "get_proposal", {"proposal_id": proposal_id})
    return found


def _page(proposal: View, typed: View, error: CercleError | None = None) -> Any:
    loop = call("surveys", "get_loop", {"need_id": proposal["need_id"]})
    decision = proposal["decision"] or {}
    # An older proposal that was declined has no part in what came after it.
    own = loop if (loop["proposal"] or {}).get("id") == proposal["id"] else None
    return render(
        "proposals/proposal.html", error.status if error else 200, proposal=proposal, form=typed, loop=own,
        need=row_of(loop["need"]), steps=loop_steps(loop),
        names=names_of([proposal["opened_by"], decision.get("decided_by")]),
        course_href=course_href(own["course"]) if own else None,
        errors=field_errors(error) if error else {}, problem=error_text(error) if error and not error.fields else None,
    )  # fmt: skip


def _form_page(proposal: View, typed: View, error: CercleError | None = None) -> Any:
    need = call("surveys", "get_need", {"need_id": proposal["need_id"]})
    return render(
        "proposals/form.html", error.status if error else 200, need=row_of(need), proposal=proposal, form=typed,
        errors=field_errors(error) if error else {}, problem=error_text(error) if error and not error.fields else None,
    )  # fmt: skip
