from __future__ import annotations

import inspect
from typing import Any

from openapi_spec_validator import validate

from gateway.api import courses
from gateway.app import load_document
from services.courses.service import CoursesService
from shared.i18n import Catalogue
from shared.messaging.entrypoints import entrypoints_of
from tests.unit.courses.support import ROOT

INNER = {
    "register_upload", "resolve_grant", "get_file", "home", "on_proposal_approved", "expire_uploads", "empty_trash",
    "expire_grants", "remind_cohorts", "announce_seats", "cohort_choices", "on_account_registered", "on_account_updated", "search", "get_question_image", "close_overdue_quizzes", "get_captions", "get_block_grant", "show_block", "handle_block", "expire_block_grants",
    "ask_follow_ups", "resolve_scorm", "expire_scorm_grants", "xapi_store", "xapi_find", "xapi_export", "xapi_get_state",
    "xapi_list_states", "xapi_write_state", "xapi_delete_states",  # /api/v1/xapi is the gateway's (docs/xapi.md)
    "resolve_embed", "prune_h5p_events", "prune_history", "get_h5p_draft_file", "resolve_h5p_preview", "expire_h5p_drafts",
}  # fmt: skip


def document() -> dict[str, Any]:
    return load_document("courses")


def operations() -> dict[str, tuple[str, dict[str, Any], list[str]]]:
    found = {}
    for methods in document()["paths"].values():
        shared = [p["name"] for p in methods.get("parameters", ()) if p.get("in") == "path"]
        for method, operation in methods.items():
            if method != "parameters":
                found[operation["operationId"]] = (method, operation, shared)
    return found


def test_document_is_valid_openapi() -> None:
    validate(document())


def test_every_operation_has_a_function_that_takes_its_parameters() -> None:
    for name, (_, operation, path_names) in operations().items():
        wanted = set(path_names) | {
            p["name"] for p in operation.get("parameters", ()) if p.get("in") == "query"
        }
        refs = {p["$ref"].rsplit("/", 1)[-1] for p in operation.get("parameters", ()) if "$ref" in p}
        wanted |= {"cursor", "limit"} if "Cursor" in refs else set()
        wanted |= {"body"} if "requestBody" in operation else set()
        assert set(inspect.signature(getattr(courses, name)).parameters) == wanted, name


def test_every_post_takes_an_idempotency_key_and_every_operation_a_french_summary() -> None:
    for name, (method, operation, _) in operations().items():
        keyed = {"$ref": "#/components/parameters/IdempotencyKey"} in operation.get("parameters", ())
        assert keyed is (method == "post"), name
        assert operation["x-summary-fr"] != operation["summary"]


def test_every_call_of_the_service_is_in_the_api_or_for_the_gateway_alone() -> None:
    calls = {name for name, _ in entrypoints_of(CoursesService)}
    assert calls - INNER == set(operations()) - {"courses_home", "search_courses"}


def test_every_error_code_has_its_text_in_both_languages() -> None:
    source = "".join(path.read_text() for path in (ROOT / "services" / "courses" / "domain").glob("*.py"))
    codes = [line.split('"')[1] for line in source.splitlines() if line.strip().startswith('code = "')]
    assert len(codes) >= 9
    for language in ("fr", "en"):
        texts = Catalogue(language).texts
        assert [
            code for code in codes if not {f"errors.{code}", f"errors.{code}.detail"} <= texts.keys()
        ] == []
    assert Catalogue("fr").texts.keys() >= {k for k in Catalogue("en").texts if k.startswith("errors.")}
