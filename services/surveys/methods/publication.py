"""All the counts of one survey that readers may see, protected together: made once, and never from raw rows again."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from services.surveys.methods.crosstabs import protected_crosses
from services.surveys.methods.errors import MethodError
from services.surveys.methods.groups import PUBLIC_THRESHOLD, THRESHOLD
from services.surveys.methods.manifest import METHODS_VERSION, library_versions
from services.surveys.methods.pooling import Classes, pooled
from services.surveys.methods.ratings import BoolArray, IntArray

Tables = dict[str, Any]
WIDE = 2
"""A group is set against answers, or crossed with another, from this many times the threshold."""


@dataclass(frozen=True)
class Closed:
    """A question with known answers, as the publication counts it.

    `code`: its element's; `part`: the row or option, or a word of the kind; `labels`: what can be answered, in order;
    `answers`: one per person, None for none; `ordered`: only neighbouring labels may be taken together; `whole`: none
    may, since another published figure would part them again: shown as it is, or not at all.
    """

    code: str
    part: str | None
    labels: tuple[str, ...]
    answers: tuple[str | None, ...]
    ordered: bool = False
    whole: bool = False


@dataclass(frozen=True)
class People:
    """Those who answered: `attributes` by name, one label per person, in the order in which they are worth keeping."""

    size: int
    attributes: Mapping[str, Sequence[str]]
    questions: Sequence[Closed]


def publish(people: People) -> dict[str, Tables | None]:
    """The tables for `members` (no cell under 5) and for the `public` (none under 11), as plain JSON values.

    Per audience: `threshold`; `total`; `attributes` [{name, groups: [{labels, count}], wide: [{places, labels,
    count}]}], where a group without labels is the small ones together, and `wide` joins groups (by their places) for
    everything that crosses;
    `crosses` [{attributes: [first, second], counts}], whole or not at all (null); `questions` [{code, part, n,
    categories: [{labels, count}], by: [{attribute, counts}]}], where null in `counts` is hidden. An attribute without
    groups or a question without categories says nothing without saying too much. None: too few people for anything.
    The public tables are made of the members' tables alone: each cell is a sum of cells that members see.
    Method and limits: pooling.pooled, crosstabs.protected_crosses, docs/adr/0014.
    """
    members = _tables(people, THRESHOLD, None)
    return {"members": members, "public": _tables(people, PUBLIC_THRESHOLD, members) if members else None}


def attributes_of(labels: Mapping[str, Sequence[str]]) -> list[Tables]:
    """The `attributes` of the members' tables alone, which take no long arithmetic; `labels`: as in People."""
    return _attributes(labels, THRESHOLD, {})


def manifest_of(people: People) -> dict[str, Any]:
    """What the tables were made of: fingerprint of the answers in an order of their own, code, libraries."""
    rows = sorted(
        json.dumps([[of[i] for of in people.attributes.values()], [q.answers[i] for q in people.questions]])
        for i in range(people.size)
    )
    head = json.dumps([list(people.attributes), [[q.code, q.part, q.labels] for q in people.questions]])
    digest = hashlib.sha256("\n".join(["cercle-tables-1", head, *rows]).encode()).hexdigest()
    return {"data_sha256": digest, "methods_version": METHODS_VERSION, **library_versions()}


def group_places(shown: Sequence[Mapping[str, Any]], labels: Sequence[str]) -> IntArray:
    """Each label's place among an attribute's groups; what is not named is in the group without labels."""
    named = {label: at for at, group in enumerate(shown) for label in group["labels"]}
    rest = next((at for at, group in enumerate(shown) if not group["labels"]), -1)
    return np.array([named.get(label, rest) for label in labels], dtype=np.int64)


def reached(attribute: Mapping[str, Any], labels: Sequence[str]) -> list[str]:
    """Those of the labels that have a place: their own group, or the rest where there is one."""
    places = group_places(attribute["groups"], labels)
    return [label for label, place in zip(labels, places, strict=True) if place >= 0]


def wide_places(attribute: Mapping[str, Any], labels: Sequence[str]) -> IntArray:
    """Each label's place among the joined groups of an attribute."""
    joined = {place: at for at, wide in enumerate(attribute["wide"]) for place in wide["places"]}
    return np.array(
        [joined[int(place)] for place in group_places(attribute["groups"], labels)], dtype=np.int64
    )


