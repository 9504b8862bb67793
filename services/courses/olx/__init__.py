"""Courses as OLX, the open exchange format of Open edX: a tar.gz of XML files. Nothing here knows of databases.

`read_course` takes an archive apart, `write_course` makes one. Both speak of `OlxCourse`. OLX has one language per course;
what Cercle adds stands in attributes of the namespace below and in files beside the usual ones (docs/xblocks.md).
"""

from services.courses.olx.archive import Archive, Limits, OlxRefused, open_archive, write_archive
from services.courses.olx.model import OlxActivity, OlxCourse, OlxModule, OlxUnit
from services.courses.olx.read import read_course
from services.courses.olx.write import write_course

__all__ = [
    "Archive",
    "Limits",
    "OlxActivity",
    "OlxCourse",
    "OlxModule",
    "OlxRefused",
    "OlxUnit",
    "open_archive",
    "read_course",
    "write_archive",
    "write_course",
]
