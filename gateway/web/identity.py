"""Pages of one's own account: signing in, accepting an invitation, profile, sessions, tokens."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, make_response, redirect, request
from werkzeug.wrappers import Response

from gateway.auth import clear_session, set_session
from gateway.context import call, current
from gateway.demo.people import LEADS
from gateway.problems import headers_of
from gateway.web.identity_agencies import agency_options
from gateway.web.identity_lists import lists, profile_form, text_of
from gateway.web.pages import error_text, field_errors, flash, render, safe_next, signed_in
from shared import i18n
from shared.errors import CercleError, Gone, Invalid, NotAuthenticated, NotFound, Stale, TooMany

pages = Blueprint("pages_identity", __name__)
INVITATION_COOKIE = "__Host-cercle-invitation"
INVITATION_SECONDS = 3600
TOKEN_DAYS = ("30", "90", "180", "365")


def start_session(secret: str, target: str) -> Response:
    """Go on with a new session; a session this browser still had ends, so that none is inherited."""
    if current().credential == "session":
        call("identity", "sign_out", {"session": current().secret})
    return set_session(redirect(target, 303), secret)  # type: ignore[arg-type]


def user_agent() -> str:
    """The browser's own name, bounded."""
    return request.headers.get("User-Agent", "")[:1000]


# Signing in


@pages.get("/sign-in")
def sign_in() -> Any:
    """The form, and in the demo the four people."""
    target = safe_next(request.args.get("next"))
    return redirect(target) if current().account else _sign_in_page(target)


@pages.post("/sign-in")
def sign_in_now() -> Any:
    """Check the password; a refusal says the same for every reason."""
    payload = {"email": text_of("email"), "password": request.form.get("password", ""),
               "network": current().network or "unknown", "user_agent": user_agent()}  # fmt: skip
    target = safe_next(request.form.get("next"))
    try:
        found = call("identity", "sign_in", payload)
    except (Invalid, NotAuthenticated, TooMany) as error:
        status = error.status if isinstance(error, TooMany) else 422
        page = make_response(_sign_in_page(target, status, error=error, email=payload["email"]))
        page.headers.update(headers_of(error))
        return page
    return start_session(found["session"], target)


def _sign_in_page(target: str, status: int = 200, error: CercleError | None = None, email: str = "") -> Any:
    demo = bool(current_app.extensions["cercle_demo"])
    return render(
        "identity/sign_in.html", status, target=target, email=email,
        people=LEADS if demo else (),
        problem=error_text(error) if error and not error.fields else None,
        errors=field_errors(error) if error else {},
    )  # fmt: skip


@pages.post("/sign-in/demo")
def sign_in_demo() -> Any:
    """One click, in the demo only."""
    found = call("identity", "sign_in_demo", {"role": text_of("role"), "user_agent": user_agent()})
    return start_session(found["session"], safe_next(request.form.get("next")))


@pages.post("/sign-out")
def sign_out() -> Any:
    """End the session on the server, then take the cookie away."""
    if current().secret:
        call("identity", "sign_out", {"session": current().secret})
    return clear_session(redirect("/sign-in", 303))  # type: ignore[arg-type]


# Invitations, for who received one


@pages.get("/invitation/<secret>")
def take_invitation(secret: str) -> Any:
    """Move the secret out of the address at once, into a cookie of one hour."""
    response = make_response(redirect("/invitation", 303))
    response.set_cookie(
        INVITATION_COOKIE, secret[:200], max_age=INVITATION_SECONDS, secure=True, httponly=True, samesite="Lax",
        path="/",
    )  # fmt: skip
    return response


@pages.get("/invitation")
def invitation() -> Any:
    """The form that makes an account."""
    try:
        found = call("identity", "get_invitation", {"secret": _invitation_secret()})
    except (NotFound, Gone):
        return render("identity/invitation_ended.html", 410)
    blank = {"email": found["email"] or "", "language": current().language, "time_zone": "America/Toronto"}
    return _invitation_page(found, blank)


@pages.post("/invitation")
def accept_invitation() -> Any:
    """Make the account and go in."""
    secret = _invitation_secret()
    typed = profile_form() | {"email": text_of("email")}
    payload = typed | {
        "secret": secret,
        "password": request.form.get("password", ""),
        "user_agent": user_agent(),
    }
    try:
        made = call("identity", "accept_invitation", payload)
    except (NotFound, Gone):
        return render("identity/invitation_ended.html", 410)
    except CercleError as error:
        if error.status not in (409, 422):
            raise
        return _invitation_page(call("identity", "get_invitation", {"secret": secret}), typed, error)
    flash("success", "identity.invitation.welcome")
    response = start_session(made["session"], "/")
    response.delete_cookie(INVITATION_COOKIE, secure=True, httponly=True, samesite="Lax", path="/")
    return response


