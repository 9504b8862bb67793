"""Makes the secrets of a docker-compose installation, once: passwords, addresses, signing keys.

Run by the one-shot container `setup`; every container then mounts the one folder that is its own. What exists is
left alone, so a second run changes nothing.

    python deploy/make_secrets.py /secrets

    /secrets/rabbitmq/definitions.json    users, rights and exchanges, loaded by the broker at its start
    /secrets/postgres/init.sql, password  roles and databases, run by PostgreSQL at its first start
    /secrets/<name>/rabbitmq-url, database-url, keys/      one folder per process
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sys
from pathlib import Path

from shared.actor import GATEWAY, KeyFolder
from shared.config import SERVICES
from shared.messaging.provision import RELAY, RELAY_ROLE, definitions, new_passwords

CERCLE_UID = 10001
DONE = "made"


def make(root: Path) -> bool:
    """Write everything below `root`; False when it was there already."""
    if (root / DONE).exists():
        return False
    broker, database = new_passwords(), new_passwords()
    admin = secrets.token_urlsafe(24)
    _write(root / "rabbitmq" / "definitions.json", json.dumps(definitions(broker), indent=2), 0o644)
    _write(root / "postgres" / "password", admin, 0o644)
    _write(root / "postgres" / "init.sql", init_sql(database), 0o644)
    for name in (GATEWAY, RELAY, *SERVICES):
        _write(root / name / "rabbitmq-url", f"amqp://{name}:{broker[name]}@rabbitmq:5672/%2F", 0o400)
    for name in SERVICES:
        _write(root / name / "database-url", _database_url(f"cercle_{name}", database[name], name), 0o400)
    _write(root / RELAY / "database-url", _database_url(RELAY_ROLE, database[RELAY], "{service}"), 0o400)
    _share_keys(root)
    _write(root / DONE, "", 0o400)
    return True


def init_sql(passwords: dict[str, str]) -> str:
    """Roles and databases: each role may enter its own database, the relay's role may connect to all."""
    lines = [f"CREATE ROLE {RELAY_ROLE} LOGIN PASSWORD '{passwords[RELAY]}';"]
    for name in SERVICES:
        role = f"cercle_{name}"
        lines += [
            f"CREATE ROLE {role} LOGIN PASSWORD '{passwords[name]}';",
            f"CREATE DATABASE {role} OWNER {role};",
            f"REVOKE ALL ON DATABASE {role} FROM PUBLIC;",
            f"GRANT CONNECT ON DATABASE {role} TO {RELAY_ROLE};",
        ]
    return "\n".join(lines) + "\n"


def _database_url(role: str, password: str, database: str) -> str:
    return f"postgresql+psycopg://{role}:{password}@postgres:5432/cercle_{database}"


def _share_keys(root: Path) -> None:
    """Everybody's public keys to everybody, a private key to its owner alone."""
    made, issuers = root / "keys", (GATEWAY, *SERVICES)
    KeyFolder(made).ensure(*issuers)
    for name in issuers:
        folder = root / name / "keys"
        folder.mkdir(parents=True, exist_ok=True)
        for path in (*made.glob("*.pub.jwk"), made / f"{name}.jwk"):
            shutil.copy(path, folder / path.name)
            _own(folder / path.name, 0o400)
        _own(folder, 0o500)
    shutil.rmtree(made)


def _write(path: Path, text: str, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    _own(path, mode)


def _own(path: Path, mode: int) -> None:
    path.chmod(mode)
    if os.geteuid() == 0:
        os.chown(path, CERCLE_UID, CERCLE_UID)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    sys.stdout.write("secrets made\n" if make(folder) else "secrets were there already\n")
