"""The analysis of needs as a report for people, in either language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from services.command.needs import ByGroup, Findings, Wave, ranked
from services.command.words import clean, table
from services.surveys.methods import THRESHOLD, Analysis, Estimate
from shared.i18n import number, percent, text


class Report:
    """Writes one analysis in "fr" or "en", line by line."""

    def __init__(self, language: str) -> None:
        self.language = language

    def word(self, key: str, **params: Any) -> str:
        """A text of this command."""
        return text(self.language, f"command.{key}", **params)

    def lines(self, found: Findings) -> Iterator[str]:
        """The whole report: everyone, then each group, the change from wave to wave, then the record."""
        if found.waves:
            yield self.word("wave", wave=found.waves[-1].number)
        if found.weights is not None:
            effective, trimmed = self.figure(found.weights.effective_n, 1), found.weights.trimmed
            yield self.word("weighted", effective=effective, trimmed=trimmed)
        yield from self._analysis(found.whole)
        yield from self._agreement(found.whole)
        if found.groups is not None:
            yield from self._groups(found.groups)
        for wave in found.waves[1:]:
            yield from self._changes(found.waves[0].number, wave)
        yield from ("", self.word("manifest"))
        yield from self.record(found.whole.manifest.to_dict())

    def record(self, values: Mapping[str, Any], indent: str = "  ") -> Iterator[str]:
        """Name and value lines of a manifest, one level deep."""
        for name, value in values.items():
            if isinstance(value, Mapping):
                yield f"{indent}{name}"
                yield from self.record(value, indent + "  ")
            else:
                shown = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
                yield f"{indent}{name}\u00a0= {shown}"

    def people(self, n: int, *, indicative: bool) -> Iterator[str]:
        """The warning under ten people."""
        if indicative:
            yield self.word("indicative", n=n)

    def share(self, value: float) -> str:
        """A chance or share as a percentage."""
        return percent(self.language, value)

    def figure(self, value: float | None, digits: int = 2) -> str:
        """A figure, or a dash; never a minus sign before zero."""
        if value is None:
            return "–"
        return number(self.language, round(value, digits) + 0.0, digits).replace("-", "−")

    def interval(self, low: float, high: float) -> str:
        """`[8.67; 12.08]`."""
        return f"[{self.figure(low)}; {self.figure(high)}]"

    def rank(self, rank: int, *, tied: bool) -> str:
        """`2`, or `2=` where it is shared."""
        return f"{rank}=" if tied else str(rank)

    def p_value(self, value: float) -> str:
        """Three decimals, or below the smallest that they show."""
        return f"<\u00a0{self.figure(0.001, 3)}" if value < 0.001 else self.figure(value, 3)

    def _analysis(self, analysis: Analysis) -> Iterator[str]:
        response = analysis.response
        yield self.word(
            "people", received=response.received, answered=response.answered, complete=response.complete
        )
        yield from self.people(response.answered, indicative=analysis.indicative)
        for method in analysis.manifest.methods:
            yield from ("", self.word(f"method.{method}"))
            yield from self._method(analysis, method)
        yield from self._quadrants(analysis)
        if analysis.suppressed:
            items = clean(", ".join(analysis.suppressed), 2000)
            yield from ("", self.word("suppressed", minimum=THRESHOLD, items=items))

    def _method(self, analysis: Analysis, method: str) -> Iterator[str]:
        tested = ("p", "p-holm") if method == "gap" else ()
        top = self.word("column.top", k=analysis.manifest.top_k)
        names = ("item", "rank", "n", "value", "interval", "first")
        head = [*(self.word(f"column.{name}") for name in names), top]
        head += [self.word(f"column.{name}") for name in tested]
        rows = []
        for item in ranked(analysis, method):
            row = [clean(item.item), *self._estimate(item.n, item.estimates[method])]
            rows.append(row + ([self.p_value(item.p_value), self.p_value(item.p_holm)] if tested else []))
        yield from table(head, rows)

    def _estimate(self, n: int, found: Estimate) -> list[str]:
        place = self.rank(found.rank, tied=found.tied)
        spread = self.interval(found.low, found.high)
        return [
            place,
            str(n),
            self.figure(found.value),
            spread,
            self.share(found.p_first),
            self.share(found.p_top),
        ]

    def _quadrants(self, analysis: Analysis) -> Iterator[str]:
        cuts = analysis.cuts
        yield from ("", self.word("method.ipa"))
        yield self.word(
            "cuts",
            rule=self.word(f"cut.{cuts.rule}"),
            importance=self.figure(cuts.importance),
            ability=self.figure(cuts.ability),
        )
        head = [self.word(f"column.{name}") for name in ("item", "quadrant", "n", "importance", "ability")]
        rows = [
            [
                clean(item.item),
                self.word(f"quadrant.{item.quadrant}"),
                str(item.n),
                self.figure(item.mean_importance),
                self.figure(item.mean_ability),
            ]
            for item in ranked(analysis, analysis.ranking)
        ]
        yield from table(head, rows, left=2)

    def _agreement(self, analysis: Analysis) -> Iterator[str]:
        agreement = analysis.agreement
        yield from ("", self.word("agreement"))
        yield self.word("agreement.w", w=self.figure(agreement.kendall_w))
        for pair, rho in agreement.spearman.items():
            names = " – ".join(name.upper() for name in pair.split("~"))
            yield self.word("agreement.rho", pair=names, rho=self.figure(rho))
        if agreement.disputed:
            yield self.word("agreement.disputed", items=clean(", ".join(agreement.disputed), 2000))

    def _changes(self, first: int, wave: Wave) -> Iterator[str]:
        yield from ("", self.word("change", first=first, last=wave.number))
        names = ("item", "n", "before", "after", "change", "interval", "g", "p-holm")
        rows = []
        for item in sorted(wave.changes, key=lambda change: change.item):
            if item.gap is not None and item.p_holm is not None:
                gap, effect = item.gap, item.effect.g if item.effect else None
                figures = [self.figure(value) for value in (gap.before, gap.after, gap.change)]
                spread = self.interval(gap.low, gap.high)
                rows.append(
                    [
                        clean(item.item),
                        str(item.n),
                        *figures,
                        spread,
                        self.figure(effect),
                        self.p_value(item.p_holm),
                    ]
                )
        yield from table([self.word(f"column.{name}") for name in names], rows)
        hidden = [item.item for item in wave.changes if item.suppressed]
        if hidden:
            yield self.word("suppressed", minimum=THRESHOLD, items=clean(", ".join(hidden), 2000))

    def _groups(self, groups: ByGroup) -> Iterator[str]:
        column = clean(groups.column)
        for label, analysis in groups.shown.items():
            yield from ("", self.word("group", column=column, group=self._label(label)), "")
            yield from self._analysis(analysis)
        if groups.hidden:
            names = clean(", ".join(self._label(label) for label in groups.hidden), 2000)
            yield from ("", self.word("group.hidden", column=column, groups=names, minimum=THRESHOLD))

    def _label(self, label: str) -> str:
        return clean(label) if label else self.word("group.none")
