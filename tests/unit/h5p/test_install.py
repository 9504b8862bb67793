from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from services.courses.h5p import (
    Libraries,
    LibraryKey,
    NotAccepted,
    PackageChanged,
    install_package,
    make_package,
    max_score_hint,
)
from shared.storage import FolderStorage, Stored
from tests.unit.h5p.packages import check, library_json, valid_files, with_files, zipped

DEMO = Path(__file__).parents[3] / "demo" / "h5p"


class FullAfter(FolderStorage):
    """A real folder that runs out of room at its n-th file."""

    def __init__(self, root: Path, room: int) -> None:
        super().__init__(root)
        self.room = room

    def put(self, key: str, source: BinaryIO, *, limit: int | None = None, durable: bool = True) -> Stored:
        self.room -= 1
        if self.room < 0:
            raise OSError(28, "No space left on device")
        return super().put(key, source, limit=limit, durable=durable)


@pytest.fixture
def store(tmp_path: Path) -> FolderStorage:
    return FolderStorage(tmp_path)


def keys(root: Path) -> list[str]:
    return sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())


def test_package_is_written_under_versioned_and_content_folders(store: FolderStorage, tmp_path: Path) -> None:
    archive = zipped(valid_files())
    done = install_package(archive, check(archive), store, content_id="c1")
    folder = done.libraries[0].library.folder
    assert folder.startswith("H5P.Quiz-1.0.3-")
    assert keys(tmp_path) == sorted([
        "h5p/content/c1/content.json", f"h5p/libraries/{folder}/css/quiz.css",
        f"h5p/libraries/{folder}/library.json", f"h5p/libraries/{folder}/quiz.js",
    ])  # fmt: skip


def test_summary_says_what_to_store(store: FolderStorage) -> None:
    archive = zipped(valid_files())
    done = install_package(archive, check(archive), store, content_id="c1")
    assert done.main_library == LibraryKey("H5P.Quiz", 1, 0)
    assert (done.title, done.language, done.licence, done.content_prefix) == (
        "A quiz",
        "fr",
        "U",
        "h5p/content/c1",
    )
    assert [(i.action, str(i.library.name)) for i in done.libraries] == [("new", "H5P.Quiz-1.0.3")]
    assert "preloadedDependencies" not in done.metadata


@pytest.mark.parametrize(("patch", "action"), [(2, "kept"), (3, "kept"), (4, "updated")])
def test_only_a_newer_patch_is_installed(store: FolderStorage, patch: int, action: str) -> None:
    first = zipped(valid_files())
    known = Libraries.of(
        i.library for i in install_package(first, check(first), store, content_id="a").libraries
    )
    second = zipped(with_files({"H5P.Quiz-1.0/library.json": library_json(patchVersion=patch)}))
    done = install_package(second, check(second), store, content_id="b", installed=known)
    assert [i.action for i in done.libraries] == [action]
    assert len(done.changed_libraries()) == (action != "kept")


def test_old_folder_stays_while_its_patch_is_replaced(store: FolderStorage) -> None:
    first = zipped(valid_files())
    old = install_package(first, check(first), store, content_id="a").libraries[0].library
    second = zipped(with_files({"H5P.Quiz-1.0/library.json": library_json(patchVersion=9)}))
    new = install_package(second, check(second), store, content_id="b", installed=Libraries.of([old]))
    assert new.libraries[0].library.folder != old.folder
    assert store.exists(f"h5p/libraries/{old.folder}/library.json")


def test_without_the_right_no_library_is_written(store: FolderStorage, tmp_path: Path) -> None:
    first = zipped(valid_files())
    known = Libraries.of(
        i.library for i in install_package(first, check(first), store, content_id="a").libraries
    )
    second = zipped(with_files({"H5P.Quiz-1.0/library.json": library_json(patchVersion=9)}))
    report = check(second, may_install=False, installed=known)
    done = install_package(second, report, store, content_id="b", installed=known)
    assert done.changed_libraries() == []
    assert len([k for k in keys(tmp_path) if k.startswith("h5p/libraries/")]) == 3


