"""What a test sees of a question that crosses the whole house by mail, hop by hop."""

import asyncio
import os
import re
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Final, TypeVar, cast
from uuid import UUID

import msgspec
from msgspec import structs
from tests.acceptance.standing import ENDINGS, House, Json, a_message, now

from kruispunt.client import (
    AnswerContent,
    Correspondent,
    Mailbox,
    Opened,
    WireSheet,
    canonical,
)
from kruispunt.vocabulary import InstitutionCode, Mail, MailKind
from kruispunt.web import Http, KeyRingFile, open_sealed, seal_for, sealing_key

PATIENCE_S: Final = 60.0
LOOK_S: Final = 0.1
T = TypeVar("T")

TABLES: Final = """
select n.nspname as schema, c.relname as name
from pg_catalog.pg_class as c
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and not c.relispartition
    and n.nspname not in ('pg_catalog', 'information_schema')
"""
WAITING: Final = """
select id, recipient, kind, flow, ticket, person, sealed, sealed_for, sent_at
from mailbox.mail
where recipient = $1
order by position
"""
LOOKS: Final = """
select d.id, d.repeats, o.ending, o.shown
from audit.decision as d
left join audit.outcome as o on o.entry = d.id
where d.id = $1 or d.repeats = $1
order by d.recorded_at, d.id
"""


@dataclass(frozen=True)
class Letter:
    """A mail that waits at a seat, opened with the key of whom it is for."""

    kind: MailKind
    ticket: str
    content: Json

    @property
    def rows(self) -> list[Json]:
        return cast("list[Json]", self.content.get("rows", []))


@dataclass(frozen=True)
class Look:
    """One entry of a request: the first, or that of an answer; and what came of it."""

    id: UUID
    repeats: UUID | None
    ending: str
    rows: int


async def mails(house: House, at: InstitutionCode, to: InstitutionCode) -> list[Mail]:
    """The mail for an institution that stands at a seat, in its order."""
    return [msgspec.convert(row, Mail) for row in await house.fetch(at, WAITING, to)]


async def waiting(house: House, at: InstitutionCode, to: InstitutionCode) -> list[Letter]:
    """As `mails`, opened."""
    found: list[Letter] = []
    for mail in await mails(house, at, to):
        content = open_sealed(house.key(to), mail.sealed, key_id=mail.sealed_for)
        told = msgspec.json.decode(content, type=dict[str, object])
        found.append(Letter(mail.kind, mail.ticket, told))
    return found


async def deliver(house: House, at: InstitutionCode, to: InstitutionCode) -> None:
    """Bring what waits, as a carrier does that dies before it can note that the other has it."""
    async with await Http.open() as http:
        calls = Correspondent(
            http=http,
            key=house.key(at),
            ring=KeyRingFile.open(house.place.home(at).ring),
            now=now,
            random_bytes=os.urandom,
        )
        for mail in await mails(house, at, to):
            await calls.send(house.url(to), to, mail)


async def waited(
    house: House, at: InstitutionCode, to: InstitutionCode, *, kinds: Sequence[MailKind]
) -> list[Letter]:
    """As `waiting`, as soon as these stand there, in any order."""

    async def look() -> list[Letter] | None:
        found = await waiting(house, at, to)
        assert len(found) <= len(kinds), found
        same = sorted(one.kind for one in found) == sorted(kinds)
        return found if same else None

    return await until(look, f"{kinds} at {at} for {to}")


async def until(look: Callable[[], Awaitable[T | None]], what: str) -> T:
    """What is seen, once something is."""
    over = monotonic() + PATIENCE_S
    while (seen := await look()) is None:
        assert monotonic() < over, f"not within {PATIENCE_S} s: {what}"
        await asyncio.sleep(LOOK_S)
    return seen


async def trail_of(house: House, at: InstitutionCode, first: UUID) -> list[Look]:
    """The entries of a request at a seat, the first one first."""
    return [
        Look(
            id=cast("UUID", row["id"]),
            repeats=cast("UUID | None", row["repeats"]),
            ending=ENDINGS[cast("int", row["ending"])] if row["ending"] else "",
            rows=cast("int", row["shown"] or 0),
        )
        for row in await house.fetch(at, LOOKS, first)
    ]


