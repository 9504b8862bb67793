"""REST of the surveys service. Instruments: elements, versions, item bank, templates, import and export."""

from __future__ import annotations

from typing import Any

from gateway.context import Answer, answer, call, if_match

Body = dict[str, Any]


def _ask(method: str, **payload: Any) -> Answer:
    return answer(
        call("surveys", method, {name: value for name, value in payload.items() if value is not None})
    )


def list_survey_bank(q: str | None = None, topic: str | None = None) -> Answer:
    """The bank of statements."""
    return _ask("list_bank", q=q, topic=topic)


def design_sets(options: list[str], size: int | None = None, appearances: int | None = None) -> Answer:
    """Balanced MaxDiff sets."""
    return _ask("design_sets", options=options, size=size, appearances=appearances)


def preview_instrument(body: Body) -> Answer:
    """What a person would see of elements that are not kept yet."""
    return _ask("preview_instrument", **body)


def preview_survey(survey_id: str, body: Body) -> Answer:
    """What a person sees of a survey."""
    return _ask("preview_instrument", **body, survey_id=survey_id)


def import_instrument(body: Body) -> Answer:
    """A draft from a file."""
    made = call("surveys", "import_instrument", body)
    return answer(made, 201, location=lambda view: f"/api/v1/surveys/{view['id']}")


def export_instrument(survey_id: str, number: int | None = None) -> Answer:
    """The document itself."""
    payload = {"survey_id": survey_id} | ({"number": number} if number is not None else {})
    return answer(call("surveys", "export_instrument", payload)["document"])


def list_instrument_versions(survey_id: str) -> Answer:
    """The versions."""
    return _ask("list_instrument_versions", survey_id=survey_id)


def get_instrument_version(survey_id: str, number: int) -> Answer:
    """One version."""
    return _ask("get_instrument_version", survey_id=survey_id, number=number)


def revise_survey(survey_id: str, body: Body) -> Answer:
    """Another version."""
    return answer(call("surveys", "revise_survey", {**body, "survey_id": survey_id}, version=if_match()))
