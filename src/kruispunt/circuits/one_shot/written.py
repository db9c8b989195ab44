"""The one-time file as it stands on disk: read whole and checked line by line, or written.

One line for each amount, the lines of a person together, the last line saying how many there were:

    ssin,transition_date,daily_amount
    80010100123,2021-10-01,55.00
    80010100123,2022-04-01,50.00
    end,1,2
"""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from kruispunt.circuits.one_shot.file import Amount, OneShotRecord
from kruispunt.vocabulary import Ssin

COLUMNS: Final = ("ssin", "transition_date", "daily_amount")
END: Final = "end"
MOST_DROPS: Final = 64
"""Amounts of one person."""

DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
AMOUNT: Final = re.compile(r"(\d{1,7})\.(\d{2})", re.ASCII)


class WrongFile(ValueError):
    """A line that breaks a rule. It says which line and which rule, and never a number."""

    def __init__(self, line: int, rule: str) -> None:
        super().__init__(f"line {line}: {rule}")
        self.line = line
        self.rule = rule


def read_records(lines: Iterable[str]) -> Iterator[OneShotRecord]:
    """The persons of a file, in its order. What was read counts only once the end was.

    Raises:
        WrongFile: a line breaks a rule, or the file is cut off.
    """
    rows, reading, number = csv.reader(lines), _Reading(), 1
    try:
        if tuple(next(rows, ())) != COLUMNS:
            raise WrongFile(1, f"expected the columns {', '.join(COLUMNS)}")
        for number, row in enumerate(rows, start=2):
            if row[:1] == [END]:
                yield from reading.person()
                reading.check_end(row, number)
                if next(rows, None) is not None:
                    raise WrongFile(number + 1, "expected nothing behind the last line")
                return
            yield from reading.take(row, number)
    except csv.Error as wrong:
        raise WrongFile(number + 1, f"expected a line of CSV: {wrong}") from wrong
    raise WrongFile(number, f"expected a last line {END!r}: the file is cut off")


@dataclass(slots=True)
class _Reading:
    """The person whose lines are read, and those who came before."""

    ssin: Ssin | None = None
    drops: list[Amount] = field(default_factory=list[Amount])
    seen: set[str] = field(default_factory=set[str])
    amounts: int = 0

    def person(self) -> Iterator[OneShotRecord]:
        """The person whose lines were read, where there is one."""
        if self.ssin is not None:
            yield OneShotRecord(ssin=self.ssin, drops=tuple(self.drops))

    def take(self, row: list[str], number: int) -> Iterator[OneShotRecord]:
        """One line; where another person begins with it, the one before."""
        if len(row) != len(COLUMNS):
            raise WrongFile(number, f"expected {len(COLUMNS)} columns, found {len(row)}")
        if self.ssin is None or row[0] != self.ssin.digits:
            yield from self.person()
            self.ssin, self.drops = _ssin(row[0], number), []
            if self.ssin.digits in self.seen:
                raise WrongFile(number, "expected each person once, all lines together")
            self.seen.add(self.ssin.digits)
        self.drops.append(_next(row, self.drops, number))
        self.amounts += 1

    def check_end(self, row: list[str], number: int) -> None:
        """The last line says how many persons and amounts there were."""
        told = [END, str(len(self.seen)), str(self.amounts)]
        if row != told:
            said = f"expected {','.join(told)}, found {','.join(row[:3])}"
            raise WrongFile(number, f"{said}: the file is not whole")


def write_records(records: Iterable[OneShotRecord]) -> Iterator[str]:
    """The lines of a file with these persons, each with its line break."""
    persons = amounts = 0
    yield ",".join(COLUMNS) + "\n"
    for record in records:
        persons += 1
        for drop in record.drops:
            amounts += 1
            yield f"{record.ssin.digits},{drop.begin},{euros(drop.daily_cents)}\n"
    yield f"{END},{persons},{amounts}\n"


def euros(cents: int) -> str:
    """An amount as it travels."""
    return f"{cents // 100}.{cents % 100:02d}"


def _ssin(text: str, number: int) -> Ssin:
    try:
        return Ssin(text)
    except ValueError:
        raise WrongFile(number, "ssin: expected eleven digits with valid check digits") from None


def _next(row: list[str], drops: list[Amount], number: int) -> Amount:
    """OS-6: the next amount of a person, later and lower than the one before."""
    drop = Amount(begin=_day(row[1], number), daily_cents=_cents(row[2], number))
    if drops and drop.begin <= drops[-1].begin:
        raise WrongFile(number, "transition_date: expected days of one person in their order")
    if drops and drop.daily_cents >= drops[-1].daily_cents:
        raise WrongFile(number, "daily_amount: expected less than the amount before")
    if len(drops) == MOST_DROPS:
        raise WrongFile(number, f"expected at most {MOST_DROPS} amounts of one person")
    return drop


def _day(text: str, number: int) -> date:
    try:
        if DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise WrongFile(number, "transition_date: expected a day, yyyy-mm-dd")


def _cents(text: str, number: int) -> int:
    found = AMOUNT.fullmatch(text)
    if found is None:
        raise WrongFile(number, "daily_amount: expected euros with two digits behind the point")
    return int(found[1]) * 100 + int(found[2])
