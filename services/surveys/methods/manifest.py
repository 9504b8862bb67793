"""The record that lets anyone rebuild an analysis bit for bit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
import scipy

# Raise it whenever a change in this package may change a figure.
METHODS_VERSION = "1.2.0"
CONVENTIONS: Mapping[str, str] = {
    "missing": "complete pairs per item",
    "interval": "95 %: percentile, BCa from 20 pairs; quantile type 7",
    "resampling": "respondents, all items together, PCG64",
    "order": "items by id, then rows sorted",
    "ties": "competition rank, equal to nine decimals; chances shared",
    "wilcoxon": "zeros dropped, exact to 50, Holm",
    "quadrant": "a mean on a cut line counts as high",
}


@dataclass(frozen=True)
class Manifest:
    """What an analysis was made of: data fingerprint, code, libraries, seed and settings."""

    data_sha256: str
    methods_version: str
    numpy: str
    scipy: str
    seed: int
    resamples: int
    top_k: int
    methods: tuple[str, ...]
    cut_rule: str
    conventions: Mapping[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values; `from_dict` reads them back to an equal Manifest."""
        return {**asdict(self), "methods": list(self.methods), "conventions": dict(self.conventions)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Manifest:
        """The manifest of `to_dict`; KeyError if a field is missing, unknown ones are ignored."""
        values = {field.name: data[field.name] for field in fields(cls)}
        return cls(**{**values, "methods": tuple(data["methods"]), "conventions": dict(data["conventions"])})


def library_versions() -> dict[str, str]:
    """Versions of the libraries whose arithmetic or random stream could change a figure."""
    return {"numpy": np.__version__, "scipy": scipy.__version__}
