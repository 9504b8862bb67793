import json
from typing import Any

import pytest
from sqlalchemy import text

from services.surveys.domain.board import likeness, stems
from shared.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from tests.unit.surveys.support import PAIR, TEXTS, Desk, View

SAID = "Parler du retour en classe avec une école inquiète"


def express(desk: Desk, who: Any = None, words: str = SAID, **more: Any) -> View:
    who = who or desk.harness.actor("learner")
    found: View = desk.ask("express_need", who, text=words, language="fr", **more)
    return found


def supports(desk: Desk, entry: View) -> int:
    """As a coordinator sees it: exact."""
    return int(desk.ask("get_board_entry", entry_id=entry["id"])["supports"]["value"])


def test_author_is_the_first_supporter_and_everybody_counts_once(desk: Desk) -> None:
    author, other = desk.harness.actor("learner"), desk.harness.actor("learner")
    entry = express(desk, author)
    assert (entry["supported"], entry["mine"], entry["supports"]) == (
        True,
        True,
        {"value": None, "fewer_than": 5},
    )
    for _ in range(2):
        desk.ask("support_board_entry", other, entry_id=entry["id"])
    assert supports(desk, entry) == 2
    told = [desk.ask("withdraw_board_support", other, entry_id=entry["id"]) for _ in range(2)]
    assert (supports(desk, entry), told[-1]["supported"]) == (1, False)


def test_nobody_learns_who_expressed_or_supports(desk: Desk) -> None:
    author, admin = desk.harness.actor("learner"), desk.harness.actor("admin")
    entry = express(desk, author)
    signed = express(desk, author, "Un autre besoin, signé celui-là", signed=True)
    for reader in (desk.coordinator, admin, desk.harness.actor("learner")):
        seen = desk.ask("get_board_entry", reader, entry_id=entry["id"])
        listed = desk.ask("list_board", reader)
        assert (seen["mine"], seen["author_id"]) == (False, None)
        shown = json.dumps([seen, [one for one in listed["items"] if one["id"] == entry["id"]]])
        assert str(author.account_id) not in shown
        assert desk.ask("get_board_entry", reader, entry_id=signed["id"])["author_id"] == str(
            author.account_id
        )
    assert entry["id"][14] == "4"  # no time in it
    assert [event.type for event in desk.harness.events("surveys")] == []


def test_closing_forgets_an_unsigned_author(desk: Desk) -> None:
    author = desk.harness.actor("learner")
    entry, signed = express(desk, author), express(desk, author, "Un autre besoin, signé", signed=True)
    for one in (entry, signed):
        desk.ask("close_board_entry", entry_id=one["id"], version=1, outcome="out-of-scope", reason=PAIR)
    with desk.harness.services["surveys"].db.engine.connect() as connection:
        known = connection.execute(text("SELECT signed, author_id IS NULL FROM board_entries")).all()
    assert sorted(tuple(row) for row in known) == [(0, 1), (1, 0)]
    seen = desk.ask("get_board_entry", author, entry_id=entry["id"])
    assert (seen["status"], seen["outcome"], seen["reason"], seen["mine"]) == (
        "closed",
        "out-of-scope",
        PAIR,
        False,
    )
    assert [one["id"] for one in desk.ask("list_board", author, standing="closed", mine=True)["items"]]
    with pytest.raises(Conflict) as caught:
        desk.ask("support_board_entry", author, entry_id=entry["id"])
    assert caught.value.code == "entry-not-open"


def test_merging_unites_supports_without_double_counting_and_can_be_undone(desk: Desk) -> None:
    people = [desk.harness.actor("learner") for _ in range(4)]
    first, second, third = (express(desk, people[n], f"{SAID} {n}") for n in range(3))
    for person, entry in ((people[3], first), (people[3], second), (people[0], second)):
        desk.ask("support_board_entry", person, entry_id=entry["id"])
    desk.ask("merge_board_entry", entry_id=third["id"], into_id=first["id"])
    assert supports(desk, first) == 3
    desk.ask("merge_board_entry", entry_id=first["id"], into_id=second["id"])
    assert supports(desk, second) == 4  # 0, 1, 2, 3: each once
    assert [one["id"] for one in desk.ask("list_board")["items"]] == [second["id"]]
    through = desk.ask("support_board_entry", people[1], entry_id=third["id"])
    assert (through["id"], supports(desk, second)) == (second["id"], 4)
    desk.ask("unmerge_board_entry", entry_id=first["id"])
    assert [supports(desk, entry) for entry in (first, second)] == [3, 3]
    desk.ask("unmerge_board_entry", entry_id=third["id"])
    assert [supports(desk, entry) for entry in (first, second, third)] == [2, 3, 1]


