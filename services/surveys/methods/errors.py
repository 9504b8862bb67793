"""The one error of the methods package: a stable code and its figures."""

from __future__ import annotations

from collections.abc import Mapping


class MethodError(ValueError):
    """A method refuses its input.

    `code` is a stable kebab-case word that the caller translates; `params` holds the numbers or
    item ids of its message (never an answer). Codes: `bad-shape`, `bad-scale`, `bad-rating`,
    `bad-item-ids`, `too-few-responses`, `too-few-item-responses`, `bad-resamples`, `bad-seed`,
    `bad-top-k`, `unknown-method`, `unknown-cut-rule`, `zero-ability`, `too-few-raters`,
    `too-few-items`, `no-variation`, `unknown-convention`, `empty-sample`, `bad-design`,
    `bad-counts`, `bad-threshold`, `bad-weights`, `bad-margins`, `bad-limit`,
    `no-convergence`, `unknown-level`, `bad-ballot`.
    """

    def __init__(self, code: str, params: Mapping[str, object] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.params: dict[str, object] = dict(params or {})

    def __str__(self) -> str:
        return f"{self.code} {self.params}" if self.params else self.code
