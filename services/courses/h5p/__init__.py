"""H5P packages in pure Python: validation, installation, libraries, statements. See README.md."""

from services.courses.h5p.archive import PackageChanged, PackagedFile
from services.courses.h5p.install import (
    FileStore,
    InstalledLibrary,
    InstalledPackage,
    NotAccepted,
    install_package,
    max_score_hint,
    plan_libraries,
)
from services.courses.h5p.interactions import InteractionResult, interaction_result
from services.courses.h5p.libraries import (
    Assets,
    Dependency,
    Libraries,
    Library,
    LibraryIndex,
    LibraryKey,
    LibraryName,
    assets_for,
    resolve_dependencies,
)
from services.courses.h5p.limits import DEFAULT, Limits
from services.courses.h5p.messages import MESSAGES
from services.courses.h5p.packing import make_package
from services.courses.h5p.problems import Problem
from services.courses.h5p.statements import TOOLBAR_VERBS, VERBS, Score, Statement
from services.courses.h5p.svg import sanitise_svg
from services.courses.h5p.validation import Package, PackageReport, validate_package
from services.courses.h5p.xapi import normalise

__all__ = [
    "DEFAULT", "MESSAGES", "TOOLBAR_VERBS", "VERBS", "Assets", "Dependency", "FileStore", "InstalledLibrary",
    "InstalledPackage", "InteractionResult", "Libraries", "Library", "LibraryIndex", "LibraryKey", "LibraryName",
    "Limits", "NotAccepted", "Package", "PackageChanged", "PackageReport", "PackagedFile", "Problem", "Score",
    "Statement", "assets_for", "install_package", "interaction_result", "make_package", "max_score_hint",
    "normalise", "plan_libraries", "resolve_dependencies", "sanitise_svg", "validate_package",
]  # fmt: skip
