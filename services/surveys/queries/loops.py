"""What became of each need: figures, proposal, decision, course, learners. Five statements for any number of needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from services.surveys import policy, store, tables
from services.surveys.domain.loop import count_view, steps_of
from services.surveys.domain.waiting import waiting_of
from services.surveys.queries.follow_up import evidence_of, follow_ups_of
from services.surveys.queries.needs import NeedFilter, list_needs, need_rows, need_view, row_key
from services.surveys.queries.proposals import proposal_rows, proposal_view
from services.surveys.queries.surveys import instant
from shared.db.tx import Tx, rows
from shared.errors import NotFound
from shared.paging import PageRequest, page_of

View = dict[str, Any]


def get_loop(tx: Tx, need_id: UUID) -> View:
    """The loop of one need. Raises NotFound."""
    tx.actor.require_account()
    found = rows(tx, need_rows(tx.actor).where(tables.needs.c.id == need_id))
    if not found:
        raise NotFound
    return loops_of(tx, found)[need_id]


def list_loops(tx: Tx, wanted: NeedFilter, request: PageRequest) -> View:
    """The coordinator's board, by rank."""
    store.require_coordinator(tx.actor)
    found = list_needs(tx, wanted, request)
    loops = loops_of(tx, found)
    return page_of(found, request, row_key, lambda row: loops[row["id"]])


def need_of_course(tx: Tx, course_id: UUID) -> View:
    """The need a course answers, and the proposal it came from. Raises NotFound when there is none."""
    tx.actor.require_account()
    table = tables.loop_courses
    course = rows(tx, select(table.c.need_id, table.c.proposal_id).where(table.c.course_id == course_id))
    need = rows(tx, need_rows(tx.actor).where(tables.needs.c.id == course[0]["need_id"])) if course else []
    if not need:
        raise NotFound
    proposals = rows(tx, proposal_rows(tx).where(tables.proposals.c.id == course[0]["proposal_id"]))
    shown = proposal_view(tx, proposals[0]) if proposals else None
    return {"course_id": str(course_id), "need": need_view(need[0]), "proposal": shown}


def loops_of(tx: Tx, needs: Sequence[View]) -> dict[UUID, View]:
    """Loop by need id, for rows of `need_rows`; the number of statements does not grow with the rows."""
    ids = [row["id"] for row in needs]
    proposals, courses = _newest_proposals(tx, ids), _courses(tx, ids)
    topics, learners = _topics(tx, ids), _learners(tx, ids)
    follow_ups = follow_ups_of(tx, ids, exact=policy.can_see_small_counts(tx.actor))
    return {
        row["id"]: _loop(
            tx, need_view(row), proposals.get(row["id"]),
            {"course": courses.get(row["id"]), "topic_id": topics.get(row["id"]), "follow_up": follow_ups[row["id"]],
             **learners.get(row["id"], {})},
        )
        for row in needs
    }  # fmt: skip


def _loop(tx: Tx, need: View, proposal: View | None, after: View) -> View:
    exact, course = policy.can_see_small_counts(tx.actor), after["course"]
    enrolled, completed = after.get("enrolled", 0), after.get("completed", 0)
    counts = {
        "enrolments": count_view(enrolled, exact),
        "completions": count_view(completed, exact),
        "any_completion": completed > 0 and (exact or completed >= 5),
    }
    metric = need["metric"]
    figures = ("method", "value", "ci_low", "ci_high", "n", "rank", "tied")
    return {
        "need": need,
        "figures": {name: metric[name] for name in figures},
        "proposal": proposal,
        "decision": proposal["decision"] if proposal else None,
        "course": course,
        "topic_id": after["topic_id"],
        "enrolments": counts["enrolments"],
        "completions": counts["completions"],
        "follow_up": after["follow_up"],
        "evidence": [evidence_of(kind) for kind in ("enrolments", "completions")],
        "waiting": waiting_of(need, proposal, course, after["follow_up"]),
        "steps": steps_of(need, proposal, course, enrolled, counts, after["follow_up"]),
    }


def _newest_proposals(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, View]:
    """By need; a later one replaces an earlier one, which was declined."""
    table = tables.proposals
    found = rows(tx, proposal_rows(tx).where(table.c.need_id.in_(ids)).order_by(table.c.id))
    return {row["need_id"]: proposal_view(tx, row) for row in found}


def _courses(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, View]:
    """By need; a published course before a draft, then the newest."""
    table = tables.loop_courses
    chosen = select(table.c.course_id, table.c.need_id, table.c.title, table.c.edition, table.c.changed_at)
    ordered = chosen.where(table.c.need_id.in_(ids)).order_by(table.c.edition > 0, table.c.course_id)
    return {row["need_id"]: _course(row) for row in rows(tx, ordered)}


def _course(row: View) -> View:
    status = "published" if row["edition"] else "drafted"
    return {
        "id": str(row["course_id"]),
        "title": row["title"],
        "status": status,
        "since": instant(row["changed_at"]),
    }


def _topics(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, str]:
    table = tables.loop_topics
    chosen = (
        select(table.c.topic_id, table.c.need_id).where(table.c.need_id.in_(ids)).order_by(table.c.topic_id)
    )
    return {row["need_id"]: str(row["topic_id"]) for row in rows(tx, chosen)}


def _learners(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """By need and kind; a person who took two courses of one need counts once."""
    course, learner = tables.loop_courses, tables.loop_learners
    people = func.count(learner.c.account_id.distinct()).label("people")
    chosen = select(course.c.need_id, learner.c.kind, people).join(
        learner, learner.c.course_id == course.c.course_id
    )
    out: dict[UUID, dict[str, int]] = {}
    for row in rows(tx, chosen.where(course.c.need_id.in_(ids)).group_by(course.c.need_id, learner.c.kind)):
        out.setdefault(row["need_id"], {})[row["kind"]] = row["people"]
    return out
