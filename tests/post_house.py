"""One seat in memory that takes and sends mail, and mail as its sender signs it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Final, TypeVar, cast

from msgspec import structs
from tests.house import NOON, Clock, a_key
from tests.law.inventing import (
    FIELDS,
    FLOW,
    FUND,
    HUB,
    NODE,
    OFFICE,
    PERSON,
    SUPPLIED,
    a_clause,
    a_control,
    a_flow,
    a_lawbook,
    a_number,
    an_institution,
)
from tests.unit.gateway.givens import URL, ZONE

from kruispunt.audit import Heads, MemoryTrail
from kruispunt.directory import MemoryDirectory
from kruispunt.exchange import (
    Batches,
    Desk,
    Fan,
    Hub,
    KeptLaws,
    MemoryCommit,
    MemoryLedger,
    MemoryRequests,
    MemorySpent,
    Outgoing,
    Post,
    Relay,
    Requests,
    Waits,
)
from kruispunt.exchange.fan import Trail
from kruispunt.exchange.post import Committer
from kruispunt.gateway import Entrance, MailDoor
from kruispunt.identity import LeftToHub, MemoryRegisters
from kruispunt.law import Detail, Lawbook, NetworkKind, PeriodRule, Side, Supply, ValueType
from kruispunt.postgres import Query, Statement, Write
from kruispunt.sources import RefusedUpstream
from kruispunt.vocabulary import (
    Decision,
    DirectoryLine,
    Entry,
    Grant,
    InstitutionCode,
    KeyId,
    Mail,
    MailKind,
    NoAnswer,
    Problem,
    Question,
    Recorded,
    Reply,
    Ssin,
)
from kruispunt.web import HttpReply, KeyRing, Request

ONE: Final = InstitutionCode("pays-one")
TWO: Final = InstitutionCode("pays-two")
PUT: Final = Statement(Query("put_mail", ""), width=1)
NONCES: Final = count(10**9)
YEAR: Final = timedelta(days=366)
WAITS: Final = Waits(answers=timedelta(days=10), late=timedelta(days=30))
T = TypeVar("T")


KIND: Final = Detail(
    name="kind",
    type=ValueType.CODE,
    values=("birth", "adoption"),
    required=False,
    paragraph="31/007 §2",
)
BRIEF: Final = Detail(
    name="brief",
    type=ValueType.BOOL,
    values=(),
    required=False,
    paragraph="31/007 §2",
    only=(FIELDS[1],),
)


def a_law() -> Lawbook:
    """A flow that the office supplies by its own directory, with two members that pay."""
    control = a_control(Side.SUPPLIER, of=SUPPLIED, rule=PeriodRule.OVERLAP)
    law = a_lawbook(
        a_clause(controls=(a_control(), control)),
        flows=[replace(a_flow(), supply=Supply.BY_DIRECTORY, details=(BRIEF, KIND))],
    )
    paying = {
        code: an_institution(code, kind=NetworkKind.SECONDARY, node=OFFICE, roles=("pays",))
        for code in (ONE, TWO)
    }
    return replace(law, institutions={**law.institutions, **paying})


LAW: Final = a_law()
RING: Final = KeyRing.holding(
    a_key(code).public(not_before=NOON - YEAR, not_after=NOON + YEAR)
    for code in (NODE, OFFICE, FUND, HUB, ONE, TWO)
)


def run(work: Awaitable[T]) -> T:
    async def waits() -> T:
        return await work

    return asyncio.run(waits())


@dataclass(frozen=True, slots=True)
class Boxes:
    """Mailboxes in memory: what a commit put there, in its order."""

    mails: list[Mail] = field(default_factory=list[Mail])

    @property
    def statements(self) -> tuple[Statement, ...]:
        return (PUT,)

    def put(self, mail: Mail) -> tuple[Write, ...]:
        return (Write(PUT, (mail,)),)

    def write(self, writes: Sequence[Write]) -> None:
        self.mails.extend(cast("Mail", one.row[0]) for one in writes if one.statement is PUT)


@dataclass(frozen=True, slots=True)
class Wax:
    """Seals by writing the recipient in front: so a test sees what leaves, and to whom."""

    seat: InstitutionCode

    def seal(self, recipient: InstitutionCode, content: bytes) -> tuple[KeyId, bytes]:
        return KeyId(f"{recipient}/1"), f"for {recipient}: ".encode() + content

    def person(self, ssin: Ssin) -> bytes:
        return f"{self.seat}{ssin.digits}".encode()[-16:].rjust(16)

    def open(self, sealed: bytes, key: KeyId) -> bytes | None:
        head = f"for {self.seat}: ".encode()
        ours = key == f"{self.seat}/1" and sealed.startswith(head)
        return sealed.removeprefix(head) if ours else None


class Above:
    """A hub as the source of its node: what it refuses is refused upstream."""

    def __init__(self, hub: Callable[[], Hub]) -> None:
        self.hub = hub
        self.silent: Problem | None = None
        self.asked: list[Question] = []

    async def fetch(self, recorded: Recorded[Grant], *, timeout_s: float) -> Reply:
        raise AssertionError("nothing is answered at once here")

    async def blank(self, recorded: Recorded[Decision], *, timeout_s: float) -> None:
        raise AssertionError("nothing is answered at once here")

    async def forward(self, recorded: Recorded[Grant], *, timeout_s: float) -> None:
        entry = recorded.entry
        nonce = structs.replace(
            entry.question.proof, key_id=KeyId(f"{NODE}/1"), nonce=next(NONCES).to_bytes(16)
        )
        asked = structs.replace(
            entry.question,
            message_id=entry.ticket,
            consumer=NODE,
            ticket=str(entry.ticket),
            user="",
            proof=nonce,
        )
        self.asked.append(asked)
        told = await self.hub().serve(asked)
        if self.silent is not None:
            raise self.silent
        if isinstance(told, NoAnswer):
            raise RefusedUpstream(told.refusal)


@dataclass(frozen=True, kw_only=True)
class Seat:
    """One seat, with the rooms to look into."""

    code: InstitutionCode
    clock: Clock
    hub: Hub
    trail: MemoryTrail
    ledger: MemoryLedger
    requests: MemoryRequests
    boxes: Boxes
    commit: MemoryCommit
    post: Post
    door: MailDoor

    @property
    def entries(self) -> list[Entry]:
        return self.trail.entries

    @property
    def ended(self) -> list[tuple[str, int, str]]:
        """How looks ended, in the order of their entries."""
        outcomes = self.trail.outcomes
        found = (outcomes.get(entry.id) for entry in self.entries)
        return [(o.ending.value, o.rows, o.cause) if o else ("", 0, "") for o in found]

    def mails(self, kind: MailKind | None = None) -> list[Mail]:
        return [mail for mail in self.boxes.mails if kind in (None, mail.kind)]

    async def take(self, request: Request) -> HttpReply | Problem:
        try:
            return await self.door.take(request)
        except Problem as problem:
            return problem


class Nowhere(Above):
    """The hub and the office ask nobody by a question."""

    async def forward(self, recorded: Recorded[Grant], *, timeout_s: float) -> None:
        pass


@dataclass(frozen=True, kw_only=True)
class Rooms:
    """The rooms of a seat that its post and its waist share."""

    laws: KeptLaws
    clock: Clock
    trail: MemoryTrail
    requests: MemoryRequests
    boxes: Boxes
    wax: Wax
    chance: Callable[[int], bytes]
    identity: LeftToHub | MemoryRegisters
    directory: MemoryDirectory
    waits: Waits = WAITS

    @classmethod
    def of(
        cls, code: InstitutionCode, clock: Clock, lines: Sequence[DirectoryLine], law: Lawbook
    ) -> "Rooms":
        laws = KeptLaws(now=law.jurisdiction(code), folder=Path("/no/lawbooks/here"))
        directory = MemoryDirectory(jurisdiction=laws.now)
        directory.lines.kept = frozenset(lines)
        return cls(
            laws=laws,
            clock=clock,
            trail=MemoryTrail(heads=Heads(signer=a_key(code), origin=code, now=clock)),
            requests=MemoryRequests(),
            boxes=Boxes(),
            wax=Wax(code),
            chance=Random(code).randbytes,
            identity=LeftToHub() if code != law.hub else MemoryRegisters({PERSON: a_number()}),
            directory=directory,
        )

    @property
    def outgoing(self) -> Outgoing:
        return Outgoing(
            mailboxes=self.boxes,
            envelopes=self.wax,
            now=self.clock,
            random_bytes=self.chance,
        )

    @property
    def ledger(self) -> MemoryLedger:
        desk = Desk(
            laws=self.laws, requests=self.requests, outgoing=self.outgoing, waits=self.waits
        )
        return MemoryLedger(
            trail=self.trail,
            now=self.clock,
            random_bytes=self.chance,
            desk=desk,
            rooms=(self.requests, self.boxes),
        )

    def post(self, commit: MemoryCommit) -> Post:
        return a_post(
            laws=self.laws,
            identity=self.identity,
            directory=self.directory,
            trail=self.trail,
            requests=self.requests,
            outgoing=self.outgoing,
            commit=commit,
            now=self.clock,
        )


def a_post(
    *,
    laws: KeptLaws,
    identity: LeftToHub | MemoryRegisters,
    directory: MemoryDirectory,
    trail: Trail,
    requests: Requests,
    outgoing: Outgoing,
    commit: Committer,
    now: Callable[[], datetime],
) -> Post:
    """A post over these rooms, in memory or not."""
    waits, chance = WAITS, outgoing.random_bytes
    relay = Relay(
        laws=laws,
        trail=trail,
        requests=requests,
        outgoing=outgoing,
        waits=waits,
        now=now,
        random_bytes=chance,
    )
    fan = Fan(
        identity=identity,
        directory=directory,
        laws=laws,
        trail=trail,
        requests=requests,
        outgoing=outgoing,
        waits=waits,
        zone=ZONE,
        now=now,
        random_bytes=chance,
    )
    batches = Batches(
        identity=identity,
        directory=directory,
        laws=laws,
        trail=trail,
        spent=commit.spent if isinstance(commit, MemoryCommit) else MemorySpent(),
        outgoing=outgoing,
        zone=ZONE,
        now=now,
        random_bytes=chance,
    )
    return Post(fan=fan, relay=relay, batches=batches, requests=requests, commit=commit, now=now)


def a_seat(
    code: InstitutionCode,
    clock: Clock,
    lines: Sequence[DirectoryLine],
    *,
    law: Lawbook = LAW,
    above: Above | None = None,
) -> Seat:
    rooms = Rooms.of(code, clock, lines, law)
    ledger = rooms.ledger
    hub = Hub(
        identity=rooms.identity,
        directory=rooms.directory,
        laws=rooms.laws,
        ledger=ledger,
        sources=above or Nowhere(lambda: hub),
        by_mail=True,
    )
    commit = MemoryCommit(trail=rooms.trail, requests=rooms.requests, rooms=(rooms.boxes,))
    post = rooms.post(commit)
    entrance = Entrance(
        base_url=URL,
        ring=RING,
        lawbook=law,
        offered=frozenset({FLOW}),
        zone=ZONE,
        now=clock,
    )
    return Seat(
        code=code,
        clock=clock,
        hub=hub,
        trail=rooms.trail,
        ledger=ledger,
        requests=rooms.requests,
        boxes=rooms.boxes,
        commit=commit,
        post=post,
        door=MailDoor(entrance=entrance, post=post, open=rooms.wax.open),
    )
