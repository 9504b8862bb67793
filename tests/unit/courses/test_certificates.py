from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from joserfc.jwk import RSAKey
from openbadgeslib.ob3 import OB3VerificationError, OB3Verifier

from services.courses.domain import badges
from services.courses.domain.certificates import new_code, read_code
from shared.actor import VISITOR
from shared.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from tests.unit.courses.support import Desk, View, pair

SIGNED: View = {
    "enabled": True, "hours": 4.5, "signatory_name": "Hélène Roy", "signatory_title": pair("Director"),
    "expires_months": 24,
}  # fmt: skip
IDENTITY = {"salt": "0123456789abcdef", "hash": "a" * 64}


def completed(desk: Desk, *, on: bool = True, **settings: Any) -> View:
    """A published course that the learner has completed; certificates as in SIGNED."""
    course = desk.draft("text")
    if on:
        desk.ask(
            "set_certificate_settings", course_id=course["id"], version=desk.version(course["id"]),
            **{**SIGNED, **settings},
        )  # fmt: skip
    desk.publish(course)
    desk.ask("mark_viewed", desk.learner, activity_id=course["activities"][0])
    return course


def issued(desk: Desk, **settings: Any) -> View:
    course = completed(desk, **settings)
    found: View = desk.ask(
        "issue_certificate", desk.learner, course_id=course["id"], holder_name="Maude Fortin"
    )
    return found


def test_completion_earns_a_certificate_that_its_holder_issues_with_a_name_of_their_choice(
    desk: Desk,
) -> None:
    course = completed(desk)
    mine = desk.ask("get_my_certificate", desk.learner, course_id=course["id"])
    assert mine["can_issue"] is True
    assert mine["certificate"]["status"] == "to-issue"
    assert mine["certificate"]["holder_name"] is None
    found = desk.ask(
        "issue_certificate", desk.learner, course_id=course["id"], holder_name="  Maude  Fortin "
    )
    assert found["status"] == "valid"
    assert found["holder_name"] == "Maude  Fortin"
    assert found["hours"] == 4.5
    assert found["objectives"][0]["need_id"] == desk.need_id
    with pytest.raises(Conflict, match="certificate-issued"):
        desk.ask("issue_certificate", desk.learner, course_id=course["id"], holder_name="Another Name")


def test_what_a_certificate_says_stays_when_the_course_changes(desk: Desk) -> None:
    found = issued(desk)
    version = desk.version(found["course_id"])
    desk.ask(
        "update_course",
        course_id=found["course_id"],
        version=version,
        title=pair("Renamed"),
        summary=pair("S"),
    )
    checked = desk.ask("check_certificate", VISITOR, code=found["code"])
    assert checked["title"] == pair("Course")


def test_no_certificate_before_completion_or_where_the_course_gives_none(desk: Desk) -> None:
    course = desk.publish(desk.draft("text"))
    with pytest.raises(Conflict, match="no-certificate"):
        desk.ask("issue_certificate", desk.learner, course_id=course["id"], holder_name="Maude")
    other = completed(desk, on=False)
    with pytest.raises(Conflict, match="no-certificate"):
        desk.ask("issue_certificate", desk.learner, course_id=other["id"], holder_name="Maude")
    with pytest.raises(NotFound):
        desk.ask(
            "issue_certificate", desk.harness.actor("learner"), course_id=other["id"], holder_name="Maude"
        )


def test_who_completed_before_certificates_were_switched_on_gets_one_too(desk: Desk) -> None:
    course = completed(desk, on=False)
    desk.ask("set_certificate_settings", course_id=course["id"], version=desk.version(course["id"]), **SIGNED)
    found = desk.ask("issue_certificate", desk.learner, course_id=course["id"], holder_name="Maude Fortin")
    assert found["status"] == "valid"


def test_anybody_with_the_whole_code_may_check_and_nobody_with_less(desk: Desk) -> None:
    found = issued(desk)
    spaced = "-".join([found["code"][:6].lower(), found["code"][6:]])
    checked = desk.ask("check_certificate", VISITOR, code=spaced)
    assert (checked["status"], checked["holder_name"], checked["mine"]) == ("valid", "Maude Fortin", False)
    assert "account_id" not in checked
    for code in (found["code"][:-1], new_code(), "", " ", found["id"], "x" * 26):
        with pytest.raises((NotFound, Invalid)):
            desk.ask("check_certificate", VISITOR, code=code)


