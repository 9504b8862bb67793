from __future__ import annotations

from datetime import UTC, datetime, timedelta

from services.identity.domain.attempts import BY_ACCOUNT, BY_NETWORK, Attempts, attempt_key, network_of

NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)


def waits(count: int) -> list[int]:
    counter = Attempts("k", 0, NOW, NOW)
    found = []
    for _ in range(count):
        counter.count(BY_ACCOUNT, NOW)
        found.append(counter.seconds_left(NOW))
    return found


def test_wait_doubles_after_the_free_tries_up_to_a_quarter_of_an_hour() -> None:
    assert waits(12) == [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]


def test_network_has_more_free_tries_than_one_person() -> None:
    assert BY_NETWORK.wait(39) == timedelta(0)
    assert BY_NETWORK.wait(40) == timedelta(seconds=30)


def test_failures_of_yesterday_are_forgotten() -> None:
    counter = Attempts("k", 9, NOW - timedelta(hours=25), NOW - timedelta(hours=24))
    counter.count(BY_ACCOUNT, NOW)
    assert (counter.failures, counter.seconds_left(NOW)) == (1, 0)


def test_seconds_left_rounds_up() -> None:
    assert Attempts("k", 5, NOW, NOW + timedelta(seconds=0.2)).seconds_left(NOW) == 1


def test_forgiven_try_frees_the_network_at_once() -> None:
    counter = Attempts("k", 39, NOW, NOW)
    counter.count(BY_NETWORK, NOW)
    counter.forgive(NOW)
    assert (counter.failures, counter.seconds_left(NOW)) == (39, 0)


def test_network_of_ipv6_is_its_64() -> None:
    assert network_of("2001:db8:1:2:3:4:5:6") == network_of("2001:db8:1:2::1") == "2001:db8:1:2::/64"
    assert network_of("192.0.2.7") == "192.0.2.7/32"
    assert network_of("unknown") == "unknown"


def test_key_tells_nothing_and_differs_by_kind() -> None:
    assert "maude" not in attempt_key(BY_ACCOUNT, "maude@example.ca")
    assert attempt_key(BY_ACCOUNT, "x") != attempt_key(BY_NETWORK, "x")
