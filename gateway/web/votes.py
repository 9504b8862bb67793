"""Votes: the list, opening one, voting, and what came of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, redirect, request
from werkzeug.datastructures import MultiDict

from gateway.context import call, current
from gateway.web import survey_forms as forms
from gateway.web.field_links import Places, beside, summary_of
from gateway.web.needs import address
from gateway.web.pages import error_text, field_errors, flash, render, signed_in
from gateway.web.survey_elements.reading import place_in
from gateway.web.survey_words import View, chosen, known_ids, say
from shared.actor import ADMIN, COORDINATOR, ROLES
from shared.errors import CercleError, Conflict, Forbidden, Invalid

pages = Blueprint("pages_votes", __name__)
pages.url_value_preprocessor(known_ids)
METHODS = ("consent", "score", "dots")
STATES = ("open", "closed")
ROLE_ORDER = ("learner", "trainer", "facilitator", "coordinator", "researcher", "admin")


@pages.get("/votes")
@signed_in
def list_votes() -> Any:
    """Votes, newest first; the filter in the address."""
    status = request.args.get("status", "")
    filters = {"status": status if status in STATES else ""}
    query = filters | {"cursor": request.args.get("cursor", "")}
    found = call("surveys", "list_votes", {name: value for name, value in query.items() if value})
    chips = [
        {"text": say(f"proof.votes.{value or 'all'}"), "href": address("/votes", {"status": value}),
         "current": filters["status"] == value}
        for value in ("", *STATES)
    ]  # fmt: skip
    more = address("/votes", filters | {"cursor": found["next_cursor"]}) if found["next_cursor"] else None
    return render("votes/list.html", items=found["items"], chips=chips, more=more)


@pages.get("/votes/new")
@signed_in
def new() -> Any:
    """The terms of a vote; `?proposal=` is already chosen."""
    _coordinators_only()
    closes = forms.local_parts(
        forms.first_closing(datetime.now(UTC), current().time_zone), current().time_zone
    )
    return _new_page({
        "method": "consent", "proposals": request.args.getlist("proposal"), "quorum": "50", "threshold_score": "3",
        "threshold_dots": "40", "roles": [], "closes_at": closes,
    })  # fmt: skip


@pages.post("/votes/new")
@signed_in
def open_vote() -> Any:
    """Open it; what was typed comes back if it cannot be opened."""
    _coordinators_only()
    typed = typed_from(request.form)
    try:
        made = call("surveys", "open_vote", payload_of(typed, current().time_zone))
    except (Invalid, Conflict) as error:
        return _new_page(typed, error)
    flash("success", "proof.vote.opened")
    return redirect(f"/votes/{made['id']}", 303)


def typed_from(form: MultiDict[str, str]) -> View:
    """The terms as typed."""
    names = ("method", "quorum", "threshold_score", "threshold_dots")
    return {name: form.get(name, "") for name in names} | {
        "proposals": form.getlist("proposals"),
        "roles": form.getlist("roles"),
        "closes_at": forms.date_from(form, "closes_at"),
    }


def payload_of(typed: View, zone: str) -> View:
    """Fields for open_vote. Raises Invalid where the closing time cannot be read."""
    method = typed["method"]
    threshold = {"score": number(typed["threshold_score"]), "dots": share(typed["threshold_dots"])}
    return {
        "method": method,
        "proposal_ids": typed["proposals"],
        "quorum": share(typed["quorum"]),
        "threshold": threshold.get(method, 0),
        "roles": typed["roles"],
        "closes_at": forms.instant_of(typed["closes_at"], zone, "closes_at"),
    }


def number(text: str) -> float | str:
    """A number written with a comma or a point; anything else goes on as it is, for the service to refuse."""
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return text


def whole(text: str) -> int | str:
    """A small whole number; anything else goes on as it is, for the service to refuse."""
    found = place_in(text)
    return text if found is None else found


def share(text: str) -> float | str:
    """Per cent as a share 0..1."""
    value = number(text)
    return value / 100 if isinstance(value, float) else value


def _new_page(typed: View, error: CercleError | None = None) -> Any:
    found = call("surveys", "list_proposals", {"status": "open", "limit": 200})["items"]
    free = [one for one in found if one["can"]["vote"]]
    return render(
        "votes/new.html", error.status if error else 200, form=typed, proposals=free, methods=METHODS,
        roles=[role for role in ROLE_ORDER if role in ROLES], zone=current().time_zone, **_problems(error),
    )  # fmt: skip


def _problems(error: CercleError | None) -> View:
    errors = field_errors(error) if error else {}
    return {"errors": errors, "problem": error_text(error) if error and not error.fields else None}


@pages.get("/votes/<vote_id>")
@signed_in
def show(vote_id: str) -> Any:
    """One vote: its rule, one's ballot, and its count once it is closed."""
    return _page(_vote(vote_id), None)


