"""REST of the surveys service: one function per operationId of openapi/surveys.yaml, no rules."""

from __future__ import annotations

from typing import Any

from gateway.context import Answer, answer, call, if_match

Body = dict[str, Any]


def _ask(method: str, **payload: Any) -> Answer:
    return answer(_call(method, **payload))


def _call(method: str, **payload: Any) -> Any:
    return call("surveys", method, {name: value for name, value in payload.items() if value is not None})


def _made(method: str, where: str, payload: Body) -> Answer:
    return answer(
        call("surveys", method, payload), 201, location=lambda view: f"/api/v1/{where}/{view['id']}"
    )


def list_survey_templates() -> Answer:
    """Templates."""
    return _ask("list_templates")


def get_survey_template(template_id: str) -> Answer:
    """One template."""
    return _ask("get_template", template_id=template_id)


def list_surveys(status: str | None = None, cursor: str | None = None, limit: int | None = None) -> Answer:
    """A page of surveys."""
    return _ask("list_surveys", status=status, cursor=cursor, limit=limit)


def create_survey(body: Body) -> Answer:
    """A new draft."""
    return _made("create_survey", "surveys", body)


def get_survey(survey_id: str) -> Answer:
    """One survey."""
    return _ask("get_survey", survey_id=survey_id)


def edit_survey(survey_id: str, body: Body) -> Answer:
    """A changed draft; null dates are kept as "not set"."""
    return answer(call("surveys", "edit_survey", {**body, "survey_id": survey_id}, version=if_match()))


def repeat_survey(survey_id: str) -> Answer:
    """A further wave, as a draft."""
    return _made("repeat_survey", "surveys", {"survey_id": survey_id})


def discard_survey(survey_id: str) -> Answer:
    """A draft thrown away."""
    return _ask("discard_survey", survey_id=survey_id, version=if_match())


def launch_survey(survey_id: str) -> Answer:
    """A launched survey."""
    return _ask("launch_survey", survey_id=survey_id, version=if_match())


def extend_survey(survey_id: str, body: Body) -> Answer:
    """A later closing date."""
    return _ask("extend_survey", **body, survey_id=survey_id, version=if_match())


def close_survey(survey_id: str) -> Answer:
    """A closed survey."""
    return _ask("close_survey", survey_id=survey_id)


def rank_needs(survey_id: str) -> Answer:
    """The stored analysis, made now if it was not."""
    return _ask("rank_needs", survey_id=survey_id)


def get_survey_progress(survey_id: str) -> Answer:
    """Count and response rate."""
    return _ask("get_progress", survey_id=survey_id)


def list_survey_participants(survey_id: str, cursor: str | None = None, limit: int | None = None) -> Answer:
    """Who answered a named survey."""
    return _ask("list_participants", survey_id=survey_id, cursor=cursor, limit=limit)


def get_survey_draft(survey_id: str) -> Answer:
    """My saved answers."""
    return _ask("get_draft", survey_id=survey_id)


def save_survey_draft(survey_id: str, body: Body) -> Answer:
    """Some answers saved."""
    return _ask("save_draft", **body, survey_id=survey_id)


def submit_response(survey_id: str, body: Body) -> Answer:
    """Answers submitted. No Location: a response has no address that could be tied to a person."""
    return answer(call("surveys", "submit_response", {**body, "survey_id": survey_id}), 201)


def get_own_response(survey_id: str) -> Answer:
    """My answers to a named survey."""
    return _ask("get_own_response", survey_id=survey_id)


def get_survey_results(survey_id: str) -> Answer:
    """The ranking."""
    return _ask("get_results", survey_id=survey_id)


def list_needs(
    survey_id: str | None = None,
    panel_id: str | None = None,
    source_type: str | None = None,
    status: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Answer:
    """A page of needs."""
    chosen = {"survey_id": survey_id, "panel_id": panel_id, "source_type": source_type, "status": status}
    return _ask("list_needs", **chosen, cursor=cursor, limit=limit)


def search_needs(q: str, limit: int | None = None) -> Answer:
    """Needs whose statement has the words."""
    return _ask("search", q=q, limit=limit)


def get_need(need_id: str) -> Answer:
    """One need."""
    return _ask("get_need", need_id=need_id)


def get_loop(need_id: str) -> Answer:
    """What became of a need."""
    return _ask("get_loop", need_id=need_id)


def list_loops(
    survey_id: str | None = None,
    panel_id: str | None = None,
    source_type: str | None = None,
    status: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Answer:
    """A page of loops."""
    chosen = {"survey_id": survey_id, "panel_id": panel_id, "source_type": source_type, "status": status}
    return _ask("list_loops", **chosen, cursor=cursor, limit=limit)


def get_need_of_course(course_id: str) -> Answer:
    """Because you asked."""
    return _ask("need_of_course", course_id=course_id)


def open_proposal(need_id: str, body: Body) -> Answer:
    """A new proposal."""
    return _made("open_proposal", "proposals", {**body, "need_id": need_id})


def list_proposals(
    need_id: str | None = None, status: str | None = None, cursor: str | None = None, limit: int | None = None
) -> Answer:
    """A page of proposals."""
    return _ask("list_proposals", need_id=need_id, status=status, cursor=cursor, limit=limit)


def get_proposal(proposal_id: str) -> Answer:
    """One proposal."""
    return _ask("get_proposal", proposal_id=proposal_id)


def edit_proposal(proposal_id: str, body: Body) -> Answer:
    """A changed proposal."""
    return _ask("edit_proposal", **body, proposal_id=proposal_id, version=if_match())


def endorse_proposal(proposal_id: str) -> Answer:
    """My endorsement given."""
    return _ask("endorse_proposal", proposal_id=proposal_id)


def withdraw_endorsement(proposal_id: str) -> Answer:
    """My endorsement taken back."""
    return _ask("withdraw_endorsement", proposal_id=proposal_id)


def decide_proposal(proposal_id: str, body: Body) -> Answer:
    """The decision recorded."""
    return _ask("decide_proposal", **body, proposal_id=proposal_id, version=if_match())


def surveys_today() -> Answer:
    """What waits for me."""
    return _ask("home")
