"""Many people answer at one time, on both databases, and not one answer is lost or counted twice.

200 people by default; MANY_ANSWERS=2000 asks for the full number.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from services.surveys.queries.responses import load_responses
from shared.actor import Actor, system_actor
from shared.errors import CercleError
from shared.testing.harness import Harness
from tests.unit.surveys.support import PAIR, Desk, View

PEOPLE, AT_ONCE = int(os.environ.get("MANY_ANSWERS", "200")), 32
ELEMENTS = [
    {"code": "who", "kind": "short-text", "text": PAIR, "required": True},
    *({"code": code, "kind": "pair", "text": PAIR, "required": True} for code in ("a", "b", "c")),
]
pytestmark = [pytest.mark.postgres, pytest.mark.timeout(600)]


@pytest.fixture(params=["sqlite", "postgresql"])
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """A desk on each database."""
    url = request.getfixturevalue("surveys_database") if request.param == "postgresql" else None
    harness = Harness(tmp_path, ("surveys",), **({"database_url": url} if url else {}))
    yield Desk(harness)
    harness.close()


def answers_of(number: int) -> View:
    """Answers that tell whose they are."""
    pairs = {code: {"importance": 1 + number % 5, "ability": 1 + number // 5 % 5} for code in ("a", "b", "c")}
    return {"who": {"value": str(number)}, **pairs}


def until_acknowledged(desk: Desk, person: Actor, key: str, payload: View) -> None:
    """Busy or late is no answer: the client asks again, with the same key. Anything else is a fault."""
    for _ in range(20):
        try:
            desk.ask("submit_response", person, key=key, **payload)
        except CercleError as error:
            if error.status not in (503, 504):
                raise
        else:
            return
    raise AssertionError("never acknowledged")


def test_many_answers_at_once_are_all_there_once(both: Desk) -> None:
    survey = both.launched(elements=ELEMENTS)
    people = [both.harness.actor("learner") for _ in range(PEOPLE)]

    def send(number: int, person: Actor) -> None:
        """Sent until it is acknowledged, as a client does; half of them twice, with the same key."""
        payload = {"survey_id": survey["id"], "answers": answers_of(number), "language": "fr"}
        for _ in range(1 + number % 2):
            until_acknowledged(both, person, f"send-{number}", payload)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(send, range(PEOPLE), people))
    both.harness.drain()
    service = both.harness.services["surveys"]
    with service.db.engine.connect() as connection:
        counts = {
            name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()
            for name in ("responses", "answers", "participations", "drafts")
        }
        handled = connection.execute(text("SELECT handled FROM response_counts")).scalar_one()
        pending = "SELECT count(*) FROM outbox WHERE published_at IS NULL"
        waiting = connection.execute(text(pending)).scalar_one()
        accounts = set(connection.execute(text("SELECT account_id FROM participations")).scalars())
    assert counts == {"responses": PEOPLE, "answers": 3 * PEOPLE, "participations": PEOPLE, "drafts": 0}
    assert (handled, waiting, len(accounts)) == (PEOPLE, 0, PEOPLE)
    with service.db.read(system_actor("surveys")) as tx:
        found = load_responses(tx, UUID(survey["id"]))
    assert {int(one.answers["who"]["value"]): one.answers for one in found} == {
        number: answers_of(number) for number in range(PEOPLE)
    }
