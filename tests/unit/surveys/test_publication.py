"""What is published of a survey, read through REST, and attacked with linear programmes over all of it together."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import csr_matrix
from sqlalchemy import insert
from starlette.testclient import TestClient

from gateway.asgi import build_gateway
from services.surveys import tables
from services.surveys.methods.publication import Closed, People, publish
from shared.actor import system_actor
from shared.testing.harness import Harness
from tests.unit.surveys.support import PAIR, Desk

View = dict[str, Any]
Record = dict[str, str]
PEOPLE = 72
# Every attribute and answer of a person, and how often each occurs: some labels are rare, and two hang together.
ATTRIBUTES = {
    "province": ("QC", "ON", "NB", "PE"),
    "sector": ("health", "police", "education"),
    "language": ("fr", "en"),
}
ANSWERS = {"one": ("a", "b", "c"), "many": ("yes", "no"), "grid": ("1", "2", "3")}
ODDS = {"province": (30, 24, 3, 2), "sector": (6, 5, 2), "one": (6, 4, 1), "many": (2, 5), "grid": (1, 3, 6)}
CROSS = list(product(*ATTRIBUTES.values(), *ANSWERS.values()))
NAMES = (*ATTRIBUTES, *ANSWERS)
ELEMENTS: list[View] = [
    {"code": "need", "kind": "pair", "text": PAIR, "required": True},
    {"code": "one", "kind": "single", "text": PAIR, "options": [{"code": c, "text": PAIR} for c in "abc"]},
    {"code": "many", "kind": "multiple", "text": PAIR, "options": [{"code": c, "text": PAIR} for c in "xy"]},
    {"code": "grid", "kind": "matrix", "text": PAIR, "rows": [{"code": "r", "text": PAIR}],
     "points": [{"code": c, "text": PAIR} for c in "123"]},
]  # fmt: skip


class Figure(NamedTuple):
    """A published count: of the people for whom `test` is true."""

    test: Callable[[Record], bool]
    people: int


def person(chance: random.Random) -> Record:
    found = {
        name: chance.choices(labels, ODDS[name])[0] for name, labels in ATTRIBUTES.items() if name in ODDS
    }
    found["language"] = "fr" if found["province"] == "QC" and chance.random() < 0.9 else "en"
    found |= {name: chance.choices(labels, ODDS[name])[0] for name, labels in ANSWERS.items()}
    return found


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[list[Record], dict[str, View]]]:
    """What REST gives to a member, in both audiences, once seventy-two people have answered."""
    harness = Harness(tmp_path_factory.mktemp("published"), ("identity", "surveys"))
    desk, chance = Desk(harness), random.Random(30)
    records = [person(chance) for _ in range(PEOPLE)]
    survey = desk.launched(elements=ELEMENTS, groups=list(ATTRIBUTES), anonymity="anonymous")
    for record in records:
        answer(desk, survey, record)
    harness.bus.call(
        "surveys", "close_survey", {"survey_id": survey["id"]}, actor=desk.coordinator, timeout=60
    )
    harness.services["surveys"].run_due_jobs()
    with TestClient(build_gateway(harness.settings, harness.bus)) as client:
        bearer = sign_in(harness, client)
        path = f"/api/v1/surveys/{survey['id']}/tables"
        found = {}
        for audience in ("members", "public"):
            got = client.get(path, params={"audience": audience}, headers=bearer)
            assert got.status_code == 200, got.text
            found[audience] = got.json()["tables"]
    yield records, found
    harness.close()


def sign_in(harness: Harness, client: TestClient) -> dict[str, str]:
    who = {"email": "reader@example.org", "password": "correct horse battery staple 9"}
    more = {"display_name": "Reader", "roles": ["learner"], "language": "en", "time_zone": "America/Toronto"}
    harness.call("identity", "seed_account", who | more)
    harness.drain()
    session = client.post("/api/v1/session", json=who)
    return {"Authorization": f"Bearer {session.json()['session']}"}


def answer(desk: Desk, survey: View, record: Record) -> None:
    who = desk.harness.actor("learner")
    member = {"account_id": who.account_id, "roles": 1, "active": True, "version": 0}
    place = {"province": record["province"], "sector": record["sector"], "language": record["language"]}
    with desk.harness.services["surveys"].db.tx(system_actor("surveys")) as tx:
        tx.session.execute(insert(tables.members).values(member | place))
    given = {
        "need": {"importance": 5, "ability": 2}, "one": {"choice": record["one"]}, "grid": {"r": record["grid"]},
        "many": {"choices": ["x"] if record["many"] == "yes" else ["y"]},
    }  # fmt: skip
    desk.ask("submit_response", who, survey_id=survey["id"], answers=given, language=record["language"])


# ------------------------------------------------------------------ the attacker
def label_test(attribute: str, entries: Sequence[View], at: int) -> Callable[[Record], bool]:
    """Whether somebody is in a published group: one that is named, or the rest."""
    named = {label for entry in entries for label in entry["labels"]}
    mine = entries[at]["labels"]
    return lambda record: record[attribute] in mine if mine else record[attribute] not in named


def wide_test(attribute: View, at: int) -> Callable[[Record], bool]:
    inside = [
        label_test(attribute["name"], attribute["groups"], place) for place in attribute["wide"][at]["places"]
    ]
    return lambda record: any(test(record) for test in inside)


def both(first: Callable[[Record], bool], second: Callable[[Record], bool]) -> Callable[[Record], bool]:
    return lambda record: first(record) and second(record)


def figures(found: View) -> Iterator[Figure]:
    """Everything that the tables say about the attributes and answers of ATTRIBUTES and ANSWERS."""
    yield Figure(lambda _: True, found["total"])
    by_name = {entry["name"]: entry for entry in found["attributes"]}
    for entry in found["attributes"]:
        for at, group in enumerate(entry["groups"]):
            yield Figure(label_test(entry["name"], entry["groups"], at), group["count"])
    for cross in found["crosses"]:
        first, second = (by_name[name] for name in cross["attributes"])
        for (row, column), count in np.ndenumerate(np.array(cross["counts"] or [[]])):
            yield Figure(both(wide_test(first, row), wide_test(second, column)), int(count))
    for question in found["questions"]:
        if question["code"] in ANSWERS and question["part"] in (None, "x", "r"):
            yield from answers_figures(question, by_name)


def one_of(name: str, kept: Sequence[str]) -> Callable[[Record], bool]:
    return lambda record: record[name] in kept


def answers_figures(question: View, by_name: dict[str, View]) -> Iterator[Figure]:
    code = question["code"]
    tests = [one_of(code, entry["labels"]) for entry in question["categories"]]
    for test, entry in zip(tests, question["categories"], strict=True):
        yield Figure(test, entry["count"])
    for table in question["by"]:
        for row, counts in enumerate(table["counts"]):
            group = wide_test(by_name[table["attribute"]], row)
            for test, count in zip(tests, counts, strict=True):
                if count is not None:
                    yield Figure(both(group, test), count)


def row_of(test: Callable[[Record], bool]) -> np.ndarray[Any, Any]:
    return np.array([float(test(dict(zip(NAMES, one, strict=True)))) for one in CROSS])


def pinned(known: Sequence[Figure], records: list[Record], threshold: int) -> list[tuple[str, ...]]:
    """Small cells of any attribute, cross or answer that are known to less than two people: the attacker's success."""
    matrix = csr_matrix(np.array([row_of(figure.test) for figure in known]))
    totals = np.array([float(figure.people) for figure in known])
    won = []
    for cell in small_cells(records, threshold):
        goal = row_of(all_of(cell))
        low, high = (reach(sign, goal, matrix, totals) for sign in (1, -1))
        if high - low < 2 - 1e-6:
            won.append(tuple(f"{name}={label}" for name, label in cell))
    return won


