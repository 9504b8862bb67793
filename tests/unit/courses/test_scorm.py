from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from services.courses.scorm import Package, read_package, report_of
from services.courses.scorm.data import overall
from shared.actor import VISITOR
from shared.errors import Conflict, Forbidden, Invalid, NotFound
from tests.unit.courses.scorm_packages import manifest_12, packed, scorm_12, scorm_2004
from tests.unit.courses.support import Desk, View


def read(data: bytes) -> Any:
    return read_package(io.BytesIO(data))


def codes(data: bytes) -> list[str]:
    found = read(data)
    assert isinstance(found, list), found
    return [problem.code for problem in found]


# ------------------------------------------------------------------ packages


def test_a_package_of_1_2_is_read() -> None:
    found = read(scorm_12())
    assert isinstance(found, Package)
    assert (found.title, found.version) == ("Small course", "1.2")
    assert found.items == [
        {"id": "i1", "title": "One", "depth": 0, "href": "one.html", "mastery": None, "launch_data": ""}
    ]
    assert set(found.files) == {"imsmanifest.xml", "one.html"}


def test_a_package_of_2004_is_read_with_headings_parameters_base_and_mastery() -> None:
    found = read(scorm_2004())
    assert isinstance(found, Package)
    assert found.version == "2004"
    assert [(one["id"], one["depth"], one["href"], one["mastery"]) for one in found.items] == [
        ("h", 0, "", None), ("a", 1, "sco/two.html?mode=a", 0.7), ("b", 1, "sco/two.html", None),
    ]  # fmt: skip
    assert "_shared/api.js" in found.files


@pytest.mark.parametrize(("manifest", "expected"), [
    (None, "scorm-no-manifest"),
    ("<manifest", "scorm-manifest-unreadable"),
    ('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><manifest>&e;</manifest>', "scorm-manifest-unreadable"),
    ('<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><manifest>&b;</manifest>', "scorm-manifest-unreadable"),
    ("<manifest><organizations/></manifest>", "scorm-version-unknown"),
    (manifest_12(organisations="<organizations/>"), "scorm-no-organization"),
    (manifest_12(items='<item identifier="i"><title>Heading</title></item>'), "scorm-nothing-to-launch"),
    (manifest_12(items='<item identifier="i" identifierref="none"><title>T</title></item>'), "scorm-resource-missing"),
    (manifest_12(resources='<resource identifier="r1" href="other.html"/>'), "scorm-file-missing"),
    (manifest_12(resources='<resource identifier="r1" href="../one.html"/>'), "scorm-file-missing"),
    (manifest_12(resources='<resource identifier="r1" href="https://x.example/one.html"/>'), "scorm-launch-elsewhere"),
    (manifest_12(items='<item identifier="i" identifierref="r1"/>' * 201), "scorm-too-many-items"),
])  # fmt: skip
def test_a_package_is_refused_for_its_true_reason(manifest: str | None, expected: str) -> None:
    files: dict[str, str | bytes] = {"one.html": "x"}
    if manifest:
        files["imsmanifest.xml"] = manifest
    assert expected in codes(packed(files))


