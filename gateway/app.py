"""The connexion application: the REST API of five documents, and the pages as Flask blueprints."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

import structlog
import yaml
from a2wsgi import WSGIMiddleware
from connexion import FlaskApp
from connexion.exceptions import OAuthProblem, ProblemException
from connexion.jsonifier import Jsonifier
from connexion.lifecycle import ConnexionRequest, ConnexionResponse
from connexion.middleware import ConnexionMiddleware
from connexion.middleware.routing import RoutingMiddleware
from connexion.options import SwaggerUIOptions
from connexion.resolver import RelativeResolver
from connexion.spec import Specification
from flask import Flask, json, request
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.routing import Mount
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from gateway.context import current
from gateway.problems import MEDIA_TYPE, headers_of, problem_bytes
from gateway.validation import VALIDATORS, BadRequest, parameter_problem
from gateway.web import pages
from shared.config import SERVICES, Settings
from shared.errors import CercleError, NotAuthenticated, NotFound

log = structlog.get_logger()
HERE = Path(__file__).parent
THREADS = 40
BASE = "/api/v1"


class MethodNotAllowed(CercleError):
    """The address exists, not with this method."""

    status = 405
    code = "method-not-allowed"


@functools.cache
def load_document(name: str) -> dict[str, Any]:
    """A service's OpenAPI document: `<name>.yaml`, its parts in `<name>/*.yaml`, and the common components.

    It is read once: change a copy only. Raises ValueError on a redefinition.
    """
    common, document = _yaml("common"), _yaml(name)
    for part in sorted((HERE / "openapi" / name).glob("*.yaml")):
        _merge(document, _yaml(f"{name}/{part.stem}"), part.name)
    document["servers"] = [{"url": BASE}]
    document.setdefault("security", common["security"])
    _merge(document, {"components": copy.deepcopy(common["components"])}, "common.yaml")
    return document


def _merge(document: dict[str, Any], part: dict[str, Any], source: str) -> None:
    """Tags, paths and components of a part, none of which the document may have already."""
    document.setdefault("tags", []).extend(part.get("tags", ()))
    components = part.get("components", {})
    for section, entries in [("paths", part.get("paths", {})), *components.items()]:
        parent = document if section == "paths" else document.setdefault("components", {})
        own = parent.setdefault(section, {})
        if clash := own.keys() & entries.keys():
            raise ValueError(f"{source} redefines {sorted(clash)}")
        own.update(entries)


def _yaml(name: str) -> dict[str, Any]:
    # The C loader is about ten times faster, and safe as well.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: dict[str, Any] = yaml.load((HERE / "openapi" / f"{name}.yaml").read_text(), Loader=loader)  # noqa: S506
    return found


def documents() -> list[str]:
    """The names of the documents that exist, in the services' order."""
    return [name for name in SERVICES if (HERE / "openapi" / f"{name}.yaml").exists()]


_CHECK = Specification.__dict__["_validate_spec"]


def check_documents(wanted: bool) -> None:
    """Whether connexion checks our documents against OpenAPI's own schema: the tests do, a start need not.

    It costs about a third of a start. The attribute is private, hence the pin on 3.3.
    """
    skip = classmethod(lambda _cls, _spec: None)
    Specification._validate_spec = _CHECK if wanted else skip  # noqa: SLF001


