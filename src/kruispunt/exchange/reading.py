"""Reading the trail, in the order of a question: leave by law, an entry, then the rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from typing import Final, Protocol
from uuid import UUID

from kruispunt.audit import (
    Change,
    Hidden,
    KeptBack,
    Look,
    Pages,
    Reading,
    Seen,
    Spoiled,
    Stretch,
    change_seen_by_officer,
    change_seen_by_person,
    seen_by_auditor,
    seen_by_officer,
    seen_by_person,
)
from kruispunt.authorisation import find_reader
from kruispunt.exchange.claims import NONCE
from kruispunt.exchange.cut import Before, Cut, by_id, by_time
from kruispunt.exchange.ticket import new_ticket
from kruispunt.exchange.unseen import Kept, hidden_by, kept_by
from kruispunt.law import Lawbook, Reads
from kruispunt.postgres import Bundle, Committed, Lost, Write
from kruispunt.vocabulary import (
    Forbidden,
    InstitutionCode,
    Period,
    Proof,
    Ssin,
    WrongSignature,
)

NO_LEAVE: Final = "no-leave"
EVER: Final = (datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC))
LAST: Final = UUID(int=(1 << 128) - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A request to read, after the door has checked it.

    `days`: of being recorded, in UTC; None: ever, as only a person's page may ask. `before`: the
    last entry of the page before, None: the first page; `after` is the same as it was sent.
    """

    institution: InstitutionCode
    role: str
    user: str
    reads: Reads
    ssin: Ssin | None
    days: Period | None
    consumer: InstitutionCode | None
    before: Before | None
    after: str
    limit: int
    why: str
    received_at: datetime
    proof: Proof


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a reader is shown. `next`: where the following page begins; None: this is the last.

    A page may hold fewer looks than asked for, even none, and not be the last. What is `kept` is
    counted over the whole trail, whichever days are asked about: who asks day by day does not
    learn on which day law kept a look; not `kept_whole`: there may be more. What is `spoiled` is
    an entry that can't be read.
    """

    entry: UUID
    looks: tuple[Seen, ...]
    readings: tuple[Reading, ...] = ()
    changes: tuple[Change, ...] = ()
    kept: tuple[Kept, ...] = ()
    kept_whole: bool = True
    spoiled: tuple[Spoiled, ...] = ()
    next: Before | None = None


class Store(Protocol):
    """The pages of a trail: `Pages`, and its twin in tests."""

    async def about(
        self, ssin: Ssin, *, begin: datetime, before: Before, hidden: Hidden, limit: int
    ) -> Sequence[Look | Spoiled]: ...

    async def unseen(self, ssin: Ssin, *, hidden: Hidden) -> KeptBack: ...

    async def between(
        self,
        span: tuple[datetime, datetime],
        *,
        before: Before,
        consumer: InstitutionCode | None,
        ssin: Ssin | None,
        limit: int,
    ) -> Stretch: ...

    async def readings_about(
        self, ssin: Ssin, *, begin: datetime, before: Before, hidden: Hidden, limit: int
    ) -> Sequence[Reading | Spoiled]: ...

    async def readings(
        self,
        span: tuple[datetime, datetime],
        *,
        before: Before,
        institution: InstitutionCode | None,
        ssin: Ssin | None,
        limit: int,
    ) -> Sequence[Reading | Spoiled]: ...

    async def changes_about(
        self, ssin: Ssin, *, begin: datetime, before: Before, limit: int
    ) -> Sequence[Change | Spoiled]: ...

    async def changes(
        self,
        span: tuple[datetime, datetime],
        *,
        before: Before,
        institution: InstitutionCode | None,
        ssin: Ssin | None,
        limit: int,
    ) -> Sequence[Change | Spoiled]: ...


class Recorder(Protocol):
    """The room that writes readings down."""

    async def prepare_reading(self, reading: Reading) -> Write: ...


class Committer(Protocol):
    """Makes a bundle durable."""

    async def run(self, bundle: Bundle) -> Committed | Lost: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailReading:
    """Shows the trail of one seat to those whom the law lets read it."""

    lawbook: Lawbook
    pages: Store
    trail: Recorder
    commit: Committer
    now: Callable[[], datetime]
    random_bytes: Callable[[int], bytes]

    @classmethod
    def over(
        cls,
        pages: Pages,
        *,
        lawbook: Lawbook,
        trail: Recorder,
        commit: Committer,
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
    ) -> "TrailReading":
        """The trail that stands in a database."""
        return cls(
            lawbook=lawbook,
            pages=pages,
            trail=trail,
            commit=commit,
            now=now,
            random_bytes=random_bytes,
        )

    async def read(self, asking: Asking) -> Page:
        """One page, after it has been written down durably that it is read.

        Raises:
            Forbidden: the law gives this reader no leave; that stands in the trail too.
            WrongSignature: the nonce was used before.
            Unavailable: not durable, so nothing is shown; or the database is away.
        """
        leave = find_reader(
            self.lawbook, institution=asking.institution, role=asking.role, reads=asking.reads
        )
        entry = await self._record(asking, refused="" if leave else NO_LEAVE)
        if leave is None:
            raise Forbidden("the law does not let this role of this institution read so much")
        if asking.reads is Reads.PERSON:
            return await self._person(asking, entry)
        return await self._many(asking, entry)

    async def _record(self, asking: Asking, *, refused: str) -> UUID:
        now = self.now()
        days = asking.days
        reading = Reading(
            id=new_ticket(now, self.random_bytes),
            recorded_at=now,
            lawbook=self.lawbook.digest,
            institution=asking.institution,
            role=asking.role,
            user=asking.user,
            reads=asking.reads,
            ssin=asking.ssin,
            begin=None if days is None else days.begin,
            end=None if days is None else days.end,
            consumer=asking.consumer,
            after=asking.after,
            limit=asking.limit,
            why=asking.why,
            received_at=asking.received_at,
            proof=asking.proof,
            refused=refused,
        )
        proof = asking.proof
        nonce = Write(NONCE, (asking.institution, proof.nonce, proof.expires))
        write = await self.trail.prepare_reading(reading)
        if isinstance(await self.commit.run(Bundle(writes=(nonce, write))), Lost):
            raise WrongSignature("the nonce of this signature was used before")
        return reading.id

    async def _person(self, asking: Asking, entry: UUID) -> Page:
        if asking.ssin is None:
            raise TypeError("expected the person whose entries are read")
        span, hidden = _span(asking.days), hidden_by(self.lawbook)
        before, much = _earlier(asking.before, span), asking.limit + 1
        looks = await self.pages.about(
            asking.ssin, begin=span[0], before=before, hidden=hidden, limit=much
        )
        shown = [one.entry for one in looks if isinstance(one, Look)]
        if any(one.question.ssin != asking.ssin or hidden.hides(one) for one in shown):
            raise AssertionError("expected only looks that this person may see")
        readings = await self.pages.readings_about(
            asking.ssin, begin=span[0], before=before, hidden=hidden, limit=much
        )
        changes = await self.pages.changes_about(
            asking.ssin, begin=span[0], before=before, limit=much
        )
        unseen = await self.pages.unseen(asking.ssin, hidden=hidden)
        cut = Cut.of(looks, readings, changes, limit=asking.limit, key=by_time)
        return Page(
            entry=entry,
            looks=tuple(map(seen_by_person, cut.looks)),
            readings=tuple(replace(one, user="") for one in cut.readings),
            changes=tuple(map(change_seen_by_person, cut.changes)),
            kept=kept_by(self.lawbook, unseen.rows),
            kept_whole=unseen.whole,
            spoiled=cut.spoiled,
            next=cut.next,
        )

    async def _many(self, asking: Asking, entry: UUID) -> Page:
        own = asking.reads is Reads.INSTITUTION
        consumer = asking.institution if own else asking.consumer
        span, much = _span(asking.days), asking.limit + 1
        before = _earlier(asking.before, span)
        found = await self.pages.between(
            span, before=before, consumer=consumer, ssin=asking.ssin, limit=much
        )
        shown = [one.entry.question for one in found.looks if isinstance(one, Look)]
        if own and any(one.consumer != asking.institution for one in shown):
            raise AssertionError("expected only the institution's own looks")
        readings = await self.pages.readings(
            span, before=before, institution=consumer, ssin=asking.ssin, limit=much
        )
        changes = await self.pages.changes(
            span, before=before, institution=consumer, ssin=asking.ssin, limit=much
        )
        cut = Cut.of(
            found.looks,
            [one for one in readings if found.reaches(one.id)],
            [one for one in changes if found.reaches(one.id)],
            limit=asking.limit,
            key=by_id if asking.ssin is None else by_time,
        )
        return Page(
            entry=entry,
            looks=tuple(map(seen_by_officer if own else seen_by_auditor, cut.looks)),
            readings=cut.readings,
            changes=tuple(map(change_seen_by_officer, cut.changes)) if own else cut.changes,
            spoiled=cut.spoiled,
            next=cut.next or _behind(found, span),
        )


def _span(days: Period | None) -> tuple[datetime, datetime]:
    if days is None:
        return EVER
    end = EVER[1] if days.end is None else _midnight(days.end)
    return _midnight(days.begin), end


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time_of_day(), UTC)


def _earlier(before: Before | None, span: tuple[datetime, datetime]) -> Before:
    """Where a person's page begins: before the last entry shown, and the end of the time."""
    end = (span[1] - timedelta(microseconds=1), LAST)
    return end if before is None else min(before, end)


def _behind(found: Stretch, span: tuple[datetime, datetime]) -> Before | None:
    """Where the rest begins that was not looked at. It is no entry: only its id tells where."""
    return None if found.rest is None else (span[0], found.rest)
