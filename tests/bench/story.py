"""The story's requests, prepared through the REST API of a running product with demo content."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from gateway.auth import SESSION_COOKIE
from gateway.demo.people import MEMBERS
from gateway.demo.ratings import ratings_of
from tests.bench.load import FRESH, Ask
from tests.e2e.client import Client

API = "/api/v1"
CSS = Path(__file__).parents[2] / "gateway" / "web" / "static" / "css"
TITLE = {"fr": "Mesure", "en": "Measure"}
DRAFTERS = 16
NAMES = {
    "healthz": "GET /healthz",
    "survey": "GET a survey with its items",
    "needs": "GET the list of needs",
    "response": "POST a response",
    "draft": "PUT a draft",
    "statement": "POST an xAPI statement",
    "today": "GET the Today page",
    "static": "GET a static file",
}
WRITES = ("response", "draft", "statement")


@dataclass(slots=True)
class Measure:
    """One kind of request. `floor` are the same requests at the floor; `once`: none can be sent twice."""

    name: str
    product: list[Ask]
    floor: list[Ask]
    once: bool = False

    @property
    def writes(self) -> bool:
        """True when reactions follow in the background."""
        return self.name in WRITES


@dataclass(slots=True)
class Story:
    """All measures, and what must be recorded for the floor: one or more variants of a request."""

    measures: dict[str, Measure] = field(default_factory=dict)
    to_record: dict[str, Sequence[Ask]] = field(default_factory=dict)

    def add(self, name: str, asks: list[Ask]) -> None:
        """A measure whose every request has its own recording."""
        self.to_record[name] = asks
        self.measures[name] = Measure(name, asks, [at_floor(name, i, ask) for i, ask in enumerate(asks)])


def at_floor(name: str, variant: int, ask: Ask, ids: dict[str, str] | None = None) -> Ask:
    """The same request, addressed to the floor's recording; `ids` replaces recorded ids."""
    query = f"?{urlencode(ids)}" if ids else ""
    return replace(ask, path=f"/floor/{name}/{variant}{query}")


class Teller:
    """Makes what the requests need: people signed in, surveys launched."""

    def __init__(self, url: str, members: int) -> None:
        self.url = url
        self.coordinator = Client(url, "coordinator")
        self.learner = Client(url, "learner")
        self.members = [Client(url, person.key) for person in MEMBERS[:members]]

    def close(self) -> None:
        """Close every connection."""
        for person in (self.coordinator, self.learner, *self.members):
            person.close()

    def tell(self, responses: int) -> Story:
        """Everything; `responses` is how many can be posted."""
        story = Story()
        story.measures["healthz"] = Measure("healthz", [Ask("GET", "/healthz")], [Ask("GET", "/healthz")])
        file = max(CSS.glob("*.css"), key=lambda path: path.stat().st_size)
        static = Ask("GET", f"/static/css/{file.name}")
        story.measures["static"] = Measure("static", [static], [static])
        survey = self.launch()
        reader = self._headers(self.learner)
        story.add("survey", [Ask("GET", f"{API}/surveys/{survey['id']}", reader)])
        story.add("needs", [self._needs(reader)])
        story.add("today", [self._today()])
        story.add(
            "draft", [self._draft(member, survey, number) for number, member in enumerate(self._drafters())]
        )
        story.add("statement", list(self._statements()))
        self._responses(story, responses)
        return story

    def launch(self) -> dict[str, Any]:
        """An open survey for everybody."""
        closes = (datetime.now(UTC) + timedelta(days=14)).isoformat(timespec="seconds")
        body = {"template_id": "borich", "title": TITLE, "anonymity": "anonymous", "closes_at": closes}
        draft = self.coordinator.post("/surveys", body, status=201)
        path = f"/surveys/{draft['id']}/launch"
        found: dict[str, Any] = self.coordinator.post(path, version=draft["version"])
        return found

    def _drafters(self) -> list[Client]:
        return self.members[:DRAFTERS]

    @staticmethod
    def _headers(person: Client, **more: str) -> dict[str, str]:
        return {"Authorization": person.headers["Authorization"], "Accept": "application/json", **more}

    def _writing(self, person: Client) -> dict[str, str]:
        more = {"Content-Type": "application/json", "Idempotency-Key": FRESH}
        return self._headers(person) | more

    def _needs(self, headers: dict[str, str]) -> Ask:
        closed = self.learner.get("/surveys", status="closed")["items"][0]["id"]
        return Ask("GET", f"{API}/needs?survey_id={closed}", headers)

    def _today(self) -> Ask:
        session = self.learner.headers["Authorization"].removeprefix("Bearer ")
        return Ask("GET", "/", {"Cookie": f"{SESSION_COOKIE}={session}", "Accept": "text/html"})

    def _draft(self, member: Client, survey: dict[str, Any], number: int) -> Ask:
        items = [item["code"] for item in survey["items"]]
        answers = ratings_of(number, items, 1)
        body = {"answers": dict(islice(answers.items(), len(items) // 2)), "language": "fr"}
        return Ask("PUT", f"{API}/surveys/{survey['id']}/draft", self._writing(member), json.dumps(body))

    def _statements(self) -> Iterator[Ask]:
        for member in self.members[:12]:  # the demo's enrolled members
            courses = member.get("/courses/mine")["items"]
            if not courses:
                continue
            outline = member.get(f"/courses/{courses[0]['id']}/learning")
            steps = [step for m in outline["modules"] for unit in m["units"] for step in unit["activities"]]
            activity = next(step["id"] for step in steps if step["kind"] == "h5p")
            yield Ask(
                "POST",
                f"{API}/activities/{activity}/statements",
                self._writing(member),
                json.dumps(statement()),
            )

    def _responses(self, story: Story, count: int) -> None:
        surveys = [self.launch() for _ in range(1 + -(-count // len(self.members)))]
        recorded, recorder = self._response(self.members[0], surveys[0], 0), self._account(self.members[0])
        story.to_record["response"] = [recorded]
        product, floor = [], []
        accounts = [self._account(member) for member in self.members]
        for survey in surveys[1:]:
            for number, member in enumerate(self.members):
                ask = self._response(member, survey, number)
                product.append(ask)
                ids = {surveys[0]["id"]: survey["id"], recorder: accounts[number]}
                floor.append(at_floor("response", 0, ask, ids))
        story.measures["response"] = Measure("response", product[:count], floor[:count], once=True)

    def _response(self, member: Client, survey: dict[str, Any], number: int) -> Ask:
        body = {
            "answers": ratings_of(number, [item["code"] for item in survey["items"]], 1),
            "language": "fr",
        }
        path = f"{API}/surveys/{survey['id']}/responses"
        return Ask("POST", path, self._writing(member), json.dumps(body), 201)

    @staticmethod
    def _account(member: Client) -> str:
        return str(member.get("/me")["id"])


def statement() -> dict[str, Any]:
    """An answer to one of the activity's questions, as the player reports it."""
    return {
        "statement": {
            "id": FRESH,
            "verb": {"id": "http://adlnet.gov/expapi/verbs/answered", "display": {"en-US": "answered"}},
            "object": {"objectType": "Activity", "id": "https://cercle.example/measure"},
            "result": {"score": {"min": 0, "max": 1, "raw": 1, "scaled": 1.0}, "response": "1"},
        }
    }
