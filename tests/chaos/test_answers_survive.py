"""The whole product under SIGKILL: 320 survey answers of 40 members through REST while the surveys worker, the
gateway and the broker die; then the same with the inbox, and the outbox, taken away."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from gateway.demo.people import LEADS, MEMBERS
from gateway.demo.ratings import ratings_of
from gateway.supervisor import DistributedStack, Plan, Servers
from shared.actor import GATEWAY
from shared.config import Settings
from shared.testing.backends import Postgres, RabbitMQ
from shared.testing.backends.local import free_port
from tests.chaos.storm import Figures, Storm, crash, crash_broker, kill_and_start, settled
from tests.contract.worlds import new_vhost

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]
API = "/api/v1"
SURVEYS = 8


@pytest.fixture
def make_stack(
    postgres_server: Postgres, broker: RabbitMQ, tmp_path: Path
) -> Iterator[Callable[..., DistributedStack]]:
    stacks: list[DistributedStack] = []

    def make(env: dict[str, dict[str, str]] | None = None) -> DistributedStack:
        plan = Plan(restart=False, env=env or {})
        for name in plan.services:
            postgres_server.drop_database(f"cercle_{name}")
        settings = Settings(
            _env_file=None, var=tmp_path, demo=True, port=free_port(), content_port=free_port(), rate_limits=False,
            rpc_timeout=5,
        )  # type: ignore[call-arg]  # fmt: skip
        stack = DistributedStack(settings, plan, servers=Servers(postgres_server, broker, new_vhost()))
        stacks.append(stack)
        return stack.__enter__()

    yield make
    for stack in stacks:
        stack.__exit__(None, None, None)


class Clients:
    """Forty members and eight open surveys, over HTTP; an answer is repeated with its key until it is acknowledged."""

    def __init__(self, stack: DistributedStack, surveys: int) -> None:
        self._http = httpx.Client(base_url=stack.urls[GATEWAY], timeout=8)
        self._tokens = [self._seed(stack, person) for person in MEMBERS]
        coordinator = self._seed(stack, LEADS[2])
        self._surveys = [self._launch(coordinator, number) for number in range(surveys)]

    @staticmethod
    def _seed(stack: DistributedStack, person: Any) -> str:
        return str(stack.bus.call("identity", "seed_account", person.profile(), timeout=20)["token"])

    def _launch(self, token: str, number: int) -> dict[str, Any]:
        closes = (datetime.now(UTC) + timedelta(days=7)).isoformat(timespec="seconds")
        title = {"fr": f"Besoins {number}", "en": f"Needs {number}"}
        body = {"template_id": "borich", "title": title, "anonymity": "anonymous", "closes_at": closes}
        draft = self._post(token, "/surveys", body, f"draft-{number}")
        headers = {"If-Match": draft.headers["ETag"]}
        survey = self._post(token, f"/surveys/{draft.json()['id']}/launch", None, f"launch-{number}", headers)
        found: dict[str, Any] = survey.json()
        return found

    def _post(
        self, token: str, path: str, body: Any, key: str, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        answer = self._http.post(
            API + path,
            json=body,
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": key, **(headers or {})},
        )
        answer.raise_for_status()
        return answer

    def submit(self, n: int) -> Any | None:
        """One answer; None asks for a repetition."""
        member, survey = n % len(MEMBERS), self._surveys[n // len(MEMBERS)]
        answers = ratings_of(member, [item["code"] for item in survey["items"]], n)
        body = {"answers": answers, "language": "fr"}
        try:
            return self._post(
                self._tokens[member], f"/surveys/{survey['id']}/responses", body, f"answer-{n}"
            ).json()
        except httpx.HTTPStatusError as refused:
            if refused.response.status_code in (502, 503, 504):
                return None
            raise
        except httpx.TransportError:
            return None

    def close(self) -> None:
        self._http.close()


def rows(stack: DistributedStack, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(stack.urls["database:surveys"].replace("+psycopg", "")) as connection:
        return connection.execute(query).fetchall()


def figures(stack: DistributedStack, storm: Storm, began: float) -> Figures:
    stack.wait_ready("surveys")
    settled(lambda: rows(stack, "SELECT * FROM response_counts ORDER BY survey_id"))
    responses = dict(rows(stack, "SELECT survey_id, count(*) FROM responses GROUP BY survey_id"))
    handled = dict(rows(stack, "SELECT survey_id, handled FROM response_counts"))
    people = rows(stack, "SELECT count(*) FROM participations")[0][0]
    log = (stack.settings.var / "logs" / "surveys.log").read_text()
    committed = sum(responses.values())
    return Figures(
        committed=committed,
        acknowledged=len(storm.answers),
        lost=max(0, len(storm.answers) - people),
        ghosts=sum(survey not in responses for survey in handled),
        missing_effects=sum(max(0, count - handled.get(survey, 0)) for survey, count in responses.items()),
        duplicate_writes=committed - people,
        duplicate_effects=sum(max(0, handled.get(survey, 0) - count) for survey, count in responses.items()),
        absorbed=log.count("event.repeated"),
        faults=storm.faults,
        retries=storm.retries,
        seconds=round(time.monotonic() - began, 1),
    )


def test_every_acknowledged_answer_is_there_once_and_counted_once(
    make_stack: Callable[..., DistributedStack],
) -> None:
    stack, began = make_stack(), time.monotonic()
    with closing(Clients(stack, SURVEYS)) as clients:
        storm = Storm(clients.submit, SURVEYS * len(MEMBERS))
        storm.run([
            (30, crash(stack, "surveys", "after_handle_before_ack@5")),
            (80, crash(stack, "surveys", "after_commit_before_publish@5")),
            (130, lambda: kill_and_start(stack, GATEWAY)),
            (180, lambda: kill_and_start(stack, "surveys")),
            (230, lambda: crash_broker(stack)),
        ])  # fmt: skip
    found = figures(stack, storm, began)
    found.show("320 answers through REST")
    assert found.committed == found.acknowledged == SURVEYS * len(MEMBERS)
    assert (found.lost, found.ghosts, found.missing_effects) == (0, 0, 0)
    assert (found.duplicate_writes, found.duplicate_effects) == (0, 0)
    assert found.absorbed > 0  # otherwise nothing was tested
    assert found.retries > 0


@pytest.mark.parametrize(
    ("setting", "point", "harm"),
    [
        ("CERCLE_INBOX", "after_handle_before_ack@5", "duplicate_effects"),
        ("CERCLE_OUTBOX", "after_commit_before_publish@5", "missing_effects"),
    ],
)
def test_control_shows_the_harm(
    make_stack: Callable[..., DistributedStack], setting: str, point: str, harm: str
) -> None:
    stack, began = make_stack({"surveys": {setting: "0"}}), time.monotonic()
    with closing(Clients(stack, 2)) as clients:
        storm = Storm(clients.submit, 2 * len(MEMBERS))
        storm.run([(20, crash(stack, "surveys", point))])
    found = figures(stack, storm, began)
    found.show(f"control {setting}=0")
    assert getattr(found, harm) > 0
    assert (found.lost, found.duplicate_writes) == (0, 0)
