from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, BinaryIO

import pytest

from services.courses import h5p
from services.courses.commands import h5p_contents
from shared.errors import Conflict, Forbidden, Invalid, NotFound
from shared.storage import FolderStorage, Stored
from tests.unit.courses.support import PACKAGES, Desk, View

VALID = sorted(path.name for path in (PACKAGES / "valid").glob("*.h5p"))
INVALID = sorted(path.name for path in (PACKAGES / "invalid").glob("*.h5p"))
HELLO = (PACKAGES / "valid" / "h5p-test.h5p").read_bytes()
Change = Callable[[zipfile.ZipFile], None]


def rebuilt(data: bytes, *, drop: str = "\x00", replace: Iterable[tuple[str, bytes]] = ()) -> bytes:
    """The package with entries left out, replaced or added."""
    out, changes = io.BytesIO(), dict(replace)
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            if not info.filename.startswith(drop) and not info.is_dir():
                new.writestr(info.filename, changes.pop(info.filename, old.read(info)))
        for name, content in changes.items():
            new.writestr(name, content)
    return out.getvalue()


def encrypted(data: bytes) -> bytes:
    """Every entry marked as encrypted, in both places where a zip says so."""
    marked = bytearray(data)
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = marked.find(magic)
        while at >= 0:
            marked[at + offset] |= 1
            at = marked.find(magic, at + 4)
    return bytes(marked)


def put(desk: Desk, activity_id: str, data: bytes, actor: Any = None, **more: Any) -> View:
    upload_id = desk.upload(data, "package.h5p", actor)
    return dict(desk.ask("set_activity_h5p", actor, activity_id=activity_id, upload_id=upload_id, **more))


@pytest.mark.parametrize("name", VALID)
def test_valid_package_is_stored_and_resolvable(desk: Desk, name: str) -> None:
    course = desk.play(name)
    view = desk.ask(
        "open_activity", desk.learner, course_id=course["id"], activity_id=course["activities"][0]
    )
    assert view["play"]["path"] == f"/play/{view['play']['token']}"
    grant = desk.harness.call("courses", "resolve_grant", {"token": view["play"]["token"]})
    with zipfile.ZipFile(PACKAGES / "valid" / name) as archive:
        assert grant["h5p"] == json.loads(archive.read("h5p.json"))
        assert desk.read(f"{grant['prefix']}content/content.json") == archive.read("content/content.json")
    assert (grant["main_library"], grant["read_only"], grant["state"]) == (
        next(
            f"{d['machineName']} {d['majorVersion']}.{d['minorVersion']}"
            for d in grant["h5p"]["preloadedDependencies"]
            if d["machineName"] == grant["h5p"]["mainLibrary"]
        ),
        False,
        [],
    )
    for prefix in grant["libraries"].values():
        assert desk.service.storage.exists(f"{prefix}library.json")
    for asset in [*grant["scripts"], *grant["styles"]]:
        library, _, path = asset.partition("/")
        assert desk.service.storage.exists(grant["libraries"][library] + path)
    assert grant["scripts"][-1].startswith(grant["main_library"].replace(" ", "-"))
    assert desk.counts()["trash"] == 0


@pytest.mark.parametrize("name", INVALID)
def test_invalid_package_is_refused_with_every_reason_and_leaves_nothing(desk: Desk, name: str) -> None:
    course = desk.draft("h5p")
    data = (PACKAGES / "invalid" / name).read_bytes()
    report = h5p.validate_package(io.BytesIO(data), may_install=True, name=name)
    rows, keys = desk.counts(), desk.stored()
    with pytest.raises(Invalid) as error:
        put(desk, course["activities"][0], data)
    assert error.value.code == "h5p-refused"
    assert [(p.code, p.params["message"]) for p in error.value.fields] == [
        (p.code, {"fr": p.message("fr"), "en": p.message("en")}) for p in report.problems
    ]
    assert error.value.fields != ()
    assert (desk.counts(), desk.stored()) == (rows, keys)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (rebuilt(HELLO, replace=[("content/../../evil.txt", b"x")]), "path-traversal"),
        (rebuilt(HELLO, replace=[("/etc/evil.txt", b"x")]), "path-absolute"),
        (rebuilt(HELLO, replace=[("content/bomb.txt", b"\x00" * 8_000_000)]), "compression-ratio"),
        (encrypted(HELLO), "entry-encrypted"),
        (
            rebuilt(HELLO, replace=[("content/page.html", b"<script>1</script>")]),
            "content-extension-not-allowed",
        ),
        (rebuilt(HELLO, drop="H5P.Question-1.4/"), "missing-required-library"),
        (rebuilt(HELLO, drop="H5P.TrueFalse-1.6/"), "missing-main-library"),
    ],
    ids=["traversal", "absolute", "bomb", "encrypted", "html", "library", "main"],
)
def test_hostile_package_is_refused_and_leaves_nothing(desk: Desk, data: bytes, code: str) -> None:
    course = desk.draft("h5p")
    rows, keys = desk.counts(), desk.stored()
    with pytest.raises(Invalid) as error:
        put(desk, course["activities"][0], data)
    assert code in [problem.code for problem in error.value.fields]
    assert (desk.counts(), desk.stored()) == (rows, keys)


