"""What charts say, in both languages. Placeholders are filled by str.format."""

from __future__ import annotations

from typing import Final

from gateway.web.charts.text import NBSP

_N = NBSP
_COUNTS = {
    "en": [
        "No",
        "One",
        "Two",
        "Three",
        "Four",
        "Five",
        "Six",
        "Seven",
        "Eight",
        "Nine",
        "Ten",
        "Eleven",
        "Twelve",
    ],
    "fr": [
        "Aucun",
        "Un",
        "Deux",
        "Trois",
        "Quatre",
        "Cinq",
        "Six",
        "Sept",
        "Huit",
        "Neuf",
        "Dix",
        "Onze",
        "Douze",
    ],
}

WORDS: Final[dict[str, dict[str, str]]] = {
    "en": {
        "stand.0": "No need clearly stands out yet",
        "stand.1": "One need stands out",
        "stand.n": "{count} needs stand out",
        "focus.0": "No need is both important and low in ability",
        "focus.1": "One need is important, with ability still low",
        "focus.n": "{count} needs are important, with ability still low",
        "indicative": "Indicative only: ",
        "col.rank": "Rank",
        "col.need": "Need",
        "col.score": "Score",
        "col.low": "95% interval, from",
        "col.high": "95% interval, to",
        "col.rds": "Ranked discrepancy (RDS)",
        "col.n": "Answers",
        "col.chance": "Chance of being in the top {k}",
        "head.chance": "In the top {k}",
        "col.importance": "Importance (mean)",
        "col.ability": "Ability (mean)",
        "col.quadrant": "Quadrant",
        "axis.score": "Weighted gap (MWDS), with its 95% interval",
        "none.score": "no gap",
        "axis.importance": "Importance",
        "axis.ability": "Ability",
        "axis.more": "{axis} → (scale 1 to {scale})",
        "sub.ranking": "{answers}. Bars: 95% interval. In colour: at least 80% sure to be in the top {k}.",
        "sub.quadrant": "{answers}. Numbers give the place in the ranking.",
        "answers.one": "{n} answers per need",
        "answers.range": "{low} to {high} answers per need",
        "alt.item": "{label} ({value}, 95% interval {low} to {high})",
        "alt.ranking": "{count} needs ranked by weighted gap between importance and ability, "
        "from {first} down to {last}. {answers}.",
        "alt.quadrant": "{count} needs placed by ability (across) and importance (up). "
        "Lines at ability {ability} and importance {importance} ({rule}).",
        "alt.region": "{region}: {labels}.",
        "rule.grand-mean": "mean",
        "rule.median": "median",
        "rule.midpoint": "middle of the scale",
        "cut": "{rule} {value}",
        "region.concentrate": "Work on first",
        "region.keep-up": "Keep up",
        "region.low-priority": "Lower priority",
        "region.possible-overkill": "Perhaps more than needed",
        "tip.score": "Score {value} (95% interval {low} to {high})",
        "tip.chance": "Chance of top {k}: {chance}",
        "tip.n": "{n} answers",
        "tip.means": "Importance {importance}, ability {ability}",
        "ui.points": "Chart. Arrow keys move from point to point.",
        "colon": ": ",
        "apart.0": "No group stands clearly apart from the whole",
        "apart.1": "In one place a group stands apart from the whole",
        "apart.n": "In {count} places a group stands apart from the whole",
        "sub.groups": "Gap between importance and ability, in points, with its 95% interval. Upright line: everyone. "
        "In colour: the interval leaves everyone’s gap out.",
        "alt.apart": "{group}, {label}: {value} against {overall}",
        "alt.groups": "{count} needs, each with its gap in these groups: {groups}.",
        "col.group": "Group",
        "col.gap": "Gap",
        "hidden": "hidden",
        "options.0": "No choice clearly stands out yet",
        "options.1": "One choice stands out",
        "options.n": "{count} choices stand out",
        "axis.choices": "Chosen as most minus least important, per 100 appearances, with its 95% interval",
        "none.choices": "as often",
        "alt.options": "{count} options ranked by how much more often they were chosen as most than as least important, "
        "per 100 appearances, from {first} down to {last}. {answers}.",
    },
    "fr": {
        "stand.0": "Aucun besoin ne se détache nettement pour l’instant",
        "stand.1": "Un besoin se détache",
        "stand.n": "{count} besoins se détachent",
        "focus.0": "Aucun besoin important n’a une capacité faible",
        "focus.1": "Un besoin est important, avec une capacité encore faible",
        "focus.n": "{count} besoins sont importants, avec une capacité encore faible",
        "indicative": f"À titre indicatif{_N}: ",
        "col.rank": "Rang",
        "col.need": "Besoin",
        "col.score": "Score",
        "col.low": f"Intervalle à 95{_N}%, de",
        "col.high": f"Intervalle à 95{_N}%, à",
        "col.rds": "Écart ordinal (RDS)",
        "col.n": "Réponses",
        "col.chance": "Probabilité d’être dans les {k} premiers",
        "head.chance": "Dans les {k} premiers",
        "col.importance": "Importance (moyenne)",
        "col.ability": "Capacité (moyenne)",
        "col.quadrant": "Quadrant",
        "axis.score": f"Écart pondéré (MWDS), avec son intervalle à 95{_N}%",
        "none.score": "aucun écart",
        "axis.importance": "Importance",
        "axis.ability": "Capacité",
        "axis.more": "{axis} → (échelle de 1 à {scale})",
        "sub.ranking": f"{{answers}}. Barres{_N}: intervalle à 95{_N}%. En couleur{_N}: "
        f"au moins 80{_N}% de chances d’être dans les {{k}} premiers.",
        "sub.quadrant": "{answers}. Les numéros donnent la place au classement.",
        "answers.one": "{n} réponses par besoin",
        "answers.range": "De {low} à {high} réponses par besoin",
        "alt.item": f"{{label}} ({{value}}, intervalle à 95{_N}% de {{low}} à {{high}})",
        "alt.ranking": "{count} besoins classés selon l’écart pondéré entre importance et capacité, "
        "de {first} à {last}. {answers}.",
        "alt.quadrant": "{count} besoins placés selon la capacité (à l’horizontale) et l’importance "
        "(à la verticale). Lignes à {ability} pour la capacité et à {importance} pour l’importance ({rule}).",
        "alt.region": f"{{region}}{_N}: {{labels}}.",
        "rule.grand-mean": "moyenne",
        "rule.median": "médiane",
        "rule.midpoint": "milieu de l’échelle",
        "cut": "{rule} {value}",
        "region.concentrate": "À travailler d’abord",
        "region.keep-up": "À maintenir",
        "region.low-priority": "Moins prioritaire",
        "region.possible-overkill": "Peut-être plus que nécessaire",
        "tip.score": f"Score {{value}} (intervalle à 95{_N}% de {{low}} à {{high}})",
        "tip.chance": f"Probabilité d’être dans les {{k}} premiers{_N}: {{chance}}",
        "tip.n": "{n} réponses",
        "tip.means": "Importance {importance}, capacité {ability}",
        "ui.points": "Graphique. Les touches fléchées mènent d’un point à l’autre.",
        "colon": f"{_N}: ",
        "apart.0": "Aucun groupe ne se distingue nettement de l’ensemble",
        "apart.1": "À un endroit, un groupe se distingue de l’ensemble",
        "apart.n": "À {count} endroits, un groupe se distingue de l’ensemble",
        "sub.groups": f"Écart entre importance et capacité, en points, avec son intervalle à 95{_N}%. Trait vertical{_N}: "
        f"l’ensemble. En couleur{_N}: l’intervalle exclut l’écart de l’ensemble.",
        "alt.apart": f"{{group}}, {{label}}{_N}: {{value}} contre {{overall}}",
        "alt.groups": f"{{count}} besoins, chacun avec son écart dans ces groupes{_N}: {{groups}}.",
        "col.group": "Groupe",
        "col.gap": "Écart",
        "hidden": "masqué",
        "options.0": "Aucun choix ne se détache nettement pour l’instant",
        "options.1": "Un choix se détache",
        "options.n": "{count} choix se détachent",
        "axis.choices": f"Choix comme plus important, moins choix comme moins important, pour 100 apparitions (intervalle à 95{_N}%)",
        "none.choices": "autant",
        "alt.options": "{count} options classées selon la fréquence à laquelle elles sont choisies comme plus plutôt que "
        "moins importantes, pour 100 apparitions, de {first} à {last}. {answers}.",
    },
}


def say(lang: str, key: str, **values: object) -> str:
    """The words of `key` in "fr" or "en" (KeyError on another language)."""
    return WORDS[lang][key].format(**values)


def counted(lang: str, key: str, count: int) -> str:
    """A sentence about `count` things: its own words for none and one, a number word to twelve."""
    if count < 2:
        return say(lang, f"{key}.{count}")
    words = _COUNTS[lang]
    word = words[count] if count < len(words) else str(count)
    # Inside a sentence a number word has no capital.
    starts = WORDS[lang][f"{key}.n"].startswith("{count}")
    return say(lang, f"{key}.n", count=word if starts else word.lower())
