"""docker-compose.yml, the image and the secrets say the same as the code; no Docker is needed to see it."""

import json
import re
import stat
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy import make_secrets
from shared.actor import GATEWAY, KeyFolder, system_actor
from shared.clock import SystemClock
from shared.config import SERVICES, Settings
from shared.messaging.provision import RELAY, password_hash

ROOT = Path(__file__).parents[2]
PROCESSES = (*SERVICES, RELAY, GATEWAY)


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return found


def test_compose_has_every_process_and_no_other(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {*PROCESSES, "setup", "rabbitmq", "postgres", "minio"}
    assert compose["services"]["minio"]["profiles"] == ["minio"]


@pytest.mark.parametrize("name", SERVICES)
def test_worker_runs_its_own_service_and_checks_itself(compose: dict[str, Any], name: str) -> None:
    service = compose["services"][name]
    assert service["command"] == ["python", "-m", "services.worker", name]
    assert service["healthcheck"]["test"] == ["CMD", "python", "-m", "services.worker", "check", name]


@pytest.mark.parametrize("name", PROCESSES)
def test_process_mounts_its_own_secrets_alone_and_is_confined(compose: dict[str, Any], name: str) -> None:
    service = compose["services"][name]
    secrets = [volume for volume in service["volumes"] if volume.startswith("secrets")]
    assert secrets == [f"secrets-{name}:/run/cercle:ro"]
    assert (service["read_only"], service["cap_drop"], "user" in service) == (True, ["ALL"], False)
    assert "healthcheck" in service


@pytest.mark.parametrize("name", PROCESSES)
def test_environment_of_a_process_holds_settings_that_exist(compose: dict[str, Any], name: str) -> None:
    known = {f"CERCLE_{field.upper()}" for field in Settings.model_fields} | {
        "CERCLE_METRICS_PORT", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"
    }  # fmt: skip
    given = {key.removesuffix("_FILE") for key in compose["services"][name]["environment"]}
    assert given - known == set()


def test_every_named_volume_is_declared_and_used(compose: dict[str, Any]) -> None:
    used = {
        volume.split(":")[0]
        for service in compose["services"].values()
        for volume in service.get("volumes", [])
        if not volume.startswith((".", "/"))
    }
    assert used == set(compose["volumes"])


def test_files_that_compose_and_the_image_name_are_there(compose: dict[str, Any]) -> None:
    mounted = [
        volume.split(":")[0]
        for service in compose["services"].values()
        for volume in service.get("volumes", [])
        if volume.startswith("./")
    ]
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text()
    copied = [
        word
        for line in re.findall(r"^COPY (?!--from)(.+)$", dockerfile, re.MULTILINE)
        for word in line.split()[:-1]
    ]
    assert [name for name in (*mounted, *copied) if not (ROOT / name).exists()] == []
    assert dockerfile.rindex("\nUSER cercle") > dockerfile.rindex("\nFROM ")
    assert f"--uid {make_secrets.CERCLE_UID} " in dockerfile


def test_image_gets_only_what_it_names() -> None:
    ignored = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text().splitlines()
    lines = [line for line in ignored if line and not line.startswith("#")]
    assert lines[0] == "*"
    assert {".env", "!.env", "!var", "!.git"} & set(lines) == set()


# --- secrets


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("secrets")
    assert make_secrets.make(folder)
    return folder


def test_secrets_are_made_once(made: Path) -> None:
    before = (made / "gateway" / "rabbitmq-url").read_text()
    assert not make_secrets.make(made)
    assert (made / "gateway" / "rabbitmq-url").read_text() == before


def test_private_key_is_with_its_owner_alone(made: Path) -> None:
    for name in (GATEWAY, *SERVICES):
        private = {
            path.name for path in (made / name / "keys").glob("*.jwk") if not path.name.endswith(".pub.jwk")
        }
        assert private == {f"{name}.jwk"}
    assert list((made / RELAY).glob("keys/*")) == []
    now = SystemClock().now()
    token = (
        KeyFolder(made / "notifications" / "keys")
        .signer("notifications")
        .sign(system_actor("notifications"), "identity", now)
    )
    actor = KeyFolder(made / "identity" / "keys").verifier("identity").verify(token, now)
    assert actor.system == "notifications"


def test_definitions_know_the_passwords_of_the_addresses_and_nobody_else(made: Path) -> None:
    document = json.loads((made / "rabbitmq" / "definitions.json").read_text())
    users = {user["name"]: user["password_hash"] for user in document["users"]}
    assert set(users) == set(PROCESSES)
    import base64

    for name, stored in users.items():
        password = (made / name / "rabbitmq-url").read_text().split(":")[2].partition("@")[0]
        assert password_hash(password, base64.b64decode(stored)[:4]) == stored
        assert password not in json.dumps(document)


def test_every_password_is_another_and_readable_by_its_process_only(made: Path) -> None:
    urls = [path.read_text() for path in made.glob("*/*-url")]
    passwords = [url.split(":")[2].partition("@")[0] for url in urls]
    assert len(passwords) == 13
    assert len(set(passwords)) == 13
    assert {stat.S_IMODE(path.stat().st_mode) for path in made.glob("*/*-url")} == {0o400}


def test_database_addresses_fit_the_roles_that_are_made(made: Path) -> None:
    script = (made / "postgres" / "init.sql").read_text()
    for name in SERVICES:
        url = (made / name / "database-url").read_text()
        role, password = url.split("//")[1].split("@")[0].split(":")
        assert f"CREATE ROLE {role} LOGIN PASSWORD '{password}';" in script
        assert f"CREATE DATABASE {url.rpartition('/')[2]} OWNER {role};" in script
    relay = Settings(_env_file=None, database_url=(made / RELAY / "database-url").read_text())  # type: ignore[call-arg]
    assert relay.database_url_of("surveys").endswith("/cercle_surveys")
