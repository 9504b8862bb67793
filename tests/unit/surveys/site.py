"""A running gateway over the surveys service, and its people."""

from __future__ import annotations

from typing import Any

import httpx

from shared.testing.harness import Harness

PASSWORD = "correct horse battery staple 9"


class Site:
    """A gateway over the identity and surveys services, and its people."""

    def __init__(self, url: str, harness: Harness) -> None:
        self.url = url
        self.harness = harness
        self.people = 0
        self.clients: list[httpx.Client] = []

    def client(self, *roles: str, language: str = "fr") -> httpx.Client:
        self.people += 1
        email = f"person{self.people}@example.org"
        profile = {"email": email, "password": PASSWORD, "display_name": f"Personne {self.people}",
                   "roles": list(roles), "language": language, "time_zone": "America/Toronto"}  # fmt: skip
        self.harness.call("identity", "seed_account", profile)
        self.harness.drain()
        session = httpx.post(f"{self.url}/api/v1/session", json={"email": email, "password": PASSWORD})
        assert session.status_code in (200, 201), session.text
        bearer = {"Authorization": f"Bearer {session.json()['session']}", "Accept-Language": language}
        self.clients.append(httpx.Client(base_url=f"{self.url}/api/v1", headers=bearer, timeout=30))
        return self.clients[-1]


def got(answer: httpx.Response, status: int = 200) -> Any:
    assert (answer.status_code, answer.text if answer.status_code != status else "") == (status, "")
    return answer.json()


def etag(version: int) -> dict[str, str]:
    return {"If-Match": f'"{version}"'}
