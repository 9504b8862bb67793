"""REST of the surveys service. Collecting: audience, confidential mode, reminders, single-use links, coverage."""

from __future__ import annotations

from gateway.context import Answer, answer, call

Several = list[str] | None


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
