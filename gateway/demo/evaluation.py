"""What the demo's learners said of the course at its end: (answers, comment), one a person."""

from __future__ import annotations

CERTIFICATE = {
    "enabled": True, "hours": 2.5, "signatory_name": "Daniel Okoye",
    "signatory_title": {"fr": "Responsable de la formation", "en": "Training lead"}, "expires_months": 36,
}  # fmt: skip


def _said(
    relevance: int, examples: int, practice: int, difficulty: int, confidence: int, intent: int
) -> dict[str, str]:
    names = ("relevance", "examples", "practice", "difficulty", "confidence", "intent")
    return dict(
        zip(names, map(str, (relevance, examples, practice, difficulty, confidence, intent)), strict=True)
    )


REACTIONS: tuple[tuple[dict[str, str], str], ...] = (
    (
        _said(5, 4, 3, 3, 4, 5),
        "La fiche d’une page est ce que j’ai retenu. Plus d’exercices, s’il vous plaît.",
    ),
    (_said(4, 4, 2, 3, 4, 4), ""),
    (_said(5, 5, 3, 2, 4, 5), "More cases where partners disagree."),
    (_said(4, 3, 3, 3, 3, 4), ""),
    (_said(4, 4, 4, 3, 4, 5), "Court et concret : à garder ainsi."),
    (_said(3, 4, 2, 4, 3, 3), "I would have liked to try it with a colleague."),
)
