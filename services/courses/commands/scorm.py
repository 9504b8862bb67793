"""SCORM activities: a package is checked and stored outside of any write transaction, then placed in one; what its
items report is kept as their state, and counts.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from typing import Any, BinaryIO
from uuid import UUID

from sqlalchemy import delete, insert, select
from xblock.core import XBlock

from services.courses import policy, scorm, store, trash
from services.courses.commands import uploads
from services.courses.commands.learning import GRANT, Seat, credit, outcome_of, sit_down
from services.courses.commands.writing import Edit, edited
from services.courses.domain.course import BOTH
from services.courses.domain.errors import WrongKind
from services.courses.domain.errors_scorm import ScormNotAllowed, ScormRefused
from services.courses.domain.learning import Attempt, Outcome
from services.courses.domain.outline import ACTIVITY, SCORM, OutlineItem
from services.courses.h5p.archive import EntryReader
from services.courses.library import trainers_may_install
from services.courses.players.xblock_runtime import load_block
from services.courses.scorm.data import Report, overall
from services.courses.tables import scorm_grants, states
from shared import i18n
from shared.actor import system_actor
from shared.db.dialect import upsert
from shared.db.tx import Tx, rows
from shared.errors import FieldProblem, Invalid, NotFound
from shared.ids import hash_secret, new_id, new_secret
from shared.messaging.bus import Call
from shared.messaging.service import Service

FOLDER = "scorm/"
CMI = "cmi"
View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SetActivityScorm:
    activity_id: object
    upload_id: object
    version: int | None


def set_activity_scorm(service: Service, call: Call, cmd: SetActivityScorm) -> Edit:
    """Check an uploaded package, store its files, and make it the activity's content.

    Raises ScormRefused with every reason in both languages; nothing is left then, the upload included.
    """
    return uploads.answering(service, call, "set_activity_scorm", lambda: _set_package(service, call, cmd))


def _set_package(service: Service, call: Call, cmd: SetActivityScorm) -> Edit:
    with service.read(call) as tx:
        upload = uploads.ready_upload(tx, cmd.activity_id, cmd.upload_id, cmd.version, SCORM)
        allowed = trainers_may_install(tx, demo=service.settings.demo)
    if not policy.can_install_library(call.actor, trainers_may_install=allowed):
        raise ScormNotAllowed
    with service.storage.open(upload.storage_key) as file:
        package = scorm.read_package(file)
        if isinstance(package, list):
            uploads.discard_upload(service, call, upload)
            raise ScormRefused(fields=[_told(problem) for problem in package])
        result = _store(service, call, cmd, file, package)
    uploads.sweep(service)
    return result


def _told(problem: scorm.PackageProblem) -> FieldProblem:
    """A reason with its own sentence in both languages."""
    key = f"errors.scorm.{problem.code}"
    words = {
        language: problem.archive.message(language)
        if problem.archive
        else i18n.text(language, key, **problem.params)
        for language in BOTH
    }
    return FieldProblem(problem.path, problem.code, {**problem.params, "message": words})


def _store(
    service: Service, call: Call, cmd: SetActivityScorm, file: BinaryIO, package: scorm.Package
) -> Edit:
    prefix = f"{FOLDER}{new_id()}/"
    with service.db.tx(call.actor) as tx:
        announced = [trash.throw(tx, prefix, tx.now + trash.WRITING)]
    try:
        _write(service, file, package, prefix)
        with service.tx(call) as tx:
            run = lambda: _place(tx, cmd, package, prefix, announced)  # noqa: E731
            result: Edit = service.once(tx, call, "set_activity_scorm", run)
    except BaseException:
        _withdraw(service, announced)
        raise
    if result["package"] != prefix:  # the same call came twice at once, and the other won
        _withdraw(service, announced)
    return result


def _write(service: Service, file: BinaryIO, package: scorm.Package, prefix: str) -> None:
    """Copy every file; an entry that is not, byte for byte, the checked one stops it."""
    file.seek(0)
    with zipfile.ZipFile(file) as archive:
        for path, checked in package.files.items():
            with EntryReader(archive, checked) as stream:
                service.storage.put(prefix + path, stream, durable=False)  # type: ignore[arg-type]
    service.storage.sync()


def _withdraw(service: Service, announced: list[UUID]) -> None:
    with service.db.tx(system_actor(service.name)) as tx:
        trash.hasten(tx, announced)
    uploads.sweep(service)


def _place(tx: Tx, cmd: SetActivityScorm, package: scorm.Package, prefix: str, announced: list[UUID]) -> Edit:
    item = store.edit_item(tx, cmd.activity_id, cmd.version, ACTIVITY)
    upload = uploads.take_upload(tx, cmd.upload_id)
    block = store.runtime_for(tx, role="author", user=False).get_block(str(item.id))
    if block.storage_key:
        trash.throw(tx, block.storage_key)  # the sweep looks whether an edition still needs it
    block.place({
        "storage_key": prefix, "title": package.title, "version": package.version, "entries": package.items,
        "size": package.size,
    })  # fmt: skip
    item.ready_in = list(BOTH)
    trash.take_back(tx, announced)
    trash.throw(tx, upload.storage_key)
    return edited(store.load_course(tx, item.course_id), item.id) | {
        "package": prefix, "title": package.title, "scorm_version": package.version,
        "items": sum(1 for one in package.items if one["href"]),
    }  # fmt: skip


# ------------------------------------------------------------------ playing


def grant_scorm(tx: Tx, item: OutlineItem, block: XBlock, attempt: Attempt | None) -> View | None:
    """A secret under which the content origin plays the package for twelve hours; None while there is none."""
    package = block.package
    if package is None:
        return None
    token, nonce, until = new_secret(), new_secret(), tx.now + GRANT
    tx.session.execute(insert(scorm_grants).values(
        token_hash=hash_secret(token), account_id=tx.actor.require_account(), activity_id=item.id, package=package,
        attempt_id=attempt.id if attempt else None, nonce=nonce, language=tx.actor.language, expires_at=until,
    ))  # fmt: skip
    return {
        "token": token, "path": f"/scorm/{token}/", "nonce": nonce, "read_only": attempt is None,
        "expires_at": until.isoformat(), "language": tx.actor.language, "content_id": _folder(package["prefix"]),
        "state": [], "display": {}, "embed": None,
    }  # fmt: skip


def _folder(prefix: str) -> str:
    return prefix.removeprefix(FOLDER).rstrip("/")


def expire_grants(tx: Tx) -> None:
    """Forget grants that have ended."""
    tx.session.execute(delete(scorm_grants).where(scorm_grants.c.expires_at < tx.now))


@dataclass(frozen=True, slots=True)
class SaveScorm:
    activity_id: object
    item_id: str
    data: str
    sequence: int
    package: str | None


def save_scorm(tx: Tx, cmd: SaveScorm) -> View:
    """Keep the newest data model of one item by the browser's own sequence, and let it count. Answers the AttemptView
    with `saved` and `sequence`. Raises NotFound, WrongKind, Invalid.
    """
    seat = sit_down(tx, cmd.activity_id)
    if seat.item.block_type != SCORM:
        raise WrongKind
    runtime = store.runtime_for(tx)
    block = load_block(runtime, seat.item.id)
    package = block.package
    if package is None or cmd.item_id not in {one["id"] for one in package["items"] if one["href"]}:
        raise NotFound
    _model(cmd.data)
    folder = UUID(_folder(package["prefix"]))
    if cmd.package not in (None, str(folder)):  # played before the package was replaced
        return credit(tx, seat, Outcome()) | {"saved": False, "sequence": cmd.sequence}
    saved = _keep(tx, seat, cmd, folder)
    report = _overall(tx, seat, package, folder)
    block.take_result(score=report.score, completed=report.completed)
    said = outcome_of(block, runtime.published)
    outcome = Outcome(said.completed, said.score, report.success, submitted=said.submitted)
    return credit(tx, seat, outcome) | saved


def _model(data: str) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Invalid(fields=[FieldProblem("data", "bad-json")])
    return found


def _keep(tx: Tx, seat: Seat, cmd: SaveScorm, folder: UUID) -> View:
    key = {"attempt_id": seat.attempt.id, "data_type": CMI, "sub_content_id": cmd.item_id, "lineage": folder}
    here = [states.c[name] == value for name, value in key.items()]
    known = tx.session.execute(select(states.c.sequence).where(*here)).scalar_one_or_none()
    if known is not None and cmd.sequence <= known:
        return {"saved": False, "sequence": known}
    row = key | {"state": cmd.data, "sequence": cmd.sequence, "saved_at": tx.now}
    upsert(tx.session, states, row)
    return {"saved": True, "sequence": cmd.sequence}


def saved_models(tx: Tx, attempt_id: UUID | None, folder: UUID) -> dict[str, str]:
    """Item id -> the JSON text of its data model, of this very package."""
    if attempt_id is None:
        return {}
    mine = (states.c.attempt_id == attempt_id) & (states.c.data_type == CMI) & (states.c.lineage == folder)
    found = rows(tx, select(states.c.sub_content_id, states.c.state).where(mine, states.c.state.is_not(None)))
    return {row["sub_content_id"]: row["state"] for row in found}


def _overall(tx: Tx, seat: Seat, package: View, folder: UUID) -> Report:
    items = {one["id"]: one for one in package["items"] if one["href"]}
    models = saved_models(tx, seat.attempt.id, folder)
    reports = [
        scorm.report_of(_model(text), package["version"], items[item_id]["mastery"])
        for item_id, text in models.items()
        if item_id in items
    ]
    return overall(reports, len(items))


def resolve_scorm(tx: Tx, token: str) -> View:
    """What the content origin plays for a token. Raises NotFound: unknown and expired alike."""
    here = (scorm_grants.c.token_hash == hash_secret(token)) & (scorm_grants.c.expires_at > tx.now)
    found = rows(tx, select(*scorm_grants.c).where(here))
    if not found:
        raise NotFound
    grant = found[0]
    folder = _folder(grant["package"]["prefix"])
    return {
        **grant["package"], "nonce": grant["nonce"], "language": grant["language"], "content_id": folder,
        "read_only": grant["attempt_id"] is None,
        "resume_key": str(grant["attempt_id"] or folder),
        "learner": _learner(grant),
        "models": saved_models(tx, grant["attempt_id"], UUID(folder)),
    }  # fmt: skip


def _learner(grant: View) -> str:
    """What a content may call the learner: nothing that names them."""
    return hash_secret(f"{grant['account_id']}{grant['activity_id']}")[:16]
