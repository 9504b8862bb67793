from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from tests.unit.courses.support import PACKAGES, PNG, Desk, View, pair, statement


def learning(desk: Desk, course: View) -> View:
    return dict(desk.ask("get_learning", desk.learner, course_id=course["id"]))


def opened(desk: Desk, course: View, at: int = 0) -> View:
    payload = {"course_id": course["id"], "activity_id": course["activities"][at]}
    return dict(desk.ask("open_activity", desk.learner, **payload))


def rewrite(desk: Desk, course: View, body: Any, at: int = 0) -> None:
    version = desk.version(course["id"])
    desk.ask("set_activity_text", activity_id=course["activities"][at], version=version, body=body)


def history(desk: Desk, course: View) -> list[View]:
    return list(desk.ask("list_history", course_id=course["id"])["items"])


def codes(changes: list[View]) -> list[tuple[str, str]]:
    return [(change["kind"], change["code"]) for change in changes]


# --- learners are served from the newest edition


def test_learners_read_the_edition_while_the_draft_changes(desk: Desk) -> None:
    course = desk.publish(desk.draft("text"))
    rewrite(desk, course, pair("Other words"))
    desk.ask("rename_item", item_id=course["unit"], version=desk.version(course["id"]), title=pair("Renamed"))
    desk.ask("update_course", course_id=course["id"], version=desk.version(course["id"]), title=pair("New"),
             summary=pair("New"))  # fmt: skip
    desk.activity(course["unit"], "text")
    before = learning(desk, course)
    assert (before["title"], before["modules"][0]["units"][0]["title"]) == (pair("Course"), pair("Unit"))
    assert len(before["modules"][0]["units"][0]["activities"]) == 1
    assert "Other words" not in opened(desk, course)["html"]
    card = desk.ask("list_my_courses", desk.learner)["items"][0]
    assert (card["title"], card["counts"]) == (pair("Course"), {"modules": 1, "units": 1, "activities": 1})
    assert desk.ask("get_course", desk.learner, course_id=course["id"])["title"] == pair("Course")
    assert desk.ask("search", desk.learner, q="course")["items"] != []
    assert desk.ask("search", desk.learner, q="new")["items"] == []
    preview = desk.ask(
        "open_activity", course_id=course["id"], activity_id=course["activities"][0], preview=True
    )
    assert "Other words" in preview["html"]

    desk.publish(course)
    after = learning(desk, course)
    assert (after["title"], after["modules"][0]["units"][0]["title"]) == (pair("New"), pair("Renamed"))
    assert "Other words" in opened(desk, course)["html"]


def test_a_file_stays_for_learners_until_the_next_edition(desk: Desk) -> None:
    course = desk.draft("file")
    place = {"activity_id": course["activities"][0]}
    desk.ask("set_activity_file", **place, upload_id=desk.upload(PNG, "old.png"), alt=pair("Old"))
    desk.publish(course)
    desk.ask("set_activity_file", **place, upload_id=desk.upload(PNG + b"2", "new.png"), alt=pair("New"))
    desk.service.empty_trash()
    seen = desk.ask("get_file", desk.learner, **place)
    assert (seen["filename"], desk.read(seen["storage_key"])) == ("old.png", PNG)
    assert desk.ask("get_file", **place, draft=True)["filename"] == "new.png"
    with pytest.raises(NotFound):
        desk.ask("get_file", desk.learner, **place, draft=True)


def test_h5p_is_played_from_the_edition_and_kept_with_its_state(desk: Desk) -> None:
    course = desk.play()
    activity_id = course["activities"][0]
    state: View = {"data_type": "state", "sub_content_id": "0", "state": "{}", "sequence": 1}
    desk.ask("save_state", desk.learner, activity_id=activity_id, **state)
    before = opened(desk, course)["play"]
    again = desk.upload((PACKAGES / "valid" / "h5p-test.h5p").read_bytes(), "again.h5p")
    desk.ask("set_activity_h5p", activity_id=activity_id, upload_id=again)
    desk.service.empty_trash()
    grant = desk.harness.call("courses", "resolve_grant", {"token": before["token"]})
    assert desk.read(f"{grant['prefix']}content/content.json")
    assert [one["state"] for one in grant["state"]] == ["{}"]
    desk.ask("record_statement", desk.learner, activity_id=activity_id, statement=statement(), pseudonym="p")
    assert learning(desk, course)["progress"] == 1.0


