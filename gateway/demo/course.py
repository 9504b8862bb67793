"""The demo course, written for Cercle: fictional, careful, and the same in both languages."""

from __future__ import annotations

from typing import Any

PROPOSAL: dict[str, Any] = {
    "title": {
        "fr": "Formuler le risque à plusieurs, sans perdre la personne de vue",
        "en": "Formulating risk together without losing sight of the person",
    },
    "rationale": {
        "fr": "Plusieurs membres disent évaluer souvent, mais formuler rarement : le lien entre les facteurs, le "
        "scénario et le plan reste implicite. Une formation courte, bâtie sur des vignettes, donnerait un langage "
        "commun aux équipes de plusieurs organismes.",
        "en": "Many members say they assess often but formulate rarely: the thread between factors, scenario and "
        "plan stays implicit. A short course built on vignettes would give teams from several agencies a shared "
        "language.",
    },
    "audience": {
        "fr": "Intervenantes et intervenants de tous les secteurs qui participent à un suivi",
        "en": "Practitioners of every sector who take part in follow-up",
    },
    "format": "self-paced",
    "effort_hours": 2,
}

DECISION: dict[str, str] = {
    "fr": "Ce besoin arrive en tête dans tous les secteurs et la proposition a l’appui du réseau. On commence par "
    "deux modules en ligne; une séance de discussion suivra.",
    "en": "This need comes first in every sector and the proposal has the network’s support. We start with two "
    "online modules; a discussion session will follow.",
}

SUMMARY: dict[str, str] = {
    "fr": "Deux modules pour passer d’une liste de facteurs à une compréhension partagée, et d’une compréhension à "
    "un plan que chaque organisme peut porter.",
    "en": "Two modules to move from a list of factors to a shared understanding, and from an understanding to a "
    "plan that each agency can carry.",
}

OBJECTIVE: dict[str, Any] = {
    "text": {
        "fr": "À partir d’une vignette, formuler en équipe une hypothèse de risque qui relie facteurs, protections "
        "et contexte, et en tirer deux actions vérifiables.",
        "en": "From a vignette, formulate as a team a risk hypothesis that links factors, protections and context, "
        "and draw two verifiable actions from it.",
    },
    "bloom": "apply",
}

MODULES: tuple[dict[str, Any], ...] = (
    {
        "title": {"fr": "De la liste à la compréhension", "en": "From a list to an understanding"},
        "units": (
            {
                "title": {"fr": "Pourquoi formuler", "en": "Why formulate"},
                "activities": (
                    {
                        "kind": "text",
                        "title": {
                            "fr": "Évaluer n’est pas encore comprendre",
                            "en": "Assessing is not yet understanding",
                        },
                        "body": {
                            "fr": "## Une grille remplie ne dit pas quoi faire\n\nUn outil de jugement professionnel structuré "
                            "aide à ne rien oublier. Il ne dit pas **comment** les éléments se tiennent, ni ce qui "
                            "changerait si l’un d’eux bougeait. C’est le rôle de la formulation.\n\nUne formulation utile "
                            "répond à trois questions :\n\n1. Qu’est-ce qui a rendu possible la situation actuelle?\n"
                            "2. Qu’est-ce qui la maintient aujourd’hui?\n3. Qu’est-ce qui protège déjà, même un peu?\n\n"
                            "> On formule avec la personne chaque fois que c’est possible, jamais seulement à son sujet.\n\n"
                            "### Avant de continuer\n\nPensez à un suivi récent, sans rien en écrire ici. Quelle question "
                            "est restée sans réponse dans votre équipe?",
                            "en": "## A completed grid does not say what to do\n\nA structured professional judgement tool "
                            "helps us forget nothing. It does not say **how** the elements hold together, or what would "
                            "change if one of them moved. That is the role of formulation.\n\nA useful formulation answers "
                            "three questions:\n\n1. What made the present situation possible?\n2. What keeps it going "
                            "today?\n3. What already protects, even a little?\n\n> We formulate with the person whenever "
                            "possible, never only about them.\n\n### Before you go on\n\nThink of a recent follow-up, "
                            "without writing any of it here. Which question stayed unanswered in your team?",
                        },
                    },
                    {
                        "kind": "h5p",
                        "title": {"fr": "Reconnaître ce qui protège", "en": "Recognizing what protects"},
                    },
                ),
            },
        ),
    },
    {
        "title": {"fr": "De la compréhension au plan", "en": "From an understanding to a plan"},
        "units": (
            {
                "title": {"fr": "Un plan que chacun peut porter", "en": "A plan that everyone can carry"},
                "activities": (
                    {
                        "kind": "text",
                        "title": {"fr": "Partager sans exposer", "en": "Sharing without exposing"},
                        "body": {
                            "fr": "## Ce qui se partage, ce qui reste\n\nDans une rencontre entre organismes, on partage "
                            "**ce qu’il faut pour agir**, pas tout ce que l’on sait. Trois repères :\n\n- le "
                            "consentement, ou l’autorité légale qui le remplace;\n- le minimum nécessaire à l’action "
                            "convenue;\n- une trace de ce qui a été dit, à qui et pourquoi.\n\n| Question | Qui y répond |\n"
                            "| --- | --- |\n| Qui fait quoi d’ici la prochaine rencontre? | L’équipe |\n| Qu’est-ce qui "
                            "nous ferait changer d’avis? | L’équipe, avec la personne |\n| Quand se revoit-on? | La "
                            "personne qui coordonne |\n\nCe cours n’est ni un service d’urgence ni un canal de "
                            "signalement.",
                            "en": "## What is shared, what stays\n\nIn a meeting between agencies, we share **what is needed "
                            "to act**, not all that we know. Three markers:\n\n- consent, or the legal authority that "
                            "replaces it;\n- the minimum needed for the agreed action;\n- a record of what was said, to "
                            "whom and why.\n\n| Question | Who answers |\n| --- | --- |\n| Who does what before the next "
                            "meeting? | The team |\n| What would change our mind? | The team, with the person |\n| When do "
                            "we meet again? | The person who coordinates |\n\nThis course is neither an emergency service "
                            "nor a reporting channel.",
                        },
                    },
                    {
                        "kind": "video",
                        "title": {
                            "fr": "Les trois questions, en quinze secondes",
                            "en": "The three questions, in fifteen seconds",
                        },
                    },
                    {
                        "kind": "quiz",
                        "title": {"fr": "Juger une situation", "en": "Judging a situation"},
                    },
                ),
            },
        ),
    },
)

TRANSCRIPT: dict[str, str] = {
    "fr": "Trois questions se suivent, blanc sur vert, sans paroles ni musique :\n\n1. Qu’est-ce qui a rendu possible la "
    "situation actuelle?\n2. Qu’est-ce qui la maintient aujourd’hui?\n3. Qu’est-ce qui protège déjà, même un peu?\n",
    "en": "Three questions follow one another, white on green, without words or music:\n\n1. What made the present situation "
    "possible?\n2. What keeps it going today?\n3. What already protects, even a little?\n",
}

POSTS: tuple[tuple[str, str, str], ...] = (
    ("member03", "fr", ("Dans notre équipe, la formulation se perd entre deux rencontres. Une page commune, très courte, "
     "nous aiderait plus qu’un nouveau formulaire.")),
    ("member05", "en", ("Agreed on keeping it short. We tried one paragraph per question, written with the person, and "
     "the partners actually read it.")),
    ("trainer", "en", "I will build the second module around that idea: one page, three questions, two actions."),
)  # fmt: skip
