"""Two equal languages: gettext catalogues with semantic keys, and CLDR formats of Canada through Babel.

Catalogues are `shared/locales/<language>/<area>.po`, read at start. A key missing in one language is a bug that
the parity test finds; there is no falling back from one language to the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time, format_timedelta, get_timezone_name
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

from shared.wire import LANGUAGES

FOLDER = Path(__file__).parent / "locales"
LOCALES = {"fr": Locale("fr", "CA"), "en": Locale("en", "CA")}
DEFAULT = "fr"
PLURAL = ".plural"


class Catalogue:
    """The texts of one language. Plural forms: index 0 for the singular, 1 for the plural."""

    def __init__(self, language: str, folder: Path = FOLDER) -> None:
        self.language = language
        self.texts: dict[str, str | tuple[str, ...]] = {}
        for path in sorted((folder / language).glob("*.po")):
            with path.open("rb") as file:
                for message in read_po(file, locale=language):
                    key = message.id[0] if isinstance(message.id, (list, tuple)) else message.id
                    if key:
                        self.texts[key] = (
                            message.string if isinstance(message.string, str) else tuple(message.string or ())
                        )

    def text(self, key: str, **params: Any) -> str:
        """The text of `key` with its parameters. An unknown key is shown as itself, which tests refuse."""
        found = self.texts.get(key, key)
        template = found if isinstance(found, str) else found[0]
        return template % params if params else template

    def plural(self, key: str, count: float, **params: Any) -> str:
        """The form for `count`; in French 0 and 1 are singular, in English only 1 is. `%(count)s` is formatted."""
        found = self.texts.get(key, key)
        forms = (found, found) if isinstance(found, str) else found
        singular = count < 2 if self.language == "fr" else count == 1
        shown = format_decimal(count, locale=LOCALES[self.language])
        return str(forms[0 if singular else -1]) % ({"count": shown} | params)


@cache
def catalogue(language: str) -> Catalogue:
    """The catalogue of "fr" or "en" (anything else: French, the default)."""
    return Catalogue(language if language in LANGUAGES else DEFAULT)


def text(language: str, key: str, **params: Any) -> str:
    """Shorthand for `catalogue(language).text`."""
    return catalogue(language).text(key, **params)


def plural(language: str, key: str, count: float, **params: Any) -> str:
    """Shorthand for `catalogue(language).plural`."""
    return catalogue(language).plural(key, count, **params)


def has(language: str, key: str) -> bool:
    """True when the catalogue has the key."""
    return key in catalogue(language).texts


def pick(language: str, pair: Mapping[str, str | None]) -> str:
    """The member's language of a bilingual text; the other one if that half is still missing."""
    other = "en" if language == "fr" else "fr"
    return pair.get(language) or pair.get(other) or ""


def choose(accept_language: str | None) -> str:
    """The first of our languages in an Accept-Language header; French when none is."""
    for part in (accept_language or "").split(","):
        tag = part.split(";")[0].strip().lower()[:2]
        if tag in LANGUAGES:
            return tag
    return DEFAULT


def date_time(language: str, at: datetime, zone: str, *, length: str = "long") -> str:
    """`22 novembre 2026 à 13 h 30 (heure de l’Est)` / `November 22, 2026 at 1:30 p.m. (Eastern Time)`."""
    local = at.astimezone(ZoneInfo(zone))
    locale = LOCALES[language]
    day = format_date(local, length, locale=locale)
    return (
        f"{day} {text(language, 'format.at')} {clock_time(language, at, zone)} ({zone_name(language, zone)})"
    )


def clock_time(language: str, at: datetime, zone: str) -> str:
    """`13 h 30` / `1:30 p.m.` in the given zone."""
    local = at.astimezone(ZoneInfo(zone))
    pattern = "H 'h' mm" if language == "fr" else "h:mm a"
    shown = format_time(local, pattern, locale=LOCALES[language])
    return shown.replace(" ", "\u00a0")


def day(language: str, at: datetime | date, zone: str = "UTC", *, length: str = "long") -> str:
    """`22 novembre 2026` / `November 22, 2026`."""
    local = at.astimezone(ZoneInfo(zone)) if isinstance(at, datetime) else at
    return format_date(local, length, locale=LOCALES[language])


def zone_name(language: str, zone: str) -> str:
    """The zone's generic name in the language, such as `heure de l’Est`."""
    return get_timezone_name(ZoneInfo(zone), width="long", locale=LOCALES[language])


def ago(language: str, at: datetime, now: datetime) -> str:
    """`il y a 3 heures` / `3 hours ago`."""
    return format_timedelta(at - now, add_direction=True, locale=LOCALES[language])


def number(language: str, value: float, digits: int = 2) -> str:
    """`4,67` / `4.67`, at most `digits` decimals, exactly `digits` shown."""
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return format_decimal(value, pattern, locale=LOCALES[language])


def percent(language: str, share: float, digits: int = 0) -> str:
    """A share of 0..1 as `92 %` / `92%`."""
    pattern = "#,##0" + ("." + "0" * digits if digits else "") + ("\u00a0%" if language == "fr" else "%")
    return format_percent(share, pattern, locale=LOCALES[language])


__all__ = [
    "DEFAULT", "LANGUAGES", "Catalogue", "ago", "catalogue", "choose", "clock_time", "date_time", "day",
    "has", "number", "percent", "pick", "plural", "text", "zone_name",
]  # fmt: skip
