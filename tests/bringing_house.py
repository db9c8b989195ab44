"""An invented law by which funds bring lines, and a hub and a node that take them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Final, TypedDict, Unpack

from tests.house import Clock, a_key, a_question
from tests.law.inventing import HUB, NODE, PERSON, a_clause, a_flow, a_lawbook, a_number

from kruispunt.audit import Heads, MemoryTrail
from kruispunt.directory import MemoryDirectory
from kruispunt.exchange import Integrated, Integration, KeptLaws, MemoryFiles, MemoryLedger
from kruispunt.identity import LeftToHub, MemoryRegisters
from kruispunt.law import Lawbook, LineKind, Supply
from kruispunt.sources import RefusedUpstream, SilentSource
from kruispunt.vocabulary import (
    Act,
    DirectoryLine,
    Entry,
    FieldName,
    FlowId,
    InstitutionCode,
    LinesAsked,
    NoAnswer,
    NumberFact,
    Period,
    Quality,
    Question,
    Reason,
    Refusal,
    Sector,
)

BRINGING: Final = FlowId("bringing")
OURS: Final = Sector(5)
ELSEWHERE: Final = Sector(9)
SHORT, FILE, OTHER = Quality(1), Quality(2), Quality(3)
JANUARY: Final = Period(date(2031, 1, 1), date(2031, 2, 1))
YEAR: Final = Period(date(2031, 1, 1), date(2032, 1, 1))
FIELDS: Final = tuple(map(FieldName, ("sector", "quality", "begin_date", "end_date")))


def bringing_law(*, members: Sequence[str] = ("fund",)) -> Lawbook:
    """Funds behind the node bring qualities of sector 5, one for two months at most.

    Without `members` the node brings lines of its own.
    """
    clause = a_clause(
        "bring", members=members, flow=BRINGING, fields=FIELDS, withheld=(), controls=()
    )
    kinds = (
        LineKind(sector=OURS, qualities=frozenset({SHORT}), paragraph="§1", max_months=2),
        LineKind(sector=OURS, qualities=frozenset({FILE, OTHER}), paragraph="§1"),
    )
    plain = a_flow(BRINGING)
    fields = tuple(replace(plain.fields[0], name=name) for name in FIELDS)
    flow = replace(plain, supply=Supply.INTEGRATION, fields=fields)
    return a_lawbook(replace(clause, integrates=kinds), flows=[flow])


class Told(TypedDict, total=False):
    """What of a message matters to a test."""

    message: int
    consumer: InstitutionCode
    about: Period
    content: str


@dataclass(kw_only=True)
class Bringing:
    """One seat in memory, with the rooms to look into."""

    integration: Integration
    trail: MemoryTrail
    files: MemoryFiles
    ledger: MemoryLedger

    @property
    def kept(self) -> set[DirectoryLine]:
        return set(self.files.lines.kept)

    async def do(self, asked: LinesAsked, **told: Unpack[Told]) -> Integrated:
        done = await self.integration.do(a_message(**told), asked)
        assert isinstance(done, Integrated)
        return done

    async def refused(self, asked: LinesAsked, **told: Unpack[Told]) -> NoAnswer:
        done = await self.integration.do(a_message(**told), asked)
        assert isinstance(done, NoAnswer)
        return done


@dataclass
class HubAbove:
    """The hub above a node, in memory; or one that refuses or is silent."""

    hub: Bringing
    wrong: RefusedUpstream | SilentSource | None = None
    heard: list[tuple[LinesAsked, Period]] = field(default_factory=list[tuple[LinesAsked, Period]])
    meanwhile: Callable[[LinesAsked], None] | None = None
    """What happens after the hub did it, and before we hear so."""

    async def lines(
        self, entry: Entry, asked: LinesAsked, about: Period, *, timeout_s: float
    ) -> Sequence[DirectoryLine]:
        assert timeout_s > 0
        self.heard.append((asked, about))
        if self.wrong is not None:
            raise self.wrong
        question = a_message(
            consumer=NODE, about=about, message=len(self.heard), content=str(asked)
        )
        done = await self.hub.integration.do(question, asked)
        if isinstance(done, NoAnswer):
            raise RefusedUpstream(Refusal(reason=done.refusal.reason.told or Reason.NO_FILE))
        if self.meanwhile is not None:
            self.meanwhile(asked)
        return done.lines


def a_seat(
    seat: InstitutionCode = HUB,
    *,
    above: HubAbove | None = None,
    number: NumberFact | None = None,
    law: Lawbook | None = None,
) -> Bringing:
    here = (law or bringing_law()).jurisdiction(seat)
    laws = KeptLaws(now=here, folder=Path("/no/lawbooks/here"))
    clock = Clock()
    trail = MemoryTrail(heads=Heads(signer=a_key(seat), origin=seat, now=clock))
    ledger = MemoryLedger(trail=trail, now=clock, random_bytes=Random(1).randbytes)
    directory = MemoryDirectory(jurisdiction=laws.now)
    files = MemoryFiles(directory.lines)
    registers = MemoryRegisters({PERSON: number or a_number()})
    integration = Integration(
        identity=LeftToHub() if laws.now.is_node else registers,
        directory=directory,
        laws=laws,
        ledger=ledger,
        files=files,
        above=above,
    )
    return Bringing(integration=integration, trail=trail, files=files, ledger=ledger)


def a_node() -> tuple[Bringing, HubAbove]:
    above = HubAbove(a_seat())
    return a_seat(NODE, above=above), above


def a_message(
    *,
    message: int = 1,
    consumer: InstitutionCode = NODE,
    about: Period = YEAR,
    content: str = "",
) -> Question:
    return a_question(
        message=message, consumer=consumer, flow=BRINGING, about=about, content=content
    )


def bring(quality: Quality = FILE, *, sector: Sector | None = None) -> LinesAsked:
    return LinesAsked(act=Act.INTEGRATE, sector=sector, quality=quality)


def remove(
    quality: Quality | None = FILE, *, sector: Sector = OURS, whole: bool = False
) -> LinesAsked:
    return LinesAsked(act=Act.REMOVE, sector=sector, quality=quality, whole=whole)


def a_file(
    quality: Quality = FILE, period: Period = YEAR, *, member: InstitutionCode | None = None
) -> DirectoryLine:
    return DirectoryLine(ssin=PERSON, sector=OURS, quality=quality, period=period, member=member)
