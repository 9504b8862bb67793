"""Open Badges 3.0 (1EdTech) as VC-JWT: the documents, and the signature around them.

The issuer is a `did:web`, so that a verifier finds the key under the platform's own host name; RS256 is the algorithm
that every Open Badges verifier must know. Revocation is a Bitstring Status List (W3C), signed with the same key.
"""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from services.courses.domain.certificates import Certificate

Document = dict[str, Any]
ALGORITHM: Final = "RS256"
VC = "https://www.w3.org/ns/credentials/v2"
OB = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
SCHEMA = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
STATUS_BITS: Final = 131_072
"""The smallest list that the specification allows, so that one certificate hides among many."""
LIST_LIFE = timedelta(hours=24)


def new_key() -> RSAKey:
    """A private key."""
    return RSAKey.generate_key(2048, auto_kid=True)


def issuer_id(origin: str) -> str:
    """The platform's DID, from its address."""
    return f"did:web:{quote(urlsplit(origin).netloc, safe='')}"


def did_document(origin: str, keys: Iterable[Mapping[str, Any]]) -> Document:
    """What `/.well-known/did.json` says: who we are and which public keys are ours, the newest first."""
    did = issuer_id(origin)
    methods = [
        {
            "id": f"{did}#{key['kid']}",
            "type": "JsonWebKey2020",
            "controller": did,
            "publicKeyJwk": public(key),
        }
        for key in keys
    ]
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/suites/jws-2020/v1"],
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }


def public(key: Mapping[str, Any]) -> Document:
    """The public half of a key."""
    half: Document = RSAKey.import_key(dict(key)).as_dict(private=False)
    return half | {"use": "sig", "alg": ALGORITHM}


def profile(origin: str) -> Document:
    """The issuer as Open Badges describes it."""
    return {"id": issuer_id(origin), "type": ["Profile"], "name": "Cercle", "url": origin}


def achievement(origin: str, certificate: Certificate, language: str) -> Document:
    """What was achieved, with what one had to do and the needs behind the objectives."""
    aims = [_said(aim["text"], language) for aim in certificate.objectives]
    narrative = {
        "fr": "Avoir complété toutes les activités du cours. Objectifs\u00a0:",
        "en": "Completed every activity of the course. Objectives:",
    }[language]
    title = _said(certificate.title, language)
    found: Document = {
        "id": f"{origin}/courses/{certificate.course_id}",
        "type": ["Achievement"],
        "achievementType": "Course",
        "inLanguage": f"{language}-CA",
        "name": title,
        "description": "; ".join(aims) or title,
        "criteria": {"narrative": "\n".join([narrative, *(f"- {aim}" for aim in aims)])},
        "alignment": [
            {"type": ["Alignment"], "targetName": aim, "targetUrl": f"{origin}/needs/{one['need_id']}"}
            for one, aim in zip(certificate.objectives, aims, strict=True)
            if one.get("need_id")
        ],
    }
    if not found["alignment"]:
        del found["alignment"]
    return found | ({"creditsAvailable": certificate.hours} if certificate.hours else {})


def _said(pair: Mapping[str, str], language: str) -> str:
    return pair.get(language) or pair["en" if language == "fr" else "fr"]


def credential(origin: str, certificate: Certificate, identity: Mapping[str, str], language: str) -> Document:
    """The credential of an issued certificate. `identity` {salt, hash}: of the holder's address, never the address."""
    issued = certificate.issued_at or certificate.completed_at
    found: Document = {
        "@context": [VC, OB],
        "id": f"{origin}/certificates/{certificate.code}",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": _said(certificate.title, language),
        "issuer": profile(origin),
        "validFrom": _instant(issued),
        "credentialSubject": {
            "id": f"urn:uuid:{certificate.id}",
            "type": ["AchievementSubject"],
            "identifier": [
                {
                    "type": "IdentityObject", "hashed": True, "identityType": "emailAddress",
                    "identityHash": f"sha256${identity['hash']}", "salt": identity["salt"],
                }
            ],
            "achievement": achievement(origin, certificate, language),
        },
        "credentialSchema": [{"id": SCHEMA, "type": "1EdTechJsonSchemaValidator2019"}],
        "credentialStatus": {
            "id": f"{status_address(origin)}#{certificate.status_index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": str(certificate.status_index),
            "statusListCredential": status_address(origin),
        },
    }  # fmt: skip
    if certificate.expires_at:
        found["validUntil"] = _instant(certificate.expires_at)
    return found


def status_address(origin: str) -> str:
    """Where the status list is."""
    return f"{origin}/badges/status"


def status_list(origin: str, revoked: Iterable[int], size: int, now: datetime) -> Document:
    """One bit for each of `size` certificates, set when it was revoked (W3C Bitstring Status List 1.0)."""
    bits = bytearray(max(STATUS_BITS, size + 7) // 8)
    for index in revoked:
        bits[index // 8] |= 0x80 >> (index % 8)
    packed = base64.urlsafe_b64encode(gzip.compress(bytes(bits), mtime=0)).decode().rstrip("=")
    address = status_address(origin)
    return {
        "@context": [VC],
        "id": address,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer_id(origin),
        "validFrom": _instant(now),
        "validUntil": _instant(now + LIST_LIFE),
        "credentialSubject": {
            "id": f"{address}#list", "type": "BitstringStatusList", "statusPurpose": "revocation",
            "encodedList": f"u{packed}",
        },
    }  # fmt: skip


def signed(document: Document, key: Mapping[str, Any], origin: str) -> str:
    """A compact VC-JWT: the credential is the payload, with the registered claims beside it (OB 3.0, 8.2.4.1)."""
    claims = document | {
        "iss": issuer_id(origin),
        "jti": document["id"],
        "nbf": _seconds(document["validFrom"]),
    }
    if subject := document["credentialSubject"].get("id"):
        claims["sub"] = subject
    if "validUntil" in document:
        claims["exp"] = _seconds(document["validUntil"])
    header = {"alg": ALGORITHM, "typ": "JWT", "kid": f"{issuer_id(origin)}#{key['kid']}"}
    return jwt.encode(header, claims, RSAKey.import_key(dict(key)), algorithms=[ALGORITHM])


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _seconds(instant: str) -> int:
    return int(datetime.fromisoformat(instant).timestamp())
