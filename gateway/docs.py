"""Interactive API documentation at /api/docs, from our own files only, under the pages' own policy."""

from __future__ import annotations

import json
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from gateway.app import documents, load_document
from gateway.asyncapi import asyncapi_document
from gateway.context import CURRENT
from shared import i18n

PAGE = """<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="/static/img/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/api/docs/assets/swagger-ui.css"></head><body>
<main id="api-docs" data-documents='{documents}' data-csrf="{csrf}"><noscript><ul>{links}</ul></noscript></main>
<script src="/api/docs/assets/swagger-ui-bundle.js"></script>
<script src="/api/docs/assets/swagger-ui-standalone-preset.js"></script>
<script src="/static/js/api-docs.js"></script></body></html>"""


def api_docs_routes() -> list[BaseRoute]:
    """The page, its assets, and the documents as JSON at /api/v1/openapi/<name>.json."""
    folder = files("swagger_ui_bundle") / "vendor"
    assets = next(path for path in sorted(folder.iterdir(), key=str) if path.is_dir())
    return [
        Route("/api/docs", _page),
        Route("/api/docs/", _page),
        Mount("/api/docs/assets", StaticFiles(directory=str(assets))),
        Route("/api/v1/openapi/{name}.json", _document),
        Route("/api/docs/asyncapi.json", _events),
    ]


async def _page(_request: Request) -> Response:
    context = CURRENT.get()
    listed = [{"name": name, "url": f"/api/v1/openapi/{name}.json"} for name in documents()]
    links = "".join(f'<li><a href="{item["url"]}">{item["name"]}</a></li>' for item in listed)
    return HTMLResponse(
        PAGE.format(
            lang=context.language, title=i18n.text(context.language, "shell.api_docs.title"),
            documents=json.dumps(listed), links=links, csrf=context.csrf,
        )
    )  # fmt: skip


async def _document(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in documents():
        return Response(status_code=404)
    return Response(json.dumps(load_document(name)), media_type="application/json")


async def _events(_request: Request) -> Response:
    return Response(json.dumps(asyncapi_document()), media_type="application/json")
