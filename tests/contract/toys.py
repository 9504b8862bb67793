"""Two toy services with every kind of entrypoint: what both buses must carry in the same way."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, Integer, String, Table, Uuid, func, select

from shared.actor import KeyFolder
from shared.clock import SystemClock
from shared.config import Settings
from shared.contracts.base import DomainEvent
from shared.db.tx import Tx
from shared.db.types import new_metadata
from shared.errors import CercleError, Conflict, FieldProblem, Invalid, NotFound, TooMany
from shared.ids import new_id
from shared.messaging.bus import Call
from shared.messaging.entrypoints import command, every, on_event, query, rpc
from shared.messaging.envelope import Envelope
from shared.messaging.service import Service
from shared.messaging.tables import messaging_tables
from shared.storage import make_storage

NAMES = ("alpha", "beta")
alpha_metadata, beta_metadata = new_metadata(), new_metadata()
things = Table(
    "things",
    alpha_metadata,
    Column("id", Uuid, primary_key=True),
    Column("label", String(100), nullable=False),
)
effects = Table(
    "effects",
    beta_metadata,
    Column("row", Integer, primary_key=True, autoincrement=True),
    Column("thing_id", Uuid, nullable=False),
    Column("label", String(100), nullable=False),
)


@dataclass(frozen=True, slots=True)
class ThingAdded(DomainEvent):
    type: ClassVar[str] = "alpha.thing.added.v1"
    thing_id: UUID
    label: str


class LabelTaken(Conflict):
    code = "label-taken"


class ToyService(Service):
    folder = Path(__file__).parent

    def migrate(self) -> None:
        self.tables.outbox.metadata.create_all(self.db.engine)


class AlphaService(ToyService):
    name = "alpha"
    tables = messaging_tables(alpha_metadata)

    @command
    def add(self, tx: Tx, call: Call) -> dict[str, Any]:
        thing, label = new_id(), call.payload["label"]
        tx.session.execute(things.insert().values(id=thing, label=label))
        tx.publish(ThingAdded(thing, label), subject=thing)
        return {"id": str(thing), "label": label}

    @command
    def add_then_fail(self, tx: Tx, call: Call) -> dict[str, Any]:
        self.add(tx, call)
        raise LabelTaken(label=call.payload["label"])

    @query
    def count(self, tx: Tx, call: Call) -> dict[str, Any]:
        total = select(func.count()).select_from(things).where(things.c.label == call.payload["label"])
        return {"count": tx.session.execute(total).scalar_one()}

    @query
    def echo(self, tx: Tx, call: Call) -> dict[str, Any]:
        return {"payload": call.payload, "account": str(call.actor.account_id), "system": call.actor.system}

    @query
    def refuse(self, tx: Tx, call: Call) -> dict[str, Any]:
        errors: dict[str, CercleError] = {
            "invalid": Invalid(fields=[FieldProblem("items.2", "too-long", {"max": 5})]),
            "hidden": NotFound(),
            "later": TooMany(retry_after=7),
            "taken": LabelTaken(label="a"),
        }
        raise errors[call.payload["how"]]

    @query
    def bug(self, tx: Tx, call: Call) -> dict[str, Any]:
        raise RuntimeError("a bug, whose words stay inside")

    @rpc
    def slow_add(self, call: Call) -> dict[str, Any]:
        time.sleep(call.payload["seconds"])
        with self.tx(call) as tx:
            return self.add(tx, call)

    @every(seconds=0.5)
    def tick(self) -> None:
        with self.db.engine.begin() as connection:
            connection.execute(things.insert().values(id=new_id(), label="tick"))


_tries: Counter[UUID] = Counter()


class BetaService(ToyService):
    name = "beta"
    tables = messaging_tables(beta_metadata)

    @on_event(ThingAdded.type)
    def on_thing_added(self, tx: Tx, envelope: Envelope) -> None:
        event = ThingAdded.from_data(envelope.data)
        tx.session.execute(effects.insert().values(thing_id=event.thing_id, label=event.label))
        _tries[envelope.id] += 1
        if event.label.startswith("always-fails") or (
            event.label.startswith("fails-once") and _tries[envelope.id] == 1
        ):
            raise RuntimeError("not today")

    @query
    def count_effects(self, tx: Tx, call: Call) -> dict[str, Any]:
        total = select(func.count()).select_from(effects).where(effects.c.label == call.payload["label"])
        return {"count": tx.session.execute(total).scalar_one()}

    @rpc
    def ask_alpha(self, call: Call) -> dict[str, Any]:
        answer: dict[str, Any] = self.ask("alpha", "echo", {"from": "beta"})
        return answer


CLASSES: dict[str, type[ToyService]] = {"alpha": AlphaService, "beta": BetaService}


def build_toy(name: str, settings: Settings) -> ToyService:
    keys = KeyFolder(settings.keys_folder)
    return CLASSES[name](
        settings, SystemClock(), make_storage(settings), keys.verifier(name), keys.signer(name)
    )
