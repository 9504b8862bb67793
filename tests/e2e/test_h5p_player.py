"""Real packages in a real browser: the main origin on 127.0.0.1, the content origin on localhost."""

from __future__ import annotations

import io
import json
import os
import secrets
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, FrameLocator, Page, sync_playwright
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from gateway.content.app import create_content_app
from gateway.content.grants import PlayGrant
from services.courses.h5p import Libraries, assets_for, install_package, make_package, validate_package
from shared.storage import FolderStorage

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT.parent / "shared" / "h5p" / "valid"
DEMO = ROOT / "demo" / "h5p"
VENDOR = ROOT / "gateway" / "content" / "vendor"
CHROMIUM = "/usr/bin/chromium"
SHOTS = os.environ.get("H5P_SHOTS")
HOSTILE = b"""document.title = 'started';"""

TEXTS = {
    "fr": {"loading": "Ouverture de l’activité…", "saving": "Enregistrement…", "saved": "Enregistré à {time}",
           "offline": "Hors ligne. Vos réponses sont gardées.", "failed": "L’activité n’a pas pu s’ouvrir."},
    "en": {"loading": "Opening the activity…", "saving": "Saving…", "saved": "Saved {time}",
           "offline": "Offline. Your answers are kept.", "failed": "The activity could not open."},
}  # fmt: skip


@dataclass
class Harness:
    """The main origin's record of one test: statements, states and grants, and a switch that makes it fail."""

    storage: FolderStorage
    main_origin: str = ""
    content_origin: str = ""
    grants: dict[str, PlayGrant] = field(default_factory=dict)
    statements: list[dict[str, Any]] = field(default_factory=list)
    states: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    headers: list[dict[str, str]] = field(default_factory=list)
    finishes: list[dict[str, Any]] = field(default_factory=list)
    finish_keys: set[str] = field(default_factory=set)
    content_cookies: list[str] = field(default_factory=list)
    failing: bool = False

    def install(self, name: str, data: bytes, language: str = "fr") -> None:
        report = validate_package(io.BytesIO(data), may_install=True)
        assert report.messages("en") == []
        done = install_package(io.BytesIO(data), report, self.storage, content_id=name)
        assets = assets_for(done.dependencies, Libraries.of(item.library for item in done.libraries))
        assert done.main_library is not None
        key = done.main_library
        self.grants[name] = PlayGrant(
            content_id=name, content_prefix=str(done.content_prefix),
            main_library=f"{key.machine_name} {key.major}.{key.minor}",
            libraries=assets.libraries, scripts=assets.scripts, styles=assets.styles,
            nonce=secrets.token_hex(16), resume_key=f"attempt-{name}",
            activity_iri=f"https://cercle.example/activities/{name}", title=done.title,
            metadata=dict(done.metadata), language=language,
        )  # fmt: skip

    def resolve(self, token: str) -> PlayGrant | None:
        grant = self.grants.get(token)
        if grant is None:
            return None
        values = {name: getattr(grant, name) for name in grant.__dataclass_fields__}
        return PlayGrant(**{**values, "previous_state": self.states.get(token, {})})

    def verbs(self) -> list[str]:
        return [s["verb"]["id"].rsplit("/", 1)[-1] for s in self.statements]


