"""Writing quizzes and the question bank, and what a trainer grants a learner in quizzes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from xblock.core import XBlock

from services.courses import policy, quiz_views, store
from services.courses.commands import uploads
from services.courses.commands.writing import Edit, edited
from services.courses.domain.errors import FileRefused, WrongKind
from services.courses.domain.files import judge
from services.courses.domain.outline import ACTIVITY, QUIZ, Outline, OutlineItem
from services.courses.domain.questions import problems, ready_in, words_of
from services.courses.domain.quiz import BANK, OWN, Entry, QuizRefused, Version, rule_problems
from services.courses.players.question_bank import QuizService
from services.courses.tables import (
    accommodations,
    attempts,
    bank_questions,
    bank_tags,
    bank_versions,
    enrolments,
    quiz_attempts,
    quiz_images,
)
from shared.db.dialect import upsert
from shared.db.tx import Tx
from shared.errors import FieldProblem, Forbidden, NotFound, Stale
from shared.ids import new_id, parse_id
from shared.messaging.bus import Call
from shared.messaging.service import Service
from shared.text import fold

View = dict[str, Any]
MOST_BYTES = 5 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class SetQuiz:
    activity_id: object
    version: int
    entries: Sequence[Mapping[str, Any]]
    rules: Mapping[str, Any]


def set_quiz(tx: Tx, cmd: SetQuiz) -> Edit:
    """Replace the entries and rules of a quiz. An own question that was changed becomes its next version.

    Raises NotFound, Forbidden, Stale, WrongKind, QuizRefused with every reason.
    """
    item = store.edit_item(tx, cmd.activity_id, cmd.version, ACTIVITY)
    if item.block_type != QUIZ:
        raise WrongKind
    block = store.runtime_for(tx, role="author", user=False).get_block(str(item.id))
    course = store.load_course(tx, item.course_id)
    entries = _entries(cmd.entries, {entry["id"]: entry for entry in block.entries})
    found = [FieldProblem(f"rules.{path}", code) for path, code in rule_problems(cmd.rules)]
    found += _problems(tx, entries, block)
    if found:
        raise QuizRefused(fields=found)
    block.write(entries, QuizService(tx.session).pools(entries, course.author_id), cmd.rules)
    item.ready_in = block.ready_languages()
    return edited(course, item.id)


def _entries(given: Sequence[Mapping[str, Any]], before: Mapping[str, Entry]) -> list[dict[str, Any]]:
    """With ids, and own questions with their version."""
    made = []
    for one in given:
        entry = {name: value for name, value in one.items() if value is not None or name == "question"}
        known = before.get(str(one.get("id")))
        entry["id"] = known["id"] if known else str(new_id())
        if entry["kind"] == OWN:
            same = known is not None and known["kind"] == OWN
            version = known["version"] if known and same else 0
            unchanged = known is not None and same and known["question"] == entry["question"]
            entry["version"] = version if unchanged else version + 1
        made.append(entry)
    return made


def _problems(tx: Tx, entries: Sequence[Entry], block: XBlock) -> Iterable[FieldProblem]:
    seen: set[str] = set()
    kept = {(entry["question_id"], entry["version"]) for entry in block.entries if entry["kind"] == BANK}
    for at, entry in enumerate(entries):
        path = f"entries.{at}"
        if entry["id"] in seen or (entry["kind"] == BANK and entry["question_id"] in seen):
            yield FieldProblem(path, "question-twice")
        seen |= {entry["id"], str(entry.get("question_id"))} - {"None"}
        if entry["kind"] == OWN:
            yield from question_problems(tx, entry["question"], f"{path}.question.")
        elif entry["kind"] == BANK:
            ref = (entry["question_id"], entry["version"])
            if ref not in kept and not _may_use(tx, ref):
                yield FieldProblem(f"{path}.question_id", "unknown-question")


def question_problems(tx: Tx, question: Mapping[str, Any], path: str = "") -> Iterable[FieldProblem]:
    """What keeps a question from being scored, and a picture that is not there."""
    yield from (FieldProblem(f"{path}{where}", code) for where, code in problems(question))
    if question["image"]:
        image_id = parse_id(question["image"]["id"])
        if tx.session.execute(select(quiz_images.c.id).where(quiz_images.c.id == image_id)).first() is None:
            yield FieldProblem(f"{path}image", "unknown-image")


def _may_use(tx: Tx, ref: Version) -> bool:
    statement = (
        select(bank_questions.c.owner_id, bank_questions.c.shared)
        .join(bank_versions, bank_versions.c.question_id == bank_questions.c.id)
        .where(bank_questions.c.id == UUID(ref[0]), bank_versions.c.version == ref[1])
    )
    found = tx.session.execute(statement).first()
    return found is not None and policy.can_use_question(tx.actor, found.owner_id, shared=found.shared)


def freeze_quizzes(tx: Tx, outline: Outline, author_id: UUID | None) -> None:
    """Before a publication: fix what the draws of a course draw from. Effect: `ready_in` follows."""
    runtime = store.runtime_for(tx, role="author", user=False)
    for item in outline.activities():
        if item.block_type == QUIZ:
            _freeze(tx, item, runtime.get_block(str(item.id)), author_id)


def _freeze(tx: Tx, item: OutlineItem, block: XBlock, author_id: UUID | None) -> None:
    pools = QuizService(tx.session).pools(block.entries, author_id)
    if pools != block.pools:
        block.freeze(pools)
        item.ready_in = block.ready_languages()


# --- the bank


@dataclass(frozen=True, slots=True)
class BankQuestion:
    question: Mapping[str, Any]
    tags: Sequence[str]
    shared: bool


def add_question(tx: Tx, cmd: BankQuestion) -> View:
    """A question of one's own in the bank. Raises Forbidden, QuizRefused."""
    if not policy.can_author(tx.actor):
        raise Forbidden
    _require_sound(tx, cmd.question)
    question_id = new_id()
    tx.session.execute(insert(bank_questions).values(
        id=question_id, owner_id=tx.actor.require_account(), version=1, created_at=tx.now, changed_at=tx.now,
        **_columns(cmd),
    ))  # fmt: skip
    _add_version(tx, question_id, 1, cmd.question)
    _tag(tx, question_id, cmd.tags)
    return {"id": str(question_id), "version": 1}


