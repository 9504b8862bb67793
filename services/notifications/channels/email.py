"""A real SMTP exchange (RFC 5321), with one-click unsubscription (RFC 8058)."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime, formataddr, parseaddr
from typing import Any

from services.notifications.channels.channel import Busy, Down, Refused
from services.notifications.channels.mail import Mail
from shared.clock import Clock
from shared.config import Settings

TIMEOUT = 10.0
"""Seconds for each step of the exchange."""
SENDER = "Cercle"


class SmtpChannel:
    """Keeps one connection for the mails of one run; not for several threads at once."""

    needs_address = True
    slow = True

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._smtp: smtplib.SMTP | None = None

    def send(self, mail: Mail) -> str:
        """See Channel.send; the answer is the Message-ID."""
        message = _message(mail, self._settings.mail_from)
        message["Date"] = format_datetime(self._clock.now())
        try:
            self._connection().send_message(message)
        except smtplib.SMTPException as error:
            self._reset(error)
            raise _meaning(error) from None
        except OSError:
            self.rest()
            raise Down from None
        return str(message["Message-ID"])

    def rest(self) -> None:
        """Say goodbye."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            _quit(smtp)

    def _connection(self) -> smtplib.SMTP:
        if self._smtp is None:
            self._smtp = self._connect()
        return self._smtp

    def _connect(self) -> smtplib.SMTP:
        given, context = self._settings, ssl.create_default_context()
        kind: Any = smtplib.SMTP
        more: dict[str, Any] = {}
        if given.smtp_tls == "tls":
            kind, more = smtplib.SMTP_SSL, {"context": context}
        smtp: smtplib.SMTP = kind(given.smtp_host, given.smtp_port, timeout=TIMEOUT, **more)
        try:
            if given.smtp_tls == "starttls":
                smtp.starttls(context=context)
            if given.smtp_user:
                smtp.login(given.smtp_user, given.smtp_password.get_secret_value())
        except (smtplib.SMTPException, OSError):
            _quit(smtp)
            raise
        return smtp

    def _reset(self, error: smtplib.SMTPException) -> None:
        """After a refusal the same connection goes on; after anything else a new one begins."""
        if not isinstance(error, smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError):
            self.rest()


def _quit(smtp: smtplib.SMTP) -> None:
    try:
        smtp.quit()
    except (smtplib.SMTPException, OSError):
        smtp.close()


def message_of(mail: Mail, sender: str) -> EmailMessage:
    """The message with all its headers but the date."""
    message = EmailMessage(policy=WIRE)
    address = parseaddr(sender)[1]
    message["From"] = formataddr((SENDER, address))
    message["To"] = mail.contact.address
    message["Subject"] = mail.subject
    message["Message-ID"] = f"<{mail.delivery_id}@{address.partition('@')[2] or 'localhost'}>"
    message["Auto-Submitted"] = "auto-generated"
    message["List-Unsubscribe"] = f"<{mail.unsubscribe_url}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    message["Content-Language"] = f"{mail.contact.language}-CA"  # at the end, or it moves into the first part
    return message


def _message(mail: Mail, sender: str) -> EmailMessage:
    try:
        return message_of(mail, sender)
    except ValueError:  # an address that no header can hold
        raise Refused("bad-address") from None


def _meaning(error: smtplib.SMTPException) -> Exception:
    """A refusal of this mail is final when its code is 5xx (RFC 5321, 4.2.1); a refusal of us is not its fault."""
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Refused("address-not-supported")
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = next(iter(error.recipients.values()))[0]
        return Refused(f"recipient-refused-{code}") if code >= 500 else Busy()
    if isinstance(error, smtplib.SMTPDataError):
        return Refused(f"message-refused-{error.smtp_code}") if error.smtp_code >= 500 else Busy()
    return Down()
