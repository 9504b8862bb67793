"""A survey as a further wave: asked again, and what changed since the wave before."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect

from gateway.context import call, current
from gateway.web.charts import ChangeRow, changes_chart
from gateway.web.pages import flash, signed_in
from gateway.web.survey_forms import closing_from_now
from gateway.web.survey_words import View, chosen, known_ids, say

pages = Blueprint("pages_survey_waves", __name__)
pages.url_value_preprocessor(known_ids)
WORDS = ("new", "dropped", "reworded")


@pages.post("/surveys/<survey_id>/repeat")
@signed_in
def repeat(survey_id: str) -> Any:
    """The same asked again, as a draft that closes in two weeks."""
    made = call("surveys", "repeat_survey", {"survey_id": survey_id})
    dates = {"survey_id": made["id"], "closes_at": closing_from_now(current().time_zone)}
    call("surveys", "edit_survey", dates, version=made["version"])
    flash("success", "surveys.repeat.done")
    return redirect(f"/surveys/{made['id']}/edit", 303)


def waves_part(waves: View | None, survey: View) -> View | None:
    """What changed, in words, with its chart; None for a survey that follows none."""
    if waves is None:
        return {"title": title_of(survey), "pending": True} if survey["follows"] else None
    part: View = {"title": title_of(survey), "evidence": waves["evidence"]}
    if "refused" in waves:
        return part | {"refused": say(f"analysis.refused.waves.{waves['refused']['code']}")}
    shown = [row for row in waves["items"] if not row["suppressed"]]
    return part | {
        "chart": changes_chart([_row(row) for row in shown], lang=current().language) if shown else None,
        "paired": any(row["paired"] for row in shown),
        "apart": any(not row["paired"] for row in shown),
        "indicative": any(row["indicative"] for row in shown),
        "hidden": len(waves["items"]) - len(shown),
        "words": [(say(f"analysis.waves.{name}"), waves[name]) for name in WORDS if waves[name]],
        "manifest": waves["manifest"],
    }


def title_of(survey: View) -> str:
    """What changed since which survey; its title only for those who may see it."""
    if survey["follows"] is None:
        return say("analysis.waves.title.hidden")
    return say("analysis.waves.title", title=chosen(survey["follows"]["title"]))


def _row(row: View) -> ChangeRow:
    gap, effect = row["gap"], row["effect"]
    return ChangeRow(
        label=chosen(row["statement"]), before=gap["before"], after=gap["after"], change=gap["change"], low=gap["low"],
        high=gap["high"], n_before=row["n_before"], n_after=row["n_after"], g=effect["g"] if effect else None,
        paired=row["paired"],
    )  # fmt: skip
