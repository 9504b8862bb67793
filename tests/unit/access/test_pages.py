"""Every page that is fetched with GET, for each reader: none fails, and none changes anything but those named here."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.app import create_app
from tests.unit.access.world import PARTS, ROLES, Books, Params, World

WRITES_BY_READING = {
    "/courses/<course_id>/learn/<activity_id>",  # remembers the place; opens a grant for H5P
    "/notifications/<notification_id>/open",  # marks as read and goes on
}


@pytest.fixture(scope="session")
def addresses(world: World) -> list[Any]:
    rules = create_app(world.harness.settings).app.url_map.iter_rules()
    return [rule for rule in rules if "GET" in (rule.methods or ()) and not rule.rule.startswith("/api/")]


def filled(world: World, who: str) -> Params:
    """Something that exists for every name in an address; staff get drafts, others what is published."""
    staff = who in ("trainer", "other trainer", "coordinator", "admin")
    targets = ("draft_course" if staff else "course", "ranked_survey", "need", "proposal", "topic", "member",
               "learners_mail", "learners_notification", "invitation", "template")  # fmt: skip
    found: Params = {"name": "needs", "secret": "nothing", "token": "nothing"}
    for target in targets:
        found |= world.kept(target)
    sitting = world.kept("quiz_attempt")
    found |= {"quiz_attempt_id": sitting["quiz_attempt_id"], "entry_id": sitting["question_id"],
              "image_id": sitting["question_id"], "code": world.kept("certificate")["code"], "action": "revoke",
              "moment": "end", "language": "fr", "library": world.kept("h5p_library")["library"],
              "upgrade_id": world.kept("h5p_upgrade")["upgrade_id"],
              "cohort_id": world.kept("cohort")["cohort_id"],
              "snapshot_id": world.kept("kept_draft")["snapshot_id"]} | world.kept("question")  # fmt: skip
    for target in (target for part in PARTS for target in part.PAGES):
        found |= world.kept(target)
    return found | {"notification_id": found["id"]}


@pytest.mark.parametrize("who", ROLES)
def test_fetching_pages_changes_nothing_and_never_fails(
    who: str, world: World, books: Books, addresses: list[Any]
) -> None:
    assert len(addresses) > 60
    changed, failed = set(), []
    params = filled(world, who)
    for rule in addresses:
        before = books.edition()
        path = rule.rule.replace("string:", "")
        for name in rule.arguments:
            path = path.replace(f"<{name}>", str(params[name]))
        answer = world.clients[who].get(path, headers={"Accept": "text/html"})
        if answer.status_code >= 500:
            failed.append((path, answer.status_code))
        if books.edition() != before:
            changed.add(rule.rule)
    assert failed == []
    assert changed <= WRITES_BY_READING
