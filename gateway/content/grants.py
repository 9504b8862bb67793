"""What the main origin allows one browser frame to play."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Protocol


@dataclass(frozen=True, slots=True)
class PlayGrant:
    """One content, for one attempt.

    content_id, content_prefix: the content and its place in the store (no slash at the end). A content id's
        files never change: an edit is a new id, so browsers may keep what they fetched.
    main_library: "H5P.Name 1.2".
    libraries: "H5P.Name-1.2" -> its folder below `h5p/libraries/`, for every library the content may reach.
    scripts, styles: paths that begin with "H5P.Name-1.2/", in loading order.
    nonce: at least 128 bits, the same on the embedding page; `resume_key` names the attempt, opaquely, for what
        the browser could not deliver.
    previous_state: sub-content id ("0" is the whole) -> data type -> JSON text, as the player saved it.
    activity_iri: the activity that statements will be about.
    display: the player's frame, icon, copyright, export and embed switches; what is left out is off.
    language: "fr" or "en", for the player's own words.
    read_only: nothing is sent back.
    embedded: in another site's page: anonymous, and it learns the height only.
    """

    content_id: str
    content_prefix: str
    main_library: str
    libraries: Mapping[str, str]
    scripts: tuple[str, ...]
    styles: tuple[str, ...]
    nonce: str
    resume_key: str
    activity_iri: str
    title: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    display: Mapping[str, bool] = field(default_factory=dict)
    previous_state: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    language: str = "fr"
    read_only: bool = False
    embedded: bool = False


class ContentStore(Protocol):
    """The part of the platform's storage that is read here. `open` and `size` raise NotFound."""

    def open(self, key: str, start: int = 0) -> BinaryIO: ...

    def size(self, key: str) -> int: ...
