"""Event types are a promise: a field removed, renamed or retyped needs a new major version."""

import importlib
import json
import pkgutil
from pathlib import Path
from typing import Any

import pytest

import shared.contracts
from shared.contracts.base import DomainEvent, json_schema

SCHEMAS = Path(__file__).parent / "schemas"


def event_types() -> list[type[DomainEvent]]:
    for module in pkgutil.iter_modules(shared.contracts.__path__, "shared.contracts."):
        importlib.import_module(module.name)
    ours = [kind for kind in DomainEvent.__subclasses__() if kind.__module__.startswith("shared.contracts.")]
    return sorted({kind.type: kind for kind in ours}.values(), key=lambda kind: kind.type)


def breaks(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Why a consumer of `old` (or a producer of it) could not live with `new`; empty when it can."""
    found = [
        f"{name}: {'removed' if name not in new['properties'] else 'retyped'}"
        for name, shape in old["properties"].items()
        if new["properties"].get(name) != shape
    ]
    added = set(new["properties"]) - set(old["properties"])
    found += [f"{name}: added, but not optional" for name in sorted(added & set(new["required"]))]
    found += [
        f"{name}: no longer optional"
        for name in sorted((set(new["required"]) - set(old["required"])) - added)
    ]
    found += [f"{name}: no longer sure to be there" for name in sorted(set(old["required"]) - set(new["required"]))
              if name in new["properties"]]  # fmt: skip
    return found


def test_every_event_type_has_a_snapshot_and_no_snapshot_is_left_over() -> None:
    names = [kind.type for kind in event_types()]
    assert len(names) > 10
    assert sorted(path.stem for path in SCHEMAS.glob("*.json")) == sorted(names)


@pytest.mark.parametrize("kind", event_types(), ids=lambda kind: kind.type)
def test_event_type_keeps_its_promise(kind: type[DomainEvent]) -> None:
    snapshot = json.loads((SCHEMAS / f"{kind.type}.json").read_text())
    assert breaks(snapshot, json_schema(kind)) == []


@pytest.mark.parametrize("kind", event_types(), ids=lambda kind: kind.type)
def test_event_type_is_named_after_its_service(kind: type[DomainEvent]) -> None:
    service, subject, verb, version = kind.type.split(".")
    assert kind.__module__ == f"shared.contracts.{service}"
    assert subject.replace("_", "").isalpha()
    assert verb.isalpha()
    assert version[0] == "v"
    assert int(version[1:]) >= 1


OLD = {"properties": {"a": {"type": "string"}, "b": {"type": "integer"}}, "required": ["a"]}


@pytest.mark.parametrize(
    ("new", "reasons"),
    [
        ({"properties": OLD["properties"], "required": ["a"]}, []),
        ({"properties": {**OLD["properties"], "c": {"type": "string"}}, "required": ["a"]}, []),  # type: ignore[dict-item]
        ({"properties": {"a": {"type": "string"}}, "required": ["a"]}, ["b: removed"]),
        (
            {"properties": {"a": {"type": "string"}, "bee": {"type": "integer"}}, "required": ["a"]},
            ["b: removed"],
        ),
        (
            {"properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}, "required": ["a"]},
            ["a: retyped"],
        ),
        (
            {"properties": {**OLD["properties"], "c": {"type": "string"}}, "required": ["a", "c"]},  # type: ignore[dict-item]
            ["c: added, but not optional"],
        ),
        ({"properties": OLD["properties"], "required": ["a", "b"]}, ["b: no longer optional"]),
        ({"properties": OLD["properties"], "required": []}, ["a: no longer sure to be there"]),
    ],
)
def test_changes_that_break_are_told_from_those_that_do_not(new: dict[str, Any], reasons: list[str]) -> None:
    assert breaks(OLD, new) == reasons


def write_snapshots() -> None:
    """`python -m tests.contract.test_events`: snapshots of new types; existing ones are never overwritten."""
    SCHEMAS.mkdir(exist_ok=True)
    for kind in event_types():
        path = SCHEMAS / f"{kind.type}.json"
        old = json.loads(path.read_text()) if path.exists() else None
        if old is None or not breaks(old, json_schema(kind)):
            path.write_text(json.dumps(json_schema(kind), indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    write_snapshots()
