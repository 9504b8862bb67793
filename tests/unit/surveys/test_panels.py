import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from services.surveys import panel_figures, panel_store
from services.surveys.domain.panel import fingerprint, rule_of
from services.surveys.methods.delphi import Panel as Data
from services.surveys.methods.delphi import default_rule, delphi
from services.surveys.methods.lazy import stats
from services.surveys.methods.rebuild import judge
from services.surveys.panel_figures import Rating
from shared.actor import Actor
from shared.contracts.identity import AccountRegistered
from shared.errors import CercleError, Conflict, Forbidden, Invalid, NotFound, Stale
from shared.ids import new_id
from shared.messaging.envelope import envelope_of
from tests.unit.surveys.support import PAIR, TEXTS, Desk, View

# Six people, three items, two rounds: the first item agrees and stays, the second is split and stays, the third moves.
FIRST = [[8, 1, 3], [8, 9, 5], [7, 1, 7], [9, 9, 2], [8, 2, 8], [8, 8, 5]]
SECOND = [[8, 1, 6], [8, 9, 6], [7, 1, 7], [9, 9, 5], [8, 2, 8], [8, 8, 6]]


stats()  # imported at first use, which on a busy machine takes longer than a call may


def query(desk: Desk, sql: str) -> list[tuple[Any, ...]]:
    with desk.harness.services["surveys"].db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def seated(desk: Desk, count: int, *roles: str) -> list[Actor]:
    """People whom the service has heard of."""
    people = [desk.harness.actor(*(roles or ("learner",))) for _ in range(count)]
    for person in people:
        assert person.account_id is not None
        event = AccountRegistered(person.account_id, sorted(person.roles), "fr", "America/Toronto")
        envelope = envelope_of(
            event, source="identity", subject=person.account_id, version=1, time=desk.harness.clock.now()
        )
        desk.harness.deliver("surveys", "on_account_registered", envelope)
    return people


def drafted(desk: Desk, people: list[Actor], kind: str = "delphi", **more: Any) -> View:
    fields = {
        "title": PAIR,
        "intro": PAIR,
        "question": PAIR,
        "member_ids": [str(one.account_id) for one in people],
    }
    if kind == "delphi":
        fields["closes_at"] = desk.days(7)
    found: View = desk.ask("create_panel", kind=kind, **fields | more)
    return found


def with_items(desk: Desk, panel: View, count: int) -> View:
    items = [{"statement": {"fr": f"énoncé {n}", "en": f"item {n}"}} for n in range(count)]
    desk.ask("set_panel_items", panel_id=panel["id"], version=panel["version"], items=items)
    found: View = desk.ask("get_panel", panel_id=panel["id"])
    return found


def started(desk: Desk, people: list[Actor], items: int = 3, **more: Any) -> View:
    """A Delphi in its first round, a rating round unless `more` says otherwise."""
    panel = drafted(desk, people, **{"first_round": "rating"} | more)
    panel = with_items(desk, panel, items) if items else panel
    found: View = desk.ask("start_panel", panel_id=panel["id"], version=panel["version"])
    return found


def rate(desk: Desk, panel: View, person: Actor, points: list[int], **more: Any) -> View:
    sheet = desk.ask("get_panel_sheet", person, panel_id=panel["id"])
    ratings = {
        item["id"]: {"points": point} | more for item, point in zip(sheet["items"], points, strict=True)
    }
    found: View = desk.ask("save_ratings", person, panel_id=panel["id"], ratings=ratings, language="fr")
    return found


def closed(desk: Desk, panel: View, people: list[Actor], rows: list[list[int]]) -> View:
    for person, points in zip(people, rows, strict=True):
        rate(desk, panel, person, points)
    now = desk.ask("get_panel", panel_id=panel["id"])
    found: View = desk.ask("close_round", panel_id=panel["id"], version=now["version"])
    return found


def reopened(desk: Desk, panel: View) -> View:
    found: View = desk.ask(
        "open_round", panel_id=panel["id"], version=panel["version"], closes_at=desk.days(5)
    )
    return found


