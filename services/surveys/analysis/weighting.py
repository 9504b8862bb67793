"""Weights that bring those who answered to those who were asked, in the groups that are published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from services.surveys.analysis.material import LANGUAGE, Material
from services.surveys.methods.publication import reached, wide_places
from services.surveys.methods.raking import Weights, rake
from services.surveys.methods.ratings import IntArray

RAKED = ("province", "sector", LANGUAGE)


@dataclass(frozen=True, slots=True)
class Raked:
    """`places`: by attribute that was raked, each person's place among its groups. `unreached`: whether some who were
    asked are in groups of which nobody answered.
    """

    places: Mapping[str, IntArray]
    weights: Weights
    unreached: bool


def raked(material: Material, attributes: Sequence[Mapping[str, Any]]) -> Raked | None:
    """Weights by the published `attributes` whose margins were counted; None without any. Raises MethodError as rake."""
    named = {entry["name"]: entry for entry in attributes if len(entry["wide"]) > 1}
    used = [name for name in RAKED if name in named and name in material.margins and name in material.groups]
    if not used:
        return None
    labels = material.labels()
    places = {name: wide_places(named[name], labels[name]) for name in used}
    margins = {name: _asked(named[name], material.margins[name]) for name in used}
    weights = rake({name: [str(at) for at in of] for name, of in places.items()}, margins)
    missed = (
        len(reached(named[name], list(asked))) < len(asked)
        for name, asked in material.margins.items()
        if name in used
    )
    return Raked(places, weights, any(missed))


def _asked(attribute: Mapping[str, Any], asked: Mapping[str, int]) -> dict[str, float]:
    """How many were asked, by place of the group. Labels of which nobody answered are in no group: nobody can be given
    their weight, so the answers are raked to the others who were asked.
    """
    counted = np.zeros(len(attribute["wide"]))
    known = reached(attribute, list(asked))
    np.add.at(counted, wide_places(attribute, known), [asked[label] for label in known])
    return {str(at): float(people) for at, people in enumerate(counted)}
