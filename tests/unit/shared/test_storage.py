from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest

from shared.errors import NotFound, TooLarge
from shared.storage import BadKey, FolderStorage


def test_file_is_read_back_from_any_byte(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)

    stored = storage.put("uploads/a", BytesIO(b"0123456789"))

    assert (stored.size, len(stored.sha256)) == (10, 64)
    with storage.open("uploads/a", 4) as file:
        assert file.read() == b"456789"


def test_too_large_leaves_nothing(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)

    with pytest.raises(TooLarge):
        storage.put("uploads/a", BytesIO(b"x" * 11), limit=10)

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_unfinished_write_is_invisible(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)

    with storage.writer("uploads/a") as writer:
        writer.write(b"half")
        assert not storage.exists("uploads/a")
        assert list(storage.list("uploads/")) == []

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("key", ["../a", "/etc/passwd", "a/../../b", "", "."])
def test_key_cannot_leave_the_folder(tmp_path: Path, key: str) -> None:
    with pytest.raises(BadKey):
        FolderStorage(tmp_path / "root").put(key, BytesIO(b"x"))


def test_delete_prefix_counts(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)
    for name in ("a", "b", "c/d"):
        storage.put(f"x/{name}", BytesIO(b"1"))
    storage.put("y/a", BytesIO(b"1"))

    assert storage.delete_prefix("x/") == 3
    assert list(storage.list("")) == ["y/a"]
    with pytest.raises(NotFound):
        storage.size("x/a")
