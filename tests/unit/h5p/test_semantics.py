from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.courses.h5p import Medium, Part, clean, walk
from services.courses.h5p.richtext import allowed_tags, clean_html, escape, plain

VALID = Path(__file__).parents[4] / "shared" / "h5p" / "valid"
ROOT = "H5P.Root 1.0"


class Shelf(dict[str, list[dict[str, Any]]]):
    """Semantics by `H5P.X 1.2`."""

    def semantics(self, machine_name: str, major: int, minor: int) -> Sequence[Any] | None:
        return self.get(f"{machine_name} {major}.{minor}")


def field(kind: str, name: str = "x", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "label": name, **more}


def cleaned(value: Any, one: dict[str, Any], **others: list[dict[str, Any]]) -> tuple[Any, list[str]]:
    shelf = Shelf({ROOT: [one], **{name.replace("_", "."): fields for name, fields in others.items()}})
    done = clean({"x": value}, ROOT, shelf)
    return done.params.get("x"), [problem.code for problem in done.problems]


# --- texts

TAGS = ["strong", "em", "a", "table", "ul"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("<p>a</p>", "<p>a</p>"),
        ("<div>Blue</div>\n", "<div>Blue</div>\n"),
        ("<b>a</b><i>b</i>", "<b>a</b><i>b</i>"),
        ("<h2>a</h2>", "a"),
        ("a<script>alert(1)</script>b", "ab"),
        ("<textarea><p>a</p></textarea>", "&lt;p&gt;a&lt;/p&gt;"),
        ("<p onclick='x()'>a</p>", "<p>a</p>"),
        ('<a href="javascript:x()">a</a>', '<a rel="noopener noreferrer">a</a>'),
        ('<a href="https://x.org" target="_blank">a</a>', '<a href="https://x.org" target="_blank" rel="noopener noreferrer">a</a>'),
        ('<p style="text-align:center;color:red">a</p>', '<p style="text-align: center">a</p>'),
        ('<td>a</td>', 'a'),
        ('<table><tbody><tr><td style="width:50%;position:fixed">a</td></tr></tbody></table>',
         '<table><tbody><tr><td style="width: 50%">a</td></tr></tbody></table>'),
        ("&nbsp;2 &lt; 3", "&nbsp;2 &lt; 3"),
        ("<img src=x onerror=y>", ""),
        ("<svg><script>1</script></svg>", ""),
    ],
)  # fmt: skip
def test_html_keeps_what_its_field_allows(given: str, kept: str) -> None:
    assert cleaned(given, field("text", tags=TAGS, optional=True)) == (kept, [])


@pytest.mark.parametrize(
    ("font", "style", "kept"),
    [
        ({"size": True}, "font-size:1.5em;color:red", "font-size: 1.5em"),
        ({"color": True}, "color:rgb(1, 2, 3)", "color: rgb(1, 2, 3)"),
        ({"background": True}, "background-color:#ff00aa", "background-color: #ff00aa"),
        ({"background": True}, "background-color:url(x)", None),
        ({"family": True}, "font-family:Arial, 'Open Sans'", "font-family: Arial, 'Open Sans'"),
        ({"spacing": True, "height": True}, "letter-spacing:2px;line-height:1.5", "letter-spacing: 2px; line-height: 1.5"),
        (True, "font-size:large;behavior:url(x)", "font-size: large"),
        (None, "font-size:2em", None),
    ],
)  # fmt: skip
def test_styles_follow_the_fields_font(font: Any, style: str, kept: str | None) -> None:
    expected = f'<span style="{kept}">a</span>' if kept else "<span>a</span>"
    assert cleaned(f'<span style="{style}">a</span>', field("text", tags=[], font=font)) == (expected, [])


def test_plain_text_is_escaped_once() -> None:
    assert cleaned('R&D <b>"l\'été"', field("text")) == ("R&amp;D &lt;b&gt;&quot;l&#039;été&quot;", [])
    assert cleaned("R&amp;D &lt;b&gt;", field("text")) == ("R&amp;D &lt;b&gt;", [])
    assert plain(escape("1 < 2 & 'x'")) == "1 < 2 & 'x'"


def test_forbidden_tags_stay_forbidden_when_listed() -> None:
    assert "script" not in allowed_tags(["script", "style", "option", "p"])


def test_text_bounds() -> None:
    assert cleaned("abcdef", field("text", maxLength=3)) == ("abc", ["text-too-long"])
    assert cleaned("&amp;&amp;&amp;", field("text", maxLength=3)) == ("&amp;&amp;&amp;", [])
    rule = {"pattern": "^[0-9]+$", "modifiers": "i"}
    assert cleaned("12", field("text", regexp=rule)) == ("12", [])
    assert cleaned("x1", field("text", regexp=rule)) == ("", ["text-pattern"])
    assert cleaned("", field("text", regexp=rule, optional=True)) == ("", [])
    assert cleaned("x", field("text", regexp={"pattern": "(?<a>["})) == ("x", [])


