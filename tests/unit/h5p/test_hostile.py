"""Packages made to hurt: each is refused for its true reason, or made harmless, in bounded time."""

from __future__ import annotations

import io
import struct
import tarfile
import time

import pytest

from gateway.content.files import is_plain, parse_range
from services.courses import olx
from services.courses.h5p.addons import addon_of
from services.courses.h5p.limits import MIB, Limits
from services.courses.h5p.patterns import is_tame
from services.courses.h5p.semantics import clean
from services.courses.h5p.svg import EMPTY, sanitise_svg
from tests.unit.h5p.packages import check, codes, library_json, manifest, with_files, zipped

LIBRARY = "H5P.Quiz-1.0/"


def nested(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


def test_bomb_of_many_small_entries() -> None:
    archive = zipped(with_files({f"content/{n}.txt": bytes(MIB) for n in range(18)}))
    report = check(archive)
    assert [(p.code, p.path) for p in report.problems] == [("compression-ratio", None)]


def test_directory_of_millions_of_entries_is_not_read() -> None:
    entry = (
        b"PK\1\2" + struct.pack("<HHHHHHIIIHHHHHII", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    )
    directory = entry * 120_000
    end = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, len(directory), 0, 0)
    began = time.monotonic()
    assert codes(io.BytesIO(directory + end)) == ["too-many-entries"]
    assert time.monotonic() - began < 0.5


@pytest.mark.parametrize(
    ("path", "data", "code"),
    [
        ("h5p.json", manifest()[:-1] + b',"x":' + nested(300) + b"}", "h5p-json-invalid"),
        ("content/content.json", b'{"a":' + nested(300) + b"}", "content-json-invalid"),
        (LIBRARY + "library.json", library_json()[:-1] + b',"x":' + nested(300) + b"}", "library-json-invalid"),
        (LIBRARY + "semantics.json", nested(300), "library-semantics-invalid"),
        (LIBRARY + "semantics.json", b'[{"label": "\\ud800"}]', "library-semantics-invalid"),
        (LIBRARY + "language/fr.json", b'{"label": "\\ud800"}', "library-language-invalid"),
        ("content/" + "é" * 150 + ".txt", b"x", "path-too-long"),
    ],
)  # fmt: skip
def test_what_no_store_would_take_is_refused(path: str, data: bytes, code: str) -> None:
    assert codes(zipped(with_files({path: data}))) == [code]


def test_nesting_that_real_content_has_is_accepted() -> None:
    assert codes(zipped(with_files({"content/content.json": b'{"a":' + nested(150) + b"}"}))) == []


def test_asset_paths_and_licences_as_exporters_write_them_are_accepted() -> None:
    library = library_json(preloadedJs=[{"path": "css\\more.js"}])
    files = {LIBRARY + "library.json": library, LIBRARY + "css/more.js": b"1"}
    files["h5p.json"] = manifest(license="PD", licenseVersion="-")
    assert codes(zipped(with_files(files))) == []


def test_picture_nested_beyond_reason_becomes_an_empty_one() -> None:
    picture = b'<svg xmlns="http://www.w3.org/2000/svg">' + b"<g>" * 20_000 + b"</g>" * 20_000 + b"</svg>"
    assert sanitise_svg(picture) == EMPTY


def test_style_of_a_picture_hides_nothing_behind_an_element() -> None:
    picture = b'<svg xmlns="http://www.w3.org/2000/svg"><style>a{}<g/>@import "//x.example";</style></svg>'
    assert b"import" not in sanitise_svg(picture)


class _Fields:
    def __init__(self, *fields: object) -> None:
        self.fields = fields

    def semantics(self, machine_name: str, major: int, minor: int) -> list[object]:
        return list(self.fields)


def test_list_written_as_an_object_with_odd_keys_is_no_list() -> None:
    source = _Fields({"name": "l", "type": "list", "field": {"name": "n", "type": "number"}})
    assert clean({"l": {"²": 1}}, "H5P.Quiz 1.0", source).params == {}
    assert clean({"l": {"1": 5, "0": 4}}, "H5P.Quiz 1.0", source).params == {"l": [4, 5]}


def test_pattern_that_never_ends_is_not_searched_with() -> None:
    source = _Fields({"name": "t", "type": "text", "regexp": {"pattern": "^((a+))+$"}})
    text = "a" * 60 + "!"
    assert clean({"t": text}, "H5P.Quiz 1.0", source).params == {"t": text}
    assert addon_of({"content": {"types": [{"text": {"regex": "/^(a|a)*$/"}}]}}) == ()
    assert is_tame(r"^(https?:\/\/)?[a-z]+(\.[a-z]{2})?$|\$\$.+?\$\$|([()+]\))+")


def test_odd_requests_to_the_content_origin_are_no_failures() -> None:
    assert parse_range("bytes=" + "9" * 5000 + "-", 10) is None
    assert not is_plain("a" * 300)
    assert is_plain("images/" + "é" * 100 + ".png")


def test_course_archive_with_an_endless_name_is_refused_unread() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", format=tarfile.GNU_FORMAT) as tar:
        info = tarfile.TarInfo("x" * 1_000_000)
        tar.addfile(info)
    with pytest.raises(olx.OlxRefused):
        olx.open_archive(out)


def test_limits_of_the_directory_leave_room_for_long_names() -> None:
    files = with_files({f"content/{'n' * 200}{n}.txt": b"" for n in range(40)})
    assert codes(zipped(files), limits=Limits(entries=46)) == []