@pytest.mark.parametrize(("into", "code"), [("itself", "same-entry"), ("merged", "entry-not-open")])
def test_merging_refuses(desk: Desk, into: str, code: str) -> None:
    first, second = express(desk), express(desk, words="Quelque chose de tout autre")
    desk.ask("merge_board_entry", entry_id=second["id"], into_id=first["id"])
    target = first["id"] if into == "itself" else second["id"]
    with pytest.raises(Conflict) as caught:
        desk.ask("merge_board_entry", entry_id=first["id"], into_id=target)
    assert caught.value.code == code


def test_wording_for_the_record_keeps_the_original(desk: Desk) -> None:
    author = desk.harness.actor("learner")
    entry = express(desk, author)
    pair = {
        "fr": "Préparer le retour en classe avec l’école",
        "en": "Prepare a return to class with the school",
    }
    edited = desk.ask("edit_board_entry", entry_id=entry["id"], version=1, statement=pair, topic="youth")
    assert (edited["statement"], edited["original"]) == (pair, {"language": "fr", "text": SAID})
    assert (
        desk.ask("get_board_entry", desk.harness.actor("learner"), entry_id=entry["id"])["original"] is None
    )
    assert desk.ask("list_board", q="INQUIETE ecole")["items"][0]["id"] == entry["id"]
    assert desk.ask("list_board", topic="law")["items"] == []
    with pytest.raises(Stale):
        desk.ask("edit_board_entry", entry_id=entry["id"], version=1, topic="law")
    with pytest.raises(Forbidden):
        desk.ask("edit_board_entry", author, entry_id=entry["id"], version=2, topic="law")


def test_similar_words_are_found_in_either_language_and_among_needs(desk: Desk) -> None:
    entry = express(desk, other="Talking about returning to school with a worried school")
    express(desk, words="Comprendre la loi sur la protection des renseignements")
    near = "parler à une école inquiète d’un retour"
    assert [one["id"] for one in desk.ask("find_similar", text=near)["items"]] == [entry["id"]]
    assert [one["id"] for one in desk.ask("find_similar", text="worried schools and returns")["items"]] == [
        entry["id"]
    ]
    assert desk.ask("find_similar", text="rien de tout cela")["items"] == []
    assert likeness(stems(["mot"]), stems([])) == 0


def test_small_counts_hide_in_the_order_too(desk: Desk) -> None:
    entries = [express(desk, words=f"Besoin numéro {n} du tableau") for n in range(3)]
    for _ in range(3):
        desk.ask("support_board_entry", desk.harness.actor("learner"), entry_id=entries[1]["id"])
    for _ in range(5):
        desk.ask("support_board_entry", desk.harness.actor("learner"), entry_id=entries[0]["id"])
    exact = [one["supports"]["value"] for one in desk.ask("list_board")["items"]]
    member = desk.ask("list_board", desk.harness.actor("learner"))["items"]
    assert exact == [6, 4, 1]
    assert [one["supports"]["value"] for one in member] == [6, None, None]
    assert [one["id"] for one in member[1:]] == sorted((entries[1]["id"], entries[2]["id"]), reverse=True)


@pytest.mark.parametrize("sort", ["support", "newest"])
def test_pages_follow_one_another(desk: Desk, sort: str) -> None:
    made = {express(desk, words=f"Besoin numéro {n} du tableau")["id"] for n in range(5)}
    page = desk.ask("list_board", sort=sort, limit=2)
    seen = [one["id"] for one in page["items"]]
    while page["next_cursor"]:
        page = desk.ask("list_board", sort=sort, limit=2, cursor=page["next_cursor"])
        seen += [one["id"] for one in page["items"]]
    assert (len(seen), set(seen)) == (5, made)


def test_entry_becomes_a_need_that_a_proposal_answers(desk: Desk) -> None:
    entry = express(desk)
    with pytest.raises(Invalid) as missing:
        desk.ask("adopt_board_entry", entry_id=entry["id"], version=1)
    assert [(one.path, one.code) for one in missing.value.fields] == [("statement.en", "missing")]
    desk.ask("edit_board_entry", entry_id=entry["id"], version=1, statement=PAIR)
    need = desk.ask("adopt_board_entry", entry_id=entry["id"], version=2)
    assert (need["source_type"], need["entry_id"], need["survey_id"], need["n"]) == (
        "board",
        entry["id"],
        None,
        None,
    )
    with pytest.raises(Conflict) as again:
        desk.ask("adopt_board_entry", entry_id=entry["id"], version=3)
    assert again.value.code == "entry-answered"
    desk.ask("open_proposal", need_id=need["id"], **TEXTS)
    loop = desk.ask("get_loop", need_id=need["id"])
    assert [(step["key"], step["state"]) for step in loop["steps"]][:4] == [
        ("need", "done"), ("ranked", "done"), ("proposed", "done"), ("decided", "current"),
    ]  # fmt: skip
    assert [one["need"]["id"] for one in desk.ask("list_loops", source_type="board")["items"]] == [need["id"]]
    seen = desk.ask("get_board_entry", desk.harness.actor("learner"), entry_id=entry["id"])
    assert (seen["standing"], seen["link"]) == ("taken-up", {"kind": "need", "id": need["id"]})
    assert desk.ask("search", q="texte")["items"][0]["id"] == need["id"]


