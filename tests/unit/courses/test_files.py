from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import pytest

from services.courses.domain.files import TYPES, FileType, judge
from shared.errors import Forbidden, Invalid, NotFound, Stale
from tests.unit.courses.support import PNG, Desk, View, pair


def office(folder: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("_rels/.rels", "x")
        archive.writestr("[Content_Types].xml", "x")
        archive.writestr(f"{folder}/document.xml", "x")
    return file.getvalue()


def odt() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
    return file.getvalue()


GENUINE = {
    "png": PNG, "jpg": b"\xff\xd8\xff\xe0", "jpeg": b"\xff\xd8\xff\xe1", "gif": b"GIF89a..",
    "webp": b"RIFF\x00\x00\x00\x00WEBPVP8 ", "pdf": b"%PDF-1.7\n", "docx": office("word"),
    "pptx": office("ppt"), "xlsx": office("xl"), "odt": odt(), "mp3": b"ID3\x04", "mp4": b"\x00\x00\x00\x18ftypisom",
    "webm": b"\x1a\x45\xdf\xa3" + b"\x00" * 64,
    "txt": "Écoute\n".encode(), "csv": b"a;b\n1;2\n",
}  # fmt: skip


@pytest.mark.parametrize("extension", sorted(TYPES))
def test_judge_accepts_each_type_by_its_content(extension: str) -> None:
    assert judge(f"File.{extension.upper()}", io.BytesIO(GENUINE[extension])) == TYPES[extension]


@pytest.mark.parametrize("extension", sorted(set(TYPES) - {"txt", "csv"}))
def test_judge_refuses_content_of_another_type(extension: str) -> None:
    assert judge(f"file.{extension}", io.BytesIO(b"MZ\x90\x00 not that")) == "content-mismatch"


@pytest.mark.parametrize(
    ("filename", "data", "code"),
    [
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "svg-refused"),
        ("drawing.png", b"\xef\xbb\xbf <?xml version='1.0'?><svg onload='x()'/>", "svg-refused"),
        ("page.html", b"<p>hello</p>", "type-not-allowed"),
        ("run.exe", b"MZ", "type-not-allowed"),
        ("noextension", b"hello", "type-not-allowed"),
        ("empty.txt", b"", "file-empty"),
        ("binary.txt", b"a\x00b", "content-mismatch"),
        ("late.txt", b"a" * 5000 + b"\x00", "content-mismatch"),
        ("sheet.docx", office("xl"), "content-mismatch"),
        ("archive.docx", b"PK\x03\x04" + b"x" * 100, "content-mismatch"),
        ("directory.docx", b"PK\x03\x04PK\x05\x06" + b"\x00" * 8 + b"\xff\xff\xff\x7f" + b"\x00" * 6, "content-mismatch"),
    ],
)  # fmt: skip
def test_judge_gives_the_reason(filename: str, data: bytes, code: str) -> None:
    assert judge(filename, io.BytesIO(data)) == code


def test_judge_marks_what_a_browser_may_show() -> None:
    assert judge("a.png", io.BytesIO(PNG)) == FileType("image/png", inline=True)
    assert judge("a.csv", io.BytesIO(b"a,b")) == FileType("text/csv", inline=False)


def test_file_is_served_to_staff_and_enrolled_only(desk: Desk) -> None:
    course = desk.draft("file", "text")
    activity_id = course["activities"][0]
    desk.ask("set_activity_file", activity_id=activity_id, upload_id=desk.upload(PNG, "a.png"), alt=pair("A"))
    stranger = desk.harness.actor("learner")
    desk.publish(course)
    view = desk.ask("get_file", desk.learner, activity_id=activity_id)
    assert view["filename"] == "a.png"
    assert desk.read(view["storage_key"]) == PNG
    assert desk.ask("get_file", desk.coordinator, activity_id=activity_id) == view
    for hidden in (activity_id, course["activities"][1], "nonsense"):
        with pytest.raises(NotFound):
            desk.ask("get_file", stranger, activity_id=hidden)


