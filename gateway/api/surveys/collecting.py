"""REST of the surveys service. Collecting: audience, confidential mode, reminders, single-use links, coverage."""

from __future__ import annotations

from typing import Any

from gateway.context import Answer, answer, call

Several = list[str] | None
Body = dict[str, Any]


def count_survey_audience(
    role: Several = None,
    province: Several = None,
    sector: Several = None,
    language: Several = None,
    cohort: Several = None,
    agency: Several = None,
) -> Answer:
    """How many members an audience would reach."""
    kinds = {"role": role, "province": province, "sector": sector, "language": language, "cohort": cohort,
             "agency": agency}  # fmt: skip
    audience = {kind: values for kind, values in kinds.items() if values}
    return answer(call("surveys", "count_audience", {"audience": audience}))


def get_survey_reminders(survey_id: str) -> Answer:
    """Reminders sent and planned."""
    return answer(call("surveys", "get_reminders", {"survey_id": survey_id}))


def remind_survey(survey_id: str) -> Answer:
    """A reminder to those who have not answered."""
    return answer(call("surveys", "remind", {"survey_id": survey_id}))


def get_survey_coverage(survey_id: str) -> Answer:
    """Who answered so far, by attributes."""
    return answer(call("surveys", "get_coverage", {"survey_id": survey_id}))


def list_survey_links(survey_id: str) -> Answer:
    """The batches of links."""
    return answer(call("surveys", "list_links", {"survey_id": survey_id}))


def make_survey_links(survey_id: str, body: Body) -> Answer:
    """Links whose secrets are told this once."""
    return answer(call("surveys", "make_links", {**body, "survey_id": survey_id}), 201)


def revoke_survey_links(survey_id: str, batch_id: str) -> Answer:
    """The unused links of a batch taken back."""
    return answer(call("surveys", "revoke_links", {"survey_id": survey_id, "batch_id": batch_id}))


def open_survey_link(body: Body) -> Answer:
    """A survey, for the bearer of a link."""
    return answer(call("surveys", "open_link", body))


def save_survey_link_draft(body: Body) -> Answer:
    """Some answers saved by a link."""
    return answer(call("surveys", "save_link_draft", body))


def submit_survey_link(body: Body) -> Answer:
    """Answers sent by a link."""
    return answer(call("surveys", "submit_by_link", body), 201)