def _tables(people: People, threshold: int, finer: Tables | None) -> Tables | None:
    if people.size < threshold:
        return None
    before = finer or {}
    attributes = _attributes(people.attributes, threshold, before)
    kept = [entry for entry in attributes if len(entry["wide"]) > 1]
    codes = {entry["name"]: wide_places(entry, people.attributes[entry["name"]]) for entry in kept}
    return {
        "threshold": threshold,
        "total": people.size,
        "attributes": attributes,
        "crosses": [_cross(pair, codes, threshold, before.get("crosses")) for pair in combinations(codes, 2)],
        "questions": [
            _question(question, (codes, attributes), threshold, _question_before(before, question))
            for question in people.questions
        ],
    }


def _attributes(given: Mapping[str, Sequence[str]], threshold: int, before: Tables) -> list[Tables]:
    return [
        _attribute(name, labels, threshold, _named(before.get("attributes"), "name", name))
        for name, labels in given.items()
    ]


def _named(entries: Sequence[Tables] | None, key: str, value: str) -> Tables | None:
    return next((entry for entry in entries or () if entry[key] == value), None)


def _attribute(name: str, labels: Sequence[str], threshold: int, finer: Tables | None) -> Tables:
    """The groups of one attribute. Below a finer table, groups are joined from its groups only."""
    if finer is not None and not finer["groups"]:
        return {"name": name, "groups": [], "wide": []}
    base = [(group["labels"], group["count"]) for group in finer["groups"]] if finer else _labels(labels)
    joined = _one_rest(pooled({str(at): count for at, (_, count) in enumerate(base)}, threshold), base)
    if len(joined) < 2:
        return {"name": name, "groups": [], "wide": []}
    groups = [_group([base[int(at)] for at in places]) for places in joined]
    wide = pooled({str(at): group["count"] for at, group in enumerate(groups)}, WIDE * threshold)
    if finer is not None:
        wide = _nested(wide, joined, [entry["places"] for entry in finer["wide"]])
    return {"name": name, "groups": groups, "wide": [_wide(groups, places) for places in wide]}


def _wide(groups: Sequence[Tables], places: Sequence[str]) -> Tables:
    inside = [int(at) for at in places]
    labels = groups[inside[0]]["labels"] if len(inside) == 1 else []
    return {"places": inside, "labels": labels, "count": sum(groups[at]["count"] for at in inside)}


def _one_rest(joined: Classes, base: Sequence[tuple[list[str], int]]) -> Classes:
    """At most one class without a name: the small ones together, those of the finer table among them."""
    nameless = [places for places in joined if len(places) > 1 or not base[int(places[0])][0]]
    if len(nameless) < 2:
        return joined
    rest = tuple(sorted((at for places in nameless for at in places), key=int))
    return (*(places for places in joined if places not in nameless), rest)


def _labels(labels: Sequence[str]) -> list[tuple[list[str], int]]:
    return [([label], count) for label, count in sorted(Counter(labels).items())]


def _group(parts: list[tuple[list[str], int]]) -> Tables:
    count = sum(number for _, number in parts)
    return {"labels": parts[0][0] if len(parts) == 1 else [], "count": count}


def _nested(
    wide: Sequence[Sequence[str]],
    joined: Sequence[Sequence[str]],
    finer: Sequence[Sequence[int]],
) -> tuple[tuple[str, ...], ...]:
    """The wide classes, joined until each is a union of the finer table's wide classes."""
    inside = {place: at for at, places in enumerate(joined) for place in places}
    classes = [set(places) for places in wide]
    for unit in finer:
        touched = {str(inside[str(place)]) for place in unit}
        hit = [part for part in classes if part & touched]
        classes = [part for part in classes if not part & touched] + [set().union(*hit)]
    ordered = sorted((sorted(part, key=int) for part in classes), key=lambda part: int(part[0]))
    return tuple(tuple(part) for part in ordered)


def _cross(
    pair: tuple[str, str], codes: Mapping[str, IntArray], threshold: int, finer: Sequence[Tables] | None
) -> Tables:
    first, second = (codes[name] for name in pair)
    counts = np.zeros((int(first.max()) + 1, int(second.max()) + 1), dtype=np.int64)
    np.add.at(counts, (first, second), 1)
    shown = counts.min() >= threshold and (finer is None or _was_shown(finer, pair))
    return {"attributes": list(pair), "counts": counts.tolist() if shown else None}


def _was_shown(finer: Sequence[Tables], pair: tuple[str, str]) -> bool:
    return any(entry["attributes"] == list(pair) and entry["counts"] is not None for entry in finer)


