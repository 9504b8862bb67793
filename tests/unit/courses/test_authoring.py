from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.surveys import ProposalApproved
from shared.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from shared.ids import new_id
from shared.messaging.envelope import envelope_of
from shared.testing.harness import Harness
from tests.unit.courses.support import Desk, pair


def outline(desk: Desk, course_id: str) -> list[tuple[str, list[tuple[str, list[str]]]]]:
    view = desk.ask("get_course", course_id=course_id)
    return [
        (
            m["title"]["en"],
            [(u["title"]["en"], [a["title"]["en"] for a in u["activities"]]) for u in m["units"]],
        )
        for m in view["modules"]
    ]


def test_outline_keeps_order_of_addition(desk: Desk) -> None:
    course = desk.draft("text", "file", "h5p")
    assert outline(desk, course["id"]) == [
        ("Module (en)", [("Unit (en)", ["text (en)", "file (en)", "h5p (en)"])])
    ]


@pytest.mark.parametrize(
    ("index", "direction", "order"),
    [(0, "down", "bac"), (2, "up", "acb"), (0, "up", "abc"), (2, "down", "abc")],
)
def test_move_item_swaps_with_neighbour_and_stays_at_ends(
    desk: Desk, index: int, direction: str, order: str
) -> None:
    course = desk.draft()
    made = [
        desk.ask("add_activity", unit_id=course["unit"], title={"fr": x, "en": x}, kind="text")["id"]
        for x in "abc"
    ]
    desk.ask("move_item", item_id=made[index], direction=direction)
    assert outline(desk, course["id"])[0][1][0][1] == list(order)


def test_rename_item_needs_the_present_version(desk: Desk) -> None:
    course = desk.draft("text")
    version = desk.version(course["id"])
    edit = desk.ask("rename_item", item_id=course["unit"], version=version, title=pair("New"))
    assert edit == {"id": course["unit"], "course_id": course["id"], "version": version + 1}
    with pytest.raises(Stale) as stale:
        desk.ask("rename_item", item_id=course["unit"], version=version, title=pair("Old"))
    assert stale.value.params == {"current": version + 1}
    assert outline(desk, course["id"])[0][1][0][0] == "New (en)"


def test_delete_item_takes_everything_below_and_its_files(desk: Desk) -> None:
    course = desk.draft("file", "text", "h5p")
    empty_keys = desk.stored()
    upload_id = desk.upload(b"hello", "notes.txt")
    desk.ask("set_activity_file", activity_id=course["activities"][0], upload_id=upload_id, alt=pair("Notes"))
    assert len(desk.stored()) == len(empty_keys) + 1
    desk.ask("delete_item", item_id=course["module"], version=desk.version(course["id"]))
    desk.service.empty_trash()
    assert len(desk.stored()) == len(empty_keys) + 1, "the history can bring it back"
    desk.harness.clock.advance(timedelta(days=91))
    desk.service.prune_history()
    desk.service.empty_trash()
    assert desk.stored() == empty_keys
    counts = desk.counts()
    assert {name: counts[name] for name in ("items", "xblock_usages", "xblock_definitions", "xblock_fields")} == {
        "items": 0, "xblock_usages": 0, "xblock_definitions": 0, "xblock_fields": 0,
    }  # fmt: skip


def test_get_activity_shows_both_halves_sanitised(desk: Desk) -> None:
    course = desk.draft("text")
    activity_id = course["activities"][0]
    body = {"fr": "# Écouter\n\n<script>alert(1)</script>", "en": "[x](javascript:alert(1)) **bold**"}
    desk.ask("set_activity_text", activity_id=activity_id, version=desk.version(course["id"]), body=body)
    view = desk.ask("get_activity", activity_id=activity_id)
    assert view["body"] == body
    assert view["html"]["fr"] == "<h2>Écouter</h2>\n<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"
    assert view["html"]["en"] == "<p>[x](javascript:alert(1)) <strong>bold</strong></p>\n"


def test_set_activity_text_of_a_file_is_refused(desk: Desk) -> None:
    course = desk.draft("file")
    with pytest.raises(Conflict) as error:
        desk.ask(
            "set_activity_text", activity_id=course["activities"][0], version=desk.version(course["id"]),
            body=pair("x"),
        )  # fmt: skip
    assert error.value.code == "wrong-activity-kind"


