"""Certificates: one's own, the public page that checks one, the trainer's side, and what verifiers of badges fetch."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import uuid5

from flask import Blueprint, current_app, redirect, request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from werkzeug.wrappers import Response

from gateway.certificates.pdf import certificate_pdf, grouped, hours
from gateway.context import call, current
from gateway.uploads import UPLOADS
from gateway.web.course_parts import words
from gateway.web.pages import error_text, field_errors, flash, render, signed_in
from gateway.web.studio import staff_only
from gateway.web.studio_forms import Form, pair_of, version_of
from shared.config import Settings
from shared.errors import CercleError, Conflict, Invalid, NotFound, Stale, TooMany

pages = Blueprint("pages_certificates", __name__)
View = dict[str, Any]
Page = TypeVar("Page", bound=Callable[..., Any])
CHECKS = RateLimitItemPerMinute(30)
_LIMITER = SlidingWindowCounterRateLimiter(MemoryStorage())
RETURNED = (409, 412, 422)


def _settings() -> Settings:
    found: Settings = current_app.extensions["cercle"]
    return found


def check_rate() -> None:
    """At most thirty codes a minute from one network: nobody needs more by hand. Raises TooMany."""
    if _settings().rate_limits and not _LIMITER.hit(CHECKS, "certificates", current().network):
        raise TooMany(retry_after=60)


def checked(page: Page) -> Page:
    """Count a look at a certificate's public page."""

    @functools.wraps(page)
    def counted(*args: Any, **kwargs: Any) -> Any:
        check_rate()
        return page(*args, **kwargs)

    return counted  # type: ignore[return-value]


def address_of(code: str) -> str:
    """The public page of a certificate."""
    return f"{_settings().main_origin}/certificates/{code}"


def hours_shown(value: float) -> str:
    """A number of hours in the reader's language."""
    return hours(value, current().language)


# One's own


@pages.get("/certificates")
def mine() -> Any:
    """My certificates; for a visitor, the field in which a code is checked."""
    found: View = {"items": [], "next_cursor": None}
    if current().account is not None:
        found = call("courses", "list_my_certificates", {"limit": 20}, cursor=request.args.get("cursor"))
    cursor = found["next_cursor"]
    more = f"/certificates?cursor={cursor}" if cursor else None
    return render("certificates/mine.html", items=found["items"], more=more, grouped=grouped, **words())


@pages.get("/certificates/check")
def find() -> Any:
    """From the field to the certificate's own address."""
    code = "".join(request.args.get("code", "").split()).replace("-", "")
    return redirect(f"/certificates/{code}" if code.isalnum() and code.isascii() else "/certificates", 303)


@pages.get("/courses/<course_id>/certificate")
@signed_in
def name_form(course_id: str) -> Any:
    """Which name is printed, before the certificate is made."""
    found = call("courses", "get_my_certificate", {"course_id": course_id})
    if not found["can_issue"]:
        certificate = found["certificate"]
        return redirect(
            f"/certificates/{certificate['code']}" if certificate else f"/courses/{course_id}", 303
        )
    return _name_page(course_id, (current().account or {})["display_name"])


@pages.post("/courses/<course_id>/certificate")
@signed_in
def issue(course_id: str) -> Any:
    """Make it, with this name."""
    name = request.form.get("holder_name", "").strip()
    try:
        found = call("courses", "issue_certificate", {"course_id": course_id, "holder_name": name})
    except Invalid as error:
        return _name_page(course_id, name, error)
    flash("success", "certificates.issued")
    return redirect(f"/certificates/{found['code']}", 303)


def _name_page(course_id: str, name: str, error: CercleError | None = None) -> Any:
    course = call("courses", "get_course", {"course_id": course_id})
    errors = field_errors(error) if error else {}
    return render(
        "certificates/name.html", error.status if error else 200, course=course, name=name, errors=errors,
        **words(),
    )  # fmt: skip


@pages.get("/certificates/<code>")
@checked
def certificate(code: str) -> Any:
    """Is it good, whose is it, for what. Public; the reader's own offers what can be done with it."""
    try:
        found = call("courses", "check_certificate", {"code": code})
    except (NotFound, Invalid):
        return render("certificates/unknown.html", 404)
    own = call("courses", "get_certificate", {"code": code}) if found["mine"] else None
    return render(
        "certificates/certificate.html", certificate=found, own=own, code=grouped(found["code"]),
        hours=hours_shown, **words(),
    )  # fmt: skip


@pages.get("/certificates/<code>/pdf")
@signed_in
def pdf(code: str) -> Any:
    """The certificate on paper, for its holder and whoever runs the course."""
    found = call("courses", "get_certificate", {"code": code})
    if found["status"] == "revoked":
        raise NotFound
    body = certificate_pdf(found, address_of(found["code"]))
    return Response(body, mimetype="application/pdf", headers=_file(f"certificat-{found['code'][:8]}.pdf"))


@pages.get("/certificates/<code>/badge")
@signed_in
def badge(code: str) -> Any:
    """The signed credential as a file."""
    found = call("courses", "get_badge", {"code": code, "identity": badge_identity(code)})
    return Response(
        found["credential"], mimetype="application/vc+jwt", headers=_file(f"badge-{code[:8]}.jwt")
    )


