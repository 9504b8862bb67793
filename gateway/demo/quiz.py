"""The demo's quiz and a few questions of its bank: about formulating risk and sharing information, without real persons."""

from __future__ import annotations

from typing import Any

View = dict[str, Any]


def _option(fr: str, en: str, feedback: tuple[str, str] = ("", ""), *, correct: bool = False) -> View:
    return {
        "text": {"fr": fr, "en": en}, "correct": correct, "feedback": {"fr": feedback[0], "en": feedback[1]},
    }  # fmt: skip


FORMULATION: View = {
    "kind": "single",
    "stem": {
        "fr": "Laquelle de ces phrases est une **formulation**?",
        "en": "Which of these sentences is a **formulation**?",
    },
    "options": [
        _option(
            "« Isolement : présent. Grief : présent. Entourage : absent. »",
            "“Isolation: present. Grievance: present. Support: absent.”",
            ("C’est une liste : rien ne dit comment ces éléments se tiennent.",
             "This is a list: nothing says how these elements hold together."),
        ),
        _option(
            "« Depuis la perte de son emploi, le fil du soir est son seul lieu d’échange; son frère reste un appui. »",
            "“Since the job was lost, the evening feed is the only place to talk; a brother is still a support.”",
            ("Oui : un début, ce qui maintient, et ce qui protège déjà.",
             "Yes: a beginning, what keeps it going, and what already protects."),
            correct=True,
        ),
        _option(
            "« Le risque est modéré. »", "“The risk is moderate.”",
            ("C’est une conclusion; elle ne dit pas quoi faire.", "This is a conclusion; it does not say what to do."),
        ),
    ],
}  # fmt: skip

SHARING: View = {
    "kind": "multiple", "points": 2,
    "stem": {
        "fr": "Avant une rencontre entre organismes, que vérifie-t-on?",
        "en": "What do we check before a meeting between agencies?",
    },
    "options": [
        _option("Le consentement, ou l’autorité légale qui le remplace",
                "Consent, or the legal authority that replaces it", correct=True),
        _option("Ce dont chaque organisme a besoin pour l’action convenue",
                "What each agency needs for the agreed action", correct=True),
        _option("Que tout le dossier a été envoyé, pour gagner du temps", "That the whole file was sent, to save time",
                ("On partage ce qu’il faut pour agir, pas tout ce que l’on sait.",
                 "We share what is needed to act, not all that we know.")),
        _option("Comment sera consigné ce qui a été dit", "How what was said will be recorded", correct=True),
    ],
    "feedback": {
        "fr": "Partager moins, au bon moment et avec une trace, protège la personne et l’équipe.",
        "en": "Sharing less, at the right time and on record, protects the person and the team.",
    },
}  # fmt: skip

STEPS: View = {
    "kind": "ordering",
    "stem": {"fr": "Remettez ces étapes en ordre.", "en": "Put these steps back in order."},
    "items": [
        {
            "text": {
                "fr": "Décrire la situation avec la personne",
                "en": "Describe the situation with the person",
            }
        },
        {
            "text": {
                "fr": "Relier facteurs, protections et contexte",
                "en": "Link factors, protections and context",
            }
        },
        {"text": {"fr": "Convenir de deux actions vérifiables", "en": "Agree on two verifiable actions"}},
        {
            "text": {
                "fr": "Fixer la date où l’on révisera l’hypothèse",
                "en": "Set the date to review the hypothesis",
            }
        },
    ],
    "feedback": {
        "fr": "Une hypothèse sans date de révision devient vite une étiquette.",
        "en": "A hypothesis without a review date soon becomes a label.",
    },
}