def test_archives_are_judged_as_for_h5p() -> None:
    ordinary: dict[str, str | bytes] = {"imsmanifest.xml": manifest_12(), "one.html": "x"}
    assert "path-traversal" in codes(packed({**ordinary, "../evil.html": "x"}))
    assert "path-absolute" in codes(packed({**ordinary, "/etc/x": "x"}))
    assert "compression-ratio" in codes(packed({**ordinary, "big.txt": b"\0" * 5_000_000}))
    assert "nested-archive" in codes(packed({**ordinary, "inner.zip": packed({"a": "b"})}))
    assert codes(b"no zip at all") == ["archive-unreadable"]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in ordinary.items():
            archive.writestr(name, text)
        link = zipfile.ZipInfo("link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert "symlink" in codes(out.getvalue())


# ------------------------------------------------------------------ data


@pytest.mark.parametrize(("version", "cmi", "mastery", "expected"), [
    ("1.2", {"core": {"lesson_status": "incomplete"}}, None, (False, None, None)),
    ("1.2", {"core": {"lesson_status": "passed", "score": {"raw": "8", "max": "10"}}}, None, (True, 0.8, True)),
    ("1.2", {"core": {"lesson_status": "failed", "score": {"raw": "8"}}}, None, (True, 0.08, False)),
    ("1.2", {"core": {"lesson_status": "completed", "score": {"raw": "80"}}}, 0.9, (True, 0.8, False)),
    ("1.2", {"core": {"lesson_status": "completed", "score": {"raw": "x"}}}, None, (True, None, None)),
    ("1.2", {"core": "nonsense"}, None, (False, None, None)),
    ("2004", {"completion_status": "completed", "success_status": "failed", "score": {"scaled": "0.5"}}, None,
     (True, 0.5, False)),
    ("2004", {"success_status": "passed"}, None, (True, None, True)),
    ("2004", {"completion_status": "incomplete", "score": {"scaled": "1"}}, 0.7, (False, 1.0, None)),
    ("2004", {"completion_status": "completed", "score": {"scaled": "7", "raw": "3", "max": "4"}}, 0.7,
     (True, 0.75, True)),
    ("2004", {"score": {"raw": "NaN"}}, None, (False, None, None)),
])  # fmt: skip
def test_reports(version: str, cmi: View, mastery: float | None, expected: tuple[Any, ...]) -> None:
    found = report_of(cmi, version, mastery)
    assert (found.completed, found.score, found.success) == expected


def test_several_items_complete_together() -> None:
    one = report_of({"core": {"lesson_status": "passed", "score": {"raw": "100"}}}, "1.2", None)
    two = report_of({"core": {"lesson_status": "failed", "score": {"raw": "50"}}}, "1.2", None)
    assert overall([one], 2).completed is False
    both = overall([one, two], 2)
    assert (both.completed, both.score, both.success) == (True, 0.75, False)


# ------------------------------------------------------------------ activities


def placed(desk: Desk, data: bytes) -> View:
    """A published course whose first activity is the package."""
    course = desk.draft("scorm")
    upload_id = desk.upload(data, "course.zip")
    desk.ask("set_activity_scorm", activity_id=course["activities"][0], upload_id=upload_id)
    return desk.publish(course)


def opened(desk: Desk, course: View) -> View:
    found: View = desk.ask(
        "open_activity", desk.learner, course_id=course["id"], activity_id=course["activities"][0]
    )
    return found


def save(desk: Desk, course: View, item_id: str, sequence: int, **cmi: Any) -> View:
    payload = {"activity_id": course["activities"][0], "item_id": item_id, "sequence": sequence}
    found: View = desk.ask("save_scorm", desk.learner, data=json.dumps(cmi), **payload)
    return found


def test_a_package_is_played_under_a_grant_and_its_data_completes_the_activity(desk: Desk) -> None:
    course = placed(desk, scorm_12())
    play = opened(desk, course)["play"]
    assert play["path"] == f"/scorm/{play['token']}/"
    grant = desk.ask("resolve_scorm", VISITOR, token=play["token"])
    assert grant["items"][0]["href"] == "one.html"
    assert grant["models"] == {}
    assert str(desk.learner.account_id) not in json.dumps(grant)
    assert desk.read(f"{grant['prefix']}one.html").startswith(b"<!doctype html>")
    half = save(desk, course, "i1", 1, core={"lesson_status": "incomplete"}, suspend_data="kept")
    assert (half["completed"], half["saved"]) == (False, True)
    assert "kept" in desk.ask("resolve_scorm", VISITOR, token=play["token"])["models"]["i1"]
    done = save(desk, course, "i1", 2, core={"lesson_status": "passed", "score": {"raw": "8", "max": "10"}})
    assert (done["completed"], done["score"], done["course_completed"]) == (True, 0.8, True)
    late = save(desk, course, "i1", 1, core={"lesson_status": "incomplete"})
    assert (late["saved"], late["sequence"], late["completed"]) == (False, 2, True)


def test_every_item_must_be_completed(desk: Desk) -> None:
    course = placed(desk, scorm_2004())
    first = save(desk, course, "a", 1, completion_status="completed", score={"scaled": "0.9"})
    assert (first["completed"], first["score"]) == (False, 0.9)
    second = save(desk, course, "b", 1, completion_status="completed", score={"scaled": "0.5"})
    assert second["completed"] is True
    with pytest.raises(NotFound):
        save(desk, course, "h", 1, completion_status="completed")


def test_wrong_data_and_wrong_people_change_nothing(desk: Desk) -> None:
    course = placed(desk, scorm_12())
    where = {"activity_id": course["activities"][0], "item_id": "i1", "sequence": 1}
    for data in ("[]", "{", "12"):
        with pytest.raises(Invalid):
            desk.ask("save_scorm", desk.learner, data=data, **where)
    with pytest.raises(NotFound):
        desk.ask("save_scorm", desk.coordinator, data="{}", **where)
    with pytest.raises(NotFound):
        desk.ask("resolve_scorm", VISITOR, token="nothing")
    text = desk.publish(desk.draft("text"))
    with pytest.raises(Conflict, match="wrong-activity-kind"):
        desk.ask("save_scorm", desk.learner, data="{}", **where | {"activity_id": text["activities"][0]})
    assert desk.counts()["states"] == 0


def test_a_refused_package_leaves_nothing_and_says_why_in_both_languages(desk: Desk) -> None:
    course = desk.draft("scorm")
    before = desk.stored()
    upload_id = desk.upload(packed({"a.html": "x"}), "course.zip")
    with pytest.raises(Invalid) as caught:
        desk.ask("set_activity_scorm", activity_id=course["activities"][0], upload_id=upload_id)
    (problem,) = caught.value.fields
    assert (caught.value.code, problem.code) == ("scorm-refused", "scorm-no-manifest")
    assert problem.params["message"]["fr"] != problem.params["message"]["en"]
    assert desk.stored() == before
    with pytest.raises(Forbidden):
        desk.ask("set_activity_scorm", desk.harness.actor("trainer"), activity_id=course["activities"][0],
                 upload_id=upload_id)  # fmt: skip


def test_outside_of_demo_a_trainer_needs_leave_to_upload_code(strict_desk: Desk) -> None:
    desk = strict_desk
    course = desk.draft("scorm")
    upload_id = desk.upload(scorm_12(), "course.zip")
    with pytest.raises(Forbidden, match="scorm-not-allowed"):
        desk.ask("set_activity_scorm", activity_id=course["activities"][0], upload_id=upload_id)
    desk.ask("set_h5p_policy", desk.admin, trainers_may_install=True)
    desk.ask("set_activity_scorm", activity_id=course["activities"][0], upload_id=upload_id)


def test_learners_keep_the_published_package_until_the_next_edition(desk: Desk) -> None:
    course = placed(desk, scorm_12())
    old = desk.ask("resolve_scorm", VISITOR, token=opened(desk, course)["play"]["token"])["prefix"]
    upload_id = desk.upload(scorm_2004(), "new.zip")
    desk.ask("set_activity_scorm", activity_id=course["activities"][0], upload_id=upload_id)
    desk.service.empty_trash()
    assert desk.ask("resolve_scorm", VISITOR, token=opened(desk, course)["play"]["token"])["prefix"] == old
    assert desk.read(f"{old}one.html")
    save(desk, course, "i1", 1, core={"lesson_status": "incomplete"})
    desk.ask("publish_course", course_id=course["id"], version=desk.version(course["id"]))
    fresh = desk.ask("resolve_scorm", VISITOR, token=opened(desk, course)["play"]["token"])
    assert (fresh["version"], fresh["models"]) == ("2004", {})
    stale = desk.ask("save_scorm", desk.learner, activity_id=course["activities"][0], item_id="a", data="{}",
                     sequence=1, package=old.split("/")[1])  # fmt: skip
    assert stale["saved"] is False


def test_a_preview_keeps_nothing(desk: Desk) -> None:
    course = placed(desk, scorm_12())
    play = desk.ask(
        "open_activity", course_id=course["id"], activity_id=course["activities"][0], preview=True
    )["play"]
    assert play["read_only"] is True
    assert desk.ask("resolve_scorm", VISITOR, token=play["token"])["read_only"] is True
