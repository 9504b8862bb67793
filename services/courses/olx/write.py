"""A course as the files of an OLX archive. The same course gives the same bytes: names follow from places, not from ids."""

from __future__ import annotations

import html
import json
import posixpath
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from lxml import etree

from services.courses.olx.model import NAMESPACE, PREFIX, OlxActivity, OlxCourse, OlxModule, OlxUnit, Pair
from services.courses.olx.problems import as_responses

LANGUAGES = ("fr", "en")
RUN = "course"
Render = Callable[[str], str]
"""Markdown to clean HTML."""
Files = dict[str, bytes]
Node = Any
"""An element of lxml, which has no types."""


def write_course(course: OlxCourse, render: Render, language: str = "fr") -> Files:
    """The texts of the archive. `language`: the one that hosts of a single language show.

    Files that activities name in `file` are the caller's to add under the same path.
    """
    writer = _Writer(render, language)
    writer.course(course)
    return writer.files


class _Writer:
    def __init__(self, render: Render, language: str) -> None:
        self.files: Files = {}
        self._render, self._language = render, language

    def course(self, course: OlxCourse) -> None:
        root = _element("course", {"url_name": RUN, "org": "Cercle", "course": "OLX"})
        self._put("course.xml", root)
        whole = self._titled("course", course.title, {"language": self._language})
        for at, module in enumerate(course.modules, 1):
            whole.append(_pointer("chapter", f"m{at}"))
            self._module(module, f"m{at}")
        self._put(f"course/{RUN}.xml", whole)
        own = {
            "format": 1,
            "title": course.title,
            "summary": course.summary,
            "objectives": list(course.objectives),
        }
        self._put_json(f"policies/{RUN}/policy.json", {f"course/{RUN}": {
            "display_name": self._of(course.title), "language": self._language, "cercle": own,
        }})  # fmt: skip
        self._put_json(f"policies/{RUN}/grading_policy.json", {"GRADER": [], "GRADE_CUTOFFS": {"Pass": 0.5}})

    def _module(self, module: OlxModule, name: str) -> None:
        chapter = self._titled("chapter", module.title)
        for at, unit in enumerate(module.units, 1):
            chapter.append(_pointer("sequential", f"{name}u{at}"))
            self._unit(unit, f"{name}u{at}")
        self._put(f"chapter/{name}.xml", chapter)

    def _unit(self, unit: OlxUnit, name: str) -> None:
        sequential = self._titled("sequential", unit.title)
        sequential.append(_pointer("vertical", name))
        self._put(f"sequential/{name}.xml", sequential)
        vertical = self._titled("vertical", unit.title)
        for at, activity in enumerate(unit.activities, 1):
            tag = _TAGS.get(activity.kind, activity.kind)
            vertical.append(_pointer(tag, f"{name}a{at}"))
            self._activity(activity, tag, f"{name}a{at}")
        self._put(f"vertical/{name}.xml", vertical)

    def _activity(self, activity: OlxActivity, tag: str, name: str) -> None:
        node = self._titled(tag, activity.title)
        if activity.rule:
            node.set(f"{PREFIX}rule", json.dumps(activity.rule, sort_keys=True))
        if activity.file:
            node.set(f"{PREFIX}file", activity.file)
        fill = self._FILL.get(activity.kind)
        if fill is None:
            self._block(node, activity)
        else:
            fill(self, node, activity, name)
        self._put(f"{tag}/{name}.xml", node)

    def _text(self, node: Node, activity: OlxActivity, name: str) -> None:
        body = activity.content["body"]
        node.set("filename", name)
        node.set(f"{PREFIX}kind", "text")
        self._markdown(f"html/{name}", body)
        self.files[f"html/{name}.html"] = self._render(self._of(body)).encode()

    def _file(self, node: Node, activity: OlxActivity, name: str) -> None:
        node.set("filename", name)
        node.set(f"{PREFIX}kind", "file")
        node.set(f"{PREFIX}filename", activity.content["filename"])
        _halves(node, "alt", activity.content["alt"])
        label = html.escape(self._of(activity.content["alt"]) or activity.content["filename"])
        link = f'<p><a href="/static/{html.escape(posixpath.basename(activity.file))}">{label}</a></p>\n'
        self.files[f"html/{name}.html"] = link.encode()

    def _link(self, node: Node, activity: OlxActivity, name: str) -> None:
        node.set("filename", name)
        node.set(f"{PREFIX}kind", activity.kind)
        node.set(f"{PREFIX}target", activity.content["target_id"])
        self.files[f"html/{name}.html"] = f"<p>{html.escape(self._of(activity.title))}</p>\n".encode()

    def _quiz(self, node: Node, activity: OlxActivity, name: str) -> None:
        node.set(f"{PREFIX}questions", f"{name}.json")
        self._put_json(f"problem/{name}.json", {
            "questions": list(activity.content["questions"]), "rules": dict(activity.content["rules"]),
        })  # fmt: skip
        for question in activity.content["questions"]:
            node.extend(as_responses(question, self._of))

    def _video(self, node: Node, activity: OlxActivity, name: str) -> None:
        content = activity.content
        source = f"/static/{posixpath.basename(activity.file)}" if activity.file else content["address"]
        node.set("youtube_id_1_0", "")
        if content["no_speech"]:
            node.set(f"{PREFIX}no_speech", "true")
        if source:
            node.set("html5_sources", json.dumps([source]))
            node.append(_element("source", {"src": source}))
        for language in LANGUAGES:
            if content["captions"][language]:
                path = f"static/{name}-{language}.vtt"
                node.append(_element("transcript", {"language": language, "src": posixpath.basename(path)}))
                self.files[path] = content["captions"][language].encode()
        self._markdown(f"video/{name}", content["transcript"])

    def _h5p(self, node: Node, activity: OlxActivity, name: str) -> None:
        del name
        node.set("h5p_content_json_path", "")
        for language, path in activity.content["files"].items():
            node.set(f"{PREFIX}file_{language}", path)

    def _block(self, node: Node, activity: OlxActivity) -> None:
        for key, value in sorted(activity.content["attributes"].items()):
            if key not in node.attrib:
                node.set(key, value)

    _FILL: ClassVar[dict[str, Callable[[_Writer, Node, OlxActivity, str], None]]] = {
        "text": _text, "file": _file, "survey": _link, "discussion": _link, "quiz": _quiz, "video": _video, "h5p": _h5p,
    }  # fmt: skip

    def _markdown(self, stem: str, pair: Mapping[str, str]) -> None:
        for language in LANGUAGES:
            if pair[language]:
                self.files[f"{stem}.{language}.md"] = pair[language].encode()

    def _titled(self, tag: str, title: Pair, attributes: Mapping[str, str] | None = None) -> Node:
        node = _element(tag, {"display_name": self._of(title), **(attributes or {})})
        _halves(node, "title", title)
        return node

    def _of(self, pair: Mapping[str, str]) -> str:
        """The half that a host of one language shows."""
        return pair[self._language] or next((pair[language] for language in LANGUAGES if pair[language]), "")

    def _put(self, path: str, node: Node) -> None:
        etree.indent(node)
        self.files[path] = etree.tostring(node, encoding="utf-8", pretty_print=True)

    def _put_json(self, path: str, value: Any) -> None:
        self.files[path] = (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


_TAGS = {
    "text": "html",
    "file": "html",
    "survey": "html",
    "discussion": "html",
    "quiz": "problem",
    "h5p": "h5pxblock",
}


def _element(tag: str, attributes: Mapping[str, str]) -> Node:
    node = etree.Element(tag, nsmap={"cercle": NAMESPACE})
    for name, value in attributes.items():
        node.set(name, value)
    return node


def _pointer(tag: str, name: str) -> Node:
    return _element(tag, {"url_name": name})


def _halves(node: Node, name: str, pair: Mapping[str, str]) -> None:
    for language in LANGUAGES:
        node.set(f"{PREFIX}{name}-{language}", pair[language])
