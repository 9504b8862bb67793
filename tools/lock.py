"""Regenerate the three lock files from pyproject.toml (`make lock`).

pip format, universal (one file for every Python and system), with hashes and without any host name. Versions stay as
they are unless `--upgrade` is given.
"""

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMPILE = [
    *(sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--generate-hashes"),
    *("--no-header", "--no-emit-index-url", "--no-annotate", "--python-version", "3.11"),
]


def compile_lock(target: str, *arguments: str) -> None:
    subprocess.run([*COMPILE, *arguments, "--output-file", target], cwd=ROOT, check=True)
    text = (ROOT / target).read_text()
    if "://" in text or "file:" in text:
        raise SystemExit(f"{target} names an address; a lock must install from any index")


def compile_node_lock(*arguments: str) -> None:
    """The Node wheel stays apart: it is 60 MB and only needed where npm is missing."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        wanted = tomllib.load(file)["project"]["optional-dependencies"]["node"]
    with tempfile.NamedTemporaryFile("w", suffix=".in") as requirements:
        requirements.write("\n".join(wanted))
        requirements.flush()
        compile_lock("requirements-node.lock", requirements.name, *arguments)


def main() -> None:
    extra = sys.argv[1:]
    compile_lock("requirements.lock", "pyproject.toml", *extra)
    development = ("pyproject.toml", "--group", "dev", "--extra", "s3", "--extra", "otel")
    compile_lock("requirements-dev.lock", *development, "--constraint", "requirements.lock", *extra)
    compile_node_lock(*extra)


if __name__ == "__main__":
    main()