def test_expiry_is_counted_in_calendar_months_from_completion(desk: Desk) -> None:
    found = issued(desk, expires_months=1)
    assert desk.ask("check_certificate", VISITOR, code=found["code"])["status"] == "valid"
    desk.harness.clock.advance(timedelta(days=32))
    assert desk.ask("check_certificate", VISITOR, code=found["code"])["status"] == "expired"


def test_revocation_hides_name_and_reason_from_the_public_and_tells_the_holder(desk: Desk) -> None:
    found = issued(desk)
    with pytest.raises(Forbidden):
        desk.ask("revoke_certificate", desk.learner, certificate_id=found["id"], reason="Mine")
    with pytest.raises(NotFound):
        desk.ask(
            "revoke_certificate", desk.harness.actor("trainer"), certificate_id=found["id"], reason="Not mine"
        )
    desk.ask("revoke_certificate", certificate_id=found["id"], reason="Wrong person")
    with pytest.raises(Conflict, match="certificate-revoked"):
        desk.ask("revoke_certificate", certificate_id=found["id"], reason="Twice")
    checked = desk.ask("check_certificate", VISITOR, code=found["code"])
    assert (checked["status"], checked["holder_name"]) == ("revoked", None)
    assert "Wrong person" not in json.dumps(checked)
    assert desk.ask("get_certificate", desk.learner, code=found["code"])["reason"] == "Wrong person"
    with pytest.raises(Conflict, match="certificate-revoked"):
        desk.ask("issue_certificate", desk.learner, course_id=found["course_id"], holder_name="Again")


def test_a_certificate_made_again_replaces_the_first_and_lets_the_name_be_corrected(desk: Desk) -> None:
    first = issued(desk)
    fresh = desk.ask("reissue_certificate", certificate_id=first["id"])
    assert (fresh["status"], fresh["code"]) == ("to-issue", None)
    second = desk.ask(
        "issue_certificate", desk.learner, course_id=first["course_id"], holder_name="Maude Fortin-Roy"
    )
    assert second["code"] != first["code"]
    assert desk.ask("check_certificate", VISITOR, code=first["code"])["status"] == "revoked"
    assert desk.ask("check_certificate", VISITOR, code=second["code"])["holder_name"] == "Maude Fortin-Roy"
    with pytest.raises(Conflict, match="certificate-not-issued"):
        desk.ask("reissue_certificate", certificate_id=first["id"])
    listed = desk.ask("list_course_certificates", course_id=first["course_id"])["items"]
    assert [one["status"] for one in listed] == ["valid", "revoked"]
    assert len(desk.ask("list_my_certificates", desk.learner, limit=1)["items"]) == 1


def test_settings_need_a_signatory_quarters_of_hours_and_the_version_that_was_seen(desk: Desk) -> None:
    course = desk.draft("text")
    version = desk.version(course["id"])
    for wrong in (
        {"signatory_name": ""},
        {"hours": 1.1},
        {"hours": 0},
        {"expires_months": 0},
        {"hours": "NaN"},
    ):
        with pytest.raises(Invalid):
            desk.ask(
                "set_certificate_settings", course_id=course["id"], version=version, **{**SIGNED, **wrong}
            )
    with pytest.raises(Stale):
        desk.ask("set_certificate_settings", course_id=course["id"], version=version + 5, **SIGNED)
    with pytest.raises(Forbidden):
        desk.ask(
            "set_certificate_settings", desk.coordinator, course_id=course["id"], version=version, **SIGNED
        )
    desk.ask("set_certificate_settings", course_id=course["id"], version=version, **SIGNED)
    found = desk.ask("get_certificate_settings", desk.coordinator, course_id=course["id"])
    assert found["hours"] == 4.5
    assert found["can_edit"] is False
    with pytest.raises(NotFound):
        desk.ask("get_certificate_settings", desk.learner, course_id=course["id"])


def test_no_event_and_no_row_of_the_outbox_holds_the_name(desk: Desk) -> None:
    issued(desk)
    assert "Fortin" not in str(desk.harness.events("courses"))


def test_codes_are_long_and_look_alikes_are_read_as_meant() -> None:
    codes = {new_code() for _ in range(200)}
    assert len(codes) == 200
    assert all(len(code) == 26 and read_code(code) == code for code in codes)
    assert read_code("oil" + "0" * 23) == "011" + "0" * 23
    assert read_code("U" * 26) == ""


# ------------------------------------------------------------------ badges, by an independent verifier


def badge_of(desk: Desk, found: View) -> str:
    return str(desk.ask("get_badge", desk.learner, code=found["code"], identity=IDENTITY)["credential"])


