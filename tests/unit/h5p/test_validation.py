from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from services.courses.h5p import (
    Libraries,
    Library,
    LibraryKey,
    LibraryName,
    unless_restricted,
    validate_package,
)
from tests.unit.h5p.packages import (
    check,
    codes,
    dependency,
    library_json,
    manifest,
    valid_files,
    with_files,
    zipped,
)

SHARED = Path(__file__).parents[4] / "shared" / "h5p"
QUIZ = "H5P.Quiz-1.0"


def installed(name: str = "H5P.Quiz", patch: int = 3, **changes: Any) -> Library:
    values: dict[str, Any] = {"title": name, "runnable": True, "sha256": "0" * 64, "folder": "x", **changes}
    return Library(LibraryName(name, 1, 0, patch), **values)


@pytest.mark.parametrize("name", ["arithmetic-quiz", "drag-the-words", "h5p-test", "multiple-choice"])
def test_real_package_is_accepted(name: str) -> None:
    report = validate_package(SHARED / "valid" / f"{name}.h5p", may_install=True)
    assert report.messages("en") == []


@pytest.mark.parametrize(
    ("name", "code", "path"),
    [
        ("broken-content-json", "content-json-invalid", "content/content.json"),
        ("corrupt_archive", "archive-unreadable", None),
        ("invalid-library-directory-name", "library-folder-mismatch", "H5P.GreetingCard-1.0"),
        ("missing-preloaded-js", "library-file-missing", "H5P.GreetingCard-1.0/library.json"),
    ],
)
def test_real_bad_package_is_refused_for_its_true_reason(name: str, code: str, path: str | None) -> None:
    report = validate_package(SHARED / "invalid" / f"{name}.h5p", may_install=True)
    assert [(p.code, p.path) for p in report.problems] == [(code, path)]
    assert report.package is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"h5p.json": None}, "h5p-json-missing"),
        ({"h5p.json": b"{"}, "h5p-json-invalid"),
        ({"h5p.json": b"[]"}, "h5p-json-invalid"),
        ({"h5p.json": b'{"a": NaN}'}, "h5p-json-invalid"),
        ({"h5p.json": b"{}"}, "h5p-json-field-missing"),
        ({"content/content.json": None}, "content-json-missing"),
        ({"content/content.json": b"[1]"}, "content-json-invalid"),
        ({"content/evil.html": b"<p>"}, "content-extension-not-allowed"),
        ({"content/evil.svg": b"<svg/>"}, "content-extension-not-allowed"),
        ({"content/evil.js": b"1"}, "content-extension-not-allowed"),
        ({"content/noextension": b"1"}, "content-extension-not-allowed"),
        ({f"{QUIZ}/run.php": b"1"}, "library-extension-not-allowed"),
        ({f"{QUIZ}/quiz.js": None}, "library-file-missing"),
        ({f"{QUIZ}/semantics.json": b"{}"}, "library-semantics-invalid"),
        ({f"{QUIZ}/semantics.json": b"["}, "library-semantics-invalid"),
        ({f"{QUIZ}/language/fr.json": b"["}, "library-language-invalid"),
        ({f"{QUIZ}/language/f1.json": b"{}"}, "library-language-name-invalid"),
        ({f"{QUIZ}/library.json": b"nope"}, "library-json-invalid"),
        ({f"{QUIZ}/library.json": None}, "library-json-missing"),
        ({"H5P.Empty-1.0/x.css": b""}, "library-json-missing"),
        ({"Bad name!/x.css": b""}, "library-folder-name-invalid"),
        ({f"{QUIZ}/library.json": library_json(coreApi={"majorVersion": 1, "minorVersion": 29})},
         "library-core-api-unsupported"),
        ({f"{QUIZ}/library.json": library_json(title=None)}, "library-field-missing"),
        ({f"{QUIZ}/library.json": library_json(license="<b>")}, "library-field-invalid"),
        ({f"{QUIZ}/library.json": library_json(runnable=0)}, "main-library-not-runnable"),
        ({"H5P.Quiz/library.json": library_json(), "H5P.Quiz/quiz.js": b"", "H5P.Quiz/css/quiz.css": b""},
         "library-duplicate"),
        ({"h5p.json": manifest(preloadedDependencies=[])}, "main-library-not-listed"),
        ({"h5p.json": manifest(preloadedDependencies=[dependency("H5P.Quiz", 1, 7)])}, "missing-main-library"),
        ({"h5p.json": manifest(dynamicDependencies=[dependency("H5P.Gone")])}, "missing-required-library"),
        ({f"{QUIZ}/library.json": library_json(editorDependencies=[dependency("H5PEditor.Gone")])},
         "missing-required-library"),
    ],
)  # fmt: skip
def test_single_fault_gives_exactly_its_code(changes: dict[str, bytes | None], expected: str) -> None:
    assert codes(zipped(with_files(changes))) == [expected]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""), ("title", "x" * 256), ("language", "français"), ("mainLibrary", "1Bad"), ("embedTypes", ["x"]),
        ("license", "MINE"), ("source", "ftp://x"), ("authors", [{"role": "x"}]), ("w", "wide"),
        ("changes", [{"date": "yesterday"}]), ("preloadedDependencies", [{"machineName": "H5P.Quiz"}]),
        ("yearFrom", "long ago"),
    ],
)  # fmt: skip
def test_bad_manifest_field_is_named(field: str, value: object) -> None:
    report = check(zipped(with_files({"h5p.json": manifest(**{field: value})})))
    assert [(p.code, p.params) for p in report.problems] == [("h5p-json-field-invalid", {"field": field})]