def test_a_deleted_activity_stays_for_learners_until_the_next_edition(desk: Desk) -> None:
    course = desk.publish(desk.draft("text", "text"))
    desk.ask("delete_item", item_id=course["activities"][1], version=desk.version(course["id"]))
    assert opened(desk, course, 1)["title"] == pair("text")
    assert desk.ask("mark_viewed", desk.learner, activity_id=course["activities"][1])["progress"] == 0.5
    desk.publish(course)
    with pytest.raises(NotFound):
        opened(desk, course, 1)
    assert desk.counts()["attempts"] == 1, "what was learned stays"


def test_who_has_finished_stays_finished_and_is_told_the_news(desk: Desk) -> None:
    course = desk.publish(desk.draft("text"))
    desk.ask("mark_viewed", desk.learner, activity_id=course["activities"][0])
    desk.activity(course["unit"], "text")
    desk.harness.clock.advance(timedelta(minutes=1))
    version = desk.version(course["id"])
    assert learning(desk, course)["news"] is None
    desk.ask("publish_course", course_id=course["id"], version=version, note=pair("One more"))
    after = learning(desk, course)
    assert (after["progress"], after["completed_at"] is None, after["edition"]) == (0.5, False, 2)
    assert (after["news"]["edition"], after["news"]["note"]) == (2, pair("One more"))
    assert [e.data["note"] for e in desk.harness.events("courses") if e.type.startswith("courses.course.pub")] == [
        None, pair("One more"),
    ]  # fmt: skip


# --- history


def test_history_keeps_a_state_per_burst_and_writer(desk: Desk) -> None:
    course = desk.draft("text")
    rewrite(desk, course, pair("One"))
    assert history(desk, course) == []
    desk.harness.clock.advance(timedelta(minutes=11))
    rewrite(desk, course, pair("Two"))
    rewrite(desk, course, pair("Three"))
    lines = history(desk, course)
    assert [line["reason"] for line in lines] == ["edited"]
    desk.ask("set_activity_text", desk.admin, activity_id=course["activities"][0],
             version=desk.version(course["id"]), body=pair("Four"))  # fmt: skip
    lines = history(desk, course)
    assert [codes(line["changes"]) for line in lines] == [[("activity", "content")], []]
    assert [line["made_by"] for line in lines] == [str(desk.trainer.account_id)] * 2
    draft = desk.ask("list_history", course_id=course["id"])["draft"]
    assert (draft["made_by"], codes(draft["changes"])) == (
        str(desk.admin.account_id), [("activity", "content")],
    )  # fmt: skip


def test_history_names_what_was_added_removed_renamed_moved_and_reset(desk: Desk) -> None:
    course = desk.draft("text", "text", "text")
    desk.publish(course)
    first, second, third = course["activities"]
    desk.ask("rename_item", item_id=first, version=desk.version(course["id"]), title=pair("Renamed"))
    desk.ask("move_item", item_id=third, direction="up")
    desk.ask("delete_item", item_id=second, version=desk.version(course["id"]))
    added = desk.activity(course["unit"], "text")
    desk.ask(
        "set_completion",
        activity_id=first,
        version=desk.version(course["id"]),
        completion="dwell",
        seconds=60,
    )
    found = desk.ask("publication", course_id=course["id"])["changes"]
    assert {(change["code"], change["id"]) for change in found} == {
        ("renamed", first), ("settings", first), ("removed", second), ("added", added),
    }  # fmt: skip


def test_snapshot_shows_both_texts_of_what_changed(desk: Desk) -> None:
    course = desk.publish(desk.draft("text"))
    rewrite(desk, course, {"fr": "Autre texte", "en": "**Text** (en)"})
    line = history(desk, course)[0]
    view = desk.ask("get_snapshot", course_id=course["id"], snapshot_id=line["id"])
    assert view["changes"][0]["texts"] == [
        {"path": "body_fr", "before": "**Text** (fr)", "after": "Autre texte"}
    ]
    shown = {one["path"]: one["text"] for one in view["texts"][course["activities"][0]]}
    assert shown == {"body_fr": "**Text** (fr)", "body_en": "**Text** (en)"}


