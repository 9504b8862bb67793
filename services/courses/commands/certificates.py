"""Certificates: earned with the course, issued by their holder's confirmation, ended by whoever runs the course."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from joserfc.jwk import RSAKey
from sqlalchemy import func, insert, select

from services.courses import policy, store
from services.courses.commands.writing import Edit, edited
from services.courses.domain import badges
from services.courses.domain.certificates import Certificate, CertificateNotIssued, NoCertificate, expiry
from services.courses.domain.course import Course, Pair
from services.courses.domain.learning import Enrolment
from services.courses.queries.certificates import certificate_view, latest_of, settings_of
from services.courses.tables import badge_keys, certificate_settings, certificates
from services.courses.views import View
from shared.db.dialect import upsert
from shared.db.tx import Tx
from shared.errors import Forbidden, NotFound
from shared.ids import new_id, parse_id

REPLACED = "replaced"
"""Reason of a certificate that was made again; the others are words of whoever revoked it."""


@dataclass(frozen=True, slots=True)
class SetCertificateSettings:
    course_id: object
    version: int
    enabled: bool
    hours: float | None
    signatory_name: str
    signatory_title: Pair
    expires_months: int | None


def set_certificate_settings(tx: Tx, cmd: SetCertificateSettings) -> Edit:
    """What certificates of this course will say from now on. Raises NotFound, Forbidden, Stale."""
    course = store.edit_course(tx, cmd.course_id, cmd.version)
    names = ("enabled", "hours", "signatory_name", "signatory_title", "expires_months")
    row = {"course_id": course.id} | {name: getattr(cmd, name) for name in names}
    upsert(tx.session, certificate_settings, row)
    return edited(course, course.id)


def earn(tx: Tx, course: Course, enrolment: Enrolment) -> Certificate | None:
    """The certificate of a completed enrolment, copied from the course as it stands; None where it gives none."""
    settings = settings_of(tx, course.id)
    if not settings["enabled"] or enrolment.completed_at is None:
        return None
    return _add(tx, course, enrolment, 1)


def _add(tx: Tx, course: Course, enrolment: Enrolment, number: int) -> Certificate:
    settings = settings_of(tx, course.id)
    done = enrolment.completed_at or tx.now
    aims = [
        {"text": dict(aim.text), "bloom": aim.bloom, "need_id": str(aim.need_id) if aim.need_id else None}
        for aim in store.learner_objectives(tx, course)
    ]
    certificate = Certificate(
        new_id(), course.id, enrolment.id, enrolment.account_id, number, course.edition, dict(course.title),
        settings["hours"], settings["signatory_name"], settings["signatory_title"], aims, done,
        expiry(done, settings["expires_months"]),
    )  # fmt: skip
    tx.add(certificate)
    tx.session.flush()
    return certificate


def issue_certificate(tx: Tx, course_id: object, holder_name: str) -> View:
    """Print this name on the actor's certificate. Raises NotFound, NoCertificate, CertificateIssued, CertificateRevoked."""
    course = store.load_course(tx, course_id)
    enrolment = store.require_enrolment(tx, course.id)
    certificate = latest_of(tx, enrolment.id) or earn(tx, course, enrolment)
    if certificate is None:
        raise NoCertificate
    certificate.issue(holder_name, _next_index(tx), tx.now)
    ensure_key(tx)
    tx.session.flush()
    return certificate_view(tx, certificate)


def _next_index(tx: Tx) -> int:
    """Two at once take the same and one of them is run again: the column is unique."""
    last = tx.session.execute(select(func.max(certificates.c.status_index))).scalar()
    return 0 if last is None else int(last) + 1


def ensure_key(tx: Tx) -> None:
    """Make the key that signs badges, the first time."""
    if tx.session.execute(select(badge_keys.c.id).limit(1)).first() is None:
        key: RSAKey = badges.new_key()
        row = {"id": key.kid, "key": key.as_dict(private=True), "created_at": tx.now}
        tx.session.execute(insert(badge_keys).values(**row))


def revoke_certificate(tx: Tx, certificate_id: object, reason: str) -> View:
    """End a certificate. Raises NotFound, Forbidden, CertificateNotIssued, CertificateRevoked."""
    certificate = _governed(tx, certificate_id)
    certificate.revoke(tx.actor.require_account(), reason, tx.now)
    tx.session.flush()
    return certificate_view(tx, certificate)


def reissue_certificate(tx: Tx, certificate_id: object) -> View:
    """End a certificate, if it has not ended, and let its holder confirm the name on a new one.

    Raises NotFound, Forbidden, CertificateNotIssued (its holder can still choose the name, or a newer one exists).
    """
    certificate = _governed(tx, certificate_id)
    newest = latest_of(tx, certificate.enrolment_id)
    if certificate.issued_at is None or newest is None or newest.id != certificate.id:
        raise CertificateNotIssued
    if certificate.revoked_at is None:
        certificate.revoke(tx.actor.require_account(), REPLACED, tx.now)
    course = tx.session.get_one(Course, certificate.course_id)
    enrolment = tx.session.get_one(Enrolment, certificate.enrolment_id)
    return certificate_view(tx, _add(tx, course, enrolment, certificate.number + 1))


def _governed(tx: Tx, certificate_id: object) -> Certificate:
    """A certificate, locked, of a course that the actor runs. Raises NotFound, Forbidden."""
    found = tx.session.get(
        Certificate, parse_id(certificate_id), with_for_update=True, populate_existing=True
    )
    if found is None:
        raise NotFound
    course: Any = tx.session.get_one(Course, found.course_id)
    if not policy.can_edit_course(tx.actor, course):
        # Its holder sees it, and so may be told that ending it is not theirs.
        raise Forbidden if found.account_id == tx.actor.account_id else NotFound
    return found
