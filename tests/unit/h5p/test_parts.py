"""Display options, credits, addons, exports: the pure parts."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from services.courses.h5p import (
    BITS,
    Exported,
    Libraries,
    Library,
    LibraryGone,
    LibraryKey,
    LibraryName,
    addons_for,
    copyrights,
    display_options,
    hidden_by_default,
    install_package,
    manifest_of,
    slug,
    write_package,
)
from services.courses.h5p.addons import addon_of
from shared.storage import FolderStorage
from tests.unit.h5p.packages import check, dependency, library_json, manifest, valid_files, with_files, zipped
from tests.unit.h5p.test_semantics import Shelf, field

NONE = dict.fromkeys(BITS, False)


# --- display options


@pytest.mark.parametrize(
    ("hidden", "policy", "rights", "shown"),
    [
        (None, {}, (), {"frame", "copyright"}),
        (0, {}, (), {"frame", "copyright", "download", "embed", "about"}),
        (BITS["copyright"], {}, (), {"frame", "download", "embed", "about"}),
        (0, {"download": "never"}, (), {"frame", "copyright", "embed", "about"}),
        (31 - 1, {"about": "always"}, (), {"frame", "about"}),
        (1, {}, (), set()),
        (None, {"download": "author-on"}, (), {"frame", "copyright", "download"}),
        (None, {"download": "permission", "embed": "permission"}, ("download",), {"frame", "copyright", "download"}),
        (0, {"frame": "never"}, (), set()),
        (31, {"frame": "always"}, (), {"frame"}),
    ],
)  # fmt: skip
def test_display_options(
    hidden: int | None, policy: dict[str, str], rights: tuple[str, ...], shown: set[str]
) -> None:
    assert display_options(hidden, policy, rights) == NONE | dict.fromkeys(shown, True)


def test_what_is_hidden_by_default_follows_the_site() -> None:
    assert hidden_by_default({}) == BITS["download"] | BITS["embed"] | BITS["about"]
    assert (
        hidden_by_default({"download": "author-on", "copyright": "never"})
        == BITS["embed"] | BITS["about"] | BITS["copyright"]
    )


# --- credits


def test_credits_of_whole_parts_and_media() -> None:
    shelf = Shelf({
        "H5P.Root 1.0": [field("image", "a"), field("library", "b", options=["H5P.Inner 1.0"])],
        "H5P.Inner 1.0": [field("video", "v")],
    })  # fmt: skip
    params = {
        "a": {"path": "images/a.png", "mime": "image/png", "copyright": {"license": "CC BY", "version": "3.0", "author": "R&amp;D", "year": "2020"}},
        "b": {
            "library": "H5P.Inner 1.0", "metadata": {"license": "C", "authors": [{"name": "X", "role": "Editor"}]},
            "params": {"v": [{"path": "videos/v.mp4", "mime": "video/mp4", "copyright": {"license": "U"}}]},
        },
    }  # fmt: skip
    whole = {"title": "T", "license": "CC BY-SA", "licenseVersion": "4.0", "yearFrom": "2019", "yearTo": "2021",
             "changes": [{"date": "01-02-24 10:11:12", "author": "A", "log": "Words"}]}  # fmt: skip
    found = copyrights(params, "H5P.Root 1.0", whole, shelf)
    assert [(c.place, c.kind, c.licence, c.licence_url) for c in found] == [
        ("", "content", "CC BY-SA", "https://creativecommons.org/licenses/by-sa/4.0/"),
        ("a", "image", "CC BY", "https://creativecommons.org/licenses/by/3.0/"),
        ("b", "part", "C", None),
    ]
    assert (found[0].years, found[0].changes) == ("2019–2021", (("01-02-24 10:11:12", "A", "Words"),))
    assert (found[1].authors, found[1].file, found[2].authors) == (
        (("R&D", ""),),
        "images/a.png",
        (("X", "Editor"),),
    )


# --- addons


def library(name: str, minor: int = 0, **more: Any) -> Library:
    return Library(
        LibraryName(name, 1, minor, 0), name, runnable=False, sha256="", folder=f"{name}-1.{minor}.0", **more
    )


def test_addon_serves_texts_that_match_and_types_that_it_names() -> None:
    old, new = (library("H5P.Math", minor, addon=(r"/\$\$.+\$\$/s",)) for minor in (0, 2))
    named = library("H5P.Chat", addon=addon_of({"player": {"machineNames": ["H5P.Column"]}}))
    shelf = [old, new, named, library("H5P.Plain")]
    assert addons_for("H5P.Other", {"a": ["x $$y$$"]}, shelf) == [LibraryKey("H5P.Math", 1, 2)]
    assert addons_for("H5P.Column", {"a": "x"}, shelf) == [LibraryKey("H5P.Chat", 1, 0)]


@pytest.mark.parametrize(
    "value", [None, [], {"content": {"types": [{"text": {"regex": "/(/"}}, {"text": 3}, 4]}}, {"content": 1}]
)
def test_addons_that_make_no_sense_are_none(value: Any) -> None:
    assert addon_of(value) == ()


# --- exports


def test_manifest_keeps_its_order_and_gains_what_is_needed() -> None:
    index = Libraries.of([
        library("H5P.A", preloaded=(LibraryKey("H5P.B", 1, 0),), embed_types=("div",)), library("H5P.B"), library("H5P.C"),
    ])  # fmt: skip
    given = {
        "title": "T",
        "license": "CC BY",
        "evil": 1,
        "preloadedDependencies": [dependency("H5P.C"), dependency("H5P.Gone")],
    }
    made = manifest_of(given, [LibraryKey("H5P.A", 1, 0)], index)
    assert [d["machineName"] for d in made["preloadedDependencies"]] == ["H5P.C", "H5P.B", "H5P.A"]
    assert (made["mainLibrary"], made["embedTypes"], made["language"], made["license"]) == (
        "H5P.A",
        ["div"],
        "und",
        "CC BY",
    )
    assert "evil" not in made


def test_export_ships_editor_libraries_without_listing_them(tmp_path: Path) -> None:
    files = with_files({
        "H5P.Quiz-1.0/library.json": library_json(editorDependencies=[dependency("H5PEditor.Form")]),
        "H5PEditor.Form-1.0/library.json": library_json("H5PEditor.Form", runnable=0, preloadedCss=[]),
        "H5PEditor.Form-1.0/quiz.js": b"1",
    })  # fmt: skip
    store, archive = FolderStorage(tmp_path), zipped(files)
    done = install_package(archive, check(archive), store, content_id="c1")
    index = Libraries.of(item.library for item in done.libraries)
    first, second = (exported(store, index, ["H5P.Quiz"]) for _ in range(2))
    assert first.getvalue() == second.getvalue()
    report = check(first, name="x.h5p")
    assert report.package is not None
    assert {str(lib.name.key) for lib in report.package.library_folders.values()} == {
        "H5P.Quiz-1.0",
        "H5PEditor.Form-1.0",
    }
    assert [d["machineName"] for d in report.package.manifest["preloadedDependencies"]] == ["H5P.Quiz"]


def test_export_without_a_needed_library_is_refused_and_without_an_editor_one_is_not(tmp_path: Path) -> None:
    store, archive = FolderStorage(tmp_path), zipped(valid_files())
    install_package(archive, check(archive), store, content_id="c1")
    editor = library("H5P.Quiz", editor=(LibraryKey("H5PEditor.Gone", 1, 0),))
    assert exported(store, Libraries.of([editor]), ["H5P.Quiz"]).getvalue()
    for broken in (
        Libraries(),
        Libraries.of([library("H5P.Quiz", preloaded=(LibraryKey("H5P.Gone", 1, 0),))]),
    ):
        with pytest.raises(LibraryGone):
            exported(store, broken, ["H5P.Quiz"])


def exported(store: FolderStorage, index: Libraries, used: list[str]) -> io.BytesIO:
    import json

    target = io.BytesIO()
    content = Exported(json.loads(manifest()), [LibraryKey(name, 1, 0) for name in used], "h5p/content/c1/")
    write_package(content, index, store, target, library_root="h5p/libraries/")
    return target


@pytest.mark.parametrize(
    ("title", "name"), [("L’été à Montréal!", "lete-a-montreal"), ("日本", "h5p"), ("x" * 99, "x" * 60)]
)
def test_slug(title: str, name: str) -> None:
    assert slug(title) == name
