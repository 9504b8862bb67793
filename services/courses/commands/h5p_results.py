"""What a player says of its questions becomes rows of `results`, with the platform's own score where it can tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from services.courses import h5p
from services.courses.domain.results import WHOLE
from services.courses.h5p import scoring
from services.courses.lineage import read_params
from services.courses.tables import h5p_contents, results
from shared.db.dialect import upsert
from shared.db.tx import Tx
from shared.storage import Storage

_TELLING = frozenset({"answered", "completed", "passed", "failed", "mastered", "scored"})
_PROMPT = 2_000
_TEXT = 5_000
_CLOSE = 0.005
"""Players round a scaled score."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What a statement about the whole content is worth: a scaled score (-1..1), and whether it is a pass."""

    score: float | None = None
    success: bool | None = None


def take_result(
    tx: Tx, storage: Storage, attempt_id: UUID, content_id: str, statement: h5p.Statement
) -> Worth:
    """Keep what a statement says of a question, or of the whole. The platform's score counts where it has one."""
    claim = Worth(statement.score.scaled if statement.score else None, statement.success)
    answer = h5p.interaction_result(statement)
    if statement.verb not in _TELLING or (answer is None and not statement.is_final):
        return claim
    sub_id = statement.sub_content_id or WHOLE
    if sub_id == WHOLE and statement.parent_iri is not None:
        return claim  # a part that has no id of its own cannot be told from its siblings
    parts = content_parts(tx, storage, statement, content_id)
    part = next((part for part in parts if part.id == sub_id), None)
    row = _row(statement, answer, part) | {"attempt_id": attempt_id, "sub_id": sub_id, "stored_at": tx.now}
    row |= _points(tx, attempt_id, statement, answer, part, parts)
    if part is None:
        row["position"] = len(parts) + _count(tx, attempt_id)
    upsert(tx.session, results, row)
    if row["claimed"] or not row["max_score"]:
        return claim
    return Worth(row["score"] / row["max_score"], row["success"])


def content_parts(
    tx: Tx, storage: Storage, statement: h5p.Statement, content_id: str
) -> Sequence[scoring.Part]:
    """The content that the statement is about, which an edit may have replaced meanwhile, and what is in it."""
    extensions = statement.document["object"].get("definition", {}).get("extensions", {})
    columns = h5p_contents.c
    for given in (extensions.get(h5p.CONTENT_EXTENSION), content_id):
        try:
            wanted = UUID(str(given))
        except ValueError:
            continue
        row = tx.session.execute(
            select(columns.prefix, columns.main_library).where(columns.id == wanted)
        ).first()
        if row is not None:
            return _parts(storage, row.prefix, row.main_library)  # type: ignore[arg-type]
    return ()


@lru_cache(maxsize=32)  # the files of a content never change
def _parts(storage: Storage, prefix: str, library: str) -> Sequence[scoring.Part]:
    return tuple(scoring.parts_of(library, read_params(storage, prefix)))


def _row(
    statement: h5p.Statement, answer: h5p.InteractionResult | None, part: scoring.Part | None
) -> dict[str, Any]:
    parent = (statement.parent_iri or "").partition("?subContentId=")[2] or None
    default = WHOLE if statement.sub_content_id else None
    return {
        "kind": answer.kind if answer else "compound",
        "prompt": _prompt(statement.document["object"].get("definition", {})),
        "response": _readable(answer, answer.response) if answer and statement.response is not None else None,
        "correct": _readable(answer, answer.correct_responses[0])
        if answer and answer.correct_responses
        else None,
        "parent_id": part.parent if part else (parent or default),
        "position": part.position if part else 0,
    }


def _prompt(definition: Mapping[str, Any]) -> dict[str, str]:
    """The question's own words. Players write every language under "en-US", so that a single one means nothing."""
    words = definition.get("description") or definition.get("name") or {}
    texts = {code[:2]: scoring.plain(text)[:_PROMPT] for code, text in words.items()}
    if {"fr", "en"} <= texts.keys():
        return {"fr": texts["fr"], "en": texts["en"]}
    return {"und": next(iter(texts.values()), "")}


def _readable(answer: h5p.InteractionResult, parts: Sequence[Any]) -> list[Any]:
    """Ids as the texts that they stand for."""

    def said(text: str) -> str:
        labels = answer.labels.get(text)
        return scoring.plain(next(iter(labels.values()), text) if labels else text)[:_TEXT]

    return [[said(one) for one in part] if isinstance(part, tuple) else said(part) for part in parts]


def _points(
    tx: Tx, attempt_id: UUID, statement: h5p.Statement, answer: h5p.InteractionResult | None,
    part: scoring.Part | None, parts: Sequence[scoring.Part],
) -> dict[str, Any]:  # fmt: skip
    """Score, highest score and pass: ours, else the player's; and whether the two differ."""
    claim = _claim(statement)
    ours = _judged(statement, answer, part) or _summed(tx, attempt_id, statement, claim, part, parts)
    if ours is None:
        score, highest = claim or (None, None)
        return {
            "score": score, "max_score": highest, "success": statement.success, "claimed": True,
            "flagged": answer.disagrees if answer else False, "claimed_score": None,
        }  # fmt: skip
    differs = claim is not None and abs(ours.score / ours.highest - claim.score / claim.highest) > _CLOSE
    return {
        "score": ours.score, "max_score": ours.highest, "success": ours.success, "claimed": False,
        "flagged": differs, "claimed_score": claim.score if claim and differs else None,
    }  # fmt: skip


def _claim(statement: h5p.Statement) -> scoring.Points | None:
    score = statement.score
    if score is None:
        return None
    if score.raw is not None and score.max:
        return scoring.Points(score.raw, score.max)
    return None if score.scaled is None else scoring.Points(score.scaled, 1.0)


def _judged(
    statement: h5p.Statement, answer: h5p.InteractionResult | None, part: scoring.Part | None
) -> scoring.Judged | None:
    if part is None or answer is None or statement.response is None:
        return None
    definition = statement.document["object"].get("definition", {})
    patterns = definition.get("correctResponsesPattern") or [""]
    labels = {key: scoring.plain(next(iter(text.values()), "")) for key, text in answer.labels.items()}
    return scoring.judge(part, scoring.Answer(statement.response, patterns[0], labels))


def _summed(
    tx: Tx, attempt_id: UUID, statement: h5p.Statement, claim: scoring.Points | None,
    part: scoring.Part | None, parts: Sequence[scoring.Part],
) -> scoring.Judged | None:  # fmt: skip
    """A compound's claim, held against its parts: it may be less than they prove (they may be from a try before)."""
    if part is None or part.id != WHOLE or claim is None:
        return None
    sums = scoring.proven(list(parts), _known(tx, attempt_id))
    if sums is None:
        return None
    highest = max(sums.highest, claim.highest)
    score = min(claim.score, sums.score)
    success = statement.success is True and score == claim.score and highest == claim.highest
    return scoring.Judged(score, highest, success)


def _known(tx: Tx, attempt_id: UUID) -> dict[str, scoring.Points]:
    """What was judged so far, by part."""
    columns = results.c
    mine = (columns.attempt_id == attempt_id) & columns.claimed.is_(False) & columns.score.is_not(None)
    found = tx.session.execute(select(columns.sub_id, columns.score, columns.max_score).where(mine))
    return {row.sub_id: scoring.Points(row.score, row.max_score) for row in found}


def _count(tx: Tx, attempt_id: UUID) -> int:
    counted = select(func.count()).select_from(results).where(results.c.attempt_id == attempt_id)
    return tx.session.execute(counted).scalar_one()