def main_app(harness: Harness) -> Starlette:
    def page(request: Request) -> Response:
        name = request.path_params["name"]
        grant = harness.grants[name]
        texts = "".join(f' data-text-{k}="{v}"' for k, v in TEXTS[grant.language].items())
        body = f"""<!doctype html><html lang="{grant.language}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>main</title>
<style>body{{font:16px system-ui;max-width:60rem;margin:1rem auto;background:#f6f4ee}}</style>
<h1 id="secret">main origin</h1>
<div data-h5p-frame data-src="{harness.content_origin}/play/{name}" data-origin="{harness.content_origin}"
 data-nonce="{grant.nonce}" data-statement-url="/statements/{name}" data-state-url="/states/{name}"
 data-finished-url="/finished/{name}" data-owner="person-1" data-content="{name}"
 data-csrf="token-1" data-title="{grant.title}"{texts}>no script</div>
<script type="module" src="/static/h5p-frame.js"></script>
<script>window.seen=[];for(const n of ['ready','progress','completed','finished'])
document.addEventListener('cercle:'+n,e=>window.seen.push([n,e.detail]))</script>"""
        response = HTMLResponse(body)
        response.set_cookie("session", "main-secret", samesite="none" if request.query_params else "lax")
        return response

    async def statement(request: Request) -> Response:
        if harness.failing:
            return Response(status_code=503)
        body = await request.json()
        harness.headers.append({k: request.headers.get(k, "") for k in ("x-csrf-token", "idempotency-key")})
        if body["statement"]["id"] not in [s["id"] for s in harness.statements]:
            harness.statements.append(body["statement"])
        done = body["statement"]["verb"]["id"].endswith("/completed")
        return JSONResponse({"progress": 1.0 if done else 0.5, "completed": done})

    async def state(request: Request) -> Response:
        if harness.failing:
            return Response(status_code=503)
        body = await request.json()
        saved = harness.states.setdefault(request.path_params["name"], {})
        saved.setdefault(body["sub_content_id"], {})[body["data_type"]] = body["data"]
        return Response(status_code=204)

    script = ROOT / "gateway" / "web" / "static" / "js"
    return Starlette(routes=[
        Route("/page/{name}", page), Route("/statements/{name}", statement, methods=["POST"]),
        Route("/states/{name}", state, methods=["POST"]),
        Route("/elsewhere", elsewhere(harness)), Route("/finished/{name}", finished(harness), methods=["POST"]), Mount("/static", StaticFiles(directory=script)),
    ])  # fmt: skip


def finished(harness: Harness) -> Callable[[Request], Awaitable[Response]]:
    """Takes what setFinished says, each Idempotency-Key once, as the platform does."""

    async def take(request: Request) -> Response:
        if harness.failing:
            return Response(status_code=503)
        body, key = await request.json(), request.headers["Idempotency-Key"]
        if key not in harness.finish_keys:
            harness.finish_keys.add(key)
            harness.finishes.append(body)
        return JSONResponse({"completed": True, "progress": 1.0, "score": 1.0}, 201)

    return take


def elsewhere(harness: Harness) -> Callable[[Request], Response]:
    """A page of another site, with the code that the embed box gives."""

    def page(_: Request) -> Response:
        return HTMLResponse(f"""<!doctype html><title>Another site</title><h1>Another site</h1>
<iframe src="{harness.content_origin}/embed/own" width="100%" height="100" style="border:0"></iframe>
<script src="{harness.content_origin}/static/embed-resizer.js" async></script>""")

    return page


def watched(app: ASGIApp, harness: Harness) -> ASGIApp:
    async def call(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            harness.content_cookies += [v.decode() for k, v in scope["headers"] if k == b"cookie"]
        await app(scope, receive, send)

    return call


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def serve(app: ASGIApp, port: int) -> uvicorn.Server:
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", ws="none"))
    threading.Thread(target=server.run, daemon=True).start()
    deadline = time.monotonic() + 10
    while not server.started:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # The content origin is localhost, which must mean the server's address and nothing else.
        args = ["--no-sandbox", "--host-resolver-rules=MAP localhost 127.0.0.1"]
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=args)
        yield chromium
        chromium.close()


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[Harness]:
    assert (VENDOR / "h5p-standalone" / "frame.bundle.js").is_file(), "run the node part of the set-up first"
    harness = Harness(FolderStorage(tmp_path / "files"))
    main_port, content_port = free_port(), free_port()
    harness.main_origin = f"http://127.0.0.1:{main_port}"
    harness.content_origin = f"http://localhost:{content_port}"
    content = create_content_app(harness.storage, main_origin=harness.main_origin, resolve=harness.resolve)
    servers = [serve(main_app(harness), main_port), serve(watched(content, harness), content_port)]
    yield harness
    for server in servers:
        server.should_exit = True


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1000, "height": 800})
    page.set_default_timeout(8_000)
    yield page
    page.close()