def test_restore_brings_everything_back_and_loses_nothing(desk: Desk) -> None:
    course = desk.draft("text", "file")
    place = {"activity_id": course["activities"][1]}
    desk.ask("set_activity_file", **place, upload_id=desk.upload(PNG, "old.png"), alt=pair("Old"))
    desk.publish(course)
    edition = history(desk, course)[0]
    as_published = desk.ask("get_course", course_id=course["id"])
    desk.ask("delete_item", item_id=course["module"], version=desk.version(course["id"]))
    other = desk.ask("add_module", course_id=course["id"], title=pair("Other"))
    objective = as_published["objectives"][0]["id"]
    desk.ask("delete_objective", objective_id=objective, version=desk.version(course["id"]))
    version = desk.version(course["id"])
    desk.ask("restore_snapshot", course_id=course["id"], snapshot_id=edition["id"], version=version)
    restored = desk.ask("get_course", course_id=course["id"])
    same = ("modules", "objectives", "title", "summary", "blockers")
    assert {name: restored[name] for name in same} == {name: as_published[name] for name in same}
    assert desk.ask("get_file", **place, draft=True)["filename"] == "old.png"
    newest = history(desk, course)[0]
    assert newest["reason"] == "restored"
    desk.ask(
        "restore_snapshot", course_id=course["id"], snapshot_id=newest["id"], version=restored["version"]
    )
    assert [module["id"] for module in desk.ask("get_course", course_id=course["id"])["modules"]] == [
        other["id"]
    ]


def test_restore_needs_the_present_version_and_a_state_of_this_course(desk: Desk) -> None:
    course, other = desk.publish(desk.draft("text")), desk.publish(desk.draft("text"))
    version, edition = desk.version(course["id"]), history(desk, course)[0]
    with pytest.raises(Stale):
        desk.ask("restore_snapshot", course_id=course["id"], snapshot_id=edition["id"], version=version - 1)
    strange = history(desk, other)[0]["id"]
    with pytest.raises(NotFound):
        desk.ask("restore_snapshot", course_id=course["id"], snapshot_id=strange, version=version)


def test_deletion_is_undone_with_everything_in_its_place(desk: Desk) -> None:
    course = desk.draft("text", "text", "text")
    before = desk.ask("get_course", course_id=course["id"])["modules"]
    gone = desk.ask("delete_item", item_id=course["activities"][1], version=desk.version(course["id"]))
    desk.ask("move_item", item_id=course["activities"][2], direction="up")
    desk.ask("move_item", item_id=course["activities"][2], direction="down")
    back = {"course_id": course["id"], "snapshot_id": gone["undo"], "item_id": course["activities"][1]}
    desk.ask("restore_item", **back)
    assert desk.ask("get_course", course_id=course["id"])["modules"] == before
    assert desk.ask("get_activity", activity_id=course["activities"][1])["body"] == pair("**Text**")


def test_deletion_is_not_undone_where_its_place_is_gone(desk: Desk) -> None:
    course = desk.draft("text")
    gone = desk.ask("delete_item", item_id=course["activities"][0], version=desk.version(course["id"]))
    whole = desk.ask("delete_item", item_id=course["module"], version=gone["version"])
    back = {"course_id": course["id"], "snapshot_id": gone["undo"]}
    with pytest.raises(Conflict) as error:
        desk.ask("restore_item", **back, item_id=course["activities"][0])
    assert error.value.code == "place-gone"
    desk.ask("restore_item", course_id=course["id"], snapshot_id=whole["undo"], item_id=course["module"])
    desk.ask("restore_item", **back, item_id=course["activities"][0])
    assert desk.ask("get_activity", activity_id=course["activities"][0])["ready"] is True


def test_old_states_go_after_ninety_days_and_editions_stay(desk: Desk) -> None:
    course = desk.publish(desk.draft("text"))
    desk.harness.clock.advance(timedelta(minutes=11))
    rewrite(desk, course, pair("One"))
    desk.harness.clock.advance(timedelta(minutes=11))
    rewrite(desk, course, pair("Two"))
    assert [line["edition"] for line in history(desk, course)] == [None, 1]
    desk.harness.clock.advance(timedelta(days=91))
    desk.service.prune_history()
    assert [line["edition"] for line in history(desk, course)] == [1]
    assert "**Text**" not in opened(desk, course)["html"]
    assert "Text" in opened(desk, course)["html"]