def test_trainer_installs_no_new_library_outside_of_demo(strict_desk: Desk) -> None:
    desk, course = strict_desk, strict_desk.draft("h5p")
    activity_id = course["activities"][0]
    with pytest.raises(Invalid) as error:
        put(desk, activity_id, HELLO)
    assert {problem.code for problem in error.value.fields} == {"library-install-not-permitted"}
    first = put(desk, activity_id, HELLO, desk.admin)
    assert first["libraries"]["new"] > 0
    second = put(desk, activity_id, HELLO)  # everything is installed now
    assert second["libraries"] == {"new": 0, "updated": 0}


def test_admin_decides_whether_trainers_install_libraries(strict_desk: Desk) -> None:
    desk, course = strict_desk, strict_desk.draft("h5p")
    assert desk.ask("get_h5p_policy")["trainers_may_install"] is False
    for actor in (desk.trainer, desk.coordinator, desk.learner):
        with pytest.raises(Forbidden):
            desk.ask("set_h5p_policy", actor, trainers_may_install=True)
    desk.ask("set_h5p_policy", desk.admin, trainers_may_install=True)
    put(desk, course["activities"][0], HELLO)
    desk.ask("set_h5p_policy", desk.admin, trainers_may_install=False)
    assert desk.ask("get_h5p_policy")["trainers_may_install"] is False


def test_demo_trusts_trainers_until_the_admin_says_otherwise(desk: Desk) -> None:
    assert desk.ask("get_h5p_policy")["trainers_may_install"] is True
    desk.ask("set_h5p_policy", desk.admin, trainers_may_install=False)
    with pytest.raises(Invalid):
        put(desk, desk.draft("h5p")["activities"][0], HELLO)
    with pytest.raises(NotFound):
        desk.ask("get_h5p_policy", desk.learner)


def test_newer_patch_replaces_the_library_and_the_old_folder_goes_later(desk: Desk) -> None:
    activity_id = desk.draft("h5p")["activities"][0]
    put(desk, activity_id, HELLO)
    folders = {key.split("/")[2] for key in desk.stored()}
    with zipfile.ZipFile(io.BytesIO(HELLO)) as archive:
        library = json.loads(archive.read("H5P.TrueFalse-1.6/library.json"))
    library["patchVersion"] = int(library["patchVersion"]) + 1
    newer = rebuilt(HELLO, replace=[("H5P.TrueFalse-1.6/library.json", json.dumps(library).encode())])
    assert put(desk, activity_id, newer)["libraries"] == {"new": 0, "updated": 1}
    versions = {x["machine_name"]: x["version"] for x in desk.ask("list_h5p_libraries", limit=200)["items"]}
    assert versions["H5P.TrueFalse"] == f"1.6.{library['patchVersion']}"
    old = next(folder for folder in folders if folder.startswith("H5P.TrueFalse-"))
    assert any(f"/{old}/" in key for key in desk.stored())
    desk.harness.clock.advance(timedelta(hours=1, minutes=1))
    desk.service.empty_trash()
    assert not any(f"/{old}/" in key for key in desk.stored())
    assert put(desk, activity_id, HELLO)["libraries"] == {
        "new": 0,
        "updated": 0,
    }  # an older patch is passed over


class FailingStorage(FolderStorage):
    """A disk that is full after some files."""

    left = 40

    def put(self, key: str, source: BinaryIO, *, limit: int | None = None, durable: bool = True) -> Stored:
        if key.startswith("h5p/"):
            self.left -= 1
            if self.left < 0:
                raise OSError("disk full")
        return super().put(key, source, limit=limit, durable=durable)


def test_failed_installation_leaves_nothing_and_can_be_tried_again(desk: Desk) -> None:
    activity_id = desk.draft("h5p")["activities"][0]
    upload_id = desk.upload(HELLO, "package.h5p")
    rows, keys, good = desk.counts(), desk.stored(), desk.service.storage
    desk.service.storage = FailingStorage(desk.service.settings.var / "files")
    with pytest.raises(Exception, match="internal"):
        desk.ask("set_activity_h5p", activity_id=activity_id, upload_id=upload_id)
    assert (desk.counts(), desk.stored()) == (rows, keys)
    desk.service.storage = good
    desk.ask("set_activity_h5p", activity_id=activity_id, upload_id=upload_id)


