"""Entry points. Panels: the board of expressed needs, Delphi rounds, nominal groups."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select

from services.surveys import panel_figures, panel_store, tables
from services.surveys.calls.board import BoardCalls
from services.surveys.commands import nominal, panel_answers, panels
from services.surveys.commands.panel_reminders import remind
from services.surveys.domain import panel as rules
from services.surveys.domain.panel import Panel
from services.surveys.queries import panels as views
from services.surveys.schemas import panels as schemas
from shared.actor import system_actor
from shared.db.tx import Tx
from shared.messaging import offload
from shared.messaging.bus import Call
from shared.messaging.entrypoints import command, command_unremembered, every, query, rpc
from shared.paging import PageRequest
from shared.wire import load

log = structlog.get_logger()
View = dict[str, Any]


class PanelsCalls(BoardCalls):
    """Panels: the board of expressed needs, Delphi rounds, nominal groups."""

    # ------------------------------------------------------------------ reading
    @query
    def list_panels(self, tx: Tx, call: Call) -> View:
        data = load(schemas.PanelPage(), call.payload)
        request = PageRequest.of(data.pop("cursor"), data.pop("limit"))
        return views.list_panels(tx, views.PanelFilter(**data), request)

    @query
    def get_panel(self, tx: Tx, call: Call) -> View:
        return views.get_panel(tx, load(schemas.OfPanel(), call.payload)["panel_id"])

    @query
    def get_panel_sheet(self, tx: Tx, call: Call) -> View:
        return views.get_sheet(tx, load(schemas.OfPanel(), call.payload)["panel_id"])

    @query
    def get_panel_feed(self, tx: Tx, call: Call) -> View:
        return views.get_feed(tx, load(schemas.OfPanel(), call.payload)["panel_id"])

    @query
    def get_panel_results(self, tx: Tx, call: Call) -> View:
        return views.get_results(tx, load(schemas.OfPanel(), call.payload)["panel_id"])

    # ------------------------------------------------------------------ preparing
    @command
    def create_panel(self, tx: Tx, call: Call) -> View:
        data = load(schemas.CreatePanel(), call.payload)
        return _shown(tx, panels.create_panel(tx, data.pop("kind"), data))

    @command
    def edit_panel(self, tx: Tx, call: Call) -> View:
        data = load(schemas.EditPanel(), call.payload)
        panel_id, version = data.pop("panel_id"), data.pop("version")
        return _shown(tx, panels.edit_panel(tx, panel_id, version, data))

    @command
    def discard_panel(self, tx: Tx, call: Call) -> View:
        data = load(schemas.VersionOfPanel(), call.payload)
        panels.discard_panel(tx, **data)
        return {"id": str(data["panel_id"]), "discarded": True}

    @command
    def set_panel_items(self, tx: Tx, call: Call) -> View:
        data = load(schemas.SetItems(), call.payload)
        items = [panels.ItemInput(**one | {"sources": tuple(one["sources"])}) for one in data.pop("items")]
        panels.set_items(tx, data["panel_id"], data["version"], items)
        tx.session.flush()
        return views.get_feed(tx, data["panel_id"])

    @command
    def start_panel(self, tx: Tx, call: Call) -> View:
        return _shown(tx, panels.start_panel(tx, **load(schemas.VersionOfPanel(), call.payload)))

    # ------------------------------------------------------------------ rounds of a Delphi
    @command
    def extend_round(self, tx: Tx, call: Call) -> View:
        return _shown(tx, panels.extend_round(tx, **load(schemas.Deadline(), call.payload)))

    @command
    def open_round(self, tx: Tx, call: Call) -> View:
        return _shown(tx, panels.open_round(tx, **load(schemas.Deadline(), call.payload)))

    @command
    def stop_panel(self, tx: Tx, call: Call) -> View:
        return _shown(tx, panels.stop_panel(tx, **load(schemas.StopPanel(), call.payload)))

    @rpc
    def close_round(self, call: Call) -> View:
        data = load(schemas.VersionOfPanel(), call.payload)
        with self.tx(call) as tx:
            panel = panel_store.coordinated_panel(tx, data["panel_id"])
            if panel.phase != rules.JUDGING:
                panel.require_version(data["version"])
                panels.close_round(tx, panel)
        self._judge_round(data["panel_id"])
        with self.read(call) as tx:
            return views.get_panel(tx, data["panel_id"])

    def _judge_round(self, panel_id: UUID) -> None:
        """Judge a closed rating round once. The arithmetic holds no transaction."""
        me = system_actor(self.name)
        with self.db.read(me) as tx:
            panel = tx.session.get_one(Panel, panel_id)
            if panel.phase != rules.JUDGING:
                return
            if rules.fingerprint(panel.rule, panel.scale) != panel.rule_sha256:
                raise rules.RuleChanged
            ratings, scale, rule = panel_store.ratings_of(tx, panel_id), panel.scale, panel.rule
        figures = offload.run(panel_figures.delphi_figures, ratings, scale, rule)
        with self.db.tx(me) as tx:
            panels.judge(tx, tx.session.get_one(Panel, panel_id, with_for_update=True), figures)
        log.info("panel.judged", panel_id=str(panel_id))

    @every(seconds=30)
    def tend_panels(self) -> None:
        """Close rounds that are due, judge what is closed (also after a crash), remind two days before."""
        me, table = system_actor(self.name), tables.panels
        with self.db.read(me) as tx:
            late = (table.c.phase == rules.ROUND) & (table.c.closes_at <= tx.now)
            due = list(tx.session.execute(select(table.c.id).where(late)).scalars())
        for panel_id in due:
            with self.db.tx(me) as tx:
                panel = tx.session.get_one(Panel, panel_id, with_for_update=True)
                if panel.phase == rules.ROUND and panel.closes_at is not None and panel.closes_at <= tx.now:
                    panels.close_round(tx, panel)
        with self.db.read(me) as tx:
            judging = select(table.c.id).where(table.c.phase == rules.JUDGING)
            waiting = list(tx.session.execute(judging).scalars())
        for panel_id in waiting:
            self._judge_round(panel_id)
        with self.db.tx(me) as tx:
            remind(tx)

    # ------------------------------------------------------------------ those who sit on a panel
    @command_unremembered  # a stored hash of the body would be a fingerprint of the answers beside the account
    def save_panel_ideas(self, tx: Tx, call: Call) -> View:
        data = load(schemas.SaveIdeas(), call.payload)
        panel_answers.save_ideas(tx, **data)
        return views.get_sheet(tx, data["panel_id"])

    @command_unremembered
    def save_ratings(self, tx: Tx, call: Call) -> View:
        data = load(schemas.SaveRatings(), call.payload)
        panel_answers.save_ratings(tx, data["panel_id"], data["ratings"], data["language"])
        return views.get_sheet(tx, data["panel_id"])

    @command_unremembered
    def save_ballot(self, tx: Tx, call: Call) -> View:
        data = load(schemas.SaveBallot(), call.payload)
        panel_answers.save_ballot(tx, **data)
        return views.get_sheet(tx, data["panel_id"])

    # ------------------------------------------------------------------ the session of a nominal group
    @command
    def take_turn(self, tx: Tx, call: Call) -> View:
        data = load(schemas.TakeTurn(), call.payload)
        nominal.take_turn(tx, **data)
        return self._panel_now(tx, data["panel_id"])

    @command
    def word_panel_item(self, tx: Tx, call: Call) -> View:
        data = load(schemas.WordItem(), call.payload)
        nominal.word_item(tx, **data)
        return self._panel_now(tx, data["panel_id"])

    @command
    def merge_panel_item(self, tx: Tx, call: Call) -> View:
        data = load(schemas.MergeItem(), call.payload)
        nominal.merge_items(tx, **data)
        return self._panel_now(tx, data["panel_id"])

    @command
    def advance_panel(self, tx: Tx, call: Call) -> View:
        data = load(schemas.Advance(), call.payload)
        return _shown(tx, nominal.advance(tx, data["panel_id"], data["phase"], data["version"]))

    @command
    def give_time(self, tx: Tx, call: Call) -> View:
        data = load(schemas.MoreTime(), call.payload)
        nominal.more_time(tx, **data)
        return self._panel_now(tx, data["panel_id"])

    @staticmethod
    def _panel_now(tx: Tx, panel_id: UUID) -> View:
        tx.session.flush()
        return views.get_panel(tx, panel_id)


def _shown(tx: Tx, panel: Panel) -> View:
    tx.session.flush()
    return views.panel_view(tx, panel)