# --- two authors at once


def test_two_authors_edit_different_things_without_refusing_each_other(desk: Desk) -> None:
    course = desk.draft("text", "text")
    version = desk.version(course["id"])
    for at, (actor, words) in enumerate(((desk.trainer, "Mine"), (desk.admin, "Theirs"))):
        desk.ask(
            "set_activity_text",
            actor,
            activity_id=course["activities"][at],
            version=version,
            body=pair(words),
        )
    objective = desk.ask("get_course", course_id=course["id"])["objectives"][0]["id"]
    desk.ask("update_objective", objective_id=objective, version=version, text=pair("Lead"), bloom="apply")
    desk.ask("update_course", course_id=course["id"], version=version, title=pair("T"), summary=pair("S"))
    for method, payload in (
        ("set_activity_text", {"activity_id": course["activities"][0], "body": pair("Again")}),
        ("update_objective", {"objective_id": objective, "text": pair("x"), "bloom": "apply"}),
        ("update_course", {"course_id": course["id"], "title": pair("x"), "summary": pair("x")}),
        ("delete_item", {"item_id": course["module"]}),
        ("publish_course", {"course_id": course["id"]}),
    ):
        with pytest.raises(Stale):
            desk.ask(method, version=version, **payload)
    with pytest.raises(Stale):
        desk.ask("rename_item", item_id=course["unit"], version=version + 50, title=pair("x"))


def test_editors_see_each_other_for_five_minutes(desk: Desk) -> None:
    course = desk.draft("text")
    assert desk.ask("get_course", course_id=course["id"])["editing"] is None
    seen = desk.ask("get_course", desk.admin, course_id=course["id"])["editing"]
    assert seen["account_id"] == str(desk.trainer.account_id)
    desk.harness.clock.advance(timedelta(minutes=6))
    assert desk.ask("get_course", desk.admin, course_id=course["id"])["editing"] is None


def test_co_author_writes_and_publishes_and_chooses_no_authors(desk: Desk) -> None:
    course, other = desk.draft("text"), desk.harness.actor("trainer")
    account_id = str(other.account_id)
    with pytest.raises(Forbidden):
        desk.ask("add_module", other, course_id=course["id"], title=pair("x"))
    for _ in range(2):
        desk.ask("add_author", course_id=course["id"], account_id=account_id)
    assert desk.ask("get_course", course_id=course["id"])["co_authors"] == [account_id]
    desk.ask("publish_course", other, course_id=course["id"], version=desk.version(course["id"]))
    assert [one["id"] for one in desk.ask("list_courses", other)["items"]] == [course["id"]]
    with pytest.raises(Forbidden):
        desk.ask("add_author", other, course_id=course["id"], account_id=str(desk.admin.account_id))
    desk.ask("remove_author", course_id=course["id"], account_id=account_id)
    with pytest.raises(Forbidden):
        desk.ask("add_module", other, course_id=course["id"], title=pair("x"))
    with pytest.raises(NotFound):
        desk.ask("remove_author", course_id=course["id"], account_id=account_id)


def test_drafts_that_one_writes_too_are_listed(desk: Desk) -> None:
    course, other = desk.draft("text"), desk.harness.actor("trainer")
    assert desk.ask("list_drafts", other)["items"] == []
    desk.ask("add_author", course_id=course["id"], account_id=str(other.account_id))
    assert [one["id"] for one in desk.ask("list_drafts", other)["items"]] == [course["id"]]


# --- before a publication


def people(desk: Desk, course: View) -> View:
    return dict(desk.ask("publication", course_id=course["id"])["people"])


def test_publication_counts_who_stays_finished_and_who_gains_or_loses(desk: Desk) -> None:
    course = desk.publish(desk.draft("text", "text", "text"))
    others = [desk.harness.actor("learner") for _ in range(3)]
    for done, actor in enumerate((desk.learner, *others)):
        desk.ask("enrol", actor, course_id=course["id"])
        for activity_id in course["activities"][: 3 - done]:
            desk.ask("mark_viewed", actor, activity_id=activity_id)
    nothing = {
        "enrolled": 4,
        "finished": 1,
        "finished_with_more": 0,
        "finish_now": 0,
        "ahead": 0,
        "behind": 0,
    }
    assert people(desk, course) == nothing
    desk.activity(course["unit"], "text")
    assert people(desk, course) == nothing | {"finished_with_more": 1, "behind": 2}
    added = desk.ask("get_course", course_id=course["id"])["modules"][0]["units"][0]["activities"][3]["id"]
    for item_id in (added, course["activities"][2]):
        desk.ask("delete_item", item_id=item_id, version=desk.version(course["id"]))
    assert people(desk, course) == nothing | {"finish_now": 1, "ahead": 1}
    desk.publish(course)
    assert desk.ask("course_counts", course_ids=[course["id"]])["items"][0]["completions"] == 2