def test_optional_fields_are_accepted_in_both_spellings() -> None:
    full = manifest(
        authors=[{"name": "A", "role": "Author"}], license="CC BY-SA", licenseVersion="4.0", yearsFrom="2020",
        yearTo="2024", source="https://example.org", w=600, h="400", a11yTitle="t", unknown={"x": 1},
        changes=[{"date": "01-02-24 10:11:12", "author": "A", "log": "x"}], metaKeywords="", licenseExtras=None,
    )  # fmt: skip
    assert codes(zipped(with_files({"h5p.json": full}))) == []


def test_byte_order_marks_and_quoted_numbers_are_tolerated() -> None:
    text = manifest(
        preloadedDependencies=[{"machineName": "H5P.Quiz", "majorVersion": "1", "minorVersion": "0"}]
    )
    files = with_files({"h5p.json": b"\xef\xbb\xbf" + text})
    assert codes(zipped(files)) == []


def test_library_folder_may_leave_out_its_version() -> None:
    files = {name.replace(QUIZ, "H5P.Quiz"): data for name, data in valid_files().items()}
    assert codes(zipped(files)) == []


def test_library_notices_without_extension_are_tolerated() -> None:
    assert codes(zipped(with_files({f"{QUIZ}/LICENSE": b"MIT"}))) == []


def test_preloaded_path_may_not_leave_its_folder() -> None:
    library = library_json(preloadedJs=[{"path": "../content/x.js"}])
    assert codes(zipped(with_files({f"{QUIZ}/library.json": library}))) == ["library-file-missing"]


def test_library_alone_is_accepted_only_when_asked_for() -> None:
    files = with_files({"h5p.json": None, "content/content.json": None})
    assert codes(zipped(files), library_only=True) == []
    assert codes(zipped(files)) == ["h5p-json-missing", "content-json-missing"]


def test_installed_library_stands_in_for_one_that_is_not_packed() -> None:
    files = {n: d for n, d in valid_files().items() if not n.startswith(QUIZ)}
    assert codes(zipped(files)) == ["missing-main-library"]
    assert codes(zipped(files), installed=Libraries.of([installed()])) == []


def test_without_the_right_to_install_only_installed_libraries_count() -> None:
    assert codes(zipped(valid_files()), may_install=False) == ["library-install-not-permitted"]
    known = Libraries.of([installed()])
    assert codes(zipped(valid_files()), may_install=False, installed=known) == []


def test_missing_dependency_of_an_installed_library_is_found() -> None:
    needy = installed(patch=9, preloaded=(LibraryKey("H5P.Gone", 1, 0),))
    report = check(zipped(valid_files()), installed=Libraries.of([needy]))
    assert [dict(p.params) for p in report.problems] == [{"library": "H5P.Gone-1.0", "needed_by": QUIZ}]


def test_refused_package_gives_nothing_to_install() -> None:
    report = check(zipped(with_files({"h5p.json": None})))
    assert (report.accepted, report.package) == (False, None)


def test_many_faults_are_all_listed_in_the_readers_language() -> None:
    files = with_files({"content/a.html": b"", f"{QUIZ}/quiz.js": None, "content/content.json": b"{"})
    report = check(zipped(files))
    assert len(report.problems) == 3
    assert (
        "«\u00a0content/a.html\u00a0»\u00a0: Les fichiers de type «\u00a0html\u00a0» ne sont pas acceptés dans le contenu."
        in report.messages("fr")
    )
    assert "“content/a.html”: Files of type “html” are not accepted in content." in report.messages("en")


def test_half_a_character_and_a_nul_are_no_text() -> None:
    assert codes(zipped(with_files({"content/content.json": rb'{"a": "\ud83d"}'}))) == [
        "content-json-invalid"
    ]
    assert codes(zipped(with_files({"content/content.json": rb'{"a": "\ud83d\ude00"}'}))) == []
    assert codes(zipped(with_files({"h5p.json": manifest(title="a\0b")}))) == ["h5p-json-invalid"]
    assert codes(zipped(with_files({f"{QUIZ}/library.json": library_json(title="a\0b")}))) == [
        "library-json-invalid"
    ]


def test_long_language_name_is_judged_at_once() -> None:
    started = time.monotonic()
    assert codes(zipped(with_files({f"{QUIZ}/language/{'a' * 200}1.json": b"{}"}))) == [
        "library-language-name-invalid"
    ]
    assert time.monotonic() - started < 1


def test_test_virus_is_found_anywhere_in_a_file() -> None:
    virus = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
    for path in ("content/note.txt", f"{QUIZ}/quiz.js", f"{QUIZ}/.hidden.js"):
        for before in (0, 65_500, 70_000):
            assert codes(zipped(with_files({path: b"x" * before + virus}))) == ["malware-found"]


def test_refused_package_still_says_what_it_is() -> None:
    seen = check(zipped(with_files({"content/a.html": b""}))).seen
    assert seen is not None
    assert (seen.stated["title"], list(seen.library_folders)) == ("A quiz", [QUIZ])


def test_content_of_a_restricted_library_is_refused() -> None:
    report = check(zipped(valid_files()))
    assert unless_restricted(report, {LibraryKey("H5P.Quiz", 1, 0)}).codes == ("library-restricted",)
    assert unless_restricted(report, {LibraryKey("H5P.Other", 1, 0)}) is report
