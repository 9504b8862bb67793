from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.courses.h5p import Libraries, Library, LibraryKey, LibraryName, assets_for, resolve_dependencies


def key(name: str) -> LibraryKey:
    return LibraryKey(name, 1, 0)


def library(name: str, patch: int = 0, **changes: Any) -> Library:
    kinds = {k: tuple(key(n) for n in changes.pop(k, ())) for k in ("preloaded", "dynamic", "editor")}
    base: dict[str, Any] = {
        "title": name, "runnable": True, "sha256": "0" * 64, "folder": f"{name}-1.0.{patch}-00000000",
        "scripts": (f"{name}.js",), "styles": (f"{name}.css",),
    }  # fmt: skip
    return Library(LibraryName(name, 1, 0, patch), **{**base, **kinds, **changes})


def order(root: str, *libraries: Library) -> list[tuple[str, str]]:
    found, missing = resolve_dependencies([key(root)], Libraries.of(libraries))
    assert missing == {}
    return [(d.key.machine_name, d.kind) for d in found]


def test_library_comes_after_what_it_needs() -> None:
    chain = [library("A", preloaded=["B", "C"]), library("B", preloaded=["C"]), library("C")]
    assert order("A", *chain) == [("C", "preloaded"), ("B", "preloaded"), ("A", "preloaded")]


def test_types_are_walked_dynamic_preloaded_editor() -> None:
    libraries = [library("A", editor=["E"], preloaded=["P"], dynamic=["D"]), *map(library, "DPE")]
    assert [name for name, _ in order("A", *libraries)] == ["D", "P", "E", "A"]


def test_preloaded_dependency_of_an_editor_library_is_for_the_editor() -> None:
    libraries = [library("A", editor=["E"]), library("E", preloaded=["X"]), library("X")]
    assert order("A", *libraries) == [("X", "editor"), ("E", "editor"), ("A", "preloaded")]


def test_cycle_ends() -> None:
    libraries = [library("A", preloaded=["B"]), library("B", preloaded=["A"])]
    assert order("A", *libraries) == [("B", "preloaded"), ("A", "preloaded")]


def test_chain_of_five_thousand_does_not_overflow() -> None:
    chain = [library(f"L{i}", preloaded=[f"L{i + 1}"]) for i in range(5_000)] + [library("L5000")]
    assert len(order("L0", *chain)) == 5_001


def test_weights_rise_by_one() -> None:
    found, _ = resolve_dependencies([key("A")], Libraries.of([library("A", preloaded=["B"]), library("B")]))
    assert [d.weight for d in found] == [1, 2]


def test_missing_library_names_who_needs_it() -> None:
    _, missing = resolve_dependencies([key("A")], Libraries.of([library("A", preloaded=["Gone"])]))
    assert missing == {key("Gone"): "A-1.0"}


def test_newer_patch_replaces_and_older_does_not() -> None:
    old, new = library("A", 1), library("A", 2)
    assert Libraries.of([new, old]).find(key("A")) == new
    assert Libraries.of([old]).over(Libraries.of([new])).find(key("A")) == new
    assert Libraries.of([new]).over(Libraries.of([old])).find(key("A")) == new


def test_new_minor_version_lives_beside_the_old_one() -> None:
    other = LibraryName("A", 1, 1, 0)
    assert not other.replaces(LibraryName("A", 1, 0, 0))
    assert LibraryName("A", 1, 0, 10).replaces(LibraryName("A", 1, 0, 9))


def test_assets_leave_out_editor_and_dynamic_but_map_their_folders() -> None:
    libraries = [library("A", editor=["E"], dynamic=["D"], preloaded=["B"]), *map(library, "BDE")]
    assets = assets_for([key("A")], Libraries.of(libraries))
    assert assets.scripts == ("B-1.0/B.js", "A-1.0/A.js")
    assert assets.libraries["D-1.0"] == "D-1.0.0-00000000"


def test_dropped_css_is_left_out() -> None:
    libraries = [library("A", preloaded=["B"], drop_css=("B",)), library("B")]
    assets = assets_for([key("A")], Libraries.of(libraries))
    assert (assets.styles, assets.scripts) == (("A-1.0/A.css",), ("B-1.0/B.js", "A-1.0/A.js"))


def test_record_survives_json() -> None:
    whole = library(
        "A", 4, preloaded=["B"], dynamic=["C"], core_api=(1, 19), languages=("fr",), drop_css=("X",)
    )
    assert Library.from_record(json.loads(json.dumps(whole.as_record()))) == whole
    assert Library.from_record(whole.as_record()) == whole


@given(
    st.dictionaries(st.sampled_from("ABCDEF"), st.lists(st.sampled_from("ABCDEF"), max_size=4), min_size=1)
)
def test_any_graph_lists_each_library_once(graph: dict[str, list[str]]) -> None:
    libraries = [library(name, preloaded=needs) for name, needs in graph.items()]
    found, missing = resolve_dependencies([key(name) for name in graph], Libraries.of(libraries))
    assert sorted(d.key.machine_name for d in found) == sorted(graph)
    assert {k.machine_name for k in missing} == {n for needs in graph.values() for n in needs} - graph.keys()