async def tickets(house: House, ticket: UUID) -> tuple[UUID, UUID]:
    """The entries of a request at the hub and at the node that supplies, by its first ticket."""
    at_hub = await entry_at_the_hub(house, ticket)
    query = "select id from audit.decision where ticket = $1 and repeats is null"

    async def look() -> UUID | None:
        rows = await house.fetch(supplier(house), query, str(at_hub))
        return cast("UUID", rows[0]["id"]) if rows else None

    return at_hub, await until(look, "an entry at the supplier")


async def entry_at_the_hub(house: House, ticket: UUID) -> UUID:
    """The first entry of a request at the hub, by the ticket of the node that asked."""
    query = "select id from audit.decision where message_id = $1 and repeats is null"
    (row,) = await house.fetch(house.hub, query, ticket)
    return cast("UUID", row["id"])


def supplier(house: House) -> InstitutionCode:
    """The node whose members answer."""
    (node,) = {one.node for one in house.network.collectors}
    return node


@asynccontextmanager
async def mailbox_of(
    house: House, own: InstitutionCode, at: InstitutionCode
) -> AsyncGenerator[Mailbox]:
    """The mailbox of an institution at its node."""
    async with await Http.open() as http:
        yield Mailbox(
            url=house.url(at),
            seat=at,
            http=http,
            key=house.key(own),
            ring=KeyRingFile.open(house.place.home(own).ring),
            now=now,
            random_bytes=os.urandom,
        )


@dataclass
class Heard:
    """What the insurer was told by mail, under each of its tickets, each mail once."""

    ids: list[UUID] = field(default_factory=list[UUID])
    told: dict[str, list[Letter]] = field(default_factory=dict[str, list[Letter]])

    def keep(self, letters: Sequence[Opened]) -> None:
        for one in letters:
            assert one.content is not None
            if one.mail.id not in self.ids:
                content = msgspec.json.decode(one.content, type=dict[str, object])
                letter = Letter(one.mail.kind, one.mail.ticket, content)
                self.ids.append(one.mail.id)
                self.told.setdefault(one.mail.ticket, []).append(letter)

    def of(self, ticket: UUID, kind: MailKind) -> list[Json]:
        return [one.content for one in self.told.get(str(ticket), []) if one.kind is kind]

    def rows(self, ticket: UUID) -> list[Json]:
        """The rows of all answers under a ticket."""
        return [row for one in self.told.get(str(ticket), []) for row in one.rows]

    def is_whole(self, ticket: UUID) -> bool:
        """True where the count is told, and as many answers and failures as that."""
        counts = self.of(ticket, MailKind.COUNT)
        came = len(self.of(ticket, MailKind.ANSWER)) + len(self.of(ticket, MailKind.FAILURE))
        return bool(counts) and came >= cast("int", counts[0]["expected"])


async def hear(house: House, *asked: UUID, heard: Heard | None = None) -> Heard:
    """Empty the insurer's mailbox until all that was asked is answered, and once more."""
    heard = heard or Heard()
    over = monotonic() + PATIENCE_S
    async with mailbox_of(house, house.insurer, house.node) as mailbox:
        while not all(map(heard.is_whole, asked)):
            assert monotonic() < over, f"not within {PATIENCE_S} s: {heard.told}"
            await _empty(mailbox, heard, wait_s=1)
        await _empty(mailbox, heard, wait_s=1)
    return heard


async def _empty(mailbox: Mailbox, heard: Heard, *, wait_s: int) -> None:
    polled = await mailbox.poll(wait_s=wait_s)
    heard.keep(polled.letters)
    if polled.letters:
        await mailbox.acknowledge([one.mail.id for one in polled.letters])


def pid(house: House, name: str) -> int:
    """The process of this name."""
    (note,) = (one for one in house.notes() if one.name == name)
    return note.pid


def kill(house: House, name: str) -> None:
    """kill -9 of a process; its supervisor starts another."""
    with suppress(ProcessLookupError):
        os.kill(pid(house, name), signal.SIGKILL)


@contextmanager
def halted(house: House, *names: str) -> Generator[None]:
    """These processes stand still, alive and deaf; those that were killed meanwhile are not."""
    pids = [pid(house, name) for name in names]
    for one in pids:
        os.kill(one, signal.SIGSTOP)
    try:
        yield
    finally:
        standing = {note.pid for note in house.notes()}
        for one in standing.intersection(pids):
            os.kill(one, signal.SIGCONT)


def collectors(house: House) -> list[str]:
    """Names of the processes that answer."""
    return [f"{one.institution.lower()}-collector" for one in house.network.collectors]


