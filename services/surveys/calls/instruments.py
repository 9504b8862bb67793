"""Entry points. Instruments: elements, versions, item bank, templates, import and export."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from services.surveys import schemas
from services.surveys.commands import elements, importing, revising
from services.surveys.exchange.documents import Instrument
from services.surveys.queries import instruments, surveys
from shared.db.tx import Tx
from shared.errors import FieldProblem, Invalid
from shared.messaging.bus import Call
from shared.messaging.entrypoints import command, query, rpc
from shared.messaging.service import Service
from shared.wire import load

View = dict[str, Any]


class InstrumentsCalls(Service):
    """Instruments: elements, versions, item bank, templates, import and export."""

    @query
    def list_bank(self, tx: Tx, call: Call) -> View:
        data = load(schemas.BankSearch(), call.payload)
        return instruments.list_bank(tx, data["q"], data["topic"])

    @query
    def design_sets(self, tx: Tx, call: Call) -> View:
        data = load(schemas.Sets(), call.payload)
        elements.require_author(tx)
        options = data["options"]
        if len(set(options)) < len(options):
            raise Invalid(fields=[FieldProblem("options", "repeated")])
        design = elements.designed(len(options), data["size"] or 0, data["appearances"] or 0)
        figures = {
            name: getattr(design, name) for name in ("appearances", "pair_least", "pair_most", "balanced")
        }
        return figures | {"sets": elements.sets_of(options, design.sets)}

    @query
    def preview_instrument(self, tx: Tx, call: Call) -> View:
        data = load(schemas.PreviewInstrument(), call.payload)
        return instruments.preview(tx, instruments.Preview(**data))

    @query
    def list_instrument_versions(self, tx: Tx, call: Call) -> View:
        return instruments.list_versions(tx, load(schemas.OfSurvey(), call.payload)["survey_id"])

    @query
    def get_instrument_version(self, tx: Tx, call: Call) -> View:
        data = load(schemas.InstrumentVersion(), call.payload)
        return instruments.get_version(tx, data["survey_id"], data["number"])

    @query
    def export_instrument(self, tx: Tx, call: Call) -> View:
        data = load(schemas.ExportInstrument(), call.payload)
        return instruments.export(tx, data["survey_id"], data["number"])

    @rpc
    def import_instrument(self, call: Call) -> View:
        data = load(schemas.ImportInstrument(), call.payload)
        named = {name: data.pop(name) for name in ("document", "file", "template_id")}
        cmd = importing.ImportInstrument(**named, given=data)
        with self.read(call) as tx:
            elements.require_author(tx)
        read = importing.read_file(cmd)  # a workbook takes its time: not while others wait to write
        with self.tx(call) as tx:
            made: View = self.once(tx, call, "import_instrument", lambda: self._imported(tx, cmd, read))
            return made

    @staticmethod
    def _imported(tx: Tx, cmd: importing.ImportInstrument, read: Instrument) -> View:
        survey = importing.import_instrument(tx, cmd, read)
        tx.session.flush()
        view = surveys.survey_view(tx, survey)
        return {"id": view["id"], "survey": view, "warnings": [asdict(one) for one in read.warnings]}

    @command
    def revise_survey(self, tx: Tx, call: Call) -> View:
        data = load(schemas.ReviseSurvey(), call.payload)
        texts = {name: data.pop(name) for name in ("title", "intro") if name in data}
        survey = revising.revise_survey(tx, revising.ReviseSurvey(**data, texts=texts))
        tx.session.flush()
        return surveys.survey_view(tx, survey)
