"""A trail in which everybody asked about everybody, and those who come to read it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Final
from uuid import UUID

from msgspec import structs
from tests.contract.trail_house import a_trail
from tests.law.inventing import (
    BANK,
    FLOW,
    FUND,
    NODE,
    OFFICE,
    PURPOSE,
    a_lawbook,
    an_institution,
)
from tests.unit.audit.entries import ANNA, BORIS, GROUND, PROOF, RECORDED_AT, an_entry, an_outcome

from kruispunt.audit import Pages, Reading, Trail
from kruispunt.exchange import Asking, Claims, TrailReading, commit_order
from kruispunt.law import Lawbook, NetworkKind, Reads, TrailReader, Unseen
from kruispunt.postgres import Commit, Database
from kruispunt.vocabulary import (
    Ending,
    Entry,
    Grant,
    InstitutionCode,
    Outcome,
    Period,
    PurposeId,
    Reason,
    Refusal,
    Ssin,
)

PORTAL: Final = InstitutionCode("portal")
SUPERVISOR: Final = InstitutionCode("supervisor")
INSPECTION: Final = InstitutionCode("inspection")
SECRET: Final = PurposeId("fraud")
NONCES: Final = count(1)
LAST_ID: Final = UUID(int=(1 << 128) - 1)


def a_reading_law() -> Lawbook:
    """The invented law, in which a portal, officers and a supervisor may read."""
    law, outside = a_lawbook(), NetworkKind.OUTSIDE
    more = (
        an_institution(PORTAL, kind=outside, roles=("citizen_portal",)),
        an_institution(SUPERVISOR, kind=outside, roles=("supervisor",)),
        an_institution(INSPECTION, roles=("inspection",)),
    )
    return replace(
        law,
        institutions={**law.institutions, **{one.code: one for one in more}},
        readers=(
            a_reader("citizen", Reads.PERSON, "citizen_portal"),
            a_reader("officer", Reads.INSTITUTION),
            a_reader("auditor", Reads.ALL, "supervisor"),
        ),
        unseen=(
            Unseen(
                id="inspection",
                titles={"nl": "inspectie", "en": "inspection"},
                institutions=frozenset({"inspection"}),
                purposes=frozenset({SECRET}),
                paragraph="§ 9",
                assumption="",
            ),
        ),
    )


def a_reader(role: str, reads: Reads, *institutions: str) -> TrailReader:
    return TrailReader(
        role=role,
        reads=reads,
        institutions=frozenset(institutions),
        paragraph="§ 8",
        assumption="",
    )


def asking(
    reads: Reads,
    *,
    institution: InstitutionCode,
    role: str,
    ssin: Ssin | None = None,
    days: Period | None = None,
    limit: int = 100,
) -> Asking:
    used = next(NONCES)
    day = RECORDED_AT.date()
    month = Period(day.replace(day=1), day.replace(day=1) + timedelta(days=31))
    return Asking(
        institution=institution,
        role=role,
        user="jan",
        reads=reads,
        ssin=ssin,
        days=days or (None if reads is Reads.PERSON else month),
        consumer=None,
        before=None,
        after="",
        limit=limit,
        why="because",
        received_at=RECORDED_AT,
        proof=structs.replace(PROOF, nonce=used.to_bytes(16)),
    )


@dataclass
class Read:
    """The trail, its readers, and what was recorded."""

    database: Database
    trail: Trail
    commit: Commit
    shelf: TrailReading
    entries: list[Entry] = field(default_factory=list[Entry])

    async def record(self, entry: Entry, ending: Ending | None = None) -> Entry:
        writes = [*(await self.trail.prepare(entry)).writes]
        if ending is not None:
            writes += self.trail.prepare_outcome(an_outcome(entry, ending))
        for one in writes:
            await self.database.execute(one.statement.query, [one.row])
        self.entries.append(entry)
        return entry

    async def readings(self) -> list[Reading]:
        far = (RECORDED_AT - timedelta(days=9), RECORDED_AT + timedelta(days=9))
        pages = Pages(reader=self.trail.reader)
        found = await pages.readings(
            far, before=(far[1], LAST_ID), institution=None, ssin=None, limit=1000
        )
        readings = [one for one in found if isinstance(one, Reading)]
        assert len(readings) == len(found)
        return readings


def one_entry(
    number: int,
    *,
    ssin: Ssin = ANNA,
    consumer: InstitutionCode = NODE,
    purpose: PurposeId = PURPOSE,
    reason: Reason | None = None,
    at: datetime = RECORDED_AT,
) -> Entry:
    made = an_entry(number, ssin=ssin, at=at)
    asked = structs.replace(made.question, consumer=consumer, purpose=purpose, flow=FLOW)
    grounded = reason not in (Reason.NO_CLAUSE, Reason.NOT_YET_IN_FORCE)
    decision = (
        Grant(ground=GROUND)
        if reason is None
        else Refusal(reason=reason, ground=GROUND if grounded else None)
    )
    return structs.replace(made, question=asked, decision=decision)


def random_entries(seed: int, size: int) -> list[tuple[Entry, Outcome | None]]:
    """A trail in which everybody asked about everybody, for all reasons, with equal times too."""
    chance, made = Random(seed), list[tuple[Entry, Outcome | None]]()
    for number in range(1, size + 1):
        reason = chance.choice((None, None, *Reason))
        entry = one_entry(
            number,
            ssin=chance.choice((ANNA, BORIS)),
            consumer=chance.choice((NODE, OFFICE, FUND, BANK, INSPECTION)),
            purpose=chance.choice((PURPOSE, SECRET)),
            reason=reason,
            at=RECORDED_AT + timedelta(milliseconds=chance.randrange(size // 2 + 1)),
        )
        granted = reason is None and chance.random() < 0.9
        made.append((entry, an_outcome(entry, chance.choice(tuple(Ending))) if granted else None))
    return made


@asynccontextmanager
async def a_read_trail(dsn: str) -> AsyncGenerator[Read]:
    database = await Database.open(dsn, size=3)
    trail, ticks = a_trail(database), count(1)
    await trail.start(RECORDED_AT)
    claims = Claims(database=database)
    assert claims.database is database
    commit = Commit(database, order=commit_order(trail))
    await commit.start()
    shelf = TrailReading.over(
        Pages(reader=trail.reader),
        lawbook=a_reading_law(),
        trail=trail,
        commit=commit,
        now=lambda: RECORDED_AT + next(ticks) * timedelta(milliseconds=1),
        random_bytes=Random(5).randbytes,
    )
    try:
        yield Read(database, trail, commit, shelf)
    finally:
        await commit.stop()
        await database.close()
