import json
from typing import Any
from uuid import UUID

import pytest

from services.surveys.methods.analysis import verify
from services.surveys.methods.results import Analysis
from services.surveys.ranking import read_ratings
from shared.actor import VISITOR, system_actor
from shared.errors import Conflict, NotFound
from shared.testing.plugin import ORACLES
from tests.unit.surveys.support import TABLE, Desk, answers_of, member

MWDS = {"c1": 10.1111, "c4": 7.5, "c2": 2.0, "c3": 0.0}


def test_table_is_the_oracle() -> None:
    table = json.loads(ORACLES.read_text())["needs_table"]
    assert {code.lower(): (table["I"][code], table["A"][code]) for code in table["I"]} == TABLE


def test_results_reproduce_table_1a(desk: Desk) -> None:
    survey = desk.ranked()
    results = desk.ask("get_results", desk.harness.actor("learner"), survey_id=survey["id"])
    rows = {row["code"]: row for row in results["items"]}
    assert list(rows) == ["c1", "c4", "c2", "c3"]
    assert {code: row["value"] for code, row in rows.items()} == pytest.approx(MWDS, abs=1e-4)
    assert [row["rank"] for row in rows.values()] == [1, 2, 3, 4]
    assert {code: row["rds"]["value"] for code, row in rows.items()} == pytest.approx(
        {"c1": -100.0, "c4": -83.3333, "c2": -50.0, "c3": 0.0}, abs=1e-4
    )
    people = ("negative", "positive", "tied")
    assert [rows["c4"]["rds"][side] for side in people] == [None, None, None]  # 5, 0 and 1
    assert rows["c1"]["gap"]["value"] == pytest.approx(2.1667, abs=1e-4)
    assert (rows["c1"]["quadrant"], rows["c2"]["quadrant"]) == ("concentrate", "possible-overkill")
    assert (results["n"], results["received"], results["indicative"], results["resamples"]) == (
        6,
        6,
        True,
        2000,
    )
    # The seed is drawn: of few people the upper end is mostly 12.0833, and now and then the next value, 12.5.
    assert (rows["c1"]["ci_low"], rows["c1"]["ci_high"]) == pytest.approx((8.6667, 12.0833), abs=0.45)
    assert results["cuts"]["importance"] == pytest.approx(4.0417, abs=1e-4)


@pytest.mark.parametrize(
    ("template", "method", "top"),
    [("ranked-discrepancy", "rds", -100.0), ("hennessy-hicks-method", "gap", 2.1667)],
)
def test_template_decides_the_ranking_method(desk: Desk, template: str, method: str, top: float) -> None:
    survey = desk.ranked(template_id=template)
    results = desk.ask("get_results", survey_id=survey["id"])
    assert results["method"] == method
    assert results["items"][0]["value"] == pytest.approx(top, abs=1e-4)


def test_figures_are_rebuilt_bit_for_bit(desk: Desk) -> None:
    survey = desk.ranked()
    service = desk.harness.services["surveys"]
    with service.db.read(system_actor("surveys")) as tx:
        ratings = read_ratings(tx, UUID(survey["id"]))
        stored = tx.session.connection().exec_driver_sql("SELECT analysis FROM rankings").scalar_one()
    analysis = Analysis.from_dict(json.loads(stored))
    assert verify(ratings, analysis.manifest, analysis) is True
    assert desk.ask("get_results", survey_id=survey["id"])["seed"] == analysis.manifest.seed


def test_closing_again_and_ranking_again_change_nothing(desk: Desk) -> None:
    survey = desk.ranked()
    before = desk.ask("get_results", survey_id=survey["id"])
    assert desk.ask("close_survey", survey_id=survey["id"])["version"] == survey["version"]
    assert desk.ask("rank_needs", survey_id=survey["id"]) == before
    desk.harness.services["surveys"].run_due_jobs()
    types = [event.type for event in desk.harness.events("surveys")]
    assert types.count("surveys.survey.closed.v1") == types.count("surveys.needs.ranked.v1") == 1


def test_needs_ranked_names_needs_in_order(desk: Desk) -> None:
    survey = desk.ranked()
    listed = desk.ask("list_needs", survey_id=survey["id"])["items"]
    event = desk.harness.events("surveys")[-1]
    assert event.data["need_ids"] == [need["id"] for need in listed]
    assert [need["code"] for need in listed] == ["c1", "c4", "c2", "c3"]