@pages.post("/votes/<vote_id>/ballot")
@signed_in
def cast(vote_id: str) -> Any:
    """Vote or change one's vote. Without the form's key: nothing may be remembered that ties a person to a ballot."""
    context = current()
    given = ballot_of(request.form, _vote(vote_id), context.language)
    try:
        context.bus.call("surveys", "cast_ballot", given | {"vote_id": vote_id}, actor=context.actor)
    except (Invalid, Conflict, Forbidden) as error:
        return _page(_vote(vote_id), given, error)
    flash("success", "proof.vote.cast_now")
    return redirect(f"/votes/{vote_id}", 303)


def ballot_of(form: MultiDict[str, str], vote: View, language: str) -> View:
    """What was chosen, by the vote's method."""
    if vote["method"] == "dots":
        given = {one["id"]: form.get(f"dots-{one['id']}", "0").strip() or "0" for one in vote["proposals"]}
        return {"dots": {name: whole(text) for name, text in given.items()}}
    if vote["method"] == "score":
        return {"score": form.get("score", type=int)}
    position = form.get("position")
    objecting = {"reason": form.get("reason", ""), "language": language} if position == "object" else {}
    return {"position": position, **objecting}


@pages.post("/votes/<vote_id>/withdraw")
@signed_in
def withdraw(vote_id: str) -> Any:
    """Take one's ballot back."""
    context = current()
    context.bus.call("surveys", "withdraw_ballot", {"vote_id": vote_id}, actor=context.actor)
    flash("success", "proof.vote.withdrawn_now")
    return redirect(f"/votes/{vote_id}", 303)


@pages.post("/votes/<vote_id>/cancel")
@signed_in
def cancel(vote_id: str) -> Any:
    """Take a vote back that nobody has voted in."""
    vote = _vote(vote_id)
    try:
        call("surveys", "cancel_vote", {"vote_id": vote_id})
    except Conflict as error:
        return _page(_vote(vote_id), None, error)
    flash("success", "proof.vote.cancelled_now")
    return redirect(f"/proposals/{vote['proposals'][0]['id']}", 303)


def _vote(vote_id: str) -> View:
    found: View = call("surveys", "get_vote", {"vote_id": vote_id})
    return found


def _page(vote: View, given: View | None, error: CercleError | None = None) -> Any:
    mine = (vote["mine"] or {}).get("choice")
    problems, places = _problems(error), _places(vote)
    return render(
        "votes/vote.html", error.status if error else 200, vote=vote, given=given or mine or {}, voted=bool(mine),
        beside=beside(problems["errors"], places), summary=summary_of(problems["errors"], places), **problems,
    )  # fmt: skip


def _places(vote: View) -> Places:
    """Where the fields of a ballot are; what is wrong with all dots together is said at the first."""
    dots = {
        f"dots.{one['id']}": (f"dots-{one['id']}", say("proof.vote.dots_of", title=chosen(one["title"])))
        for one in vote["proposals"]
    }
    return dots | {
        "dots": (f"dots-{vote['proposals'][0]['id']}", say("proof.vote.dots")),
        "position": ("position", say("proof.vote.position")),
        "reason": ("reason", say("proof.vote.reason")),
        "score": ("score", say("proof.vote.score")),
    }


def _coordinators_only() -> None:
    if not current().actor.has(COORDINATOR, ADMIN):
        raise Forbidden
