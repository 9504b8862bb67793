"""Closed entries of the board among the decisions: what became of what people said."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from shared.actor import Actor
from shared.contracts.courses import CourseDrafted, CoursePublished
from shared.errors import Invalid
from shared.ids import new_id
from shared.messaging.envelope import envelope_of
from tests.unit.surveys.support import PAIR, TEXTS, Desk, View
from tests.unit.surveys.test_board import express

REASON = {"fr": "Parce que.", "en": "Because."}


def closed(desk: Desk, entry: View | None = None, link: View | None = None, **more: Any) -> View:
    """An entry, closed with an answer."""
    entry = entry or express(desk)
    answer = {"outcome": "out-of-scope", "reason": REASON} | more
    found: View = desk.ask(
        "close_board_entry", entry_id=entry["id"], version=entry["version"], link=link, **answer
    )
    return found


def decided(desk: Desk, need: View, outcome: str = "declined") -> View:
    made = desk.ask("open_proposal", need_id=need["id"], **TEXTS)
    found: View = desk.ask(
        "decide_proposal", proposal_id=made["id"], version=1, outcome=outcome, reason=REASON
    )
    return found


def need_of(desk: Desk, entry: View) -> View:
    """The entry made a need of the loop."""
    worded = desk.ask("edit_board_entry", entry_id=entry["id"], version=entry["version"], statement=PAIR)
    found: View = desk.ask("adopt_board_entry", entry_id=entry["id"], version=worded["version"])
    return found


def name(item: View) -> str:
    found = item["entry"] if item["kind"] == "board" else item["proposal"]
    return str(found["id"])


def listed(desk: Desk, actor: Actor | None = None, **wanted: Any) -> list[str]:
    return [name(item) for item in desk.ask("list_decisions", actor, **wanted)["items"]]


def test_an_answer_says_what_was_said_what_became_of_it_and_why(desk: Desk) -> None:
    author, reader = desk.harness.actor("learner"), desk.harness.actor("learner")
    entry, other, third = express(desk, author), express(desk, words="Autre chose"), express(desk)
    desk.ask("merge_board_entry", entry_id=third["id"], into_id=other["id"])
    desk.ask("merge_board_entry", entry_id=other["id"], into_id=entry["id"])
    for _ in range(3):
        desk.ask("support_board_entry", desk.harness.actor("learner"), entry_id=entry["id"])
    need = need_of(desk, express(desk, words="Un besoin de la boucle"))
    closed(desk, entry, {"kind": "need", "id": need["id"]}, outcome="proposal")
    page = desk.ask("list_decisions", reader)
    (item,) = page["items"]
    assert (item["kind"], item["merged"], page["next_cursor"]) == ("board", 2, None)
    assert item["answer"] == {"kind": "need", "id": need["id"], "title": PAIR, "status": None}
    shown = item["entry"]
    assert (shown["statement"]["fr"], shown["outcome"], shown["reason"]) == (
        entry["statement"]["fr"],
        "proposal",
        REASON,
    )
    assert shown["supports"] == {"value": 6, "fewer_than": None}  # 3 authors and 3 more: five or more
    assert shown["closed_on"] == desk.harness.clock.now().date().isoformat()
    assert str(author.account_id) not in json.dumps(item)


def test_few_supports_and_unsigned_authors_stay_hidden_and_signed_ones_are_named(desk: Desk) -> None:
    author = desk.harness.actor("learner")
    closed(desk, express(desk, author))
    signed = closed(desk, express(desk, author, "Un besoin signé de mon nom", signed=True))
    few = {"value": None, "fewer_than": 5}
    for reader in (author, desk.harness.actor("learner")):
        shown = {one["entry"]["id"]: one["entry"] for one in desk.ask("list_decisions", reader)["items"]}
        assert {one["author_id"] for one in shown.values()} == {None, str(author.account_id)}
        assert shown[signed["id"]]["author_id"] == str(author.account_id)
        assert [one["supports"] for one in shown.values()] == [few, few]


def test_what_an_author_took_back_and_what_is_open_or_merged_is_no_answer(desk: Desk) -> None:
    author = desk.harness.actor("learner")
    gone, waiting, merged, answered = (express(desk, author, f"Besoin numéro {n}") for n in range(4))
    desk.ask("support_board_entry", desk.harness.actor("learner"), entry_id=gone["id"])
    desk.ask("withdraw_board_entry", author, entry_id=gone["id"])
    desk.ask("merge_board_entry", entry_id=merged["id"], into_id=answered["id"])
    need_of(desk, waiting)
    closed(desk, answered)
    assert listed(desk) == [answered["id"]]
    seen = desk.ask("get_board_entry", entry_id=gone["id"])
    assert (seen["outcome"], seen["closed_on"]) == ("withdrawn", None)


def mixed(desk: Desk) -> list[str]:
    """Decisions and entries over three days, in the order in which they are to be listed."""
    needs = [need_of(desk, express(desk, words=f"Besoin de la boucle {n}")) for n in range(5)]
    clock = desk.harness.clock
    start = clock.now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)

    def at(day: int, hour: float) -> None:
        clock.advance(start + timedelta(days=day, hours=hour) - clock.now())

    at(0, 0)  # midnight, to the microsecond
    first = decided(desk, needs[0])
    at(0, 9)
    early = [closed(desk, express(desk, words=f"Besoin du matin {n}")) for n in range(3)]
    at(0, 10)
    second = decided(desk, needs[1])
    at(1, 8)
    third = decided(desk, needs[2])
    at(1, 20)
    late = closed(desk)
    at(1, 21)
    fourth = decided(desk, needs[3], "approved")
    at(2, 1)
    fifth = decided(desk, needs[4])
    last = closed(desk)
    of_day = sorted((one["id"] for one in early), reverse=True)
    return [
        last["id"], fifth["id"], late["id"], fourth["id"], third["id"], *of_day, second["id"], first["id"],
    ]  # fmt: skip


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
def test_pages_of_both_kinds_follow_without_gaps_or_doubles(desk: Desk, limit: int) -> None:
    expected = mixed(desk)
    page = desk.ask("list_decisions", limit=limit)
    seen = [name(item) for item in page["items"]]
    while page["next_cursor"]:
        key = json.loads(base64.urlsafe_b64decode(page["next_cursor"] + "==="))
        if page["items"][-1]["kind"] == "board":  # no hour of an entry in the cursor
            assert key[0][10:] == " 23:59:59.999999+00:00"
        page = desk.ask("list_decisions", limit=limit, cursor=page["next_cursor"])
        seen += [name(item) for item in page["items"]]
    assert seen == expected


def test_what_is_closed_while_somebody_reads_is_not_told_twice(desk: Desk) -> None:
    expected = mixed(desk)
    page = desk.ask("list_decisions", limit=3)
    closed(desk, express(desk, words="Un besoin fermé entre deux pages"))
    rest = desk.ask("list_decisions", cursor=page["next_cursor"])
    assert [name(item) for item in page["items"] + rest["items"]] == expected


def test_filters_by_kind_outcome_need_and_survey(desk: Desk) -> None:
    expected = mixed(desk)
    board = listed(desk, kind="board")
    assert (len(board), board) == (5, [one for one in expected if one in board])
    assert listed(desk, kind="decision") == [one for one in expected if one not in board]
    approved = desk.ask("list_decisions", outcome="approved")["items"]
    assert [(one["kind"], one["proposal"]["decision"]["outcome"]) for one in approved] == [
        ("decision", "approved")
    ]
    assert listed(desk, kind="board", outcome="approved") == []
    need = desk.first_need()
    proposal, course = decided(desk, need, "approved"), new_id()
    tell(desk, CoursePublished(course, PAIR, 1, None, need["id"]), "on_course_published")
    links = [("need", need["id"]), ("proposal", proposal["id"]), ("course", str(course)), ("survey", need["survey_id"])]  # fmt: skip
    answered = [closed(desk, None, {"kind": kind, "id": found})["id"] for kind, found in links]
    adopted = express(desk, words="Un besoin repris puis fermé")
    own = need_of(desk, adopted)
    adopted = closed(desk, desk.ask("get_board_entry", entry_id=adopted["id"]))
    assert set(listed(desk, need_id=need["id"])) == {*answered[:3], proposal["id"]}
    assert set(listed(desk, survey_id=need["survey_id"])) == {*answered, proposal["id"]}
    assert listed(desk, need_id=own["id"]) == [adopted["id"]]
    assert listed(desk, need_id=own["id"], survey_id=need["survey_id"]) == []


def tell(desk: Desk, told: Any, handler: str) -> None:
    envelope = envelope_of(
        told, source="courses", subject=told.course_id, version=1, time=desk.harness.clock.now()
    )
    desk.harness.deliver("surveys", handler, envelope)


def test_titles_of_what_answers_are_for_those_who_may_see_it(desk: Desk) -> None:
    asked, learner, trainer = desk.draft(), desk.harness.actor("learner"), desk.harness.actor("trainer")
    for_trainers = desk.launched(audience_roles=["trainer"])
    panel = desk.ask("create_panel", kind="delphi", title=PAIR, intro=PAIR, question=PAIR)
    drafted = new_id()
    tell(desk, CourseDrafted(drafted, PAIR, None, new_id()), "on_course_drafted")
    links = [("survey", asked["id"]), ("survey", for_trainers["id"]), ("panel", panel["id"]), ("course", str(drafted))]  # fmt: skip
    ids = [closed(desk, None, {"kind": kind, "id": found})["id"] for kind, found in links]

    def titles(actor: Actor | None) -> list[tuple[bool, str | None]]:
        items = desk.ask("list_decisions", actor)["items"]
        answers = {one["entry"]["id"]: one["answer"] for one in items}
        return [(answers[one]["title"] is not None, answers[one]["status"]) for one in ids]

    course = (True, "drafted")
    assert titles(None) == [(True, None), (True, None), (True, None), course]
    assert titles(learner) == [(False, None), (False, None), (False, None), course]
    assert titles(trainer) == [(False, None), (True, None), (False, None), course]
    for one, (shown, _status) in zip(ids, titles(trainer), strict=True):
        assert (desk.ask("get_board_entry", trainer, entry_id=one)["answer"]["title"] is not None) == shown


@pytest.mark.parametrize(
    "key", [["2026-11-22T10:00:00", str(new_id())], ["nonsense", str(new_id())], ["0001-01-01T00:00:00+14:00", str(new_id())],
            ["2026-11-22T10:00:00+00:00", "x"], ["2026-11-22T10:00:00+00:00"]],
)  # fmt: skip
def test_bad_cursors_are_refused(desk: Desk, key: list[str]) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(key).encode()).decode()
    with pytest.raises(Invalid) as caught:
        desk.ask("list_decisions", cursor=cursor)
    assert [(one.path, one.code) for one in caught.value.fields] == [("cursor", "bad-cursor")]


def test_the_earliest_and_the_latest_cursor_are_places_too(desk: Desk) -> None:
    entry = closed(desk)
    found = []
    for at in ("0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59.999999+00:00"):
        cursor = base64.urlsafe_b64encode(json.dumps([at, str(new_id())]).encode()).decode()
        found.append(listed(desk, cursor=cursor))
    assert found == [[], [entry["id"]]]


def test_the_list_asks_as_often_for_many_rows_as_for_one_of_each(desk: Desk, statements: list[str]) -> None:
    told = []
    for number in range(3):
        need = need_of(desk, express(desk, words=f"Besoin de la boucle {number}"))
        decided(desk, need)
        survey = desk.launched()
        for kind, found in (("need", need["id"]), ("survey", survey["id"])):
            closed(desk, express(desk, words=f"Un besoin répondu {number}"), {"kind": kind, "id": found})
        statements.clear()
        assert len(desk.ask("list_decisions")["items"]) == 3 * (number + 1)
        told.append(len(statements))
    assert len(set(told)) == 1
