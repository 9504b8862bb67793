"""Noon in Toronto on 2026-12-09, as members all over Canada read it (oracle `tz_2026_12_09_noon_toronto`)."""

from __future__ import annotations

import json
from datetime import datetime
from zoneinfo import ZoneInfo

from shared import i18n
from shared.testing.plugin import ORACLES

NOON = datetime(2026, 12, 9, 12, 0, tzinfo=ZoneInfo("America/Toronto"))


def test_local_times_of_the_oracle() -> None:
    oracle = json.loads(ORACLES.read_text())["tz_2026_12_09_noon_toronto"]
    expected = {zone: time for zone, time in oracle.items() if "/" in zone}

    assert {zone: f"{NOON.astimezone(ZoneInfo(zone)):%H:%M}" for zone in expected} == expected
    assert len(expected) >= 5


def test_a_stale_zone_file_would_be_an_hour_wrong_in_vancouver() -> None:
    assert f"{NOON.astimezone(ZoneInfo('America/Vancouver')):%H:%M}" == "10:00"


def test_time_is_written_as_each_language_does() -> None:
    assert (
        i18n.date_time("fr", NOON, "America/St_Johns")
        == "9 décembre 2026 à 13\u00a0h\u00a030 (heure de Terre-Neuve)"
    )
    assert (
        i18n.date_time("en", NOON, "America/St_Johns")
        == "December 9, 2026 at 1:30\u00a0p.m. (Newfoundland Time)"
    )


def test_numbers_are_written_as_each_language_does() -> None:
    assert (i18n.number("fr", 1234.5), i18n.number("en", 1234.5)) == ("1\u00a0234,50", "1,234.50")
    assert (i18n.percent("fr", 0.925, 1), i18n.percent("en", 0.925, 1)) == ("92,5\u00a0%", "92.5%")