# --- numbers, switches, choices


@pytest.mark.parametrize(
    ("given", "more", "kept", "codes"),
    [
        (5, {}, 5, []), ("5", {}, 5, []), (0.5, {}, 0.5, []), ("x", {}, None, ["field-wrong-type"]),
        (-1, {"min": 0}, 0, ["number-too-small"]), (11, {"max": 10}, 10, ["number-too-large"]),
        (1.239, {"decimals": 2}, 1.24, []), (7, {"min": 0, "step": 5}, 5, ["number-off-step"]),
        (0.3, {"min": 0, "step": 0.1}, 0.3, []), (True, {}, None, ["field-wrong-type"]),
        (10, {"min": 0, "max": 10, "step": 3}, 9, ["number-off-step"]),
    ],
)  # fmt: skip
def test_number(given: Any, more: dict[str, Any], kept: Any, codes: list[str]) -> None:
    assert cleaned(given, field("number", optional=True, **more)) == (kept, codes)


@pytest.mark.parametrize(("given", "kept"), [(True, True), ("true", True), (0, False), ("", False)])
def test_boolean(given: Any, kept: bool) -> None:
    assert cleaned(given, field("boolean")) == (kept, [])


OPTIONS = [
    {"value": "a", "label": "A"},
    {"type": "optgroup", "label": "G", "options": [{"value": "b"}, {"value": 3}]},
]


def test_select() -> None:
    assert cleaned("b", field("select", options=OPTIONS)) == ("b", [])
    assert cleaned(3, field("select", options=OPTIONS)) == (3, [])
    assert cleaned("z", field("select", options=OPTIONS, default="b")) == ("b", ["select-not-an-option"])
    assert cleaned("z", field("select", options=OPTIONS, optional=True)) == (None, ["select-not-an-option"])
    many = field("select", options=OPTIONS, multiple=True)
    assert cleaned(["a", "b", "z"], many) == (["a", "b"], ["select-not-an-option"])
    assert cleaned(["<i>"], field("select", widget="dynamicCheckboxes")) == (["&lt;i&gt;"], [])


# --- structures


def test_list_bounds_and_bad_items() -> None:
    one = field("list", min=2, max=3, field=field("number", "n"))
    assert cleaned([1, 2], one) == ([1, 2], [])
    assert cleaned([1, "x", {}], one) == ([1], ["field-wrong-type", "field-wrong-type", "list-too-short"])
    assert cleaned([1, 2, 3, 4], one) == ([1, 2, 3], ["list-too-long"])
    assert cleaned({"0": 1, "1": 2}, one) == ([1, 2], [])


def test_unknown_keys_go_and_required_ones_are_missed() -> None:
    group = field("group", fields=[field("text", "a"), field("text", "b", optional=True)])
    assert cleaned({"b": "", "evil": 1}, group) == ({"b": ""}, ["field-required"])
    assert cleaned({"a": "1", "b": "2"}, group) == ({"a": "1", "b": "2"}, [])


def test_group_of_one_field_is_flat_unless_it_is_sub_content() -> None:
    only = [field("text", "a")]
    assert cleaned("v", field("group", fields=only)) == ("v", [])
    assert cleaned({"a": "<i>"}, field("group", fields=only)) == ({"a": "&lt;i&gt;"}, [])
    mark = "f4e153ab-9205-422a-bf73-9eb6ab6f559e"
    sub = field("group", fields=only, isSubContent=True)
    assert cleaned({"a": "v", "subContentId": mark}, sub) == ({"a": "v", "subContentId": mark}, [])


def test_nested_lists_of_flat_groups_keep_their_place_in_problems() -> None:
    item = field("group", "item", fields=[field("text", "t"), field("number", "n", max=5, optional=True)])
    shelf = Shelf({ROOT: [field("list", field=item)]})
    done = clean({"x": [{"t": "a"}, {"t": "b", "n": 9}]}, ROOT, shelf)
    assert [(p.code, p.path) for p in done.problems] == [("number-too-large", "x.1.n")]
    assert done.problems[0].sentence("fr") == "Le nombre doit être d’au plus 5."


