"""A hub in memory, and questions to it: tests of the waist name only what matters to them."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from random import Random
from typing import Final
from uuid import UUID

from msgspec import structs
from tests.law.inventing import (
    ABOUT,
    ASKED_ON,
    BOTH_FILES,
    FIELDS,
    FLOW,
    HUB,
    NODE,
    PERSON,
    PURPOSE,
    a_lawbook,
    a_number,
)

from kruispunt.audit import Heads, MemoryTrail
from kruispunt.directory import MemoryDirectory
from kruispunt.exchange import Hub, KeptLaws, MemoryLedger, Suppliers
from kruispunt.identity import MemoryRegisters
from kruispunt.law import Lawbook
from kruispunt.sources import Simulator
from kruispunt.vocabulary import (
    Decision,
    DirectoryLine,
    Entry,
    FlowId,
    Grant,
    InstitutionCode,
    KeyId,
    LawDigest,
    NumberFact,
    NumberStatus,
    Period,
    Proof,
    PurposeId,
    Question,
    Recorded,
    Reply,
    Ssin,
)
from kruispunt.web import SigningKey, make_key

NOON: Final = datetime(2031, 6, 15, 10, tzinfo=UTC)
ROW: Final[Mapping[str, object]] = dict.fromkeys(FIELDS, True)
NONCES: Final = count(1)


class Clock:
    """Stands still until it is put forward."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, time: timedelta) -> None:
        self.at += time


class Talker:
    """A source that says whatever it was given, about whomever."""

    def __init__(self, *rows: Mapping[str, object], about: Ssin = PERSON) -> None:
        self.rows = rows
        self.about = about
        self.asked: list[Recorded[Grant]] = []
        self.blanks: list[Recorded[Decision]] = []
        """Every blank look."""

    async def fetch(self, recorded: Recorded[Grant], *, timeout_s: float) -> Reply:
        self.asked.append(recorded)
        return Reply(ssin=self.about, rows=self.rows)

    async def blank(self, recorded: Recorded[Decision], *, timeout_s: float) -> None:
        self.blanks.append(recorded)


def a_simulator(*rows: Mapping[str, object], flow: FlowId = FLOW) -> Simulator:
    """A source that knows the person; without rows, all of `FIELDS`."""
    return Simulator({(flow, PERSON): rows or (ROW,)})


def a_key(code: InstitutionCode = HUB) -> SigningKey:
    return make_key(code, key_id=f"{code}/1", random_bytes=Random(code).randbytes)


@dataclass(frozen=True, kw_only=True)
class Twin:
    """A hub whose every room is in memory, with the rooms to look into."""

    hub: Hub
    laws: KeptLaws
    clock: Clock
    ledger: MemoryLedger
    trail: MemoryTrail
    registers: MemoryRegisters
    directory: MemoryDirectory
    asked: list[Recorded[Grant]] = field(default_factory=list[Recorded[Grant]])

    @property
    def entries(self) -> list[Entry]:
        return self.trail.entries

    async def until_asked(self) -> None:
        """Let others run until a source has been asked."""
        for _ in range(100):
            if self.asked:
                return
            await asyncio.sleep(0)
        raise AssertionError("no source was asked")


def a_hub(
    *,
    lawbook: Lawbook | None = None,
    earlier_laws: Iterable[Lawbook] = (),
    seat: InstitutionCode = HUB,
    lines: Sequence[DirectoryLine] = BOTH_FILES,
    number: NumberFact | None = None,
    source: Simulator | Talker | None = None,
) -> Twin:
    """A hub, or with another `seat` a node, that knows one person; number None: known."""
    laws = KeptLaws(
        now=(lawbook or a_lawbook()).jurisdiction(seat),
        folder=Path("/no/lawbooks/here"),
        known={law.digest: law.jurisdiction(seat) for law in earlier_laws},
    )
    clock = Clock()
    trail = MemoryTrail(heads=Heads(signer=a_key(seat), origin=seat, now=clock))
    ledger = MemoryLedger(trail=trail, now=clock, random_bytes=Random(1).randbytes)
    directory = MemoryDirectory(jurisdiction=laws.now)
    directory.lines.kept = frozenset(lines)
    registers = MemoryRegisters({PERSON: number or a_number()})
    supplier = source or a_simulator()
    hub = Hub(
        identity=registers,
        directory=directory,
        laws=laws,
        ledger=ledger,
        sources=Suppliers(laws=laws, stations=supplier),
    )
    return Twin(
        hub=hub,
        laws=laws,
        clock=clock,
        ledger=ledger,
        trail=trail,
        registers=registers,
        directory=directory,
        asked=supplier.asked,
    )


def a_question(
    *,
    message: int = 1,
    nonce: int | None = None,
    content: str = "",
    consumer: InstitutionCode = NODE,
    flow: FlowId = FLOW,
    purpose: PurposeId = PURPOSE,
    ssin: Ssin = PERSON,
    about: Period = ABOUT,
    asked_on: date = ASKED_ON,
    ticket: str = "",
) -> Question:
    """A question with a nonce of its own; `content` stands for all else in its body."""
    body = f"{message} {purpose} {ssin.digits} {about} {ticket} {content}"
    used = next(NONCES) if nonce is None else nonce
    proof = Proof(
        key_id=KeyId(f"{consumer}/1"),
        nonce=used.to_bytes(16),
        created=int(NOON.timestamp()),
        expires=int(NOON.timestamp()) + 60,
        signature=used.to_bytes(64),
        digest=sha256(body.encode()).digest(),
    )
    return Question(
        message_id=UUID(int=message),
        consumer=consumer,
        flow=flow,
        purpose=purpose,
        ssin=ssin,
        about=about,
        received_at=NOON,
        asked_on=asked_on,
        proof=proof,
        ticket=ticket,
    )


def again(question: Question) -> Question:
    """The same message, signed anew."""
    fresh = next(NONCES)
    proof = structs.replace(question.proof, nonce=fresh.to_bytes(16), signature=fresh.to_bytes(64))
    return structs.replace(question, proof=proof)


def another_law(lawbook: Lawbook, digit: str) -> Lawbook:
    """The same lawbook under another digest."""
    return replace(lawbook, digest=LawDigest(digit * 64))


DEAD: Final = NumberFact(status=NumberStatus.DECEASED, deceased_on=date(2030, 1, 1))
