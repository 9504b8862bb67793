"""What is refused about videos and about blocks of other makers."""

from __future__ import annotations

from shared.errors import Conflict, Invalid


class BlockUnusable(Invalid):
    """A block of another maker that cannot be loaded here; `fields` tells why."""

    code = "block-unusable"


class BlockFailed(Conflict):
    """A block of another maker broke down, or has no such view."""

    code = "block-failed"


class VideoRefused(Invalid):
    """A video's captions or address cannot be used; `fields` lists every reason."""

    code = "video-refused"


class CourseFileRefused(Invalid):
    """An archive that is no OLX course; `fields` tells why."""

    code = "course-file-refused"
