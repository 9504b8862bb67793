"""Every figure that the analysis stores is made again from the rows; a changed row or figure is seen, and where."""

from __future__ import annotations

import hmac
import json
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Table, and_, select, update

from services.surveys import tables
from services.surveys.analysis.figures import GROUPS, LANGUAGES, NUMBERS, TABLES, WEIGHTED
from services.surveys.verification import verify
from shared.actor import system_actor
from shared.testing.harness import Harness
from tests.unit.surveys.office import Office
from tests.unit.surveys.support import PAIR, View, member
from tests.unit.surveys.test_export_calls import data_of

NEEDS: list[View] = [{"code": f"need-{i}", "kind": "pair", "text": PAIR, "required": True} for i in range(3)]
ASKED: list[View] = [
    *NEEDS,
    {"code": "way", "kind": "single", "text": PAIR, "options": [{"code": c, "text": PAIR} for c in "ab"]},
    {"code": "days", "kind": "number", "text": PAIR, "min": 0, "max": 30},
    {"code": "why", "kind": "long-text", "text": PAIR},
]
KINDS = {"ranking", "coding why", TABLES, GROUPS, WEIGHTED, LANGUAGES, NUMBERS}
PEOPLE = 30


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    harness = Harness(tmp_path_factory.mktemp("verified"), ("surveys",))
    yield Office(harness)
    harness.close()


@pytest.fixture(scope="module")
def borich(office: Office) -> View:
    """Thirty people of two provinces and languages answered; ten more were asked; two coders have coded."""
    chance = random.Random(7)
    survey = office.launched(elements=ASKED, groups=["province", "language"])
    for number in range(PEOPLE + 10):
        province, language = "QC" if number % 2 else "ON", "fr" if number // 2 % 2 else "en"
        person = member(office, "learner", province=province, language=language)
        if number >= PEOPLE:
            continue
        answers: View = {
            need["code"]: {"importance": chance.randint(3, 5), "ability": chance.randint(1, 4)}
            for need in NEEDS
        }
        answers |= {"way": {"choice": chance.choice("ab")}, "days": {"value": chance.randrange(30)}}
        answers["why"] = {"value": f"raison {number}"}
        office.ask("submit_response", person, survey_id=survey["id"], answers=answers, language=language)
    closed = office.close(survey)
    coding = office.started(closed)
    office.code(coding, office.researcher, lambda number: [number % 3])
    office.code(coding, office.trainer, lambda number: [number % 3 if number % 5 else 0])
    return closed


@pytest.fixture(scope="module")
def choices(office: Office) -> View:
    """A MaxDiff survey that eight people answered."""
    survey = office.launched(template_id="maxdiff")
    (element,) = survey["elements"]
    for number in range(8):
        sets = {
            str(at): {
                "best": members[(at * number) % 4],
                "worst": members[(at * number + 1 + number % 3) % 4],
            }
            for at, members in enumerate(element["sets"])
        }
        answers = {element["code"]: {"sets": sets}}
        person = office.harness.actor("learner")
        office.ask("submit_response", person, survey_id=survey["id"], answers=answers, language="fr")
    return office.close(survey)


def found(office: Office, survey: View) -> dict[str, Any]:
    return {one.name: one.stored for one in office.stored(survey["id"])}


def test_every_stored_figure_is_made_again_from_the_rows(office: Office, borich: View, choices: View) -> None:
    stored = found(office, borich)
    assert set(stored) == KINDS
    assert not [name for name, content in stored.items() if "refused" in content]
    assert stored[WEIGHTED]["attributes"] == ["province", "language"]
    assert office.verdicts(borich) == dict.fromkeys(KINDS, "ok")
    # Without pairs there is nothing to compare by group or language; that too is what the rows give.
    options = found(office, choices)
    assert options["ranking"]["needs"].keys() == {item["code"] for item in choices["items"]}
    assert {name for name, content in options.items() if "refused" in content} == {
        GROUPS,
        WEIGHTED,
        LANGUAGES,
    }
    assert office.verdicts(choices) == dict.fromkeys(KINDS - {"coding why"}, "ok")


def test_one_changed_rating_is_seen_in_every_figure_made_of_it(office: Office, borich: View) -> None:
    answer = tables.answers
    where = (answer.c.importance == 5) & (answer.c.ability > 1)
    with changed(office, answer, answer.c.response_id, where, lambda _row: {"importance": 1}):
        said = office.verdicts(borich)
    rated = ("ranking", TABLES, GROUPS, WEIGHTED, LANGUAGES)
    assert said == dict.fromkeys(rated, "data-changed") | {NUMBERS: "ok", "coding why": "ok"}


