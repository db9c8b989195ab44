"""`audit replay`: every entry decided again, from its own facts and the lawbook of its day.

`verify` tells that rows are what was written; this tells that what was written is what the law
said. Who judges is handed in: this room knows no judge.

Trust: an entry whose facts and decision were both made up, and fit, is not found here. Its leaf,
the signature of its caller and the source's own log are the other witnesses.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from asyncpg import Record

from kruispunt.audit.blinding import MonthKey, Tampered
from kruispunt.audit.encoding import encode_ground, read_facts
from kruispunt.audit.form import NO_GROUND, decode_facts
from kruispunt.audit.queries import QUERIES
from kruispunt.audit.reader import EVER, Reader
from kruispunt.audit.repeated import REPLAY, Repeats, Wrong
from kruispunt.audit.replayed import Difference, Differs, NotReplayed, Replayed
from kruispunt.audit.row import REASONS
from kruispunt.audit.stands import (
    GRANTED,
    Pair,
    days,
    ended_well,
    endings,
    grounds,
    reasons,
    successors,
)
from kruispunt.law import Jurisdiction, LawWrong
from kruispunt.postgres import Connection
from kruispunt.vocabulary import (
    Decision,
    Facts,
    FlowId,
    Ground,
    InstitutionCode,
    KeyId,
    LawDigest,
    Period,
    Proof,
    PurposeId,
    Question,
    Refusal,
    Settled,
    Ssin,
    day_of_asking,
)

TERMS: Final = ("lawbook", "consumer", "flow", "purpose", "ground")

# What decides nothing is not read: a question of the trail is asked of the judge without it.
_NO_ID: Final = UUID(int=0)
_NO_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NO_PROOF: Final = Proof(
    key_id=KeyId(""), nonce=b"", created=0, expires=0, signature=b"", digest=b""
)

Judge = Callable[[Sequence[Settled], Sequence[Facts], Jurisdiction], list[Decision]]
"""Decides many questions, each from its facts, by one law: `decide_many`."""

Laws = Callable[[LawDigest], Jurisdiction]
"""The law of a digest, as the seat of this trail decides it. FileNotFoundError: it is lost."""

Case = tuple[Record, Settled, Facts]
Asked = tuple[int, int, int, date, date, date | None]
"""Consumer, flow, purpose, day of asking, first day asked about and the day after the last."""

MAX_KNOWN: Final = 16_384
"""So many questions and facts are held to be used again; then we forget and begin anew."""


def _untold(_read: int) -> None:
    """Nobody follows."""


@dataclass(slots=True, kw_only=True)
class Replay:
    """One run over a trail. Entries are read page by page: memory does not grow with them."""

    reader: Reader
    laws: Laws
    judge: Judge
    zone: ZoneInfo
    """Where the seat stands: the day of asking is its day."""

    since: datetime = EVER[0]
    tell: Callable[[int], None] = _untold
    """Told of the number of entries read, page by page."""

    repeats: Wrong = field(default_factory=Wrong)
    """What is wrong with the repeats of this page."""

    result: Replayed = field(default_factory=Replayed)
    keys: dict[tuple[int, int], MonthKey | NotReplayed] = field(
        default_factory=dict[tuple[int, int], "MonthKey | NotReplayed"]
    )
    by_law: dict[int, Jurisdiction | NotReplayed] = field(
        default_factory=dict[int, "Jurisdiction | NotReplayed"]
    )
    grounds: dict[int, tuple[Ground, bytes]] = field(
        default_factory=dict[int, tuple[Ground, bytes]]
    )
    """Encodings of grounds by the object; each is held, so that no other gets its place."""

    questions: dict[Asked, Question] = field(default_factory=dict[Asked, Question])
    facts: dict[bytes, Facts] = field(default_factory=dict[bytes, Facts])
    """By their encoding. INVARIANT: nobody's number decides, only what is known about it; so alike
    questions and facts are built once, under the number of whom they were met with first."""

    async def run(self) -> Replayed:
        """Decide every entry since `since` again.

        Raises:
            Tampered: the key of a month can't be unwrapped.
            Unavailable: the database is away.
        """
        held = Repeats(reader=self.reader, is_shredded=self._is_shredded)
        async for rows in self._pages():
            await self._prepare(rows)
            self.repeats = await held.wrong(rows)
            cases = defaultdict[int, list[Case]](list)
            for row in rows:
                case = self._case(row)
                if isinstance(case, NotReplayed):
                    self.result.not_replayed[case] += 1
                else:
                    cases[row["lawbook"]].append(case)
            for law, found in cases.items():
                self._judge(found, law)
            self.result.entries += len(rows)
            self.tell(self.result.entries)
        return self.result

    async def about_many(self) -> int:
        """How many entries there may be in all, roughly."""
        rows = await self.reader.database.fetch(REPLAY["count_decisions"])
        return int(rows[0]["rows"])

    async def _pages(self) -> AsyncGenerator[list[Record]]:
        """Pages of one moment; the database reads the next while this one is being decided."""
        async with self._moment() as connection:
            await connection.execute(REPLAY["open_replay"].sql, self.since)
            page = await connection.fetch(REPLAY["go_on"].sql)
            while page:
                ahead = asyncio.ensure_future(connection.fetch(REPLAY["go_on"].sql))
                try:
                    await asyncio.sleep(0)  # The server has our word before we begin to decide.
                    yield page
                    page = await ahead
                finally:
                    ahead.cancel()

    @asynccontextmanager
    async def _moment(self) -> AsyncGenerator[Connection]:
        async with self.reader.database.connected() as connection:
            await connection.execute("begin isolation level repeatable read, read only")
            yield connection
            await connection.execute("rollback")

    async def _prepare(self, rows: Sequence[Record]) -> None:
        """Find the keys, the terms and the laws that these rows name."""
        numbers = {number for name in TERMS for number in {row[name] for row in rows}}
        await self.reader.terms.recall(numbers - {None})
        for year, month in {(at.year, at.month) for at in (row["recorded_at"] for row in rows)}:
            if (year, month) not in self.keys:
                self.keys[year, month] = await self._key(date(year, month, 1))
        for number in {row["lawbook"] for row in rows}:
            if number not in self.by_law:
                self.by_law[number] = self._law(number)

    async def _key(self, month: date) -> MonthKey | NotReplayed:
        rows = await self.reader.database.fetch(QUERIES["find_month_key"], month)
        if not rows:
            return NotReplayed.KEY_LOST
        if rows[0]["wrapped"] is None:
            return NotReplayed.SHREDDED
        return await self.reader.keys.find(month)

    async def _is_shredded(self, month: date) -> bool:
        return await self._key(month) is NotReplayed.SHREDDED

    def _law(self, number: int) -> Jurisdiction | NotReplayed:
        digest = self.reader.terms.contents.get(number)
        if digest is None:
            return NotReplayed.UNREADABLE
        try:
            found = self.laws(LawDigest(digest))
        except FileNotFoundError:
            return NotReplayed.LAW_LOST
        except (LawWrong, KeyError):
            return NotReplayed.LAW_CHANGED
        self.result.lawbooks.add(digest)
        return found

    def _case(self, row: Record) -> Case | NotReplayed:
        """What the judge is given for a row, built from nothing else."""
        at = row["recorded_at"]
        key, law = self.keys[at.year, at.month], self.by_law[row["lawbook"]]
        if isinstance(key, NotReplayed):
            return key
        if isinstance(law, NotReplayed):
            return law
        try:
            question = self._question(row)
            facts = self._facts(key.unseal(row["facts"], entry=row["id"]), question.ssin)
        except (Tampered, LookupError, ValueError, msgspec.MsgspecError):
            return NotReplayed.UNREADABLE
        return row, Settled(question=question, number=facts.number), facts

    def _question(self, row: Record) -> Question:
        _id, _at, _law, consumer, flow, purpose, ssin, asked_on, begin, end, *_ = row
        asked = (consumer, flow, purpose, asked_on, begin, end)
        known = self.questions.get(asked)
        if known is None:
            content = self.reader.terms.contents
            if len(self.questions) >= MAX_KNOWN:
                self.questions.clear()
            known = self.questions[asked] = Question(
                message_id=_NO_ID,
                consumer=InstitutionCode(content[consumer]),
                flow=FlowId(content[flow]),
                purpose=PurposeId(content[purpose]),
                ssin=Ssin.of(ssin),
                about=Period(begin, end),
                received_at=_NO_TIME,
                asked_on=asked_on,
                proof=_NO_PROOF,
            )
        return known

    def _facts(self, encoded: bytes, asked: Ssin) -> Facts:
        known = self.facts.get(encoded)
        if known is None:
            if len(self.facts) >= MAX_KNOWN:
                self.facts.clear()
            known = self.facts[encoded] = read_facts(decode_facts(encoded), asked=asked)
        return known

    def _judge(self, cases: Sequence[Case], law: int) -> None:
        jurisdiction = self.by_law[law]
        if isinstance(jurisdiction, NotReplayed):
            raise TypeError("expected cases only of laws that stand")
        settled, facts = [case[1] for case in cases], [case[2] for case in cases]
        decided = self.judge(settled, facts, jurisdiction)
        for (row, _, _), decision in zip(cases, decided, strict=True):
            pairs = self._compare(row, decision, at_node=jurisdiction.is_node)
            if pairs:
                self.result.add([_difference(row, *pair) for pair in pairs])
        self.result.replayed += len(cases)

    def _compare(self, row: Record, decision: Decision, *, at_node: bool) -> list[Pair]:
        """In what the row differs from one of the decision that is made now."""
        refusal = decision if isinstance(decision, Refusal) else None
        reason = GRANTED if refusal is None else REASONS[refusal.reason]
        other = None if refusal is None else refusal.successor
        successor = None if other is None else other.number
        ground = self._encoded(decision.ground)
        stood = self._ground(row["ground"])
        on_day = day_of_asking(row["received_at"], self.zone) == row["asked_on"]
        if (
            (reason, successor, ground) == (row["reason"], row["successor"], stood)
            and (on_day or row["repeats"] is not None)
            and row["id"] not in self.repeats
            and ended_well(row, reason, at_node=at_node)
        ):
            return []
        return [
            *reasons(row["reason"], reason),
            *grounds(stood, ground),
            *successors(row["successor"], successor),
            *days(row, self.zone),
            *self.repeats.get(row["id"], ()),
            *endings(row, reason, at_node=at_node),
        ]

    def _encoded(self, ground: Ground | None) -> bytes:
        if ground is None:
            return NO_GROUND
        known = self.grounds.get(id(ground))
        if known is None:
            known = self.grounds[id(ground)] = (ground, encode_ground(ground))
        return known[1]

    def _ground(self, number: int | None) -> bytes:
        """The ground that stands, encoded; empty where its term is none."""
        if number is None:
            return NO_GROUND
        try:
            return self.reader.terms.ground(number)
        except (LookupError, msgspec.MsgspecError):
            return b""


def _difference(row: Record, differs: Differs, stands: str, again: str) -> Difference:
    return Difference(
        entry=row["id"],
        recorded_at=row["recorded_at"],
        differs=differs,
        stands=stands,
        again=again,
    )
