"""Everything the service holds after closing, searched for a tie between a person and an answer."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from shared.errors import NotFound
from tests.unit.surveys.support import Desk, View, answers_of


def query(desk: Desk, sql: str) -> list[tuple[Any, ...]]:
    with desk.harness.services["surveys"].db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def filled(desk: Desk, people: int = 40) -> tuple[View, list[str]]:
    """A survey in which person k answers k in base 5, so that every response tells whose it is."""
    survey, accounts = desk.launched(), []
    for number in range(people):
        person = desk.harness.actor("learner")
        answers = answers_of(survey)
        for place, item in enumerate(survey["items"][:4]):
            answers[item["code"]] = {"importance": 1 + number // 5**place % 5, "ability": 2}
        desk.ask(
            "save_draft",
            person,
            key=f"draft-{number}",
            survey_id=survey["id"],
            answers=answers,
            language="fr",
        )
        desk.ask("submit_response", person, key=f"send-{number}", survey_id=survey["id"], language="fr")
        accounts.append(str(person.account_id))
    return survey, accounts


def order_of_answers(desk: Desk, survey: View) -> list[int]:
    """Which person's answers each response holds, in the order of the rows."""
    places = {item["id"].replace("-", ""): 5**place for place, item in enumerate(survey["items"][:4])}
    numbers = {row[0]: 0 for row in query(desk, "SELECT id FROM responses ORDER BY rowid")}
    for response, item, importance in query(desk, "SELECT response_id, item_id, importance FROM answers"):
        numbers[response] += places.get(item, 0) * (importance - 1)
    return list(numbers.values())


def test_closing_leaves_no_order(desk: Desk) -> None:
    survey, accounts = filled(desk)
    before = {row[0] for row in query(desk, "SELECT id FROM responses")}
    assert order_of_answers(desk, survey) == list(range(40))
    desk.ask("close_survey", survey_id=survey["id"])
    after = order_of_answers(desk, survey)
    assert sorted(after) == list(range(40))
    assert after != list(range(40))
    assert sum(one == other for one, other in zip(after, range(40), strict=True)) < 10
    took_part = [row[0] for row in query(desk, "SELECT account_id FROM participations ORDER BY rowid")]
    assert took_part != [account.replace("-", "") for account in accounts]
    assert sorted(took_part) == sorted(account.replace("-", "") for account in accounts)
    assert before.isdisjoint(row[0] for row in query(desk, "SELECT id FROM responses"))
    assert {row[0][12] for row in query(desk, "SELECT id FROM responses")} == {"4"}


def test_no_column_holds_account_or_time_beside_answers(desk: Desk) -> None:
    columns = {
        table: [row[1] for row in query(desk, f"PRAGMA table_info({table})")]
        for table in ("responses", "answers", "participations")
    }
    assert columns == {
        "responses": ["id", "survey_id", "anonymity", "account_id", "language", "version", "given", "groups"],
        "answers": ["response_id", "item_id", "importance", "ability"],
        "participations": ["survey_id", "account_id", "key_hash"],
    }
    survey, _ = filled(desk, 6)
    assert query(desk, "SELECT DISTINCT anonymity, account_id FROM responses") == [("anonymous", None)]
    assert survey["anonymity"] == "anonymous"


def test_files_events_and_commands_hold_no_tie(desk: Desk, tmp_path: Path) -> None:
    survey, accounts = filled(desk)
    old = [row[0] for row in query(desk, "SELECT id FROM responses")]
    desk.harness.drain()
    desk.ask("close_survey", survey_id=survey["id"])
    desk.harness.drain()
    new = [row[0] for row in query(desk, "SELECT id FROM responses")]
    plumbing = json.dumps(
        [[str(cell) for cell in row] for table in ("outbox", "inbox", "commands", "dead_letters", "rankings", "needs")
         for row in query(desk, f"SELECT * FROM {table}")]
    )  # fmt: skip
    for secret in [*accounts, *old, *new]:
        assert secret not in plumbing
        assert secret.replace("-", "") not in plumbing
    # The files themselves: no draft, no old response id is left, in the database or in its log.
    raw = b"".join(path.read_bytes() for path in sorted(tmp_path.rglob("surveys.sqlite*")))
    assert sum(raw.count(one.encode()) for one in new) >= 40 * 13
    assert [one for one in old if one.encode() in raw] == []
    assert b'"importance": 4' not in raw
    assert query(desk, "SELECT count(*) FROM drafts") == [(0,)]


def test_draft_was_in_the_file_until_it_was_submitted(desk: Desk, tmp_path: Path) -> None:
    """The control of the search above: it does find what is there."""
    survey, person = desk.launched(), desk.harness.actor("learner")
    desk.ask("save_draft", person, survey_id=survey["id"], answers=answers_of(survey), language="fr")
    raw = b"".join(path.read_bytes() for path in sorted(tmp_path.rglob("surveys.sqlite*")))
    assert b'"importance": 4' in raw


def test_nobody_sees_a_response_of_an_anonymous_survey(desk: Desk) -> None:
    survey, person = desk.launched(), desk.harness.actor("learner", "coordinator")
    desk.ask("submit_response", person, survey_id=survey["id"], answers=answers_of(survey), language="fr")
    for method in ("get_own_response", "list_participants"):
        with pytest.raises(NotFound):
            desk.ask(method, person, survey_id=survey["id"])
    assert desk.ask("get_draft", person, survey_id=survey["id"])["answers"] == {}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE responses SET account_id = survey_id",
        "UPDATE surveys SET anonymity = 'named'",
        "UPDATE responses SET anonymity = 'named'",
        "UPDATE answers SET importance = 6",
    ],
)
def test_database_itself_refuses(desk: Desk, change: str) -> None:
    filled(desk, 1)
    with pytest.raises(IntegrityError), desk.harness.services["surveys"].db.engine.begin() as connection:
        connection.execute(text(change))


def test_unsent_drafts_go_at_closing(desk: Desk) -> None:
    survey, person = desk.launched(), desk.harness.actor("learner")
    desk.ask("save_draft", person, survey_id=survey["id"], answers=answers_of(survey), language="fr")
    desk.ask("close_survey", survey_id=survey["id"])
    assert query(desk, "SELECT count(*) FROM drafts") == [(0,)]
