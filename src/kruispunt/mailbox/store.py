"""Mailboxes on PostgreSQL: what is put there in a commit is there until its recipient has it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Final
from uuid import UUID

from asyncpg import Record

from kruispunt.mailbox.letter import (
    MOST_MAILS,
    MOST_REASON,
    Batch,
    Box,
    DeadLetter,
    Ended,
    Letter,
    Mode,
)
from kruispunt.postgres import Database, Query, Statement, StoreClock, Write, read_queries
from kruispunt.vocabulary import FlowId, KeyId, Mail, MailKind, WrongMode

QUERIES: Final = read_queries(Path(__file__).with_name("store.sql"))
PUT: Final = Statement(QUERIES["put_mail"], width=10)
MODES: Final = (Mode.POLL, Mode.PUSH)
DAYS_AHEAD: Final = 3
MOST_BYTES: Final = 4 * 1024 * 1024


def put_mail(mail: Mail) -> tuple[Write, ...]:
    """The write that puts a mail in its mailbox, in whatever commit it is a part of.

    It gets its position there, behind all that was put before. Put again, it stands once.
    """
    row = (
        mail.recipient,
        mail.id,
        mail.kind.value,
        mail.flow,
        mail.ticket,
        mail.person,
        mail.sealed,
        mail.sealed_for,
        mail.sent_at,
        mail.due_at,
    )
    return (Write(PUT, row),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailboxes:
    """The mailboxes of one seat.

    All methods raise `Unavailable` while the database is away; asking again is safe.

    Trust: who writes to this store can hold mail back, lose it, or deliver mail again, which its
    recipient does once by its id. It can't read what is sealed, nor put words into it that the
    next one believes: whoever delivers signs, and answers are asked for under an entry.
    """

    database: Database

    @property
    def statements(self) -> tuple[Statement, ...]:
        """What the committer writes for this room."""
        return (PUT,)

    def put(self, mail: Mail) -> tuple[Write, ...]:
        """As `put_mail`."""
        return put_mail(mail)

    async def read(
        self,
        recipient: str,
        *,
        after: int = 0,
        limit: int = MOST_MAILS,
        max_bytes: int = MOST_BYTES,
        mode: Mode = Mode.POLL,
    ) -> Batch:
        """Mail after a position, in order, at most so much; the first, however large it is.

        INVARIANT: whatever becomes visible later has a higher position than all that is here.

        Raises:
            WrongMode: the mailbox is emptied in the other way.
        """
        rows = await self.database.fetch(QUERIES["read_box"], recipient)
        if not rows:
            return Batch()
        box = rows[0]
        if MODES[int(box["mode"])] is not mode:
            raise WrongMode(f"expected a mailbox of mode {mode}, found {MODES[box['mode']]}")
        most = min(limit, MOST_MAILS)
        found = await self.database.fetch(QUERIES["read_mail"], recipient, after, most, max_bytes)
        return Batch(letters=tuple(_letter(row, recipient) for row in found), held=box["held"])

    async def find(self, recipient: str, mail: UUID) -> Mail | None:
        """A mail that waits; None: it is not there (any more)."""
        rows = await self.database.fetch(QUERIES["find_mail"], recipient, mail)
        return _letter(rows[0], recipient).mail if rows else None

    async def acknowledge(self, recipient: str, ids: Sequence[UUID]) -> int:
        """The recipient has these: their content is gone. How many of them were there still."""
        rows = await self.database.fetch(QUERIES["acknowledge_mail"], recipient, ids)
        return rows[0]["done"]

    async def dead(
        self, recipient: str, mail: UUID, reason: str, *, at: datetime, told: bool = False
    ) -> bool:
        """The recipient can't take this one: later mail about the same person waits behind it.

        `told`: who waits for it was told that nothing comes. Then its content is gone, and nothing
        waits behind it. False where it is not there (any more).
        """
        why = reason[:MOST_REASON]
        if told:
            return bool(await self.database.fetch(QUERIES["bury_told"], recipient, mail, why, at))
        return await self._done(QUERIES["bury_mail"], recipient, mail, why, at)

    async def release(self, recipient: str, mail: UUID, *, at: datetime) -> bool:
        """Deliver a dead letter again, before what waits behind it; False: it can't be."""
        return await self._done(QUERIES["release_mail"], recipient, mail, at.date())

    async def drop(self, recipient: str, mail: UUID) -> bool:
        """Give a dead letter up: what waits behind it goes on. False where there is none."""
        return await self._done(QUERIES["drop_mail"], recipient, mail)

    async def set_modes(self, recipients: Collection[str], mode: Mode) -> None:
        """From now on these mailboxes are emptied so."""
        names = sorted(set(recipients))
        await self.database.execute(QUERIES["set_modes"], names, MODES.index(mode))

    async def boxes(self) -> list[Box]:
        """Every mailbox, by recipient."""
        return [
            Box(
                recipient=row["recipient"],
                mode=MODES[int(row["mode"])],
                last=row["last"],
                waiting=row["waiting"],
                held=row["held"],
                dead=row["dead"],
                oldest=row["oldest"],
            )
            for row in await self.database.fetch(QUERIES["list_boxes"])
        ]

    async def dead_letters(
        self, recipient: str | None = None, *, limit: int = 100
    ) -> list[DeadLetter]:
        """Dead letters, the latest first; of one mailbox where that is given."""
        return [
            _dead(row) for row in await self.database.fetch(QUERIES["list_dead"], recipient, limit)
        ]

    async def dead_requests(
        self, after: DeadLetter | None = None, *, limit: int = 100
    ) -> list[DeadLetter]:
        """Dead requests of every mailbox, the oldest first; those after this one."""
        place = (after.died_at, after.id) if after else (None, None)
        rows = await self.database.fetch(QUERIES["list_dead_requests"], *place, limit)
        return [_dead(row) for row in rows]

    async def open_days(self, now: datetime) -> None:
        """Make the partitions of today and the days that come; those that stand are left alone."""
        for ahead in range(DAYS_AHEAD + 1):
            day = now.date() + timedelta(days=ahead)
            await self.database.execute(QUERIES["open_day"], day)

    async def end(self, *, before: datetime, now: datetime) -> Ended:
        """End what was sent before the day of this moment, and the content of older dead letters.

        Dead letters without content are forgotten after as long again.
        """
        day = before.date()
        lost = (await self.database.fetch(QUERIES["bury_old"], day, now))[0]["lost"]
        days = [row["day"] for row in await self.database.fetch(QUERIES["days_before"], day)]
        gone = [one for one in days if await self._done(QUERIES["drop_day"], one)]
        let_go = (await self.database.fetch(QUERIES["empty_dead"], before))[0]["done"]
        if gone:
            await self.database.execute(QUERIES["forget_ids"], day)
            await self.database.execute(QUERIES["forget_dead"], before - (now - before))
        return Ended(days=tuple(gone), lost=lost, let_go=let_go)

    def clock(self, monotonic: Callable[[], float] = monotonic) -> StoreClock:
        """The clock of this store, by which mail is old."""
        return StoreClock(
            database=self.database,
            start=QUERIES["start_clock"],
            read=QUERIES["read_clock"],
            advance=QUERIES["advance_clock"],
            monotonic=monotonic,
        )

    async def _done(self, query: Query, *args: object) -> bool:
        return bool((await self.database.fetch(query, *args))[0]["done"])


def _letter(row: Record, recipient: str) -> Letter:
    mail = Mail(
        id=row["id_"],
        recipient=recipient,
        kind=MailKind(row["kind_"]),
        flow=FlowId(row["flow_"]),
        ticket=row["ticket_"],
        person=row["person_"],
        sealed=row["sealed_"],
        sealed_for=KeyId(row["sealed_for_"]),
        sent_at=row["sent_at_"],
        due_at=row["due_at_"],
    )
    return Letter(position=row["position_"], mail=mail)


def _dead(row: Record) -> DeadLetter:
    return DeadLetter(
        recipient=row["recipient"],
        id=row["id"],
        kind=MailKind(row["kind"]),
        flow=FlowId(row["flow"]),
        ticket=row["ticket"],
        sent_at=row["sent_at"],
        died_at=row["died_at"],
        reason=row["reason"],
        whole=row["whole"],
    )
