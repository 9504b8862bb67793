"""The three functions of `pkg_resources` that blocks use to read their own files. Newer Pythons have no such module."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path


def resource_filename(package_or_requirement: str, resource_name: str) -> str:
    """The path of a file beside a module."""
    module = sys.modules.get(package_or_requirement) or import_module(package_or_requirement)
    return str((Path(module.__file__ or "").parent / resource_name).resolve())


def resource_string(package_or_requirement: str, resource_name: str) -> bytes:
    """The bytes of a file beside a module."""
    return Path(resource_filename(package_or_requirement, resource_name)).read_bytes()


def resource_exists(package_or_requirement: str, resource_name: str) -> bool:
    """True when there is such a file."""
    return Path(resource_filename(package_or_requirement, resource_name)).exists()


def declare_namespace(package: str) -> None:
    """Nothing to do: packages find their parts without it."""
