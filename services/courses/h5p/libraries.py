"""Libraries: names, versions, dependencies in loading order, and their assets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, NamedTuple, Protocol, cast

DependencyType = Literal["dynamic", "preloaded", "editor"]
_TYPES: tuple[DependencyType, ...] = ("dynamic", "preloaded", "editor")


class LibraryKey(NamedTuple):
    """What a dependency names. Two keys with the same machine name live beside each other."""

    machine_name: str
    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.machine_name}-{self.major}.{self.minor}"


@dataclass(frozen=True, slots=True, order=True)
class LibraryName:
    """A library at one patch level. Within one key, a patch replaces another only if it is newer."""

    machine_name: str
    major: int
    minor: int
    patch: int

    @property
    def key(self) -> LibraryKey:
        """The name without its patch."""
        return LibraryKey(self.machine_name, self.major, self.minor)

    def __str__(self) -> str:
        return f"{self.key}.{self.patch}"

    def replaces(self, other: LibraryName | None) -> bool:
        """True when installing this one changes anything, given what is installed under its key."""
        return other is None or (self.key == other.key and self.patch > other.patch)


@dataclass(frozen=True, slots=True)
class Library:
    """A library as its library.json describes it.

    `folder` is its name in the store (`<machineName>-<M>.<m>.<patch>-<hash8>`), or "" before installation;
    `sha256` covers every file's path and content. Script and style paths are relative to the folder.
    """

    name: LibraryName
    title: str
    runnable: bool
    sha256: str
    folder: str = ""
    preloaded: tuple[LibraryKey, ...] = ()
    dynamic: tuple[LibraryKey, ...] = ()
    editor: tuple[LibraryKey, ...] = ()
    scripts: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    drop_css: tuple[str, ...] = ()
    embed_types: tuple[str, ...] = ()
    licence: str = ""
    author: str = ""
    core_api: tuple[int, int] | None = None
    has_icon: bool = False
    languages: tuple[str, ...] = ()
    has_upgrades: bool = False
    addon: tuple[str, ...] = ()
    """Of an addon: patterns of the texts it serves, or `library:` and the name of a content type."""

    def dependencies(self, kind: DependencyType) -> tuple[LibraryKey, ...]:
        """Direct dependencies of one type, in the order of library.json."""
        return {"dynamic": self.dynamic, "preloaded": self.preloaded, "editor": self.editor}[kind]

    def as_record(self) -> dict[str, Any]:
        """JSON-ready form for a table; `from_record` is its inverse."""
        return asdict(self)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Library:
        """Rebuild from `as_record`, also after a JSON round trip that made lists of the tuples."""
        values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in record.items()}
        values["name"] = LibraryName(**record["name"])
        for kind in _TYPES:
            values[kind] = tuple(LibraryKey(*key) for key in record[kind])
        return cls(**values)


class LibraryIndex(Protocol):
    """The libraries that are installed. `find` returns the one under a key, or None."""

    def find(self, key: LibraryKey) -> Library | None: ...


@dataclass(frozen=True, slots=True)
class Libraries:
    """A LibraryIndex over a mapping. Of two libraries under one key the newer patch counts."""

    by_key: Mapping[LibraryKey, Library] = field(default_factory=dict)

    @classmethod
    def of(cls, libraries: Iterable[Library]) -> Libraries:
        """Index these libraries."""
        by_key: dict[LibraryKey, Library] = {}
        for library in libraries:
            known = by_key.get(library.name.key)
            if library.name.replaces(known.name if known else None):
                by_key[library.name.key] = library
        return cls(by_key)

    def find(self, key: LibraryKey) -> Library | None:
        """The library under `key`, or None."""
        return self.by_key.get(key)

    def over(self, other: LibraryIndex | None) -> Overlay:
        """Both indexes as one, `other` behind this one."""
        return Overlay(self, other or Libraries())


@dataclass(frozen=True, slots=True)
class Overlay:
    """Two indexes as one; where both know a key, the newer patch counts and a tie goes to `back`."""

    front: LibraryIndex
    back: LibraryIndex

    def find(self, key: LibraryKey) -> Library | None:
        """The library under `key`, or None."""
        new, old = self.front.find(key), self.back.find(key)
        if new is None or (old is not None and not new.name.replaces(old.name)):
            return old
        return new


@dataclass(frozen=True, slots=True)
class Dependency:
    """One library that is needed. `weight` counts from 1 in loading order; `needed_by` asked for it first."""

    key: LibraryKey
    kind: DependencyType
    weight: int
    needed_by: str


@dataclass(slots=True)
class _Walk:
    index: LibraryIndex
    done: dict[tuple[DependencyType, LibraryKey], Dependency] = field(default_factory=dict)
    open: set[tuple[DependencyType, LibraryKey]] = field(default_factory=set)
    missing: dict[LibraryKey, str] = field(default_factory=dict)

    def visit(self, root: LibraryKey, kind: DependencyType, needed_by: str) -> None:
        """Depth first, a library after everything it needs. An explicit stack: chains may be long."""
        stack: list[tuple[LibraryKey, DependencyType, str, bool]] = [(root, kind, needed_by, False)]
        while stack:
            key, kind, needed_by, entered = stack.pop()
            if entered:
                self.done[kind, key] = Dependency(key, kind, len(self.done) + 1, needed_by)
            elif (kind, key) not in self.open:
                self.open.add((kind, key))
                stack.append((key, kind, needed_by, True))
                stack.extend(reversed(self._next(key, kind, needed_by)))

    def _next(
        self, key: LibraryKey, kind: DependencyType, needed_by: str
    ) -> list[tuple[LibraryKey, DependencyType, str, bool]]:
        library = self.index.find(key)
        if library is None:
            self.missing.setdefault(key, needed_by)
            return []
        # What an editor library preloads is needed by the editor only.
        return [
            (child, "editor" if kind == "editor" and of == "preloaded" else of, str(key), False)
            for of in _TYPES
            for child in library.dependencies(of)
        ]


def resolve_dependencies(
    roots: Sequence[LibraryKey], index: LibraryIndex, *, needed_by: str = "h5p.json"
) -> tuple[list[Dependency], dict[LibraryKey, str]]:
    """Everything that `roots` need, each (type, library) once, in loading order.

    Returns the found dependencies by rising weight, and the missing ones as key -> who needs it first.
    Cycles are cut where they close. A missing library has no weight.
    """
    walk = _Walk(index)
    for root in roots:
        walk.visit(root, "preloaded", needed_by)
    return [d for d in walk.done.values() if d.key not in walk.missing], walk.missing


class Assets(NamedTuple):
    """What a page must load, in order; each path begins with the library's `machineName-M.m` folder."""

    scripts: tuple[str, ...]
    styles: tuple[str, ...]
    libraries: dict[str, str]


def assets_for(roots: Sequence[LibraryKey], index: LibraryIndex) -> Assets:
    """Scripts and styles of the preloaded dependencies in weight order, `dropLibraryCss` honoured.

    `libraries` maps `machineName-M.m` to the store folder of every library of a package, loaded or not,
    since content may fetch files of a dynamic dependency at run time.
    """
    found, _ = resolve_dependencies(roots, index)
    known = {d.key: cast("Library", index.find(d.key)) for d in found}
    loaded = [known[d.key] for d in found if d.kind == "preloaded"]
    dropped = {name for library in loaded for name in library.drop_css}
    styled = [lib for lib in loaded if lib.name.machine_name not in dropped]
    return Assets(
        tuple(f"{lib.name.key}/{path}" for lib in loaded for path in lib.scripts),
        tuple(f"{lib.name.key}/{path}" for lib in styled for path in lib.styles),
        {str(key): lib.folder for key, lib in known.items()},
    )
