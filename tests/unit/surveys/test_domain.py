from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.surveys import policy
from services.surveys.domain.answers import Answers, merged, progress
from services.surveys.domain.audience import includes, mask_of, roles_of
from services.surveys.domain.instrument.items import with_pairs
from services.surveys.domain.loop import count_view, steps_of
from services.surveys.domain.need import Need
from services.surveys.domain.survey import Survey, SurveyClosed, SurveyNotOpen, launch_problems
from services.surveys.templates import scale, templates
from shared.actor import ROLES, Actor
from shared.errors import Invalid

NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)
DAY = timedelta(days=1)
BOTH = {"fr": "un", "en": "one"}


def survey(**given: object) -> Survey:
    values: dict[str, object] = {
        "id": uuid4(), "template_id": "borich", "method": "mwds", "title": BOTH, "intro": BOTH,
        "anonymity": "anonymous", "seed": 1, "created_by": uuid4(), "created_at": NOW, "closes_at": NOW + 7 * DAY,
    }  # fmt: skip
    return Survey(**values | given)  # type: ignore[arg-type]


def pair_element(code: str, text: dict[str, str] | None = None) -> dict[str, Any]:
    return {"code": code, "kind": "pair", "text": text or BOTH, "required": True}


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, "draft"),
        ({"launched_at": NOW, "opens_at": NOW + DAY}, "scheduled"),
        ({"launched_at": NOW, "opens_at": NOW}, "open"),
        ({"launched_at": NOW, "opens_at": NOW - DAY, "closes_at": NOW}, "closed"),
        ({"launched_at": NOW, "opens_at": NOW - DAY, "closed_at": NOW}, "closed"),
    ],
)
def test_survey_status_follows_the_clock(given: dict[str, object], status: str) -> None:
    assert survey(**given).status(NOW) == status


@pytest.mark.parametrize(
    ("given", "elements", "found"),
    [
        ({}, [pair_element("c1")], []),
        ({"title": {"fr": "un", "en": " "}}, [pair_element("c1")], [("title.en", "missing")]),
        ({"intro": {"fr": "", "en": "x"}}, [pair_element("c1")], [("intro.fr", "missing")]),
        ({}, [], [("elements", "missing")]),
        ({}, [{"code": "c1", "kind": "consent", "text": BOTH}], [("elements", "no-items")]),
        ({"method": "maxdiff"}, [pair_element("c1")], [("elements", "no-items")]),
        (
            {},
            [pair_element("c1"), pair_element("c2", {"fr": "", "en": "x"})],
            [("elements.1.text.fr", "missing")],
        ),
        ({"closes_at": None}, [pair_element("c1")], [("closes_at", "missing")]),
        ({"closes_at": NOW}, [pair_element("c1")], [("closes_at", "in-the-past")]),
        ({"opens_at": NOW + 8 * DAY}, [pair_element("c1")], [("closes_at", "before-opening")]),
        ({"closes_at": NOW + 401 * DAY}, [pair_element("c1")], [("closes_at", "too-long-open")]),
    ],
)
def test_launch_problems_name_what_is_missing(
    given: dict[str, object], elements: list[dict[str, object]], found: list[tuple[str, str]]
) -> None:
    assert [(p.path, p.code) for p in launch_problems(survey(elements=elements, **given), NOW)] == found


def test_launch_without_an_opening_date_opens_now() -> None:
    launched = survey(elements=[pair_element("c1")])
    launched.launch(NOW)
    assert (launched.opens_at, launched.status(NOW), launched.version) == (NOW, "open", 2)


def test_survey_refuses_answers_before_and_after() -> None:
    with pytest.raises(SurveyNotOpen):
        survey(launched_at=NOW, opens_at=NOW + DAY).require_open(NOW)
    with pytest.raises(SurveyClosed):
        survey(launched_at=NOW, opens_at=NOW).require_open(NOW + 7 * DAY)


def test_extension_must_be_later() -> None:
    running = survey(launched_at=NOW, opens_at=NOW)
    with pytest.raises(Invalid) as caught:
        running.extend(NOW + DAY, NOW)
    assert [p.code for p in caught.value.fields] == ["too-early"]
    running.extend(NOW + 9 * DAY, NOW)
    assert running.closes_at == NOW + 9 * DAY


def test_merged_lays_part_over_part_and_null_clears() -> None:
    elements = [pair_element(code) for code in "abc"] + [
        {"code": "why", "kind": "single", "options": [{"code": "x", "text": BOTH}], "other": True},
        {"code": "most", "kind": "maxdiff", "options": [{"code": c, "text": BOTH} for c in "wxyz"],
         "sets": [["w", "x", "y"], ["x", "y", "z"]]},
    ]  # fmt: skip
    saved: Answers = {
        "a": {"importance": 3, "ability": 2}, "b": {"importance": 1}, "why": {"choice": "other", "text": "so"},
        "most": {"sets": {"0": {"best": "w", "worst": "x"}, "1": {"best": "z", "worst": "x"}}},
    }  # fmt: skip
    raw = {
        "a": {"ability": 5}, "b": {"importance": None}, "c": {"ability": "na"}, "why": {"choice": "x"},
        "most": {"sets": {"0": {}, "1": {"best": "y"}}},
    }  # fmt: skip
    assert merged(saved, raw, elements) == {
        "a": {"importance": 3, "ability": 5}, "c": {"ability": "na"}, "why": {"choice": "x"},
        "most": {"sets": {"1": {"best": "y"}}},
    }  # fmt: skip
    assert merged(saved, dict.fromkeys(saved), elements) == {}