def test_author_takes_words_back(desk: Desk) -> None:
    author, other = desk.harness.actor("learner"), desk.harness.actor("learner")
    alone, shared = express(desk, author), express(desk, author, "Un besoin que d’autres appuient")
    desk.ask("support_board_entry", other, entry_id=shared["id"])
    with pytest.raises(NotFound):
        desk.ask("withdraw_board_entry", other, entry_id=shared["id"])
    for entry in (alone, shared):
        desk.ask("withdraw_board_entry", author, entry_id=entry["id"])
    with pytest.raises(NotFound):
        desk.ask("get_board_entry", entry_id=alone["id"])
    gone = desk.ask("get_board_entry", entry_id=shared["id"])
    assert (gone["outcome"], gone["statement"], gone["original"]["text"]) == (
        "withdrawn",
        {"fr": "", "en": ""},
        "",
    )


def test_unknown_links_are_refused(desk: Desk) -> None:
    entry = express(desk)
    unknown = {"kind": "need", "id": "019a0c5e-0000-7000-8000-000000000001"}
    with pytest.raises(Invalid) as caught:
        desk.ask("link_board_entry", entry_id=entry["id"], version=1, link=unknown)
    assert [(one.path, one.code) for one in caught.value.fields] == [("link.id", "nothing-there")]


def told(desk: Desk) -> list[View]:
    """What was published of answered entries, in order."""
    return [one.data for one in desk.harness.events("surveys") if one.type == "surveys.entry.answered.v1"]


def ids(*people: Any) -> list[str]:
    return sorted(str(person.account_id) for person in people)


def test_everybody_behind_a_closed_entry_is_told_by_id_alone(desk: Desk) -> None:
    people = [desk.harness.actor("learner") for _ in range(4)]
    entry, same = express(desk, people[3]), express(desk, people[0], "Le même besoin, autrement")
    desk.ask("merge_board_entry", entry_id=same["id"], into_id=entry["id"])
    for person in (people[1], people[2], desk.coordinator):
        desk.ask("support_board_entry", person, entry_id=entry["id"])
    desk.ask("withdraw_board_support", people[2], entry_id=entry["id"])
    desk.ask("close_board_entry", entry_id=entry["id"], version=1, outcome="out-of-scope", reason=PAIR)
    # Authors as any other; not who took support back, nor who closes.
    assert told(desk) == [
        {"entry_id": entry["id"], "standing": "closed", "account_ids": ids(people[0], people[1], people[3])}
    ]
    said = json.dumps([one.to_dict() for one in desk.harness.events("surveys")], ensure_ascii=False)
    assert [words for words in (SAID, "autrement", *PAIR.values()) if words in said] == []


def test_supporters_are_told_when_an_entry_is_first_taken_up(desk: Desk) -> None:
    author, survey = desk.harness.actor("learner"), desk.launched()
    linked, adopted, panel = (
        express(desk, author, f"Besoin numéro {n} du tableau", other="Need") for n in range(3)
    )
    to = {"kind": "survey", "id": survey["id"]}
    for version, link in enumerate((None, to, {"kind": "survey", "id": desk.draft()["id"]}), start=1):
        desk.ask("link_board_entry", entry_id=linked["id"], version=version, link=link)
    desk.ask("adopt_board_entry", entry_id=linked["id"], version=4)  # taken up since it was linked
    desk.ask("adopt_board_entry", entry_id=adopted["id"], version=1)
    desk.ask("withdraw_board_support", author, entry_id=panel["id"])
    desk.ask("link_board_entry", entry_id=panel["id"], version=1, link=to)
    assert [(one["entry_id"], one["standing"], one["account_ids"]) for one in told(desk)] == [
        (linked["id"], "taken-up", ids(author)),
        (adopted["id"], "taken-up", ids(author)),
        (panel["id"], "taken-up", []),
    ]


