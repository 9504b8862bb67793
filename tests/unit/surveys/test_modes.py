"""Named, confidential, anonymous: the database file and the API attacked for what each mode promises."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from shared.actor import VISITOR, Actor
from shared.errors import CercleError, NotFound
from tests.unit.surveys.support import Desk, View, member

MODES = ("named", "confidential", "anonymous")
PEOPLE = 12
COMMENT: View = {"code": "comment", "kind": "long-text", "text": {"fr": "Autre chose", "en": "Anything else"}}
PAIRED: View = {
    "code": "listening", "kind": "pair", "text": {"fr": "Écouter", "en": "Listening"}, "required": True,
}  # fmt: skip
Rows = dict[str, list[tuple[Any, ...]]]


def said(number: int) -> View:
    """Answers that tell whose they are."""
    return {
        "listening": {"importance": 5, "ability": 2},
        "comment": {"value": f"the words of person {number}"},
    }


def filled(desk: Desk, mode: str) -> tuple[View, list[Actor], list[str]]:
    """Everybody answers, in order, twelve with an account and two by a link."""
    people = [member(desk, province="QC" if number % 2 else "ON") for number in range(PEOPLE)]
    survey = desk.launched(
        anonymity=mode, elements=[PAIRED, COMMENT], groups=["province", "role", "language"]
    )
    for number, person in enumerate(people):
        payload = {"survey_id": survey["id"], "answers": said(number), "language": "fr"}
        desk.ask("submit_response", person, key=f"key-{number}", **payload)
    secrets = desk.ask("make_links", survey_id=survey["id"], count=3)["secrets"]
    for number, secret in enumerate(secrets[:2], start=PEOPLE):
        desk.ask(
            "submit_by_link", VISITOR, secret=secret, answers=said(number), language="en", key=f"key-{number}"
        )
    return survey, people, secrets


def close(desk: Desk, survey: View) -> None:
    """Ranking takes its time on a busy machine."""
    payload = {"survey_id": survey["id"]}
    desk.harness.bus.call("surveys", "close_survey", payload, actor=desk.coordinator, timeout=60)


def stored(tmp_path: Path) -> Rows:
    """Every row of every table of the service, as a thief of the file reads them."""
    file = next(tmp_path.rglob("surveys.sqlite"))
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}


def reached(tables: Rows, start: str, *, without: tuple[str, ...] = ()) -> set[str]:
    """Every comment that can be joined to `start` over rows that share a value held by few.

    A value that more than three rows of some table hold (the survey, an item, a word of a list) joins nobody in
    particular. JSON cells count as their text.
    """
    holders: dict[str, set[tuple[str, int]]] = defaultdict(set)
    cells: dict[tuple[str, int], set[str]] = {}
    for name, rows in tables.items():
        if name in without:
            continue
        for place, row in enumerate(rows):
            cells[name, place] = {str(cell).replace("-", "").lower() for cell in row if len(str(cell)) > 6}
            for cell in cells[name, place]:
                holders[cell].add((name, place))
    common = {cell for cell, rows in holders.items() if len(rows) > 3}
    seen: set[tuple[str, int]] = set()
    waiting = [start.replace("-", "").lower()]
    while waiting:
        for row in holders[waiting.pop()] - seen:
            seen.add(row)
            waiting.extend(cells[row] - common)
    return {cell for row in seen for cell in cells[row] if "the words of person" in cell}


def own(number: int) -> str:
    return f"the words of person {number}"


@pytest.mark.parametrize("mode", MODES)
def test_the_file_ties_people_to_answers_only_as_far_as_the_mode_says(
    desk: Desk, mode: str, tmp_path: Path
) -> None:
    survey, people, secrets = filled(desk, mode)
    desk.harness.drain()
    close(desk, survey)
    desk.harness.drain()
    service: Any = desk.harness.services["surveys"]
    service.refresh_coverage()
    tables = stored(tmp_path)
    assert len(tables["responses"]) == PEOPLE + 2
    for number, person in enumerate(people):
        found = reached(tables, str(person.account_id))
        if mode == "anonymous":
            assert found == set()
        else:
            assert len(found) == 1
            assert own(number) in found.pop()
        if mode == "confidential":  # the tie is in one table and nowhere else
            assert reached(tables, str(person.account_id), without=("pseudonyms",)) == set()
    assert len(tables["pseudonyms"]) == (PEOPLE if mode == "confidential" else 0)
    # A link is used, in every mode without a tie to what was said.
    links = {row[3]: row for row in tables["survey_links"]}
    assert sorted(row[4] for row in links.values()) == ["unused", "used", "used"]
    for digest in links:
        assert reached(tables, digest) == set()
    file = b"".join(path.read_bytes() for path in tmp_path.rglob("surveys.sqlite*"))
    assert not any(secret.encode() in file for secret in secrets)


def test_the_attack_finds_a_tie_where_there_is_one(desk: Desk, tmp_path: Path) -> None:
    """The control: one column too many, and the search above has everybody."""
    survey, people, _ = filled(desk, "anonymous")
    close(desk, survey)
    tables = stored(tmp_path)
    by_words = {
        own(number): row
        for row in tables["responses"]
        for number in range(PEOPLE)
        if f'{own(number)}"' in str(row)
    }
    tables["leak"] = [
        (str(person.account_id), by_words[own(number)][0]) for number, person in enumerate(people)
    ]
    for number, person in enumerate(people):
        assert own(number) in reached(tables, str(person.account_id)).pop()


def test_closing_an_anonymous_survey_leaves_no_order_in_what_was_written(desk: Desk, tmp_path: Path) -> None:
    survey, _, _ = filled(desk, "anonymous")
    order = [str(row) for row in stored(tmp_path)["responses"]]
    assert [own(number) in row for number, row in enumerate(order)].count(True) == PEOPLE + 2
    close(desk, survey)
    tables = stored(tmp_path)
    after = [str(row) for row in tables["responses"]]
    assert len(after) == PEOPLE + 2
    assert [f'{own(number)}"' in row for number, row in enumerate(after)].count(True) < PEOPLE
    assert {row[0] for row in tables["responses"]}.isdisjoint(row.split("'")[1] for row in order)
    # Neither a link nor what it says of itself holds a time.
    with desk.harness.services["surveys"].db.engine.connect() as connection:
        columns = [row[1] for row in connection.execute(text("PRAGMA table_info(survey_links)"))]
    assert columns == ["id", "survey_id", "batch_id", "secret_hash", "state", "key_hash"]


@pytest.mark.parametrize("mode", MODES)
def test_the_api_gives_each_only_what_the_mode_says(desk: Desk, mode: str) -> None:
    survey, people, _ = filled(desk, mode)
    of = {"survey_id": survey["id"]}
    service: Any = desk.harness.services["surveys"]
    for _ in range(2):
        service.refresh_coverage()
        for number, person in enumerate(people[:2]):
            if mode == "anonymous":
                with pytest.raises(NotFound):
                    desk.ask("get_own_response", person, **of)
            else:
                assert desk.ask("get_own_response", person, **of)["answers"] == said(number)
        for nobody in (desk.coordinator, member(desk)):
            with pytest.raises(NotFound):
                desk.ask("get_own_response", nobody, **of)
        if mode == "named":
            assert len(desk.ask("list_participants", **of)["items"]) == PEOPLE
        else:
            with pytest.raises(NotFound):
                desk.ask("list_participants", **of)
        methods = ("get_survey", "get_progress", "get_coverage", "list_links", "get_reminders")
        told = json.dumps([desk.ask(method, **of) for method in methods])
        assert not any(str(person.account_id) in told for person in people)
        assert "the words" not in told
        close(desk, survey)
    changed = desk.ask("get_survey", **of)
    with pytest.raises(CercleError, match="already-launched"):
        desk.ask("edit_survey", **of, version=changed["version"], anonymity="named")


@pytest.mark.parametrize(
    ("mode", "change"),
    [
        ("confidential", "UPDATE responses SET account_id = survey_id"),
        ("confidential", "UPDATE surveys SET anonymity = 'named'"),
        ("confidential", "UPDATE pseudonyms SET anonymity = 'anonymous'"),
        ("anonymous", "UPDATE responses SET account_id = survey_id"),
        ("anonymous", "INSERT INTO pseudonyms SELECT survey_id, survey_id, id, 'anonymous' FROM responses LIMIT 1"),
        ("anonymous", "INSERT INTO pseudonyms SELECT survey_id, survey_id, id, 'confidential' FROM responses LIMIT 1"),
    ],
)  # fmt: skip
def test_database_itself_refuses_another_mode(desk: Desk, mode: str, change: str) -> None:
    filled(desk, mode)
    with pytest.raises(IntegrityError), desk.harness.services["surveys"].db.engine.begin() as connection:
        connection.execute(text(change))


def test_kept_attributes_are_those_named_and_no_others(desk: Desk) -> None:
    person = member(desk, "learner", "trainer", "admin", province="NB", sector="police")
    for groups, expected in (
        ([], {}),
        (["sector"], {"sector": "police"}),
        (["role", "province", "sector", "language", "agency", "cohort"],
         {"role": "admin", "province": "NB", "sector": "police", "language": "en"}),
    ):  # fmt: skip
        survey = desk.launched(anonymity="anonymous", elements=[PAIRED, COMMENT], groups=groups)
        desk.ask("submit_response", person, survey_id=survey["id"], answers=said(1), language="en")
        with desk.harness.services["surveys"].db.engine.connect() as connection:
            rows = connection.execute(text("SELECT groups, survey_id FROM responses")).all()
        mine = [json.loads(row[0]) for row in rows if row[1] == survey["id"].replace("-", "")]
        assert mine == [expected]
