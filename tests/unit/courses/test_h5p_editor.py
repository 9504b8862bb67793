"""Writing H5P contents: from a content type to a content in use."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.courses.domain import h5p_editor as rules
from services.courses.h5p import make_package
from shared.errors import CercleError
from tests.unit.courses.support import PACKAGES, PNG, ROOT, Desk

View = dict[str, Any]
DEMO = ROOT / "demo" / "h5p"
CHOICE = "H5P.CercleChoice 1.0"
MULTI = "H5P.MultiChoice 1.16"


def question(text: str = "Which one?") -> View:
    options = [{"text": "This", "correct": True}, {"text": "That", "correct": False}]
    return {"id": "question-1", "text": text, "options": options}


def params(text: str = "Which one?") -> View:
    return {"questions": [question(text)], "behaviour": {"enableRetry": True, "passPercentage": 50}}


@pytest.fixture
def course(desk: Desk) -> View:
    """A draft whose first activity holds the demo's content, so that its library is installed."""
    made = desk.draft("h5p", "h5p")
    package = make_package(DEMO / "protective-factors-fr", libraries=DEMO / "libraries")
    upload_id = desk.upload(package, "demo.h5p")
    desk.ask("set_activity_h5p", activity_id=made["activities"][0], upload_id=upload_id)
    return made


def start(desk: Desk, activity_id: str, **more: Any) -> View:
    made = desk.ask("start_h5p_draft", activity_id=activity_id, **more)
    return dict(desk.ask("get_h5p_draft", draft_id=made["id"]))


def save(desk: Desk, draft: View, given: View, **metadata: Any) -> View:
    described = {"title": "Signs", "language": "en", **metadata}
    return dict(desk.ask("save_h5p_draft", draft_id=draft["id"], version=draft["version"], params=given,
                         metadata=described))  # fmt: skip


def refused(desk: Desk, method: str, **payload: Any) -> CercleError:
    with pytest.raises(CercleError) as caught:
        desk.ask(method, **payload)
    return caught.value


def test_content_made_from_nothing_is_played(desk: Desk, course: View) -> None:
    activity = course["activities"][1]
    draft = start(desk, activity, library=CHOICE)
    assert (draft["params"], draft["replaced"]) == ({}, False)
    saved = save(desk, draft, params())
    used = desk.ask("use_h5p_draft", draft_id=draft["id"], version=saved["version"])
    assert (used["title"], used["language"], used["main_library"]) == ("Signs", "en", "H5P.CercleChoice-1.0")
    assert desk.ask("find_h5p_draft", activity_id=activity) == {"draft": None}
    edit = desk.ask("get_activity", activity_id=activity)
    assert (edit["ready"], edit["h5p"]["content_id"]) == (True, used["content_id"])
    opened = desk.ask("open_activity", course_id=course["id"], activity_id=activity, preview=True)
    grant = desk.ask("resolve_grant", token=opened["play"]["token"])
    assert b"Which one?" in desk.read(f"{grant['prefix']}content/content.json")
    assert grant["h5p"]["mainLibrary"] == "H5P.CercleChoice"
    assert [key for key in desk.stored() if key.startswith("h5p/drafts/")] == []


def test_incomplete_draft_is_kept_and_refused_with_every_place(desk: Desk, course: View) -> None:
    draft = start(desk, course["activities"][1], library=CHOICE)
    options = [{"text": "", "correct": True}]
    broken = {
        "questions": [{"id": "question-1", "text": "", "options": options}],
        "behaviour": {"passPercentage": 400},
    }
    saved = save(desk, draft, broken, title="", source="example.org")
    assert desk.ask("get_h5p_draft", draft_id=draft["id"])["params"] == broken
    error = refused(desk, "use_h5p_draft", draft_id=draft["id"], version=saved["version"])
    assert {(one.path, one.code) for one in error.fields} == {
        ("metadata.title", "missing"), ("metadata.source", "bad-address"), ("questions.0.text", "field-required"),
        ("questions.0.options.0.text", "field-required"), ("questions.0.options", "list-too-short"),
        ("behaviour.passPercentage", "number-too-large"),
    }  # fmt: skip
    assert all(
        {"fr", "en"} <= one.params["message"].keys() for one in error.fields if "metadata" not in one.path
    )
    assert not desk.ask("get_activity", activity_id=course["activities"][1])["ready"]


