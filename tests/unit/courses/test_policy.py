from __future__ import annotations

from typing import Any

import pytest

from services.courses import policy
from services.courses.domain.course import Course
from shared.actor import ROLES, VISITOR, Actor, system_actor
from shared.clock import FrozenClock
from shared.errors import Forbidden, NotAuthenticated, NotFound
from shared.ids import new_id
from shared.testing.harness import START
from tests.unit.courses.support import Desk, pair

ME = new_id()
NOW = FrozenClock(START).now()


def course(status: str, author: Any) -> Course:
    return Course(new_id(), pair("x"), pair("y"), NOW, author_id=author, status=status)


STAFF, AUTHORS = {"trainer", "coordinator", "admin"}, {"trainer", "admin"}
# predicate, status, author -> roles that may
MATRIX = [
    (policy.can_see_course, "draft", None, STAFF),
    (policy.can_see_course, "published", None, ROLES),
    (policy.can_edit_course, "draft", ME, AUTHORS),
    (policy.can_edit_course, "draft", None, {"admin"}),
    (policy.can_edit_course, "published", new_id(), {"admin"}),
    (policy.can_take_course, "draft", None, AUTHORS),
    (policy.can_take_course, "draft", ME, set()),
    (policy.can_enrol, "published", None, ROLES),
    (policy.can_enrol, "draft", ME, set()),
    (policy.can_see_roster, "published", ME, AUTHORS),
    (policy.can_see_roster, "published", new_id(), {"admin"}),
]


@pytest.mark.parametrize(("predicate", "status", "author", "allowed"), MATRIX)
def test_matrix_over_every_role(predicate: Any, status: str, author: Any, allowed: set[str]) -> None:
    may = {role for role in ROLES if predicate(Actor(ME, frozenset({role})), course(status, author))}
    assert may == set(allowed)
    for nobody in (VISITOR, system_actor("courses"), Actor(None, frozenset(ROLES))):
        assert predicate(nobody, course(status, author)) is False


@pytest.mark.parametrize(("trusted", "allowed"), [(False, {"admin"}), (True, AUTHORS)])
def test_libraries_are_installed_by(trusted: bool, allowed: set[str]) -> None:
    may = {
        role
        for role in ROLES
        if policy.can_install_library(Actor(ME, frozenset({role})), trainers_may_install=trusted)
    }
    assert may == allowed


def payload_of(desk: Desk, method: str, made: dict[str, Any]) -> dict[str, Any]:
    """A payload that the author could send."""
    unit, activity = made["unit"], made["activities"][0]
    objective = desk.ask("get_course", desk.admin, course_id=made["id"])["objectives"][0]["id"]
    version = desk.version(made["id"])
    return {
        "update_course": {"course_id": made["id"], "version": version, "title": pair("x"), "summary": pair("y")},
        "publish_course": {"course_id": made["id"], "version": version},
        "add_module": {"course_id": made["id"], "title": pair("x")},
        "add_unit": {"module_id": made["module"], "title": pair("x")},
        "add_activity": {"unit_id": unit, "title": pair("x"), "kind": "text"},
        "rename_item": {"item_id": unit, "version": version, "title": pair("x")},
        "move_item": {"item_id": unit, "direction": "up"},
        "delete_item": {"item_id": unit, "version": version},
        "add_objective": {"course_id": made["id"], "text": pair("x"), "bloom": "apply"},
        "update_objective": {"objective_id": objective, "version": version, "text": pair("x"), "bloom": "apply"},
        "delete_objective": {"objective_id": objective, "version": version},
        "set_activity_text": {"activity_id": activity, "version": version, "body": pair("x")},
        "set_completion": {"activity_id": activity, "version": version, "completion": "viewed"},
        "set_activity_file": {"activity_id": activity, "upload_id": str(new_id()), "alt": pair("x")},
        "set_activity_h5p": {"activity_id": activity, "upload_id": str(new_id())},
    }[method]  # fmt: skip


WRITES = [
    "update_course", "publish_course", "add_module", "add_unit", "add_activity", "rename_item", "move_item",
    "delete_item", "add_objective", "update_objective", "delete_objective", "set_activity_text",
    "set_completion", "set_activity_file", "set_activity_h5p",
]  # fmt: skip


@pytest.mark.parametrize("method", WRITES)
def test_every_write_is_hidden_or_forbidden_to_others_and_changes_nothing(desk: Desk, method: str) -> None:
    draft = desk.draft("text")
    before = desk.ask("get_course", course_id=draft["id"])
    payload = payload_of(desk, method, draft)
    strangers = {
        "learner": (desk.learner, NotFound),
        "facilitator": (desk.harness.actor("facilitator", "researcher"), NotFound),
        "coordinator": (desk.coordinator, Forbidden),
        "trainer": (desk.harness.actor("trainer"), Forbidden),
        "visitor": (VISITOR, NotFound),
    }
    for actor, error in strangers.values():
        with pytest.raises(error):
            desk.ask(method, actor, **payload)
    assert desk.ask("get_course", course_id=draft["id"]) == before


@pytest.mark.parametrize("method", WRITES)
def test_unknown_and_hidden_ids_look_alike(desk: Desk, method: str) -> None:
    payload = payload_of(desk, method, desk.draft("text"))
    name = next(iter(payload))
    answers = []
    for value in (payload[name], str(new_id()), "nonsense"):
        with pytest.raises(NotFound) as error:
            desk.ask(method, desk.learner, **(payload | {name: value}))
        answers.append(error.value.to_dict())
    assert answers[0] == answers[1] == answers[2]


def test_create_course_is_for_trainers_and_admins(desk: Desk) -> None:
    for actor in (desk.learner, desk.coordinator):
        with pytest.raises(Forbidden):
            desk.ask("create_course", actor, title=pair("x"))
    desk.ask("create_course", desk.admin, title=pair("x"))


def test_visitor_cannot_learn(desk: Desk) -> None:
    made = desk.publish(desk.draft("text"))
    with pytest.raises(NotAuthenticated):
        desk.ask("mark_viewed", VISITOR, activity_id=made["activities"][0])
    with pytest.raises(NotAuthenticated):
        desk.ask("enrol", VISITOR, course_id=made["id"])