# ---------------------------------------------------------------------------------------------- Delphi
def test_figures_are_those_of_the_method_and_can_be_rebuilt(desk: Desk) -> None:
    people = seated(desk, 6)
    panel = closed(desk, started(desk, people, rule={"concordance": 1, "gain": 0}), people, FIRST)
    assert panel["phase"] == "between"
    panel = closed(desk, reopened(desk, panel), people, SECOND)
    results = desk.ask("get_panel_results", panel_id=panel["id"])
    rule = default_rule(9)
    rule = type(rule)(**{**rule.__dict__, "concordance": 1.0, "gain": 0.0})
    data = Data(np.array([FIRST, SECOND], dtype=float), (1, 2), ("i01", "i02", "i03"), 9)
    expected = json.loads(json.dumps(delphi(data, rule).to_dict()))
    service = desk.harness.services["surveys"]

    def shown(found: View | None) -> View:
        keyed: View = service.shown(found)
        return keyed

    assert results["figures"] == shown(expected)
    states = {one["item"]: one["state"] for one in results["figures"]["rounds"][1]["items"]}
    assert states == {"i01": "consensus", "i02": "stable-dissensus", "i03": "open"}
    assert [item["settled_in"] for item in results["items"]] == [2, None, None]
    with service.db.read(desk.coordinator) as tx:
        rows = panel_store.ratings_of(tx, UUID(panel["id"]))
    again = panel_figures.delphi_figures(reversed(rows), 9, results["rule"])
    assert judge(results["figures"], shown(again)).outcome == "ok"
    changed = [Rating(one.round, one.rater, one.item, 1) for one in rows]
    other = panel_figures.delphi_figures(changed, 9, results["rule"])
    assert judge(results["figures"], shown(other)).outcome == "data-changed"


def test_each_sees_their_own_last_rating_and_the_group_without_names(desk: Desk) -> None:
    people = seated(desk, 6)
    panel = started(desk, people, rule={"concordance": 1, "gain": 0})
    rate(desk, panel, people[0], FIRST[0], comment="Pas sans formation")
    panel = reopened(desk, closed(desk, panel, people, FIRST))
    sheets = [desk.ask("get_panel_sheet", person, panel_id=panel["id"]) for person in people]
    assert [[item["previous"] for item in sheet["items"]] for sheet in sheets] == FIRST
    third = sheets[1]["items"][2]
    assert (third["group"]["median"], third["group"]["iqr"], third["points"]) == (5.0, 3.0, None)
    assert third["comments"] == [{"text": "Pas sans formation", "language": "fr"}]
    raters = {row[0] for row in query(desk, "SELECT rater_id FROM panel_pseudonyms")}
    everything = json.dumps([*sheets, panel, desk.ask("get_panel_results", panel_id=panel["id"])])
    everything += json.dumps(
        [event.data for event in desk.harness.events("surveys") if "panel" not in event.type]
    )
    for rater in raters:
        assert rater not in everything.replace("-", "")
    for person in people:
        assert str(person.account_id) not in json.dumps(
            [*sheets, desk.ask("get_panel_results", panel_id=panel["id"])]
        )


def test_comments_go_to_the_panel_alone_and_only_where_figures_are_shown(desk: Desk) -> None:
    people, facilitator = seated(desk, 6), desk.harness.actor("learner", "facilitator")
    panel = started(desk, people, rule={"concordance": 1, "gain": 0})
    for place, person in enumerate(people):  # the last item is rated by four
        sheet = desk.ask("get_panel_sheet", person, panel_id=panel["id"])["items"]
        ratings = {
            item["id"]: {"points": FIRST[place][at], "comment": f"mot {at}"}
            for at, item in enumerate(sheet) if at < 2 or place < 4
        }  # fmt: skip
        desk.ask("save_ratings", person, panel_id=panel["id"], ratings=ratings, language="fr")
    now = desk.ask("get_panel", panel_id=panel["id"])
    panel = desk.ask("close_round", panel_id=panel["id"], version=now["version"])
    desk.ask("stop_panel", panel_id=panel["id"], version=panel["version"], note=PAIR)

    def said(reader: Actor) -> list[list[str]]:
        sheet = desk.ask("get_panel_sheet", reader, panel_id=panel["id"])["items"]
        return [sorted({one["text"] for one in item["comments"]}) for item in sheet]

    for reader in (people[5], desk.coordinator):
        assert said(reader) == [["mot 0"], ["mot 1"], []]
    for reader in (
        desk.harness.actor("learner"),
        facilitator,
    ):  # whoever may read the results of an ended panel
        assert said(reader) == [[], [], []]


