"""`python -m shared.testing.backends`: find or install what tests need; one line on success, the reason otherwise."""

import sys

from shared.testing.backends import docker, postgres, rabbitmq
from shared.testing.backends.chromium import ensure_chromium
from shared.testing.backends.local import BackendMissing


def found() -> str:
    """Where each comes from, in words; installs Debian packages when that is what is left."""
    words = []
    for name, module in (("PostgreSQL", postgres), ("RabbitMQ", rabbitmq)):
        if module.given_url():
            words.append(f"{name} from the environment")
        elif docker.answers():
            words.append(f"{name} in Docker")
        else:
            words.append(f"{name} {module.ensure_programs()}")
    return "; ".join([*words, f"Chromium {ensure_chromium()}"])


def main() -> int:
    try:
        print(found())
    except BackendMissing as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
