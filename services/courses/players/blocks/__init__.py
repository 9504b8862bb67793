"""Our own blocks, by the type under which activities name them."""

from __future__ import annotations

from xblock.core import XBlock

from services.courses.players.blocks.file import FileBlock
from services.courses.players.blocks.h5p import H5PBlock
from services.courses.players.blocks.links import DiscussionBlock, SurveyBlock
from services.courses.players.blocks.quiz import QuizBlock
from services.courses.players.blocks.scorm import ScormBlock
from services.courses.players.blocks.text import TextBlock
from services.courses.players.blocks.video import VideoBlock

BLOCKS: dict[str, type[XBlock]] = {
    "text": TextBlock,
    "file": FileBlock,
    "h5p": H5PBlock,
    "quiz": QuizBlock,
    "video": VideoBlock,
    "survey": SurveyBlock,
    "discussion": DiscussionBlock,
    "scorm": ScormBlock,
}

__all__ = [
    "BLOCKS",
    "DiscussionBlock",
    "FileBlock",
    "H5PBlock",
    "QuizBlock",
    "ScormBlock",
    "SurveyBlock",
    "TextBlock",
    "VideoBlock",
]
