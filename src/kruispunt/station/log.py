"""What a station keeps of every look: when, under which entry, at whom; never what it showed.

Trust: who writes to this store can hide looks from the citizen and let old requests be replayed;
no row of it makes the station give anything.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Final
from uuid import UUID

from kruispunt.postgres import Bundle, Commit, Database, Lost, Statement, StoreClock, Write
from kruispunt.station.queries import QUERIES
from kruispunt.vocabulary import ClauseId, FlowId, Proof, Ssin, WrongSignature

CLAIM_NONCE: Final = Statement(QUERIES["claim_nonce"], width=2, key=(0,))
CLAIM_MAIL: Final = Statement(QUERIES["claim_mail"], width=2, key=(0,))
ADD_LOOK: Final = Statement(QUERIES["add_look"], width=6)
STATEMENTS: Final = (CLAIM_NONCE, CLAIM_MAIL, ADD_LOOK)

KEPT: Final = timedelta(days=1)
"""Nonces are kept this long, by the store's own clock, past the expiry of their signature and past
the claim, whichever is later: the wall clock may be set back, and an old signature count again."""

MAIL_KEPT: Final = timedelta(days=60)
"""Longer than mail waits anywhere, so that none comes back after it was forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at a source. `ssin` None: a blank one, about nobody. `rows` None: it failed."""

    at: datetime
    entry: UUID
    flow: FlowId
    ssin: Ssin | None
    clause: ClauseId
    rows: int | None


class Log:
    """The station's own log, in the institution's database."""

    def __init__(
        self, *, database: Database, commit: Commit, monotonic: Callable[[], float] = monotonic
    ) -> None:
        self._database = database
        self._commit = commit
        self._clock = StoreClock(
            database=database,
            start=QUERIES["start_clock"],
            read=QUERIES["read_clock"],
            advance=QUERIES["advance_clock"],
            monotonic=monotonic,
        )

    async def write(self, looks: Sequence[Look], proof: Proof) -> None:
        """Write down the looks of a request with its nonce; returns when all are durable.

        Raises:
            WrongSignature: the nonce was used before, in this process or another, now or long ago.
            Unavailable: the log can't be written, so nothing may leave.
        """
        expires_at = datetime.fromtimestamp(proof.expires, UTC)
        claim = Write(CLAIM_NONCE, (proof.nonce, expires_at))
        added = [Write(ADD_LOOK, _row(look)) for look in looks]
        committed = await self._commit.run(Bundle(writes=(claim, *added)))
        if isinstance(committed, Lost):
            raise WrongSignature("the nonce was used before")

    async def write_mail(self, mail: UUID, look: Look) -> None:
        """Write down the look of a request that came by mail; returns when it is durable.

        A mail that comes again leaves no second line: it is the same look, told again.

        Raises:
            Unavailable: the log can't be written, so nothing may leave.
        """
        claim = Write(CLAIM_MAIL, (mail, look.at))
        await self._commit.run(Bundle(writes=(claim, Write(ADD_LOOK, _row(look)))))

    async def forget_mail(self, *, now: datetime) -> None:
        """Drop what was remembered of mail long ago. Safe to do at any time, twice."""
        await self._database.execute(QUERIES["forget_mail"], now - MAIL_KEPT)

    async def list(self, ssin: Ssin, *, limit: int = 100) -> Sequence[Look]:
        """The latest looks at one person, newest first."""
        rows = await self._database.fetch(QUERIES["list_looks"], ssin.number, limit)
        return [
            Look(
                at=row["at"],
                entry=row["entry"],
                flow=FlowId(row["flow"]),
                ssin=ssin,
                clause=ClauseId(row["clause"]),
                rows=row["rows"],
            )
            for row in rows
        ]

    async def forget_nonces(self, *, now: datetime) -> None:
        """Drop the nonces that no signature can carry any more. Safe to do at any time, twice.

        Goes by the store's own clock, which a jump of the wall clock to `now` does not move.
        """
        at = await self._clock.tick(now=now)
        await self._database.execute(QUERIES["forget_nonces"], at - KEPT)

    async def touch(self) -> None:
        """Read the log once.

        Raises:
            Unavailable: it can't be reached.
        """
        await self._database.fetch(QUERIES["touch_log"])


def _row(look: Look) -> tuple[object, ...]:
    ssin = None if look.ssin is None else look.ssin.number
    return (look.at, look.entry, look.flow, ssin, look.clause, look.rows)
