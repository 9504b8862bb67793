"""What every bus promises: the same test on the in-process bus and on RabbitMQ with nameko workers."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.actor import Actor
from shared.errors import (
    CercleError,
    Conflict,
    Deadline,
    Invalid,
    NotAuthenticated,
    NotFound,
    TooMany,
    Unavailable,
)
from shared.ids import new_id
from shared.messaging.bus import Request
from shared.messaging.envelope import Envelope
from tests.contract.toys import ThingAdded
from tests.contract.worlds import World, eventually, person


def label() -> str:
    return f"label-{new_id()}"


def added(world: World, text: str) -> int:
    return int(world.bus.call("alpha", "count", {"label": text})["count"])


def effects(world: World, text: str) -> int:
    return int(world.bus.call("beta", "count_effects", {"label": text})["count"])


def problem_of(world: World, service: str, method: str, payload: dict[str, Any] | None = None) -> CercleError:
    with pytest.raises(CercleError) as caught:
        world.bus.call(service, method, payload)
    return caught.value


def test_call_carries_actor_and_json_both_ways(world: World) -> None:
    actor = person()
    payload = {"text": "Évaluation « à chaud »", "list": [1, 2.5, None, True], "nested": {"a": {}}}
    answer = world.bus.call("alpha", "echo", payload, actor=actor)
    assert answer == {"payload": payload, "account": str(actor.account_id), "system": None}


def test_call_with_a_value_that_is_not_json_is_refused_by_the_caller(world: World) -> None:
    with pytest.raises(TypeError):
        world.bus.call("alpha", "echo", {"when": datetime.now(UTC)})


@pytest.mark.parametrize(
    ("how", "kind", "shape"),
    [
        (
            "invalid", Invalid,
            {"status": 422, "code": "invalid", "params": {},
             "fields": [{"path": "items.2", "code": "too-long", "params": {"max": 5}}]},
        ),
        ("hidden", NotFound, {"status": 404, "code": "not-found", "params": {}}),
        ("later", TooMany, {"status": 429, "code": "too-many", "params": {}, "retry_after": 7}),
        ("taken", Conflict, {"status": 409, "code": "label-taken", "params": {"label": "a"}}),
    ],
)  # fmt: skip
def test_error_of_a_service_arrives_as_it_was(
    world: World, how: str, kind: type[CercleError], shape: dict[str, Any]
) -> None:
    error = problem_of(world, "alpha", "refuse", {"how": how})
    assert (type(error), error.to_dict()) == (kind, shape)


def test_bug_in_a_service_says_nothing_of_itself(world: World) -> None:
    error = problem_of(world, "alpha", "bug")
    assert error.to_dict() == {"status": 500, "code": "internal", "params": {}}


@pytest.mark.parametrize("method", ["no_such_method", "close", "_call", "tick", "__init__"])
def test_unknown_or_untagged_method_is_refused(world: World, method: str) -> None:
    assert problem_of(world, "alpha", method).status == 500


def test_service_nobody_runs_is_unavailable_at_once(world: World) -> None:
    began = time.monotonic()
    error = problem_of(world, "gamma", "echo")
    assert (type(error), error.retry_after) == (Unavailable, 5)
    assert time.monotonic() - began < 1


def test_failed_command_leaves_nothing_behind(world: World) -> None:
    text = label()
    assert problem_of(world, "alpha", "add_then_fail", {"label": text}).code == "label-taken"
    time.sleep(0.7)
    assert (added(world, text), effects(world, text)) == (0, 0)


# --- who speaks


def request(world: World, issuer: str, audience: str, actor: Actor, **changes: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    token = world.keys.signer(issuer).sign(actor, audience, changes.pop("signed_at", now))
    deadline = changes.pop("deadline", now.timestamp() + 5)
    return Request(token, changes.pop("payload", {}), deadline).to_dict() | changes


def code_of(answer: dict[str, Any]) -> Any:
    return answer.get("problem", {}).get("code", answer)


def test_token_for_another_service_is_refused(world: World) -> None:
    message = request(world, "gateway", "beta", person())
    assert code_of(world.raw("alpha", "echo", message)) == "bad-actor-token"


def test_person_signed_by_a_service_is_refused(world: World) -> None:
    message = request(world, "beta", "alpha", person("admin"))
    assert code_of(world.raw("alpha", "echo", message)) == "bad-actor-token"


def test_expired_token_is_refused(world: World) -> None:
    message = request(world, "gateway", "alpha", person(), signed_at=datetime.now(UTC) - timedelta(minutes=5))
    assert code_of(world.raw("alpha", "echo", message)) == "bad-actor-token"


def test_tampered_token_is_refused(world: World) -> None:
    message = request(world, "gateway", "alpha", person())
    message["token"] = message["token"][:-3] + "AAA"
    assert code_of(world.raw("alpha", "echo", message)) == NotAuthenticated("bad-actor-token").code


def test_service_asks_another_as_itself(world: World) -> None:
    assert world.bus.call("beta", "ask_alpha") == {
        "payload": {"from": "beta"},
        "account": "None",
        "system": "beta",
    }


# --- deadlines


def test_request_after_its_deadline_is_not_executed(world: World) -> None:
    text = label()
    late = request(world, "gateway", "alpha", person(), payload={"label": text}, deadline=time.time() - 1)
    assert code_of(world.raw("alpha", "add", late)) == "deadline"
    assert added(world, text) == 0


def test_slow_call_ends_at_the_deadline_and_its_late_work_is_undone(world: World) -> None:
    text, began = label(), time.monotonic()
    with pytest.raises(Deadline):
        world.bus.call("alpha", "slow_add", {"label": text, "seconds": 1.5}, timeout=0.6)
    assert 0.5 < time.monotonic() - began < 1.4
    time.sleep(1.6)
    assert added(world, text) == 0


def test_slow_call_holds_up_nobody_else(world: World) -> None:
    with ThreadPoolExecutor(4) as pool:
        slow = [
            pool.submit(world.bus.call, "alpha", "slow_add", {"label": label(), "seconds": 1.5})
            for _ in range(3)
        ]
        time.sleep(0.2)
        began = time.monotonic()
        world.bus.call("alpha", "echo")
        assert time.monotonic() - began < 0.8
        assert [len(one.result()) for one in slow] == [2, 2, 2]


# --- once


def test_command_with_one_key_happens_once_and_answers_alike(world: World) -> None:
    text, actor = label(), person()
    answers = [
        world.bus.call("alpha", "add", {"label": text}, actor=actor, idempotency_key="k-1") for _ in range(3)
    ]
    assert answers == [answers[0]] * 3
    assert added(world, text) == 1


def test_command_with_one_key_from_many_threads_happens_once(world: World) -> None:
    text, actor = label(), person()

    def add(_n: int) -> Any:
        return world.bus.call("alpha", "add", {"label": text}, actor=actor, idempotency_key="k-2")["id"]

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(add, range(8)))) == 1
    assert added(world, text) == 1


def test_key_with_another_body_is_refused(world: World) -> None:
    actor = person()
    world.bus.call("alpha", "add", {"label": label()}, actor=actor, idempotency_key="k-3")
    with pytest.raises(Conflict) as caught:
        world.bus.call("alpha", "add", {"label": label()}, actor=actor, idempotency_key="k-3")
    assert caught.value.code == "idempotency-key-reused"


def test_event_has_one_effect_even_when_it_comes_again(world: World) -> None:
    heard: list[Envelope] = []
    end = world.bus.listen(ThingAdded.type, heard.append)
    text = label()
    eventually_bound(world, heard)
    world.bus.call("alpha", "add", {"label": text})
    assert eventually(lambda: effects(world, text), 1) == 1
    assert eventually(lambda: text in labels(heard), True)
    envelope = next(e for e in heard if e.data["label"] == text)
    for _ in range(2):
        world.repeat_event(envelope.id)
        time.sleep(0.5)
    assert eventually(lambda: labels(heard).count(text) >= 2, True)
    assert effects(world, text) == 1
    end()


def labels(heard: list[Envelope]) -> list[str]:
    return [envelope.data["label"] for envelope in list(heard)]


def eventually_bound(world: World, heard: list[Envelope]) -> None:
    """Listening begins a moment after `listen` on a broker: knock until something is heard."""
    for _ in range(20):
        world.bus.call("alpha", "add", {"label": "knock"})
        if eventually(lambda: bool(heard), True, 0.5):
            return
    pytest.fail("nothing was heard")


# --- failures


def test_event_whose_handler_fails_once_has_its_effect_at_last(world: World) -> None:
    text = f"fails-once-{new_id()}"
    world.bus.call("alpha", "add", {"label": text})
    assert eventually(lambda: effects(world, text), 1) == 1


def test_event_whose_handler_always_fails_is_kept_and_can_be_dropped(world: World) -> None:
    text = f"always-fails-{new_id()}"
    world.bus.call("alpha", "add", {"label": text})
    letters = world.dead_letters("beta")

    def mine() -> list[tuple[str, str]]:
        return [
            (one.consumer, one.reason)
            for one in letters.list()
            if one.envelope and one.envelope.data["label"] == text
        ]

    assert eventually(mine, [("beta.on_thing_added", "RuntimeError")]) == [
        ("beta.on_thing_added", "RuntimeError")
    ]
    assert effects(world, text) == 0
    found = next(one for one in letters.list() if one.envelope and one.envelope.data["label"] == text)
    assert letters.drop(found.id)
    assert not letters.drop(found.id)
    assert mine() == []


def test_service_that_is_down_is_unavailable_at_once_and_loses_no_event(world: World) -> None:
    text = label()
    world.take_down("beta")
    try:
        world.bus.call("alpha", "add", {"label": text})
        time.sleep(0.3)
        began = time.monotonic()
        error = problem_of(world, "beta", "count_effects", {"label": text})
        assert (type(error), error.retry_after) == (Unavailable, 5)
        assert time.monotonic() - began < 2
    finally:
        world.bring_up("beta")
    assert eventually(lambda: effects(world, text), 1) == 1


# --- the rest


def test_periodic_job_runs_without_being_asked(world: World) -> None:
    before = added(world, "tick")
    assert eventually(lambda: added(world, "tick") > before, True, 5)


def test_listener_hears_until_it_ends(world: World) -> None:
    heard: list[Envelope] = []
    end = world.bus.listen(ThingAdded.type, heard.append)
    eventually_bound(world, heard)
    end()
    before, text = len(heard), label()
    world.bus.call("alpha", "add", {"label": text})
    assert eventually(lambda: effects(world, text), 1) == 1
    time.sleep(0.3)
    assert text not in labels(heard[before:])


def test_many_callers_get_each_their_own_answer(world: World) -> None:
    def echo(n: int) -> Any:
        return world.bus.call("alpha", "echo", {"n": n})["payload"]["n"]

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(echo, range(160))) == list(range(160))


def test_result_is_json_only(world: World) -> None:
    answer = world.bus.call("alpha", "add", {"label": label()})
    assert json.loads(json.dumps(answer)) == answer
    assert threading.active_count() < 120