@pytest.mark.parametrize("people", [0, 4])
def test_fewer_than_five_answers_are_refused_with_the_reason(desk: Desk, people: int) -> None:
    survey = desk.launched()
    for _ in range(people):
        person = desk.harness.actor("learner")
        desk.ask("submit_response", person, survey_id=survey["id"], answers=answers_of(survey), language="fr")
    closed = desk.ask("close_survey", survey_id=survey["id"])
    assert (closed["status"], closed["ranking"]) == ("closed", "refused")
    results = desk.ask("get_results", survey_id=survey["id"])
    assert results["reason"] == {"code": "too-few-responses", "n": people, "minimum": 5}
    assert (results["items"], results["received"], results["manifest"]) == ([], people, None)
    assert desk.ask("list_needs")["items"] == []


def test_five_people_who_all_say_the_same_are_ranked_as_ties(desk: Desk) -> None:
    survey = desk.launched()
    for _ in range(5):
        person = desk.harness.actor("learner")
        desk.ask("submit_response", person, survey_id=survey["id"], answers=answers_of(survey), language="fr")
    desk.ask("close_survey", survey_id=survey["id"])
    rows = desk.ask("get_results", survey_id=survey["id"])["items"]
    assert {(row["rank"], row["tied"], row["n"], row["value"]) for row in rows} == {(1, True, 5, 8.0)}


@pytest.mark.parametrize(("importance", "ability"), [("na", "na"), (4, "na")])
def test_nobody_to_whom_it_applies_is_a_refusal(desk: Desk, importance: Any, ability: Any) -> None:
    survey = desk.launched()
    answers = answers_of(survey, importance, ability)
    for _ in range(6):
        person = desk.harness.actor("learner")
        desk.ask("submit_response", person, survey_id=survey["id"], answers=answers, language="fr")
    desk.ask("close_survey", survey_id=survey["id"])
    results = desk.ask("get_results", survey_id=survey["id"])
    assert results["reason"] == {"code": "too-few-responses", "n": 0, "minimum": 5}
    assert results["received"] == 6


def test_one_item_alone_is_ranked(desk: Desk) -> None:
    survey = desk.launched(items=[{"statement": {"fr": "seul", "en": "alone"}}])
    for _ in range(5):
        person = desk.harness.actor("learner")
        desk.ask(
            "submit_response", person, survey_id=survey["id"], answers=answers_of(survey, 1, 1), language="fr"
        )
    desk.ask("close_survey", survey_id=survey["id"])
    rows = desk.ask("get_results", survey_id=survey["id"])["items"]
    assert [(row["rank"], row["value"]) for row in rows] == [(1, 0.0)]


def test_item_with_few_pairs_is_listed_without_figures(desk: Desk) -> None:
    survey = desk.table_survey()
    rare = survey["items"][0]["code"]
    for place in range(6):
        person = desk.harness.actor("learner")
        answers: Any = answers_of(survey, 4, 1 + place % 3)
        if place > 1:
            answers[rare] = {"importance": "na", "ability": "na"}
        desk.ask("submit_response", person, survey_id=survey["id"], answers=answers, language="fr")
    desk.ask("close_survey", survey_id=survey["id"])
    row = desk.ask("get_results", survey_id=survey["id"])["items"][-1]
    assert (row["code"], row["suppressed"]) == (rare, True)
    assert [row[name] for name in ("rank", "n", "value", "mean_importance", "mwds", "quadrant")] == [None] * 6


def test_results_are_never_shown_while_open(desk: Desk) -> None:
    survey = desk.table_survey()
    desk.answer_table(survey)
    for method in ("get_results", "rank_needs"):
        with pytest.raises(Conflict) as caught:
            desk.ask(method, survey_id=survey["id"])
        assert caught.value.code == "results-after-closing"
    progress = desk.ask("get_progress", survey_id=survey["id"])
    assert set(progress) == {"survey_id", "status", "responses", "invited", "response_rate"}


def test_draft_has_neither_results_nor_closing(desk: Desk) -> None:
    draft = desk.draft()
    for method in ("get_results", "close_survey"):
        with pytest.raises(NotFound):
            desk.ask(method, survey_id=draft["id"])


@pytest.mark.parametrize(("silent", "told"), [(10, False), (11, True)])
def test_a_public_summary_has_a_rate_only_where_the_number_asked_is_told(
    desk: Desk, silent: int, told: bool
) -> None:
    people = [member(desk, "learner") for _ in range(11 + silent)]
    survey = desk.launched(audience_roles=["learner"])
    for person in people[:11]:
        desk.ask("submit_response", person, survey_id=survey["id"], answers=answers_of(survey), language="fr")
    desk.close(survey)
    desk.ask("publish_summary", survey_id=survey["id"])
    summary = desk.ask("get_summary", VISITOR, survey_id=survey["id"])
    assert summary["received"] == 11
    assert (summary["invited"], summary["response_rate"]) == ((22, 0.5) if told else (None, None))
