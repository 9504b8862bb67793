"""Compute every figure of a closed survey once, store it, and make it again from the same answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import and_, or_, select

from services.surveys import tables
from services.surveys.analysis.changes import changes, refused
from services.surveys.analysis.closed import closed_questions
from services.surveys.analysis.material import LANGUAGE, Material
from services.surveys.analysis.weighting import raked
from services.surveys.domain.instrument.elements import NUMBER
from services.surveys.domain.survey import METHODS
from services.surveys.methods.analysis import MethodSet, analyse
from services.surveys.methods.by_group import gaps_by_group, is_combination, small_sets
from services.surveys.methods.dif import dif_of_ratings
from services.surveys.methods.errors import MethodError
from services.surveys.methods.groups import THRESHOLD
from services.surveys.methods.publication import People, manifest_of, publish, wide_places
from services.surveys.methods.quantiles import quartiles
from services.surveys.methods.ratings import Ratings
from shared.db.dialect import insert_new
from shared.db.tx import Tx, rows
from shared.messaging import offload

TABLES, GROUPS, WEIGHTED, LANGUAGES, NUMBERS = "tables", "groups", "weighted", "languages", "numbers"
WAVES = "waves"
RESAMPLES = 2000
TOP = 3
Figures = dict[str, Any]


def compute(material: Material) -> Figures:
    """Everything that is stored, by kind. Long arithmetic: never inside a write, and in a thread where asked."""
    found: Figures = offload.run(_compute, material)
    return found


def store_figures(tx: Tx, survey_id: UUID, found: Figures) -> bool:
    """Store them, unless they were stored before."""
    fresh = False
    for kind, content in found.items():
        values = {"survey_id": survey_id, "kind": kind, "content": content, "computed_at": tx.now}
        fresh = insert_new(tx.session, tables.figures, values) or fresh
    return fresh


def load_figures(tx: Tx, survey_id: UUID) -> Figures:
    """What is stored, by kind; empty while nothing is."""
    table = tables.figures
    found = rows(tx, select(table.c.kind, table.c.content).where(table.c.survey_id == survey_id))
    return {row["kind"]: row["content"] for row in found}


def ranked_without_figures(tx: Tx, *surveys: UUID) -> list[UUID]:
    """Surveys (of these, or all) whose ranking is stored and whose figures are still to be computed.

    What changed since an earlier wave is computed once that one is ranked too, if need be after the other figures.
    """
    table, ranked, done = tables.surveys, tables.rankings.c.survey_id, tables.figures
    of_kind = select(done.c.survey_id).where(done.c.kind == WAVES)
    follows = table.c.follows_survey_id.in_(select(tables.rankings.c.survey_id.label("earlier")))
    lacking = or_(table.c.id.not_in(select(done.c.survey_id)), and_(follows, table.c.id.not_in(of_kind)))
    chosen = select(table.c.id).join(tables.rankings, ranked == table.c.id).where(lacking)
    if surveys:
        chosen = chosen.where(table.c.id.in_(surveys))
    return list(tx.session.execute(chosen.order_by(table.c.id)).scalars())


def _compute(material: Material) -> Figures:
    labels = material.labels()
    people = People(len(material.responses), labels, closed_questions(material))
    published = publish(people)
    members = published["members"]
    attributes = members["attributes"] if members else []
    found: Figures = {
        TABLES: {**published, "manifest": manifest_of(people)},
        NUMBERS: {"items": list(_numbers(material))},
    }
    ratings = material.ratings()
    parts: Mapping[str, Callable[[Ratings], Any]] = {
        GROUPS: lambda data: gaps_by_group(data, attributes, labels, seed=material.seed, resamples=RESAMPLES),
        WEIGHTED: lambda data: _weighted(material, data, attributes),
        LANGUAGES: lambda data: _languages(data, attributes, labels[LANGUAGE]),
    }
    for kind, part in parts.items():
        found[kind] = refused("no-pairs") if ratings is None else _tried(part, ratings)
    if material.before is not None:
        found[WAVES] = changes(material, material.before, resamples=RESAMPLES)
    return found


def _tried(part: Callable[[Ratings], Any], ratings: Ratings) -> Any:
    if ratings.canonical().respondents < THRESHOLD:
        return refused("too-few-responses", minimum=THRESHOLD)
    try:
        return part(ratings)
    except MethodError as error:
        return refused(error.code, **error.params)


def _weighted(material: Material, ratings: Ratings, attributes: list[Figures]) -> Figures:
    """The ranking with the answers raked to those who were asked, in the groups that are published."""
    found = raked(material, attributes)
    if found is None:
        return refused("no-margins")
    places, weights, labels = found.places, found.weights, material.labels()
    every = [wide_places(entry, labels[entry["name"]]) for entry in attributes if len(entry["wide"]) > 1]
    hidden = [
        _few(ratings.pairs[:, item], list(places.values()))
        or _told(ratings.pairs[:, item], every, weights.values)
        for item in range(len(ratings.items))
    ]
    if all(hidden):
        return refused("too-few-item-responses", minimum=THRESHOLD)
    kept = ratings.only(~np.array(hidden))
    data = Ratings(kept.importance, kept.ability, kept.items, kept.scale, weights.values)
    method = material.method
    methods = MethodSet((method, *(name for name in METHODS if name != method)), material.cut_rule)
    analysis = analyse(data, seed=material.seed, resamples=RESAMPLES, top_k=TOP, methods=methods)
    return {
        "attributes": list(places),
        "effective_n": weights.effective_n,
        "design_effect": weights.design_effect,
        "n": ratings.respondents,
        "trimmed": weights.trimmed > 0,
        "unreached": found.unreached,
        "hidden": [item for item, out in zip(ratings.items, hidden, strict=True) if out],
        "analysis": analysis.to_dict(),
    }


def _few(answered: Any, places: list[Any]) -> bool:
    """Whether one of the raked groups has some pairs, but under five: weighted and unweighted means would tell."""
    counts = np.concatenate([np.bincount(of[answered], minlength=int(of.max()) + 1) for of in places])
    return bool(((counts > 0) & (counts < THRESHOLD)).any())


def _told(answered: Any, places: list[Any], weights: Any) -> bool:
    """Whether the weighted mean, beside the means by group, gives away a few people set apart by two attributes."""
    codes = [of[answered] for of in places]
    known = [np.ones(codes[0].size), weights[answered]]
    known += [of == group for of in codes for group in np.unique(of)]
    return any(is_combination(target, known) for _, target in small_sets(codes))


def _languages(ratings: Ratings, attributes: list[Figures], given: list[str]) -> Figures:
    """Whether items mean the same in both languages; only where both language groups are published."""
    entry = next((one for one in attributes if one["name"] == LANGUAGE), None)
    if entry is None or len(entry["wide"]) < 2:
        return refused("language-groups-too-small")
    return dif_of_ratings(ratings, np.array([language == "en" for language in given], dtype=bool))


def _numbers(material: Material) -> Iterator[Figures]:
    """Mean and quartiles of number questions with at least five answers; neither least nor most."""
    for element in material.elements:
        if element["kind"] != NUMBER:
            continue
        given = (response.answers.get(element["code"]) or {} for response in material.responses)
        values = sorted(float(answer["value"]) for answer in given if answer.get("value") is not None)
        row: Figures = {"code": element["code"], "n": None, "mean": None, "quartiles": None}
        if len(values) >= THRESHOLD:
            array = np.array(values)
            row |= {"n": len(values), "mean": float(np.mean(array)), "quartiles": list(quartiles(array))}
        yield row
