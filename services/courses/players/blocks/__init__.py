"""Our own blocks, by the type under which activities name them."""

from __future__ import annotations

from xblock.core import XBlock

from services.courses.players.blocks.file import FileBlock
from services.courses.players.blocks.h5p import H5PBlock
from services.courses.players.blocks.text import TextBlock

BLOCKS: dict[str, type[XBlock]] = {"text": TextBlock, "file": FileBlock, "h5p": H5PBlock}

__all__ = ["BLOCKS", "FileBlock", "H5PBlock", "TextBlock"]