def test_saving_resumes_and_partial_answers_count(desk: Desk) -> None:
    people = seated(desk, 6)
    panel = started(desk, people)
    sheet = desk.ask("get_panel_sheet", people[0], panel_id=panel["id"])
    first, second = (item["id"] for item in sheet["items"][:2])
    for given in (
        {first: {"points": 4}},
        {second: {"points": 5}},
        {first: {"comment": "Mot"}},
        {second: {"points": None}},
    ):
        sheet = desk.ask("save_ratings", people[0], panel_id=panel["id"], ratings=given, language="fr")
    assert [(item["points"], item["comment"]) for item in sheet["items"]] == [
        (4, "Mot"),
        (None, None),
        (None, None),
    ]
    mine = desk.ask("get_panel", people[0], panel_id=panel["id"])["mine"]
    assert mine == {"answered": 1, "total": 3}
    with pytest.raises(Invalid):
        desk.ask(
            "save_ratings",
            people[0],
            panel_id=panel["id"],
            ratings={str(new_id()): {"points": 1}},
            language="fr",
        )
    assert [one["id"] for one in desk.ask("home", people[0])["panels"]] == [panel["id"]]
    rate(desk, panel, people[0], [1, 2, 3])
    assert desk.ask("home", people[0])["panels"] == []


def test_rule_is_fixed_before_the_first_round(desk: Desk) -> None:
    panel = drafted(desk, seated(desk, 5), rule={"agreement": 0.8})
    assert (panel["rule"]["agreement"], panel["rule"]["band"], panel["rule"]["convention"]) == (
        0.8,
        [7, 9],
        "type7",
    )
    five = desk.ask("edit_panel", panel_id=panel["id"], version=1, scale=5)
    assert (five["rule"]["band"], five["rule"]["iqr"]) == ([4, 5], 1.0)
    with pytest.raises(Invalid):
        desk.ask("edit_panel", panel_id=panel["id"], version=2, rule={"band": [4, 9]})
    panel = desk.ask("start_panel", panel_id=panel["id"], version=2)
    assert panel["rule_sha256"] == fingerprint(rule_of(5), 5)
    for change in ({"rule": {"agreement": 0.5}}, {"scale": 9}, {"title": PAIR}):
        with pytest.raises(Conflict) as caught:
            desk.ask("edit_panel", panel_id=panel["id"], version=panel["version"], **change)
        assert caught.value.code == "panel-started"
    engine = desk.harness.services["surveys"].db.engine
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text("UPDATE panels SET rule_sha256 = 'x'"))
    assert fingerprint(rule_of(5, {"agreement": 0.5}), 5) != panel["rule_sha256"]


def test_a_tampered_rule_judges_nothing(desk: Desk) -> None:
    people = seated(desk, 5)
    panel = started(desk, people)
    with desk.harness.services["surveys"].db.engine.begin() as connection:
        connection.execute(text("UPDATE panels SET rule = replace(rule, '0.75', '0.10')"))
    with pytest.raises(Conflict) as caught:
        closed(desk, panel, people, FIRST[:5])
    assert caught.value.code == "panel-rule-changed"