def test_progress_counts_the_questions_that_are_seen() -> None:
    hidden = {"item": "a", "part": "importance", "is": "at-least", "value": 4}
    elements = [pair_element("a"), pair_element("b") | {"show_if": hidden}, {"code": "s", "kind": "section"}]
    assert progress(elements, {}) == (0, 1)
    assert progress(elements, {"a": {"importance": 2, "ability": "na"}}) == (1, 1)
    assert progress(elements, {"a": {"importance": 5}, "b": {"importance": 1, "ability": 1}}) == (1, 2)


def test_items_take_the_places_of_the_pairs_and_leave_the_rest() -> None:
    section = {"code": "s", "kind": "section", "text": BOTH}
    before = [pair_element("a") | {"help": BOTH}, section, pair_element("b"), section | {"code": "t"}]
    more = with_pairs(before, [(code, BOTH) for code in "cabd"])
    assert [element["code"] for element in more] == ["c", "s", "a", "b", "d", "t"]
    assert more[2]["help"] == BOTH
    assert [element["code"] for element in with_pairs(before, [])] == ["s", "t"]
    assert [element["code"] for element in with_pairs([section], [("a", BOTH)])] == ["s", "a"]


def test_audience_mask_knows_every_role() -> None:
    assert set(roles_of(mask_of(ROLES))) == ROLES
    assert includes(0, []) is True
    assert includes(mask_of(["trainer"]), ["learner"]) is False
    assert includes(mask_of(["trainer", "learner"]), ["learner"]) is True


@pytest.mark.parametrize(
    ("before", "step", "after"),
    [
        ("ranked", "proposed", "proposed"), ("proposed", "declined", "ranked"), ("proposed", "approved", "approved"),
        ("approved", "drafted", "drafted"), ("published", "drafted", "published"), ("drafted", "approved", "drafted"),
        ("ranked", "published", "published"), ("published", "proposed", "published"),
    ],
)  # fmt: skip
def test_need_moves_forward_whatever_the_order(before: str, step: str, after: str) -> None:
    need = Need(uuid4(), uuid4(), uuid4(), "c", BOTH, 1, 1, {}, NOW, before)
    getattr(need, step)()
    assert need.status == after


@pytest.mark.parametrize(
    ("value", "exact", "shown"), [(4, False, None), (4, True, 4), (5, False, 5), (0, False, None)]
)
def test_counts_under_five_are_for_those_who_may(value: int, exact: bool, shown: int | None) -> None:
    assert count_view(value, exact)["value"] == shown


def test_steps_of_a_declined_need_stop_there() -> None:
    metric = {"rank": 1, "value": 2.0, "ci_low": 1.0, "ci_high": 3.0, "n": 9}
    source = {"source_type": "survey", "survey_id": "s", "panel_id": None, "entry_id": None}
    need = {"rank": 1, "metric": metric} | source
    proposal = {"endorsements": 2, "decision": {"outcome": "declined"}}
    counts = {"enrolments": {}, "completions": {}, "any_completion": False}
    steps = steps_of(need, proposal, None, 0, counts, {"verdict": None, "waves": []})
    assert [step["state"] for step in steps] == [
        "done",
        "done",
        "done",
        "declined",
        "waiting",
        "waiting",
        "waiting",
    ]


ACCOUNT = UUID("019a0c5e-0000-7000-8000-000000000001")


@pytest.mark.parametrize("role", sorted(ROLES))
@pytest.mark.parametrize("launched", [True, False])
@pytest.mark.parametrize("asked", [True, False])
@pytest.mark.parametrize("anonymity", ["named", "confidential", "anonymous"])
def test_policy_matrix(role: str, launched: bool, asked: bool, anonymity: str) -> None:
    others = ROLES - {role}
    audience = mask_of([role]) if asked else mask_of(others)
    target = survey(launched_at=NOW if launched else None, audience=audience, anonymity=anonymity)
    actor = Actor(ACCOUNT, frozenset({role}))
    coordinates = role in ("coordinator", "admin")
    answers, named = launched and asked, anonymity == "named"
    assert policy.can_coordinate(actor) is coordinates
    assert policy.can_answer(actor, target) is answers
    assert policy.can_see_survey(actor, target) is (coordinates or answers)
    assert policy.can_see_participants(actor, target) is (coordinates and named)
    assert policy.can_see_own_response(actor, target) is (launched and anonymity != "anonymous")
    assert policy.can_see_small_counts(actor) is (role not in ("learner", "facilitator"))


def test_policy_gives_nothing_to_visitors_and_services() -> None:
    target = survey(launched_at=NOW)
    for actor in (Actor(), Actor(system="courses", roles=frozenset({"admin"}))):
        assert not policy.can_see_survey(actor, target)
        assert not policy.can_coordinate(actor)
        assert not policy.can_see_small_counts(actor)


def test_templates_are_whole_in_both_languages() -> None:
    texts = [scale()["not_applicable"], scale()["importance"]["label"], scale()["ability"]["label"]]
    texts += [*scale()["importance"]["anchors"].values(), *scale()["ability"]["anchors"].values()]
    for entry in templates().values():
        texts += [entry[name] for name in ("title", "description", "survey_title", "intro")]
        texts += [one["statement"] for one in entry["items"]]
        # Thirteen is the number of which four can be shown at a time in balanced sets.
        wanted = {"maxdiff": 13}.get(entry["id"], 12 if entry["leads_to"] == "survey" else 0)
        assert len({one["code"] for one in entry["items"]}) == wanted
    assert all(pair["fr"] and pair["en"] and pair["fr"] != pair["en"] for pair in texts)
    french = " ".join(pair["fr"] for pair in texts)
    assert not any(mark in french for mark in ("'", " :", " ;", "!", "·"))
    assert list(scale()["importance"]["anchors"]) == ["1", "2", "3", "4", "5"]
