"""An OLX archive as a course. What has no counterpart here is left out and named in `notes`."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

from lxml import etree

from services.courses.olx.archive import Archive, OlxRefused
from services.courses.olx.markup import to_markdown
from services.courses.olx.model import PREFIX, OlxActivity, OlxCourse, OlxModule, OlxUnit, Pair
from services.courses.olx.problems import questions_of

LANGUAGES = ("fr", "en")
MOST_BLOCKS = 2000
Node = Any
"""An element of lxml, which has no types."""
Note = tuple[str, Mapping[str, str]]


def read_course(archive: Archive, language: str | None = None) -> OlxCourse:
    """The course of an archive. `language`: in which a course of one language is, where it does not say so itself.

    Raises OlxRefused: a file that is missing, is no XML or declares entities.
    """
    return _Reader(archive, language).course()


class _Reader:
    def __init__(self, archive: Archive, language: str | None) -> None:
        self._archive = archive
        self._asked = language
        self._language = language or "en"
        self._notes: list[Note] = []
        self._count = 0

    def course(self) -> OlxCourse:
        root = self._follow(self._parse("course.xml"))
        said = str(root.get("language") or "")[:2]
        if self._asked is None and said in LANGUAGES:
            self._language = said
        policy = self._policy(root)
        found = policy.get("cercle")
        own: dict[str, Any] = found if isinstance(found, dict) else {}
        title = _pair(own.get("title")) or self._title(root, str(policy.get("display_name") or ""))
        modules = tuple(self._module(chapter) for chapter in self._children(root, "chapter"))
        objectives = own.get("objectives")
        return OlxCourse(
            title, _pair(own.get("summary")) or {"fr": "", "en": ""}, modules,
            tuple(one for one in objectives if isinstance(one, dict)) if isinstance(objectives, list) else (),
            tuple(self._notes),
        )  # fmt: skip

    def _module(self, chapter: Node) -> OlxModule:
        units = tuple(unit for one in self._children(chapter, "sequential") for unit in self._units(one))
        return OlxModule(self._title(chapter), units)

    def _units(self, sequential: Node) -> Iterator[OlxUnit]:
        """One unit for each vertical; a sequential of a single one gives its own title."""
        verticals = list(self._children(sequential, "vertical"))
        for vertical in verticals:
            title = self._title(sequential if len(verticals) == 1 else vertical)
            activities = tuple(found for one in vertical if (found := self._activity(one)) is not None)
            yield OlxUnit(title, activities)

    def _activity(self, pointer: Node) -> OlxActivity | None:
        if not isinstance(pointer.tag, str):
            return None
        self._count += 1
        if self._count > MOST_BLOCKS:
            raise OlxRefused("too-many-blocks")
        node = self._follow(pointer)
        name = posixpath.basename(pointer.get("url_name", "").replace(":", "/"))
        read = self._READ.get(str(node.tag))
        found = read(self, node, name) if read else self._block(node)
        if found is None:
            return None
        kind, content, file = found
        return OlxActivity(kind, self._title(node), content, file, self._rule(node))

    def _html(self, node: Node, name: str) -> Any:
        kind = node.get(f"{PREFIX}kind", "text")
        if kind == "file":
            content = {"filename": node.get(f"{PREFIX}filename", ""), "alt": _halves(node, "alt")}
            return (
                (kind, content, self._static(node))
                if self._static(node)
                else self._leave("file-missing", node)
            )
        if kind in ("survey", "discussion"):
            return kind, {"target_id": node.get(f"{PREFIX}target", "")}, ""
        body = self._markdown(f"html/{name}")
        if not any(body.values()):
            inner = "".join([node.text or "", *(etree.tostring(one, encoding="unicode") for one in node)])
            stem = node.get("filename", name)
            path = f"html/{stem}.html"
            body = self._both(to_markdown(self._archive.text(path) if path in self._archive else inner))
        return "text", {"body": body}, ""

    def _problem(self, node: Node, name: str) -> Any:
        path = f"problem/{node.get(f'{PREFIX}questions', '')}"
        if path in self._archive:
            own = self._json(path)
            if isinstance(own, dict) and isinstance(own.get("questions"), list):
                rules = own.get("rules") if isinstance(own.get("rules"), dict) else {}
                return "quiz", {"questions": own["questions"], "rules": rules}, ""
        questions, left_out = questions_of(node, self._both)
        for tag in left_out:
            self._notes.append(("response-left-out", {"name": name, "tag": tag}))
        return (
            ("quiz", {"questions": questions, "rules": {}}, "")
            if questions
            else self._leave("problem-left-out", node)
        )

    def _video(self, node: Node, name: str) -> Any:
        captions = {"fr": "", "en": ""}
        for one in node.iter("transcript"):
            language, path = one.get("language", "")[:2], f"static/{posixpath.basename(one.get('src', ''))}"
            if language in captions and path in self._archive:
                captions[language] = self._archive.text(path)
        address = next(
            (src for one in node.iter("source") if (src := one.get("src", "")).startswith("https://")), ""
        )
        file = self._static(node) or self._source(node)
        if not file and not address:
            self._notes.append(("video-left-out", {"name": self._name(node)}))
        content = {
            "captions": captions, "transcript": self._markdown(f"video/{name}"), "address": "" if file else address,
            "no_speech": node.get(f"{PREFIX}no_speech") == "true",
        }  # fmt: skip
        return "video", content, file

    def _source(self, node: Node) -> str:
        """A file of the archive that the video names."""
        for one in node.iter("source"):
            path = f"static/{posixpath.basename(one.get('src', ''))}"
            if one.get("src", "").startswith("/static/") and path in self._archive:
                return path
        return ""

    def _h5p(self, node: Node, name: str) -> Any:
        del name
        found = {code: path for code in LANGUAGES if (path := self._static(node, f"file_{code}"))}
        one = self._static(node)
        return ("h5p", {"files": found}, one) if one or found else self._leave("file-missing", node)

    _READ: ClassVar[dict[str, Callable[[_Reader, Node, str], Any]]] = {
        "html": _html, "problem": _problem, "video": _video, "h5pxblock": _h5p,
    }  # fmt: skip

    @staticmethod
    def _block(node: Node) -> Any:
        """A block of another maker: its fields as attributes, as its own parser reads them."""
        own = ("url_name", "display_name")
        attributes = {key: value for key, value in node.items() if not key.startswith("{") and key not in own}
        if node.get("display_name"):
            attributes["display_name"] = node.get("display_name")
        return str(node.tag), {"attributes": attributes}, ""

    def _leave(self, code: str, node: Node) -> None:
        self._notes.append((code, {"name": self._name(node), "tag": str(node.tag)}))

    def _name(self, node: Node) -> str:
        return node.get("display_name") or node.get("url_name") or str(node.tag)

    def _static(self, node: Node, name: str = "file") -> str:
        path: str = node.get(f"{PREFIX}{name}", "")
        return path if path.startswith("static/") and path in self._archive else ""

    def _markdown(self, stem: str) -> Pair:
        return {
            code: self._archive.text(path) if (path := f"{stem}.{code}.md") in self._archive else ""
            for code in LANGUAGES
        }

    def _rule(self, node: Node) -> Mapping[str, Any] | None:
        try:
            found = json.loads(node.get(f"{PREFIX}rule", "null"))
        except ValueError:
            return None
        return found if isinstance(found, dict) else None

    def _title(self, node: Node, other: str = "") -> Pair:
        halves = _halves(node, "title")
        title = (
            halves if any(halves.values()) else self._both(node.get("display_name") or other or str(node.tag))
        )
        return {code: text.strip()[:200] for code, text in title.items()}

    def _both(self, text: str) -> Pair:
        return {code: text if code == self._language else "" for code in LANGUAGES}

    def _policy(self, root: Node) -> dict[str, Any]:
        """What the course's policy says of the course itself."""
        names = sorted(
            path for path in self._archive if path.startswith("policies/") and path.endswith("/policy.json")
        )
        found = self._json(names[0]) if names else {}
        inner = found.get(f"course/{root.get('url_name', '')}") if isinstance(found, dict) else None
        if inner is None and isinstance(found, dict):
            inner = next((value for key, value in found.items() if key.startswith("course/")), None)
        return inner if isinstance(inner, dict) else {}

    def _json(self, path: str) -> Any:
        try:
            return json.loads(self._archive.text(path))
        except ValueError:
            raise OlxRefused("bad-json", path) from None

    def _children(self, node: Node, tag: str) -> Iterator[Node]:
        for child in node:
            if child.tag == tag:
                yield self._follow(child)
            elif isinstance(child.tag, str) and child.tag not in _SILENT:
                self._leave("part-left-out", child)

    def _follow(self, node: Node) -> Node:
        """The element that a pointer means; an element that says everything itself is its own."""
        name = node.get("url_name", "").replace(":", "/")
        path = f"{node.tag}/{name}.xml"
        if not name or len(node) or path not in self._archive:
            return node
        found = self._parse(path)
        if found.tag != node.tag:
            raise OlxRefused("other-element", path)
        return found

    def _parse(self, path: str) -> Node:
        # No network, no entities, no document type: an archive says everything itself, and nothing twice.
        parser = etree.XMLParser(
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        if path not in self._archive:
            raise OlxRefused("file-missing", path)
        try:
            root = etree.fromstring(self._archive.text(path).encode(), parser)
        except (etree.XMLSyntaxError, ValueError):
            raise OlxRefused("bad-xml", path) from None
        if root.getroottree().docinfo.doctype:
            raise OlxRefused("document-type", path)
        return root


_SILENT = {"wiki", "textbook", "pdf_textbook", "html_textbook"}


def _pair(value: Any) -> Pair | None:
    """A bilingual text as written by us, or None."""
    if not isinstance(value, dict) or not all(isinstance(value.get(code), str) for code in LANGUAGES):
        return None
    return {code: value[code] for code in LANGUAGES}


def _halves(node: Node, name: str) -> Pair:
    return {code: node.get(f"{PREFIX}{name}-{code}", "") for code in LANGUAGES}
