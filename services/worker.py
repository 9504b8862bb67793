"""Processes of distributed mode, one command each. The second composition root that knows the services.

python -m services.worker surveys              a worker of a service
python -m services.worker relay all            the relay of every outbox (or of the services named)
python -m services.worker migrate surveys      bring a service's database to the newest version
python -m services.worker check surveys        exit code 0 when the worker (or the relay) is well
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

BEAT_EVERY, BEAT_AGE = 5.0, 30.0


def main(arguments: str | Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0 when it ended in good order, 2 when none was given.

    arguments: one name, or words as on the command line (the default).
    """
    words = arguments.split() if isinstance(arguments, str) else list(arguments or sys.argv[1:])
    commands: dict[str, Callable[[list[str]], int]] = {"relay": relay, "migrate": migrate, "check": check}
    if not words:
        sys.stderr.write(__doc__ or "")
        return 2
    return commands[words[0]](words[1:]) if words[0] in commands else work(words[0])


def work(name: str) -> int:
    """Host a service until SIGTERM."""
    # Modules are imported by name in this file: the patch must come before everything else, and the relay,
    # which uses real threads, must never come near it.
    patch = import_module("shared.messaging.nameko_host.patch")
    patch.patch_process()
    settings = patch.green_settings(_begin())
    service = import_module("services.registry").build_service(name, settings)
    service.migrate()
    import_module("shared.messaging.provision").grant_outbox(service.db.engine)
    _serve_metrics()
    import_module("shared.garbage").keep_what_is_here()
    import_module("shared.messaging.nameko_host.host").run_service(service, settings.rabbitmq_url_of(name))
    return 0


def relay(names: list[str]) -> int:
    """Relay outboxes until SIGTERM."""
    settings = _begin()
    chosen = _all_services() if names in ([], ["all"]) else names
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    _serve_metrics()
    threading.Thread(target=_beat, args=(stop,), daemon=True).start()
    import_module("shared.messaging.relay").run_relay(settings, chosen, stop)
    return 0


def migrate(names: list[str]) -> int:
    """Migrate databases; where there is a relay's role, give it the outbox and nothing else."""
    settings = _begin()
    for name in _all_services() if names in ([], ["all"]) else names:
        service = import_module("services.registry").build_service(name, settings)
        service.migrate()
        import_module("shared.messaging.provision").grant_outbox(service.db.engine)
        service.close()
    return 0


def check(names: list[str]) -> int:
    """Health of a worker (a ping over the broker) or of the relay (its heartbeat file)."""
    if names == ["relay"]:
        beat = _beat_file()
        return 0 if beat.exists() and time.time() - beat.stat().st_mtime < BEAT_AGE else 1
    settings, name = _begin(), names[0]
    signer = import_module("shared.actor").KeyFolder(settings.keys_folder).signer(name)
    bus = import_module("shared.messaging.rpc_client").RpcBus(settings.rabbitmq_url_of(name), signer)
    try:
        return 0 if bus.wait_ready(5) and bus.ping(name) else 1
    except import_module("shared.errors").CercleError:
        return 1
    finally:
        bus.close()


def _begin() -> Any:
    import_module("shared.garbage").collect_seldom()
    settings = import_module("shared.config").load_settings()
    import_module("shared.clock").require_current_time_zones()
    import_module("shared.observability").configure_logging(settings.log_level, settings.log_format)
    return settings


def _all_services() -> list[str]:
    return list(import_module("shared.config").SERVICES)


def _serve_metrics() -> None:
    port = os.environ.get("CERCLE_METRICS_PORT")
    if port:
        import_module("prometheus_client").start_http_server(int(port))


def _beat_file() -> Path:
    return Path(tempfile.gettempdir()) / "cercle-relay.alive"


def _beat(stop: threading.Event) -> None:
    while not stop.wait(BEAT_EVERY):
        _beat_file().touch()


if __name__ == "__main__":
    sys.exit(main())
