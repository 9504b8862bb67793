"""The `cercle` command."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path

import click
import uvloop

from services.cli import h5p, needs, olx, reports
from shared.clock import require_current_time_zones
from shared.config import Settings, load_settings
from shared.garbage import collect_seldom
from shared.observability import configure_logging


@click.group()
def main() -> None:
    """Cercle: training that grows from expressed needs."""
    if not sys.warnoptions:
        warnings.simplefilter(
            "ignore"
        )  # deprecations inside libraries are for the tests, not for an operator
    require_current_time_zones()
    collect_seldom()


def _settings(**overrides: object) -> Settings:
    settings = load_settings(**{name: value for name, value in overrides.items() if value is not None})
    configure_logging(settings.log_level, settings.log_format)
    return settings


def _say(text: str) -> None:
    click.echo(text, err=False)
    sys.stdout.flush()


@main.command()
@click.option(
    "--demo/--no-demo", default=None, help="Start with bilingual demo content and four demo people."
)
@click.option("--port", type=int, default=None)
@click.option("--var", type=click.Path(path_type=Path), default=None, help="Folder of the data.")
def run(demo: bool | None, port: int | None, var: Path | None) -> None:
    """Everything in one process (embedded mode), for one machine and nothing to install."""
    from gateway.asgi import build_gateway, serve
    from gateway.content_origin import build_content_app
    from gateway.embedded import build_embedded_bus

    content = {"content_port": port + 1} if port else {}
    settings = _settings(mode="embedded", demo=demo, port=port, var=var, **content)
    settings.var.mkdir(parents=True, exist_ok=True)
    bus = build_embedded_bus(settings)
    if settings.demo:
        from gateway.demo.seed import seed

        seed(bus, settings, _say, bus.drain)
    bus.start()
    app = build_gateway(settings, bus)
    try:
        uvloop.run(serve(settings, app, build_content_app(settings, bus), lambda: _welcome(settings)))
    finally:
        bus.close()
    _say("Stopped. / Arrêté.")


def _welcome(settings: Settings) -> None:
    _say(f"\n  Cercle  →  {settings.main_origin}\n")
    if settings.demo:
        _say("  Demo: choose a person on the sign-in page; mails land in /mailbox.")
        _say("  Démo : choisissez une personne à la page de connexion; les courriels arrivent dans /mailbox.")
    else:
        _say_first_invitation(settings)
    _say("  Ctrl-C stops. / Ctrl-C pour arrêter.\n")


def _say_first_invitation(settings: Settings) -> bool:
    from gateway.embedded import one_service

    service = one_service(settings, "identity")
    secret: str | None = service.ensure_first_invitation()  # type: ignore[attr-defined]
    service.close()
    if secret:
        _say("  First administrator, one time only / Premier compte d’administration, une seule fois\u00a0:")
        _say(f"  {settings.main_origin}/invitation/{secret}")
    return secret is not None


@main.command()
def invite() -> None:
    """Print the one-time invitation of the first administrator; nothing once there is an account."""
    if not _say_first_invitation(_settings()):
        _say("there is an account already: invitations are made on the System page")
        sys.exit(1)


@main.command()
@click.option("--port", type=int, default=None)
def serve(port: int | None) -> None:
    """The gateway of distributed mode: pages, API and content origin over RabbitMQ."""
    from gateway.asgi import build_gateway
    from gateway.asgi import serve as serve_apps
    from gateway.content_origin import build_content_app
    from shared.actor import GATEWAY, KeyFolder
    from shared.messaging.rpc_client import RpcBus

    content = {"content_port": port + 1} if port else {}
    settings = _settings(mode="distributed", port=port, **content)
    signer = KeyFolder(settings.keys_folder).signer(GATEWAY)
    bus = RpcBus(settings.rabbitmq_url_of(GATEWAY), signer, timeout=settings.rpc_timeout)
    app = build_gateway(settings, bus)
    try:
        ready = lambda: _say(f"  Cercle  →  {settings.main_origin}")  # noqa: E731 one line says it
        uvloop.run(serve_apps(settings, app, build_content_app(settings, bus), ready))
    finally:
        bus.close()


@main.command()
@click.argument("name")
def worker(name: str) -> None:
    """One service (identity, courses, surveys, community, notifications), or `relay`, of distributed mode."""
    # A process of its own: the worker must patch the standard library before anything else is imported.
    os.execv(sys.executable, [sys.executable, "-m", "services.worker", name])  # noqa: S606 no shell


@main.command()
@click.option("--demo/--no-demo", default=True, show_default=True)
@click.option("--port", type=int, default=None)
def up(demo: bool, port: int | None) -> None:
    """Distributed mode on this machine without Docker: private servers, five workers, the relay and the gateway."""
    from gateway.demo.seed import seed
    from gateway.supervisor import DistributedStack, run_distributed

    content = {"content_port": port + 1} if port else {}
    settings = _settings(mode="distributed", demo=demo, port=port, **content)

    def fill(stack: DistributedStack) -> None:
        if demo:
            seed(stack.bus, settings, _say)
        else:
            own = settings.model_copy(update={"database_url": stack.urls["database:identity"]})
            _say_first_invitation(own)

    sys.exit(run_distributed(settings, _say, fill))


@main.command()
def down() -> None:
    """Stop what `cercle up` started."""
    from gateway.supervisor import stop_distributed

    _say("stopping" if stop_distributed(_settings(mode="distributed")) else "nothing is running")


@main.group()
def demo() -> None:
    """Demo and rehearsal content."""


@demo.command("answers")
@click.option("--url", default="http://127.0.0.1:8000", show_default=True)
@click.option("--survey", default=None, help="Survey id; the newest open survey when left out.")
@click.option("--members", default=40, show_default=True)
@click.option("--seed", default=2026, show_default=True)
def demo_answers(url: str, survey: str | None, members: int, seed: int) -> None:
    """Load the answers of forty demo members through the REST API, as a real client would."""
    from gateway.demo.answers import load_answers

    report = load_answers(url, survey, members=members, seed=seed, say=_say)
    _say(f"{report.accepted} accepted, {report.already} had answered, {report.refused} refused")
    sys.exit(1 if report.refused else 0)


@main.group()
def dead() -> None:
    """Events that a handler could not take."""


@dead.command("list")
@click.argument("service", required=False)
def dead_list(service: str | None) -> None:
    """One line per dead event: id, consumer, type, reason, when."""
    from gateway.dead import list_dead

    for line in list_dead(_settings(), service):
        _say(line)


@dead.command("show")
@click.argument("service")
@click.argument("event_id")
def dead_show(service: str, event_id: str) -> None:
    """The envelope of one dead event (ids and codes only)."""
    from gateway.dead import show_dead

    _say(show_dead(_settings(), service, event_id))


@dead.command("replay")
@click.argument("service")
@click.argument("event_id", required=False)
def dead_replay(service: str, event_id: str | None) -> None:
    """Hand one dead event (or all of a service) to its handler again."""
    from gateway.dead import replay_dead

    _say(f"{replay_dead(_settings(), service, event_id)} replayed")


@dead.command("drop")
@click.argument("service")
@click.argument("event_id")
def dead_drop(service: str, event_id: str) -> None:
    """Forget one dead event."""
    from gateway.dead import drop_dead

    _say(f"{drop_dead(_settings(), service, event_id)} dropped")


main.add_command(h5p)
main.add_command(needs)
main.add_command(reports)
main.add_command(olx)


if __name__ == "__main__":
    main()