@pytest.mark.parametrize("room", range(4))
def test_failure_at_any_file_leaves_nothing(tmp_path: Path, room: int) -> None:
    archive = zipped(valid_files())
    with pytest.raises(OSError, match="No space"):
        install_package(archive, check(archive), FullAfter(tmp_path, room), content_id="c1")
    assert keys(tmp_path) == []


def test_failure_spares_a_library_that_was_there(tmp_path: Path) -> None:
    archive = zipped(valid_files())
    install_package(archive, check(archive), FolderStorage(tmp_path), content_id="a")
    before = keys(tmp_path)
    with pytest.raises(OSError, match="No space"):
        install_package(archive, check(archive), FullAfter(tmp_path, 0), content_id="b")
    assert keys(tmp_path) == before


def test_refused_package_cannot_be_installed(store: FolderStorage, tmp_path: Path) -> None:
    archive = zipped(with_files({"h5p.json": None}))
    with pytest.raises(NotAccepted):
        install_package(archive, check(archive), store, content_id="c1")
    assert keys(tmp_path) == []


def test_file_swapped_after_the_check_is_refused(store: FolderStorage, tmp_path: Path) -> None:
    report = check(zipped(valid_files()))
    swapped = zipped(with_files({"H5P.Quiz-1.0/quiz.js": b"alert('other code');"}))
    with pytest.raises(PackageChanged):
        install_package(swapped, report, store, content_id="c1")
    assert keys(tmp_path) == []


@pytest.mark.parametrize("content_id", ["../x", "", "a/b", "x" * 65])
def test_content_id_is_one_plain_name(store: FolderStorage, content_id: str) -> None:
    archive = zipped(valid_files())
    with pytest.raises(ValueError, match="content_id"):
        install_package(archive, check(archive), store, content_id=content_id)


def test_svg_of_a_library_is_made_inert(store: FolderStorage) -> None:
    evil = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script><path d="M0 0"/></svg>'
    archive = zipped(with_files({"H5P.Quiz-1.0/icon.svg": evil}))
    done = install_package(archive, check(archive), store, content_id="c1")
    with store.open(f"h5p/libraries/{done.libraries[0].library.folder}/icon.svg") as file:
        text = file.read()
    assert (b"alert" in text, b"M0 0" in text, done.libraries[0].library.has_icon) == (False, True, True)


def test_large_file_is_streamed(store: FolderStorage) -> None:
    def blocks() -> Iterator[bytes]:
        yield from (bytes([i % 251]) * 1000 + i.to_bytes(24, "big") for i in range(24_000))

    import zipfile

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in valid_files().items():
            archive.writestr(name, data)
        with archive.open("content/film.mp4", "w") as film:
            for block in blocks():
                film.write(block)
    tracemalloc.start()
    install_package(buffer, check(buffer), store, content_id="c1")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert store.size("h5p/content/c1/film.mp4") == 24_000 * 1024
    assert peak < 4 << 20


@pytest.mark.parametrize("language", ["fr", "en"])
def test_own_demo_package_is_valid_and_scores_five(store: FolderStorage, language: str) -> None:
    data = make_package(DEMO / f"protective-factors-{language}", libraries=DEMO / "libraries")
    report = check(io.BytesIO(data), name="x.h5p")
    assert report.messages("en") == []
    done = install_package(io.BytesIO(data), report, store, content_id="c1")
    assert (done.language, done.max_score_hint) == (language, 5.0)


def test_packing_twice_gives_the_same_bytes() -> None:
    folder = DEMO / "protective-factors-fr"
    first = make_package(folder, libraries=DEMO / "libraries")
    assert first == make_package(folder, libraries=DEMO / "libraries")


@pytest.mark.parametrize(
    ("name", "content", "hint"),
    [("H5P.TrueFalse", {}, 1.0), ("H5P.ArithmeticQuiz", {"maxQuestions": 7}, 7.0), ("H5P.Other", {}, None),
     ("H5P.SingleChoiceSet", {"choices": [1, 2]}, 2.0), ("H5P.ArithmeticQuiz", {"maxQuestions": True}, None)],
)  # fmt: skip
def test_score_hint_is_given_where_parameters_tell(
    name: str, content: dict[str, object], hint: float | None
) -> None:
    assert max_score_hint(LibraryKey(name, 1, 0), content) == hint
