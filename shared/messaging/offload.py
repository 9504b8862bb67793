"""Long arithmetic off the event loop.

In a plain process `run` simply calls. A host whose threads are cooperative sets a runner that hands the function
to a real thread, so that heartbeats and other calls go on meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
Runner = Callable[..., Any]


def _plain(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    return function(*args, **kwargs)


_runner: Runner = _plain


def set_runner(runner: Runner | None) -> None:
    """`runner(function, *args, **kwargs)` runs what is offloaded from now on; None goes back to a plain call."""
    global _runner  # noqa: PLW0603 one runner per process, set once by its host
    _runner = runner or _plain


def run(
    function: Callable[Parameters, Result], *args: Parameters.args, **kwargs: Parameters.kwargs
) -> Result:
    """The function's result, or what it raised. Never call it inside a write transaction."""
    result: Result = _runner(function, *args, **kwargs)
    return result
