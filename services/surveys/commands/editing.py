"""Writes on the instrument: create, edit, discard, launch, extend."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.surveys import store
from services.surveys.domain.audience import mask_of, roles_of
from services.surveys.domain.survey import ANONYMOUS, Survey, SurveyItem
from services.surveys.templates import template
from shared.contracts.surveys import SurveyLaunched
from shared.db.tx import Tx
from shared.errors import FieldProblem, Invalid
from shared.ids import new_id


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
    """A draft from a template. Raises NotFound for an unknown template."""
    account = store.require_coordinator(tx.actor)
    start = template(cmd.template_id)
    survey = Survey(
        id=new_id(), template_id=start["id"], method=start["method"], title=start["survey_title"],
        intro=start["intro"], anonymity=ANONYMOUS, seed=secrets.randbelow(2**31), created_by=account,
        created_at=tx.now,
    )  # fmt: skip
    for name, value in _changes(cmd.given).items():
        setattr(survey, name, value)
    tx.add(survey)
    tx.session.flush()
    store.replace_items(tx, survey.id, _items(cmd.given.get("items", start["items"]), {}))
    return survey


def edit_survey(tx: Tx, cmd: EditSurvey) -> Survey:
    """Change a draft. Raises AlreadyLaunched, Stale, Invalid."""
    survey = store.coordinated_survey(tx, cmd.survey_id)
    survey.require_draft()
    survey.require_version(cmd.version)
    survey.edit(_changes(cmd.given))
    if "items" in cmd.given:
        known = {item.id: item.code for item in store.items_of(tx, survey.id)}
        store.replace_items(tx, survey.id, _items(cmd.given["items"], known))
    return survey


def discard_survey(tx: Tx, survey_id: UUID, version: int) -> None:
    """Delete a draft. Raises AlreadyLaunched, Stale."""
    survey = store.coordinated_survey(tx, survey_id)
    survey.require_draft()
    survey.require_version(version)
    tx.session.delete(survey)


def launch_survey(tx: Tx, survey_id: UUID, version: int) -> Survey:
    """Freeze the instrument and announce it. Raises AlreadyLaunched, Stale, or Invalid with all that is missing."""
    survey = store.coordinated_survey(tx, survey_id)
    survey.require_draft()
    survey.require_version(version)
    survey.launch(store.items_of(tx, survey.id), tx.now)
    tx.publish(_launched(survey), subject=survey.id, version=survey.version)
    return survey


def extend_survey(tx: Tx, cmd: ExtendSurvey) -> Survey:
    """Close later. Raises SurveyClosed, Stale, Invalid."""
    survey = store.coordinated_survey(tx, cmd.survey_id)
    survey.require_version(cmd.version)
    survey.extend(cmd.closes_at, tx.now)
    return survey


def _launched(survey: Survey) -> SurveyLaunched:
    opens_at, closes_at = survey.opens_at, survey.closes_at
    if opens_at is None or closes_at is None:
        raise AssertionError("a launched survey has its dates")
    return SurveyLaunched(survey.id, survey.title, opens_at, closes_at, roles_of(survey.audience))


def _changes(given: Mapping[str, Any]) -> dict[str, Any]:
    changes = {name: value for name, value in given.items() if name not in ("items", "audience_roles")}
    if "audience_roles" in given:
        changes["audience"] = mask_of(given["audience_roles"])
    return changes


def _items(given: Sequence[Mapping[str, Any]], known: Mapping[UUID, str]) -> list[SurveyItem]:
    """The items in the order given; one that keeps its id keeps its code, a new one without a code gets one."""
    items = [_item(position, entry, known) for position, entry in enumerate(given, start=1)]
    seen: set[str] = set()
    for item in items:
        if item.code in seen:
            raise Invalid(fields=[FieldProblem(f"items.{item.position - 1}.code", "duplicate")])
        seen.add(item.code)
    return items


def _item(position: int, entry: Mapping[str, Any], known: Mapping[UUID, str]) -> SurveyItem:
    item_id = entry.get("id")
    if item_id is not None and item_id in known:
        return SurveyItem(item_id, position, known[item_id], dict(entry["statement"]))
    fresh = new_id()
    return SurveyItem(
        fresh, position, entry.get("code") or f"own.{fresh.hex[-12:]}", dict(entry["statement"])
    )