def all_of(cell: Sequence[tuple[str, str]]) -> Callable[[Record], bool]:
    return lambda record: all(record[name] == label for name, label in cell)


def reach(sign: int, goal: Any, matrix: Any, totals: Any) -> float:
    found = linprog(sign * goal, A_eq=matrix, b_eq=totals, bounds=(0, None), method="highs")
    assert found.status in (0, 3)
    return sign * float(found.fun or 0.0) if found.status == 0 else -sign * np.inf


def small_cells(records: list[Record], threshold: int) -> Iterator[tuple[tuple[str, str], ...]]:
    """Cells that exist: attributes, pairs of attributes, answers, and answers by attribute."""
    labels = ATTRIBUTES | ANSWERS
    single = [((name, label),) for name, known in labels.items() for label in known]
    pairs = [
        (one[0], other[0])
        for one, other in product(single, single)
        if one[0][0] in ATTRIBUTES and one[0][0] < other[0][0]
    ]
    for cell in (*single, *pairs):
        count = sum(all(record[name] == label for name, label in cell) for record in records)
        if 0 < count < threshold:
            yield cell


def test_no_small_cell_can_be_pinned_from_all_published_tables(published: Any) -> None:
    records, found = published
    members, public = (list(figures(found[name])) for name in ("members", "public"))
    assert len(members) > 30
    for figure in members:
        assert figure.people >= 5
        assert figure.people == sum(figure.test(record) for record in records)
    assert all(figure.people >= 11 for figure in public)
    assert pinned([*members, *public], records, 5) == []
    assert pinned(public, records, 11) == []


