"""A person at the REST API, as a real client would be written."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

import httpx

from gateway.demo.answers import API, token_of
from gateway.demo.people import LEADS, MEMBERS, Person
from shared.ids import new_id

Found = TypeVar("Found")
PEOPLE: dict[str, Person] = {person.key: person for person in (*LEADS, *MEMBERS)}


class Client:
    """One signed-in person. Every POST carries an Idempotency-Key."""

    def __init__(self, url: str, who: str, *, language: str | None = None) -> None:
        self.http = httpx.Client(base_url=url, timeout=60)
        self.headers = {"Authorization": f"Bearer {token_of(self.http, PEOPLE[who])}"}
        if language:
            self.headers["Accept-Language"] = language

    def get(self, path: str, **params: Any) -> Any:
        """The JSON of a 200."""
        return self._json(self.http.get(f"{API}{path}", params=params, headers=self.headers), 200)

    def post(
        self,
        path: str,
        body: Any = None,
        *,
        status: int | None = None,
        key: str | None = None,
        version: int | None = None,
    ) -> Any:
        """The JSON of a successful POST (or of the expected status)."""
        sent = self.headers | {"Idempotency-Key": key or str(new_id())}
        if version is not None:
            sent["If-Match"] = f'"{version}"'
        return self._json(self.http.post(f"{API}{path}", json=body, headers=sent), status)

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        status: int | None = None,
        version: int | None = None,
    ) -> Any:
        """PUT, PATCH or DELETE with If-Match."""
        sent = self.headers | ({"If-Match": f'"{version}"'} if version is not None else {})
        return self._json(self.http.request(method, f"{API}{path}", json=body, headers=sent), status)

    def close(self) -> None:
        """Close the connection."""
        self.http.close()

    @staticmethod
    def _json(answer: httpx.Response, status: int | None) -> Any:
        expected = (status,) if status else (200, 201, 202, 204)
        assert answer.status_code in expected, (
            f"{answer.request.method} {answer.request.url.path}: {answer.text[:800]}"
        )
        return answer.json() if answer.content else None


def until(find: Callable[[], Found | None], seconds: float = 30) -> Found:
    """What `find` gives as soon as it gives something: events need a moment."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := find():
            return found
        time.sleep(0.1)
    raise AssertionError("it did not come in time")
