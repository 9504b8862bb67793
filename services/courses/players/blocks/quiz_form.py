"""A quiz as one plain form, for hosts without pages of their own: no scripts, no styles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from services.courses.domain.questions import POINTS, BadAnswer, kind_of
from services.courses.domain.quiz import Asked, Result
from services.courses.players.markdown import to_html
from shared import i18n

_FORM = Markup(
    '<form class="quiz" method="post" action="{action}">{score}{questions}<p><button>{send}</button></p></form>'
)
_QUESTION = Markup("<fieldset><legend>{number}</legend>{stem}{fields}{review}</fieldset>")
_CHOICE = Markup(
    '<p><label><input type="{kind}" name="{name}" value="{value}"{checked}> <span>{text}</span></label></p>'
)
_TEXT = Markup('<p><label>{label} <input type="text" name="{name}" value="{value}"></label> {unit}</p>')
_SELECT = Markup(
    '<p><label>{label} <select name="{name}"><option value=""></option>{options}</select></label></p>'
)
_OPTION = Markup('<option value="{value}"{selected}>{text}</option>')
_NOTE = Markup("<p><strong>{text}</strong></p>")
_ON = Markup(" checked")
_SELECTED = Markup(" selected")


def page_of(
    paper: Sequence[Asked], language: str, action: str, score: float | None,
    review: tuple[Mapping[str, Any], Result] | None = None,
) -> str:  # fmt: skip
    """The form; with the answers and marks of a review, filled and judged."""
    answers, result = review or ({}, None)
    return str(_FORM.format(
        action=action,
        score=_NOTE.format(text=i18n.text(language, "courses.quiz.score", score=i18n.percent(language, score)))
        if score is not None else "",
        questions=Markup("").join(
            _question(one, number, language, answers.get(one["id"]), result)
            for number, one in enumerate(paper, 1)
        ),
        send=i18n.text(language, "courses.quiz.submit"),
    ))  # fmt: skip


def _question(one: Asked, number: int, language: str, answer: Any, result: Result | None) -> Markup:
    question = one["question"]
    note = Markup("")
    if result:
        key = "right" if result.marks[one["id"]].success else "not_right"
        note = _NOTE.format(text=i18n.text(language, f"courses.quiz.mark.{key}"))
        note += Markup(to_html(i18n.pick(language, question["feedback"])))  # noqa: S704 sanitised by to_html
    return _QUESTION.format(
        number=i18n.text(language, "courses.quiz.question", number=number),
        stem=Markup(to_html(i18n.pick(language, question["stem"]))),  # noqa: S704 sanitised by to_html
        fields=_fields(one, language, answer),
        review=note,
    )


def _fields(one: Asked, language: str, answer: Any) -> Markup:
    question, name = one["question"], f"q-{one['id']}"
    shown = kind_of(question).shown(question, one["layout"])

    def say(pair: Mapping[str, str]) -> str:
        return i18n.pick(language, pair)

    match question["kind"]:
        case "single" | "multiple":
            texts = [say(text) for text in shown["options"]]
            return _choices(name, texts, answer, several=question["kind"] == "multiple")
        case "true-false":
            texts = [i18n.text(language, f"courses.quiz.{word}") for word in ("true", "false")]
            return _choices(name, texts, None if answer is None else int(not answer))
        case "vignette":
            scale = f"courses.quiz.scale.{shown['scale']}"
            texts = [i18n.text(language, f"{scale}.{at}") for at in range(POINTS)]
            case_ = [_NOTE.format(text=say(shown[part])) for part in ("hypothesis", "finding")]
            return Markup("").join(case_) + _choices(name, texts, answer)
        case "matching":
            left, right = ([say(text) for text in shown[side]] for side in ("left", "right"))
            return _selects(name, left, right, answer or [None] * len(left))
        case "ordering":
            texts = [say(text) for text in shown["items"]]
            places = [answer.index(at) for at in range(len(texts))] if answer else [None] * len(texts)
            return _selects(name, texts, [str(at + 1) for at in range(len(texts))], places)
        case _:
            label = i18n.text(language, "courses.quiz.your_answer")
            return _TEXT.format(label=label, name=name, value=answer or "", unit=say(shown.get("unit", {})))


def _choices(name: str, texts: Sequence[str], answer: Any, *, several: bool = False) -> Markup:
    chosen = answer if isinstance(answer, list) else [answer]
    kind = "checkbox" if several else "radio"
    return Markup("").join(
        _CHOICE.format(kind=kind, name=name, value=at, text=text, checked=_ON if at in chosen else "")
        for at, text in enumerate(texts)
    )


def _selects(name: str, labels: Sequence[str], options: Sequence[str], picked: Sequence[Any]) -> Markup:
    return Markup("").join(
        _SELECT.format(label=label, name=f"{name}-{at}", options=_options(options, picked[at]))
        for at, label in enumerate(labels)
    )


def _options(texts: Sequence[str], picked: Any) -> Markup:
    return Markup("").join(
        _OPTION.format(value=value, text=text, selected=_SELECTED if picked == value else "")
        for value, text in enumerate(texts)
    )


def answers_of(paper: Sequence[Asked], form: Any) -> dict[str, Any]:
    """What was answered; what has no sense counts as not answered. form: a MultiDict."""
    found = {}
    for one in paper:
        try:
            given = _given(one, form)
            if given is not None:
                found[one["id"]] = kind_of(one["question"]).read(one["question"], given)
        except (BadAnswer, ValueError):
            continue
    return found


def _given(one: Asked, form: Any) -> Any:
    question, name = one["question"], f"q-{one['id']}"
    match question["kind"]:
        case "multiple":
            return [int(value) for value in form.getall(name)] or None
        case "true-false":
            return {"0": True, "1": False}.get(form.get(name, ""))
        case "single" | "vignette":
            return int(form[name]) if form.get(name) else None
        case "matching":
            places = [form.get(f"{name}-{at}", "") for at in range(len(question["pairs"]))]
            return [int(place) if place else None for place in places] if any(places) else None
        case "ordering":
            count = len(question["items"])
            places = [form.get(f"{name}-{at}", "") for at in range(count)]
            order = sorted(range(count), key=lambda at: (int(places[at] or count), at))
            return order if any(places) else None
        case _:
            return form.get(name, "").strip() or None