def test_publication_tells_whose_place_starts_over(desk: Desk) -> None:
    course = desk.play()
    assert desk.ask("publication", course_id=course["id"])["restarts"] == []
    other = desk.upload((PACKAGES / "valid" / "multiple-choice.h5p").read_bytes(), "other.h5p")
    desk.ask("set_activity_h5p", activity_id=course["activities"][0], upload_id=other)
    found = desk.ask("publication", course_id=course["id"])["restarts"]
    assert [change["id"] for change in found] == [course["activities"][0]]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"fr": "**Text** (fr)", "en": "Changed"}, ["only-en-changed"]),
        ({"fr": "Changé", "en": "Changed"}, []),
        ({"fr": "a" * 900, "en": "b" * 300}, ["lengths-differ"]),
    ],
)
def test_publication_warns_of_halves_that_went_apart(desk: Desk, body: View, expected: list[str]) -> None:
    course = desk.publish(desk.draft("text"))
    rewrite(desk, course, body)
    found = desk.ask("publication", course_id=course["id"])["warnings"]
    assert [one["code"] for one in found] == [*expected, "assessment-not-scored"]


def test_course_in_one_language_on_purpose_is_checked_in_that_language(desk: Desk) -> None:
    course = desk.draft("text")
    rewrite(desk, course, {"fr": "Un texte", "en": ""})
    assert [one["code"] for one in desk.ask("get_course", course_id=course["id"])["blockers"]] == [
        "text-missing"
    ]
    version = desk.version(course["id"])
    desk.ask("set_course_language", course_id=course["id"], version=version, only_language="fr")
    desk.publish(course)
    view = desk.ask("get_course", desk.learner, course_id=course["id"])
    assert (view["languages"], view["only_language"], learning(desk, course)["only_language"]) == (
        ["fr"],
        "fr",
        "fr",
    )
    rewrite(desk, course, {"fr": "", "en": "A text"})
    assert [one["path"] for one in desk.ask("get_course", course_id=course["id"])["blockers"]] == [
        f"items.{course['activities'][0]}.body.fr"
    ]


# --- objectives


def test_objective_without_need_or_assessment_refuses_publication(desk: Desk) -> None:
    course = desk.draft("text")
    bare = desk.ask("add_objective", course_id=course["id"], text=pair("Bare"), bloom="apply")
    with pytest.raises(Invalid) as error:
        desk.ask("publish_course", course_id=course["id"], version=desk.version(course["id"]))
    assert [(problem.path, problem.code) for problem in error.value.fields] == [
        (f"objectives.{bare['id']}.need_id", "objective-without-need"),
        (f"objectives.{bare['id']}.assessments", "objective-without-assessment"),
    ]


def test_assessment_that_was_deleted_no_longer_counts(desk: Desk) -> None:
    course = desk.draft("text", "text")
    desk.ask("delete_item", item_id=course["activities"][0], version=desk.version(course["id"]))
    found = desk.ask("get_course", course_id=course["id"])
    assert found["objectives"][0]["assessments"] == []
    assert [one["code"] for one in found["blockers"]] == ["objective-without-assessment"]


def test_objectives_are_aligned_as_a_whole(desk: Desk) -> None:
    course, other = desk.draft("text"), desk.draft("text")
    objective = desk.ask("get_course", course_id=course["id"])["objectives"][0]["id"]
    version = desk.version(course["id"])
    link = {"objective_id": objective, "modules": [course["module"]], "assessments": course["activities"]}
    desk.ask("align_objectives", course_id=course["id"], version=version, objectives=[link])
    shown = desk.ask("get_course", course_id=course["id"])["objectives"][0]
    assert (shown["modules"], shown["assessments"]) == ([course["module"]], course["activities"])
    strange = {"objective_id": objective, "modules": [course["unit"]], "assessments": other["activities"]}
    with pytest.raises(Invalid) as error:
        desk.ask("align_objectives", course_id=course["id"], version=version + 1, objectives=[strange])
    assert [(p.path, p.code) for p in error.value.fields] == [
        ("objectives.0.modules", "not-in-course"), ("objectives.0.assessments", "not-in-course"),
    ]  # fmt: skip
    with pytest.raises(Stale):
        desk.ask("align_objectives", course_id=course["id"], version=version, objectives=[link])