JUDGEMENT: View = {
    "kind": "vignette", "points": 2,
    "stem": {
        "fr": "*Vignette fictive.* Une personne suivie depuis quatre mois manque deux rendez-vous de suite. Elle répond "
        "aux textos, brièvement. Son équipe se demande si le lien se défait.",
        "en": "*Fictional vignette.* A person followed for four months misses two appointments in a row. They answer "
        "texts, briefly. Their team wonders whether the link is coming undone.",
    },
    "hypothesis": {"fr": "la personne se retire du suivi", "en": "the person is withdrawing from follow-up"},
    "finding": {
        "fr": "elle a commencé un emploi de soir la semaine du premier rendez-vous manqué",
        "en": "they started an evening job in the week of the first missed appointment",
    },
    "scale": "likelihood", "panel": [3, 7, 2, 0, 0],
    "point_feedback": [
        {"fr": "L’emploi explique l’horaire; il ne dit pas tout du lien.",
         "en": "The job explains the schedule; it does not say everything about the link."},
        {"fr": "La plupart du panel : une explication simple affaiblit l’hypothèse sans l’écarter.",
         "en": "Most of the panel: a simple explanation weakens the hypothesis without ruling it out."},
        {"fr": "Le fait nouveau compte : il offre une autre explication.",
         "en": "The new fact matters: it offers another explanation."},
        {"fr": "Personne au panel : qu’est-ce qui vous y a mené?", "en": "Nobody on the panel: what led you there?"},
        {"fr": "Personne au panel : qu’est-ce qui vous y a mené?", "en": "Nobody on the panel: what led you there?"},
    ],
    "feedback": {
        "fr": "Panel de démonstration de douze personnes, inventé pour ce cours.",
        "en": "A demonstration panel of twelve people, made up for this course.",
    },
}  # fmt: skip

BANK: tuple[View, ...] = (
    {
        "kind": "true-false", "answer": False,
        "stem": {
            "fr": "Un facteur de protection n’est utile que si tous les risques sont connus.",
            "en": "A protective factor is useful only when all risks are known.",
        },
        "when_true": {
            "fr": "On peut appuyer ce qui protège dès aujourd’hui, avec une compréhension partielle.",
            "en": "What protects can be supported today, with a partial understanding.",
        },
    },
    {
        "kind": "short",
        "stem": {
            "fr": "En un mot : ce qu’il faut obtenir, sauf exception légale, avant de partager un renseignement.",
            "en": "In one word: what is needed, except where the law says otherwise, before sharing information.",
        },
        "accepted": {"fr": ["consentement", "le consentement"], "en": ["consent"]},
    },
    {
        "kind": "matching",
        "stem": {"fr": "Associez chaque question à sa visée.", "en": "Match each question with its purpose."},
        "pairs": [
            {"left": {"fr": "Qu’est-ce qui a rendu cela possible?", "en": "What made this possible?"},
             "right": {"fr": "Comprendre l’origine", "en": "Understand the origin"}},
            {"left": {"fr": "Qu’est-ce qui le maintient?", "en": "What keeps it going?"},
             "right": {"fr": "Choisir où agir", "en": "Choose where to act"}},
            {"left": {"fr": "Qu’est-ce qui protège déjà?", "en": "What already protects?"},
             "right": {"fr": "S’appuyer sur les forces", "en": "Build on strengths"}},
        ],
    },
)  # fmt: skip
TAG = "formulation"

ENTRIES: list[View] = [
    *({"kind": "own", "question": question} for question in (FORMULATION, SHARING, STEPS, JUDGEMENT)),
    {"kind": "draw", "tag": TAG, "count": 2},
]
RULES: View = {"pass_mark": 0.6, "show_answers": "submitted"}


def answers(sitting: View, number: int) -> View:
    """What member `number` answers: enough to pass, not all alike."""
    return {one["id"]: _answer(one, number) for one in sitting["questions"]}


def _answer(one: View, number: int) -> Any:
    shown = {
        name: [text["fr"] for text in texts]
        for name, texts in one["shown"].items()
        if isinstance(texts, list)
    }
    if one["kind"] == "single":
        return shown["options"].index(FORMULATION["options"][1 if number % 4 else 2]["text"]["fr"])
    if one["kind"] == "multiple":
        right = {option["text"]["fr"] for option in SHARING["options"] if option["correct"]}
        chosen = [at for at, text in enumerate(shown["options"]) if text in right]
        return chosen[1:] if number % 4 == 0 else chosen
    if one["kind"] == "ordering":
        return [shown["items"].index(item["text"]["fr"]) for item in STEPS["items"]]
    if one["kind"] == "matching":
        partners = {pair["left"]["fr"]: pair["right"]["fr"] for pair in BANK[2]["pairs"]}
        return [shown["right"].index(partners[left]) for left in shown["left"]]
    plain = {"vignette": 0 if number % 4 == 0 else 1, "true-false": number % 4 == 0}
    return plain.get(one["kind"], "Consentement")
