"""Needs-assessment methods: pure functions over arrays, no database, no web, no messages.

Start at `analyse`. One file per method, each docstring with formula, source, units and limits.
"""

from services.surveys.methods.analysis import INDICATIVE_BELOW, MINIMUM, MethodSet, analyse, verify
from services.surveys.methods.errors import MethodError
from services.surveys.methods.groups import PUBLIC_THRESHOLD, THRESHOLD, Breakdown, suppress
from services.surveys.methods.ipa import Cuts
from services.surveys.methods.manifest import METHODS_VERSION, Manifest
from services.surveys.methods.ratings import Ratings, ratings_from_rows
from services.surveys.methods.results import Agreement, Analysis, Estimate, ItemResult, ResponseInfo

__all__ = [
    "INDICATIVE_BELOW",
    "METHODS_VERSION",
    "MINIMUM",
    "PUBLIC_THRESHOLD",
    "THRESHOLD",
    "Agreement",
    "Analysis",
    "Breakdown",
    "Cuts",
    "Estimate",
    "ItemResult",
    "Manifest",
    "MethodError",
    "MethodSet",
    "Ratings",
    "ResponseInfo",
    "analyse",
    "ratings_from_rows",
    "suppress",
    "verify",
]
