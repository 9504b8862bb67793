from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping

import pytest

from services.courses import h5p
from shared.errors import CercleError, Conflict, Forbidden, Invalid, NotFound
from tests.unit.courses.support import PACKAGES, Desk, View
from tests.unit.courses.test_packages import HELLO, put, rebuilt

VALID = sorted(path.name for path in (PACKAGES / "valid").glob("*.h5p"))
TRUE_FALSE = "H5P.TrueFalse-1.6"


def libraries(desk: Desk) -> dict[str, View]:
    page = desk.ask("list_h5p_libraries", limit=100)
    return {item["library"]: item for item in page["items"]}


def only_libraries(data: bytes) -> bytes:
    return rebuilt(rebuilt(data, drop="content/"), drop="h5p.json")


def install(desk: Desk, data: bytes, *, name: str = "libraries.h5p") -> View:
    upload_id = desk.upload(data, name, desk.admin)
    return dict(desk.ask("install_h5p_libraries", desk.admin, upload_id=upload_id))


def newer(data: bytes, folder: str, patch: int, more: Mapping[str, bytes] | None = None) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        library = json.loads(archive.read(f"{folder}/library.json"))
    library["patchVersion"] = patch
    return rebuilt(
        data, replace=[(f"{folder}/library.json", json.dumps(library).encode()), *(more or {}).items()]
    )


# --- libraries


def test_admin_installs_libraries_alone_and_then_only_what_is_newer(desk: Desk) -> None:
    alone = only_libraries(HELLO)
    first = install(desk, alone)["items"]
    assert {item["action"] for item in first} == {"new"}
    assert len(first) == len(libraries(desk))
    with pytest.raises(Invalid) as error:
        install(desk, alone)
    assert error.value.code == "h5p-nothing-to-install"
    again = install(desk, newer(alone, TRUE_FALSE, 99))["items"]
    assert [(i["library"], i["action"], i["version"]) for i in again] == [(TRUE_FALSE, "updated", "1.6.99")]
    detail = desk.ask("get_h5p_library", library=TRUE_FALSE)
    assert (detail["version"], detail["origin"]["filename"]) == ("1.6.99", "libraries.h5p")
    assert desk.counts()["uploads"] == 0


def test_refused_library_package_says_why_and_leaves_nothing(desk: Desk) -> None:
    keys = desk.stored()
    with pytest.raises(Invalid) as error:
        install(desk, rebuilt(only_libraries(HELLO), drop=f"{TRUE_FALSE}/scripts"))
    assert {problem.code for problem in error.value.fields} == {"library-file-missing"}
    assert (desk.stored(), desk.counts()["h5p_libraries"]) == (keys, 0)


def test_library_knows_what_needs_it(desk: Desk) -> None:
    course = desk.draft("h5p")
    put(desk, course["activities"][0], HELLO)
    found = libraries(desk)
    assert (found[TRUE_FALSE]["uses"], found[TRUE_FALSE]["needed_by"]) == (1, [])
    assert TRUE_FALSE in found["H5P.Question-1.4"]["needed_by"]
    detail = desk.ask("get_h5p_library", library=TRUE_FALSE)
    assert [(c["activity_id"], c["course_id"]) for c in detail["contents"]] == [
        (course["activities"][0], course["id"])
    ]


def test_library_in_use_is_not_deleted_and_one_that_is_free_goes_with_its_files(desk: Desk) -> None:
    course = desk.draft("h5p")
    put(desk, course["activities"][0], HELLO)
    with pytest.raises(Conflict) as error:
        desk.ask("delete_h5p_library", desk.admin, library=TRUE_FALSE)
    assert (error.value.code, [f.code for f in error.value.fields]) == (
        "h5p-library-in-use",
        ["h5p-used-by-content"],
    )
    with pytest.raises(Conflict) as error:
        desk.ask("delete_h5p_library", desk.admin, library="H5P.Transition-1.0")
    assert "h5p-needed-by-library" in {f.code for f in error.value.fields}
    other = only_libraries((PACKAGES / "valid" / "arithmetic-quiz.h5p").read_bytes())
    install(desk, other)
    desk.ask("delete_h5p_library", desk.admin, library="H5P.ArithmeticQuiz-1.1")
    assert "H5P.ArithmeticQuiz-1.1" not in libraries(desk)
    desk.harness.clock.advance(minutes(61))
    desk.service.empty_trash()
    assert not [key for key in desk.stored() if "ArithmeticQuiz" in key]


