"""Written answers: one question whose themes are out, one that a second person has still to code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gateway.demo.seed import Seeder

QUESTIONS: tuple[dict[str, Any], ...] = (
    {"code": "useful", "kind": "long-text",
     "text": {"fr": "Qu’est-ce qui vous a le plus servi cette année?", "en": "What served you most this year?"}},
    {"code": "missing", "kind": "long-text",
     "text": {"fr": "Qu’est-ce qui vous a manqué?", "en": "What did you miss?"}},
)  # fmt: skip
Code = tuple[str, str, str, str]
CODES: dict[str, tuple[Code, ...]] = {
    "useful": (
        ("Les pairs", "Peers", "Parler de sa pratique avec d’autres, hors d’un cours.", "Talking about one’s practice with others, outside a course."),
        ("Les outils", "Tools", "Une grille, un modèle, un aide-mémoire que l’on reprend.", "A grid, a template, a crib sheet that gets used again."),
    ),
    "missing": (
        ("Le temps", "Time", "Une période ou un horaire qui manque.", "Hours or a schedule that are missing."),
        ("Des exemples", "Examples", "Des cas, des démonstrations, des documents réels.", "Cases, demonstrations, real documents."),
        ("Du suivi", "Follow-up", "Ce qui devrait venir après une formation.", "What should come after a course."),
    ),
}  # fmt: skip
# What each person wrote, in their language, and the places of the codes that each of two readers would give.
Said = tuple[str, str, Sequence[int], Sequence[int]]
WRITTEN: dict[str, tuple[Said, ...]] = {
    "useful": (
        ("Les dîners-causeries du mardi.", "The Tuesday lunch talks.", (0,), (0,)),
        ("La grille d’entretien, que j’ai collée dans mon agenda.", "The interview grid, which lives in my diary.", (1,), (1,)),
        ("Appeler une collègue d’une autre région après une rencontre difficile.", "Calling a colleague in another region after a hard meeting.", (0,), (0,)),
        ("Le modèle de lettre aux partenaires.", "The template for letters to partners.", (1,), (1,)),
        ("Entendre comment les autres s’y prennent.", "Hearing how others go about it.", (0,), (0,)),
        ("L’aide-mémoire d’une page.", "The one-page crib sheet.", (1,), (1,)),
        ("Relire la grille à deux avant une rencontre.", "Reading the grid with somebody before a meeting.", (0, 1), (1,)),
        ("Le groupe d’entraide, chaque mois.", "The monthly peer group.", (0,), (0,)),
        ("Les fiches imprimables.", "The sheets one can print.", (1,), (1,)),
        ("Les cafés virtuels entre équipes.", "The virtual coffees between teams.", (0,), (0,)),
        ("Pouvoir poser une question sans être jugé.", "Asking a question without being judged.", (0,), (0,)),
        ("Rien de particulier.", "Nothing in particular.", (), ()),
    ),
    "missing": (
        ("Une heure par semaine pour lire.", "An hour a week to read.", (0,), (0,)),
        ("Des vidéos d’entretiens joués.", "Videos of acted interviews.", (1,), (1,)),
        ("Un rappel deux mois après la formation.", "A reminder two months after the course.", (2,), (2,)),
        ("Des exemples de plans d’intervention en français.", "Examples of intervention plans.", (1,), (1,)),
        ("Que l’horaire tienne compte des quarts de soir.", "A schedule that minds evening shifts.", (0,), (0,)),
        ("Revoir le groupe pour parler de nos essais.", "Seeing the group again to talk about what we tried.", (2,), (2, 1)),
        ("Un dossier complet à étudier, étape par étape.", "A whole file to study, step by step.", (1,), (1,)),
        ("Du temps de relève pour pouvoir m’absenter.", "Backfill so that I can be away.", (0,), (0,)),
    ),
}  # fmt: skip
SETTLED = "La personne nomme les deux : la grille, et le fait de la relire avec quelqu’un."


def said(place: int, language: str) -> dict[str, Any]:
    """What the member at `place` of the autumn survey wrote, by question; nothing beyond those who wrote."""
    words = 0 if language == "fr" else 1
    return {code: {"value": lines[place][words]} for code, lines in WRITTEN.items() if place < len(lines)}


def scene(seed: Seeder, survey_id: str) -> None:
    """The two questions of a closed survey, coded by the trainer and the coordinator. Idempotent by its keys."""
    _coding(seed, survey_id, "useful", ("trainer", "coordinator"))
    _coding(seed, survey_id, "missing", ("trainer",))


def _coding(seed: Seeder, survey_id: str, question: str, done: tuple[str, ...]) -> None:
    """Have a question coded; those in `done` finish, and what they differ on is settled once both have."""
    people = {key: str(seed.actors[key].account_id) for key in ("trainer", "coordinator")}
    coding = seed.call("coordinator", "surveys", "start_coding", {
        "survey_id": survey_id, "question": question, "first_coder": people["trainer"], "second_coder": people["coordinator"],
    }, f"coding:{question}")  # fmt: skip
    of = {"coding_id": coding["id"]}
    for fr, en, about_fr, about_en in CODES[question]:
        words = {"label": {"fr": fr, "en": en}, "definition": {"fr": about_fr, "en": about_en}}
        seed.call("coordinator", "surveys", "add_code", of | words, f"code:{question}:{en}")
    coding = seed.call("coordinator", "surveys", "get_coding", of)
    codes = [code["id"] for code in coding["codes"]]
    for place, who in enumerate(done):
        if not coding["coders"][place]["finished"]:  # else the demo was started before
            given = {said: codes_of[place] for fr, en, *codes_of in WRITTEN[question] for said in (fr, en)}
            _read(seed, who, of, codes, given)
    if len(done) == len(people) and coding["state"] != "done":
        _settle(seed, of)


def _read(
    seed: Seeder, who: str, of: dict[str, Any], codes: list[str], given: dict[str, Sequence[int]]
) -> None:
    for row in seed.call(who, "surveys", "list_answers_to_code", of | {"limit": 50})["items"]:
        chosen = [codes[place] for place in given[row["text"]]]
        mark = {"answer_id": row["id"], "codes": chosen, "nothing": not chosen}
        seed.call(who, "surveys", "mark_answer", of | mark)
    seed.call(who, "surveys", "finish_coding", of)


def _settle(seed: Seeder, of: dict[str, Any]) -> None:
    for one in seed.call("coordinator", "surveys", "list_disagreements", of)["items"]:
        decided = {"answer_id": one["id"], "codes": one["first"]["codes"], "reason": SETTLED}
        seed.call("coordinator", "surveys", "decide_answer", of | decided)
    seed.call("coordinator", "surveys", "complete_coding", of)