def until(condition: Any, what: str, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def wait_for(page: Page, condition: Any, what: str) -> None:
    deadline = time.monotonic() + 12
    while not condition():
        assert time.monotonic() < deadline, what
        page.wait_for_timeout(50)  # keeps the browser's events flowing, which time.sleep would not


def opened(page: Page, harness: Harness, name: str) -> FrameLocator:
    page.goto(f"{harness.main_origin}/page/{name}")
    page.wait_for_function("window.seen.some(([n]) => n === 'ready')")
    return page.frame_locator("iframe.h5p-frame__content")


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def demo(language: str) -> bytes:
    return make_package(DEMO / f"protective-factors-{language}", libraries=DEMO / "libraries")


def sample(name: str) -> bytes:
    return (SAMPLES / f"{name}.h5p").read_bytes()


def answer(frame: FrameLocator, option: int) -> None:
    frame.locator("input[type=radio]").nth(option).check()
    frame.locator(".cercle-choice__button.is-primary").click()


RIGHT = (0, 1, 2, 1, 0)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_own_package_played_to_its_end_sends_its_score(page: Page, harness: Harness, language: str) -> None:
    harness.install("own", demo(language), language)
    frame = opened(page, harness, "own")
    shot(page, f"own-{language}-1")
    for index, option in enumerate((*RIGHT[:4], 2)):
        answer(frame, option)
        shot(page, f"own-{language}-2-{index}")
        frame.locator(".cercle-choice__button.is-primary").click()
    wait_for(page, lambda: "completed" in harness.verbs(), "no completed statement")
    page.wait_for_function("window.seen.some(([n]) => n === 'completed')")
    shot(page, f"own-{language}-3")
    assert harness.verbs().count("answered") == 5
    final = next(s for s in harness.statements if s["verb"]["id"].endswith("/completed"))
    assert (final["result"]["score"]["raw"], final["result"]["score"]["max"]) == (4, 5)
    assert final["object"]["id"] == "https://cercle.example/activities/own"
    assert [s for s in harness.statements if "actor" in s] == []
    assert {h["x-csrf-token"] for h in harness.headers} == {"token-1"}


def test_own_package_works_by_keyboard_alone(page: Page, harness: Harness) -> None:
    harness.install("own", demo("fr"))
    frame = opened(page, harness, "own")
    frame.locator("input[type=radio]").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    frame.locator(".cercle-choice__feedback strong").wait_for()
    page.keyboard.press("Enter")
    frame.locator(".cercle-choice__step", has_text="Question 2 sur 5").wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    frame.locator(".cercle-choice__feedback strong", has_text="C’est la meilleure réponse.").wait_for()


def test_state_is_restored_after_a_reload(page: Page, harness: Harness) -> None:
    harness.install("own", demo("fr"))
    frame = opened(page, harness, "own")
    answer(frame, RIGHT[0])
    frame.locator(".cercle-choice__button.is-primary").click()
    frame.locator("input[type=radio]").nth(2).check()
    wait_for(
        page, lambda: '"current":1' in str(harness.states) and '"chosen":2' in str(harness.states), "unsaved"
    )
    wait_for(page, lambda: "Enregistré" in page.locator(".h5p-frame__status").inner_text(), "no status")
    frame = opened(page, harness, "own")
    assert frame.locator(".cercle-choice__step").inner_text() == "Question 2 sur 5"
    assert frame.locator("input[type=radio]").nth(2).is_checked()


def test_answers_given_while_the_server_is_away_arrive_once(page: Page, harness: Harness) -> None:
    harness.install("own", demo("fr"))
    frame = opened(page, harness, "own")
    harness.failing = True
    answer(frame, RIGHT[0])
    wait_for(page, lambda: "Hors ligne" in page.locator(".h5p-frame__status").inner_text(), "no notice")
    page.goto("about:blank")
    harness.failing = False
    frame = opened(page, harness, "own")
    wait_for(page, lambda: "answered" in harness.verbs(), "the answer was lost")
    page.wait_for_timeout(1500)
    assert harness.verbs().count("answered") == 1
    assert frame.locator(".cercle-choice__feedback strong").inner_text() == "C’est la meilleure réponse."


def test_what_the_network_swallowed_arrives_once_after_the_tab_was_closed(
    browser: Browser, harness: Harness
) -> None:
    harness.install("own", demo("fr"))
    context = browser.new_context()
    page = context.new_page()
    frame = opened(page, harness, "own")
    for option in RIGHT[:4]:
        answer(frame, option)
        frame.locator(".cercle-choice__button.is-primary").click()
    wait_for(page, lambda: harness.verbs().count("answered") == 4, "the first four")
    context.set_offline(True)
    answer(frame, RIGHT[4])
    frame.locator(".cercle-choice__button.is-primary").click()
    wait_for(page, lambda: "Hors ligne" in page.locator(".h5p-frame__status").inner_text(), "no notice")
    shot(page, "offline")
    page.close()
    context.set_offline(False)
    fresh = context.new_page()
    opened(fresh, harness, "own")
    wait_for(fresh, lambda: "completed" in harness.verbs() and harness.finishes, "lost with the tab")
    fresh.wait_for_timeout(1500)
    assert (harness.verbs().count("answered"), harness.verbs().count("completed")) == (5, 1)
    assert [(one["score"], one["max_score"]) for one in harness.finishes] == [(5, 5)]
    assert harness.finishes[0]["opened"] <= harness.finishes[0]["finished"] <= time.time() + 1
    assert fresh.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('cercle-out:'))") == []
    context.close()