def minutes(count: int):  # type: ignore[no-untyped-def]
    from datetime import timedelta

    return timedelta(minutes=count)


def test_only_admins_manage_libraries(desk: Desk) -> None:
    install(desk, only_libraries(HELLO))
    for method, payload in (
        ("delete_h5p_library", {"library": TRUE_FALSE}), ("set_h5p_library", {"library": TRUE_FALSE, "restricted": True}),
    ):  # fmt: skip
        with pytest.raises(Forbidden):
            desk.ask(method, desk.trainer, **payload)
        with pytest.raises(NotFound):
            desk.ask(method, desk.learner, **payload)
    desk.ask("set_h5p_policy", desk.admin, trainers_may_install=False)
    with pytest.raises(Forbidden):
        desk.ask("install_h5p_libraries", desk.trainer, upload_id=desk.upload(HELLO, "x.h5p"))
    with pytest.raises(NotFound):
        desk.ask("install_h5p_libraries", desk.learner, upload_id=desk.need_id)


def test_restricted_library_is_for_admins(desk: Desk) -> None:
    install(desk, only_libraries(HELLO))
    desk.ask("set_h5p_library", desk.admin, library=TRUE_FALSE, restricted=True)
    assert libraries(desk)[TRUE_FALSE]["restricted"] is True
    course = desk.draft("h5p")
    with pytest.raises(Invalid) as error:
        put(desk, course["activities"][0], HELLO)
    assert [f.code for f in error.value.fields] == ["library-restricted"]
    put(desk, course["activities"][0], HELLO, desk.admin)
    assert libraries(desk)[TRUE_FALSE]["restricted"] is True


@pytest.mark.parametrize("name", ["../../x", "H5P.Nothing-1.0", "H5P.TrueFalse", "x" * 300])
def test_unknown_library_is_not_found(desk: Desk, name: str) -> None:
    with pytest.raises(NotFound):
        desk.ask("get_h5p_library", library=name)


def test_imported_content_is_cleaned_and_says_what_changed(desk: Desk) -> None:
    course = desk.draft("h5p")
    evil = {
        "question": "<p onclick=x()>Sky?</p><script>alert(1)</script>",
        "correct": "true",
        "evil": {"x": 1},
    }
    done = put(
        desk,
        course["activities"][0],
        rebuilt(HELLO, replace=[("content/content.json", json.dumps(evil).encode())]),
    )
    content = desk.ask("get_h5p_content", content_id=done["content_id"])
    assert content["params"] == {"question": "<p>Sky?</p>", "correct": "true"}
    assert all(note["params"]["message"]["fr"] for note in done["notes"])


def test_addon_comes_to_contents_that_call_for_it(desk: Desk) -> None:
    addon = {
        "title": "Formulas", "machineName": "H5P.Formula", "majorVersion": 1, "minorVersion": 0, "patchVersion": 1,
        "runnable": 0, "preloadedJs": [{"path": "f.js"}],
        "addTo": {"content": {"types": [{"text": {"regex": "/\\\\\\(.+\\\\\\)/"}}]}},
    }  # fmt: skip
    install(desk, rebuilt(only_libraries(HELLO), replace=[
        ("H5P.Formula-1.0/library.json", json.dumps(addon).encode()), ("H5P.Formula-1.0/f.js", b"1;"),
    ]))  # fmt: skip
    course = desk.draft("h5p", "h5p")
    formula = json.dumps({"question": "<p>\\(x^2\\)</p>", "correct": "true"}).encode()
    first = put(desk, course["activities"][0], rebuilt(HELLO, replace=[("content/content.json", formula)]))
    second = put(desk, course["activities"][1], HELLO)
    assert libraries(desk)["H5P.Formula-1.0"]["uses"] == 1
    view = desk.ask(
        "open_activity", course_id=course["id"], activity_id=course["activities"][0], preview=True
    )
    grant = desk.harness.call("courses", "resolve_grant", {"token": view["play"]["token"]})
    assert "H5P.Formula-1.0/f.js" in grant["scripts"]
    assert first["content_id"] != second["content_id"]


