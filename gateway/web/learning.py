"""My learning: one thing to go on with, what is due, what I wait for, what I finished."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from gateway.context import call
from gateway.web.course_parts import ask, words
from gateway.web.pages import render, signed_in
from gateway.web.rule_words import lock_text

pages = Blueprint("pages_learning", __name__)
View = dict[str, Any]
FINISHED = 20


@pages.get("/learning")
@signed_in
def mine() -> Any:
    """The learner's home."""
    found = call("courses", "my_learning", {"limit": FINISHED}, cursor=request.args.get("cursor"))
    cursor = found["finished"]["next_cursor"]
    certificates = _certificates()
    return render(
        "learning/mine.html", learning=found, certificates=certificates,
        of_course={one["course_id"]: one for one in certificates}, lock_text=lock_text,
        more=f"/learning?cursor={cursor}" if cursor else None, **words(),
    )  # fmt: skip


def _certificates() -> list[View]:
    """The page can do without them."""
    found = ask("courses", "list_my_certificates", {"limit": 50})
    return [one for one in (found or {"items": []})["items"] if one["code"]]
