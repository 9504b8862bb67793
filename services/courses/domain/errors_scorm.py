"""What is refused of SCORM packages."""

from __future__ import annotations

from shared.errors import Forbidden, Invalid


class ScormRefused(Invalid):
    """A package with problems; `fields` lists every one, with its message in both languages."""

    code = "scorm-refused"


class ScormNotAllowed(Forbidden):
    """A package holds code: who may install H5P libraries may upload one."""

    code = "scorm-not-allowed"