def test_hidden_field_is_not_required() -> None:
    rule = {"rules": [{"field": "decorative", "equals": False}]}
    fields = [field("boolean", "decorative"), field("text", "alt", widget="showWhen", showWhen=rule)]
    shelf = Shelf({ROOT: fields})
    assert clean({"decorative": True}, ROOT, shelf).problems == ()
    assert [p.path for p in clean({"decorative": False, "alt": ""}, ROOT, shelf).problems] == ["alt"]


INNER = [field("text", "t", tags=["b"])]
SUB = field("library", options=["H5P.Inner 1.0"])


def test_library_keeps_its_known_parts_and_cleans_its_parameters() -> None:
    given = {
        "library": "H5P.Inner 1.0", "params": {"t": "<b>a</b><script>1</script>", "z": 1}, "evil": 1,
        "subContentId": "not a uuid", "metadata": {"title": "<i>", "evil": 1, "authors": [{"name": "A", "x": 1}]},
    }  # fmt: skip
    kept, codes = cleaned(given, SUB, **{"H5P_Inner 1_0": INNER})
    assert codes == []
    assert kept == {
        "params": {"t": "<b>a</b>"}, "library": "H5P.Inner 1.0",
        "metadata": {"title": "&lt;i&gt;", "authors": [{"name": "A"}]},
    }  # fmt: skip


def test_library_must_be_offered_and_installed() -> None:
    other = {"library": "H5P.Other 1.0", "params": {}}
    assert cleaned(other, SUB, **{"H5P_Other 1_0": INNER}) == (None, ["library-not-offered"])
    assert cleaned({"library": "H5P.Inner 1.0", "params": {}}, SUB) == (None, ["library-not-known"])
    newer = {"library": "H5P.Inner 1.5", "params": {"t": "a"}}
    kept, codes = cleaned(newer, SUB, **{"H5P_Inner 1_5": INNER})
    assert (kept["library"], codes) == ("H5P.Inner 1.5", ["library-other-version"])
    assert cleaned({}, {**SUB, "optional": True}) == (None, [])


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("images/a.png", "images/a.png"), ("images/a.png#tmp", "images/a.png"), ("https://x.org/v", "https://x.org/v"),
        ("../12/images/a.png", None), ("/etc/passwd", None), ("C:/x", None), ("javascript:alert(1)", None),
        ("images/../../x.png", None), ("data:image/svg+xml,<svg>", None), ("//evil.org/x", None), ("a\\b", None),
        ("images/.hidden", None), ("", None),
    ],
)  # fmt: skip
def test_file_paths_stay_inside_the_content(path: str, kept: str | None) -> None:
    one = field("image", optional=True)
    value, codes = cleaned({"path": path, "mime": "image/png"}, one)
    assert (value and value["path"], codes) == (kept, [] if kept else ["file-path-refused"])


def test_file_keeps_its_known_parts() -> None:
    given = {
        "path": "images/a.png", "mime": "image/png", "width": 10, "height": "20", "evil": "x", "tmp": True,
        "copyright": {"license": "U", "title": "<b>", "evil": 1}, "metadata": {"license": "CC BY"},
        "originalImage": {"path": "images/o.png", "mime": "image/png", "width": 5},
    }  # fmt: skip
    assert cleaned(given, field("image")) == ({
        "path": "images/a.png", "mime": "image/png", "width": 10, "height": 20,
        "copyright": {"title": "&lt;b&gt;", "license": "U"}, "metadata": {"license": "CC BY"},
        "originalImage": {"path": "images/o.png", "mime": "image/png", "width": 5},
    }, [])  # fmt: skip


def test_video_is_a_list_of_sources() -> None:
    film = {
        "path": "videos/a.mp4",
        "mime": "video/mp4",
        "codecs": "avc1",
        "quality": {"level": 1, "label": "HD"},
    }
    assert cleaned([film, {"path": "../x"}], field("video")) == ([film], ["file-path-refused"])
    assert cleaned([{"path": "https://youtu.be/x", "mime": "video/YouTube"}], field("video"))[1] == []


def test_without_semantics_the_shape_stays_and_texts_are_harmless() -> None:
    done = clean({"a": ["<p>x</p><script>1</script>", 3, None], "b": "javascript:1"}, ROOT, Shelf())
    assert done.params == {"a": ["<p>x</p>", 3, None], "b": ""}


def test_depth_ends() -> None:
    shelf = Shelf({ROOT: [field("library", options=[ROOT], optional=True)]})
    value: dict[str, Any] = {}
    for _ in range(200):
        value = {"x": {"library": ROOT, "params": value}}
    done = clean(value, ROOT, shelf)
    assert {p.code for p in done.problems} == {"field-too-deep"}


# --- real packages


