"""A certificate as an accessible PDF: tagged, with title and languages, checked against PDF/UA-1 while it is made.

It is a view, like a page: made when it is asked for, from what the courses service holds, and kept nowhere. The same
certificate gives the same bytes, since its date is the one of its issue (see docs/adr/0010-certificates.md).
"""

from __future__ import annotations

import io
import json
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import segno
import typst

from shared import i18n
from shared.i18n import LANGUAGES

TEMPLATE: Final = Path(__file__).parent / "certificate.typ"
MARK: Final = Path(__file__).parents[1] / "web" / "static" / "img" / "mark.svg"
MAX_AIMS: Final = 8
"""Objectives that are listed; a course with more says so."""


def certificate_pdf(certificate: dict[str, Any], address: str) -> bytes:
    """Letter size. `certificate`: an issued CertificateView; `address`: of its public page."""
    inputs = {
        "data": json.dumps(words_of(certificate, address)),
        "mark": MARK.read_text(),
        "qr": _qr(address),
    }
    made: bytes = typst.compile(
        TEMPLATE.read_bytes(), format="pdf", sys_inputs=inputs, pdf_standards=["ua-1"],
        # Only the fonts inside the library: every machine makes the same page.
        ignore_system_fonts=True, timestamp=int(datetime.fromisoformat(certificate["issued_at"]).timestamp()),
    )  # fmt: skip
    return made


def words_of(certificate: dict[str, Any], address: str) -> dict[str, Any]:
    """Everything that is printed."""
    code = certificate["code"]
    return {
        "product": i18n.text("fr", "mails.product"),
        "document_title": " – ".join(i18n.text(one, "certificates.pdf.heading") for one in LANGUAGES)
        + f" – {certificate['holder_name']}",
        "mark_alt": i18n.text("fr", "mails.product"),
        "qr_alt": " / ".join(i18n.text(one, "certificates.pdf.qr") for one in LANGUAGES),
        "holder": certificate["holder_name"],
        "signatory": certificate["signatory_name"],
        "address": address,
        "address_shown": address.partition("://")[2].removesuffix(f"/{code}"),
        "code_shown": grouped(code),
        **{language: _half(certificate, language) for language in LANGUAGES},
    }


def grouped(code: str) -> str:
    """A code as it is read aloud: in fours."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


def _half(certificate: dict[str, Any], language: str) -> dict[str, Any]:
    def say(key: str, **params: Any) -> str:
        return i18n.text(language, f"certificates.pdf.{key}", **params)

    aims = [i18n.pick(language, aim["text"]) for aim in certificate["objectives"]]
    more = len(aims) - MAX_AIMS
    if more > 0:
        aims = [*aims[:MAX_AIMS], i18n.plural(language, "certificates.pdf.more.plural", more)]
    return {
        "heading": say("heading"), "awarded": say("awarded"), "completed": say("completed"),
        "title": i18n.pick(language, certificate["title"]), "facts": _facts(certificate, language),
        "aims_title": say("aims"), "aims": aims, "verify": say("verify"),
        "signatory_title": i18n.pick(language, certificate["signatory_title"]),
    }  # fmt: skip


def _facts(certificate: dict[str, Any], language: str) -> list[str]:
    def day(name: str) -> str:
        return i18n.day(language, datetime.fromisoformat(certificate[name]), "America/Toronto").replace(
            " ", "\u00a0"
        )

    facts = [i18n.text(language, "certificates.pdf.on", date=day("completed_at"))]
    if certificate["hours"]:
        facts.append(hours(certificate["hours"], language))
    if certificate["expires_at"]:
        facts.append(i18n.text(language, "certificates.pdf.until", date=day("expires_at")))
    return facts


def hours(value: float, language: str) -> str:
    """`4,5 heures` / `4.5 hours`."""
    digits = 0 if value == int(value) else 1 if value * 2 == int(value * 2) else 2
    form = (
        "certificates.hours.one" if (value < 2 if language == "fr" else value == 1) else "certificates.hours"
    )
    return i18n.text(language, form, count=i18n.number(language, value, digits))


def _qr(address: str) -> str:
    out = io.BytesIO()
    segno.make(address, error="m").save(out, kind="svg", border=0, dark="#26221d", xmldecl=False)
    return out.getvalue().decode()
