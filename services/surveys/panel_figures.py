"""From the stored rows of a panel to its figures, and back: pure functions, no database.

What is stored as `panels.result` is what these give for the same rows, so that anybody who has the rows can rebuild it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np

from services.surveys.domain.need import DELPHI, panel_metric
from services.surveys.domain.panel import rule_from
from services.surveys.methods.delphi import MINIMUM, Panel, delphi
from services.surveys.methods.manifest import METHODS_VERSION, library_versions
from services.surveys.methods.nominal_group import TOP, nominal_group
from services.surveys.methods.ranks import competition_ranks

CONSENSUS = "consensus"
INDICATIVE_BELOW = 10
DELPHI_FIGURES = ("median", "q1", "q3", "iqr", "agreement", "moved", "cv_change", "state", "round")
VOTE_FIGURES = ("points", "votes", "polarised", "vote")


class Rating(NamedTuple):
    """One stored rating: `rater` a pseudonym, `item` the item's code, `points` None where only a comment was left."""

    round: int
    rater: str
    item: str
    points: int | None


class Vote(NamedTuple):
    """One line of a stored ballot; `vote` 1 or 2."""

    vote: int
    rater: str
    item: str
    points: int


def delphi_figures(ratings: Iterable[Rating], scale: int, rule: Mapping[str, Any]) -> dict[str, Any] | None:
    """Every round that five or more rated, judged under the stored rule; None where there is no such round.

    Formula, units and limits: `methods.delphi.delphi`. The order of rows changes nothing.
    """
    given = [one for one in ratings if one.points is not None]
    people = {
        number: {one.rater for one in given if one.round == number} for number in {o.round for o in given}
    }
    rounds = tuple(sorted(number for number, raters in people.items() if len(raters) >= MINIMUM))
    kept = [one for one in given if one.round in rounds]
    if not kept:
        return None
    raters = {rater: row for row, rater in enumerate(sorted({one.rater for one in kept}))}
    items = {code: column for column, code in enumerate(sorted({one.item for one in kept}))}
    points = np.full((len(rounds), len(raters), len(items)), np.nan)
    for one in kept:
        points[rounds.index(one.round), raters[one.rater], items[one.item]] = one.points
    return _plain(delphi(Panel(points, rounds, tuple(items), scale), rule_from(rule)).to_dict())


def vote_figures(votes: Iterable[Vote], items: Sequence[str]) -> dict[str, Any] | None:
    """Every vote that five or more cast: `{votes: [{vote, n, items}], manifest}`; None where there is none."""
    ballots: dict[int, dict[str, dict[str, int]]] = {}
    for one in votes:
        ballots.setdefault(one.vote, {}).setdefault(one.rater, {})[one.item] = one.points
    counted: list[dict[str, Any]] = []
    for number in sorted(ballots):
        cast = [dict(sorted(ballot.items())) for ballot in ballots[number].values()]
        if len(cast) >= MINIMUM:
            found = nominal_group(cast, sorted(items), top=TOP)
            counted.append({"vote": number, "n": len(cast), "items": [asdict(one) for one in found]})
    if not counted:
        return None
    canonical = {
        str(number): sorted(json.dumps(ballot, sort_keys=True) for ballot in of_vote.values())
        for number, of_vote in ballots.items()
    }
    data = json.dumps({"items": sorted(items), "ballots": canonical}, sort_keys=True).encode()
    manifest = {
        "data_sha256": hashlib.sha256(b"cercle-nominal-group-1|" + data).hexdigest(),
        "methods_version": METHODS_VERSION,
        **library_versions(),
    }
    return _plain({"votes": counted, "manifest": manifest, "indicative": counted[-1]["n"] < INDICATIVE_BELOW})


def last_states(figures: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """By item code its newest shown figures, with the `round` they are of."""
    found: dict[str, dict[str, Any]] = {}
    for one in figures["rounds"]:
        for item in one["items"]:
            if not item["suppressed"]:
                found[item["item"]] = {**item, "round": one["number"]}
    return found


def consensus(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Items that ended in consensus, highest first, each with `rank` (from 1) and `tied`.

    Ranked by median, then by share in the band, then by the smaller interquartile range.
    """
    agreed = [one for one in last_states(figures).values() if one["state"] == CONSENSUS]
    if not agreed:
        return []
    keys = [(one["median"], one["agreement"], -one["iqr"]) for one in agreed]
    order = {key: place for place, key in enumerate(sorted(set(keys)))}
    ranks, tied = competition_ranks(np.array([float(order[key]) for key in keys]))
    rows = zip(agreed, ranks.tolist(), tied.tolist(), strict=True)
    ranked = [{**one, "rank": int(rank), "tied": bool(tie)} for one, rank, tie in rows]
    return sorted(ranked, key=lambda one: (one["rank"], one["item"]))


def chosen(figures: Mapping[str, Any], top: int = TOP) -> list[dict[str, Any]]:
    """Ideas of the last vote within the first `top` ranks (ties included) that got any points."""
    last = figures["votes"][-1]
    return [
        {**one, "n": last["n"], "vote": last["vote"]}
        for one in last["items"]
        if one["points"] and one["rank"] <= top
    ]


def need_metrics(kind: str, figures: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The figures of each need that a panel's results bring, by item code and in their order: items in consensus of a
    Delphi, the first five ranks of a nominal group's last vote.
    """
    delphi_panel = kind == DELPHI
    own, value = (DELPHI_FIGURES, "median") if delphi_panel else (VOTE_FIGURES, "points")
    return {
        one["item"]: panel_metric(
            kind, indicative=bool(figures["indicative"]), n=one["n"], rank=one["rank"], tied=one["tied"], value=one[value]
        )
        | {name: one[name] for name in own}
        for one in (consensus(figures) if delphi_panel else chosen(figures))
    }  # fmt: skip


def _plain(found: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON would give it back, so that stored and new figures compare."""
    plain: dict[str, Any] = json.loads(json.dumps(found))
    return plain