@pytest.mark.parametrize("name", ["arithmetic-quiz", "drag-the-words", "h5p-test", "multiple-choice"])
def test_real_content_passes_unchanged_in_meaning(name: str) -> None:
    shelf, manifest, params = package(VALID / f"{name}.h5p")
    main = next(d for d in manifest["preloadedDependencies"] if d["machineName"] == manifest["mainLibrary"])
    library = f"{main['machineName']} {main['majorVersion']}.{main['minorVersion']}"
    done = clean(params, library, shelf)
    assert [p.as_dict() for p in done.problems] == []
    assert clean(done.params, library, shelf).params == done.params
    assert readable(done.params) == readable(params)


def package(path: Path) -> tuple[Shelf, dict[str, Any], dict[str, Any]]:
    shelf = Shelf()
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.endswith("/semantics.json"):
                shelf[name.split("/")[0].replace("-", " ")] = json.loads(
                    archive.read(name).decode("utf-8-sig")
                )
        content = json.loads(archive.read("content/content.json").decode("utf-8-sig"))
        return shelf, json.loads(archive.read("h5p.json").decode("utf-8-sig")), content


def readable(value: Any) -> Any:
    """The same with every text as a person reads it."""
    if isinstance(value, dict):
        return {key: readable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [readable(item) for item in value]
    return re.sub(r"\s+", " ", plain(value)).strip() if isinstance(value, str) else value


def test_walk_finds_parts_and_media_where_they_are() -> None:
    shelf, _, params = package(VALID / "multiple-choice.h5p")
    found = list(walk(params, "H5P.MultiChoice 1.16", shelf))
    part, medium = found
    assert isinstance(part, Part)
    assert (part.path, part.library, part.metadata["license"]) == (
        ("media", "type"),
        "H5P.Image 1.1",
        "CC BY-ND",
    )
    assert isinstance(medium, Medium)
    assert (medium.kind, medium.path, medium.is_local) == ("image", ("media", "type", "params", "file"), True)
    assert [type(one) for one in walk(params, "H5P.Unknown 1.0", Shelf())] == [Part, Medium]


# --- any JSON

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    | st.sampled_from(["<script>x</script>", "<p onload=1>a<b></p>c", "javascript:x", "H5P.Root 1.0", "../x", "<table><p>a"]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from(["x", "y", "params", "library", "path", "mime", "0", "subContentId"]), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip
NUMBERS = st.none() | st.integers(-20, 20) | st.floats(-20, 20)
FIELD: st.SearchStrategy[Any] = st.deferred(
    lambda: st.fixed_dictionaries(
        {"name": st.sampled_from(["x", "y"]), "type": st.sampled_from(
            ["text", "number", "boolean", "select", "list", "group", "library", "image", "video", "audio", "file", "odd"])},
        optional={
            "tags": st.lists(st.sampled_from(["p", "b", "table", "a", "ul", "script"]), max_size=4), "min": NUMBERS,
            "max": NUMBERS, "step": NUMBERS, "decimals": st.integers(0, 3), "optional": st.booleans(), "font": JSON,
            "maxLength": st.integers(0, 9), "options": JSON, "default": JSON, "multiple": st.booleans(), "field": FIELD,
            "fields": st.lists(FIELD, max_size=3), "isSubContent": st.booleans(), "regexp": JSON, "showWhen": JSON,
            "widget": st.sampled_from(["html", "showWhen", "none"]), "extraAttributes": JSON,
        },
    )
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(JSON, st.lists(FIELD | JSON, max_size=4) | JSON)
def test_any_json_is_cleaned_once_and_for_all(params: Any, fields: Any) -> None:
    shelf = Shelf({ROOT: fields})
    done = clean(params, ROOT, shelf)
    text = json.dumps(done.params, allow_nan=False)
    assert "<script" not in text
    assert "onload=" not in text.replace("&quot;", "") or "<p onload" not in text
    assert clean(done.params, ROOT, shelf).params == done.params
    list(walk(params, ROOT, shelf))


@settings(max_examples=120, deadline=None)
@given(
    st.text(max_size=60) | st.lists(st.sampled_from(
        ["<p>", "</p>", "<b>", "</b>", "<table>", "<tr>", "<td>", "<a href='x'>", "</a>", "<ul>", "<li>", "<div>", "&", "<", "x", "<!--", "-->",
         "<math>", "<svg>", "<style>", "</style>", "<title>", "<noscript>", "<textarea>", "</textarea>", "\0"]), max_size=12).map("".join)
)  # fmt: skip
def test_html_is_stable(text: str) -> None:
    tags = allowed_tags(["table", "a", "b", "ul"])
    once = clean_html(text, tags, font=True)
    assert clean_html(once, tags, font=True) == once
