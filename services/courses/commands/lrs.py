"""Writes of the record store: tools, statements, states."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from services.courses import policy
from services.courses.domain.xapi import (
    VOIDED,
    OutOfScope,
    StateChanged,
    StatementConflict,
    StatementsRefused,
    StateNotJson,
    digest_of,
    problems_of,
)
from services.courses.lrs import Party, place_of
from services.courses.tables import statements, xapi_statements, xapi_states, xapi_tools, xapi_voids
from shared.db.dialect import insert_new, upsert
from shared.db.tx import Tx
from shared.errors import FieldProblem, Forbidden, Invalid, NotFound
from shared.ids import hash_secret, new_id, new_secret, parse_id

View = dict[str, Any]


def register_tool(tx: Tx, name: str, scopes: Sequence[str]) -> View:
    """A tool's key, and its secret, which is told this once. Raises Forbidden."""
    if not policy.can_set_h5p_policy(tx.actor):
        raise Forbidden
    tool_id, secret = new_id(), new_secret()
    tx.session.execute(insert(xapi_tools).values(
        id=tool_id, name=name, secret_hash=hash_secret(secret), scopes=sorted(set(scopes)),
        created_by=tx.actor.require_account(), created_at=tx.now,
    ))  # fmt: skip
    return {
        "id": str(tool_id),
        "name": name,
        "scopes": sorted(set(scopes)),
        "key": str(tool_id),
        "secret": secret,
    }


def revoke_tool(tx: Tx, tool_id: object) -> View:
    """The tool is let in no more; what it stored stays. Raises NotFound."""
    if not policy.can_set_h5p_policy(tx.actor):
        raise NotFound
    here = (xapi_tools.c.id == parse_id(tool_id)) & xapi_tools.c.revoked_at.is_(None)
    gone = update(xapi_tools).where(here).values(revoked_at=tx.now).returning(xapi_tools.c.id)
    if tx.session.execute(gone).first() is None:
        raise NotFound
    return {"id": str(tool_id)}


@dataclass(frozen=True, slots=True)
class StoreStatements:
    party: Party
    given: Sequence[Any]
    statement_id: object | None
    version: str


def store_statements(tx: Tx, cmd: StoreStatements) -> View:
    """All of them or none. A statement that is there already, and means the same, changes nothing.

    Raises StatementsRefused, StatementConflict, OutOfScope.
    """
    cmd.party.require("write")
    batch = [_identified(one, cmd.statement_id) for one in cmd.given]
    problems = [
        FieldProblem(f"statements.{at}.{problem.path}", problem.code, problem.params)
        for at, one in enumerate(batch)
        for problem in problems_of(one)
    ]
    ids = [str(one.get("id")) for one in batch if isinstance(one, dict)]
    if len(set(ids)) != len(ids):
        problems.append(FieldProblem("statements", "same-id-twice"))
    if problems:
        raise StatementsRefused(fields=problems)
    for one in batch:
        cmd.party.must_be(one["actor"])
        _store(tx, cmd, one)
    return {"ids": [str(UUID(one["id"])) for one in batch]}


def _identified(given: object, wanted: object | None) -> Any:
    if not isinstance(given, dict):
        return given
    if wanted is not None and given.get("id", wanted) != wanted:
        raise StatementsRefused(fields=[FieldProblem("statements.0.id", "other-id")])
    return {"id": str(wanted if wanted is not None else new_id()), **given}


def _store(tx: Tx, cmd: StoreStatements, given: Mapping[str, Any]) -> None:
    digest, statement_id = digest_of(given), UUID(given["id"])
    # What the store itself decides: who vouches for it, when it came, by which rules.
    document = dict(given) | {
        "id": str(statement_id), "authority": cmd.party.agent, "stored": tx.now.isoformat(),
        "timestamp": given.get("timestamp", tx.now.isoformat()), "version": given.get("version", cmd.version),
    }  # fmt: skip
    row = {
        "id": statement_id, "owner": cmd.party.owner, "digest": digest, "document": document, "stored_at": tx.now,
    }  # fmt: skip
    ours = tx.session.execute(select(statements.c.id).where(statements.c.id == statement_id)).first()
    if ours is not None:
        raise StatementConflict
    if insert_new(tx.session, xapi_statements, row):
        _void(tx, cmd.party, given)
        return
    held = xapi_statements.c
    known = tx.session.execute(select(held.digest, held.owner).where(held.id == statement_id)).one()
    if known.digest != digest or known.owner != cmd.party.owner:
        raise StatementConflict


