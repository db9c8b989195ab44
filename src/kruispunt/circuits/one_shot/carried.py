"""The one-time file on the wire: batches from records, and records from what comes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Final
from uuid import UUID, uuid5

import msgspec

from kruispunt.circuits.one_shot.file import Amount, OneShotRecord, cents_of
from kruispunt.circuits.one_shot.written import euros, write_records
from kruispunt.client import MOST_PERSONS, BatchContent, ListedBody, WireRow, WireSheet
from kruispunt.vocabulary import FlowId, InstitutionCode, PurposeId, Ssin

NAMES: Final = UUID("6f1f2a0e-5a0c-5f5e-9d5d-0c2a7f4b9e11")
"""Under which the ids of files, parts and batches are made from what they are."""

GROUP: Final = "degressivity"
MOST_AMOUNTS: Final = 2_000
"""Amounts in one batch, so that it fits in a mail."""


class Unreadable(ValueError):
    """A batch that does not say what a one-time file says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one payment institution sends of the file: the same content has the same ids.

    So sending it again goes on where it was cut off, and another content is another part.
    """

    flow: FlowId
    purpose: PurposeId
    consumer: InstitutionCode
    file: UUID
    id: UUID
    batches: tuple[tuple[OneShotRecord, ...], ...]

    @classmethod
    def of(
        cls,
        records: Sequence[OneShotRecord],
        *,
        flow: FlowId,
        purpose: PurposeId,
        consumer: InstitutionCode,
        file: UUID,
        most: int = MOST_PERSONS,
    ) -> "Part":
        """Cut into batches of so many persons, and of what one mail holds."""
        digest = sha256(f"{flow} {purpose} {file} {most}\n".encode())
        for line in write_records(records):
            digest.update(line.encode())
        return cls(
            flow=flow,
            purpose=purpose,
            consumer=consumer,
            file=file,
            id=uuid5(NAMES, digest.hexdigest()),
            batches=tuple(_cut(records, most)),
        )

    def mail(self, number: int) -> UUID:
        """The id under which a batch is sent, each time that it is."""
        return uuid5(self.id, str(number))

    def content(self, number: int) -> BatchContent:
        """What a batch says, by its number from 0."""
        return BatchContent(
            file=self.file,
            purpose=self.purpose,
            consumer=self.consumer,
            persons=tuple(map(_listed, self.batches[number])),
            part=self.id,
            batches=len(self.batches),
        )


def whole_file(flow: FlowId) -> UUID:
    """OS-2: the id of the one file of a flow, where nobody gave it another."""
    return uuid5(NAMES, flow)


def records_of(content: BatchContent) -> Iterator[OneShotRecord]:
    """The persons of a batch, with the amounts that were granted.

    Raises:
        Unreadable: rows that are none of a one-time file.
    """
    try:
        for one in content.persons:
            drops = tuple(drop for row in one.rows for drop in _drops(row))
            yield OneShotRecord(ssin=Ssin(one.ssin), drops=drops)
    except (msgspec.ValidationError, ValueError) as wrong:
        raise Unreadable("expected days and amounts of persons") from wrong


class _Drop(msgspec.Struct, frozen=True):
    """One amount, as the law names its fields."""

    transition_date: date
    daily_amount: Decimal


class _Row(msgspec.Struct, frozen=True):
    """All amounts of one person."""

    degressivity: tuple[_Drop, ...]


def _drops(row: WireSheet) -> Iterator[Amount]:
    for drop in msgspec.convert(row, _Row).degressivity:
        yield Amount(begin=drop.transition_date, daily_cents=cents_of(drop.daily_amount))


def _listed(record: OneShotRecord) -> ListedBody:
    drops: list[WireRow] = [
        {"transition_date": f"{drop.begin}", "daily_amount": euros(drop.daily_cents)}
        for drop in record.drops
    ]
    return ListedBody(ssin=record.ssin.digits, rows=({GROUP: drops},))


def _cut(records: Sequence[OneShotRecord], most: int) -> Iterator[tuple[OneShotRecord, ...]]:
    batch: list[OneShotRecord] = []
    amounts = 0
    for record in records:
        if batch and (len(batch) == most or amounts + len(record.drops) > MOST_AMOUNTS):
            yield tuple(batch)
            batch, amounts = [], 0
        batch.append(record)
        amounts += len(record.drops)
    if batch:
        yield tuple(batch)
