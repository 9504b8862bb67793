"""Who may do what: pure predicates on the actor and the object."""

from __future__ import annotations

from services.surveys.domain.audience import includes
from services.surveys.domain.survey import Survey
from shared.actor import ADMIN, COORDINATOR, RESEARCHER, TRAINER, Actor


def is_member(actor: Actor) -> bool:
    """A signed-in person."""
    return actor.account_id is not None


def can_coordinate(actor: Actor) -> bool:
    """Draft, launch and close surveys; open and decide proposals; see the board."""
    return is_member(actor) and actor.has(COORDINATOR, ADMIN)


def can_see_small_counts(actor: Actor) -> bool:
    """Counts of people under five."""
    return is_member(actor) and actor.has(COORDINATOR, TRAINER, RESEARCHER, ADMIN)


def can_read_answers(actor: Actor) -> bool:
    """What people wrote, codings and exports of closed surveys."""
    return is_member(actor) and actor.has(COORDINATOR, RESEARCHER, ADMIN)


def can_answer(actor: Actor, survey: Survey, *, fits: bool = True) -> bool:
    """Among those who are asked, once it is launched (the dates are the survey's own matter).

    `fits`: the person's attributes other than roles are among those asked (`audience.is_asked`).
    """
    return is_member(actor) and not survey.is_draft and fits and includes(survey.audience, actor.roles)


def can_see_survey(actor: Actor, survey: Survey, *, fits: bool = True, took_part: bool = False) -> bool:
    """Those who are asked, once launched, and those who answered, whatever they have become; coordinators always."""
    return can_coordinate(actor) or can_answer(actor, survey, fits=fits) or (is_member(actor) and took_part)


def can_ask_who_answered(actor: Actor) -> bool:
    """Whether one person has answered: only the service that is about to remind them."""
    return actor.system == "notifications"


def can_see_participants(actor: Actor, survey: Survey) -> bool:
    """Who answered: only in a named survey, only for coordinators."""
    return can_coordinate(actor) and survey.is_named


def can_see_own_response(actor: Actor, survey: Survey) -> bool:
    """Who answered with their name or in confidence. In an anonymous survey nobody can, not even the person."""
    return is_member(actor) and not survey.is_draft and not survey.is_anonymous
