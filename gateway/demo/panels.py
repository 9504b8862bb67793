"""The demo's board of expressed needs, and a Delphi between its second round's opening and its end."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from gateway.demo.people import LEADS, MEMBERS
from shared.clock import SystemClock

if TYPE_CHECKING:
    from gateway.demo.seed import Seeder

# Words, language, the other language, topic, how many support it.
NEEDS: tuple[tuple[str, str, str, str, int], ...] = (
    ("Savoir préparer un retour en classe avec une école inquiète", "fr",
     "Knowing how to prepare a return to class with a worried school", "youth", 9),
    ("Working with an interpreter when what is said may put someone at risk", "en", "", "engagement", 6),
    ("Savoir quand et comment fermer un dossier sans que la personne se sente abandonnée", "fr",
     "Knowing when and how to close a file without the person feeling abandoned", "engagement", 12),
    ("Understanding what a parole officer may and may not tell us", "en", "", "law", 3),
)  # fmt: skip
# Said, and closed with an answer.
CLOSED = (
    "Savoir répondre aux demandes des médias",
    "fr",
    "Knowing how to answer requests from the media",
    "other",
    7,
)
REASON = {
    "fr": "Chaque organisme a ses porte-parole et les forme : cela dépasse le mandat de la communauté.",
    "en": "Each organization has its own spokespeople and trains them: this goes beyond the community’s mandate.",
}
TITLE = {"fr": "Ce qu’un premier entretien demande", "en": "What a first interview asks for"}
INTRO = {
    "fr": "Un Delphi en trois tours pour choisir ce que la prochaine formation doit travailler.",
    "en": "A Delphi in three rounds to choose what the next course should work on.",
}
NOTE = {"fr": "On le voit rarement fait avec méthode.", "en": "It is rarely done with a method."}


def scene(seed: Seeder) -> None:
    """What members have said, and a panel in its second round. Every call is idempotent by its key."""
    _board(seed)
    _delphi(seed)


def _board(seed: Seeder) -> None:
    for number, need in enumerate(NEEDS):
        _said(seed, number, need)
    entry = _said(seed, len(NEEDS), CLOSED)
    answer = {"version": entry["version"], "outcome": "out-of-scope", "reason": REASON}
    seed.call(
        "coordinator", "surveys", "close_board_entry", {"entry_id": entry["id"]} | answer, "board:close"
    )


def _said(seed: Seeder, number: int, need: tuple[str, str, str, str, int]) -> dict[str, Any]:
    """One need, with those who support it."""
    text, language, other, topic, supports = need
    payload = {"text": text, "language": language, "other": other, "topic": topic}
    made: dict[str, Any] = seed.call(
        MEMBERS[number].key, "surveys", "express_need", payload, f"board:{number}"
    )
    for member in MEMBERS[5 : 5 + supports]:
        of = {"entry_id": made["id"]}
        seed.call(member.key, "surveys", "support_board_entry", of, f"board:{number}:{member.key}")
    return made


def _delphi(seed: Seeder) -> None:
    people = (*MEMBERS[:11], LEADS[0])
    closes = (
        (SystemClock().now() + timedelta(days=9)).replace(hour=22, minute=0).isoformat(timespec="minutes")
    )
    made = seed.call("coordinator", "surveys", "create_panel", {
        "kind": "delphi", "title": TITLE, "intro": INTRO, "question": INTRO, "first_round": "rating", "closes_at": closes,
        "member_ids": [str(seed.actors[person.key].account_id) for person in people],
    }, "panel")  # fmt: skip
    of = {"panel_id": made["id"]}
    if made["phase"] != "draft" or _phase(seed, of) != "draft":
        return
    feed = seed.call("coordinator", "surveys", "get_panel_feed", of)
    items = [
        {"statement": one["statement"], "sources": [{"kind": kind, "ref": one["ref"]}]}
        for kind, one in (*(("bank", one) for one in feed["bank"][:4]), ("board", _complete(feed["board"])))
    ]
    feed = seed.call(
        "coordinator", "surveys", "set_panel_items", of | {"version": feed["version"], "items": items}
    )
    panel = seed.call("coordinator", "surveys", "start_panel", of | {"version": feed["version"]})
    for place, person in enumerate(people):
        _rate(seed, person.key, of, place)
    panel = seed.call("coordinator", "surveys", "close_round", of | {"version": panel["version"]})
    if panel["phase"] == "between":
        seed.call(
            "coordinator", "surveys", "open_round", of | {"version": panel["version"], "closes_at": closes}
        )


def _phase(seed: Seeder, of: dict[str, str]) -> str:
    return str(seed.call("coordinator", "surveys", "get_panel", of)["phase"])


def _complete(board: list[dict[str, Any]]) -> dict[str, Any]:
    """The most supported entry that is worded in both languages."""
    return next(one for one in board if all(one["statement"].values()))


def _rate(seed: Seeder, who: str, of: dict[str, str], place: int) -> None:
    """Agreed on the first, split on the second, scattered elsewhere."""
    sheet = seed.call(who, "surveys", "get_panel_sheet", of)["items"]
    wanted = (
        8 - place % 2,
        1 + 8 * (place % 2),
        3 + (5 * place) % 6,
        5 + (3 * place) % 4,
        9 - (2 * place) % 3,
    )
    ratings: dict[str, Any] = {
        item["id"]: {"points": points} for item, points in zip(sheet, wanted, strict=True)
    }
    if place in (2, 5):
        language = "fr" if place == 2 else "en"
        ratings[sheet[0]["id"]]["comment"] = NOTE[language]
        seed.call(who, "surveys", "save_ratings", of | {"ratings": ratings, "language": language})
        return
    seed.call(who, "surveys", "save_ratings", of | {"ratings": ratings, "language": "fr"})
