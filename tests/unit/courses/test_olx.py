"""Courses in and out as OLX: equal after a round trip, foreign courses as far as they go, and nothing from outside."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from services.courses import olx
from services.courses.olx.markup import to_markdown
from services.courses.olx.problems import questions_of
from shared.errors import CercleError
from tests.unit.courses.support import PACKAGES, PNG, Desk, View, pair

WEBM = b"\x1a\x45\xdf\xa3" + b"\x00" * 64
VTT = "WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n"
NOTHING = {"fr": "", "en": ""}
QUESTIONS: tuple[View, ...] = (
    {"kind": "single", "stem": pair("Which?"), "options": [
        {"text": pair("This"), "correct": True, "feedback": pair("Yes")}, {"text": pair("That"), "correct": False},
    ]},
    {"kind": "multiple", "stem": pair("Which ones?"), "partial": True, "options": [
        {"text": pair("A"), "correct": True}, {"text": pair("B"), "correct": True}, {"text": pair("C"), "correct": False},
    ]},
    {"kind": "true-false", "stem": pair("So?"), "answer": True},
    {"kind": "numeric", "stem": pair("How many?"), "value": 12.5, "tolerance": 0.5, "unit": pair("km")},
    {"kind": "short", "stem": pair("Name it"), "accepted": {"fr": ["fleuve"], "en": ["river", "stream"]}},
    {"kind": "matching", "stem": pair("Match"), "pairs": [
        {"left": pair("a"), "right": pair("1")}, {"left": pair("b"), "right": pair("2")},
    ]},
)  # fmt: skip


def whole_course(desk: Desk) -> View:
    """One activity of every kind, with everything filled in."""
    desk.ask("set_block_type", desk.admin, block_type="poll", allowed=True)
    course = desk.draft("text", "quiz", "video", "file", "h5p", "survey", "poll")
    text, quiz, video, file, h5p, survey, _poll = course["activities"]
    desk.ask("set_activity_text", activity_id=text, version=desk.version(course["id"]),
             body={"fr": "## Titre\n\nDeux **mots**\n", "en": "## Title\n\n[A link](https://example.org)\n"})  # fmt: skip
    entries = [{"kind": "own", "question": question} for question in QUESTIONS]
    desk.ask("set_quiz", activity_id=quiz, version=desk.version(course["id"]), entries=entries,
             rules={"pass_mark": 0.5, "attempts": 2})  # fmt: skip
    desk.ask("set_activity_video", activity_id=video, upload_id=desk.upload(WEBM, "talk.webm"),
             captions={"fr": VTT, "en": VTT}, transcript=pair("Said"), no_speech=False)  # fmt: skip
    desk.ask("set_activity_file", activity_id=file, upload_id=desk.upload(PNG, "map.png"), alt=pair("A map"))
    package = (PACKAGES / "valid" / "h5p-test.h5p").read_bytes()
    desk.ask("set_activity_h5p", activity_id=h5p, upload_id=desk.upload(package, "test.h5p"))
    desk.ask(
        "set_activity_link", activity_id=survey, version=desk.version(course["id"]), target_id=course["unit"]
    )
    return course


def exported(desk: Desk, course_id: str) -> bytes:
    return desk.read(desk.ask("export_olx", course_id=course_id)["storage_key"])


def imported(desk: Desk, data: bytes, **more: Any) -> View:
    return dict(desk.ask("import_olx", upload_id=desk.upload(data, "course.tar.gz"), **more))


def names_in(data: bytes) -> list[str]:
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return tar.getnames()


def packed(files: dict[str, str | bytes], top: str = "course/") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, text in files.items():
            body = text if isinstance(text, bytes) else text.encode()
            info = tarfile.TarInfo(top + name)
            info.size = len(body)
            tar.addfile(info, io.BytesIO(body))
    return out.getvalue()


def test_export_import_export_gives_the_same_bytes(desk: Desk) -> None:
    course = whole_course(desk)
    first = exported(desk, course["id"])
    assert exported(desk, course["id"]) == first, "deterministic"
    made = imported(desk, first)
    assert made["notes"] == []
    assert made["counts"] == {"modules": 1, "activities": 7}
    assert exported(desk, made["course_id"]) == first
    again = desk.ask("get_course", course_id=made["course_id"])
    assert (again["title"], again["status"], again["blockers"]) == (pair("Course"), "draft", [])
    assert again["objectives"][0]["assessments"] == [again["modules"][0]["units"][0]["activities"][0]["id"]]
    assert [key for key in desk.stored() if key.startswith("uploads/")] != []


def test_import_leaves_no_upload_behind(desk: Desk) -> None:
    imported(desk, exported(desk, desk.draft("text")["id"]))
    assert desk.counts()["uploads"] == 0


def test_archive_is_plain_olx_for_other_hosts(desk: Desk) -> None:
    data = exported(desk, whole_course(desk)["id"])
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        files = {one.name: tar.extractfile(one).read() for one in tar if one.isreg()}  # type: ignore[union-attr]
    assert etree.fromstring(files["course/course.xml"]).get("url_name") == "course"
    vertical = etree.fromstring(files["course/vertical/m1u1.xml"])
    assert [one.tag for one in vertical] == ["html", "problem", "video", "html", "h5pxblock", "html", "poll"]
    problem = etree.fromstring(files["course/problem/m1u1a2.xml"])
    assert [one.tag for one in problem] == [
        "multiplechoiceresponse", "choiceresponse", "multiplechoiceresponse", "numericalresponse", "stringresponse", "p",
    ]  # fmt: skip
    assert b"<strong>mots</strong>" in files["course/html/m1u1a1.html"]
    assert {
        "course/static/m1u1a3.webm",
        "course/static/m1u1a3-fr.vtt",
        "course/static/m1u1a5.h5p",
    } <= files.keys()
    assert gzip.decompress(data)
    assert data[4:8] == b"\0\0\0\0", "no date"


FOREIGN: dict[str, str | bytes] = {
    "course.xml": '<course url_name="2026" org="X" course="Y"/>',
    "course/2026.xml": '<course display_name="Their course" language="en"><chapter url_name="c"/><wiki slug="w"/></course>',
    "chapter/c.xml": '<chapter display_name="Week 1"><sequential url_name="s"/></chapter>',
    "sequential/s.xml": (
        '<sequential display_name="Lesson"><vertical url_name="v"/><vertical display_name="Second">'
        '<discussion display_name="Talk"/></vertical></sequential>'
    ),
    "vertical/v.xml": (
        '<vertical display_name="First"><html url_name="h"/><problem url_name="p"/><video url_name="w"/>'
        '<lti url_name="l" display_name="Tool"/></vertical>'
    ),
    "html/h.xml": '<html filename="h" display_name="Read this"/>',
    "html/h.html": "<h3>Why</h3><p>Some <b>bold</b> text.</p><script>alert(1)</script><ul><li>one</li><li>two</li></ul>",
    "problem/p.xml": """<problem display_name="Check"><p>Pick one.</p>
      <multiplechoiceresponse><choicegroup><choice correct="true">Yes <choicehint>Good.</choicehint></choice>
      <choice correct="false">No</choice></choicegroup></multiplechoiceresponse>
      <numericalresponse answer="200"><label>How much?</label><responseparam type="tolerance" default="5%"/>
      <formulaequationinput/></numericalresponse>
      <optionresponse><label>Which?</label><optioninput options="('red','blue')" correct="blue"/></optionresponse>
      <stringresponse answer="river" type="ci"><label>Name</label><additional_answer answer="stream"/></stringresponse>
      <customresponse cfn="f"><textline/></customresponse></problem>""",
    "video/w.xml": '<video display_name="Talk" youtube="1.00:abc"><source src="https://elsewhere.example/a.mp4"/></video>',
}


def test_course_of_another_host_becomes_a_draft_and_says_what_is_missing(desk: Desk) -> None:
    made = imported(desk, packed(FOREIGN))
    course = desk.ask("get_course", course_id=made["course_id"])
    assert course["title"] == {"fr": "", "en": "Their course"}
    units = course["modules"][0]["units"]
    assert [unit["title"]["en"] for unit in units] == ["First", "Second"]
    first = units[0]["activities"]
    assert [(one["title"]["en"], one["kind"]) for one in first] == [
        ("Read this", "text"),
        ("Check", "quiz"),
        ("Talk", "video"),
    ]
    text = desk.ask("get_activity", activity_id=first[0]["id"])
    assert text["body"] == {"fr": "", "en": "## Why\n\nSome **bold** text.\n\n- one\n- two\n"}
    notes = sorted((note["code"], note["params"].get("tag", "")) for note in made["notes"])
    assert notes == [
        ("address-left-out", ""), ("block-left-out", "discussion"), ("block-left-out", "lti"),
        ("response-left-out", "customresponse"),
    ]  # fmt: skip


def test_responses_become_questions() -> None:
    problem = etree.fromstring(str(FOREIGN["problem/p.xml"]))
    questions, left = questions_of(problem, lambda text: {"fr": "", "en": text})
    assert [question["kind"] for question in questions] == ["single", "numeric", "single", "short"]
    assert [question["stem"]["en"] for question in questions] == ["Pick one.", "How much?", "Which?", "Name"]
    assert questions[0]["options"][0] == {"text": {"fr": "", "en": "Yes"}, "feedback": {"fr": "", "en": "Good."},
                                          "correct": True}  # fmt: skip
    assert (questions[1]["value"], questions[1]["tolerance"]) == (200.0, 10.0)
    assert [option["correct"] for option in questions[2]["options"]] == [False, True]
    assert questions[3]["accepted"] == {"fr": [], "en": ["river", "stream"]}
    assert left == ["customresponse"]


def test_language_can_be_said_for_a_course_that_does_not(desk: Desk) -> None:
    made = imported(desk, packed(FOREIGN), language="fr")
    assert desk.ask("get_course", course_id=made["course_id"])["title"] == {"fr": "Their course", "en": ""}


BOMB = '<?xml version="1.0"?><!DOCTYPE course [<!ENTITY a "aaaa">]><course url_name="x">&a;</course>'
REMOTE = '<?xml version="1.0"?><!DOCTYPE course SYSTEM "file:///etc/passwd"><course url_name="x"/>'


REFUSED: tuple[tuple[bytes, str], ...] = (
    (b"no archive", "olx-not-an-archive"),
    (packed({"readme.txt": "hello"}), "olx-no-course-file"),
    (packed(FOREIGN | {"course/2026.xml": "<course"}), "olx-bad-xml"),
    (packed({"course.xml": BOMB}), "olx-document-type"),
    (packed({"course.xml": REMOTE}), "olx-document-type"),
    (packed({"course.xml": "<course/>", "../../outside.xml": "x"}, top=""), "olx-path-outside"),
    (packed({"course.xml": "<course/>", "/etc/x": "x"}, top=""), "olx-path-outside"),
    (packed(FOREIGN | {"html/h.html": b"\xff\xfe\x00"}), "olx-not-text"),
    (packed(FOREIGN | {"html/h.html": "x" * (2 * 1024 * 1024 + 1)}), "olx-file-too-large"),
    (packed(FOREIGN | {"course/2026.xml": "<course>" + "<chapter/>" * 3 + "</course>", "policies/2026/policy.json": "{"}),
     "olx-bad-json"),
)  # fmt: skip


def test_archive_that_is_no_course_is_refused_and_leaves_nothing(desk: Desk) -> None:
    before = desk.counts()
    for data, code in REFUSED:
        with pytest.raises(CercleError, match="course-file-refused") as refused:
            imported(desk, data)
        assert [problem.code for problem in refused.value.fields] == [code]
        assert desk.counts() == before, code
        assert desk.stored() == [], code


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_refused(kind: bytes) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        info = tarfile.TarInfo("course/course.xml")
        info.type, info.linkname = kind, "/etc/passwd"
        tar.addfile(info)
    with pytest.raises(olx.OlxRefused, match="no-plain-file"):
        olx.open_archive(out)


def test_too_many_entries_are_refused() -> None:
    data = io.BytesIO(packed({"course.xml": "<course/>", **{f"static/{number}": "" for number in range(11)}}))
    with pytest.raises(olx.OlxRefused, match="too-many-files"):
        olx.open_archive(data, olx.Limits(entries=10))


@pytest.mark.parametrize("limits", [olx.Limits(total=1_000_000), olx.Limits(ratio=1)])
def test_too_much_in_too_little_is_refused(limits: olx.Limits) -> None:
    data = io.BytesIO(packed({"course.xml": "<course/>", "zeros": b"\0" * 2_000_000}))
    with pytest.raises(olx.OlxRefused, match="too-large-unpacked"):
        olx.open_archive(data, limits)


def test_file_that_is_refused_is_a_note_and_the_rest_is_there(desk: Desk) -> None:
    course = desk.draft("text", "h5p")
    package = (PACKAGES / "valid" / "h5p-test.h5p").read_bytes()
    desk.ask("set_activity_h5p", activity_id=course["activities"][1], upload_id=desk.upload(package, "a.h5p"))
    data = exported(desk, course["id"])
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        files = {one.name.removeprefix("course/"): tar.extractfile(one).read() for one in tar}  # type: ignore[union-attr]
    made = imported(desk, packed(files | {"static/m1u1a2.h5p": b"broken"}))
    assert [(note["code"], note["params"]["reason"]) for note in made["notes"]] == [
        ("file-refused", "h5p-refused")
    ]
    assert made["counts"]["activities"] == 2


def test_only_authors_import_and_only_who_may_edit_exports(desk: Desk) -> None:
    course = desk.draft("text")
    for actor, code in (
        (desk.learner, "not-found"),
        (desk.coordinator, "forbidden"),
        (desk.harness.actor("trainer"), "forbidden"),
    ):
        with pytest.raises(CercleError, match=code):
            desk.ask("export_olx", actor, course_id=course["id"])
    with pytest.raises(CercleError, match="forbidden"):
        desk.ask("import_olx", desk.learner, upload_id=course["id"])


def test_same_key_makes_one_course(desk: Desk) -> None:
    upload = desk.upload(packed(FOREIGN), "course.tar.gz")
    first = desk.ask("import_olx", key="once", upload_id=upload)
    second = desk.ask("import_olx", key="once", upload_id=upload)
    assert first["course_id"] == second["course_id"]


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<p>a</p><p>b<br>c</p>", "a\n\nb  \nc\n"),
        ("<h2>T</h2>loose", "# T\n\nloose\n"),
        (
            '<a href="https://x.example/a">l</a> <a href="javascript:x()">no</a>',
            "[l](<https://x.example/a>) no\n",
        ),
        ("<ol><li>a<ul><li>b</li></ul></li></ol>", "1. a\n   \n   - b\n"),
        ("<blockquote><p>q</p></blockquote>", "> q\n"),
        ("<pre>x *y*</pre>", "```\nx *y*\n```\n"),
        (
            "<table><tr><th>a</th><th>b|c</th></tr><tr><td>1</td></tr></table>",
            "| a | b\\|c |\n| --- | --- |\n| 1 |  |\n",
        ),
        ("5 * 3 < 7 and <img src=x alt='A map'>", "5 \\* 3 \\< 7 and A map\n"),
        ("", ""),
    ],
)
def test_html_becomes_markdown(html: str, markdown: str) -> None:
    assert to_markdown(html) == markdown


def test_package_knows_nothing_of_the_rest() -> None:
    source = "".join(path.read_text() for path in (Path(olx.__file__).parent).glob("*.py"))
    assert "sqlalchemy" not in source
    assert "services.courses." not in source.replace("services.courses.olx", "")