def test_what_an_author_takes_back_is_no_answer(desk: Desk) -> None:
    author, entry = desk.harness.actor("learner"), express(desk)
    shared = express(desk, author, "Un besoin que d’autres appuient")
    desk.ask("support_board_entry", desk.harness.actor("learner"), entry_id=shared["id"])
    desk.ask("withdraw_board_entry", author, entry_id=shared["id"])
    with pytest.raises(Stale):
        desk.ask("close_board_entry", entry_id=entry["id"], version=9, outcome="survey", reason=PAIR)
    assert told(desk) == []


def query(desk: Desk, sql: str) -> list[tuple[Any, ...]]:
    with desk.harness.services["surveys"].db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def test_what_was_merged_into_a_withdrawn_entry_stands_by_itself(desk: Desk) -> None:
    author, others = desk.harness.actor("learner"), [desk.harness.actor("learner") for _ in range(3)]
    entry = express(desk, author)
    first, inner = (express(desk, one, f"Le même besoin, dit par {n}") for n, one in enumerate(others[:2]))
    desk.ask("merge_board_entry", entry_id=inner["id"], into_id=first["id"])
    desk.ask("merge_board_entry", entry_id=first["id"], into_id=entry["id"])
    desk.ask("withdraw_board_entry", author, entry_id=entry["id"])
    with pytest.raises(NotFound):
        desk.ask("get_board_entry", entry_id=entry["id"])
    standing = desk.ask("get_board_entry", entry_id=first["id"])
    assert (standing["status"], standing["merged_into"]) == ("open", None)
    assert supports(desk, first) == 2
    assert [one["id"] for one in standing["merged"]] == [inner["id"]]  # what stood under it still does


@pytest.mark.parametrize("supported", [False, True])
def test_an_entry_is_withdrawn_without_a_trace_of_the_call(desk: Desk, supported: bool) -> None:
    author = desk.harness.actor("learner")
    entry = express(desk, author)
    if supported:
        desk.ask("support_board_entry", desk.harness.actor("learner"), entry_id=entry["id"])
    gone = {"id": entry["id"], "withdrawn": True}
    assert desk.ask("withdraw_board_entry", author, key="once", entry_id=entry["id"]) == gone
    if supported:  # the row stayed, and says itself that it was taken back
        assert desk.ask("withdraw_board_entry", author, key="once", entry_id=entry["id"]) == gone
    else:
        with pytest.raises(NotFound):
            desk.ask("withdraw_board_entry", author, key="once", entry_id=entry["id"])
    assert query(desk, "SELECT * FROM commands") == []


def test_expressing_and_supporting_leave_nothing_that_ties_the_author_to_the_entry(desk: Desk) -> None:
    author = desk.harness.actor("learner")
    entry = express(desk, author, key="once")
    desk.ask("support_board_entry", author, key="twice", entry_id=entry["id"])
    desk.ask("withdraw_board_support", author, key="thrice", entry_id=entry["id"])
    assert query(desk, "SELECT * FROM commands") == []
    assert express(desk, author, key="once")["id"] == entry["id"]
    assert express(desk, author, key="another")["id"] != entry["id"]
    assert express(desk, desk.harness.actor("learner"), key="once")["id"] != entry["id"]
    assert len(desk.ask("list_board")["items"]) == 3


@pytest.mark.parametrize("how", ["closed", "withdrawn"])
def test_whoever_is_forgotten_is_forgotten_in_every_row(desk: Desk, how: str) -> None:
    author, other, signs, supporter = (desk.harness.actor("learner") for _ in range(4))
    entry, same = express(desk, author), express(desk, other, "Le même besoin, autrement")
    signed = express(desk, signs, "Le même besoin, et je signe", signed=True)
    for one in (same, signed):
        desk.ask("merge_board_entry", entry_id=one["id"], into_id=entry["id"])
    desk.ask("support_board_entry", supporter, entry_id=entry["id"])
    if how == "closed":
        desk.ask("close_board_entry", entry_id=entry["id"], version=1, outcome="out-of-scope", reason=PAIR)
    else:
        desk.ask("withdraw_board_entry", author, entry_id=entry["id"])
    rows = str(query(desk, "SELECT id, author_id FROM board_entries"))
    rows += str(query(desk, "SELECT entry_id, account_id FROM board_supports"))

    def stands(who: Any) -> bool:
        return who.account_id.hex in rows

    assert not stands(author)
    assert [stands(who) for who in (signs, supporter)] == [True, True]
    if how == "closed":
        assert not stands(other)
        assert supports(desk, entry) == 4  # the count stays
