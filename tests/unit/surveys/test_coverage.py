"""Coverage: five answers at a time, small cells hidden, silent provinces named."""

from __future__ import annotations

from typing import Any

import pytest

from services.surveys.coverage import Gathered, figures_of
from shared.actor import Actor
from shared.errors import Forbidden
from tests.unit.surveys.support import Desk, View, answers_of, member

CROWD = {"QC": 8, "ON": 7, "AB": 6, "BC": 2, "NU": 1}
ANSWERS = {"QC": 6, "ON": 5, "BC": 1}


def job(desk: Desk) -> None:
    service: Any = desk.harness.services["surveys"]
    service.refresh_coverage()


def crowd(desk: Desk) -> dict[str, list[Actor]]:
    return {
        province: [member(desk, province=province) for _ in range(count)] for province, count in CROWD.items()
    }


def answer(desk: Desk, survey: View, people: list[Actor]) -> None:
    for person in people:
        desk.ask("submit_response", person, survey_id=survey["id"], answers=answers_of(survey), language="fr")


def rows(found: View, kind: str = "province") -> dict[str, tuple[int | None, int | None]]:
    return {row["value"]: (row["invited"], row["answered"]) for row in found["by"][kind]}


def test_small_cells_are_hidden_and_silent_provinces_named(desk: Desk) -> None:
    people, survey = crowd(desk), desk.launched(anonymity="confidential")
    for province, count in ANSWERS.items():
        answer(desk, survey, people[province][:count])
    job(desk)
    found = desk.ask("get_coverage", survey_id=survey["id"])
    # One answer of BC is hidden, and with it the smallest other figure, or 12 - 6 - 5 would say it.
    assert rows(found) == {
        "AB": (6, 0),
        "BC": (None, None),
        "NU": (None, None),
        "ON": (7, None),
        "QC": (8, 6),
    }
    # Nunavut has one member: saying that it is silent would say who has not answered.
    assert "AB" in found["silent"]["province"]
    assert "MB" in found["silent"]["province"]
    assert not {"NU", "BC", "ON", "QC"} & set(found["silent"]["province"])
    assert rows(found, "language") == {"fr": (24, 12)}
    assert rows(found, "role") == {"learner": (24, 12)}
    with pytest.raises(Forbidden):
        desk.ask("get_coverage", people["QC"][0], survey_id=survey["id"])


def test_tables_change_by_five_answers_at_once_and_at_closing(desk: Desk) -> None:
    people, survey = crowd(desk), desk.launched(audience={"province": ["QC", "ON"]})
    seen = []
    for number, person in enumerate([*people["QC"], *people["ON"][:5]], start=1):
        answer(desk, survey, [person])
        job(desk)
        seen.append(desk.ask("get_coverage", survey_id=survey["id"])["responses"])
        assert seen[-1] == number // 5 * 5
    assert rows(desk.ask("get_coverage", survey_id=survey["id"]), "sector") == {"health": (15, 10)}
    desk.ask("close_survey", survey_id=survey["id"])
    job(desk)
    final = desk.ask("get_coverage", survey_id=survey["id"])
    assert (final["responses"], final["final"], rows(final)) == (13, True, {"ON": (7, 5), "QC": (8, 8)})
    assert final["silent"] == {"province": [], "sector": [one for one in SECTORS if one != "health"]}


SECTORS = sorted(
    ["health", "social-services", "education", "police", "corrections", "community", "research", "policy",
     "faith-cultural"]
)  # fmt: skip


def test_a_named_survey_hides_nothing_and_counts_links_apart(desk: Desk) -> None:
    people, survey = crowd(desk), desk.launched(anonymity="named")
    answer(desk, survey, people["BC"][:1])
    secret = desk.ask("make_links", survey_id=survey["id"], count=2)["secrets"][0]
    desk.ask("submit_by_link", secret=secret, answers=answers_of(survey), language="en")
    job(desk)
    found = desk.ask("get_coverage", survey_id=survey["id"])
    assert rows(found) == {
        "AB": (6, 0),
        "BC": (2, 1),
        "NU": (1, 0),
        "ON": (7, 0),
        "QC": (8, 0),
        "link": (2, 1),
    }
    assert "NU" in found["silent"]["province"]


def test_people_with_a_saved_draft_are_counted_from_five_on(desk: Desk) -> None:
    people, survey = crowd(desk), desk.launched()
    code = survey["items"][0]["code"]
    begun = {code: {"importance": 3}}
    for number, person in enumerate(people["QC"][:5], start=1):
        desk.ask("save_draft", person, survey_id=survey["id"], answers=begun, language="fr")
        drafts = desk.ask("get_coverage", survey_id=survey["id"])["drafts"]
        assert drafts == (
            {"value": 5, "fewer_than": None} if number == 5 else {"value": None, "fewer_than": 5}
        )
    secret = desk.ask("make_links", survey_id=survey["id"], count=1)["secrets"][0]
    desk.ask("save_link_draft", secret=secret, answers=begun, language="fr")
    assert desk.ask("get_coverage", survey_id=survey["id"])["drafts"]["value"] == 6


def test_fewer_than_five_answers_give_no_table() -> None:
    one = {"province": "QC", "sector": "health", "language": "fr", "role": "learner"}
    few = Gathered([one] * 30, [one] * 4, {"province": ("QC", "ON")}, named=False)
    assert figures_of(few) == {"by": {}, "silent": {}}