def test_own_content_is_edited_with_its_files_and_description(desk: Desk) -> None:
    made = desk.draft("h5p")
    sample = (PACKAGES / "valid" / "multiple-choice.h5p").read_bytes()
    upload_id = desk.upload(sample, "mc.h5p")
    desk.ask("set_activity_h5p", activity_id=made["activities"][0], upload_id=upload_id)
    before = desk.ask("get_activity", activity_id=made["activities"][0])["h5p"]["content_id"]
    draft = start(desk, made["activities"][0])
    assert (draft["library"], draft["base_content_id"], draft["metadata"]["title"]) == (
        MULTI,
        before,
        "Multiple Choice",
    )
    [picture] = draft["media"]
    assert draft["params"]["media"]["type"]["params"]["file"]["path"] == picture
    given = draft["params"] | {"question": '<p onclick="x()">New <script>alert(1)</script>question</p>'}
    saved = save(desk, draft, given, license="CC BY", licenseVersion="4.0", authors=[{"name": "A. M."}, {"name": ""}],
                 display={"frame": True, "download": True})  # fmt: skip
    used = desk.ask("use_h5p_draft", draft_id=draft["id"], version=saved["version"])
    opened = desk.ask("open_activity", course_id=made["id"], activity_id=made["activities"][0], preview=True)
    grant = desk.ask("resolve_grant", token=opened["play"]["token"])
    text = desk.read(f"{grant['prefix']}content/content.json").decode()
    assert "New" in text
    assert "script" not in text.replace("description", "")
    assert "onclick" not in text
    assert f"{grant['prefix']}content/{picture}" in desk.stored()
    assert grant["h5p"]["authors"] == [{"name": "A. M.", "role": "Author"}]
    assert (grant["h5p"]["license"], used["started_over"]) == ("CC BY", 0)
    assert {"H5P.Image-1.1", "H5P.MultiChoice-1.16", "H5P.JoubelUI-1.3"} <= grant["libraries"].keys()


def test_only_used_media_of_the_right_kind_come_into_the_content(desk: Desk) -> None:
    made = desk.draft("h5p", "h5p")
    sample = (PACKAGES / "valid" / "multiple-choice.h5p").read_bytes()
    desk.ask("set_activity_h5p", activity_id=made["activities"][0], upload_id=desk.upload(sample, "mc.h5p"))
    draft = start(desk, made["activities"][1], library=MULTI)
    kinds = [desk.ask("add_h5p_media", draft_id=draft["id"], upload_id=desk.upload(PNG, "a.PNG"), kind="image")
             for _ in range(2)]  # fmt: skip
    assert [one["mime"] for one in kinds] == ["image/png"] * 2
    stored = desk.stored()
    for name, data, kind, code in (
        ("a.svg", b"<svg/>", "image", "svg-refused"), ("a.png", b"GIF89a...", "image", "content-mismatch"),
        ("a.mp3", b"ID3", "image", "h5p-type-not-allowed"), ("a.webm", b"\x1a\x45\xdf\xa3", "audio", "h5p-type-not-allowed"),
        ("a.wav", b"RIFF1234AVI ", "audio", "content-mismatch"), ("a.html", b"<p>", "file", "h5p-type-not-allowed"),
    ):  # fmt: skip
        upload_id = desk.upload(data, name)
        error = refused(desk, "add_h5p_media", draft_id=draft["id"], upload_id=upload_id, kind=kind)
        assert [one.code for one in error.fields] == [code], name
        assert (
            refused(desk, "add_h5p_media", draft_id=draft["id"], upload_id=upload_id, kind=kind).code
            == "not-found"
        )
    assert desk.stored() == stored
    found = desk.ask("get_h5p_draft_file", draft_id=draft["id"], path=kinds[0]["path"])
    assert desk.read(found["storage_key"]) == PNG
    image = {
        "library": "H5P.Image 1.1",
        "params": {"file": {"path": kinds[0]["path"], "mime": "image/png"}, "alt": "A"},
    }
    stolen = {"library": "H5P.Image 1.1", "params": {"file": {"path": "../../x.png", "mime": "image/png"}}}
    answers = [{"text": "<div>Yes</div>", "correct": True}]
    for version, part, problems in ((1, stolen, True), (2, image, False)):
        given = {"question": "<p>Q</p>", "answers": answers, "media": {"type": part}}
        save(desk, draft | {"version": version}, given)
        assert bool(desk.ask("preview_h5p_draft", draft_id=draft["id"])["problems"]) is problems
    used = desk.ask("use_h5p_draft", draft_id=draft["id"], version=3)
    kept = [key for key in desk.stored() if used["content_id"] in key]
    assert [key.rpartition("/")[2] for key in kept if "images" in key] == [
        kinds[0]["path"].rpartition("/")[2]
    ]
    assert [key for key in desk.stored() if key.startswith("h5p/drafts/")] == []