def verifier_of(desk: Desk) -> OB3Verifier:
    """Knows nothing but the platform's published DID document."""
    issuer = desk.ask("badge_issuer", VISITOR)
    key = RSAKey.import_key(issuer["did"]["verificationMethod"][0]["publicKeyJwk"])
    return OB3Verifier(key.as_pem(private=False))


def fetcher(desk: Desk) -> Any:
    """What the verifier downloads: the status list, from the service."""

    def download(address: str, *_: Any, **__: Any) -> bytes:
        assert address.endswith("/badges/status")
        return str(desk.ask("badge_status", VISITOR)["credential"]).encode()

    return download


@pytest.fixture
def https_desk(desk: Desk) -> Iterator[Desk]:
    """A status list is only fetched over HTTPS. The verifier's clock is the platform's."""
    update = {"public_url": "https://cercle.example.ca"}
    desk.service.settings = desk.service.settings.model_copy(update=update)
    desk.service.settings.__dict__.pop("main_origin", None)
    with time_machine.travel(desk.harness.clock.now()):
        yield desk


def test_a_badge_verifies_with_an_independent_library(https_desk: Desk) -> None:
    found = issued(https_desk)
    known = verifier_of(https_desk).verify(badge_of(https_desk, found))
    assert known.issuer.id == "did:web:cercle.example.ca"
    assert known.achievement.name == "Course (en)"
    assert known.achievement.credits_available == 4.5
    assert known.achievement.alignments[0].target_url.endswith(f"/needs/{https_desk.need_id}")
    assert known.identifiers[0].identity_hash == "sha256$" + "a" * 64
    assert "Maude" not in json.dumps(known.raw)
    assert str(https_desk.learner.account_id) not in json.dumps(known.raw)


def test_a_changed_badge_and_a_foreign_key_are_refused(desk: Desk) -> None:
    found = issued(desk)
    head, body, mark = badge_of(desk, found).split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    claims["name"] = "Another course"
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    with pytest.raises(OB3VerificationError):
        verifier_of(desk).verify(f"{head}.{forged}.{mark}")
    with pytest.raises(OB3VerificationError):
        OB3Verifier(badges.new_key().as_pem(private=False)).verify(badge_of(desk, found))


def test_an_independent_verifier_sees_the_revocation(https_desk: Desk) -> None:
    desk = https_desk
    found = issued(desk)
    token, verifier = badge_of(desk, found), verifier_of(desk)
    verifier.verify(token, check_status=True, download=fetcher(desk))
    desk.ask("revoke_certificate", certificate_id=found["id"], reason="Wrong person")
    with pytest.raises(OB3VerificationError, match="is set at index 0"):
        verifier.verify(token, check_status=True, download=fetcher(desk))
    with pytest.raises(NotFound):
        badge_of(desk, found)


def test_the_published_keys_have_no_private_half(desk: Desk) -> None:
    issued(desk)
    found = desk.ask("badge_issuer", VISITOR)
    for key in (*found["jwks"]["keys"], found["did"]["verificationMethod"][0]["publicKeyJwk"]):
        assert not {"d", "p", "q", "dp", "dq", "qi"} & key.keys()


def test_another_person_does_not_get_the_badge(desk: Desk) -> None:
    found = issued(desk)
    for actor in (desk.trainer, desk.admin, desk.harness.actor("learner")):
        with pytest.raises(NotFound):
            desk.ask("get_badge", actor, code=found["code"], identity=IDENTITY)


def test_the_status_list_grows_past_its_smallest_size() -> None:
    size = badges.STATUS_BITS + 9
    document = badges.status_list("https://x.example", [0, size - 1], size, datetime.now(UTC))
    packed = document["credentialSubject"]["encodedList"][1:]
    bits = gzip.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    assert bits[0] == 0x80
    assert bits[(size - 1) // 8] == 0x80 >> ((size - 1) % 8)


def test_two_people_get_different_places_in_the_status_list(desk: Desk) -> None:
    first = issued(desk)
    other = desk.harness.actor("learner")
    desk.ask("enrol", other, course_id=first["course_id"])
    activity = desk.ask("get_course", course_id=first["course_id"])["modules"][0]["units"][0]["activities"][0]
    desk.ask("mark_viewed", other, activity_id=activity["id"])
    second = desk.ask("issue_certificate", other, course_id=first["course_id"], holder_name="Other Person")
    desk.ask("revoke_certificate", certificate_id=second["id"], reason="Wrong person")
    token = desk.ask("badge_status", VISITOR)["credential"]
    body = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    packed = body["credentialSubject"]["encodedList"][1:]
    assert gzip.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))[0] == 0x40
