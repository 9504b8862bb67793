"""The expressions of XLSForm that Cercle's conditions and computed values can say.

Conditions: `${a} = 'x'` (also !=, <, <=, >, >=), `selected(${a}, 'x')`, `${a} = ''`, `and`, `or`, `not(…)`, brackets.
Calculations: numbers, `${a}`, +, -, *, div, brackets, sum(…), min(…), max(…). Anything else is Unsupported.
Source: the XLSForm specification (xlsform.org) and the ODK XForms functions it refers to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

TOKEN = re.compile(
    r"\s*(?:(?P<ref>\$\{\s*[\w.-]+\s*\})|(?P<number>\d+(?:\.\d+)?)|(?P<text>'[^']*'|\"[^\"]*\")"
    r"|(?P<name>[A-Za-z][\w-]*)|(?P<sign><=|>=|!=|[=<>+*(),.-]))"
)
COMPARE = {"=": "equals", "!=": "not-equals", "<": "less", "<=": "at-most", ">": "more", ">=": "at-least"}
TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}
FUNCTIONS = {"sum": "sum", "min": "least", "max": "most"}
MAX_LENGTH, MAX_DEPTH = 2000, 6


class UnsupportedExpression(ValueError):
    """Outside the subset."""


def condition(text: str, codes: Mapping[str, str]) -> dict[str, Any]:
    """A `relevant` as a condition; `codes` by XLSForm name. Raises UnsupportedExpression."""
    found: dict[str, Any] = _Reader(text, codes).whole(_Reader.either)
    return found


def calculation(text: str, codes: Mapping[str, str]) -> Any:
    """A `calculation` as an expression. Raises UnsupportedExpression."""
    return _Reader(text, codes).whole(_Reader.total)


def bounds(text: str) -> list[tuple[str, str, str]]:
    """The parts of a `constraint`, all joined by "and", as (subject, sign, literal).

    Subjects: "." (the value), "count-selected", "string-length". Raises UnsupportedExpression.
    """
    reader = _Reader(text, {})
    found = [reader.bound()]
    while reader.take_name("and"):
        found.append(reader.bound())
    reader.expect_end()
    return found


class _Reader:
    """Recursive descent over the tokens."""

    def __init__(self, text: str, codes: Mapping[str, str]) -> None:
        self._codes, self._at, self._depth = codes, 0, 0
        self._tokens: list[tuple[str, str]] = []
        place, text = 0, text.rstrip()
        if len(text) > MAX_LENGTH:
            raise UnsupportedExpression
        while place < len(text):
            match = TOKEN.match(text, place)
            if match is None or match.lastgroup is None:
                raise UnsupportedExpression
            self._tokens.append((match.lastgroup, match[match.lastgroup]))
            place = match.end()

    def whole(self, rule: Callable[[_Reader], Any]) -> Any:
        found = rule(self)
        self.expect_end()
        return found

    def expect_end(self) -> None:
        if self._at < len(self._tokens):
            raise UnsupportedExpression

    # conditions

    def either(self) -> dict[str, Any]:
        return self._joined("or", "any", self.both)

    def both(self) -> dict[str, Any]:
        return self._joined("and", "all", self.single)

    def _joined(self, word: str, group: str, part: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        found = [part()]
        while self.take_name(word):
            found.append(part())
        return found[0] if len(found) == 1 else {group: found}

    def single(self) -> dict[str, Any]:
        if self._call("not"):
            return {"not": self._condition_inside()}
        if self._call("selected"):
            place = {"item": self._ref()}
            self._sign(",")
            wanted = self._literal()
            self._sign(")")
            return {**place, "is": "includes", "value": _as_code(wanted)}
        if self._peek() == ("sign", "("):
            self._at += 1
            return self._condition_inside()
        return self._comparison()

    def _condition_inside(self) -> dict[str, Any]:
        found: dict[str, Any] = self._inside(self.either)
        return found

    def _comparison(self) -> dict[str, Any]:
        if self._peek()[0] == "ref":
            code, sign, value = self._ref(), self._compare(), self._literal()
        else:
            value, sign, code = self._literal(), TURNED[self._compare()], self._ref()
        if value == "" and sign in ("=", "!="):
            return {"item": code, "is": "not-answered" if sign == "=" else "answered"}
        return {"item": code, "is": COMPARE[sign], "value": _as_code(value)}

    # calculations

    def total(self) -> Any:
        found = self._product()
        while self._peek() in (("sign", "+"), ("sign", "-")):
            sign = self._next()[1]
            other = self._product()
            found = {"sum": [found, other]} if sign == "+" else {"minus": [found, other]}
        return found

    def _product(self) -> Any:
        found = self._term()
        while self._peek() in (("sign", "*"), ("name", "div")):
            sign = self._next()[1]
            found = {"times" if sign == "*" else "over": [found, self._term()]}
        return found

    def _term(self) -> Any:
        kind, value = self._peek()
        if kind == "number":
            self._at += 1
            return float(value)
        if kind == "ref":
            return {"item": self._ref()}
        if (kind, value) == ("sign", "("):
            self._at += 1
            return self._inside(self.total)
        for name, word in FUNCTIONS.items():
            if self._call(name):
                return {word: self._arguments()}
        raise UnsupportedExpression

    def _arguments(self) -> list[Any]:
        found = [self.total()]
        while self._peek() == ("sign", ","):
            self._at += 1
            found.append(self.total())
        self._sign(")")
        return found

    # constraints

    def bound(self) -> tuple[str, str, str]:
        subject = "."
        for name in ("count-selected", "string-length"):
            if self._call(name):
                subject = name
                self._sign(".")
                self._sign(")")
                return subject, self._compare(), str(self._literal())
        self._sign(".")
        return subject, self._compare(), str(self._literal())

    # tokens

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _next(self) -> tuple[str, str]:
        token = self._peek()
        self._at += 1
        return token

    def take_name(self, name: str) -> bool:
        found = self._peek() == ("name", name)
        self._at += found
        return found

    def _call(self, name: str) -> bool:
        found = self._tokens[self._at : self._at + 2] == [("name", name), ("sign", "(")]
        self._at += 2 * found
        return found

    def _inside(self, rule: Callable[[], Any]) -> Any:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise UnsupportedExpression
        found = rule()
        self._sign(")")
        self._depth -= 1
        return found

    def _sign(self, sign: str) -> None:
        if self._next() != ("sign", sign):
            raise UnsupportedExpression

    def _compare(self) -> str:
        kind, sign = self._next()
        if kind != "sign" or sign not in COMPARE:
            raise UnsupportedExpression
        return sign

    def _ref(self) -> str:
        kind, value = self._next()
        name = value[2:-1].strip()
        if kind != "ref" or name not in self._codes:
            raise UnsupportedExpression
        return self._codes[name]

    def _literal(self) -> str | float:
        kind, value = self._next()
        if (kind, value) == ("sign", "-"):
            return -float(self._number())
        if kind == "number":
            return float(value)
        if kind != "text":
            raise UnsupportedExpression
        return value[1:-1]

    def _number(self) -> str:
        kind, value = self._next()
        if kind != "number":
            raise UnsupportedExpression
        return value


def _as_code(value: str | float) -> str | float:
    """Options have codes in lower case with hyphens; dates and numbers stay."""
    return value.lower().replace("_", "-") if isinstance(value, str) else value
