"""What only PostgreSQL shows of the board and of panels: transactions that really run together."""

from typing import Any

from services.surveys.methods.lazy import stats
from tests.integration.surveys.test_races import TOGETHER, query, together
from tests.unit.surveys.support import Desk
from tests.unit.surveys.test_panels import FIRST, rate, seated, shared, started, vote
from tests.unit.surveys.test_panels import moved as moved_on

stats()


def express(desk: Desk, who: Any, words: str) -> str:
    return str(desk.ask("express_need", who, text=words, language="fr")["id"])


def test_merging_while_many_support_loses_and_doubles_nobody(desk: Desk) -> None:
    people = [desk.harness.actor("learner") for _ in range(10)]
    first, second = (express(desk, people[n], f"Un besoin du tableau {n}") for n in range(2))

    def act(number: int) -> Any:
        if number == 5:
            return desk.ask("merge_board_entry", entry_id=first, into_id=second)
        entry = first if number % 2 else second
        return desk.ask("support_board_entry", people[number % 10], entry_id=entry)

    told = together(act)
    assert all(isinstance(one, dict) for one in told), told
    everybody = len({n % 10 for n in range(TOGETHER) if n != 5} | {0, 1})
    assert desk.ask("get_board_entry", entry_id=second)["supports"]["value"] == everybody
    assert query(desk, "SELECT count(DISTINCT account_id) FROM board_supports") == [(everybody,)]
    desk.ask("unmerge_board_entry", entry_id=first)
    counts = [desk.ask("get_board_entry", entry_id=one)["supports"]["value"] for one in (first, second)]
    stored = "SELECT count(DISTINCT account_id) FROM board_supports WHERE entry_id = '{}'"
    assert counts == [query(desk, stored.format(one))[0][0] for one in (first, second)]


def test_merging_both_ways_at_once_merges_one_way(desk: Desk) -> None:
    first, second = (
        express(desk, desk.harness.actor("learner"), f"Un besoin du tableau {n}") for n in range(2)
    )
    pairs = [(first, second), (second, first)]

    def act(number: int) -> Any:
        entry, into = pairs[number % 2]
        return desk.ask("merge_board_entry", entry_id=entry, into_id=into)

    told = together(act)
    assert sum(isinstance(one, dict) for one in told) == 1
    assert query(desk, "SELECT count(*) FROM board_entries WHERE status = 'merged'") == [(1,)]


def test_two_ballots_of_one_person_at_once_leave_one(desk: Desk) -> None:
    people = seated(desk, 5)
    panel, ids = shared(desk, people)
    panel = moved_on(desk, panel, "vote")
    told = together(lambda n: vote(desk, panel, people[0], ids[:5] if n % 2 else ids[1:6]))
    assert all(isinstance(one, dict) for one in told), told
    points = query(desk, "SELECT points FROM panel_votes ORDER BY points")
    assert points == [(1,), (2,), (3,), (4,), (5,)]


def test_twenty_closings_judge_once_while_people_rate(desk: Desk) -> None:
    people = seated(desk, 6)
    panel = started(desk, people)
    for person, points in zip(people[:5], FIRST, strict=False):
        rate(desk, panel, person, points)

    def act(number: int) -> Any:
        if number % 4 == 0:
            return rate(desk, panel, people[5], FIRST[5])
        return desk.ask("close_round", panel_id=panel["id"], version=panel["version"])

    told = together(act)
    assert {one for one in told if not isinstance(one, dict)} <= {"wrong-phase", "stale", "panel-ended"}
    figures = desk.ask("get_panel_results", panel_id=panel["id"])["figures"]
    rated = query(desk, "SELECT count(DISTINCT rater_id) FROM panel_ratings WHERE points IS NOT NULL")[0][0]
    assert figures["rounds"][0]["panellists"] == rated
