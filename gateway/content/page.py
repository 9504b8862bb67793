"""The player page: the H5P core client, the content's assets in order, and our messenger."""

from __future__ import annotations

import html
import json
from typing import Any

from gateway.content.grants import PlayGrant
from gateway.content.words import FAILED, GONE, player_words

VENDOR = "/vendor/h5p-standalone"
_SAVE_SECONDS = 30  # the core's own interval; the messenger saves soon after every interaction
_DISPLAY = ("frame", "icon", "copyright", "export", "embed", "copy")


def player_page(grant: PlayGrant, token: str, content: str, main_origin: str) -> str:
    """The page for a grant. `content` is the text of content.json."""
    styles = [f"{VENDOR}/styles/h5p.css", *map_assets(grant, grant.styles), "/static/player.css"]
    scripts = [
        f"{VENDOR}/frame.bundle.js",
        *map_assets(grant, grant.scripts),
        "/static/line.js",
        "/static/player.js",
    ]
    language = grant.metadata.get("defaultLanguage") or grant.language
    return f"""<!doctype html>
<html lang="{_attr(language)}" class="h5p-iframe">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(grant.title)}</title>
{"".join(f'<link rel="stylesheet" href="{_attr(url)}">' for url in styles)}
</head>
<body>
<main class="cercle-play" data-failed="{_attr(FAILED[_known(grant.language)])}">
<div class="h5p-content" data-content-id="{_attr(grant.content_id)}"></div>
</main>
<script type="application/json" id="cercle-play">{_json(_settings(grant, token, content, main_origin))}</script>
<script src="/static/before.js"></script>
{"".join(f'<script src="{_attr(url)}"></script>' for url in scripts)}
</body>
</html>
"""


def gone_page() -> str:
    """For a token that opens nothing: both languages, since there is no reader's language to know."""
    words = "".join(f'<p lang="{lang}">{html.escape(text)}</p>' for lang, text in GONE.items())
    head = '<meta charset="utf-8"><title>Cercle</title><link rel="stylesheet" href="/static/player.css">'
    return f'<!doctype html><html lang="fr"><head>{head}</head><body><main class="cercle-gone">{words}</main></body></html>'


def manifest(grant: PlayGrant) -> dict[str, Any]:
    """An h5p.json for clients that load a content by its folder."""
    name, _, _ = grant.main_library.partition(" ")
    return {
        "title": grant.title,
        "language": grant.metadata.get("language", "und"),
        "mainLibrary": name,
        "embedTypes": ["iframe"],
        "license": grant.metadata.get("license", "U"),
        "preloadedDependencies": [_dependency(key) for key in grant.libraries],
    }


def _dependency(key: str) -> dict[str, str]:
    name, _, version = key.rpartition("-")
    major, _, minor = version.partition(".")
    return {"machineName": name, "majorVersion": major, "minorVersion": minor}


def map_assets(grant: PlayGrant, paths: tuple[str, ...]) -> list[str]:
    """Addresses under `/libraries/<folder>/`: without the token, so that browsers keep them between plays."""
    split = (path.partition("/") for path in paths)
    return [f"/libraries/{grant.libraries[key]}/{rest}" for key, _, rest in split]


def _settings(grant: PlayGrant, token: str, content: str, main_origin: str) -> dict[str, Any]:
    return {
        "mainOrigin": main_origin,
        "nonce": grant.nonce,
        "resumeKey": grant.resume_key,
        "readOnly": grant.read_only,
        "embedded": grant.embedded,
        "contentId": grant.content_id,
        "integration": _integration(grant, token, content),
    }


def _integration(grant: PlayGrant, token: str, content: str) -> dict[str, Any]:
    base = f"/h5p/{token}"
    return {
        "baseUrl": "",
        "url": base,
        "urlLibraries": base,
        "siteUrl": "/",
        "postUserStatistics": False,
        "ajax": {"setFinished": "", "contentUserData": ""},
        "saveFreq": _SAVE_SECONDS,
        # Without a user the core would invent a lasting id for this browser; the platform sets the actor.
        "user": {"name": "-", "mail": "-"},
        "reportingIsEnabled": True,
        "hubIsEnabled": False,
        "l10n": {"H5P": player_words(grant.language)},
        "contents": {f"cid-{grant.content_id}": _content(grant, base, content)},
    }


def _content(grant: PlayGrant, base: str, content: str) -> dict[str, Any]:
    return {
        "library": grant.main_library,
        "jsonContent": content,
        "fullScreen": "1" if grant.display.get("fullscreen") else "0",
        "url": grant.activity_iri,
        "contentUrl": f"{base}/content",
        "title": grant.title,
        "metadata": {"title": grant.title, "license": "U", **grant.metadata},
        "displayOptions": {name: bool(grant.display.get(name)) for name in _DISPLAY},
        "contentUserData": {key: dict(value) for key, value in grant.previous_state.items()},
        "embedCode": "",
        "resizeCode": "",
        "scripts": [],
        "styles": [],
    }


def _known(language: str) -> str:
    return "fr" if language == "fr" else "en"


def _attr(text: object) -> str:
    return html.escape(str(text), quote=True)


def _json(value: object) -> str:
    # Nothing in it may end the script element or begin another one.
    text = json.dumps(value, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
