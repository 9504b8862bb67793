"""The reader's language, safe printing, and the one error that ends a command with a reason."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

import click

from shared import i18n

REFUSED, UNREADABLE = 1, 2
# A minus sign lost on an old terminal would change a figure.
PLAIN = str.maketrans({"−": "-", "–": "-", "’": "'", "“": '"', "”": '"', "…": "...", "\u00a0": " "})


class Refusal(Exception):
    """The command ends here. `code` is stable and has a sentence `command.refusal.<code>` in both languages, or says
    with a general one that the method refuses the data.

    `status` is 1 for data that a method refuses and 2 for a file that cannot be read as asked; `line` counts
    from 1 in the file. `params` hold column names, item ids and numbers, never an answer or a respondent.
    """

    def __init__(
        self, code: str, params: Mapping[str, Any] | None = None, *, line: int = 0, status: int = REFUSED
    ) -> None:
        super().__init__(code)
        self.code, self.params, self.line, self.status = code, dict(params or {}), line, status

    def message(self, language: str) -> str:
        """One sentence in "fr" or "en", with the line where there is one."""
        key = f"command.refusal.{self.code}"
        known = i18n.has(language, key)
        said = i18n.text(
            language, key if known else "command.refusal.method", **self.params | {"code": self.code}
        )
        return i18n.text(language, "command.line", line=self.line, text=said) if self.line else said

    def to_dict(self) -> dict[str, Any]:
        """JSON shape {code, line, params, message: {fr, en}}; line is null where there is none."""
        both = {language: self.message(language) for language in ("fr", "en")}
        return {"code": self.code, "line": self.line or None, "params": self.params, "message": both}


def unreadable(code: str, line: int = 0, **params: Any) -> Refusal:
    """A fault of the file itself: status 2."""
    return Refusal(code, params, line=line, status=UNREADABLE)


def reader_language(asked: str | None, environ: Mapping[str, str] = os.environ) -> str:
    """`asked`, or the language of LC_ALL, LC_MESSAGES or LANG (the first that is set), or French."""
    if asked:
        return asked
    return i18n.choose(next((environ[n] for n in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(n)), None))


def clean(text: str, limit: int = 200) -> str:
    """Text of a file made safe to print: control characters escaped, length capped."""
    safe = "".join(c if c.isprintable() or c == "\u00a0" else f"\\x{ord(c):02x}" for c in text)
    return safe if len(safe) <= limit else safe[: limit - 1] + "…"


def say(line: str, *, err: bool = False) -> None:
    """Print a line; what the terminal's encoding lacks becomes its plain form, or else a question mark."""
    stream: TextIO = sys.stderr if err else sys.stdout
    coding = stream.encoding or "utf-8"
    try:
        line.encode(coding)
    except UnicodeEncodeError:
        line = line.translate(PLAIN).encode(coding, "replace").decode(coding)
    click.echo(line, err=err)


def say_json(value: Any) -> None:
    """Print one JSON value on one line, with accents as they are. Raises ValueError on NaN or infinity."""
    say(json.dumps(value, ensure_ascii=False, allow_nan=False))


def end(refusal: Refusal, language: str, *, as_json: bool) -> int:
    """Say why on standard error (and as JSON on standard output if asked); return the exit status."""
    if as_json:
        say_json({"refused": refusal.to_dict()})
    say(f"{refusal.message(language)} [{refusal.code}]", err=True)
    return refusal.status


def table(head: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> list[str]:
    """Lines of a table in columns two spaces apart; the first `left` columns flush left, the others right."""
    cells = [list(head), *[list(row) for row in rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    return ["  ".join(_padded(row, widths, left)).rstrip() for row in cells]


def _padded(row: Sequence[str], widths: Sequence[int], left: int) -> list[str]:
    return [
        cell.ljust(width) if i < left else cell.rjust(width)
        for i, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
