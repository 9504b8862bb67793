"""The kinds of notifications, and by which channels each arrives unless a person says otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shared.actor import ADMIN, COORDINATOR, RESEARCHER, TRAINER

CODERS = frozenset({COORDINATOR, RESEARCHER, TRAINER})
IN_APP, EMAIL = CHANNELS = ("in_app", "email")
REMINDER = "survey-reminder"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind. `target`: address of the page it leads to, filled from its params. `roles`: who can get it;
    empty: everybody. `email`: sent by e-mail unless switched off.
    """

    name: str
    icon: str
    target: str
    roles: frozenset[str] = frozenset()
    email: bool = False

    def default(self, channel: str) -> bool:
        """Whether it arrives by `channel` when nothing was chosen."""
        return channel == IN_APP or self.email

    def href(self, params: dict[str, Any]) -> str:
        """The page to go to."""
        return self.target.format_map(params)


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("survey-launched", "needs", "/surveys/{survey_id}/answer", email=True),
        Kind(REMINDER, "clock", "/surveys/{survey_id}/answer", email=True),
        Kind("needs-ranked", "needs", "/surveys/{survey_id}/results", email=True),
        Kind("proposal-opened", "flag", "/proposals/{proposal_id}"),
        Kind("proposal-approved", "check-circle", "/proposals/{proposal_id}"),
        Kind("proposal-declined", "info", "/proposals/{proposal_id}"),
        Kind("decision-taken", "flag", "/needs/answers#proposal-{proposal_id}", email=True),
        Kind("follow-up-asked", "clock", "/needs/{need_id}/follow-up/{wave}"),
        Kind("follow-up-later", "clock", "/needs/{need_id}/follow-up/{wave}", email=True),
        Kind("need-assessed", "needs", "/needs/{need_id}#met"),
        Kind("vote-opened", "hand", "/votes/{vote_id}", email=True),
        Kind("vote-closed", "flag", "/votes/{vote_id}", roles=frozenset({COORDINATOR, ADMIN})),
        Kind("coder-assigned", "edit", "/codings/{coding_id}", roles=CODERS, email=True),
        Kind("entry-taken-up", "needs", "/needs/board/{entry_id}"),
        Kind("entry-closed", "check-circle", "/needs/board/{entry_id}", email=True),
        Kind("panel-invited", "needs", "/panels/{panel_id}", email=True),
        Kind("round-opened", "needs", "/panels/{panel_id}", email=True),
        Kind("round-closing", "clock", "/panels/{panel_id}", email=True),
        Kind("panel-ended", "check-circle", "/panels/{panel_id}", email=True),
        Kind("course-drafted", "studio", "/studio/courses/{course_id}", roles=frozenset({TRAINER})),
        Kind("course-published", "courses", "/courses/{course_id}", email=True),
        Kind("course-completed", "check-circle", "/courses/{course_id}"),
        Kind("course-followup", "clock", "/courses/{course_id}/evaluation/{days}", email=True),
        Kind("cohort-opened", "courses", "/courses/{course_id}", email=True),
        Kind("seat-given", "check-circle", "/courses/{course_id}/learn", email=True),
        Kind("course-due", "clock", "/courses/{course_id}/learn", email=True),
        Kind("course-nudge", "hand", "/courses/{course_id}/learn", email=True),
        Kind("topic-reply", "community", "/community/topics/{topic_id}?page=last#post-{post_id}", email=True),
        Kind("test", "bell", "/notifications/preferences", email=True),
    )
}


def kinds_for(roles: frozenset[str]) -> list[Kind]:
    """The kinds that a person of these roles can get, in their order on the page."""
    return [kind for kind in KINDS.values() if not kind.roles or kind.roles & roles]