# --- packages and copies


def exported(desk: Desk, activity_id: str, actor: object = None) -> bytes:
    found = desk.ask("export_h5p", actor or desk.trainer, activity_id=activity_id)  # type: ignore[arg-type]
    assert found["size"] == desk.service.storage.size(found["storage_key"])
    return desk.read(found["storage_key"])


@pytest.mark.parametrize("name", VALID)
def test_round_trip_is_equal_and_exports_are_the_same_bytes(desk: Desk, name: str) -> None:
    course = desk.draft("h5p", "h5p")
    first, second = course["activities"]
    original = (PACKAGES / "valid" / name).read_bytes()
    put(desk, first, original)
    once = exported(desk, first)
    put(desk, second, once)
    assert exported(desk, second) == once
    assert parts(once) == parts(original)


def parts(data: bytes) -> View:
    """Everything in a package that is content or code; parameters and metadata as JSON."""
    report = h5p.validate_package(io.BytesIO(data), may_install=True)
    assert report.package is not None
    package = report.package
    files = {
        path: file.sha256 for path, file in package.files.items() if "/" in path and not path.endswith("svg")
    }
    return {"manifest": dict(package.manifest), "content": package.content, "files": files}


def test_learner_downloads_only_what_author_and_site_allow(desk: Desk) -> None:
    course = desk.draft("h5p")
    activity_id = course["activities"][0]
    put(desk, activity_id, HELLO)
    answer = desk.ask(
        "set_h5p_display", activity_id=activity_id, version=desk.version(course["id"]), hidden=["embed"]
    )
    assert answer["version"] == desk.version(course["id"])
    desk.publish(course)
    assert exported(desk, activity_id, desk.learner)[:2] == b"PK"
    desk.ask("set_h5p_policy", desk.admin, trainers_may_install=True, display={"download": "never"})
    with pytest.raises(NotFound):
        exported(desk, activity_id, desk.learner)
    assert exported(desk, activity_id)[:2] == b"PK"
    assert desk.ask("get_h5p_policy")["display"]["download"] == "never"


def test_export_ends_after_two_days(desk: Desk) -> None:
    course = desk.draft("h5p")
    put(desk, course["activities"][0], HELLO)
    exported(desk, course["activities"][0])
    desk.service.empty_trash()
    assert [key for key in desk.stored() if key.startswith("h5p/exports/")]
    desk.harness.clock.advance(minutes(49 * 60))
    desk.service.empty_trash()
    assert not [key for key in desk.stored() if key.startswith("h5p/exports/")]


def test_copy_is_a_content_of_its_own(desk: Desk) -> None:
    course = desk.draft("h5p", "h5p", "text")
    first, second, text = course["activities"]
    source = put(desk, first, (PACKAGES / "valid" / "multiple-choice.h5p").read_bytes())
    done = desk.ask("copy_h5p_content", activity_id=second, content_id=source["content_id"], key="k")
    assert desk.ask("copy_h5p_content", activity_id=second, content_id=source["content_id"], key="k") == done
    assert parts(exported(desk, first)) == parts(exported(desk, second))
    desk.ask("delete_item", item_id=first, version=desk.version(course["id"]))
    desk.service.empty_trash()
    assert parts(exported(desk, second))["content"]["media"]
    with pytest.raises(CercleError):
        desk.ask("copy_h5p_content", activity_id=text, content_id=source["content_id"])


def test_credits_name_the_picture_and_its_licence(desk: Desk) -> None:
    course = desk.draft("h5p")
    done = put(desk, course["activities"][0], (PACKAGES / "valid" / "multiple-choice.h5p").read_bytes())
    found = desk.ask("get_h5p_content", content_id=done["content_id"])["credits"]
    assert [(c["kind"], c["licence"]) for c in found] == [("content", "U"), ("part", "CC BY-ND")]
    assert found[1]["authors"] == [{"name": "Karen Jackson", "role": "Author"}]
    assert found[1]["licence_url"] == "https://creativecommons.org/licenses/by-nd/4.0/"
    with pytest.raises(NotFound):
        desk.ask("get_h5p_content", desk.learner, content_id=done["content_id"])
