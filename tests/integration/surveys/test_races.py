"""What only PostgreSQL shows: transactions that really run together."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from sqlalchemy import text

from shared.actor import VISITOR
from shared.errors import CercleError
from tests.unit.surveys.support import PAIR, TEXTS, Desk, answers_of

TOGETHER = 20


def together(work: Callable[[int], Any], count: int = TOGETHER) -> list[Any]:
    """Results, or the codes of errors, of `count` calls that start at one moment."""
    barrier = Barrier(count)

    def run(number: int) -> Any:
        barrier.wait(timeout=20)
        try:
            return work(number)
        except CercleError as error:
            return error.code

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def query(desk: Desk, sql: str) -> list[tuple[Any, ...]]:
    with desk.harness.services["surveys"].db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def test_twenty_submissions_of_one_account_are_one_response(desk: Desk) -> None:
    for with_draft in (False, True):
        survey, person = desk.launched(anonymity="named"), desk.harness.actor("learner")
        payload = {"survey_id": survey["id"], "answers": answers_of(survey), "language": "fr"}
        if with_draft:
            desk.ask("save_draft", person, **payload)
        told = together(lambda number: desk.ask("submit_response", person, key=f"k{number}", **payload))  # noqa: B023
        received = [one for one in told if isinstance(one, dict)]
        assert (len(received), told.count("already-answered")) == (1, TOGETHER - 1)
        where = f"survey_id = '{survey['id']}'"
        for table, rows in (("responses", 1), ("participations", 1), ("drafts", 0)):
            assert query(desk, f"SELECT count(*) FROM {table} WHERE {where}") == [(rows,)]


def test_twenty_repeats_with_one_key_get_one_acknowledgement(desk: Desk) -> None:
    survey, person = desk.launched(), desk.harness.actor("learner")
    payload = {"survey_id": survey["id"], "answers": answers_of(survey), "language": "fr"}
    told = together(lambda _: desk.ask("submit_response", person, key="same", **payload))
    assert told == [{"survey_id": survey["id"], "received": True}] * TOGETHER
    assert query(desk, "SELECT count(*) FROM responses") == [(1,)]


def test_drafts_and_submission_together_leave_no_draft(desk: Desk) -> None:
    survey, person = desk.launched(), desk.harness.actor("learner")
    payload = {"survey_id": survey["id"], "answers": answers_of(survey), "language": "fr"}

    def work(number: int) -> Any:
        return desk.ask("submit_response" if number == 7 else "save_draft", person, **payload)

    told = together(work)
    assert told[7] == {"survey_id": survey["id"], "received": True}
    assert {one for one in told if isinstance(one, str)} <= {"already-answered"}
    assert query(desk, "SELECT count(*) FROM drafts") == [(0,)]


def test_submissions_and_closing_together_lose_nothing(desk: Desk) -> None:
    survey = desk.table_survey()
    people = [desk.harness.actor("learner") for _ in range(TOGETHER)]
    answers = answers_of(survey)

    def work(number: int) -> Any:
        if number == 10:
            return desk.ask("close_survey", survey_id=survey["id"])["status"]
        return desk.ask(
            "submit_response", people[number], survey_id=survey["id"], answers=answers, language="fr"
        )

    told = together(work)
    received = sum(isinstance(one, dict) for one in told)
    assert told[10] == "closed"
    assert received + told.count("survey-closed") == TOGETHER - 1
    results = desk.ask("get_results", survey_id=survey["id"])
    desk.harness.drain()
    counts = "SELECT (SELECT count(*) FROM responses), (SELECT count(*) FROM participations)"
    assert query(desk, counts) == [(received, received)]
    assert results["received"] == received
    assert sum(row[0] for row in query(desk, "SELECT handled FROM response_counts")) == received


def test_one_link_used_twenty_times_at_once_is_one_response(desk: Desk) -> None:
    for with_draft in (False, True):
        survey = desk.launched()
        secret = desk.ask("make_links", survey_id=survey["id"], count=1)["secrets"][0]
        payload = {"secret": secret, "answers": answers_of(survey), "language": "en"}
        if with_draft:
            desk.ask("save_link_draft", VISITOR, **payload)
        told = together(lambda number: desk.ask("submit_by_link", VISITOR, key=f"k{number}", **payload))  # noqa: B023
        assert (told.count({"received": True}), told.count("link-used")) == (1, TOGETHER - 1)
        where = f"survey_id = '{survey['id']}'"
        assert query(desk, f"SELECT count(*) FROM responses WHERE {where}") == [(1,)]
    assert query(desk, "SELECT count(*) FROM link_drafts") == [(0,)]


def test_links_and_closing_together_lose_nothing(desk: Desk) -> None:
    survey = desk.table_survey(anonymity="anonymous")
    secrets = desk.ask("make_links", survey_id=survey["id"], count=TOGETHER)["secrets"]
    answers = answers_of(survey)

    def work(number: int) -> Any:
        if number == 10:
            closing = {"survey_id": survey["id"]}  # ranking takes its time on a busy machine
            return desk.harness.bus.call(
                "surveys", "close_survey", closing, actor=desk.coordinator, timeout=60
            )["status"]
        return desk.ask("submit_by_link", VISITOR, secret=secrets[number], answers=answers, language="fr")

    told = together(work)
    received = told.count({"received": True})
    assert told[10] == "closed"
    assert received + told.count("survey-closed") == TOGETHER - 1
    counts = (
        "SELECT (SELECT count(*) FROM responses), (SELECT count(*) FROM survey_links WHERE state = 'used')"
    )
    assert query(desk, counts) == [(received, received)]
    # Written anew at closing: no transaction number is left that a link shares with a response alone.
    numbers = "SELECT xmin::text FROM {}"
    written = {row for table in ("survey_links", "responses") for row in query(desk, numbers.format(table))}
    assert len(written) == 1


def test_twenty_reminders_at_once_are_one(desk: Desk) -> None:
    survey = desk.launched()
    told = together(lambda _: desk.ask("remind", survey_id=survey["id"])["left"])
    assert (told.count(2), told.count("reminder-too-soon")) == (1, TOGETHER - 1)


def test_twenty_endorsements_are_counted_exactly(desk: Desk) -> None:
    need = desk.first_need()
    proposal = desk.ask("open_proposal", need_id=need["id"], **TEXTS)
    people = [desk.harness.actor("learner") for _ in range(10)]
    together(lambda number: desk.ask("endorse_proposal", people[number % 10], proposal_id=proposal["id"]))
    assert desk.ask("get_proposal", proposal_id=proposal["id"])["endorsements"] == 10
    together(lambda number: desk.ask("withdraw_endorsement", people[number % 4], proposal_id=proposal["id"]))
    assert desk.ask("get_proposal", proposal_id=proposal["id"])["endorsements"] == 6
    assert query(desk, "SELECT count(*) FROM endorsements") == [(6,)]


def test_twenty_decisions_are_one(desk: Desk) -> None:
    need = desk.first_need()
    proposal = desk.ask("open_proposal", need_id=need["id"], **TEXTS)
    payload = {"proposal_id": proposal["id"], "version": 1, "outcome": "approved", "reason": PAIR}
    told = together(lambda _: desk.ask("decide_proposal", **payload))
    assert (sum(isinstance(one, dict) for one in told), told.count("already-decided")) == (1, TOGETHER - 1)
    approved = [e for e in desk.harness.events("surveys") if e.type == "surveys.proposal.approved.v1"]
    assert len(approved) == 1


def test_twenty_proposals_of_one_need_are_one(desk: Desk) -> None:
    need = desk.first_need()
    told = together(lambda _: desk.ask("open_proposal", need_id=need["id"], **TEXTS))
    assert (sum(isinstance(one, dict) for one in told), told.count("proposal-already-open")) == (
        1,
        TOGETHER - 1,
    )


def test_twenty_closings_rank_once(desk: Desk) -> None:
    survey = desk.table_survey()
    desk.answer_table(survey)
    told = together(lambda _: desk.ask("close_survey", survey_id=survey["id"])["ranking"])
    assert told == ["ranked"] * TOGETHER
    types = [event.type for event in desk.harness.events("surveys")]
    assert types.count("surveys.survey.closed.v1") == types.count("surveys.needs.ranked.v1") == 1
    assert query(desk, "SELECT count(*) FROM needs") == [(4,)]


def test_twenty_edits_of_one_version_are_one(desk: Desk) -> None:
    draft = desk.draft()
    told = together(
        lambda number: desk.ask(
            "edit_survey", survey_id=draft["id"], version=1, title={"fr": str(number), "en": str(number)}
        )
    )
    assert (sum(isinstance(one, dict) for one in told), told.count("stale")) == (1, TOGETHER - 1)


def test_closing_leaves_one_transaction_number_for_all(desk: Desk) -> None:
    survey = desk.table_survey()
    desk.answer_table(survey)
    numbers = "SELECT xmin::text FROM {} ORDER BY ctid"
    tied = [query(desk, numbers.format(table)) for table in ("participations", "responses")]
    assert tied[0] == tied[1]
    assert len(set(tied[0])) == 6
    desk.ask("close_survey", survey_id=survey["id"])
    tables = ("participations", "responses", "answers")
    assert len({row for table in tables for row in query(desk, numbers.format(table))}) == 1


def test_story_reads_alike_on_postgresql(desk: Desk) -> None:
    survey = desk.ranked()
    rows = desk.ask("get_results", survey_id=survey["id"])["items"]
    assert [round(row["value"], 4) for row in rows] == [10.1111, 7.5, 2.0, 0.0]
    need = desk.ask("get_need", need_id=rows[0]["need_id"])
    assert need["manifest"]["methods"][0] == "mwds"
    assert [loop["need"]["code"] for loop in desk.ask("list_loops")["items"]] == ["c1", "c4", "c2", "c3"]
    pages = desk.ask("list_needs", limit=3)
    rest = desk.ask("list_needs", limit=3, cursor=pages["next_cursor"])["items"]
    assert [row["code"] for row in pages["items"] + rest] == ["c1", "c4", "c2", "c3"]
    assert (
        desk.ask("list_surveys", desk.harness.actor("trainer"), status="closed")["items"][0]["id"]
        == survey["id"]
    )
    assert [need["code"] for need in desk.ask("home")["coordinator"]["uncovered"]] == ["c1", "c4", "c2", "c3"]
