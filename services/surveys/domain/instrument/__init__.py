"""Instruments: what a survey asks, in which order, under which conditions. Pure: no database, no clock.

An instrument is a list of elements, each a plain dictionary that survives JSON (see `elements`). Read `elements`, then
`logic` (conditions, jumps, computed values), `answers` (what may come back), `texts` (piping).
"""

from services.surveys.domain.instrument.answers import complete_answers, read_answer, read_answers
from services.surveys.domain.instrument.check import definition_problems, language_gaps, launch_gaps
from services.surveys.domain.instrument.elements import ANSWERED, KINDS, Element
from services.surveys.domain.instrument.logic import computed_values, visible
from services.surveys.domain.instrument.texts import piped

__all__ = [
    "ANSWERED",
    "KINDS",
    "Element",
    "complete_answers",
    "computed_values",
    "definition_problems",
    "language_gaps",
    "launch_gaps",
    "piped",
    "read_answer",
    "read_answers",
    "visible",
]
