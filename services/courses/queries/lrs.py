"""Reads of the record store. Statements of our own players and those that came from outside are one sequence,
ordered by when they were stored.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, exists, or_, select

from services.courses import policy
from services.courses.domain.xapi import OutOfScope, identity_of, is_about, is_on, with_format
from services.courses.lrs import Party
from services.courses.tables import (
    attempts,
    enrolments,
    statements,
    xapi_statements,
    xapi_states,
    xapi_tools,
    xapi_voids,
)
from shared.actor import ADMIN
from shared.db.tx import Tx, rows
from shared.errors import FieldProblem, Invalid, NotFound
from shared.ids import parse_id
from shared.paging import PageRequest, decode_cursor, encode_cursor, page_of

View = dict[str, Any]
Row = Mapping[str, Any]
PAGE = 100
BATCH = 200
SCANNED = 20_000
"""Statements that one request looks at; a rarer match is found on the next page."""


def list_tools(tx: Tx, wanted: View) -> View:
    """Registered tools, newest first. Raises NotFound for others than admins."""
    if not policy.can_set_h5p_policy(tx.actor):
        raise NotFound
    request = PageRequest.of(wanted["cursor"], wanted["limit"])
    columns = [column for column in xapi_tools.c if column.name != "secret_hash"]
    found = select(*columns).order_by(xapi_tools.c.id.desc()).limit(request.limit + 1)
    if request.after is not None:
        found = found.where(xapi_tools.c.id < parse_id(request.after[0]))
    return page_of(rows(tx, found), request, lambda row: [row["id"]], _tool)


def _tool(row: View) -> View:
    revoked = row["revoked_at"]
    return {
        "id": str(row["id"]), "name": row["name"], "scopes": row["scopes"],
        "created_at": row["created_at"].isoformat(), "revoked_at": revoked.isoformat() if revoked else None,
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Find:
    """The filters of GET statements (part 3, 2.1.3)."""

    agent: str | None = None
    verb: str | None = None
    activity: str | None = None
    registration: str | None = None
    related_agents: bool = False
    related_activities: bool = False
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 0
    format: str = "exact"
    ascending: bool = False
    cursor: str | None = None


def find_statements(tx: Tx, party: Party, find: Find) -> View:
    """{statements, more: cursor or None, consistent_through}. Raises OutOfScope, Invalid."""
    party.require("read-mine")
    limit = min(find.limit or PAGE, PAGE)
    agent = _agent(find.agent)
    matches = _filter(find, agent)
    taken: list[Row] = []
    last: Row | None = None
    for seen, row in enumerate(_rows(tx, party, find, _after(find.cursor))):
        if len(taken) == limit or seen == SCANNED:
            return _page(tx, find, taken, last)
        last = row
        if matches(row["document"]):
            taken.append(row)
    return _page(tx, find, taken, None)


def _page(tx: Tx, find: Find, taken: list[Row], last: Row | None) -> View:
    return {
        "statements": [with_format(row["document"], find.format) for row in taken],
        "more": encode_cursor([last["stored_at"].isoformat(), last["id"]]) if last else None,
        "consistent_through": tx.now.isoformat(),
    }


def _agent(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        found = identity_of(json.loads(text))
    except (ValueError, RecursionError):
        found = ""
    if not found:
        raise Invalid(fields=[FieldProblem("agent", "one-identifier")])
    return found


def _filter(find: Find, agent: str | None) -> Callable[[Row], bool]:
    """What SQL does not decide: people and places anywhere in a statement."""

    def matches(document: Row) -> bool:
        about = agent is None or is_about(document, agent, related=find.related_agents)
        on = find.activity is None or is_on(document, find.activity, related=find.related_activities)
        return about and on

    return matches


Cursor = tuple[datetime, UUID]


def _after(cursor: str | None) -> Cursor | None:
    if cursor is None:
        return None
    parts = decode_cursor(cursor)
    try:
        return datetime.fromisoformat(parts[0]), UUID(parts[1])
    except (ValueError, IndexError):
        raise Invalid(fields=[FieldProblem("cursor", "bad-cursor")]) from None


def _rows(tx: Tx, party: Party, find: Find, after: Cursor | None) -> Iterator[Row]:
    """Statements that the party may read, both tables merged in order."""
    sources = [_batches(tx, _outside(party, find), xapi_statements, find, after)]
    ours = _ours(party, find)
    if ours is not None:
        sources.append(_batches(tx, ours, statements, find, after))
    return merge(*sources, key=lambda row: (row["stored_at"], row["id"]), reverse=not find.ascending)


def _batches(tx: Tx, base: Select[Any], table: Any, find: Find, after: Cursor | None) -> Iterator[Row]:
    while True:
        query = base if after is None else base.where(_beyond(table, after, ascending=find.ascending))
        order = (table.c.stored_at, table.c.id)
        query = query.order_by(*(order if find.ascending else [column.desc() for column in order]))
        found = rows(tx, query.limit(BATCH))
        yield from (row for row in found if not row.get("problems"))
        if len(found) < BATCH:
            return
        after = (found[-1]["stored_at"], found[-1]["id"])


def _beyond(table: Any, after: Cursor, *, ascending: bool) -> Any:
    at, last = after
    if ascending:
        return or_(table.c.stored_at > at, and_(table.c.stored_at == at, table.c.id > last))
    return or_(table.c.stored_at < at, and_(table.c.stored_at == at, table.c.id < last))


def _outside(party: Party, find: Find) -> Select[Any]:
    held = xapi_statements.c
    void = exists().where(xapi_voids.c.statement_id == held.id, xapi_voids.c.owner == held.owner)
    query = select(held.id, held.document, held.stored_at).where(~void, *_conditions(xapi_statements, find))
    if "read" in party.rights:
        return query
    if not party.is_person:
        return query.where(held.owner == party.owner)
    account = held.document[("actor", "account", "name")].as_string() == party.name
    place = held.document[("actor", "account", "homePage")].as_string() == party.homepage
    return query.where(or_(held.owner == party.owner, and_(account, place)))


def _ours(party: Party, find: Find) -> Select[Any] | None:
    """What our players reported; a tool that reads only its own has none of it."""
    if not party.is_person and "read" not in party.rights:
        return None
    held = statements.c
    query = (
        select(held.id, held.document, held.stored_at, held.problems)
        .join(attempts, attempts.c.id == held.attempt_id)
        .join(enrolments, enrolments.c.id == attempts.c.enrolment_id)
        .where(*_conditions(statements, find))
    )
    return query.where(enrolments.c.account_id == party.account_id) if party.is_person else query


def _conditions(table: Any, find: Find) -> list[Any]:
    document, found = table.c.document, []
    if find.verb is not None:
        found.append(document[("verb", "id")].as_string() == find.verb)
    if find.activity is not None and not find.related_activities:
        found.append(document[("object", "id")].as_string() == find.activity)
    if find.registration is not None:
        found.append(document[("context", "registration")].as_string() == find.registration)
    if find.since is not None:
        found.append(table.c.stored_at > find.since)
    if find.until is not None:
        found.append(table.c.stored_at <= find.until)
    return found


def get_statement(tx: Tx, party: Party, statement_id: object, *, voided: bool, shape: str) -> View:
    """One statement by id: a voided one only when asked for as such. Raises NotFound, OutOfScope."""
    party.require("read-mine")
    wanted = parse_id(statement_id)
    for table, query in (
        (xapi_statements, None if voided else _outside(party, Find())),
        (statements, None if voided else _ours(party, Find())),
        (xapi_statements, _voided(party) if voided else None),
    ):
        found = rows(tx, query.where(table.c.id == wanted).limit(1)) if query is not None else []
        if found and not found[0].get("problems"):
            return with_format(found[0]["document"], shape)
    raise NotFound


def _voided(party: Party) -> Select[Any]:
    held = xapi_statements.c
    void = exists().where(xapi_voids.c.statement_id == held.id, xapi_voids.c.owner == held.owner)
    query = select(held.id, held.document, held.stored_at).where(void)
    return query if "read" in party.rights else query.where(held.owner == party.owner)


def export_statements(tx: Tx, party: Party, wanted: View) -> View:
    """A page of everything one may read, oldest first. `everything`: of everybody, for admins. Raises OutOfScope."""
    if wanted["everything"]:
        if not tx.actor.has(ADMIN):
            raise OutOfScope
        party = Party(party.owner, party.homepage, party.name, party.rights | {"read"})
    party.require("read-mine")
    find = Find(ascending=True, cursor=wanted["cursor"])
    limit = PageRequest.of(None, wanted["limit"]).limit
    found = list(islice(_rows(tx, party, find, _after(find.cursor)), limit + 1))
    last = found[limit - 1] if len(found) > limit else None
    return {
        "items": [row["document"] for row in found[:limit]],
        "next_cursor": encode_cursor([last["stored_at"].isoformat(), last["id"]]) if last else None,
    }


# ------------------------------------------------------------------ states


def get_state(tx: Tx, party: Party, place: str, state_id: str) -> View:
    """One document, its content in base 64. Raises NotFound, OutOfScope."""
    party.require("state")
    held = xapi_states.c
    here = (held.owner == party.owner) & (held.place == place) & (held.state_id == state_id)
    columns = (held.content, held.content_type, held.etag, held.updated_at)
    found = rows(tx, select(*columns).where(here))
    if not found:
        raise NotFound
    return found[0] | {"updated_at": found[0]["updated_at"].isoformat()}


def list_states(tx: Tx, party: Party, place: str, since: datetime | None) -> View:
    """{ids}: of the documents of a place, changed since. Raises OutOfScope."""
    party.require("state")
    held = xapi_states.c
    query = (
        select(held.state_id).where(held.owner == party.owner, held.place == place).order_by(held.state_id)
    )
    if since is not None:
        query = query.where(held.updated_at > since)
    return {"ids": list(tx.session.execute(query).scalars())}
