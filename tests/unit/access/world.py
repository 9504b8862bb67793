"""People and things that the access tests try on one another. A method named like a target gives path parameters."""

from __future__ import annotations

import io
import sqlite3
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx

from shared.actor import Actor
from shared.config import SERVICES
from shared.ids import new_id
from shared.storage import make_storage
from shared.testing.harness import Harness
from tests.unit.courses.support import PNG, pair
from tests.unit.surveys.support import TEXTS, Desk, answers_of

Params = dict[str, Any]
PEOPLE = {
    "learner": ("learner",),
    "other learner": ("learner",),
    "trainer": ("learner", "trainer"),
    "other trainer": ("learner", "trainer"),
    "coordinator": ("learner", "coordinator"),
    "admin": ("learner", "admin"),
}
ROLES = ("visitor", *PEOPLE)
PASSWORD = "slow tides over granite 7"


class Books:
    """Notices any commit in any of the five databases."""

    def __init__(self, folder: Path) -> None:
        self.connections = [sqlite3.connect(folder / "db" / f"{name}.sqlite") for name in SERVICES]

    def edition(self) -> list[int]:
        """SQLite's own counter of other connections' commits."""
        return [one.execute("PRAGMA data_version").fetchone()[0] for one in self.connections]

    def close(self) -> None:
        for one in self.connections:
            one.close()


