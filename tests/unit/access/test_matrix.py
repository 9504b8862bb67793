"""The access matrix: seven readers on every operation, and no reading that changes anything."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.unit.access.operations import OPERATIONS, send
from tests.unit.access.table import TABLE
from tests.unit.access.world import ROLES, Books, Params, World


def test_every_operation_has_its_rows_and_no_row_is_left_over() -> None:
    assert sorted(TABLE) == sorted(OPERATIONS)
    for operation, rows in TABLE.items():
        wants_id = "{" in OPERATIONS[operation].path
        assert ("unknown" in rows) is (
            wants_id or operation in ("course_counts", "open_topic", "import_olx")
        ), operation
        assert all(len(statuses.split()) == len(ROLES) for statuses in rows.values()), operation


def test_visitors_are_refused_everywhere_but_at_the_doors() -> None:
    doors = {name for name, operation in OPERATIONS.items() if operation.public}
    assert doors == {"sign_in", "open_invitation", "accept_invitation", "seed_account", "read_unsubscribe_link",
                     "unsubscribe", "check_certificate", "badge_issuer", "badge_status",
                     "open_survey_link", "save_survey_link_draft", "submit_survey_link", "get_survey_summary"}  # fmt: skip
    closed = {name for name, rows in TABLE.items() if {row.split()[0] for row in rows.values()} == {"401"}}
    assert closed == (set(TABLE) - doors) | {"sign_in"}


def told(answer: httpx.Response) -> Any:
    """What a problem says, without the number of the request."""
    return {name: value for name, value in answer.json().items() if name != "request_id"}


@pytest.mark.parametrize("operation", TABLE)
def test_operation(operation: str, world: World, books: Books) -> None:
    hidden: dict[str, list[Any]] = {}
    reads = OPERATIONS[operation].method == "get"
    make = world.kept if reads else world.made
    for target, expected in TABLE[operation].items():
        found = []
        params: Params | None = None
        for who in ROLES:
            params = params or make(target)
            before = books.edition()
            answer = send(world, who, operation, params)
            found.append(str(answer.status_code))
            if reads:
                assert books.edition() == before, (operation, target, who)
            elif answer.is_success:
                params = None
            if answer.status_code == 404:
                hidden.setdefault(who, []).append(told(answer))
        assert " ".join(found) == expected, (operation, target)
    assert all(one == answers[0] for answers in hidden.values() for one in answers)  # hidden as if unknown
