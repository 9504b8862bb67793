"""Videos, surveys and discussions as activities: captions, watched share, where a link leads."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.courses.domain.video import (
    Cue,
    allowed_address,
    as_webvtt,
    cues,
    merged,
    watched_share,
)
from shared.errors import CercleError
from shared.ids import new_id
from tests.unit.courses.support import PNG, Desk, View, pair

WEBM = b"\x1a\x45\xdf\xa3" + b"\x00" * 64
VTT = "WEBVTT\n\nNOTE not a cue\n\n1\n00:01.000 --> 00:02.500 align:start\n<v Ana>Hello &amp; welcome</v>\nall\n"
NOTHING = {"fr": "", "en": ""}


def test_cues_are_read_from_webvtt() -> None:
    assert cues(VTT) == [Cue(1.0, 2.5, "Hello & welcome all")]
    assert cues(VTT.replace("\n", "\r\n")) == cues(VTT)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("\ufeffWEBVTT\n\n01:00:01.000 --> 01:00:02.000\nA", "WEBVTT\n\n01:00:01.000 --> 01:00:02.000\nA\n"),
        ("1\n00:00:01,000 --> 00:00:02,000\nA, b", "WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.000\nA, b\n"),
        ("WEBVTT\n\nNothing", None),
        ("00:02.000 --> 00:01.000\nBackwards", None),
        ("Just words", None),
    ],
)
def test_captions_become_webvtt(text: str, found: str | None) -> None:
    assert as_webvtt(text) == found


@pytest.mark.parametrize(
    ("spans", "duration", "result", "share"),
    [
        ([[0, 5], [4, 8]], 10, [(0, 8)], 0.8),
        ([[6, 9], [0, 2]], 10, [(0, 2), (6, 9)], 0.5),
        ([[0, 5], [0, 5], [0, 5]], 10, [(0, 5)], 0.5),
        ([[-3, 40]], 10, [(0, 10)], 1.0),
        ([[5, 5], [7, 6]], 10, [], 0.0),
        ([[0, 4.5], [5.2, 10]], 10, [(0, 10)], 1.0),
    ],
)
def test_watched_spans_are_merged_and_never_count_twice(
    spans: Any, duration: float, result: Any, share: float
) -> None:
    assert merged(spans, duration) == result
    assert watched_share(spans, duration) == pytest.approx(share)


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://media.example.ca/a.mp4", True),
        ("https://media.example.ca:8443/a.mp4", False),
        ("http://media.example.ca/a.mp4", False),
        ("https://user@media.example.ca/a.mp4", False),
        ("https://media.example.ca.evil.example/a.mp4", False),
        ("javascript:alert(1)", False),
        ("https://[bad", False),
    ],
)
def test_only_https_on_an_allowed_host(url: str, allowed: bool) -> None:
    assert allowed_address(url, ("media.example.ca",)) is allowed


def video(desk: Desk, course: View, **more: Any) -> View:
    upload = desk.upload(WEBM, "talk.webm")
    payload = {"captions": {"fr": VTT, "en": VTT}, "transcript": NOTHING, "upload_id": upload} | more
    return dict(desk.ask("set_activity_video", activity_id=course["activities"][0], **payload))


def watch(desk: Desk, course: View, body: Any) -> View:
    return dict(desk.ask("call_handler", desk.learner, activity_id=course["activities"][0], handler="watch",
                         body=json.dumps(body)))  # fmt: skip


def test_video_is_completed_by_watching_enough_and_remembers_the_place(desk: Desk) -> None:
    course = desk.draft("video")
    video(desk, course)
    desk.publish(course)
    half = watch(desk, course, {"position": 5, "duration": 10, "spans": [[0, 5]]})
    assert (half["attempt"]["completed"], json.loads(half["body"])) == (False, {"share": 0.5})
    again = watch(desk, course, {"position": 2, "duration": 10, "spans": [[0, 5]]})
    assert json.loads(again["body"]) == {"share": 0.5}
    done = watch(desk, course, {"position": 9.5, "duration": 10, "spans": [[5, 9.5]]})
    assert (done["attempt"]["completed"], done["attempt"]["course_completed"]) == (True, True)
    seen = desk.ask(
        "open_activity", desk.learner, course_id=course["id"], activity_id=course["activities"][0]
    )
    assert (seen["video"]["position"], seen["video"]["spans"]) == (9.5, [[0.0, 9.5]])
    assert set(seen["video"]["tracks"]) == {"fr", "en"}
    assert seen["video"]["cues"] == [{"start": 1.0, "text": "Hello & welcome all"}]


NONSENSE: tuple[Any, ...] = (
    None, [], {}, {"position": "5", "duration": 10, "spans": []}, {"position": 5, "duration": 0, "spans": []},
    {"position": 5, "duration": 10, "spans": [[0]]}, {"position": 5, "duration": 10, "spans": [[0, "x"]]},
    {"position": True, "duration": 10, "spans": []}, {"position": 5, "duration": 1e9, "spans": []},
    {"position": 5, "duration": 10, "spans": [[0, 1]] * 501},
)  # fmt: skip


def test_report_that_makes_no_sense_is_refused_and_keeps_nothing(desk: Desk) -> None:
    course = desk.draft("video")
    video(desk, course)
    desk.publish(course)
    assert [watch(desk, course, body)["status"] for body in NONSENSE] == [400] * len(NONSENSE)
    seen = desk.ask(
        "open_activity", desk.learner, course_id=course["id"], activity_id=course["activities"][0]
    )
    assert (seen["video"]["position"], seen["video"]["spans"]) == (0.0, [])


def test_languages_are_ready_with_captions_or_where_nobody_speaks(desk: Desk) -> None:
    course = desk.draft("video")
    activity = course["activities"][0]

    def codes() -> list[str]:
        return [one["code"] for one in desk.ask("get_course", course_id=course["id"])["blockers"]]

    assert "content-missing" in codes()
    video(desk, course, captions={"fr": VTT, "en": ""})
    assert "content-missing" not in codes()
    assert codes() != []
    desk.ask("set_activity_video", activity_id=activity, captions=NOTHING, transcript=NOTHING, no_speech=True)
    assert codes() == []


def test_words_change_without_the_file_and_another_file_replaces_the_first(desk: Desk) -> None:
    course = desk.draft("video")
    activity = course["activities"][0]
    video(desk, course)
    first = desk.ask("get_file", activity_id=activity)["storage_key"]
    desk.ask("set_activity_video", activity_id=activity, captions=NOTHING, transcript=pair("**Words**"))
    seen = desk.ask("open_activity", course_id=course["id"], activity_id=activity, preview=True)
    assert "<strong>Words</strong>" in seen["video"]["transcript"]
    assert desk.ask("get_file", activity_id=activity)["storage_key"] == first
    video(desk, course)
    second = desk.ask("get_file", activity_id=activity)["storage_key"]
    assert second != first
    assert first not in desk.stored()


@pytest.mark.parametrize(
    ("more", "problems"),
    [
        ({"captions": {"fr": "no", "en": VTT}}, [("captions.fr", "bad-captions")]),
        (
            {"upload_id": None, "address": "https://elsewhere.example/a.mp4"},
            [("address", "host-not-allowed")],
        ),
    ],
)
def test_refused_video_leaves_everything_as_it_was(desk: Desk, more: View, problems: Any) -> None:
    course = desk.draft("video")
    before = desk.version(course["id"])
    with pytest.raises(CercleError, match="video-refused") as refused:
        video(desk, course, **more)
    assert [(p.path, p.code) for p in refused.value.fields] == problems
    assert desk.version(course["id"]) == before


def test_picture_is_no_video(desk: Desk) -> None:
    course = desk.draft("video")
    upload = desk.upload(PNG, "a.png")
    with pytest.raises(CercleError, match="file-refused"):
        desk.ask("set_activity_video", activity_id=course["activities"][0], upload_id=upload, captions=NOTHING,
                 transcript=NOTHING)  # fmt: skip
    assert [key for key in desk.stored() if key.startswith("uploads/")] == []


def test_address_on_an_allowed_host_is_the_video(desk: Desk) -> None:
    desk.service.settings = desk.service.settings.model_copy(update={"video_hosts": "media.example.ca"})
    course = desk.draft("video")
    video(desk, course, upload_id=None, address="https://media.example.ca/a.mp4")
    found = desk.ask("get_activity", activity_id=course["activities"][0])["video"]
    assert (found["url"], found["file"]) == ("https://media.example.ca/a.mp4", None)


def test_captions_are_for_who_may_see_the_video(desk: Desk) -> None:
    course = desk.draft("video")
    video(desk, course, captions={"fr": VTT, "en": ""}, no_speech=True)
    desk.publish(course)
    activity = course["activities"][0]
    assert desk.ask("get_captions", desk.learner, activity_id=activity, language="fr")["text"] == VTT
    for actor, language in ((desk.harness.actor("learner"), "fr"), (desk.learner, "en")):
        with pytest.raises(CercleError, match="not-found"):
            desk.ask("get_captions", actor, activity_id=activity, language=language)


@pytest.mark.parametrize(("kind", "place"), [("survey", "/surveys/"), ("discussion", "/community/topics/")])
def test_link_leads_to_its_target_and_is_completed_by_being_seen(desk: Desk, kind: str, place: str) -> None:
    course = desk.draft(kind)
    activity, target = course["activities"][0], str(new_id())
    version = desk.version(course["id"])
    desk.ask("set_activity_link", activity_id=activity, version=version, target_id=target)
    with pytest.raises(CercleError, match="stale"):
        desk.ask("set_activity_link", activity_id=activity, version=version, target_id=target)
    desk.publish(course)
    view = desk.ask("open_activity", desk.learner, course_id=course["id"], activity_id=activity)
    assert view["link"] == {"kind": kind, "target_id": target, "url": place + target}
    assert desk.ask("mark_viewed", desk.learner, activity_id=activity)["completed"] is True


def test_link_of_a_text_is_refused(desk: Desk) -> None:
    course = desk.draft("text")
    with pytest.raises(CercleError, match="wrong-activity-kind"):
        desk.ask("set_activity_link", activity_id=course["activities"][0], version=desk.version(course["id"]),
                 target_id=str(new_id()))  # fmt: skip