def test_what_one_person_left_is_never_sent_as_another(page: Page, harness: Harness) -> None:
    harness.install("own", demo("fr"))
    page.goto(f"{harness.main_origin}/page/own")
    body = {"statement": {"id": "1", "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"}}}
    left = {
        "id": "1",
        "place": "/statements/own",
        "url": "/statements/own",
        "body": body,
        "at": time.time() * 1000,
    }
    page.evaluate("(item) => localStorage.setItem('cercle-out:person-2:1', JSON.stringify(item))", left)
    opened(page, harness, "own")
    page.wait_for_timeout(1000)
    assert "completed" not in harness.verbs()


def test_multiple_choice_sample_sends_its_score(page: Page, harness: Harness) -> None:
    harness.install("mc", sample("multiple-choice"))
    frame = opened(page, harness, "mc")
    for option in frame.locator("li.h5p-answer").all():
        option.click()
    frame.locator(".h5p-question-check-answer").click()
    wait_for(page, lambda: "answered" in harness.verbs(), "no answered statement")
    shot(page, "multiple-choice")
    result = next(s for s in harness.statements if s["verb"]["id"].endswith("/answered"))["result"]
    assert result["score"]["max"] > 0


def test_true_false_sample_sends_its_score(page: Page, harness: Harness) -> None:
    harness.install("tf", sample("h5p-test"))
    frame = opened(page, harness, "tf")
    frame.locator(".h5p-true-false-answer").nth(1).click()
    frame.locator(".h5p-question-check-answer").click()
    wait_for(page, lambda: "answered" in harness.verbs(), "no answered statement")
    shot(page, "true-false")
    result = next(s for s in harness.statements if s["verb"]["id"].endswith("/answered"))["result"]
    assert (result["score"]["raw"], result["score"]["max"], result["response"]) == (1, 1, "false")


def test_drag_the_words_sample_sends_its_score(page: Page, harness: Harness) -> None:
    harness.install("dt", sample("drag-the-words"))
    frame = opened(page, harness, "dt")
    for word in frame.locator(".h5p-drag-draggables-container .ui-draggable").all():
        word.focus()
    frame.locator(".h5p-question-check-answer").click()
    wait_for(page, lambda: "answered" in harness.verbs(), "no answered statement")
    shot(page, "drag-the-words")
    result = next(s for s in harness.statements if s["verb"]["id"].endswith("/answered"))["result"]
    assert result["score"]["max"] > 0


def test_arithmetic_sample_is_played_to_its_end(page: Page, harness: Harness) -> None:
    harness.install("aq", sample("arithmetic-quiz"))
    frame = opened(page, harness, "aq")
    shot(page, "arithmetic-1")
    frame.locator(".h5p-joubelui-button").first.click()
    page.set_default_timeout(20_000)  # it counts down first, and shows each result for a while
    for number in range(5):
        slide = frame.locator(".question-page").nth(number)
        slide.locator(".h5p-baq-alternatives .h5p-joubelui-button").first.click()
        if number == 0:
            shot(page, "arithmetic-2")
    wait_for(page, lambda: "answered" in harness.verbs(), "no statement about the whole")
    shot(page, "arithmetic-3")
    result = next(s for s in harness.statements if s["verb"]["id"].endswith("/answered"))["result"]
    assert result["score"]["max"] == 5


def test_content_reaches_nothing_of_the_main_origin(page: Page, harness: Harness) -> None:
    harness.install("own", demo("fr"))
    opened(page, harness, "own")
    frame = next(f for f in page.frames if f.url.startswith(harness.content_origin))
    tries = {
        "document": "() => { try { return parent.document.title } catch (e) { return e.name } }",
        "storage": "() => { try { return parent.localStorage.length } catch (e) { return e.name } }",
        "navigate": "() => { try { top.location.href = 'about:blank'; return 'ok' } catch (e) { return e.name } }",
        "fetch": f"() => fetch('{harness.main_origin}/page/own').then(() => 'ok', (e) => e.name)",
        "cookie": "() => document.cookie",
    }
    assert {name: frame.evaluate(script) for name, script in tries.items()} == {
        "document": "SecurityError", "storage": "SecurityError", "navigate": "SecurityError",
        "fetch": "TypeError", "cookie": "",
    }  # fmt: skip
    assert page.locator("#secret").inner_text() == "main origin"
    assert page.context.cookies(harness.main_origin)[0]["value"] == "main-secret"
    assert harness.content_cookies == []


