"""Payloads of quizzes and the question bank; and the shape of a question, one schema for each kind."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from services.courses.domain.questions import KINDS, POINTS, SCALES
from services.courses.domain.quiz import (
    BANK,
    COUNTS,
    DRAW,
    MOST_DRAWN,
    MOST_ENTRIES,
    OWN,
    PAGING,
    SHOW_ANSWERS,
)
from services.courses.schemas.parts import BIG, Paged, empty, one_half, version, words
from shared.wire import LANGUAGES, Choice, Id, Schema, Text, WholeNumber


class Number(fields.Float):
    """A finite number in [low, high]. Codes: wrong-type, out-of-range."""

    def __init__(self, low: float, high: float, **kwargs: Any) -> None:
        messages: dict[str, Any] = {
            "required": "missing",
            "null": "missing",
            "invalid": "wrong-type",
            "special": "wrong-type",
        }
        check = validate.Range(low, high, error="out-of-range")
        super().__init__(allow_nan=False, validate=check, error_messages=messages, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ma.ValidationError("wrong-type")
        try:
            number = float(value)
        except OverflowError:
            raise ma.ValidationError("out-of-range") from None
        if not math.isfinite(number):
            raise ma.ValidationError("wrong-type")
        found: float = super()._deserialize(number, attr, data, **kwargs)
        return found


def _list(inner: Any, low: int, high: int, **kwargs: Any) -> fields.List[Any]:
    return fields.List(
        inner, validate=validate.Length(low, high, error="out-of-range"),
        error_messages={"invalid": "wrong-type", "required": "missing", "null": "missing"}, **kwargs,
    )  # fmt: skip


def _yes(**kwargs: Any) -> fields.Boolean:
    return fields.Boolean(
        truthy={True},
        falsy={False},
        error_messages={"invalid": "wrong-type", "required": "missing"},
        **kwargs,
    )


def _phrase(limit: int = 500) -> Any:
    return words(limit, required=True, validate=one_half)


class _Image(Schema):
    id = Id(required=True)
    alt = words(500, required=True, validate=one_half)

    @ma.post_load
    def _as_json(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return data | {"id": str(data["id"])}


class _Question(Schema):
    kind = Choice(tuple(KINDS), required=True)
    points = Number(0.25, 100, load_default=1.0)
    stem = words(5000, required=True, validate=one_half)
    feedback = words(3000, load_default=empty)
    image = fields.Nested(_Image, load_default=None, allow_none=True)


class _Option(Schema):
    text = _phrase()
    feedback = words(1000, load_default=empty)
    correct = _yes(load_default=False)


class _Single(_Question):
    options = _list(fields.Nested(_Option), 2, 12, required=True)


class _Multiple(_Single):
    partial = _yes(load_default=True)  # type: ignore[assignment]  # a field; the class keeps its own attribute


class _TrueFalse(_Question):
    answer = _yes(required=True)
    when_true = words(1000, load_default=empty)
    when_false = words(1000, load_default=empty)


class _Numeric(_Question):
    value = Number(-1e15, 1e15, required=True)
    tolerance = Number(0, 1e15, load_default=0.0)
    unit = words(20, load_default=empty)


class _ShortText(_Question):
    accepted = fields.Nested(
        Schema.from_dict(
            {code: _list(Text(max_length=200), 0, 20, load_default=list) for code in LANGUAGES},
            name="Accepted",
        ),
        required=True,
    )
    exact = _yes(load_default=False)


class _Pair(Schema):
    left = _phrase()
    right = _phrase()


class _Extra(Schema):
    right = _phrase()


class _Matching(_Question):
    pairs = _list(fields.Nested(_Pair), 2, 12, required=True)
    extras = _list(fields.Nested(_Extra), 0, 6, load_default=list)


class _Item(Schema):
    text = _phrase()


class _Ordering(_Question):
    items = _list(fields.Nested(_Item), 2, 12, required=True)


class _Vignette(_Question):
    hypothesis = _phrase(1000)
    finding = words(1000, load_default=empty)
    scale = Choice(SCALES, load_default="likelihood")
    panel = _list(WholeNumber(0, 1000), POINTS, POINTS, load_default=None, allow_none=True)
    credits = _list(Number(0, 1), POINTS, POINTS, load_default=None, allow_none=True)
    point_feedback = _list(words(1000), POINTS, POINTS, load_default=lambda: [empty() for _ in range(POINTS)])


QUESTIONS: dict[str, type[Schema]] = {
    "single": _Single, "multiple": _Multiple, "true-false": _TrueFalse, "numeric": _Numeric, "short": _ShortText,
    "matching": _Matching, "ordering": _Ordering, "vignette": _Vignette,
}  # fmt: skip


class QuestionField(fields.Field[Any]):
    """A question, by the schema of its kind."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        if not isinstance(value, Mapping):
            raise ma.ValidationError("wrong-type")
        shape = QUESTIONS.get(value["kind"]) if isinstance(value.get("kind"), str) else None
        if shape is None:
            raise ma.ValidationError({"kind": ["not-a-choice" if "kind" in value else "missing"]})
        return shape().load(value)


