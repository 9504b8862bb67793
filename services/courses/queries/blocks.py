"""Block types of other makers, and pieces of the views of videos, links and blocks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xblock.core import XBlock

from services.courses import block_types, policy, store
from services.courses.domain.outline import DISCUSSION, SURVEY, VIDEO, OutlineItem
from services.courses.domain.video import cues
from services.courses.players import external
from services.courses.players.xblock_runtime import load_block
from services.courses.views import View
from shared.db.tx import Tx
from shared.errors import NotFound
from shared.paging import PageRequest, page_of
from shared.wire import LANGUAGES


def list_block_types(tx: Tx, wanted: View) -> View:
    """Admins: all that are installed or were decided on. Authors: what they may use. Raises NotFound for others."""
    is_admin = policy.can_allow_blocks(tx.actor)
    if not policy.is_staff(tx.actor):
        raise NotFound
    request = PageRequest.of(wanted["cursor"], wanted["limit"])
    decided, known = block_types.decisions(tx), external.installed()
    names = sorted(decided.keys() | known.keys())
    items = [_block_type(name, known.get(name), decided.get(name), full=is_admin) for name in names]
    shown = [one for one in items if is_admin or (one["allowed"] and one["installed"])]
    after = request.after[0] if request.after else ""
    later = [one for one in shown if one["block_type"] > after]
    return page_of(later, request, lambda one: [one["block_type"]], dict)


def _block_type(
    name: str, one: external.Installed | None, decision: Mapping[str, Any] | None, *, full: bool
) -> View:
    nothing = {"block_type": name, "package": "", "version": "", "licence": "", "summary": ""}
    view = nothing if one is None else external.describe(one)
    view |= {"installed": one is not None, "allowed": bool(decision and decision["allowed"])}
    return view | {"settings": dict(decision["settings"]) if full and decision else {}}


def get_captions(tx: Tx, activity_id: object, language: str) -> View:
    """The WebVTT of a video, as learners have it, or as it is written for staff. Raises NotFound."""
    item = store.visible_activity(tx, activity_id)
    if item.block_type != VIDEO:
        raise NotFound
    role = "author" if policy.is_staff(tx.actor) else "learner"
    text = load_block(store.runtime_for(tx, role=role, user=False), item.id).captions[language]
    if not text:
        raise NotFound
    return {"text": text}


def seen_parts(item: OutlineItem, block: XBlock, language: str) -> View:
    """The parts of an ActivityView that belong to videos and links."""
    return {
        "video": _video(block, language) if item.block_type == VIDEO else None,
        "link": _link(item, block) if item.block_type in (SURVEY, DISCUSSION) else None,
        "block": None,
    }


def _video(block: XBlock, language: str) -> View | None:
    if not block.url:
        return None
    other = LANGUAGES[1] if language == LANGUAGES[0] else LANGUAGES[0]
    said = language if block.captions[language] or block.transcript[language] else other
    return {
        "url": block.url,
        "tracks": {code: block.track(code) for code in LANGUAGES if block.captions[code]},
        "cues": [{"start": cue.start, "text": cue.text} for cue in cues(block.captions[said])],
        "transcript": block.transcript_html(said) if block.transcript[said] else "",
        "words_language": said,
        "position": block.position,
        "spans": block.spans,
    }


def _link(item: OutlineItem, block: XBlock) -> View:
    return {"kind": item.block_type, "target_id": block.target_id or None, "url": block.url}


def edit_parts(tx: Tx, item: OutlineItem) -> View:
    """The parts of an ActivityEdit that belong to videos, links and blocks of other makers."""
    if block_types.is_external(item):
        return {"video": None, "link": None, "block": _external(tx, item)}
    if item.block_type not in (VIDEO, SURVEY, DISCUSSION):
        return {"video": None, "link": None, "block": None}
    block = load_block(store.runtime_for(tx, role="author", user=False), item.id)
    if item.block_type != VIDEO:
        return {"video": None, "link": _link(item, block), "block": None}
    video = {
        "address": block.address, "captions": block.captions, "transcript": block.transcript,
        "no_speech": block.no_speech, "url": block.url,
        "file": {"filename": block.filename, "size": block.size} if block.storage_key else None,
    }  # fmt: skip
    return {"video": video, "link": None, "block": None}


def _external(tx: Tx, item: OutlineItem) -> View:
    name = str(item.block_type)
    view = _block_type(name, external.installed().get(name), block_types.decision(tx, name), full=False)
    usable = view["installed"] and view["allowed"]
    return view | {"usable": usable, "has_editor": usable and external.has_editor(name)}
