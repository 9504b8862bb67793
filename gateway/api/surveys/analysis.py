"""REST of the surveys service. Analysis: groups, published tables, distributions, MaxDiff, agreement, weights."""

from __future__ import annotations

from gateway.context import Answer, answer, call
from gateway.web.survey_figures import sheet


def get_survey_tables(survey_id: str, audience: str = "members") -> Answer:
    """The published tables."""
    return answer(call("surveys", "get_tables", {"survey_id": survey_id, "audience": audience}))


def get_survey_figures(survey_id: str) -> Answer:
    """The figures beside the ranking."""
    return answer(call("surveys", "get_figures", {"survey_id": survey_id}))


def get_survey_figure_csv(survey_id: str, name: str) -> Answer:
    """One set of figures as a file."""
    file = f'attachment; filename="cercle-{name}-{survey_id[:8]}.csv"'
    headers = {
        "Cache-Control": "no-store",
        "Content-Type": "text/csv",
        "Content-Disposition": file,
    }
    return sheet(survey_id, name).csv, 200, headers


def get_survey_summary(survey_id: str) -> Answer:
    """The public summary."""
    return answer(call("surveys", "get_summary", {"survey_id": survey_id}))


def publish_survey_summary(survey_id: str) -> Answer:
    """The summary made public."""
    return answer(call("surveys", "publish_summary", {"survey_id": survey_id}))


def withdraw_survey_summary(survey_id: str) -> Answer:
    """The summary taken back."""
    return answer(call("surveys", "withdraw_summary", {"survey_id": survey_id}))
