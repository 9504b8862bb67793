"""Fill an empty platform with the demo story, through the same commands that people use.

Nothing is written past the services: every step is a call on the bus by one of the fictional people. Each step is
idempotent by its key, so an interrupted first start goes on where it stopped.
"""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from gateway.auth import actor_of
from gateway.demo import coding, cohorts, collecting, evaluation, panels, proof, quiz
from gateway.demo import course as story
from gateway.demo.people import LEADS, MEMBERS, Person
from gateway.demo.ratings import ratings_of
from shared.actor import Actor
from shared.clock import SystemClock
from shared.config import Settings
from shared.ids import new_id
from shared.messaging.bus import Bus
from shared.storage import make_storage

H5P = Path(__file__).parents[2] / "demo" / "h5p"
VIDEO = Path(__file__).parents[2] / "demo" / "video" / "three-questions.mp4"
CLOSED_SEED = 7
Say = Callable[[str], None]


def seed(bus: Bus, settings: Settings, say: Say, settle: Callable[[], None] = lambda: None) -> None:
    """Seed once; later starts see the mark and do nothing. Effect: writes `var/demo-ready-<mode>`.

    settle: makes events arrive now (the in-process bus can); without it the scenes wait for them.
    """
    mark = settings.var / f"demo-ready-{settings.mode}"
    if mark.exists():
        return
    Seeder(bus, settings, say, settle).run()
    mark.write_text("1\n")