def test_title_with_one_half_is_kept_and_with_none_refused(desk: Desk) -> None:
    course = desk.ask("create_course", title={"fr": "Un titre", "en": ""})
    assert desk.ask("get_course", course_id=course["id"])["title"] == {"fr": "Un titre", "en": ""}
    with pytest.raises(Invalid) as error:
        desk.ask("create_course", title={"fr": " ", "en": ""})
    assert [(p.path, p.code) for p in error.value.fields] == [("title", "missing")]


def test_unknown_field_is_refused(desk: Desk) -> None:
    with pytest.raises(Invalid) as error:
        desk.ask("create_course", title=pair("x"), status="published")
    assert [(p.path, p.code) for p in error.value.fields] == [("status", "unknown-field")]


def test_objectives_are_added_changed_and_removed(desk: Desk) -> None:
    course = desk.draft()
    values: dict[str, Any] = {
        "text": pair("Lead"), "bloom": "analyse", "audience": pair("Workers"), "behaviour": None,
        "condition": None, "degree": pair("Nine times of ten"), "modules": [course["module"]], "assessments": [],
    }  # fmt: skip
    made = desk.ask("add_objective", course_id=course["id"], need_id=desk.need_id, **values)
    desk.ask(
        "update_objective", objective_id=made["id"], version=made["version"], **(values | {"bloom": "create"})
    )
    second = desk.ask("get_course", course_id=course["id"])["objectives"][1]
    assert second == {"id": made["id"], "need_id": None} | values | {"bloom": "create"}
    desk.ask("delete_objective", objective_id=made["id"], version=desk.version(course["id"]))
    assert len(desk.ask("get_course", course_id=course["id"])["objectives"]) == 1


def test_publish_lists_every_reason(desk: Desk) -> None:
    course = desk.ask("create_course", title={"fr": "Cours", "en": ""}, need_id=desk.need_id)
    empty = desk.ask("add_module", course_id=course["id"], title=pair("Empty"))
    full = desk.ask("add_module", course_id=course["id"], title={"fr": "", "en": "Full"})
    bare = desk.ask("add_unit", module_id=full["id"], title=pair("Bare"))
    unit = desk.ask("add_unit", module_id=full["id"], title=pair("Unit"))
    half = desk.ask(
        "add_activity", unit_id=unit["id"], title=pair("a"), kind="text", body={"fr": "x", "en": ""}
    )
    none = desk.ask("add_activity", unit_id=unit["id"], title=pair("b"), kind="h5p")
    aim = desk.ask(
        "add_objective", course_id=course["id"], text=pair("o"), bloom="apply", need_id=str(new_id())
    )
    with pytest.raises(Invalid) as error:
        desk.ask("publish_course", course_id=course["id"], version=desk.version(course["id"]))
    assert error.value.code == "course-not-ready"
    assert {(p.path, p.code) for p in error.value.fields} == {
        ("title.en", "title-missing"),
        (f"items.{empty['id']}", "no-unit"),
        (f"items.{full['id']}.title.fr", "title-missing"),
        (f"items.{bare['id']}", "no-activity"),
        (f"items.{half['id']}.body.en", "text-missing"),
        (f"items.{none['id']}", "content-missing"),
        ("objectives", "no-objective-for-need"),
        (f"objectives.{aim['id']}.assessments", "objective-without-assessment"),
    }
    view = desk.ask("get_course", course_id=course["id"])
    assert [problem.to_dict() for problem in error.value.fields] == view["blockers"]
    assert view["status"] == "draft"
    assert desk.types() == []


def test_publish_of_an_empty_course_names_the_missing_module(desk: Desk) -> None:
    course = desk.ask("create_course", title=pair("x"))
    with pytest.raises(Invalid) as error:
        desk.ask("publish_course", course_id=course["id"], version=1)
    assert [p.code for p in error.value.fields] == ["no-module", "no-objective-for-need"]


