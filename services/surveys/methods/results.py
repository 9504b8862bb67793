"""What an analysis says, as plain values that survive a trip through JSON unchanged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from services.surveys.methods.ipa import Cuts
from services.surveys.methods.manifest import Manifest

PERCENTILE = "percentile"
BCA = "bca"


@dataclass(frozen=True)
class Estimate:
    """One method's figure for one item.

    `value`, `low`, `high`: estimate and 95 % interval in the method's units; `p_first`, `p_top`:
    chance 0..1 of rank 1 and of the top k; `rank` from 1 (greatest need), shared when `tied`;
    `interval`: how it was made, percentile or bca.
    """

    value: float
    low: float
    high: float
    p_first: float
    p_top: float
    rank: int
    tied: bool
    interval: str = PERCENTILE


@dataclass(frozen=True)
class RankedCounts:
    """People whose ability is below importance, above it, equal to it."""

    negative: int
    positive: int
    tied: int


@dataclass(frozen=True)
class ItemResult:
    """Everything about one item; a suppressed item has no figure at all, its n included."""

    item: str
    suppressed: bool
    n: int | None = None
    mean_importance: float | None = None
    mean_ability: float | None = None
    counts: RankedCounts | None = None
    estimates: Mapping[str, Estimate] = field(default_factory=dict)
    quadrant: str | None = None
    p_value: float | None = None
    p_holm: float | None = None


@dataclass(frozen=True)
class ResponseInfo:
    """People: rows received, rows with at least one complete pair, rows with all of those that are shown.

    `pair_share`: complete pairs among the cells, of the items shown, of the rows that answered, 0..1. `effective_n`: Kish's number of
    people under weights, else None.
    """

    received: int
    answered: int
    complete: int
    pair_share: float
    effective_n: float | None = None


@dataclass(frozen=True)
class Agreement:
    """How far MWDS, RDS and PNI rank alike.

    `kendall_w` 0..1 with ties; `spearman` -1..1 by "first~second"; None where it is undefined;
    `disputed`: items in the top k of one method and outside it in another.
    """

    kendall_w: float | None
    spearman: Mapping[str, float | None]
    disputed: tuple[str, ...]


@dataclass(frozen=True)
class Analysis:
    """The ranked needs of one survey; `ranking` names the method that orders `items`."""

    items: tuple[ItemResult, ...]
    ranking: str
    scale: int
    response: ResponseInfo
    indicative: bool
    cuts: Cuts
    agreement: Agreement
    manifest: Manifest

    @property
    def n(self) -> int:
        """People with at least one complete pair."""
        return self.response.answered

    @property
    def suppressed(self) -> tuple[str, ...]:
        """Items with too few complete pairs to show."""
        return tuple(result.item for result in self.items if result.suppressed)

    def figures(self) -> dict[str, Any]:
        """Everything but the manifest, as plain values."""
        return {key: value for key, value in self.to_dict().items() if key != "manifest"}

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values (floats in full precision); `from_dict` reads back an equal Analysis."""
        data = asdict(self)
        data["items"] = [dict(item) for item in data["items"]]
        data["agreement"]["disputed"] = list(self.agreement.disputed)
        data["manifest"] = self.manifest.to_dict()
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Analysis:
        """The analysis of `to_dict`; KeyError or TypeError on a dictionary of another shape."""
        return cls(
            items=tuple(_item(item) for item in data["items"]),
            ranking=data["ranking"],
            scale=data["scale"],
            response=ResponseInfo(**data["response"]),
            indicative=data["indicative"],
            cuts=Cuts(**data["cuts"]),
            agreement=_agreement(data["agreement"]),
            manifest=Manifest.from_dict(data["manifest"]),
        )


def _item(data: Mapping[str, Any]) -> ItemResult:
    counts = RankedCounts(**data["counts"]) if data["counts"] else None
    estimates = {name: Estimate(**values) for name, values in data["estimates"].items()}
    return ItemResult(**{**data, "counts": counts, "estimates": estimates})


def _agreement(data: Mapping[str, Any]) -> Agreement:
    return Agreement(data["kendall_w"], dict(data["spearman"]), tuple(data["disputed"]))
