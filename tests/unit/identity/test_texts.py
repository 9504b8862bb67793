from __future__ import annotations

import re

import pytest

from services.identity.domain import errors
from services.identity.domain.vocabulary import PROVINCES, ROLE_ORDER, SCOPES, SECTORS, TIME_ZONES
from shared.i18n import LANGUAGES, Catalogue

FIELD_CODES = ("bad-email", "password-too-short", "password-personal", "password-common", "wrong-password")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_and_every_code_of_a_list_has_its_text(language: str) -> None:
    texts = Catalogue(language).texts
    wanted = {
        f"errors.{kind.code}"
        for kind in vars(errors).values()
        if getattr(kind, "__module__", "") == errors.__name__
    }
    wanted |= {f"errors.field.{code}" for code in FIELD_CODES}
    wanted |= {f"identity.province.{code}" for code in PROVINCES} | {
        f"identity.sector.{code}" for code in SECTORS
    }
    wanted |= {f"identity.role.{code}" for code in ROLE_ORDER} | {
        f"identity.tokens.access.{code}" for code in SCOPES
    }
    wanted |= {f"identity.zone.{name.removeprefix('America/')}" for name in TIME_ZONES}
    assert wanted - texts.keys() == set()


def test_french_has_its_typography() -> None:
    found = [
        (key, text)
        for key, value in Catalogue("fr").texts.items()
        if key.startswith("identity.")
        for text in ([value] if isinstance(value, str) else value)
        if re.search(r"(?<!\u00a0):(?!//)|«(?!\u00a0)|(?<!\u00a0)»|[ \u00a0][;?!]|'|!", text)
    ]
    assert found == []
