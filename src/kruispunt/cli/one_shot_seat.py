"""The one-time file at an institution: its leave, who is in it, its part, what came of it."""

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec

from kruispunt.circuits import one_shot
from kruispunt.cli.clock import now, random_bytes
from kruispunt.cli.compose import House
from kruispunt.client import Mailbox
from kruispunt.exchange import PostgresSpent
from kruispunt.law import Clause, Flow, Lawbook, Side, Supply
from kruispunt.postgres import Database
from kruispunt.station import StationSettings, open_listing, read_station
from kruispunt.vocabulary import InstitutionCode, MailKind, Ssin, day_of_asking
from kruispunt.web import Http, KeyRingFile, SigningKeyFile


class CannotSend(ValueError):
    """This institution sends or takes no such file here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """Whom an institution's tables list, and the records of those who are in its part."""

    listed: int
    records: Sequence[one_shot.OneShotRecord]


class FileRow(msgspec.Struct, frozen=True, rename="camel"):
    """A file at a seat, as `one-shot show --json` tells it."""

    flow: str
    file: UUID
    batches: int
    persons: int
    passed: int
    withheld: int
    first_at: datetime
    last_at: datetime


def clause_of(lawbook: Lawbook) -> tuple[Flow, Clause]:
    """The one leave to send a file, and its flow.

    Raises:
        CannotSend: the law gives none, or more than one.
    """
    found = [
        (flow, clause)
        for clause in lawbook.clauses
        if (flow := lawbook.flows[clause.flow]).supply is Supply.FILE
    ]
    if len(found) != 1:
        raise CannotSend(f"expected one clause for a one-time file, found {len(found)}")
    return found[0]


def lists_for_file(house: House, code: InstitutionCode) -> bool:
    """Whether an institution's station has a select over its own tables for the file.

    Raises:
        CannotSend: the law gives no leave, or more than one.
        StationFileWrong: the file of the station can't be used.
    """
    flow, _ = clause_of(house.network.lawbook)
    return flow.id in _station_of(house, code).files


async def selected_by(house: House, code: InstitutionCode) -> Selected:
    """Who is in an institution's part, by its own tables (OS-4, OS-5); its database runs.

    Raises:
        CannotSend: the law gives no leave, or more than one.
        one_shot.Unreadable: a row is no person, or a person is listed twice.
        StationFileWrong: it has no select for the file, or that does not stand.
        ListingFailed: its select fails on what the tables hold.
        Unavailable: its database is not there now.
    """
    lawbook = house.network.lawbook
    flow, _ = clause_of(lawbook)
    freeze = one_shot.days_of_freeze(lawbook, on=day_of_asking(now(), house.network.zone))
    seen, records = set[Ssin](), list[one_shot.OneShotRecord]()
    async with (
        open_listing(_station_of(house, code), flow.id, fields=one_shot.LISTED) as listing,
        aclosing(listing.rows(freeze, one_shot.LISTED)) as rows,
    ):
        async for row in rows:
            paid = one_shot.paid_of(row)
            if paid.ssin in seen:
                raise one_shot.Unreadable("expected each person once in the tables")
            seen.add(paid.ssin)
            record = one_shot.select(paid, freeze)
            if record is not None:
                records.append(record)
    return Selected(listed=len(seen), records=records)


def _station_of(house: House, code: InstitutionCode) -> StationSettings:
    home = house.place.home(code)
    return read_station(home.station, state=home.folder, institution=code)


def part_of(
    house: House,
    records: Sequence[one_shot.OneShotRecord],
    *,
    file: UUID | None = None,
    most: int,
) -> one_shot.Part:
    """What an institution sends of the file: the same records are the same part."""
    flow, clause = clause_of(house.network.lawbook)
    return one_shot.Part.of(
        records,
        flow=flow.id,
        purpose=clause.purpose,
        consumer=clause.consumer,
        file=file or one_shot.whole_file(flow.id),
        most=most,
    )


def population_lines(house: House, records: Sequence[one_shot.OneShotRecord]) -> str:
    """The lines by which the persons of a file become known at the hub (OS-7), as CSV."""
    _, clause = clause_of(house.network.lawbook)
    today = day_of_asking(now(), house.network.zone)
    (control,) = (one for one in clause.controls if one.side is Side.SUPPLIER)
    found = one_shot.integrate(records, control, on=today)
    head = "ssin,sector,quality,phase,begin,end\n"
    return head + "".join(
        f"{line.ssin.digits},{line.sector},{line.quality},0,{line.period.begin},\n"
        for line in found
    )


def mailbox_of(house: House, code: InstitutionCode, http: Http) -> Mailbox:
    """The mailbox of an institution at its node.

    Raises:
        CannotSend: it stands behind no node of this network, or has no key here.
    """
    node, home = house.network.node_of(code), house.place.home(code)
    if node is None or not home.key.exists():
        raise CannotSend(f"expected an institution behind a node of this network, found {code}")
    return Mailbox(
        url=house.place.addresses()[node.institution],
        seat=node.institution,
        http=http,
        key=SigningKeyFile.open(home.key, now=now),
        ring=KeyRingFile.open(home.ring),
        now=now,
        random_bytes=random_bytes,
    )


async def files_at(database: Database) -> list[FileRow]:
    """How much of each file came to a seat, the first one first."""
    return [
        FileRow(
            flow=one.flow,
            file=one.file,
            batches=one.batches,
            persons=one.persons,
            passed=one.passed,
            withheld=one.persons - one.passed,
            first_at=one.first_at,
            last_at=one.last_at,
        )
        for one in await PostgresSpent(database=database).files()
    ]


async def collect_into(mailbox: Mailbox, folder: Path, *, wait_s: int) -> int:
    """Take every batch out of a mailbox, durably; how many persons. Other mail is left alone."""
    shelf = one_shot.Shelf(folder=folder)
    persons, after = 0, 0
    while True:
        polled = await mailbox.poll(after=after, wait_s=wait_s)
        if not polled.letters:
            return persons
        after, done = polled.last, list[UUID]()
        for letter in polled.letters:
            if letter.mail.kind is not MailKind.BATCH:
                continue
            try:
                persons += await shelf.keep(letter.mail.id, letter.content or b"")
            except one_shot.Unreadable as wrong:
                await mailbox.dead(letter.mail.id, str(wrong))
            else:
                done.append(letter.mail.id)
        if done:
            await mailbox.acknowledge(done)