def _invitation_page(found: dict[str, Any], typed: dict[str, Any], error: CercleError | None = None) -> Any:
    return render(
        "identity/invitation.html", error.status if error else 200, invitation=found, form=typed,
        problem=error_text(error) if error and not error.fields else None,
        errors=field_errors(error) if error else {}, **lists(typed["time_zone"]),
    )  # fmt: skip


def _invitation_secret() -> str:
    return request.cookies.get(INVITATION_COOKIE) or "none"


# The own account


@pages.get("/profile")
@signed_in
def profile() -> Any:
    """Everything about oneself on one page."""
    me = call("identity", "get_me")
    return _profile_page(me, me)


@pages.post("/profile")
@signed_in
def save_profile() -> Any:
    """Save the profile; an older version keeps what was typed and says so."""
    flags = {name: name in request.form for name in ("show_city", "show_expertise", "show_agency")}
    typed = profile_form() | flags | {"agency_id": text_of("agency_id") or None}
    version = request.form.get("version", type=int)
    try:
        call("identity", "update_profile", typed, version=version)
    except (Invalid, Stale) as error:
        return _profile_page(call("identity", "get_me"), typed, error)
    flash("success", "identity.profile.saved")
    return redirect("/profile", 303)


@pages.post("/profile/password")
@signed_in
def change_password() -> Any:
    """Change the password; the other sessions end."""
    payload = {name: request.form.get(name, "") for name in ("current_password", "new_password")}
    try:
        call("identity", "change_password", payload, session=current().secret)
    except (Invalid, TooMany) as error:
        me = call("identity", "get_me")
        return _profile_page(me, me, error)
    flash("success", "identity.password.saved")
    return redirect("/profile", 303)


def _profile_page(me: dict[str, Any], form: dict[str, Any], error: CercleError | None = None) -> Any:
    return render(
        "identity/profile.html", error.status if error else 200, me=me, form=form,
        problem=error_text(error) if error and not error.fields else None,
        errors=field_errors(error) if error else {}, agencies=agency_options(me["agency_id"]),
        **lists(form["time_zone"]),
    )  # fmt: skip


@pages.get("/profile/sessions")
@signed_in
def sessions() -> Any:
    """Where one is signed in."""
    found = call("identity", "list_sessions", {"session": current().secret})
    return render("identity/sessions.html", items=found["items"])


@pages.post("/profile/sessions/<session_id>/end")
@signed_in
def end_session(session_id: str) -> Any:
    """End one of them."""
    call("identity", "revoke_session", {"session_id": session_id})
    flash("success", "identity.sessions.ended")
    return redirect("/profile/sessions", 303)


@pages.get("/profile/tokens")
@signed_in
def tokens() -> Any:
    """Personal tokens."""
    return _tokens_page()


@pages.post("/profile/tokens")
@signed_in
def create_token() -> Any:
    """Make one; its secret is on this answer and nowhere else, so there is no redirect."""
    scopes = ["read", "write"] if text_of("access") == "write" else ["read"]
    payload = {"name": text_of("name"), "scopes": scopes, "days": request.form.get("days", 90, type=int)}
    try:
        made = call("identity", "create_token", payload)
    except Invalid as error:
        return _tokens_page(payload, error)
    return _tokens_page(made=made)


@pages.post("/profile/tokens/<token_id>/revoke")
@signed_in
def revoke_token(token_id: str) -> Any:
    """End one."""
    call("identity", "revoke_token", {"token_id": token_id})
    flash("success", "identity.tokens.revoked")
    return redirect("/profile/tokens", 303)


def _tokens_page(
    form: dict[str, Any] | None = None, error: CercleError | None = None, made: dict[str, Any] | None = None
) -> Any:
    language = current().language
    days = [(code, i18n.plural(language, "identity.tokens.days", int(code))) for code in TOKEN_DAYS]
    return render(
        "identity/tokens.html", error.status if error else 201 if made else 200,
        items=call("identity", "list_tokens")["items"], form=form or {}, made=made, days=days,
        errors=field_errors(error) if error else {},
    )  # fmt: skip