def _require_sound(tx: Tx, question: Mapping[str, Any]) -> None:
    if found := list(question_problems(tx, question, "question.")):
        raise QuizRefused(fields=found)


def _columns(cmd: BankQuestion) -> View:
    return {
        "shared": cmd.shared, "kind": cmd.question["kind"], "languages": ready_in(cmd.question),
        "words": fold(" ".join((*words_of(cmd.question), *cmd.tags))),
    }  # fmt: skip


def _add_version(tx: Tx, question_id: UUID, version: int, question: Mapping[str, Any]) -> None:
    tx.session.execute(insert(bank_versions).values(
        question_id=question_id, version=version, document=dict(question), created_by=tx.actor.require_account(),
        created_at=tx.now,
    ))  # fmt: skip


def _tag(tx: Tx, question_id: UUID, tags: Sequence[str]) -> None:
    tx.session.execute(delete(bank_tags).where(bank_tags.c.question_id == question_id))
    for tag in sorted(set(tags)):
        tx.session.execute(insert(bank_tags).values(question_id=question_id, tag=tag))


def update_question(tx: Tx, question_id: object, version: int, cmd: BankQuestion) -> View:
    """Other words make the next version; what uses an earlier one keeps it. Raises NotFound, Forbidden, Stale."""
    row = _editable(tx, question_id)
    if row.version != version:
        raise Stale(current=row.version)
    _require_sound(tx, cmd.question)
    here = (bank_versions.c.question_id == row.id) & (bank_versions.c.version == row.version)
    before = tx.session.execute(select(bank_versions.c.document).where(here)).scalar_one()
    following = row.version if before == cmd.question else row.version + 1
    if following != row.version:
        _add_version(tx, row.id, following, cmd.question)
    values = _columns(cmd) | {"version": following, "changed_at": tx.now}
    tx.session.execute(update(bank_questions).where(bank_questions.c.id == row.id).values(**values))
    _tag(tx, row.id, cmd.tags)
    return {"id": str(row.id), "version": following}


def retire_question(tx: Tx, question_id: object, *, retired: bool) -> View:
    """Out of the lists and draws, or back in; quizzes that have it keep it. Raises NotFound, Forbidden."""
    row = _editable(tx, question_id)
    values = {"retired_at": tx.now if retired else None}
    tx.session.execute(update(bank_questions).where(bank_questions.c.id == row.id).values(**values))
    return {"id": str(row.id), "version": row.version}