class Seeder:
    """The story in order; each method is one scene."""

    def __init__(self, bus: Bus, settings: Settings, say: Say, settle: Callable[[], None]) -> None:
        self.bus, self.settings, self.say, self.settle = bus, settings, say, settle
        self.actors: dict[str, Actor] = {}
        self.pseudonyms: dict[str, str] = {}

    def run(self) -> None:
        """All scenes."""
        self.say("Demo content: people, a closed survey and its needs, a decided proposal, a course…")
        self.people()
        need = self.closed_survey()
        self.proposal(need)
        course_id = self.course(need)
        self.learning(course_id, need["id"])
        self.second_proposal(need["survey_id"])
        self.discussion(need["id"])
        self.open_survey()
        panels.scene(self)
        coding.scene(self, need["survey_id"])
        self.settle()
        self.say("Demo content is ready.")

    def call(self, who: str, service: str, method: str, payload: dict[str, Any], key: str = "") -> Any:
        """One person's call; `key` makes it repeatable."""
        full_key = f"demo:{key}" if key else None
        actor = self.actors[who]
        return self.bus.call(service, method, payload, actor=actor, idempotency_key=full_key, timeout=120)

    def until(self, find: Callable[[], Any]) -> Any:
        """What `find` gives as soon as the events it depends on have arrived. Raises TimeoutError after a minute."""
        for _ in range(240):
            self.settle()
            if found := find():
                return found
            time.sleep(0.25)
        raise TimeoutError("the demo content waits for an event that does not come")

    def people(self) -> None:
        """Four leads and forty members."""
        for person in (*LEADS, *MEMBERS):
            self.actors[person.key] = self._account(person)
        collecting.agencies(self.call, [person.key for person in (*LEADS, *MEMBERS)][:20])
        self.settle()

    def _account(self, person: Person) -> Actor:
        found = self.bus.call("identity", "seed_account", person.profile())
        token = found.get("token") or found["session"]
        method, argument = (
            ("resolve_token", {"token": token})
            if "token" in found
            else ("resolve_session", {"session": token})
        )
        account = self.bus.call("identity", method, argument)["account"]
        self.pseudonyms[person.key] = account["pseudonym"]
        return actor_of(account)

    def closed_survey(self) -> dict[str, Any]:
        """A finished survey of 40 answers; returns its first need."""
        survey = self._launched("autumn", {
            "fr": "Ce qui nous aiderait le plus cet automne", "en": "What would help us most this fall"}, 21, more=coding.QUESTIONS)  # fmt: skip
        items = [item["code"] for item in survey["items"]]
        for number, member in enumerate(MEMBERS[:37]):
            payload = {
                "survey_id": survey["id"], "language": member.language,
                "answers": ratings_of(number, items, CLOSED_SEED) | coding.said(number, member.language),
            }  # fmt: skip
            if self._mine(member.key, survey["id"]) != "submitted":
                self.call(member.key, "surveys", "submit_response", payload)
        self.call("coordinator", "surveys", "close_survey", {"survey_id": survey["id"]}, "close")
        self.settle()
        self.call("coordinator", "surveys", "rank_needs", {"survey_id": survey["id"]})
        self.settle()
        needs = self.until(lambda: self._needs(survey["id"]))
        return dict(needs[0])

    def _needs(self, survey_id: str) -> list[dict[str, Any]]:
        payload = {"survey_id": survey_id, "limit": 5}
        return list(self.call("coordinator", "surveys", "list_needs", payload)["items"])

    def _mine(self, who: str, survey_id: str) -> str:
        return str(self.call(who, "surveys", "get_survey", {"survey_id": survey_id})["mine"]["state"])

    def _launched(
        self, key: str, title: dict[str, str], days: int, more: Sequence[dict[str, Any]] = ()
    ) -> dict[str, Any]:
        closes = (SystemClock().now() + timedelta(days=days)).replace(hour=22, minute=0)  # 17:00 in Toronto
        draft = self.call("coordinator", "surveys", "create_survey", {
            "template_id": "borich", "title": title, "anonymity": "anonymous", "closes_at": closes.isoformat(timespec="minutes"),
        }, f"survey:{key}") if not self._known(key) else self._survey(key)  # fmt: skip
        self._remember(key, draft["id"])
        if draft["status"] == "draft":
            if more and len(draft["elements"]) == len(draft["items"]):
                edit = {
                    "survey_id": draft["id"],
                    "version": draft["version"],
                    "elements": [*draft["elements"], *more],
                }
                draft = self.call("coordinator", "surveys", "edit_survey", edit, f"edit:{key}")
            launch = {"survey_id": draft["id"], "version": draft["version"]}
            draft = self.call("coordinator", "surveys", "launch_survey", launch, f"launch:{key}")
        self.settle()
        return dict(draft)

    def _known(self, key: str) -> bool:
        return self._note(key).exists()

    def _note(self, key: str) -> Path:
        return self.settings.var / f"demo-{self.settings.mode}-{key}"

    def _remember(self, key: str, survey_id: str) -> None:
        self._note(key).write_text(survey_id)

    def _survey(self, key: str) -> dict[str, Any]:
        found: dict[str, Any] = self.call(
            "coordinator", "surveys", "get_survey", {"survey_id": self._note(key).read_text()}
        )
        return found

    def proposal(self, need: dict[str, Any]) -> None:
        """Opened, endorsed by many, approved with its reason."""
        opened = self.call(
            "coordinator", "surveys", "open_proposal", {"need_id": need["id"], **story.PROPOSAL}, "proposal"
        )
        for member in MEMBERS[:14]:
            self.call(member.key, "surveys", "endorse_proposal", {"proposal_id": opened["id"]})
        current = self.call("coordinator", "surveys", "get_proposal", {"proposal_id": opened["id"]})
        if current["status"] == "open":
            self.call("coordinator", "surveys", "decide_proposal", {
                "proposal_id": opened["id"], "version": current["version"], "outcome": "approved",
                "reason": story.DECISION,
            }, "decision")  # fmt: skip
        self.settle()

    def second_proposal(self, survey_id: str) -> None:
        """One more, still gathering endorsements."""
        needs = self._needs(survey_id)
        opened = self.call("coordinator", "surveys", "open_proposal", {
            "need_id": needs[1]["id"],
            "title": {"fr": "Atelier en direct : le premier entretien", "en": "Live workshop: the first interview"},
            "rationale": {
                "fr": "Le deuxième besoin demande de la pratique guidée plutôt que de la lecture.",
                "en": "The second need calls for guided practice rather than reading.",
            },
            "audience": {"fr": "Tous les secteurs", "en": "All sectors"}, "format": "live", "effort_hours": 3,
        }, "proposal-2")  # fmt: skip
        for member in MEMBERS[20:26]:
            self.call(member.key, "surveys", "endorse_proposal", {"proposal_id": opened["id"]})
        proof.vote(self, opened["id"])

    def course(self, need: dict[str, Any]) -> str:
        """The trainer takes the draft that the saga made, writes it and publishes it."""
        query = {"need_id": need["id"]}
        drafts = self.until(lambda: self.call("trainer", "courses", "list_courses", query)["items"])
        course_id = str(drafts[0]["id"])
        if drafts[0]["status"] == "published":
            return course_id
        view = self.call("trainer", "courses", "get_course", {"course_id": course_id})
        if view["author_id"] is None:
            self.call("trainer", "courses", "take_course", {"course_id": course_id}, "take")
        self._summary(course_id)
        if not view["modules"]:
            self._bank()
            for number, module in enumerate(story.MODULES):
                self._module(course_id, number, module)
        self._objective(course_id)
        self._certificates(course_id)
        version = self._version(course_id)
        self.call("trainer", "courses", "publish_course", {"course_id": course_id, "version": version})
        self.settle()
        return course_id

    def _version(self, course_id: str) -> int:
        return int(self.call("trainer", "courses", "get_course", {"course_id": course_id})["version"])

    def _summary(self, course_id: str) -> None:
        self.call("trainer", "courses", "update_course", {
            "course_id": course_id, "version": self._version(course_id), "title": story.PROPOSAL["title"],
            "summary": story.SUMMARY,
        })  # fmt: skip

    def _objective(self, course_id: str) -> None:
        """The objective in full, with the modules that work towards it and the activities that assess it."""
        course = self.call("trainer", "courses", "get_course", {"course_id": course_id})
        objective, modules = course["objectives"][0], course["modules"]
        steps = [step for module in modules for unit in module["units"] for step in unit["activities"]]
        self.call("trainer", "courses", "update_objective", {
            "objective_id": objective["id"], "version": course["version"], "need_id": objective["need_id"],
            "modules": [module["id"] for module in modules],
            "assessments": [step["id"] for step in steps if step["kind"] in ("h5p", "quiz")], **story.OBJECTIVE,
        })  # fmt: skip

    def _certificates(self, course_id: str) -> None:
        self.call("trainer", "courses", "set_certificate_settings", {
            "course_id": course_id, "version": self._version(course_id), **evaluation.CERTIFICATE,
        })  # fmt: skip

    def _module(self, course_id: str, number: int, module: dict[str, Any]) -> None:
        added = self.call(
            "trainer",
            "courses",
            "add_module",
            {"course_id": course_id, "title": module["title"]},
            f"m{number}",
        )
        for at, unit in enumerate(module["units"]):
            payload = {"module_id": added["id"], "title": unit["title"]}
            unit_id = self.call("trainer", "courses", "add_unit", payload, f"m{number}u{at}")["id"]
            for place, activity in enumerate(unit["activities"]):
                self._activity(unit_id, activity, f"m{number}u{at}a{place}")

    def _activity(self, unit_id: str, activity: dict[str, Any], key: str) -> None:
        payload = {"unit_id": unit_id, **activity}
        added = self.call("trainer", "courses", "add_activity", payload, key)
        if activity["kind"] == "quiz":
            self.call("trainer", "courses", "set_quiz", {
                "activity_id": added["id"], "version": added["version"], "entries": quiz.ENTRIES, "rules": quiz.RULES,
            })  # fmt: skip
        if activity["kind"] == "video":
            self.call("trainer", "courses", "set_activity_video", {
                "activity_id": added["id"], "upload_id": self._upload("three-questions.mp4", VIDEO.read_bytes()),
                "captions": {"fr": "", "en": ""}, "transcript": story.TRANSCRIPT, "no_speech": True,
            })  # fmt: skip
        if activity["kind"] == "h5p":
            self.call(
                "trainer",
                "courses",
                "set_activity_h5p",
                {"activity_id": added["id"], "upload_id": self._package()},
            )

    def _bank(self) -> None:
        for number, question in enumerate(quiz.BANK):
            payload = {"question": question, "tags": [quiz.TAG], "shared": True}
            self.call("trainer", "courses", "add_question", payload, f"question{number}")

    def _package(self) -> str:
        return self._upload("protective-factors-fr.h5p", package("protective-factors-fr"))

    def _upload(self, name: str, data: bytes) -> str:
        stored = make_storage(self.settings).put(f"uploads/{new_id()}", io.BytesIO(data))
        found = self.call("trainer", "courses", "register_upload", {
            "storage_key": stored.key, "filename": name, "size": stored.size, "sha256": stored.sha256,
            "declared_type": "",
        })  # fmt: skip
        return str(found["upload_id"])

    def learning(self, course_id: str, need_id: str) -> None:
        """Some members enrol; some finish; the demo learner is half-way."""
        outline, learners = None, (*MEMBERS[:12], LEADS[0])
        for member in learners:
            self.call(member.key, "courses", "enrol", {"course_id": course_id}, f"enrol:{member.key}")
        proof.before(self, need_id)
        for number, member in enumerate(learners):
            who = member.key
            outline = outline or self.call(who, "courses", "get_learning", {"course_id": course_id})
            done = 1 if who == "learner" else 5 if number < 8 else 2
            self._work(who, outline, done, number)
        self._afterwards(course_id)
        proof.afterwards(self, need_id)
        self._cohort(course_id)
        self.settle()

    def _afterwards(self, course_id: str) -> None:
        """Some of those who finished take their certificate and say what they think."""
        for member, (answers, comment) in zip(MEMBERS, evaluation.REACTIONS, strict=False):
            where = {"course_id": course_id}
            state = self.call(member.key, "courses", "get_my_certificate", where)
            if not state["can_issue"]:
                continue  # the demo was started before
            self.call(
                member.key, "courses", "issue_certificate", where | {"holder_name": member.display_name}
            )
            said = {"moment": "end", "language": member.language, "answers": answers, "comment": comment}
            self.call(member.key, "courses", "answer_evaluation", where | said)

    def _cohort(self, course_id: str) -> None:
        """A full winter cohort, with two people who wait."""
        payload = {"course_id": course_id, **cohorts.winter(SystemClock().now().date())}
        cohort_id = self.call("coordinator", "courses", "create_cohort", payload, "cohort")["id"]
        for member in (*MEMBERS[cohorts.TAKEN], *MEMBERS[cohorts.WAIT]):
            where = {"course_id": course_id, "cohort_id": cohort_id}
            self.call(member.key, "courses", "enrol", where, f"cohort:{member.key}")

    def _work(self, who: str, outline: dict[str, Any], done: int, number: int) -> None:
        activities = [a for m in outline["modules"] for u in m["units"] for a in u["activities"]]
        for activity in activities[:done]:
            if activity["kind"] == "quiz":
                self._quiz(who, activity["id"], number)
                continue
            if activity["kind"] == "video":
                watched = {"position": 15, "duration": 15, "spans": [[0, 15]]}
                self.call(who, "courses", "call_handler", {
                    "activity_id": activity["id"], "handler": "watch", "body": json.dumps(watched),
                })  # fmt: skip
                continue
            if activity["kind"] != "h5p":
                self.call(who, "courses", "mark_viewed", {"activity_id": activity["id"]})
                continue
            self.call(who, "courses", "record_statement", {
                "activity_id": activity["id"], "pseudonym": self.pseudonyms[who],
                "statement": _completed(self.actors[who]),
            }, f"done:{who}")  # fmt: skip

    def _quiz(self, who: str, activity_id: str, number: int) -> None:
        sitting = self.call(who, "courses", "start_quiz", {"activity_id": activity_id}, f"quiz:{who}")
        given = {"quiz_attempt_id": sitting["id"], "answers": quiz.answers(sitting, number)}
        self.call(who, "courses", "submit_quiz", given, f"submit:{who}")

    def discussion(self, need_id: str) -> None:
        """The topic that the saga opened gets its first posts."""
        topic_id = self.until(
            lambda: self.call("coordinator", "surveys", "get_loop", {"need_id": need_id})["topic_id"]
        )
        for number, (who, language, body) in enumerate(story.POSTS):
            payload = {"topic_id": topic_id, "body": body, "language": language}
            self.call(who, "community", "add_post", payload, f"post{number}")
        self.settle()

    def open_survey(self) -> None:
        """A survey that waits for the demo learner; a few members have answered."""
        title = {"fr": "Vos besoins de formation pour l’hiver", "en": "Your training needs for the winter"}
        survey = self._launched("winter", title, 16)
        items = [item["code"] for item in survey["items"]]
        for number, member in enumerate(MEMBERS[:6]):
            if self._mine(member.key, survey["id"]) != "submitted":
                answers = ratings_of(number, items, CLOSED_SEED + 1)
                self.call(member.key, "surveys", "submit_response",
                          {"survey_id": survey["id"], "language": member.language, "answers": answers})  # fmt: skip


def package(name: str) -> bytes:
    """One of our own H5P packages, zipped from its sources in demo/h5p."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for folder in (H5P / name, H5P / "libraries"):
            for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                archive.write(path, path.relative_to(folder))
    return made.getvalue()


def _completed(actor: Actor) -> dict[str, Any]:
    """What the player says at the end; the service replaces the actor anyway."""
    score = 3 if str(actor.account_id)[-1] in "02468ace" else 2
    return {
        "id": str(new_id()),
        "verb": {"id": "http://adlnet.gov/expapi/verbs/completed", "display": {"en-US": "completed"}},
        "object": {"objectType": "Activity", "id": "https://cercle.example/demo"},
        "result": {
            "completion": True,
            "score": {"min": 0, "max": 4, "raw": score + 1, "scaled": (score + 1) / 4},
        },
    }