@dataclass(frozen=True)
class Payer:
    """A payment institution to which a request was sent; we hold its key."""

    house: House
    asked: Mail
    number: int

    async def answer(self, row: Json, *, mail: UUID | None = None) -> UUID:
        """Send an answer to the node, as its own process would, sealed anew each time."""
        node, mail = supplier(self.house), mail or a_message()
        key = sealing_key(self._ring, node, now=int(now().timestamp()))
        answered = AnswerContent(number=self.number, rows=(cast("WireSheet", row),))
        async with self._mailbox() as mailbox:
            await mailbox.send(
                structs.replace(
                    self.asked,
                    id=mail,
                    recipient=node,
                    kind=MailKind.ANSWER,
                    sealed=seal_for(key, canonical(answered)),
                    sealed_for=key.key_id,
                )
            )
        return mail

    async def acknowledge(self) -> None:
        async with self._mailbox() as mailbox:
            assert await mailbox.acknowledge([self.asked.id]) == 1

    async def dead(self, why: str) -> bool:
        async with self._mailbox() as mailbox:
            return await mailbox.dead(self.asked.id, why)

    def _mailbox(self) -> AbstractAsyncContextManager[Mailbox]:
        return mailbox_of(self.house, InstitutionCode(self.asked.recipient), supplier(self.house))

    @property
    def _ring(self) -> KeyRingFile:
        return KeyRingFile.open(self.house.place.home(InstitutionCode(self.asked.recipient)).ring)


async def paying(house: House, ticket: UUID) -> list[Payer]:
    """Who was sent a request, by number."""
    _, entry = await tickets(house, ticket)
    query = "select number, supplier from exchange.request_part where ticket = $1 order by number"
    found: list[Payer] = []
    for row in await house.fetch(supplier(house), query, entry):
        code = InstitutionCode(str(row["supplier"]))
        async with mailbox_of(house, code, supplier(house)) as mailbox:
            (asked,) = [
                one.mail for one in (await mailbox.poll()).letters if one.mail.ticket == str(entry)
            ]
        found.append(Payer(house, asked, cast("int", row["number"])))
    return found


async def names_at(house: House, seat: InstitutionCode) -> list[str]:
    """Where at a seat a member of a node is named: its database, its folders, its logs."""
    named = Named.of(house)
    found = [place async for place, text in _database(house, seat) if named.stand_in(text)]
    folders = (house.place.published(seat).folder, house.place.home(seat).folder)
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    found += [str(path) for path in files if named.stand_in(_read(path))]
    logs = {name: text for name, text in house.logs().items() if seat.lower() in name}
    assert len(logs) >= 3, "seat, sealer and carrier have logs"
    return found + [name for name, text in logs.items() if named.stand_in(text)]


async def _database(
    house: House, seat: InstitutionCode
) -> AsyncGenerator[tuple[str, str | bytes]]:
    for table in await house.fetch(seat, TABLES):
        name = f'"{table["schema"]}"."{table["name"]}"'
        for row in await house.fetch(seat, f"select * from {name}"):
            for column, value in row.items():
                text = value if isinstance(value, bytes) else str(value)
                yield f"{name}.{column}", text


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:  # a draft that was put in its place meanwhile
        return b""


@dataclass(frozen=True)
class Named:
    """Finds codes and names of members, in text and in bytes of which many are by chance."""

    text: re.Pattern[str]
    binary: re.Pattern[bytes]

    @classmethod
    def of(cls, house: House) -> "Named":
        nodes = {one.institution for one in house.network.nodes}
        members = [o for o in house.network.lawbook.institutions.values() if o.node in nodes]
        names = sorted({name for one in members for name in one.names.values()})
        codes = sorted(one.code for one in members)
        said = "|".join(map(re.escape, (*codes, *names)))
        # A short code stands somewhere in enough random bytes: there it counts as written by us.
        written = [form for code in codes for form in _forms(code)]
        long = [name.encode() for name in (*codes, *names) if len(name) > 4]
        return cls(
            text=re.compile(rf"(?<![\w+/])({said})(?![\w+/=])"),
            binary=re.compile(b"|".join(map(re.escape, (*written, *long)))),
        )

    def stand_in(self, text: str | bytes) -> bool:
        searched = self.text.search(text) if isinstance(text, str) else self.binary.search(text)
        return searched is not None


def _forms(code: str) -> Iterator[bytes]:
    yield f'"{code}"'.encode()
    yield f"={code}\n".encode()
    if len(code) > 3:
        yield msgspec.msgpack.encode(code)
