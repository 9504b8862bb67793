"""`cercle h5p upgrade`: bring the contents of this installation to the newest installed versions, or try it."""

from __future__ import annotations

from typing import Any

from services.command.h5p_store import ending
from services.command.installation import Place, actor_of
from services.command.words import REFUSED, clean, say, say_json
from services.courses.commands import h5p_upgrades
from services.courses.domain.h5p_play import FAILED, WAITING, NothingToUpgrade, UpgradeRunning
from services.courses.queries.h5p_upgrades import list_h5p_upgrades
from services.courses.service import CoursesService
from shared.errors import CercleError
from shared.i18n import text
from shared.messaging.bus import Call


def upgrade(place: Place, machine_name: str | None, *, dry_run: bool, resume: bool) -> int:
    """Prepare a run, or take up the one that was interrupted, and go through it; 1 when a content failed."""

    def run(service: CoursesService) -> int:
        call = Call(actor_of(place))
        try:
            begun = _begin(service, call, machine_name, dry_run=dry_run, resume=resume)
        except CercleError as error:
            nothing = isinstance(error, NothingToUpgrade)
            if place.as_json:
                say_json({"code": error.code})
            else:
                say(text(place.language, f"errors.{error.code}"), err=not nothing)
            return 0 if nothing else REFUSED
        return _go(service, call, place, begun)

    return ending(place, run)


def _begin(
    service: CoursesService, call: Call, machine_name: str | None, *, dry_run: bool, resume: bool
) -> dict[str, Any]:
    with service.tx(call) as tx:
        try:
            return h5p_upgrades.start_upgrade(tx, h5p_upgrades.StartUpgrade(machine_name, dry_run))
        except UpgradeRunning:
            running = [run for run in list_h5p_upgrades(tx)["runs"] if run["status"] == "running"]
            if not resume or not running:
                raise
            return dict(running[0])


def _go(service: CoursesService, call: Call, place: Place, run: dict[str, Any]) -> int:
    shown = 0
    while True:
        run = h5p_upgrades.continue_upgrade(service, call, run["id"])
        settled = [item for item in run["items"] if item["status"] != WAITING]
        for number, item in enumerate(settled[shown:], shown + 1):
            _say(place, run, item, number)
        shown = len(settled)
        if run["status"] != "running":
            break
    failed = run["counts"][FAILED]
    if not place.as_json:
        key = "command.h5p.upgrade.tried" if run["dry_run"] else "command.h5p.upgrade.done"
        say(text(place.language, key, done=run["counts"]["done"], total=run["total"], failed=failed))
    return REFUSED if failed else 0


def _say(place: Place, run: dict[str, Any], item: dict[str, Any], number: int) -> None:
    if place.as_json:
        say_json(
            {"run": run["id"], "dry_run": run["dry_run"], "number": number, "total": run["total"], **item}
        )
        return
    title = clean(str((item["title"] or {}).get(place.language) or item["activity_id"]))
    state = text(place.language, f"courses.upgrades.item.{item['status']}")
    detail = item["detail"]
    moved = ", ".join(f"{old} > {new.rsplit(' ', 1)[-1]}" for old, new in detail.get("moved", ()))
    reason = ""
    if item["code"]:
        key = f"courses.upgrades.reason.{item['code']}"
        reason = text(place.language, key, library=detail.get("library", ""))
    parts = [f"{number}/{run['total']}", title, state, moved or reason]
    say(" | ".join(part for part in parts if part))
