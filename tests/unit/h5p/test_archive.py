from __future__ import annotations

import io
import random
import stat
import struct
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.courses.h5p import Limits
from tests.unit.h5p.packages import check, codes, valid_files, with_entry, with_files, zipped

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE" + b"!$H+H*"


@pytest.fixture(autouse=True)
def nothing_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    yield
    assert list(tmp_path.rglob("*")) == []


def noise(size: int) -> bytes:
    return random.Random(7).randbytes(size)


def entry(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, mode << 16
    return info


def patched(archive: io.BytesIO, name: bytes, offset: int, layout: str, value: int) -> io.BytesIO:
    """Overwrite one field of an entry's central directory record; `offset` counts from the record's start."""
    data = bytearray(archive.getvalue())
    at = data.rindex(name) - 46
    assert data[at : at + 4] == b"PK\x01\x02"
    struct.pack_into(layout, data, at + offset, value)
    return io.BytesIO(bytes(data))


def test_valid_package_is_accepted() -> None:
    assert codes(zipped(valid_files())) == []


def test_garbage_is_unreadable() -> None:
    assert codes(io.BytesIO(b"nope")) == ["archive-unreadable"]


def test_truncated_archive_is_unreadable() -> None:
    assert codes(io.BytesIO(zipped(valid_files()).getvalue()[:-30])) == ["archive-unreadable"]


def test_wrong_extension_is_refused() -> None:
    assert codes(zipped(valid_files()), name="quiz.zip") == ["extension-wrong"]


def test_extension_in_capitals_is_accepted() -> None:
    assert codes(zipped(valid_files()), name="QUIZ.H5P") == []


def test_package_over_its_packed_limit_is_refused() -> None:
    assert codes(zipped(valid_files()), limits=Limits(packed=100)) == ["package-too-large"]


def test_six_thousand_entries_are_refused() -> None:
    many = {f"content/{i}.txt": b"" for i in range(6_000)}
    assert codes(zipped({**valid_files(), **many})) == ["too-many-entries"]


def test_zip_bomb_is_refused_by_its_ratio() -> None:
    assert codes(with_entry("content/bomb.txt", bytes(4 << 20))) == ["compression-ratio"]


def test_zip_bomb_in_a_skipped_folder_is_refused() -> None:
    assert codes(with_entry("__MACOSX/bomb.txt", bytes(4 << 20))) == ["compression-ratio"]


def test_small_text_may_compress_well() -> None:
    assert codes(with_entry("content/long.txt", bytes(1 << 20))) == []


def test_unpacked_total_is_counted_over_skipped_files_too() -> None:
    archive = with_entry("__MACOSX/noise.bin", noise(50_000))
    assert codes(archive, limits=Limits(unpacked=40_000)) == ["unpacked-too-large"]


def test_single_large_entry_is_refused() -> None:
    archive = with_entry("content/noise.png", noise(50_000))
    assert codes(archive, limits=Limits(entry=40_000)) == ["entry-too-large"]


def test_large_json_is_refused_before_it_is_parsed() -> None:
    archive = zipped(with_files({"content/content.json": b'{"a": "' + noise(20_000).hex().encode() + b'"}'}))
    assert codes(archive, limits=Limits(json=10_000)) == ["json-too-large"]


@pytest.mark.parametrize("claimed", [10, 5_000_000])
def test_forged_size_is_found_by_counting(claimed: int) -> None:
    archive = with_entry("content/forged.png", noise(2_000))
    assert codes(patched(archive, b"content/forged.png", 24, "<I", claimed)) == ["entry-size-mismatch"]


def test_bomb_behind_a_forged_size_is_stopped() -> None:
    archive = with_entry("content/forged.txt", bytes(8 << 20))
    report = check(patched(archive, b"content/forged.txt", 24, "<I", 10))
    assert (report.codes, report.unpacked < 2 << 20) == (("compression-ratio",), True)


def test_wrong_checksum_is_corrupt() -> None:
    archive = with_entry("content/torn.png", noise(2_000))
    assert codes(patched(archive, b"content/torn.png", 16, "<I", 1)) == ["entry-corrupt"]


def test_encrypted_entry_is_refused() -> None:
    archive = with_entry("content/secret.png", noise(200))
    assert codes(patched(archive, b"content/secret.png", 8, "<H", 1)) == ["entry-encrypted"]


def test_unusual_compression_is_refused() -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        for name, data in valid_files().items():
            writer.writestr(name, data)
        writer.writestr("content/odd.txt", b"x" * 100, compress_type=zipfile.ZIP_LZMA)
    assert codes(archive) == ["compression-unsupported"]


def test_symlink_is_refused() -> None:
    assert codes(with_entry(entry("content/link.png", stat.S_IFLNK | 0o777), b"/etc/passwd")) == ["symlink"]


def test_device_is_refused() -> None:
    assert codes(with_entry(entry("content/pipe.png", stat.S_IFIFO | 0o644))) == ["special-file"]


def test_duplicate_name_is_refused() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        archive = with_entry("content/content.json", b"{}")
    assert codes(archive) == ["entry-duplicate"]


def test_names_equal_but_for_case_are_refused() -> None:
    archive = zipped([*valid_files().items(), ("content/Photo.png", b"1"), ("content/photo.PNG", b"2")])
    assert codes(archive) == ["path-collision"]


def test_name_that_is_both_file_and_folder_is_refused() -> None:
    archive = zipped([*valid_files().items(), ("content/a.txt", b"1"), ("content/a.txt/b.txt", b"2")])
    assert codes(archive) == ["path-collision"]


@pytest.mark.parametrize("name", ["content/inner.zip", "content/inner.png", "H5P.Quiz-1.0/inner.7z"])
def test_nested_archive_is_refused_by_name_or_content(name: str) -> None:
    assert codes(with_entry(name, zipped({"a.txt": b"a"}).getvalue())) == ["nested-archive"]


def test_office_document_is_no_nested_archive() -> None:
    assert codes(with_entry("content/plan.docx", zipped({"a.xml": b"a"}).getvalue())) == []


def test_virus_signature_is_found() -> None:
    assert codes(with_entry("content/eicar.txt", EICAR)) == ["malware-found"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("/etc/passwd", "path-absolute"),
        ("C:/windows.txt", "path-absolute"),
        ("../../outside.txt", "path-traversal"),
        ("content/../../outside.txt", "path-traversal"),
        ("content\\photo.png", "path-backslash"),
        ("content//photo.png", "path-invalid"),
        ("content/./photo.png", "path-invalid"),
        ("content/pho\x1bto.png", "path-invalid"),
        ("content/" + "a" * 300 + ".png", "path-too-long"),
        ("content/" + "a/" * 20 + "b.png", "path-too-deep"),
    ],
)
def test_dangerous_path_is_refused_for_its_own_reason(name: str, code: str) -> None:
    assert codes(with_entry(name)) == [code]


def test_skipped_names_directories_and_root_files_do_no_harm() -> None:
    extra = [("__MACOSX/._x", b"x"), ("content/.DS_Store", b"x"), ("H5P.Quiz-1.0/", b""), ("content/", b""),
             ("readme.html", b"<p>"), ("H5P.Quiz-1.0/_src/a.ts", b"x")]  # fmt: skip
    assert codes(zipped([*valid_files().items(), *extra])) == []


def test_every_problem_of_an_archive_is_collected() -> None:
    archive = zipped(
        [*valid_files().items(), ("../a.txt", b"1"), ("content/b.html", b"2"), ("content/c.zip", b"3")]
    )
    assert set(codes(archive)) == {"path-traversal", "content-extension-not-allowed", "nested-archive"}


def test_deeply_nested_json_is_invalid_not_fatal() -> None:
    files = with_files({"content/content.json": b"[" * 100_000})
    assert codes(zipped(files)) == ["content-json-invalid"]
