"""Answers of the demo's forty members, sent over HTTP as any client of the REST API would."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from gateway.demo.people import LEADS, MEMBERS, PASSWORD, Person
from gateway.demo.ratings import ratings_of

API = "/api/v1"


@dataclass(slots=True)
class Report:
    """How the submissions went."""

    accepted: int = 0
    already: int = 0
    refused: int = 0


def load_answers(
    url: str,
    survey_id: str | None,
    *,
    members: int = 40,
    seed: int = 2026,
    say: Callable[[str], None] = print,
) -> Report:
    """Sign each member in, read the survey, send the answers with an Idempotency-Key.

    Raises httpx.HTTPError when the server cannot be reached, SystemExit when there is no open survey.
    """
    report = Report()
    with httpx.Client(base_url=url, timeout=30) as client:
        coordinator = token_of(client, LEADS[2])
        survey = _survey(client, coordinator, survey_id)
        say(f"{survey['title']['en']}: {len(survey['items'])} items")
        for number, member in enumerate(MEMBERS[:members]):
            answers = ratings_of(number, [item["code"] for item in survey["items"]], seed)
            status = submit(client, token_of(client, member), survey["id"], answers, member.language)
            report.accepted += status == 201
            report.already += status == 409
            report.refused += status not in (201, 409)
    return report


def token_of(client: httpx.Client, person: Person) -> str:
    """A bearer for one demo person, from the sign-in endpoint."""
    answer = client.post(f"{API}/session", json={"email": person.email, "password": PASSWORD})
    answer.raise_for_status()
    return str(answer.json()["session"])


def submit(client: httpx.Client, token: str, survey_id: str, answers: dict[str, Any], language: str) -> int:
    """Send one response; the HTTP status."""
    answer = client.post(
        f"{API}/surveys/{survey_id}/responses",
        json={"answers": answers, "language": language},
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": f"demo-{survey_id}"},
    )
    return answer.status_code


def _survey(client: httpx.Client, token: str, survey_id: str | None) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"}
    if survey_id is None:
        found = client.get(f"{API}/surveys", params={"status": "open"}, headers=headers)
        found.raise_for_status()
        if not found.json()["items"]:
            raise SystemExit("no open survey: launch one first, or name it with --survey")
        survey_id = found.json()["items"][0]["id"]
    answer = client.get(f"{API}/surveys/{survey_id}", headers=headers)
    answer.raise_for_status()
    survey: dict[str, Any] = answer.json()
    return survey
