"""The browser for end-to-end tests: the system's Chromium, driven by Playwright."""

import os
import shutil

from shared.testing.backends import packages
from shared.testing.backends.local import BackendMissing

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def ensure_chromium() -> str:
    """Path of a Chromium (CERCLE_CHROMIUM first); installed on Debian when we are root, else BackendMissing."""
    return os.environ.get("CERCLE_CHROMIUM") or find() or install()


def find() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def install() -> str:
    packages.install("chromium")
    path = find()
    if path is None:
        raise BackendMissing("The Debian package chromium brought no program of that name.")
    return path
