from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from gateway.content.app import content_policy, create_content_app, embed_policy
from gateway.content.files import parse_range
from gateway.content.grants import PlayGrant
from gateway.content.words import _WORDS, player_words
from shared.storage import FolderStorage

MAIN = "https://cercle.example"
FOLDER = "H5P.Quiz-1.0.3-0a1b2c3d"
GRANT = PlayGrant(
    content_id="c1", content_prefix="h5p/content/c1", main_library="H5P.Quiz 1.0", libraries={"H5P.Quiz-1.0": FOLDER},
    scripts=("H5P.Quiz-1.0/quiz.js",), styles=(), nonce="n" * 32, resume_key="r", activity_iri="https://x.example/1",
    title="<Quiz>", language="fr",
)  # fmt: skip


EMBEDDED = replace(GRANT, embedded=True, read_only=True, display={"frame": True, "copyright": True})


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    store = FolderStorage(tmp_path)
    for key, data in {
        "h5p/content/c1/content.json": b'{"a": "</script>"}', "h5p/content/c1/film.mp4": bytes(range(100)),
        f"h5p/libraries/{FOLDER}/quiz.js": b"1", "secret.txt": b"no", "h5p/content/c2/content.json": b"{}",
    }.items():  # fmt: skip
        store.put(key, io.BytesIO(data))
    app = create_content_app(store, main_origin=MAIN, resolve={"t1": GRANT, "embed-e1": EMBEDDED}.get)
    with TestClient(app, base_url="https://content.example") as client:
        yield client


def test_every_answer_carries_the_policy_and_no_cookie(client: TestClient) -> None:
    for path in ("/play/t1", "/play/no", "/h5p/t1/content/film.mp4", "/nowhere", "/static/player.js"):
        headers = client.get(path).headers
        assert headers["content-security-policy"] == content_policy(MAIN)
        assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")
        assert "set-cookie" not in headers


def test_policy_names_the_main_origin_alone_as_frame() -> None:
    policy = dict(part.split(" ", 1) for part in content_policy(MAIN).split("; "))
    assert policy["frame-ancestors"] == MAIN
    assert (policy["default-src"], policy["connect-src"]) == ("'self'", "'self'")


def test_page_escapes_title_and_parameters(client: TestClient) -> None:
    text = client.get("/play/t1").text
    assert "<title>&lt;Quiz&gt;</title>" in text
    assert "</script>\\" not in text
    assert "\\u003c/script>" in text
    assert f'<script src="/libraries/{FOLDER}/quiz.js"></script>' in text


def test_unknown_token_and_missing_file_look_alike(client: TestClient) -> None:
    answers = [
        client.get(p)
        for p in ("/h5p/no/content/film.mp4", "/h5p/t1/content/no.mp4", "/h5p/t1/H5P.No-1.0/x.js")
    ]
    assert {(a.status_code, a.text) for a in answers} == {(404, "Not found")}


@pytest.mark.parametrize(
    "path",
    ["/h5p/t1/content/..%2f..%2f..%2fsecret.txt", "/h5p/t1/content/%2e%2e/c2/content.json", "/h5p/t1/content/",
     "/h5p/t1/content/..%5c..%5csecret.txt", "/libraries/..%2f..%2fsecret.txt/x", "/libraries/content/c1/content.json",
     "/h5p/t1/H5P.Quiz-1.0/..%2f..%2f..%2fsecret.txt", "/h5p/t1/content/%00"],
)  # fmt: skip
def test_path_outside_its_folder_is_not_found(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_library_is_kept_for_a_year_and_content_is_private(client: TestClient) -> None:
    library = client.get(f"/libraries/{FOLDER}/quiz.js")
    assert library.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert library.headers["content-type"] == "text/javascript; charset=utf-8"
    assert client.get("/h5p/t1/H5P.Quiz-1.0/quiz.js").content == b"1"
    assert client.get("/h5p/t1/content/film.mp4").headers["cache-control"] == "private, max-age=3600"


def test_known_etag_answers_304(client: TestClient) -> None:
    first = client.get("/h5p/t1/content/film.mp4")
    again = client.get("/h5p/t1/content/film.mp4", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_range_answers_206_with_its_bytes(client: TestClient) -> None:
    part = client.get("/h5p/t1/content/film.mp4", headers={"range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, bytes(range(10, 20)))
    assert part.headers["content-range"] == "bytes 10-19/100"
    assert client.get("/h5p/t1/content/film.mp4", headers={"range": "bytes=200-"}).status_code == 416


def test_range_with_an_old_validator_gives_the_whole(client: TestClient) -> None:
    answer = client.get("/h5p/t1/content/film.mp4", headers={"range": "bytes=0-1", "if-range": '"old"'})
    assert (answer.status_code, len(answer.content)) == (200, 100)


def test_head_has_the_length_and_no_body(client: TestClient) -> None:
    answer = client.head("/h5p/t1/content/film.mp4")
    assert (answer.headers["content-length"], answer.content) == ("100", b"")


def test_writing_is_not_allowed(client: TestClient) -> None:
    assert client.post("/play/t1").status_code == 405


def test_manifest_lists_the_granted_libraries(client: TestClient) -> None:
    body = client.get("/h5p/t1/h5p.json").json()
    assert (body["mainLibrary"], body["preloadedDependencies"]) == (
        "H5P.Quiz", [{"machineName": "H5P.Quiz", "majorVersion": "1", "minorVersion": "0"}])  # fmt: skip


@pytest.mark.parametrize(
    ("header", "expected"),
    [("bytes=0-", (0, 9)), ("bytes=-3", (7, 9)), ("bytes=-30", (0, 9)), ("bytes=4-99", (4, 9)), ("bytes=5-2", None),
     ("bytes=-", None), ("bytes=1-2,4-5", None), ("items=1-2", None), ("bytes=10-", (1, 0)), ("bytes=-0", (1, 0))],
)  # fmt: skip
def test_range_header_is_read(header: str, expected: tuple[int, int] | None) -> None:
    assert parse_range(header, 10) == expected


def test_player_words_exist_in_both_languages() -> None:
    assert player_words("fr").keys() == player_words("en").keys()
    assert [key for key, (fr, en) in _WORDS.items() if not fr or not en] == []


def test_an_embedded_content_may_be_framed_anywhere_and_is_sandboxed(client: TestClient) -> None:
    answer = client.get("/embed/e1")
    assert answer.status_code == 200
    policy = answer.headers.get_list("content-security-policy")
    assert policy == [embed_policy()]
    parts = dict(part.split(" ", 1) for part in policy[0].split("; "))
    assert (parts["frame-ancestors"], "allow-top-navigation" in parts["sandbox"]) == ("*", False)
    assert (parts["script-src"], parts["connect-src"]) == ("'self' 'unsafe-inline' 'unsafe-eval'", "'self'")
    assert '"embedded": true' in answer.text
    assert '"readOnly": true' in answer.text
    assert client.get("/h5p/embed-e1/content/film.mp4").status_code == 200
    script = client.get("/static/embed-resizer.js").headers
    assert script.get_list("cross-origin-resource-policy") == ["cross-origin"]
    assert client.get("/static/player.js").headers["cross-origin-resource-policy"] == "same-origin"


def test_a_play_token_is_no_embed_address_nor_the_other_way_round(client: TestClient) -> None:
    for path in ("/embed/t1", "/play/embed-e1", "/embed/no"):
        assert client.get(path).status_code == 404
