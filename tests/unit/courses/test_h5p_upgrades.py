"""Runs that bring contents to newer versions of their content type."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from services.courses.commands import h5p_upgrades
from shared.errors import Conflict, NotFound
from tests.unit.courses.support import PACKAGES, Desk, View

HOOK = """var H5PUpgrades = H5PUpgrades || {};
H5PUpgrades['H5P.TrueFalse'] = (function () { return { 1: { 7: function (parameters, finished, extras) {
  %s
} } }; })();"""
GOOD = "parameters.question += ' (again)'; extras.metadata.license = 'CC BY'; finished(null, parameters, extras);"


def newer(hook: str = GOOD) -> bytes:
    """The true-false sample with its main library at 1.7."""
    target = io.BytesIO()
    with zipfile.ZipFile(PACKAGES / "valid" / "h5p-test.h5p") as source, zipfile.ZipFile(target, "w") as made:
        for name in source.namelist():
            data = source.read(name)
            if name in ("h5p.json", "H5P.TrueFalse-1.6/library.json"):
                data = json.dumps(_raised(json.loads(data))).encode()
            if name.endswith("H5P.TrueFalse-1.6/upgrades.js"):
                data = (HOOK % hook).encode()
            made.writestr(name.replace("H5P.TrueFalse-1.6", "H5P.TrueFalse-1.7"), data)
    return target.getvalue()


def _raised(document: View) -> View:
    if document.get("machineName") == "H5P.TrueFalse":
        document["minorVersion"] = 7
    for one in document.get("preloadedDependencies", ()):
        if one["machineName"] == "H5P.TrueFalse":
            one["minorVersion"] = "7"
    return document


def prepared(desk: Desk, hook: str = GOOD) -> View:
    """A course whose first two activities have the old version; the third brought the new one."""
    course = desk.draft("h5p", "h5p", "h5p")
    for activity_id, data in zip(course["activities"], (old(), old(), newer(hook)), strict=True):
        upload_id = desk.upload(data, "a.h5p")
        desk.ask("set_activity_h5p", activity_id=activity_id, upload_id=upload_id)
    return course


def old() -> bytes:
    return (PACKAGES / "valid" / "h5p-test.h5p").read_bytes()


def start(desk: Desk, *, dry_run: bool = False) -> View:
    run: View = desk.ask("start_h5p_upgrade", desk.admin, dry_run=dry_run)
    return run


def go_on(desk: Desk, run: View) -> View:
    result: View = desk.ask("continue_h5p_upgrade", desk.admin, upgrade_id=run["id"])
    return result


def content(desk: Desk, activity_id: str) -> tuple[str, Any]:
    found = desk.ask("get_activity", desk.admin, activity_id=activity_id)["h5p"]
    params = json.loads(desk.read(f"h5p/content/{found['content_id']}/content/content.json"))
    return found["main_library"], params["question"]


def test_a_run_upgrades_every_draft_and_can_be_undone(desk: Desk) -> None:
    course = prepared(desk)
    before = [content(desk, activity_id) for activity_id in course["activities"]]
    listed = desk.ask("list_h5p_upgrades", desk.admin)["available"]
    assert [(one["machine_name"], one["versions"], one["newest"], one["contents"]) for one in listed] == [
        ("H5P.TrueFalse", ["1.6"], "1.7", 2)
    ]
    run = go_on(desk, start(desk))
    assert (run["status"], run["total"], run["counts"]["done"]) == ("done", 2, 2)
    assert run["items"][0]["detail"] == {"moved": [["H5P.TrueFalse 1.6", "H5P.TrueFalse 1.7"]]}
    for activity_id in course["activities"][:2]:
        library, question = content(desk, activity_id)
        assert (library.replace("-", " "), "(again)" in question) == ("H5P.TrueFalse 1.7", True)
    assert desk.ask("list_h5p_upgrades", desk.admin)["available"] == []
    undone = desk.ask("undo_h5p_upgrade", desk.admin, upgrade_id=run["id"])
    assert (undone["status"], undone["counts"]["undone"]) == ("undone", 2)
    assert [content(desk, activity_id) for activity_id in course["activities"]] == before


def test_a_dry_run_tells_the_same_and_writes_no_content(desk: Desk) -> None:
    course = prepared(desk)
    before, stored = desk.counts()["h5p_contents"], desk.stored()
    run = go_on(desk, start(desk, dry_run=True))
    assert (run["status"], run["counts"]["done"], run["items"][0]["new_content_id"]) == ("done", 2, None)
    assert (desk.counts()["h5p_contents"], desk.stored()) == (before, stored)
    assert "1.6" in content(desk, course["activities"][0])[0]


@pytest.mark.parametrize(
    ("hook", "code"),
    [("finished('no');", "hook-failed"), ("finished(null, 'text');", "params-broken")],
)
def test_a_content_that_cannot_be_upgraded_stays_as_it_is(desk: Desk, hook: str, code: str) -> None:
    course = prepared(desk, hook)
    before = content(desk, course["activities"][0])
    run = go_on(desk, start(desk))
    assert (run["status"], run["counts"]["failed"], {item["code"] for item in run["items"]}) == (
        "done",
        2,
        {code},
    )
    assert content(desk, course["activities"][0]) == before


def test_an_interrupted_run_goes_on_and_skips_what_changed_meanwhile(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = prepared(desk)
    run = start(desk)
    with pytest.raises(Conflict) as error:
        start(desk)
    assert error.value.code == "h5p-upgrade-running"
    monkeypatch.setattr(h5p_upgrades, "BUDGET_S", 0.0)
    assert go_on(desk, run)["counts"]["waiting"] == 2
    monkeypatch.setattr(h5p_upgrades, "BUDGET_S", 8.0)
    upload_id = desk.upload(old(), "b.h5p")
    desk.ask("set_activity_h5p", activity_id=course["activities"][1], upload_id=upload_id)
    done = go_on(desk, run)
    assert [(item["status"], item["code"]) for item in done["items"]] == [
        ("done", None),
        ("same", "changed-meanwhile"),
    ]


def test_learners_keep_their_place_and_get_the_new_version_with_the_next_edition(desk: Desk) -> None:
    course = prepared(desk)
    desk.publish(course)
    where = {"course_id": course["id"], "activity_id": course["activities"][0]}
    desk.ask("save_state", desk.learner, activity_id=where["activity_id"], data_type="state", sub_content_id="0",
             state="1", sequence=1)  # fmt: skip
    first = desk.ask("open_activity", desk.learner, **where)["play"]["content_id"]
    go_on(desk, start(desk))
    assert desk.ask("open_activity", desk.learner, **where)["play"]["content_id"] == first
    desk.ask("publish_course", course_id=course["id"], version=desk.version(course["id"]))
    play = desk.ask("open_activity", desk.learner, **where)["play"]
    assert play["content_id"] != first
    assert [one["state"] for one in play["state"]] == ["1"]


def test_only_admins_upgrade_and_only_when_there_is_something(desk: Desk) -> None:
    with pytest.raises(Conflict) as error:
        start(desk)
    assert error.value.code == "h5p-nothing-to-upgrade"
    for actor in (desk.trainer, desk.coordinator, desk.learner):
        for method in ("start_h5p_upgrade", "list_h5p_upgrades"):
            with pytest.raises(NotFound):
                desk.ask(method, actor)
