"""What a package may weigh and which kinds of file it may hold."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024

# The newest H5P core API that the player on the content origin offers.
CORE_API = (1, 28)

CONTENT_EXTENSIONS = frozenset(
    [
        "json",
        "png",
        "jpg",
        "jpeg",
        "gif",
        "bmp",
        "tif",
        "tiff",
        "webp",
        "eot",
        "ttf",
        "woff",
        "woff2",
        "otf",
        "webm",
        "mp4",
        "ogg",
        "mp3",
        "m4a",
        "wav",
        "txt",
        "pdf",
        "rtf",
        "doc",
        "docx",
        "xls",
        "xlsx",
        "ppt",
        "pptx",
        "odt",
        "ods",
        "odp",
        "csv",
        "diff",
        "patch",
        "swf",
        "md",
        "textile",
        "vtt",
        "webvtt",
        "gltf",
        "glb",
    ]
)
LIBRARY_EXTENSIONS = CONTENT_EXTENSIONS | frozenset({"js", "css", "svg", "xml"})
# Inert notices that library authors ship without an extension.
LIBRARY_NOTICES = frozenset({"license", "licence", "copying", "notice", "readme", "authors", "changelog"})
ARCHIVE_EXTENSIONS = frozenset(
    [
        "zip",
        "h5p",
        "jar",
        "war",
        "apk",
        "7z",
        "rar",
        "gz",
        "tgz",
        "bz2",
        "tbz",
        "xz",
        "txz",
        "tar",
        "zst",
        "cab",
        "iso",
    ]
)
# These are zip files by design; their extension is on the allow-list.
ZIP_BASED_DOCUMENTS = frozenset(["docx", "xlsx", "pptx", "odt", "ods", "odp"])


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds, all inclusive. Sizes in bytes; `ratio` is inflated size over stored size of one entry.

    The ratio is only looked at once an entry has given more than `ratio_floor` bytes: small text files
    compress very well without being an attack; `total_floor` is the same for the package in all. `underscores`: names that begin with one are ordinary files, as in
    SCORM; H5P passes over them.
    """

    packed: int = 200 * MIB
    unpacked: int = 1024 * MIB
    entry: int = 512 * MIB
    json: int = 10 * MIB
    json_in_all: int = 64 * MIB
    entries: int = 5_000
    ratio: int = 100
    ratio_floor: int = MIB
    total_floor: int = 16 * MIB
    path_length: int = 240
    path_depth: int = 16
    underscores: bool = False


DEFAULT = Limits()
