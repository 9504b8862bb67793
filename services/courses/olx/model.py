"""A course between two platforms: texts, structure and where its files are, without any id of ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

NAMESPACE: Final = "urn:cercle:olx:1"
PREFIX: Final = f"{{{NAMESPACE}}}"
Pair = dict[str, str]


@dataclass(frozen=True, slots=True)
class OlxActivity:
    """One activity. `content` depends on the kind:

    text {body}; quiz {questions, rules}; video {captions, transcript, no_speech, address}; file {filename, alt};
    survey and discussion {target_id}; h5p {files: language -> path, where each
    has its own}; any other kind is a block of another maker: {attributes, children}.
    `file`: the path of its file in the archive; `rule`: when it is completed.
    """

    kind: str
    title: Pair
    content: Mapping[str, Any] = field(default_factory=dict)
    file: str = ""
    rule: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class OlxUnit:
    title: Pair
    activities: tuple[OlxActivity, ...] = ()


@dataclass(frozen=True, slots=True)
class OlxModule:
    title: Pair
    units: tuple[OlxUnit, ...] = ()


@dataclass(frozen=True, slots=True)
class OlxCourse:
    """`objectives`: {text, bloom, need_id, audience, behaviour, condition, degree, modules, assessments}, the last two as
    places in the outline ("1", "1.2.3"). `notes`: (code, params) of what could not be taken along.
    """

    title: Pair
    summary: Pair
    modules: tuple[OlxModule, ...] = ()
    objectives: tuple[Mapping[str, Any], ...] = ()
    notes: tuple[tuple[str, Mapping[str, str]], ...] = ()
