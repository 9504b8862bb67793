"""The page of a block of another maker: its view, the scripts that such blocks expect, and our messenger."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

FAILED: Final = {
    "fr": "Cette activité ne peut pas s’afficher. Si cela se répète, prévenez la personne responsable du cours.",
    "en": "This activity cannot be shown. If it happens again, tell the person in charge of the course.",
}
_SCRIPTS = ("/vendor/jquery/jquery.min.js", "/vendor/underscore/underscore-umd-min.js", "/static/block.js")
_H5P = '<script src="/vendor/h5p-standalone/main.bundle.js"></script><script src="/static/block-h5p.js"></script>'
_SCRIPT_TYPES = ("application/javascript", "text/javascript")


def block_page(shown: Mapping[str, Any], main_origin: str) -> str:
    """The page. `shown` is the courses service's answer: html, resources, title, language, nonce, view."""
    language, resources = shown["language"], shown["resources"]
    settings = {
        "mainOrigin": main_origin,
        "nonce": shown["nonce"],
        "view": shown["view"],
        "language": language,
    }
    libraries = "".join(f'<script src="{source}"></script>' for source in _SCRIPTS)
    return f"""<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(shown["title"].get(language) or "")}</title>
<link rel="stylesheet" href="/static/block.css">
{_all(resources, "head")}
</head>
<body class="cercle-block view-{html.escape(shown["view"])}">
<script type="application/json" id="cercle-block">{_json(settings)}</script>
{libraries}
{_H5P if _plays_h5p(resources) else ""}
<main>{shown["html"]}</main>
{_all(resources, "foot")}
<script src="/static/block-start.js"></script>
</body>
</html>
"""


def failed_page() -> str:
    """For a block that broke down; both languages, since its reader is not known then."""
    words = "".join(f'<p lang="{lang}" role="alert">{html.escape(text)}</p>' for lang, text in FAILED.items())
    head = '<meta charset="utf-8"><title>Cercle</title><link rel="stylesheet" href="/static/block.css">'
    return f'<!doctype html><html lang="fr"><head>{head}</head><body><main class="cercle-gone">{words}</main></body></html>'


def _plays_h5p(resources: Iterable[Mapping[str, str]]) -> bool:
    """True for a block that would fetch the H5P player from elsewhere: it gets ours."""
    return any("h5p-standalone" in one["data"] for one in resources)


def _all(resources: Iterable[Mapping[str, str]], place: str) -> str:
    """The resources of a place; styles belong to the head wherever the block put them."""
    return "\n".join(_element(one) for one in resources if _place(one) == place)


def _place(resource: Mapping[str, str]) -> str:
    return "head" if resource["mimetype"] == "text/css" else resource["placement"]


def _element(resource: Mapping[str, str]) -> str:
    kind, data, mimetype = resource["kind"], resource["data"], resource["mimetype"]
    if mimetype == "text/css":
        if kind == "url":
            return f'<link rel="stylesheet" href="{html.escape(data, quote=True)}">'
        return f"<style>{_unended(data, 'style')}</style>"
    if mimetype in _SCRIPT_TYPES:
        if kind == "url":
            return f'<script src="{html.escape(data, quote=True)}"></script>'
        return f"<script>{_unended(data, 'script')}</script>"
    return data if kind == "text" and mimetype == "text/html" else ""


def _unended(text: str, name: str) -> str:
    """A text that cannot end the element which holds it; in strings and comments it means the same."""
    return re.sub(rf"</({name})", r"<\\/\1", text, flags=re.IGNORECASE)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")
