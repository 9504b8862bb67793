from __future__ import annotations

import re
from string import Formatter

import pytest

from services.courses.h5p import MESSAGES, Problem

ROOT_FILES = ("archive", "install", "library_json", "manifest", "paths", "validation", "xapi")


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("code", sorted(MESSAGES))
def test_message_exists_in_both_languages_with_the_same_fields(code: str) -> None:
    assert set(MESSAGES[code]) == {"fr", "en"}
    assert fields(MESSAGES[code]["fr"]) == fields(MESSAGES[code]["en"])


@pytest.mark.parametrize("code", sorted(MESSAGES))
def test_french_follows_canadian_typography(code: str) -> None:
    text = MESSAGES[code]["fr"]
    assert re.findall(r"[« ]:|« | »|[^ ]\s[;!?]|'|·", text) == []


@pytest.mark.parametrize("code", sorted(MESSAGES))
def test_code_is_kebab_case(code: str) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code)


def test_control_characters_of_a_path_are_escaped() -> None:
    assert (
        Problem("symlink", {}, "a\x1b[2J\n").message("en") == "“a\\x1b[2J\\x0a”: Symbolic links are refused."
    )


def test_braces_in_a_parameter_are_only_text() -> None:
    problem = Problem("library-file-missing", {"file": "{0.__class__}"}, "{x}")
    assert problem.message("en") == "“{x}”: The file {0.__class__}, required by library.json, is missing."
