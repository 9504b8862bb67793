"""Reads of certificates and of what verifiers of badges ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.courses import policy, store
from services.courses.domain import badges
from services.courses.domain.certificates import REVOKED, VALID, Certificate, read_code
from services.courses.domain.course import Course
from services.courses.schemas.parts import empty
from services.courses.tables import badge_keys, certificate_settings, certificates
from services.courses.views import View
from shared.db.tx import Tx, rows
from shared.errors import Forbidden, NotFound
from shared.ids import parse_id
from shared.paging import PageRequest, page_of


def settings_of(tx: Tx, course_id: UUID) -> View:
    """What the course's certificates say; switched off where nothing was ever set."""
    columns = [column for column in certificate_settings.c if column.name != "course_id"]
    found = rows(tx, select(*columns).where(certificate_settings.c.course_id == course_id))
    off = {
        "enabled": False,
        "hours": None,
        "signatory_name": "",
        "signatory_title": empty(),
        "expires_months": None,
    }
    return found[0] if found else off


def get_certificate_settings(tx: Tx, course_id: object) -> View:
    """For staff, with the course's version. Raises NotFound."""
    course = store.load_course(tx, course_id)
    if not policy.is_staff(tx.actor):
        raise NotFound
    return {"course_id": str(course.id), "version": course.version, "can_edit": policy.can_edit_course(tx.actor, course)} | settings_of(tx, course.id)  # fmt: skip


def latest_of(tx: Tx, enrolment_id: UUID) -> Certificate | None:
    """The newest certificate of an enrolment."""
    mine = select(Certificate).where(certificates.c.enrolment_id == enrolment_id)
    return tx.session.execute(mine.order_by(certificates.c.number.desc()).limit(1)).scalar()


def certificate_view(tx: Tx, certificate: Certificate) -> View:
    """The CertificateView: for its holder and whoever runs the course."""
    names = ("code", "edition", "title", "hours", "signatory_name", "signatory_title", "objectives", "holder_name",
             "reason")  # fmt: skip
    instants = ("completed_at", "issued_at", "expires_at", "revoked_at")
    ids = ("id", "course_id", "account_id")
    return (
        {name: str(getattr(certificate, name)) for name in ids}
        | {name: getattr(certificate, name) for name in names}
        | {name: at.isoformat() if (at := getattr(certificate, name)) else None for name in instants}
        | {"status": certificate.status(tx.now)}
    )


def get_my_certificate(tx: Tx, course_id: object) -> View:
    """{enabled, can_issue, certificate}: where the actor stands with the certificate of a course. Raises NotFound."""
    course = store.load_course(tx, course_id)
    tx.actor.require_account()
    enrolment = store.find_enrolment(tx, course.id)
    enabled = bool(settings_of(tx, course.id)["enabled"])
    certificate = latest_of(tx, enrolment.id) if enrolment else None
    earned = enrolment is not None and enrolment.completed_at is not None
    to_issue = certificate is not None and certificate.status(tx.now) == "to-issue"
    return {
        "course_id": str(course.id),
        "enabled": enabled,
        "can_issue": earned and (to_issue if certificate else enabled),
        "certificate": certificate_view(tx, certificate) if certificate else None,
    }


def list_my_certificates(tx: Tx, wanted: Mapping[str, Any]) -> View:
    """The actor's, newest first."""
    return _page(tx, certificates.c.account_id == tx.actor.require_account(), wanted)


def list_course_certificates(tx: Tx, wanted: Mapping[str, Any]) -> View:
    """Those of a course, newest first, for whoever runs it. Raises NotFound, Forbidden."""
    course = store.load_course(tx, wanted["course_id"])
    if not policy.can_edit_course(tx.actor, course):
        raise Forbidden
    return _page(tx, certificates.c.course_id == course.id, wanted)


def _page(tx: Tx, condition: Any, wanted: Mapping[str, Any]) -> View:
    request = PageRequest.of(wanted["cursor"], wanted["limit"])
    mine = select(Certificate).where(condition)
    if request.after is not None:
        mine = mine.where(certificates.c.id < parse_id(request.after[0]))
    found = (
        tx.session.execute(mine.order_by(certificates.c.id.desc()).limit(request.limit + 1)).scalars().all()
    )
    return page_of(found, request, lambda one: [one.id], lambda one: certificate_view(tx, one))


def find_by_code(tx: Tx, code: str) -> Certificate:
    """An issued certificate. Raises NotFound."""
    known = read_code(code)
    found = (
        tx.session.execute(select(Certificate).where(certificates.c.code == known)).scalar()
        if known
        else None
    )
    if found is None:
        raise NotFound
    return found


def check_certificate(tx: Tx, code: str) -> View:
    """What anybody who holds the whole code may know: is it good, whose is it, for what. Raises NotFound.

    A revoked one tells neither name nor reason.
    """
    certificate = find_by_code(tx, code)
    status = certificate.status(tx.now)
    shown = certificate_view(tx, certificate)
    names = ("code", "title", "hours", "objectives", "completed_at", "issued_at", "expires_at", "status",
             "signatory_name", "signatory_title")  # fmt: skip
    return {name: shown[name] for name in names} | {
        "holder_name": None if status == REVOKED else certificate.holder_name,
        "revoked_on": shown["revoked_at"][:10] if shown["revoked_at"] else None,
        "mine": certificate.account_id == tx.actor.account_id,
    }


def get_certificate(tx: Tx, code: str) -> View:
    """The CertificateView by code, for its holder and whoever runs the course. Raises NotFound."""
    certificate = find_by_code(tx, code)
    course = tx.session.get_one(Course, certificate.course_id)
    if certificate.account_id != tx.actor.account_id and not policy.can_edit_course(tx.actor, course):
        raise NotFound
    return certificate_view(tx, certificate)


def get_badge(tx: Tx, code: str, identity: Mapping[str, str], origin: str) -> View:
    """{"credential": compact VC-JWT} of the actor's own valid certificate. Raises NotFound."""
    certificate = find_by_code(tx, code)
    if certificate.account_id != tx.actor.require_account() or certificate.status(tx.now) != VALID:
        raise NotFound
    document = badges.credential(origin, certificate, identity, tx.actor.language)
    return {"credential": badges.signed(document, keys(tx)[0], origin)}


def keys(tx: Tx) -> list[View]:
    """The private keys, newest first."""
    found = select(badge_keys.c.key).order_by(badge_keys.c.created_at.desc(), badge_keys.c.id)
    return list(tx.session.execute(found).scalars())


def badge_issuer(tx: Tx, origin: str) -> View:
    """{did, jwks, profile}: what verifiers fetch. Public."""
    known = keys(tx)
    return {
        "did": badges.did_document(origin, known),
        "jwks": {"keys": [badges.public(key) for key in known]},
        "profile": badges.profile(origin),
    }


def badge_status(tx: Tx, origin: str) -> View:
    """{"credential": signed list of what was revoked}. Public. Raises NotFound while there is no key."""
    known = keys(tx)
    if not known:
        raise NotFound
    issued = certificates.c.status_index.is_not(None)
    last = tx.session.execute(select(certificates.c.status_index).where(issued).order_by(
        certificates.c.status_index.desc()).limit(1)).scalar()  # fmt: skip
    revoked = tx.session.execute(
        select(certificates.c.status_index).where(issued, certificates.c.revoked_at.is_not(None))
    ).scalars()
    document = badges.status_list(origin, revoked, (last or 0) + 1, tx.now)
    return {"credential": badges.signed(document, known[0], origin)}
