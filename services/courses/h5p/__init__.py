"""H5P packages in pure Python: validation, installation, libraries, statements. See README.md."""

from services.courses.h5p.addons import addons_for
from services.courses.h5p.archive import PackageChanged, PackagedFile
from services.courses.h5p.copyrights import Credit, copyrights
from services.courses.h5p.display import BITS, DEFAULT_DISPLAY, RULES, display_options, hidden_by_default
from services.courses.h5p.export import Exported, LibraryGone, manifest_of, slug, write_package
from services.courses.h5p.install import (
    FileStore,
    InstalledLibrary,
    InstalledPackage,
    NotAccepted,
    PackedSemantics,
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
from services.courses.h5p.library_json import dependency_keys
from services.courses.h5p.limits import DEFAULT, Limits
from services.courses.h5p.malware import Scanner, clamd
from services.courses.h5p.messages import MESSAGES
from services.courses.h5p.packing import make_package
from services.courses.h5p.problems import Problem
from services.courses.h5p.richtext import plain
from services.courses.h5p.semantics import (
    Cleaned,
    Medium,
    Part,
    SemanticsSource,
    clean,
    clean_metadata,
    libraries_in,
    parse_library,
    walk,
)
from services.courses.h5p.statements import TOOLBAR_VERBS, VERBS, Score, Statement
from services.courses.h5p.svg import sanitise_svg
from services.courses.h5p.validation import (
    CONTENT,
    Package,
    PackageReport,
    unless_restricted,
    validate_package,
)
from services.courses.h5p.xapi import CONTENT_EXTENSION, UNUSABLE, normalise

__all__ = [
    "BITS", "CONTENT", "CONTENT_EXTENSION", "DEFAULT", "DEFAULT_DISPLAY", "MESSAGES", "RULES", "TOOLBAR_VERBS", "UNUSABLE", "VERBS", "Assets",
    "Cleaned", "Credit", "Dependency", "Exported", "FileStore", "InstalledLibrary", "InstalledPackage",
    "InteractionResult", "Libraries", "Library", "LibraryGone", "LibraryIndex", "LibraryKey", "LibraryName",
    "Limits", "Medium", "NotAccepted", "Package", "PackageChanged", "PackageReport", "PackagedFile",
    "PackedSemantics", "Part", "Problem", "Scanner", "Score", "SemanticsSource", "Statement", "addons_for", "assets_for",
    "clamd", "clean", "clean_metadata", "copyrights", "dependency_keys", "display_options", "hidden_by_default", "install_package",
    "interaction_result", "libraries_in", "make_package", "manifest_of", "max_score_hint", "normalise",
    "parse_library", "plain", "plan_libraries", "resolve_dependencies", "sanitise_svg", "slug",
    "unless_restricted", "validate_package", "walk", "write_package",
]  # fmt: skip
