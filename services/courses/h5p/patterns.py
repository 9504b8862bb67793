"""Patterns that come with a package, and whether it is safe to search with them."""

from __future__ import annotations

import re

_TOKENS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.", re.DOTALL)


def is_tame(pattern: str) -> bool:
    """False when a repeated group repeats or alternates within: on some texts such a search never ends."""
    tokens = _TOKENS.findall(pattern)
    varied = [False]  # for each open group, whether something in it repeats or alternates
    for here, after in zip(tokens, [*tokens[1:], ""], strict=True):
        if here == "(":
            varied.append(False)
        elif here == ")" and len(varied) > 1:
            inner = varied.pop()
            if inner and after in ("+", "*", "{"):
                return False
            varied[-1] = varied[-1] or inner
        elif here in ("+", "*", "{", "|"):
            varied[-1] = True
    return True
