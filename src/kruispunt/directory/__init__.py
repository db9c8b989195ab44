"""The reference directory: who knows whom, as what, from when to when."""

from kruispunt.directory.change import Check, Removal, WrongLine, added, removed, unchecked
from kruispunt.directory.directory import Directory, Jurisdiction
from kruispunt.directory.lines import Lines, in_order
from kruispunt.directory.load import BadRows, Loaded, load_file, load_frame
from kruispunt.directory.many import take_many
from kruispunt.directory.memory import MemoryDirectory, MemoryLines
from kruispunt.directory.table import BadRow, WrongTable
from kruispunt.directory.witness import UNSEEN, FileOfLines, Seen, Witness

__all__ = [
    "UNSEEN",
    "BadRow",
    "BadRows",
    "Check",
    "Directory",
    "FileOfLines",
    "Jurisdiction",
    "Lines",
    "Loaded",
    "MemoryDirectory",
    "MemoryLines",
    "Removal",
    "Seen",
    "Witness",
    "WrongLine",
    "WrongTable",
    "added",
    "in_order",
    "load_file",
    "load_frame",
    "removed",
    "take_many",
    "unchecked",
]