def test_one_changed_answer_to_a_question_is_seen(office: Office, borich: View) -> None:
    response = tables.responses

    def other(row: View) -> View:
        way = {"choice": "a" if row["given"]["way"]["choice"] == "b" else "b"}
        return {"given": row["given"] | {"way": way, "days": {"value": 30.0}}}

    where = response.c.survey_id == UUID(borich["id"])
    with changed(office, response, response.c.id, where, other):
        said = office.verdicts(borich)
    assert (said[TABLES], said[NUMBERS], said["ranking"]) == ("data-changed", "figure-differs", "ok")


def test_one_changed_choice_of_a_maxdiff_survey_is_seen(office: Office, choices: View) -> None:
    response = tables.responses

    def other(row: View) -> View:
        ((code, answer),) = row["given"].items()
        first = answer["sets"]["0"]
        turned = {"best": first["worst"], "worst": first["best"]}
        return {"given": {code: {"sets": answer["sets"] | {"0": turned}}}}

    where = response.c.survey_id == UUID(choices["id"])
    with changed(office, response, response.c.id, where, other):
        assert office.verdicts(choices)["ranking"] == "data-changed"


def test_one_changed_figure_of_each_kind_is_named(office: Office, borich: View) -> None:
    table = tables.figures
    spoiled: dict[str, str] = {}

    def other(row: View) -> View:
        content = json.loads(json.dumps(row["content"]))
        spoiled[row["kind"]] = spoil(content)
        return {"content": content}

    with ExitStack() as stack:
        for kind in (TABLES, GROUPS, WEIGHTED, LANGUAGES, NUMBERS):
            where = (table.c.survey_id == UUID(borich["id"])) & (table.c.kind == kind)
            stack.enter_context(changed(office, table, table.c.kind, where, other))
        figures = office.stored(borich["id"])
    verdicts = {one.name: one.verdict for one in verify(figures)}
    wrong = {name: verdict for name, verdict in verdicts.items() if verdict.outcome != "ok"}
    assert wrong.keys() == spoiled.keys()
    for kind, verdict in wrong.items():
        (difference,) = verdict.differences
        assert verdict.outcome == "figure-differs"
        assert difference.path.endswith(spoiled[kind])
        assert difference.stored == pytest.approx(difference.rebuilt + 1)


def spoil(content: Any) -> str:
    """One more in the first number of figures that is no manifest's; its name."""
    for name, inner in content.items() if isinstance(content, dict) else enumerate(content):
        if name == "manifest":
            continue
        if isinstance(inner, dict | list):
            if done := spoil(inner):
                return done
        elif isinstance(inner, int | float) and not isinstance(inner, bool):
            content[name] = inner + 1
            return str(name) if isinstance(content, dict) else f"[{name}]"
    return ""


@contextmanager
def changed(
    office: Office, table: Table, key: Any, where: Any, other: Callable[[View], View]
) -> Iterator[None]:
    """The first row, by its key, as `other` makes it; afterwards as it was."""
    with office.service.db.tx(system_actor("surveys")) as tx:
        row = dict(tx.session.execute(select(table).where(where).order_by(key)).mappings().first() or {})
        values = other(row)
        mine = and_(*(column == row[column.name] for column in table.primary_key))
        tx.session.execute(update(table).where(mine).values(values))
    try:
        yield
    finally:
        with office.service.db.tx(system_actor("surveys")) as tx:
            tx.session.execute(update(table).where(mine).values({name: row[name] for name in values}))


def plain(value: Any) -> set[str]:
    """Every fingerprint within."""
    if isinstance(value, dict):
        own = {str(value["data_sha256"])} if "data_sha256" in value else set()
        return own.union(*(plain(inner) for inner in value.values()))
    return set().union(*(plain(inner) for inner in value)) if isinstance(value, list) else set()


def test_fingerprints_leave_the_service_keyed_and_the_same_each_time(office: Office, borich: View) -> None:
    """A plain one of few answers could be tried out."""
    stored = set().union(*(plain(one.stored) for one in office.stored(borich["id"])))
    need = office.ask("list_needs", survey_id=borich["id"])["items"][0]
    shown: set[str] = set()
    for method, payload in (
        ("get_results", {"survey_id": borich["id"]}), ("get_figures", {"survey_id": borich["id"]}),
        ("get_tables", {"survey_id": borich["id"]}), ("get_need", {"need_id": need["id"]}),
    ):  # fmt: skip
        found = plain(office.ask(method, **payload))
        assert found == plain(office.ask(method, **payload))
        shown |= found
    shown |= plain(json.loads(data_of(office, borich, "figures-json")))
    assert stored
    assert shown
    assert stored.isdisjoint(shown)
    assert shown <= {hmac.new(office.service._key, one.encode(), "sha256").hexdigest() for one in stored}  # type: ignore[attr-defined]