def _question_before(before: Tables, question: Closed) -> tuple[Tables, list[Tables]] | None:
    found = (entry for entry in before.get("questions", ()) if _same(entry, question))
    entry = next(found, None)
    return None if entry is None else (entry, before["attributes"])


def _same(entry: Mapping[str, Any], question: Closed) -> bool:
    return bool(entry["code"] == question.code and entry["part"] == question.part)


def _question(
    question: Closed,
    groups: tuple[Mapping[str, IntArray], Sequence[Tables]],
    threshold: int,
    finer: tuple[Tables, Sequence[Tables]] | None,
) -> Tables:
    answered = np.array([answer is not None for answer in question.answers], dtype=bool)
    n = int(answered.sum())
    empty: Tables = {"code": question.code, "part": question.part, "n": n, "categories": [], "by": []}
    if n < threshold:
        return empty | {"n": None}
    base = _base(question) if finer is None else [(c["labels"], c["count"]) for c in finer[0]["categories"]]
    joined = pooled(
        {str(at): count for at, (_, count) in enumerate(base)}, threshold, ordered=question.ordered
    )
    if len(joined) < 2 or (question.whole and len(joined) < len(question.labels)):
        return empty
    classes = [[base[int(at)] for at in places] for places in joined]
    categories: list[Tables] = [
        {"labels": [label for labels, _ in parts for label in labels], "count": sum(c for _, c in parts)}
        for parts in classes
    ]
    place = {label: at for at, entry in enumerate(categories) for label in entry["labels"]}
    given = np.array([place[a] for a in question.answers if a is not None], dtype=np.int64)
    crossed = _crossed(groups[0], answered, given)
    allowed = None if finer is None else [_allowed(name, groups[1], finer, joined) for name in crossed]
    found = protected_crosses(list(crossed.values()), given, threshold, allowed)
    by = [
        {"attribute": name, "counts": _masked(table.counts, table.shown)}
        for name, table in zip(crossed, found, strict=True)
    ]
    return empty | {"categories": categories, "by": by}


def _base(question: Closed) -> list[tuple[list[str], int]]:
    counted = Counter(answer for answer in question.answers if answer is not None)
    return [([label], counted[label]) for label in question.labels]


def _crossed(codes: Mapping[str, IntArray], answered: BoolArray, given: IntArray) -> dict[str, IntArray]:
    """The attributes in which every group has an answer, so that a table has all its rows."""
    kept = {name: of[answered] for name, of in codes.items()}
    return {
        name: of
        for name, of in kept.items()
        if given.size and np.unique(of).size == int(codes[name].max()) + 1
    }


def _allowed(
    name: str,
    attributes: Sequence[Tables],
    finer: tuple[Tables, Sequence[Tables]],
    joined: Sequence[Sequence[str]],
) -> BoolArray:
    """Where every cell of the finer table that a cell is made of is shown."""
    mine, theirs = (_named(part, "name", name) for part in (attributes, finer[1]))
    table = _named(finer[0]["by"], "attribute", name)
    if mine is None or theirs is None or table is None:
        wide = len(mine["wide"]) if mine else 0
        return np.zeros((wide, len(joined)), dtype=bool)
    shown = np.array([[cell is not None for cell in row] for row in table["counts"]])
    rows = _wide_parts(mine, theirs)
    columns = [[int(at) for at in places] for places in joined]
    return np.array([[bool(shown[np.ix_(r, c)].all()) for c in columns] for r in rows])


def _wide_parts(mine: Tables, theirs: Tables) -> list[list[int]]:
    """For each wide group of the coarser attribute, the wide groups of the finer one that it holds."""
    named = {label: at for at, group in enumerate(mine["groups"]) for label in group["labels"]}
    rest = next((at for at, group in enumerate(mine["groups"]) if not group["labels"]), -1)
    of = {place: at for at, wide in enumerate(mine["wide"]) for place in wide["places"]}
    parts: list[list[int]] = [[] for _ in mine["wide"]]
    for at, wide in enumerate(theirs["wide"]):
        labels = theirs["groups"][wide["places"][0]]["labels"]
        parts[of[named.get(labels[0], rest) if labels else rest]].append(at)
    return parts


def _masked(counts: IntArray, shown: BoolArray) -> list[list[int | None]]:
    return [
        [int(n) if visible else None for n, visible in zip(row, mask, strict=True)]
        for row, mask in zip(counts, shown, strict=True)
    ]


def require_tables(found: Tables | None) -> Tables:
    """The tables, or MethodError `too-few-responses`."""
    if found is None:
        raise MethodError("too-few-responses", {"minimum": THRESHOLD})
    return found