class LateRule(Rule):
    """An address rule whose builder is made when an address is first built by it.

    werkzeug makes two for each of some 500 rules, which is half of building the application, and few are asked for.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        make = super()._compile_builder
        made: list[Callable[..., tuple[str, str]]] = []

        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            if not made:
                made.append(make(append_unknown))
            return made[0](rule, **values)

        return build


class ChainedRouting(RoutingMiddleware):  # type: ignore[misc]
    """Routing for any number of documents under one base path.

    connexion 3.3 makes each new document the fallback of all earlier ones, so that with three or more only the
    first and the last are found; here each falls back to the next.
    """

    def add_api(self, *args: Any, **kwargs: Any) -> None:
        """Add a document and chain the routers anew."""
        super().add_api(*args, **kwargs)
        mounts = [route for route in self.router.routes if isinstance(route, Mount)]
        for first, second in pairwise(mounts):
            first.app.default = second.app  # type: ignore[attr-defined]


def _middlewares() -> list[Any]:
    defaults = ConnexionMiddleware.default_middlewares
    return [ChainedRouting if kind is RoutingMiddleware else kind for kind in defaults]


def create_app(settings: Settings, *, validate_responses: bool = False) -> FlaskApp:
    """The application; the bus comes with each request's context."""
    check_documents(validate_responses)
    app = FlaskApp(
        "gateway",
        middlewares=_middlewares(),
        jsonifier=Jsonifier(json, separators=(",", ":")),
        strict_validation=True,
        validate_responses=validate_responses,
        validator_map=VALIDATORS,
        swagger_ui_options=SwaggerUIOptions(swagger_ui=False),
        server_args={"template_folder": str(HERE / "web" / "templates"), "static_folder": None},
    )
    app.app.url_rule_class = LateRule
    for name in documents():
        app.add_api(
            load_document(name), base_path=BASE, name=name, resolver=RelativeResolver(f"gateway.api.{name}"),
            swagger_ui_options=SwaggerUIOptions(swagger_ui=False),
        )  # fmt: skip
    # connexion's default of ten threads is ten requests at once; the attribute is private, hence the pin on 3.3.
    app._middleware_app.asgi_app = WSGIMiddleware(app.app.wsgi_app, workers=THREADS)  # noqa: SLF001
    for kind in (CercleError, ProblemException, StarletteHTTPException, Exception):
        app.add_error_handler(kind, _problem_outside_flask)
    _prepare_flask(app.app, settings)
    return app


def _prepare_flask(flask: Flask, settings: Settings) -> None:
    flask.extensions["cercle"] = settings
    flask.config.update(
        MAX_CONTENT_LENGTH=settings.max_body, TRAP_HTTP_EXCEPTIONS=False, TRAP_BAD_REQUEST_ERRORS=False
    )
    pages.prepare(flask, settings)
    for path in sorted((HERE / "web").glob("*.py")):
        module = import_module(f"gateway.web.{path.stem}")
        if (blueprint := getattr(module, "pages", None)) and hasattr(blueprint, "register"):
            flask.register_blueprint(blueprint)
    flask.register_error_handler(CercleError, _error_in_flask)
    flask.register_error_handler(HTTPException, _error_in_flask)
    flask.register_error_handler(Exception, _error_in_flask)


def as_cercle_error(error: Exception) -> CercleError:
    """Whatever went wrong, as one of our errors; a bug is logged here, once."""
    if isinstance(error, CercleError):
        return error
    if isinstance(error, OAuthProblem):
        return NotAuthenticated()
    status = (
        getattr(error, "status", None) or getattr(error, "status_code", None) or getattr(error, "code", None)
    )
    if isinstance(error, ProblemException) and status == 400:
        return parameter_problem(error)
    if isinstance(status, int) and 400 <= status < 500:
        return _CLIENT_ERRORS.get(status, BadRequest)()
    log.error("http.failed", exc_info=error)
    return CercleError()


_CLIENT_ERRORS: dict[int, type[CercleError]] = {404: NotFound, 405: MethodNotAllowed}


def _error_in_flask(error: Exception) -> Any:
    found = as_cercle_error(error)
    if request.path.startswith(f"{BASE}/") or request.accept_mimetypes.best == "application/json":
        body = problem_bytes(found, current().language, current().request_id)
        return body, found.status, {"Content-Type": MEDIA_TYPE, **headers_of(found)}
    return pages.error_page(found)


def _problem_outside_flask(_request: ConnexionRequest, error: Exception) -> ConnexionResponse:
    found, context = as_cercle_error(error), current()
    body = problem_bytes(found, context.language, context.request_id)
    return ConnexionResponse(found.status, body=body, content_type=MEDIA_TYPE, headers=headers_of(found))