def test_failed_installation_spares_folders_that_another_one_is_writing(desk: Desk) -> None:
    first, second = desk.draft("h5p", "h5p")["activities"]
    put(desk, first, HELLO)
    keys = desk.stored()
    with zipfile.ZipFile(io.BytesIO(HELLO)) as archive:
        question = json.loads(archive.read("H5P.Question-1.4/library.json"))
    question["patchVersion"] = 99
    newer = rebuilt(HELLO, replace=[("H5P.Question-1.4/library.json", json.dumps(question).encode())])
    good = desk.service.storage
    desk.service.storage = FailingStorage(desk.service.settings.var / "files")
    desk.service.storage.left = 3
    with pytest.raises(Exception, match="internal"):
        put(desk, second, newer)
    desk.service.storage = good
    assert [key for key in desk.stored() if key.startswith("h5p/")] == [
        k for k in keys if k.startswith("h5p/")
    ]


def test_killed_installation_is_swept_after_an_hour(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    activity_id = desk.draft("h5p")["activities"][0]
    monkeypatch.setattr(h5p_contents, "withdraw", lambda *_: None)  # a killed process tidies nothing
    good, desk.service.storage = desk.service.storage, FailingStorage(desk.service.settings.var / "files")
    with pytest.raises(Exception, match="internal"):
        put(desk, activity_id, HELLO)
    desk.service.storage = good
    assert len([key for key in desk.stored() if key.startswith("h5p/")]) == 40
    desk.service.empty_trash()
    assert len([key for key in desk.stored() if key.startswith("h5p/")]) == 40
    desk.harness.clock.advance(timedelta(hours=1, minutes=1))
    desk.service.empty_trash()
    assert [key for key in desk.stored() if key.startswith("h5p/")] == []


def test_same_key_installs_once(desk: Desk) -> None:
    activity_id = desk.draft("h5p")["activities"][0]
    payload = {"activity_id": activity_id, "upload_id": desk.upload(HELLO, "package.h5p")}
    first = desk.ask("set_activity_h5p", key="k", **payload)
    assert desk.ask("set_activity_h5p", key="k", **payload) == first
    assert desk.counts()["h5p_contents"] == 1
    with pytest.raises(Conflict) as error:
        desk.ask("set_activity_h5p", key="k", **(payload | {"version": 3}))
    assert error.value.code == "idempotency-key-reused"


def test_replaced_content_of_a_draft_goes(desk: Desk) -> None:
    course = desk.draft("h5p")
    put(desk, course["activities"][0], HELLO)
    old = [key for key in desk.stored() if key.startswith("h5p/content/")]
    put(desk, course["activities"][0], (PACKAGES / "valid" / "multiple-choice.h5p").read_bytes())
    assert set(old).isdisjoint(desk.stored())
    assert desk.ask("get_activity", activity_id=course["activities"][0])["h5p"]["title"] == "Multiple Choice"


def test_replaced_content_stays_while_learners_play_it(desk: Desk) -> None:
    course = desk.play()
    activity_id = course["activities"][0]
    view = desk.ask("open_activity", desk.learner, course_id=course["id"], activity_id=activity_id)
    put(desk, activity_id, (PACKAGES / "valid" / "multiple-choice.h5p").read_bytes())
    grant = desk.harness.call("courses", "resolve_grant", {"token": view["play"]["token"]})
    assert grant["main_library"] == "H5P.TrueFalse 1.6"
    assert desk.service.storage.exists(f"{grant['prefix']}content/content.json")
    again = desk.ask("open_activity", desk.learner, course_id=course["id"], activity_id=activity_id)
    grant = desk.harness.call("courses", "resolve_grant", {"token": again["play"]["token"]})
    assert grant["main_library"] == "H5P.TrueFalse 1.6"


def test_package_of_wrong_name_is_refused(desk: Desk) -> None:
    course = desk.draft("h5p")
    upload_id = desk.upload(HELLO, "package.zip")
    with pytest.raises(Invalid) as error:
        desk.ask("set_activity_h5p", activity_id=course["activities"][0], upload_id=upload_id)
    assert [p.code for p in error.value.fields] == ["extension-wrong"]


def test_package_for_a_text_is_refused_before_anything_is_read(desk: Desk) -> None:
    course = desk.draft("text")
    with pytest.raises(Conflict) as error:
        put(desk, course["activities"][0], HELLO)
    assert error.value.code == "wrong-activity-kind"
