"""Our own blocks in xblock-sdk's workbench, a host that is not ours. Run as a program of its own, since Django is
configured once per process: it prints one line of JSON per block, and ends with 1 when a block failed.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

CAPTIONS = "WEBVTT\n\n00:00.000 --> 00:02.000\nHello from the captions\n"
QUESTION = {
    "kind": "true-false", "points": 1.0, "stem": {"fr": "Vrai?", "en": "True?"}, "answer": True, "image": None,
    "feedback": {"fr": "", "en": ""}, "when_true": {"fr": "", "en": ""}, "when_false": {"fr": "", "en": ""},
}  # fmt: skip
SCENARIOS: dict[str, tuple[dict[str, Any], str]] = {
    "text": ({"body_fr": "**Bonjour**", "body_en": "**Hello**"}, "<strong>Bonjour</strong>"),
    "file": (
        {"storage_key": "k", "filename": "a.png", "media_type": "image/png", "alt_fr": "Un pont"},
        'alt="Un pont"',
    ),
    "h5p": ({"content_id": "c"}, "activity-h5p"),
    "video": ({"storage_key": "k", "captions_fr": CAPTIONS}, "Hello from the captions"),
    "quiz": ({"entries": [{"id": "one", "kind": "own", "version": 1, "question": QUESTION}]}, 'name="q-one"'),
    "survey": ({"target_id": "t"}, 'href="/surveys/t"'),
    "discussion": ({"target_id": "t"}, 'href="/community/topics/t"'),
}
"""Block type -> fields that an author fills in, and what its learner's view then shows."""


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        results = [_try(kind) for kind in _prepare(Path(folder))]  # all of them, whichever fails
        return int(not all(results))


def _prepare(folder: Path) -> list[str]:
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "workbench.settings",
        "EXCLUDE_SAMPLE_XBLOCKS": "yes",
        "WORKBENCH_DATABASES": json.dumps({
            "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "workbench.db")},
        }),
    }  # fmt: skip
    os.chdir(folder)  # the workbench writes its log beside itself
    (folder / "var").mkdir()
    import django
    from django.core.management import call_command
    from xblock.core import XBlock

    from services.courses.players.blocks import BLOCKS

    django.setup()
    call_command("migrate", verbosity=0, run_syncdb=True)
    load = XBlock.load_class

    def load_class(name: str, *args: Any, **more: Any) -> Any:
        return BLOCKS[name] if name in BLOCKS else load(name, *args, **more)

    XBlock.load_class = load_class  # as if this package had entry points
    return list(BLOCKS)


def _try(kind: str) -> bool:
    """Parse the block from XML, show it over HTTP, read it back as XML, and call its handler where it has one."""
    found: dict[str, Any] = {"block": kind}
    try:
        found |= _checks(kind)
        found["ok"] = all(found.values())
    except Exception as error:  # noqa: BLE001 whatever a host does with a block is a result
        found |= {"ok": False, "error": f"{type(error).__name__}: {error}"}
    print(json.dumps(found))
    return bool(found["ok"])


def _checks(kind: str) -> dict[str, bool]:
    from django.test import Client
    from workbench.runtime import WorkbenchRuntime
    from workbench.scenarios import SCENARIOS as SHOWN
    from workbench.scenarios import add_xml_scenario

    fields, expected = SCENARIOS.get(kind, ({}, ""))
    add_xml_scenario(kind, kind, f"<{kind}/>")
    usage = SHOWN[kind].usage_id
    block = WorkbenchRuntime("author").get_block(usage)
    for name, value in fields.items():
        setattr(block, name, value)
    block.save()
    client = Client()
    page = client.get(f"/scenario/{kind}/")
    again = WorkbenchRuntime("author").get_block(usage)
    checks = {
        "shown": page.status_code == 200 and expected in page.content.decode(),
        "kept": all(getattr(again, name) == value for name, value in fields.items()),
        "xml": _survives_xml(kind, again, fields),
    }
    handlers = {"video": _watched, "quiz": _submitted}
    return checks | ({"handled": handlers[kind](client, usage)} if kind in handlers else {})


def _survives_xml(kind: str, block: Any, fields: dict[str, Any]) -> bool:
    """Written by the library's own serialiser, and parsed by its own parser."""
    from lxml import etree
    from workbench.runtime import WorkbenchRuntime

    node = etree.Element(kind)
    block.add_xml_to_node(node)
    runtime = WorkbenchRuntime("author")
    runtime.id_generator.set_scenario(f"{kind}-again")
    parsed = runtime.get_block(runtime.parse_xml_string(etree.tostring(node, encoding="unicode")))
    return all(getattr(parsed, name) == value for name, value in fields.items())


def _watched(client: Any, usage: str) -> bool:
    """The handler answers over HTTP, keeps the learner's place, and refuses nonsense."""
    from workbench.runtime import WorkbenchRuntime

    def post(body: Any) -> Any:
        return client.post(
            f"/handler/{usage}/watch/?student=learner", json.dumps(body), content_type="application/json"
        )

    answer = post({"position": 4, "duration": 10, "spans": [[0, 5]]})
    refused = post({"position": "x"})
    block = WorkbenchRuntime("learner").get_block(usage)
    return (answer.json(), refused.status_code, block.position) == ({"share": 0.5}, 400, 4.0)


def _submitted(client: Any, usage: str) -> bool:
    """The form of the learner's view is scored as a browser without scripts sends it."""
    from workbench.runtime import WorkbenchRuntime

    answer = client.post(f"/handler/{usage}/submit/?student=learner", {"q-one": "0"})
    block = WorkbenchRuntime("learner").get_block(usage)
    return bool(answer.status_code == 200 and block.last_score == 1.0)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    sys.exit(main())
