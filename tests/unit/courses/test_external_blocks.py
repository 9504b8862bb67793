"""Blocks of other makers, as they come from PyPI, through our runtime: views, handlers, results, authoring."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.courses.players import external
from services.courses.tables import block_grants, xblock_fields
from shared.actor import VISITOR
from shared.errors import CercleError
from shared.ids import new_id
from tests.unit.courses.support import Desk, View, pair

# As packages are, these import a module that is on its way out, and give a field text for a number.
pytestmark = [
    pytest.mark.filterwarnings("ignore:xblock.fragment is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:The value .* would be enforced"),
]

KINDS = (
    "poll", "survey@xblock-poll", "drag-and-drop-v2", "submit-and-compare", "feedback", "done", "image-explorer",
    "flashcards", "freetextresponse", "h5pxblock",
)  # fmt: skip


def allow(desk: Desk, *kinds: str) -> None:
    for kind in kinds:
        desk.ask("set_block_type", desk.admin, block_type=kind, allowed=True)


def course_of(desk: Desk, kind: str) -> View:
    allow(desk, kind)
    return desk.publish(desk.draft(kind))


def token_of(grant: View) -> str:
    return str(grant["path"].removeprefix("/block/"))


def studio(desk: Desk, activity_id: str) -> str:
    return token_of(desk.ask("open_block_editor", activity_id=activity_id))


def preview(desk: Desk, course: View, index: int = 0) -> str:
    activity = course["activities"][index]
    view = desk.ask("open_activity", course_id=course["id"], activity_id=activity, preview=True)
    return token_of(view["block"])


def learn(desk: Desk, course: View) -> str:
    activity = course["activities"][0]
    return token_of(
        desk.ask("open_activity", desk.learner, course_id=course["id"], activity_id=activity)["block"]
    )


def show(desk: Desk, token: str) -> View:
    return dict(desk.ask("show_block", VISITOR, token=token))


def handle(desk: Desk, token: str, usage: str, handler: str, body: Any, **more: Any) -> Any:
    text = body if isinstance(body, str) else json.dumps(body)
    payload = {"token": token, "usage_id": usage, "handler": handler, "body": text} | more
    answer = desk.harness.call("courses", "handle_block", payload, actor=VISITOR)
    assert answer["status"] == 200, answer
    return answer | {"json": json.loads(answer["body"])}


def test_blocks_from_pypi_show_their_learner_and_their_authoring_views(desk: Desk) -> None:
    allow(desk, *KINDS)
    course = desk.draft(*KINDS)
    for index, (kind, activity) in enumerate(zip(KINDS, course["activities"], strict=True)):
        shown = show(desk, preview(desk, course, index))
        assert f'data-usage="{activity}"' in shown["html"], kind
        assert shown["resources"] or "data-init" in shown["html"], kind
        edited = show(desk, studio(desk, activity))
        assert edited["view"] == "studio_view", kind
        assert edited["html"] != shown["html"], kind


def test_poll_counts_a_vote_completes_and_is_edited_in_its_own_view(desk: Desk) -> None:
    course = course_of(desk, "poll")
    activity, token = course["activities"][0], learn(desk, course)
    answer = handle(desk, token, activity, "vote", {"choice": "R"})
    assert answer["json"]["success"] is True
    assert answer["attempt"]["course_completed"] is True
    assert handle(desk, token, activity, "get_results", {})["json"]["total"] == 1
    before = desk.version(course["id"])
    edit = {
        "question": "Which colour?", "display_name": "Poll", "feedback": "", "private_results": False,
        "max_submissions": 1, "answers": [{"key": "A", "label": "Amber", "img": "", "img_alt": ""}],
    }  # fmt: skip
    assert handle(desk, studio(desk, activity), activity, "studio_submit", edit)["json"]["success"] is True
    assert desk.version(course["id"]) == before + 1
    assert "Which colour?" in show(desk, preview(desk, course))["html"]
    assert "Which colour?" not in show(desk, learn(desk, course))["html"], "learners keep the edition"


def test_drag_and_drop_gives_its_score_and_keeps_where_the_learner_was(desk: Desk) -> None:
    course = course_of(desk, "drag-and-drop-v2")
    activity, token = course["activities"][0], learn(desk, course)
    first = handle(
        desk, token, activity, "drop_item", {"val": 0, "zone": "top", "x_percent": "33%", "y_percent": "11%"}
    )
    assert first["json"]["correct"] is True
    assert 0 < first["attempt"]["score"] < 1
    assert "0" in json.dumps(
        handle(desk, learn(desk, course), activity, "student_view_user_state", "", method="GET")
    )
    last: View = {}
    for item, zone in ((1, "middle"), (2, "bottom"), (3, "top")):
        last = handle(desk, token, activity, "drop_item", {"val": item, "zone": zone})
    assert last["attempt"] | {"progress": 1.0} == last["attempt"]


def test_submit_and_compare_takes_an_answer_and_done_a_tick(desk: Desk) -> None:
    course = course_of(desk, "submit-and-compare")
    answer = handle(
        desk,
        learn(desk, course),
        course["activities"][0],
        "student_submit",
        {"action": "submit", "answer": "My view"},
    )
    assert answer["attempt"]["completed"] is True
    course = course_of(desk, "done")
    answer = handle(desk, learn(desk, course), course["activities"][0], "toggle_button", {"done": True})
    assert (answer["attempt"]["completed"], answer["attempt"]["score"]) == (True, 1.0)


def test_preview_answers_and_leaves_no_trace(desk: Desk) -> None:
    course = course_of(desk, "poll")
    before = desk.counts()
    token = preview(desk, course)
    assert handle(desk, token, course["activities"][0], "vote", {"choice": "R"})["json"]["success"] is True
    assert desk.counts() == before | {"block_grants": before["block_grants"] + 1}


def test_h5p_block_unpacks_a_package_into_our_storage_and_reports(desk: Desk) -> None:
    """With a body that is too large for a message: it travels through the storage."""
    course = course_of(desk, "h5pxblock")
    activity = course["activities"][0]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("h5p.json", "{}")
    boundary = "x" * 20
    fields = {
        "display_name": "H5P", "show_frame": "0", "show_copyright": "0", "show_h5p": "0", "show_fullscreen": "0",
        "is_scorable": "1", "save_freq": "0", "points": "10", "weight": "1", "h5_content_path": "",
    }  # fmt: skip
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'
        for k, v in fields.items()
    ]
    file = 'Content-Disposition: form-data; name="h5p_content_bundle"; filename="a.h5p"'
    body = "".join(parts).encode() + f"--{boundary}\r\n{file}\r\n\r\n".encode() + packed.getvalue()
    key = f"xblocks/bodies/{new_id()}"
    desk.service.storage.put(key, io.BytesIO(body + f"\r\n--{boundary}--\r\n".encode()))
    handle(desk, studio(desk, activity), activity, "studio_submit", "", body_key=key,
           content_type=f"multipart/form-data; boundary={boundary}")  # fmt: skip
    stored = [one for one in desk.stored() if one.startswith("xblocks/files/")]
    assert stored == [f"xblocks/files/h5pxblockmedia/cercle/course/{activity}/h5p.json"]
    desk.publish(course)
    shown = show(desk, learn(desk, course))
    assert f"/xblock-files/h5pxblockmedia/cercle/course/{activity}" in shown["html"]
    result = {"result": {"score": {"raw": 4, "max": 5}}}
    assert handle(desk, learn(desk, course), activity, "result_handler", result)["attempt"]["score"] == 0.8


def test_only_admins_decide_and_only_what_is_allowed_is_offered(desk: Desk) -> None:
    for actor in (desk.trainer, desk.coordinator, desk.learner):
        with pytest.raises(CercleError, match="not-found"):
            desk.ask("set_block_type", actor, block_type="poll", allowed=True)
    with pytest.raises(CercleError, match="not-found"):
        desk.ask("set_block_type", desk.admin, block_type="nowhere", allowed=True)
    with pytest.raises(CercleError, match="not-found"):
        desk.ask("list_block_types", desk.learner)
    assert desk.ask("list_block_types")["items"] == []
    unit = desk.draft("text")["unit"]
    with pytest.raises(CercleError) as refused:
        desk.ask("add_activity", unit_id=unit, title=pair("Poll"), kind="poll")
    assert [problem.code for problem in refused.value.fields] == ["not-a-choice"]
    allow(desk, "poll")
    assert [one["block_type"] for one in desk.ask("list_block_types")["items"]] == ["poll"]
    everything = desk.ask("list_block_types", desk.admin, limit=200)["items"]
    assert {one["block_type"] for one in everything} >= set(KINDS)
    assert {one["licence"] for one in everything if one["package"] == "h5p-xblock"} == {"MIT License"}


def test_type_that_is_turned_off_is_neither_shown_nor_called_and_can_be_deleted(desk: Desk) -> None:
    course = course_of(desk, "poll")
    activity, token, writing = (
        course["activities"][0],
        learn(desk, course),
        studio(desk, course["activities"][0]),
    )
    desk.ask("set_block_type", desk.admin, block_type="poll", allowed=False)
    view = desk.ask("open_activity", desk.learner, course_id=course["id"], activity_id=activity)
    assert view["block"] is None
    for old in (token, writing):
        with pytest.raises(CercleError, match="not-found"):
            show(desk, old)
        with pytest.raises(CercleError, match="not-found"):
            handle(desk, old, activity, "vote", {"choice": "R"})
    assert desk.ask("get_activity", activity_id=activity)["block"]["usable"] is False
    desk.ask("delete_item", item_id=activity, version=desk.version(course["id"]))


def test_grant_opens_one_block_alone_and_ends(desk: Desk) -> None:
    course, other = course_of(desk, "poll"), course_of(desk, "done")
    token = learn(desk, course)
    with pytest.raises(CercleError, match="not-found"):
        handle(desk, token, other["activities"][0], "toggle_button", {"done": True})
    with pytest.raises(CercleError, match="not-found"):
        handle(desk, token, course["activities"][0], "no_such_handler", {})
    learners = handle(desk, token, course["activities"][0], "get_results", {})
    assert learners["json"]["total"] == 0
    desk.harness.clock.advance(timedelta(hours=13))
    with pytest.raises(CercleError, match="not-found"):
        show(desk, token)
    desk.service.expire_block_grants()
    with desk.service.db.engine.connect() as connection:
        assert connection.execute(select(block_grants)).all() == []


def test_only_the_author_gets_the_authoring_view(desk: Desk) -> None:
    activity = course_of(desk, "poll")["activities"][0]
    for actor, code in ((desk.learner, "not-found"), (desk.coordinator, "forbidden")):
        with pytest.raises(CercleError, match=code):
            desk.ask("open_block_editor", actor, activity_id=activity)


def test_learner_cannot_write_what_is_the_author_s(desk: Desk) -> None:
    """A block that does not check who calls: the edition stays as it was published."""
    course = course_of(desk, "poll")
    activity, token, before = course["activities"][0], learn(desk, course), desk.version(course["id"])
    edit = {"question": "Mine", "display_name": "x", "feedback": "", "private_results": False, "max_submissions": 1,
            "answers": [{"key": "A", "label": "A", "img": "", "img_alt": ""}]}  # fmt: skip
    handle(desk, token, activity, "studio_submit", edit)
    assert "Mine" not in show(desk, learn(desk, course))["html"]
    assert "Mine" not in show(desk, preview(desk, course))["html"]
    assert desk.version(course["id"]) == before


def test_block_that_breaks_down_is_one_error_and_keeps_nothing(desk: Desk) -> None:
    course = course_of(desk, "poll")
    token = learn(desk, course)
    with desk.service.db.engine.begin() as connection:
        row = {"scope": "user_state", "block_id": course["activities"][0], "name": "choice", "value": {"not": "text"},
               "user_id": str(desk.learner.account_id)}  # fmt: skip
        connection.execute(xblock_fields.insert().values(**row))
    with pytest.raises(CercleError, match="block-failed"):
        show(desk, token)


def test_settings_reach_the_block_and_a_reader_s_language_its_words(desk: Desk) -> None:
    allow(desk, "poll", "drag-and-drop-v2")
    desk.ask(
        "set_block_type",
        desk.admin,
        block_type="poll",
        allowed=True,
        settings={"can_view_private_results": True},
    )
    decided = desk.ask("list_block_types", desk.admin, limit=200)["items"]
    assert next(o["settings"] for o in decided if o["block_type"] == "poll") == {
        "can_view_private_results": True
    }
    course = desk.publish(desk.draft("drag-and-drop-v2"))
    shown = show(desk, learn(desk, course))  # the learner reads English
    desk.learner = desk.harness.actor("learner", language="fr")
    desk.ask("enrol", desk.learner, course_id=course["id"])
    french = show(desk, learn(desk, course))
    assert french["language"] == "fr"
    scripts = {one["data"] for one in french["resources"]} - {one["data"] for one in shown["resources"]}
    assert any("translations/fr/text.js" in one for one in scripts)


def test_what_is_not_installed_says_so() -> None:
    with pytest.raises(external.BlockUnusableError, match="not installed"):
        external.load("nowhere")
