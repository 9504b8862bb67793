"""The demo's mailbox: mails land in a table and are shown on a page."""

from __future__ import annotations

from services.notifications.channels.mail import Mail
from services.notifications.tables import mailbox
from shared.actor import system_actor
from shared.db.dialect import insert_new
from shared.db.tx import Database
from shared.ids import new_id


class MailboxChannel:
    """Writes the mail beside the deliveries."""

    needs_address = False
    slow = False

    def __init__(self, db: Database) -> None:
        self._db = db

    def send(self, mail: Mail) -> str:
        """See Channel.send. A mail that is sent again after a crash is there once all the same."""
        with self._db.tx(system_actor(self._db.source)) as tx:
            values = {
                "id": new_id(), "delivery_id": mail.delivery_id, "account_id": mail.contact.account_id,
                "language": mail.contact.language, "subject": mail.subject, "text": mail.text, "html": mail.html,
                "at": tx.now,
            }  # fmt: skip
            insert_new(tx.session, mailbox, values)
        return f"mailbox:{mail.delivery_id}"

    def rest(self) -> None:
        """Nothing to let go of."""