@pytest.mark.parametrize(
    ("rule", "reason"),
    [({"concordance": 0}, "concordance"), ({"concordance": 1, "gain": 1}, "stable-concordance"),
     ({"concordance": 1, "gain": 0, "rounds": 2}, "last-round")],
)  # fmt: skip
def test_rule_ends_the_panel_and_consensus_becomes_a_need(desk: Desk, rule: View, reason: str) -> None:
    people = seated(desk, 6)
    panel = closed(desk, started(desk, people, rule=rule), people, FIRST)
    if reason != "concordance":
        assert panel["phase"] == "between"
        panel = closed(desk, reopened(desk, panel), people, SECOND)
    assert (panel["phase"], panel["end_reason"]) == ("ended", reason)
    assert query(desk, "SELECT count(*) FROM panel_pseudonyms") == [(0,)]
    needs = desk.ask("list_needs", panel_id=panel["id"])["items"]
    ended = next(event for event in desk.harness.events("surveys") if event.type == "surveys.panel.ended.v1")
    assert ended.data["need_ids"] == [need["id"] for need in needs]
    if reason == "concordance":
        assert needs == []  # one round shows no stability
        return
    assert [(need["source_type"], need["rank"], need["method"], need["n"]) for need in needs] == [
        ("delphi", 1, "delphi", 6)
    ]
    assert (needs[0]["metric"]["median"], needs[0]["metric"]["round"]) == (8.0, 2)
    assert desk.ask("get_need", need_id=needs[0]["id"])["manifest"]["data_sha256"]
    desk.ask("open_proposal", need_id=needs[0]["id"], **TEXTS)
    assert desk.ask("get_loop", need_id=needs[0]["id"])["need"]["panel_title"] == PAIR
    outsider = desk.harness.actor("learner")
    assert desk.ask("get_panel_results", outsider, panel_id=panel["id"])["end_reason"] == reason


def test_under_five_shows_nothing(desk: Desk) -> None:
    people = seated(desk, 6)
    panel = closed(desk, started(desk, people), people[:4], FIRST[:4])
    assert (panel["phase"], panel["rounds"][0]["answered"], panel["can"]["results"]) == (
        "between",
        None,
        False,
    )
    with pytest.raises(Conflict) as caught:
        desk.ask("get_panel_results", panel_id=panel["id"])
    assert caught.value.code == "panel-no-results"


def test_how_many_stayed_is_hidden_under_five(desk: Desk) -> None:
    people = seated(desk, 9)
    panel = started(desk, people, rule={"concordance": 1, "gain": 0})
    rows = [[5, 5, 5]] * 5
    panel = closed(desk, panel, people[:5], rows)
    panel = closed(desk, reopened(desk, panel), people[4:], rows)
    panel = closed(desk, reopened(desk, panel), people[4:], rows)
    shown = desk.ask("get_panel_results", panel_id=panel["id"])["figures"]["rounds"]
    assert [one["stayed"] for one in shown] == [None, None, 5]


def test_items_stay_as_they_are_while_they_are_being_rated(desk: Desk) -> None:
    panel = started(desk, seated(desk, 5))
    sheet = desk.ask("get_panel_sheet", panel_id=panel["id"])["items"]
    for items in ([{"statement": PAIR}], [{"id": sheet[0]["id"], "statement": PAIR}]):
        with pytest.raises(Conflict) as caught:
            desk.ask("set_panel_items", panel_id=panel["id"], version=panel["version"], items=items)
        assert caught.value.code == "wrong-phase"
    assert [item["id"] for item in desk.ask("get_panel_sheet", panel_id=panel["id"])["items"]] == [
        item["id"] for item in sheet
    ]


def test_open_round_feeds_items_with_their_provenance(desk: Desk) -> None:
    people = seated(desk, 5)
    panel = started(desk, people, items=0, first_round="open")
    for person in people[:2]:
        for words in (["Essai", "Autre"], ["Une idée gardée"]):
            desk.ask("save_panel_ideas", person, panel_id=panel["id"], texts=words, language="fr")
    entry = desk.ask(
        "express_need", people[0], text="Un besoin du tableau", language="fr", other="A need of the board"
    )
    now = desk.ask("get_panel", panel_id=panel["id"])
    closed_panel = desk.ask("close_round", panel_id=panel["id"], version=now["version"])
    feed = desk.ask("get_panel_feed", panel_id=panel["id"])
    assert [idea["text"] for idea in feed["ideas"]] == ["Une idée gardée"] * 2
    items = [
        {"statement": PAIR, "sources": [{"kind": "idea", "ref": idea["ref"]} for idea in feed["ideas"]]},
        {"statement": entry["statement"], "sources": [{"kind": "board", "ref": entry["id"]}]},
    ]
    feed = desk.ask("set_panel_items", panel_id=panel["id"], version=closed_panel["version"], items=items)
    assert [[one["kind"] for one in item["sources"]] for item in feed["items"]] == [
        ["idea", "idea"],
        ["board"],
    ]
    assert feed["items"][1]["sources"][0]["text"] == entry["statement"]
    seen = desk.ask("get_board_entry", people[3], entry_id=entry["id"])
    named = {"id": panel["id"], "title": PAIR, "kind": "delphi"}
    assert seen["panels"] == [named | {"open": True}]
    seen = desk.ask("get_board_entry", desk.harness.actor("learner"), entry_id=entry["id"])
    assert seen["panels"] == [named | {"open": False}]
    bad = [{"statement": PAIR, "sources": [{"kind": "board", "ref": str(new_id())}]}]
    with pytest.raises(Invalid):
        desk.ask("set_panel_items", panel_id=panel["id"], version=feed["version"], items=bad)
    panel = reopened(desk, desk.ask("get_panel", panel_id=panel["id"]))
    assert (panel["round"], panel["rounds"][1]["kind"]) == (2, "rating")
    rate(desk, panel, people[0], [5, 6])
    panel = desk.ask("close_round", panel_id=panel["id"], version=panel["version"])
    kept = [{"id": item["id"], "statement": item["statement"]} for item in feed["items"]]
    for changed in ([kept[0]], [kept[0], kept[1] | {"statement": PAIR}]):
        with pytest.raises(Conflict) as caught:
            desk.ask("set_panel_items", panel_id=panel["id"], version=panel["version"], items=changed)
        assert caught.value.code == "item-rated"


