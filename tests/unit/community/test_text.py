import pytest

from services.community.domain.text import search_text
from shared.text import fold


@pytest.mark.parametrize(
    ("given", "folded"),
    [("Réseaux  d’appui", "reseaux d’appui"), ("Cœur à l’ŒUVRE", "coeur a l’oeuvre"), ("ÇA VA", "ca va")],
)
def test_fold_sets_accents_and_case_aside(given: str, folded: str) -> None:
    assert fold(given) == folded


def test_search_text_skips_a_missing_half() -> None:
    assert search_text(["Écoles", None, "Schools"]) == "ecoles schools"
