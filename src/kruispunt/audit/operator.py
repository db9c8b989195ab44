"""Someone at the institution's own machine: what they are shown or change is written down too."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final, Self
from uuid import UUID

from kruispunt.audit.blinding import MonthKey, month_of
from kruispunt.audit.change import Change, LoadedFile, Made, Part, write_change
from kruispunt.audit.reader import Reader
from kruispunt.audit.reading import AtMachine, Reading, reading_write
from kruispunt.audit.trail import LONGEST_MONTH
from kruispunt.postgres import Connection
from kruispunt.vocabulary import InstitutionCode, LawDigest, Ssin

OPERATOR: Final = "operator"
"""The role of whoever uses a command on the machine: the law knows none of that name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """An account of the machine, and why it is used; the keys of this month and the next."""

    reader: Reader
    institution: InstitutionCode
    user: str
    why: str
    lawbook: LawDigest
    now: Callable[[], datetime]
    new_id: Callable[[datetime], UUID]
    keys: Mapping[date, MonthKey]

    @classmethod
    async def at(
        cls,
        reader: Reader,
        *,
        institution: InstitutionCode,
        user: str,
        why: str,
        lawbook: LawDigest,
        now: Callable[[], datetime],
        new_id: Callable[[datetime], UUID],
        random_bytes: Callable[[int], bytes],
    ) -> Self:
        """Somebody whose looks and changes can be written down from here on.

        Raises:
            Shredded, Tampered: the key of this month is gone or of another master key.
            Unavailable: the database is away.
        """
        month = month_of(now())
        months = (month, month_of(_noon(month) + LONGEST_MONTH))
        keys = {one: await reader.keys.make(one, random_bytes=random_bytes) for one in months}
        return cls(
            reader=reader,
            institution=institution,
            user=user,
            why=why,
            lawbook=lawbook,
            now=now,
            new_id=new_id,
            keys=keys,
        )

    async def look(self, ssin: Ssin, reads: AtMachine, *, limit: int = 0) -> Reading:
        """Write down that the operator looks at a person. Nothing is shown before this returns.

        Raises:
            Unavailable: it is not durable.
        """
        now = self.now()
        reading = Reading(
            id=self.new_id(now),
            recorded_at=now,
            lawbook=self.lawbook,
            institution=self.institution,
            role=OPERATOR,
            user=self.user,
            reads=reads,
            ssin=ssin,
            begin=None,
            end=None,
            consumer=None,
            after="",
            limit=limit,
            why=self.why,
            received_at=now,
            proof=None,
        )
        write = reading_write(reading, self.keys[month_of(now)])
        await self.reader.database.execute(write.statement.query, [write.row])
        return reading

    async def change(
        self,
        connection: Connection,
        made: Made,
        *,
        ssin: Ssin | None = None,
        part: Part | None = None,
        file: LoadedFile | None = None,
    ) -> None:
        """Write a change down in the transaction that makes it.

        No other connection is used: the transaction may hold the only one that there is.
        """
        now = self.now()
        change = Change(
            id=self.new_id(now),
            recorded_at=now,
            institution=self.institution,
            user=self.user,
            made=made,
            ssin=ssin,
            part=part,
            file=file,
            why=self.why,
        )
        await write_change(connection, change, key=self.keys[month_of(now)])


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
