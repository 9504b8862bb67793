"""People and things that the access tests try on one another. A method named like a target gives path parameters."""

from __future__ import annotations

import io
import json
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
from tests.unit.access import (
    surveys_analysis,
    surveys_coding,
    surveys_collecting,
    surveys_instruments,
    surveys_panels,
    surveys_proof,
)
from tests.unit.courses.quiz_support import GIVEN
from tests.unit.courses.support import PNG, pair
from tests.unit.h5p.packages import library_json, valid_files, zipped
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
PARTS = (
    surveys_analysis,
    surveys_coding,
    surveys_collecting,
    surveys_instruments,
    surveys_panels,
    surveys_proof,
)
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


class World(
    surveys_analysis.Things,
    surveys_coding.Things,
    surveys_collecting.Things,
    surveys_instruments.Things,
    surveys_panels.Things,
    surveys_proof.Things,
):
    """Seven readers; every maker of a thing goes through the services' own commands."""

    def __init__(self, url: str, harness: Harness) -> None:
        self.url, self.harness, self.desk = url, harness, Desk(harness)
        self.actors: dict[str, Actor] = {}
        self.clients = {"visitor": httpx.Client(base_url=url, timeout=30)}
        self.numbers = count(1)
        self._kept: dict[str, Params] = {}
        for name, roles in PEOPLE.items():
            self._register(name, roles)
        self.sitters = [self.person("learner")["id"] for _ in range(4)]
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
                 "mail_id", "upload_id", "draft_id", "quiz_attempt_id", "question_id", "upgrade_id", "cohort_id", "snapshot_id")  # fmt: skip
        texts = {"code": "0" * 26, "moment": "end", "certificate_id": str(uuid4()), "tool_id": str(uuid4())}
        texts |= {
            "template_id": "nothing",
            "handler": "nothing",
            "token": "nothing",
            "block_type": "nothing",
            "library": "H5P.Nothing-1.0",
            "content_id": str(uuid4()),
        }
        parts = {name: text for part in PARTS for name, text in part.UNKNOWN.items()}
        return {name: str(uuid4()) for name in names} | texts | parts | {"version": 1}

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
        seen = [ids["activity_id"]] if "activity_id" in ids else []
        ids["objective_id"] = self._add("add_objective", course_id=made["id"], text=pair("O"), bloom="apply",
                                        need_id=str(uuid4()), assessments=seen)  # fmt: skip
        return ids | {"handler": "nothing", "version": self._version(made["id"])}

    def _add(self, method: str, **payload: Any) -> str:
        return str(self.call("trainer", "courses", method, **payload)["id"])

    def _version(self, course_id: str) -> int:
        return int(self.call("trainer", "courses", "get_course", course_id=course_id)["version"])

    def draft_course(self) -> Params:
        """The trainer's."""
        return self._course("text")

    def kept_draft(self) -> Params:
        """The trainer's, with a unit deleted: its history has one state."""
        found = self._course("text")
        gone = self.call(
            "trainer", "courses", "delete_item", item_id=found["unit_id"], version=found["version"]
        )
        return found | {"snapshot_id": gone["undo"], "item_id": found["unit_id"], "version": gone["version"]}

    def shared_draft(self) -> Params:
        """The trainer's; the other trainer writes it too."""
        found, other = self._course("text"), str(self.actors["other trainer"].account_id)
        self.call("trainer", "courses", "add_author", course_id=found["course_id"], account_id=other)
        return found | {"account_id": other, "version": found["version"] + 1}

    def file_draft(self) -> Params:
        """The same with a file activity, and an upload of the trainer's."""
        return self._course("file") | {"upload_id": self.upload("trainer")}

    def quiz_draft(self) -> Params:
        """The trainer's, with a question."""
        found = self._course("quiz")
        self._set_quiz(found)
        return found | {"version": self._version(found["course_id"])}

    def _set_quiz(self, ids: Params) -> None:
        entries = [{"kind": "own", "question": GIVEN["single"]}]
        self.call("trainer", "courses", "set_quiz", activity_id=ids["activity_id"], version=ids["version"],
                  entries=entries, rules={})  # fmt: skip

    def quiz(self) -> Params:
        """In a published course; the learner is enrolled."""
        found = self.quiz_draft()
        self.call(
            "trainer", "courses", "publish_course", course_id=found["course_id"], version=found["version"]
        )
        self.call("learner", "courses", "enrol", course_id=found["course_id"])
        learner = {"account_id": str(self.actors["learner"].account_id)}
        return found | learner | {"version": self._version(found["course_id"])}

    def quiz_attempt(self) -> Params:
        """The learner's, open."""
        found = self.quiz()
        sitting = self.call("learner", "courses", "start_quiz", activity_id=found["activity_id"])
        ids = {"quiz_attempt_id": sitting["id"], "question_id": sitting["questions"][0]["id"]}
        return {name: value for name, value in found.items() if name != "version"} | ids

    def question(self) -> Params:
        """The trainer's own in the bank."""
        return self._question(shared=False)

    def shared_question(self) -> Params:
        return self._question(shared=True)

    def _question(self, *, shared: bool) -> Params:
        made = self.call("trainer", "courses", "add_question", question=GIVEN["single"], shared=shared)
        return {"question_id": made["id"], "version": made["version"]}

    def h5p_draft(self) -> Params:
        return self._course("h5p") | {"upload_id": self.upload("trainer")}

    def h5p_library(self) -> Params:
        """Installed by the admin; nothing needs it."""
        name = f"H5P.Quiz{next(self.numbers)}"
        text = library_json(name, preloadedCss=[])
        upload = self.upload(
            "admin", zipped({f"{name}-1.0/library.json": text, f"{name}-1.0/quiz.js": b""}), "x.h5p"
        )
        self.call("admin", "courses", "install_h5p_libraries", upload_id=upload)
        return {"library": f"{name}-1.0"}

    def library_upload(self) -> Params:
        return {"upload_id": self.upload("admin")}

    def h5p_content(self) -> Params:
        """In an activity of the trainer's draft."""
        found = self._course("h5p")
        upload = self.upload("trainer", zipped(valid_files()), "x.h5p")
        self.call("admin", "courses", "set_h5p_policy", trainers_may_install=True)
        made = self.call(
            "trainer", "courses", "set_activity_h5p", activity_id=found["activity_id"], upload_id=upload
        )
        return found | {"content_id": made["content_id"], "version": made["version"]}

    def h5p_writing(self) -> Params:
        """A draft of that content, and a picture of the trainer's for it."""
        found = self.h5p_content()
        draft = self.call("trainer", "courses", "start_h5p_draft", activity_id=found["activity_id"])
        return found | {
            "draft_id": draft["id"],
            "version": draft["version"],
            "upload_id": self.upload("trainer"),
        }

    def h5p_upgrade(self) -> Params:
        """A dry run that has ended: a newer version of a content's library was installed before."""
        content = self.h5p_content()
        files = valid_files()
        name = json.loads(files["h5p.json"])["mainLibrary"]
        newer = {
            f"{name}-1.1/{path.partition('/')[2]}": data
            for path, data in files.items()
            if path.startswith(f"{name}-")
        }
        newer[f"{name}-1.1/library.json"] = library_json(
            name, minorVersion=1, patchVersion=next(self.numbers)
        )
        upload = self.upload("admin", zipped(newer), "x.h5p")
        self.call("admin", "courses", "install_h5p_libraries", upload_id=upload)
        run = self.call("admin", "courses", "start_h5p_upgrade", dry_run=True)
        self.call("admin", "courses", "continue_h5p_upgrade", upgrade_id=run["id"])
        return content | {"upgrade_id": run["id"]}

    def video_draft(self) -> Params:
        return self._course("video")

    def link_draft(self) -> Params:
        return self._course("survey")

    def block_type(self) -> Params:
        """Of another maker."""
        return {"block_type": "flashcards"}

    def block_draft(self) -> Params:
        """With an activity of another maker's kind."""
        self.call("admin", "courses", "set_block_type", **self.block_type(), allowed=True)
        return self._course("flashcards")

    def course(self) -> Params:
        """Published by the trainer; the learner is enrolled, the other learner is not."""
        found = self._course("text")
        self.call(
            "trainer", "courses", "publish_course", course_id=found["course_id"], version=found["version"]
        )
        self.call("learner", "courses", "enrol", course_id=found["course_id"])
        return found | {"version": self._version(found["course_id"]), "moment": "end"}

    def cohort(self) -> Params:
        """Of the trainer's published course; nobody is in it."""
        found = self.course()
        days = {"starts_on": "2026-11-01", "ends_on": "2100-01-01", "time_zone": "America/Toronto"}
        made = self.call(
            "trainer", "courses", "create_cohort", course_id=found["course_id"], name=pair("C"), **days
        )
        return found | {"cohort_id": made["id"], "version": made["version"]}

    def learners_course(self) -> Params:
        """The learner is enrolled; `account_id` is theirs."""
        return self.course() | {"account_id": str(self.actors["learner"].account_id)}

    def completed_course(self) -> Params:
        """Published, with certificates; the learner has completed it."""
        found = self._course("text")
        signed = {"enabled": True, "signatory_name": "Somebody"}
        edit = self.call("trainer", "courses", "set_certificate_settings", course_id=found["course_id"],
                         version=found["version"], **signed)  # fmt: skip
        self.call(
            "trainer", "courses", "publish_course", course_id=found["course_id"], version=edit["version"]
        )
        self.call("learner", "courses", "enrol", course_id=found["course_id"])
        self.call("learner", "courses", "mark_viewed", activity_id=found["activity_id"])
        return found | {"version": self._version(found["course_id"]), "moment": "end"}

    def certificate(self) -> Params:
        """The learner's, of the trainer's course."""
        course = self.completed_course()
        made = self.call("learner", "courses", "issue_certificate", course_id=course["course_id"],
                         holder_name="Somebody Else")  # fmt: skip
        return {"certificate_id": made["id"], "code": made["code"]}

    def scorm_draft(self) -> Params:
        return self._course("scorm") | {"upload_id": self.upload("trainer")}

    def tool(self) -> Params:
        """Registered by the admin."""
        made = self.call("admin", "courses", "register_xapi_tool", name="T", scopes=["all"])
        return {"tool_id": made["id"]}

    def free_draft(self) -> Params:
        """A draft that nobody took, from a new approved proposal."""
        self.__dict__.pop("_approved", None)
        return self._approved

    def upload(self, who: str, file: io.BytesIO | None = None, name: str = "a.png") -> str:
        data = io.BytesIO(file.getvalue() if file else PNG)
        stored = make_storage(self.harness.settings).put(f"uploads/{new_id()}", data)
        made = self.call(who, "courses", "register_upload", storage_key=stored.key, filename=name,
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
