"""What the pages do with elements, held against the service's own rules: whatever the builder makes is sound."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence

import pytest
from werkzeug.datastructures import MultiDict

from gateway.context import CURRENT, RequestContext
from gateway.web.survey_elements import changes, kinds
from gateway.web.survey_elements.reading import ANSWERED, answers_from, complete, number_of
from gateway.web.survey_elements.versus import likely, versus
from gateway.web.survey_elements.wording import wire_value
from gateway.web.survey_elements.work import elements_of, worked
from services.surveys.domain.instrument import definition_problems, language_gaps, read_answers
from services.surveys.domain.instrument.answers import answered
from services.surveys.domain.instrument.elements import ANSWERED as ASKED
from services.surveys.domain.instrument.elements import KINDS
from tests.unit.web.instrument import ANSWERS, FIELDS, INSTRUMENT


@pytest.fixture(autouse=True)
def reader() -> Iterator[None]:
    """Titles are in the language of whoever asks."""
    token = CURRENT.set(RequestContext(None, "request", "en"))  # type: ignore[arg-type]
    yield
    CURRENT.reset(token)


CODES = [element["code"] for element in INSTRUMENT]


def test_the_instrument_of_these_tests_is_sound() -> None:
    assert definition_problems(INSTRUMENT) == []
    assert {element["kind"] for element in INSTRUMENT} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_element_of_each_kind_is_sound_wherever_it_is_added(kind: str) -> None:
    for after in ("", *CODES):
        made, code = changes.add(copy.deepcopy(INSTRUMENT), kind, after)
        assert definition_problems(made) == []
        assert made[-1 if not after else CODES.index(after) + 1]["code"] == code


def test_kinds_are_those_of_the_service() -> None:
    assert (set(kinds.KINDS), ANSWERED) == (set(KINDS), ASKED)


@pytest.mark.parametrize("code", CODES)
def test_deleting_leaves_nothing_that_refers_to_it(code: str) -> None:
    left, touched = changes.remove(copy.deepcopy(INSTRUMENT), code)
    assert (definition_problems(left), len(left)) == ([], len(INSTRUMENT) - 1)
    assert f"{{{{{code}}}}}" not in str(left)
    expected = {
        "role": ["years", "word"],
        "need.one": ["gap"],
        "gap": ["grid"],
        "when": ["ways"],
        "need.two": ["grid"],
    }
    assert touched == expected.get(code, [])


@pytest.mark.parametrize("code", CODES)
def test_another_code_is_another_code_everywhere(code: str) -> None:
    renamed = changes.rename(copy.deepcopy(INSTRUMENT), code, "fresh")
    assert definition_problems(renamed) == []
    back = changes.rename(renamed, "fresh", code)
    assert back == INSTRUMENT


def test_a_copy_keeps_everything_but_the_code() -> None:
    for code in CODES:
        made, twin = changes.duplicate(copy.deepcopy(INSTRUMENT), code)
        place = CODES.index(code)
        assert definition_problems(made) == []
        assert made[place + 1] == INSTRUMENT[place] | {"code": twin}


def test_order_follows_what_was_dragged() -> None:
    turned = changes.reorder(copy.deepcopy(INSTRUMENT), [CODES[1], CODES[0]])
    assert [element["code"] for element in turned] == [CODES[1], CODES[0], *CODES[2:]]
    assert [one["code"] for one in changes.move(INSTRUMENT, CODES[0], -1)] == CODES
    assert [one["code"] for one in changes.move(INSTRUMENT, CODES[0], 2)][:3] == [
        CODES[1],
        CODES[2],
        CODES[0],
    ]


def test_the_form_is_read_as_the_service_takes_it() -> None:
    answers = answers_from(MultiDict(FIELDS), INSTRUMENT)
    assert answers == ANSWERS
    assert read_answers(answers, INSTRUMENT) == ANSWERS
    nothing = answers_from(MultiDict(), INSTRUMENT)
    assert set(nothing.values()) == {None}
    for element in INSTRUMENT:
        if element["kind"] in ANSWERED:
            given = ANSWERS[element["code"]]
            assert complete(element, given) == answered(element, given) is True
            assert complete(element, {}) == answered(element, {}) is False


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("4,5", 4.5),
        ("4.5", 4.5),
        ("1 200", 1200),
        ("−3", -3),
        ("12", 12),
        ("douze", "douze"),
        ("1,2,3", "1,2,3"),
    ],
)
def test_numbers_are_read_as_people_write_them(typed: str, number: object) -> None:
    assert number_of(typed) == number


def test_what_is_no_number_counts_as_none_in_a_condition() -> None:
    read = [wire_value({"kind": "number"}, typed) for typed in ("2", "1,5", "²", "nan", "inf", "1e400", "")]
    assert read == [2, 1.5, 0, 0, 0, 0, 0]


def test_gaps_are_those_of_the_launch() -> None:
    draft = [*copy.deepcopy(INSTRUMENT), kinds.blank("matrix", "m"), kinds.blank("number", "n")]
    draft[1]["options"][0]["text"]["en"] = " "
    draft[3]["help"] = {"fr": "Aide", "en": ""}
    found = kinds.gaps(draft)
    places = {element["code"]: place for place, element in enumerate(draft)}
    for language, paths in language_gaps(draft).items():
        mine = [
            f"elements.{places[gap['code']]}.{gap['path']}" for gap in found if gap["language"] == language
        ]
        assert sorted(mine) == sorted(f"{path}.{language}" for path in paths)
    whole = kinds.coverage(draft, {})
    assert whole["fr"]["total"] - whole["fr"]["done"] == len(language_gaps(draft)["fr"])


def no_sets(_codes: Sequence[str], _size: int) -> list[list[str]]:
    return []


def test_a_press_that_makes_no_sense_changes_nothing() -> None:
    for do in ("up:none", "delete:none", "copy:none", "entry-up:options:99", "entry-remove:rows:x", "test-remove:9",
               "jump-remove:", "set-make", "nonsense", "", "entry-add:points", "set-remove:99", "order"):  # fmt: skip
        form = MultiDict({"do": do, "at": "role"})
        assert worked(form, copy.deepcopy(INSTRUMENT), no_sets).elements == INSTRUMENT, do
    for text in (None, "", "[", "{}", "[1]", '[{"code": 1, "kind": "pair"}]', "[" * 100_000):
        assert elements_of(text) is None


def test_versions_are_told_apart_question_by_question() -> None:
    new = copy.deepcopy(INSTRUMENT)
    new[1]["text"] = {"fr": "Autre", "en": "Other"}
    new = changes.rename(new, "when", "day")
    new, _ = changes.remove(new, "more")
    new, fresh = changes.add(new, "short-text", "word")
    assert likely(INSTRUMENT, new) == {"day": "when"}
    rows = versus(INSTRUMENT, new, {"when": "day", "more": None})
    fates = {row["code"]: row["fate"] for row in rows}
    kept = dict.fromkeys((code for code in CODES if code != "when"), "kept")
    assert fates == kept | {
        "role": "changed",
        "ways": "changed",
        "day": "renamed",
        "more": "dropped",
        fresh: "added",
    }
