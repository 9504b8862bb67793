"""What the courses service refuses, each with its own code."""

from __future__ import annotations

from shared.errors import Conflict, Invalid


class CourseNotReady(Invalid):
    """Not publishable yet; `fields` lists every reason."""

    code = "course-not-ready"


class CourseTaken(Conflict):
    """Another trainer has this course."""

    code = "course-already-taken"


class CourseNotPublished(Conflict):
    """Nobody can enrol in a draft."""

    code = "course-not-published"


class PlaceGone(Conflict):
    """What a deleted part was in is gone too: bring that back first."""

    code = "place-gone"


class WrongKind(Conflict):
    """The activity is of another kind, or the item is no parent of that."""

    code = "wrong-activity-kind"


class FileRefused(Invalid):
    """An uploaded file that cannot be an activity; `fields` tells why."""

    code = "file-refused"


class PackageRefused(Invalid):
    """An H5P package with problems; `fields` lists every one, with its message in both languages."""

    code = "h5p-refused"


class UploadIncomplete(Invalid):
    """The storage does not hold what was announced."""

    code = "upload-incomplete"


class StatementRefused(Invalid):
    """An xAPI statement that breaks the rules; `fields` lists them."""

    code = "statement-refused"


class StatementIdReused(Conflict):
    """The statement's id was used for another statement (xAPI 1.0.3, part 3, 2.1.2)."""

    code = "statement-id-reused"
