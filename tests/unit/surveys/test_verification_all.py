"""`cercle report verify` of panels, of needs, and of everything that an installation stores."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from services.cli import reports
from services.surveys import tables
from services.surveys.methods.lazy import stats
from shared.actor import system_actor
from shared.testing.harness import Harness
from tests.unit.surveys.office import Office
from tests.unit.surveys.support import View
from tests.unit.surveys.test_follow_up import Course
from tests.unit.surveys.test_panels import (
    FIRST,
    SECOND,
    closed,
    moved,
    rate,
    reopened,
    seated,
    shared,
    started,
    vote,
)
from tests.unit.surveys.test_verification import changed

stats()  # imported at first use, which on a busy machine takes longer than a call may
ME = system_actor("surveys")
WAVES = {"follow-up 1 after", "follow-up 1 90-days"}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    harness = Harness(tmp_path_factory.mktemp("everything"), ("surveys",))
    yield Office(harness)
    harness.close()


@pytest.fixture(autouse=True)
def embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CERCLE_MODE", raising=False)


@pytest.fixture(scope="module")
def delphi(office: Office) -> View:
    """Ended after two rounds: one item in consensus has become a need."""
    people = seated(office, 6)
    panel = closed(
        office, started(office, people, rule={"concordance": 1, "gain": 0, "rounds": 2}), people, FIRST
    )
    ended = closed(office, reopened(office, panel), people, SECOND)
    assert ended["phase"] == "ended"
    return ended


@pytest.fixture(scope="module")
def group(office: Office) -> View:
    """A nominal group in its second vote, which all have cast already."""
    people = seated(office, 6)
    panel, items = shared(office, people)
    moved(office, panel, "vote")
    for place, person in enumerate(people):
        vote(office, panel, person, items[place % 2 :][:4])
    for phase in ("results", "discuss", "revote"):
        panel = moved(office, panel, phase)
    for person in people:
        vote(office, panel, person, items[:5])
    return panel


@pytest.fixture(scope="module")
def need(office: Office) -> View:
    """A need measured after its course and ninety days later."""
    course = Course(office)
    course.lived()
    return {"id": str(course.need)}


def run(office: Office, *asked: str) -> Result:
    var = str(office.service.settings.var)
    line = ["verify", *asked, "--var", var, "--language", "en"]
    return CliRunner().invoke(reports, line, catch_exceptions=False)


def test_a_panel_and_its_needs_are_made_again(office: Office, delphi: View, group: View) -> None:
    (stored,) = office.stored(delphi["id"], "panel")
    (code,) = stored.stored["needs"]
    assert (code, stored.stored["needs"][code]["rank"], "sources" in stored.stored["needs"][code]) == (
        "i01",
        1,
        False,
    )
    assert office.verdicts(delphi, "panel") == {"delphi": "ok"}
    # Ballots of the vote that is open are in no figure yet.
    assert office.verdicts(group, "panel") == {"nominal-group": "ok"}


def test_a_round_that_is_open_is_in_no_figure_yet(office: Office) -> None:
    people = seated(office, 6)
    panel = started(office, people, rule={"concordance": 1, "gain": 0})
    assert office.stored(panel["id"], "panel") == []
    assert run(office, panel["id"]).exit_code == 2
    panel = reopened(office, closed(office, panel, people, FIRST))
    for person, points in zip(people, SECOND, strict=True):
        rate(office, panel, person, points)
    assert office.verdicts(panel, "panel") == {"delphi": "ok"}


def test_a_changed_rating_ballot_or_answer_is_seen(
    office: Office, delphi: View, group: View, need: View
) -> None:
    rating, ballot, answer = tables.panel_ratings, tables.panel_votes, tables.follow_up_answers
    of_delphi = (rating.c.panel_id == UUID(delphi["id"])) & (rating.c.points == 8)
    with changed(office, rating, rating.c.rater_id, of_delphi, lambda _row: {"points": 1}):
        assert office.verdicts(delphi, "panel") == {"delphi": "data-changed"}
    of_group = (ballot.c.panel_id == UUID(group["id"])) & (ballot.c.vote == 1) & (ballot.c.points == 2)
    with changed(office, ballot, ballot.c.rater_id, of_group, lambda _row: {"points": 1}):
        assert office.verdicts(group, "panel") == {"nominal-group": "data-changed"}
    later = (answer.c.wave == "90-days") & (answer.c.ability == 5)
    assert office.verdicts(need, "need") == dict.fromkeys(WAVES, "ok")
    with changed(office, answer, answer.c.pseudonym, later, lambda _row: {"ability": 1}):
        said = office.verdicts(need, "need")
    assert said == {"follow-up 1 after": "ok", "follow-up 1 90-days": "data-changed"}


def test_a_changed_figure_is_named(office: Office, delphi: View, need: View) -> None:
    panel, needs, measure = tables.panels, tables.needs, tables.follow_up_measures

    def other_result(row: View) -> View:
        result = json.loads(json.dumps(row["result"]))
        result["rounds"][0]["items"][0]["median"] += 1
        return {"result": result}

    def other_gap(row: View) -> View:
        figures = json.loads(json.dumps(row["figures"]))
        figures["gap"]["low"] -= 1e-9
        return {"figures": figures}

    def figure(subject: View) -> tuple[int, str]:
        told = run(office, subject["id"], "--json")
        refused = next(one["refused"] for one in json.loads(told.stdout)["figures"] if one["refused"])
        assert refused["code"] == "figure-differs"
        return told.exit_code, refused["params"]["figure"]

    with changed(office, panel, panel.c.id, panel.c.id == UUID(delphi["id"]), other_result):
        assert figure(delphi) == (1, "result.rounds[1].items[i01].median")
    mine = needs.c.panel_id == UUID(delphi["id"])
    with changed(office, needs, needs.c.id, mine, lambda row: {"metric": row["metric"] | {"agreement": 0.5}}):
        assert figure(delphi) == (1, "needs.i01.agreement")
    with changed(office, measure, measure.c.wave, measure.c.wave == "after", other_gap):
        assert figure(need) == (1, "gap.low")


def test_figures_of_an_older_version_are_named_as_such_whatever_they_lack(office: Office, need: View) -> None:
    measure = tables.follow_up_measures

    def older(row: View) -> View:
        manifest = {name: value for name, value in row["manifest"].items() if name != "levels"}
        return {"manifest": manifest | {"methods_version": "1.1.0"}}

    with changed(office, measure, measure.c.wave, measure.c.wave == "after", older):
        assert office.verdicts(need, "need")["follow-up 1 after"] == "other-code-version"


def test_too_few_rows_for_a_figure_are_changed_data(office: Office, delphi: View, need: View) -> None:
    answer, rating = tables.follow_up_answers, tables.panel_ratings
    kept: list[tuple[Any, Any, Any]] = []
    with office.service.db.tx(ME) as tx:
        for table, where in (
            (answer, answer.c.wave == "90-days"),
            (rating, rating.c.panel_id == UUID(delphi["id"])),
        ):
            found = [dict(row) for row in tx.session.execute(select(table).where(where)).mappings()]
            kept.append((table, where, found))
            tx.session.execute(table.delete().where(where))
    try:
        assert office.verdicts(need, "need")["follow-up 1 90-days"] == "data-changed"
        assert office.verdicts(delphi, "panel") == {"delphi": "data-changed"}
    finally:
        with office.service.db.tx(ME) as tx:
            for table, _where, found in kept:
                tx.session.execute(table.insert(), found)
    assert office.verdicts(need, "need") == dict.fromkeys(WAVES, "ok")


def test_the_command_takes_the_id_of_each_kind(office: Office, delphi: View, group: View, need: View) -> None:
    for kind, subject, names in (
        ("panel", delphi, {"delphi"}),
        ("panel", group, {"nominal-group"}),
        ("need", need, WAVES),
    ):
        told = run(office, subject["id"])
        lines = {f"Figures verified, the same bit for bit: {name}" for name in names}
        assert (told.exit_code, set(told.stdout.splitlines())) == (0, lines)
        value = json.loads(run(office, subject["id"], "--json").stdout)
        assert (value[kind], value["outcomes"]) == (subject["id"], dict.fromkeys(names, "ok"))


def test_everything_is_verified_in_one_go(office: Office, delphi: View, group: View, need: View) -> None:
    with office.service.db.read(ME) as tx:
        survey = tx.session.execute(
            select(tables.needs.c.survey_id).where(tables.needs.c.id == UUID(need["id"]))
        ).scalar_one()
        measured = tx.session.execute(
            select(func.count()).select_from(tables.follow_up_measures)
        ).scalar_one()
    told = run(office, "--all")
    lines = told.stdout.splitlines()
    assert told.exit_code == 0
    wanted = [
        f"survey {survey} ranking",
        f"panel {delphi['id']} delphi",
        f"panel {group['id']} nominal-group",
    ]
    wanted += [f"need {need['id']} {name}" for name in WAVES]
    for one in wanted:
        assert lines.count(f"Figures verified, the same bit for bit: {one}") == 1
    assert len([line for line in lines if ": need " in line]) == measured
    assert len(lines) == len(set(lines))

    answer = tables.follow_up_answers
    later = (answer.c.wave == "90-days") & (answer.c.ability == 5)
    with changed(office, answer, answer.c.pseudonym, later, lambda _row: {"ability": 1}):
        told = run(office, "--all", "--json")
    value = json.loads(told.stdout)
    assert (told.exit_code, value["outcomes"]) == (1, {"ok": len(lines) - 1, "data-changed": 1})
    (wrong,) = (one for one in value["subjects"] if "data-changed" in one["outcomes"].values())
    assert wrong["need"] == need["id"]


def test_nothing_stored_and_nothing_asked_are_status_two(tmp_path: Path) -> None:
    harness = Harness(tmp_path, ("surveys",))
    office = Office(harness)
    empty = run(office, "--all", "--json")
    assert (empty.exit_code, json.loads(empty.stdout)["refused"]["code"]) == (2, "nothing-stored")
    for asked in ((), ("--all", "report.json")):
        assert run(office, *asked).exit_code == 2
    harness.close()
