"""Hooks of upgrades.js, in the engine's own process, on contents with contents inside."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.courses.h5p.libraries import LibraryKey
from services.courses.h5p.upgrades import Engine, Request, UpgradeFailed, upgrade

SAMPLES = Path(__file__).parents[4] / "shared" / "h5p" / "valid"
START = "var H5PUpgrades = H5PUpgrades || {};\n"


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as engine:
        yield engine


class Shelf:
    """Semantics and scripts by `Name M.m`."""

    def __init__(self, semantics: dict[str, list[Any]], scripts: dict[str, str] | None = None) -> None:
        self._semantics, self._scripts = semantics, scripts or {}

    def semantics(self, name: str, major: int, minor: int) -> list[Any] | None:
        return self._semantics.get(f"{name} {major}.{minor}")

    def upgrades(self, name: str, major: int, minor: int) -> str | None:
        return self._scripts.get(f"{name} {major}.{minor}")


def key(text: str) -> LibraryKey:
    name, version = text.split()
    major, minor = version.split(".")
    return LibraryKey(name, int(major), int(minor))


def hooks(name: str, body: str) -> str:
    return f"{START}H5PUpgrades['{name}'] = (function ($) {{ return {body}; }})(H5P.jQuery);"


def run(engine: Engine, script: str, params: Any = None, old: tuple[int, int] = (1, 0)) -> Any:
    return engine.run(Request(script, "X", old, (1, 9), {} if params is None else params, {"metadata": {}}))


def test_the_real_hooks_of_multiple_choice_run_in_order(engine: Engine) -> None:
    with zipfile.ZipFile(SAMPLES / "multiple-choice.h5p") as archive:
        script = archive.read("H5P.MultiChoice-1.16/upgrades.js").decode()
    params = {"answers": [{"text": "a", "correct": True, "tip": "t"}], "singleAnswer": True, "tryAgain": False,
              "image": {"path": "images/a.png"}}  # fmt: skip
    changed, _ = engine.run(Request(script, "H5P.MultiChoice", (1, 0), (1, 16), params, {"metadata": {}}))
    assert changed["behaviour"]["enableRetry"] is False
    assert changed["behaviour"]["type"] == "auto"
    assert changed["answers"][0]["tipsAndFeedback"]["tip"] == "t"
    assert changed["media"]["type"]["library"] == "H5P.Image 1.0"


def test_only_hooks_after_the_old_and_up_to_the_new_version_run(engine: Engine) -> None:
    body = "{0: {9: add('0.9')}, 1: {10: add('1.10'), 2: add('1.2'), 3: {contentUpgrade: add('1.3')}, 9: add('1.9')}, 2: {0: add('2.0')}}"
    script = f"""function add(v) {{ return function (p, done) {{ p.seen = (p.seen || []).concat(v); done(null, p); }}; }}
{hooks("X", body)}"""
    assert run(engine, script, old=(1, 2))[0] == {"seen": ["1.3", "1.9"]}


def test_hooks_may_finish_later_and_change_the_metadata(engine: Engine) -> None:
    late = """{1: {1: function (p, done, extras) {
      Promise.resolve().then(function () { setTimeout(function () {
        extras.metadata.title = 'New'; done(null, $.extend(true, {a: {c: 1}}, p), extras); }); }); } } }"""
    assert run(engine, hooks("X", late), {"a": {"b": 2}}) == (
        {"a": {"c": 1, "b": 2}},
        {"metadata": {"title": "New"}},
    )


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("var nothing = 1;", "script-missing"),
        ("this is no script", "hook-failed"),
        (hooks("X", "{1: {1: function (p, done) { done('no'); }}}"), "hook-failed"),
        (hooks("X", "{1: {1: function (p, done) { p.a.b.c = 1; done(null, p); }}}"), "hook-failed"),
        (hooks("X", "{1: {1: function (p, done) { $('<div>').appendTo('body'); done(null, p); }}}"), "hook-failed"),
        (hooks("X", "{1: {1: function () {}}}"), "hook-failed"),
        (hooks("X", "{1: {1: function (p, done) { var a = []; while (true) a.push(new Array(1e6).fill(1)); }}}"), "out-of-limits"),
        (hooks("X", "{1: {1: function f(p, done) { f(p, done); f(p, done); }}}"), None),
    ],
)  # fmt: skip
def test_a_hook_that_fails_ends_the_upgrade_with_its_code(
    engine: Engine, script: str, code: str | None
) -> None:
    with pytest.raises(UpgradeFailed) as error:
        run(engine, script)
    assert code in (None, error.value.code)
    assert run(engine, hooks("X", "{1: {1: function (p, done) { done(null, {ok: 1}); }}}"))[0] == {"ok": 1}


def test_an_endless_hook_is_stopped_and_the_next_one_runs() -> None:
    started = time.monotonic()
    with Engine(seconds=0.5) as engine:
        with pytest.raises(UpgradeFailed) as error:
            run(engine, hooks("X", "{1: {1: function () { while (true) {} }}}"))
        assert error.value.code == "out-of-limits"
        assert time.monotonic() - started < 15
        assert run(engine, hooks("X", "{1: {1: function (p, done) { done(null, {ok: 1}); }}}"))[0] == {
            "ok": 1
        }


def test_hooks_reach_nothing_of_the_host(engine: Engine) -> None:
    names = ["require", "process", "fetch", "XMLHttpRequest", "std", "os", "scriptArgs", "Deno", "document"]
    body = "{1: {1: function (p, done) { done(null, {found: p.names.filter(function (n) { return typeof globalThis[n] !== 'undefined'; })}); }}}"
    assert run(engine, hooks("X", body), {"names": names})[0] == {"found": []}


INNER = [{"name": "text", "type": "text"}]
QUESTIONS = [{"name": "items", "type": "list", "field": {"name": "item", "type": "group", "fields": [
    {"name": "content", "type": "library", "options": ["I 1.3"]}]}}]  # fmt: skip


def outer(*options: str) -> list[Any]:
    return [
        {
            "name": "items",
            "type": "list",
            "field": {"name": "item", "type": "library", "options": list(options)},
        }
    ]


def nested(library: str = "I 1.0") -> dict[str, Any]:
    return {
        "items": [
            {"library": library, "params": {"text": "a"}, "subContentId": "s", "metadata": {"title": "t"}}
        ]
    }


SCRIPT = hooks(
    "I", "{1: {2: function (p, done, e) { p.text += '!'; e.metadata.license = 'U'; done(null, p, e); }}}"
)


def test_contents_inside_are_upgraded_to_the_version_that_the_new_one_offers(engine: Engine) -> None:
    shelf = Shelf({"O 2.0": outer("I 1.3"), "I 1.3": INNER}, {"I 1.3": SCRIPT})
    done = upgrade(nested(), {"title": "whole"}, key("O 1.0"), key("O 2.0"), shelf, engine.run)
    assert done.params == {"items": [{
        "library": "I 1.3", "params": {"text": "a!"}, "subContentId": "s", "metadata": {"title": "t", "license": "U"},
    }]}  # fmt: skip
    assert (done.moved, done.metadata) == ((("O 1.0", "O 2.0"), ("I 1.0", "I 1.3")), {"title": "whole"})
    assert done.used == {key("O 2.0"), key("I 1.3")}


def test_a_group_of_one_field_is_flat(engine: Engine) -> None:
    shelf = Shelf({"O 2.0": QUESTIONS, "I 1.3": INNER}, {"I 1.3": SCRIPT})
    done = upgrade(nested(), {}, key("O 1.0"), key("O 2.0"), shelf, engine.run)
    assert done.params["items"][0]["params"] == {"text": "a!"}


@pytest.mark.parametrize(
    ("shelf", "params", "code"),
    [
        (Shelf({"O 2.0": outer("I 1.3"), "I 1.3": INNER}), nested("I 1.4"), "too-high-version"),
        (Shelf({"O 2.0": outer("J 1.0")}), nested(), "not-supported"),
        (Shelf({"O 2.0": outer("I 1.3")}), nested(), "library-missing"),
        (Shelf({}), {}, "library-missing"),
        (Shelf({"O 2.0": outer("I 1.3"), "I 1.3": INNER}), nested("odd"), "params-broken"),
        (Shelf({"O 2.0": INNER}), [], "params-broken"),
        (Shelf({"O 2.0": INNER}, {"O 2.0": hooks("O", "{2: {0: function (p, done) { done(null, 'text'); }}}")}), {}, "params-broken"),
        (Shelf({"O 2.0": INNER}, {"O 2.0": "1"}), {}, "script-missing"),
    ],
)  # fmt: skip
def test_every_reason_has_its_code(engine: Engine, shelf: Shelf, params: Any, code: str) -> None:
    with pytest.raises(UpgradeFailed) as error:
        upgrade(params, {}, key("O 1.0"), key("O 2.0"), shelf, engine.run)
    assert error.value.code == code


def test_never_down_and_never_across() -> None:
    for old, new, code in (("O 3.0", "O 2.0", "too-high-version"), ("P 1.0", "O 2.0", "not-supported")):
        with pytest.raises(UpgradeFailed) as error:
            upgrade({}, {}, key(old), key(new), Shelf({}), lambda _: ({}, {}))
        assert error.value.code == code
