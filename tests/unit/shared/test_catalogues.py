"""French and English are equal: the same keys, the same parameters, clean typography, nothing unused or unknown."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from shared import i18n
from shared.i18n import FOLDER, Catalogue

ROOT = Path(__file__).parents[3]
PARAM = re.compile(r"%\((\w+)\)[sd]")
KEY = re.compile(r"""["'`]([a-z_]+(?:\.[\w-]+)+)["'`]""")


def texts(language: str) -> dict[str, list[str]]:
    found = Catalogue(language).texts
    return {key: [value] if isinstance(value, str) else list(value) for key, value in found.items()}


def test_both_languages_have_the_same_keys() -> None:
    french, english = texts("fr"), texts("en")

    assert sorted(set(french) - set(english)) == []
    assert sorted(set(english) - set(french)) == []
    assert len(french) > 300


def test_both_languages_take_the_same_parameters() -> None:
    french, english = texts("fr"), texts("en")

    different = [
        key
        for key in french
        if set(PARAM.findall(" ".join(french[key]))) != set(PARAM.findall(" ".join(english[key])))
    ]

    assert different == []


@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_text_is_empty_or_defined_twice(language: str) -> None:
    seen: dict[str, str] = {}
    problems = []
    for path in sorted((FOLDER / language).glob("*.po")):
        for message in read_po(BytesIO(path.read_bytes())):
            key = message.id[0] if isinstance(message.id, (list, tuple)) else message.id
            if not key:
                continue
            strings = [message.string] if isinstance(message.string, str) else list(message.string or [""])
            if not all(strings):
                problems.append(f"{path.name}: {key} is empty")
            if key in seen:
                problems.append(f"{path.name}: {key} is also in {seen[key]}")
            seen[key] = path.name

    assert problems == []


RULES = {
    "a no-break space goes before a colon": re.compile(r"[A-Za-zÀ-ÿ»)]( ?)(?<!\u00a0):(?=\s|$)"),
    "no-break spaces go inside quotes": re.compile(r"«[^\u00a0]|[^\u00a0]»"),
    "no space before ; ! ?": re.compile(r"[\s\u00a0\u202f][;!?](?=\s|$)"),
    "a no-break space goes before a per cent sign": re.compile(r"\d(?: |)%(?!\()"),
    "the apostrophe is typographic": re.compile(r"[A-Za-zÀ-ÿ]'[A-Za-zÀ-ÿ]"),
    "no middle dot": re.compile(r"[A-Za-zÀ-ÿ]·[a-zà-ÿ]"),
    "no three full stops": re.compile(r"\.\.\."),
    "no exclamation mark": re.compile(r"!"),
}


@pytest.mark.parametrize("rule", RULES)
def test_french_typography(rule: str) -> None:
    broken = [
        f"{key}: {text[:90]}"
        for key, forms in texts("fr").items()
        for text in forms
        if RULES[rule].search(re.sub(r"https?://\S+|`[^`]*`", "", text))
    ]

    assert broken == []


def test_typography_rules_see_a_fault() -> None:
    for rule, fault in {
        "a no-break space goes before a colon": "Attention : non",
        "no-break spaces go inside quotes": "« mot »",
        "no space before ; ! ?": "Vraiment ?",
        "a no-break space goes before a per cent sign": "92 % des",
        "the apostrophe is typographic": "l'autre",
        "no middle dot": "participant·e",
    }.items():
        assert RULES[rule].search(fault), rule


def test_every_key_in_templates_and_code_exists() -> None:
    known = set(texts("fr"))
    areas = {key.split(".")[0] for key in known}
    sources = [*ROOT.glob("gateway/web/**/*.html"), *ROOT.glob("gateway/web/*.py")]
    pattern = re.compile(
        r"""(?:_|_n|flash\([^,]+,|text\([^,]+,)\(?\s*["']([a-z_]+(?:\.[a-z0-9_-]+)+)["'](?!\s*~)"""
    )
    unknown = [
        f"{path.name}: {key}"
        for path in sources
        for key in pattern.findall(path.read_text())
        if key.split(".")[0] in areas and key not in known
    ]

    assert unknown == []


CODE = ("gateway", "services", "shared")
MADE = re.compile(
    r'f"([a-z_]+\.[^"\n]*\{[^"\n]*)"'  # f"a.{b}.c"
    r"""|["']([a-z_]+(?:\.[\w-]+)*\.)["'](?:\s*~(?:[^~{},\n]+~\s*["']([\w.-]+)["'])?|\s*\+)"""  # 'a.' ~ b ~ '.c'
    r"""|= ["']([a-z_]+\.[\w.]+\.)["']$""",  # START = "a.b."
    re.MULTILINE,
)
PART, SHAPE = r"[\w. -]+", re.compile(r"[\w.\0-]+")


def sources() -> str:
    """All that may use a text, the catalogues and what others wrote left out."""
    files = [
        path
        for area in CODE
        for path in (ROOT / area).rglob("*")
        if path.suffix in (".py", ".html", ".js", ".yaml", ".json")
        and not {"vendor", "__pycache__"} & set(path.parts)
    ]
    return "\n".join(path.read_text() for path in files)


def made_keys(code: str) -> re.Pattern[str]:
    """The keys that code puts together of parts."""
    shapes = set()
    for interpolated, start, end, constant in MADE.findall(code):
        whole = re.sub(r"\{[^{}]*\}", "\0", interpolated) or f"{start or constant}\0{end}"
        whole += "\0" * whole.endswith(".")
        if SHAPE.fullmatch(whole):
            shapes.add(PART.join(re.escape(part) for part in whole.split("\0")))
    return re.compile("|".join(sorted(shapes)))


def test_no_text_is_unused() -> None:
    code = sources()
    used, made = set(KEY.findall(code)), made_keys(code)

    assert [key for key in sorted(texts("fr")) if key not in used and not made.fullmatch(key)] == []


def test_what_follows_a_part_counts_when_looking_for_unused_texts() -> None:
    made = made_keys("""{{ _('a.b.' ~ state ~ '.title') }} say(f"c.{one}.d") START = "e.f."\nX = "e.f."\n""")

    assert [bool(made.fullmatch(key)) for key in ("a.b.open.title", "c.x.d", "e.f.g")] == [True] * 3
    assert [bool(made.fullmatch(key)) for key in ("a.b.here", "c.x.e", "g.x")] == [False] * 3


def test_plural_follows_each_language() -> None:
    key = "today.next.endorsements"

    assert i18n.plural("fr", key, 0) == "0 appui"
    assert i18n.plural("fr", key, 1) == "1 appui"
    assert i18n.plural("fr", key, 2) == "2 appuis"
    assert i18n.plural("en", key, 0) == "0 endorsements"
    assert i18n.plural("en", key, 1) == "1 endorsement"