def test_states_refuse_what_does_not_follow(desk: Desk) -> None:
    people = seated(desk, 5)
    few = drafted(desk, people[:4])
    with pytest.raises(Invalid) as caught:
        desk.ask("start_panel", panel_id=few["id"], version=1)
    assert [(one.path, one.code) for one in caught.value.fields] == [("members", "panel-size")]
    panel = started(desk, people)
    of, version = {"panel_id": panel["id"]}, panel["version"]
    tries: list[tuple[str, View, str]] = [
        ("start_panel", {"version": version}, "panel-started"),
        ("open_round", {"version": version, "closes_at": desk.days(9)}, "wrong-phase"),
        ("stop_panel", {"version": version, "note": PAIR}, "wrong-phase"),
        ("advance_panel", {"version": version, "phase": "sharing"}, "wrong-phase"),
        ("discard_panel", {"version": version}, "panel-started"),
        ("extend_round", {"version": version - 1, "closes_at": desk.days(9)}, "stale"),
    ]
    for method, payload, code in tries:
        with pytest.raises(CercleError) as refused:
            desk.ask(method, **of, **payload)
        assert (method, refused.value.code) == (method, code)
    with pytest.raises(Conflict):
        desk.ask("save_panel_ideas", people[0], **of, texts=["x"], language="fr")
    for method, payload in (("close_round", {"version": version}), ("get_panel_feed", {})):
        with pytest.raises(Forbidden):
            desk.ask(method, people[0], **of, **payload)
    for method in ("get_panel", "get_panel_sheet", "get_panel_results"):
        with pytest.raises(NotFound):
            desk.ask(method, desk.harness.actor("learner", "facilitator"), **of)
    panel = desk.ask("extend_round", **of, version=version, closes_at=desk.days(9))
    with pytest.raises(Stale):
        desk.ask("close_round", **of, version=version)
    panel = desk.ask("close_round", **of, version=panel["version"])
    ended = desk.ask("stop_panel", **of, version=panel["version"], note=PAIR)
    assert (ended["phase"], ended["end_reason"], ended["end_note"]) == ("ended", "stopped", PAIR)
    with pytest.raises(Conflict) as over:
        reopened(desk, ended)
    assert over.value.code == "panel-ended"


def test_deadline_closes_and_reminds_those_who_have_not_answered(desk: Desk) -> None:
    people = seated(desk, 6)
    panel = started(desk, people)
    for person, points in zip(people[:5], FIRST, strict=False):
        rate(desk, panel, person, points)
    service: Any = desk.harness.services["surveys"]
    desk.harness.clock.advance(timedelta(days=5, hours=1))
    for _ in range(2):
        service.tend_panels()
    told = [event for event in desk.harness.events("surveys") if event.type == "surveys.round.closing.v1"]
    assert [event.data["account_ids"] for event in told] == [[str(people[5].account_id)]]
    desk.harness.clock.advance(timedelta(days=2))
    with pytest.raises(Conflict) as caught:
        rate(desk, panel, people[5], FIRST[5])
    assert caught.value.code == "round-closed"
    service.tend_panels()
    now = desk.ask("get_panel", panel_id=panel["id"])
    assert (now["phase"], now["rounds"][0]["answered"], now["can"]["results"]) == ("between", 5, True)


