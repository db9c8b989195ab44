"""Days and periods: half-open in code, last day included in law, files and messages."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Self
from zoneinfo import ZoneInfo

DAY: Final = timedelta(days=1)
WRITTEN: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class WrongPeriod(ValueError):
    """A period that is empty or reversed. The message says which, without the dates."""


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `begin` up to but not including `end`; `end` None: without end.

    `about` periods choose the facts; the law is chosen by the day of asking, never by a period.
    """

    begin: date
    end: date | None = None

    def __post_init__(self) -> None:
        if self.end is not None and self.end <= self.begin:
            raise WrongPeriod("expected an end after the begin")

    @classmethod
    def through(cls, begin: date, last_day: date | None) -> Self:
        """Read a period that includes its last day, as law, files and messages write it.

        Raises:
            WrongPeriod: the last day comes before the begin, or is the last day that dates know.
        """
        if last_day is None:
            return cls(begin)
        if last_day == date.max:
            raise WrongPeriod("leave the last day out for a period without end")
        return cls(begin, last_day + DAY)

    @property
    def last_day(self) -> date | None:
        """The last day of the period, as law, files and messages write it."""
        return None if self.end is None else self.end - DAY

    def __contains__(self, day: date) -> bool:
        return self.begin <= day and (self.end is None or day < self.end)

    def covers(self, other: "Period") -> bool:
        """True where every day of the other period is one of this."""
        return self.begin <= other.begin and (
            self.end is None or (other.end is not None and other.end <= self.end)
        )

    def shared_with(self, others: Iterable["Period"]) -> "Period | None":
        """The first unbroken run of days of this period that the others cover; None: no day."""
        shared: Period | None = None
        for other in sorted(others, key=lambda one: one.begin):
            if not self.overlaps(other):
                continue
            part = Period(max(self.begin, other.begin), _earlier(self.end, other.end))
            if shared is None:
                shared = part
            elif shared.end is not None and part.begin <= shared.end:
                shared = Period(shared.begin, _later(shared.end, part.end))
        return shared

    def overlaps(self, other: "Period") -> bool:
        """True where the two periods share at least one day."""
        return (self.end is None or other.begin < self.end) and (
            other.end is None or self.begin < other.end
        )


@dataclass(frozen=True, slots=True, order=True)
class IncompleteDate:
    """A date of which month or day may be unknown, written `yyyy-mm-00` or `yyyy-00-00`."""

    year: int
    month: int | None = None
    day: int | None = None

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month or 0:02d}-{self.day or 0:02d}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `yyyy-mm-dd`, `yyyy-mm-00` or `yyyy-00-00`.

        Raises:
            ValueError: not of that form, or not a day of the calendar.
        """
        if not WRITTEN.fullmatch(text):
            raise ValueError("expected yyyy-mm-dd with 00 for what is unknown")
        year, month, day = int(text[:4]), int(text[5:7]), int(text[8:])
        date(year, month or 1, day or 1)
        if day and not month:
            raise ValueError("expected no day where the month is unknown")
        return cls(year=year, month=month or None, day=day or None)


def day_of_asking(received_at: datetime, zone: ZoneInfo) -> date:
    """The hub's own day at receipt: it chooses the law, whatever the message says."""
    return received_at.astimezone(zone).date()


def _earlier(one: date | None, other: date | None) -> date | None:
    """The earlier of two ends, where None is no end."""
    if one is None or other is None:
        return one or other
    return min(one, other)


def _later(one: date | None, other: date | None) -> date | None:
    """The later of two ends, where None is no end."""
    return None if one is None or other is None else max(one, other)
