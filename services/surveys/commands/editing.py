"""Writes on the instrument: create, edit, discard, launch, extend."""

from __future__ import annotations

import copy
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.surveys import audience, store
from services.surveys.commands import collecting
from services.surveys.commands.elements import in_own_words, sound
from services.surveys.commands.versions import freeze
from services.surveys.domain.audience import audience_of, mask_of, roles_of
from services.surveys.domain.instrument import definition_problems
from services.surveys.domain.instrument.items import with_pairs
from services.surveys.domain.survey import ANONYMOUS, SURVEY, Survey
from services.surveys.templates import template
from shared.contracts.surveys import SurveyLaunched
from shared.db.tx import Tx
from shared.errors import FieldProblem, Invalid
from shared.ids import new_id

_AS_GIVEN = ("title", "intro", "anonymity", "cut_rule", "opens_at", "closes_at", "follows_survey_id")


@dataclass(frozen=True, slots=True)
class CreateSurvey:
    """`given`: fields that replace the template's (see schemas.SurveyFields)."""

    template_id: str
    given: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EditSurvey:
    """`given`: the fields to change."""

    survey_id: UUID
    version: int
    given: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ExtendSurvey:
    survey_id: UUID
    version: int
    closes_at: datetime


def create_survey(tx: Tx, cmd: CreateSurvey) -> Survey:
    """A draft from a template. Raises NotFound for an unknown template, Invalid for one that leads to a panel."""
    account = store.require_coordinator(tx.actor)
    start = template(cmd.template_id)
    if start["leads_to"] != SURVEY:
        raise Invalid(fields=[FieldProblem("template_id", "leads-to-panel")])
    survey = Survey(
        id=new_id(), template_id=start["id"], method=start["method"], title=start["survey_title"],
        intro=start["intro"], anonymity=ANONYMOUS, seed=secrets.randbelow(2**31), created_by=account,
        created_at=tx.now, elements=copy.deepcopy(start["elements"]), cut_rule=start["cut_rule"],
    )  # fmt: skip
    for name, value in _changes(cmd.given, survey, {}).items():
        setattr(survey, name, value)
    tx.add(survey)
    tx.session.flush()
    _readdress(tx, survey, cmd.given)
    store.derive_items(tx, survey)
    return survey


def edit_survey(tx: Tx, cmd: EditSurvey) -> Survey:
    """Change a draft. Raises AlreadyLaunched, Stale, Invalid."""
    survey = store.coordinated_survey(tx, cmd.survey_id)
    survey.require_draft()
    survey.require_version(cmd.version)
    known = {item.id: item.code for item in store.items_of(tx, survey.id)}
    changes = _changes(cmd.given, survey, known)
    survey.edit(changes)
    _readdress(tx, survey, cmd.given)
    if "elements" in changes:
        store.derive_items(tx, survey)
    return survey


def discard_survey(tx: Tx, survey_id: UUID, version: int) -> None:
    """Delete a draft. Raises AlreadyLaunched, Stale."""
    survey = store.coordinated_survey(tx, survey_id)
    survey.require_draft()
    survey.require_version(version)
    tx.session.delete(survey)


def launch_survey(tx: Tx, survey_id: UUID, version: int) -> Survey:
    """Freeze the instrument and announce it. Raises AlreadyLaunched, Stale, or Invalid with all that is missing.

    Bank statements in other words than the bank's get codes of their own now.
    """
    survey = store.coordinated_survey(tx, survey_id)
    survey.require_draft()
    survey.require_version(version)
    survey.launch(tx.now)
    survey.elements, _ = in_own_words(survey.elements, ())
    store.derive_items(tx, survey)
    freeze(tx, survey, mapping={}, note={"fr": "", "en": ""})
    tx.publish(_launched(survey), subject=survey.id, version=survey.version)
    collecting.launched(tx, survey)
    return survey


def extend_survey(tx: Tx, cmd: ExtendSurvey) -> Survey:
    """Close later. Raises SurveyClosed, Stale, Invalid."""
    survey = store.coordinated_survey(tx, cmd.survey_id)
    survey.require_version(cmd.version)
    survey.extend(cmd.closes_at, tx.now)
    collecting.extended(tx, survey)
    return survey


def _launched(survey: Survey) -> SurveyLaunched:
    opens_at, closes_at = survey.opens_at, survey.closes_at
    if opens_at is None or closes_at is None:
        raise AssertionError("a launched survey has its dates")
    roles = roles_of(survey.audience)
    return SurveyLaunched(survey.id, survey.title, opens_at, closes_at, roles, addressed=survey.filters > 0)


def _readdress(tx: Tx, survey: Survey, given: Mapping[str, Any]) -> None:
    """Set who is asked, as far as it is given: all kinds at once, or the roles alone."""
    if "audience" in given:
        audience.replace(tx, survey, audience_of(given["audience"]))
    elif "audience_roles" in given:
        survey.audience = mask_of(given["audience_roles"])


def _changes(given: Mapping[str, Any], survey: Survey, known: Mapping[UUID, str]) -> dict[str, Any]:
    """The survey's fields to set. Raises Invalid for elements, or items, that cannot be an instrument."""
    changes = {name: given[name] for name in _AS_GIVEN if name in given}
    if "groups" in given:
        changes["groups"] = list(dict.fromkeys(given["groups"]))
    elements = given.get("elements", survey.elements)
    if "items" in given:
        if problems := definition_problems(elements):
            raise Invalid(fields=problems)
        elements = with_pairs(elements, _items(given["items"], known))
    if "items" in given or "elements" in given:
        changes["elements"] = sound(elements, survey.method)
    return changes


def _items(given: Sequence[Mapping[str, Any]], known: Mapping[UUID, str]) -> list[tuple[str, dict[str, str]]]:
    """Code and statement in the order given; an item that keeps its id keeps its code, a new one without gets one."""
    items: dict[str, dict[str, str]] = {}
    for place, entry in enumerate(given):
        code = known.get(entry.get("id"), "") or entry.get("code") or f"own.{new_id().hex[-12:]}"  # type: ignore[arg-type]
        if code in items:
            raise Invalid(fields=[FieldProblem(f"items.{place}.code", "duplicate")])
        items[code] = dict(entry["statement"])
    return list(items.items())