# --- copies and places


def test_copy_of_a_course_stands_by_itself(desk: Desk) -> None:
    course, other = desk.draft("text", "file"), desk.harness.actor("trainer")
    place = {"activity_id": course["activities"][1]}
    desk.ask("set_activity_file", **place, upload_id=desk.upload(PNG, "a.png"), alt=pair("A"))
    copy = desk.ask("duplicate_course", other, course_id=course["id"])
    view = desk.ask("get_course", other, course_id=copy["id"])
    assert view["title"] == {"fr": "Course (fr) (copie)", "en": "Course (en) (copy)"}
    assert (view["can"]["edit"], view["blockers"], view["author_id"]) == (True, [], str(other.account_id))
    text, file = view["modules"][0]["units"][0]["activities"]
    assert view["objectives"][0]["assessments"] == [text["id"]]
    rewrite(desk, course, pair("Changed"))
    assert desk.ask("get_activity", activity_id=text["id"])["body"] == pair("**Text**")
    desk.ask("set_activity_file", **place, upload_id=desk.upload(PNG + b"2", "b.png"), alt=pair("B"))
    desk.service.empty_trash()
    assert desk.read(desk.ask("get_file", other, activity_id=file["id"], draft=True)["storage_key"]) == PNG


def test_copy_of_a_part_comes_right_after_it(desk: Desk) -> None:
    course = desk.draft("text", "text")
    made = desk.ask("duplicate_item", item_id=course["activities"][0])
    steps = desk.ask("get_course", course_id=course["id"])["modules"][0]["units"][0]["activities"]
    assert [step["id"] for step in steps] == [course["activities"][0], made["id"], course["activities"][1]]
    desk.ask("duplicate_item", item_id=course["module"])
    modules = desk.ask("get_course", course_id=course["id"])["modules"]
    assert [len(module["units"][0]["activities"]) for module in modules] == [3, 3]


def test_copied_h5p_survives_its_original(desk: Desk) -> None:
    course = desk.draft("h5p")
    upload_id = desk.upload((PACKAGES / "valid" / "h5p-test.h5p").read_bytes(), "h.h5p")
    desk.ask("set_activity_h5p", activity_id=course["activities"][0], upload_id=upload_id)
    copy = desk.ask("duplicate_item", item_id=course["activities"][0])["id"]
    desk.ask("delete_item", item_id=course["activities"][0], version=desk.version(course["id"]))
    desk.harness.clock.advance(timedelta(days=91))
    desk.service.prune_history()
    desk.service.empty_trash()
    view = desk.ask("open_activity", course_id=course["id"], activity_id=copy, preview=True)
    grant = desk.harness.call("courses", "resolve_grant", {"token": view["play"]["token"]})
    assert desk.read(f"{grant['prefix']}content/content.json")


def test_part_is_placed_under_another_parent_of_its_kind(desk: Desk) -> None:
    course = desk.draft("text", "text", "text")
    second = desk.ask("add_unit", module_id=course["module"], title=pair("Second"))["id"]
    desk.ask("place_item", item_id=course["activities"][2], parent_id=second, position=9)
    desk.ask("place_item", item_id=course["activities"][1], parent_id=second, position=0)
    desk.ask("place_item", item_id=second, parent_id=course["module"], position=0)
    units = desk.ask("get_course", course_id=course["id"])["modules"][0]["units"]
    assert [[step["id"] for step in unit["activities"]] for unit in units] == [
        [course["activities"][1], course["activities"][2]], [course["activities"][0]],
    ]  # fmt: skip
    for parent in (course["module"], None, str(desk.trainer.account_id)):
        with pytest.raises(NotFound):
            desk.ask("place_item", item_id=course["activities"][0], parent_id=parent, position=0)