def test_publish_counts_editions_and_tells_others(desk: Desk) -> None:
    course = desk.draft("text")
    first = desk.ask("publish_course", course_id=course["id"], version=desk.version(course["id"]))
    second = desk.ask("publish_course", course_id=course["id"], version=first["version"])
    assert (first["edition"], second["edition"]) == (1, 2)
    events = desk.harness.events("courses")
    assert [(e.type, e.data["edition"], e.data["need_id"]) for e in events] == [
        ("courses.course.published.v1", 1, desk.need_id),
        ("courses.course.published.v1", 2, desk.need_id),
    ]
    assert desk.ask("get_course", course_id=course["id"])["languages"] == ["fr", "en"]


def test_same_key_adds_once(desk: Desk) -> None:
    course = desk.draft()
    first = desk.ask("add_module", key="k1", course_id=course["id"], title=pair("Once"))
    again = desk.ask("add_module", key="k1", course_id=course["id"], title=pair("Once"))
    assert first == again
    assert len(desk.ask("get_course", course_id=course["id"])["modules"]) == 2


def test_item_of_another_kind_is_no_parent(desk: Desk) -> None:
    course = desk.draft("text")
    for method, payload in (
        ("add_unit", {"module_id": course["unit"]}),
        ("add_activity", {"unit_id": course["module"], "kind": "text"}),
        ("add_unit", {"module_id": "not an id"}),
    ):
        with pytest.raises(NotFound):
            desk.ask(method, title=pair("x"), **payload)


def test_completed_rule_is_for_h5p_only(desk: Desk) -> None:
    course = desk.draft("text", "h5p")
    text, play = course["activities"]
    with pytest.raises(Conflict):
        desk.ask(
            "set_completion", activity_id=text, version=desk.version(course["id"]), completion="completed"
        )
    desk.ask("set_completion", activity_id=play, version=desk.version(course["id"]), completion="viewed")
    assert desk.ask("get_activity", activity_id=play)["completion"] == "viewed"


def test_approved_proposal_drafts_one_course_however_often_it_comes(desk: Desk) -> None:
    proposal_id, need_id = str(new_id()), str(new_id())
    for _ in range(2):  # two envelopes: the second is not the inbox's to catch
        desk.harness.deliver("courses", "on_proposal_approved", approved(desk.harness, proposal_id, need_id))
    drafts = desk.ask("list_drafts")["items"]
    assert [(d["proposal_id"], d["need_id"], d["author_id"]) for d in drafts] == [
        (proposal_id, need_id, None)
    ]
    view = desk.ask("get_course", course_id=drafts[0]["id"])
    assert [(o["text"], o["need_id"]) for o in view["objectives"]] == [(pair("Need"), need_id)]
    assert view["can"] | {"preview": True} == {
        "edit": False, "take": True, "publish": False, "enrol": False, "preview": True, "roster": False,
        "authors": False, "copy": True,
    }  # fmt: skip
    assert desk.types() == ["courses.course.drafted.v1"]
    assert desk.harness.events("courses")[0].data["proposal_id"] == proposal_id


def test_take_course_is_for_one_trainer(desk: Desk) -> None:
    envelope = approved(desk.harness, str(new_id()), str(new_id()))
    desk.harness.deliver("courses", "on_proposal_approved", envelope)
    course_id = desk.ask("list_drafts")["items"][0]["id"]
    with pytest.raises(Forbidden):
        desk.ask("add_module", course_id=course_id, title=pair("Before"))
    desk.ask("take_course", course_id=course_id)
    assert desk.ask("take_course", course_id=course_id)["version"] == 2
    desk.ask("add_module", course_id=course_id, title=pair("After"))
    with pytest.raises(Conflict) as error:
        desk.ask("take_course", desk.harness.actor("trainer"), course_id=course_id)
    assert error.value.code == "course-already-taken"


def approved(harness: Harness, proposal_id: str, need_id: str) -> Any:
    event = ProposalApproved(
        UUID(proposal_id), UUID(need_id), pair("Proposal"), pair("Need"), "self-paced", new_id()
    )
    return envelope_of(
        event, source="surveys", subject=UUID(proposal_id), version=1, time=harness.clock.now()
    )
