"""REST of H5P libraries, and of contents as wholes."""

from __future__ import annotations

from typing import Any

from gateway.context import INSTALL_SECONDS, Answer, answer, call, if_match

Body = dict[str, Any]


def install_h5p_libraries(body: Body) -> Answer:
    """What is new in a package is installed."""
    return answer(call("courses", "install_h5p_libraries", body, timeout=INSTALL_SECONDS))


def get_h5p_library(library: str) -> Answer:
    """One library."""
    return answer(call("courses", "get_h5p_library", {"library": library}))


def set_h5p_library(library: str, body: Body) -> Answer:
    """For admins only, or for all."""
    return answer(call("courses", "set_h5p_library", {**body, "library": library}))


def delete_h5p_library(library: str) -> Answer:
    """Gone."""
    call("courses", "delete_h5p_library", {"library": library})
    return answer(None, 204)


def get_h5p_content(content_id: str) -> Answer:
    """One content."""
    return answer(call("courses", "get_h5p_content", {"content_id": content_id}))


def copy_h5p_content(activity_id: str, body: Body) -> Answer:
    """The activity has a copy."""
    payload = {**body, "activity_id": activity_id}
    return answer(call("courses", "copy_h5p_content", payload, timeout=INSTALL_SECONDS, version=if_match()))


def set_h5p_display(activity_id: str, body: Body) -> Answer:
    """What stands under the content."""
    payload = {**body, "activity_id": activity_id}
    return answer(call("courses", "set_h5p_display", payload, version=if_match()))


def export_h5p(activity_id: str, language: str | None = None) -> Answer:
    """Where the package is."""
    payload = {"activity_id": activity_id}
    found = call("courses", "export_h5p", payload, timeout=INSTALL_SECONDS, language=language)
    url = f"/h5p/packages/{activity_id}" + (f"?language={language}" if language else "")
    return answer({"url": url, "filename": found["filename"], "size": found["size"]})
