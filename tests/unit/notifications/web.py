"""The pages of the community and of notifications through the whole gateway, for people who have signed in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from starlette.testclient import TestClient

from shared.testing.harness import Harness

ORIGIN = "https://cercle.example"


@dataclass
class Browser:
    """One browser; forms are sent with the token of the page they are on."""

    client: TestClient
    harness: Harness

    def enter(self, role: str) -> None:
        """Sign in as a demo person."""
        self.client.cookies.clear()
        assert self.send("/sign-in", "/sign-in/demo", role=role)[0] == 303
        self.harness.drain()

    def leave(self) -> None:
        """Forget the session, as another browser would."""
        self.client.cookies.clear()

    def see(self, path: str, status: int = 200) -> str:
        """The page."""
        answer = self.client.get(path, follow_redirects=False)
        assert answer.status_code == status, answer.text[:500]
        return str(answer.text)

    def goes(self, path: str) -> str:
        """Where an address leads."""
        answer = self.client.get(path, follow_redirects=False)
        assert answer.status_code == 303
        return str(answer.headers["location"])

    def send(self, page: str, path: str, **fields: Any) -> tuple[int, str, str]:
        """(status, where it leads, page) of a form sent from `page`."""
        found = re.search(r'name="csrf_token" value="([0-9a-f]+)"', self.client.get(page).text)
        assert found is not None
        answer = self.client.post(path, data={"csrf_token": found.group(1)} | fields, follow_redirects=False)
        self.harness.drain()
        return answer.status_code, answer.headers.get("location", ""), answer.text
