"""Today: the home of every role, in three bands: do next, new for you, coming up. And the small shared pages."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, redirect, request

from gateway.auth import LANGUAGE_COOKIE
from gateway.context import call, current
from gateway.web.pages import back, render, signed_in
from shared import i18n
from shared.errors import CercleError, NotFound

pages = Blueprint("today", __name__)


def part(service: str, method: str, payload: dict[str, Any] | None = None) -> dict[str, Any] | None:
    """A band's figures; None when its service is down or fails, since the others must still show."""
    try:
        found: dict[str, Any] = call(service, method, payload)
    except CercleError as error:
        if error.status < 500:
            raise
        return None
    return found


@pages.get("/")
@signed_in
def today() -> Any:
    """The three bands."""
    return render(
        "today/today.html",
        surveys=part("surveys", "home"),
        courses=part("courses", "home"),
        news=part("notifications", "list_notifications", {"limit": 6}),
        topics=part("community", "home"),
    )


@pages.post("/language")
def language() -> Any:
    """Change the language, here and in the profile; the page and its half-filled form stay."""
    wanted = request.form.get("language", "")
    if wanted not in i18n.LANGUAGES:
        raise NotFound("unknown-language")
    if current().account is not None:
        call("identity", "set_language", {"language": wanted})
    response: Response = back("/")  # type: ignore[assignment]
    response.set_cookie(LANGUAGE_COOKIE, wanted, max_age=31_536_000, secure=True, samesite="Lax", path="/")
    return response


@pages.get("/accessibility")
def accessibility() -> Any:
    """What works, what is known not to, and whom to tell."""
    return render("today/accessibility.html")


@pages.get("/privacy")
def privacy() -> Any:
    """What is kept, for how long, and who sees it."""
    return render("today/privacy.html")


@pages.get("/styleguide")
def styleguide() -> Any:
    """Every component, in demo mode."""
    if not current_app.extensions["cercle_demo"]:
        raise NotFound
    return render("styleguide.html")


@pages.get("/search")
@signed_in
def search() -> Any:
    """Words in needs, courses, discussions and members."""
    query = request.args.get("q", "").strip()[:100]
    results: dict[str, Any] = {}
    if len(query) >= 2:
        results = {
            "members": part("identity", "list_members", {"q": query, "limit": 8}),
            "courses": part("courses", "search", {"q": query}),
            "needs": part("surveys", "search", {"q": query}),
            "topics": part("community", "search", {"q": query}),
        }
    return render("today/search.html", query=query, results=results)


@pages.get("/system")
@signed_in
def system() -> Any:
    """The admin's first page."""
    return redirect("/system/people")
