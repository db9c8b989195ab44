"""A trail of real decisions under a kept lawbook, to be decided again."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import structs
from tests.contract.trail_house import a_trail
from tests.law.inventing import (
    BOTH_FILES,
    FILE,
    FUND,
    HUB,
    SUCCESSOR,
    a_lawbook,
    a_line,
    a_number,
    a_question,
    facts_of,
    settle,
)
from tests.unit.audit.entries import RECORDED_AT, an_entry

from kruispunt.audit import (
    Differs,
    Replay,
    Replayed,
    Trail,
)
from kruispunt.authorisation import decide, decide_many
from kruispunt.exchange import KeptLaws
from kruispunt.law import Lawbook, find_lawbook, keep_lawbook
from kruispunt.postgres import Database
from kruispunt.vocabulary import (
    Entry,
    Facts,
    InstitutionCode,
    LawDigest,
    NumberStatus,
    Question,
)

ZONE: Final = ZoneInfo("Europe/Brussels")
LATER: Final = RECORDED_AT + timedelta(seconds=1)


@dataclass
class Decided:
    """A trail of real decisions under a kept lawbook."""

    database: Database
    trail: Trail
    folder: Path
    law: Lawbook

    def entry(
        self,
        number: int,
        facts: Facts,
        *,
        seat: InstitutionCode = HUB,
        question: Question | None = None,
    ) -> Entry:
        asked = question or a_question()
        made = an_entry(number)
        decision = decide(settle(asked, facts), facts, self.law.jurisdiction(seat))
        asked = structs.replace(asked, message_id=made.question.message_id)
        return structs.replace(
            made, question=asked, facts=facts, decision=decision, lawbook=self.law.digest
        )

    async def record(self, *entries: Entry) -> None:
        for entry in entries:
            for one in (await self.trail.prepare(entry)).writes:
                await self.database.execute(one.statement.query, [one.row])

    async def sql(self, words: str, *values: object) -> None:
        async with self.database.transaction() as connection:
            await connection.execute(words, *values)

    async def replay(
        self, *, seat: InstitutionCode = HUB, since: datetime | None = None
    ) -> Replayed:
        now = replace(a_lawbook(), digest=LawDigest("f" * 64)).jurisdiction(seat)
        laws = KeptLaws(now=now, folder=self.folder / "lawbooks")
        reader = a_trail(self.database).reader
        run = Replay(reader=reader, laws=laws.of, judge=decide_many, zone=ZONE)
        if since is not None:
            run.since = since
        return await run.run()

    async def named(self) -> list[tuple[UUID, Differs, str, str]]:
        found = await self.replay()
        return [(one.entry, one.differs, one.stands, one.again) for one in found.differences]


def kept(lawbook: Lawbook, folder: Path) -> Lawbook:
    """The same lawbook under its real digest, kept."""
    path = keep_lawbook(lawbook, folder)
    digest = LawDigest(sha256(path.read_bytes()).hexdigest())
    path.rename(folder / f"{digest}.json")
    return find_lawbook(digest, folder)


CASES: Final = (
    facts_of(*BOTH_FILES),
    facts_of(),
    facts_of(a_line(FILE)),
    facts_of(number=a_number(NumberStatus.UNKNOWN)),
    facts_of(*BOTH_FILES, number=a_number(NumberStatus.CANCELLED)),
    facts_of(*BOTH_FILES, number=a_number(NumberStatus.DECEASED, deceased_on=date(2030, 1, 1))),
    facts_of(
        *(structs.replace(line, ssin=SUCCESSOR) for line in BOTH_FILES),
        number=a_number(NumberStatus.REPLACED),
    ),
)


@asynccontextmanager
async def a_decided_house(empty_database: str, tmp_path: Path) -> AsyncGenerator[Decided]:
    """One entry for each result that there is at a hub, and one without a clause."""
    database = await Database.open(empty_database, size=3)
    trail = a_trail(database)
    await trail.start(RECORDED_AT)
    law = kept(a_lawbook(), tmp_path / "lawbooks")
    house = Decided(database, trail, tmp_path, law)
    await house.record(*(house.entry(n, facts) for n, facts in enumerate(CASES, 1)))
    await house.record(house.entry(8, facts_of(), question=a_question(consumer=FUND)))
    yield house
    await database.close()


def entry_id(number: int) -> UUID:
    return an_entry(number).id