def _file(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}


def badge_identity(code: str) -> View:
    """The holder's address as salted hash, so that a wallet recognises its owner and nobody else learns anything.

    The salt follows from the code: the same badge downloaded twice is the same.
    """
    email = str(call("identity", "get_me")["email"])
    salt = uuid5(UPLOADS, f"badge:{code.upper()}").hex
    return {"salt": salt, "hash": hashlib.sha256((email + salt).encode()).hexdigest()}


# The trainer's side


@pages.get("/studio/courses/<course_id>/certificates")
@signed_in
def studio(course_id: str) -> Any:
    """What certificates of the course say, and who has one."""
    return _studio(course_id, Form())


@pages.post("/studio/courses/<course_id>/certificates")
@signed_in
def save(course_id: str) -> Any:
    """From now on they say this."""
    form = request.form
    payload = {
        "course_id": course_id, "version": version_of(), "enabled": "enabled" in form,
        "hours": _number(form.get("hours", "")), "signatory_name": form.get("signatory_name", ""),
        "signatory_title": pair_of("signatory_title"),
        "expires_months": form.get("expires_months", type=int) or None,
    }  # fmt: skip
    try:
        call("courses", "set_certificate_settings", payload)
    except (Conflict, Stale, Invalid) as error:
        return _studio(course_id, Form("settings", error))
    flash("success", "certificates.settings.saved")
    return redirect(f"/studio/courses/{course_id}/certificates", 303)


def _number(text: str) -> float | str | None:
    """A number with a comma or a point; what is none goes on as it is and is refused with its field."""
    try:
        return float(text.replace(",", ".")) if text.strip() else None
    except ValueError:
        return text


def _studio(course_id: str, form: Form) -> Any:
    staff_only()
    settings = call("courses", "get_certificate_settings", {"course_id": course_id})
    course = call("courses", "get_course", {"course_id": course_id})
    found: View = {"items": [], "next_cursor": None}
    if settings["can_edit"]:
        payload = {"course_id": course_id, "limit": 50}
        found = call("courses", "list_course_certificates", payload, cursor=request.args.get("cursor"))
    cursor = found["next_cursor"]
    return render(
        "certificates/studio.html", form.status, course=course, settings=settings, form=form, items=found["items"],
        more=f"{request.path}?cursor={cursor}" if cursor else None, grouped=grouped, **words(),
    )  # fmt: skip


@pages.get("/studio/courses/<course_id>/certificates/<code>/<action>")
@signed_in
def ask_end(course_id: str, code: str, action: str) -> Any:
    """What revoking or making again means, before it is done."""
    return _end_page(course_id, code, action, None)


def _end_page(course_id: str, code: str, action: str, error: CercleError | None) -> Any:
    staff_only()
    if action not in ("revoke", "reissue"):
        raise NotFound
    found = call("courses", "get_certificate", {"code": code})
    return render(
        "certificates/end.html", error.status if error else 200, certificate=found, action=action,
        course_id=course_id, errors=field_errors(error) if error else {},
        problem=error_text(error) if error and not error.fields else None, **words(),
    )  # fmt: skip


@pages.post("/studio/courses/<course_id>/certificates/<code>/revoke")
@signed_in
def revoke(course_id: str, code: str) -> Any:
    """It is not good any more."""
    reason = request.form.get("reason", "").strip()
    return _end(course_id, code, "revoke", {"reason": reason})


@pages.post("/studio/courses/<course_id>/certificates/<code>/reissue")
@signed_in
def reissue(course_id: str, code: str) -> Any:
    """A new one takes its place, once its holder has confirmed the name."""
    return _end(course_id, code, "reissue", {})


def _end(course_id: str, code: str, action: str, more: View) -> Any:
    found = call("courses", "get_certificate", {"code": code})
    try:
        call("courses", f"{action}_certificate", {"certificate_id": found["id"], **more})
    except (Conflict, Invalid) as error:
        return _end_page(course_id, code, action, error)
    flash("success", f"certificates.{action}.done")
    return redirect(f"/studio/courses/{course_id}/certificates", 303)


# What verifiers fetch. Public, and the same for everybody.


@pages.get("/.well-known/did.json")
def did() -> Any:
    """The platform's DID document: its public keys."""
    return _public(call("courses", "badge_issuer")["did"], "application/did+json")


@pages.get("/.well-known/jwks.json")
def jwks() -> Any:
    """The same keys as a JWK set."""
    return _public(call("courses", "badge_issuer")["jwks"], "application/json")


@pages.get("/badges/issuer")
def issuer() -> Any:
    """The issuer's Open Badges profile."""
    return _public(call("courses", "badge_issuer")["profile"], "application/json")


@pages.get("/badges/status")
def status() -> Any:
    """The signed list of revoked badges."""
    return Response(
        call("courses", "badge_status")["credential"], mimetype="application/vc+jwt", headers=_SHARED
    )


_SHARED = {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*",
           "Cross-Origin-Resource-Policy": "cross-origin"}  # fmt: skip


def _public(document: View, kind: str) -> Any:
    return current_app.json.response(document), 200, {"Content-Type": kind, **_SHARED}