def test_messages_with_a_wrong_nonce_or_shape_are_ignored(page: Page, harness: Harness) -> None:
    harness.install("own", demo("fr"))
    opened(page, harness, "own")
    frame = next(f for f in page.frames if f.url.startswith(harness.content_origin))
    nonce = harness.grants["own"].nonce
    base = {"channel": "cercle-h5p", "type": "xapi", "id": "0" * 8 + "-0000-4000-8000-" + "0" * 12}
    statement = {"id": base["id"], "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"}}
    for message in (
        {**base, "nonce": "x" * 32, "statement": statement},
        {**base, "nonce": nonce, "statement": "no object"},
        {**base, "nonce": nonce, "id": "../../x", "statement": statement},
        {**base, "nonce": nonce, "type": "constructor", "statement": statement},
    ):
        frame.evaluate("(m) => parent.postMessage(m, '*')", message)
    page.evaluate("(m) => window.postMessage(m, '*')", {**base, "nonce": nonce, "statement": statement})
    page.wait_for_timeout(500)
    assert "completed" not in harness.verbs()


def test_only_the_main_origin_may_frame_the_player(page: Page, harness: Harness) -> None:
    harness.install("own", demo("fr"))
    page.goto(f"{harness.content_origin}/play/unknown")
    page.evaluate("(url) => { const f = document.createElement('iframe'); f.src = url; document.body.append(f) }",
                  f"{harness.content_origin}/play/own")  # fmt: skip
    page.wait_for_timeout(1000)
    assert [f.locator(".h5p-content").count() for f in page.frames if f != page.main_frame] == [0]


def test_a_content_that_is_shared_shows_in_another_site_s_page(browser: Browser, harness: Harness) -> None:
    harness.install("own", demo("en"), "en")
    values = {name: getattr(harness.grants["own"], name) for name in PlayGrant.__dataclass_fields__}
    display = {"frame": True, "copyright": True}
    harness.grants["embed-own"] = PlayGrant(
        **{**values, "read_only": True, "embedded": True, "display": display}
    )
    page = browser.new_page(viewport={"width": 800, "height": 700})
    page.goto(f"{harness.main_origin}/elsewhere")
    frame = page.frame_locator("iframe")
    answer(frame, RIGHT[0])
    frame.locator(".cercle-choice__feedback strong").wait_for()
    height = "parseInt(document.querySelector('iframe').style.height || 0)"
    page.wait_for_function(f"{height} > 250")
    shot(page, "embedded")
    frame.locator(".h5p-actions .h5p-copyrights, .h5p-actions [class*=copyright]").first.wait_for()
    page.wait_for_timeout(800)
    assert (harness.statements, harness.states, harness.finishes) == ([], {}, [])
    page.close()


def test_a_read_only_grant_sends_nothing_back(page: Page, harness: Harness) -> None:
    harness.install("own", demo("fr"))
    values = {name: getattr(harness.grants["own"], name) for name in PlayGrant.__dataclass_fields__}
    harness.grants["own"] = PlayGrant(**{**values, "read_only": True})
    frame = opened(page, harness, "own")
    answer(frame, 0)
    page.wait_for_timeout(1500)
    assert (harness.statements, harness.states) == ([], {})


def test_grant_page_never_ends_its_own_script(page: Page, harness: Harness) -> None:
    content = json.loads((DEMO / "protective-factors-en" / "content" / "content.json").read_text("utf-8"))
    assert "</script" not in json.dumps(content)
    harness.install("own", demo("en"), "en")
    key = f"{harness.grants['own'].content_prefix}/content.json"
    content["introduction"] = "</script><script>window.broken = 1</script><!--"
    harness.storage.put(key, io.BytesIO(json.dumps(content).encode()))
    frame = opened(page, harness, "own")
    assert frame.locator(".cercle-choice__intro").inner_text() == content["introduction"]
    inner = next(f for f in page.frames if f.url.startswith(harness.content_origin))
    assert inner.evaluate("() => window.broken") is None
