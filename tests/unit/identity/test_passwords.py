from __future__ import annotations

import pytest

from services.identity.domain.common_passwords import COMMON, is_common
from services.identity.domain.passwords import check_password
from services.identity.hashing import Passwords
from services.identity.settings import CHEAP, IdentitySettings
from shared.errors import Invalid, Unavailable


def code_of(password: str, email: str = "maude.fortin@example.ca", name: str = "Maude Fortin") -> str | None:
    try:
        check_password(password, email=email, display_name=name)
    except Invalid as error:
        return error.fields[0].code
    return None


@pytest.mark.parametrize(
    "password",
    ["Password1234!", "motdepasse2026", "p4$$w0rd2026!", "aaaaaaaaaaaa", "ab1ab1ab1ab1", "123456789012",
     "azertyuiop123", "SoleilMontréal", "Bienvenue2026!!", "iloveyou iloveyou", "qwertyuiop[]", "  password  1234"],
)  # fmt: skip
def test_password_that_many_choose_is_refused(password: str) -> None:
    assert code_of(password) == "password-common"


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "x9K!qq72vbLw",
        "une longue phrase calme",
        "éàü 日本語 çœ naïve",
        "a" * 6 + "z8" * 500 + "q",
    ],
)
def test_password_long_and_unusual_is_accepted(password: str) -> None:
    assert code_of(password[:1000]) is None


@pytest.mark.parametrize(
    ("password", "code"),
    [("court", "password-too-short"), ("x9K!qq72vbL", "password-too-short"), ("x9" * 501, "too-long"),
     ("vive Maude  Fortin 77", "password-personal"), ("ma clé MAUDEFORTIN!", "password-personal"),
     ("x9K!qq72\x00vbLw", "bad-character")],
)  # fmt: skip
def test_password_out_of_bounds_or_personal_is_refused(password: str, code: str) -> None:
    assert code_of(password) == code


def test_password_with_a_very_short_name_inside_is_accepted() -> None:
    assert code_of("une rose liée au mur", email="li@example.ca", name="Li") is None


def test_common_list_is_long_enough_to_matter() -> None:
    assert len(COMMON) >= 3000
    assert len([entry for entry in COMMON if len(entry) >= 12]) >= 3000
    assert not is_common("correct horse battery staple")


def test_hash_is_argon2id_with_the_parameters_of_rfc_9106() -> None:
    encoded = Passwords(IdentitySettings(_env_file=None)).hash("x9K!qq72vbLw")  # type: ignore[call-arg]
    assert encoded.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def cheap(**more: object) -> Passwords:
    return Passwords(IdentitySettings(_env_file=None).model_copy(update=CHEAP | more))  # type: ignore[call-arg]


def test_hash_of_older_parameters_is_renewed() -> None:
    old, new = cheap(), cheap(argon2_time=2)
    encoded = old.hash("x9K!qq72vbLw")
    assert old.renew(encoded, "x9K!qq72vbLw") is None
    renewed = new.renew(encoded, "x9K!qq72vbLw")
    assert renewed is not None
    assert new.verify(renewed, "x9K!qq72vbLw")


def test_verify_without_an_account_or_with_a_broken_hash_is_false() -> None:
    passwords = cheap()
    assert passwords.verify(None, "x9K!qq72vbLw") is False
    assert passwords.verify("not a hash", "x9K!qq72vbLw") is False
    assert passwords.verified == 2


def test_hash_when_all_turns_are_taken_is_unavailable() -> None:
    passwords = cheap(argon2_concurrent=1, argon2_wait=0.01)
    with passwords._turn(), pytest.raises(Unavailable) as refused:
        passwords.hash("x9K!qq72vbLw")
    assert refused.value.retry_after == 2
    assert passwords.verify(passwords.hash("x9K!qq72vbLw"), "x9K!qq72vbLw")
