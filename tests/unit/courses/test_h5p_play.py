"""Answers, scores, saved places, finishes and the event log of H5P activities."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.courses.h5p import make_package
from services.courses.lineage import Fit, keep_or_reset_states
from services.courses.tables import h5p_contents, h5p_events, statements, states
from shared.actor import Actor
from shared.errors import Conflict, Forbidden, Invalid, NotFound
from shared.ids import new_id, parse_id
from tests.unit.courses.support import PACKAGES, ROOT, Desk, View

DEMO = ROOT / "demo" / "h5p"
WHOLE = "https://example.org/h5p/1"
INTERACTION = "http://adlnet.gov/expapi/activities/cmi.interaction"


def said(
    verb: str,
    raw: float,
    highest: float,
    response: str | None = None,
    *,
    part: str | None = None,
    **definition: Any,
) -> View:
    """What a player sends: of the whole, or of a part in it."""
    result: View = {
        "score": {"min": 0, "raw": raw, "max": highest},
        "completion": True,
        "success": raw == highest,
    }
    if response is not None:
        result["response"] = response
    statement: View = {
        "id": str(new_id()), "verb": {"id": f"http://adlnet.gov/expapi/verbs/{verb}"}, "result": result,
        "object": {"objectType": "Activity", "id": WHOLE, "definition": {"type": INTERACTION, **definition}},
    }  # fmt: skip
    if part:
        statement["object"]["definition"]["extensions"] = {"http://h5p.org/x-api/h5p-subContentId": part}
        statement["context"] = {"contextActivities": {"parent": [{"id": WHOLE, "objectType": "Activity"}]}}
    return statement


def record(desk: Desk, activity_id: str, statement: View) -> View:
    result: View = desk.ask(
        "record_statement", desk.learner, activity_id=activity_id, statement=statement, pseudonym="p-1"
    )
    return result


def results(desk: Desk, activity_id: str) -> View:
    found: View = desk.ask(
        "attempt_results", activity_id=activity_id, account_id=str(desk.learner.account_id)
    )
    return found


def true_false(response: str, raw: float) -> View:
    return said("answered", raw, 1, response, interactionType="true-false", correctResponsesPattern=["false"],
                description={"en-US": "<p>Is this false?</p>"})  # fmt: skip


def test_an_answer_becomes_a_row_with_the_platform_s_score(desk: Desk) -> None:
    activity_id = desk.play()["activities"][0]
    assert record(desk, activity_id, true_false("false", 1))["score"] == 1.0
    row = results(desk, activity_id)["items"][0]
    assert row | {"stored_at": None} == {
        "sub_id": "0", "parent_id": None, "position": 0, "kind": "true-false", "prompt": {"und": "Is this false?"},
        "response": ["false"], "correct": ["false"], "score": 1.0, "max_score": 1.0, "success": True,
        "flagged": False, "claimed": False, "claimed_score": None, "stored_at": None,
    }  # fmt: skip


def test_a_claim_that_the_answer_contradicts_is_flagged_and_does_not_count(desk: Desk) -> None:
    activity_id = desk.play()["activities"][0]
    answer = record(desk, activity_id, true_false("true", 1))
    assert (answer["score"], answer["completed"]) == (0.0, True)
    found = results(desk, activity_id)
    assert (found["score"], found["success"]) == (0.0, False)
    row = found["items"][0]
    assert (row["score"], row["flagged"], row["claimed_score"], row["success"]) == (0.0, True, 1.0, False)


def test_the_newest_answer_to_a_question_replaces_the_one_before(desk: Desk) -> None:
    activity_id = desk.play()["activities"][0]
    record(desk, activity_id, true_false("true", 0))
    record(desk, activity_id, true_false("false", 1))
    found = results(desk, activity_id)
    assert [row["response"] for row in found["items"]] == [["false"]]
    assert found["score"] == 1.0


def test_choices_are_told_by_their_texts(desk: Desk) -> None:
    activity_id = desk.play("multiple-choice.h5p")["activities"][0]
    texts = ("Very dark purple", "Blue", "Black")
    choices = [{"id": str(i), "description": {"en-US": f"<div>{text}</div>"}} for i, text in enumerate(texts)]
    record(desk, activity_id, said("answered", 1, 1, "0", interactionType="choice", choices=choices,
                                   correctResponsesPattern=["0"]))  # fmt: skip
    row = results(desk, activity_id)["items"][0]
    assert (row["response"], row["correct"], row["claimed"]) == (
        ["Very dark purple"],
        ["Very dark purple"],
        False,
    )


KINDS = [
    ("matching", "a[.]1[,]b[.]2", "a[.]2[,]b[.]1", [["a", "1"], ["b", "2"]]),
    ("sequencing", "c[,]a", "a[,]c", ["c", "a"]),
    ("long-fill-in", "many words", "", ["many words"]),
    ("numeric", "4", "3[:]5", ["4"]),
    ("fill-in", "red[,]blue", "{case_matters=false}red[,]blue", ["red", "blue"]),
    ("other", "agree", "", ["agree"]),
]


def test_every_kind_of_interaction_is_kept(desk: Desk) -> None:
    activity_id = desk.play("arithmetic-quiz.h5p")["activities"][0]
    for kind, response, pattern, _ in KINDS:
        patterns = {"correctResponsesPattern": [pattern]} if pattern else {}
        declared = "likert" if kind == "other" else kind
        record(
            desk,
            activity_id,
            said("answered", 1, 2, response, part=kind, interactionType=declared, **patterns),
        )
    rows = results(desk, activity_id)["items"]
    assert [(row["kind"], row["response"], row["parent_id"]) for row in rows] == [
        (kind, shown, "0") for kind, _, _, shown in KINDS
    ]
    assert {(row["score"], row["max_score"], row["claimed"]) for row in rows} == {(1.0, 2.0, True)}


def test_a_part_s_result_does_not_complete_the_whole(desk: Desk) -> None:
    activity_id = desk.play("arithmetic-quiz.h5p")["activities"][0]
    answer = record(desk, activity_id, said("answered", 1, 1, "4", part="q-1", interactionType="numeric"))
    assert (answer["completed"], answer["score"]) == (False, None)


def compound(desk: Desk) -> str:
    """A published course whose activity is our own package of five questions."""
    course = desk.draft("h5p")
    upload_id = desk.upload(
        make_package(DEMO / "protective-factors-en", libraries=DEMO / "libraries"), "own.h5p"
    )
    desk.ask("set_activity_h5p", activity_id=course["activities"][0], upload_id=upload_id)
    return str(desk.publish(course)["activities"][0])


def question(number: int) -> str:
    return f"c1a7f3e0-5d1b-4c58-9a53-2f8f0d0b7a0{number}"


RIGHT = ("0", "1", "2", "1", "0")


def answer_all(desk: Desk, activity_id: str, given: tuple[str, ...]) -> None:
    for number, response in enumerate(given, 1):
        right = float(response == RIGHT[number - 1])
        one = said("answered", right, 1, response, part=question(number), interactionType="choice",
                   correctResponsesPattern=[RIGHT[number - 1]])  # fmt: skip
        record(desk, activity_id, one)


def test_a_compound_may_claim_what_its_parts_prove(desk: Desk) -> None:
    activity_id = compound(desk)
    answer_all(desk, activity_id, (*RIGHT[:4], "1"))
    assert record(desk, activity_id, said("completed", 4, 5))["score"] == 0.8
    rows = results(desk, activity_id)["items"]
    assert [row["position"] for row in rows] == [0, 1, 2, 3, 4, 5]
    assert (rows[0]["kind"], rows[0]["claimed"], rows[0]["flagged"]) == ("compound", False, False)


def test_a_compound_may_not_claim_more(desk: Desk) -> None:
    activity_id = compound(desk)
    answer_all(desk, activity_id, ("1", "0", "0", "0", "1"))
    assert record(desk, activity_id, said("completed", 5, 5))["score"] == 0.0
    whole = results(desk, activity_id)["items"][0]
    assert (whole["flagged"], whole["claimed_score"], whole["success"]) == (True, 5.0, False)


def test_a_compound_whose_parts_are_not_all_known_keeps_its_claim(desk: Desk) -> None:
    activity_id = compound(desk)
    assert record(desk, activity_id, said("completed", 5, 5))["score"] == 1.0
    assert results(desk, activity_id)["items"][0]["claimed"] is True


def test_results_are_for_the_learner_the_trainer_and_admins(desk: Desk) -> None:
    activity_id = desk.play()["activities"][0]
    record(desk, activity_id, true_false("false", 1))
    assert desk.ask("attempt_results", desk.learner, activity_id=activity_id)["items"][0]["correct"] == [
        "false"
    ]
    learner = str(desk.learner.account_id)
    for actor in (desk.trainer, desk.admin):
        assert desk.ask("attempt_results", actor, activity_id=activity_id, account_id=learner)["items"]
    for actor in (desk.coordinator, desk.harness.actor("trainer"), desk.harness.actor("learner")):
        with pytest.raises((Forbidden, NotFound)):
            desk.ask("attempt_results", actor, activity_id=activity_id, account_id=learner)
    with pytest.raises(NotFound):
        desk.ask("attempt_results", activity_id=activity_id)
    viewed = [
        event["account_id"]
        for event in events(desk)
        if event["action"] == "view" and event["kind"] == "results"
    ]
    assert sorted(viewed) == sorted(str(actor.account_id) for actor in (desk.trainer, desk.admin))


# --- statements


BROKEN: list[tuple[View, str]] = [
    ({"verb": {"id": "http://example.org/verbs/hacked"}}, "verb-not-allowed"),
    ({"result": {"score": {"raw": 9, "max": 5}, "completion": True}}, "score-out-of-range"),
    ({"object": "nothing"}, "object-invalid"),
]


def test_a_statement_that_breaks_a_rule_is_kept_flagged_and_has_no_effect(desk: Desk) -> None:
    activity_id = desk.play()["activities"][0]
    for change, code in BROKEN:
        answer = record(desk, activity_id, true_false("false", 1) | change)
        assert (answer["problems"], answer["completed"], answer["score"]) == ([code], False, None)
    with desk.service.db.engine.connect() as connection:
        kept = connection.execute(select(statements.c.problems)).scalars().all()
    assert sorted(kept) == sorted([code] for _, code in BROKEN)
    assert results(desk, activity_id)["items"] == []


def test_the_tool_bar_s_verbs_are_logged_apart(desk: Desk) -> None:
    activity_id = desk.play()["activities"][0]
    answer = record(desk, activity_id, true_false("false", 1) | {"verb": {
        "id": "http://adlnet.gov/expapi/verbs/accessed-copyright"}})  # fmt: skip
    assert (answer["completed"], answer["score"]) == (False, None)
    assert "accessed-copyright" in [event["action"] for event in events(desk)]


# --- saved places


def contents(desk: Desk) -> list[Any]:
    with desk.service.db.engine.connect() as connection:
        return list(connection.execute(select(h5p_contents.c.id).order_by(h5p_contents.c.id)).scalars())


def decide(desk: Desk, activity_id: str, new: View, *, confirm: bool = False) -> Fit:
    """Ask whether places fit other parameters of the same type."""
    with desk.service.db.tx(desk.trainer) as tx:
        library = tx.session.execute(select(h5p_contents.c.main_library)).scalar_one()
        return keep_or_reset_states(
            tx, desk.service.storage, parse_id(activity_id), library, new, confirm=confirm
        )


def params(desk: Desk) -> View:
    found: View = json.loads(desk.read(f"h5p/content/{contents(desk)[0]}/content/content.json"))
    return found


def save(desk: Desk, activity_id: str, sequence: int = 1, **more: Any) -> View:
    result: View = desk.ask("save_state", desk.learner, activity_id=activity_id, data_type="state",
                            sub_content_id="0", state='{"a":1}', sequence=sequence, **more)  # fmt: skip
    return result


def test_a_change_of_words_keeps_the_place(desk: Desk) -> None:
    activity_id = desk.play()["activities"][0]
    save(desk, activity_id)
    changed = params(desk) | {"question": "<p>Is that false?</p>"}
    assert decide(desk, activity_id, changed) == Fit(kept=True, people=1, lineage=contents(desk)[0])


def test_a_change_of_structure_asks_first(desk: Desk) -> None:
    activity_id = desk.play("multiple-choice.h5p")["activities"][0]
    save(desk, activity_id)
    changed = params(desk)
    changed["answers"] = changed["answers"][:2]
    with pytest.raises(Conflict) as error:
        decide(desk, activity_id, changed)
    assert (error.value.code, error.value.params) == ("structure-changed", {"people": 1})
    assert decide(desk, activity_id, changed, confirm=True) == Fit(kept=False, people=1)


def test_nobody_has_begun_so_nobody_is_asked(desk: Desk) -> None:
    activity_id = desk.play("multiple-choice.h5p")["activities"][0]
    assert decide(desk, activity_id, {"answers": []}) == Fit(kept=False, people=0)


def test_the_same_package_again_keeps_the_place_and_another_starts_over(desk: Desk) -> None:
    course = desk.play()
    activity_id = course["activities"][0]
    save(desk, activity_id)
    for name, kept in (("h5p-test.h5p", True), ("multiple-choice.h5p", False)):
        upload_id = desk.upload((PACKAGES / "valid" / name).read_bytes(), name)
        desk.ask("set_activity_h5p", activity_id=activity_id, upload_id=upload_id)
        desk.ask("publish_course", course_id=course["id"], version=desk.version(course["id"]))
        opened = desk.ask("open_activity", desk.learner, course_id=course["id"], activity_id=activity_id)
        assert bool(opened["play"]["state"]) is kept, name


def test_a_state_of_another_structure_is_not_kept(desk: Desk) -> None:
    activity_id = desk.play()["activities"][0]
    old_id = str(contents(desk)[0])
    assert save(desk, activity_id, content_id=old_id)["saved"] is True
    assert save(desk, activity_id, 2, content_id=str(new_id()))["saved"] is False
    with desk.service.db.engine.connect() as connection:
        assert [str(lineage) for lineage in connection.execute(select(states.c.lineage)).scalars()] == [
            old_id
        ]


# --- finishes


def finish(desk: Desk, activity_id: str, **more: Any) -> View:
    now = int(desk.harness.clock.now().timestamp())
    payload = {"score": 3, "max_score": 5, "opened": now - 60, "finished": now} | more
    answer: View = desk.ask("set_finished", desk.learner, activity_id=activity_id, **payload)
    return answer


def test_a_finish_counts_once_however_often_it_is_sent(desk: Desk) -> None:
    activity_id = desk.play("arithmetic-quiz.h5p")["activities"][0]
    first = finish(desk, activity_id, time=42)
    assert (first["completed"], first["score"]) == (True, 0.6)
    assert finish(desk, activity_id, time=42)["score"] == 0.6
    assert (desk.counts()["h5p_finishes"], results(desk, activity_id)["seconds"]) == (1, 42)


def test_a_finish_brings_no_score_where_answers_are_judged(desk: Desk) -> None:
    activity_id = desk.play()["activities"][0]
    assert finish(desk, activity_id, score=1, max_score=1)["score"] is None


IMPOSSIBLE: list[tuple[View, list[str]]] = [
    ({"score": 6}, ["score"]), ({"score": -1}, ["score"]), ({"opened": 0}, ["opened"]),
    ({"finished": 2**40}, ["finished"]), ({"finished": 5, "opened": 9}, ["opened"]), ({"time": 2**40}, ["time"]),
    ({"score": float("nan")}, ["score"]), ({"max_score": "x"}, ["max_score"]),
]  # fmt: skip


def test_a_finish_with_impossible_numbers_is_refused(desk: Desk) -> None:
    activity_id = desk.play()["activities"][0]
    for change, fields in IMPOSSIBLE:
        with pytest.raises(Invalid) as error:
            finish(desk, activity_id, **change)
        assert [problem.path for problem in error.value.fields] == fields
    assert desk.counts()["h5p_finishes"] == 0


# --- under the content, and in other sites


def shown(desk: Desk, course: View) -> View:
    where = {"course_id": course["id"], "activity_id": course["activities"][0]}
    view: View = desk.ask("open_activity", desk.learner, **where)["play"]
    return view


def choose(desk: Desk, course: View, *hidden: str) -> None:
    desk.ask("set_h5p_display", activity_id=course["activities"][0], hidden=list(hidden),
             version=desk.version(course["id"]))  # fmt: skip
    desk.ask("publish_course", course_id=course["id"], version=desk.version(course["id"]))


def test_a_content_is_in_other_sites_only_while_its_author_and_the_site_allow_it(desk: Desk) -> None:
    course = desk.play()
    assert (shown(desk, course)["display"]["embed"], shown(desk, course)["embed"]) == (False, None)
    choose(desk, course, "download")
    play = shown(desk, course)
    token = play["embed"].removeprefix("/embed/")
    assert shown(desk, course)["embed"] == play["embed"]
    visitor = Actor()
    grant = desk.ask("resolve_embed", visitor, token=token)
    assert (grant["read_only"], grant["state"], grant["content_id"]) == (True, [], play["content_id"])
    assert events(desk)[0] | {"id": "", "at": ""} == {
        "id": "", "at": "", "kind": "content", "action": "embed", "account_id": None, "library": None,
        "activity_id": course["activities"][0], "content_id": play["content_id"],
    }  # fmt: skip
    choose(desk, course, "embed")
    with pytest.raises(NotFound):
        desk.ask("resolve_embed", visitor, token=token)
    choose(desk, course)
    desk.ask("set_h5p_policy", desk.admin, trainers_may_install=True, display={"embed": "never"})
    for unknown in (token, "x"):
        with pytest.raises(NotFound):
            desk.ask("resolve_embed", visitor, token=unknown)


def test_rights_are_shown_where_the_author_shows_them(desk: Desk) -> None:
    course = desk.play("multiple-choice.h5p")
    activity_id = course["activities"][0]
    found = desk.ask("get_h5p_credits", desk.learner, activity_id=activity_id)["credits"]
    assert "Karen Jackson" in json.dumps(found)
    choose(desk, course, "copyright")
    with pytest.raises(NotFound):
        desk.ask("get_h5p_credits", desk.learner, activity_id=activity_id)
    assert desk.ask("get_h5p_credits", activity_id=activity_id)["credits"]
    with pytest.raises(NotFound):
        desk.ask("get_h5p_credits", desk.harness.actor("learner"), activity_id=activity_id)


# --- event log


def events(desk: Desk) -> list[View]:
    found: list[View] = desk.ask("list_h5p_events", desk.admin, limit=200)["items"]
    return found


def test_the_log_tells_what_happened_by_id_newest_first(desk: Desk) -> None:
    course = desk.play()
    activity_id = course["activities"][0]
    desk.ask("open_activity", desk.learner, course_id=course["id"], activity_id=activity_id)
    record(desk, activity_id, true_false("false", 1))
    found = events(desk)
    kinds = [(event["kind"], event["action"]) for event in found]
    assert kinds[:2] == [("results", "set"), ("content", "view")]
    assert {("content", "upload"), ("library", "create")} <= set(kinds)
    assert {event["account_id"] for event in found[:2]} == {str(desk.learner.account_id)}
    for actor in (desk.learner, desk.trainer, desk.coordinator):
        with pytest.raises(NotFound):
            desk.ask("list_h5p_events", actor)


def test_the_log_forgets_after_as_many_days_as_an_admin_chose(desk: Desk) -> None:
    desk.play()
    before = len(events(desk))
    with pytest.raises(NotFound):
        desk.ask("set_h5p_event_policy", desk.trainer, keep_days=3)
    assert desk.ask("get_h5p_event_policy", desk.admin) == {"keep_days": 30}
    desk.ask("set_h5p_event_policy", desk.admin, keep_days=3)
    with desk.service.db.tx(desk.admin) as tx:
        old = tx.session.execute(select(h5p_events.c.id).limit(1)).scalar_one()
        tx.session.execute(
            h5p_events.update().where(h5p_events.c.id == old).values(at=tx.now - timedelta(days=4))
        )
    desk.service.prune_h5p_events()
    assert len(events(desk)) == before - 1
    with pytest.raises(Invalid):
        desk.ask("set_h5p_event_policy", desk.admin, keep_days=0)
