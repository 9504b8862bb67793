"""Whom a need waits for, for what, and since when: the next step of its loop in the words of the board."""

from __future__ import annotations

from typing import Any

COORDINATION, TRAINERS, MEMBERS, NOBODY = WHOM = ("coordination", "trainers", "members", "nobody")
View = dict[str, Any]


def waiting_of(need: View, proposal: View | None, course: View | None, follow_up: View) -> View:
    """{whom, what, since}; `what`: propose, vote, decide, draft, publish, learn, measure, carry-over or nothing.

    `since`: the instant of the step before, or None where it is not known.
    """
    whom, what, since = _next(need, proposal, course, follow_up)
    return {"whom": whom, "what": what, "since": since}


def _next(
    need: View, proposal: View | None, course: View | None, follow_up: View
) -> tuple[str, str, str | None]:
    said = follow_up["verdict"]
    if said is not None:
        return _after_verdict(said)
    if course is not None:
        return _of_course(course, follow_up)
    if proposal is None or proposal["status"] == "declined":
        return COORDINATION, "propose", _decided_at(proposal) or need["ranked_at"]
    if proposal["status"] == "approved":
        return TRAINERS, "draft", _decided_at(proposal)
    return _of_proposal(proposal)


def _after_verdict(said: View) -> tuple[str, str, str | None]:
    """What is not met goes into the next survey, which the coordination drafts."""
    if said["verdict"] in ("unmet", "partly-met"):
        return COORDINATION, "carry-over", said["decided_at"]
    return NOBODY, "nothing", said["decided_at"]


def _of_course(course: View, follow_up: View) -> tuple[str, str, str | None]:
    if course["status"] == "drafted":
        return TRAINERS, "publish", course["since"]
    answered = any(wave["answered"]["value"] != 0 for wave in follow_up["waves"] if wave["wave"] != "before")
    return MEMBERS, "measure" if answered else "learn", course["since"]


def _of_proposal(proposal: View) -> tuple[str, str, str | None]:
    vote = proposal["vote"]
    if vote is None:
        return COORDINATION, "decide", proposal["opened_at"]
    if vote["status"] == "closed":
        return COORDINATION, "decide", vote["closed_at"]
    return MEMBERS, "vote", proposal["opened_at"]


def _decided_at(proposal: View | None) -> str | None:
    return proposal["decision"]["decided_at"] if proposal and proposal["decision"] else None
