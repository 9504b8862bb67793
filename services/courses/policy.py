"""Who may do what: pure predicates over the actor and the thing."""

from __future__ import annotations

from uuid import UUID

from services.courses.domain.course import Course
from shared.actor import ADMIN, COORDINATOR, RESEARCHER, TRAINER, Actor


def is_staff(actor: Actor) -> bool:
    """Sees drafts: trainers, coordinators, admins."""
    return actor.account_id is not None and actor.has(TRAINER, COORDINATOR, ADMIN)


def can_author(actor: Actor) -> bool:
    """May start and take courses, and upload files."""
    return actor.account_id is not None and actor.has(TRAINER, ADMIN)


def can_see_course(actor: Actor, course: Course) -> bool:
    """Published: everyone signed in. Draft: staff."""
    return is_staff(actor) or (course.is_published and actor.account_id is not None)


def can_edit_course(actor: Actor, course: Course) -> bool:
    """The trainer who took it, the trainers who write it too, and admins."""
    writers = {str(course.author_id), *course.co_authors}
    is_author = actor.has(TRAINER) and str(actor.account_id) in writers
    return actor.account_id is not None and (is_author or actor.has(ADMIN))


def can_choose_authors(actor: Actor, course: Course) -> bool:
    """Adds and removes co-authors: the trainer who took it, and admins."""
    is_first = actor.has(TRAINER) and course.author_id is not None and course.author_id == actor.account_id
    return actor.account_id is not None and (is_first or actor.has(ADMIN))


def can_take_course(actor: Actor, course: Course) -> bool:
    """Any trainer or admin, while nobody has it."""
    return can_author(actor) and course.author_id is None


def can_enrol(actor: Actor, course: Course) -> bool:
    """Everyone signed in, once it is published."""
    return actor.account_id is not None and course.is_published


def can_see_roster(actor: Actor, course: Course) -> bool:
    """People's progress and scores: the course's trainer, and admins."""
    return can_edit_course(actor, course)


def can_manage_cohorts(actor: Actor, course: Course) -> bool:
    """Who may edit the course, and coordinators."""
    return can_edit_course(actor, course) or (actor.account_id is not None and actor.has(COORDINATOR))


def can_coordinate(actor: Actor) -> bool:
    """Coordinators and admins."""
    return actor.account_id is not None and actor.has(COORDINATOR, ADMIN)


def can_see_completion(actor: Actor) -> bool:
    """Completion by groups of members: staff and researchers."""
    return is_staff(actor) or (actor.account_id is not None and actor.has(RESEARCHER))


def can_see_small_counts(actor: Actor) -> bool:
    """Counts of people under five: staff and researchers."""
    return is_staff(actor) or (actor.account_id is not None and actor.has(RESEARCHER))


def can_install_library(actor: Actor, *, trainers_may_install: bool) -> bool:
    """New library code: admins; trainers where the policy says so."""
    return actor.account_id is not None and (
        actor.has(ADMIN) or (trainers_may_install and actor.has(TRAINER))
    )


def can_allow_blocks(actor: Actor) -> bool:
    """Blocks of other makers run their code in this service: admins."""
    return actor.account_id is not None and actor.has(ADMIN)


def can_use_restricted(actor: Actor) -> bool:
    """New contents of restricted H5P libraries: admins."""
    return actor.account_id is not None and actor.has(ADMIN)


def can_manage_libraries(actor: Actor) -> bool:
    """Restrict and delete H5P libraries: admins."""
    return actor.account_id is not None and actor.has(ADMIN)


def can_set_h5p_policy(actor: Actor) -> bool:
    """Admins."""
    return actor.account_id is not None and actor.has(ADMIN)


def can_use_question(actor: Actor, owner_id: UUID, *, shared: bool) -> bool:
    """A question of the bank: its owner's, or the network's; for who writes courses."""
    return can_author(actor) and (shared or owner_id == actor.account_id or actor.has(ADMIN))


def can_edit_question(actor: Actor, owner_id: UUID) -> bool:
    """Its owner, and admins."""
    return can_author(actor) and (owner_id == actor.account_id or actor.has(ADMIN))