class _Own(Schema):
    id = Id(load_default=None, allow_none=True)
    kind = Choice((OWN,), required=True)
    question = QuestionField(required=True)


class _Reference(Schema):
    id = Id(load_default=None, allow_none=True)
    kind = Choice((BANK,), required=True)
    question_id = Id(required=True)
    version = version()

    @ma.post_load
    def _as_json(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return data | {"question_id": str(data["question_id"])}


def tag(**kwargs: Any) -> Any:
    """A tag: a few words in small letters."""
    return _Tag(max_length=40, **kwargs)


class _Tag(Text):
    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        found = super()._deserialize(value, attr, data, **kwargs)
        return " ".join(found.lower().split())[:40]


class _Draw(Schema):
    id = Id(load_default=None, allow_none=True)
    kind = Choice((DRAW,), required=True)
    tag = tag(required=True)
    count = WholeNumber(1, MOST_DRAWN, required=True)


_ENTRIES: dict[str, type[Schema]] = {OWN: _Own, BANK: _Reference, DRAW: _Draw}


class EntryField(fields.Field[Any]):
    """An own question, a question of the bank, or a draw."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        if not isinstance(value, Mapping):
            raise ma.ValidationError("wrong-type")
        shape = _ENTRIES.get(value["kind"]) if isinstance(value.get("kind"), str) else None
        if shape is None:
            raise ma.ValidationError({"kind": ["not-a-choice" if "kind" in value else "missing"]})
        return shape().load(value)


class _Rules(Schema):
    shuffle_questions = _yes(load_default=False)
    shuffle_options = _yes(load_default=True)
    attempts = WholeNumber(0, 50, load_default=0)
    pass_mark = Number(0, 1, load_default=0.0)
    time_limit = WholeNumber(0, 600, load_default=0)
    show_answers = Choice(SHOW_ANSWERS, load_default="submitted")
    counts = Choice(COUNTS, load_default="best")
    paging = Choice(PAGING, load_default="all")


class QuizEdit(Schema):
    activity_id = fields.Raw(required=True)
    version = version()
    entries = _list(EntryField(), 0, MOST_ENTRIES, required=True)
    rules = fields.Nested(_Rules, required=True)


class QuizPreview(Schema):
    activity_id = fields.Raw(required=True)
    seed = WholeNumber(0, BIG, required=True)


class _Answers(Schema):
    answers = fields.Dict(
        keys=fields.String(validate=validate.Length(1, 40, error="bad-id")), values=fields.Raw(allow_none=True),
        load_default=dict, validate=validate.Length(max=1000, error="out-of-range"),
        error_messages={"invalid": "wrong-type"},
    )  # fmt: skip


class QuizPreviewAnswers(QuizPreview, _Answers):
    pass


class QuizAttemptId(Schema):
    quiz_attempt_id = fields.Raw(required=True)


class QuizAnswer(Schema):
    quiz_attempt_id = fields.Raw(required=True)
    question_id = Text(max_length=40, required=True)
    answer = fields.Raw(required=True, allow_none=True)
    sequence = WholeNumber(1, BIG, load_default=None, allow_none=True)


class QuizSubmission(_Answers):
    quiz_attempt_id = fields.Raw(required=True)


class ActivityPaged(Paged):
    activity_id = fields.Raw(required=True)


class _Bank(Schema):
    question = QuestionField(required=True)
    tags = _list(tag(), 0, 12, load_default=list)
    shared = _yes(load_default=False)


class NewBankQuestion(_Bank):
    pass


class BankQuestionEdit(_Bank):
    question_id = fields.Raw(required=True)
    version = version()


class BankQuestionRetirement(Schema):
    question_id = fields.Raw(required=True)
    retired = _yes(required=True)


class BankQuestionId(Schema):
    question_id = fields.Raw(required=True)
    version = WholeNumber(1, 2**31 - 1, load_default=None, allow_none=True)


class BankList(Paged):
    q = Text(min_length=0, max_length=200, load_default=None, allow_none=True)
    tag = tag(load_default=None, allow_none=True)
    kind = Choice(tuple(KINDS), load_default=None, allow_none=True)
    mine = fields.Boolean(load_default=False)
    missing = Choice(LANGUAGES, load_default=None, allow_none=True)
    retired = fields.Boolean(load_default=False)


class QuestionImage(Schema):
    upload_id = fields.Raw(required=True)


class QuestionImageId(Schema):
    image_id = fields.Raw(required=True)
    quiz_attempt_id = fields.Raw(load_default=None, allow_none=True)


class Accommodation(Schema):
    course_id = fields.Raw(required=True)
    account_id = fields.Raw(required=True)
    time_factor = Number(1, 10, required=True)
    extra_attempts = WholeNumber(0, 50, load_default=0)
