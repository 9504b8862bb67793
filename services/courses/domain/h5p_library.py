"""Errors of H5P libraries and contents."""

from __future__ import annotations

from shared.errors import Conflict, Invalid


class LibraryInUse(Conflict):
    """A library that contents or other libraries need; `fields` lists them."""

    code = "h5p-library-in-use"


class NoLibraries(Invalid):
    """A package without anything new to install."""

    code = "h5p-nothing-to-install"


class ContentIncomplete(Conflict):
    """A content whose libraries are not all installed any more: it cannot be exported."""

    code = "h5p-library-gone"
