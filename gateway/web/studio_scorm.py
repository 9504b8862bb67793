"""The studio's upload of a SCORM package."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from gateway.context import INSTALL_SECONDS, call
from gateway.web.pages import signed_in
from gateway.web.studio_activities import editor_page, new_upload, placed
from gateway.web.studio_forms import Form, version_of
from shared.errors import Conflict, Forbidden, Invalid

pages = Blueprint("pages_studio_scorm", __name__)


@pages.post("/studio/activities/<activity_id>/scorm")
@signed_in
def save_scorm(activity_id: str) -> Any:
    """The uploaded package is checked and becomes the content; a refused one leaves nothing behind."""
    upload = None
    try:
        upload = new_upload(activity_id)
        payload = {
            "activity_id": activity_id, "upload_id": upload.id if upload else None, "version": version_of(),
        }  # fmt: skip
        call("courses", "set_activity_scorm", payload, timeout=INSTALL_SECONDS)
    except (Invalid, Conflict, Forbidden) as error:
        form = Form("scorm", error, {"upload_id": "file"})
        return editor_page(activity_id, form, refused_name=upload.filename if upload else "")
    return placed(activity_id, "courses.scorm.done")
