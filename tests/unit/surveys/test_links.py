"""Single-use links: shown once, answered once, tied to nothing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from services.surveys import store
from services.surveys.coverage import gather
from shared.actor import VISITOR
from shared.errors import CercleError, Forbidden, Invalid, NotFound
from shared.ids import hash_secret
from tests.unit.surveys.support import Desk, View, answers_of, member


def made(desk: Desk, survey: View, count: int = 1, **more: Any) -> list[str]:
    found: list[str] = desk.ask("make_links", survey_id=survey["id"], count=count, **more)["secrets"]
    return found


def by_link(desk: Desk, method: str, secret: str, *, key: str | None = None, **payload: Any) -> Any:
    return desk.ask(method, VISITOR, key=key, secret=secret, **payload)


def code(desk: Desk, method: str, secret: str, **payload: Any) -> str:
    with pytest.raises(CercleError) as error:
        desk.ask(method, VISITOR, secret=secret, **payload)
    return error.value.code


def query(desk: Desk, sql: str) -> list[tuple[Any, ...]]:
    with desk.harness.services["surveys"].db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


@pytest.mark.parametrize("anonymity", ["named", "confidential", "anonymous"])
def test_a_link_saves_resumes_in_the_other_language_and_answers_once(desk: Desk, anonymity: str) -> None:
    member(desk)
    survey = desk.launched(anonymity=anonymity, groups=["language", "province"])
    secret, other = made(desk, survey, 2)
    answers = answers_of(survey)
    first = dict(list(answers.items())[:3])
    assert by_link(desk, "save_link_draft", secret, answers=first, language="fr")["answered"] == 3
    shown = by_link(desk, "open_link", secret)
    assert (shown["draft"]["answers"], shown["survey"]["mine"]["state"]) == (first, "draft")
    assert (shown["survey"]["can"]["answer"], shown["survey"]["created_by"]) == (True, None)
    with pytest.raises(Invalid):
        by_link(desk, "submit_by_link", secret, answers={}, language="en")
    sent = {"answers": answers, "language": "en"}
    assert by_link(desk, "submit_by_link", secret, key="k", **sent) == {"received": True}
    assert by_link(desk, "submit_by_link", secret, key="k", **sent) == {"received": True}
    for method in ("submit_by_link", "save_link_draft"):
        assert code(desk, method, secret, **sent) == "link-used"
    assert by_link(desk, "open_link", secret)["survey"]["mine"]["state"] == "submitted"
    assert by_link(desk, "open_link", other)["draft"]["answers"] == {}
    progress = desk.ask("get_progress", survey_id=survey["id"])
    assert (progress["responses"], progress["invited"]) == (1, 3)
    assert query(desk, "SELECT account_id, language, groups FROM responses") == [
        (None, "en", '{"language": "en"}')
    ]
    assert query(desk, "SELECT count(*) FROM participations") == [(0,)]
    assert query(desk, "SELECT count(*) FROM pseudonyms") == [(0,)]
    assert query(desk, "SELECT count(*) FROM link_drafts") == [(0,)]
    desk.ask("close_survey", survey_id=survey["id"])
    assert desk.ask("get_progress", survey_id=survey["id"])["invited"] == 3
    assert code(desk, "save_link_draft", other, answers={}, language="fr") == "survey-closed"


def test_only_a_hash_is_kept_and_a_repeated_call_gets_the_batch_anew(desk: Desk) -> None:
    survey = desk.launched()
    first = desk.ask("make_links", key="once", survey_id=survey["id"], count=3, label="Réunion de mai")
    again = desk.ask("make_links", key="once", survey_id=survey["id"], count=3, label="Réunion de mai")
    assert first["batch_id"] == again["batch_id"]
    assert set(first["secrets"]).isdisjoint(again["secrets"])
    assert [
        row[0] for row in query(desk, "SELECT secret_hash FROM survey_links ORDER BY secret_hash")
    ] == sorted(hash_secret(secret) for secret in again["secrets"])
    kept = str(query(desk, "SELECT * FROM commands")) + str(query(desk, "SELECT * FROM outbox"))
    assert not any(secret in kept for secret in [*first["secrets"], *again["secrets"]])
    assert code(desk, "open_link", first["secrets"][0]) == "not-found"
    listed = desk.ask("list_links", survey_id=survey["id"])
    assert [(one["label"], one["made"]) for one in listed["items"]] == [("Réunion de mai", 3)]


def test_use_of_a_small_batch_is_told_only_where_names_are(desk: Desk) -> None:
    for anonymity, expected, used in (("anonymous", [None, 1], None), ("named", [1, 1], 2)):
        survey = desk.launched(anonymity=anonymity)
        for count in (5, 1):
            secret = made(desk, survey, count)[0]
            by_link(desk, "submit_by_link", secret, answers=answers_of(survey), language="fr")
        listed = desk.ask("list_links", survey_id=survey["id"])
        assert [one["used"] for one in listed["items"]] == expected
        # The total beside the great batch would tell the use of the small one.
        assert (listed["made"], listed["used"]) == (6, used)


def test_small_batches_together_have_a_total_and_alone_none(desk: Desk) -> None:
    survey = desk.launched(anonymity="anonymous")
    totals = []
    for count in (5, 4, 4):
        by_link(
            desk, "submit_by_link", made(desk, survey, count)[0], answers=answers_of(survey), language="fr"
        )
        totals.append(desk.ask("list_links", survey_id=survey["id"])["used"])
    assert totals == [1, None, 3]  # four are few; eight small ones together are not


@pytest.mark.parametrize("anonymity", ["named", "confidential", "anonymous"])
def test_revoking_a_small_batch_tells_nothing_of_its_use(desk: Desk, anonymity: str) -> None:
    """Whoever counts before and after must see the same, whether the one link was used or not."""
    seen = []
    for used in (True, False):
        survey = desk.launched(anonymity=anonymity)
        secret = made(desk, survey, 1)[0]
        if used:
            by_link(desk, "submit_by_link", secret, answers=answers_of(survey), language="fr")
        batch = desk.ask("list_links", survey_id=survey["id"])["items"][0]["id"]
        before = asked(desk, survey)
        desk.ask("revoke_links", survey_id=survey["id"], batch_id=batch)
        seen.append([was - now for was, now in zip(before, asked(desk, survey), strict=True)])
    assert seen == ([[0, 0, 0], [1, 1, 1]] if anonymity == "named" else [[0, 0, 0]] * 2)


def asked(desk: Desk, survey: View) -> list[int]:
    """How many are asked: of the progress, of the coverage, and on Today."""
    closing = desk.ask("home")["coordinator"]["closing"]
    with desk.harness.services["surveys"].db.read(desk.coordinator) as tx:
        found = gather(tx, store.visible_survey(tx, UUID(survey["id"])))
    return [
        desk.ask("get_progress", survey_id=survey["id"])["invited"],
        len(found.invited),
        next(one["invited"] for one in closing if one["id"] == survey["id"]),
    ]


def test_links_are_revoked_by_batch_and_made_by_coordinators_of_running_surveys(desk: Desk) -> None:
    person, survey = member(desk), desk.launched(opens_at=desk.days(1))
    secret = made(desk, survey)[0]
    assert code(desk, "save_link_draft", secret, answers={}, language="fr") == "survey-not-open"
    batch = desk.ask("list_links", survey_id=survey["id"])["items"][0]["id"]
    other = desk.launched()
    with pytest.raises(NotFound):
        desk.ask("revoke_links", survey_id=other["id"], batch_id=batch)
    assert desk.ask("revoke_links", survey_id=survey["id"], batch_id=batch)["items"][0]["revoked"] is True
    assert code(desk, "open_link", secret) == "link-revoked"
    # A small batch goes on counting: by what is left, one would know whether its link had been used.
    assert desk.ask("get_progress", survey_id=survey["id"])["invited"] == 2
    for method, payload in (
        ("make_links", {"count": 1}),
        ("list_links", {}),
        ("revoke_links", {"batch_id": batch}),
    ):
        with pytest.raises(Forbidden):
            desk.ask(method, person, survey_id=survey["id"], **payload)
    with pytest.raises(NotFound):
        desk.ask("make_links", survey_id=desk.draft()["id"], count=1)
    with pytest.raises(Invalid):
        made(desk, survey, 501)
    desk.ask("close_survey", survey_id=other["id"])
    with pytest.raises(CercleError, match="survey-closed"):
        made(desk, other)
