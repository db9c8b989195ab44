"""A file of lines or questions at a hub: block by block decided, recorded and done, once each.

One block is one commit: an entry for each line that can be read, what becomes of the lines of the
directory, and how far the file has come. So it goes on at the last block after whatever ended it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import structs

from kruispunt.audit import ADD_DECISIONS, ADD_OUTCOMES, Prepared, Trail
from kruispunt.authorisation import answer_of_directory, decide_many
from kruispunt.directory import Removal, in_order, take_many
from kruispunt.exchange.bringing import (
    as_rows,
    changes_of,
    check_joined,
    check_length,
    joins_days_of_many,
    lines_named,
    named,
    own_of,
)
from kruispunt.exchange.claims import QUERIES
from kruispunt.exchange.entry import new_entry
from kruispunt.exchange.file_facts import facts_of_lines
from kruispunt.exchange.file_order import BadLine, FileLine, FileMark, FileTold, Order, Tell
from kruispunt.exchange.hub import Directory, Identity
from kruispunt.exchange.keep import keep
from kruispunt.law import Clause, Flow, Jurisdiction, Supply
from kruispunt.postgres import Connection, Database, Write
from kruispunt.vocabulary import (
    DirectoryLine,
    Ending,
    Entry,
    Facts,
    Forbidden,
    Grant,
    KeyId,
    Malformed,
    Outcome,
    Proof,
    ProofKind,
    Question,
    Refusal,
    Reply,
    Row,
    Settled,
    Unavailable,
    day_of_asking,
)

NUMBERED: Final = (1 << 48) - 1
"""The last 48 bits of a message id: the number of the line."""


Stood = frozenset[DirectoryLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTaking:
    """Takes the blocks of one file. Not at a node: its members' lines go to the hub one by one."""

    database: Database
    trail: Trail
    identity: Identity
    directory: Directory
    law: Jurisdiction
    order: Order
    zone: ZoneInfo
    now: Callable[[], datetime]
    random_bytes: Callable[[int], bytes]

    def check(self) -> Flow:
        """The flow of the file.

        Raises:
            Forbidden: no file of this flow is taken here.
        """
        flow = self.law.lawbook.flows.get(self.order.flow)
        wanted = Supply.DIRECTORY if self.order.act is None else Supply.INTEGRATION
        if self.law.is_node or flow is None or flow.supply is not wanted:
            raise Forbidden("no file of this flow is taken here")
        return flow

    async def so_far(self) -> FileMark:
        """How far this file has come.

        Raises:
            Unavailable: the database is away.
        """
        rows = await self.database.fetch(QUERIES["find_taken_file"], *self._key)
        if not rows:
            return FileMark()
        row = rows[0]
        return FileMark(
            lines=row["lines"],
            bytes=row["bytes"],
            told_bytes=row["told_bytes"],
            begun=True,
            ended=row["ended_at"] is not None,
        )

    async def begin(self) -> None:
        """Say that this file is being taken; again says nothing new.

        Raises:
            Unavailable: the database is away.
        """
        await self.database.execute(QUERIES["begin_taken_file"], *self._key, self.now())

    async def block(
        self, lines: Sequence[FileLine | BadLine], *, of: FileMark, to: FileMark, tell: Tell
    ) -> FileMark:
        """Take the lines between two marks: all that comes of them stands, or nothing does.

        What they come to is told before that; `told_bytes` of the mark says how much of it counts.

        Raises:
            Unavailable: the database is away, or another process took this block.
        """
        told, work = await self._decided(lines)
        async with self.database.transaction() as connection:
            if work.changes:
                kept = await take_many(
                    connection, work.changes, names_members=self.law.is_node, may=self._may(work)
                )
                told = [self._with_lines(one, kept, work) for one in told]
            await _write(connection, work.writes)
            mark = replace(to, told_bytes=tell(told))
            await self.advance(connection, of, mark)
        return mark

    def _may(self, work: "_Work") -> Callable[[DirectoryLine | Removal, Stood], bool]:
        """As online: no longer than the law has it, with the lines that it joins."""
        free = joins_days_of_many(work.clause, self.law)

        def may(change: DirectoryLine | Removal, stands: Stood) -> bool:
            return free or _wrong_of(partial(check_joined, change, stands, work.clause)) is None

        return may

    def _with_lines(self, told: FileTold, kept: Sequence[Stood | None], work: "_Work") -> FileTold:
        """What the line is told online too: the asker's own lines that share a day with it."""
        of, line = work.of.get(told.line.number), told.line
        if of is None or isinstance(line, BadLine):
            return told
        entry, last = of
        stood = kept[last]
        if stood is None:
            self._ended(entry, 0, work, cause="too-long")
            return replace(told, problem=Malformed("a line of this quality can't last so long"))
        own = own_of(in_order(stood), work.clause, None)
        lines = [one for one in own if one.period.overlaps(line.about)]
        rows = as_rows(lines, member=None)
        self._ended(entry, len(rows), work)
        return replace(told, rows=rows)

    @property
    def _key(self) -> tuple[object, ...]:
        order = self.order
        act = "" if order.act is None else order.act.value
        return (order.institution, order.digest, order.flow, act)

    async def advance(self, connection: Connection, of: FileMark, to: FileMark) -> None:
        """Say in this transaction how far the file has come.

        Raises:
            Unavailable: another process was there before.
        """
        rows = await connection.fetch(
            QUERIES["advance_taken_file"].sql,
            *self._key,
            to.lines,
            to.bytes,
            to.told_bytes,
            self.now() if to.ended else None,
            of.lines,
        )
        if not rows:
            raise Unavailable("another process takes this file")

    async def _decided(
        self, lines: Sequence[FileLine | BadLine]
    ) -> tuple[list[FileTold], "_Work"]:
        told = dict[int, FileTold]()
        work = _Work(clause=self._clause())
        good = [line for line in lines if isinstance(line, FileLine)]
        base = self._base(good[0]) if good else None
        asked = list[tuple[int, FileLine, Question]]()
        for place, line in enumerate(lines):
            wrong = _wrong(line, work.clause)
            if isinstance(line, BadLine) or wrong is not None or base is None:
                told[place] = FileTold(line=line, problem=wrong)
            else:
                asked.append((place, line, self._question(line, base)))
        if asked:
            await self._decide(asked, told, work)
        return [told[place] for place in range(len(lines))], work

    async def _decide(
        self,
        asked: Sequence[tuple[int, FileLine, Question]],
        told: dict[int, FileTold],
        work: "_Work",
    ) -> None:
        settled = await self.identity.settle_many([question for _, _, question in asked])
        facts = await self._facts(settled, [line for _, line, _ in asked], work.clause)
        decisions = decide_many(settled, facts, self.law)
        at, flow = self.now(), self.check()
        found = zip(asked, facts, decisions, strict=True)
        for (place, line, question), fact, decision in found:
            entry = new_entry(
                question,
                fact,
                decision,
                law=self.law.lawbook.digest,
                now=at,
                random_bytes=self.random_bytes,
            )
            prepared: Prepared = await self.trail.prepare(entry)
            work.writes += prepared.writes
            rows = self._done(line, entry, flow, work)
            told[place] = FileTold(line=line, entry=entry.id, decision=decision, rows=rows)

    async def _facts(
        self, asking: Sequence[Settled], lines: Sequence[FileLine], clause: Clause | None
    ) -> Sequence[Facts]:
        if self.order.act is None:
            return await self.directory.facts_many(asking)
        asked = [named(line.asked, clause) for line in lines if line.asked is not None]
        pairs = list(zip(asking, asked, strict=True))
        return await facts_of_lines(pairs, directory=self.directory, clause=clause, law=self.law)

    def _done(self, line: FileLine, entry: Entry, flow: Flow, work: "_Work") -> tuple[Row, ...]:
        """What is done for a grant, and its outcome."""
        decision = entry.decision
        if isinstance(decision, Refusal) and decision.reason.told is None:
            self._ended(entry, 0, work)
        if not isinstance(decision, Grant):
            return ()
        if line.asked is not None:
            asked, facts = named(line.asked, work.clause), entry.facts
            settled = Settled(question=entry.question, number=facts.number)
            may = lines_named(settled, asked, work.clause, self.law)
            work.changes += changes_of(entry.question, asked, may, None)
            work.of[line.number] = (entry, len(work.changes) - 1)
            return ()
        about = decision.about or entry.question.about
        asked_about = structs.replace(entry.question, about=about)
        reply = Reply(
            ssin=entry.question.ssin,
            rows=answer_of_directory(flow, asked_about, entry.facts),
        )
        rows = keep(reply, question=entry.question, flow=flow, fields=decision.fields)
        self._ended(entry, len(rows), work)
        return rows

    def _ended(self, entry: Entry, rows: int, work: "_Work", *, cause: str = "") -> None:
        ending = Ending.GIVEN if rows else Ending.EMPTY
        outcome = Outcome(
            entry=entry.id,
            recorded_at=entry.recorded_at,
            ended_at=entry.recorded_at,
            ending=Ending.FAILED if cause else ending,
            rows=rows,
            cause=cause,
        )
        work.writes += self.trail.prepare_outcome(outcome)

    def _clause(self) -> Clause | None:
        order = self.order
        return self.law.in_force(
            consumer=order.institution,
            flow=order.flow,
            purpose=order.purpose,
            asked_on=day_of_asking(self.now(), self.zone),
        )

    def _base(self, line: FileLine) -> Question:
        """What all questions of the file have in common. Its proof is the file's own digest."""
        now, order = self.now(), self.order
        proof = Proof(
            key_id=KeyId(order.digest.hex()),
            nonce=b"",
            created=int(now.timestamp()),
            expires=int(now.timestamp()),
            signature=b"",
            digest=order.digest,
            kind=ProofKind.FILE,
        )
        return Question(
            message_id=UUID(int=0),
            consumer=order.institution,
            flow=order.flow,
            purpose=order.purpose,
            ssin=line.ssin,
            about=line.about,
            received_at=now,
            asked_on=day_of_asking(now, self.zone),
            proof=proof,
            file_reference=order.name,
            user=order.account,
        )

    def _question(self, line: FileLine, base: Question) -> Question:
        own = sha256(b"".join((self.order.digest, self.order.flow.encode()))).digest()[:16]
        number = int.from_bytes(own) & ~NUMBERED | line.number
        message = UUID(int=number & ~(0xF << 76) | (4 << 76))
        return structs.replace(base, message_id=message, ssin=line.ssin, about=line.about)


def _wrong(line: FileLine | BadLine, clause: Clause | None) -> Malformed | None:
    if isinstance(line, BadLine):
        return Malformed(line.rule)
    if line.asked is None:
        return None
    asked = named(line.asked, clause)
    return _wrong_of(partial(check_length, asked, line.about, clause))


def _wrong_of(check: Callable[[], None]) -> Malformed | None:
    try:
        check()
    except Malformed as wrong:
        return wrong
    return None


@dataclass(slots=True)
class _Work:
    """What one block comes to."""

    clause: Clause | None
    writes: list[Write] = field(default_factory=list[Write])
    changes: "list[DirectoryLine | Removal]" = field(
        default_factory=list["DirectoryLine | Removal"]
    )
    of: "dict[int, tuple[Entry, int]]" = field(default_factory=dict[int, "tuple[Entry, int]"])
    """By number of a line of the file: its entry, and the last of its changes."""


async def _write(connection: Connection, writes: Sequence[Write]) -> None:
    """All rows of each statement at once, decisions before outcomes."""
    for statement in (ADD_DECISIONS, ADD_OUTCOMES):
        rows = [one.row for one in writes if one.statement is statement]
        if rows:
            await connection.execute(statement.query.sql, rows)
