"""The reference directory: who knows whom, as what, from when to when."""

from kruispunt.directory.change import (
    Check,
    Removal,
    WrongLine,
    added,
    changed,
    removed,
    unchecked,
)
from kruispunt.directory.directory import Directory, Jurisdiction
from kruispunt.directory.lines import Lines, in_order
from kruispunt.directory.many import Stood, take_many
from kruispunt.directory.memory import MemoryDirectory, MemoryLines
from kruispunt.directory.witness import UNSEEN, FileOfLines, Seen, Witness

__all__ = [
    "UNSEEN",
    "Check",
    "Directory",
    "FileOfLines",
    "Jurisdiction",
    "Lines",
    "MemoryDirectory",
    "MemoryLines",
    "Removal",
    "Seen",
    "Stood",
    "Witness",
    "WrongLine",
    "added",
    "changed",
    "in_order",
    "removed",
    "take_many",
    "unchecked",
]
