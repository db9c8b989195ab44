"""A file of lines or questions at a hub: block by block decided, recorded and done, once each.

One block is one commit: an entry for each line that can be read, what becomes of the lines of the
directory, and how far the file has come. So it goes on at the last block after whatever ended it.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import structs

from kruispunt.audit import Alike, Trail
from kruispunt.authorisation import decide_many
from kruispunt.directory import take_many
from kruispunt.exchange.claims import QUERIES
from kruispunt.exchange.file_block import Block
from kruispunt.exchange.file_facts import facts_of_lines
from kruispunt.exchange.file_order import BadLine, FileLine, FileMark, FileTold, Order, Tell
from kruispunt.exchange.hub import Directory, Identity
from kruispunt.exchange.ticket import new_tickets
from kruispunt.law import Flow, Jurisdiction, Supply
from kruispunt.postgres import Connection, Database
from kruispunt.vocabulary import (
    Act,
    Entry,
    Facts,
    Forbidden,
    KeyId,
    Proof,
    ProofKind,
    Question,
    Settled,
    Unavailable,
    day_of_asking,
)

TURN: Final = 500
"""Lines that are worked on before the block that is being written has its turn."""

Asked = tuple[int, FileLine, Question]
"""A place in the block, the line that stands there, and what it asks."""


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

    @property
    def decides_ahead(self) -> bool:
        """True where a block may be decided while the one before it is being written.

        Who takes lines is decided by those that stand, as the lines before left them.
        """
        return self.order.act is not Act.REMOVE

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
        rows = await self.database.fetch(QUERIES["find_taken_file"], *self.order.key)
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
        await self.database.execute(QUERIES["begin_taken_file"], *self.order.key, self.now())

    async def decide(self, lines: Sequence[FileLine | BadLine]) -> Block:
        """Decide the lines of a block; the one before it is written, but where `decides_ahead`.

        Raises:
            Unavailable: the database is away.
        """
        at, flow = self.now(), self.check()
        block = Block(
            clause=self.law.in_force(
                consumer=self.order.institution,
                flow=self.order.flow,
                purpose=self.order.purpose,
                asked_on=day_of_asking(at, self.zone),
            ),
            flow=flow,
            law=self.law,
            told=[FileTold(line=line) for line in lines],
        )
        asked = self._asked(lines, block, at)
        if asked:
            entries = await self._entries(asked, block, at)
            block.alike = await Alike.of(self.trail, entries)
        return block

    async def write(self, block: Block, *, of: FileMark, to: FileMark, tell: Tell) -> FileMark:
        """Take a block, between two marks: all that comes of its lines stands, or nothing does.

        What they come to is told before that; `told_bytes` of the mark says how much of it counts.

        Raises:
            Unavailable: the database is away, or another process took this block.
        """
        async with self.database.transaction() as connection:
            if block.alike is not None:
                await self._record(connection, block, block.alike)
            mark = structs.replace(to, told_bytes=tell(block.told))
            await self.advance(connection, of, mark)
        return mark

    async def advance(self, connection: Connection, of: FileMark, to: FileMark) -> None:
        """Say in this transaction how far the file has come.

        Raises:
            Unavailable: another process was there before.
        """
        rows = await connection.fetch(
            QUERIES["advance_taken_file"].sql,
            *self.order.key,
            to.lines,
            to.bytes,
            to.told_bytes,
            self.now() if to.ended else None,
            of.lines,
        )
        if not rows:
            raise Unavailable("another process takes this file")

    async def _record(self, connection: Connection, block: Block, alike: Alike) -> None:
        changes = ()
        if block.changing:
            stood = await take_many(
                connection,
                block.changes,
                kinds=block.kinds,
                names_members=self.law.is_node,
                may=block.may,
            )
            at = alike.first.recorded_at
            changes = block.changed(stood, at=at, random_bytes=self.random_bytes)
        await alike.write(connection, outcomes=block.outcomes, changes=changes)

    def _asked(
        self, lines: Sequence[FileLine | BadLine], block: Block, at: datetime
    ) -> list[Asked]:
        """The lines that can be asked; what is wrong with the others is told."""
        asked, messages = list[Asked](), self.order.messages
        base: Question | None = None
        for place, line in enumerate(lines):
            wrong = block.wrong(line)
            if isinstance(line, BadLine) or wrong is not None:
                block.told[place] = FileTold(line=line, problem=wrong)
                continue
            base = base or self._base(line, at)
            question = structs.replace(
                base,
                message_id=UUID(int=messages | line.number),
                ssin=line.ssin,
                about=line.about,
            )
            asked.append((place, line, question))
        return asked

    async def _entries(
        self, asked: Sequence[Asked], block: Block, at: datetime
    ) -> Sequence[Entry]:
        settled = await self.identity.settle_many([question for _, _, question in asked])
        facts = await self._facts(settled, asked, block)
        decisions = decide_many(settled, facts, self.law)
        tickets = new_tickets(at, self.random_bytes, len(asked))
        entries, law = list[Entry](), self.law.lawbook.digest
        found = zip(asked, facts, decisions, tickets, strict=True)
        for (place, line, question), fact, decision, ticket in found:
            entry = Entry(
                id=ticket,
                recorded_at=at,
                question=question,
                facts=fact,
                decision=decision,
                lawbook=law,
            )
            entries.append(entry)
            block.decided(place, line, entry, decision)
            if len(entries) % TURN == 0:
                await asyncio.sleep(0)
        return entries

    async def _facts(
        self, settled: Sequence[Settled], asked: Sequence[Asked], block: Block
    ) -> Sequence[Facts]:
        if self.order.act is None:
            return await self.directory.facts_many(settled)
        pairs = [
            (one, line.asked)
            for one, (_, line, _) in zip(settled, asked, strict=True)
            if line.asked is not None
        ]
        if self.order.act is Act.INTEGRATE:
            return [block.facts(one, words) for one, words in pairs]
        meant = [(one, block.of(words).asked) for one, words in pairs]
        return await facts_of_lines(
            meant, directory=self.directory, clause=block.clause, law=self.law
        )

    def _base(self, line: FileLine, at: datetime) -> Question:
        """What all questions of a block have in common. Its proof is the file's own digest."""
        order, second = self.order, int(at.timestamp())
        proof = Proof(
            key_id=KeyId(order.digest.hex()),
            nonce=b"",
            created=second,
            expires=second,
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
            received_at=at,
            asked_on=day_of_asking(at, self.zone),
            proof=proof,
            file_reference=order.name,
            user=order.account,
        )
