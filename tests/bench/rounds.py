"""Rounds of every request at the product and at its floor, interleaved, and the medians over rounds."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.bench.load import Ask, Client, Job
from tests.bench.machine import FLOOR, cpu_seconds, product_cpu, wait_until_quiet
from tests.bench.story import NAMES, Measure

CONCURRENCIES = (1, 16)


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure. `once`: how many requests that cannot repeat, by concurrency."""

    rounds: int = 3
    seconds: float = 2.0
    warm_up: float = 0.7
    once: dict[int, int] = field(default_factory=lambda: {1: 50, 16: 160})
    once_warm_up: int = 20
    members: int = 40
    starts: int = 3

    @property
    def responses(self) -> int:
        """How many responses all rounds need."""
        return self.once_warm_up + self.rounds * sum(self.once.values())


QUICK = Effort(rounds=1, seconds=0.3, warm_up=0.1, once={1: 12, 16: 32}, once_warm_up=4, members=12, starts=1)


@dataclass(frozen=True, slots=True)
class Sample:
    """One round: requests per second, milliseconds, processor milliseconds per request (reactions included)."""

    rps: float
    p50: float
    p95: float
    p99: float
    cpu: float
    wrong: int
    count: int


def percentile(sorted_values: list[float], share: float) -> float:
    """The nearest-rank percentile."""
    return sorted_values[min(len(sorted_values) - 1, int(share * len(sorted_values)))]


class Bench:
    """Measures one product and its floor."""

    def __init__(
        self, client: Client, ports: tuple[int, int], effort: Effort, say: Callable[[str], None]
    ) -> None:
        self.client, self.effort, self.say = client, effort, say
        self.product_port, self.floor_port = ports

    def run(self, measures: list[Measure]) -> list[dict[str, Any]]:
        """One result per request and concurrency."""
        for measure in measures:
            self._warm(measure)
        wait_until_quiet()
        samples: dict[tuple[str, int, bool], list[Sample]] = {}
        for number in range(self.effort.rounds):
            self.say(f"round {number + 1} of {self.effort.rounds}")
            for measure in measures:
                for callers in CONCURRENCIES:
                    for at_floor in (False, True) if number % 2 == 0 else (True, False):
                        sample = self._sample(measure, callers, number, at_floor)
                        samples.setdefault((measure.name, callers, at_floor), []).append(sample)
        return [
            _result(
                measure.name,
                callers,
                samples[measure.name, callers, False],
                samples[measure.name, callers, True],
            )
            for measure in measures
            for callers in CONCURRENCIES
        ]

    def _warm(self, measure: Measure) -> None:
        for port, asks in ((self.product_port, measure.product), (self.floor_port, measure.floor)):
            chosen = asks[: self.effort.once_warm_up] if measure.once else asks
            self.client.run(Job(port, chosen, 4, 0 if measure.once else self.effort.warm_up))

    def _sample(self, measure: Measure, callers: int, number: int, at_floor: bool) -> Sample:
        port = self.floor_port if at_floor else self.product_port
        asks = measure.floor if at_floor else measure.product
        if measure.once:
            asks = self._share(asks, callers, number)
        before = cpu_seconds()
        found = self.client.run(Job(port, asks, callers, 0 if measure.once else self.effort.seconds))
        if measure.writes and not at_floor:
            wait_until_quiet()
        return _sampled(found, _used(before, cpu_seconds(), at_floor))

    def _share(self, asks: list[Ask], callers: int, number: int) -> list[Ask]:
        each = sum(self.effort.once.values())
        start = (
            self.effort.once_warm_up
            + number * each
            + sum(n for c, n in self.effort.once.items() if c < callers)
        )
        return asks[start : start + self.effort.once[callers]]


def _used(before: dict[str, float], after: dict[str, float], at_floor: bool) -> float:
    kinds = (FLOOR, "postgresql")
    if at_floor:
        return sum(after.get(kind, 0) - before.get(kind, 0) for kind in kinds)
    return product_cpu(after) - product_cpu(before)


def _sampled(found: dict[str, Any], cpu: float) -> Sample:
    times = sorted(found["latencies"])
    p50, p95, p99 = (percentile(times, share) for share in (0.50, 0.95, 0.99))
    wrong = sum(found["wrong"].values())
    return Sample(len(times) / found["seconds"], p50, p95, p99, 1000 * cpu / len(times), wrong, len(times))


def _result(name: str, callers: int, product: list[Sample], floor: list[Sample]) -> dict[str, Any]:
    ratios = [ours.rps / theirs.rps for ours, theirs in zip(product, floor, strict=True)]
    return {
        "name": name, "request": NAMES[name], "concurrency": callers, "product": _medians(product),
        "floor": _medians(floor), "ratio": statistics.median(ratios), "ratio_range": [min(ratios), max(ratios)],
    }  # fmt: skip


def _medians(samples: list[Sample]) -> dict[str, float]:
    fields = ("rps", "p50", "p95", "p99", "cpu")
    medians = {name: statistics.median(getattr(sample, name) for sample in samples) for name in fields}
    return medians | {"wrong": sum(s.wrong for s in samples), "count": sum(s.count for s in samples)}
