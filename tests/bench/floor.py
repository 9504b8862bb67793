"""The floor: plain Flask on the product's server, the same SQL, and nothing else.

uvicorn and a2wsgi with 40 threads as in the product; a driver's connection per thread and database; no
authentication, no validation, no broker, no outbox, no services. It answers the rows that it found.
"""

from __future__ import annotations

import argparse
import pickle
import sqlite3
import threading
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
import uvicorn
from a2wsgi import WSGIMiddleware
from flask import Flask, json, jsonify, render_template_string, request

from gateway.app import THREADS
from tests.bench.recording import Recording, Statement, Transaction

STATIC = Path(__file__).parents[2] / "gateway" / "web" / "static"
PAGE = """<!doctype html><html lang="fr"><title>Floor</title><main>{% for row in found %}
<article><h2>{{ loop.index }}</h2>{% for value in row %}<p>{{ value }}</p>{% endfor %}</article>{% endfor %}</main>"""
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=10000",
    "secure_delete=ON",
)
Swaps = Mapping[Any, Any]
Rows = list[Any]


class Databases:
    """One connection per thread and database."""

    def __init__(self, template: str) -> None:
        self._template = template
        self._local = threading.local()

    def run(self, transaction: Transaction, swaps: Swaps) -> Rows:
        """Execute a transaction and commit it; every row found."""
        cursor = self._connection(transaction.service).cursor()
        immediate = transaction.writes and self._template.startswith("sqlite")
        cursor.execute("BEGIN IMMEDIATE" if immediate else "BEGIN")
        try:
            found = [
                row for statement in transaction.statements for row in _execute(cursor, statement, swaps)
            ]
        except BaseException:
            cursor.execute("ROLLBACK")
            raise
        cursor.execute("COMMIT" if transaction.writes else "ROLLBACK")
        return found

    def _connection(self, service: str) -> Any:
        found = getattr(self._local, service, None)
        if found is None:
            found = _connect(self._template.replace("{service}", service))
            setattr(self._local, service, found)
        return found


def _connect(url: str) -> Any:
    if not url.startswith("sqlite:"):
        return psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True)
    connection = sqlite3.connect(
        url.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False
    )
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _execute(cursor: Any, statement: Statement, swaps: Swaps) -> Rows:
    if statement.many:
        cursor.executemany(statement.sql, [_swapped(row, swaps) for row in statement.parameters])
    else:
        cursor.execute(statement.sql, _swapped(statement.parameters, swaps))
    return list(cursor.fetchall()) if cursor.description else []


def _swapped(parameters: Any, swaps: Swaps) -> Any:
    if isinstance(parameters, Mapping):
        return {name: _other(value, swaps) for name, value in parameters.items()}
    return tuple(_other(value, swaps) for value in parameters)


def _other(value: Any, swaps: Swaps) -> Any:
    return swaps.get(value, value) if isinstance(value, str | uuid.UUID) else value


def swaps_for(recording: Recording, body: dict[str, Any], ids: Mapping[str, str]) -> Swaps:
    """Ids of the recording -> ids of this request, as text without dashes (SQLite) and as UUIDs (PostgreSQL).

    ids: pairs from the address; besides, a new response's id and a statement's id. The items that a response is about
    stay those of the recording: they cost the database the same.
    """
    recorded = json.loads(recording.body) if recording.body else {}
    pairs = dict(ids)
    if "answers" in body and ids:
        pairs |= {id_: str(uuid.uuid4()) for id_ in _made(recording)}
    if "statement" in body:
        pairs[recorded["statement"]["id"]] = body["statement"]["id"]
    both = [(uuid.UUID(old), uuid.UUID(new)) for old, new in pairs.items()]
    return dict(both) | {old.hex: new.hex for old, new in both}


def _made(recording: Recording) -> list[str]:
    """Ids of the responses that the recording inserts."""
    every = [statement for transaction in recording.transactions for statement in transaction.statements]
    rows = [s.parameters for s in every if s.sql.startswith("INSERT INTO responses (id,")]
    return [str(row["id"] if isinstance(row, Mapping) else row[0]) for row in rows]


def create_floor(recordings: dict[str, list[Recording]], template: str) -> Flask:
    """The application: /healthz, /static/<file>, and /floor/<request>/<variant> for every recording."""
    app = Flask("floor", static_folder=str(STATIC), static_url_path="/static")
    databases = Databases(template)

    @app.get("/healthz")
    def healthz() -> Any:
        return jsonify(status="ok")

    @app.route("/floor/<name>/<int:variant>", methods=["GET", "POST", "PUT"])
    def replay(name: str, variant: int) -> Any:
        recording = recordings[name][variant]
        body = request.get_json() if request.content_length else {}
        swaps = swaps_for(recording, body, request.args)
        found = [row for transaction in recording.transactions for row in databases.run(transaction, swaps)]
        if name == "today":
            return render_template_string(PAGE, found=found)
        rows = [[_plain(value) for value in row] for row in found]
        return jsonify(rows=rows), 201 if name == "response" else 200

    return app


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | dict | list | None) else str(value)


def main() -> None:
    """Serve the recordings of a file made by the bench."""
    given = argparse.ArgumentParser()
    given.add_argument("--plan", type=Path)
    given.add_argument("--port", type=int)
    options = given.parse_args()
    recordings, template = pickle.loads(options.plan.read_bytes())
    app = WSGIMiddleware(create_floor(recordings, template).wsgi_app, workers=THREADS)  # type: ignore[arg-type]
    uvicorn.run(app, port=options.port, lifespan="off", log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