def test_preview_shows_the_saved_draft_and_records_nothing(desk: Desk, course: View) -> None:
    draft = start(desk, course["activities"][1], library=CHOICE)
    save(desk, draft, params("In the preview"))
    before = desk.counts()
    view = desk.ask("preview_h5p_draft", draft_id=draft["id"])
    token = view["path"].removeprefix("/play/draft-")
    grant = desk.harness.call("courses", "resolve_h5p_preview", {"token": token})
    assert (grant["read_only"], grant["main_library"], grant["nonce"]) == (True, CHOICE, view["nonce"])
    assert grant["scripts"] == ["H5P.CercleChoice-1.0/cercle-choice.js"]
    assert b"In the preview" in desk.read(f"{grant['prefix']}content/content.json")
    after = desk.counts()
    assert {name for name in after if after[name] != before[name]} == {"h5p_previews"}
    desk.harness.clock.advance(timedelta(hours=3))
    with pytest.raises(CercleError):
        desk.harness.call("courses", "resolve_h5p_preview", {"token": token})
    desk.service.expire_h5p_drafts()
    assert desk.counts()["h5p_previews"] == 0


def test_two_people_do_not_overwrite_one_another(desk: Desk, course: View) -> None:
    draft = start(desk, course["activities"][1], library=CHOICE)
    save(desk, draft, params("First"))
    given = {"draft_id": draft["id"], "version": 1, "params": params("Second"), "metadata": {"title": "T"}}
    assert refused(desk, "save_h5p_draft", **given).code == "stale"
    assert refused(desk, "use_h5p_draft", draft_id=draft["id"], version=1).code == "stale"
    assert (
        refused(desk, "start_h5p_draft", activity_id=course["activities"][1], library=CHOICE).code
        == "h5p-draft-exists"
    )
    assert desk.ask("start_h5p_draft", activity_id=course["activities"][1])["id"] == draft["id"]
    other = start(desk, course["activities"][1], library=CHOICE, replace=True)
    assert (other["id"] != draft["id"], other["params"]) == (True, {})
    assert refused(desk, "get_h5p_draft", draft_id=draft["id"]).code == "not-found"


def test_content_that_came_meanwhile_is_not_replaced_without_asking(desk: Desk, course: View) -> None:
    draft = start(desk, course["activities"][0])
    package = make_package(DEMO / "protective-factors-en", libraries=DEMO / "libraries")
    desk.ask(
        "set_activity_h5p", activity_id=course["activities"][0], upload_id=desk.upload(package, "other.h5p")
    )
    assert desk.ask("get_h5p_draft", draft_id=draft["id"])["replaced"]
    error = refused(desk, "use_h5p_draft", draft_id=draft["id"], version=draft["version"])
    assert error.code == "h5p-content-replaced"
    used = desk.ask("use_h5p_draft", draft_id=draft["id"], version=draft["version"], confirm=[error.code])
    assert used["language"] == "fr"


def test_structural_change_asks_when_people_have_begun(desk: Desk, course: View) -> None:
    activity = course["activities"][0]
    desk.ask("delete_item", item_id=course["activities"][1], version=desk.version(course["id"]))
    desk.publish(course)
    desk.ask("open_activity", desk.learner, course_id=course["id"], activity_id=activity)
    desk.ask("save_state", desk.learner, activity_id=activity, data_type="state", sub_content_id="0", state="{}",
             sequence=1)  # fmt: skip
    draft = start(desk, activity)
    reworded = draft["params"] | {"introduction": "Other words"}
    saved = save(desk, draft, reworded)
    used = desk.ask("use_h5p_draft", draft_id=draft["id"], version=saved["version"])
    assert used["started_over"] == 0
    draft = start(desk, activity)
    shorter = draft["params"] | {"questions": draft["params"]["questions"][1:]}
    saved = save(desk, draft, shorter)
    error = refused(desk, "use_h5p_draft", draft_id=draft["id"], version=saved["version"])
    assert (error.code, error.params["people"]) == ("structure-changed", 1)
    used = desk.ask(
        "use_h5p_draft", draft_id=draft["id"], version=saved["version"], confirm=["structure-changed"]
    )
    assert used["started_over"] == 1


def test_form_has_french_labels_and_texts_of_the_content(desk: Desk, course: View) -> None:
    form = desk.ask("h5p_library_semantics", library=CHOICE, language="fr", texts="en")
    questions = form["semantics"][1]
    assert (questions["label"], questions["field"]["fields"][2]["label"]) == ("Questions", "Question")
    assert questions["field"]["fields"][3]["field"]["fields"][0]["label"] == "Texte"
    texts = form["semantics"][-1]["fields"]
    assert (texts[1]["label"], texts[1]["default"]) == ("Vérifier", "Check my answer")
    french = desk.ask("h5p_library_semantics", library=CHOICE, language="en", texts="fr")
    assert (french["semantics"][-1]["fields"][1]["default"], french["label_language"]) == (
        "Vérifier ma réponse",
        "en",
    )


