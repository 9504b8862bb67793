"""Files that a service made for one request: taken out of storage, sent, and gone."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Response, current_app

from shared.storage import make_storage


def taken(found: dict[str, Any]) -> Response:
    """The file at `storage_key` as an attachment named `filename`; it is deleted where it was."""
    storage = make_storage(current_app.extensions["cercle"])
    with storage.open(found["storage_key"]) as file:
        data = file.read()
    storage.delete(found["storage_key"])
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found['filename'])}",
        "Cache-Control": "private, no-store",
    }
    return Response(data, content_type=found["media_type"], headers=headers)
