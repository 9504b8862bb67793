from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from services.surveys import policy
from services.surveys.domain.answers import (
    Answers,
    complete,
    is_rating,
    merged,
    read_answers,
    require_complete,
)
from services.surveys.domain.audience import includes, mask_of, roles_of
from services.surveys.domain.loop import count_view, steps_of
from services.surveys.domain.need import Need
from services.surveys.domain.survey import Survey, SurveyClosed, SurveyItem, SurveyNotOpen, launch_problems
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


def item(position: int = 1, statement: dict[str, str] | None = None) -> SurveyItem:
    return SurveyItem(uuid4(), position, f"c{position}", statement or BOTH)


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
    ("given", "items", "found"),
    [
        ({}, [item()], []),
        ({"title": {"fr": "un", "en": " "}}, [item()], [("title.en", "missing")]),
        ({"intro": {"fr": "", "en": "x"}}, [item()], [("intro.fr", "missing")]),
        ({}, [], [("items", "missing")]),
        ({}, [item(), item(2, {"fr": "", "en": "x"})], [("items.1.statement.fr", "missing")]),
        ({"closes_at": None}, [item()], [("closes_at", "missing")]),
        ({"closes_at": NOW}, [item()], [("closes_at", "in-the-past")]),
        ({"opens_at": NOW + 8 * DAY}, [item()], [("closes_at", "before-opening")]),
        ({"closes_at": NOW + 401 * DAY}, [item()], [("closes_at", "too-long-open")]),
    ],
)
def test_launch_problems_name_what_is_missing(
    given: dict[str, object], items: list[SurveyItem], found: list[tuple[str, str]]
) -> None:
    assert [(p.path, p.code) for p in launch_problems(survey(**given), items, NOW)] == found


def test_launch_without_an_opening_date_opens_now() -> None:
    launched = survey()
    launched.launch([item()], NOW)
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


@pytest.mark.parametrize(
    ("value", "good"),
    [(1, True), (5, True), ("na", True), (None, True), (0, False), (6, False), (True, False), (3.0, False),
     ("4", False), ([], False), ({}, False)],
)  # fmt: skip
def test_rating_is_a_point_or_not_applicable(value: object, good: bool) -> None:
    assert is_rating(value, 5) is good


def test_read_answers_lists_every_problem() -> None:
    raw = {
        "a": {"importance": 9, "ability": 1},
        "b": 3,
        "c": {"importance": 1},
        "z": {"importance": 1, "extra": 1},
    }
    with pytest.raises(Invalid) as caught:
        read_answers(raw, {"a", "b", "z"}, 5)
    assert [(p.path, p.code) for p in caught.value.fields] == [
        ("items.a.importance", "out-of-range"),
        ("items.b", "wrong-type"),
        ("items.c", "unknown-item"),
        ("items.z", "unknown-field"),
    ]


def test_merged_lays_scale_over_scale_and_null_clears() -> None:
    saved: Answers = {"a": {"importance": 3, "ability": 2}, "b": {"importance": 1}}
    assert merged(saved, {"a": {"ability": 5}, "b": {"importance": None}, "c": {"ability": "na"}}) == {
        "a": {"importance": 3, "ability": 5},
        "c": {"ability": "na"},
    }


def test_require_complete_lists_missing_scales_in_order() -> None:
    answers: Answers = {"b": {"importance": "na", "ability": "na"}, "a": {"importance": 2}}
    assert complete(answers) == 1
    with pytest.raises(Invalid) as caught:
        require_complete(answers, ["a", "b", "c"])
    found = [(p.path, p.code) for p in caught.value.fields]
    assert found == [
        ("items.a.ability", "missing"), ("items.c.importance", "missing"), ("items.c.ability", "missing"),
    ]  # fmt: skip


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
    need = {"rank": 1, "survey_id": "s", "metric": metric}
    proposal = {"endorsements": 2, "decision": {"outcome": "declined"}}
    counts = {"enrolments": {}, "completions": {}, "any_completion": False}
    steps = steps_of(need, proposal, None, 0, counts)
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
@pytest.mark.parametrize("anonymity", ["named", "anonymous"])
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
    assert policy.can_see_own_response(actor, target) is (answers and named)
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
        assert len({one["code"] for one in entry["items"]}) == 12
    assert all(pair["fr"] and pair["en"] and pair["fr"] != pair["en"] for pair in texts)
    french = " ".join(pair["fr"] for pair in texts)
    assert not any(mark in french for mark in ("'", " :", " ;", "!", "·"))
    assert list(scale()["importance"]["anchors"]) == ["1", "2", "3", "4", "5"]
