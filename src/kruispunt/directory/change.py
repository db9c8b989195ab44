"""Integration and de-integration: how lines change, without a store (forms I605 and S607)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from msgspec import structs

from kruispunt.vocabulary import DirectoryLine, InstitutionCode, Period, Quality, Sector, Ssin

MAX_CODE: Final = 999
MAX_PHASE: Final = 99


Check = Callable[[frozenset[DirectoryLine]], None]
"""Raises where a person's lines may not stand so; then nothing has changed."""


class WrongLine(ValueError):
    """A line or removal that the directory can't take. The message names the rule only."""


def unchecked(_lines: frozenset[DirectoryLine]) -> None:
    """Let lines stand as they come: nobody said how they may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """What is to be removed of a person in a sector. What is None is not looked at.

    The situations of form S607: sector alone (1); with a period (2); with a quality (5); with a
    quality and a period (6); with a quality and a phase (7); a period of the one line of that
    quality and phase that begins on `line_begin` (8). `member` narrows each of them to the lines
    of one institution behind a node.
    """

    ssin: Ssin
    sector: Sector
    quality: Quality | None = None
    phase: int | None = None
    period: Period | None = None
    line_begin: date | None = None
    member: InstitutionCode | None = None

    def __post_init__(self) -> None:
        if self.phase is not None and self.quality is None:
            raise WrongLine("expected a quality with a phase")
        if self.line_begin is not None and (self.phase is None or self.period is None):
            raise WrongLine("expected quality, phase and period with the begin of a line")

    def concerns(self, line: DirectoryLine) -> bool:
        """True where the removal is about this line, wholly or for its period."""
        return (
            line.ssin == self.ssin
            and line.sector == self.sector
            and self.quality in (None, line.quality)
            and self.phase in (None, line.phase)
            and self.line_begin in (None, line.period.begin)
            and self.member in (None, line.member)
        )


def check_line(line: DirectoryLine, *, names_members: bool) -> None:
    """Codes within bounds; a member exactly where the directory is a node's.

    Raises:
        WrongLine: one of these is not so.
    """
    if not 0 <= line.sector <= MAX_CODE or not 0 <= line.quality <= MAX_CODE:
        raise WrongLine("expected sector and quality from 0 to 999")
    if not 0 <= line.phase <= MAX_PHASE:
        raise WrongLine("expected a phase from 0 to 99")
    if line.member is not None and not names_members:
        raise WrongLine("expected no member: the directory of a hub names none")
    if line.member is None and names_members:
        raise WrongLine("expected a member: every line of a node's directory names one")


def added(lines: Iterable[DirectoryLine], line: DirectoryLine) -> frozenset[DirectoryLine]:
    """The lines after integrating one more: it absorbs those of its key that it overlaps or
    touches, so that lines of one key always stand apart.

    The key is person, sector, quality, phase and member.
    """
    kept: set[DirectoryLine] = set()
    grown = line
    for other in lines:
        if _key(other) == _key(grown) and _meet(other.period, grown.period):
            grown = structs.replace(grown, period=_join(other.period, grown.period))
        else:
            kept.add(other)
    return frozenset(kept | {grown})


def removed(lines: Iterable[DirectoryLine], removal: Removal) -> frozenset[DirectoryLine]:
    """The lines after de-integration. A period taken from the middle of a line splits it."""
    kept: set[DirectoryLine] = set()
    for line in lines:
        if not removal.concerns(line):
            kept.add(line)
        elif removal.period is not None:
            kept.update(
                structs.replace(line, period=left)
                for left in _without(line.period, removal.period)
            )
    return frozenset(kept)


def changed(
    lines: Iterable[DirectoryLine], change: DirectoryLine | Removal
) -> frozenset[DirectoryLine]:
    """The lines after a change: one more came, or what is to be removed went."""
    return added(lines, change) if isinstance(change, DirectoryLine) else removed(lines, change)


def inverse(
    before: Iterable[DirectoryLine], after: Iterable[DirectoryLine]
) -> tuple[DirectoryLine | Removal, ...]:
    """What takes back the days that came between the two, and brings those that went: no other."""
    was, stands = frozenset(before), frozenset(after)
    came = (
        Removal(
            ssin=line.ssin,
            sector=line.sector,
            quality=line.quality,
            phase=line.phase,
            period=line.period,
            member=line.member,
        )
        for line in _days_apart(stands, was)
    )
    return (*came, *_days_apart(was, stands))


def _days_apart(
    lines: frozenset[DirectoryLine], others: frozenset[DirectoryLine]
) -> Iterable[DirectoryLine]:
    """The days of these lines that no other line of the same key has."""
    for line in lines - others:
        left = [line.period]
        for other in others:
            if _key(other) == _key(line):
                left = [part for whole in left for part in _without(whole, other.period)]
        yield from (structs.replace(line, period=part) for part in left)


def _key(line: DirectoryLine) -> tuple[object, ...]:
    return (line.ssin, line.sector, line.quality, line.phase, line.member)


def _meet(one: Period, other: Period) -> bool:
    return one.overlaps(other) or one.end == other.begin or other.end == one.begin


def _join(one: Period, other: Period) -> Period:
    ends = [period.end for period in (one, other) if period.end is not None]
    return Period(min(one.begin, other.begin), max(ends) if len(ends) == 2 else None)


def _without(whole: Period, hole: Period) -> list[Period]:
    if not whole.overlaps(hole):
        return [whole]
    left: list[Period] = []
    if whole.begin < hole.begin:
        left.append(Period(whole.begin, hole.begin))
    if hole.end is not None and (whole.end is None or hole.end < whole.end):
        left.append(Period(hole.end, whole.end))
    return left
