"""`python -m tests.contract.toy_worker alpha|beta|relay`: a toy service in a process of its own."""

import signal
import sys
import threading
from importlib import import_module

LADDER = (0.2, 0.4)


def main(name: str) -> None:
    if name == "relay":
        relay()
        return
    patch = import_module("shared.messaging.nameko_host.patch")
    patch.patch_process()
    import_module("shared.observability").configure_logging("INFO")
    settings = patch.green_settings(import_module("shared.config").load_settings())
    service = import_module("tests.contract.toys").build_toy(name, settings)
    service.migrate()
    import_module("shared.messaging.provision").grant_outbox(service.db.engine)
    host = import_module("shared.messaging.nameko_host.host")
    host.run_service(service, settings.rabbitmq_url_of(name), ladder=LADDER, job_tick=0.25)


def relay() -> None:
    import_module("shared.observability").configure_logging("INFO")
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    settings = import_module("shared.config").load_settings()
    names = import_module("tests.contract.toys").NAMES
    import_module("shared.messaging.relay").run_relay(settings, names, stop)


if __name__ == "__main__":
    main(sys.argv[1])