def _editable(tx: Tx, question_id: object) -> Any:
    columns = bank_questions.c
    mine = select(columns.id, columns.owner_id, columns.shared, columns.version)
    row = tx.session.execute(mine.where(columns.id == parse_id(question_id)).with_for_update()).first()
    if row is None or not policy.can_use_question(tx.actor, row.owner_id, shared=row.shared):
        raise NotFound
    if not policy.can_edit_question(tx.actor, row.owner_id):
        raise Forbidden
    return row


# --- pictures


def add_question_image(service: Service, call: Call, upload_id: object) -> View:
    """An uploaded picture for questions. Raises Forbidden, NotFound, FileRefused (the upload is gone then)."""
    if not policy.can_author(call.actor):
        raise Forbidden
    return uploads.answering(
        service, call, "add_question_image", lambda: _add_image(service, call, upload_id)
    )


def _add_image(service: Service, call: Call, upload_id: object) -> View:
    with service.read(call) as tx:
        upload = uploads.find_upload(tx, upload_id)
    with service.storage.open(upload.storage_key) as file:
        verdict = judge(upload.filename, file)
    problem = verdict if isinstance(verdict, str) else None if verdict.is_image else "type-not-allowed"
    problem = problem or ("too-large" if upload.size > MOST_BYTES else None)
    if problem or isinstance(verdict, str):
        uploads.discard_upload(service, call, upload)
        raise FileRefused(fields=[FieldProblem("upload_id", problem or "type-not-allowed")])
    with service.tx(call) as tx:
        result: View = service.once(
            tx, call, "add_question_image", lambda: _place_image(tx, upload_id, verdict.media_type)
        )
    return result


def _place_image(tx: Tx, upload_id: object, media_type: str) -> View:
    upload = uploads.take_upload(tx, upload_id)
    image_id = new_id()
    tx.session.execute(insert(quiz_images).values(
        id=image_id, storage_key=upload.storage_key, media_type=media_type, size=upload.size,
        created_by=tx.actor.require_account(), created_at=tx.now,
    ))  # fmt: skip
    return {"id": str(image_id)}


# --- accommodations


def set_accommodation(
    tx: Tx, course_id: object, account_id: object, time_factor: float, extra_attempts: int
) -> View:
    """More time or attempts for one learner, also for the attempt that is open.

    Raises NotFound (no such course or learner), Forbidden.
    """
    course = store.load_course(tx, course_id)
    if not policy.can_see_roster(tx.actor, course):
        raise Forbidden
    learner = (enrolments.c.course_id == course.id) & (enrolments.c.account_id == parse_id(account_id))
    if tx.session.execute(select(enrolments.c.id).where(learner)).first() is None:
        raise NotFound
    learner_id = parse_id(account_id)
    before, _ = quiz_views.allowance(tx, course.id, learner_id)
    _stretch(tx, course.id, learner_id, time_factor / before)
    row = {
        "course_id": course.id, "account_id": learner_id, "time_factor": time_factor,
        "extra_attempts": extra_attempts, "changed_by": tx.actor.require_account(), "changed_at": tx.now,
    }  # fmt: skip
    upsert(tx.session, accommodations, row)
    return {"account_id": str(learner_id), "time_factor": time_factor, "extra_attempts": extra_attempts}


def _stretch(tx: Tx, course_id: UUID, account_id: UUID, factor: float) -> None:
    """Move the end of the learner's open attempts."""
    theirs = (
        select(attempts.c.id)
        .join(enrolments, enrolments.c.id == attempts.c.enrolment_id)
        .where(enrolments.c.course_id == course_id, enrolments.c.account_id == account_id)
    )
    running = select(quiz_attempts.c.id, quiz_attempts.c.started_at, quiz_attempts.c.due_at).where(
        quiz_attempts.c.attempt_id.in_(theirs),
        quiz_attempts.c.submitted_at.is_(None),
        quiz_attempts.c.due_at.is_not(None),
    )
    for row in tx.session.execute(running).all():
        due_at = row.started_at + (row.due_at - row.started_at) * factor
        tx.session.execute(update(quiz_attempts).where(quiz_attempts.c.id == row.id).values(due_at=due_at))
