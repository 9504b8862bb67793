"""A draft from a file: our own JSON document, or an XLSForm workbook."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.surveys.commands.editing import CreateSurvey, create_survey
from services.surveys.domain.survey import Survey
from services.surveys.exchange.documents import Instrument, from_json
from services.surveys.exchange.xlsform import from_xlsform
from shared.db.tx import Tx
from shared.errors import FieldProblem, Invalid

ZIP = b"PK\x03\x04"
DEFAULT_TEMPLATE = "borich"


@dataclass(frozen=True, slots=True)
class ImportInstrument:
    """`document` (our JSON as it is) or `file` (JSON or .xlsx, in base64); `template_id` decides the method."""

    document: Any
    file: str | None
    template_id: str | None
    given: Mapping[str, Any]


def read_file(cmd: ImportInstrument) -> Instrument:
    """What the file asks, and warnings for what is left out. Raises InstrumentRefused, Invalid."""
    if (cmd.document is None) == (cmd.file is None):
        raise Invalid(fields=[FieldProblem("file", "missing")])
    data = json.dumps(cmd.document).encode() if cmd.file is None else _decoded(cmd.file)
    return from_xlsform(data) if data.startswith(ZIP) else from_json(data)


def _decoded(file: str) -> bytes:
    try:
        return base64.b64decode(file, validate=True)
    except (ValueError, binascii.Error):
        raise Invalid(fields=[FieldProblem("file", "wrong-type")]) from None


def import_instrument(tx: Tx, cmd: ImportInstrument, read: Instrument) -> Survey:
    """A draft of what was read. Without a template, MaxDiff ranks where nothing but a MaxDiff could be."""
    kinds = {element["kind"] for element in read.elements}
    only_choices = "maxdiff" in kinds and "pair" not in kinds
    template = cmd.template_id or ("maxdiff" if only_choices else DEFAULT_TEMPLATE)
    texts = {"title": dict(read.title), "intro": dict(read.intro)}
    return create_survey(
        tx, CreateSurvey(template, texts | {"elements": list(read.elements)} | dict(cmd.given))
    )
