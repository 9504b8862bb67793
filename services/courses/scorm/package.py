"""A SCORM package: the zip is counted and checked like an H5P package's, then its manifest is read.

SCORM 1.2 (ADL 2001) and SCORM 2004 (2nd to 4th edition). Of sequencing only what a list of items needs is read.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from services.courses.h5p.archive import PackagedFile, take_inventory
from services.courses.h5p.limits import MIB, Limits
from services.courses.h5p.problems import Problem

MANIFEST: Final = "imsmanifest.xml"
V12: Final = "1.2"
V2004: Final = "2004"
MAX_ITEMS = 200
MAX_DEPTH = 20
LIMITS = Limits(json=2 * MIB, underscores=True)


@dataclass(frozen=True, slots=True)
class PackageProblem:
    """One reason to refuse a package: a stable code, where, and what fills its text."""

    code: str
    path: str = "package"
    params: Mapping[str, Any] = field(default_factory=dict)
    archive: Problem | None = None
    """The archive's own problem, which has its own words."""


@dataclass(frozen=True, slots=True)
class Package:
    """`items`: what a learner chooses from, in order: {id, title, href, depth, mastery, launch_data}; a heading has
    no href. `mastery`: score (0..1) from which it is passed, or None.
    """

    title: str
    version: str
    items: list[dict[str, Any]]
    files: dict[str, PackagedFile]

    @property
    def size(self) -> int:
        """Unpacked bytes."""
        return sum(file.size for file in self.files.values())


def read_package(file: BinaryIO, limits: Limits = LIMITS) -> Package | list[PackageProblem]:
    """The package, or every reason to refuse it. Nothing is written anywhere."""
    # A component with a dot or an underscore in front is a normal part of a SCORM package: keep them all but the
    # manifest's text out of memory.
    inventory = take_inventory(file, limits, lambda path: path == MANIFEST)
    problems = [
        PackageProblem(one.code, one.path or "package", one.params, one) for one in inventory.problems
    ]
    if problems:
        return problems
    text = inventory.texts.get(MANIFEST)
    if text is None:
        return [PackageProblem("scorm-no-manifest", MANIFEST)]
    try:
        root = fromstring(text, forbid_dtd=False, forbid_entities=True, forbid_external=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return [PackageProblem("scorm-manifest-unreadable", MANIFEST)]
    return _Reader(root, inventory.files).package()


class _Reader:
    def __init__(self, root: Element, files: dict[str, PackagedFile]) -> None:
        self.root, self.files = root, files
        self.problems: list[PackageProblem] = []
        self.resources = {
            str(one.get("identifier")): one for one in _all(root, "resource") if one.get("identifier")
        }

    def package(self) -> Package | list[PackageProblem]:
        version = self.version()
        organisation = self.organisation()
        if version is None:
            self.fault("scorm-version-unknown")
        if organisation is None:
            self.fault("scorm-no-organization")
        items = list(self.items(organisation, 0)) if organisation is not None else []
        if organisation is not None and not any(item["href"] for item in items):
            self.fault("scorm-nothing-to-launch")
        if len(items) > MAX_ITEMS:
            self.fault("scorm-too-many-items", limit=MAX_ITEMS)
        if self.problems:
            return self.problems
        title = _title(organisation) if organisation is not None else ""
        return Package(title or items[0]["title"], str(version), items, self.files)

    def fault(self, code: str, path: str = MANIFEST, **params: Any) -> None:
        self.problems.append(PackageProblem(code, path, params))

    def version(self) -> str | None:
        """As the manifest says, else by the namespace of its SCORM attributes."""
        if _name(self.root) != "manifest":
            return None
        said = next((one.text or "" for one in _all(self.root, "schemaversion")), "").strip()
        if said.startswith("1.2"):
            return V12
        if said.startswith(("2004", "CAM")):
            return V2004
        spaces = {name.partition("}")[0] for one in self.root.iter() for name in one.attrib}
        if any("adlcp_v1p3" in space for space in spaces):
            return V2004
        return V12 if any("adlcp_rootv1p2" in space for space in spaces) else None

    def organisation(self) -> Element | None:
        """The default organisation, or the first."""
        parent = next(_all(self.root, "organizations"), None)
        found = [one for one in (parent if parent is not None else ()) if _name(one) == "organization"]
        wanted = parent.get("default") if parent is not None else None
        return next((one for one in found if one.get("identifier") == wanted), found[0] if found else None)

    def items(self, parent: Element, depth: int) -> Iterator[dict[str, Any]]:
        if depth > MAX_DEPTH:
            return
        for one in parent:
            if _name(one) != "item" or one.get("isvisible") == "false":
                continue
            yield {
                "id": str(one.get("identifier") or "")[:64], "title": _title(one)[:255] or "…", "depth": depth,
                "href": self.href(one), "mastery": _mastery(one), "launch_data": _text(one, "datafromlms")[:4096],
            }  # fmt: skip
            yield from self.items(one, depth + 1)

    def href(self, item: Element) -> str:
        """Where an item starts, inside the package; "" for a heading."""
        reference = item.get("identifierref")
        if not reference:
            return ""
        resource = self.resources.get(reference)
        if resource is None or not resource.get("href"):
            self.fault("scorm-resource-missing", resource=reference[:100])
            return ""
        parts = urlsplit(_base(self.root) + _base(resource) + str(resource.get("href")))
        path = posixpath.normpath(unquote(parts.path)).lstrip("/")
        if parts.scheme or parts.netloc:
            self.fault("scorm-launch-elsewhere", resource=reference[:100])
            return ""
        if path not in self.files:
            self.fault("scorm-file-missing", path=path[:240])
            return ""
        query = _joined(parts.query, str(item.get("parameters") or ""))
        return path + (f"?{query}" if query else "")


def _joined(query: str, parameters: str) -> str:
    """The item's parameters after the resource's own query (SCORM 2004 CAM, 3.4.1.13)."""
    more = re.sub(r"^[?&]+", "", parameters.partition("#")[0])
    return "&".join(part for part in (query, more) if part)[:1000]


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2].lower()


def _all(root: Element, name: str) -> Iterator[Element]:
    return (one for one in root.iter() if _name(one) == name)


def _title(element: Element) -> str:
    return next((" ".join((one.text or "").split()) for one in element if _name(one) == "title"), "")[:255]


def _text(element: Element, name: str) -> str:
    return next(((one.text or "").strip() for one in element if _name(one) == name), "")


def _base(element: Element) -> str:
    return element.get("{http://www.w3.org/XML/1998/namespace}base") or ""


def _mastery(item: Element) -> float | None:
    """1.2: masteryscore, 0..100; 2004: minNormalizedMeasure of the primary objective, -1..1."""
    try:
        if score := _text(item, "masteryscore"):
            return min(max(float(score) / 100, 0.0), 1.0)
        own = [part for part in item if _name(part) == "sequencing"]
        for primary in (one for part in own for one in _all(part, "primaryobjective")):
            measured = primary.get("satisfiedByMeasure") == "true"
            if measured and (score := _text(primary, "minnormalizedmeasure") or "1.0"):
                return min(max(float(score), -1.0), 1.0)
    except ValueError:
        return None
    return None
