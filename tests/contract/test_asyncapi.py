"""The AsyncAPI document has every event, says what its class says, and describes what really travels."""

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

import pytest
from jsonschema import Draft7Validator

from gateway.asyncapi import asyncapi_document, event_types, meaning_of, title_of
from shared.contracts.base import DomainEvent
from shared.contracts.identity import AccountRegistered
from shared.contracts.surveys import SurveyLaunched
from shared.ids import new_id
from shared.messaging.envelope import envelope_of

DOCUMENT = asyncapi_document()
NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
EVENTS = pytest.mark.parametrize("kind", event_types(), ids=lambda kind: kind.type)


def subclasses(kind: type[DomainEvent]) -> set[type[DomainEvent]]:
    found = set(kind.__subclasses__())
    return found.union(*(subclasses(one) for one in found))


def references(part: Any) -> list[str]:
    if isinstance(part, list):
        return [found for item in part for found in references(item)]
    if not isinstance(part, dict):
        return []
    own = [part["$ref"]] if "$ref" in part else []
    return own + [found for item in part.values() for found in references(item)]


def resolved(reference: str, document: dict[str, Any]) -> Any:
    part: Any = document
    for step in reference.removeprefix("#/").split("/"):
        part = part[step]
    return part


def value_of(kind: Any) -> Any:
    """Any value of a field's kind."""
    if get_origin(kind) is list:
        return [value_of(get_args(kind)[0])]
    if get_origin(kind) is dict:
        return {"fr": "Énoncé", "en": "Statement"}
    if get_args(kind):  # kind | None
        return value_of(get_args(kind)[0])
    return {UUID: new_id(), datetime: NOW, str: "word", int: 3, bool: True}[kind]


def told(kind: type[DomainEvent], **given: Any) -> dict[str, Any]:
    """An event of a kind as it travels."""
    hints = get_type_hints(kind)
    values = {field.name: value_of(hints[field.name]) for field in fields(kind)} | given
    source = kind.type.partition(".")[0]
    return envelope_of(kind(**values), source=source, subject=new_id(), version=1, time=NOW).to_dict()


def problems(kind: type[DomainEvent], message: dict[str, Any]) -> list[str]:
    payload = f"#/components/messages/{kind.type}/payload"
    found = Draft7Validator({"$ref": payload, **DOCUMENT}).iter_errors(message)
    return sorted(".".join(map(str, error.absolute_path)) for error in found)


def test_document_has_the_parts_of_asyncapi_3() -> None:
    assert (DOCUMENT["asyncapi"], DOCUMENT["defaultContentType"]) == ("3.0.0", "application/json")
    assert set(DOCUMENT) == {"asyncapi", "info", "defaultContentType", "channels", "operations", "components"}
    assert {"title", "version"} <= set(DOCUMENT["info"])
    assert {operation["action"] for operation in DOCUMENT["operations"].values()} == {"send"}


def test_every_reference_leads_somewhere() -> None:
    found = references(DOCUMENT)
    assert len(found) >= 2 * len(event_types())
    assert [type(resolved(reference, DOCUMENT)) for reference in set(found)] == [dict] * len(set(found))


def test_every_event_is_in_it_and_nothing_else() -> None:
    ours = {kind for kind in subclasses(DomainEvent) if kind.__module__.startswith("shared.contracts.")}
    types = {kind.type for kind in ours}
    assert len(types) >= 20
    assert set(DOCUMENT["channels"]) == set(DOCUMENT["components"]["messages"]) == types
    assert set(DOCUMENT["components"]["schemas"]) == types | {"CloudEvent"}
    assert set(DOCUMENT["operations"]) == {f"send.{name}" for name in types}


@EVENTS
def test_event_has_its_title_its_meaning_and_its_way(kind: type[DomainEvent]) -> None:
    channel, message = DOCUMENT["channels"][kind.type], DOCUMENT["components"]["messages"][kind.type]
    assert message["title"] == title_of(kind)
    assert message["summary"] == channel["description"] == meaning_of(kind)
    assert not meaning_of(kind).startswith(f"{kind.__name__}("), (
        "a dataclass without a docstring makes one up"
    )
    assert meaning_of(kind).endswith(".")
    assert channel["address"] == kind.type
    assert channel["bindings"]["amqp"]["exchange"]["name"] == f"{kind.type.partition('.')[0]}.events"


@EVENTS
def test_event_that_travels_is_as_the_document_says(kind: type[DomainEvent]) -> None:
    message = told(kind)
    assert problems(kind, message) == []
    assert problems(kind, message | {"type": "another.type.told.v1"}) == ["type"]
    first = fields(kind)[0].name
    assert problems(kind, message | {"data": message["data"] | {first: {"no": 1}}}) == [f"data.{first}"]
    assert problems(kind, message | {"data": {}}) != []


def test_optional_field_may_be_null_and_a_required_one_may_not() -> None:
    assert problems(AccountRegistered, told(AccountRegistered, province=None)) == []
    message = told(AccountRegistered)
    assert problems(AccountRegistered, message | {"data": message["data"] | {"language": None}}) == [
        "data.language"
    ]


def test_title_is_the_name_in_words() -> None:
    assert title_of(SurveyLaunched) == "Survey launched"


def test_consumers_are_named_when_they_are_known() -> None:
    kind = SurveyLaunched.type
    operations = asyncapi_document({kind: ["notifications.on_survey_launched"]})["operations"]
    receiving = operations[f"receive.{kind}.notifications.on_survey_launched"]
    assert (receiving["action"], receiving["tags"]) == ("receive", [{"name": "notifications"}])
    assert f"evt-surveys-{kind}--notifications.on_survey_launched" in receiving["summary"]
    assert len(operations) == len(DOCUMENT["operations"]) + 1
