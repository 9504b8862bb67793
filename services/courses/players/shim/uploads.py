"""Files in a form, as blocks of other makers know them from Django: with a name and a size of their own."""

from __future__ import annotations

import os

from webob import Request


def name_files(request: Request) -> None:
    """Give the files of a multipart request what Django's uploaded files have. Raises ImportError without Django."""
    from django.core.files.uploadedfile import UploadedFile  # noqa: PLC0415 only where a block needs it

    for value in request.POST.values():
        if hasattr(value, "file") and not isinstance(value.file, UploadedFile):
            size = value.file.seek(0, os.SEEK_END)
            value.file.seek(0)
            value.file = UploadedFile(value.file, value.filename, value.type, size)
