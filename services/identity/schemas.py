"""What comes in: every field named, everything else refused, so that nobody assigns roles through a profile form."""

from __future__ import annotations

import re
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from services.identity.domain.account import Profile
from services.identity.domain.agency import whole
from services.identity.domain.vocabulary import PROVINCES, ROLE_ORDER, SCOPES, SECTORS, is_time_zone
from shared.ids import parse_id
from shared.wire import LANGUAGES, Bilingual, Choice, Id, Schema, Text, WholeNumber

_EMAIL = re.compile(
    r"[^@\s\x00-\x1f<>\",;:\\]{1,64}@[^@\s\x00-\x1f<>\",;:\\]+\.[^@\s.\x00-\x1f<>\",;:\\]{2,63}"
)
_EITHER: dict[str, Any] = {"required": "missing", "null": "missing", "invalid": "wrong-type"}
MANY = 200


class Email(Text):
    """An address in its usual form (no quoted local part). Code: bad-email."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=254, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not _EMAIL.fullmatch(text):
            raise ma.ValidationError("bad-email")
        return text


class PathId(Text):
    """An id out of an address. A malformed one is NotFound, like an unknown one."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return parse_id(super()._deserialize(value, attr, data, **kwargs))


class Password(fields.String):
    """Exactly what was typed or pasted; its rules are in domain.passwords. Code: missing, too-long."""

    def __init__(self, **kwargs: Any) -> None:
        check = validate.Length(1, 1000)
        super().__init__(required=True, validate=check, error_messages=_EITHER, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs) or ""
        if not text:
            raise ma.ValidationError("missing")
        if len(text) > 1000:
            raise ma.ValidationError("too-long")
        return text


class TimeZone(Text):
    """A name of the tz database. Code: not-a-choice."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not is_time_zone(text):
            raise ma.ValidationError("not-a-choice")
        return text


class Flag(fields.Boolean):
    """JSON true or false, nothing that resembles them. Code: wrong-type."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(truthy={True}, falsy={False}, error_messages=_EITHER, **kwargs)


class ChoiceSet(fields.List[Any]):
    """At least one of `choices`, each once, as a frozenset. Codes: missing, not-a-choice."""

    def __init__(self, choices: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(Choice(choices), error_messages=_EITHER, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        found = frozenset(super()._deserialize(value, attr, data, **kwargs))
        if not found:
            raise ma.ValidationError("missing")
        return found


class TagList(fields.List[Any]):
    """Up to 12 short tags, doubles removed, as a tuple. Codes: too-long (a tag), too-many-items."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Text(max_length=40), error_messages=_EITHER, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        tags = tuple(dict.fromkeys(super()._deserialize(value, attr, data, **kwargs)))
        if len(tags) > 12:
            raise ma.ValidationError("too-many-items")
        return tags


class ProfileFields(Schema):
    """The optional half of a profile."""

    province = Choice(PROVINCES, allow_none=True)
    city = Text(max_length=80, allow_none=True)
    profession = Text(max_length=120, allow_none=True)
    sector = Choice(SECTORS, allow_none=True)
    expertise = TagList()


class NewProfile(ProfileFields):
    """A profile as someone first gives it."""

    display_name = Text(required=True, min_length=2, max_length=80)
    language = Choice(LANGUAGES, required=True)
    time_zone = TimeZone(required=True, max_length=64)


def profile_of(data: dict[str, Any]) -> Profile:
    """Take the profile's fields out of loaded data."""
    return Profile(**{name: data[name] for name in Profile.__dataclass_fields__ if name in data})


class SignIn(Schema):
    email = Text(required=True, max_length=254)
    password = Password()
    network = Text(load_default="unknown", max_length=64)
    user_agent = Text(load_default="", min_length=0, max_length=1000)


class SignInDemo(Schema):
    role = Choice(("learner", "trainer", "coordinator", "admin"), required=True)
    user_agent = Text(load_default="", min_length=0, max_length=1000)


class Secret(Schema):
    secret = Text(required=True, max_length=200)


class SessionSecret(Schema):
    session = Text(required=True, max_length=200)


class TokenSecret(Schema):
    token = Text(required=True, max_length=200)


class AcceptInvitation(NewProfile):
    secret = Text(required=True, max_length=200)
    email = Email(required=True)
    password = Password()
    user_agent = Text(load_default="", min_length=0, max_length=1000)


class SeedAccount(NewProfile):
    email = Email(required=True)
    password = Password()
    roles = ChoiceSet(ROLE_ORDER, load_default=frozenset({"learner"}))


class CreateInvitation(Schema):
    email = Email(load_default=None, allow_none=True)
    roles = ChoiceSet(ROLE_ORDER, required=True)
    language = Choice(LANGUAGES, required=True)


class UpdateProfile(ProfileFields):
    """Only what is given changes."""

    version = WholeNumber(1, 2**31 - 1, required=True)
    display_name = Text(min_length=2, max_length=80)
    language = Choice(LANGUAGES)
    time_zone = TimeZone(max_length=64)
    show_city = Flag()
    show_expertise = Flag()
    agency_id = Id(allow_none=True)
    show_agency = Flag()


class AgencyFields(Schema):
    """One half of the name is enough."""

    name = Bilingual(min_length=0, max_length=120, required=True)
    sector = Choice(SECTORS, load_default=None, allow_none=True)
    retired = Flag(load_default=False)

    @ma.post_load
    def _whole(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        data["name"] = whole(data["name"])
        if not data["name"]["fr"]:
            raise ma.ValidationError("missing", "name.fr")
        return data


class EditAgency(AgencyFields):
    agency_id = PathId(required=True, max_length=100)
    version = WholeNumber(1, 2**31 - 1, required=True)


class SetLanguage(Schema):
    language = Choice(LANGUAGES, required=True)


class ChangePassword(Schema):
    current_password = Password()
    new_password = Password()
    session = Text(load_default=None, allow_none=True, max_length=200)


class ListSessions(Schema):
    session = Text(load_default=None, allow_none=True, max_length=200)


class RevokeSession(Schema):
    session_id = PathId(required=True, max_length=100)


class CreateToken(Schema):
    name = Text(required=True, max_length=80)
    scopes = ChoiceSet(SCOPES, required=True)
    days = WholeNumber(1, 366, load_default=90)


class TokenId(Schema):
    token_id = PathId(required=True, max_length=100)


class InvitationId(Schema):
    invitation_id = PathId(required=True, max_length=100)


class AccountId(Schema):
    account_id = PathId(required=True, max_length=100)


class AccountIds(Schema):
    ids = fields.List(
        Id(),
        required=True,
        validate=validate.Length(max=MANY, error="too-many-items"),
        error_messages=_EITHER,
    )


class SetRoles(Schema):
    account_id = PathId(required=True, max_length=100)
    roles = ChoiceSet(ROLE_ORDER, required=True)
    version = WholeNumber(1, 2**31 - 1, required=True)


class Page(Schema):
    cursor = Text(load_default=None, allow_none=True, max_length=1000)
    limit = fields.Integer(strict=True, load_default=None, allow_none=True, error_messages=_EITHER)


class ListMembers(Page):
    province = Choice(PROVINCES, load_default=None, allow_none=True)
    sector = Choice(SECTORS, load_default=None, allow_none=True)
    language = Choice(LANGUAGES, load_default=None, allow_none=True)
    role = Choice(ROLE_ORDER, load_default=None, allow_none=True)
    q = Text(load_default=None, allow_none=True, min_length=0, max_length=100)
