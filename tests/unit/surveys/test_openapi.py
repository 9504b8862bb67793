"""The document says what the service answers."""

import ast
from pathlib import Path
from typing import Any

import pytest
from openapi_schema_validator import OAS30Validator
from openapi_spec_validator import validate

from gateway.app import load_document
from tests.unit.surveys.support import PAIR, TEXTS, Desk, answers_of

GATEWAY = Path(__file__).parents[3] / "gateway"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return load_document("surveys")


def test_document_is_valid_and_every_operation_has_its_function(document: dict[str, Any]) -> None:
    validate(document)
    operations = [one for path in document["paths"].values() for one in path.values()]
    bodies = [ast.parse(path.read_text()).body for path in (GATEWAY / "api" / "surveys").glob("*.py")]
    nodes = [node for body in bodies for node in body if isinstance(node, ast.FunctionDef)]
    functions = {node.name for node in nodes if node.name[0] != "_"}
    assert {one["operationId"] for one in operations} == functions
    assert [one["operationId"] for one in operations if not one.get("x-summary-fr")] == []
    posts = [one for path in document["paths"].values() for method, one in path.items() if method == "post"]
    key = {"$ref": "#/components/parameters/IdempotencyKey"}
    assert [one["operationId"] for one in posts if key not in one["parameters"]] == []


def check(document: dict[str, Any], name: str, value: Any) -> None:
    schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    errors = [(list(error.path), error.message[:200]) for error in OAS30Validator(schema).iter_errors(value)]
    assert (name, errors) == (name, [])
    declared = document["components"]["schemas"][name]["properties"]
    assert (name, sorted(set(value) - set(declared))) == (name, [])


def test_answers_are_as_the_document_says(desk: Desk, document: dict[str, Any]) -> None:
    draft = desk.draft(closes_at=None)
    check(document, "Survey", draft)
    check(document, "SurveyTemplates", desk.ask("list_templates"))
    check(document, "SurveyTemplate", desk.ask("get_template", template_id="borich"))
    survey, person = desk.launched(anonymity="named"), desk.harness.actor("learner")
    of_survey, answers = {"survey_id": survey["id"]}, answers_of(survey, "na", 2)
    check(document, "SurveyDraft", desk.ask("get_draft", person, **of_survey))
    payload = of_survey | {"answers": answers, "language": "fr"}
    check(document, "SurveyDraft", desk.ask("save_draft", person, **payload))
    check(document, "SurveysToday", desk.ask("home", person))
    check(document, "Receipt", desk.ask("submit_response", person, **payload))
    check(document, "OwnResponse", desk.ask("get_own_response", person, **of_survey))
    check(document, "SurveyProgress", desk.ask("get_progress", **of_survey))
    check(document, "ParticipantPage", desk.ask("list_participants", **of_survey))
    check(document, "SurveyPage", desk.ask("list_surveys"))
    check(document, "Discarded", desk.ask("discard_survey", survey_id=draft["id"], version=1))
    desk.ask("close_survey", **of_survey)
    check(document, "Results", desk.ask("get_results", **of_survey))


def test_answers_about_needs_are_as_the_document_says(desk: Desk, document: dict[str, Any]) -> None:
    survey = desk.ranked()
    results = desk.ask("get_results", survey_id=survey["id"])
    check(document, "Results", results)
    for row in results["items"]:
        check(document, "ResultRow", row)
    of_need = {"need_id": results["items"][0]["need_id"]}
    proposal = desk.ask("open_proposal", **of_need, **TEXTS)
    check(document, "Proposal", proposal)
    check(document, "Need", desk.ask("get_need", **of_need))
    check(document, "NeedPage", desk.ask("list_needs"))
    check(document, "SurveysToday", desk.ask("home"))
    decision = {"proposal_id": proposal["id"], "version": 1, "outcome": "approved", "reason": PAIR}
    check(document, "Proposal", desk.ask("decide_proposal", **decision))
    check(document, "ProposalPage", desk.ask("list_proposals"))
    check(document, "Loop", desk.ask("get_loop", **of_need))
    check(document, "LoopPage", desk.ask("list_loops"))
