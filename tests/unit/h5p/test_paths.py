from __future__ import annotations

import posixpath

from hypothesis import given
from hypothesis import strategies as st

from services.courses.h5p.limits import DEFAULT
from services.courses.h5p.paths import extension, fold, is_skipped, name_clashes, path_problems

PARTS = st.sampled_from(
    ["a", "B", "..", ".", "", "C:", "é", "x.png", "\\", "a\\b", "\x00", "long" * 20, "__MACOSX"]
)
NAMES = st.one_of(st.lists(PARTS, min_size=1, max_size=20).map("/".join), st.text(max_size=300))


@given(NAMES)
def test_accepted_path_stays_below_its_folder(name: str) -> None:
    if path_problems(name, DEFAULT):
        return
    joined = posixpath.normpath(posixpath.join("/root/store", name))
    assert joined.startswith("/root/store/")
    assert joined == "/root/store/" + name.removesuffix("/")


@given(NAMES)
def test_every_problem_names_the_path(name: str) -> None:
    assert {p.path for p in path_problems(name, DEFAULT)} <= {name}


@given(st.lists(st.text("aAbB/", min_size=1, max_size=6), max_size=8))
def test_names_without_clashes_can_live_on_any_file_system(names: list[str]) -> None:
    if list(name_clashes(names)):
        return
    files = [n for n in names if not n.endswith("/")]
    assert len({fold(n) for n in files}) == len(files)


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_composed_and_decomposed_names_clash() -> None:
    assert [p.code for p in name_clashes(["caf\u00e9.png", "cafe\u0301.png"])] == ["path-collision"]


def test_extension_is_the_last_one_in_lower_case() -> None:
    assert [extension(n) for n in ("a/b.tar.GZ", "a.b/c", ".htaccess", "x.")] == ["gz", "", "", ""]


def test_skipping_looks_at_every_component() -> None:
    assert [is_skipped(n) for n in ("a/b", "a/_b/c", ".a", "a/.b", "a_b/c")] == [
        False,
        True,
        True,
        True,
        False,
    ]
