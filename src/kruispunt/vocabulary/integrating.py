"""What is asked of the directory itself: that a line comes, that lines go, or which ones stand."""

from datetime import date
from enum import StrEnum
from typing import Final

from msgspec import Struct

from kruispunt.vocabulary.names import Quality, Sector

NO_SECTOR: Final = Sector(0)
"""No sector: the law names no line there."""


class Act(StrEnum):
    """What to do with lines."""

    INTEGRATE = "integrate"
    """A line stands from now on (form I605)."""

    REMOVE = "remove"
    """Lines, or days of them, stand no more (form S607)."""

    LIST = "list"
    """Nothing changes; the asker's own lines are told."""


class LinesAsked(Struct, frozen=True, kw_only=True):
    """Which lines are meant, beside the person and the period of the question.

    What is None is not looked at: without a sector, that one of the asker's own where the quality
    stands. `whole`: whole lines go, whatever the period. `line_begin`: days of that one line.
    """

    act: Act
    sector: Sector | None = None
    quality: Quality | None = None
    phase: int | None = None
    whole: bool = False
    line_begin: date | None = None
