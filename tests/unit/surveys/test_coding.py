"""Open answers: read in no order, coded by two who do not see each other, compared, settled, counted."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from services.cli import reports
from services.surveys import tables
from services.surveys.domain.coding import Book, Code, themes
from shared.actor import system_actor
from shared.contracts.surveys import CoderAssigned
from shared.db.tx import Tx
from shared.errors import Conflict, Forbidden, Invalid, NotFound
from tests.unit.surveys.office import ASKED, Office
from tests.unit.surveys.support import PAIR, View


@pytest.fixture
def office(make_harness: Any) -> Office:
    return Office(make_harness("surveys"))


def test_answers_are_read_after_closing_in_an_order_that_says_nothing(office: Office) -> None:
    survey = office.closed()
    questions = office.ask("list_open_questions", office.researcher, survey_id=survey["id"])
    assert [(one["question"], one["kind"], one["answers"]) for one in questions["items"]] == [
        ("why", "long-text", 12), ("role", "other", 12),
    ]  # fmt: skip
    pages = [office.ask("list_open_answers", office.researcher, survey_id=survey["id"], question=q, limit=7)
             for q in ("why", "role")]  # fmt: skip
    rest = office.ask("list_open_answers", office.researcher, survey_id=survey["id"], question="why",
                      cursor=pages[0]["next_cursor"])  # fmt: skip
    why = pages[0]["items"] + rest["items"]
    assert sorted(row["text"] for row in why) == sorted(f"réponse {n}" for n in range(12))
    assert [row["number"] for row in why] == list(range(1, 13))
    # Nothing lays the two questions side by side, and no attribute stands beside the words.
    assert {row["id"] for row in why}.isdisjoint(row["id"] for row in pages[1]["items"])
    assert {row["language"] for row in why} == {None}  # four in English: too few to be marked
    assert {row["groups"] for row in why} == {None}
    order = [int(row["text"].split()[1]) for row in why]
    assert order != sorted(order)
    other = [int(row["text"].split()[1]) for row in pages[1]["items"]]
    assert other != order[:7]


def test_who_may_read(office: Office) -> None:
    survey = office.launched(elements=ASKED)
    calls: list[tuple[str, View]] = [("list_open_questions", {}), ("list_open_answers", {"question": "why"})]
    for method, payload in calls:
        with pytest.raises(Conflict, match="results-after-closing"):
            office.ask(method, survey_id=survey["id"], **payload)
    closed = office.closed()
    for person, error in ((office.harness.actor("learner"), Forbidden), (office.trainer, Forbidden)):
        with pytest.raises(error):
            office.ask("list_open_questions", person, survey_id=closed["id"])
    hidden = office.closed(audience_roles=["facilitator"], people=0)
    with pytest.raises(NotFound):
        office.ask("list_open_questions", office.trainer, survey_id=hidden["id"])
    assert office.ask("list_open_questions", office.harness.actor("admin"), survey_id=closed["id"])["items"]


def test_few_answers_are_for_coordinators_alone_and_none_where_few_answered_at_all(office: Office) -> None:
    few: View = {"survey_id": office.closed(texts=4)["id"], "question": "why"}
    assert office.ask("list_open_answers", **few)["total"] == 4
    with pytest.raises(NotFound):
        office.ask("list_open_answers", office.researcher, **few)
    rows = office.ask("list_open_questions", office.researcher, survey_id=few["survey_id"])["items"]
    assert {(row["readable"], row["can_code"]) for row in rows} == {(False, False)}
    tiny: View = {"survey_id": office.closed(texts=3, people=3)["id"], "question": "why"}
    with pytest.raises(NotFound):
        office.ask("list_open_answers", **tiny)
    named: View = {"survey_id": office.closed(texts=3, people=3, anonymity="named")["id"], "question": "why"}
    assert office.ask("list_open_answers", office.researcher, **named)["items"][0]["groups"] == {}


def test_two_coders_do_not_see_each_other_before_both_have_finished(office: Office) -> None:
    coding = office.started(office.closed())
    of_coding = {"coding_id": coding["id"]}
    assert (coding["state"], coding["book_version"], coding["total"]) == ("coding", 4, 12)
    told = [
        one.data["account_id"] for one in office.harness.events("surveys") if one.type == CoderAssigned.type
    ]
    assert sorted(told) == sorted(str(one.account_id) for one in (office.researcher, office.trainer))
    first = office.code(coding, office.researcher, lambda n: [0] if n <= 6 else [1, 2] if n <= 11 else [])
    assert first["coders"][0] == first["coders"][0] | {"coded": 12, "finished": True}
    mine = office.ask("list_answers_to_code", office.trainer, **of_coding, limit=200)
    assert {(tuple(row["codes"]), row["nothing"]) for row in mine["items"]} == {((), False)}
    for who in (office.coordinator, office.trainer, office.researcher):
        with pytest.raises(Conflict, match="still-coding"):
            office.ask("list_disagreements", who, **of_coding)
        assert office.ask("get_coding", who, **of_coding)["agreement"] is None
    with pytest.raises(Forbidden):
        office.ask("list_answers_to_code", **of_coding)  # the coordinator does not code
    answer = mine["items"][0]["id"]
    with pytest.raises(Conflict, match="coding-finished"):
        office.ask("mark_answer", office.researcher, **of_coding, answer_id=answer, nothing=True)
    with pytest.raises(Conflict, match="answers-uncoded") as caught:
        office.ask("finish_coding", office.trainer, **of_coding)
    assert caught.value.params == {"count": 12}


def reconciling(office: Office) -> tuple[View, View]:
    """A survey whose two coders differ on answer 7 of twelve, and the coding."""
    survey = office.closed()
    coding = office.started(survey)
    office.code(coding, office.researcher, lambda n: [0] if n <= 6 else [1, 2] if n <= 11 else [])
    return survey, office.code(coding, office.trainer, lambda n: [0] if n <= 7 else [1, 2] if n <= 11 else [])


def test_agreement_says_what_twelve_answers_can_say(office: Office) -> None:
    _, coding = reconciling(office)
    assert (coding["state"], coding["disagreements"]) == ("reconciling", {"total": 1, "open": 1})
    overall = coding["agreement"]["overall"]
    assert (overall["n"], overall["notes"]) == (12, ["few-answers"])
    assert coding["agreement"]["identical"]["value"] == pytest.approx(11 / 12)
    # One answer of twelve has two codes of one coder and another of the other: 33 of 36 decisions agree.
    assert overall["percent"]["value"] == pytest.approx(33 / 36)
    assert overall["kappa"]["low"] < overall["kappa"]["value"] < overall["kappa"]["high"]
    assert [code["n"] for code in coding["agreement"]["codes"]] == [12, 12, 12]


def test_disagreements_are_settled_with_a_reason_and_stay_on_record(office: Office) -> None:
    survey, coding = reconciling(office)
    of_coding = {"coding_id": coding["id"]}
    found = office.ask("list_disagreements", **of_coding)["items"][0]
    assert (found["number"], len(found["first"]["codes"]), len(found["second"]["codes"])) == (7, 2, 1)
    with pytest.raises(Conflict, match="disagreements-open"):
        office.ask("complete_coding", **of_coding)
    settled = {
        **of_coding,
        "answer_id": found["id"],
        "codes": found["second"]["codes"],
        "reason": "Il parle du temps.",
    }
    with pytest.raises(Invalid):
        office.ask("decide_answer", office.trainer, **settled | {"reason": " "})
    assert office.ask("decide_answer", office.trainer, **settled) == {"total": 1, "open": 0}
    rows = office.ask("list_answers_to_code", office.trainer, **of_coding)["items"]
    with pytest.raises(Conflict, match="nothing-to-decide"):
        office.ask("decide_answer", **settled | {"answer_id": rows[0]["id"]})
    reader = office.harness.actor("learner")
    assert office.ask("get_themes", reader, survey_id=survey["id"])["questions"] == []
    assert office.ask("complete_coding", **of_coding)["state"] == "done"
    kept = office.ask("list_disagreements", office.trainer, **of_coding)["items"][0]
    assert (kept["first"], kept["decision"]["reason"]) == (found["first"], "Il parle du temps.")
    # Seven people of twelve; the two other codes stand at four, so they and "nothing" (one) are held back.
    theme = office.ask("get_themes", reader, survey_id=survey["id"])["questions"][0]
    assert [(one["label"]["en"], one["n"]) for one in theme["themes"]] == [
        ("time", 7), ("fear", None), ("law", None),
    ]  # fmt: skip
    assert (theme["n"], theme["nothing"]) == (12, None)
    assert set(office.verdicts(survey).values()) == {"ok"}
    assert "coding why" in office.verdicts(survey)


def test_a_changed_mark_is_seen_and_a_merge_after_the_fact_is_not_taken_for_one(office: Office) -> None:
    survey = office.closed()
    coding = office.started(survey)
    office.code(coding, office.researcher, lambda n: [n % 3])
    office.code(coding, office.trainer, lambda n: [(n + (n == 4)) % 3])
    codes = [code["id"] for code in coding["codes"]]
    merged = office.ask("merge_code", coding_id=coding["id"], code_id=codes[1], into=codes[2])
    assert merged["disagreements"] == {"total": 0, "open": 0}  # 4 % 3 = 1 and 2 have become one
    assert merged["agreement"]["book_version"] == 4
    assert office.verdicts(survey)["coding why"] == "ok"
    with office.service.db.tx(system_actor("surveys")) as tx:
        _spoil(tx)
    assert office.verdicts(survey)["coding why"] == "data-changed"


def test_the_command_verifies_a_survey_and_names_what_was_changed(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CERCLE_MODE", raising=False)
    survey = office.ranked()
    asked = ["verify", survey["id"], "--var", str(office.service.settings.var), "--language", "en"]
    run = CliRunner().invoke(reports, asked, catch_exceptions=False)
    assert run.exit_code == 0
    assert run.stdout.startswith("Figures verified, the same bit for bit: ranking\n")
    table, need = tables.rankings, tables.needs
    with office.service.db.tx(system_actor("surveys")) as tx:
        row = tx.session.execute(select(need.c.id, need.c.metric).where(need.c.code == "c1")).mappings().one()
        spoiled = row["metric"] | {"value": row["metric"]["value"] + 1e-9}
        tx.session.execute(update(need).where(need.c.id == row["id"]).values(metric=spoiled))
    run = CliRunner().invoke(reports, [*asked, "--json"], catch_exceptions=False)
    refused = next(one["refused"] for one in json.loads(run.stdout)["figures"] if one["name"] == "ranking")
    assert (run.exit_code, refused["code"], refused["params"]["figure"]) == (
        1,
        "figure-differs",
        "needs.c1.value",
    )
    with office.service.db.tx(system_actor("surveys")) as tx:
        tx.session.execute(update(need).where(need.c.id == row["id"]).values(metric=row["metric"]))
        analysis = tx.session.execute(select(table.c.analysis)).scalar_one()
        analysis["manifest"]["seed"] += 1
        tx.session.execute(update(table).values(analysis=analysis))
    assert office.verdicts(survey)["ranking"] == "figure-differs"
    unknown = CliRunner().invoke(reports, ["verify", str(uuid4()), *asked[2:]], catch_exceptions=False)
    assert (unknown.exit_code, "report-unknown" in unknown.stderr) == (2, True)


def test_one_changed_answer_is_refused(office: Office) -> None:
    survey = office.ranked()
    with office.service.db.tx(system_actor("surveys")) as tx:
        answer = tables.answers
        first = tx.session.execute(select(answer).where(answer.c.importance == 5)).mappings().first()
        assert first is not None
        one = (answer.c.response_id == first["response_id"]) & (answer.c.item_id == first["item_id"])
        tx.session.execute(update(answer).where(one).values(importance=4))
    assert office.verdicts(survey)["ranking"] == "data-changed"


def _spoil(tx: Tx) -> None:
    table = tables.coding_marks
    row = tx.session.execute(table.select().where(table.c.coder == 1)).mappings().first()
    assert row is not None
    one = (table.c.coder == 1) & (table.c.response_id == row["response_id"])
    tx.session.execute(update(table).where(one).values(codes=[], none_applies=True))


def test_the_code_book_grows_and_shrinks_with_its_history(office: Office) -> None:
    survey = office.closed()
    coding = office.started(survey)
    of_coding, codes = {"coding_id": coding["id"]}, [code["id"] for code in coding["codes"]]
    answer = office.ask("list_answers_to_code", office.trainer, **of_coding)["items"][0]["id"]
    marked = office.ask("mark_answer", office.trainer, **of_coding, answer_id=answer, codes=[codes[0]])
    assert marked == {"total": 12, "coded": 1, "next_uncoded": 2}
    with pytest.raises(Forbidden):
        office.ask("retire_code", office.trainer, **of_coding, code_id=codes[0])
    office.ask("retire_code", **of_coding, code_id=codes[0])
    row = office.ask("list_answers_to_code", office.trainer, **of_coding)
    assert (row["items"][0]["codes"], row["coded"]) == ([], 0)  # to be coded again
    with pytest.raises(Invalid):
        office.ask("mark_answer", office.trainer, **of_coding, answer_id=answer, codes=[codes[0]])
    words = {"fr": "peur", "en": "fear of reprisals"}
    edited = office.ask("edit_code", **of_coding, code_id=codes[1], label=words, definition=words)
    assert edited["book_version"] == 6
    office.ask("mark_answer", office.trainer, **of_coding, answer_id=answer, codes=[codes[1]])
    office.ask("merge_code", **of_coding, code_id=codes[1], into=codes[2])
    row = office.ask("list_answers_to_code", office.trainer, **of_coding)["items"][0]
    assert row["codes"] == [codes[2]]
    history = office.ask("list_code_changes", office.trainer, **of_coding)["items"]
    assert [one["kind"] for one in history] == ["merge", "edit", "retire", "add", "add", "add"]
    assert history[1]["detail"]["before"]["label"]["en"] == "fear"
    # With one finished, codes stand; words may still change.
    office.code(office.ask("get_coding", **of_coding), office.researcher, lambda _n: [0])
    for method, more in (
        ("add_code", {"label": words, "definition": words}),
        ("retire_code", {"code_id": codes[2]}),
    ):
        with pytest.raises(Conflict, match="book-frozen"):
            office.ask(method, **of_coding, **more)
    assert (
        office.ask("edit_code", **of_coding, code_id=codes[2], label=words, definition=words)["book_version"]
        == 8
    )
    resumed = office.ask("finish_coding", office.researcher, **of_coding, finished=False)
    assert resumed["coders"][0]["finished"] is False


def test_coders_are_two_who_may_and_stay_once_they_have_begun(office: Office) -> None:
    survey = office.closed()
    people = {name: str(one.account_id) for name, one in (("r", office.researcher), ("t", office.trainer))}
    learner = office.harness.actor("learner")
    office.know(learner)
    start: View = {"survey_id": survey["id"], "question": "why", "first_coder": people["r"]}
    for second, code in (
        (people["r"], "same-coder"),
        (str(learner.account_id), "not-a-coder"),
        (str(uuid4()), "not-a-coder"),
    ):
        with pytest.raises(Invalid) as caught:
            office.ask("start_coding", **start, second_coder=second)
        assert [problem.code for problem in caught.value.fields] == [code]
    coding = office.started(survey)
    with pytest.raises(Conflict, match="coding-exists"):
        office.ask("start_coding", **start, second_coder=people["t"])
    with pytest.raises(Conflict, match="too-few-answers"):
        office.ask(
            "start_coding", **start | {"survey_id": office.closed(texts=4)["id"]}, second_coder=people["t"]
        )
    of_coding = {"coding_id": coding["id"], "version": coding["version"]}
    mine = str(office.coordinator.account_id)
    changed = office.ask("assign_coders", **of_coding, first_coder=people["r"], second_coder=mine)
    assert [one["account_id"] for one in changed["coders"]] == [people["r"], mine]
    with pytest.raises(NotFound):  # no longer theirs
        office.ask("get_coding", office.trainer, coding_id=coding["id"])
    answer = office.ask("list_answers_to_code", office.researcher, coding_id=coding["id"])["items"][0]["id"]
    office.ask("mark_answer", office.researcher, coding_id=coding["id"], answer_id=answer, nothing=True)
    with pytest.raises(Conflict, match="coder-has-begun"):
        office.ask(
            "assign_coders",
            coding_id=coding["id"],
            version=changed["version"],
            first_coder=people["t"],
            second_coder=mine,
        )
    listed = office.ask("list_codings", office.researcher, survey_id=survey["id"])["items"]
    assert [(one["mine"], one["waiting"], one["state"]) for one in listed] == [(1, True, "coding")]
    assert office.ask("list_codings", office.trainer)["items"] == []


def test_a_theme_is_counted_only_where_five_are_behind_it_and_five_are_not() -> None:
    codes = [Code(uuid4(), n, PAIR, PAIR, 1) for n in range(4)]
    final = {uuid4(): {codes[0].id} | ({codes[1].id} if n < 10 else set()) | ({codes[2].id} if n < 4 else set())
             for n in range(15)}  # fmt: skip
    shown, nothing = themes(final, codes)
    assert [(theme.code, theme.n) for theme in shown] == [
        (codes[1].id, 10), (codes[0].id, None), (codes[2].id, None), (codes[3].id, None),
    ]  # fmt: skip
    assert nothing is None


def test_a_code_that_became_another_twice_is_the_last() -> None:
    ids = [uuid4() for _ in range(4)]
    codes = [
        Code(ids[0], 1, PAIR, PAIR, 2, 6, ids[1]), Code(ids[1], 2, PAIR, PAIR, 3, 7, ids[2]),
        Code(ids[2], 3, PAIR, PAIR, 4), Code(ids[3], 4, PAIR, PAIR, 5, 8),
    ]  # fmt: skip
    assert Book(codes).effective(ids) == {ids[2]}
    assert Book(codes, 6).effective(ids) == {ids[1], ids[2], ids[3]}
    assert Book(codes, 4).effective(ids) == {ids[0], ids[1], ids[2]}