def test_library_fields_tell_what_is_installed(desk: Desk) -> None:
    made = desk.draft("h5p")
    sample = (PACKAGES / "valid" / "multiple-choice.h5p").read_bytes()
    desk.ask("set_activity_h5p", activity_id=made["activities"][0], upload_id=desk.upload(sample, "mc.h5p"))
    offered = desk.ask("h5p_library_semantics", library=MULTI)["libraries"]
    assert offered["H5P.Image 1.1"]["title"] == "Image"
    assert (offered["H5P.Video 1.6"], offered["H5P.Audio 1.5"]) == (None, None)


def test_content_types_are_runnable_and_restricted_ones_are_kept_for_admins(desk: Desk, course: View) -> None:
    names = [one["library"] for one in desk.ask("h5p_content_types")["items"]]
    assert names == [CHOICE]
    desk.ask("set_h5p_library", desk.admin, library="H5P.CercleChoice-1.0", restricted=True)
    assert desk.ask("h5p_content_types")["items"] == []
    payload = {"activity_id": course["activities"][1], "library": CHOICE}
    assert refused(desk, "start_h5p_draft", **payload).code == "h5p-library-unavailable"
    assert desk.ask("h5p_content_types", desk.admin)["items"] != []
    assert start(desk, course["activities"][0])["library"] == CHOICE  # what is there already may be mended


def test_a_copy_begins_with_another_content_and_leaves_it_alone(desk: Desk, course: View) -> None:
    [found] = desk.ask("list_h5p_reusable")["items"]
    assert (found["library"], found["language"]) == (CHOICE, "fr")
    draft = start(desk, course["activities"][1], content_id=found["content_id"])
    assert (draft["base_content_id"], len(draft["params"]["questions"]) > 1) == (None, True)
    desk.ask("use_h5p_draft", draft_id=draft["id"], version=1)
    assert len(desk.ask("list_h5p_reusable")["items"]) == 2
    assert desk.ask("list_h5p_reusable", machine_name="H5P.Nothing")["items"] == []


def test_what_no_database_can_store_is_refused(desk: Desk, course: View) -> None:
    draft = start(desk, course["activities"][1], library=CHOICE)
    for given, code in (
        ({"a": "\0"}, "bad-character"), ({"a": "\ud800"}, "bad-character"), ([], "wrong-type"), ("{}", "wrong-type"),
        ({"a": "x" * 900_001}, "too-long"), (None, "missing"), ({"\0": 1}, "bad-character"),
    ):  # fmt: skip
        payload = {"draft_id": draft["id"], "version": 1, "params": given, "metadata": {}}
        fields = refused(desk, "save_h5p_draft", **payload).fields
        assert [(one.path, one.code) for one in fields] == [("params", code)]
    save(desk, draft, {"a": r"\u0000 and \ud800 as words"})


def test_given_up_and_forgotten_drafts_leave_nothing(desk: Desk, course: View) -> None:
    draft = start(desk, course["activities"][0])
    assert [key for key in desk.stored() if draft["id"] in key] == []
    first = start(desk, course["activities"][1], library=CHOICE)
    desk.ask("add_h5p_media", draft_id=first["id"], upload_id=desk.upload(PNG, "a.png"), kind="image")
    desk.ask("discard_h5p_draft", draft_id=draft["id"])
    desk.harness.clock.advance(timedelta(days=61))
    desk.service.expire_h5p_drafts()
    desk.service.empty_trash()
    counts = desk.counts()
    assert (counts["h5p_drafts"], counts["h5p_draft_files"]) == (0, 0)
    assert [key for key in desk.stored() if key.startswith("h5p/drafts/")] == []


def test_empty_fields_of_an_optional_group_are_no_problem() -> None:
    text = {"name": "text", "type": "text"}
    inner = [
        {
            "name": "maybe",
            "type": "group",
            "optional": True,
            "fields": [text, {"name": "more", "type": "number"}],
        },
        text,
    ]
    fields = [
        {"name": "rows", "type": "list", "field": {"type": "group", "fields": inner}},
        {
            "name": "flat",
            "type": "group",
            "fields": [{"name": "part", "type": "library", "options": ["A 1.0"]}],
        },
    ]
    params = {"rows": [{"maybe": {}}], "flat": {"library": "A 1.0", "params": {"maybe": {}}}}
    places = {
        "rows.0.maybe.text": True, "rows.0.text": False, "flat.params.maybe.more": True, "flat.params.text": False,
        "flat": False, "rows.7.x.y": False, "nothing": False,
    }  # fmt: skip
    found = {place: rules.in_optional_group(place, fields, params, {"A 1.0": inner}.get) for place in places}
    assert found == places