# ------------------------------------------------------------------------------------- nominal group
def group(desk: Desk, people: list[Actor]) -> View:
    panel = drafted(desk, people, "nominal-group")
    found: View = desk.ask("start_panel", panel_id=panel["id"], version=1)
    return found


def moved(desk: Desk, panel: View, phase: str, who: Actor | None = None) -> View:
    now = desk.ask("get_panel", panel_id=panel["id"])
    found: View = desk.ask("advance_panel", who, panel_id=panel["id"], version=now["version"], phase=phase)
    return found


def shared(desk: Desk, people: list[Actor], ideas: int = 6) -> tuple[View, list[str]]:
    """A group with so many ideas, in clarification; and their ids."""
    panel = moved(desk, group(desk, people), "sharing")
    for number in range(ideas):
        turn = {"panel_id": panel["id"], "text": f"idée {number}", "language": "fr"}
        desk.ask("take_turn", **turn)
    panel = moved(desk, panel, "clarify")
    return panel, [item["id"] for item in desk.ask("get_panel_sheet", panel_id=panel["id"])["items"]]


def vote(desk: Desk, panel: View, person: Actor, items: list[str]) -> View:
    found: View = desk.ask("save_ballot", person, panel_id=panel["id"], items=items)
    return found


def test_group_goes_through_its_phases_to_needs(  # noqa: PLR0915 one session from start to end
    desk: Desk,
) -> None:
    people, facilitator = seated(desk, 5), desk.harness.actor("learner", "facilitator")
    panel = group(desk, people)
    sheet = desk.ask("save_panel_ideas", people[0], panel_id=panel["id"], texts=["Mon idée"], language="fr")
    assert desk.ask("get_panel_sheet", people[1], panel_id=panel["id"])["ideas"] == []
    panel = moved(desk, panel, "sharing", facilitator)
    seats = {str(one.account_id): one for one in people}
    first = seats[panel["turn_of"]]
    other = next(one for one in people if one is not first)
    with pytest.raises(Conflict) as caught:
        desk.ask("take_turn", other, panel_id=panel["id"], text="Avant mon tour", language="fr")
    assert caught.value.code == "not-your-turn"
    while panel["turn_of"] != str(people[0].account_id):
        panel = desk.ask(
            "take_turn",
            seats[panel["turn_of"]],
            panel_id=panel["id"],
            text=f"idée {panel['turn']}",
            language="fr",
        )
    panel = desk.ask(
        "take_turn", people[0], panel_id=panel["id"], idea_id=sheet["ideas"][0]["id"], language="fr"
    )
    for number in range(7 - panel["items"]):
        panel = desk.ask(
            "take_turn", facilitator, panel_id=panel["id"], text=f"notée {number}", language="fr"
        )
    panel = moved(desk, panel, "clarify")
    items = desk.ask("get_panel_sheet", panel_id=panel["id"])["items"]
    ids = [item["id"] for item in items]
    desk.ask("word_panel_item", panel_id=panel["id"], item_id=ids[0], statement=PAIR)
    desk.ask("merge_panel_item", panel_id=panel["id"], item_id=ids[6], into_id=ids[0])
    with pytest.raises(NotFound):
        desk.ask("merge_panel_item", panel_id=panel["id"], item_id=ids[6], into_id=ids[1])
    panel = moved(desk, panel, "vote")
    ballots = [ids[:5], ids[:5], ids[:5], ids[1:6], [ids[5], ids[4]]]
    for person, ballot in zip(people[:4], ballots, strict=False):
        vote(desk, panel, person, ballot)
    with pytest.raises(Conflict) as few:
        moved(desk, panel, "results")
    assert few.value.code == "too-few-ballots"
    vote(desk, panel, people[4], ids[:1])
    vote(desk, panel, people[4], ballots[4])
    panel = moved(desk, panel, "results")
    results = desk.ask("get_panel_results", people[0], panel_id=panel["id"])
    counted = {one["item"]: one for one in results["figures"]["votes"][0]["items"]}
    codes = {item["id"]: item["code"] for item in results["items"]}
    assert [(counted[codes[one]]["points"], counted[codes[one]]["votes"]) for one in ids[:6]] == [
        (15, 3), (17, 4), (13, 4), (9, 4), (9, 5), (6, 2),
    ]  # fmt: skip
    assert (
        counted[codes[ids[3]]]["rank"],
        counted[codes[ids[4]]]["rank"],
        counted[codes[ids[3]]]["tied"],
    ) == (4, 4, True)
    for phase in ("discuss", "revote"):
        panel = moved(desk, panel, phase)
    for person, ballot in zip(people, ballots[::-1], strict=True):
        vote(desk, panel, person, ballot[::-1] if len(ballot) == 5 else ballot)
    panel = moved(desk, panel, "ended")
    assert [
        one["vote"] for one in desk.ask("get_panel_results", panel_id=panel["id"])["figures"]["votes"]
    ] == [1, 2]
    needs = desk.ask("list_needs", panel_id=panel["id"])["items"]
    assert (len(needs), {need["source_type"] for need in needs}) == (5, {"nominal-group"})
    assert needs[0]["metric"]["points"] >= needs[1]["metric"]["points"]
    assert query(desk, "SELECT count(*) FROM panel_pseudonyms") == [(0,)]