def _void(tx: Tx, party: Party, statement: Mapping[str, Any]) -> None:
    """Only of the same owner, and never a statement that itself voids (part 2, 2.3.2)."""
    if statement["verb"]["id"] != VOIDED:
        return
    target = UUID(statement["object"]["id"])
    held = xapi_statements.c
    known = tx.session.execute(select(held.owner, held.document).where(held.id == target)).first()
    if known is not None and known.owner != party.owner:
        raise OutOfScope
    if known is not None and known.document["verb"]["id"] == VOIDED:
        raise StatementsRefused(fields=[FieldProblem("object", "voids-a-voiding")])
    insert_new(tx.session, xapi_voids, {"statement_id": target, "owner": party.owner})


# ------------------------------------------------------------------ states


@dataclass(frozen=True, slots=True)
class WriteState:
    party: Party
    activity_id: str
    agent: Mapping[str, Any]
    registration: str | None
    state_id: str
    content: str
    content_type: str
    merge: bool
    if_match: str | None
    if_none_match: str | None


def write_state(tx: Tx, cmd: WriteState) -> View:
    """Keep a document. Raises OutOfScope, StateChanged, StateNotJson, Invalid."""
    cmd.party.require("state")
    cmd.party.must_be(cmd.agent)
    key = {
        "owner": cmd.party.owner, "place": place_of(cmd.activity_id, cmd.agent, cmd.registration),
        "state_id": cmd.state_id,
    }  # fmt: skip
    here = [xapi_states.c[name] == value for name, value in key.items()]
    old = tx.session.execute(select(xapi_states).where(*here).with_for_update()).mappings().first()
    _require_match(old["etag"] if old else None, cmd.if_match, cmd.if_none_match)
    data, kind = _bytes(cmd.content), cmd.content_type
    if cmd.merge:
        data = _merged(old, data, kind)
    etag = hashlib.sha1(data).hexdigest()  # noqa: S324 part 3, 3.1 asks for SHA-1; it is no secret
    upsert(tx.session, xapi_states, key | {
        "content_type": kind, "content": base64.b64encode(data).decode(), "etag": etag, "updated_at": tx.now,
    })  # fmt: skip
    return {"etag": etag}


def _require_match(etag: str | None, if_match: str | None, if_none_match: str | None) -> None:
    wanted = (if_match or "").strip().strip('"')
    if if_match is not None and (etag is None or wanted not in (etag, "*")):
        raise StateChanged
    refused = (if_none_match or "").strip().strip('"')
    if if_none_match is not None and etag is not None and refused in (etag, "*"):
        raise StateChanged


def _bytes(content: str) -> bytes:
    try:
        return base64.b64decode(content, validate=True)
    except binascii.Error:
        raise Invalid(fields=[FieldProblem("content", "not-base64")]) from None


def _merged(old: Mapping[Any, Any] | None, data: bytes, kind: str) -> bytes:
    """Two JSON objects as one, the newer fields on top (part 3, 2.2.7)."""
    before = _json(_bytes(old["content"]), old["content_type"]) if old else {}
    return json.dumps(before | _json(data, kind)).encode()


def _json(data: bytes, kind: str) -> dict[str, Any]:
    try:
        found = json.loads(data) if kind.partition(";")[0].strip() == "application/json" else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise StateNotJson
    return found


def delete_states(tx: Tx, party: Party, place: str, state_id: str | None, if_match: str | None) -> View:
    """Forget one document, or all of a place. Raises OutOfScope, StateChanged."""
    party.require("state")
    here = [xapi_states.c.owner == party.owner, xapi_states.c.place == place]
    if state_id is not None:
        here.append(xapi_states.c.state_id == state_id)
        etag = tx.session.execute(select(xapi_states.c.etag).where(*here)).scalar()
        _require_match(etag, if_match, None)
    tx.session.execute(delete(xapi_states).where(*here))
    return {}