class World:
    """Seven readers; every maker of a thing goes through the services' own commands."""

    def __init__(self, url: str, harness: Harness) -> None:
        self.url, self.harness, self.desk = url, harness, Desk(harness)
        self.actors: dict[str, Actor] = {}
        self.clients = {"visitor": httpx.Client(base_url=url, timeout=30)}
        self.numbers = count(1)
        self._kept: dict[str, Params] = {}
        for name, roles in PEOPLE.items():
            self._register(name, roles)
        harness.drain()
        self.desk.coordinator = self.actors["coordinator"]

    def _register(self, name: str, roles: tuple[str, ...]) -> None:
        made = self.person(*roles, email=f"{name.replace(' ', '.')}@example.org")
        self.actors[name] = Actor(UUID(made["id"]), frozenset(roles), "en", "America/Toronto", None)
        bearer = {"Authorization": f"Bearer {made['token']}", "Accept-Language": "en"}
        self.clients[name] = httpx.Client(base_url=self.url, headers=bearer, timeout=30)
        # The use of a credential is noted, at most once a minute; here time stands still, so that this was it.
        self.clients[name].get("/api/v1/me").raise_for_status()

    def person(self, *roles: str, email: str | None = None) -> Any:
        """A new member's id and token."""
        profile = {
            "email": email or f"p{next(self.numbers)}@example.org", "password": PASSWORD, "roles": list(roles),
            "display_name": "Person", "language": "en", "time_zone": "America/Toronto",
        }  # fmt: skip
        return self.harness.call("identity", "seed_account", profile)

    def call(self, who: str, service: str, method: str, **payload: Any) -> Any:
        return self.harness.call(service, method, payload, actor=self.actors[who])

    def made(self, target: str) -> Params:
        """A new thing of the kind; the method of that name."""
        found: Params = getattr(self, target)()
        return found

    def kept(self, target: str) -> Params:
        """One thing of the kind for all who only read."""
        if target not in self._kept:
            self._kept[target] = self.made(target)
        return self._kept[target]

    def close(self) -> None:
        for client in self.clients.values():
            client.close()

    # ------------------------------------------------------------------ targets: nothing, unknown
    def any(self) -> Params:
        """The operation has no id in its address."""
        return {}

    def unknown(self) -> Params:
        """Well-formed ids of nothing; `version` so that the edit gets as far as looking."""
        names = ("survey_id", "need_id", "proposal_id", "course_id", "module_id", "unit_id", "item_id", "activity_id",
                 "objective_id", "topic_id", "post_id", "account_id", "invitation_id", "session_id", "token_id", "id",
                 "mail_id", "upload_id")  # fmt: skip
        texts = {"template_id": "nothing", "handler": "nothing", "token": "nothing"}
        return {name: str(uuid4()) for name in names} | texts | {"version": 1}

    # ------------------------------------------------------------------ surveys
    def draft_survey(self) -> Params:
        made = self.desk.draft()
        return {"survey_id": made["id"], "version": made["version"]}

    def _launched(self, **given: Any) -> Params:
        made = self.desk.launched(**given)
        return {"survey_id": made["id"], "version": made["version"], "survey": made}

    def open_survey(self) -> Params:
        return self._launched()

    def trainers_survey(self) -> Params:
        """Learners are not asked."""
        return self._launched(audience_roles=["trainer"])

    def named_survey(self) -> Params:
        """The learner has answered, with their name."""
        found = self._launched(anonymity="named")
        answers = answers_of(found["survey"])
        self.call("learner", "surveys", "submit_response", survey_id=found["survey_id"], answers=answers,
                  language="fr")  # fmt: skip
        return found

    @cached_property
    def _ranked(self) -> Params:
        made = self.desk.ranked()
        needs = self.desk.ask("list_needs", survey_id=made["id"])["items"]
        return {"survey_id": made["id"], "version": made["version"], "needs": [need["id"] for need in needs]}

    def ranked_survey(self) -> Params:
        return self._ranked

    @cached_property
    def _ranked_trainers(self) -> Params:
        survey = self.desk.launched(audience_roles=["trainer"])
        for _ in range(5):
            self.desk.ask("submit_response", self.harness.actor("trainer"), survey_id=survey["id"],
                          answers=answers_of(survey), language="en")  # fmt: skip
        return {"survey_id": self.desk.ask("close_survey", survey_id=survey["id"])["id"], "version": 3}

    def ranked_trainers_survey(self) -> Params:
        """Closed; learners were not asked."""
        return self._ranked_trainers

    def need(self) -> Params:
        return {"need_id": self._ranked["needs"][0]}

    def trainers_need(self) -> Params:
        """Of a survey that learners were not asked."""
        listed = self.desk.ask("list_needs", survey_id=self._ranked_trainers["survey_id"])["items"]
        return {"need_id": listed[0]["id"]}

    def free_need(self) -> Params:
        """A need of a fresh survey, without any proposal."""
        made = self.desk.ranked()
        return {"need_id": self.desk.ask("list_needs", survey_id=made["id"])["items"][0]["id"]}

    def proposal(self) -> Params:
        """Open, opened by the coordinator."""
        made = self.desk.ask("open_proposal", **TEXTS, **self.free_need())
        return {"proposal_id": made["id"], "version": made["version"]}

    @cached_property
    def _approved(self) -> Params:
        found = self.proposal()
        decision: Params = {"outcome": "approved", "reason": pair("Yes")}
        self.desk.ask("decide_proposal", **found, **decision)
        self.harness.drain()
        courses = self.call("trainer", "courses", "list_courses", proposal_id=found["proposal_id"])["items"]
        return found | {"course_id": courses[0]["id"]}

    def approved_proposal(self) -> Params:
        """With a draft course that nobody took, and a topic."""
        return self._approved

    def template(self) -> Params:
        return {"template_id": "borich"}

    # ------------------------------------------------------------------ courses
    def _course(self, *kinds: str) -> Params:
        made = self.call("trainer", "courses", "create_course", title=pair("Course"))
        ids: Params = {"course_id": made["id"]}
        ids["module_id"] = self._add("add_module", course_id=made["id"], title=pair("Module"))
        ids["unit_id"] = self._add("add_unit", module_id=ids["module_id"], title=pair("Unit"))
        for kind in kinds:
            body = {"body": pair("Text")} if kind == "text" else {}
            ids["activity_id"] = self._add(
                "add_activity", unit_id=ids["unit_id"], title=pair("A"), kind=kind, **body
            )
        ids["item_id"] = ids["module_id"]
        ids["objective_id"] = self._add("add_objective", course_id=made["id"], text=pair("O"), bloom="apply",
                                        need_id=str(uuid4()))  # fmt: skip
        return ids | {"handler": "nothing", "version": self._version(made["id"])}

    def _add(self, method: str, **payload: Any) -> str:
        return str(self.call("trainer", "courses", method, **payload)["id"])

    def _version(self, course_id: str) -> int:
        return int(self.call("trainer", "courses", "get_course", course_id=course_id)["version"])

    def draft_course(self) -> Params:
        """The trainer's."""
        return self._course("text")

    def file_draft(self) -> Params:
        """The same with a file activity, and an upload of the trainer's."""
        return self._course("file") | {"upload_id": self.upload("trainer")}

    def h5p_draft(self) -> Params:
        return self._course("h5p") | {"upload_id": self.upload("trainer")}

    def course(self) -> Params:
        """Published by the trainer; the learner is enrolled, the other learner is not."""
        found = self._course("text")
        self.call(
            "trainer", "courses", "publish_course", course_id=found["course_id"], version=found["version"]
        )
        self.call("learner", "courses", "enrol", course_id=found["course_id"])
        return found | {"version": self._version(found["course_id"])}

    def free_draft(self) -> Params:
        """A draft that nobody took, from a new approved proposal."""
        self.__dict__.pop("_approved", None)
        return self._approved

    def upload(self, who: str) -> str:
        stored = make_storage(self.harness.settings).put(f"uploads/{new_id()}", io.BytesIO(PNG))
        made = self.call(who, "courses", "register_upload", storage_key=stored.key, filename="a.png",
                         size=stored.size, sha256=stored.sha256)  # fmt: skip
        return str(made["upload_id"])

    # ------------------------------------------------------------------ community
    def topic(self) -> Params:
        """Opened by the learner; its second post is theirs too."""
        space = self.call("learner", "community", "list_spaces")["items"][0]["id"]
        made = self.call("learner", "community", "open_topic", space_id=space, title="Topic", language="en",
                         body="First")  # fmt: skip
        post = self.call(
            "learner", "community", "add_post", topic_id=made["id"], body="Second", language="en"
        )
        return {"topic_id": made["id"], "post_id": post["id"], "version": post["version"], "space_id": space}

    # ------------------------------------------------------------------ people
    def member(self) -> Params:
        """The other learner."""
        return {"account_id": str(self.actors["other learner"].account_id), "version": 1}

    def newcomer(self) -> Params:
        """Somebody who may be changed."""
        return {"account_id": self.person("learner")["id"], "version": 1}

    def invitation(self) -> Params:
        """Made by the coordinator."""
        made = self.call("coordinator", "identity", "create_invitation", roles=["learner"], language="en")
        return {"invitation_id": made["id"]}

    def admins_invitation(self) -> Params:
        made = self.call("admin", "identity", "create_invitation", roles=["learner"], language="en")
        return {"invitation_id": made["id"]}

    def learners_session(self) -> Params:
        body = {"email": "learner@example.org", "password": PASSWORD}
        httpx.post(f"{self.url}/api/v1/session", json=body).raise_for_status()
        newest = self.call("learner", "identity", "list_sessions")["items"]
        return {"session_id": newest[-1]["id"]}

    def learners_token(self) -> Params:
        return {"token_id": self.call("learner", "identity", "create_token", name="t", scopes=["read"])["id"]}

    def learners_notification(self) -> Params:
        return {"id": self.call("learner", "notifications", "send_test")["id"]}

    def learners_mail(self) -> Params:
        self.call("learner", "notifications", "send_test")
        return {"mail_id": self.call("learner", "notifications", "list_mailbox")["items"][0]["id"]}
