from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from services.notifications.domain.delivery import MAX_ATTEMPTS, wait_after
from services.notifications.domain.errors import BadUnsubscribeLink
from services.notifications.domain.unsubscribe import check_token, token_of

WHO, OTHER = UUID(int=1), UUID(int=2)


def test_waits_grow_and_end() -> None:
    waits = [wait_after(number) for number in range(1, MAX_ATTEMPTS + 1)]
    assert waits[:5] == [timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 120)]
    assert waits[-2:] == [timedelta(hours=2), None]
    assert sum((wait for wait in waits if wait), timedelta()) == timedelta(hours=16, minutes=36)


def test_token_of_an_account_names_it() -> None:
    assert check_token(token_of(WHO, "topic-reply", "key"), "key") == (WHO, "topic-reply")


@pytest.mark.parametrize(
    "token",
    [
        token_of(WHO, "topic-reply", "another key"),
        token_of(WHO, "topic-reply", "key")[:-1],
        token_of(WHO, "topic-reply", "key").replace("topic-reply", "needs-ranked"),
        token_of(OTHER, "topic-reply", "key").replace(OTHER.hex, WHO.hex),
        token_of(WHO, "unknown-kind", "key"),
        "x.topic-reply.y",
        f"{WHO.hex}.topic-reply.é",
        "",
    ],
)
def test_changed_token_is_refused(token: str) -> None:
    with pytest.raises(BadUnsubscribeLink):
        check_token(token, "key")
