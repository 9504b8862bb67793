"""Payloads of certificates, badges and evaluations."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from services.courses.domain.evaluations import COMMENT, MOMENTS
from services.courses.schemas.parts import Paged, empty, version, words
from shared.wire import LANGUAGES, Choice, Schema, Text, WholeNumber

MAX_NAME = 120


class CertificateSettings(Schema):
    """Switched on, somebody signs; the hours are quarters of an hour."""

    course_id = fields.Raw(required=True)
    version = version()
    enabled = fields.Boolean(
        required=True, truthy={True}, falsy={False}, error_messages={"invalid": "wrong-type"}
    )
    hours = fields.Float(
        load_default=None, allow_none=True, allow_nan=False,
        validate=validate.Range(0.25, 1000, error="out-of-range"), error_messages={"invalid": "wrong-type"},
    )  # fmt: skip
    signatory_name = Text(min_length=0, max_length=MAX_NAME, load_default="")
    signatory_title = words(200, load_default=empty)
    expires_months = WholeNumber(1, 120, load_default=None, allow_none=True)

    @ma.validates_schema
    def _complete(self, data: dict[str, Any], **_: Any) -> None:
        if data["enabled"] and not data["signatory_name"]:
            raise ma.ValidationError("missing", "signatory_name")
        if data["hours"] is not None and data["hours"] * 4 % 1:
            raise ma.ValidationError("not-a-quarter", "hours")


class IssueCertificate(Schema):
    course_id = fields.Raw(required=True)
    holder_name = Text(required=True, min_length=2, max_length=MAX_NAME)


class CertificateCode(Schema):
    code = Text(required=True, max_length=80)


class CertificateEnd(Schema):
    certificate_id = fields.Raw(required=True)
    reason = Text(required=True, min_length=3, max_length=1000)


class CertificatesOfCourse(Paged):
    course_id = fields.Raw(required=True)


class Identity(Schema):
    salt = Text(required=True, min_length=16, max_length=64)
    hash = Text(required=True, min_length=64, max_length=64)


class Badge(Schema):
    code = Text(required=True, max_length=80)
    identity = fields.Nested(Identity, required=True)


class EvaluationPlace(Schema):
    course_id = fields.Raw(required=True)
    moment = Choice(MOMENTS, required=True)


class EvaluationAnswers(EvaluationPlace):
    language = Choice(LANGUAGES, required=True)
    answers = fields.Dict(keys=Text(max_length=40), required=True)
    comment = Text(min_length=0, max_length=COMMENT, load_default="")


class CertificateId(Schema):
    certificate_id = fields.Raw(required=True)