def test_refused_file_leaves_nothing(desk: Desk) -> None:
    course = desk.draft("file")
    rows, keys = desk.counts(), desk.stored()
    upload_id = desk.upload(b"<svg/>", "a.svg")
    with pytest.raises(Invalid) as error:
        desk.ask("set_activity_file", activity_id=course["activities"][0], upload_id=upload_id, alt=pair("A"))
    assert (error.value.code, [(p.path, p.code) for p in error.value.fields]) == (
        "file-refused", [("upload_id", "svg-refused")],
    )  # fmt: skip
    assert (desk.counts(), desk.stored()) == (rows, keys)


def test_image_needs_its_alternative_text_and_keeps_the_upload(desk: Desk) -> None:
    course = desk.draft("file")
    payload: View = {"activity_id": course["activities"][0], "upload_id": desk.upload(PNG, "a.png")}
    with pytest.raises(Invalid) as error:
        desk.ask("set_activity_file", **payload, alt={"fr": "Image", "en": ""})
    assert [(p.path, p.code) for p in error.value.fields] == [("alt.en", "alt-missing")]
    desk.ask("set_activity_file", **payload, alt=pair("Image"))


def test_replaced_file_goes(desk: Desk) -> None:
    course = desk.draft("file")
    activity_id = course["activities"][0]
    for data in (b"one", b"two"):
        desk.ask(
            "set_activity_file", activity_id=activity_id, upload_id=desk.upload(data, "a.txt"), alt=pair("A")
        )
    keys = desk.stored()
    assert [desk.read(key) for key in keys] == [b"two"]
    assert desk.counts()["trash"] == 0


def test_same_key_places_the_file_once(desk: Desk) -> None:
    course = desk.draft("file")
    payload: View = {
        "activity_id": course["activities"][0], "upload_id": desk.upload(b"one", "a.txt"), "alt": pair("A"),
    }  # fmt: skip
    first = desk.ask("set_activity_file", key="k", **payload)
    assert desk.ask("set_activity_file", key="k", **payload) == first


def test_stale_version_keeps_the_upload(desk: Desk) -> None:
    course = desk.draft("file")
    first = {"activity_id": course["activities"][0], "alt": pair("A")}
    desk.ask("set_activity_file", **first, upload_id=desk.upload(b"zero", "a.txt"))
    upload_id = desk.upload(b"one", "a.txt")
    with pytest.raises(Stale):
        desk.ask("set_activity_file", **first, upload_id=upload_id, version=1)
    assert desk.counts()["uploads"] == 1


def test_upload_of_another_account_is_unknown(desk: Desk) -> None:
    course = desk.draft("file")
    foreign = desk.upload(b"secret", "a.txt", desk.harness.actor("trainer"))
    with pytest.raises(NotFound):
        desk.ask("set_activity_file", activity_id=course["activities"][0], upload_id=foreign, alt=pair("A"))


def test_register_upload_is_for_authors_and_stored_files(desk: Desk) -> None:
    stored = desk.service.storage.put("uploads/one", io.BytesIO(b"x"))
    payload: View = {"storage_key": stored.key, "filename": "a.txt", "size": 1, "sha256": stored.sha256}
    with pytest.raises(Forbidden):
        desk.ask("register_upload", desk.learner, **payload)
    for wrong in ({"size": 2}, {"storage_key": "uploads/two"}):
        with pytest.raises(Invalid) as error:
            desk.ask("register_upload", **(payload | wrong))
        assert error.value.code == "upload-incomplete"
    with pytest.raises(Invalid):
        desk.ask("register_upload", **(payload | {"storage_key": "h5p/libraries/x"}))
    desk.ask("register_upload", **payload)
    with pytest.raises(Invalid):
        desk.ask("register_upload", desk.admin, **payload)


def test_unused_upload_expires_after_two_hours_and_a_used_one_stays(desk: Desk) -> None:
    course = desk.draft("file")
    used = desk.upload(b"used", "a.txt")
    desk.upload(b"unused", "b.txt")
    desk.ask("set_activity_file", activity_id=course["activities"][0], upload_id=used, alt=pair("A"))
    desk.harness.clock.advance(timedelta(hours=1, minutes=59))
    desk.service.expire_uploads()
    assert len(desk.stored()) == 2
    desk.harness.clock.advance(timedelta(minutes=2))
    desk.service.expire_uploads()
    assert [desk.read(key) for key in desk.stored()] == [b"used"]
    assert (desk.counts()["uploads"], desk.counts()["trash"]) == (0, 0)