def test_the_attack_wins_where_only_small_cells_are_hidden(published: Any) -> None:
    records, _ = published
    naive = []
    labels = ATTRIBUTES | ANSWERS
    for first, second in product(ATTRIBUTES, labels):
        for one, other in product(labels[first], labels[second]):
            test = both(one_of(first, [one]), one_of(second, [other]))
            naive.append(Figure(test, sum(test(record) for record in records)))
    shown = [figure for figure in naive if figure.people >= 5]
    assert len(shown) < len(naive)
    assert len(pinned(shown, records, 5)) > 3


@pytest.mark.parametrize("seed", range(3))
def test_other_surveys_hold_as_well(seed: int) -> None:
    chance = random.Random(seed)
    records = [person(chance) for _ in range(40 + 30 * seed)]
    chance.shuffle(records)
    attributes = {name: [record[name] for record in records] for name in ATTRIBUTES}
    parts = {"one": None, "many": "x", "grid": "r"}
    questions = [
        Closed(name, parts[name], labels, tuple(record[name] for record in records), ordered=name == "grid")
        for name, labels in ANSWERS.items()
    ]
    found = publish(People(len(records), attributes, questions))
    assert found["members"] is not None
    known = list(figures(found["members"]))
    if found["public"] is not None:
        known += figures(found["public"])
    assert pinned(known, records, 5) == []
    again = publish(People(len(records), {n: of[::-1] for n, of in attributes.items()}, reversed_(questions)))
    assert again == found


def reversed_(questions: Sequence[Closed]) -> list[Closed]:
    return [Closed(q.code, q.part, q.labels, q.answers[::-1], q.ordered) for q in questions]


def test_public_cells_are_sums_of_cells_that_members_see(published: Any) -> None:
    _, found = published
    for question in found["public"]["questions"]:
        mine = next(
            q
            for q in found["members"]["questions"]
            if (q["code"], q["part"]) == (question["code"], question["part"])
        )
        inner = [set(entry["labels"]) for entry in mine["categories"]]
        for entry in question["categories"]:
            assert set(entry["labels"]) == set().union(
                *(part for part in inner if part <= set(entry["labels"]))
            )