def test_of_two_who_take_the_same_turn_one_is_refused(desk: Desk) -> None:
    people = seated(desk, 5)
    panel = moved(desk, group(desk, people), "sharing")
    first = next(one for one in people if str(one.account_id) == panel["turn_of"])
    given = {"panel_id": panel["id"], "language": "fr", "turn": panel["turn"]}
    panel = desk.ask("take_turn", first, text="La mienne", **given)
    with pytest.raises(Conflict) as caught:  # the coordinator, who had seen the same page
        desk.ask("take_turn", text="Notée pour elle", **given)
    assert caught.value.code == "not-your-turn"
    assert (desk.ask("get_panel", panel_id=panel["id"])["turn"], panel["items"]) == (panel["turn"], 1)
    desk.ask("take_turn", text="Notée", **given | {"turn": panel["turn"]})


def test_group_refuses_what_does_not_follow(desk: Desk) -> None:
    people = seated(desk, 13)
    crowd = drafted(desk, people, "nominal-group")
    with pytest.raises(Invalid) as caught:
        desk.ask("start_panel", panel_id=crowd["id"], version=1)
    assert [one.code for one in caught.value.fields] == ["panel-size"]
    panel, ids = shared(desk, people[:5])
    with pytest.raises(Conflict):
        vote(desk, panel, people[0], ids[:5])
    for phase in ("results", "silent", "ended"):
        with pytest.raises(Conflict) as wrong:
            moved(desk, panel, phase)
        assert wrong.value.code == "wrong-phase"
    with pytest.raises(Forbidden):
        moved(desk, panel, "vote", people[0])
    panel = moved(desk, panel, "vote")
    for ballot in ([ids[0], ids[0]], [str(new_id())]):
        with pytest.raises(Invalid):
            vote(desk, panel, people[0], ballot)
    with pytest.raises(NotFound):
        vote(desk, panel, people[9], ids[:5])
    seen = json.dumps([desk.ask("get_panel_sheet", one, panel_id=panel["id"]) for one in people[:5]])
    assert all(str(one.account_id) not in seen for one in people)


def test_nothing_that_is_answered_is_remembered_beside_an_account(desk: Desk) -> None:
    people = seated(desk, 5)
    panel = started(desk, people)
    for number, person in enumerate(people):
        sheet = desk.ask("get_panel_sheet", person, panel_id=panel["id"])
        ratings = {item["id"]: {"points": 7, "comment": "canari"} for item in sheet["items"]}
        desk.ask(
            "save_ratings", person, key=f"k{number}", panel_id=panel["id"], ratings=ratings, language="fr"
        )
    plumbing = "".join(
        str(row)
        for table in ("outbox", "inbox", "commands", "dead_letters")
        for row in query(desk, f"SELECT * FROM {table}")
    )
    assert "canari" not in plumbing
    assert "save_ratings" not in plumbing
