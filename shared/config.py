"""Settings from the environment (prefix CERCLE_), a `.env` file, or secrets in files (`*_FILE`)."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

SERVICES = ("identity", "courses", "surveys", "community", "notifications")


class Settings(BaseSettings):
    """All that can be set. Every name below is an environment variable with the prefix CERCLE_."""

    model_config = SettingsConfigDict(env_prefix="CERCLE_", env_file=".env", extra="ignore", frozen=True)

    mode: Literal["embedded", "distributed"] = "embedded"
    var: Path = Field(Path("var"), description="Folder of databases, files and keys.")
    host: str = "127.0.0.1"
    port: int = 8000
    content_host: str = Field(
        "localhost", description="Host name of the content origin: another site than `host`."
    )
    content_port: int = 8001
    public_url: str = Field("", description="Base address people use; empty: made of host and port.")
    content_url: str = Field(
        "", description="Base address of the content origin; empty: content_host and port."
    )
    demo: bool = False
    log_level: str = "INFO"
    log_format: Literal["json", "text"] = "text"

    database_url: str = Field(
        "", description="Template with {service}, e.g. postgresql+psycopg://…/cercle_{service}"
    )
    rabbitmq_url: str = Field("", description="amqp:// address; may hold {service} as the user name's part")
    rpc_timeout: float = Field(10.0, description="Seconds that the gateway waits for a service.")
    keys: Path | None = Field(None, description="Folder of signing keys; default var/keys.")

    smtp_host: str = Field(
        "", description="Empty: mails land in the local mailbox (demo) of the notifications service."
    )
    smtp_port: int = 25
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_tls: Literal["none", "starttls", "tls"] = "none"
    mail_from: str = "cercle@localhost"

    storage: Literal["folder", "s3"] = "folder"
    s3_endpoint: str = ""
    s3_bucket: str = "cercle"
    clamd: str = Field("", description="host:port of a clamd that looks at H5P packages; empty: none.")
    max_upload: int = Field(200 * 1024 * 1024, description="Bytes of one upload.")
    max_body: int = Field(1024 * 1024, description="Bytes of any other request body.")
    video_hosts: str = Field(
        "", description="Hosts whose videos courses may show, separated by commas, e.g. media.example.ca"
    )
    rate_limits: bool = True
    inbox: bool = Field(
        True, description="Only the chaos suite's control turns it off, to prove it can see a double."
    )
    outbox: bool = Field(
        True, description="Only the chaos suite's control turns it off, to prove it can see a loss."
    )

    @cached_property
    def main_origin(self) -> str:
        """Origin of the pages and the API, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @cached_property
    def content_origin(self) -> str:
        """Origin of learning content: another host, so that its code shares nothing with the pages."""
        return (self.content_url or f"http://{self.content_host}:{self.content_port}").rstrip("/")

    @property
    def keys_folder(self) -> Path:
        """Where the signing keys are."""
        return self.keys or self.var / "keys"

    @property
    def allowed_video_hosts(self) -> tuple[str, ...]:
        """Hosts, with a port where it is not 443, from which pages may play a video."""
        return tuple(host for one in self.video_hosts.split(",") if (host := one.strip()))

    def database_url_of(self, service: str) -> str:
        """The database address of one service; SQLite in `var/db` unless set."""
        if self.database_url:
            return self.database_url.replace("{service}", service)
        return f"sqlite:///{(self.var / 'db' / f'{service}.sqlite').absolute()}"

    def rabbitmq_url_of(self, user: str) -> str:
        """The broker address for one service or the gateway, each with its own user."""
        return self.rabbitmq_url.replace("{service}", user)


def load_settings(**overrides: object) -> Settings:
    """Settings from the environment; `NAME_FILE` variables are read from the files they name."""
    for name, path in list(os.environ.items()):
        if (
            name.startswith("CERCLE_")
            and name.endswith("_FILE")
            and name.removesuffix("_FILE") not in os.environ
        ):
            os.environ[name.removesuffix("_FILE")] = Path(path).read_text().strip()
    return Settings(**overrides)  # type: ignore[arg-type]
